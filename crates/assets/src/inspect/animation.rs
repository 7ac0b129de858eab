//! GIF and WebP: frames are counted by stepping over them.

use super::reader::Reader;
use super::{Facts, checked_size, one_more_frame};
use crate::{Error, Format};

/// Every block up to the trailer, which a truncated file lacks.
pub(super) fn gif(bytes: &[u8]) -> Result<Facts, Error> {
    let mut reader = Reader::new(Format::Gif, bytes);
    reader.take(6)?;
    let size = checked_size(Format::Gif, reader.u16_le()?, reader.u16_le()?)?;
    let flags = reader.u8()?;
    reader.take(2)?;
    skip_color_table(&mut reader, flags)?;
    let mut frames = 0;
    loop {
        match reader.u8()? {
            0x3b => break,
            0x21 => {
                reader.u8()?;
                skip_blocks(&mut reader)?;
            }
            0x2c => {
                frames = one_more_frame(Format::Gif, frames)?;
                reader.take(4)?;
                checked_size(Format::Gif, reader.u16_le()?, reader.u16_le()?)?;
                let flags = reader.u8()?;
                skip_color_table(&mut reader, flags)?;
                reader.u8()?;
                skip_blocks(&mut reader)?;
            }
            other => return Err(reader.broken(format!("it has a block of kind {other:#04x}"))),
        }
    }
    if frames == 0 {
        return Err(reader.broken("it has no picture"));
    }
    Ok(Facts {
        format: Format::Gif,
        size_px: Some(size),
        frames: Some(frames),
    })
}

fn skip_color_table(reader: &mut Reader<'_>, flags: u8) -> Result<(), Error> {
    if flags & 0x80 != 0 {
        reader.take(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

fn skip_blocks(reader: &mut Reader<'_>) -> Result<(), Error> {
    loop {
        match reader.u8()? {
            0 => return Ok(()),
            len => reader.take(usize::from(len))?,
        };
    }
}

/// Every chunk within the length that the header announces.
pub(super) fn webp(bytes: &[u8]) -> Result<Facts, Error> {
    let mut reader = Reader::new(Format::Webp, bytes);
    reader.take(4)?;
    let len = reader.u32_le()?;
    let mut reader = Reader::new(Format::Webp, reader.take_u32(len)?);
    reader.take(4)?;
    let (mut size_px, mut frames, mut stills) = (None, 0, 0);
    while !reader.is_empty() {
        let kind: [u8; 4] = reader.array()?;
        let len = reader.u32_le()?;
        let mut chunk = Reader::new(Format::Webp, reader.take_u32(len)?);
        if len % 2 == 1 && !reader.is_empty() {
            reader.take(1)?;
        }
        let size = match &kind {
            b"VP8X" => {
                chunk.take(4)?;
                Some((chunk.u24_le()? + 1, chunk.u24_le()? + 1))
            }
            b"VP8 " => {
                stills += 1;
                chunk.take(6)?;
                // Two bits above the 14 of each say how to scale it up for display.
                let side = |bits: u16| u32::from(bits & 0x3fff);
                Some((side(chunk.u16_le()?), side(chunk.u16_le()?)))
            }
            b"VP8L" => {
                stills += 1;
                chunk.take(1)?;
                let bits = chunk.u32_le()?;
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            b"ANMF" => {
                frames = one_more_frame(Format::Webp, frames)?;
                chunk.take(6)?;
                let (width, height) = (chunk.u24_le()? + 1, chunk.u24_le()? + 1);
                checked_size(Format::Webp, width, height)?;
                None
            }
            _ => None,
        };
        if let Some((width, height)) = size {
            let size = checked_size(Format::Webp, width, height)?;
            // The canvas comes first and rules.
            size_px.get_or_insert(size);
        }
    }
    if size_px.is_none() || frames + stills == 0 {
        return Err(reader.broken("it has no picture"));
    }
    Ok(Facts {
        format: Format::Webp,
        size_px,
        frames: Some(frames.max(1)),
    })
}
