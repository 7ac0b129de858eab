//! The rules, and the run over all of them.
//!
//! A rule is a function from what is there to a list of faults; only this file starts programs.

mod docs;
mod files;
mod graph;
mod house;
mod license;
mod manifests;
mod scripts;

use graph::Graph;
use std::path::Path;
use std::process::Command;

/// Checks the repository that the working directory lies in: a summary, or every fault.
pub(crate) fn run() -> Result<String, Vec<String>> {
    let graph = metadata()
        .and_then(|json| Graph::parse(&json))
        .map_err(|fault| vec![fault])?;
    let root = Path::new(&graph.root);
    let mut faults = Vec::new();
    faults.extend(house::edges(&graph));
    faults.extend(house::no_tokio_below_the_rim(&graph));
    faults.extend(license::licenses(&graph));
    faults.extend(license::sources(&graph));
    faults.extend(manifests::check(&graph));
    faults.extend(files::check(&graph));
    faults.extend(docs::crate_table(root, &graph));
    faults.extend(scripts::check(root));
    if faults.is_empty() {
        Ok(format!(
            "tidy: {} crates, {} packages, no fault",
            graph.ours().count(),
            graph.packages.len()
        ))
    } else {
        Err(faults
            .into_iter()
            .map(|fault| format!("tidy: {fault}"))
            .collect())
    }
}

fn metadata() -> Result<String, String> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    String::from_utf8(output.stdout)
        .map_err(|error| format!("cargo metadata is not UTF-8: {error}"))
}
