//! What can move, asked for over HTTP.

use super::studio::Studio;
use serde_json::{Value, json};

#[tokio::test]
async fn what_can_move_is_listed_with_ranges_and_for_a_layer_with_values() {
    let studio = Studio::open();
    let all = studio.get("/api/v1/animatable").await;
    assert_eq!(all.status, 200);
    let all = all.json();
    let found = |list: &Value, path: &str| {
        let items = list["items"].as_array().unwrap();
        items.iter().find(|one| one["path"] == path).cloned()
    };
    assert_eq!(
        found(&all, "opacity"),
        Some(json!({
            "path": "opacity", "type": "number", "minimum": 0, "maximum": 1, "applies_to": ["layer"],
            "interpolation": "linear", "description": "0 is invisible, 1 opaque.",
        }))
    );
    let layer = json!({ "id": "card", "kind": "overlay", "opacity": 0.5,
        "transform": { "x_px": 7, "width_px": 40, "height_px": 30 },
        "source": { "type": "color", "color": "#ff0000" } });
    studio.post("/api/v1/layers", layer).await;
    let moving = json!({ "id": "m", "target": "layers/card", "timing": { "duration_ms": 1, "fill": "forwards" },
        "keyframes": [{ "z_index": 5, "transform.position": [3, 4] }] });
    let started = studio.post("/api/v1/animations", moving).await;
    assert_eq!(started.status, 201, "{}", started.json());
    // A still is of a frame after it.
    assert_eq!(studio.get("/api/v1/frame.png").await.status, 200);
    let of_card = studio.get("/api/v1/animatable?layer=card").await.json();
    let value = |path: &str| found(&of_card, path).map(|one| one["value"].clone());
    assert_eq!(value("opacity"), Some(json!(0.5)));
    assert_eq!(value("source.color"), Some(json!("#ff0000")));
    assert_eq!(value("source.size_px"), None);
    assert!(value("transform.position").is_some());
    let nobody = studio.get("/api/v1/animatable?layer=nobody").await;
    assert_eq!(nobody.problem().0, 404);
    studio.close();
}

#[tokio::test]
async fn a_formula_is_started_held_and_read_back() {
    let studio = Studio::open();
    studio.group("a").await;
    let idle = json!({ "id": "idle", "target": "layers/a",
        "expression": { "type": "noise", "property": "transform.y_px", "amplitude": 4, "seed": 7 } });
    let started = studio.post("/api/v1/animations", idle).await;
    assert_eq!(started.status, 201, "{}", started.json());
    let is = started.json();
    assert_eq!(is["timing"]["iterations"], "infinite");
    assert_eq!(is["composite"], "add");
    assert_eq!(is["expression"]["frequency_hz"], 1);
    let held = studio
        .post("/api/v1/animations/idle/pause", json!(null))
        .await;
    assert_eq!(held.json()["playback"]["paused"], true);
    let follower = json!({ "target": "layers/a",
        "expression": { "type": "follow", "property": "transform.y_px", "layer": "a" } });
    let refused = studio.post("/api/v1/animations", follower).await;
    assert_eq!(refused.problem().0, 422);
    assert_eq!(refused.pointers(), ["/expression"]);
    studio.close();
}
