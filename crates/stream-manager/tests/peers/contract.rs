//! The service keeps to its own OpenAPI document, tried by Schemathesis.

use crate::client::Connection;
use crate::studio::Studio;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

const SVG: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg' width='64' height='48'><rect width='64' height='48' fill='red'/></svg>";

#[test]
fn the_service_keeps_to_its_openapi_document() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = here.join("../../target/schemathesis/bin/schemathesis");
    assert!(
        program.is_file(),
        "Schemathesis is missing; scripts/test installs it"
    );
    // Small and fast: an answer to a change waits for a frame.
    let studio = Studio::serve(&[
        ("API_TOKENS", "tester:the-token-of-a-test:admin"),
        ("STREAM_RESOLUTION", "320x180"),
        ("TARGET_FPS", "60"),
    ]);
    let kept = [
        (
            "POST",
            "layers",
            json!({ "id": "kept", "kind": "overlay", "source": { "type": "text", "text": "x", "size_px": 20 } }),
        ),
        (
            "POST",
            "animations",
            json!({ "id": "kept", "target": "canvas", "timing": { "duration_ms": 1000, "iterations": "infinite" },
                    "keyframes": [{ "background": "#000" }, { "background": "#fff" }] }),
        ),
        ("PUT", "presets/kept", json!({})),
        (
            "POST",
            "outputs",
            json!({ "id": "kept", "type": "rtmp", "url": "rtmp://127.0.0.1:9/app", "key": "x", "enabled": false }),
        ),
    ];
    for (method, path, body) in kept {
        let path = format!("/api/v1/{path}");
        let answer = studio.ask(method, &path, body.to_string().as_bytes());
        assert_eq!(answer.status, 201, "{path}: {}", answer.json());
    }
    let asset = Connection::open(&studio).upload("kept.svg", SVG).json();
    let asset = asset["id"].as_str().expect("an asset has an id");
    let settings = fs::read_to_string(here.join("tests/schemathesis.toml")).expect("test data");
    let folder = studio.data();
    fs::write(
        folder.join("schemathesis.toml"),
        settings.replace("ASSET", asset),
    )
    .expect("the folder is there");

    let output = Command::new(&program)
        .current_dir(&folder)
        .args(["--config-file", "schemathesis.toml", "run"])
        .arg(studio.url("/api/openapi.json"))
        .args(["--header", &format!("Authorization: Bearer {}", studio.token())])
        .args([
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance",
        ])
        // It ends when the one who reads it goes.
        .args(["--exclude-operation-id", "frame.mjpg"])
        // One after the other, so that every run asks the same; `--generation-deterministic` takes no seed.
        .args(["--generation-deterministic", "--workers", "1"])
        .args(["--max-examples", "30", "--request-timeout", "20"])
        .args(["--continue-on-failure", "--warnings", "off", "--no-color"])
        .output()
        .expect("Schemathesis is there");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let summary = said.split("SUMMARY").nth(1).unwrap_or_default();
    println!("{summary}");
    let requests = |class: &str| {
        let label = format!("code=\"{class}");
        crate::studio::sum_of(
            &studio.metrics(),
            "http_request_duration_seconds_count",
            &label,
        )
    };
    assert!(requests("2") > 400.0, "{} went well", requests("2"));
    assert!(requests("4") > 5000.0, "{} were refused", requests("4"));
    // Outputs that it added lead nowhere, and say so.
    let health = studio.health().json();
    let components = health["components"].as_object().expect("it has components");
    for (name, component) in components {
        let is_theirs = name.starts_with("output:");
        assert!(is_theirs || component["status"] == "ok", "{health}");
    }
}
