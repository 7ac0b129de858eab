//! `/api/v1/scene`: the whole document, read and replaced.

use crate::Api;
use crate::problem::Error;
use crate::request::{answer, read_body};
use axum::extract::{Request, State};
use axum::http::header::{ETAG, HeaderName, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use engine::Applied;
use scene::{Command, Revision};
use std::time::Duration;
use tokio::sync::oneshot;

/// A change shows on the next frame; an engine that takes so long is in trouble.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) const REVISION: HeaderName = HeaderName::from_static("revision");
pub(crate) const FRAME: HeaderName = HeaderName::from_static("frame");
pub(crate) const SHOW_TIME_MS: HeaderName = HeaderName::from_static("show-time-ms");

pub(crate) async fn show(State(api): State<Api>) -> Response {
    document(&api)
}

pub(crate) async fn replace(State(api): State<Api>, request: Request) -> Result<Response, Error> {
    let if_match = request
        .headers()
        .get_all(IF_MATCH)
        .iter()
        .cloned()
        .collect::<Vec<_>>();
    let body = read_body(request).await?;
    // Four megabytes of JSON take long enough to keep other requests of this thread waiting.
    let (parts, reading) = (api.0.parts.clone(), body);
    let read = move || wire::read_scene(&reading, &parts.limits, &|name| parts.assets.has(name));
    let read = tokio::task::spawn_blocking(read)
        .await
        .map_err(|e| Error::Internal(e.to_string()))??;

    let _only_writer = api.0.scene_write.lock().await;
    let (_, current) = api.0.parts.handle.scene();
    if !if_match.is_empty() && !if_match.iter().any(|value| names(value, current)) {
        return Err(Error::Stale { current });
    }
    let (reply, applied) = oneshot::channel();
    let command = Command::SetScene(Box::new(read.scene));
    // Nobody receives where the request was given up meanwhile; the change is made all the same.
    api.0.parts.handle.apply(command, move |applied| {
        let _ = reply.send(applied);
    })?;
    let silent = || Error::EngineSilent {
        waited_ms: PATIENCE.as_secs() * 1000,
    };
    let applied = tokio::time::timeout(PATIENCE, applied)
        .await
        .map_err(|_| silent())?
        .map_err(|_| engine::Busy)?;
    tracing::info!(
        revision = applied.revision,
        frame = applied.frame,
        missing_assets = read.missing.len(),
        "scene replaced over the API"
    );

    let mut response = document(&api);
    put_place(response.headers_mut(), applied);
    Ok(response)
}

fn document(api: &Api) -> Response {
    let (scene, revision) = api.0.parts.handle.scene();
    let mut response = answer(&wire::write_scene(&scene));
    let headers = response.headers_mut();
    headers.insert(REVISION, HeaderValue::from(revision));
    if let Ok(etag) = HeaderValue::from_str(&etag(revision)) {
        headers.insert(ETAG, etag);
    }
    response
}

fn put_place(headers: &mut HeaderMap, applied: Applied) {
    headers.insert(REVISION, HeaderValue::from(applied.revision));
    headers.insert(FRAME, HeaderValue::from(applied.frame));
    if let Ok(ms) = HeaderValue::from_str(&applied.show_time.as_ms().to_string()) {
        headers.insert(SHOW_TIME_MS, ms);
    }
}

fn etag(revision: Revision) -> String {
    format!("\"{revision}\"")
}

/// Whether a value of `If-Match` names the revision.
fn names(value: &HeaderValue, revision: Revision) -> bool {
    let Ok(list) = value.to_str() else {
        return false;
    };
    list.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag == etag(revision))
}
