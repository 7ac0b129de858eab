//! Markers, groups, and what waits for them.

use super::ports::Journal;
use super::socket::Rpc;
use super::studio::Studio;
use crate::*;
use media::ShowTime;
use serde_json::{Value, json};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
const ANIMATIONS: &str = "/api/v1/animations";

async fn with_a_layer() -> Studio {
    let studio = Studio::open();
    studio.group("a").await;
    studio
}

fn waits(id: &str, start: impl Into<Value>) -> Value {
    let start = start.into();
    json!({ "id": id, "target": "layers/a", "start": start, "timing": { "duration_ms": 60_000 },
        "keyframes": [{ "opacity": 0 }] })
}

#[tokio::test]
async fn a_marker_wakes_all_who_wait_for_it_on_one_frame() {
    let studio = with_a_layer().await;
    let mut rpc = Rpc::open(&studio).await;
    let early = studio
        .post("/api/v1/markers", json!({ "name": "lot-sold" }))
        .await;
    assert_eq!(early.status, 200, "{}", early.json());
    assert_eq!(early.json()["woken"], json!([]));
    for id in ["m", "n"] {
        let answer = studio
            .post(ANIMATIONS, waits(id, json!({ "marker": "lot-sold" })))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        assert_eq!(answer.json()["start"], json!({ "marker": "lot-sold" }));
    }
    let other = waits("other", json!({ "marker": "word:gone" }));
    assert_eq!(studio.post(ANIMATIONS, other).await.status, 201);
    // The marker of before wakes nobody, and what waits shows nothing.
    let shown = studio.get("/api/v1/layers/a?resolved=true").await.json();
    assert_eq!(shown["opacity"], 1);
    let paused = studio
        .post(&format!("{ANIMATIONS}/m/pause"), Value::Null)
        .await;
    assert_eq!(paused.status, 422, "{}", paused.json());
    let mut ear = studio.events();
    let set = rpc
        .call("marker.set", json!({ "name": "lot-sold" }))
        .await
        .unwrap();
    assert_eq!(set["value"]["woken"], json!(["m", "n"]));
    assert_eq!(set["value"]["at_ms"], set["show_time_ms"]);
    assert_eq!(ear.hear("marker.set").await["data"], set["value"]);
    for id in ["m", "n"] {
        let started = ear.hear("animation.started").await;
        assert_eq!(
            (&started["data"]["id"], &started["frame"]),
            (&json!(id), &set["frame"])
        );
        let is = studio.get(&format!("{ANIMATIONS}/{id}")).await.json();
        assert_eq!(is["start"]["at_ms"], set["show_time_ms"]);
    }
    assert_eq!(
        studio.get(&format!("{ANIMATIONS}/other")).await.json()["start"],
        json!({ "marker": "word:gone" })
    );
    let exact = studio
        .post(
            "/api/v1/markers",
            json!({ "name": "word:gone", "at_ms": 12.5 }),
        )
        .await;
    assert_eq!(exact.json()["at_ms"], 12.5);
    assert_eq!(
        studio.get(&format!("{ANIMATIONS}/other")).await.json()["start"]["at_ms"],
        12.5
    );
    let all = studio.get("/api/v1/markers").await.json();
    let names: Vec<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, ["word:gone", "lot-sold", "lot-sold"]);
    for body in [
        json!({}),
        json!({ "name": "two words" }),
        json!({ "name": "a", "at": 5 }),
    ] {
        assert_eq!(studio.post("/api/v1/markers", body).await.status, 422);
    }
    studio.close();
}

#[tokio::test]
async fn who_has_waited_long_enough_begins_or_goes() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let mut made = Vec::new();
    for (id, then) in [("begins", "start"), ("goes", "cancel")] {
        let start = json!({ "marker": "never", "timeout_ms": 200, "on_timeout": then });
        let answer = studio.post(ANIMATIONS, waits(id, start)).await;
        let until_ms = answer.number("show-time-ms") + 200.0;
        assert!((answer.json()["start"]["until_ms"].as_f64().unwrap() - until_ms).abs() < 1e-6);
        made.push(until_ms);
    }
    for (id, then) in [("begins", "start"), ("goes", "cancel")] {
        let event = ear
            .hear_where("animation.timed_out", |data| data["id"] == id)
            .await;
        assert_eq!(event["data"]["on_timeout"], then);
    }
    let begins = studio.get(&format!("{ANIMATIONS}/begins")).await.json();
    assert!((begins["start"]["at_ms"].as_f64().unwrap() - made[0]).abs() < 1e-6);
    assert_eq!(studio.get(&format!("{ANIMATIONS}/goes")).await.status, 404);
    studio.close();
}

#[tokio::test]
async fn a_group_begins_together_when_all_are_there() {
    let studio = with_a_layer().await;
    let member = |id: &str, start: Value| {
        let mut one = waits(id, start);
        one["group"] = json!({ "id": "intro", "size": 3 });
        one
    };
    let far_ms = 3_600_000;
    for (id, start) in [("m", json!("now")), ("n", json!({ "at_ms": far_ms }))] {
        assert_eq!(studio.post(ANIMATIONS, member(id, start)).await.status, 201);
    }
    assert_eq!(
        studio.get(&format!("{ANIMATIONS}/m")).await.json()["start"],
        "now"
    );
    let mut ear = studio.events();
    let last = studio.post(ANIMATIONS, member("o", json!("now"))).await;
    assert_eq!(last.status, 201, "{}", last.json());
    ear.hear_where("animation.updated", |data| data["id"] == "o")
        .await;
    for id in ["m", "n", "o"] {
        let is = studio.get(&format!("{ANIMATIONS}/{id}")).await.json();
        assert_eq!(
            (&is["start"]["at_ms"], is.get("group")),
            (&json!(far_ms), None)
        );
    }
    // Without a time to wait for, with the frame that shows that they are there.
    let commands: Vec<Value> = ["p", "q"]
        .iter()
        .map(|id| {
            let mut one = waits(id, json!("now"));
            one["group"] = json!({ "id": "outro" });
            json!({ "method": "animation.start", "params": one })
        })
        .collect();
    assert_eq!(
        studio
            .post("/api/v1/batch", json!({ "commands": commands }))
            .await
            .status,
        200
    );
    let frames = [
        ear.hear("animation.started").await,
        ear.hear("animation.started").await,
    ];
    assert_eq!(frames[0]["frame"], frames[1]["frame"]);
    studio.close();
}

#[tokio::test]
async fn a_group_that_is_not_complete_begins_or_goes_in_the_end() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    for (group, id, then) in [
        ("x", "m", "start"),
        ("x", "n", "start"),
        ("y", "o", "cancel"),
    ] {
        let mut one = waits(id, json!("now"));
        one["group"] = json!({ "id": group, "size": 3, "timeout_ms": 150, "on_timeout": then });
        assert_eq!(studio.post(ANIMATIONS, one).await.status, 201);
    }
    let frames = [
        ear.hear("animation.started").await,
        ear.hear("animation.started").await,
    ];
    assert_eq!(frames[0]["frame"], frames[1]["frame"]);
    ear.hear_where("animation.canceled", |data| data["id"] == "o")
        .await;
    studio.close();
}

/// Three groups on pictures that take their time to be read: one waits for its own as long as it takes, one has waited long
/// enough and begins without, one goes. What takes effect does so as a whole, on one frame.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_waits_for_a_late_picture_and_begins_as_a_whole() {
    let studio = with_a_layer().await;
    let svg = |width: u32| {
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="4"/>"#)
    };
    studio.assets.shut(true);
    for (layer, width) in [("patient", 4), ("hasty", 5), ("fickle", 6)] {
        let asset = studio.assets.keep(svg(width).as_bytes());
        let source = json!({ "type": "svg", "asset": asset });
        let body = json!({ "id": layer, "kind": "overlay", "source": source,
            "transform": { "width_px": 8, "height_px": 8 } });
        let answer = studio.post("/api/v1/layers", body).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
    }
    let mut ear = studio.events();
    let mut others = studio.events();
    for (group, then) in [
        ("patient", None),
        ("hasty", Some("start")),
        ("fickle", Some("cancel")),
    ] {
        let members = ["1", "2"].map(|nth| {
            let mut one = waits(&format!("{group}-{nth}"), "now");
            // The second one moves a layer that shows nothing.
            let target = if nth == "1" { group } else { "a" };
            one["target"] = json!(format!("layers/{target}"));
            one["group"] = json!({ "id": group, "size": 2 });
            if let Some(then) = then {
                one["group"]["timeout_ms"] = json!(300);
                one["group"]["on_timeout"] = json!(then);
            }
            json!({ "method": "animation.start", "params": one })
        });
        let body = json!({ "commands": members });
        let answer = studio.post("/api/v1/batch", body).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
    let hasty = ear
        .hear_where("animation.timed_out", |data| data["id"] == "hasty-1")
        .await;
    assert_eq!(hasty["data"]["on_timeout"], "start");
    let begun = [
        ear.hear("animation.started").await,
        ear.hear("animation.started").await,
    ];
    assert_eq!(begun[0]["frame"], begun[1]["frame"]);
    for (event, id) in begun.iter().zip(["hasty-1", "hasty-2"]) {
        assert_eq!(event["data"]["id"], id);
    }
    for id in ["fickle-1", "fickle-2"] {
        let gone = others.hear("animation.canceled").await;
        assert_eq!(gone["data"]["id"], id);
        let answer = studio.get(&format!("{ANIMATIONS}/{id}")).await;
        assert_eq!(answer.status, 404);
    }
    let fickle = others
        .hear_where("animation.timed_out", |data| data["id"] == "fickle-1")
        .await;
    assert_eq!(fickle["data"]["on_timeout"], "cancel");
    let waiting = studio.get(&format!("{ANIMATIONS}/patient-2")).await.json();
    assert_eq!(waiting["start"], "now", "{waiting}");
    // Ten frames later it waits still.
    let tick = studio.post(ANIMATIONS, waits("tick", "now")).await;
    let at_ms = tick.number("show-time-ms") + 333.0;
    let clock = waits("clock", json!({ "at_ms": at_ms }));
    assert_eq!(studio.post(ANIMATIONS, clock).await.status, 201);
    for id in ["tick", "clock"] {
        assert_eq!(ear.hear("animation.started").await["data"]["id"], id);
    }
    studio.assets.shut(false);
    let begun = [
        ear.hear("animation.started").await,
        ear.hear("animation.started").await,
    ];
    let mut starts = Vec::new();
    for (event, id) in begun.iter().zip(["patient-1", "patient-2"]) {
        assert_eq!(
            (&event["data"]["id"], &event["frame"]),
            (&json!(id), &begun[0]["frame"])
        );
        let is = studio.get(&format!("{ANIMATIONS}/{id}")).await.json();
        starts.push(is["start"]["at_ms"].as_f64().unwrap());
    }
    assert!(starts[0] > at_ms && starts[0].to_bits() == starts[1].to_bits());
    studio.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_goes_on_waiting_after_a_restart_and_policies_are_kept() {
    let journal = Arc::<Journal>::default();
    let first = Studio::remembering(&journal);
    first.group("a").await;
    first
        .post(
            ANIMATIONS,
            waits("m", json!({ "marker": "go", "timeout_ms": 80_000_000 })),
        )
        .await;
    let mut made = Vec::new();
    for (id, resume) in [("goes", "continue"), ("anew", "restart"), ("gone", "drop")] {
        let mut one = waits(id, json!("now"));
        one["timing"]["iterations"] = json!("infinite");
        one["resume_policy"] = json!(resume);
        made.push(first.post(ANIMATIONS, one).await.json());
    }
    let over = json!({ "id": "over", "target": "layers/a", "when_over": "remove", "start": { "at_ms": -500 },
        "timing": { "duration_ms": 100, "fill": "forwards" }, "keyframes": [{ "transform.x_px": 77 }] });
    first.post(ANIMATIONS, over).await;
    first
        .post(
            "/api/v1/markers?durability=sync",
            json!({ "name": "before" }),
        )
        .await;
    let waiting = first.get(&format!("{ANIMATIONS}/m")).await.json();
    first.close();
    let second = Studio::remembering(&journal);
    // What animations ask for at a restart, and what was over meanwhile, is done with the first frames.
    let began = ShowTime::from_ms(made[1]["start"]["at_ms"].as_f64().unwrap());
    testkit::poll_until(PATIENCE, "the show that goes on", || {
        let accepted = second.api.0.control.accepted();
        let all = &accepted.scene.animations;
        let find = |id: &str| all.iter().find(|one| one.id.as_str() == id);
        let anew = matches!(find("anew")?.start, scene::Start::At(at) if at > began);
        (anew && find("over").is_none()).then_some(())
    });
    assert_eq!(second.get(&format!("{ANIMATIONS}/m")).await.json(), waiting);
    assert_eq!(
        second.get(&format!("{ANIMATIONS}/goes")).await.json(),
        made[0]
    );
    let anew = second.get(&format!("{ANIMATIONS}/anew")).await.json();
    assert!(anew["start"]["at_ms"].as_f64() > made[1]["start"]["at_ms"].as_f64());
    assert_eq!(second.get(&format!("{ANIMATIONS}/gone")).await.status, 404);
    assert_eq!(
        second.get("/api/v1/markers").await.json()["items"][0]["name"],
        "before"
    );
    let set = second
        .post("/api/v1/markers", json!({ "name": "go" }))
        .await;
    assert_eq!(set.json()["woken"], json!(["m"]));
    // What was over meanwhile has become the layer's own.
    assert_eq!(
        second.get("/api/v1/layers/a").await.json()["transform"]["x_px"],
        77
    );
    let journalled = second.scene().await;
    second.close();
    let third = journal.past(usize::MAX).unwrap();
    assert_eq!(wire::write_scene(third.scene()), journalled);
}

/// A marker of the past sets going what is over by now, or has run for a while: both are told, on the frame of the marker.
#[tokio::test]
async fn a_marker_of_the_past_tells_what_it_sets_going() {
    for (ago_ms, duration_ms) in [(300.0, 60_000.0), (300.0, 100.0)] {
        let studio = with_a_layer().await;
        let mut waiting = waits("m", json!({ "marker": "cue" }));
        waiting["timing"]["duration_ms"] = json!(duration_ms);
        let made = studio.post(ANIMATIONS, waiting).await;
        let now_ms = made.number("show-time-ms");
        let mut ear = studio.events();
        let cue = json!({ "name": "cue", "at_ms": (now_ms - ago_ms).max(0.0) });
        let set = studio.post("/api/v1/markers", cue).await;
        assert_eq!(set.status, 200, "{}", set.json());
        let frame = set.json()["frame"].clone();
        assert_eq!(ear.hear("animation.started").await["frame"], frame);
        if duration_ms < 200.0 {
            let finished = ear.hear("animation.finished").await;
            assert!(finished["frame"].as_i64() >= frame.as_i64());
        }
        studio.close();
    }
}
