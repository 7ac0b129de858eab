//! Animations one by one.

use super::studio::{Studio, given_up};
use axum::http::Method;
use serde_json::json;

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
