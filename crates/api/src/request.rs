//! What all routes share: bodies, pages.

use crate::operation::Call;
use crate::problem::Error;
use axum::body::{HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use std::time::Duration;
use tokio::time::timeout;

/// The largest body that is read.
pub(crate) const BODY_LIMIT_BYTES: usize = 4 << 20;

/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// Entries of a page where nothing is said, and at most.
const DEFAULT_PAGE: usize = 50;
const MAX_PAGE: usize = 1000;

/// The whole body, which is JSON as far as its header says.
pub(crate) async fn read_body(request: Request) -> Result<Bytes, Error> {
    // A client that names no type means what we take; one that names another would be misread.
    if let Some(given) = request.headers().get(CONTENT_TYPE) {
        let content_type = String::from_utf8_lossy(given.as_bytes()).into_owned();
        let essence = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            return Err(Error::NotJson { content_type });
        }
    }
    let body = request.into_body();
    let too_large = Error::BodyTooLarge {
        limit_bytes: BODY_LIMIT_BYTES,
    };
    if body.size_hint().lower() > BODY_LIMIT_BYTES as u64 {
        return Err(too_large);
    }
    let whole = timeout(BODY_PATIENCE, to_bytes(body, BODY_LIMIT_BYTES)).await;
    whole.map_err(|_| Error::BodyBroken)?.map_err(|e| {
        let limit = "length limit exceeded";
        if std::iter::successors(Some(&e as &dyn std::error::Error), |e| e.source())
            .any(|e| e.to_string() == limit)
        {
            too_large
        } else {
            Error::BodyBroken
        }
    })
}

/// `before` and `limit` of a request for a page.
pub(crate) fn page_of(call: &Call) -> Result<(Option<u64>, usize), Error> {
    let before = call.query("before").and_then(|value| value.parse().ok());
    Ok((before, page_limit(call)?))
}

/// `limit` of a request for a page.
pub(crate) fn page_limit(call: &Call) -> Result<usize, Error> {
    let given = call.query("limit");
    let limit = given.map_or(Some(DEFAULT_PAGE), |value| value.parse().ok());
    limit
        .filter(|limit| (1..=MAX_PAGE).contains(limit))
        .ok_or_else(|| Error::Query(format!("limit takes 1..={MAX_PAGE}")))
}
