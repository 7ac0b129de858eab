//! What is read may be sent back as it is: it is taken, and changes nothing.

use super::studio::{Studio, colored};
use serde_json::{Value, json};

/// A scene with one of everything that is told: a layer that leaves its safe area, an animation, a timeline that is laid
/// out, a template, and presets of the whole and of a part.
async fn full() -> Studio {
    let studio = Studio::open();
    let mut red = colored("red", "#ff0000");
    red["safe_area"] = json!(true);
    red["parent"] = json!("box");
    let moving = json!({ "id": "still", "target": "layers/other", "timing": { "duration_ms": 1, "fill": "both" },
        "start": { "at_ms": 0 }, "keyframes": [{ "opacity": 0.5 }, { "opacity": 0.5 }] });
    let timeline = json!({ "id": "line", "start": { "at_ms": 600_000 }, "entries": [
        { "animation": { "target": "layers/box", "timing": { "duration_ms": 100 }, "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] } },
        { "label": "end", "position": 50 }
    ] });
    let scene = json!({ "schema": 1, "canvas": { "width_px": 128, "height_px": 72 },
        "layers": [{ "id": "box", "kind": "group" }, red, colored("other", "#00ff00")],
        "animations": [moving], "timelines": [timeline] });
    let put = studio.put("/api/v1/scene", scene).await;
    assert_eq!(put.status, 200, "{}", put.json());
    let template = json!({ "name": "Third", "parameters": { "who": { "type": "text", "default": "Ada" } },
        "layers": [{ "id": "{id}-words", "kind": "overlay", "source": { "type": "text", "text": "{who}", "size_px": 20 } }],
        "timeline": { "entries": [
            { "animation": { "target": "layers/{id}-words", "timing": { "duration_ms": 100 }, "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] } }
        ] } });
    for (path, body) in [
        ("templates/third", template),
        ("presets/whole", json!({ "name": "Whole" })),
        ("presets/part", json!({ "layers": ["red", "other"] })),
    ] {
        let put = studio.put(&format!("/api/v1/{path}"), body).await;
        assert_eq!(put.status, 201, "{path}: {}", put.json());
    }
    studio
}

async fn items(studio: &Studio, path: &str) -> Vec<Value> {
    let list = studio.get(&format!("/api/v1/{path}")).await.json();
    let items = list["items"].as_array().unwrap().clone();
    assert!(!items.is_empty(), "{path}");
    items
}

#[tokio::test]
async fn what_is_read_can_be_sent_back_and_changes_nothing() {
    let studio = full().await;
    let before = studio.scene().await;
    let layers = items(&studio, "layers?resolved=true").await;
    assert_eq!(layers[1]["outside_safe_area"], true);
    let timelines = items(&studio, "timelines").await;
    assert!(timelines[0]["layout"].is_object());

    let mut document = before.clone();
    document["layers"] = layers.clone().into();
    document["animations"] = items(&studio, "animations").await.into();
    document["timelines"] = timelines.into();
    document["templates"] = items(&studio, "templates").await.into();
    // What the animation makes of its layer is not what the layer is.
    document["layers"][2]["opacity"] = json!(1);
    for body in [before.clone(), document] {
        let put = studio.put("/api/v1/scene", body).await;
        assert_eq!(put.status, 200, "{}", put.json());
        assert_eq!(studio.scene().await, before);
    }
    for layer in &layers[..2] {
        let path = format!("/api/v1/layers/{}", layer["id"].as_str().unwrap());
        let patched = studio.patch(&path, layer.clone()).await;
        assert_eq!(patched.status, 200, "{}", patched.json());
    }
    for path in ["templates/third", "presets/whole", "presets/part"] {
        let path = format!("/api/v1/{path}");
        let read = studio.get(&path).await.json();
        let put = studio.put(&path, read.clone()).await;
        assert_eq!(put.status, 200, "{path}: {}", put.json());
        assert_eq!(studio.get(&path).await.json(), read, "{path}");
    }
    assert_eq!(studio.scene().await, before);
    let other = json!({ "id": "other", "scene": before });
    assert_eq!(studio.put("/api/v1/presets/whole", other).await.status, 422);
    studio.close();
}

/// Every field that the schemas call told is one that the test above sends back.
#[tokio::test]
async fn no_other_field_is_told() {
    let studio = Studio::open();
    let description = studio.get("/api/openapi.json").await.json();
    let mut told: Vec<String> = Vec::new();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for schema in schemas.values() {
        let fields = schema["properties"].as_object().into_iter().flatten();
        let fields = fields.filter(|(_, field)| field["readOnly"] == true);
        told.extend(fields.map(|(name, _)| name.clone()));
    }
    told.sort();
    told.dedup();
    assert_eq!(told, ["layout", "outside_safe_area"]);
    studio.close();
}
