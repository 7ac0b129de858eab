//! Time and memory do not double unnoticed.
//!
//! `budgets.json` says how much each figure of `bench --json` may be for the reference scene and for one of fifty layers, in the development build
//! that tests run: twice what was measured. Times are compared with other times of the same run wherever they can be, for
//! machines differ and have their moods: ours with that of x264, which is the same program in every build, and x264's with
//! that of copying memory. Whoever makes something faster lowers its budget; the message of a failure has all figures.
#![forbid(unsafe_code)]

use serde_json::Value;
use std::process::{Command, Stdio};

/// Medians of this many frames hold still within a tenth or two.
const FRAMES: &str = "40";
/// A start is timed once a run, and the first run reads fonts and pictures from the disk: with one run, a first frame that
/// takes 65 ms took 163 once. The median of three leaves out what happens to one.
const RUNS: usize = 3;

#[test]
fn nothing_costs_twice_what_it_did() {
    let scenes: Value =
        serde_json::from_str(include_str!("budgets.json")).expect("the file is JSON");
    let scenes = scenes.as_array().expect("scenes");
    let (mut lines, mut kept) = (Vec::new(), true);
    for budgets in scenes {
        let name = budgets["scene"].as_str().expect("a show");
        let reports: Vec<Value> = (0..RUNS).map(|_| measured(name)).collect();
        for budget in budgets["budgets"].as_array().expect("budgets") {
            let (is_kept, line) = compared(budget, &reports);
            kept &= is_kept;
            lines.push(format!("{line} ({name})"));
        }
        lines.extend(reports.iter().map(|report| format!("{report:#}")));
    }
    assert!(
        scenes.len() >= 2 && lines.len() >= 15,
        "budgets are missing"
    );
    assert!(kept, "{}", lines.join("\n"));
}

/// What `bench --json` says of a show.
fn measured(show: &str) -> Value {
    let scene = format!(
        "{}/../../shows/{show}/scene.json",
        env!("CARGO_MANIFEST_DIR")
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
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Whether a budget is kept by the median of the reports, and a line about it.
fn compared(budget: &Value, reports: &[Value]) -> (bool, String) {
    let per = &budget["per"];
    let mut values: Vec<f64> = reports
        .iter()
        .map(|report| {
            let value = figure(report, &budget["figure"]);
            value
                / if per.is_null() {
                    1.0
                } else {
                    figure(report, per)
                }
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let value = values[values.len() / 2];
    let most = budget["most"].as_f64().expect("a number");
    let is_kept = value <= most;
    let verdict = if is_kept { "kept" } else { "EXCEEDED" };
    let line = format!(
        "{verdict:9} {value:.5} of {most}: {} per {per}",
        budget["figure"]
    );
    (is_kept, line)
}

fn figure(report: &Value, pointer: &Value) -> f64 {
    let pointer = pointer.as_str().expect("a JSON pointer");
    let value = report.pointer(pointer).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("no {pointer} in {report:#}"))
}
