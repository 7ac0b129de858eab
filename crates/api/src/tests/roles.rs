//! Who may do what, over HTTP and JSON-RPC, for every operation there is.

use super::openapi::document;
use super::socket::{Rpc, open};
use super::studio::{Studio, TOKENS, bearer, local, token_of};
use crate::access::Need;
use crate::operation::{Operation, Run};
use crate::operations::OPERATIONS;
use crate::rpc::path_parameter;
use crate::*;
use axum::body::Body;
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use serde_json::json;
use std::collections::HashSet;
use tower::ServiceExt as _;

/// What a token of this role is answered with, without the body, which may never end.
async fn status(studio: &Studio, method: &Method, path: &str, token: Option<&str>) -> u16 {
    let mut request = local(method.clone(), path);
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, bearer(token));
    }
    let request = request.body(Body::empty()).unwrap();
    let answer = studio.router().oneshot(request).await.unwrap();
    answer.status().as_u16()
}

/// The path with an id that nothing has.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') {
            "nobody"
        } else {
            part
        }
    });
    format!("/api/v1{}", parts.collect::<Vec<_>>().join("/"))
}

/// Methods, paths and needs of all routes below `/api/v1` that ask who it is.
fn routes() -> Vec<(Method, String, Option<Need>)> {
    let of_table = OPERATIONS
        .iter()
        .map(|one| (one.method.clone(), filled(one.path), Some(one.need)));
    let mut routes: Vec<_> = of_table.collect();
    routes.push((Method::GET, "/api/v1/session".to_owned(), None));
    routes.push((Method::POST, "/api/v1/session/ticket".to_owned(), None));
    routes
}

/// Written out once more, so that a slip of the rule does not go unseen.
fn covers(role: Role, need: Need) -> bool {
    match role {
        Role::Viewer => need == Need::Read,
        Role::Chat => need == Need::Push,
        Role::Operator => need != Need::Admin,
        Role::Admin => true,
    }
}

#[tokio::test]
async fn every_role_may_do_over_http_what_its_operations_need_and_nothing_else() {
    let studio = Studio::closed();
    for (method, path, need) in routes() {
        for (_, token, role) in TOKENS {
            let status = status(&studio, &method, &path, Some(token)).await;
            let may = need.is_none_or(|need| covers(role, need));
            let here = format!("{role:?} {method} {path}: {status}");
            assert_ne!(status, 401, "{here}");
            assert_eq!(status != 403, may, "{here}");
        }
    }
    for (method, path, _) in routes() {
        for token in [None, Some("nobody's")] {
            let status = status(&studio, &method, &path, token).await;
            assert_eq!(status, 401, "{token:?} {method} {path}");
        }
    }
    studio.close();
}

#[tokio::test]
async fn every_role_may_do_over_json_rpc_what_its_operations_need_and_nothing_else() {
    let studio = Studio::closed();
    let address = studio.listen().await;
    assert_eq!(open(address, "/ws", &[]).await.err(), Some(401));
    let params = |operation: &Operation| match path_parameter(operation.path) {
        Some(name) => json!({ name: "nobody" }),
        None => json!({}),
    };
    for (_, token, role) in TOKENS {
        let mut rpc = Rpc::at(address, "/ws", &[(AUTHORIZATION, &bearer(token))]).await;
        for operation in OPERATIONS {
            let answer = rpc.call(operation.name, params(operation)).await;
            let code = answer.err().map(|error| error["data"]["code"].clone());
            let may = covers(role, operation.need);
            let forbidden = code == Some(json!("forbidden"));
            assert_eq!(forbidden, !may, "{role:?} {}: {code:?}", operation.name);
            if may && matches!(operation.run, Run::Stream(_)) {
                assert_eq!(code, Some(json!("http-only")), "{}", operation.name);
            }
        }
        let subscribed = rpc.call("events.subscribe", json!({})).await;
        assert_eq!(subscribed.is_ok(), covers(role, Need::Read), "{role:?}");
    }
    studio.close();
}

#[tokio::test]
async fn the_preview_is_for_those_who_may_see() {
    let studio = Studio::closed();
    let address = studio.listen().await;
    assert_eq!(open(address, "/preview", &[]).await.err(), Some(401));
    for role in Role::ALL {
        let token = bearer(token_of(role));
        let opened = open(address, "/preview", &[(AUTHORIZATION, &token)]).await;
        let refused = (!covers(role, Need::Read)).then_some(403);
        assert_eq!(opened.err(), refused, "{role:?}");
    }
    studio.close();
}

/// A route beside the table would have no role, no place in the reference, and no test here.
#[tokio::test]
async fn no_route_stands_beside_the_table() {
    let studio = Studio::open();
    let sessions = [
        "GET /api/v1/session",
        "POST /api/v1/session",
        "DELETE /api/v1/session",
        "POST /api/v1/session/ticket",
    ];
    let of_table = OPERATIONS
        .iter()
        .map(|one| format!("{} /api/v1{}", one.method, one.path));
    let table: HashSet<String> = of_table.chain(sessions.map(str::to_owned)).collect();
    assert_eq!(table.len(), OPERATIONS.len() + sessions.len());
    let mut named = HashSet::new();
    for (path, item) in document().await["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            named.insert(format!("{} {path}", method.to_ascii_uppercase()));
        }
    }
    assert_eq!(named, table);

    // The router says itself which methods a path takes.
    let paths: HashSet<&str> = named
        .iter()
        .map(|one| one.split_once(' ').unwrap().1)
        .collect();
    for path in paths {
        let real = filled(path.strip_prefix("/api/v1").unwrap());
        let answer = studio.ask(Method::TRACE, &real, Body::empty()).await;
        assert_eq!(answer.status, 405, "{path}");
        let allowed = answer
            .header("allow")
            .split(',')
            .filter(|one| *one != "HEAD");
        let allowed: HashSet<String> = allowed.map(|one| format!("{one} {path}")).collect();
        let mine = |one: &&String| one.split_once(' ').unwrap().1 == path;
        let expected: HashSet<String> = named.iter().filter(mine).cloned().collect();
        assert_eq!(allowed, expected);
    }
    // And it is made in few places: what is routed by hand stands here.
    let source = include_str!("../routes.rs");
    let by_hand = source.matches(".route(").count();
    assert_eq!(
        by_hand, 8,
        "a route was added by hand: it needs a test of its own"
    );
    studio.close();
}

#[tokio::test]
async fn every_operation_refuses_parameters_that_it_does_not_know() {
    let studio = Studio::open();
    for operation in OPERATIONS {
        let path = format!("{}?nonsense=1", filled(operation.path));
        let method = operation.method.clone();
        let status = status(&studio, &method, &path, None).await;
        assert_eq!(status, 400, "{method} {path}");
    }
    for (path, status_of_it) in [
        ("/api/v1/chat?limit=0", 400),
        ("/api/v1/chat?limit=1001", 400),
        ("/api/v1/chat?limit=1000", 200),
        ("/api/v1/chat?limit=-1", 400),
        ("/api/v1/chat?before=x", 400),
        ("/api/v1/layers?resolved=yes", 400),
        ("/api/v1/layers?resolved=true", 200),
        ("/api/v1/frame.png?at_ms=NaN", 400),
        ("/api/v1/frame.png?at_ms=-1", 400),
        ("/api/v1/frame.png?layer=", 400),
        ("/api/v1/layers?durability=async", 400),
    ] {
        assert_eq!(studio.get(path).await.status, status_of_it, "{path}");
    }
    studio.close();
}
