//! What a file is like by its structure, found out without decoding a pixel.
//!
//! Decoders come after this: what gets to them ends properly and is within the limits.

mod animation;
mod container;
mod font;
mod lottie;
mod reader;
mod still;
mod svg;

use crate::{Error, Format};
pub(crate) use container::check_streamed;

/// Longest side of a picture, as `sources` draws it.
const MAX_SIDE_PX: u64 = 65_535;
/// Most pixels of a picture, as `sources` draws it: 256 MiB of memory.
const MAX_PX: u64 = 64 << 20;
/// Most frames of an animated picture: more than a minute at 30 a second.
const MAX_FRAMES: u32 = 2000;

/// What is known of a file beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// For PNG, whether it is animated is known only now.
    pub(crate) format: Format,
    pub(crate) size_px: Option<(u32, u32)>,
    pub(crate) frames: Option<u32>,
}

impl Facts {
    pub(crate) const fn of(format: Format) -> Self {
        Self {
            format,
            size_px: None,
            frames: None,
        }
    }
}

/// Walks through a file that is kept in memory. Takes time in proportion to its length; allocates next to nothing.
pub(crate) fn inspect(format: Format, bytes: &[u8]) -> Result<Facts, Error> {
    match format {
        Format::Png | Format::Apng => still::png(bytes),
        Format::Jpeg => still::jpeg(bytes),
        Format::Gif => animation::gif(bytes),
        Format::Webp => animation::webp(bytes),
        Format::Avif => container::avif(bytes),
        Format::Svg => svg::check(bytes).map(|()| Facts::of(format)),
        Format::Lottie | Format::Atlas => lottie::inspect(bytes),
        Format::Ttf | Format::Otf | Format::Woff2 => {
            font::check(format, bytes).map(|()| Facts::of(format))
        }
        Format::Mp4 | Format::Webm | Format::Wav | Format::Mp3 | Format::Aac | Format::Ogg => {
            Ok(Facts::of(format))
        }
    }
}

/// The size, when it is within the limits. A picture without a pixel is broken.
pub(crate) fn checked_size(
    format: Format,
    width: impl Into<u64>,
    height: impl Into<u64>,
) -> Result<(u32, u32), Error> {
    let (width_px, height_px) = (width.into(), height.into());
    if width_px == 0 || height_px == 0 {
        return Err(Error::broken(
            format,
            format!("its size is {width_px}x{height_px}"),
        ));
    }
    match (u32::try_from(width_px), u32::try_from(height_px)) {
        (Ok(w), Ok(h))
            if width_px.max(height_px) <= MAX_SIDE_PX && width_px * height_px <= MAX_PX =>
        {
            Ok((w, h))
        }
        _ => Err(Error::TooManyPixels {
            format,
            width_px,
            height_px,
            allowed_side_px: MAX_SIDE_PX,
            allowed_px: MAX_PX,
        }),
    }
}

/// One frame more than `frames`, when that many are allowed.
fn one_more_frame(format: Format, frames: u32) -> Result<u32, Error> {
    if frames >= MAX_FRAMES {
        return Err(Error::TooManyFrames {
            format,
            allowed: MAX_FRAMES,
        });
    }
    Ok(frames + 1)
}

/// Rounded up; a number that makes no sense is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to int casts saturate, which is meant"
)]
pub(crate) fn whole(v: f64) -> u64 {
    v.ceil() as u64
}
