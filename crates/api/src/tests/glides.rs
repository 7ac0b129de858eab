//! Writes that glide and writes that interrupt, over HTTP, JSON-RPC and in batches.

use super::socket::Rpc;
use super::studio::Studio;
use animation::{Motion, Spring};
use media::ShowTime;
use scene::Resolver;
use serde_json::{Value, json};

const LAYER: &str = "/api/v1/layers/a";

async fn with_a_layer() -> Studio {
    let studio = Studio::open();
    studio.group("a").await;
    studio
}

/// Where the layer is at a show time, as the engine has it.
fn x_at(studio: &Studio, at: ShowTime) -> f64 {
    let (scene, _) = studio.api.0.parts.handle.scene();
    Resolver::new(&scene).layers_at(at)[0].transform.x_px
}

fn bouncy(to: f64) -> Value {
    json!({ "transform": { "x_px": to }, "transition": { "spring": { "duration_ms": 5000, "bounce": 0.4 } } })
}

/// The way there is the closed form from the frame that is answered with, to the bit the value and to a billionth the path.
#[tokio::test]
async fn a_write_glides_from_what_is_on_screen() {
    let studio = with_a_layer().await;
    let spring = Spring::with_bounce(5000.0, 0.4).unwrap();
    let there = studio.patch(LAYER, bouncy(300.0)).await;
    assert_eq!(there.status, 200, "{}", there.json());
    assert_eq!(there.json()["transform"]["x_px"], 300);
    let first = studio.get("/api/v1/animations/retarget-a-1").await.json();
    assert_eq!(first["start"]["at_ms"], there.number("show-time-ms"));
    let began = ShowTime::from_ms(there.number("show-time-ms"));
    let rest = Motion {
        value: 0.0,
        velocity: 0.0,
    };
    for ms in [0, 40, 500, 2000, 4000] {
        let wanted = spring.at(rest, 300.0, f64::from(ms)).value;
        let is = x_at(&studio, began.plus_nanos(i64::from(ms) * 1_000_000));
        assert!((is - wanted).abs() < 1e-6, "{ms} ms: {is} is not {wanted}");
    }
    let back = studio.patch(LAYER, bouncy(-50.0)).await;
    let turned = ShowTime::from_ms(back.number("show-time-ms"));
    let all = studio.get("/api/v1/animations").await.json();
    let ids: Vec<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    assert_eq!(ids, ["retarget-a-2"]);
    let on_its_way = spring.at(rest, 300.0, turned.since(began) as f64 / 1e6);
    let second = &all["items"][0];
    let number = |value: &Value| value.as_f64().unwrap();
    let from = number(&second["keyframes"][0]["transform.x_px"]);
    let velocity = number(&second["retarget"]["velocities"]["transform.x_px"]);
    assert!(
        (from - on_its_way.value).abs() < 1e-6,
        "{from} {on_its_way:?}"
    );
    assert!(
        (velocity - on_its_way.velocity).abs() < 1e-6,
        "{velocity} {on_its_way:?}"
    );
    let wanted = spring.at(on_its_way, -50.0, 1000.0).value;
    assert!((x_at(&studio, turned.plus_nanos(1_000_000_000)) - wanted).abs() < 1e-6);
    // What is taken back is where it was before, and glides there no more.
    assert_eq!(studio.post("/api/v1/undo", json!({})).await.status, 200);
    let layer = studio.get(LAYER).await.json();
    assert_eq!(layer["transform"]["x_px"], 300);
    studio.close();
}

#[tokio::test]
async fn a_glide_ends_in_the_document_and_leaves_nothing() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let body = json!({ "opacity": 0.5, "name": "half", "visible": true,
        "transition": { "duration_ms": 150, "easing": "ease-out" } });
    assert_eq!(studio.patch(LAYER, body).await.status, 200);
    let layer = studio.get(LAYER).await.json();
    assert_eq!(
        (&layer["opacity"], &layer["name"]),
        (&json!(0.5), &json!("half"))
    );
    let finished = ear.hear("animation.finished").await;
    assert_eq!(finished["data"], json!({ "id": "retarget-a-1" }));
    assert_eq!(
        studio.get("/api/v1/animations").await.json()["items"],
        json!([])
    );
    assert_eq!(studio.get(LAYER).await.json(), layer);
    // It is over: what it did can be taken back all the same.
    assert_eq!(studio.post("/api/v1/undo", json!({})).await.status, 200);
    assert_eq!(studio.get(LAYER).await.json()["opacity"], 1);
    assert_eq!(studio.post("/api/v1/redo", json!({})).await.status, 200);
    assert_eq!(studio.get(LAYER).await.json()["opacity"], 0.5);
    studio.close();
}

#[tokio::test]
async fn the_other_ways_in_do_the_same() {
    let studio = with_a_layer().await;
    let mut rpc = Rpc::open(&studio).await;
    let mut params = bouncy(10.0);
    params["id"] = json!("a");
    let made = rpc.call("layer.update", params.clone()).await.unwrap();
    assert_eq!(made["value"]["transform"]["x_px"], 10);
    params["transform"]["x_px"] = json!(20);
    let smooth = json!({ "id": "a", "opacity": 0.25, "transition": { "smooth": true } });
    let batch = json!({ "commands": [
        { "method": "layer.update", "params": params }, { "method": "layer.update", "params": smooth } ] });
    let done = studio.post("/api/v1/batch", batch).await;
    assert_eq!(done.status, 200, "{}", done.json());
    let all = studio.get("/api/v1/animations").await.json();
    let courses: Vec<(&Value, bool)> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                &one["retarget"]["course"],
                one["retarget"]["spring"].is_object(),
            )
        })
        .collect();
    assert_eq!(courses, [(&Value::Null, true), (&json!("smooth"), false)]);
    studio.close();
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_named() {
    let studio = with_a_layer().await;
    for (transition, pointers) in [
        (
            json!({ "duration_ms": -1 }),
            vec!["/transition/duration_ms"],
        ),
        (
            json!({ "spring": { "bounce": 1 } }),
            vec!["/transition/spring/bounce"],
        ),
        (
            json!({ "spring": { "mass": 1, "bounce": 0 } }),
            vec!["/transition/spring"],
        ),
        (
            json!({ "smooth": true, "easing": "linear" }),
            vec!["/transition/easing"],
        ),
        (
            json!({ "easing": "quick", "speed": 1 }),
            vec!["/transition/easing", "/transition/speed"],
        ),
        (
            json!({ "spring": { "duration_ms": 0.001 } }),
            vec!["/transition/spring/duration_ms"],
        ),
        (json!("fast"), vec!["/transition"]),
    ] {
        let answer = studio
            .patch(LAYER, json!({ "opacity": 0, "transition": transition }))
            .await;
        assert_eq!(answer.status, 422, "{}", answer.json());
        assert_eq!(answer.pointers(), pointers);
    }
    assert_eq!(
        studio
            .patch(LAYER, json!({ "interrupt": 1 }))
            .await
            .pointers(),
        ["/interrupt"]
    );
    assert_eq!(studio.get(LAYER).await.json()["opacity"], 1);
    studio.close();
}

#[tokio::test]
async fn an_interrupt_takes_what_is_written_from_whoever_moves_it() {
    let studio = with_a_layer().await;
    let moves = |id: &str, composite: &str| {
        json!({ "id": id, "target": "layers/a", "composite": composite,
        "timing": { "duration_ms": 60_000 }, "keyframes": [{ "transform.x_px": 5, "opacity": 0 }] })
    };
    for (id, composite) in [("m", "replace"), ("n", "add")] {
        assert_eq!(
            studio
                .post("/api/v1/animations", moves(id, composite))
                .await
                .status,
            201
        );
    }
    let mut ear = studio.events();
    let body = json!({ "transform": { "x_px": 7 }, "interrupt": true });
    assert_eq!(studio.patch(LAYER, body).await.status, 200);
    let heard = ear.hear("animation.conflict").await;
    assert_eq!(
        heard["data"],
        json!({ "outcome": "interrupted", "animations": ["m", "n"] })
    );
    let all = studio.get("/api/v1/animations").await.json();
    for one in all["items"].as_array().unwrap() {
        let keyframe = &one["keyframes"][0];
        assert_eq!(
            (keyframe.get("transform.x_px"), &keyframe["opacity"]),
            (None, &json!(0))
        );
    }
    let body = json!({ "opacity": 1, "interrupt": true });
    assert_eq!(studio.patch(LAYER, body).await.status, 200);
    assert_eq!(ear.hear("animation.canceled").await["data"]["id"], "m");
    assert_eq!(
        studio.get("/api/v1/animations").await.json()["items"],
        json!([])
    );
    studio.close();
}

/// A leaf of a timeline loses what is written and nothing else, and has it again when the write is taken back.
#[tokio::test]
async fn an_interrupt_takes_what_is_written_from_a_timeline() {
    let studio = with_a_layer().await;
    let timeline = json!({ "id": "t", "entries": [{ "animation": { "target": "layers/a",
        "timing": { "duration_ms": 60_000 },
        "keyframes": [{ "transform.x_px": 0, "opacity": 0 }, { "transform.x_px": 6000, "opacity": 1 }] } }] });
    let made = studio.post("/api/v1/timelines", timeline).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let began = ShowTime::from_ms(made.number("show-time-ms"));
    // A write that does not interrupt goes on below.
    assert_eq!(studio.patch(LAYER, bouncy(-900.0)).await.status, 200);
    let later = began.plus_nanos(30_000_000_000);
    assert!((x_at(&studio, later) - 3000.0).abs() < 1e-9);
    let mut ear = studio.events();
    let mut body = bouncy(-50.0);
    body["interrupt"] = json!(true);
    let turned = studio.patch(LAYER, body).await;
    assert_eq!(turned.status, 200, "{}", turned.json());
    let heard = ear.hear("animation.conflict").await;
    assert_eq!(
        heard["data"],
        json!({ "outcome": "interrupted", "animations": ["retarget-a-1", "t"] })
    );
    let at = ShowTime::from_ms(turned.number("show-time-ms"));
    let on_its_way = Motion {
        value: at.since(began) as f64 / 1e7,
        velocity: 100.0,
    };
    let spring = Spring::with_bounce(5000.0, 0.4).unwrap();
    for ms in [0, 400, 2000] {
        let is = x_at(&studio, at.plus_nanos(i64::from(ms) * 1_000_000));
        let wanted = spring.at(on_its_way, -50.0, f64::from(ms)).value;
        assert!((is - wanted).abs() < 1e-6, "{ms} ms: {is} is not {wanted}");
    }
    let taken = json!([{ "target": "layers/a", "properties": ["transform.x_px"] }]);
    let timeline = studio.get("/api/v1/timelines/t").await.json();
    assert_eq!(timeline["taken"], taken);
    let (scene, _) = studio.api.0.parts.handle.scene();
    let layer = Resolver::new(&scene).layers_at(later)[0].clone();
    assert!((layer.opacity - 0.5).abs() < 1e-9, "the rest goes on");
    // The document reads as it was written.
    let document = studio.scene().await;
    assert_eq!(
        studio.put("/api/v1/scene", document.clone()).await.status,
        200
    );
    assert_eq!(studio.scene().await["timelines"], document["timelines"]);
    for _ in 0..2 {
        let undone = studio.post("/api/v1/undo", json!({})).await;
        assert_eq!(undone.status, 200, "{}", undone.json());
    }
    let timeline = studio.get("/api/v1/timelines/t").await.json();
    assert_eq!(timeline.get("taken"), None);
    assert!((x_at(&studio, later) - 3000.0).abs() < 1e-9);
    studio.close();
}

/// Without a glide of its own, what is written during one shows when that ends; and comes back with undo, even then.
#[tokio::test]
async fn a_plain_write_during_a_glide_shows_when_that_ends() {
    let studio = with_a_layer().await;
    let there = studio.patch(LAYER, bouncy(300.0)).await;
    let began = ShowTime::from_ms(there.number("show-time-ms"));
    let plain = json!({ "transform": { "x_px": 50 } });
    let written = studio.patch(LAYER, plain).await;
    assert_eq!(written.json()["transform"]["x_px"], 50);
    let spring = Spring::with_bounce(5000.0, 0.4).unwrap();
    let rest = Motion {
        value: 0.0,
        velocity: 0.0,
    };
    for ms in [40, 500, 2000, 4000] {
        let wanted = spring.at(rest, 300.0, f64::from(ms)).value;
        let is = x_at(&studio, began.plus_nanos(i64::from(ms) * 1_000_000));
        assert!((is - wanted).abs() < 1e-6, "{ms} ms: {is} is not {wanted}");
    }
    let (scene, _) = studio.api.0.parts.handle.scene();
    let over = scene.animations[0].ends_at().unwrap();
    assert!((x_at(&studio, over) - 50.0).abs() < f64::EPSILON);
    let at_once = json!({ "transform": { "x_px": 20 }, "interrupt": true });
    let at_once = studio.patch(LAYER, at_once).await;
    let now = ShowTime::from_ms(at_once.number("show-time-ms"));
    assert!((x_at(&studio, now) - 20.0).abs() < f64::EPSILON);
    studio.close();
}

/// What is of several parts glides as all else does, from what is on screen.
#[tokio::test]
async fn gradients_paths_functions_and_runs_glide() {
    let studio = Studio::open();
    let fill = |angle: f64, colors: [&str; 2]| json!({ "type": "linear", "angle_deg": angle, "stops": [[0, colors[0]], [1, colors[1]]] });
    let shape = |d: &str, fill: Value| json!({ "type": "shape", "shape": { "path": { "d": d } }, "fill": fill });
    let run = |color: &str| json!([{ "text": "la", "color": color }]);
    let layers = [
        json!({ "id": "a", "kind": "overlay", "source": shape("M0 0 L9 0 L9 9 Z", fill(0.0, ["#f00", "#00f"])),
            "transform": { "functions": [{ "rotate_deg": 90 }] } }),
        json!({ "id": "b", "kind": "overlay", "source": { "type": "text", "runs": run("#888888") } }),
    ];
    for layer in layers {
        let made = studio.post("/api/v1/layers", layer).await;
        assert_eq!(made.status, 201, "{}", made.json());
    }
    let glide = json!({ "duration_ms": 600_000 });
    let patch = json!({ "source": shape("M2 2 L9 0 L9 9 Z", fill(180.0, ["#0f0", "#ff0"])),
        "transform": { "functions": [{ "rotate_deg": 180 }] }, "transition": glide });
    let sent = studio.patch(LAYER, patch).await;
    assert_eq!(sent.status, 200, "{}", sent.json());
    let first = studio.get("/api/v1/animations/retarget-a-1").await.json();
    let begins = &first["keyframes"][0];
    for (path, wanted) in [
        ("source.fill.stops.0.color", json!("#ff0000")),
        ("source.fill.stops.1.color", json!("#0000ff")),
        ("source.fill.angle_deg", json!(0)),
        ("source.shape.path.d", json!("M0 0 L9 0 L9 9 Z")),
        ("transform.functions", json!([{ "rotate_deg": 90 }])),
    ] {
        assert_eq!(begins[path], wanted, "{first:#}");
    }
    assert_eq!(begins["source.fill"], Value::Null, "its parts tell it");
    let lights = json!({ "source": { "runs": run("#ffcc00") }, "transition": glide });
    assert_eq!(studio.patch("/api/v1/layers/b", lights).await.status, 200);
    let lights = studio.get("/api/v1/animations/retarget-b-1").await.json();
    assert_eq!(lights["keyframes"][0]["source.runs.0.color"], "#888888");
    // Another form is there at once: nothing is left of the glide of its parts.
    let switched = json!({ "source": { "fill": "#fff" }, "transition": glide });
    assert_eq!(studio.patch(LAYER, switched).await.status, 200);
    let left = studio.get("/api/v1/animations/retarget-a-1").await.json();
    let left = &left["keyframes"][0];
    assert_eq!(left["source.fill.stops.0.color"], Value::Null, "{left:#}");
    assert_ne!(left["source.shape.path.d"], Value::Null);
}

/// What was moved once does not keep a layer from becoming something else; what moves does, unless it is interrupted.
#[tokio::test]
async fn what_is_over_lets_go_of_what_a_layer_has_no_more() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let glow = json!({ "effects": [{ "id": "s", "type": "glow", "sigma_px": 4 }] });
    let flash = |id: &str, ms: f64| {
        json!({ "id": id, "target": "layers/a", "timing": { "duration_ms": ms, "fill": "forwards" },
            "keyframes": [{ "effects.s.sigma_px": 0, "opacity": 0 }, { "effects.s.sigma_px": 20, "opacity": 1 }] })
    };
    let timeline = json!({ "id": "t", "entries": [{ "animation": { "target": "layers/a",
        "timing": { "duration_ms": 1 },
        "keyframes": [{ "effects.s.sigma_px": 0 }, { "effects.s.sigma_px": 20 }] } }] });
    assert_eq!(studio.patch(LAYER, glow.clone()).await.status, 200);
    let made = studio.post("/api/v1/animations", flash("over", 1.0)).await;
    assert_eq!(made.status, 201, "{}", made.json());
    ear.hear("animation.finished").await;
    let made = studio.post("/api/v1/timelines", timeline).await;
    assert_eq!(made.status, 201, "{}", made.json());
    ear.hear("timeline.finished").await;
    let none = json!({ "effects": [] });
    let patched = studio.patch(LAYER, none.clone()).await;
    assert_eq!(patched.status, 200, "{}", patched.json());
    let left = studio.get("/api/v1/animations/over").await.json();
    let properties: Vec<_> = left["keyframes"][0].as_object().unwrap().keys().collect();
    assert_eq!(properties, ["easing", "opacity"], "the rest is held");

    assert_eq!(studio.patch(LAYER, glow).await.status, 200);
    let runs = studio
        .post("/api/v1/animations", flash("runs", 60_000.0))
        .await;
    assert_eq!(runs.status, 201, "{}", runs.json());
    let refused = studio.patch(LAYER, none).await;
    assert_eq!(refused.status, 422);
    let taken = json!({ "effects": [], "interrupt": true });
    let patched = studio.patch(LAYER, taken).await;
    assert_eq!(patched.status, 200, "{}", patched.json());

    let plate = json!({ "id": "b", "kind": "overlay", "source": { "type": "color", "color": "#fff" },
        "transform": { "width_px": 9, "height_px": 9 } });
    assert_eq!(studio.post("/api/v1/layers", plate).await.status, 201);
    let colors = json!({ "target": "layers/b", "timing": { "duration_ms": 60_000 },
        "keyframes": [{ "source.color": "#f00" }, { "source.color": "#00f" }] });
    assert_eq!(studio.post("/api/v1/animations", colors).await.status, 201);
    let mut source = json!({ "source": { "type": "image", "asset": "plate.png" } });
    assert_eq!(
        studio
            .patch("/api/v1/layers/b", source.clone())
            .await
            .status,
        422
    );
    source["interrupt"] = json!(true);
    let patched = studio.patch("/api/v1/layers/b", source).await;
    assert_eq!(patched.status, 200, "{}", patched.json());
    // The document reads as it was written.
    let document = studio.scene().await;
    assert_eq!(studio.put("/api/v1/scene", document).await.status, 200);
    studio.close();
}
