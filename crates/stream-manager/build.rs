//! Embeds the demo show: every picture beside `shows/auction/scene.json`, and the scene itself.
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let show = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?)
        .join("../../shows/auction")
        .canonicalize()?;
    let mut files = Vec::new();
    collect(&show, &mut files)?;
    files.sort();
    let mut code = String::from("pub(crate) const DEMO_FILES: &[(&str, &[u8])] = &[\n");
    for file in &files {
        let name = file.strip_prefix(&show)?;
        writeln!(code, "    ({name:?}, include_bytes!({file:?})),")?;
    }
    code.push_str("];\n");
    std::fs::write(
        Path::new(&std::env::var("OUT_DIR")?).join("demo_files.rs"),
        code,
    )?;
    println!("cargo::rerun-if-changed={}", show.display());
    Ok(())
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|ending| {
            ["json", "svg", "png", "jpg"]
                .iter()
                .any(|known| ending == *known)
        }) {
            files.push(path);
        }
    }
    Ok(())
}
