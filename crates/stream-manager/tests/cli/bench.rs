//! What `bench` prints: every stage, as a table and as JSON. The figures themselves are the machine's.

use crate::program::{Show, lively, run, scene, word};
use serde_json::{Value, json};

const STAGES: [&str; 11] = [
    "resolve_lower",
    "paint",
    "compose_hot",
    "compose_paced",
    "compose_unchanged",
    "compose_full",
    "encode_normal",
    "encode_low",
    "frame_normal",
    "frame_low",
    "copy_rgba",
];

fn bench(show: &Show, env: &[(&str, &str)]) -> Value {
    let outcome =
        run(&["bench", &show.scene(), "--json", "--frames", "4"], env).succeeded_quietly();
    serde_json::from_slice(&outcome.stdout).expect("JSON")
}

/// One word, and two frames later another, and so on: at 60 fps something new every other frame.
fn restless() -> Show {
    let mut scene = scene(&json!([word("title", "Lot 7")]));
    scene["animations"] = json!([
        { "id": "count", "target": "layers/title", "start": { "at_ms": 0 }, "timing": { "duration_ms": 66, "iterations": "infinite" },
          "keyframes": [ { "source.text": "Lot 7" }, { "source.text": "Lot 8" } ] },
    ]);
    Show::new(&scene)
}

#[test]
fn json_has_every_stage_and_format() {
    let show = restless();
    let report = bench(
        &show,
        &[
            ("STREAM_BITRATE", "800k"),
            ("TARGET_FPS", "60"),
            ("STREAM_BFRAMES", "1"),
        ],
    );
    assert_eq!(report["scene"], show.scene());
    assert_eq!(
        report["settings"],
        json!({ "width_px": 320, "height_px": 180, "fps": 60.0, "bitrate_bps": 800_000, "preset": "veryfast" })
    );
    let stages = report["stages"].as_object().expect("stages");
    assert_eq!(stages.keys().collect::<Vec<_>>(), STAGES);
    for (name, stage) in stages {
        let ms = |field: &str| {
            stage[field]
                .as_f64()
                .unwrap_or_else(|| panic!("{name}: {stage}"))
        };
        assert!(stage["frames"].as_u64() > Some(0), "{name}: {stage}");
        assert!(
            ms("median_ms") >= 0.0 && ms("p99_ms") >= ms("median_ms") && ms("mean_ms") < 1e4,
            "{name}: {stage}"
        );
    }
    for whole in ["frame_normal", "frame_low"] {
        assert!(
            stages[whole]["mean_ms"].as_f64() > stages["compose_unchanged"]["mean_ms"].as_f64()
        );
    }
    let formats: Vec<String> = report["formats"]
        .as_array()
        .expect("formats")
        .iter()
        .map(|format| {
            assert!(
                format["cpu_ms"].as_f64() > Some(0.0) && format["most_fps"].as_f64() > Some(0.0),
                "{format}"
            );
            assert!(
                ["yes", "tight", "no"].contains(&format["verdict"].as_str().unwrap_or_default()),
                "{format}"
            );
            format!(
                "{} {} {}",
                format["height_px"],
                format["fps"],
                format["latency"].as_str().unwrap_or_default()
            )
        })
        .collect();
    let expected = [180, 1080, 1080, 720, 720]
        .iter()
        .zip(["60.0", "30.0", "60.0", "30.0", "60.0"])
        .flat_map(|(height, fps)| {
            ["normal", "low"].map(|latency| format!("{height} {fps} {latency}"))
        });
    assert_eq!(formats, expected.collect::<Vec<_>>());
    assert!(
        report["memory"]["rss_peak_bytes"].as_u64() > Some(1 << 20),
        "{report}"
    );
    assert!(
        report["start"]["first_frame_ms"].as_f64() > Some(0.0),
        "{report}"
    );
}

/// In a scene that stands still nothing new is painted: such a stage has no figures, rather than 0.
#[test]
fn a_stage_without_frames_has_no_figures() {
    let report = bench(&Show::new(&scene(&json!([]))), &[]);
    assert_eq!(
        report["stages"]["paint"],
        json!({ "median_ms": null, "mean_ms": null, "p99_ms": null, "frames": 0 })
    );
}

#[test]
fn the_table_has_every_stage_and_is_aligned() {
    let show = lively();
    let outcome = run(&["bench", &show.scene(), "--frames", "3"], &[]);
    let table = String::from_utf8(outcome.succeeded_quietly().stdout).expect("text");
    let stages: Vec<&str> = table
        .lines()
        .skip_while(|line| !line.starts_with("CPU ms per frame"))
        .take_while(|line| !line.is_empty() && !line.starts_with('*'))
        .collect();
    assert_eq!(stages.len(), 1 + STAGES.len(), "{table}");
    assert!(
        stages.iter().all(|line| line.len() == stages[0].len()),
        "{table}"
    );
    for words in [
        "1920x1080 at 60 fps, low",
        "720 at 30 fps, normal",
        "320x180 at 30 fps",
        "memory ",
        "start ",
        "noise ",
    ] {
        assert!(table.contains(words), "`{words}` is not in: {table}");
    }
}

#[test]
fn what_render_refuses_is_refused_in_the_same_words() {
    let no_layers = Show::of_bytes(br#"{ "schema": 1, "layers": 7 }"#);
    let no_picture = Show::new(&scene(&json!([
        { "id": "host", "kind": "host", "source": { "type": "image", "asset": "host.png" } }
    ])));
    for scene in [
        no_layers.scene(),
        no_picture.scene(),
        no_layers.path("gone.json"),
    ] {
        let rendered = run(&["render", &scene, "--out", "-", "--frames", "1"], &[]);
        let measured = run(&["bench", &scene], &[]).ended(64, &["error: "]);
        assert_eq!(measured.stderr, rendered.stderr);
        assert!(measured.stdout.is_empty());
    }
}
