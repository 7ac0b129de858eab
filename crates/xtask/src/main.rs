//! Repository checks, `cargo xtask tidy`, and a page of the reference pictures, `cargo xtask gallery`.
//!
//! Job: fail, with one clear line per fault, when the repository breaks a rule that no compiler knows.
//! Not its job: formatting, lints, tests; `scripts/lint` and `scripts/test` call their tools.
#![forbid(unsafe_code)]

mod gallery;
mod tidy;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (report, code) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => match tidy::run() {
            Ok(summary) => (summary, ExitCode::SUCCESS),
            Err(faults) => (faults.join("\n"), ExitCode::FAILURE),
        },
        ["gallery"] => match gallery::run(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")) {
            Ok(summary) => (summary, ExitCode::SUCCESS),
            Err(faults) => (faults.join("\n"), ExitCode::FAILURE),
        },
        _ => (
            "usage: cargo xtask tidy|gallery".to_owned(),
            ExitCode::from(64),
        ),
    };
    // A reader that went away is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{report}");
    code
}
