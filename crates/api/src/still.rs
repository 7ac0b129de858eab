//! `/frame.png` and `/frame.jpg`: what is on screen now or at another time, whole or one layer; `/frame.mjpg`.

use crate::Api;
use crate::access::Client;
use crate::batch::show_time;
use crate::operation::{Answer, Body, Call, Reply, StreamReply};
use crate::problem::Error;
use axum::body::Body as HttpBody;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use bytes::Bytes;
use compositor::Compositor;
use engine::{Applied, Still};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use media::{Resolution, ShowTime, Surface};
use scene::{Id, Scene, Start};
use std::borrow::Cow;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{SemaphorePermit, broadcast, oneshot};
use tokio::time::MissedTickBehavior;

/// Stills made at the same time: one takes some 50 ms of one core at 1080p, and the programme needs the others.
pub(crate) const AT_ONCE: usize = 1;
/// How long a request waits for its turn, and then for the engine.
const PATIENCE: Duration = Duration::from_secs(2);
const MIN_WIDTH_PX: u32 = 16;
/// Of pictures as JPEG.
const JPEG_QUALITY: u8 = 85;
/// The motion picture of stills.
const MOTION_WIDTH_PX: u32 = 960;
const MOTION_INTERVAL: Duration = Duration::from_millis(100);
const MOTION_BOUNDARY: &str = "frame";
/// The furthest show time that can be looked at, ms: a hundred years.
const MAX_AT_MS: f64 = 3.2e12;

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Png,
    Jpeg,
}

pub(crate) fn png(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(show(api, call, Format::Png))
}

pub(crate) fn jpeg(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(show(api, call, Format::Jpeg))
}

async fn show(api: &Api, call: Call, format: Format) -> Result<Answer, Error> {
    let full = api.0.parts.handle.picture().resolution;
    let size = wanted_size(call.query("width_px"), full).map_err(Error::Query)?;
    let at = call.query("at_ms").map(|value| {
        let ms = value
            .parse::<f64>()
            .ok()
            .filter(|ms| (0.0..=MAX_AT_MS).contains(ms));
        ms.map(ShowTime::from_ms)
            .ok_or_else(|| Error::Query(format!("at_ms is `{value}`; allowed is 0 to {MAX_AT_MS}")))
    });
    let at = at.transpose()?;
    let layer = call.query("layer").map(|id| {
        let accepted = api.0.control.accepted();
        let layer = accepted
            .scene
            .layers
            .iter()
            .find(|layer| layer.id.as_str() == id);
        layer
            .map(|layer| layer.id.clone())
            .ok_or_else(|| Error::NoSuchLayer { id: id.to_owned() })
    });
    let layer = layer.transpose()?;
    if layer.is_some() && format == Format::Jpeg {
        return Err(Error::Query(
            "layer is for frame.png: JPEG has no transparency".to_owned(),
        ));
    }
    let guides = call.query("guides") == Some("true");
    if guides && layer.is_some() {
        return Err(Error::Query(
            "guides are for the whole picture, not for one layer".to_owned(),
        ));
    }
    let turn = turn(api).await?;
    let (mut picture, place) = if at.is_some() || layer.is_some() {
        let (scene, revision) = {
            let accepted = api.0.control.accepted();
            (accepted.scene.clone(), accepted.revision)
        };
        let handle = &api.0.parts.handle;
        let show_time = at.unwrap_or_else(|| handle.newest_show_time());
        let place = Applied {
            revision,
            frame: handle.picture().cadence.first_frame_at(show_time),
            show_time,
        };
        (
            developed(api, scene, show_time, layer.clone()).await?,
            place,
        )
    } else {
        on_air(api).await?
    };
    if guides {
        picture = guided(api, picture, place.show_time).await?;
    }
    let transparent = layer.is_some();
    let bytes = tokio::task::spawn_blocking(move || encoded(&picture, size, format, transparent))
        .await
        .map_err(|e| Error::Internal(e.to_string()))??;
    drop(turn);
    metrics::counter!("stream_manager_stills_total").increment(1);
    let kind = match format {
        Format::Png => "image/png",
        Format::Jpeg => "image/jpeg",
    };
    Ok(Answer {
        body: Body::Bytes(kind, bytes.into()),
        applied: Some(place),
        ..Answer::default()
    })
}

/// What a scene would look like when it begins at `start`, as PNG.
pub(crate) async fn of_scene(api: &Api, scene: Scene, start: Start) -> Result<Bytes, Error> {
    let _turn = turn(api).await?;
    let now = || api.0.parts.handle.newest_show_time();
    let at = show_time(api, &start).unwrap_or_else(now);
    let picture = developed(api, scene, at, None).await?;
    let size = Resolution::new(picture.width(), picture.height());
    let png = tokio::task::spawn_blocking(move || encoded(&picture, size, Format::Png, false))
        .await
        .map_err(|e| Error::Internal(e.to_string()))??;
    Ok(png.into())
}

async fn turn(api: &Api) -> Result<SemaphorePermit<'_>, Error> {
    let busy = Error::StillsBusy {
        at_once: AT_ONCE,
        waited_ms: PATIENCE.as_secs() * 1000,
    };
    let turn = tokio::time::timeout(PATIENCE, api.0.stills.acquire()).await;
    turn.ok().and_then(Result::ok).ok_or(busy)
}

/// The next frame of the programme. The engine gives away what it would draw; it is drawn here once more.
async fn on_air(api: &Api) -> Result<(Surface, Applied), Error> {
    let handle = &api.0.parts.handle;
    let (reply, still) = oneshot::channel();
    handle.still(move |still| drop(reply.send(still)))?;
    let still = tokio::time::timeout(PATIENCE, still).await;
    let still: Still = still
        .map_err(|_| Error::EngineSilent {
            waited_ms: PATIENCE.as_secs() * 1000,
        })?
        .map_err(|_| engine::Busy)?;
    let place = Applied {
        revision: handle.scene().1,
        frame: still.frame,
        show_time: handle.frame_time(still.frame),
    };
    let draw =
        move || Compositor::with_kernels(still.resolution, still.kernels).compose_rgba(&still.list);
    let picture = tokio::task::spawn_blocking(draw)
        .await
        .map_err(|e| Error::Internal(e.to_string()))?;
    Ok((picture, place))
}

/// A scene at a show time, whole or one layer of it, drawn beside the programme.
async fn developed(
    api: &Api,
    scene: Scene,
    at: ShowTime,
    layer: Option<Id>,
) -> Result<Surface, Error> {
    let room = Arc::clone(&api.0.darkroom);
    let output = api.0.parts.handle.picture().resolution;
    let scene = settled(api, scene, at);
    let picture = tokio::task::spawn_blocking(move || {
        let mut room = room.lock().unwrap_or_else(PoisonError::into_inner);
        room.set_output(output);
        room.develop(&scene, at, layer.as_ref())
    });
    let picture = picture.await.map_err(|e| Error::Internal(e.to_string()))?;
    picture.map_err(|e| Error::Internal(e.to_string()))
}

/// A whole picture of the programme at a show time, with guides over it.
async fn guided(api: &Api, mut picture: Surface, at: ShowTime) -> Result<Surface, Error> {
    let room = Arc::clone(&api.0.darkroom);
    let scene = settled(api, api.0.control.accepted().scene.clone(), at);
    let drawn = tokio::task::spawn_blocking(move || {
        let mut room = room.lock().unwrap_or_else(PoisonError::into_inner);
        room.set_output(Resolution::new(picture.width(), picture.height()));
        room.draw_guides(&mut picture, &scene, at);
        picture
    });
    drawn.await.map_err(|e| Error::Internal(e.to_string()))
}

/// The layers that leave their safe areas at a show time; costs nothing where none has one.
pub(crate) async fn outside(api: &Api, scene: &Scene, at: ShowTime) -> Result<Vec<Id>, Error> {
    if scene.layers.iter().all(|layer| layer.safe_area.is_none()) {
        return Ok(Vec::new());
    }
    let _turn = turn(api).await?;
    let room = Arc::clone(&api.0.darkroom);
    let scene = settled(api, scene.clone(), at);
    let found = tokio::task::spawn_blocking(move || {
        let mut room = room.lock().unwrap_or_else(PoisonError::into_inner);
        room.layers_outside(&scene, at)
    });
    found.await.map_err(|e| Error::Internal(e.to_string()))
}

fn settled(api: &Api, mut scene: Scene, at: ShowTime) -> Arc<Scene> {
    scene.settle(scene::Moment {
        show: at,
        epoch_unix_ns: api.0.parts.handle.epoch_unix_ns(),
    });
    Arc::new(scene)
}

/// The size asked for: `full`, or as wide as `width_px` says.
fn wanted_size(width_px: Option<&str>, full: Resolution) -> Result<Resolution, String> {
    let Some(value) = width_px else {
        return Ok(full);
    };
    let width = value.parse().ok();
    let width = width.filter(|width| (MIN_WIDTH_PX..=full.width).contains(width));
    let width: u32 = width.ok_or_else(|| {
        format!(
            "width_px is `{value}`; allowed is {MIN_WIDTH_PX} to {}",
            full.width
        )
    })?;
    Ok(scaled_to(width, full))
}

fn scaled_to(width: u32, full: Resolution) -> Resolution {
    let height =
        (u64::from(full.height) * u64::from(width) * 2 / u64::from(full.width)).div_ceil(2);
    Resolution::new(width, u32::try_from(height.max(1)).unwrap_or(full.height))
}

fn encoded(
    picture: &Surface,
    size: Resolution,
    format: Format,
    transparent: bool,
) -> Result<Vec<u8>, Error> {
    let failed = |e: &dyn std::error::Error| Error::Internal(e.to_string());
    let rgba = scaled(picture, size).map_err(Error::Internal)?;
    if transparent {
        let straight: Vec<u8> = rgba.chunks_exact(4).flat_map(straight).collect();
        return write_png(&straight, size, png::ColorType::Rgba).map_err(|e| failed(&e));
    }
    // The canvas is opaque, so premultiplied is straight and alpha says nothing.
    let rgb: Vec<u8> = rgba
        .chunks_exact(4)
        .flat_map(|p| [p[0], p[1], p[2]])
        .collect();
    match format {
        Format::Png => write_png(&rgb, size, png::ColorType::Rgb).map_err(|e| failed(&e)),
        Format::Jpeg => write_jpeg(&rgb, size),
    }
}

/// PNG keeps colours as they are without their alpha.
fn straight(px: &[u8]) -> [u8; 4] {
    let a = u32::from(px[3]);
    let whole = |c: u8| {
        let c = (u32::from(c) * 255 + a / 2).checked_div(a).unwrap_or(0);
        u8::try_from(c).unwrap_or(255)
    };
    [whole(px[0]), whole(px[1]), whole(px[2]), px[3]]
}

fn write_jpeg(rgb: &[u8], size: Resolution) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(rgb.len() / 8);
    JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)
        .encode(rgb, size.width, size.height, ExtendedColorType::Rgb8)
        .map_err(|e| Error::Internal(e.to_string()))?;
    Ok(out)
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

fn write_png(
    pixels: &[u8],
    size: Resolution,
    color: png::ColorType,
) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::with_capacity(pixels.len() / 4);
    let mut encoder = png::Encoder::new(&mut out, size.width, size.height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}

/// The stills that all viewers of `/frame.mjpg` share.
#[derive(Debug, Default)]
pub(crate) struct Motion(std::sync::Mutex<Weak<broadcast::Sender<Bytes>>>);

impl Motion {
    /// Joins the viewers; the first makes the stills begin, the last lets them end.
    fn join(&self, api: &Api) -> broadcast::Receiver<Bytes> {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = shared.upgrade() {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(2);
        let sender = Arc::new(sender);
        *shared = Arc::downgrade(&sender);
        tokio::spawn(make(api.clone(), sender));
        receiver
    }
}

async fn make(api: Api, sender: Arc<broadcast::Sender<Bytes>>) {
    let mut every = tokio::time::interval(MOTION_INTERVAL);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while sender.receiver_count() > 0 {
        every.tick().await;
        // A still that cannot be made is one that is not seen; the next comes soon.
        let Ok(_turn) = turn(&api).await else {
            continue;
        };
        let Ok((picture, _)) = on_air(&api).await else {
            continue;
        };
        let full = Resolution::new(picture.width(), picture.height());
        let size = scaled_to(MOTION_WIDTH_PX.min(full.width), full);
        let made =
            tokio::task::spawn_blocking(move || encoded(&picture, size, Format::Jpeg, false));
        if let Ok(Ok(jpeg)) = made.await {
            let _ = sender.send(jpeg.into());
        }
    }
}

/// A still every tenth of a second, made once for all viewers. Whoever reads slowly sees fewer.
pub(crate) fn motion(api: &Api, _: Client, _: Request) -> StreamReply<'_> {
    Box::pin(async move {
        let stills = api.0.motion.join(api);
        let parts = futures_util::stream::unfold(stills, async |mut stills| {
            loop {
                match stills.recv().await {
                    Ok(jpeg) => {
                        let head = format!(
                            "--{MOTION_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
                            jpeg.len()
                        );
                        let part = [head.as_bytes(), &jpeg, b"\r\n"].concat();
                        return Some((Ok::<_, std::io::Error>(Bytes::from(part)), stills));
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        });
        let kind = format!("multipart/x-mixed-replace; boundary={MOTION_BOUNDARY}");
        let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store".to_owned())];
        Ok((headers, HttpBody::from_stream(parts)).into_response())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_decides_the_size() {
        let full = Resolution::new(1920, 1080);
        let size = |value: &str| wanted_size(Some(value), full);
        assert_eq!(wanted_size(None, full), Ok(full));
        assert_eq!(size("1920"), Ok(full));
        assert_eq!(size("640"), Ok(Resolution::new(640, 360)));
        assert_eq!(size("16"), Ok(Resolution::new(16, 9)));
        assert_eq!(size("17"), Ok(Resolution::new(17, 10)));
        for bad in ["", "0", "15", "1921", "-5", "1e3", "99999999999"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
