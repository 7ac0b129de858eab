//! H.264 byte formats: AVCC (lengths), as every container here wants it, and Annex B (start codes) for raw files.

use crate::Error;
use bytes::{BufMut, Bytes, BytesMut};
use media::{Packet, VideoHeader};

/// The `AVCDecoderConfigurationRecord` (avcC) of one SPS and one PPS of 8-bit 4:2:0, without lengths.
pub(crate) fn avcc_record([sps, pps]: [&[u8]; 2]) -> Result<Bytes, Error> {
    let &[_, profile, compatibility, level, ..] = sps else {
        return Err(Error::MalformedH264 {
            reason: "SPS too short",
        });
    };
    let length = |nal: &[u8]| {
        u16::try_from(nal.len()).map_err(|_| Error::MalformedH264 {
            reason: "parameter set over 64 KiB",
        })
    };

    let mut record = BytesMut::with_capacity(16 + sps.len() + pps.len());
    record.put_slice(&[1, profile, compatibility, level]);
    record.put_u8(0xfc | 3); // lengths of 3 + 1 bytes
    record.put_u8(0xe0 | 1); // one SPS
    record.put_u16(length(sps)?);
    record.put_slice(sps);
    record.put_u8(1); // one PPS
    record.put_u16(length(pps)?);
    record.put_slice(pps);
    if matches!(profile, 100 | 110 | 122 | 144) {
        // 4:2:0, 8 bits of luma, 8 bits of chroma, no SPS extension.
        record.put_slice(&[0xfc | 1, 0xf8, 0xf8, 0]);
    }
    Ok(record.freeze())
}

/// A packet's AVCC access unit as Annex B, for raw `.h264` files; SPS and PPS from `header` precede every IDR.
///
/// # Errors
/// [`Error::MalformedH264`] when packet or header were not made by this crate.
pub fn annex_b_from_avcc(header: &VideoHeader, packet: &Packet) -> Result<Vec<u8>, Error> {
    let mut annex_b = Vec::with_capacity(packet.data.len() + 64);
    if packet.is_keyframe {
        // avcC: five bytes, the number of SPS (with three bits set), each with a 16-bit length; then the same for PPS.
        let mut rest = header.avcc.get(5..).ok_or(Error::MalformedH264 {
            reason: "avcC too short",
        })?;
        for _ in 0..2 {
            let (count, after) = rest.split_first().ok_or(Error::MalformedH264 {
                reason: "avcC too short",
            })?;
            rest = after;
            for _ in 0..count & 0x1f {
                let nal = take_length_prefixed::<2>(&mut rest)?;
                annex_b.extend_from_slice(&[0, 0, 0, 1]);
                annex_b.extend_from_slice(nal);
            }
        }
    }
    let mut rest = &packet.data[..];
    while !rest.is_empty() {
        let nal = take_length_prefixed::<4>(&mut rest)?;
        annex_b.extend_from_slice(&[0, 0, 0, 1]);
        annex_b.extend_from_slice(nal);
    }
    Ok(annex_b)
}

/// Cuts a unit behind a big-endian length of `N` bytes off the front.
fn take_length_prefixed<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8], Error> {
    let cut = || {
        let (length, after) = rest.split_at_checked(N)?;
        let length = length
            .iter()
            .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
        after.split_at_checked(length)
    };
    let (nal, after) = cut().ok_or(Error::MalformedH264 {
        reason: "a length beyond the end",
    })?;
    *rest = after;
    Ok(nal)
}
