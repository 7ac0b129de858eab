//! GIF: its blocks, and one frame of it.

use crate::Error;
use crate::film::{Disposal, Format, Frame, Index};
use crate::reading::Bytes;
use crate::request::checked_size;
use media::Surface;

fn broken(reason: impl Into<String>) -> Error {
    Error::Gif {
        reason: reason.into(),
    }
}

/// Steps over all blocks. A file that ends too early has the frames that are whole, as in browsers.
pub(crate) fn index(bytes: &[u8]) -> Result<Index, Error> {
    let mut reader = Bytes::new(bytes);
    let short = || broken("it ends too early");
    let head = reader.take(13).ok_or_else(short)?;
    let word = |i: usize| u32::from(u16::from_le_bytes([head[i], head[i + 1]]));
    let (width, height, flags) = (word(6), word(8), head[10]);
    if width == 0 || height == 0 {
        return Err(broken(format!("its size is {width}x{height}")));
    }
    checked_size("the GIF", width.into(), height.into())?;
    palette(&mut reader, flags).ok_or_else(short)?;
    let head = reader.at();
    let mut frames: Vec<Frame> = Vec::new();
    let (mut control, mut plays) = (None, Some(1));
    while let Some(kind) = reader.u8() {
        match kind {
            0x21 => match extension(&mut reader) {
                Some(Extension::Control(is)) => control = Some(is),
                Some(Extension::Plays(is)) => plays = is,
                Some(Extension::Other) => {}
                None => break,
            },
            0x2c => {
                Index::check_room(&frames)?;
                let start = reader.at() - 1;
                let Some(frame) = image(&mut reader, start, control.take()) else {
                    break;
                };
                checked_size(
                    "a frame of the GIF",
                    frame.width.into(),
                    frame.height.into(),
                )?;
                frames.push(frame);
            }
            // 0x3b ends the file; anything else is no block.
            _ => break,
        }
    }
    if frames.is_empty() {
        return Err(broken("it has no picture"));
    }
    Ok(Index {
        format: Format::Gif { head },
        width,
        height,
        frames,
        plays,
    })
}

enum Extension {
    Control([u8; 4]),
    Plays(Option<u32>),
    Other,
}

fn extension(reader: &mut Bytes<'_>) -> Option<Extension> {
    let label = reader.u8()?;
    let mut found = Extension::Other;
    let mut is_loop = false;
    let mut first = true;
    loop {
        let len = usize::from(reader.u8()?);
        if len == 0 {
            return Some(found);
        }
        let block = reader.take(len)?;
        match (label, first, block) {
            (0xf9, true, [flags, low, high, index, ..]) => {
                found = Extension::Control([*flags, *low, *high, *index]);
            }
            (0xff, true, b"NETSCAPE2.0" | b"ANIMEXTS1.0") => is_loop = true,
            (0xff, false, [1, low, high, ..]) if is_loop => {
                // 0 is for ever; else so many times more.
                let more = u16::from_le_bytes([*low, *high]);
                found = Extension::Plays((more > 0).then(|| u32::from(more) + 1));
            }
            _ => {}
        }
        first = false;
    }
}

/// An image block that begins at `start`; the reader stands behind its first byte.
fn image(reader: &mut Bytes<'_>, start: usize, control: Option<[u8; 4]>) -> Option<Frame> {
    let (x, y) = (reader.u16_le()?, reader.u16_le()?);
    let (width, height) = (reader.u16_le()?, reader.u16_le()?);
    let flags = reader.u8()?;
    palette(reader, flags)?;
    reader.u8()?;
    loop {
        match reader.u8()? {
            0 => break,
            len => reader.take(usize::from(len))?,
        };
    }
    let [flags, low, high, _] = control.unwrap_or_default();
    let centiseconds = u64::from(u16::from_le_bytes([low, high]));
    Some(Frame {
        parts: std::iter::once(start..reader.at()).collect(),
        control,
        x: x.into(),
        y: y.into(),
        width: width.into(),
        height: height.into(),
        // Without a transparent color it hides all that is below.
        replaces: flags & 1 == 0,
        disposal: match flags >> 2 & 7 {
            2 => Disposal::Clear,
            3 => Disposal::Restore,
            _ => Disposal::Keep,
        },
        delay_ns: centiseconds * 10_000_000,
    })
}

fn palette(reader: &mut Bytes<'_>, flags: u8) -> Option<()> {
    if flags & 0x80 != 0 {
        reader.take(3 << ((flags & 7) + 1))?;
    }
    Some(())
}

/// The pixels of one frame, decoded as a file of its own.
pub(crate) fn frame(bytes: &[u8], head: usize, frame: &Frame) -> Result<Surface, Error> {
    let mut file = bytes[..head].to_vec();
    if let Some(control) = frame.control {
        file.extend([0x21, 0xf9, 4]);
        file.extend(control);
        file.push(0);
    }
    for part in &frame.parts {
        file.extend(&bytes[part.clone()]);
    }
    file.push(0x3b);
    let failed = |error: gif::DecodingError| broken(error.to_string());
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    // The index has checked the size; the decoder's own limit of 50 MB is below what is taken.
    options.set_memory_limit(gif::MemoryLimit::Unlimited);
    let mut decoder = options.read_info(&*file).map_err(failed)?;
    let decoded = decoder
        .read_next_frame()
        .map_err(failed)?
        .ok_or_else(|| broken("it has no picture"))?;
    let mut pixels = decoded.buffer.to_vec();
    // A transparent pixel may have a color; there are no half-transparent ones, so nothing is to be multiplied.
    for px in pixels.chunks_exact_mut(4).filter(|px| px[3] == 0) {
        px.fill(0);
    }
    Surface::from_premultiplied(decoded.width.into(), decoded.height.into(), pixels)
        .ok_or_else(|| broken("a frame has too few pixels"))
}
