//! The page at `/`: plain files, embedded.

use crate::Api;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const HTML: &str = include_str!("../web/index.html");
const CSS: &str = include_str!("../web/page.css");
const JS: &str = include_str!("../web/page.js");
const ICON: &str = include_str!("../web/favicon.svg");

pub(crate) fn router() -> Router<Api> {
    Router::new()
        .route("/", get(async |headers: HeaderMap| page(&headers)))
        .route(
            "/page.css",
            get(async || file("text/css; charset=utf-8", CSS)),
        )
        .route(
            "/page.js",
            get(async || file("text/javascript; charset=utf-8", JS)),
        )
        .route("/favicon.svg", get(async || file("image/svg+xml", ICON)))
}

fn page(request: &HeaderMap) -> Response {
    let mut response = file("text/html; charset=utf-8", HTML);
    // Not every browser counts our own sockets as 'self'. The host was checked and has no character that could end the directive.
    let host = request
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let sockets = if host.is_empty() {
        String::new()
    } else {
        format!(" ws://{host} wss://{host}")
    };
    let policy = format!(
        "default-src 'self'; connect-src 'self'{sockets}; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Asked for anew each time: the files are small, and change with the binary.
fn file(content_type: &'static str, text: &'static str) -> Response {
    let headers: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache")];
    (headers, text).into_response()
}
