//! One muxer of libavformat over the caller's sink.

use super::{RawPacket, allocated, c_int_from, check, extradata_of, log, sys};
use crate::{Error, audio::AAC_FRAME_LEN};
use media::{AudioHeader, Packet, Timebase, VideoHeader};
use std::{
    ffi::{CStr, c_int, c_void},
    io::{self, Seek, SeekFrom, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::{self, NonNull},
};

const BUFFER_BYTES: u16 = 32 * 1024;

/// One track to be muxed.
#[derive(Debug)]
pub(crate) enum StreamConfig<'a> {
    Video(&'a VideoHeader),
    Audio(&'a AudioHeader),
}

/// A file being written.
#[derive(Debug)]
pub(crate) struct Muxer<W> {
    // Dropped first: releasing it may still flush into the sink.
    format: Format,
    packet: RawPacket,
    sink: SharedSink<W>,
}

// SAFETY: libavformat's objects belong to no thread and are reachable through this value only, by `&mut`.
unsafe impl<W: Send> Send for Muxer<W> {}

#[derive(Debug)]
struct SinkState<W> {
    sink: W,
    error: Option<io::Error>,
}

/// The state that the callbacks reach through a pointer; a `Box` would claim to be the only way to it.
#[derive(Debug)]
struct SharedSink<W>(NonNull<SinkState<W>>);

impl<W> SharedSink<W> {
    fn new(sink: W) -> Self {
        Self(NonNull::from(Box::leak(Box::new(SinkState {
            sink,
            error: None,
        }))))
    }

    fn take_error(&mut self) -> Option<io::Error> {
        // SAFETY: alive until `drop`, and no call into libavformat is under way while `&mut self` is held here.
        unsafe { self.0.as_mut() }.error.take()
    }

    fn into_sink(self) -> W {
        let state = std::mem::ManuallyDrop::new(self).0;
        // SAFETY: leaked by `new`, and `drop` does not run any more.
        unsafe { Box::from_raw(state.as_ptr()) }.sink
    }
}

impl<W> Drop for SharedSink<W> {
    fn drop(&mut self) {
        // SAFETY: leaked by `new`, taken back once.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

#[derive(Debug)]
struct Format(NonNull<sys::AVFormatContext>);

impl Drop for Format {
    fn drop(&mut self) {
        // SAFETY: the context is allocated by `avformat_alloc_output_context2` and its `pb`, where set, by
        // `avio_alloc_context` with a buffer by `av_malloc`; all three are freed once, the buffer from where it is now.
        unsafe {
            let mut io = self.0.as_ref().pb;
            if !io.is_null() {
                sys::av_freep((&raw mut (*io).buffer).cast());
                sys::avio_context_free(&mut io);
                self.0.as_mut().pb = ptr::null_mut();
            }
            sys::avformat_free_context(self.0.as_ptr());
        }
    }
}

impl<W: Write + Seek> Muxer<W> {
    /// Opens the muxer with FFmpeg's name `name` and writes the file's head.
    pub(crate) fn open(
        name: &'static str,
        c_name: &CStr,
        streams: &[StreamConfig<'_>],
        timebases: &[Timebase],
        sink: W,
    ) -> Result<Self, Error> {
        log::take_over();
        let mut raw = ptr::null_mut();
        // SAFETY: a terminated name; `raw` receives the context.
        let code = unsafe {
            sys::avformat_alloc_output_context2(&mut raw, ptr::null(), c_name.as_ptr(), ptr::null())
        };
        let mut format = Format(
            NonNull::new(raw)
                .filter(|_| code >= 0)
                .ok_or(Error::MuxerMissing { name })?,
        );
        let sink = SharedSink::new(sink);
        // SAFETY: no precondition.
        let buffer = allocated("allocate a buffer", unsafe {
            sys::av_malloc(usize::from(BUFFER_BYTES))
        })?;
        let opaque = sink.0.as_ptr().cast::<c_void>();
        // SAFETY: the buffer is handed over; `opaque` is the leaked state, which outlives the context (field order of `Muxer`);
        // the callbacks are those for its type.
        let io = unsafe {
            sys::avio_alloc_context(
                buffer.as_ptr().cast(),
                c_int::from(BUFFER_BYTES),
                1,
                opaque,
                None,
                Some(write_bytes::<W, _>),
                Some(seek_to::<W>),
            )
        };
        let io = match allocated("allocate a sink", io) {
            Ok(io) => io,
            Err(error) => {
                // SAFETY: not taken over.
                unsafe { sys::av_free(buffer.as_ptr()) };
                return Err(error);
            }
        };
        // SAFETY: allocated above and not shared.
        let f = unsafe { format.0.as_mut() };
        f.pb = io.as_ptr();
        // Same packets, same file: no version strings, no random identifiers.
        f.flags |= (sys::AVFMT_FLAG_BITEXACT | sys::AVFMT_FLAG_CUSTOM_IO) as c_int;
        for (stream, timebase) in streams.iter().zip(timebases) {
            // SAFETY: an output context; the stream belongs to it.
            let track = allocated("add a stream", unsafe {
                sys::avformat_new_stream(f, ptr::null())
            })?;
            // SAFETY: just made; its parameters are allocated with it, and nobody else refers to them.
            unsafe {
                (*track.as_ptr()).time_base = rational(timebase.num, timebase.den);
                describe(&mut *(*track.as_ptr()).codecpar, stream)?;
                if let StreamConfig::Video(video) = stream {
                    (*track.as_ptr()).avg_frame_rate =
                        rational(video.framerate.num(), video.framerate.den());
                }
            }
        }
        let mut muxer = Self {
            format,
            packet: RawPacket::new()?,
            sink,
        };
        // SAFETY: a complete output context; no further options.
        let code = unsafe { sys::avformat_write_header(muxer.format.0.as_ptr(), ptr::null_mut()) };
        muxer.outcome("write the head of the file", code)?;
        Ok(muxer)
    }

    /// Adds a packet to stream `index`, the position it had in `open`.
    pub(crate) fn write(
        &mut self,
        index: usize,
        packet: &Packet,
        duration: i64,
    ) -> Result<(), Error> {
        let size = c_int::try_from(packet.data.len()).map_err(|_| Error::PacketTooLarge {
            bytes: packet.data.len(),
        })?;
        // SAFETY: not shared.
        let (f, p) = unsafe { (self.format.0.as_ref(), self.packet.0.as_mut()) };
        assert!(
            index < f.nb_streams as usize,
            "the stream was added in `open`"
        );
        // SAFETY: `index` is below `nb_streams`; streams live as long as the context.
        let to = unsafe { (**f.streams.add(index)).time_base };
        // SAFETY: resets the fields; frees what the packet holds, which is nothing.
        unsafe { sys::av_packet_unref(p) };
        // Without a reference-counted buffer libavformat copies the payload before it keeps it.
        p.data = packet.data.as_ptr().cast_mut();
        p.size = size;
        p.stream_index = c_int::try_from(index).unwrap_or(c_int::MAX);
        p.pts = packet.pts;
        p.dts = packet.dts;
        p.duration = duration;
        if packet.is_keyframe {
            p.flags |= sys::AV_PKT_FLAG_KEY as c_int;
        }
        // SAFETY: a packet of this crate's, complete; the payload lives beyond the call.
        let code = unsafe {
            sys::av_packet_rescale_ts(p, rational(packet.timebase.num, packet.timebase.den), to);
            sys::av_interleaved_write_frame(self.format.0.as_ptr(), p)
        };
        self.outcome("mux a packet", code)
    }

    /// Writes what is held back and the file's tail; gives the sink back.
    pub(crate) fn finish(mut self) -> Result<W, Error> {
        // SAFETY: the head was written by `open`, and `self` is consumed: called once.
        let code = unsafe { sys::av_write_trailer(self.format.0.as_ptr()) };
        self.outcome("finish the file", code)?;
        let Self {
            format,
            packet: _,
            sink,
        } = self;
        drop(format);
        let mut sink = sink.into_sink();
        sink.flush().map_err(Error::Sink)?;
        Ok(sink)
    }

    /// An error of the sink is the cause of whatever FFmpeg says about it.
    fn outcome(&mut self, operation: &'static str, code: c_int) -> Result<(), Error> {
        match self.sink.take_error() {
            Some(error) => Err(Error::Sink(error)),
            None => check(operation, code).map(drop),
        }
    }
}

fn describe(
    parameters: &mut sys::AVCodecParameters,
    stream: &StreamConfig<'_>,
) -> Result<(), Error> {
    let extradata = match stream {
        StreamConfig::Video(video) => {
            parameters.codec_type = sys::AVMediaType::AVMEDIA_TYPE_VIDEO;
            parameters.codec_id = sys::AVCodecID::AV_CODEC_ID_H264;
            parameters.format = sys::AVPixelFormat::AV_PIX_FMT_YUV420P as c_int;
            parameters.width = c_int_from(video.resolution.width);
            parameters.height = c_int_from(video.resolution.height);
            parameters.sample_aspect_ratio = rational(1, 1);
            parameters.bit_rate = i64::try_from(video.bitrate.bps()).unwrap_or(i64::MAX);
            parameters.color_range = sys::AVColorRange::AVCOL_RANGE_MPEG;
            parameters.color_primaries = sys::AVColorPrimaries::AVCOL_PRI_BT709;
            parameters.color_trc = sys::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
            parameters.color_space = sys::AVColorSpace::AVCOL_SPC_BT709;
            parameters.chroma_location = sys::AVChromaLocation::AVCHROMA_LOC_LEFT;
            &video.avcc
        }
        StreamConfig::Audio(audio) => {
            parameters.codec_type = sys::AVMediaType::AVMEDIA_TYPE_AUDIO;
            parameters.codec_id = sys::AVCodecID::AV_CODEC_ID_AAC;
            parameters.sample_rate = c_int_from(audio.sample_rate_hz);
            parameters.bit_rate = i64::try_from(audio.bitrate.bps()).unwrap_or(i64::MAX);
            parameters.frame_size = c_int::from(AAC_FRAME_LEN);
            parameters.initial_padding = c_int::from(AAC_FRAME_LEN);
            // SAFETY: overwrites an empty layout.
            unsafe {
                sys::av_channel_layout_default(
                    &mut parameters.ch_layout,
                    c_int::from(audio.channels),
                );
            };
            &audio.asc
        }
    };
    parameters.extradata = extradata_of(extradata)?.as_ptr();
    parameters.extradata_size = c_int::try_from(extradata.len()).unwrap_or(0);
    Ok(())
}

/// `*mut u8` before FFmpeg 7, `*const u8` since.
trait BytePointer {
    fn address(self) -> *const u8;
}

impl BytePointer for *mut u8 {
    fn address(self) -> *const u8 {
        self
    }
}

impl BytePointer for *const u8 {
    fn address(self) -> *const u8 {
        self
    }
}

unsafe extern "C" fn write_bytes<W: Write, P: BytePointer>(
    opaque: *mut c_void,
    data: P,
    len: c_int,
) -> c_int {
    // SAFETY: `opaque` is the `SinkState<W>` that `open` made, and libavformat calls back only from within calls into it,
    // during which nothing else refers to the state; `data` is valid for `len` bytes.
    let (state, bytes) = unsafe {
        (
            &mut *opaque.cast::<SinkState<W>>(),
            std::slice::from_raw_parts(data.address(), usize::try_from(len).unwrap_or(0)),
        )
    };
    match guarded(|| state.sink.write_all(bytes)) {
        Ok(()) => len,
        Err(error) => fail(&mut state.error, error),
    }
}

unsafe extern "C" fn seek_to<W: Seek>(opaque: *mut c_void, offset: i64, whence: c_int) -> i64 {
    // SAFETY: as in `write_bytes`.
    let state = unsafe { &mut *opaque.cast::<SinkState<W>>() };
    let to = match (
        whence & !(sys::AVSEEK_FORCE as c_int),
        u64::try_from(offset),
    ) {
        (0, Ok(offset)) => SeekFrom::Start(offset),
        (1, _) => SeekFrom::Current(offset),
        (2, _) => SeekFrom::End(offset),
        // AVSEEK_SIZE among them: an optional question.
        _ => return i64::from(sys::AVERROR(sys::EINVAL)),
    };
    match guarded(|| state.sink.seek(to)) {
        Ok(position) => i64::try_from(position).unwrap_or(i64::MAX),
        Err(error) => i64::from(fail(&mut state.error, error)),
    }
}

/// A panic must not unwind through C; it becomes an error of the sink.
fn guarded<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(io::Error::other("the sink panicked")))
}

/// Keeps the first error, which is the cause of later ones.
fn fail(slot: &mut Option<io::Error>, error: io::Error) -> c_int {
    slot.get_or_insert(error);
    sys::AVERROR(sys::EIO)
}

fn rational(num: u32, den: u32) -> sys::AVRational {
    sys::AVRational {
        num: c_int_from(num),
        den: c_int_from(den),
    }
}
