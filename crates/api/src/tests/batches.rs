//! Commands that are carried out all or not at all, on one frame.

use super::studio::{FPS, SIZE, Studio, colored};
use crate::Role;
use axum::http::Method;
use media::{Framerate, ShowTime};
use serde_json::{Value, json};

fn create(layer: &Value) -> Value {
    json!({ "method": "layer.create", "params": layer })
}

#[tokio::test]
async fn all_of_it_shows_on_one_frame() {
    let studio = Studio::open();
    let mut ear = studio.events();
    let commands = json!({ "commands": [
        create(&colored("a", "#ff0000")),
        create(&json!({ "id": "g", "kind": "group" })),
        { "method": "layer.move", "params": { "id": "a", "parent": "g" } },
        { "method": "layer.update", "params": { "id": "a", "opacity": 0.5 } },
        { "method": "animation.start", "params": { "id": "m", "target": "layers/a",
            "timing": { "duration_ms": 500 }, "keyframes": [{ "opacity": 0 }] } },
        { "method": "layer.hide", "params": { "id": "g" } },
    ] });
    let done = studio.post("/api/v1/batch", commands).await;
    assert_eq!(done.status, 200, "{:?}", done.json());
    assert_eq!(done.header("revision"), "2");
    let results = done.json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 6);
    assert_eq!(results[3]["opacity"], 0.5);
    assert_eq!(
        results[4]["start"]["at_ms"].as_f64(),
        Some(done.number("show-time-ms"))
    );
    let frame: i64 = done.header("frame").parse().unwrap();
    let heard = ear.hear("animation.started").await;
    assert_eq!(heard["frame"], frame);
    let scene = studio.scene().await;
    assert_eq!(scene["layers"].as_array().unwrap().len(), 2);
    // It is one change, for everyone who counts them.
    let history = studio.get("/api/v1/history").await.json();
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
    assert_eq!(history["items"][0]["method"], "batch");
    assert_eq!(history["items"][0]["changed"].as_array().unwrap().len(), 3);
    assert_eq!(studio.post("/api/v1/undo", json!({})).await.status, 200);
    assert_eq!(studio.scene().await["layers"], json!([]));
    studio.close();
}

#[tokio::test]
async fn one_that_fails_takes_all_with_it_and_is_named() {
    let studio = Studio::open();
    studio.group("there").await;
    let before = studio.scene().await;
    let good = create(&json!({ "id": "new", "kind": "group" }));
    for (bad, pointers) in [
        (
            json!({ "method": "layer.update", "params": { "id": "new", "opacity": 2, "colour": 1 } }),
            &["/commands/1/params/opacity", "/commands/1/params/colour"][..],
        ),
        (
            create(&json!({ "id": "there", "kind": "group" })),
            &["/commands/1/params/id"],
        ),
        (
            json!({ "method": "layer.update", "params": { "id": "nobody" } }),
            &["/commands/1"],
        ),
        (
            json!({ "method": "layer.update" }),
            &["/commands/1/params/id"],
        ),
        (
            json!({ "method": "layer.hide", "params": { "id": "new", "if_match": 1 } }),
            &["/commands/1/params/if_match"],
        ),
        (json!({ "method": "layer.fly" }), &["/commands/1/method"]),
        (json!({ "method": "stream.start" }), &["/commands/1/method"]),
        (json!({ "method": "frame.mjpg" }), &["/commands/1/method"]),
        (
            json!({ "method": "batch", "params": { "commands": [good] } }),
            &["/commands/1/method"],
        ),
    ] {
        for more in [
            json!({}),
            json!({ "dry_run": true }),
            json!({ "start": { "at_ms": 1e9 } }),
        ] {
            let mut body = json!({ "commands": [good, bad] });
            body.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            let refused = studio.post("/api/v1/batch", body).await;
            assert_eq!(refused.problem().0, 422, "{bad}");
            let (mut is, mut expected) = (refused.pointers(), pointers.to_vec());
            is.sort();
            expected.sort_unstable();
            assert_eq!(is, expected, "{bad}: {}", refused.json());
        }
    }
    for (body, pointer) in [
        (json!({}), "/commands"),
        (json!({ "commands": [] }), "/commands"),
        (json!({ "commands": [good], "when": 1 }), "/when"),
        (
            json!({ "commands": [{ "params": {} }] }),
            "/commands/0/method",
        ),
    ] {
        let refused = studio.post("/api/v1/batch", body).await;
        assert_eq!(
            (refused.status, refused.pointers()),
            (422, vec![pointer.to_owned()])
        );
    }
    assert_eq!(studio.scene().await, before);
    assert_eq!(studio.get("/api/v1/scene").await.header("revision"), "2");
    assert_eq!(
        studio.get("/api/v1/schedule").await.json()["items"],
        json!([])
    );
    studio.close();
}

#[tokio::test]
async fn a_dry_run_is_a_picture_and_nothing_else() {
    let studio = Studio::open();
    let before = studio.scene().await;
    let commands = json!({ "commands": [create(&colored("a", "#00ff00"))], "dry_run": true });
    let picture = studio.post("/api/v1/batch", commands).await;
    assert_eq!(picture.status, 200);
    let (pixels, samples, width) = picture.png();
    assert_eq!((samples, width), (3, SIZE.width));
    assert!(pixels.chunks(3).all(|pixel| pixel == [0, 255, 0]));
    assert_eq!(studio.scene().await, before);
    assert_eq!(studio.get("/api/v1/scene").await.header("revision"), "1");
    studio.close();
}

/// A second from now.
fn soon_ms(studio: &Studio) -> f64 {
    let now = ShowTime::from_nanos(studio.api.0.parts.handle.uptime_ns()).as_ms();
    (now + 1000.0).round()
}

#[tokio::test]
async fn a_start_is_kept_to_the_frame() {
    let studio = Studio::open();
    let mut ear = studio.events();
    let at_ms = soon_ms(&studio);
    let body = json!({ "commands": [create(&json!({ "id": "a", "kind": "group" }))], "start": { "at_ms": at_ms } });
    let accepted = studio.post("/api/v1/batch", body).await;
    assert_eq!(accepted.status, 202);
    let job = accepted.json();
    assert_eq!(
        (&job["methods"], job["at_ms"].as_f64()),
        (&json!(["layer.create"]), Some(at_ms))
    );
    let place = format!("/api/v1/schedule/{}", job["id"].as_str().unwrap());
    assert_eq!(accepted.header("location"), place);
    let listed = studio.get("/api/v1/schedule").await.json();
    assert_eq!(listed["items"], json!([job]));
    // Whoever comes meanwhile does not wait for it.
    studio.group("b").await;
    assert_eq!(ear.hear("layer.created").await["data"]["id"], "b");
    let heard = ear.hear("layer.created").await;
    assert_eq!(heard["data"]["id"], "a");
    let due = Framerate::new(FPS, 1)
        .unwrap()
        .first_frame_at(ShowTime::from_ms(at_ms));
    assert_eq!(heard["frame"], due);
    assert_eq!(
        studio.get("/api/v1/schedule").await.json()["items"],
        json!([])
    );
    assert_eq!(studio.delete(&place).await.problem().0, 404);
    studio.close();
}

#[tokio::test]
async fn what_is_scheduled_can_be_cancelled_and_says_when_it_fails() {
    let studio = Studio::open();
    let mut ear = studio.events();
    studio.group("a").await;
    let hide = json!({ "method": "layer.hide", "params": { "id": "a" } });
    let late = json!({ "commands": [hide], "start": { "at_ms": 1e9 } });
    let job = studio.post("/api/v1/batch", late).await.json();
    assert_eq!(ear.hear("batch.scheduled").await["data"], job);
    let place = format!("/api/v1/schedule/{}", job["id"].as_str().unwrap());
    assert_eq!(studio.delete(&place).await.json(), job);
    assert_eq!(ear.hear("batch.cancelled").await["data"], job);
    assert_eq!(
        studio.get("/api/v1/schedule").await.json()["items"],
        json!([])
    );

    let body = json!({ "commands": [hide], "start": { "at_ms": soon_ms(&studio) } });
    let job = studio.post("/api/v1/batch", body).await.json();
    assert_eq!(studio.delete("/api/v1/layers/a").await.status, 200);
    let failed = ear.hear("batch.failed").await["data"].clone();
    assert_eq!(failed["id"], job["id"]);
    assert_eq!(failed["problem"]["code"], "invalid");
    assert_eq!(failed["problem"]["errors"][0]["pointer"], "/commands/0");
    studio.close();
}

#[tokio::test]
async fn a_batch_gives_nobody_more_than_they_may() {
    let studio = Studio::closed();
    let body = json!({ "commands": [create(&json!({ "kind": "group" }))] });
    for (role, status) in [
        (Role::Viewer, 403),
        (Role::Chat, 403),
        (Role::Operator, 200),
        (Role::Admin, 200),
    ] {
        let answer = studio
            .as_role(role, Method::POST, "/api/v1/batch", body.clone())
            .await;
        assert_eq!(answer.status, status, "{role:?}");
    }
    // What needs an admin stays out of it, even for one.
    let output = json!({ "commands": [{ "method": "output.create", "params": {
        "type": "rtmp", "url": "rtmp://ingest.example/app", "key": "sk" } }] });
    for role in [Role::Operator, Role::Admin] {
        let answer = studio
            .as_role(role, Method::POST, "/api/v1/batch", output.clone())
            .await;
        assert_eq!(answer.status, 422, "{role:?}");
    }
    studio.close();
}
