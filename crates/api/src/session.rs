//! How browsers come in: a token for a cookie, a cookie for a ticket. And who is asking, for every route.

use crate::Api;
use crate::access::{Client, Role};
use crate::http::{json, pairs};
use crate::problem::{Error, NO_CONTENT};
use crate::request::read_body;
use axum::extract::{ConnectInfo, Extension, Request, State};
use axum::http::header::{AUTHORIZATION, SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Finds out who asks, and whether they may ask that much.
pub(crate) async fn identify(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let client = api
        .0
        .parts
        .access
        .client(request.headers(), peer(&request))?;
    api.0.budgets.check(&client)?;
    request.extensions_mut().insert(client);
    Ok(next.run(request).await)
}

/// Likewise for sockets, which a page opens with a ticket where its cookie does not reach.
pub(crate) async fn identify_socket(
    State(api): State<Api>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let query = pairs(request.uri().query().unwrap_or_default());
    let ticket = query.iter().find(|(name, _)| name == "ticket");
    let access = &api.0.parts.access;
    let client = match ticket {
        Some((_, ticket)) if !access.is_open() => access.use_ticket(ticket)?,
        _ => access.client(request.headers(), peer(&request))?,
    };
    api.0.budgets.check(&client)?;
    request.extensions_mut().insert(client);
    Ok(next.run(request).await)
}

/// The address of the other end.
fn peer(request: &Request) -> IpAddr {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip())
}

/// `POST /session`: a token, in the body or as a bearer, for a cookie.
pub(crate) async fn begin(State(api): State<Api>, request: Request) -> Result<Response, Error> {
    let access = &api.0.parts.access;
    let (peer, headers) = (peer(&request), request.headers().clone());
    let client = if headers.contains_key(AUTHORIZATION) || access.is_open() {
        access.client(&headers, peer)?
    } else {
        let body = read_body(request).await?;
        access.of_token(&wire::read_token(&wire::read_json(&body)?)?, peer)?
    };
    api.happened(
        "session.started",
        None,
        &json!({ "client": &*client.name }),
        Some((&client, "session.start")),
    );
    let cookie = access.begin_session(client.clone())?;
    let mut response = json(&who(&client));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /session`: who is asking.
pub(crate) async fn show(Extension(client): Extension<Client>) -> Response {
    json(&who(&client))
}

/// `DELETE /session`: the cookie no longer opens anything.
pub(crate) async fn end(State(api): State<Api>, headers: HeaderMap) -> Response {
    let mut response = NO_CONTENT.into_response();
    if let Ok(cookie) = HeaderValue::from_str(&api.0.parts.access.end_session(&headers)) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// `POST /session/ticket`: a secret that opens one socket, once, within half a minute.
pub(crate) async fn ticket(
    State(api): State<Api>,
    Extension(client): Extension<Client>,
) -> Result<Response, Error> {
    let ticket = api.0.parts.access.ticket(client)?;
    Ok(json(&json!({ "ticket": ticket, "expires_in_ms": 30_000 })))
}

fn who(client: &Client) -> serde_json::Value {
    let role: Role = client.role;
    json!({ "client": &*client.name, "role": role.word() })
}

/// Says how to come in.
pub(crate) fn challenge(headers: &mut HeaderMap) {
    headers.insert(
        WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer realm=\"stream-manager\""),
    );
}
