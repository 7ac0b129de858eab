//! The preview, over a real socket.

use super::socket::connect;
use super::studio::Studio;
use crate::*;
use serde_json::{Value, json};
use tungstenite::Message;

#[tokio::test]
async fn a_viewer_gets_hello_then_the_init_segment_then_fragments_from_an_idr() {
    let studio = Studio::open();
    let mut socket = connect(guarded(ws_router(&studio.api), Studio::hosts())).await;
    let reading = move || {
        (0..12)
            .map(|_| socket.read().unwrap())
            .collect::<Vec<Message>>()
    };
    let messages = tokio::task::spawn_blocking(reading).await.unwrap();

    let hello: Value = serde_json::from_str(messages[0].to_text().unwrap()).unwrap();
    assert_eq!(
        (&hello["type"], &hello["width_px"], &hello["fps"]),
        (&json!("hello"), &json!(128), &json!(30.0))
    );
    assert!(
        hello["codec"]
            .as_str()
            .unwrap()
            .starts_with("video/mp4; codecs=\"avc1.")
    );
    let boxes: Vec<_> = messages[1..]
        .iter()
        .map(|m| m.clone().into_data()[4..8].to_vec())
        .collect();
    assert_eq!(boxes[0], b"ftyp");
    assert!(boxes[1..].iter().all(|kind| kind == b"moof"));

    studio.api.end();
    studio.close();
}
