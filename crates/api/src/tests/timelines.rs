//! Timelines one by one.

use super::studio::Studio;
use axum::http::Method;
use media::ShowTime;
use serde_json::{Value, json};

const TIMELINES: &str = "/api/v1/timelines";

async fn with_layers() -> Studio {
    let studio = Studio::open();
    for name in ["a", "b", "came"] {
        studio.group(name).await;
    }
    studio
}

fn fade(target: &str, duration_ms: f64) -> Value {
    json!({ "animation": { "target": format!("layers/{target}"), "timing": { "duration_ms": duration_ms },
        "keyframes": [{ "opacity": 0 }, { "opacity": 0.5 }] } })
}

/// What is done at a frame counts from its show time, and what is answered is what is read afterwards.
#[tokio::test]
async fn a_timeline_is_held_sought_turned_and_let_go() {
    let studio = with_layers().await;
    let body = json!({ "id": "t", "entries": [ fade("a", 60_000.0), { "label": "bid", "position": 30_000 } ] });
    let started = studio.post(TIMELINES, body).await;
    assert_eq!(started.status, 201, "{}", started.json());
    assert_eq!(started.header("location"), "/api/v1/timelines/t");
    let start_ms = started.number("show-time-ms");
    let is = started.json();
    assert_eq!(is["start"]["at_ms"], start_ms);
    assert_eq!(
        is["layout"],
        json!({ "duration_ms": 60_000, "labels": { "bid": 30_000 } })
    );
    assert_eq!(
        (&is["when_over"], &is["timing"]["fill"]),
        (&json!("remove"), &json!("forwards"))
    );
    let told = async |verb: &str, body: Value| {
        let answer = studio.post(&format!("{TIMELINES}/t/{verb}"), body).await;
        assert_eq!(answer.status, 200, "{verb}: {}", answer.json());
        let is = answer.json();
        assert_eq!(studio.get(&format!("{TIMELINES}/t")).await.json(), is);
        assert_eq!(
            is["playback"]["at_ms"],
            answer.number("show-time-ms"),
            "{verb}"
        );
        is["playback"].clone()
    };
    let paused = told("pause", Value::Null).await;
    let at = |playback: &Value, name: &str| playback[name].as_f64().unwrap();
    assert!((at(&paused, "local_ms") - (at(&paused, "at_ms") - start_ms)).abs() < 1e-6);
    let sought = told("seek", json!({ "label": "bid" })).await;
    assert_eq!(
        (&sought["local_ms"], &sought["paused"]),
        (&json!(30_000), &json!(true))
    );
    let resolved = studio.get("/api/v1/layers/a?resolved=true").await.json();
    assert_eq!(resolved["opacity"], 0.25);
    let resumed = told("resume", json!({ "rate": 2 })).await;
    assert_eq!(resumed["rate"], 2);
    let turned = told("reverse", Value::Null).await;
    assert_eq!(turned["rate"], -2);
    assert_eq!(
        told("seek", json!({ "local_ms": 59_000 })).await["local_ms"],
        59_000
    );
    let undone = studio.post("/api/v1/undo", json!({})).await;
    assert_eq!(undone.status, 200, "{}", undone.json());
    assert_eq!(
        studio.get(&format!("{TIMELINES}/t")).await.json()["playback"],
        turned
    );
    let all = studio.get(TIMELINES).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert_eq!(all["items"][0]["layout"]["duration_ms"], 60_000);
    studio.close();
}

#[tokio::test]
async fn the_end_is_told_and_leaves_what_was_held() {
    let studio = with_layers().await;
    let mut ear = studio.events();
    let body =
        json!({ "id": "t", "removes": ["came"], "entries": [fade("a", 200.0), fade("b", 100.0)] });
    let is = studio.post(TIMELINES, body).await.json();
    let heard = ear.hear("timeline.created").await;
    assert_eq!(heard["data"]["timeline"], is);
    let heard = ear.hear("timeline.finished").await;
    let end = ShowTime::from_ms(is["start"]["at_ms"].as_f64().unwrap() + 300.0);
    let fps = media::Framerate::new(super::studio::FPS, 1).unwrap();
    assert_eq!(heard["frame"], fps.first_frame_at(end));
    assert_eq!(heard["data"], json!({ "id": "t" }));
    let scene = studio.get("/api/v1/scene").await.json();
    assert_eq!(scene["timelines"], json!([]));
    let left = |scene: &Value| {
        let layers = scene["layers"].as_array().unwrap().iter();
        layers
            .map(|layer| {
                (
                    layer["id"].as_str().unwrap().to_owned(),
                    layer["opacity"].as_f64().unwrap(),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(left(&scene), [("a".to_owned(), 0.5), ("b".to_owned(), 0.5)]);
    studio.close();
}

/// One that goes before its end leaves nothing but what the layers say, and is undone like any change.
#[tokio::test]
async fn one_that_is_cancelled_leaves_nothing() {
    let studio = with_layers().await;
    let body = json!({ "id": "t", "removes": ["came"], "entries": [fade("a", 60_000.0)] });
    assert_eq!(studio.post(TIMELINES, body).await.status, 201);
    let mut ear = studio.events();
    let gone = studio.delete(&format!("{TIMELINES}/t")).await;
    assert_eq!((gone.status, &gone.json()["id"]), (200, &json!("t")));
    ear.hear("timeline.canceled").await;
    let layers = studio.get("/api/v1/layers").await.json();
    assert_eq!(layers["items"].as_array().unwrap().len(), 2);
    assert_eq!(layers["items"][0]["opacity"], 1);
    let undone = studio.post("/api/v1/undo", json!({})).await;
    assert_eq!(undone.status, 200, "{}", undone.json());
    assert_eq!(
        studio.get(&format!("{TIMELINES}/t")).await.json()["removes"],
        json!(["came"])
    );
    studio.close();
}

/// The playhead stands at a point to pause at, and the timeline is not over before it was resumed there.
#[tokio::test]
async fn a_point_to_pause_at_waits_for_its_resumption() {
    let studio = with_layers().await;
    let mut ear = studio.events();
    let body =
        json!({ "id": "t", "entries": [fade("a", 60.0), { "pause": true, "position": 20 }] });
    assert_eq!(studio.post(TIMELINES, body).await.status, 201);
    let short = json!({ "id": "u", "entries": [fade("b", 200.0)] });
    assert_eq!(studio.post(TIMELINES, short).await.status, 201);
    assert_eq!(ear.hear("timeline.finished").await["data"]["id"], "u");
    let resumed = studio
        .post(&format!("{TIMELINES}/t/resume"), json!({}))
        .await
        .json();
    assert_eq!(resumed["playback"]["local_ms"], 20);
    assert_eq!(ear.hear("timeline.finished").await["data"]["id"], "t");
    studio.close();
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_why() {
    let studio = with_layers().await;
    let mut endless = json!({ "id": "t", "entries": [fade("a", 500.0)] });
    endless["entries"][0]["animation"]["timing"]["iterations"] = json!("infinite");
    assert_eq!(studio.post(TIMELINES, endless.clone()).await.status, 201);
    for (verb, body, status) in [
        ("finish", Value::Null, 422),
        ("seek", json!({}), 422),
        ("seek", json!({ "label": "nowhere" }), 422),
        ("seek", json!({ "label": "a", "local_ms": 5 }), 422),
        ("pause", json!({ "now": true }), 400),
    ] {
        let answer = studio.post(&format!("{TIMELINES}/t/{verb}"), body).await;
        assert_eq!(answer.status, status, "{verb}: {}", answer.json());
    }
    let nobody = studio
        .post(&format!("{TIMELINES}/x/pause"), Value::Null)
        .await;
    assert_eq!(nobody.problem(), (404, "timeline-not-found".to_owned()));
    assert_eq!(
        studio.post(TIMELINES, endless.clone()).await.pointers(),
        ["/id"]
    );
    let same = json!({ "id": "t", "target": "layers/a", "keyframes": [{ "opacity": 0 }] });
    let same = studio.post("/api/v1/animations", same).await;
    assert_eq!(same.pointers(), ["/id"]);
    endless["id"] = json!("u");
    endless["timing"] = json!({ "iterations": 2 });
    endless["entries"][0]["position"] = json!("lot+=5");
    assert_eq!(
        studio.post(TIMELINES, endless).await.pointers(),
        ["/entries/0/position", "/timing/iterations"]
    );
    let mut deep = fade("a", 1.0);
    for _ in 0..16 {
        deep = json!({ "timeline": { "entries": [deep] } });
    }
    let deep = studio.post(TIMELINES, json!({ "entries": [deep] })).await;
    assert_eq!(deep.status, 422, "{}", deep.json());
    let hostile = format!(
        "{}{}",
        r#"{"entries":[{"timeline":"#.repeat(10_000),
        r"}]}".repeat(10_000)
    );
    let hostile = studio.ask(Method::POST, TIMELINES, hostile).await;
    assert_eq!(hostile.status, 400);
    studio.close();
}

/// Layers and the timeline that moves them come on one frame or not at all.
#[tokio::test]
async fn a_batch_may_start_one() {
    let studio = with_layers().await;
    let batch = |target: &str| {
        json!({ "commands": [
            { "method": "layer.create", "params": { "id": "new", "kind": "group" } },
            { "method": "timeline.start", "params": { "id": "t", "entries": [fade(target, 60_000.0)] } },
            { "method": "timeline.pause", "params": { "id": "t" } },
        ] })
    };
    let refused = studio.post("/api/v1/batch", batch("nobody")).await;
    assert_eq!(refused.status, 422, "{}", refused.json());
    assert_eq!(studio.get("/api/v1/layers/new").await.status, 404);
    let done = studio.post("/api/v1/batch", batch("new")).await;
    assert_eq!(done.status, 200, "{}", done.json());
    assert_eq!(
        studio.get(&format!("{TIMELINES}/t")).await.json()["playback"]["local_ms"],
        0
    );
    studio.close();
}

fn lower_third() -> Value {
    json!({
        "parameters": {
            "name": { "type": "text" },
            "opacity": { "type": "number", "default": 0.5, "minimum": 0, "maximum": 1 },
            "hold_ms": { "type": "number", "default": 60_000 },
        },
        "layers": [{ "id": "{id}-name", "kind": "group", "name": "{name}", "opacity": "{opacity}" }],
        "timeline": { "entries": [
            { "animation": { "target": "layers/{id}-name", "timing": { "duration_ms": "{hold_ms}" }, "keyframes": [{ "transform.x_px": 5 }] } },
        ] },
    })
}

const TEMPLATES: &str = "/api/v1/templates";

/// Kept once, started many times over; each brings its layers and takes them with it.
#[tokio::test]
async fn a_template_is_kept_started_and_forgotten() {
    let studio = Studio::open();
    let at = format!("{TEMPLATES}/lower_third");
    let kept = studio.put(&at, lower_third()).await;
    assert_eq!(kept.status, 201, "{}", kept.json());
    assert_eq!(studio.get(&at).await.json(), kept.json());
    assert_eq!(studio.put(&at, lower_third()).await.status, 200);
    let mut ear = studio.events();
    for (name, hold_ms) in [("Ana", 60_000.0), ("Bob", 100.0)] {
        let body = json!({ "template": "lower_third", "parameters": { "name": name, "hold_ms": hold_ms } });
        let started = studio.post(TIMELINES, body).await;
        assert_eq!(started.status, 201, "{}", started.json());
    }
    assert_eq!(
        ear.hear("timeline.finished").await["data"]["id"],
        "lower_third-2"
    );
    let scene = studio.scene().await;
    assert_eq!(scene["layers"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&scene["layers"][0]["id"], &scene["layers"][0]["name"]),
        (&json!("lower_third-1-name"), &json!("Ana"))
    );
    assert_eq!(studio.delete(&at).await.json(), kept.json());
    assert_eq!(
        studio.get(&at).await.problem(),
        (404, "template-not-found".to_owned())
    );
    // What was started goes on, and what was forgotten can be brought back.
    assert_eq!(
        studio
            .get(&format!("{TIMELINES}/lower_third-1"))
            .await
            .status,
        200
    );
    assert_eq!(studio.post("/api/v1/undo", json!({})).await.status, 200);
    assert_eq!(studio.get(&at).await.json(), kept.json());
    // A preset of the whole scene neither holds templates nor takes them away.
    assert_eq!(
        studio.put("/api/v1/presets/now", json!({})).await.status,
        201
    );
    assert_eq!(studio.delete(&at).await.status, 200);
    let taken = studio.post("/api/v1/presets/now/take", json!({})).await;
    assert_eq!(taken.json()["templates"], json!([]), "{}", taken.json());
    studio.close();
}

/// All or nothing, with what is wrong by its place.
#[tokio::test]
async fn a_template_that_cannot_be_started_changes_nothing() {
    let studio = Studio::open();
    let at = format!("{TEMPLATES}/lower_third");
    let mut faulty = lower_third();
    faulty["layers"][0]["opacity"] = json!("{hold_ms}");
    faulty["layers"][0]["name"] = json!("{nobody}");
    assert_eq!(studio.put(&at, faulty).await.pointers(), ["/layers/0/name"]);
    assert_eq!(studio.put(&at, lower_third()).await.status, 201);
    let before = studio.scene().await;
    for (parameters, expected) in [
        (json!({}), &["/parameters/name"][..]),
        (
            json!({ "name": "Ana", "opacity": 2, "size": 1 }),
            &["/parameters/opacity", "/parameters/size"],
        ),
        (
            json!({ "name": "Ana", "hold_ms": -1 }),
            &["/parameters/hold_ms"],
        ),
    ] {
        let body = json!({ "template": "lower_third", "parameters": parameters });
        let refused = studio.post(TIMELINES, body).await;
        assert_eq!(refused.pointers(), *expected, "{}", refused.json());
    }
    let nobody = json!({ "template": "upper_third" });
    assert_eq!(
        studio.post(TIMELINES, nobody).await.pointers(),
        ["/template"]
    );
    assert_eq!(studio.scene().await, before);
    studio.close();
}
