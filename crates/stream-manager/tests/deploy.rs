//! What runs the program elsewhere, read by the tools that know it: images, compose, Kubernetes, systemd, alerts, dashboard.
//!
//! `scripts/test` installs the tools. What only a container engine or a cluster can tell is not tried here (README.md).

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository is here")
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs a tool in the root of the repository and gives what it said; it must succeed.
fn said(program: &str, arguments: &[&str], where_from: &str) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error} ({where_from})"));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        output.status.success(),
        "{program} {}:\n{said}",
        arguments.join(" ")
    );
    said
}

/// One of `scripts/deploy-tools.txt`.
fn tool(name: &str, arguments: &[&str]) -> String {
    let program = root().join("target/deploy-tools/bin").join(name);
    let program = program.to_str().expect("the path is text");
    said(program, arguments, "scripts/test installs it")
}

/// Every document of a file of YAML.
fn yaml(path: &str) -> Vec<Value> {
    let code =
        "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let json = tool("python", &["-c", code, path]);
    serde_json::from_str(&json).expect("Python writes JSON")
}

/// The files below a folder that end so, as paths in the repository.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let inside = format!("{folder}/{}", name.expect("the path is text"));
        if path.is_dir() {
            found.extend(files(&inside, ending));
        } else if inside.ends_with(ending) {
            found.push(inside);
        }
    }
    found.sort();
    found
}

/// A Dockerfile without its comments.
fn instructions(path: &str) -> String {
    let text = text(path);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

/// The last stage of a Dockerfile.
fn last_stage(dockerfile: &str) -> &str {
    let at = dockerfile.rfind("\nFROM ").expect("there are stages");
    &dockerfile[at..]
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split_whitespace().collect()
}

#[test]
fn hadolint_finds_nothing_in_the_dockerfiles() {
    tool("hadolint", &["Dockerfile", "Dockerfile.alpine"]);
}

#[test]
fn the_image_has_the_packages_that_the_scripts_name() {
    let dockerfile = instructions("Dockerfile");
    let runtime = last_stage(&dockerfile);
    let build = &dockerfile[..dockerfile.len() - runtime.len()];
    for (list, stage) in [("BUILD_PACKAGES", build), ("FONT_PACKAGES", runtime)] {
        let code = format!(". scripts/packages.sh && echo \"${{{list}[@]}}\"");
        let packages = said("bash", &["-c", &code], "Debian: bash");
        let missing: Vec<_> = words(&packages)
            .difference(&words(stage))
            .copied()
            .map(str::to_owned)
            .collect();
        assert!(missing.is_empty(), "Dockerfile lacks {list}: {missing:?}");
    }
}

/// Exactly the libraries that the program itself names; what those need is Debian's to know.
#[test]
fn the_image_has_the_libraries_that_the_program_names() {
    let program = env!("CARGO_BIN_EXE_stream-manager");
    let header = said("readelf", &["--dynamic", program], "Debian: binutils");
    let needed = header
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| line.split(['[', ']']).nth(1));
    let mut owners = BTreeSet::new();
    for library in needed {
        let pattern = format!("*/{library}");
        let found = said("dpkg-query", &["--search", &pattern], "Debian: dpkg");
        let owner = found.split(':').next().expect("a line has a package");
        owners.insert(owner.to_owned());
    }
    // Part of every Debian.
    owners.remove("libc6");
    let dockerfile = instructions("Dockerfile");
    let installed: BTreeSet<String> = words(last_stage(&dockerfile))
        .into_iter()
        .filter(|word| word.starts_with("lib"))
        .map(str::to_owned)
        .collect();
    assert_eq!(owners, installed);
}

#[test]
fn both_images_promise_the_same() {
    let promises = |path| {
        let text = instructions(path);
        let last = last_stage(&text).to_owned();
        let from = last.find("\nENV ").expect("there is an ENV");
        let lines = last[from..].lines();
        let lines = lines.filter(|line| !line.contains("base.name"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let promised = promises("Dockerfile");
    for wanted in [
        "USER 10001:10001",
        "HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD [\"stream-manager\", \"health\"]",
        "STOPSIGNAL SIGTERM",
        "EXPOSE 4200 4201 4290 4291",
    ] {
        assert!(promised.iter().any(|line| line == wanted), "{wanted}");
    }
    assert_eq!(promised, promises("Dockerfile.alpine"));
}

#[test]
fn compose_is_valid_and_mounts_what_is_there() {
    tool(
        "check-jsonschema",
        &["--builtin-schema", "vendor.compose-spec", "compose.yaml"],
    );
    let compose = yaml("compose.yaml").remove(0);
    let services = compose["services"].as_object().expect("services");
    for (name, service) in services {
        for wanted in ["read_only", "cap_drop", "security_opt"] {
            assert!(!service[wanted].is_null(), "{name} lacks {wanted}");
        }
        let ports = service["ports"].as_array().into_iter().flatten();
        for port in ports.filter_map(Value::as_str) {
            assert!(
                port.starts_with("127.0.0.1:")
                    || port.starts_with("${PUBLISH_ADDRESS:-127.0.0.1}:"),
                "{name} opens {port} to everyone"
            );
        }
        let mounts = service["volumes"].as_array().into_iter().flatten();
        for mount in mounts.filter_map(Value::as_str) {
            let source = mount.split(':').next().expect("a mount has a source");
            let known = match source.strip_prefix("./") {
                Some(path) => root().join(path).exists(),
                None => compose["volumes"].get(source).is_some(),
            };
            assert!(known, "{name} mounts {source}, which is not there");
        }
    }
}

#[test]
fn kubernetes_knows_the_manifests() {
    let mut manifests = Vec::new();
    for path in files("deploy/kubernetes", ".yaml") {
        let folder = Path::new(&path).parent().expect("it lies in a folder");
        let document = yaml(&path).remove(0);
        match document["apiVersion"].as_str().expect("it has a version") {
            version if version.starts_with("kustomize.") => {
                for list in ["resources", "components"] {
                    for entry in document[list].as_array().into_iter().flatten() {
                        let named = root().join(folder).join(entry.as_str().expect("a path"));
                        let there = named.is_file() || named.join("kustomization.yaml").is_file();
                        assert!(there, "{path}: {entry} is not there");
                    }
                }
            }
            // A kind of the Prometheus operator, whose schema Kubernetes does not know.
            version if version.starts_with("monitoring.") => {}
            _ => manifests.push(path),
        }
    }
    assert!(manifests.len() >= 4, "{manifests:?}");
    for path in manifests {
        tool("kubernetes-validate", &["--strict", "--quiet", &path]);
    }
}

#[test]
fn systemd_knows_the_unit_and_calls_it_safe() {
    let folder = std::env::temp_dir().join(format!("stream-manager-unit-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the folder is ours");
    let unit = folder.join("stream-manager.service");
    let here = text("deploy/systemd/stream-manager.service").replace(
        "/usr/local/bin/stream-manager",
        env!("CARGO_BIN_EXE_stream-manager"),
    );
    fs::write(&unit, here).expect("the folder is ours");
    let unit = unit.to_str().expect("the path is text");
    let complaints = said("systemd-analyze", &["verify", unit], "Debian: systemd");
    // Of 100, less is better; systemd calls a plain service 96 UNSAFE and this one OK.
    said(
        "systemd-analyze",
        &["security", "--offline=true", "--threshold=20", unit],
        "Debian: systemd",
    );
    fs::remove_dir_all(&folder).expect("the folder is ours");
    assert!(
        !complaints.contains("stream-manager.service:"),
        "{complaints}"
    );
}

#[test]
fn every_alert_fires_is_silent_and_is_explained() {
    const PACKAGE: &str = "Debian: prometheus";
    said(
        "promtool",
        &["check", "config", "deploy/prometheus/prometheus.yml"],
        PACKAGE,
    );
    said(
        "promtool",
        &["test", "rules", "deploy/prometheus/alerts.test.yml"],
        PACKAGE,
    );
    let alerts = alerts();
    let mut fired = BTreeSet::new();
    for group in yaml("deploy/prometheus/alerts.test.yml")[0]["tests"]
        .as_array()
        .expect("tests")
    {
        for test in group["alert_rule_test"]
            .as_array()
            .expect("tests of alerts")
        {
            let some = test["exp_alerts"]
                .as_array()
                .is_some_and(|alerts| !alerts.is_empty());
            fired.insert((test["alertname"].as_str().expect("a name").to_owned(), some));
        }
    }
    let guide = text("docs/operations.md");
    let headings: BTreeSet<&str> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("### StreamManager"))
        .collect();
    let mut names = BTreeSet::new();
    for alert in &alerts {
        let name = alert["alert"].as_str().expect("an alert has a name");
        names.insert(name.strip_prefix("StreamManager").expect("names begin so"));
        for fires in [true, false] {
            assert!(
                fired.contains(&(name.to_owned(), fires)),
                "{name}: no test in which it fires = {fires}"
            );
        }
        let notes = &alert["annotations"];
        assert!(
            notes["summary"].is_string() && notes["description"].is_string(),
            "{name}"
        );
        assert_eq!(
            notes["runbook"],
            format!("docs/operations.md#{}", name.to_lowercase())
        );
        let severity = alert["labels"]["severity"].as_str();
        assert!(
            matches!(severity, Some("critical" | "warning" | "info")),
            "{name}"
        );
    }
    assert_eq!(names, headings, "alerts and headings of docs/operations.md");
}

fn alerts() -> Vec<Value> {
    let groups = yaml("deploy/prometheus/alerts.yml").remove(0);
    let groups = groups["groups"].as_array().expect("groups").clone();
    let rules = groups
        .into_iter()
        .filter_map(|group| group["rules"].as_array().cloned());
    rules.flatten().collect()
}

/// What an expression of Prometheus asks for, without what histograms add to their name.
fn metrics_of(expression: &str) -> BTreeSet<&str> {
    let word = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let ours = |name: &&str| {
        ["stream_manager_", "process_", "http_"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    let histogram = |name: &str| name.contains("_seconds_");
    expression
        .split(word)
        .filter(ours)
        .map(|name| {
            let base = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|end| name.strip_suffix(end));
            base.filter(|_| histogram(name)).unwrap_or(name)
        })
        .collect()
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_are_there() {
    let dashboard: Value =
        serde_json::from_str(&text("deploy/grafana/dashboards/stream-manager.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has its own id");
    let drawn: Vec<String> = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten())
        .map(|target| {
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            target["expr"].as_str().expect("an expression").to_owned()
        })
        .collect();
    let alerts = alerts();
    let watched = alerts
        .iter()
        .map(|alert| alert["expr"].as_str().expect("an expression"));
    let asked: BTreeSet<&str> = drawn
        .iter()
        .map(String::as_str)
        .chain(watched)
        .flat_map(metrics_of)
        .collect();
    let table = text("crates/telemetry/src/metric.rs");
    let there = |name: &str| table.contains(&format!("\"{name}\""));
    let mut unknown = Vec::new();
    for name in asked {
        if !there(name) {
            unknown.push(name);
        }
    }
    assert!(
        unknown.is_empty(),
        "crates/telemetry/src/metric.rs lacks {unknown:?}"
    );
}
