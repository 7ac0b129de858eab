//! What every `Cargo.toml` of ours must say.

use super::graph::{Graph, Package};

/// Crates that could be published by accident, or that do not take part in the workspace's lints.
pub(crate) fn check(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for package in graph.ours() {
        match std::fs::read_to_string(&package.manifest) {
            Ok(manifest) => faults.extend(check_one(package, &manifest)),
            Err(error) => faults.push(format!("cannot read {}: {error}", package.manifest)),
        }
    }
    faults
}

fn check_one(package: &Package, manifest: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !package.is_private {
        faults.push(format!(
            "`{}` could be published: say `publish.workspace = true` in its Cargo.toml",
            package.name
        ));
    }
    if !inherits_lints(manifest) {
        faults.push(format!(
            "`{}` does not take the workspace's lints: say `workspace = true` under [lints]",
            package.name
        ));
    }
    faults
}

fn inherits_lints(manifest: &str) -> bool {
    let mut table = "";
    manifest
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .any(|line| {
            if line.starts_with('[') {
                table = line;
            }
            let plain: String = line.split_whitespace().collect();
            (table == "[lints]" && plain == "workspace=true")
                || (table.is_empty() && plain == "lints.workspace=true")
        })
}

#[cfg(test)]
mod tests {
    use super::super::graph::fake::{graph, ours};
    use super::*;
    use serde_json::json;

    #[test]
    fn a_publishable_crate_and_one_without_lints_are_faults() {
        let mut public = ours("media");
        public["publish"] = json!(null);
        let graph = graph(&[public], &[]);
        let media = &graph.packages["media"];
        let faults = check_one(
            media,
            "[package]\nname = \"media\"\n[dependencies]\nworkspace = true\n",
        );
        assert!(
            faults.len() == 2 && faults[0].contains("published") && faults[1].contains("lints"),
            "{faults:?}"
        );
    }

    #[test]
    fn both_spellings_of_inherited_lints_count_and_a_comment_does_not() {
        assert!(inherits_lints(
            "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"
        ));
        assert!(inherits_lints("lints.workspace = true\n[package]\n"));
        assert!(!inherits_lints("[lints]\n# workspace = true\n"));
        assert!(!inherits_lints("[lints.rust]\nworkspace = true\n"));
    }
}
