//! `ttl_ms`: layers that hide when nobody refreshes them.

use super::studio::{Ear, Frozen, Studio};
use serde_json::{Value, json};
use std::time::Duration;

const TTL: Duration = Duration::from_secs(5);
const PLACE: &str = "/api/v1/layers/a";

/// A studio with a layer that hides after [`TTL`].
async fn leased() -> (Studio, Frozen, Ear) {
    let (studio, frozen) = (Studio::open(), Frozen::now());
    let ear = studio.events();
    let layer = json!({ "id": "a", "kind": "group", "ttl_ms": 5000 });
    assert_eq!(studio.post("/api/v1/layers", layer).await.status, 201);
    (studio, frozen, ear)
}

async fn visible(studio: &Studio) -> Value {
    studio.get(PLACE).await.json()["visible"].clone()
}

/// Its time runs out: the layer is hidden for it, or was already.
async fn run_out(ear: &mut Ear) {
    tokio::time::advance(TTL).await;
    let expired = ear.hear("layer.expired").await;
    assert_eq!(expired["data"]["id"], "a");
    assert!(expired["frame"].is_number());
}

#[tokio::test(start_paused = true)]
async fn it_hides_after_its_time_and_the_next_write_shows_it() {
    let (studio, _frozen, mut ear) = leased().await;
    // What refreshes it, whatever it says.
    for body in [json!({}), json!({ "opacity": 0.5 }), json!({})] {
        tokio::time::advance(TTL - Duration::from_millis(1)).await;
        assert_eq!(studio.patch(PLACE, body).await.status, 200);
    }
    assert_eq!(visible(&studio).await, true);
    assert!(!ear.rest().contains(&"layer.expired"));
    run_out(&mut ear).await;
    assert_eq!(visible(&studio).await, false);
    let history = studio.get("/api/v1/history?limit=1").await.json();
    assert_eq!(history["items"][0]["client"], "lease");
    assert_eq!(history["items"][0]["method"], "layer.expire");
    let shown = studio.patch(PLACE, json!({})).await;
    assert_eq!(shown.json()["visible"], true);
    run_out(&mut ear).await;
    // In a batch it is a write like any other.
    let refresh = json!({ "method": "layer.update", "params": { "id": "a", "name": "A" } });
    let done = studio
        .post("/api/v1/batch", json!({ "commands": [refresh] }))
        .await;
    assert_eq!(done.status, 200);
    assert_eq!(visible(&studio).await, true);
    run_out(&mut ear).await;
    assert_eq!(visible(&studio).await, false);
    studio.close();
}

#[tokio::test(start_paused = true)]
async fn who_hides_it_is_obeyed() {
    let (studio, _frozen, mut ear) = leased().await;
    // After it ran out.
    run_out(&mut ear).await;
    assert_eq!(
        studio.post("/api/v1/layers/a/hide", json!({})).await.status,
        200
    );
    studio.patch(PLACE, json!({ "opacity": 0.5 })).await;
    assert_eq!(
        visible(&studio).await,
        false,
        "hidden by hand after its time"
    );
    // Before it would have.
    studio.post("/api/v1/layers/a/show", json!({})).await;
    studio.post("/api/v1/layers/a/hide", json!({})).await;
    let other = json!({ "id": "b", "kind": "group", "ttl_ms": 5000 });
    studio.post("/api/v1/layers", other).await;
    tokio::time::advance(TTL).await;
    ear.hear_where("layer.expired", |data| data["id"] == "b")
        .await;
    studio.patch(PLACE, json!({ "opacity": 0.25 })).await;
    assert_eq!(
        visible(&studio).await,
        false,
        "hidden by hand before its time"
    );
    studio.post("/api/v1/layers/a/show", json!({})).await;
    assert_eq!(visible(&studio).await, true);
    studio.close();
}

/// What brings it back does so by its own transition, and does not where it hides it.
#[tokio::test(start_paused = true)]
async fn it_comes_back_as_the_write_says() {
    let (studio, _frozen, mut ear) = leased().await;
    run_out(&mut ear).await;
    let hidden = studio.patch(PLACE, json!({ "visible": false })).await;
    assert_eq!(hidden.json()["visible"], false);
    let shown = json!({ "visible": true });
    assert_eq!(studio.patch(PLACE, shown).await.status, 200);
    run_out(&mut ear).await;
    let fade = json!({ "opacity": 0.7, "transition": { "type": "fade", "duration_ms": 2000 } });
    let shown = studio.patch(PLACE, fade).await;
    assert_eq!(shown.json()["visible"], true, "{}", shown.json());
    let transitions = studio.scene().await["transitions"].clone();
    assert_eq!(
        transitions.as_array().map(Vec::len),
        Some(1),
        "{transitions}"
    );
    studio.close();
}

#[tokio::test(start_paused = true)]
async fn without_a_time_it_stays() {
    let (studio, _frozen, mut ear) = leased().await;
    assert_eq!(
        studio.patch(PLACE, json!({ "ttl_ms": null })).await.status,
        200
    );
    let other = json!({ "id": "b", "kind": "group", "ttl_ms": 5000 });
    studio.post("/api/v1/layers", other).await;
    tokio::time::advance(TTL * 2).await;
    ear.hear_where("layer.expired", |data| data["id"] == "b")
        .await;
    assert_eq!(visible(&studio).await, true);
    // And one that is gone has none.
    studio.delete("/api/v1/layers/b").await;
    studio
        .post("/api/v1/layers", json!({ "id": "b", "kind": "group" }))
        .await;
    studio.patch(PLACE, json!({ "ttl_ms": 5000 })).await;
    run_out(&mut ear).await;
    assert_eq!(studio.get("/api/v1/layers/b").await.json()["visible"], true);
    studio.close();
}

/// A layer that was hidden for its lease comes back by the rules that `show` keeps to.
#[tokio::test(start_paused = true)]
async fn one_pane_too_many_does_not_come_back() {
    let (studio, _frozen) = (Studio::open(), Frozen::now());
    let mut ear = studio.events();
    let pane = |id: &str, visible: bool| {
        json!({
            "id": id, "kind": "overlay", "visible": visible,
            "transform": { "width_px": 9, "height_px": 9 },
            "source": { "type": "color", "color": "#fff3" },
            "effects": [{ "type": "backdrop_blur", "sigma_px": 5 }],
        })
    };
    let mut scene = studio.scene().await;
    let others = (0..8).map(|n| pane(&format!("pane-{n}"), n < 7));
    let mut all: Vec<Value> = others.chain([pane("a", true)]).collect();
    all[8]["ttl_ms"] = json!(5000);
    scene["layers"] = all.into();
    assert_eq!(studio.put("/api/v1/scene", scene).await.status, 200);
    run_out(&mut ear).await;
    let last = "/api/v1/layers/pane-7";
    let shown = studio.post(&format!("{last}/show"), json!({})).await;
    assert_eq!(shown.status, 200);
    for _ in 0..2 {
        let problem = studio.patch(PLACE, json!({})).await.json();
        assert_eq!(
            problem["errors"][0]["pointer"], "/layers/8/effects/0",
            "{problem}"
        );
    }
    assert_eq!(visible(&studio).await, false);
    // It was not forgotten that its lease hid it.
    let hidden = studio.post(&format!("{last}/hide"), json!({})).await;
    assert_eq!(hidden.status, 200);
    assert_eq!(studio.patch(PLACE, json!({})).await.status, 200);
    assert_eq!(visible(&studio).await, true);
    studio.close();
}
