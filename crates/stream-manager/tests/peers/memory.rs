//! Killed in mid-show, and back.

use crate::studio::{Answer, Studio};
use serde_json::json;
use std::time::Duration;
use testkit::{NginxOptions, NginxRtmp, TempFolder};

const NOTE: &str = "/api/v1/layers/note";

/// The show time of a still, and its bytes.
fn still(answer: &Answer) -> (&str, &[u8]) {
    let mut lines = answer.head.lines();
    let time = lines.find_map(|line| line.strip_prefix("show-time-ms: "));
    (time.expect("stills say their time").trim(), &answer.body)
}

fn write(studio: &Studio, query: &str, n: usize) {
    let body = json!({ "transform": { "x_px": n } }).to_string();
    let answer = studio.ask("PATCH", &format!("{NOTE}{query}"), body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.json());
}

fn written(studio: &Studio) -> usize {
    let x = studio.get(NOTE).json()["transform"]["x_px"].as_u64();
    usize::try_from(x.expect("the note is there")).expect("it was a usize")
}

#[test]
fn a_show_that_is_killed_goes_on_where_it_would_be() {
    let folder = TempFolder::new("memory");
    let data = folder.path().join("data");
    let server = NginxRtmp::start(&NginxOptions::default());
    let env = [("DATA_DIR", data.to_str().expect("temporary paths are text"))];
    let studio = Studio::serve(&env);
    let note = json!({
        "id": "note", "kind": "overlay", "z_index": 900, "transform": { "width_px": 40, "height_px": 40 },
        "source": { "type": "color", "color": "#ff0000" },
    });
    assert_eq!(studio.post("/api/v1/layers", &note).status, 201);
    let swing = json!({
        "target": "layers/note", "timing": { "duration_ms": 700, "iterations": "infinite" },
        "keyframes": [{ "transform.y_px": 0 }, { "transform.y_px": 1000 }],
    });
    assert_eq!(studio.post("/api/v1/animations", &swing).status, 201);
    let output = json!({ "id": "main", "type": "rtmp", "url": server.rtmp_url(), "key": "killed" });
    assert_eq!(studio.post("/api/v1/outputs", &output).status, 201);
    studio.wait_for("main", "live", Duration::from_secs(10));
    assert_eq!(studio.ask("PUT", "/api/v1/presets/kept", b"{}").status, 201);

    // What was to be durable is all there, and so is everything before it.
    write(&studio, "?durability=sync", 7);
    let read = |studio: &Studio| {
        ["scene", "history", "presets"].map(|path| studio.get(&format!("/api/v1/{path}")).json())
    };
    let before = read(&studio);
    drop(studio);
    let studio = Studio::serve(&env);
    assert_eq!(read(&studio), before);
    studio.wait_for("main", "live", Duration::from_secs(10));

    // The picture is the one that an uninterrupted show has at this show time, bit by bit.
    let on_air = studio.get("/api/v1/frame.png");
    let (time, picture) = still(&on_air);
    let uninterrupted = studio.get(&format!("/api/v1/frame.png?at_ms={time}"));
    assert!(
        picture == still(&uninterrupted).1,
        "the picture at {time} ms"
    );

    // Of answers that promised nothing, those of the last tenth of a second may be lost: three frames' worth.
    let mut studio = studio;
    for round in 1..=3 {
        let last = round * 100 + 15;
        for n in round * 100..=last {
            write(&studio, "", n);
        }
        drop(studio);
        studio = Studio::serve(&env);
        let lost = last - written(&studio);
        println!("round {round}: {lost} of 16 answered changes lost");
        assert!(lost <= 4, "{lost} changes are lost");
    }

    // The way back is there too.
    let undone = studio.post("/api/v1/undo", &json!({}));
    assert_eq!(undone.status, 200, "{}", undone.json());
    let log = studio.log();
    assert!(!log.contains("killed"), "the key is in the log: {log}");
    assert!(studio.stop().success());
}
