//! Documents that must not go stale.

use super::graph::Graph;
use std::path::Path;

/// The file whose table has one row for each crate.
const MAP: &str = "ARCHITECTURE.md";

/// Crates without a row in the map, and rows without a crate.
pub(crate) fn crate_table(root: &Path, graph: &Graph) -> Vec<String> {
    match std::fs::read_to_string(root.join(MAP)) {
        Ok(map) => check(&map, graph),
        Err(error) => vec![format!("cannot read {MAP}: {error}")],
    }
}

fn check(map: &str, graph: &Graph) -> Vec<String> {
    let rows: Vec<&str> = map
        .lines()
        .skip_while(|line| *line != "## Code map")
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let missing = graph
        .ours()
        .filter(|package| !rows.contains(&package.name.as_str()));
    let stale = rows
        .iter()
        .filter(|row| graph.ours().all(|package| package.name != **row));
    missing
        .map(|package| {
            format!(
                "{MAP}: the table under \"Code map\" has no row for crate `{}`",
                package.name
            )
        })
        .chain(stale.map(|row| {
            format!("{MAP}: the table under \"Code map\" has a row for `{row}`, which is no crate")
        }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::graph::fake::{graph, ours};
    use super::*;

    #[test]
    fn a_missing_and_a_stale_row_are_faults() {
        let graph = graph(&[ours("media"), ours("scene")], &[]);
        let map = "| `scene` | not in the map |\n## Code map\n| crate | job |\n|---|---|\n| `media` | words |\n| `attic` | gone |\n## Next\n";
        let faults = check(map, &graph);
        assert!(
            faults.len() == 2
                && faults[0].contains("crate `scene`")
                && faults[1].contains("`attic`"),
            "{faults:?}"
        );
        assert_eq!(
            check("## Code map\n| `media` | |\n| `scene` | |\n", &graph),
            [""; 0]
        );
    }
}
