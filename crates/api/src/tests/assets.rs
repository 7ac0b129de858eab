//! Assets, through their port.

use super::ports::FETCHED;
use super::studio::{Answer, Studio, local};
use axum::body::Body;
use axum::http::Method;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};

const BOUNDARY: &str = "a-boundary";

/// A form with these files.
fn form(files: &[(&str, &str)]) -> String {
    let part = |(name, text): &(&str, &str)| {
        format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n{text}\r\n"
        )
    };
    let parts: String = files.iter().map(part).collect();
    format!("{parts}--{BOUNDARY}--\r\n")
}

async fn upload(studio: &Studio, body: String) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = local(Method::POST, "/api/v1/assets").header(CONTENT_TYPE, kind);
    studio.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_file_is_taken_in_once_and_given_out_again() {
    let studio = Studio::open();
    let mut ear = studio.events();
    let taken = upload(&studio, form(&[("lot.png", "picture")])).await;
    let asset = taken.json();
    let id = asset["id"].as_str().unwrap().to_owned();
    let place = format!("/api/v1/assets/{id}");
    assert_eq!((taken.status, taken.header("location")), (201, &*place));
    assert_eq!(
        (&asset["name"], &asset["bytes"]),
        (&json!("lot.png"), &json!(7))
    );
    assert_eq!(ear.hear("asset.added").await["data"], asset);
    let again = upload(&studio, form(&[("other.png", "picture")])).await;
    assert_eq!((again.status, again.json()), (200, asset.clone()));
    assert_eq!(studio.get(&place).await.json(), asset);

    let content = studio.get(&format!("{place}/content")).await;
    assert_eq!((content.status, &*content.body), (200, &b"picture"[..]));
    assert_eq!(content.header(CONTENT_TYPE), "image/png");
    assert!(content.header(CONTENT_SECURITY_POLICY).contains("sandbox"));
    let known =
        local(Method::GET, &format!("{place}/content")).header(IF_NONE_MATCH, content.header(ETAG));
    let known = studio.send(known.body(Body::empty()).unwrap()).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let thumbnail = studio.get(&format!("{place}/thumbnail?width_px=64")).await;
    assert_eq!(&*thumbnail.body, b"thumbnail 64");
    for width in [15, 513] {
        let path = format!("{place}/thumbnail?width_px={width}");
        assert_eq!(studio.get(&path).await.problem().0, 400);
    }
    let layer = json!({ "id": "a", "kind": "overlay", "source": { "type": "image", "asset": id } });
    assert_eq!(studio.post("/api/v1/layers", layer).await.status, 201);
    let is_kept = || studio.api.assets_kept().contains(&*id);
    let is_past = || studio.api.assets_of_the_past().contains(&*id);
    assert!(
        !is_kept() && is_past(),
        "what is done can be undone and done again"
    );
    // What only a preset has, and what a scheduled command will show.
    let preset = |method, body: Value| studio.ask(method, "/api/v1/presets/one", body.to_string());
    assert_eq!(preset(Method::PUT, json!({})).await.status, 201);
    assert_eq!(studio.delete("/api/v1/layers/a").await.status, 200);
    assert!(is_kept() && is_past());
    assert_eq!(preset(Method::DELETE, json!({})).await.status, 200);
    assert!(!is_kept());
    let params =
        json!({ "id": "b", "kind": "overlay", "source": { "type": "image", "asset": id } });
    let batch = json!({
        "commands": [{ "method": "layer.create", "params": params }],
        "start": { "at_ms": 1e9 },
    });
    let job = studio.post("/api/v1/batch", batch).await;
    assert_eq!(job.status, 202, "{}", job.json());
    assert!(is_kept());

    assert_eq!(studio.delete(&place).await.status, 204);
    assert_eq!(ear.hear("asset.removed").await["data"]["id"], id);
    for path in [
        place.clone(),
        format!("{place}/content"),
        format!("{place}/thumbnail"),
    ] {
        assert_eq!(
            studio.get(&path).await.problem(),
            (404, "asset-not-found".to_owned())
        );
    }
    assert_eq!(studio.delete(&place).await.problem().0, 404);
    studio.close();
}

#[tokio::test]
async fn what_is_no_upload_is_refused() {
    let studio = Studio::open();
    let whole = form(&[("a.png", "a")]);
    let cut = whole[..whole.len() - 12].to_owned();
    for (body, status) in [
        (form(&[]), 422),
        (form(&[("a.png", "a"), ("b.png", "b")]), 422),
        (cut, 400),
        (String::new(), 422),
    ] {
        let refused = upload(&studio, body.clone()).await;
        let (is, _) = refused.problem();
        assert_eq!(is, status, "{body}: {}", refused.json());
    }
    for (body, status) in [
        (json!({}), 422),
        (json!({ "url": 7 }), 422),
        (json!({ "url": "https://pictures.example/none.png" }), 502),
    ] {
        assert_eq!(
            studio.post("/api/v1/assets", body).await.problem().0,
            status
        );
    }
    assert_eq!(
        studio.get("/api/v1/assets").await.json()["items"],
        json!([])
    );
    studio.close();
}

#[tokio::test]
async fn assets_are_fetched_on_request_and_for_a_layer_that_names_them() {
    let studio = Studio::open();
    let mut ear = studio.events();
    let image = |id: &str, url: &str| json!({ "id": id, "kind": "overlay", "source": { "type": "image", "asset": url } });
    assert_eq!(
        studio
            .post("/api/v1/layers", image("a", FETCHED.0))
            .await
            .status,
        201
    );
    let fetched = ear.hear("asset.fetched").await;
    assert_eq!(fetched["data"]["url"], FETCHED.0);
    let away = "https://pictures.example/none.png";
    assert_eq!(
        studio.post("/api/v1/layers", image("b", away)).await.status,
        201
    );
    assert_eq!(ear.hear("asset.failed").await["data"]["asset"], away);
    let asked = studio
        .post("/api/v1/assets", json!({ "url": FETCHED.0 }))
        .await;
    assert_eq!(
        (asked.status, &asked.json()["id"]),
        (200, &fetched["data"]["id"])
    );
    studio.close();
}

#[tokio::test]
async fn assets_come_in_pages() {
    let studio = Studio::open();
    for n in 0..5 {
        assert_eq!(
            upload(&studio, form(&[("a.png", &n.to_string())]))
                .await
                .status,
            201
        );
    }
    let whole = studio.get("/api/v1/assets").await.json();
    assert!(whole.get("next").is_none(), "{whole}");
    let mut found: Vec<Value> = Vec::new();
    let mut path = "/api/v1/assets?limit=2".to_owned();
    let sizes = loop {
        let page = studio.get(&path).await.json();
        found.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/assets?limit=2&after={next}"),
            None => break found.len(),
        }
    };
    assert_eq!((sizes, json!(found)), (5, whole["items"].clone()));
    studio.close();
}
