//! Fonts from the system's packages, mapped into memory.

use fontique::{SourceCache, SourceId, SourceInfo, SourceKind};
use sources::Fonts;
use std::path::{Path, PathBuf};

/// One package of fonts: where distributions put it, and which of its files are read.
struct Package {
    debian: &'static str,
    /// Its files live in the first of these folders that is there.
    folders: &'static [&'static str],
    takes: fn(&str) -> bool,
}

const PACKAGES: [Package; 5] = [
    Package {
        debian: "fonts-inter",
        folders: &[
            "/usr/share/fonts/opentype/inter",
            "/usr/share/fonts/inter",
            "/usr/share/fonts/truetype/inter",
        ],
        takes: |name| name.starts_with("Inter-"),
    },
    Package {
        debian: "fonts-dejavu-core",
        folders: &[
            "/usr/share/fonts/truetype/dejavu",
            "/usr/share/fonts/dejavu",
            "/usr/share/fonts/ttf-dejavu",
        ],
        takes: |name| name.starts_with("DejaVu"),
    },
    Package {
        debian: "fonts-noto-core",
        folders: &["/usr/share/fonts/truetype/noto", "/usr/share/fonts/noto"],
        // One weight of each script's sans: 17 MB instead of 42 MB, and no script is left without glyphs.
        takes: |name| {
            name.starts_with("NotoSans") && name.ends_with("-Regular.ttf")
                || name == "NotoSans-Bold.ttf"
        },
    },
    Package {
        debian: "fonts-noto-cjk",
        folders: &[
            "/usr/share/fonts/opentype/noto",
            "/usr/share/fonts/noto",
            "/usr/share/fonts/truetype/noto",
        ],
        takes: |name| name.starts_with("NotoSansCJK-"),
    },
    Package {
        debian: "fonts-noto-color-emoji",
        folders: &["/usr/share/fonts/truetype/noto", "/usr/share/fonts/noto"],
        takes: |name| name == "NotoColorEmoji.ttf",
    },
];

/// The fonts, with a word in the log for those that are missing.
pub(crate) fn load_and_warn() -> Fonts {
    let (fonts, missing) = load();
    for package in missing {
        tracing::warn!(
            package,
            "fonts are missing; text may lack glyphs: install the package"
        );
    }
    fonts
}

/// All fonts that are there, and the packages that are not.
pub(crate) fn load() -> (Fonts, Vec<&'static str>) {
    let mut files = Vec::new();
    let mut missing = Vec::new();
    for package in &PACKAGES {
        let found = package
            .folders
            .iter()
            .map(|folder| matching(Path::new(folder), package.takes))
            .find(|found| !found.is_empty());
        match found {
            Some(found) => files.extend(found),
            None => missing.push(package.debian),
        }
    }
    // Mapped, not read: of 83 MB of fonts a show touches a few. Packages replace their files and do not write into them,
    // so what is mapped stays as it is.
    let mut mapped = SourceCache::default();
    let bytes = files.into_iter().filter_map(|path| {
        let source = SourceInfo::new(SourceId::new(), SourceKind::Path(path.as_path().into()));
        let bytes = mapped.get(&source);
        if bytes.is_none() {
            tracing::warn!(path = %path.display(), "font cannot be read");
        }
        bytes
    });
    (Fonts::new(bytes), missing)
}

/// In order of name, so that what falls back to what is the same on every machine.
fn matching(folder: &Path, takes: fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let named = |path: &PathBuf| {
        path.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(takes)
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(named)
        .collect();
    files.sort();
    files
}
