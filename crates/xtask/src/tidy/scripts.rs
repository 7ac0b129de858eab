//! Shell scripts.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders whose files are all shell.
const FOLDERS: &[&str] = &["scripts", ".ci", "deploy"];

/// Scripts that bash cannot parse, or that have a `#!` line and cannot be executed.
pub(crate) fn check(root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for folder in FOLDERS {
        match files(&root.join(folder)) {
            Ok(files) => faults.extend(files.iter().filter_map(|file| fault(file))),
            Err(error) => faults.push(format!("cannot read {folder}/: {error}")),
        }
    }
    faults
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.is_file());
    files.sort();
    Ok(files)
}

fn fault(file: &Path) -> Option<String> {
    let shown = file.display();
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return Some(format!("cannot read {shown}: {error}")),
    };
    let mode = fs::metadata(file).ok()?.permissions().mode();
    if text.starts_with("#!") && mode & 0o111 != 0o111 {
        return Some(format!("{shown} is not executable: chmod +x it"));
    }
    match Command::new("bash").arg("-n").arg(file).output() {
        Ok(output) if output.status.success() && output.stderr.is_empty() => None,
        Ok(output) => Some(format!(
            "{shown}: bash -n: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Some(format!("cannot start bash: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A script in a folder of its own, gone after the check.
    fn fault_of(name: &str, text: &str, mode: u32) -> Option<String> {
        let folder =
            std::env::temp_dir().join(format!("xtask-scripts-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("script");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let fault = fault(&file);
        fs::remove_dir_all(&folder).unwrap();
        fault
    }

    #[test]
    fn scripts_must_parse_and_be_executable() {
        assert_eq!(fault_of("good", "#!/usr/bin/env bash\ntrue\n", 0o755), None);
        assert_eq!(fault_of("sourced", "packages=(a b)\n", 0o644), None);
        assert!(
            fault_of("mode", "#!/usr/bin/env bash\ntrue\n", 0o644)
                .unwrap()
                .contains("not executable")
        );
        assert!(
            fault_of("syntax", "#!/usr/bin/env bash\nif true; then\n", 0o755)
                .unwrap()
                .contains("bash -n")
        );
    }
}
