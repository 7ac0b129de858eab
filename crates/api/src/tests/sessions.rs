//! How browsers come in, and who is kept out.

use super::socket::{Rpc, open};
use super::studio::{Answer, Studio, bearer, local};
use crate::*;
use axum::body::Body;
use axum::http::header::{
    AUTHORIZATION, CONTENT_SECURITY_POLICY, COOKIE, HOST, HeaderName, ORIGIN, SET_COOKIE, VARY,
    WWW_AUTHENTICATE,
};
use axum::http::{Method, Request};
use serde_json::json;
use std::time::Duration;

const LISTED: &str = "https://studio.example:8443";

async fn with(
    studio: &Studio,
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> Answer {
    let mut request = local(method, path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    studio.send(request.body(Body::empty()).unwrap()).await
}

/// The cookie of a fresh session.
async fn session(studio: &Studio, token: &str) -> String {
    let begun = studio
        .post("/api/v1/session", json!({ "token": token }))
        .await;
    assert_eq!(begun.status, 200);
    let cookie = begun.header(SET_COOKIE);
    for word in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(word), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_traded_for_a_cookie_that_works_until_it_is_given_back() {
    let studio = Studio::closed();
    let cookie = session(&studio, "token-of-eye").await;
    let brought = [(COOKIE, &*format!("other=1; {cookie}"))];
    let who = with(&studio, Method::GET, "/api/v1/session", &brought).await;
    assert_eq!(who.json(), json!({ "client": "eye", "role": "viewer" }));
    let layers = with(&studio, Method::GET, "/api/v1/layers", &brought).await;
    assert_eq!(layers.status, 200);
    let panic = with(&studio, Method::POST, "/api/v1/panic", &brought).await;
    assert_eq!(panic.problem(), (403, "forbidden".to_owned()));
    let ended = with(&studio, Method::DELETE, "/api/v1/session", &brought).await;
    assert_eq!(ended.status, 204);
    assert!(ended.header(SET_COOKIE).contains("; Max-Age=0;"));
    let after = with(&studio, Method::GET, "/api/v1/layers", &brought).await;
    assert_eq!(after.problem(), (401, "unauthorized".to_owned()));
    assert!(after.header(WWW_AUTHENTICATE).starts_with("Bearer "));
    for (body, status) in [
        (json!({ "token": "nobody's" }), 401),
        (json!({ "token": 7 }), 422),
        (json!({}), 422),
        (json!({ "token": "token-of-eye", "x": 1 }), 422),
    ] {
        assert_eq!(
            studio.post("/api/v1/session", body).await.problem().0,
            status
        );
    }
    // A bearer will do as well.
    let begun = [(AUTHORIZATION, &*bearer("token-of-host"))];
    let begun = with(&studio, Method::POST, "/api/v1/session", &begun).await;
    assert_eq!(begun.json()["client"], "host");
    studio.close();
}

#[tokio::test]
async fn a_ticket_opens_one_socket_once() {
    let studio = Studio::closed();
    let address = studio.listen().await;
    let cookie = session(&studio, "token-of-host").await;
    let ticket = async || {
        let brought = [(COOKIE, &*cookie)];
        let ticket = with(&studio, Method::POST, "/api/v1/session/ticket", &brought).await;
        assert_eq!(
            (ticket.status, &ticket.json()["expires_in_ms"]),
            (200, &json!(30_000))
        );
        ticket.json()["ticket"].as_str().unwrap().to_owned()
    };
    let first = ticket().await;
    assert_ne!(first, ticket().await);
    let path = format!("/ws?ticket={first}");
    let mut rpc = Rpc::at(address, &path, &[]).await;
    assert!(
        rpc.call("layer.create", json!({ "kind": "group" }))
            .await
            .is_ok()
    );
    assert_eq!(open(address, &path, &[]).await.err(), Some(401));
    let path = format!("/preview?ticket={}", ticket().await);
    assert!(open(address, &path, &[]).await.is_ok());
    assert_eq!(open(address, &path, &[]).await.err(), Some(401));
    // It opens sockets and nothing else, and a cookie opens them too.
    let path = format!("/api/v1/layers?ticket={}", ticket().await);
    assert_eq!(with(&studio, Method::GET, &path, &[]).await.status, 401);
    assert!(open(address, "/ws", &[(COOKIE, &cookie)]).await.is_ok());
    assert_eq!(
        open(address, "/ws", &[(COOKIE, "studio_session=0")])
            .await
            .err(),
        Some(401)
    );
    studio.close();
}

#[tokio::test(start_paused = true)]
async fn a_ticket_waits_for_half_a_minute() {
    let studio = Studio::closed();
    let _frozen = super::studio::Frozen::now();
    let address = studio.listen().await;
    let brought = [(AUTHORIZATION, &*bearer("token-of-host"))];
    for (waited, refused) in [(29, None), (30, Some(401))] {
        let ticket = with(&studio, Method::POST, "/api/v1/session/ticket", &brought).await;
        let ticket = ticket.json()["ticket"].as_str().unwrap().to_owned();
        tokio::time::advance(Duration::from_secs(waited)).await;
        let opened = open(address, &format!("/ws?ticket={ticket}"), &[]).await;
        assert_eq!(opened.err(), refused, "{waited} s");
    }
    studio.close();
}

#[tokio::test(start_paused = true)]
async fn whoever_guesses_tokens_is_soon_not_listened_to() {
    let studio = Studio::closed();
    let _frozen = super::studio::Frozen::now();
    let wrong = bearer("guess-0");
    let right = bearer("token-of-eye");
    let ask = async |token: &str| {
        let answer = with(
            &studio,
            Method::GET,
            "/api/v1/layers",
            &[(AUTHORIZATION, token)],
        )
        .await;
        (answer.status, answer.header("retry-after").to_owned())
    };
    for n in 0..20 {
        // In the header or in the body of a session, it is one count.
        let status = if n % 2 == 0 {
            ask(&bearer(&format!("guess-{n}"))).await.0
        } else {
            studio
                .post("/api/v1/session", json!({ "token": format!("guess-{n}") }))
                .await
                .status
        };
        assert_eq!(status, 401, "{n}");
    }
    assert_eq!(ask(&wrong).await, (429, "60".to_owned()));
    assert_eq!(
        ask(&right).await.0,
        429,
        "nobody learns which one was right"
    );
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(ask(&right).await.0, 200);
    assert_eq!(ask(&wrong).await.0, 401);
    studio.close();
}

#[tokio::test]
async fn foreign_pages_open_no_sockets() {
    let studio = Studio::open();
    let both = [
        (studio.listen().await, ["/ws", "/preview"]),
        (
            super::studio::listen(guarded(ws_router(&studio.api), Studio::hosts())).await,
            ["/", "/preview"],
        ),
    ];
    for (address, paths) in both {
        let own = format!("http://{address}");
        let other_port = format!("http://{}:1", address.ip());
        for path in paths {
            for (headers, refused) in [
                (&[][..], None),
                (&[(ORIGIN, &*own)], None),
                (&[(ORIGIN, &*other_port)], None),
                (&[(ORIGIN, LISTED)], None),
                (&[(ORIGIN, "https://evil.example")], Some(403)),
                (&[(ORIGIN, "https://studio.example")], Some(403)),
                (&[(ORIGIN, "null")], Some(403)),
                (&[(HOST, "evil.example")], Some(403)),
                (
                    &[(HOST, "evil.example"), (ORIGIN, "http://evil.example")],
                    Some(403),
                ),
            ] {
                let opened = open(address, path, headers).await;
                assert_eq!(opened.err(), refused, "{path} {headers:?}");
            }
        }
    }
    studio.close();
}

#[tokio::test]
async fn pages_of_listed_origins_may_read_and_others_may_not() {
    let studio = Studio::closed();
    let allowed = HeaderName::from_static("access-control-allow-origin");
    let asks = HeaderName::from_static("access-control-request-method");
    let preflight = async |origin: &str| {
        let headers = [(ORIGIN, origin), (asks.clone(), "PATCH")];
        with(&studio, Method::OPTIONS, "/api/v1/layers/a", &headers).await
    };
    // Without a token: browsers send none with it.
    let answer = preflight(LISTED).await;
    assert_eq!((answer.status, answer.header(&allowed)), (204, LISTED));
    assert_eq!(
        answer.header("access-control-allow-methods"),
        "GET, POST, PUT, PATCH, DELETE"
    );
    for name in [
        "Authorization",
        "Content-Type",
        "If-Match",
        "Idempotency-Key",
    ] {
        assert!(
            answer.header("access-control-allow-headers").contains(name),
            "{name}"
        );
    }
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    for origin in ["https://evil.example", "null", "https://studio.example"] {
        let answer = preflight(origin).await;
        assert_eq!(
            (answer.status, answer.header(&allowed)),
            (403, ""),
            "{origin}"
        );
    }
    // A page of our own needs none of it.
    let own = preflight("http://localhost:4200").await;
    assert_eq!((own.status, own.header(&allowed)), (405, ""));
    let headers = [(ORIGIN, LISTED), (AUTHORIZATION, &*bearer("token-of-eye"))];
    let read = with(&studio, Method::GET, "/api/v1/scene", &headers).await;
    assert_eq!(
        (read.status, read.header(&allowed), read.header(VARY)),
        (200, LISTED, "Origin")
    );
    for name in ["ETag", "Revision", "Frame", "Show-Time-Ms", "Location"] {
        assert!(
            read.header("access-control-expose-headers").contains(name),
            "{name}"
        );
    }
    let refused = with(&studio, Method::GET, "/api/v1/scene", &[(ORIGIN, LISTED)]).await;
    assert_eq!(
        (refused.status, refused.header(&allowed)),
        (401, LISTED),
        "it can be read why"
    );
    let foreign = Request::get("/api/v1/scene").header(HOST, "evil.example");
    let foreign = studio.send(foreign.body(Body::empty()).unwrap()).await;
    assert_eq!((foreign.status, foreign.header(&allowed)), (403, ""));
    studio.close();
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do() {
    let studio = Studio::open();
    for (path, policy) in [
        ("/", "default-src 'self'; "),
        ("/docs", "default-src 'none'; "),
        ("/api/openapi.json", ""),
        ("/api/v1/scene", ""),
        ("/api/v1/nothing", ""),
        ("/api/v1/frame.png", ""),
        ("/problems/stale", ""),
        ("/ws", ""),
    ] {
        let answer = studio.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        let is = answer.header(CONTENT_SECURITY_POLICY);
        assert!(
            is.starts_with(policy) && is.is_empty() == policy.is_empty(),
            "{path}: {is}"
        );
        if !policy.is_empty() {
            assert!(is.contains("frame-ancestors 'none'"), "{path}: {is}");
        }
    }
    studio.close();
}
