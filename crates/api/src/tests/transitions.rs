//! What comes and goes: the document is what it comes to, at once.

use super::studio::{Studio, colored};
use axum::http::Method;
use serde_json::{Value, json};

/// A studio that shows a red layer `a`.
async fn with_a_layer() -> Studio {
    let studio = Studio::open();
    let made = studio.post("/api/v1/layers", colored("a", "#ff0000")).await;
    assert_eq!(made.status, 201, "{}", made.json());
    studio
}

fn by(kind: &str, duration_ms: f64) -> Value {
    json!({ "transition": { "type": kind, "duration_ms": duration_ms } })
}

/// The transitions that the document has, and of each the way, what it is about and how it runs.
async fn under_way(studio: &Studio) -> Vec<Value> {
    let scene = studio.scene().await;
    scene["transitions"].as_array().cloned().unwrap_or_default()
}

async fn pixel(studio: &Studio) -> Vec<u8> {
    studio.get("/api/v1/frame.png").await.pixel(5, 5)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_is_hidden_is_hidden_at_once_and_seen_for_a_while() {
    let studio = with_a_layer().await;
    let mut ear = studio.events();
    let hidden = studio
        .post("/api/v1/layers/a/hide", by("push", 60_000.0))
        .await;
    assert_eq!(
        (hidden.status, &hidden.json()["visible"]),
        (200, &json!(false))
    );
    let started = ear.hear("transition.started").await;
    assert_eq!(started["data"]["layer"], "a");
    assert_eq!(started["data"]["way"], "out");
    assert_eq!(started["data"]["transition"]["type"], "push");
    assert_eq!(started["frame"].as_f64(), Some(hidden.number("frame")));
    let passages = under_way(&studio).await;
    assert_eq!(passages.len(), 1);
    assert_eq!(passages[0]["id"], "transition-a");
    assert_eq!(passages[0]["start"]["at_ms"], hidden.number("show-time-ms"));
    // It has hardly begun to go.
    assert_eq!(pixel(&studio).await[..3], [255, 0, 0]);
    // Whoever shows it again turns it round, and whoever hides it once more does so too.
    let mut rates = Vec::new();
    for verb in ["show", "hide", "show"] {
        let turned = studio
            .post(&format!("/api/v1/layers/a/{verb}"), by("fade", 100.0))
            .await;
        assert_eq!(turned.json()["visible"], verb == "show");
        ear.hear("transition.turned").await;
        let passages = under_way(&studio).await;
        assert_eq!(passages.len(), 1, "{passages:?}");
        let playback = &passages[0]["playback"];
        assert_eq!(playback["at_ms"], turned.number("show-time-ms"));
        rates.push(playback["rate"].clone());
    }
    assert_eq!(rates, [json!(-1), json!(1), json!(-1)]);
    // Soon back where it began, it is over.
    let ended = ear.hear("transition.ended").await;
    assert_eq!(ended["data"]["id"], "transition-a");
    assert_eq!(under_way(&studio).await, [] as [Value; 0]);
    assert_eq!(pixel(&studio).await[..3], [255, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_ends_what_is_under_way() {
    let studio = with_a_layer().await;
    studio
        .post("/api/v1/layers/a/hide", by("fade", 60_000.0))
        .await;
    assert_eq!(under_way(&studio).await.len(), 1);
    studio.post("/api/v1/layers/a/show", json!({})).await;
    assert_eq!(under_way(&studio).await, [] as [Value; 0]);
    let shown = studio
        .post("/api/v1/layers/a/show", by("fade", 60_000.0))
        .await;
    assert_eq!(
        (shown.status, under_way(&studio).await.len()),
        (200, 0),
        "it is shown already"
    );
}

/// A batch that begins with the group keeps what was in it, though the group itself stays as it is.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_a_group_changes_by_a_batch() {
    let studio = Studio::open();
    studio.group("card").await;
    let mut inside = colored("old", "#ff0000");
    inside["parent"] = json!("card");
    assert_eq!(
        studio.post("/api/v1/layers", inside.clone()).await.status,
        201
    );
    inside["id"] = json!("new");
    let push = json!({ "type": "push", "duration_ms": 60_000 });
    let commands = json!({ "commands": [
        { "method": "layer.update", "params": { "id": "card", "transition": push } },
        { "method": "layer.delete", "params": { "id": "old" } },
        { "method": "layer.create", "params": inside },
    ] });
    let done = studio.post("/api/v1/batch", commands).await;
    assert_eq!(done.status, 200, "{}", done.json());
    let passages = under_way(&studio).await;
    let left: Vec<&str> = passages[0]["leaves"]["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["id"].as_str().unwrap())
        .collect();
    assert_eq!((passages.len(), left), (1, vec!["card", "old"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_come_change_and_go() {
    let studio = with_a_layer().await;
    let mut new = colored("b", "#0000ff");
    new["transition"] = json!({ "type": "iris", "duration_ms": 60_000, "x": 0.25, "softness": 0 });
    let made = studio.post("/api/v1/layers", new).await;
    assert_eq!(made.status, 201, "{}", made.json());
    assert!(made.json().get("transition").is_none());
    let change = json!({ "source": { "color": "#00ff00" }, "transition": { "type": "wipe", "duration_ms": 60_000 } });
    let changed = studio.patch("/api/v1/layers/a", change).await;
    assert_eq!(changed.json()["source"]["color"], "#00ff00");
    let gone = studio
        .ask(
            Method::DELETE,
            "/api/v1/layers/b",
            by("zoom", 60_000.0).to_string(),
        )
        .await;
    assert_eq!(gone.status, 200, "{}", gone.json());
    let passages = under_way(&studio).await;
    let facts: Vec<_> = passages
        .iter()
        .map(|one| {
            let left = one["leaves"]["layers"].as_array();
            let left = left.map(|layers| layers[0]["source"]["color"].clone());
            (
                one["id"].as_str().unwrap(),
                one["transition"]["type"].as_str().unwrap(),
                left,
            )
        })
        .collect();
    assert_eq!(
        facts,
        [
            ("change-a", "wipe", Some(json!("#ff0000"))),
            ("change-b", "zoom", Some(json!("#0000ff"))),
        ],
        "the one in which it came leaves with it: {passages:?}"
    );
    assert_eq!(
        passages[1]["leaves"]["transitions"][0]["id"],
        "transition-b"
    );
    // What it was is still seen.
    assert_eq!(pixel(&studio).await[..3], [255, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preset_is_taken_with_what_was_on_air_beside_it() {
    let studio = with_a_layer().await;
    let kept = |id: &'static str| {
        let studio = &studio;
        async move {
            let path = format!("/api/v1/presets/{id}");
            studio.ask(Method::PUT, &path, "{}").await
        }
    };
    kept("red").await;
    studio.delete("/api/v1/layers/a").await;
    studio.post("/api/v1/layers", colored("b", "#0000ff")).await;
    kept("blue").await;
    let blue = studio.scene().await;
    let mut ear = studio.events();
    let taken = studio
        .post("/api/v1/presets/red/take", by("fade", 60_000.0))
        .await;
    assert_eq!(taken.status, 200, "{}", taken.json());
    let ids = |scene: &Value| -> Vec<String> {
        let layers = scene["layers"].as_array().unwrap().iter();
        layers
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&taken.json()), ["a"]);
    assert_eq!(taken.json(), studio.scene().await);
    assert_eq!(ear.hear("layer.created").await["data"]["id"], "a");
    assert!(
        ear.hear("transition.started").await["data"]
            .get("layer")
            .is_none()
    );
    let passages = under_way(&studio).await;
    assert_eq!(
        (passages.len(), &passages[0]["leaves"]["layers"][0]["id"]),
        (1, &json!("b"))
    );
    assert_eq!(
        pixel(&studio).await[..3],
        [0, 0, 255],
        "it has hardly begun"
    );
    // Another take begins with what is on screen, and no chain of them grows without end.
    for (n, preset) in (0..).zip(["blue", "red", "blue", "red", "blue", "red"]) {
        studio
            .post(
                &format!("/api/v1/presets/{preset}/take"),
                by("slide", 60_000.0),
            )
            .await;
        let passages = under_way(&studio).await;
        assert_eq!(passages.len(), 1);
        let mut depth = 0;
        let mut inner = &passages[0];
        while inner["leaves"]["transitions"].is_array() {
            inner = &inner["leaves"]["transitions"][0];
            depth += 1;
        }
        assert!(depth <= 2 && (n > 0 || depth == 1), "{depth} of {n}");
    }
    // To undo the newest take is to have what it took away, at once.
    let undone = studio.post("/api/v1/undo", json!({})).await;
    assert_eq!(undone.status, 200, "{}", undone.json());
    assert_eq!(studio.scene().await, blue);
    // By itself it is over, and what left is let go.
    studio
        .post("/api/v1/presets/red/take", by("morph", 60.0))
        .await;
    let morph = |data: &Value| data["transition"]["type"] == "morph";
    ear.hear_where("transition.ended", morph).await;
    assert_eq!(under_way(&studio).await, [] as [Value; 0]);
}

/// `MAX_LAYERS` counts what is in the document, not what leaves it.
#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_is_not_counted() {
    let studio = Studio::open();
    let full: Vec<Value> = (0..50)
        .map(|n| json!({ "id": format!("l{n}"), "kind": "group" }))
        .collect();
    let mut scene = studio.scene().await;
    scene["layers"] = full.into();
    assert_eq!(studio.put("/api/v1/scene", scene).await.status, 200);
    studio.ask(Method::PUT, "/api/v1/presets/full", "{}").await;
    let taken = studio
        .post("/api/v1/presets/full/take", by("fade", 60_000.0))
        .await;
    assert_eq!(taken.status, 200, "{}", taken.json());
    assert_eq!(
        under_way(&studio).await[0]["leaves"]["layers"]
            .as_array()
            .unwrap()
            .len(),
        50
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_name_their_places() {
    let studio = with_a_layer().await;
    for (transition, pointer) in [
        (json!({ "type": "dissolve" }), "/transition/type"),
        (
            json!({ "type": "fade", "duration_ms": 0 }),
            "/transition/duration_ms",
        ),
        (
            json!({ "type": "fade", "direction": "left" }),
            "/transition/direction",
        ),
        (
            json!({ "type": "slide", "direction": "north" }),
            "/transition/direction",
        ),
        (json!({ "type": "scale", "from": 11 }), "/transition/from"),
        (json!({ "type": "zoom", "scale": 0.5 }), "/transition/scale"),
        (
            json!({ "type": "wipe", "softness": 2 }),
            "/transition/softness",
        ),
        (json!({ "type": "iris", "x": "left" }), "/transition/x"),
        (json!({ "type": "luma_wipe" }), "/transition/asset"),
        (
            json!({ "type": "blur_fade", "sigma_px": 500 }),
            "/transition/sigma_px",
        ),
        (json!({ "type": "flip", "axis": "z" }), "/transition/axis"),
        (
            json!({ "type": "stinger", "asset": "s.webp", "cut_ms": 2000 }),
            "/transition/cut_ms",
        ),
        (json!({ "duration_ms": 5 }), "/transition/type"),
    ] {
        let body = json!({ "transition": transition });
        let refused = studio.post("/api/v1/layers/a/hide", body).await;
        assert_eq!(refused.status, 422, "{transition}");
        assert_eq!(refused.pointers(), [pointer], "{transition}");
    }
    assert_eq!(studio.get("/api/v1/layers/a").await.json()["visible"], true);
}

/// Who removes or changes a layer that goes, or shows it by a patch, begins with what is on screen.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_is_changed_and_removed_on_the_way() {
    let ids = |passages: &[Value]| -> Vec<Value> {
        let ids = passages.iter().map(|passage| passage["id"].clone());
        ids.collect()
    };
    let studio = with_a_layer().await;
    studio
        .post("/api/v1/layers/a/hide", by("fade", 60_000.0))
        .await;
    let mut change = by("fade", 60_000.0);
    change["visible"] = json!(true);
    change["source"] = json!({ "color": "#00ff00" });
    let changed = studio.patch("/api/v1/layers/a", change).await;
    assert_eq!(
        (changed.status, &changed.json()["visible"]),
        (200, &json!(true))
    );
    let passages = under_way(&studio).await;
    assert_eq!(ids(&passages), ["transition-a", "change-a"]);
    assert_eq!(passages[0]["playback"]["rate"], -1);
    let left = &passages[1]["leaves"];
    assert_eq!(left["layers"][0]["source"]["color"], "#ff0000");
    assert!(left.get("transitions").is_none(), "{left}");
    let seen = pixel(&studio).await;
    assert!(seen[0] > 240 && seen[1] < 15, "{seen:?}");

    let studio = with_a_layer().await;
    studio
        .post("/api/v1/layers/a/hide", by("fade", 60_000.0))
        .await;
    let request = by("fade", 60_000.0).to_string();
    let gone = studio
        .ask(Method::DELETE, "/api/v1/layers/a", request)
        .await;
    assert_eq!(gone.status, 200, "{}", gone.json());
    let passages = under_way(&studio).await;
    assert_eq!(ids(&passages), ["change-a"]);
    assert_eq!(passages[0]["leaves"]["transitions"][0]["way"], "out");
    let seen = pixel(&studio).await;
    assert!(seen[0] > 240, "{seen:?}");

    // Nothing was seen of what was hidden: it comes as what it is.
    let studio = with_a_layer().await;
    studio.post("/api/v1/layers/a/hide", json!({})).await;
    let mut change = by("fade", 60_000.0);
    change["visible"] = json!(true);
    change["source"] = json!({ "color": "#00ff00" });
    studio.patch("/api/v1/layers/a", change).await;
    let passages = under_way(&studio).await;
    assert_eq!(ids(&passages), ["transition-a"]);
    assert_eq!(passages[0]["way"], "in");
}

/// Whoever goes, comes or becomes another while somebody follows it, looks at it or shows through it: nobody is refused, and
/// the document reads again as it is.
#[tokio::test(flavor = "multi_thread")]
async fn names_of_what_is_gone_refuse_nobody() {
    let follows = json!({ "id": "f", "target": "layers/tail",
        "expression": { "type": "follow", "property": "transform.x_px", "layer": "lead", "of": "transform.y_px" } });
    let counts = json!({ "id": "c", "target": "layers/tail",
        "expression": { "type": "follow", "property": "transform.y_px", "layer": "lead", "of": "crop.left_px" } });
    let looks = json!({ "id": "l", "target": "layers/eye",
        "expression": { "type": "look_at", "layer": "lead" } });
    let leaf = json!({ "id": "t", "entries": [{ "animation": { "targets": ["layers/tail", "layers/lead"],
        "timing": { "duration_ms": 60_000 }, "keyframes": [{ "opacity": 0.5 }, { "opacity": 1 }] } }] });
    let slide = || by("slide", 60_000.0)["transition"].clone();
    let other = json!({ "source": { "type": "text", "text": "other" }, "crop": null, "transition": slide() });
    let steps = [
        (Method::DELETE, "/layers/lead", by("slide", 60_000.0)),
        (Method::DELETE, "/layers/tail", by("push", 60_000.0)),
        (Method::POST, "/presets/both/take", by("fade", 60_000.0)),
        (Method::POST, "/presets/lead/take", by("fade", 60_000.0)),
        (Method::POST, "/presets/tail/take", by("fade", 60_000.0)),
        (Method::PATCH, "/layers/lead", other.clone()),
        (Method::PATCH, "/layers/tail", other),
        (Method::POST, "/layers/tail/hide", by("slide", 60_000.0)),
    ];
    for first in &steps {
        for second in &steps {
            let studio = Studio::open();
            let mut lead = colored("lead", "#ff0000");
            lead["crop"] = json!({ "left_px": 2 });
            let mut tail = colored("tail", "#00ff00");
            (tail["follow"], tail["mask"]) = (json!("lead"), json!({ "layer": "lead" }));
            for (path, body) in [
                ("layers", &lead),
                ("layers", &tail),
                ("layers", &colored("eye", "#0000ff")),
                ("animations", &follows),
                ("animations", &counts),
                ("animations", &looks),
                ("timelines", &leaf),
            ] {
                let made = studio.post(&format!("/api/v1/{path}"), body.clone()).await;
                assert_eq!(made.status, 201, "{}", made.json());
            }
            for (id, layers) in [
                ("both", json!(["lead", "tail"])),
                ("lead", json!(["lead"])),
                ("tail", json!(["tail"])),
            ] {
                let body = json!({ "layers": layers }).to_string();
                let kept = studio
                    .ask(Method::PUT, &format!("/api/v1/presets/{id}"), body)
                    .await;
                assert_eq!(kept.status, 201, "{}", kept.json());
            }
            for (method, path, body) in [first, second] {
                let is_there = |scene: &Value, id: &str| {
                    let mut layers = scene["layers"].as_array().unwrap().iter();
                    layers.any(|one| one["id"] == id)
                };
                let before = studio.scene().await;
                let named = path.split('/').nth(2).unwrap();
                let done = studio
                    .ask(method.clone(), &format!("/api/v1{path}"), body.to_string())
                    .await;
                let missing = path.starts_with("/layers") && !is_there(&before, named);
                let wanted = if missing { 404 } else { 200 };
                assert_eq!(done.status, wanted, "{path}: {}", done.json());
                // It is drawn, and reads again.
                assert_eq!(studio.get("/api/v1/frame.png").await.status, 200);
                let document = studio.scene().await;
                let read = studio.put("/api/v1/scene", document.clone()).await;
                assert_eq!(read.status, 200, "{path}: {}", read.json());
                assert_eq!(studio.scene().await, document, "{path}");
            }
            studio.close();
        }
    }
}

/// What others show through is hidden mostly, and changes by a transition all the same: they are masked by both on the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_mask_changes_on_the_way() {
    let studio = with_a_layer().await;
    let mut hole = colored("hole", "#ffffff");
    hole["visible"] = json!(false);
    hole["transform"] = json!({ "x_px": 0, "y_px": 0, "width_px": 20, "height_px": 20 });
    let made = studio.post("/api/v1/layers", hole).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let masked = studio
        .patch("/api/v1/layers/a", json!({ "mask": { "layer": "hole" } }))
        .await;
    assert_eq!(masked.status, 200, "{}", masked.json());
    let before = pixel(&studio).await;
    assert_eq!(before[..3], [255, 0, 0]);
    let mut moved = by("fade", 60_000.0);
    moved["transform"] = json!({ "x_px": 60 });
    let moved = studio.patch("/api/v1/layers/hole", moved).await;
    assert_eq!(moved.status, 200, "{}", moved.json());
    let passages = under_way(&studio).await;
    assert_eq!(passages.len(), 1, "{passages:?}");
    assert_eq!(passages[0]["layer"], "hole");
    let now = pixel(&studio).await;
    assert!(now[0] > 200, "{now:?}");
}
