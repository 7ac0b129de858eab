//! Pictures of the programme: whole, one layer of it, or of another time; and the slate before it.

use super::studio::{SIZE, Studio, colored};
use axum::body::{Body, HttpBody};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use std::pin::Pin;
use tower::ServiceExt as _;

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

/// A red layer on a blue canvas: its left half.
async fn half_red(studio: &Studio) {
    let mut layer = colored("red", "#ff0000");
    layer["transform"]["width_px"] = json!(SIZE.width / 2);
    let scene = json!({ "schema": 1, "layers": [layer],
        "canvas": { "width_px": SIZE.width, "height_px": SIZE.height, "background": "#0000ff" } });
    assert_eq!(studio.put("/api/v1/scene", scene).await.status, 200);
}

/// Guides are on the still that asks for them and nowhere else, and a layer that leaves its safe area is told.
#[tokio::test]
async fn guides_and_safe_areas() {
    let studio = Studio::open();
    half_red(&studio).await;
    let plain = studio.get("/api/v1/frame.png").await;
    let guided = studio.get("/api/v1/frame.png?guides=true").await;
    // A quarter of the way across the title-safe area's upper side.
    let (x, y) = (SIZE.width as usize / 4, SIZE.height as usize / 20 + 1);
    let differs = (y - 1..=y).any(|y| guided.pixel(x, y) != plain.pixel(x, y));
    assert!(differs, "{:?}", guided.pixel(x, y));
    assert_eq!(guided.pixel(10, 36), RED);
    assert_eq!(studio.get("/api/v1/frame.png").await.png(), plain.png());
    let layer = studio.get("/api/v1/frame.png?guides=true&layer=red").await;
    assert_eq!(layer.status, 400);

    let told = async |safe: Value| {
        studio
            .patch("/api/v1/layers/red", json!({ "safe_area": safe }))
            .await;
        let list = studio.get("/api/v1/layers?resolved=true").await.json();
        let one = studio.get("/api/v1/layers/red?resolved=true").await.json();
        assert_eq!(list["items"][0], one);
        let base = studio.get("/api/v1/layers/red").await.json();
        assert_eq!(base.get("outside_safe_area"), None);
        one["outside_safe_area"].clone()
    };
    assert_eq!(told(json!(null)).await, json!(null));
    assert_eq!(told(json!(true)).await, json!(true));
    let half = json!({ "right_px": SIZE.width / 2 });
    assert_eq!(told(half).await, json!(null));
    let less = json!({ "right_px": SIZE.width / 2 + 1 });
    assert_eq!(told(less).await, json!(true));
}

#[tokio::test]
async fn one_layer_alone_has_its_alpha() {
    let studio = Studio::open();
    half_red(&studio).await;
    let whole = studio.get("/api/v1/frame.png").await;
    assert_eq!(
        (whole.pixel(10, 36), whole.pixel(100, 36)),
        (RED.into(), BLUE.into())
    );
    let layer = studio.get("/api/v1/frame.png?layer=red").await;
    assert_eq!(
        (layer.pixel(10, 36), layer.pixel(100, 36)[3]),
        (vec![255, 0, 0, 255], 0)
    );
    // What is hidden can be looked at, with the alpha that it has.
    studio
        .patch(
            "/api/v1/layers/red",
            json!({ "visible": false, "opacity": 0.5 }),
        )
        .await;
    assert_eq!(studio.get("/api/v1/frame.png").await.pixel(10, 36), BLUE);
    let pixel = studio
        .get("/api/v1/frame.png?layer=red")
        .await
        .pixel(10, 36);
    assert!(
        pixel[..3] == RED && (127..=128).contains(&pixel[3]),
        "{pixel:?}"
    );
    let small = studio.get("/api/v1/frame.png?layer=red&width_px=32").await;
    assert_eq!(small.png().2, 32);
    assert_eq!(
        studio
            .get("/api/v1/frame.png?layer=nobody")
            .await
            .problem()
            .0,
        404
    );
    assert_eq!(
        studio.get("/api/v1/frame.jpg?layer=red").await.problem().0,
        400
    );
    studio.close();
}

#[tokio::test]
async fn another_time_can_be_looked_at() {
    let studio = Studio::open();
    half_red(&studio).await;
    let moving = json!({ "target": "layers/red", "start": { "at_ms": 1e9 },
        "timing": { "duration_ms": 1000, "fill": "forwards" }, "keyframes": [{ "offset": 1, "opacity": 0 }] });
    assert_eq!(studio.post("/api/v1/animations", moving).await.status, 201);
    for (at_ms, pixel) in [("0", RED), ("999999000", RED), ("1000001000", BLUE)] {
        let picture = studio
            .get(&format!("/api/v1/frame.png?at_ms={at_ms}"))
            .await;
        assert_eq!(picture.pixel(10, 36), pixel, "{at_ms}");
        let shown: f64 = at_ms.parse().unwrap();
        assert!((picture.number("show-time-ms") - shown).abs() < 1e-6);
        assert!(
            (picture.number("frame") - shown * 0.03).abs() <= 1.0,
            "{at_ms}"
        );
    }
    let between = studio
        .get("/api/v1/frame.png?at_ms=1000000500")
        .await
        .pixel(10, 36);
    assert!(between[0] > 100 && between[2] > 100, "{between:?}");
    // The show itself has not moved.
    assert_eq!(studio.get("/api/v1/frame.png").await.pixel(10, 36), RED);
    studio.close();
}

#[tokio::test]
async fn a_jpeg_is_one() {
    let studio = Studio::open();
    half_red(&studio).await;
    for (path, size) in [
        ("frame.jpg", (128, 72)),
        ("frame.jpg?width_px=32", (32, 18)),
        ("frame.jpg?at_ms=5", (128, 72)),
    ] {
        let jpeg = studio.get(&format!("/api/v1/{path}")).await;
        assert_eq!(jpeg.header(CONTENT_TYPE), "image/jpeg");
        assert_eq!(jpeg_size(&jpeg.body), size, "{path}");
    }
    studio.close();
}

/// Width and height in its frame header.
fn jpeg_size(bytes: &[u8]) -> (u16, u16) {
    assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]));
    let sof = bytes
        .windows(2)
        .position(|two| two == [0xff, 0xc0])
        .unwrap();
    let number = |at: usize| u16::from_be_bytes([bytes[sof + at], bytes[sof + at + 1]]);
    (number(7), number(5))
}

#[tokio::test]
async fn the_motion_picture_is_one_jpeg_after_the_other() {
    let studio = Studio::open();
    half_red(&studio).await;
    let request = super::studio::local(axum::http::Method::GET, "/api/v1/frame.mjpg");
    let answer = studio
        .router()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(
        answer.headers()[CONTENT_TYPE],
        "multipart/x-mixed-replace; boundary=frame"
    );
    let mut body = answer.into_body();
    for _ in 0..2 {
        let part = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        let part = part.unwrap().unwrap().into_data().unwrap();
        let end = part
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap()
            + 4;
        assert!(part.starts_with(b"--frame\r\nContent-Type: image/jpeg\r\n"));
        assert_eq!(jpeg_size(&part[end..part.len() - 2]), (128, 72));
    }
    studio.close();
}

#[tokio::test]
async fn a_slate_hides_everything_until_it_is_taken_away() {
    let studio = Studio::open();
    half_red(&studio).await;
    let mut ear = studio.events();
    let before = studio.scene().await;
    assert_eq!(
        studio.get("/api/v1/panic").await.json(),
        json!({ "active": false })
    );
    let slate = json!({ "slate": { "text": "", "background": "#00ff00" } });
    let panic = studio.post("/api/v1/panic", slate).await;
    assert_eq!(panic.status, 200);
    let started = ear.hear("panic.started").await;
    assert_eq!(
        (&started["frame"], &started["data"]),
        (
            &json!(panic.header("frame").parse::<i64>().unwrap()),
            &panic.json()
        )
    );
    let picture = studio.get("/api/v1/frame.png").await;
    assert!(picture.png().0.chunks(3).all(|pixel| pixel == [0, 255, 0]));
    assert_eq!(studio.get("/api/v1/panic").await.json(), panic.json());
    // The show goes on behind it, and is no other for it.
    assert_eq!(studio.scene().await, before);
    studio
        .patch("/api/v1/layers/red", json!({ "opacity": 0 }))
        .await;
    assert_eq!(
        studio.get("/api/v1/frame.png").await.pixel(10, 36),
        [0, 255, 0]
    );
    let calm = studio.delete("/api/v1/panic").await;
    assert_eq!(calm.json(), json!({ "active": false }));
    assert_eq!(ear.hear("panic.ended").await["data"], calm.json());
    assert_eq!(studio.get("/api/v1/frame.png").await.pixel(10, 36), BLUE);
    let undone = studio.post("/api/v1/undo", json!({})).await;
    assert_eq!(
        undone.json()["layers"][0]["opacity"],
        1,
        "a slate is no step on the way"
    );
    for body in [
        json!({ "slate": 1 }),
        json!({ "slate": { "colour": 1 } }),
        json!({ "x": Value::Null }),
    ] {
        assert_eq!(studio.post("/api/v1/panic", body).await.problem().0, 422);
    }
    studio.close();
}
