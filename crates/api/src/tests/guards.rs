//! What is refused before it is looked at, and what browsers may do.

use super::studio::Studio;
use crate::*;
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{Method, Request};
use bytes::Bytes;
use tower::ServiceExt as _;

/// A body in pieces, of unknown length.
struct Chunks(Vec<Bytes>);

impl axum::body::HttpBody for Chunks {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.pop().map(|data| Ok(http_body::Frame::data(data))))
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem() {
    let studio = Studio::open();
    let large = vec![b' '; request::BODY_LIMIT_BYTES + 1];
    let code = async |request: Request<Body>| studio.send(request).await.problem();
    let local = |method: Method, path: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "localhost")
    };
    let empty = Body::empty;
    for (request, status, name) in [
        (
            local(Method::GET, "/api/v1/nothing").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::GET, "/api/v2").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::GET, "/nothing").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::GET, "/problems/nothing").body(empty()),
            404,
            "not-found",
        ),
        (
            local(Method::DELETE, "/api/v1/scene").body(empty()),
            405,
            "method-not-allowed",
        ),
        (
            local(Method::PUT, "/api/v1/scene").body(large.clone().into()),
            413,
            "body-too-large",
        ),
        (
            local(Method::PUT, "/api/v1/scene")
                .header(CONTENT_TYPE, "text/plain")
                .body("{}".into()),
            415,
            "unsupported-media-type",
        ),
        (
            local(Method::GET, "/api/v1/frame.png?layer=art").body(empty()),
            404,
            "layer-not-found",
        ),
        (
            local(Method::GET, "/api/v1/frame.png?width_px=129").body(empty()),
            400,
            "query",
        ),
        (
            local(Method::GET, "/preview").body(empty()),
            426,
            "not-websocket",
        ),
        (
            local(Method::GET, "/")
                .header(ORIGIN, "https://evil.example")
                .body(empty()),
            403,
            "foreign-origin",
        ),
        (
            Request::get("/")
                .header(HOST, "evil.example:4200")
                .body(empty()),
            403,
            "foreign-host",
        ),
        (Request::get("/").body(empty()), 403, "foreign-host"),
    ] {
        let request = request.unwrap();
        let shown = format!("{} {}", request.method(), request.uri());
        assert_eq!(code(request).await, (status, name.to_owned()), "{shown}");
    }
    // A body whose length nobody announced is counted as it comes.
    let chunks = (0..=request::BODY_LIMIT_BYTES >> 20).map(|_| Bytes::from(vec![b' '; 1 << 20]));
    assert_eq!(
        code(
            local(Method::PUT, "/api/v1/scene")
                .body(Body::new(Chunks(chunks.collect())))
                .unwrap()
        )
        .await,
        (413, "body-too-large".to_owned())
    );
    assert_eq!(
        studio
            .ask(Method::DELETE, "/api/v1/scene", "")
            .await
            .header(ALLOW),
        "GET,HEAD,PUT"
    );
    let ws = ws_router(&studio.api)
        .oneshot(Request::get("/api/v1/scene").body(empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(ws.status().as_u16(), 404);
    assert_eq!(
        studio.get("/problems/stale").await.body,
        b"stale: Someone else has written since (HTTP 412 Precondition Failed)\n"
    );
    studio.close();
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let studio = Studio::open();
    let page = studio.get("/").await;
    let policy = page.header(CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'self'; connect-src 'self' ws://localhost:4200 wss://localhost:4200; media-src"), "{policy}");
    assert_eq!(
        (
            page.header("x-content-type-options"),
            page.header("referrer-policy")
        ),
        ("nosniff", "no-referrer")
    );
    let html = String::from_utf8(page.body).unwrap();
    let links = html
        .match_indices("href=\"")
        .chain(html.match_indices("src=\""))
        .map(|(at, name)| &html[at + name.len()..]);
    for link in links.map(|rest| rest.split('"').next().unwrap()) {
        assert!(link.starts_with('/'), "{link}");
        assert_eq!(studio.get(link).await.status, 200, "{link}");
    }
    assert!(
        !html.contains("style=") && !html.contains("onclick"),
        "the policy allows nothing inline"
    );
    studio.close();
}
