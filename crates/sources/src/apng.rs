//! Animated PNG: its chunks, and one frame of it.

use crate::film::{Disposal, Format, Frame, Index};
use crate::profile::Conversion;
use crate::reading::Bytes;
use crate::request::checked_size;
use crate::{Error, asset};
use media::Surface;
use std::ops::Range;

pub(crate) const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

fn broken(reason: &'static str) -> Error {
    Error::Apng { reason }
}

/// Steps over all chunks; `None` where the PNG is a still.
///
/// A file that ends too early has the frames that begin in it.
pub(crate) fn index(bytes: &[u8]) -> Result<Option<Index>, Error> {
    let mut reader = Bytes::new(bytes);
    let mut ihdr = None;
    let mut shared: Vec<Range<usize>> = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    let mut plays = None;
    let mut has_pixels = false;
    reader.take(SIGNATURE.len());
    while let Some(chunk) = next_chunk(&mut reader) {
        let content = &bytes[chunk.content.clone()];
        match &chunk.kind {
            b"IHDR" => ihdr = <[u8; 13]>::try_from(content).ok(),
            // Behind the pixels, viewers show a still.
            b"acTL" if !has_pixels => {
                plays = Bytes::new(content.get(4..).unwrap_or_default()).u32_be();
            }
            b"PLTE" | b"tRNS" if !has_pixels => shared.push(chunk.whole()),
            b"fcTL" => {
                Index::check_room(&frames)?;
                frames
                    .push(control(content).ok_or_else(|| broken("a frame is announced wrongly"))?);
            }
            b"IDAT" => {
                has_pixels = true;
                // Without a frame before it, this is a picture for those who show no animations.
                if let Some(frame) = frames.last_mut() {
                    frame.parts.push(chunk.content);
                }
            }
            b"fdAT" if content.len() > 4 => {
                if let Some(frame) = frames.last_mut() {
                    frame.parts.push(chunk.content.start + 4..chunk.content.end);
                }
            }
            b"IEND" => break,
            _ => {}
        }
    }
    let (Some(ihdr), Some(plays)) = (ihdr, plays) else {
        return Ok(None);
    };
    frames.retain(|frame| !frame.parts.is_empty());
    if frames.is_empty() {
        return Ok(None);
    }
    let mut size = Bytes::new(&ihdr);
    let (width, height) = (size.u32_be().unwrap_or(0), size.u32_be().unwrap_or(0));
    checked_size("the PNG", width.into(), height.into())?;
    for frame in &frames {
        let fits = |at: u32, len: u32, all: u32| {
            len > 0 && at.checked_add(len).is_some_and(|end| end <= all)
        };
        if !(fits(frame.x, frame.width, width) && fits(frame.y, frame.height, height)) {
            return Err(broken("a frame leaves the picture"));
        }
    }
    Ok(Some(Index {
        format: Format::Apng { ihdr, shared },
        width,
        height,
        frames,
        plays: (plays > 0).then_some(plays),
    }))
}

/// Kind and content of the chunks of a PNG, in order.
pub(crate) fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut reader = Bytes::new(bytes);
    reader.take(SIGNATURE.len());
    std::iter::from_fn(move || {
        let content = next_chunk(&mut reader)?.content;
        let kind = bytes.get(content.start - 4..content.start)?;
        Some((kind.try_into().ok()?, &bytes[content]))
    })
}

/// Appends a chunk without its checksum: it would be our own, and the decoder is told to ask for none.
pub(crate) fn push(file: &mut Vec<u8>, kind: &[u8; 4], parts: &[&[u8]]) {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    file.extend(u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
    file.extend(kind);
    parts.iter().for_each(|part| file.extend(*part));
    file.extend([0; 4]);
}

struct Chunk {
    kind: [u8; 4],
    content: Range<usize>,
}

impl Chunk {
    /// With length, name and checksum.
    const fn whole(&self) -> Range<usize> {
        self.content.start - 8..self.content.end + 4
    }
}

fn next_chunk(reader: &mut Bytes<'_>) -> Option<Chunk> {
    let len = usize::try_from(reader.u32_be()?).ok()?;
    let kind = reader.array()?;
    let start = reader.at();
    reader.take(len)?;
    reader.take(4)?;
    Some(Chunk {
        kind,
        content: start..start + len,
    })
}

/// A frame without its pixels.
fn control(content: &[u8]) -> Option<Frame> {
    let mut reader = Bytes::new(content);
    reader.take(4)?;
    let (width, height) = (reader.u32_be()?, reader.u32_be()?);
    let (x, y) = (reader.u32_be()?, reader.u32_be()?);
    let (num, den) = (u64::from(reader.u16_be()?), u64::from(reader.u16_be()?));
    let (disposal, blend) = (reader.u8()?, reader.u8()?);
    Some(Frame {
        parts: Vec::new(),
        control: None,
        x,
        y,
        width,
        height,
        replaces: blend != 1,
        disposal: match disposal {
            1 => Disposal::Clear,
            2 => Disposal::Restore,
            _ => Disposal::Keep,
        },
        delay_ns: num * 1_000_000_000 / if den == 0 { 100 } else { den },
    })
}

/// The pixels of one frame, decoded as a file of its own.
pub(crate) fn frame(
    bytes: &[u8],
    ihdr: &[u8; 13],
    shared: &[Range<usize>],
    frame: &Frame,
    conversion: Option<&Conversion>,
) -> Result<Surface, Error> {
    let len: usize = frame.parts.iter().map(ExactSizeIterator::len).sum();
    let mut file = Vec::with_capacity(len + 1024);
    file.extend(SIGNATURE);
    let mut header = *ihdr;
    header[..4].copy_from_slice(&frame.width.to_be_bytes());
    header[4..8].copy_from_slice(&frame.height.to_be_bytes());
    push(&mut file, b"IHDR", &[&header]);
    for chunk in shared {
        let (kind, content) = (
            chunk.start + 4..chunk.start + 8,
            chunk.start + 8..chunk.end - 4,
        );
        if let Ok(kind) = <&[u8; 4]>::try_from(&bytes[kind]) {
            push(&mut file, kind, &[&bytes[content]]);
        }
    }
    let parts: Vec<&[u8]> = frame
        .parts
        .iter()
        .map(|part| &bytes[part.clone()])
        .collect();
    push(&mut file, b"IDAT", &parts);
    push(&mut file, b"IEND", &[]);
    asset::png_of_our_own(&file, conversion)
}
