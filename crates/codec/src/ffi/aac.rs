//! The AAC encoder of libavcodec.

use super::{Context, Frame, RawPacket, c_int_from, check, log, sys};
use crate::{Error, audio::AAC_FRAME_LEN};
use std::{ffi::c_int, ptr, slice};

/// What came out of an encoder; borrowed until the next call.
#[derive(Debug)]
pub(crate) struct Encoded<'a> {
    pub(crate) data: &'a [u8],
}

/// An open encoder.
#[derive(Debug)]
pub(crate) struct AacEncoder {
    context: Context,
    frame: Frame,
    packet: RawPacket,
}

// SAFETY: libavcodec's objects belong to no thread; the three are reachable through this value only, and every call takes it
// by `&mut`.
unsafe impl Send for AacEncoder {}

impl AacEncoder {
    pub(crate) fn open(sample_rate_hz: u32, channels: u8, bitrate_bps: u64) -> Result<Self, Error> {
        log::take_over();
        // SAFETY: a terminated name; the codec, if any, is static.
        let codec = unsafe { sys::avcodec_find_encoder_by_name(c"aac".as_ptr()) };
        if codec.is_null() {
            return Err(Error::EncoderMissing { name: "aac" });
        }
        // SAFETY: a codec that was just found.
        let mut context = unsafe { Context::new("allocate an encoder", codec) }?;
        // SAFETY: allocated above and not shared.
        let c = unsafe { context.0.as_mut() };
        c.sample_fmt = sys::AVSampleFormat::AV_SAMPLE_FMT_FLTP;
        c.sample_rate = c_int_from(sample_rate_hz);
        c.time_base = sys::AVRational {
            num: 1,
            den: c_int_from(sample_rate_hz),
        };
        c.bit_rate = i64::try_from(bitrate_bps).unwrap_or(i64::MAX);
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

    /// The `AudioSpecificConfig`.
    pub(crate) fn extradata(&self) -> &[u8] {
        // SAFETY: the context lives as long as `self`.
        let c = unsafe { self.context.0.as_ref() };
        // SAFETY: the encoder's own allocation of that size, unchanged while it is open.
        unsafe { bytes_at(c.extradata, c.extradata_size) }
    }

    /// Copies in one frame of sound: a row of [`AAC_FRAME_LEN`] samples for each channel the encoder was opened with.
    pub(crate) fn send(&mut self, rows: &[Vec<f32>]) -> Result<(), Error> {
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
        }))
    }
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
