//! Rules over the Rust files of our crates.

use super::graph::{Graph, Package};
use std::fs;
use std::path::{Path, PathBuf};

/// Names that say nothing: such code belongs to the crate that owns its noun.
const FORBIDDEN_NAMES: &[&str] = &["utils", "util", "helpers", "common", "misc", "prelude"];

/// A longer file has more than one subject.
const MAX_LINES: usize = 800;

/// The only crate with `unsafe`, and the only folder of it.
const UNSAFE_CRATE: &str = "codec";
const UNSAFE_FOLDER: &str = "src/ffi";

/// Checks every crate's folder, as far as it is Rust.
pub(crate) fn check(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for package in graph.ours() {
        let folder = Path::new(&package.manifest)
            .parent()
            .unwrap_or(Path::new("/"));
        if let Err(error) = check_crate(package, folder, &mut faults) {
            faults.push(format!("cannot read {}: {error}", folder.display()));
        }
    }
    faults
}

fn check_crate(package: &Package, folder: &Path, faults: &mut Vec<String>) -> std::io::Result<()> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    for file in files {
        let source = fs::read_to_string(&file)?;
        let relative = file.strip_prefix(folder).unwrap_or(&file);
        let is_entry = package.entries.iter().any(|entry| Path::new(entry) == file);
        faults.extend(check_file(&package.name, relative, is_entry, &source));
    }
    Ok(())
}

fn check_file(crate_name: &str, path: &Path, is_entry: bool, source: &str) -> Vec<String> {
    let shown = format!("crates/{crate_name}/{}", path.display());
    let mut faults = Vec::new();
    for part in path.iter().filter_map(|part| part.to_str()) {
        let stem = part.trim_end_matches(".rs");
        if FORBIDDEN_NAMES.contains(&stem) {
            faults.push(format!(
                "{shown}: `{stem}` says nothing; name it after what it is about"
            ));
        }
    }
    let lines = source.lines().count();
    let is_test = path.starts_with("tests")
        || path
            .iter()
            .any(|part| part == "tests" || part == "tests.rs");
    if lines > MAX_LINES && !is_test {
        faults.push(format!("{shown}: {lines} lines, at most {MAX_LINES}"));
    }
    if crate_name != UNSAFE_CRATE {
        if is_entry
            && !source
                .lines()
                .any(|line| line.trim_end() == "#![forbid(unsafe_code)]")
        {
            faults.push(format!("{shown}: `#![forbid(unsafe_code)]` is missing"));
        }
    } else if !path.starts_with(UNSAFE_FOLDER)
        && path != Path::new("src/ffi.rs")
        && let Some(line) = source.lines().position(has_unsafe)
    {
        faults.push(format!(
            "{shown}:{}: `unsafe` outside {UNSAFE_FOLDER}",
            line + 1
        ));
    }
    faults
}

/// The keyword as a word of its own, not in a comment, and not `unsafe_code`.
fn has_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "unsafe")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(crate_name: &str, path: &str, is_entry: bool, source: &str) -> Vec<String> {
        check_file(crate_name, Path::new(path), is_entry, source)
    }

    #[test]
    fn names_that_say_nothing_are_faults_as_files_and_as_folders() {
        for path in [
            "src/utils.rs",
            "src/common/mod.rs",
            "src/a/prelude.rs",
            "tests/helpers/mod.rs",
        ] {
            assert_eq!(faults("media", path, false, "").len(), 1, "{path}");
        }
        assert_eq!(faults("media", "src/utility_pole.rs", false, ""), [""; 0]);
    }

    #[test]
    fn files_over_the_limit_are_faults_except_tests() {
        let long = "\n".repeat(MAX_LINES + 1);
        assert_eq!(faults("media", "src/time.rs", false, &long).len(), 1);
        assert_eq!(faults("media", "src/time.rs", false, &long[1..]), [""; 0]);
        for path in ["src/time/tests.rs", "tests/long.rs", "src/tests/a.rs"] {
            assert_eq!(faults("media", path, false, &long), [""; 0], "{path}");
        }
    }

    #[test]
    fn entry_files_forbid_unsafe_code_except_in_codec() {
        assert_eq!(
            faults(
                "media",
                "src/lib.rs",
                true,
                "//! Docs.\n#![forbid(unsafe_code)]\n"
            ),
            [""; 0]
        );
        assert_eq!(
            faults("media", "src/lib.rs", true, "// #![forbid(unsafe_code)]\n").len(),
            1
        );
        assert_eq!(faults("media", "src/time.rs", false, ""), [""; 0]);
        assert_eq!(faults("codec", "src/lib.rs", true, ""), [""; 0]);
    }

    #[test]
    fn codec_keeps_unsafe_inside_ffi() {
        let source = "// unsafe in a comment\n#![expect(unsafe_code)]\nunsafe { f() }\n";
        assert_eq!(
            faults("codec", "src/encoder.rs", false, source),
            ["crates/codec/src/encoder.rs:3: `unsafe` outside src/ffi"]
        );
        assert_eq!(faults("codec", "src/ffi/frame.rs", false, source), [""; 0]);
        assert_eq!(faults("codec", "src/ffi.rs", false, source), [""; 0]);
    }
}
