//! Outputs, and the stream as a whole.

use super::studio::Studio;
use crate::OutputState;
use axum::http::Method;
use axum::http::header::LOCATION;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn outputs_are_added_asked_and_removed() {
    let studio = Studio::open();
    let add = async |body: Value| {
        studio
            .ask(Method::POST, "/api/v1/outputs", body.to_string())
            .await
    };
    let request = json!({ "id": "x", "type": "rtmp", "url": "rtmp://ingest.example/app", "key": "sk-secret" });
    assert_eq!(
        studio.get("/api/v1/stream").await.json()["state"],
        "offline"
    );

    let added = add(request.clone()).await;
    assert_eq!(
        (added.status, added.header(LOCATION)),
        (201, "/api/v1/outputs/x")
    );
    assert_eq!(added.json()["state"], "connecting");
    assert!(!String::from_utf8(added.body).unwrap().contains("secret"));
    assert_eq!(
        add(request).await.problem(),
        (409, "output-exists".to_owned())
    );
    let nowhere = add(json!({ "type": "rtmp", "url": "rtmp://ingest.example/nowhere" })).await;
    assert_eq!(
        (nowhere.problem().0, nowhere.pointers()),
        (422, vec!["/url".to_owned()])
    );
    let faulty = add(json!({ "type": "rtmp", "id": "a b" })).await;
    assert_eq!(
        (faulty.problem().0, faulty.pointers()),
        (422, vec!["/id".to_owned(), "/url".to_owned()])
    );

    for (verb, state, stream) in [
        ("retry", "retrying", "reconnecting"),
        ("start", "live", "live"),
        ("stop", "stopped", "offline"),
    ] {
        let answer = studio
            .ask(Method::POST, &format!("/api/v1/outputs/x/{verb}"), "")
            .await;
        assert_eq!(
            (answer.status, &answer.json()["state"]),
            (200, &json!(state))
        );
        assert_eq!(studio.get("/api/v1/stream").await.json()["state"], stream);
    }
    assert_eq!(
        studio.get("/api/v1/stream").await.json()["dropped_packets"],
        2
    );
    assert_eq!(
        studio.get("/api/v1/outputs").await.json()["items"][0],
        studio.get("/api/v1/outputs/x").await.json()
    );
    let env = json!({ "id": "env", "type": "rtmp", "url": "rtmp://ingest.example/app" });
    assert_eq!(add(env).await.status, 201);
    for answer in [
        studio.delete("/api/v1/outputs/env").await,
        studio
            .patch("/api/v1/outputs/env", json!({ "enabled": false }))
            .await,
    ] {
        assert_eq!(answer.problem(), (409, "output-fixed".to_owned()));
    }
    let patched = studio
        .patch(
            "/api/v1/outputs/x",
            json!({ "enabled": false, "key": "sk-other-secret" }),
        )
        .await;
    assert_eq!(
        (patched.status, &patched.json()["enabled"]),
        (200, &json!(false))
    );
    assert_eq!(
        studio
            .ask(Method::DELETE, "/api/v1/outputs/x", "")
            .await
            .status,
        204
    );
    for (method, path) in [
        (Method::GET, "x"),
        (Method::DELETE, "x"),
        (Method::POST, "x/retry"),
    ] {
        let answer = studio
            .ask(method, &format!("/api/v1/outputs/{path}"), "")
            .await;
        assert_eq!(
            answer.problem(),
            (404, "output-not-found".to_owned()),
            "{path}"
        );
    }
    studio.close();
}

#[tokio::test]
async fn what_an_output_comes_to_by_itself_is_announced() {
    let studio = Studio::open();
    let mut ear = studio.events();
    let output = json!({ "id": "x", "type": "rtmp", "url": "rtmp://ingest.example/app" });
    assert_eq!(studio.post("/api/v1/outputs", output).await.status, 201);
    assert_eq!(ear.hear("output.added").await["data"]["id"], "x");
    for (state, word) in [
        (OutputState::Live, "live"),
        (OutputState::Retrying, "retrying"),
        (OutputState::Refused, "refused"),
    ] {
        studio.outputs.enter("x", state).unwrap();
        let heard = ear
            .hear_where("output.state", |data| data["state"] == word)
            .await;
        assert_eq!(heard["data"], studio.get("/api/v1/outputs/x").await.json());
    }
    studio.close();
}

#[tokio::test]
async fn the_bitrate_of_the_stream_changes_and_what_is_wrong_is_named() {
    let studio = Studio::open();
    let mut ear = studio.events();
    let patched = studio
        .patch("/api/v1/stream", json!({ "bitrate_bps": 400_000 }))
        .await;
    assert_eq!(
        (patched.status, &patched.json()["bitrate_bps"]),
        (200, &json!(400_000))
    );
    assert_eq!(
        ear.hear("stream.changed").await["data"]["bitrate_bps"],
        400_000
    );
    for (body, pointers) in [
        (json!({ "bitrate_bps": 1 }), &["/bitrate_bps"][..]),
        (
            json!({ "fps": 61, "latency": "none", "resolution": "1x1", "bitrate_bps": 300_000 }),
            &["/fps", "/latency", "/resolution"],
        ),
    ] {
        let refused = studio.patch("/api/v1/stream", body).await;
        let mut is = refused.pointers();
        is.sort();
        assert_eq!(
            (refused.problem().0, is),
            (422, pointers.iter().map(|&p| p.to_owned()).collect())
        );
    }
    assert_eq!(
        studio.get("/api/v1/stream").await.json()["bitrate_bps"],
        400_000
    );
    studio.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn latency_rate_and_size_change_on_air_and_outlive_the_process() {
    use super::ports::Journal;
    use std::sync::Arc;
    let journal = Arc::<Journal>::default();
    let studio = Studio::remembering(&journal);
    // Before the first frame is on its way there is none whose number could go on.
    let on_its_way = |studio: &Studio| {
        let handle = &studio.api.0.parts.handle;
        testkit::poll_until(Duration::from_secs(10), "the first frame", || {
            (handle.stats().frame >= 0).then_some(())
        });
    };
    on_its_way(&studio);
    let mut ear = studio.events();
    let patch = json!({ "fps": "30000/1001", "latency": "normal", "resolution": "256x144", "bitrate_bps": 400_000 });
    let patched = studio.patch("/api/v1/stream?durability=sync", patch).await;
    assert_eq!(patched.status, 200, "{}", patched.json());
    let number = |name: &str| patched.header(name).parse::<f64>().unwrap();
    let (frame, show_time_ms) = (number("frame"), number("show-time-ms"));
    let heard = ear.hear("stream.changed").await;
    assert_eq!(heard["frame"].as_f64(), Some(frame));
    let same = |stream: &Value| {
        assert_eq!(stream["fps"], "30000/1001");
        assert_eq!(stream["latency"], "normal");
        assert_eq!(stream["resolution"], "256x144");
        assert_eq!(stream["bitrate_bps"], 400_000);
        // Numbers and times go on from where they were.
        let since = stream["frame"].as_f64().unwrap() - frame;
        let expected = show_time_ms + since * 1001.0 / 30.0;
        assert!(
            (stream["show_time_ms"].as_f64().unwrap() - expected).abs() < 1.0,
            "{stream}"
        );
    };
    same(&patched.json());
    same(&heard["data"]);
    for path in ["/api/v1/frame.png", "/api/v1/frame.png?at_ms=0"] {
        let still = studio.get(path).await;
        // Width and height in the header of a PNG.
        assert_eq!(still.body[16..24], [0, 0, 1, 0, 0, 0, 0, 144], "{path}");
    }
    studio.close();

    let again = Studio::remembering(&journal);
    on_its_way(&again);
    same(&again.get("/api/v1/stream").await.json());
    again.close();
}
