//! Who may depend on whom.

use super::graph::{Graph, Package};
use std::collections::BTreeMap;

/// The floor of every crate; a crate depends only on lower floors.
const FLOORS: &[(&str, u8)] = &[
    ("media", 0),
    ("animation", CRAFT),
    ("scene", CRAFT),
    ("sources", CRAFT),
    ("character", CRAFT),
    ("compositor", CRAFT),
    ("compositor-gpu", CRAFT),
    ("audio", CRAFT),
    ("codec", CRAFT),
    ("rtmp", CRAFT),
    ("engine", 2),
    ("wire", 3),
    ("api", RIM),
    ("store", RIM),
    ("assets", RIM),
    ("outputs", RIM),
    ("x-platform", RIM),
    ("telemetry", RIM),
    ("stream-manager", 5),
];
const CRAFT: u8 = 1;
const RIM: u8 = 4;

/// On the craft floor a crate may use those it can reach along these arrows, `(used, user)`.
const ARROWS: &[(&str, &str)] = &[
    ("animation", "scene"),
    ("scene", "sources"),
    ("animation", "character"),
    ("character", "sources"),
    ("compositor", "compositor-gpu"),
];

/// Beside the floors: `testkit` is used by tests only, `xtask` by nobody; both may use any crate.
const BESIDE: &[&str] = &["testkit", "xtask"];

/// Every edge between two of our crates that the house forbids.
pub(crate) fn edges(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for user in graph.ours() {
        if floor(&user.name).is_none() && !BESIDE.contains(&user.name.as_str()) {
            faults.push(format!(
                "crate `{}` has no floor: put it into FLOORS in crates/xtask/src/tidy/house.rs",
                user.name
            ));
        }
        for dependency in &user.dependencies {
            let used = &graph.packages[&dependency.to];
            let for_tests_only = dependency.is_dev && !dependency.is_normal;
            if used.is_ours && !may_use(&user.name, &used.name, for_tests_only) {
                faults.push(format!(
                    "`{}` must not depend on `{}`{}",
                    user.name,
                    used.name,
                    reason(user, used)
                ));
            }
        }
    }
    faults
}

fn may_use(user: &str, used: &str, for_tests_only: bool) -> bool {
    match (floor(user), floor(used)) {
        _ if used == "testkit" => for_tests_only,
        _ if used == "xtask" => false,
        (None, _) => true,
        (Some(CRAFT), Some(CRAFT)) => reaches(used, user),
        (Some(user), Some(used)) => used < user,
        (Some(_), None) => false,
    }
}

/// Whether the arrows lead from `from` to `to`, over other crates or directly.
fn reaches(from: &str, to: &str) -> bool {
    ARROWS
        .iter()
        .any(|&(used, user)| used == from && (user == to || reaches(user, to)))
}

fn reason(user: &Package, used: &Package) -> String {
    match (floor(&user.name), floor(&used.name)) {
        (Some(CRAFT), Some(CRAFT)) => {
            ": no arrow leads there on the craft floor (ARCHITECTURE.md)".to_owned()
        }
        (Some(a), Some(b)) => {
            format!(": floor {a} may use only floors below it, not {b} (ARCHITECTURE.md)")
        }
        _ if used.name == "testkit" => {
            ": testkit is for tests, list it under dev-dependencies".to_owned()
        }
        _ => String::new(),
    }
}

fn floor(name: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, floor)| *floor)
}

/// Crates below the rim that reach tokio over normal or build dependencies, with the way there.
///
/// The picture and the engine are threads and plain functions; a runtime that slipped in would bring its own clock and queues.
pub(crate) fn no_tokio_below_the_rim(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for (id, package) in graph.packages.iter().filter(|(_, package)| package.is_ours) {
        if floor(&package.name).is_some_and(|floor| floor < RIM)
            && let Some(way) = way_to(graph, id, "tokio")
        {
            faults.push(format!(
                "`{}` is below the rim and must not use tokio: {}",
                package.name,
                way.join(" -> ")
            ));
        }
    }
    faults
}

/// Names along a shortest way over normal and build dependencies.
fn way_to(graph: &Graph, start: &str, goal: &str) -> Option<Vec<String>> {
    let mut came_from = BTreeMap::from([(start, None)]);
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(id) = queue.pop_front() {
        if graph.packages[id].name == goal {
            let mut way: Vec<String> = std::iter::successors(Some(id), |id| came_from[id])
                .map(|id| graph.packages[id].name.clone())
                .collect();
            way.reverse();
            return Some(way);
        }
        for dependency in graph.packages[id]
            .dependencies
            .iter()
            .filter(|dependency| dependency.is_normal)
        {
            if !came_from.contains_key(dependency.to.as_str()) {
                came_from.insert(&dependency.to, Some(id));
                queue.push_back(&dependency.to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::graph::fake::{foreign, graph, ours};
    use super::*;

    fn faults_of(user: &str, used: &str, kind: &str) -> Vec<String> {
        edges(&graph(&[ours(user), ours(used)], &[(user, used, kind)]))
    }

    #[test]
    fn edges_down_and_along_arrows_are_allowed() {
        for (user, used, kind) in [
            ("animation", "media", "normal"),
            ("scene", "animation", "normal"),
            ("sources", "animation", "normal"),
            ("sources", "scene", "build"),
            ("engine", "codec", "normal"),
            ("wire", "scene", "normal"),
            ("outputs", "engine", "normal"),
            ("stream-manager", "api", "normal"),
            ("media", "testkit", "dev"),
            ("testkit", "stream-manager", "normal"),
        ] {
            assert_eq!(faults_of(user, used, kind), [""; 0], "{user} -> {used}");
        }
    }

    #[test]
    fn every_other_edge_is_a_fault() {
        for (user, used, kind) in [
            ("media", "animation", "normal"),
            ("animation", "scene", "normal"),
            ("compositor", "scene", "normal"),
            ("compositor", "scene", "dev"),
            ("codec", "rtmp", "normal"),
            ("engine", "wire", "normal"),
            ("api", "outputs", "normal"),
            ("api", "stream-manager", "normal"),
            ("media", "testkit", "normal"),
            ("media", "testkit", "build"),
            ("testkit", "xtask", "normal"),
        ] {
            assert_eq!(
                faults_of(user, used, kind).len(),
                1,
                "{user} -> {used} ({kind})"
            );
        }
    }

    #[test]
    fn a_crate_without_a_floor_is_a_fault() {
        let faults = edges(&graph(&[ours("attic")], &[]));
        assert!(
            faults.len() == 1 && faults[0].contains("`attic` has no floor"),
            "{faults:?}"
        );
    }

    #[test]
    fn tokio_is_found_through_other_crates_below_the_rim_only() {
        let packages = [
            ours("engine"),
            ours("wire"),
            ours("api"),
            foreign("hyper", "MIT"),
            foreign("tokio", "MIT"),
        ];
        let edges = [
            ("engine", "hyper", "normal"),
            ("hyper", "tokio", "normal"),
            ("api", "tokio", "normal"),
            ("wire", "tokio", "dev"),
        ];
        assert_eq!(
            no_tokio_below_the_rim(&graph(&packages, &edges)),
            ["`engine` is below the rim and must not use tokio: engine -> hyper -> tokio"]
        );
    }
}
