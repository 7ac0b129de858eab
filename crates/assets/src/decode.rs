//! Decoding, to find out whether a file can be decoded, and to draw a small picture of it. Everything here blocks.

use crate::inspect::{Facts, checked_size, whole};
use crate::{Error, Format, read_atlas};
use media::Surface;
use scene::{Fit, Source, Svg};
use sources::{Fonts, Painter, Request};
use std::thread;

/// Decoders of vector pictures recurse as deep as the file is nested; a thread of ours has room for what `inspect`
/// lets through, which the 2 MiB of tokio's blocking threads are not.
const STACK_BYTES: usize = 64 << 20;

/// Runs `work` on a thread with a large stack and waits for it. A panic of a decoder is the file's fault to the caller;
/// the panic hook has said where it was.
pub(crate) fn guarded<T: Send>(
    format: Format,
    work: impl FnOnce() -> Result<T, Error> + Send,
) -> Result<T, Error> {
    thread::scope(|scope| {
        thread::Builder::new()
            .name("asset-decode".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, work)
            .map_err(Error::storage("start a thread"))?
            .join()
            .unwrap_or_else(|_| Err(Error::broken(format, "the decoder gave up on it")))
    })
}

/// Adds to the facts what only decoding tells: that it can be done, and the size as it is shown.
pub(crate) fn check(facts: Facts, bytes: &[u8], fonts: &Fonts) -> Result<Facts, Error> {
    let format = facts.format;
    match format {
        Format::Png
        | Format::Apng
        | Format::Jpeg
        | Format::Gif
        | Format::Webp
        | Format::Avif
        | Format::Svg => {
            let asset = asset(format, bytes, fonts)?;
            let size = asset.natural_size();
            Ok(Facts {
                size_px: Some(checked_size(format, whole(size.width), whole(size.height))?),
                frames: facts
                    .frames
                    .or_else(|| Some(asset.timetable().map_or(1, |table| table.frames()))),
                ..facts
            })
        }
        Format::Atlas => read_atlas(bytes)
            .map(|_| facts)
            .map_err(|reason| Error::broken(format, reason)),
        // WOFF2 is packed in a way that nothing here unpacks.
        Format::Ttf | Format::Otf => {
            if Fonts::new([bytes.to_vec()]).families().is_empty() {
                return Err(Error::broken(format, "there is no face in it"));
            }
            Ok(facts)
        }
        _ => Ok(facts),
    }
}

/// A PNG of the picture, at most `width_px` wide and twice as tall, never larger than the picture itself.
pub(crate) fn thumbnail(
    format: Format,
    bytes: &[u8],
    fonts: &Fonts,
    width_px: u32,
) -> Result<Vec<u8>, Error> {
    let picture = asset(format, bytes, fonts)?;
    let natural = picture.natural_size();
    let (most_width, most_height) = (f64::from(width_px), f64::from(width_px) * 2.0);
    let scale = (most_width / natural.width)
        .min(most_height / natural.height)
        .min(1.0);
    let side = |natural: f64, most: f64| (natural * scale).round().clamp(1.0, most);
    let source = Source::Svg(Svg {
        asset: "thumbnail".into(),
        fit: Fit::Fill,
        params: Vec::new(),
    });
    let request = Request {
        source: &source,
        content: None,
        width_px: Some(side(natural.width, most_width)),
        height_px: Some(side(natural.height, most_height)),
        effects: &[],
        scale: 1.0,
        hint: false,
        asset: Some(&picture),
    };
    let raster = Painter::new(fonts.clone())
        .paint(&request)
        .map_err(|error| Error::broken(format, with_cause(&error)))?;
    encode(format, &raster.surface)
}

fn asset(format: Format, bytes: &[u8], fonts: &Fonts) -> Result<sources::Asset, Error> {
    sources::Asset::decode_with(bytes, fonts, &codec::Av1)
        .map_err(|error| Error::broken(format, with_cause(&error)))
}

/// An error of `sources` with what the decoder said.
fn with_cause(error: &sources::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// `value * times / by`, rounded, at most 255.
fn scaled(value: u8, times: u8, by: u8) -> u8 {
    let by = u32::from(by.max(1));
    u8::try_from((u32::from(value) * u32::from(times) + by / 2) / by).unwrap_or(255)
}

/// A PNG with straight alpha.
fn encode(format: Format, surface: &Surface) -> Result<Vec<u8>, Error> {
    let failed = |error: png::EncodingError| Error::broken(format, error.to_string());
    let mut straight = surface.data().to_vec();
    for pixel in straight.chunks_exact_mut(4) {
        let alpha = pixel[3];
        for channel in &mut pixel[..3] {
            *channel = scaled(*channel, 255, alpha);
        }
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, surface.width(), surface.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&straight).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(out)
}
