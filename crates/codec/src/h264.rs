//! H.264 byte formats: Annex B (start codes), as the encoder writes it, to AVCC (lengths), as every container here wants it.

use crate::Error;
use bytes::{BufMut, Bytes, BytesMut};
use media::{Packet, VideoHeader};

const NAL_SLICES: std::ops::RangeInclusive<u8> = 1..=5;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;

/// The NAL units of an Annex B byte stream, without start codes and trailing zeros.
pub(crate) fn annex_b_nals(annex_b: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(annex_b);
    std::iter::from_fn(move || {
        let stream = rest?;
        let end = find_start_code(stream).unwrap_or(stream.len());
        rest = after_start_code(&stream[end..]);
        let nal = &stream[..end];
        // A fourth byte of the next start code, and trailing_zero_8bits, are not part of the unit, which never ends in a zero.
        let len = nal
            .iter()
            .rposition(|&byte| byte != 0)
            .map_or(0, |last| last + 1);
        Some(&nal[..len])
    })
    .filter(|nal| !nal.is_empty())
}

fn find_start_code(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|window| window == [0, 0, 1])
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    find_start_code(bytes).map(|at| &bytes[at + 3..])
}

fn nal_type(nal: &[u8]) -> u8 {
    nal[0] & 0x1f
}

/// An Annex B access unit as AVCC with 4-byte lengths, slices only.
///
/// Parameter sets are in avcC already. SEI is left out: all that x264 sends without HRD is its version and option string,
/// and the bytes of a show shall not depend on which x264 is installed more than its decisions do.
pub(crate) fn avcc_from_annex_b(annex_b: &[u8]) -> Result<Bytes, Error> {
    let mut avcc = BytesMut::with_capacity(annex_b.len() + 16);
    for nal in annex_b_nals(annex_b).filter(|nal| NAL_SLICES.contains(&nal_type(nal))) {
        avcc.put_u32(
            u32::try_from(nal.len()).map_err(|_| Error::PacketTooLarge { bytes: nal.len() })?,
        );
        avcc.put_slice(nal);
    }
    if avcc.is_empty() {
        return Err(Error::MalformedH264 {
            reason: "access unit without a slice",
        });
    }
    Ok(avcc.freeze())
}

/// The `AVCDecoderConfigurationRecord` (avcC) of Annex B parameter sets: one SPS and one PPS of 8-bit 4:2:0.
pub(crate) fn avcc_record_from_annex_b(annex_b: &[u8]) -> Result<Bytes, Error> {
    let find = |wanted| annex_b_nals(annex_b).find(|nal| nal_type(nal) == wanted);
    let sps = find(NAL_SPS)
        .filter(|sps| sps.len() >= 4)
        .ok_or(Error::MalformedH264 { reason: "no SPS" })?;
    let pps = find(NAL_PPS).ok_or(Error::MalformedH264 { reason: "no PPS" })?;
    let length = |nal: &[u8]| {
        u16::try_from(nal.len()).map_err(|_| Error::MalformedH264 {
            reason: "parameter set over 64 KiB",
        })
    };

    let mut record = BytesMut::with_capacity(16 + sps.len() + pps.len());
    let [profile, compatibility, level] = [sps[1], sps[2], sps[3]];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nal_units_end_before_the_next_start_code_of_either_length() {
        let stream = [
            0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 0, 3, 0, 0,
        ];
        let nals: Vec<&[u8]> = annex_b_nals(&stream).collect();
        assert_eq!(nals, [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 0, 3]]);
        assert_eq!(annex_b_nals(&[]).count(), 0);
        assert_eq!(annex_b_nals(&[0, 0, 1]).count(), 0);
    }

    #[test]
    fn only_slices_get_lengths() {
        let stream = [0, 0, 0, 1, 6, 9, 9, 0, 0, 1, 0x65, 7, 8];
        assert_eq!(
            avcc_from_annex_b(&stream).unwrap()[..],
            [0, 0, 0, 3, 0x65, 7, 8]
        );
        assert!(matches!(
            avcc_from_annex_b(&[0, 0, 1, 6, 9]),
            Err(Error::MalformedH264 { .. })
        ));
    }
}
