use media::{Resolution, Track};

/// Why something could not be encoded or muxed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The FFmpeg that the program is linked with was built without this encoder.
    #[error("this build of FFmpeg has no encoder {name}")]
    EncoderMissing {
        /// FFmpeg's name of it.
        name: &'static str,
    },
    /// The FFmpeg that the program is linked with was built without any of these decoders.
    #[error("this build of FFmpeg has no decoder {names}")]
    DecoderMissing {
        /// FFmpeg's names of them.
        names: &'static str,
    },
    /// A picture that a decoder gave no picture for, or one of another kind than there are.
    #[error("the decoder {reason}")]
    Undecodable {
        /// What it did.
        reason: &'static str,
    },
    /// The FFmpeg that the program is linked with was built without this container.
    #[error("this build of FFmpeg has no muxer {name}")]
    MuxerMissing {
        /// FFmpeg's name of it.
        name: &'static str,
    },
    /// A setting is out of its range.
    #[error("{setting} is {value}, allowed is {allowed}")]
    InvalidSetting {
        /// Field of the settings.
        setting: &'static str,
        /// What it was.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// A frame of another size than the encoder was opened with.
    #[error("the frame is {actual}, the encoder was opened for {expected}")]
    FrameSize {
        /// Size of the frame.
        actual: Resolution,
        /// Size the encoder was opened with.
        expected: Resolution,
    },
    /// A frame that is not later than the one before.
    #[error("frame {pts} does not follow frame {previous}: frame numbers must increase")]
    FrameOrder {
        /// Number of the frame.
        pts: i64,
        /// Number of the frame before.
        previous: i64,
    },
    /// A block of another sample rate or channel count than the encoder was opened with, or with half an instant.
    #[error(
        "the block holds {samples} samples of {channels} channels at {sample_rate_hz} Hz, \
         the encoder was opened for whole instants of {expected_channels} channels at {expected_sample_rate_hz} Hz"
    )]
    BlockFormat {
        /// Samples of all channels.
        samples: usize,
        /// Channels of the block.
        channels: u8,
        /// Sample rate of the block.
        sample_rate_hz: u32,
        /// Channels the encoder was opened with.
        expected_channels: u8,
        /// Sample rate the encoder was opened with.
        expected_sample_rate_hz: u32,
    },
    /// A block that begins before the end of the one before.
    #[error(
        "the block begins at sample {start}, before sample {expected} where the one before ended"
    )]
    BlockOverlap {
        /// First sample of the block.
        start: i64,
        /// Earliest sample it may begin with.
        expected: i64,
    },
    /// The encoder wrote H.264 that cannot be taken apart.
    #[error("the encoder wrote malformed H.264: {reason}")]
    MalformedH264 {
        /// What is wrong.
        reason: &'static str,
    },
    /// A packet of a track that the container was opened without.
    #[error("the container has no {track:?} track")]
    TrackMissing {
        /// Track of the packet.
        track: Track,
    },
    /// A packet that lies too far before show time 0 to be expressed.
    #[error("decode time {dts_ns} ns is before the earliest possible, {earliest_ns} ns")]
    TooEarly {
        /// Decode time of the packet in nanoseconds of show time.
        dts_ns: i64,
        /// Earliest decode time in nanoseconds of show time.
        earliest_ns: i64,
    },
    /// A packet larger than its container can express.
    #[error("a packet of {bytes} bytes is above the limit of 2^31 - 1")]
    PacketTooLarge {
        /// Size of the payload.
        bytes: usize,
    },
    /// The caller's sink failed.
    #[error("writing to the sink failed")]
    Sink(#[source] std::io::Error),
    /// A frame after [`VideoEncoder::finish`](crate::VideoEncoder::finish), or a second end.
    #[error("the encoder has been finished")]
    Finished,
    /// x264 refused; why is in its log.
    #[error("x264 failed to {operation}")]
    X264 {
        /// What was asked of it.
        operation: &'static str,
    },
    /// FFmpeg refused.
    #[error("FFmpeg failed to {operation}: {message} ({code})")]
    Ffmpeg {
        /// What was asked of it.
        operation: &'static str,
        /// FFmpeg's error code.
        code: i32,
        /// FFmpeg's words for the code.
        message: String,
    },
}
