//! What the README tells one to type, typed.

use crate::studio::Studio;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// Stands for `curl`: the same, but at the ports of this service, and with the status of every answer beside it.
const CURL: &str = r#"#!/usr/bin/env bash
set -euo pipefail
arguments=()
for argument in "$@"; do
  for port in 4200 4201 4290 4291; do
    name="PORT_$port"
    argument=${argument//127.0.0.1:$port/127.0.0.1:${!name}}
    argument=${argument//localhost:$port/127.0.0.1:${!name}}
  done
  arguments+=("$argument")
done
exec "$REAL_CURL" --fail-with-body --max-time 30 --write-out '%{stderr}STATUS %{http_code} %{url}\n' "${arguments[@]}"
"#;

/// The fenced blocks of shell commands that ask the API something.
fn blocks(text: &str) -> Vec<&str> {
    let fenced = text.split("\n```sh\n").skip(1);
    fenced
        .filter_map(|block| block.split("\n```").next())
        .filter(|block| block.contains("curl") && block.contains("/api/"))
        .collect()
}

#[test]
fn every_curl_of_the_readme_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().expect("the repository is here");
    let readme = fs::read_to_string(root.join("README.md")).expect("there is one");
    let blocks = blocks(&readme);
    let studio = Studio::serve(&[]);
    studio.wait_for_frame(30);
    // What the commands write must not lie in the repository, and what they read must be found.
    let folder = studio.data().join("readme");
    let programs = folder.join("bin");
    fs::create_dir_all(&programs).expect("the folder is ours");
    for entry in fs::read_dir(&root).expect("the repository is here") {
        let entry = entry.expect("the repository is here");
        if entry.path().is_dir() && entry.file_name() != "bin" {
            symlink(entry.path(), folder.join(entry.file_name())).expect("the folder is ours");
        }
    }
    let curl = programs.join("curl");
    fs::write(&curl, CURL).expect("the folder is ours");
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    let real = ["/usr/bin/curl", "/usr/local/bin/curl", "/bin/curl"];
    let real = real.iter().find(|path| Path::new(path).is_file());
    let real = real.expect("curl is there (Debian: curl)");

    let mut asked = 0;
    for block in blocks {
        let mut command = Command::new("bash");
        command
            .args(["-euo", "pipefail", "-c", block])
            .current_dir(&folder)
            .env_clear()
            .env(
                "PATH",
                format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display()),
            )
            .env("HOME", &folder)
            .env("REAL_CURL", real)
            // For commands that name a token; this service asks for none.
            .env("TOKEN", "none")
            .stdin(Stdio::null());
        for (port, ours) in ["4200", "4201", "4290", "4291"].iter().zip(studio.ports()) {
            command.env(format!("PORT_{port}"), ours.to_string());
        }
        let output = command.output().expect("bash is there");
        let said = String::from_utf8_lossy(&output.stderr);
        let statuses: Vec<&str> = said
            .lines()
            .filter_map(|line| line.strip_prefix("STATUS "))
            .collect();
        assert!(
            output.status.success() && statuses.iter().all(|status| status.starts_with('2')),
            "{block}\n\n{said}\n{}",
            String::from_utf8_lossy(&output.stdout)
        );
        asked += statuses.len();
    }
    let written = readme
        .lines()
        .filter(|line| line.trim_start().starts_with("curl "))
        .count();
    println!("{asked} requests of {written} lines with curl");
    assert!(
        asked > 0 && asked >= written,
        "{asked} requests of {written} lines with curl"
    );
}
