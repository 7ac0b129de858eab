//! What the rules need of `cargo metadata`.

use serde_json::Value;
use std::collections::BTreeMap;

/// All packages of the lock file that any target or feature of the workspace reaches.
pub(crate) struct Graph {
    /// Absolute path of the workspace.
    pub(crate) root: String,
    /// By package id.
    pub(crate) packages: BTreeMap<String, Package>,
}

/// One package.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Member of the workspace.
    pub(crate) is_ours: bool,
    /// SPDX expression.
    pub(crate) license: Option<String>,
    /// Registry or git address; `None` for a path.
    pub(crate) source: Option<String>,
    /// `publish = false`.
    pub(crate) is_private: bool,
    pub(crate) manifest: String,
    /// Root files of libraries and binaries.
    pub(crate) entries: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// An edge of the resolved graph.
pub(crate) struct Dependency {
    /// Package id.
    pub(crate) to: String,
    /// Needed to build or run the crate itself, not only its tests.
    pub(crate) is_normal: bool,
    /// Needed by the crate's tests.
    pub(crate) is_dev: bool,
}

impl Graph {
    /// Reads the JSON of `cargo metadata --format-version 1`.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        let metadata: Value = serde_json::from_str(json)
            .map_err(|error| format!("cargo metadata is not JSON: {error}"))?;
        let members: Vec<&str> = list(&metadata["workspace_members"])
            .filter_map(Value::as_str)
            .collect();
        let mut packages = BTreeMap::new();
        for package in list(&metadata["packages"]) {
            let id = text(package, "id")?;
            packages.insert(
                id.clone(),
                Package {
                    name: text(package, "name")?,
                    version: text(package, "version")?,
                    is_ours: members.contains(&id.as_str()),
                    license: package["license"].as_str().map(str::to_owned),
                    source: package["source"].as_str().map(str::to_owned),
                    is_private: package["publish"].as_array().is_some_and(Vec::is_empty),
                    manifest: text(package, "manifest_path")?,
                    entries: list(&package["targets"]).filter_map(entry).collect(),
                    dependencies: Vec::new(),
                },
            );
        }
        for node in list(&metadata["resolve"]["nodes"]) {
            let id = text(node, "id")?;
            let package = packages
                .get_mut(&id)
                .ok_or_else(|| format!("cargo metadata resolves an unknown package {id}"))?;
            package.dependencies = list(&node["deps"])
                .filter_map(|dep| {
                    let kinds = || {
                        list(&dep["dep_kinds"])
                            .map(|kind| kind["kind"].as_str().unwrap_or("normal"))
                    };
                    Some(Dependency {
                        to: dep["pkg"].as_str()?.to_owned(),
                        is_normal: kinds().any(|kind| kind != "dev"),
                        is_dev: kinds().any(|kind| kind == "dev"),
                    })
                })
                .collect();
        }
        Ok(Self {
            root: text(&metadata, "workspace_root")?,
            packages,
        })
    }

    /// The crates of this workspace.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| package.is_ours)
    }
}

fn entry(target: &Value) -> Option<String> {
    let is_product = list(&target["kind"])
        .any(|kind| matches!(kind.as_str(), Some("lib" | "bin" | "proc-macro")));
    is_product.then(|| target["src_path"].as_str().map(str::to_owned))?
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value, key: &str) -> Result<String, String> {
    value[key]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("cargo metadata has no text `{key}` in {value:.80}"))
}

/// Small made-up metadata for the tests of the rules.
#[cfg(test)]
pub(crate) mod fake {
    use super::Graph;
    use serde_json::{Value, json};

    /// A member of the workspace.
    pub(crate) fn ours(name: &str) -> Value {
        json!({"id": name, "name": name, "version": "0.1.0", "license": "MIT", "source": null, "publish": [],
               "manifest_path": format!("/repo/crates/{name}/Cargo.toml"), "targets": []})
    }

    /// A crate of crates.io.
    pub(crate) fn foreign(name: &str, license: &str) -> Value {
        json!({"id": name, "name": name, "version": "1.0.0", "license": license, "publish": null,
               "source": "registry+https://github.com/rust-lang/crates.io-index",
               "manifest_path": format!("/registry/{name}/Cargo.toml"), "targets": []})
    }

    /// Packages and edges `(from, to, kind)`; a kind is `normal`, `build` or `dev`.
    pub(crate) fn graph(packages: &[Value], edges: &[(&str, &str, &str)]) -> Graph {
        let members: Vec<&Value> = packages
            .iter()
            .filter(|p| p["source"].is_null())
            .map(|p| &p["id"])
            .collect();
        let nodes: Vec<Value> = packages
            .iter()
            .map(|package| {
                let deps: Vec<Value> = edges
                    .iter()
                    .filter(|(from, ..)| package["id"] == *from)
                    .map(|(_, to, kind)| {
                        let kind = if *kind == "normal" {
                            Value::Null
                        } else {
                            json!(kind)
                        };
                        json!({"pkg": to, "dep_kinds": [{"kind": kind, "target": null}]})
                    })
                    .collect();
                json!({"id": package["id"], "deps": deps})
            })
            .collect();
        let metadata = json!({"packages": packages, "workspace_members": members, "workspace_root": "/repo",
                              "resolve": {"nodes": nodes}});
        Graph::parse(&metadata.to_string()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn metadata_of_another_shape_is_refused_with_the_missing_key() {
        for (json, fault) in [
            ("[", "not JSON"),
            ("{}", "workspace_root"),
            (r#"{"packages":[{"id":"a"}]}"#, "name"),
        ] {
            let error = Graph::parse(json).err().unwrap();
            assert!(error.contains(fault), "{error}");
        }
    }
}
