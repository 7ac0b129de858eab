//! Undo and redo of what has come to its end by itself meanwhile.

use super::studio::{Ear, Studio};
use serde_json::{Value, json};

const LAYER: &str = "/api/v1/layers/a";

async fn with_a_layer() -> Studio {
    let studio = Studio::open();
    studio.group("a").await;
    studio
}

async fn turn(studio: &Studio, what: &str) {
    let turned = studio.post(&format!("/api/v1/{what}"), json!({})).await;
    assert_eq!(turned.status, 200, "{what}: {}", turned.json());
}

async fn opacity(studio: &Studio) -> Value {
    studio.get(LAYER).await.json()["opacity"].clone()
}

/// Starts something, and waits until it is over.
async fn over(studio: &Studio, ear: &mut Ear, path: &str, body: Value) {
    let started = studio.post(path, body).await;
    assert_eq!(started.status, 201, "{}", started.json());
    let kind = if path.ends_with("timelines") {
        "timeline.finished"
    } else {
        "animation.finished"
    };
    let id = started.json()["id"].clone();
    ear.hear_where(kind, |data| data["id"] == id).await;
}

fn fade(to: f64) -> Value {
    json!({ "target": "layers/a", "when_over": "remove", "timing": { "duration_ms": 100, "fill": "forwards" },
        "keyframes": [{ "opacity": 0 }, { "opacity": to }] })
}

#[tokio::test]
async fn a_lower_third_that_came_and_went_is_stepped_over() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let template = json!({ "parameters": {}, "layers": [{ "id": "{id}", "kind": "group" }],
        "timeline": { "entries": [{ "animation": { "target": "layers/{id}", "timing": { "duration_ms": 100 },
            "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] } }] } });
    let put = studio.put("/api/v1/templates/lt", template).await;
    assert_eq!(put.status, 201, "{}", put.json());
    let mistake = json!({ "opacity": 0.5 });
    assert_eq!(studio.patch(LAYER, mistake).await.status, 200);
    let timelines = "/api/v1/timelines";
    over(&studio, &mut ear, timelines, json!({ "template": "lt" })).await;
    turn(&studio, "undo").await;
    assert_eq!(opacity(&studio).await, 1);
    turn(&studio, "redo").await;
    assert_eq!(opacity(&studio).await, 0.5);
    let no_more = studio.post("/api/v1/redo", json!({})).await;
    assert_eq!(no_more.problem(), (409, "nothing-to-undo".to_owned()));
    studio.close();
}

/// What it left in the layer goes with the change that started it.
#[tokio::test]
async fn what_an_animation_left_is_taken_back_with_it() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let before = json!({ "opacity": 0.75 });
    assert_eq!(studio.patch(LAYER, before).await.status, 200);
    over(&studio, &mut ear, "/api/v1/animations", fade(0.5)).await;
    assert_eq!(opacity(&studio).await, 0.5);
    for (what, wanted) in [
        ("undo", 0.75),
        ("undo", 1.0),
        ("redo", 0.75),
        ("redo", 0.5),
        ("undo", 0.75),
    ] {
        turn(&studio, what).await;
        assert!((opacity(&studio).await.as_f64().unwrap() - wanted).abs() < 1e-9);
    }
    studio.close();
}

/// It is written while an animation holds it, which is over then and leaves another value.
#[tokio::test]
async fn a_write_that_was_overwritten_by_an_end_is_taken_back() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let started = studio.post("/api/v1/animations", fade(0.5)).await;
    let id = started.json()["id"].clone();
    let written = json!({ "opacity": 0.25, "name": "N" });
    assert_eq!(studio.patch(LAYER, written).await.status, 200);
    ear.hear_where("animation.finished", |data| data["id"] == id)
        .await;
    assert_eq!(opacity(&studio).await, 0.5);
    turn(&studio, "undo").await;
    let layer = studio.get(LAYER).await.json();
    assert_eq!((&layer["opacity"], layer.get("name")), (&json!(1), None));
    turn(&studio, "redo").await;
    assert_eq!(opacity(&studio).await, 0.5);
    studio.close();
}

#[tokio::test]
async fn glides_one_upon_the_other_are_redone() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let x = async || studio.get(LAYER).await.json()["transform"]["x_px"].clone();
    for (x_px, smooth) in [(200, false), (400, true)] {
        let glide = json!({ "transform": { "x_px": x_px }, "transition": { "duration_ms": 300, "smooth": smooth } });
        assert_eq!(studio.patch(LAYER, glide).await.status, 200);
    }
    ear.hear("animation.finished").await;
    for (what, wanted) in [
        ("undo", 200),
        ("undo", 0),
        ("redo", 200),
        ("redo", 400),
        ("undo", 200),
    ] {
        turn(&studio, what).await;
        assert_eq!(x().await, wanted);
    }
    studio.close();
}

#[tokio::test]
async fn what_was_done_to_an_animation_is_redone_though_it_began_anew() {
    let studio = with_a_layer().await;
    let mut one = fade(0.5);
    one["id"] = "x".into();
    one["timing"]["duration_ms"] = 60_000.into();
    assert_eq!(studio.post("/api/v1/animations", one).await.status, 201);
    let place = "/api/v1/animations/x";
    for verb in ["pause", "resume"] {
        let told = studio.post(&format!("{place}/{verb}"), Value::Null).await;
        assert_eq!(told.status, 200, "{}", told.json());
    }
    let paused = async || studio.get(place).await.json()["playback"]["paused"].clone();
    for round in 0..2 {
        for _ in 0..3 {
            turn(&studio, "undo").await;
        }
        assert_eq!(studio.get(place).await.status, 404);
        turn(&studio, "redo").await;
        assert_eq!(paused().await, Value::Null, "{round}");
        let began = studio.get(place).await.json()["start"].clone();
        for is in [true, false] {
            turn(&studio, "redo").await;
            assert_eq!(paused().await, is, "{round}");
        }
        assert_eq!(studio.get(place).await.json()["start"], began);
    }
    studio.close();
}
