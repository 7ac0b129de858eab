//! WebP: stills, the chunks of an animation, and one frame of it.

use crate::film::{Disposal, Format, Frame, Index};
use crate::profile::Conversion;
use crate::reading::Bytes;
use crate::request::checked_size;
use crate::{Error, asset};
use media::Surface;
use std::io::Cursor;
use std::ops::Range;

fn broken(reason: impl Into<String>) -> Error {
    Error::Webp {
        reason: reason.into(),
    }
}

/// A still, or the first frame.
pub(crate) fn still(bytes: &[u8], conversion: Option<&Conversion>) -> Result<Surface, Error> {
    check_sizes(bytes)?;
    let failed = |error: image_webp::DecodingError| broken(error.to_string());
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(failed)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = checked_size("the WebP", width.into(), height.into())?;
    if decoder.is_animated() {
        // What says that it is animated has an index of its own.
        return Err(broken("a frame is animated"));
    }
    let samples = if decoder.has_alpha() { 4 } else { 3 };
    let mut data = vec![0; width as usize * height as usize * samples];
    decoder.read_image(&mut data).map_err(failed)?;
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.and_then(|exif| asset::orientation(&exif)).unwrap_or(1);
    let surface = asset::to_srgb(width, height, &data, samples, conversion);
    Ok(asset::turn(surface, orientation))
}

/// The decoder believes what a bitstream says of its size, whatever the canvas is.
fn check_sizes(bytes: &[u8]) -> Result<(), Error> {
    let mut reader = Bytes::new(bytes);
    reader.take(12);
    while let Some((kind, content)) = next_chunk(&mut reader) {
        let mut chunk = Bytes::new(&bytes[content]);
        let size = match &kind {
            // Two bits above the 14 of each say how to scale it up for display.
            b"VP8 " => chunk.take(6).and_then(|_| {
                let (width, height) = (chunk.u16_le()?, chunk.u16_le()?);
                Some((u32::from(width & 0x3fff), u32::from(height & 0x3fff)))
            }),
            b"VP8L" => chunk.take(1).and_then(|_| {
                let bits = chunk.u32_le()?;
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }),
            _ => None,
        };
        if let Some((width, height)) = size {
            checked_size("the WebP", width.into(), height.into())?;
        }
    }
    Ok(())
}

/// The color profile, if there is one.
pub(crate) fn profile(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Bytes::new(bytes);
    reader.take(12);
    let mut chunks = std::iter::from_fn(move || next_chunk(&mut reader));
    let (_, content) = chunks.find(|(kind, _)| kind == b"ICCP")?;
    Some(&bytes[content])
}

/// Steps over all chunks; `None` where the WebP is a still.
pub(crate) fn index(bytes: &[u8]) -> Result<Option<Index>, Error> {
    let mut reader = Bytes::new(bytes);
    let (mut size, mut plays) = (None, None);
    let mut frames: Vec<Frame> = Vec::new();
    reader.take(12);
    while let Some((kind, content)) = next_chunk(&mut reader) {
        let mut chunk = Bytes::new(&bytes[content.clone()]);
        match &kind {
            b"VP8X" => size = extended(&mut chunk),
            b"ANIM" => {
                // The background color is a hint that viewers leave aside: what is not drawn is transparent.
                plays = chunk.take(4).and_then(|_| chunk.u16_le());
            }
            b"ANMF" => {
                Index::check_room(&frames)?;
                let mut frame =
                    control(&mut chunk).ok_or_else(|| broken("a frame is announced wrongly"))?;
                let pixels = Bytes::new(&bytes[..content.end]);
                frame.parts = parts(pixels, content.start + chunk.at());
                frames.push(frame);
            }
            _ => {}
        }
    }
    let (Some((width, height)), Some(plays)) = (size, plays) else {
        return Ok(None);
    };
    if frames.is_empty() {
        return Err(broken("it has no picture"));
    }
    checked_size("the WebP", width.into(), height.into())?;
    for frame in &frames {
        if frame.x + frame.width > width || frame.y + frame.height > height {
            return Err(broken("a frame leaves the picture"));
        }
    }
    Ok(Some(Index {
        format: Format::Webp,
        width,
        height,
        frames,
        plays: (plays > 0).then(|| plays.into()),
    }))
}

/// The size of the canvas, where the file is animated.
fn extended(chunk: &mut Bytes<'_>) -> Option<(u32, u32)> {
    let flags = chunk.u8()?;
    chunk.take(3)?;
    let size = (chunk.u24_le()? + 1, chunk.u24_le()? + 1);
    (flags & 2 != 0).then_some(size)
}

fn next_chunk(reader: &mut Bytes<'_>) -> Option<([u8; 4], Range<usize>)> {
    let kind = reader.array()?;
    let len = usize::try_from(reader.u32_le()?).ok()?;
    let start = reader.at();
    reader.take(len)?;
    // Chunks begin at even places; the last may lack its filling.
    if len % 2 == 1 {
        reader.take(1);
    }
    Some((kind, start..start + len))
}

/// A frame without its pixels.
fn control(chunk: &mut Bytes<'_>) -> Option<Frame> {
    let (x, y) = (chunk.u24_le()? * 2, chunk.u24_le()? * 2);
    let (width, height) = (chunk.u24_le()? + 1, chunk.u24_le()? + 1);
    let ms = chunk.u24_le()?;
    let flags = chunk.u8()?;
    Some(Frame {
        parts: Vec::new(),
        control: None,
        x,
        y,
        width,
        height,
        replaces: flags & 2 != 0,
        disposal: if flags & 1 != 0 {
            Disposal::Clear
        } else {
            Disposal::Keep
        },
        delay_ns: u64::from(ms) * 1_000_000,
    })
}

/// The chunks of a frame that hold pixels, with their headers, from `start` to the end of `bytes`.
fn parts(mut bytes: Bytes<'_>, start: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    bytes.take(start);
    while let Some((kind, content)) = next_chunk(&mut bytes) {
        if matches!(&kind, b"ALPH" | b"VP8 " | b"VP8L") {
            parts.push(content.start - 8..content.end);
        }
    }
    parts
}

/// The pixels of one frame, decoded as a file of its own.
pub(crate) fn frame(
    bytes: &[u8],
    frame: &Frame,
    conversion: Option<&Conversion>,
) -> Result<Surface, Error> {
    let mut body = b"WEBP".to_vec();
    let has_alpha = frame
        .parts
        .first()
        .is_some_and(|part| bytes[part.clone()].starts_with(b"ALPH"));
    if has_alpha {
        body.extend(b"VP8X\x0a\0\0\0\x10\0\0\0");
        for side in [frame.width, frame.height] {
            body.extend(&(side - 1).to_le_bytes()[..3]);
        }
    }
    for part in &frame.parts {
        body.extend(&bytes[part.clone()]);
        if body.len() % 2 == 1 {
            body.push(0);
        }
    }
    let mut file = b"RIFF".to_vec();
    file.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend(body);
    let surface = still(&file, conversion)?;
    if (surface.width(), surface.height()) != (frame.width, frame.height) {
        return Err(broken("a frame has another size than it says"));
    }
    Ok(surface)
}
