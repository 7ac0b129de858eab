//! Animations one by one.

use super::studio::{Studio, given_up};
use axum::http::Method;
use media::ShowTime;
use serde_json::{Value, json};

/// Whoever hangs up before the frame has started an animation all the same, at a show time that everyone sees.
#[tokio::test]
async fn a_start_is_settled_though_nobody_waits_for_it() {
    let studio = Studio::open();
    let layer = json!({ "id": "a", "kind": "group" }).to_string();
    studio.ask(Method::POST, "/api/v1/layers", layer).await;
    let moving = json!({ "id": "m", "target": "layers/a", "timing": { "duration_ms": 500 },
        "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] });
    let start = studio.ask(Method::POST, "/api/v1/animations", moving.to_string());
    given_up(start).await;
    // A still is of a frame after it.
    assert_eq!(studio.get("/api/v1/frame.png").await.status, 200);
    let shown = studio.get("/api/v1/animations/m").await;
    assert!(
        shown.json()["start"]["at_ms"].is_number(),
        "{}",
        shown.json()
    );
    studio.close();
}

const ANIMATIONS: &str = "/api/v1/animations";

/// A studio with a group `a`.
async fn with_a_layer() -> Studio {
    let studio = Studio::open();
    studio.group("a").await;
    studio
}

fn fade(id: &str, duration_ms: f64) -> Value {
    json!({ "id": id, "target": "layers/a", "timing": { "duration_ms": duration_ms, "fill": "forwards" },
        "keyframes": [{ "opacity": 0 }, { "opacity": 0.5 }] })
}

/// Frames are where local time is taken: what was done at frame n counts from its show time, to the nanosecond.
#[tokio::test]
async fn an_animation_is_held_sought_turned_and_let_go() {
    let studio = with_a_layer().await;
    let started = studio.post(ANIMATIONS, fade("m", 60_000.0)).await;
    let start_ms = started.number("show-time-ms");
    assert_eq!(started.json()["start"]["at_ms"], start_ms);
    let told = async |verb: &str, body: Value| {
        let answer = studio.post(&format!("{ANIMATIONS}/m/{verb}"), body).await;
        assert_eq!(answer.status, 200, "{verb}: {}", answer.json());
        let is = answer.json();
        assert!(is.get("verbs").is_none(), "{is}");
        assert_eq!(
            studio.get(&format!("{ANIMATIONS}/m")).await.json(),
            is,
            "what is answered is what is read afterwards"
        );
        let playback = &is["playback"];
        assert_eq!(playback["at_ms"], answer.number("show-time-ms"), "{verb}");
        playback.clone()
    };
    let paused = told("pause", Value::Null).await;
    let at = |playback: &Value, name: &str| playback[name].as_f64().unwrap();
    assert!((at(&paused, "local_ms") - (at(&paused, "at_ms") - start_ms)).abs() < 1e-6);
    assert_eq!(paused["paused"], true);
    let sought = told("seek", json!({ "local_ms": 30_000 })).await;
    assert_eq!(
        (&sought["local_ms"], &sought["paused"]),
        (&json!(30_000), &json!(true))
    );
    let resolved = studio.get("/api/v1/layers/a?resolved=true").await.json();
    assert_eq!(resolved["opacity"], 0.25);
    let resumed = told("resume", json!({ "rate": 2 })).await;
    assert_eq!(
        [&resumed["local_ms"], &resumed["rate"], &resumed["paused"]],
        [&json!(30_000), &json!(2), &json!(false)]
    );
    let turned = told("reverse", Value::Null).await;
    let ran_ms = 2.0 * (at(&turned, "at_ms") - at(&resumed, "at_ms"));
    assert!((at(&turned, "local_ms") - 30_000.0 - ran_ms).abs() < 1e-6);
    assert_eq!(turned["rate"], -2);
    let finished = told("finish", Value::Null).await;
    assert_eq!(finished["local_ms"], 0);
    // One that is over begins anew; turned round, from its end.
    assert_eq!(told("resume", Value::Null).await["local_ms"], 60_000);
    // What one does can be undone.
    let undone = studio.post("/api/v1/undo", json!({})).await;
    assert_eq!(undone.status, 200, "{}", undone.json());
    assert_eq!(
        studio.get(&format!("{ANIMATIONS}/m")).await.json()["playback"],
        finished
    );
    studio.close();
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_why() {
    let studio = with_a_layer().await;
    let mut endless = fade("m", 500.0);
    endless["timing"]["iterations"] = json!("infinite");
    assert_eq!(studio.post(ANIMATIONS, endless).await.status, 201);
    for (verb, body, status) in [
        ("finish", Value::Null, 422),
        ("resume", json!({ "rate": 1e9 }), 422),
        ("resume", json!({ "speed": 1 }), 422),
        ("seek", json!({}), 422),
        ("seek", json!({ "local_ms": "now" }), 422),
        ("pause", json!({ "now": true }), 400),
        ("seek", json!({ "local_ms": 1e300 }), 422),
    ] {
        let answer = studio.post(&format!("{ANIMATIONS}/m/{verb}"), body).await;
        assert_eq!(answer.status, status, "{verb}: {}", answer.json());
    }
    let nobody = studio
        .post(&format!("{ANIMATIONS}/x/pause"), Value::Null)
        .await;
    assert_eq!(nobody.problem(), (404, "animation-not-found".to_owned()));
    studio.close();
}

#[tokio::test]
async fn the_end_is_told_with_its_frame_and_leaves_nothing_behind() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let first_at = |start: &Value, after_ms: f64| {
        let end = ShowTime::from_ms(start["start"]["at_ms"].as_f64().unwrap() + after_ms);
        media::Framerate::new(super::studio::FPS, 1)
            .unwrap()
            .first_frame_at(end)
    };
    let stays = studio.post(ANIMATIONS, fade("stays", 200.0)).await.json();
    let mut goes = fade("goes", 300.0);
    goes["when_over"] = json!("remove");
    let goes = studio.post(ANIMATIONS, goes).await.json();
    let heard = ear.hear("animation.finished").await;
    assert_eq!(heard["data"], json!({ "id": "stays" }));
    assert_eq!(heard["frame"], first_at(&stays, 200.0));
    let heard = ear.hear("animation.finished").await;
    assert_eq!(heard["data"], json!({ "id": "goes" }));
    assert_eq!(heard["frame"], first_at(&goes, 300.0));
    let all = studio.get(ANIMATIONS).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "{all}");
    // What it held is the layer's own now.
    assert_eq!(studio.get("/api/v1/layers/a").await.json()["opacity"], 0.5);
    // It was nobody's doing, and nobody can undo it.
    let undone = studio.post("/api/v1/undo", json!({ "scope": "all" })).await;
    assert_eq!(undone.status, 409, "{}", undone.json());
    studio.close();
}

#[tokio::test]
async fn who_comes_to_a_property_that_moves_stacks_takes_it_waits_or_is_refused() {
    let studio = with_a_layer().await;
    let come = async |id: &str, on_conflict: &str| {
        let mut body = fade(id, 60_000.0);
        body["on_conflict"] = json!(on_conflict);
        studio.post(ANIMATIONS, body).await
    };
    let first = come("first", "reject").await.json();
    assert_eq!(come("second", "reject").await.problem().0, 409);
    assert_eq!(come("above", "stack").await.status, 201);
    let third = come("third", "queue").await.json();
    let above = studio.get(&format!("{ANIMATIONS}/above")).await.json();
    assert!(first["start"]["at_ms"].as_f64() <= above["start"]["at_ms"].as_f64());
    let at = |one: &Value| one["start"]["at_ms"].as_f64().unwrap();
    assert!((at(&third) - at(&above) - 60_000.0).abs() < 1e-6, "{third}");
    let both = json!({ "id": "both", "target": "layers/a", "timing": { "duration_ms": 60_000 },
        "keyframes": [{ "transform.x_px": 0, "transform.y_px": 0 }, { "transform.x_px": 10, "transform.y_px": 10 }] });
    assert_eq!(studio.post(ANIMATIONS, both).await.status, 201);
    assert_eq!(come("last", "replace").await.status, 201);
    let across = json!({ "id": "across", "target": "layers/a", "on_conflict": "replace",
        "timing": { "duration_ms": 60_000 }, "keyframes": [{ "transform.x_px": 5 }] });
    assert_eq!(studio.post(ANIMATIONS, across).await.status, 201);
    let all = studio.get(ANIMATIONS).await.json();
    let ids: Vec<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    assert_eq!(ids, ["both", "last", "across"]);
    assert_eq!(
        all["items"][0]["keyframes"][1]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        ["easing", "transform.y_px"],
        "what it moves besides goes on"
    );
    studio.close();
}

#[tokio::test]
async fn one_begins_when_another_is_over_or_with_a_beat() {
    let studio = with_a_layer().await;
    let first = studio.post(ANIMATIONS, fade("first", 1000.0)).await.json();
    let mut after = fade("after", 100.0);
    after["start"] = json!({ "after": "first", "offset_ms": 250 });
    let after = studio.post(ANIMATIONS, after).await.json();
    let at = |one: &Value| one["start"]["at_ms"].as_f64().unwrap();
    assert!((at(&after) - at(&first) - 1250.0).abs() < 1e-6, "{after}");
    let mut beat = fade("beat", 100.0);
    beat["start"] = json!({ "beat": { "bpm": 120, "offset_ms": 40 } });
    let beat = studio.post(ANIMATIONS, beat).await.json();
    assert!(((at(&beat) - 40.0) % 500.0).abs() < 1e-6, "{beat}");
    let mut itself = fade("itself", 100.0);
    itself["start"] = json!({ "after": "itself" });
    assert_eq!(
        studio.post(ANIMATIONS, itself).await.pointers(),
        ["/start/after"]
    );
    studio.close();
}
