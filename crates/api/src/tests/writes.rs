//! What any write can be asked with: `If-Match`, `Idempotency-Key`, `durability`; and pages of what was written.

use super::studio::{Answer, Studio, bearer, given_up, local};
use axum::body::Body;
use axum::http::Method;
use axum::http::header::{AUTHORIZATION, ETAG, IF_MATCH};
use serde_json::{Value, json};

async fn with_header(
    studio: &Studio,
    (method, path): (Method, &str),
    header: (&str, &str),
    body: &str,
) -> Answer {
    let request = local(method, path).header(header.0, header.1);
    studio
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

#[tokio::test]
async fn an_etag_is_of_the_one_layer() {
    let studio = Studio::open();
    studio.group("a").await;
    studio.group("b").await;
    let etag = async |id: &str| {
        let layer = studio.get(&format!("/api/v1/layers/{id}")).await;
        layer.header(ETAG).to_owned()
    };
    let patch = async |etag: &str, body: &str| {
        let request = (Method::PATCH, "/api/v1/layers/a");
        with_header(&studio, request, (IF_MATCH.as_str(), etag), body).await
    };
    let (seen, other) = (etag("a").await, etag("b").await);
    assert_ne!(seen, other);
    // Two clients saw the same; what happens to another layer is no matter.
    studio
        .patch("/api/v1/layers/b", json!({ "opacity": 0.5 }))
        .await;
    let first = patch(&seen, r#"{ "opacity": 0.25 }"#).await;
    assert_eq!((first.status, first.header(ETAG)), (200, &*etag("a").await));
    let second = patch(&seen, r#"{ "opacity": 0.75 }"#).await;
    assert_eq!(second.problem(), (412, "stale".to_owned()));
    assert_eq!(studio.scene().await["layers"][0]["opacity"], 0.25);
    let third = patch(first.header(ETAG), r#"{ "opacity": 0.75 }"#).await;
    assert_eq!(third.status, 200);
    // A request that cannot be carried out says why, whatever its condition.
    assert_eq!(patch(&seen, r#"{ "opacity": 2 }"#).await.status, 422);
    let hide = (Method::POST, "/api/v1/layers/a/hide");
    let hidden = with_header(&studio, hide, (IF_MATCH.as_str(), &seen), "").await;
    assert_eq!(hidden.status, 412);
    let delete = (Method::DELETE, "/api/v1/layers/a");
    let gone = with_header(&studio, delete, (IF_MATCH.as_str(), third.header(ETAG)), "").await;
    assert_eq!(gone.status, 200);
    studio.close();
}

#[tokio::test]
async fn the_same_request_with_the_same_key_is_carried_out_once() {
    let studio = Studio::closed();
    let post = async |token: &str, key: &str, body: &Value| {
        let request = local(Method::POST, "/api/v1/layers")
            .header(AUTHORIZATION, bearer(token))
            .header("idempotency-key", key);
        studio
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await
    };
    let (host, boss) = ("token-of-host", "token-of-boss");
    let group = json!({ "kind": "group" });
    let first = post(host, "k1", &group).await;
    assert_eq!(first.status, 201);
    let again = post(host, "k1", &group).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.headers, first.headers);
    let other = post(host, "k1", &json!({ "kind": "group", "opacity": 0.5 })).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    // Another's key is another key, and so is another's request.
    let theirs = post(boss, "k1", &group).await;
    assert_eq!(
        (theirs.status, theirs.json()["id"] == first.json()["id"]),
        (201, false)
    );
    // What failed is no answer to be kept.
    let faulty = json!({ "id": "x", "kind": "group", "opacity": 2 });
    assert_eq!(post(host, "k2", &faulty).await.status, 422);
    let mended = post(host, "k2", &json!({ "id": "x", "kind": "group" })).await;
    assert_eq!(mended.status, 201);
    assert_eq!(post(host, "", &group).await.problem().0, 400);
    assert_eq!(post(host, &"k".repeat(256), &group).await.problem().0, 400);
    let layers = studio.as_role(
        crate::Role::Viewer,
        Method::GET,
        "/api/v1/layers",
        Value::Null,
    );
    assert_eq!(layers.await.json()["items"].as_array().unwrap().len(), 3);
    studio.close();
}

#[tokio::test]
async fn a_request_whose_answer_was_lost_is_not_carried_out_again() {
    let studio = Studio::open();
    let body = json!({ "kind": "group" }).to_string();
    let post = || {
        let header = ("idempotency-key", "lost");
        with_header(&studio, (Method::POST, "/api/v1/layers"), header, &body)
    };
    // The client goes away before the frame that shows its layer.
    given_up(post()).await;
    let again = post().await;
    assert_eq!(again.problem(), (409, "idempotency-key-in-use".to_owned()));
    // Its frame comes by itself; then there is an answer.
    let answer = loop {
        let answer = post().await;
        if answer.status != 409 {
            break answer;
        }
        assert_eq!(studio.get("/api/v1/frame.png").await.status, 200);
    };
    assert_eq!(answer.status, 201);
    let layers = studio.scene().await["layers"].as_array().unwrap().clone();
    assert_eq!(layers, [answer.json()]);
    studio.close();
}

#[tokio::test]
async fn nobody_is_told_that_something_is_durable_which_is_not() {
    let studio = Studio::open();
    let body = json!({ "kind": "group" });
    for (value, status) in [("async", 201), ("sync", 503), ("soon", 400), ("", 400)] {
        let path = format!("/api/v1/layers?durability={value}");
        assert_eq!(
            studio.post(&path, body.clone()).await.status,
            status,
            "{value}"
        );
    }
    // This studio has no journal: what asked for one is done, and its answer says that it may be lost.
    assert_eq!(studio.scene().await["layers"].as_array().unwrap().len(), 2);
    studio.close();
}

/// Every page of a list, one after the other; no page is larger than asked for.
async fn pages(studio: &Studio, path: &str, limit: usize) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let before = next.map_or(String::new(), |next| format!("&before={next}"));
        let page = studio.get(&format!("{path}?limit={limit}{before}")).await;
        assert_eq!(page.status, 200, "{path}{before}");
        pages.push(page.json()["items"].as_array().unwrap().clone());
        next = page.json()["next"].as_str().map(str::to_owned);
        if next.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn pages_show_everything_once_newest_first() {
    let studio = Studio::open();
    let mut ear = studio.events();
    for n in 0..7 {
        studio.group(&format!("g{n}")).await;
        let message = json!({ "id": format!("m{n}"), "author": "ann", "text": "hi" });
        assert_eq!(studio.post("/api/v1/chat", message).await.status, 200);
    }
    ear.hear_where("chat.message", |said| said["id"] == "m6")
        .await;
    let expected = |stem: &str| {
        (0..7)
            .rev()
            .map(|n| format!("{stem}{n}"))
            .collect::<Vec<_>>()
    };
    for (path, key, stem) in [
        ("/api/v1/chat", "/id", "m"),
        ("/api/v1/history", "/changed/0", "layers/g"),
        ("/api/v1/as-run", "/detail/changed/0", "layers/g"),
    ] {
        let all = pages(&studio, path, 3).await;
        let sizes: Vec<usize> = all.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3, 1], "{path}");
        let found = all.iter().flatten().map(|item| item.pointer(key).unwrap());
        let found: Vec<&str> = found.map(|value| value.as_str().unwrap()).collect();
        assert_eq!(found, expected(stem), "{path}");
        assert_eq!(
            pages(&studio, path, 7).await.len(),
            1,
            "no page is empty: {path}"
        );
    }
    let history = &pages(&studio, "/api/v1/history", 50).await[0];
    let frames: Vec<i64> = history
        .iter()
        .map(|one| one["frame"].as_i64().unwrap())
        .collect();
    assert!(frames.is_sorted_by(|a, b| a >= b), "{frames:?}");
    assert_eq!(
        (
            &history[0]["client"],
            &history[0]["method"],
            &history[0]["undone"]
        ),
        (&json!("anonymous"), &json!("layer.create"), &json!(false))
    );
    studio.close();
}
