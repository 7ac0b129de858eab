//! The whole document, read and replaced.

use super::studio::Studio;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, ETAG, HOST, IF_MATCH};
use axum::http::{Method, Request};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub(crate) fn blue_scene() -> Value {
    json!({
        "schema": 1,
        "canvas": { "width_px": 256, "height_px": 144, "background": "#0000ff" },
        "layers": [
            { "id": "art", "kind": "overlay", "transform": { "width_px": 20, "height_px": 20 },
              "source": { "type": "image", "asset": "missing.png" } },
        ],
    })
}

#[tokio::test]
async fn a_scene_is_replaced_on_a_frame_and_read_back_the_same() {
    let studio = Studio::open();
    let before = studio.get("/api/v1/scene").await;
    assert_eq!(
        (
            before.status,
            before.header("revision"),
            before.header(ETAG)
        ),
        (200, "1", "\"1\"")
    );

    // Its picture is missing, which a live show goes on without.
    let put = studio
        .ask(Method::PUT, "/api/v1/scene", blue_scene().to_string())
        .await;
    assert_eq!(
        (put.status, put.header("revision"), put.header(ETAG)),
        (200, "2", "\"2\""),
        "{:?}",
        put.json()
    );
    let frame: u32 = put.header("frame").parse().unwrap();
    let show_time_ms: f64 = put.header("show-time-ms").parse().unwrap();
    assert!((show_time_ms - f64::from(frame) * 1000.0 / 30.0).abs() < 0.01);

    let after = studio.get("/api/v1/scene").await;
    assert!(after.json() == put.json() && after.json() != before.json());
    let again = studio
        .ask(Method::PUT, "/api/v1/scene", after.body.clone())
        .await;
    assert_eq!((again.status, again.json()), (200, after.json()));
    studio.close();
}

#[tokio::test]
async fn every_fault_of_a_scene_is_named_and_nothing_of_it_is_taken() {
    let studio = Studio::open();
    let mut bad = blue_scene();
    bad["canvas"]["width_px"] = json!("wide");
    bad["layers"][0]["opacity"] = json!(2);
    bad["layers"][0]["colour"] = json!("red");
    let put = studio
        .ask(Method::PUT, "/api/v1/scene", bad.to_string())
        .await;
    assert_eq!(put.problem(), (422, "invalid".to_owned()));
    let mut pointers = put.pointers();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "/canvas/width_px",
            "/layers/0/colour",
            "/layers/0/opacity",
            "/layers/0/source/asset"
        ],
        "a missing picture counts once there are other faults"
    );
    assert_eq!(
        studio
            .ask(Method::PUT, "/api/v1/scene", "{\"schema\": 1,")
            .await
            .problem(),
        (400, "syntax".to_owned())
    );
    assert_eq!(studio.get("/api/v1/scene").await.header("revision"), "1");
    studio.close();
}

#[tokio::test]
async fn a_write_based_on_an_older_revision_is_refused() {
    let studio = Studio::open();
    let put = async |if_match: &str| {
        let request = Request::put("/api/v1/scene")
            .header(HOST, "localhost")
            .header(IF_MATCH, if_match);
        studio
            .send(request.body(blue_scene().to_string().into()).unwrap())
            .await
    };
    assert_eq!(put("\"1\"").await.status, 200);
    assert_eq!(put("\"1\"").await.problem(), (412, "stale".to_owned()));
    assert_eq!(put("\"7\", \"2\"").await.status, 200);
    assert_eq!(put("*").await.header("revision"), "4");
    studio.close();
}

#[tokio::test]
async fn a_still_is_what_is_on_screen() {
    let studio = Studio::open();
    let mut scene = blue_scene();
    scene["layers"] = json!([]);
    let put = studio
        .ask(Method::PUT, "/api/v1/scene", scene.to_string())
        .await;
    let shown_from: i64 = put.header("frame").parse().unwrap();
    for (path, size) in [
        ("/api/v1/frame.png", (128, 72)),
        ("/api/v1/frame.png?width_px=32", (32, 18)),
    ] {
        let still = studio.get(path).await;
        assert_eq!(
            (still.status, still.header(CONTENT_TYPE)),
            (200, "image/png"),
            "{}",
            String::from_utf8_lossy(&still.body)
        );
        assert!(still.header("frame").parse::<i64>().unwrap() >= shown_from);
        let mut png = png::Decoder::new(std::io::Cursor::new(still.body))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; png.output_buffer_size().unwrap()];
        let info = png.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), size);
        assert!(pixels.chunks(3).all(|pixel| pixel == [0, 0, 255]));
    }
    studio.close();
}

/// Whoever writes at the same time as others is answered with their own, under its own revision.
#[tokio::test]
async fn everyone_is_answered_with_what_they_made_of_it() {
    let studio = Studio::open();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..12 {
        let (api, mut scene) = (studio.api.clone(), blue_scene());
        scene["canvas"]["background"] = json!(format!("#0000{n:02x}"));
        writers.spawn(async move {
            let router = crate::guarded(crate::router(&api), Studio::hosts());
            let request = super::studio::local(Method::PUT, "/api/v1/scene");
            let request = request.body(Body::from(scene.to_string())).unwrap();
            let answer = router.oneshot(request).await.unwrap();
            let revision = answer.headers()["revision"].to_str().unwrap().to_owned();
            let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            (
                revision.parse::<u64>().unwrap(),
                scene["canvas"]["background"] == body["canvas"]["background"],
            )
        });
    }
    let mut answers = writers.join_all().await;
    answers.sort_unstable();
    assert_eq!(
        answers,
        (2..14).map(|revision| (revision, true)).collect::<Vec<_>>()
    );
    studio.close();
}
