//! Time and memory do not double unnoticed.
//!
//! `budgets.json` says how much each figure of `bench --json` may be for the reference scene, in the development build
//! that tests run: twice what was measured. Times are compared with other times of the same run wherever they can be, for
//! machines differ and have their moods: ours with that of x264, which is the same program in every build, and x264's with
//! that of copying memory. Whoever makes something faster lowers its budget; the message of a failure has all figures.
#![forbid(unsafe_code)]

use serde_json::Value;
use std::process::{Command, Stdio};

/// Half a minute is too long for a test; medians of this many frames hold still within a tenth or two.
const FRAMES: &str = "40";

#[test]
fn nothing_costs_twice_what_it_did() {
    let budgets: Value =
        serde_json::from_str(include_str!("budgets.json")).expect("the file is JSON");
    let scene = format!(
        "{}/../../shows/{}/scene.json",
        env!("CARGO_MANIFEST_DIR"),
        budgets["scene"].as_str().expect("a show")
    );
    let output = Command::new(env!("CARGO_BIN_EXE_stream-manager"))
        .args(["bench", &scene, "--json", "--frames", FRAMES])
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .expect("the program was built");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let figure = |pointer: &Value| {
        let pointer = pointer.as_str().expect("a JSON pointer");
        let value = report.pointer(pointer).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("no {pointer} in {report:#}"))
    };
    let mut lines = Vec::new();
    let mut kept = true;
    for budget in budgets["budgets"].as_array().expect("budgets") {
        let per = &budget["per"];
        let value = figure(&budget["figure"]) / if per.is_null() { 1.0 } else { figure(per) };
        let most = budget["most"].as_f64().expect("a number");
        kept &= value <= most;
        let verdict = if value <= most { "kept" } else { "EXCEEDED" };
        lines.push(format!(
            "{verdict:9} {value:.5} of {most}: {} per {per}",
            budget["figure"]
        ));
    }
    assert!(lines.len() >= 10, "budgets are missing");
    assert!(kept, "{}\n{report:#}", lines.join("\n"));
}
