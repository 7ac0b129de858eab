//! Chat messages and auction events, as programs push them: again, late, and in any order.

use super::studio::Studio;
use crate::Role;
use axum::http::Method;
use serde_json::{Value, json};

async fn push(studio: &Studio, path: &str, body: Value) -> super::studio::Answer {
    let path = format!("/api/v1/{path}");
    studio.as_role(Role::Chat, Method::POST, &path, body).await
}

#[tokio::test]
async fn what_is_pushed_again_is_not_said_again() {
    let studio = Studio::closed();
    let mut ear = studio.events();
    let first = json!({ "id": "1", "author": "ann", "text": "hi", "at": "2026-01-01T00:00:00Z" });
    let pushed = push(&studio, "chat", first.clone()).await;
    assert_eq!(
        pushed.json(),
        json!({ "accepted": 1, "duplicates": 0, "ids": ["1"] })
    );
    assert_eq!(ear.hear("chat.message").await["data"], first);
    let again = json!([first, { "id": "1", "author": "bob", "text": "no" }, { "author": "cid", "text": "ho" }]);
    let again = push(&studio, "chat", again).await.json();
    assert_eq!(
        (&again["accepted"], &again["duplicates"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(ear.hear("chat.message").await["data"]["author"], "cid");
    let all = studio
        .as_role(Role::Viewer, Method::GET, "/api/v1/chat", Value::Null)
        .await
        .json();
    assert_eq!(
        (&all["items"][0]["id"], &all["items"][1]),
        (&again["ids"][2], &first)
    );
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    for (body, pointer) in [
        (json!([]), ""),
        (json!({ "text": "hi" }), "/author"),
        (
            json!([{ "author": "ann", "text": "hi" }, { "author": "ann", "text": "" }]),
            "/1/text",
        ),
    ] {
        let refused = push(&studio, "chat", body).await;
        assert_eq!(
            (refused.problem().0, refused.pointers()),
            (422, vec![pointer.to_owned()])
        );
    }
    studio.close();
}

#[tokio::test]
async fn a_lot_stands_as_its_events_say_however_they_came() {
    let studio = Studio::closed();
    let mut ear = studio.events();
    let events = json!([
        { "id": "c", "type": "lot_sold", "lot": "7", "at": "2026-01-01T00:02:00Z" },
        { "id": "b", "type": "bid", "lot": "7", "amount": "12.45", "bidder": "ann", "at": "2026-01-01T00:01:00Z" },
        { "id": "a", "type": "lot_opened", "lot": "7", "title": "Seven", "at": "2026-01-01T00:00:00Z" },
    ]);
    let pushed = push(&studio, "auction/events", events.clone()).await;
    assert_eq!(pushed.json(), json!({ "accepted": 3, "duplicates": 0 }));
    assert_eq!(ear.hear("auction.event").await["data"]["id"], "c");
    let again = push(&studio, "auction/events", events).await;
    assert_eq!(again.json(), json!({ "accepted": 0, "duplicates": 3 }));
    let last = json!({ "id": "z", "type": "lot_passed", "lot": "8" });
    push(&studio, "auction/events", last).await;
    for id in ["b", "a", "z"] {
        assert_eq!(ear.hear("auction.event").await["data"]["id"], id);
    }
    let auction = studio.as_role(Role::Viewer, Method::GET, "/api/v1/auction", Value::Null);
    let lot = auction.await.json()["lots"][0].clone();
    assert_eq!(
        (&lot["state"], &lot["bids"], &lot["title"]),
        (&json!("sold"), &json!(1), &json!("Seven"))
    );
    assert_eq!(lot["highest"]["amount"], "12.45");
    studio.close();
}
