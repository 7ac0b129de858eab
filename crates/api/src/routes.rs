//! The routes of both ports.

use crate::problem::{Error, explain};
use crate::session::{identify, identify_socket};
use crate::{Api, http, openapi, page, preview, rpc, session};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::header::{HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::time::Instant;

/// All of the API, the page and the preview, for `PORT`. Put [`guarded`](crate::guarded) around it.
pub fn router(api: &Api) -> Router {
    let v1 = http::routes()
        .route("/session", get(session::show))
        .route("/session/ticket", post(session::ticket))
        .route_layer(from_fn_with_state(api.clone(), identify))
        // Each reads its body within limits of its own.
        .layer(DefaultBodyLimit::disable())
        // Nobody needs a session to begin one, or to end it.
        .route("/session", post(session::begin).delete(session::end));
    let all = page::router()
        .nest("/api/v1", v1)
        .merge(sockets(api, "/ws"))
        .route("/api/openapi.json", get(openapi::document))
        .route("/docs", get(openapi::reference_page))
        .route("/problems/{code}", get(explain));
    finished(all, api)
}

/// The sockets, for `WS_PORT`: `/` and `/preview`. Put [`guarded`](crate::guarded) around it.
pub fn ws_router(api: &Api) -> Router {
    finished(sockets(api, "/"), api)
}

/// What both ports answer while another process is on air with this show. Put [`guarded`](crate::guarded) around it.
pub fn standby_router() -> Router {
    Router::new().fallback(async || Error::Standby("this process stands by for another"))
}

fn sockets(api: &Api, control: &str) -> Router<Api> {
    Router::new()
        .route(control, get(rpc::socket::upgrade))
        .route("/preview", get(preview::upgrade))
        .route_layer(from_fn_with_state(api.clone(), identify_socket))
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

/// Measures the answer, and says what browsers must not do with it.
async fn finish(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = word(request.method());
    // The route as it was declared, never the path that was asked for: anybody could make any number of those.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    metrics::histogram!(
        "http_request_duration_seconds",
        "method" => method,
        "route" => route.as_ref().map_or("none", MatchedPath::as_str).to_owned(),
        "code" => response.status().as_str().to_owned(),
    )
    .record(began.elapsed().as_secs_f64());
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

/// A method of HTTP; whatever else a client invents is one and the same.
fn word(method: &Method) -> &'static str {
    let known = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
    ];
    let found = known.iter().find(|(known, _)| known == method);
    found.map_or("other", |(_, word)| word)
}
