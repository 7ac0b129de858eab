//! Layers one by one, and who writes to them at the same time.

use super::studio::Studio;
use axum::body::Body;
use axum::http::header::{ETAG, HOST, IF_MATCH, LOCATION};
use axum::http::{Method, Request};
use serde_json::json;
use tower::ServiceExt as _;

#[tokio::test]
async fn layers_are_made_changed_hidden_and_removed_one_by_one() {
    let studio = Studio::open();
    let layer = json!({ "id": "card", "kind": "overlay", "transform": { "width_px": 40, "height_px": 30 },
        "source": { "type": "color", "color": "#ff0000" } });
    let made = studio
        .ask(Method::POST, "/api/v1/layers", layer.to_string())
        .await;
    assert_eq!(
        (
            made.status,
            made.header(LOCATION),
            made.header("revision"),
            made.header(ETAG)
        ),
        (201, "/api/v1/layers/card", "2", "\"2\""),
        "{:?}",
        made.json()
    );
    assert_eq!(made.json()["opacity"], 1, "defaults are written");
    let again = studio
        .ask(Method::POST, "/api/v1/layers", layer.to_string())
        .await;
    assert_eq!(again.problem(), (422, "invalid".to_owned()));
    assert_eq!(again.pointers(), ["/id"]);

    let patched = studio
        .ask(
            Method::PATCH,
            "/api/v1/layers/card",
            r#"{ "opacity": 0.25 }"#,
        )
        .await;
    assert_eq!(
        (
            patched.status,
            patched.json()["opacity"].as_f64(),
            patched.header(ETAG)
        ),
        (200, Some(0.25), "\"3\"")
    );
    let hidden = studio
        .ask(Method::POST, "/api/v1/layers/card/hide", Body::empty())
        .await;
    assert_eq!(
        (hidden.status, &hidden.json()["visible"]),
        (200, &json!(false))
    );
    let scene = studio.get("/api/v1/scene").await;
    assert_eq!(scene.json()["layers"][0], hidden.json());
    assert_eq!(scene.header(ETAG), "\"4\"");

    let moving = json!({ "target": "layers/card", "timing": { "duration_ms": 500 },
        "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] });
    let started = studio
        .ask(Method::POST, "/api/v1/animations", moving.to_string())
        .await;
    assert_eq!(started.status, 201, "{:?}", started.json());
    let show_time: f64 = started.header("show-time-ms").parse().unwrap();
    assert_eq!(started.json()["start"]["at_ms"].as_f64(), Some(show_time));
    assert_eq!(
        studio.get("/api/v1/layers/card").await.header(ETAG),
        "\"4\""
    );

    let removed = studio
        .ask(Method::DELETE, "/api/v1/layers/card", Body::empty())
        .await;
    assert_eq!(
        (removed.status, &removed.json()["id"]),
        (200, &json!("card"))
    );
    for (method, path) in [
        (Method::GET, "/api/v1/layers/card"),
        (Method::PATCH, "/api/v1/layers/card"),
        (Method::DELETE, "/api/v1/layers/card"),
        (Method::POST, "/api/v1/layers/card/show"),
    ] {
        let body = if method == Method::PATCH { "{}" } else { "" };
        let gone = studio.ask(method, path, body).await;
        assert_eq!(gone.problem(), (404, "layer-not-found".to_owned()));
    }
    let animations = studio.get("/api/v1/animations").await;
    assert_eq!(
        animations.json()["items"],
        json!([]),
        "they go with their layer"
    );
    studio.close();
}

#[tokio::test]
async fn of_two_who_saw_the_same_layer_one_may_write() {
    let studio = Studio::open();
    for id in ["a", "b"] {
        let layer = json!({ "id": id, "kind": "group" }).to_string();
        studio.ask(Method::POST, "/api/v1/layers", layer).await;
    }
    let seen = studio.get("/api/v1/layers/a").await;
    let patch = |id: &str, x: u32| {
        let request = Request::builder()
            .method(Method::PATCH)
            .uri(format!("/api/v1/layers/{id}"))
            .header(HOST, "localhost:4200")
            .header(IF_MATCH, seen.header(ETAG).to_owned());
        let body = json!({ "transform": { "x_px": x } }).to_string();
        request.body(Body::from(body)).unwrap()
    };
    let (first, second) = tokio::join!(studio.send(patch("a", 1)), studio.send(patch("a", 2)));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // Another layer's revision is its own.
    assert_eq!(studio.send(patch("b", 3)).await.status, 412);
    studio.close();
}

/// Fifty clients write at the same time: nothing is lost, and nobody waits for another's frame.
#[tokio::test]
async fn many_writers_at_once_lose_nothing() {
    let studio = Studio::open();
    let layer = json!({ "id": "a", "kind": "group" }).to_string();
    studio.ask(Method::POST, "/api/v1/layers", layer).await;
    let fields = ["x_px", "y_px", "scale_x", "scale_y", "rotation_deg"];
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..50u32 {
        let (router, field) = (studio.router(), fields[n as usize % 5]);
        writers.spawn(async move {
            let body = json!({ "transform": { field: n + 1 } }).to_string();
            let request = Request::builder()
                .method(Method::PATCH)
                .uri("/api/v1/layers/a")
                .header(HOST, "localhost:4200");
            let answer = router
                .oneshot(request.body(Body::from(body)).unwrap())
                .await;
            let headers = answer.unwrap().headers().clone();
            let number = |name: &str| headers[name].to_str().unwrap().parse::<u64>().unwrap();
            (number("revision"), number("frame"), field, n + 1)
        });
    }
    let mut answers: Vec<_> = writers.join_all().await;
    answers.sort_unstable();
    let revisions: Vec<u64> = answers.iter().map(|a| a.0).collect();
    assert_eq!(revisions, (3..53).collect::<Vec<u64>>());
    assert!(
        answers[49].1 - answers[0].1 < 25,
        "they share frames: {answers:?}"
    );
    let shown = studio.get("/api/v1/layers/a").await.json();
    for field in fields {
        let last = answers.iter().rfind(|a| a.2 == field).unwrap();
        assert_eq!(
            shown["transform"][field].as_u64(),
            Some(last.3.into()),
            "{field}"
        );
    }
    assert_eq!(studio.get("/api/v1/scene").await.header(ETAG), "\"52\"");
    studio.close();
}

#[tokio::test]
async fn layers_are_found_by_tag() {
    let studio = Studio::open();
    for (id, tags) in [
        ("a", json!(["lot", "left"])),
        ("b", json!(["lot"])),
        ("c", json!([])),
    ] {
        let layer = json!({ "id": id, "kind": "group", "tags": tags, "metadata": { "of": id } });
        let made = studio
            .ask(Method::POST, "/api/v1/layers", layer.to_string())
            .await;
        assert_eq!(made.status, 201);
    }
    for (query, found) in [
        ("?tag=lot", &["a", "b"][..]),
        ("?tag=left&resolved=true", &["a"]),
        ("?tag=nothing", &[]),
        ("", &["a", "b", "c"]),
    ] {
        let list = studio.get(&format!("/api/v1/layers{query}")).await.json();
        let items = list["items"].as_array().unwrap();
        let ids: Vec<_> = items
            .iter()
            .map(|layer| layer["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, found, "{query}");
        assert!(
            items
                .iter()
                .all(|layer| layer["metadata"]["of"] == layer["id"])
        );
    }
    studio.close();
}

/// What is shown keeps to the rules that a patch keeps to.
#[tokio::test(flavor = "multi_thread")]
async fn one_pane_too_many_is_not_shown() {
    let studio = Studio::open();
    let pane = |n: usize| {
        json!({
            "id": format!("pane-{n}"), "kind": "overlay", "visible": n < 8,
            "transform": { "width_px": 9, "height_px": 9 },
            "source": { "type": "color", "color": "#fff3" },
            "effects": [{ "type": "backdrop_blur", "sigma_px": 5 }],
        })
    };
    let mut scene = studio.scene().await;
    scene["layers"] = (0..9).map(pane).collect();
    assert_eq!(studio.put("/api/v1/scene", scene).await.status, 200);
    let show = "/api/v1/layers/pane-8/show";
    for body in [json!({}), json!({ "transition": { "type": "fade" } })] {
        let answer = studio.post(show, body).await;
        let problem = answer.json();
        assert_eq!(
            problem["errors"][0]["pointer"], "/layers/8/effects/0",
            "{problem}"
        );
    }
    assert_eq!(
        studio
            .post("/api/v1/layers/pane-0/hide", json!({}))
            .await
            .status,
        200
    );
    assert_eq!(studio.post(show, json!({})).await.status, 200);
    studio.close();
}
