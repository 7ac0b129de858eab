//! `/api/v1/frame.png`: what is on screen now, as a picture.

use crate::Api;
use crate::problem::Error;
use crate::scene_document::{FRAME, SHOW_TIME_MS};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use compositor::Compositor;
use engine::Still;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use media::{Resolution, Surface};
use std::borrow::Cow;
use std::time::Duration;
use tokio::sync::oneshot;

/// Stills made at the same time: one takes some 50 ms of one core at 1080p, and the programme needs the others.
pub(crate) const AT_ONCE: usize = 1;
/// How long a request waits for its turn, and then for the engine.
const PATIENCE: Duration = Duration::from_secs(2);
const MIN_WIDTH_PX: u32 = 16;

pub(crate) async fn show(
    State(api): State<Api>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(query) = query.map_err(|e| Error::Query(e.body_text()))?;
    let full = api.0.parts.handle.headers().video.resolution;
    let size = wanted_size(&query, full).map_err(Error::Query)?;
    let waited_ms = PATIENCE.as_secs() * 1000;
    let turn = tokio::time::timeout(PATIENCE, api.0.stills.acquire()).await;
    let _turn = turn.map_err(|_| Error::StillsBusy {
        at_once: AT_ONCE,
        waited_ms,
    })?;

    let (reply, still) = oneshot::channel();
    api.0
        .parts
        .handle
        .still(move |still| drop(reply.send(still)))?;
    let still = tokio::time::timeout(PATIENCE, still)
        .await
        .map_err(|_| Error::EngineSilent { waited_ms })?;
    let still = still.map_err(|_| engine::Busy)?;
    let (frame, show_time) = (
        still.frame,
        api.0
            .parts
            .handle
            .headers()
            .video
            .framerate
            .frame_time(still.frame),
    );
    let png = tokio::task::spawn_blocking(move || draw(&still, size))
        .await
        .map_err(|e| Error::Internal(e.to_string()))??;
    metrics::counter!("stream_manager_stills_total").increment(1);
    let headers = [
        (CONTENT_TYPE, "image/png".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    let place = [
        (FRAME, frame.to_string()),
        (SHOW_TIME_MS, show_time.as_ms().to_string()),
    ];
    Ok((headers, place, png).into_response())
}

/// The size asked for: `full`, or as wide as `width_px` says.
fn wanted_size(query: &[(String, String)], full: Resolution) -> Result<Resolution, String> {
    let mut size = full;
    for (name, value) in query {
        match name.as_str() {
            "width_px" => {
                let width = value
                    .parse()
                    .ok()
                    .filter(|width| (MIN_WIDTH_PX..=full.width).contains(width));
                size.width = width.ok_or_else(|| {
                    format!(
                        "width_px is `{value}`; allowed: {MIN_WIDTH_PX}..={}",
                        full.width
                    )
                })?;
                let height = (u64::from(full.height) * u64::from(size.width) * 2
                    / u64::from(full.width))
                .div_ceil(2);
                size.height = u32::try_from(height.max(1)).unwrap_or(full.height);
            }
            "layer" | "at_ms" => return Err(format!("{name} is not yet available")),
            _ => return Err(format!("unknown parameter `{name}`; known: width_px")),
        }
    }
    Ok(size)
}

fn draw(still: &Still, size: Resolution) -> Result<Vec<u8>, Error> {
    let picture =
        Compositor::with_kernels(still.resolution, still.kernels).compose_rgba(&still.list);
    let rgba = scaled(&picture, size).map_err(Error::Internal)?;
    // The canvas is opaque, so premultiplied is straight and alpha says nothing.
    let rgb: Vec<u8> = rgba
        .chunks_exact(4)
        .flat_map(|p| [p[0], p[1], p[2]])
        .collect();
    encode(&rgb, size).map_err(|e| Error::Internal(e.to_string()))
}

fn scaled(picture: &Surface, size: Resolution) -> Result<Cow<'_, [u8]>, String> {
    let (from, pixels) = (
        Resolution::new(picture.width(), picture.height()),
        picture.data(),
    );
    if from == size {
        return Ok(pixels.into());
    }
    let source = ImageRef::new(from.width, from.height, pixels, PixelType::U8x4)
        .map_err(|e| e.to_string())?;
    let mut target = Image::new(size.width, size.height, PixelType::U8x4);
    let options = ResizeOptions::new().use_alpha(false);
    Resizer::new()
        .resize(&source, &mut target, Some(&options))
        .map_err(|e| e.to_string())?;
    Ok(target.into_vec().into())
}

fn encode(rgb: &[u8], size: Resolution) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::with_capacity(rgb.len() / 4);
    let mut encoder = png::Encoder::new(&mut out, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_decides_the_size() {
        let full = Resolution::new(1920, 1080);
        let size = |value: &str| wanted_size(&[("width_px".to_owned(), value.to_owned())], full);
        assert_eq!(wanted_size(&[], full), Ok(full));
        assert_eq!(size("1920"), Ok(full));
        assert_eq!(size("640"), Ok(Resolution::new(640, 360)));
        assert_eq!(size("16"), Ok(Resolution::new(16, 9)));
        assert_eq!(size("17"), Ok(Resolution::new(17, 10)));
        for bad in ["", "0", "15", "1921", "-5", "1e3", "99999999999"] {
            assert!(size(bad).is_err(), "{bad}");
        }
        assert!(wanted_size(&[("at_ms".to_owned(), "5".to_owned())], full).is_err());
    }
}
