//! What all routes share: bodies in, documents out.

use crate::problem::Error;
use axum::body::{HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

/// The largest body that is read.
pub(crate) const BODY_LIMIT_BYTES: usize = 4 << 20;

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
    to_bytes(body, BODY_LIMIT_BYTES).await.map_err(|e| {
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

/// A document as answer.
pub(crate) fn answer(document: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, document.to_string()).into_response()
}
