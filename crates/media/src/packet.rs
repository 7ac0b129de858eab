//! Encoded data and raw sound.

use crate::{Bitrate, Framerate, Resolution, Timebase};
use bytes::Bytes;

/// Which of the two elementary streams a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Track {
    /// H.264.
    Video,
    /// AAC-LC.
    Audio,
}

/// One encoded unit: an H.264 access unit in AVCC form (4-byte lengths, no parameter sets), or a raw AAC frame.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Elementary stream.
    pub track: Track,
    /// Presentation time, in `timebase` units of show time.
    pub pts: i64,
    /// Decode time, in `timebase` units; strictly increasing within a track, never above `pts`.
    pub dts: i64,
    /// Units of `pts` and `dts`: one sample for audio; for video one frame, or one nanosecond once the picture was changed
    /// on air, since show times are then no whole numbers of frames.
    pub timebase: Timebase,
    /// An IDR: decoding may begin here. Always true for audio.
    pub is_keyframe: bool,
    /// The payload; cloning shares it.
    pub data: Bytes,
}

impl Packet {
    /// Decode time in nanoseconds of show time, rounded down.
    pub fn dts_nanos(&self) -> i64 {
        self.timebase.nanos(self.dts)
    }

    /// Presentation time in nanoseconds of show time, rounded down.
    pub fn pts_nanos(&self) -> i64 {
        self.timebase.nanos(self.pts)
    }
}

/// What a decoder must know before the first video packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoHeader {
    /// Coded size.
    pub resolution: Resolution,
    /// Nominal frame rate.
    pub framerate: Framerate,
    /// Target bitrate.
    pub bitrate: Bitrate,
    /// `AVCDecoderConfigurationRecord` (avcC).
    pub avcc: Bytes,
}

/// What a decoder must know before the first audio packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AudioHeader {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Interleaved channels.
    pub channels: u8,
    /// Target bitrate.
    pub bitrate: Bitrate,
    /// `AudioSpecificConfig`.
    pub asc: Bytes,
}

/// Raw sound: interleaved 32-bit float samples, -1..=1.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioBlock {
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Interleaved channels.
    pub channels: u8,
    /// Index of the first sample since show time 0.
    pub start: i64,
    /// Samples, `channels` per instant.
    pub samples: Vec<f32>,
}
