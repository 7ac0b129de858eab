//! Files made of boxes: AVIF, and videos, which are looked at on the disk.

use super::reader::Reader;
use super::{Facts, MAX_FRAMES, checked_size};
use crate::{Error, Format};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The largest picture in an AVIF, by the properties of its items and the entries of its tracks.
pub(super) fn avif(bytes: &[u8]) -> Result<Facts, Error> {
    let meta = find_box(bytes, b"meta")?.unwrap_or_default();
    // Version and flags stand before the boxes.
    let meta = meta.get(4..).unwrap_or_default();
    let properties = find_box(meta, b"iprp")?.unwrap_or_default();
    let mut reader = Reader::new(
        Format::Avif,
        find_box(properties, b"ipco")?.unwrap_or_default(),
    );
    let mut size_px: Option<(u32, u32)> = None;
    while let Some((kind, content)) = next_box(&mut reader)? {
        if &kind == b"ispe" {
            let mut ispe = Reader::new(Format::Avif, content);
            ispe.take(4)?;
            let (width, height) = checked_size(Format::Avif, ispe.u32_be()?, ispe.u32_be()?)?;
            let known = size_px.unwrap_or_default();
            size_px = Some((known.0.max(width), known.1.max(height)));
        }
    }
    let mut movie = Reader::new(Format::Avif, find_box(bytes, b"moov")?.unwrap_or_default());
    while let Some((kind, content)) = next_box(&mut movie)? {
        if &kind == b"trak"
            && let Some((width, height)) = avif_track(content)?
        {
            let known = size_px.unwrap_or_default();
            size_px = Some((known.0.max(width), known.1.max(height)));
        }
    }
    if size_px.is_none() {
        return Err(reader.broken("it has no picture"));
    }
    Ok(Facts {
        format: Format::Avif,
        size_px,
        frames: None,
    })
}

/// Size of the pictures of a track, whose number is within the limit.
fn avif_track(track: &[u8]) -> Result<Option<(u32, u32)>, Error> {
    let mut table = track;
    for kind in [b"mdia", b"minf", b"stbl"] {
        table = find_box(table, kind)?.unwrap_or_default();
    }
    if let Some(sizes) = find_box(table, b"stsz")? {
        let mut reader = Reader::new(Format::Avif, sizes);
        reader.take(8)?;
        if reader.u32_be()? > MAX_FRAMES {
            return Err(Error::TooManyFrames {
                format: Format::Avif,
                allowed: MAX_FRAMES,
            });
        }
    }
    // Version and number of entries stand before them.
    let entries = find_box(table, b"stsd")?.and_then(|content| content.get(8..));
    let Some(entry) = find_box(entries.unwrap_or_default(), b"av01")? else {
        return Ok(None);
    };
    let mut reader = Reader::new(Format::Avif, entry);
    reader.take(24)?;
    checked_size(Format::Avif, reader.u16_be()?, reader.u16_be()?).map(Some)
}

fn find_box<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Result<Option<&'a [u8]>, Error> {
    let mut reader = Reader::new(Format::Avif, bytes);
    let mut found = None;
    // To the end, because a truncated file is to be found out.
    while let Some((kind, content)) = next_box(&mut reader)? {
        if &kind == wanted {
            found = found.or(Some(content));
        }
    }
    Ok(found)
}

/// Kind and content.
type IsoBox<'a> = ([u8; 4], &'a [u8]);

fn next_box<'a>(reader: &mut Reader<'a>) -> Result<Option<IsoBox<'a>>, Error> {
    if reader.is_empty() {
        return Ok(None);
    }
    let len = reader.u32_be()?;
    let kind = reader.array()?;
    let content = match len {
        0 => reader.take(reader.rest().len())?,
        1 => {
            let len = u64::from(reader.u32_be()?) << 32 | u64::from(reader.u32_be()?);
            let content = len
                .checked_sub(16)
                .and_then(|len| usize::try_from(len).ok())
                .ok_or_else(|| reader.broken("a box has no length"))?;
            reader.take(content)?
        }
        len => {
            let content = len
                .checked_sub(8)
                .ok_or_else(|| reader.broken("a box has no length"))?;
            reader.take_u32(content)?
        }
    };
    Ok(Some((kind, content)))
}

/// Most boxes of an MP4 at its top: a fragment has two, so this is more than a day.
const MAX_BOXES: u32 = 200_000;

/// Checks a streamed file as far as its structure tells something cheaply: of an MP4, that it is whole and has a table
/// of contents. Blocks.
pub(crate) fn check_streamed(format: Format, file: &mut File, bytes: u64) -> Result<(), Error> {
    if format != Format::Mp4 {
        return Ok(());
    }
    let has_contents = mp4_boxes(file, bytes).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Error::broken(format, "it ends too early, or a box has a wrong length")
        }
        _ => Error::storage("read the file")(error),
    })?;
    if has_contents {
        Ok(())
    } else {
        Err(Error::broken(format, "it has no moov box"))
    }
}

fn mp4_boxes(file: &mut File, end: u64) -> io::Result<bool> {
    let (mut at, mut count, mut has_contents) = (0, 0, false);
    while at < end {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let (len, least) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (end - at, 8),
            1 => {
                let mut long = [0; 8];
                file.read_exact(&mut long)?;
                (u64::from_be_bytes(long), 16)
            }
            len => (u64::from(len), 8),
        };
        has_contents |= &kind == b"moov";
        count += 1;
        if len < least || len > end - at || count > MAX_BOXES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        at += len;
    }
    Ok(has_contents)
}
