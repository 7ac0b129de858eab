//! The AV1 decoders of libavcodec.

use super::{Context, Frame, RawPacket, check, log, sys};
use crate::Error;
use media::{Chroma, Planes};
use std::{
    ffi::{CStr, c_int},
    ptr, slice,
};
use sys::AVPixelFormat as Pixel;
use sys::{
    AV_PIX_FMT_GBRP10, AV_PIX_FMT_GBRP12, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV420P12,
    AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV422P12, AV_PIX_FMT_YUV444P10, AV_PIX_FMT_YUV444P12,
};

/// The bindings name these two by their byte order only.
const GRAY10: Pixel = if cfg!(target_endian = "little") {
    Pixel::AV_PIX_FMT_GRAY10LE
} else {
    Pixel::AV_PIX_FMT_GRAY10BE
};
const GRAY12: Pixel = if cfg!(target_endian = "little") {
    Pixel::AV_PIX_FMT_GRAY12LE
} else {
    Pixel::AV_PIX_FMT_GRAY12BE
};

/// The faster one first. FFmpeg's own decoder needs a GPU.
const DECODERS: [&CStr; 2] = [c"libdav1d", c"libaom-av1"];

/// An open decoder.
#[derive(Debug)]
pub(crate) struct Av1Decoder {
    context: Context,
    frame: Frame,
    packet: RawPacket,
}

// SAFETY: libavcodec's objects belong to no thread; the three are reachable through this value only, and every call takes it
// by `&mut`.
unsafe impl Send for Av1Decoder {}

impl Av1Decoder {
    pub(crate) fn open(most_px: u64) -> Result<Self, Error> {
        log::take_over();
        let codec = DECODERS
            .iter()
            // SAFETY: a terminated name; the codec, if any, is static.
            .map(|name| unsafe { sys::avcodec_find_decoder_by_name(name.as_ptr()) })
            .find(|codec| !codec.is_null())
            .ok_or(Error::DecoderMissing {
                names: "libdav1d or libaom-av1",
            })?;
        // SAFETY: a codec that was just found.
        let mut context = unsafe { Context::new("allocate a decoder", codec) }?;
        // SAFETY: allocated above and not shared.
        let c = unsafe { context.0.as_mut() };
        c.thread_count = 1;
        // Each picture comes out before the next one goes in.
        c.flags |= sys::AV_CODEC_FLAG_LOW_DELAY as c_int;
        c.max_pixels = i64::try_from(most_px).unwrap_or(i64::MAX);
        // SAFETY: context and codec belong together; no further options.
        check("open the AV1 decoder", unsafe {
            sys::avcodec_open2(c, codec, ptr::null_mut())
        })?;
        Ok(Self {
            context,
            frame: Frame::new()?,
            packet: RawPacket::new()?,
        })
    }

    /// Decodes one temporal unit, which must not be empty, to its last picture.
    pub(crate) fn decode(&mut self, unit: &[u8], planes: &mut Planes) -> Result<(), Error> {
        let (context, packet) = (self.context.0.as_ptr(), self.packet.0.as_ptr());
        let bytes =
            c_int::try_from(unit.len()).map_err(|_| Error::PacketTooLarge { bytes: unit.len() })?;
        // SAFETY: the packet is empty; it gets `bytes` fresh bytes with padding behind them, which are then filled.
        unsafe {
            check("allocate a packet", sys::av_new_packet(packet, bytes))?;
            ptr::copy_nonoverlapping(unit.as_ptr(), (*packet).data, unit.len());
        }
        // SAFETY: an open decoder, and a packet of its own memory.
        let sent = unsafe { sys::avcodec_send_packet(context, packet) };
        // SAFETY: an allocated packet; the decoder holds its own reference.
        unsafe { sys::av_packet_unref(packet) };
        check("decode AV1", sent)?;
        let mut result = Err(Error::Undecodable {
            reason: "gave no picture",
        });
        loop {
            // SAFETY: an open decoder and an allocated frame, which is overwritten.
            let code = unsafe { sys::avcodec_receive_frame(context, self.frame.0.as_ptr()) };
            if code == sys::AVERROR(sys::EAGAIN) || code == sys::AVERROR_EOF {
                return result;
            }
            check("decode AV1", code)?;
            result = self.copy(planes);
        }
    }

    /// Copies the frame out of the decoder's memory.
    fn copy(&self, planes: &mut Planes) -> Result<(), Error> {
        let frame = self.frame.0.as_ptr();
        // The decoder puts numbers of the bitstream into the fields of these enumerations, unchecked: they are read as the
        // numbers they are, and no reference to the whole is made.
        // SAFETY: allocated, and filled by the decoder; the fields are initialised and of the size of an int.
        let (format, w, h, data, linesize, range, code_points) = unsafe {
            (
                (*frame).format,
                (*frame).width,
                (*frame).height,
                (*frame).data,
                (*frame).linesize,
                (&raw const (*frame).color_range).cast::<c_int>().read(),
                [
                    (&raw const (*frame).color_primaries).cast::<c_int>().read(),
                    (&raw const (*frame).color_trc).cast::<c_int>().read(),
                    (&raw const (*frame).colorspace).cast::<c_int>().read(),
                ],
            )
        };
        let (bits, chroma) = layout_of(format).ok_or(Error::Undecodable {
            reason: "gave a picture in an unknown layout",
        })?;
        let (Ok(width), Ok(height)) = (u32::try_from(w), u32::try_from(h)) else {
            return Err(Error::Undecodable {
                reason: "gave a picture without a size",
            });
        };
        planes.width = width;
        planes.height = height;
        planes.bits = bits;
        planes.chroma = chroma;
        planes.is_full_range = range == sys::AVColorRange::AVCOL_RANGE_JPEG as c_int;
        planes.code_points = code_points.map(|value| u16::try_from(value).unwrap_or(2));
        let second = chroma.size(width, height);
        for (i, (w, h)) in [(width, height), second, second].into_iter().enumerate() {
            let to = &mut planes.samples[i];
            to.clear();
            if w == 0 || h == 0 {
                continue;
            }
            let (data, stride) = (data[i], linesize[i]);
            let row_bytes = w as usize * if bits > 8 { 2 } else { 1 };
            let Some(stride) = usize::try_from(stride).ok().filter(|s| *s >= row_bytes) else {
                return Err(Error::Undecodable {
                    reason: "gave a picture whose rows overlap",
                });
            };
            if data.is_null() {
                return Err(Error::Undecodable {
                    reason: "gave a picture that lacks a plane",
                });
            }
            to.reserve(w as usize * h as usize);
            for y in 0..h as usize {
                // SAFETY: the plane has `h` rows of at least `row_bytes` bytes, `stride` apart, for as long as the frame
                // is not overwritten.
                let row = unsafe { slice::from_raw_parts(data.add(y * stride), row_bytes) };
                if bits > 8 {
                    let samples = row.chunks_exact(2);
                    to.extend(samples.map(|b| u16::from_ne_bytes([b[0], b[1]])));
                } else {
                    to.extend(row.iter().map(|b| u16::from(*b)));
                }
            }
        }
        Ok(())
    }
}

/// Bits and size of the planes of FFmpeg's pixel formats that AV1 comes in; green, blue and red count as three full planes
/// in that order, which is that of the identity matrix.
fn layout_of(format: c_int) -> Option<(u8, Chroma)> {
    let table = [
        (Pixel::AV_PIX_FMT_GRAY8, 8, Chroma::Gray),
        (GRAY10, 10, Chroma::Gray),
        (GRAY12, 12, Chroma::Gray),
        (Pixel::AV_PIX_FMT_YUV420P, 8, Chroma::Half),
        (AV_PIX_FMT_YUV420P10, 10, Chroma::Half),
        (AV_PIX_FMT_YUV420P12, 12, Chroma::Half),
        (Pixel::AV_PIX_FMT_YUV422P, 8, Chroma::HalfColumns),
        (AV_PIX_FMT_YUV422P10, 10, Chroma::HalfColumns),
        (AV_PIX_FMT_YUV422P12, 12, Chroma::HalfColumns),
        (Pixel::AV_PIX_FMT_YUV444P, 8, Chroma::Full),
        (AV_PIX_FMT_YUV444P10, 10, Chroma::Full),
        (AV_PIX_FMT_YUV444P12, 12, Chroma::Full),
        (Pixel::AV_PIX_FMT_GBRP, 8, Chroma::Full),
        (AV_PIX_FMT_GBRP10, 10, Chroma::Full),
        (AV_PIX_FMT_GBRP12, 12, Chroma::Full),
    ];
    let found = table
        .into_iter()
        .find(|(known, ..)| *known as c_int == format);
    found.map(|(_, bits, chroma)| (bits, chroma))
}
