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
    // That belongs to what started it, and is taken back with it.
    let undone = studio.post("/api/v1/undo", json!({ "scope": "all" })).await;
    assert_eq!(undone.status, 200, "{}", undone.json());
    let scene = undone.json();
    assert_eq!(scene["layers"][0]["opacity"], 1);
    assert_eq!(scene["animations"][0]["id"], "stays");
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

/// A start that can never be is refused by its field, wherever somebody asks for it.
#[tokio::test]
async fn who_would_wait_for_ever_is_told_so() {
    let studio = with_a_layer().await;
    let follows = |id: &str, other: &str| {
        let mut one = fade(id, 100.0);
        one["start"] = json!({ "after": other });
        one
    };
    let nobody = studio.post(ANIMATIONS, follows("x", "nobody")).await;
    assert_eq!(nobody.status, 422);
    assert_eq!(nobody.pointers(), ["/start/after"]);
    let timeline = json!({ "start": { "after": "nobody" }, "entries": [] });
    let nobody = studio.post("/api/v1/timelines", timeline).await;
    assert_eq!(
        (nobody.status, nobody.pointers()),
        (422, vec!["/start/after".to_owned()])
    );
    let mut endless = fade("endless", 1000.0);
    endless["timing"]["iterations"] = json!("infinite");
    assert_eq!(studio.post(ANIMATIONS, endless).await.status, 201);
    let never = studio.post(ANIMATIONS, follows("x", "endless")).await;
    assert_eq!(never.status, 422);
    let said = never.json()["errors"][0]["detail"].to_string();
    assert!(said.contains("`endless` never ends"), "{said}");
    let plate = json!({ "layers": [], "timeline": { "entries": [] } });
    assert_eq!(
        studio.put("/api/v1/templates/plate", plate).await.status,
        201
    );
    let plate = json!({ "template": "plate", "start": { "after": "nobody" } });
    let nobody = studio.post("/api/v1/timelines", plate).await;
    assert_eq!(
        (nobody.status, nobody.pointers()),
        (422, vec!["/start/after".to_owned()])
    );
    // In a whole scene, and in a preset.
    let mut scene = studio.scene().await;
    scene["animations"] = json!([
        follows("k1", "k2"),
        follows("k2", "k1"),
        follows("k3", "nobody")
    ]);
    let starts = ["/animations/0/start/after", "/animations/2/start/after"];
    let refused = studio.put("/api/v1/scene", scene.clone()).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, starts.map(str::to_owned).to_vec())
    );
    let preset = studio
        .put("/api/v1/presets/p", json!({ "scene": scene }))
        .await;
    assert_eq!(preset.status, 422);
    assert_eq!(preset.pointers(), starts.map(|at| format!("/scene{at}")));
    studio.close();
}

/// Far from now is a typing error, and the range is told.
#[tokio::test]
async fn a_start_in_a_hundred_years_is_refused() {
    let studio = with_a_layer().await;
    for at_ms in [1e308, 9e12, -9e12] {
        let mut far = fade("far", 100.0);
        far["start"] = json!({ "at_ms": at_ms });
        let far = studio.post(ANIMATIONS, far).await;
        assert_eq!(
            (far.status, far.pointers()),
            (422, vec!["/start/at_ms".to_owned()])
        );
        let said = far.json()["errors"][0]["detail"].to_string();
        assert!(
            said.contains("a year to either side of now") && said.len() < 120,
            "{said}"
        );
        let marker = json!({ "name": "m", "at_ms": at_ms });
        let marker = studio.post("/api/v1/markers", marker).await;
        assert_eq!(
            (marker.status, marker.pointers()),
            (422, vec!["/at_ms".to_owned()])
        );
    }
    studio.close();
}

/// What was answered can be put back: starts of a chain behind a marker are told as they are, by the answer and by events.
#[tokio::test]
async fn a_chain_behind_a_marker_is_told_as_it_is() {
    let studio = with_a_layer().await;
    let start = |id: &str, start: Value| {
        let mut one = fade(id, 60_000.0);
        one["start"] = start;
        one
    };
    let chain = json!([
        start("q1", json!({ "after": "q2", "offset_ms": 0 })),
        start("q2", json!({ "after": "q3", "offset_ms": 0 })),
        start("q3", json!({ "marker": "go" })),
    ]);
    let mut scene = studio.scene().await;
    scene["animations"] = chain.clone();
    scene["timelines"] =
        json!([{ "id": "t", "start": { "after": "q1", "offset_ms": 5 }, "entries": [] }]);
    let mut ear = studio.events();
    let put = studio.put("/api/v1/scene", scene).await;
    assert_eq!(put.status, 200, "{}", put.json());
    let answer = put.json();
    for (i, id) in ["q1", "q2", "q3"].into_iter().enumerate() {
        assert_eq!(answer["animations"][i]["start"], chain[i]["start"], "{id}");
        let event = ear.hear("animation.created").await;
        assert_eq!(
            event["data"]["animation"]["start"], chain[i]["start"],
            "{id}"
        );
    }
    let waits = json!({ "after": "q1", "offset_ms": 5 });
    assert_eq!(answer["timelines"][0]["start"], waits);
    assert_eq!(
        studio.put("/api/v1/scene", answer.clone()).await.status,
        200
    );
    assert_eq!(studio.scene().await["animations"], answer["animations"]);
    let done = studio
        .post(&format!("{ANIMATIONS}/q1/pause"), Value::Null)
        .await;
    assert_eq!(done.status, 422, "it has not begun");
    // Who waits for what is taken out begins at once.
    let gone = studio.delete(&format!("{ANIMATIONS}/q3")).await;
    let at = gone.number("show-time-ms");
    let all = studio.scene().await;
    assert_eq!(all["animations"][1]["start"]["at_ms"], at);
    assert_eq!(all["animations"][0]["start"]["at_ms"], at + 60_000.0);
    assert_eq!(all["timelines"][0]["start"]["at_ms"], at + 120_005.0);
    studio.close();
}

/// What comes after a paused one waits until somebody lets that run and it is over.
#[tokio::test]
async fn what_follows_the_paused_waits() {
    let studio = with_a_layer().await;
    assert_eq!(studio.post(ANIMATIONS, fade("a", 5000.0)).await.status, 201);
    studio
        .post(&format!("{ANIMATIONS}/a/pause"), Value::Null)
        .await;
    let mut after = fade("b", 100.0);
    after["start"] = json!({ "after": "a", "offset_ms": 10 });
    let b = studio.post(ANIMATIONS, after.clone()).await;
    assert_eq!((b.status, &b.json()["start"]), (201, &after["start"]));
    let resumed = studio
        .post(&format!("{ANIMATIONS}/a/resume"), Value::Null)
        .await;
    let left_ms = 5000.0 - resumed.json()["playback"]["local_ms"].as_f64().unwrap();
    let b = studio.get(&format!("{ANIMATIONS}/b")).await.json();
    let begins_ms = b["start"]["at_ms"].as_f64().unwrap();
    let wanted_ms = resumed.number("show-time-ms") + left_ms + 10.0;
    assert!(
        (begins_ms - wanted_ms).abs() < 1e-3,
        "{begins_ms} {wanted_ms}"
    );
    studio.close();
}

/// As many as there may be, all on one frame.
async fn full(studio: &Studio, one: &dyn Fn(usize) -> Value) {
    for part in 0..5 {
        let commands =
            (0..100).map(|n| json!({ "method": "animation.start", "params": one(100 * part + n) }));
        let batch = json!({ "commands": commands.collect::<Vec<_>>() });
        let done = studio.post("/api/v1/batch", batch).await;
        assert_eq!(done.status, 200, "{}", done.json());
    }
}

/// Each bid turns a badge, which stays turned: the next one has room, and so has a glide.
#[tokio::test]
async fn those_that_are_over_and_hidden_do_not_pile_up() {
    let studio = with_a_layer().await;
    let turn = |n: usize| {
        json!({ "id": format!("t{n}"), "target": "layers/a", "timing": { "duration_ms": 1, "fill": "forwards" },
        "keyframes": [{ "transform.rotation_deg": n }] })
    };
    full(&studio, &turn).await;
    // A frame after all of them are over.
    assert_eq!(studio.get("/api/v1/frame.png").await.status, 200);
    let mut ear = studio.events();
    let one_more = studio.post(ANIMATIONS, turn(500)).await;
    assert_eq!(one_more.status, 201, "{}", one_more.json());
    ear.hear("animation.finished").await;
    let glide = json!({ "opacity": 0.5, "transition": { "duration_ms": 50 } });
    let glides = studio.patch("/api/v1/layers/a", glide).await;
    assert_eq!(glides.status, 200, "{}", glides.json());
    let all = studio.get(ANIMATIONS).await.json();
    let ids = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap());
    let ids: Vec<&str> = ids.collect();
    assert_eq!((ids.len(), ids[0], ids[498]), (500, "t2", "t500"));
    let shown = studio.get("/api/v1/layers/a?resolved=true").await.json();
    assert_eq!(shown["transform"]["rotation_deg"], 500);
    studio.close();
}

#[tokio::test]
async fn where_all_are_seen_it_is_said_what_makes_room() {
    let studio = with_a_layer().await;
    full(&studio, &|n| {
        let mut one = fade(&format!("f{n}"), 1.0);
        one["composite"] = json!("add");
        one
    })
    .await;
    assert_eq!(studio.get("/api/v1/frame.png").await.status, 200);
    let refused = studio.post(ANIMATIONS, fade("m", 1.0)).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/animations".to_owned()])
    );
    let said = refused.json().to_string();
    assert!(
        said.contains("500 of them are over") && said.contains("`f0`"),
        "{said}"
    );
    let glide = json!({ "opacity": 0.5, "transition": { "duration_ms": 50 } });
    let refused = studio.patch("/api/v1/layers/a", glide).await;
    assert_eq!(
        (refused.status, refused.pointers()),
        (422, vec!["/transition".to_owned()])
    );
    studio.close();
}
