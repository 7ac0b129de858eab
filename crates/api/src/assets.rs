//! `/assets`: pictures and other files, and the port through which the roof lends them.

use crate::Api;
use crate::access::Client;
use crate::http::{json, respond};
use crate::operation::{Answer, Body, Call, Reply, StreamReply};
use crate::problem::Error;
use crate::request::{page_limit, read_body};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use bytes::Bytes;
use scene::Fault;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

/// Least width of a thumbnail, px.
const MIN_THUMBNAIL_PX: u32 = 16;
/// Greatest width of a thumbnail, px: that of the library behind [`AssetsPort`].
pub const MAX_THUMBNAIL_PX: u32 = 512;
const THUMBNAIL_PX: std::ops::RangeInclusive<u32> = MIN_THUMBNAIL_PX..=MAX_THUMBNAIL_PX;
const DEFAULT_THUMBNAIL_PX: u32 = 256;
/// How long the next bytes of an upload may take.
const CHUNK_PATIENCE: Duration = Duration::from_secs(30);

/// What kind of trouble an asset makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssetTrouble {
    /// Too many bytes, pixels or frames.
    TooLarge,
    /// No format that is taken, or one of which this cannot be had.
    UnsupportedType,
    /// The content does not keep to its format.
    Broken,
    /// No room for it.
    Quota,
    /// An address that is never fetched from.
    RefusedAddress,
    /// The far server failed.
    UpstreamFailed,
    /// The far server was too slow.
    Timeout,
    /// No such asset.
    NotFound,
    /// The show uses it.
    InUse,
    /// Malformed.
    Invalid,
    /// The store of the assets is away, or for another process to change.
    Away,
    /// Our own disk failed.
    Storage,
}

/// Why something about an asset was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct AssetFault {
    /// Its kind.
    pub kind: AssetTrouble,
    /// In words.
    pub detail: String,
}

/// An asset without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetReport {
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub id: String,
    /// What its first uploader called it.
    pub name: Option<String>,
    /// By its bytes.
    pub media_type: String,
    /// How many.
    pub bytes: u64,
    /// Size in pixels.
    pub size_px: Option<(u32, u32)>,
    /// Pictures in it.
    pub frames: Option<u32>,
    /// Where it was fetched from.
    pub source_url: Option<String>,
    /// When it came, ms since 1970 UTC.
    pub created_unix_ms: u64,
}

impl AssetReport {
    fn to_json(&self) -> Value {
        let at_ns = i64::try_from(self.created_unix_ms)
            .unwrap_or(0)
            .saturating_mul(1_000_000);
        let mut document = json!({
            "id": self.id,
            "name": self.name,
            "media_type": self.media_type,
            "bytes": self.bytes,
            "width_px": self.size_px.map(|(width, _)| width),
            "height_px": self.size_px.map(|(_, height)| height),
            "frames": self.frames,
            "source_url": self.source_url,
            "created_at": wire::write_rfc3339(at_ns),
        });
        if let Some(fields) = document.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        document
    }
}

/// What an asset port answers later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, AssetFault>> + Send + 'a>>;

/// The assets, as far as the API needs them.
pub trait AssetsPort: Send + Sync {
    /// Whether an asset of this name is there, for the checks of a scene; cheap.
    fn has(&self, name: &str) -> bool;

    /// Assets in the order of their ids, those behind `after`.
    fn list(&self, after: Option<&str>, limit: usize) -> Vec<AssetReport>;

    /// One asset.
    ///
    /// # Errors
    /// [`AssetTrouble::NotFound`].
    fn get(&self, id: &str) -> Result<AssetReport, AssetFault>;

    /// Begins to take one in.
    fn begin(&self) -> Later<'_, Box<dyn AssetUpload>>;

    /// Fetches one through the guard; `true` when it is new.
    fn fetch<'a>(&'a self, url: &'a str) -> Later<'a, (AssetReport, bool)>;

    /// Its bytes, for those that are read as a whole.
    fn bytes<'a>(&'a self, id: &'a str) -> Later<'a, Bytes>;

    /// A PNG of this width at most.
    fn thumbnail<'a>(&'a self, id: &'a str, width_px: u32) -> Later<'a, Bytes>;

    /// Throws one away that the show does not use.
    fn remove<'a>(&'a self, id: &'a str) -> Later<'a, ()>;
}

/// An asset that is coming in.
pub trait AssetUpload: Send {
    /// The next bytes.
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Later<'a, ()>;

    /// There are no more; `true` when it is new.
    fn finish<'a>(self: Box<Self>, name: Option<&'a str>) -> Later<'a, (AssetReport, bool)>
    where
        Self: 'a;
}

pub(crate) fn list(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let limit = page_limit(&call)?;
        let mut page = api.0.parts.assets.list(call.query("after"), limit + 1);
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|asset| asset.id.clone());
        Ok(Answer::json(wire::page(
            page.iter().map(AssetReport::to_json),
            next,
        )))
    })
}

pub(crate) fn show(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move { Ok(Answer::json(api.0.parts.assets.get(&call.id)?.to_json())) })
}

pub(crate) fn remove(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        api.0.parts.assets.remove(&call.id).await?;
        let said = json!({ "id": call.id });
        api.happened(
            "asset.removed",
            None,
            &said,
            Some((&call.client, call.operation.name)),
        );
        Ok(Answer::nothing())
    })
}

pub(crate) fn thumbnail(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let width = call
            .query("width_px")
            .map_or(Some(DEFAULT_THUMBNAIL_PX), |value| {
                value
                    .parse()
                    .ok()
                    .filter(|width| THUMBNAIL_PX.contains(width))
            });
        let (low, high) = THUMBNAIL_PX.into_inner();
        let width = width.ok_or_else(|| Error::Query(format!("width_px takes {low}..={high}")))?;
        let png = api.0.parts.assets.thumbnail(&call.id, width).await?;
        Ok(Answer {
            body: Body::Bytes("image/png", png),
            ..Answer::default()
        })
    })
}

/// The bytes as they came, for browsers and other programs.
pub(crate) fn content(api: &Api, _: Client, request: Request) -> StreamReply<'_> {
    Box::pin(async move {
        let path = request.uri().path();
        let id = path.rsplit('/').nth(1).unwrap_or_default().to_owned();
        let asset = api.0.parts.assets.get(&id)?;
        let etag = format!("\"{id}\"");
        let known = request.headers().get(IF_NONE_MATCH);
        let known = known.is_some_and(|tags| tags.to_str().is_ok_and(|tags| tags.contains(&etag)));
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            api.0.parts.assets.bytes(&id).await?.into_response()
        };
        let headers = response.headers_mut();
        // What stands under a hash never changes. Nothing in it may run as a page of ours.
        let fixed = [
            (CACHE_CONTROL, "private, max-age=31536000, immutable"),
            (
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            ),
        ];
        headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(ETAG, etag);
        }
        if let Ok(kind) = HeaderValue::from_str(&asset.media_type) {
            headers.insert(CONTENT_TYPE, kind);
        }
        Ok(response)
    })
}

/// Takes one in: a file of a multipart form, streamed to disk, or a URL to fetch it from.
pub(crate) fn create(api: &Api, client: Client, request: Request) -> StreamReply<'_> {
    Box::pin(async move {
        let kind = request.headers().get(CONTENT_TYPE);
        let is_form = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        let (asset, new) = if is_form {
            upload(api, request).await?
        } else {
            let body = read_body(request).await?;
            let url = wire::read_asset_url(&wire::read_json(&body)?)?;
            api.0.parts.assets.fetch(&url).await?
        };
        let document = asset.to_json();
        if new {
            api.happened(
                "asset.added",
                None,
                &document,
                Some((&client, "asset.create")),
            );
        }
        // A show that waits for exactly these bytes need not wait any longer.
        api.0.parts.handle.retry_assets(vec![asset.id.clone()]);
        Ok(if new {
            respond(Answer::created(format!("/assets/{}", asset.id), document))
        } else {
            json(&document)
        })
    })
}

async fn upload(api: &Api, request: Request) -> Result<(AssetReport, bool), Error> {
    let bad = |detail: String| Error::Invalid(vec![Fault::invalid("", detail)]);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|e| bad(e.body_text()))?;
    let Some(mut field) = form.next_field().await.map_err(|e| bad(e.body_text()))? else {
        return Err(bad(
            "the form has no file; takes one field with a file".to_owned()
        ));
    };
    let name = field.file_name().map(str::to_owned);
    let mut upload = api.0.parts.assets.begin().await?;
    while let Some(bytes) = timeout(CHUNK_PATIENCE, field.chunk())
        .await
        .map_err(|_| Error::BodyBroken)?
        .map_err(|_| Error::BodyBroken)?
    {
        upload.write(&bytes).await?;
    }
    drop(field);
    if form
        .next_field()
        .await
        .map_err(|_| Error::BodyBroken)?
        .is_some()
    {
        return Err(bad(
            "the form has more than one field; takes one file".to_owned()
        ));
    }
    Ok(upload.finish(name.as_deref()).await?)
}

/// Fetches what the scene asks for by URL, each once, and lets the show try again. Looks whenever layers change.
pub(crate) async fn watch(api: &Api) {
    let mut live = api.0.events.subscribe(None).live;
    let mut asked: HashSet<String> = HashSet::new();
    loop {
        let (scene, _) = api.0.parts.handle.scene();
        let wanted: HashSet<String> = scene
            .layers
            .iter()
            .filter_map(|layer| asset_of(layer))
            .filter(|name| is_url(name) && !api.0.parts.assets.has(name))
            .map(str::to_owned)
            .collect();
        // What no layer asks for any more may be asked for again.
        asked.retain(|url| wanted.contains(url));
        for url in wanted {
            if asked.insert(url.clone()) {
                tokio::spawn(fetch_for_scene(api.clone(), url));
            }
        }
        loop {
            match live.recv().await {
                Ok(event) if event.kind.starts_with("layer.") => break,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
        }
    }
}

async fn fetch_for_scene(api: Api, url: String) {
    match api.0.parts.assets.fetch(&url).await {
        Ok((asset, _)) => {
            api.0.parts.handle.retry_assets(vec![url.clone()]);
            let mut document = asset.to_json();
            document["url"] = url.into();
            api.happened("asset.fetched", None, &document, None);
        }
        Err(fault) => {
            let said = json!({ "asset": url, "detail": fault.detail });
            api.happened("asset.failed", None, &said, None);
        }
    }
}

fn is_url(name: &str) -> bool {
    ["https://", "http://", "ipfs://", "ar://"]
        .iter()
        .any(|scheme| name.starts_with(scheme))
}

/// The asset that a layer shows.
fn asset_of(layer: &scene::Layer) -> Option<&str> {
    match layer.source.as_ref()? {
        scene::Source::Image(image) => Some(&image.asset),
        scene::Source::Svg(svg) => Some(&svg.asset),
        _ => None,
    }
}
