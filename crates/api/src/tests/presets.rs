//! Presets: scenes and parts of them, kept and taken.

use super::studio::{Studio, colored};
use axum::http::Method;
use serde_json::{Value, json};

async fn put(studio: &Studio, id: &str, body: Value) -> super::studio::Answer {
    studio
        .ask(
            Method::PUT,
            &format!("/api/v1/presets/{id}"),
            body.to_string(),
        )
        .await
}

async fn take(studio: &Studio, id: &str) -> super::studio::Answer {
    studio
        .post(&format!("/api/v1/presets/{id}/take"), json!({}))
        .await
}

#[tokio::test]
async fn a_whole_scene_is_kept_and_taken() {
    let studio = Studio::open();
    let mut ear = studio.events();
    studio
        .post("/api/v1/layers", colored("red", "#ff0000"))
        .await;
    let first = studio.scene().await;
    let kept = put(&studio, "one", json!({ "name": "One" })).await;
    assert_eq!(
        (kept.status, kept.header("location")),
        (201, "/api/v1/presets/one")
    );
    assert_eq!(
        (&kept.json()["scene"], &kept.json()["name"]),
        (&first, &json!("One"))
    );
    assert_eq!(ear.hear("preset.created").await["data"]["id"], "one");
    assert_eq!(studio.get("/api/v1/presets/one").await.json(), kept.json());
    studio.delete("/api/v1/layers/red").await;
    studio.group("g").await;
    let second = studio.scene().await;
    // One that is given, and does not have to be on air for it.
    let given = put(&studio, "two", json!({ "scene": second })).await;
    assert_eq!((given.status, &given.json()["scene"]), (201, &second));
    let revision = studio
        .get("/api/v1/scene")
        .await
        .header("revision")
        .to_owned();
    let taken = take(&studio, "one").await;
    assert_eq!((taken.status, taken.json()), (200, first.clone()));
    assert_ne!(taken.header("revision"), revision);
    assert_eq!(studio.scene().await, first);
    assert_eq!(
        studio.get("/api/v1/frame.png").await.pixel(5, 5),
        [255, 0, 0]
    );
    assert_eq!(studio.post("/api/v1/undo", json!({})).await.json(), second);
    assert_eq!(
        take(&studio, "two").await.json(),
        second,
        "what is so already can be taken"
    );

    let listed = studio.get("/api/v1/presets").await.json();
    assert_eq!(
        listed["items"],
        json!([{ "id": "one", "whole": true, "name": "One" }, { "id": "two", "whole": true }])
    );
    let again = put(&studio, "one", json!({})).await;
    assert_eq!((again.status, &again.json()["scene"]), (200, &second));
    assert_eq!(ear.hear("preset.updated").await["data"]["id"], "one");
    assert_eq!(
        studio.delete("/api/v1/presets/one").await.json(),
        again.json()
    );
    assert_eq!(ear.hear("preset.removed").await["data"]["id"], "one");
    for answer in [
        take(&studio, "one").await,
        studio.get("/api/v1/presets/one").await,
        studio.delete("/api/v1/presets/one").await,
    ] {
        assert_eq!(answer.problem(), (404, "preset-not-found".to_owned()));
    }
    studio.close();
}

#[tokio::test]
async fn a_part_is_laid_over_what_is_there() {
    let studio = Studio::open();
    for layer in [
        json!({ "id": "g", "kind": "group", "opacity": 0.5 }),
        json!({ "id": "a", "kind": "group", "parent": "g" }),
        json!({ "id": "other", "kind": "group" }),
    ] {
        assert_eq!(studio.post("/api/v1/layers", layer).await.status, 201);
    }
    let moving = json!({ "id": "m", "target": "layers/a", "start": { "at_ms": 0 },
        "timing": { "duration_ms": 500 }, "keyframes": [{ "opacity": 0 }] });
    assert_eq!(studio.post("/api/v1/animations", moving).await.status, 201);
    let kept = put(&studio, "part", json!({ "layers": ["g"] }))
        .await
        .json();
    let ids = |of: &str| {
        let items = kept[of].as_array().unwrap().iter();
        items
            .map(|one| one["id"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (ids("layers"), ids("animations")),
        (vec!["g", "a"], vec!["m"])
    );
    studio
        .patch("/api/v1/layers/other", json!({ "opacity": 0.25 }))
        .await;
    studio
        .patch("/api/v1/layers/g", json!({ "opacity": 1 }))
        .await;
    studio.delete("/api/v1/layers/a").await;
    assert_eq!(take(&studio, "part").await.status, 200);
    let layers = studio.get("/api/v1/layers").await.json()["items"].clone();
    let opacity = |id: &str| {
        let mut layers = layers.as_array().unwrap().iter();
        layers.find(|one| one["id"] == id).unwrap()["opacity"].as_f64()
    };
    assert_eq!(
        (opacity("g"), opacity("other"), opacity("a")),
        (Some(0.5), Some(0.25), Some(1.0))
    );
    assert_eq!(studio.get("/api/v1/animations/m").await.status, 200);

    // A layer of the part whose group is gone has nowhere to go.
    assert_eq!(
        put(&studio, "leaf", json!({ "layers": ["a"] }))
            .await
            .status,
        201
    );
    assert_eq!(studio.delete("/api/v1/layers/g").await.status, 200);
    let before = studio.scene().await;
    assert_eq!(
        take(&studio, "leaf").await.problem(),
        (409, "preset-does-not-fit".to_owned())
    );
    assert_eq!(studio.scene().await, before);
    studio.close();
}

#[tokio::test]
async fn what_is_no_preset_is_refused() {
    let studio = Studio::open();
    studio.group("a").await;
    let scene = studio.scene().await;
    let mut faulty = scene.clone();
    faulty["layers"][0]["opacity"] = json!(2);
    for (id, body, pointer) in [
        ("x", json!({ "layers": [] }), "/layers"),
        ("x", json!({ "layers": ["a", "nobody"] }), "/layers/1"),
        ("x", json!({ "layers": ["a"], "scene": scene }), "/scene"),
        ("x", json!({ "scene": faulty }), "/scene/layers/0/opacity"),
        ("x", json!({ "nome": "X" }), "/nome"),
        ("a.b", json!({}), "/id"),
    ] {
        let refused = put(&studio, id, body.clone()).await;
        assert_eq!(
            (refused.problem().0, refused.pointers()),
            (422, vec![pointer.to_owned()]),
            "{body}"
        );
    }
    assert_eq!(
        studio.get("/api/v1/presets").await.json()["items"],
        json!([])
    );
    studio.close();
}

#[tokio::test]
async fn a_ring_of_followers_is_told_by_its_place() {
    let studio = Studio::open();
    let ring = json!([{ "id": "a", "kind": "group", "follow": "b" }, { "id": "b", "kind": "group", "parent": "a" }]);
    let says = "layer `a` would follow itself: it follows `b`, which stands in `a`";
    let mut scene = studio.scene().await;
    scene["layers"] = ring.clone();
    let put_scene = studio.ask(Method::PUT, "/api/v1/scene", scene.to_string());
    let answers = [
        (put_scene.await, "/layers/0/follow"),
        (
            put(&studio, "s", json!({ "scene": scene })).await,
            "/scene/layers/0/follow",
        ),
        (
            put(&studio, "p", json!({ "layers": ring })).await,
            "/layers/0/follow",
        ),
    ];
    for (answer, pointer) in answers {
        assert_eq!(answer.status, 422);
        assert_eq!(
            answer.json()["errors"],
            json!([{ "pointer": pointer, "detail": says }])
        );
    }
    // What the part follows is there only when it is taken.
    let outside = json!({ "layers": [{ "id": "a", "kind": "group", "follow": "b" }] });
    assert_eq!(put(&studio, "p", outside).await.status, 201);
    studio.group("a").await;
    studio
        .post(
            "/api/v1/layers",
            json!({ "id": "b", "kind": "group", "follow": "a" }),
        )
        .await;
    let taken = take(&studio, "p").await;
    assert_eq!(taken.status, 409, "{:?}", taken.json());
    let told = taken.json().to_string();
    assert!(
        told.contains(
            "/layers/0/follow: layer `a` would follow itself: it follows `b`, which follows `a`"
        ),
        "{told}"
    );
    studio.close();
}
