//! `cargo bench -p stream-manager`: the figures of `stream-manager bench` for the reference scene, beside what they should be.
#![forbid(unsafe_code)]

use serde_json::Value;
use std::process::Command;
use testkit::StageTable;

const SCENE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shows/auction-bench/scene.json"
);

/// Milliseconds at the median.
const TARGETS: [(&str, f64); 6] = [
    ("compose_unchanged", 0.02),
    ("paint", 0.25),
    ("compose_hot", 1.0),
    ("compose_paced", 2.0),
    ("frame_normal", 20.0),
    ("frame_low", 17.0),
];

fn main() {
    let output = Command::new(env!("CARGO_BIN_EXE_stream-manager"))
        .args(["bench", SCENE, "--json"])
        .output()
        .expect("the program was built");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let stages = report["stages"].as_object().expect("stages");
    let mut table = StageTable::new("reference scene, 1920x1080 at 30 fps");
    for (name, stage) in stages {
        let target = TARGETS.iter().find(|(known, _)| known == name);
        let figure = |field: &str| stage[field].as_f64().expect("every stage has frames");
        table.row(
            name,
            target.map(|(_, ms)| *ms),
            figure("median_ms"),
            figure("p99_ms"),
        );
    }
}
