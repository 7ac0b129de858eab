//! What is told of animations, on their frames.

use super::studio::{FPS, Studio};
use media::{Framerate, ShowTime};
use serde_json::{Value, json};

const ANIMATIONS: &str = "/api/v1/animations";

async fn with_a_layer() -> Studio {
    let studio = Studio::open();
    studio.group("a").await;
    studio
}

fn fade(id: &str, timing: impl Into<Value>) -> Value {
    let timing = timing.into();
    json!({ "id": id, "target": "layers/a", "timing": timing, "keyframes": [{ "opacity": 0 }] })
}

/// The first frame at so many milliseconds after the start of an animation.
fn frame_at(animation: &Value, after_ms: f64) -> i64 {
    let at = ShowTime::from_ms(animation["start"]["at_ms"].as_f64().unwrap() + after_ms);
    Framerate::new(FPS, 1).unwrap().first_frame_at(at)
}

#[tokio::test]
async fn beginning_iterations_and_end_are_told_on_their_frames() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let timing = json!({ "delay_ms": 150, "duration_ms": 100, "iterations": 3 });
    let made = studio.post(ANIMATIONS, fade("m", timing)).await.json();
    let mut heard = Vec::new();
    for kind in ["created", "started", "iteration", "iteration", "finished"] {
        let event = ear.hear(&format!("animation.{kind}")).await;
        let at = Framerate::new(FPS, 1)
            .unwrap()
            .frame_time(event["frame"].as_i64().unwrap());
        assert!((event["show_time_ms"].as_f64().unwrap() - at.as_ms()).abs() < 1e-6);
        heard.push((
            event["frame"].as_i64().unwrap(),
            event["data"]["iteration"].clone(),
        ));
    }
    let wanted = [
        (0.0, Value::Null),
        (150.0, Value::Null),
        (250.0, json!(1)),
        (350.0, json!(2)),
        (450.0, Value::Null),
    ];
    assert_eq!(heard, wanted.map(|(ms, n)| (frame_at(&made, ms), n)));
    let late = ear.rest();
    assert!(
        !late.contains(&"animation.started") && !late.contains(&"animation.finished"),
        "{late:?}"
    );
    studio.close();
}

#[tokio::test]
async fn who_comes_late_is_told_of_on_the_frame_it_came() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let come = async |id: &str, late: &str| {
        let mut body = fade(id, json!({ "duration_ms": 60_000, "iterations": 50 }));
        body["start"] = json!({ "at_ms": -3_600_000 });
        body["late"] = json!(late);
        studio.post(ANIMATIONS, body).await
    };
    let caught = come("caught", "catch_up").await;
    assert_eq!(caught.json()["start"]["at_ms"], -3_600_000);
    for kind in ["animation.started", "animation.finished"] {
        let event = ear.hear(kind).await;
        assert_eq!(event["data"]["id"], "caught");
        assert_eq!(event["frame"].to_string(), caught.header("frame"));
    }
    let shifted = come("shifted", "shift").await;
    assert_eq!(
        shifted.json()["start"]["at_ms"],
        shifted.number("show-time-ms")
    );
    assert!(shifted.json().get("late").is_none());
    let dropped = come("dropped", "drop").await;
    let event = ear.hear("animation.dropped").await;
    assert_eq!(event["data"]["id"], "dropped");
    assert_eq!(event["frame"].to_string(), dropped.header("frame"));
    let gone = studio.get(&format!("{ANIMATIONS}/dropped")).await;
    assert_eq!(gone.status, 404);
    studio.close();
}

#[tokio::test]
async fn conflicts_and_cancellations_are_told() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let come = async |id: &str, on_conflict: &str| {
        let mut body = fade(id, json!({ "duration_ms": 60_000 }));
        body["on_conflict"] = json!(on_conflict);
        studio.post(ANIMATIONS, body).await
    };
    come("first", "stack").await;
    assert_eq!(come("no", "reject").await.status, 409);
    come("waits", "queue").await;
    let replaced = come("last", "replace").await;
    for (id, outcome, met) in [
        ("no", "rejected", vec!["first"]),
        ("waits", "queued", vec!["first"]),
        ("last", "replaced", vec!["first", "waits"]),
    ] {
        let event = ear.hear("animation.conflict").await;
        assert_eq!(
            event["data"],
            json!({ "id": id, "outcome": outcome, "animations": met })
        );
        assert!(event["frame"].is_number() && event["show_time_ms"].is_number());
        if id == "last" {
            assert_eq!(event["frame"].to_string(), replaced.header("frame"));
        }
    }
    assert_eq!(
        studio.delete(&format!("{ANIMATIONS}/last")).await.status,
        200
    );
    let event = ear
        .hear_where("animation.canceled", |data| data["id"] == "last")
        .await;
    assert_eq!(event["data"]["by"], "anonymous");
    studio.close();
}

#[tokio::test]
async fn those_that_end_on_one_frame_go_on_one_frame() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let mut commands = Vec::new();
    for n in 0..100 {
        let mut one = fade(&format!("m{n}"), json!({ "duration_ms": 100 }));
        one["when_over"] = json!("remove");
        commands.push(json!({ "method": "animation.start", "params": one }));
    }
    let batch = studio
        .post("/api/v1/batch", json!({ "commands": commands }))
        .await;
    assert_eq!(batch.status, 200, "{}", batch.json());
    let first = frame_at(&batch.json()["results"][0], 100.0);
    for _ in 0..100 {
        assert_eq!(ear.hear("animation.finished").await["frame"], first);
    }
    assert_eq!(studio.get(ANIMATIONS).await.json()["items"], json!([]));
    studio.close();
}

/// The studio of these tests encodes without look-ahead: nothing is taken off, and what has no time of its own is refused.
#[tokio::test]
async fn at_output_is_for_starts_at_a_time() {
    let studio = with_a_layer().await;
    let mut body = fade("m", json!({ "duration_ms": 100 }));
    body["at_output"] = json!(true);
    let refused = studio.post(ANIMATIONS, body.clone()).await;
    assert_eq!(refused.pointers(), ["/at_output"]);
    body["start"] = json!({ "at_ms": 60_000 });
    let made = studio.post(ANIMATIONS, body).await;
    assert_eq!(made.json()["start"]["at_ms"], 60_000, "{}", made.json());
    studio.close();
}

/// What stays when it is over counts: the limit is on all animations, and says so.
#[tokio::test]
async fn those_that_stay_are_limited() {
    let studio = with_a_layer().await;
    let most = studio.api.0.parts.limits.animations;
    let stays = |n: usize| {
        let mut one = fade(&format!("m{n}"), json!({ "fill": "forwards" }));
        // Otherwise each would hide those before it, which then make room.
        one["composite"] = json!("add");
        json!({ "method": "animation.start", "params": one })
    };
    let commands: Vec<Value> = (0..most).map(stays).collect();
    let all = json!({ "commands": commands });
    assert_eq!(studio.post("/api/v1/batch", all).await.status, 200);
    let refused = studio.post(ANIMATIONS, fade("more", json!({}))).await;
    assert_eq!(refused.status, 422);
    let detail = refused.json()["errors"][0]["detail"].to_string();
    assert!(detail.contains("at most 500"), "{detail}");
    studio.close();
}
