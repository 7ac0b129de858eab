//! Undo and redo.

use super::studio::Studio;
use crate::Role;
use axum::http::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// Two who work on one show.
struct Two(Studio);

impl Two {
    async fn ask(&self, role: Role, method: Method, path: &str, body: Value) -> u16 {
        let path = format!("/api/v1{path}");
        let answer = self.0.as_role(role, method, &path, body).await;
        assert!(answer.status < 500, "{:?}", answer.json());
        answer.status
    }

    async fn patch(&self, role: Role, id: &str, body: Value) {
        let path = format!("/layers/{id}");
        assert_eq!(self.ask(role, Method::PATCH, &path, body).await, 200);
    }

    async fn turn(&self, role: Role, what: &str, scope: &str) -> super::studio::Answer {
        let path = format!("/api/v1/{what}");
        let body = json!({ "scope": scope });
        self.0.as_role(role, Method::POST, &path, body).await
    }

    async fn scene(&self) -> Value {
        let scene = self
            .0
            .as_role(Role::Viewer, Method::GET, "/api/v1/scene", Value::Null);
        scene.await.json()
    }
}

const HOST: Role = Role::Operator;
const BOSS: Role = Role::Admin;

#[tokio::test]
async fn everyone_takes_back_their_own_and_what_others_did_stays() {
    let two = Two(Studio::closed());
    let group = json!({ "id": "a", "kind": "group" });
    assert_eq!(two.ask(HOST, Method::POST, "/layers", group).await, 201);
    two.patch(HOST, "a", json!({ "transform": { "x_px": 10 } }))
        .await;
    two.patch(
        BOSS,
        "a",
        json!({ "transform": { "y_px": 20 }, "name": "A" }),
    )
    .await;
    // Mine, though it is not the newest; the other's properties of the same layer stay.
    let undone = two.turn(HOST, "undo", "own").await;
    assert_eq!(undone.status, 200);
    let layer = two.scene().await["layers"][0].clone();
    assert_eq!(
        (
            &layer["transform"]["x_px"],
            &layer["transform"]["y_px"],
            &layer["name"]
        ),
        (&json!(0), &json!(20), &json!("A"))
    );
    assert_eq!(undone.json(), two.scene().await);
    // Anybody's: the newest there is.
    assert_eq!(two.turn(HOST, "undo", "all").await.status, 200);
    let layer = two.scene().await["layers"][0].clone();
    assert_eq!(
        (&layer["transform"]["y_px"], &layer["name"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(
        two.turn(BOSS, "undo", "own").await.problem(),
        (409, "nothing-to-undo".to_owned())
    );
    // And back: each their own.
    for role in [BOSS, HOST] {
        assert_eq!(two.turn(role, "redo", "own").await.status, 200);
        assert_eq!(
            two.turn(role, "redo", "own").await.problem(),
            (409, "nothing-to-undo".to_owned())
        );
    }
    let layer = two.scene().await["layers"][0].clone();
    assert_eq!(
        (
            &layer["transform"]["x_px"],
            &layer["transform"]["y_px"],
            &layer["name"]
        ),
        (&json!(10), &json!(20), &json!("A"))
    );
    let history = two
        .0
        .as_role(BOSS, Method::GET, "/api/v1/history", Value::Null);
    let history = history.await.json();
    let said = |key: &str| {
        let items = history["items"].as_array().unwrap().iter();
        items
            .map(|one| one[key].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(said("method")[..4], ["redo", "redo", "undo", "undo"]);
    assert_eq!(
        said("client")[..5],
        ["host", "boss", "host", "host", "boss"]
    );
    assert!(two.turn(HOST, "undo", "everyone").await.problem().0 == 422);
    two.0.close();
}

#[tokio::test]
async fn what_somebody_changed_since_is_not_taken_from_them() {
    for (mine, theirs, place) in [
        (
            json!({ "opacity": 0.5 }),
            json!({ "opacity": 0.25 }),
            "layers/a/opacity",
        ),
        (
            json!({ "transform": { "x_px": 1, "y_px": 1 } }),
            json!({ "transform": { "y_px": 2 } }),
            "layers/a/transform/y_px",
        ),
        (
            json!({ "name": "A" }),
            json!({ "name": null }),
            "layers/a/name",
        ),
    ] {
        let two = Two(Studio::closed());
        let group = json!({ "id": "a", "kind": "group" });
        assert_eq!(two.ask(HOST, Method::POST, "/layers", group).await, 201);
        two.patch(HOST, "a", mine).await;
        two.patch(BOSS, "a", theirs).await;
        let before = two.scene().await;
        let refused = two.turn(HOST, "undo", "own").await;
        assert_eq!(refused.problem(), (409, "changed-since".to_owned()));
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(&format!(" {place} ")), "{detail}");
        assert_eq!(two.scene().await, before, "nothing of it is taken back");
        // Once the other takes theirs back there is nothing in the way.
        assert_eq!(two.turn(BOSS, "undo", "own").await.status, 200);
        assert_eq!(two.turn(HOST, "undo", "own").await.status, 200);
        two.0.close();
    }
}

#[tokio::test]
async fn a_layer_that_others_built_on_stays() {
    let two = Two(Studio::closed());
    let group = json!({ "id": "g", "kind": "group" });
    assert_eq!(two.ask(HOST, Method::POST, "/layers", group).await, 201);
    let inside = json!({ "id": "a", "kind": "group", "parent": "g" });
    assert_eq!(two.ask(BOSS, Method::POST, "/layers", inside).await, 201);
    assert_eq!(
        two.turn(HOST, "undo", "own").await.problem(),
        (409, "changed-since".to_owned())
    );
    assert_eq!(two.scene().await["layers"].as_array().unwrap().len(), 2);
    two.0.close();
}

/// A scene of nested groups that move, each `number` of them a layer.
async fn stage(two: &Two) -> Value {
    for (id, parent) in [("g", None), ("a", Some("g")), ("b", Some("a")), ("c", None)] {
        let layer = json!({ "id": id, "kind": "group", "parent": parent });
        let mut layer = layer;
        if parent.is_none() {
            layer.as_object_mut().unwrap().shift_remove("parent");
        }
        assert_eq!(two.ask(HOST, Method::POST, "/layers", layer).await, 201);
    }
    for (id, target) in [("m", "b"), ("n", "g"), ("o", "c")] {
        let moving = json!({ "id": id, "target": format!("layers/{target}"), "start": { "at_ms": 0 },
            "timing": { "duration_ms": 500 }, "keyframes": [{ "opacity": 0 }] });
        assert_eq!(
            two.ask(HOST, Method::POST, "/animations", moving).await,
            201
        );
    }
    two.scene().await
}

#[tokio::test]
async fn what_was_removed_comes_back_with_all_that_went_with_it() {
    let two = Two(Studio::closed());
    let whole = stage(&two).await;
    assert_eq!(
        two.ask(HOST, Method::DELETE, "/layers/g", Value::Null)
            .await,
        200
    );
    let left = two.scene().await;
    assert_eq!(left["layers"].as_array().unwrap().len(), 1);
    assert_eq!(left["animations"].as_array().unwrap().len(), 1);
    assert_eq!(two.turn(HOST, "undo", "own").await.status, 200);
    assert_eq!(two.scene().await, whole);
    assert_eq!(two.turn(HOST, "redo", "own").await.status, 200);
    assert_eq!(two.scene().await, left);
    // Whoever goes another way cannot go back to the old one.
    assert_eq!(two.turn(HOST, "undo", "own").await.status, 200);
    two.patch(HOST, "c", json!({ "opacity": 0.5 })).await;
    assert_eq!(
        two.turn(HOST, "redo", "own").await.problem(),
        (409, "nothing-to-undo".to_owned())
    );
    two.0.close();
}

#[tokio::test]
async fn the_order_of_layers_is_a_change_like_any_other() {
    let two = Two(Studio::closed());
    for id in ["a", "b", "c"] {
        let group = json!({ "id": id, "kind": "group" });
        assert_eq!(two.ask(HOST, Method::POST, "/layers", group).await, 201);
    }
    let order = async || {
        let scene = two.scene().await;
        let layers = scene["layers"].as_array().unwrap().clone();
        let ids = layers
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect::<String>()
    };
    let mut ear = two.0.events();
    let top = json!({ "to": "top" });
    assert_eq!(
        two.ask(HOST, Method::POST, "/layers/a/move", top.clone())
            .await,
        200
    );
    assert_eq!(order().await, "bca");
    assert_eq!(
        ear.hear("layer.reordered").await["data"]["order"],
        json!(["b", "c", "a"])
    );
    assert_eq!(two.turn(HOST, "undo", "own").await.status, 200);
    assert_eq!(order().await, "abc");
    assert_eq!(two.turn(HOST, "redo", "own").await.status, 200);
    assert_eq!(order().await, "bca");
    assert_eq!(
        two.ask(BOSS, Method::POST, "/layers/b/move", top).await,
        200
    );
    assert_eq!(order().await, "cab");
    let refused = two.turn(HOST, "undo", "own").await;
    assert_eq!(refused.problem(), (409, "changed-since".to_owned()));
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains(" layers "),
        "{}",
        refused.json()
    );
    two.0.close();
}

/// A command that may or may not fit the scene as it is.
fn command() -> impl Strategy<Value = Value> {
    let layer = || prop::sample::select(vec!["a", "b", "c", "g", "h"]);
    let group = || prop::sample::select(vec!["g", "h"]);
    let animation = || prop::sample::select(vec!["m", "n"]);
    let call = |method: &str, params: Value| json!({ "method": method, "params": params });
    prop_oneof![
        3 => (layer(), prop::option::of(group()), 0..3i32).prop_map(move |(id, parent, z)| {
            let mut layer = json!({ "id": id, "kind": "group", "z_index": z });
            if let Some(parent) = parent {
                layer["parent"] = parent.into();
            }
            call("layer.create", layer)
        }),
        3 => (layer(), 0..4u8, any::<bool>()).prop_map(move |(id, n, named)| {
            call("layer.update", json!({ "id": id, "opacity": f64::from(n) / 4.0,
                "transform": { "x_px": n }, "name": if named { json!("N") } else { Value::Null } }))
        }),
        1 => layer().prop_map(move |id| call("layer.delete", json!({ "id": id }))),
        2 => (layer(), any::<bool>()).prop_map(move |(id, top)| {
            call("layer.move", json!({ "id": id, "to": if top { "top" } else { "bottom" } }))
        }),
        1 => (layer(), group()).prop_map(move |(id, parent)| {
            call("layer.move", json!({ "id": id, "parent": parent }))
        }),
        1 => (layer(), any::<bool>()).prop_map(move |(id, show)| {
            call(if show { "layer.show" } else { "layer.hide" }, json!({ "id": id }))
        }),
        2 => (animation(), layer()).prop_map(move |(id, target)| {
            call("animation.start", json!({ "id": id, "target": format!("layers/{target}"),
                "start": { "at_ms": 0 }, "timing": { "duration_ms": 500 }, "keyframes": [{ "opacity": 0 }] }))
        }),
        1 => animation().prop_map(move |id| call("animation.cancel", json!({ "id": id }))),
        1 => prop::sample::subsequence(vec!["a", "b", "c"], 0..=3).prop_shuffle().prop_map(move |ids| {
            let layers: Value = ids.iter().map(|id| json!({ "id": id, "kind": "group" })).collect();
            call("scene.set", json!({ "schema": 1, "layers": layers,
                "canvas": { "width_px": 128, "height_px": 72 + 2 * ids.len() } }))
        }),
    ]
}

/// All of one client's changes taken back give the first scene, and made again the last.
#[test]
fn the_way_back_leads_to_the_start_and_the_way_forth_to_the_end() {
    let config = Config {
        cases: 24,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..Config::default()
    };
    let commands = prop::collection::vec(command(), 1..24);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let studio = runtime.block_on(async { Studio::open() });
    let tested = TestRunner::new(config).run(&commands, |commands| {
        runtime.block_on(there_and_back(&studio, &commands))
    });
    runtime.block_on(async { studio.close() });
    if let Err(error) = tested {
        panic!("{error}");
    }
}

async fn there_and_back(studio: &Studio, commands: &[Value]) -> Result<(), TestCaseError> {
    // Each case begins with nothing to undo.
    *studio.api.0.control.history() = crate::history::History::default();
    let (start, mut made) = (studio.scene().await, 0);
    for command in commands {
        let batch = json!({ "commands": [command] });
        let before = studio.scene().await;
        let answer = studio.post("/api/v1/batch", batch).await;
        prop_assert!(matches!(answer.status, 200 | 422), "{:?}", answer.json());
        // What leaves all as it was is no step on the way.
        made += usize::from(studio.scene().await != before);
    }
    let end = studio.scene().await;
    for (what, reached) in [("undo", &start), ("redo", &end)] {
        for n in 0..made {
            let turned = studio.post(&format!("/api/v1/{what}"), json!({})).await;
            prop_assert_eq!(
                turned.status,
                200,
                "{} {} of {}: {}",
                what,
                n,
                made,
                turned.json()
            );
        }
        let over = studio.post(&format!("/api/v1/{what}"), json!({})).await;
        prop_assert_eq!(over.status, 409, "{}", what);
        prop_assert_eq!(&studio.scene().await, reached, "{}", what);
    }
    Ok(())
}
