//! One encoder of libavcodec.

use super::{RawPacket, allocated, check, log, set_options, sys};
use crate::{Error, audio::AAC_FRAME_LEN};
use media::{Framerate, I420Frame, Resolution};
use std::{
    ffi::{CStr, c_int, c_void},
    ptr::{self, NonNull},
    slice,
    sync::Arc,
};

/// Target and ceiling of the bitrate, and the buffer that evens it out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateControl {
    pub(crate) bitrate_bps: u64,
    pub(crate) buffer_bits: u64,
}

/// What x264 is opened with; ranges are the caller's care.
#[derive(Debug)]
pub(crate) struct X264Config<'a> {
    pub(crate) resolution: Resolution,
    pub(crate) framerate: Framerate,
    pub(crate) rate: RateControl,
    pub(crate) preset: &'a str,
    pub(crate) tune: Option<&'a str>,
    /// `name=value:name=value` in x264's words.
    pub(crate) options: &'a str,
}

/// What came out of an encoder; borrowed until the next call.
#[derive(Debug)]
pub(crate) struct Encoded<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) pts: i64,
    pub(crate) dts: i64,
    pub(crate) is_keyframe: bool,
}

/// An open encoder.
#[derive(Debug)]
pub(crate) struct Encoder {
    context: Context,
    frame: Frame,
    packet: RawPacket,
}

// SAFETY: libavcodec's objects belong to no thread; the three are reachable through this value only, and every call takes it
// by `&mut`. What the frame may still refer to is an `Arc<I420Frame>`, which is `Send + Sync`.
unsafe impl Send for Encoder {}

#[derive(Debug)]
struct Context(NonNull<sys::AVCodecContext>);

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: allocated by `avcodec_alloc_context3`, freed once.
        unsafe { sys::avcodec_free_context(&mut self.0.as_ptr()) }
    }
}

#[derive(Debug)]
struct Frame(NonNull<sys::AVFrame>);

impl Frame {
    fn new() -> Result<Self, Error> {
        // SAFETY: no precondition.
        allocated("allocate a frame", unsafe { sys::av_frame_alloc() }).map(Self)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: allocated by `av_frame_alloc`, freed once.
        unsafe { sys::av_frame_free(&mut self.0.as_ptr()) }
    }
}

impl Context {
    fn new(
        name: &'static CStr,
        missing: &'static str,
    ) -> Result<(Self, *const sys::AVCodec), Error> {
        log::take_over();
        // SAFETY: a terminated name; the codec, if any, is static.
        let codec = unsafe { sys::avcodec_find_encoder_by_name(name.as_ptr()) };
        if codec.is_null() {
            return Err(Error::EncoderMissing { name: missing });
        }
        // SAFETY: a codec that was just found.
        let context = allocated("allocate an encoder", unsafe {
            sys::avcodec_alloc_context3(codec)
        })?;
        Ok((Self(context), codec))
    }
}

impl Encoder {
    pub(crate) fn open_x264(config: &X264Config<'_>) -> Result<Self, Error> {
        let (mut context, codec) = Context::new(c"libx264", "libx264")?;
        // SAFETY: allocated above and not shared.
        let c = unsafe { context.0.as_mut() };
        c.width = int(config.resolution.width);
        c.height = int(config.resolution.height);
        c.pix_fmt = sys::AVPixelFormat::AV_PIX_FMT_YUV420P;
        c.time_base = rational(config.framerate.den(), config.framerate.num());
        c.framerate = rational(config.framerate.num(), config.framerate.den());
        c.sample_aspect_ratio = rational(1, 1);
        c.color_range = sys::AVColorRange::AVCOL_RANGE_MPEG;
        c.color_primaries = sys::AVColorPrimaries::AVCOL_PRI_BT709;
        c.color_trc = sys::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
        c.colorspace = sys::AVColorSpace::AVCOL_SPC_BT709;
        c.chroma_sample_location = sys::AVChromaLocation::AVCHROMA_LOC_LEFT;
        c.thread_count = 1;
        c.flags |= (sys::AV_CODEC_FLAG_GLOBAL_HEADER | sys::AV_CODEC_FLAG_CLOSED_GOP) as c_int;
        apply_rate(c, config.rate);
        let mut options = vec![
            (c"preset", config.preset),
            (c"forced-idr", "1"),
            (c"x264-params", config.options),
        ];
        options.extend(config.tune.map(|tune| (c"tune", tune)));
        // SAFETY: the private data of a codec with options begins with its class.
        unsafe { set_options(c.priv_data, &options) }?;
        // SAFETY: context and codec belong together; no further options.
        check("open x264", unsafe {
            sys::avcodec_open2(c, codec, ptr::null_mut())
        })?;

        let mut frame = Frame::new()?;
        // SAFETY: allocated above and not shared.
        let f = unsafe { frame.0.as_mut() };
        f.width = c.width;
        f.height = c.height;
        f.format = sys::AVPixelFormat::AV_PIX_FMT_YUV420P as c_int;
        f.color_range = c.color_range;
        f.color_primaries = c.color_primaries;
        f.color_trc = c.color_trc;
        f.colorspace = c.colorspace;
        f.chroma_location = c.chroma_sample_location;
        Ok(Self {
            context,
            frame,
            packet: RawPacket::new()?,
        })
    }

    pub(crate) fn open_aac(
        sample_rate_hz: u32,
        channels: u8,
        bitrate_bps: u64,
    ) -> Result<Self, Error> {
        let (mut context, codec) = Context::new(c"aac", "aac")?;
        // SAFETY: allocated above and not shared.
        let c = unsafe { context.0.as_mut() };
        c.sample_fmt = sys::AVSampleFormat::AV_SAMPLE_FMT_FLTP;
        c.sample_rate = int(sample_rate_hz);
        c.time_base = rational(1, sample_rate_hz);
        c.bit_rate = rate(bitrate_bps);
        c.thread_count = 1;
        // BITEXACT keeps the version string of libavcodec out of the stream.
        c.flags |= (sys::AV_CODEC_FLAG_GLOBAL_HEADER | sys::AV_CODEC_FLAG_BITEXACT) as c_int;
        // SAFETY: overwrites an empty layout.
        unsafe { sys::av_channel_layout_default(&mut c.ch_layout, c_int::from(channels)) };
        // Its vector routines are left on: plain C gave the same bits for 3 minutes of noise and sweeps, at +35 % time.
        // SAFETY: context and codec belong together; no further options.
        check("open aac", unsafe {
            sys::avcodec_open2(c, codec, ptr::null_mut())
        })?;

        let mut frame = Frame::new()?;
        // SAFETY: allocated above and not shared.
        let f = unsafe { frame.0.as_mut() };
        f.format = c.sample_fmt as c_int;
        f.sample_rate = c.sample_rate;
        f.nb_samples = c_int::from(AAC_FRAME_LEN);
        f.pts = 0;
        // SAFETY: both layouts are initialised.
        check("describe the channels", unsafe {
            sys::av_channel_layout_copy(&mut f.ch_layout, &c.ch_layout)
        })?;
        // SAFETY: format, size and layout are set; buffers are allocated for them.
        check("allocate samples", unsafe {
            sys::av_frame_get_buffer(f, 0)
        })?;
        Ok(Self {
            context,
            frame,
            packet: RawPacket::new()?,
        })
    }

    /// Codec configuration as the encoder gives it: Annex B parameter sets, or an `AudioSpecificConfig`.
    pub(crate) fn extradata(&self) -> &[u8] {
        // SAFETY: the context lives as long as `self`.
        let c = unsafe { self.context.0.as_ref() };
        // SAFETY: the encoder's own allocation of that size, unchanged while it is open.
        unsafe { bytes_at(c.extradata, c.extradata_size) }
    }

    pub(crate) fn set_rate(&mut self, rate: RateControl) {
        // SAFETY: not shared; libx264's wrapper compares these fields before each frame.
        apply_rate(unsafe { self.context.0.as_mut() }, rate);
    }

    /// Lends the picture to the encoder; the size must be the one it was opened with.
    pub(crate) fn send_video(
        &mut self,
        picture: &Arc<I420Frame>,
        pts: i64,
        force_idr: bool,
    ) -> Result<(), Error> {
        let shared = Arc::clone(picture);
        let (data, strides) = (shared.data(), shared.resolution().width);
        let planes = shared.planes().map(|plane| plane.as_ptr().cast_mut());
        let (start, len) = (data.as_ptr().cast_mut(), data.len());
        let opaque = Arc::into_raw(shared).cast_mut().cast::<c_void>();
        // SAFETY: the block is `len` bytes long, is not moved nor written while the `Arc` behind `opaque` lives, and is marked
        // read-only, so libavcodec does not write to it either; `release` gives that one `Arc` back.
        let buffer = unsafe {
            sys::av_buffer_create(
                start,
                len,
                Some(release),
                opaque,
                sys::AV_BUFFER_FLAG_READONLY as c_int,
            )
        };
        let buffer = match allocated("share a frame", buffer) {
            Ok(buffer) => buffer,
            Err(error) => {
                // SAFETY: no buffer took the `Arc` over.
                unsafe { release(opaque, start) };
                return Err(error);
            }
        };
        // SAFETY: not shared.
        let f = unsafe { self.frame.0.as_mut() };
        f.buf[0] = buffer.as_ptr();
        for (i, plane) in planes.into_iter().enumerate() {
            f.data[i] = plane;
            f.linesize[i] = int(if i == 0 { strides } else { strides / 2 });
        }
        f.extended_data = f.data.as_mut_ptr();
        f.pts = pts;
        f.pict_type = if force_idr {
            sys::AVPictureType::AV_PICTURE_TYPE_I
        } else {
            sys::AVPictureType::AV_PICTURE_TYPE_NONE
        };
        // SAFETY: an open encoder and a complete frame, of which it takes references of its own.
        let sent = unsafe { sys::avcodec_send_frame(self.context.0.as_ptr(), f) };
        f.data = [ptr::null_mut(); 8];
        // SAFETY: the frame's own reference, given up once; the pointer becomes null.
        unsafe { sys::av_buffer_unref(&mut f.buf[0]) };
        check("encode a frame", sent).map(drop)
    }

    /// Copies in one frame of sound: a row of [`AAC_FRAME_LEN`] samples for each channel the encoder was opened with.
    pub(crate) fn send_audio(&mut self, rows: &[Vec<f32>]) -> Result<(), Error> {
        // SAFETY: not shared; allocated by `av_frame_get_buffer`, and given a fresh copy if the encoder still refers to it.
        let f = unsafe {
            check(
                "allocate samples",
                sys::av_frame_make_writable(self.frame.0.as_ptr()),
            )?;
            self.frame.0.as_mut()
        };
        assert!(
            rows.len() == usize::try_from(f.ch_layout.nb_channels).unwrap_or(0)
                && rows
                    .iter()
                    .all(|row| row.len() == usize::from(AAC_FRAME_LEN)),
            "every channel brings one frame of samples"
        );
        for (plane, row) in f.data.iter().zip(rows) {
            // SAFETY: planar float: each of the `nb_channels` <= 2 planes holds AAC_FRAME_LEN samples, aligned for vectors.
            unsafe {
                ptr::copy_nonoverlapping(
                    row.as_ptr(),
                    plane.cast::<f32>(),
                    usize::from(AAC_FRAME_LEN),
                );
            };
        }
        // SAFETY: an open encoder and a complete frame, of which it takes references of its own.
        check("encode sound", unsafe {
            sys::avcodec_send_frame(self.context.0.as_ptr(), f)
        })?;
        f.pts += i64::from(AAC_FRAME_LEN);
        Ok(())
    }

    /// Tells the encoder that no frame follows.
    pub(crate) fn send_end(&mut self) -> Result<(), Error> {
        // SAFETY: an open encoder; null means the end.
        check("finish encoding", unsafe {
            sys::avcodec_send_frame(self.context.0.as_ptr(), ptr::null())
        })
        .map(drop)
    }

    /// The next packet; `None` when there is none yet, or no more.
    pub(crate) fn receive(&mut self) -> Result<Option<Encoded<'_>>, Error> {
        // SAFETY: an open encoder and an allocated packet, whose old content is released first.
        let code =
            unsafe { sys::avcodec_receive_packet(self.context.0.as_ptr(), self.packet.0.as_ptr()) };
        if code == sys::AVERROR(sys::EAGAIN) || code == sys::AVERROR_EOF {
            return Ok(None);
        }
        check("receive a packet", code)?;
        // SAFETY: filled by the call above; borrowed by the result.
        let p = unsafe { self.packet.0.as_ref() };
        Ok(Some(Encoded {
            // SAFETY: the packet's own memory of that size, unchanged until the next call, which needs `&mut self`.
            data: unsafe { bytes_at(p.data, p.size) },
            pts: p.pts,
            dts: p.dts,
            is_keyframe: p.flags & sys::AV_PKT_FLAG_KEY as c_int != 0,
        }))
    }
}

/// Gives back the `Arc<I420Frame>` that a buffer held.
unsafe extern "C" fn release(opaque: *mut c_void, _data: *mut u8) {
    // SAFETY: `opaque` came from `Arc::into_raw`, and each buffer releases it once.
    drop(unsafe { Arc::from_raw(opaque.cast_const().cast::<I420Frame>()) });
}

fn apply_rate(context: &mut sys::AVCodecContext, control: RateControl) {
    context.bit_rate = rate(control.bitrate_bps);
    context.rc_max_rate = rate(control.bitrate_bps);
    context.rc_buffer_size = c_int::try_from(control.buffer_bits).unwrap_or(c_int::MAX);
}

/// # Safety
/// `data` must be null, or valid for `len` bytes as long as the result lives.
unsafe fn bytes_at<'a>(data: *const u8, len: c_int) -> &'a [u8] {
    match usize::try_from(len) {
        // SAFETY: by the caller's promise.
        Ok(len) if !data.is_null() => unsafe { slice::from_raw_parts(data, len) },
        _ => &[],
    }
}

fn int(value: u32) -> c_int {
    c_int::try_from(value).unwrap_or(c_int::MAX)
}

fn rate(bps: u64) -> i64 {
    i64::try_from(bps).unwrap_or(i64::MAX)
}

fn rational(num: u32, den: u32) -> sys::AVRational {
    sys::AVRational {
        num: int(num),
        den: int(den),
    }
}
