//! PNG, which may move after all, and JPEG.

use super::reader::Reader;
use super::{Facts, checked_size, one_more_frame};
use crate::{Error, Format};

/// Every chunk up to `IEND`. Checksums and the packed pixels are the decoder's business.
pub(super) fn png(bytes: &[u8]) -> Result<Facts, Error> {
    let mut reader = Reader::new(Format::Png, bytes);
    reader.take(8)?;
    let mut size_px = None;
    // An `acTL` counts only before the pixels: behind them, viewers show a still.
    let (mut announced, mut frames, mut has_pixels) = (None, 0, false);
    loop {
        let len = reader.u32_be()?;
        let kind: [u8; 4] = reader.array()?;
        let mut chunk = Reader::new(Format::Png, reader.take_u32(len)?);
        reader.take(4)?;
        match &kind {
            b"IHDR" if size_px.is_none() => {
                size_px = Some(checked_size(Format::Png, chunk.u32_be()?, chunk.u32_be()?)?);
            }
            _ if size_px.is_none() => return Err(reader.broken("it does not begin with IHDR")),
            b"IDAT" => has_pixels = true,
            b"acTL" if !has_pixels => announced = Some(chunk.u32_be()?),
            b"fcTL" => {
                frames = one_more_frame(Format::Apng, frames)?;
                chunk.take(4)?;
                checked_size(Format::Apng, chunk.u32_be()?, chunk.u32_be()?)?;
            }
            b"IEND" => break,
            _ => {}
        }
    }
    if !has_pixels {
        return Err(reader.broken("it has no pixels"));
    }
    let (format, frames) = match announced {
        None => (Format::Png, 1),
        Some(count) if count == frames && frames > 0 => (Format::Apng, frames),
        Some(count) => {
            return Err(Error::broken(
                Format::Apng,
                format!("it announces {count} frames and has {frames}"),
            ));
        }
    };
    Ok(Facts {
        format,
        size_px,
        frames: Some(frames),
    })
}

/// Most scans of a progressive JPEG: encoders make about ten, and each passes over all pixels.
const MAX_SCANS: u32 = 100;

/// Every segment up to the end marker, which a truncated file lacks. What stands behind it is nobody's business: cameras
/// put previews there.
pub(super) fn jpeg(bytes: &[u8]) -> Result<Facts, Error> {
    let mut reader = Reader::new(Format::Jpeg, bytes);
    reader.take(2)?;
    let (mut size_px, mut scans) = (None, 0);
    loop {
        match next_marker(&mut reader)? {
            0xd9 => break,
            // Without content.
            0x01 | 0xd0..=0xd8 => {}
            marker => {
                let len = usize::from(reader.u16_be()?);
                let content = len
                    .checked_sub(2)
                    .ok_or_else(|| reader.broken("a segment has no length"))?;
                let mut segment = Reader::new(Format::Jpeg, reader.take(content)?);
                match marker {
                    // Tables and reserved markers stand among the frame headers.
                    0xc4 | 0xc8 | 0xcc => {}
                    0xc0..=0xcf => {
                        segment.u8()?;
                        let height = segment.u16_be()?;
                        size_px = Some(checked_size(Format::Jpeg, segment.u16_be()?, height)?);
                    }
                    0xda => {
                        scans += 1;
                        if scans > MAX_SCANS {
                            return Err(
                                reader.broken(format!("it has more than {MAX_SCANS} scans"))
                            );
                        }
                        skip_packed(&mut reader)?;
                    }
                    _ => {}
                }
            }
        }
    }
    if size_px.is_none() || scans == 0 {
        return Err(reader.broken("it has no picture"));
    }
    Ok(Facts {
        format: Format::Jpeg,
        size_px,
        frames: Some(1),
    })
}

fn next_marker(reader: &mut Reader<'_>) -> Result<u8, Error> {
    if reader.u8()? != 0xff {
        return Err(reader.broken("a marker is missing"));
    }
    loop {
        match reader.u8()? {
            0xff => {}
            marker => return Ok(marker),
        }
    }
}

/// Goes on to the marker that ends the packed pixels of a scan.
fn skip_packed(reader: &mut Reader<'_>) -> Result<(), Error> {
    let end = reader
        .rest()
        .windows(2)
        .position(|w| w[0] == 0xff && !matches!(w[1], 0x00 | 0xd0..=0xd7 | 0xff))
        .ok_or_else(|| reader.broken("it ends too early"))?;
    reader.take(end).map(|_| ())
}
