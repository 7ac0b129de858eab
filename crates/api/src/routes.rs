//! The routes of both ports.

use crate::problem::{Error, explain};
use crate::{Api, outputs, page, preview, scene_document, still, stream};
use axum::Router;
use axum::extract::Request;
use axum::http::header::{HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};

/// All of the API, the page and the preview, for `PORT`. Put [`guarded`](crate::guarded) around it.
pub fn router(api: &Api) -> Router {
    let v1 = Router::new()
        .route(
            "/scene",
            get(scene_document::show).put(scene_document::replace),
        )
        .route("/frame.png", get(still::show))
        .route("/stream", get(stream::show))
        .route("/outputs", get(outputs::list).post(outputs::add))
        .route("/outputs/{id}", get(outputs::show).delete(outputs::remove))
        .route("/outputs/{id}/start", post(outputs::start))
        .route("/outputs/{id}/stop", post(outputs::stop))
        .route("/outputs/{id}/retry", post(outputs::retry));
    let all = page::router()
        .nest("/api/v1", v1)
        .route("/preview", get(preview::upgrade))
        .route("/problems/{code}", get(explain));
    finished(all, api)
}

/// The sockets, for `WS_PORT`: `/preview`. Put [`guarded`](crate::guarded) around it.
pub fn ws_router(api: &Api) -> Router {
    finished(Router::new().route("/preview", get(preview::upgrade)), api)
}

fn finished(router: Router<Api>, api: &Api) -> Router {
    router
        .fallback(async |uri: Uri| Error::NoSuchRoute {
            path: uri.path().to_owned(),
        })
        .method_not_allowed_fallback(async |method: Method, uri: Uri| Error::MethodNotAllowed {
            method,
            path: uri.path().to_owned(),
        })
        .layer(from_fn(finish))
        .with_state(api.clone())
}

/// Counts the answer, and says what browsers must not do with it.
async fn finish(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let class = match response.status().as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    metrics::counter!("stream_manager_http_requests_total", "status" => class).increment(1);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Other sites may not show our stills and pages as theirs.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
