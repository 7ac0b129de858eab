//! Shows: a scene file and the pictures beside it, from a folder or from this binary.

use crate::Failure;
use engine::AssetSource;
use scene::{Fault, Limits, Scene};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

include!(concat!(env!("OUT_DIR"), "/demo_files.rs"));

/// Where a show comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// The auction that is part of this binary.
    Demo,
    /// An empty canvas.
    Empty,
    /// A scene file.
    File(PathBuf),
}

impl Show {
    /// From `SHOW` or the command line.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "none" => Self::Empty,
            path => Self::File(path.into()),
        }
    }

    /// What the show is called in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Demo => "the built-in auction show".to_owned(),
            Self::Empty => "an empty canvas".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Reads and checks the scene. Missing pictures come back beside it; whether they matter is the caller's affair.
    pub(crate) fn load(&self, limits: &Limits) -> Result<Loaded, Failure> {
        let (json, assets): (Vec<u8>, Arc<dyn AssetSource>) = match self {
            Self::Empty => {
                return Ok(Loaded {
                    scene: Scene::empty(1920, 1080),
                    missing: Vec::new(),
                    assets: Arc::new(NoAssets),
                });
            }
            Self::Demo => (
                demo_file("scene.json").unwrap_or_default().to_vec(),
                Arc::new(Embedded),
            ),
            Self::File(path) => {
                let json = std::fs::read(path).map_err(|source| Failure::SceneUnreadable {
                    path: path.clone(),
                    source,
                })?;
                let folder = path
                    .parent()
                    .filter(|parent| !parent.as_os_str().is_empty())
                    .unwrap_or(Path::new("."));
                (json, Arc::new(Folder(folder.to_owned())))
            }
        };
        let read = wire::read_scene(&json, limits, &|name| assets.has(name)).map_err(|source| {
            Failure::SceneInvalid {
                name: self.name(),
                source,
            }
        })?;
        Ok(Loaded {
            scene: read.scene,
            missing: read.missing,
            assets,
        })
    }

    /// As [`Show::load`], where a missing picture is a fault like any other.
    pub(crate) fn load_complete(&self, limits: &Limits) -> Result<Loaded, Failure> {
        let loaded = self.load(limits)?;
        if loaded.missing.is_empty() {
            return Ok(loaded);
        }
        Err(Failure::SceneInvalid {
            name: self.name(),
            source: wire::ReadError::Invalid(loaded.missing),
        })
    }
}

/// A scene that may go on air, and where its pictures are.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) scene: Scene,
    pub(crate) missing: Vec<Fault>,
    pub(crate) assets: Arc<dyn AssetSource>,
}

/// No pictures at all.
#[derive(Debug)]
struct NoAssets;

impl AssetSource for NoAssets {
    fn has(&self, _name: &str) -> bool {
        false
    }

    fn bytes(&self, _name: &str) -> io::Result<Arc<[u8]>> {
        Err(not_there())
    }
}

/// The pictures of the demo show.
#[derive(Debug)]
struct Embedded;

impl AssetSource for Embedded {
    fn has(&self, name: &str) -> bool {
        demo_file(name).is_some()
    }

    fn bytes(&self, name: &str) -> io::Result<Arc<[u8]>> {
        demo_file(name).map(Into::into).ok_or_else(not_there)
    }
}

fn demo_file(name: &str) -> Option<&'static [u8]> {
    DEMO_FILES
        .iter()
        .find(|(file, _)| *file == name)
        .map(|(_, bytes)| *bytes)
}

/// A folder; nothing outside it can be named, by `..`, by an absolute path or through a link.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// The largest file read as a picture.
    const MAX_BYTES: u64 = 256 << 20;

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        let relative = Path::new(name);
        if name.is_empty()
            || !relative
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "asset names are relative and have no `..`",
            ));
        }
        let path = self.0.join(relative).canonicalize()?;
        if path.starts_with(self.0.canonicalize()?) && path.is_file() {
            Ok(path)
        } else {
            Err(not_there())
        }
    }
}

impl AssetSource for Folder {
    fn has(&self, name: &str) -> bool {
        self.path(name).is_ok()
    }

    fn bytes(&self, name: &str) -> io::Result<Arc<[u8]>> {
        let path = self.path(name)?;
        let bytes = std::fs::metadata(&path)?.len();
        if bytes > Self::MAX_BYTES {
            let detail = format!(
                "the file has {bytes} bytes; at most {} are read",
                Self::MAX_BYTES
            );
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, detail));
        }
        Ok(std::fs::read(path)?.into())
    }

    fn atlas(&self, json: &[u8]) -> Result<sources::Atlas, String> {
        assets::read_atlas(json)
    }
}

fn not_there() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "there is no such asset")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_can_be_named() {
        let dir = std::env::temp_dir().join(format!("show-folder-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("inside/deeper")).unwrap();
        std::fs::write(dir.join("secret.png"), b"x").unwrap();
        std::fs::write(dir.join("inside/a.png"), b"x").unwrap();
        std::fs::write(dir.join("inside/deeper/b.png"), b"x").unwrap();
        std::os::unix::fs::symlink(dir.join("secret.png"), dir.join("inside/link.png"))
            .unwrap_or_default();
        let folder = Folder(dir.join("inside"));
        assert!(folder.has("a.png") && folder.has("deeper/b.png"));
        let absolute = dir.join("secret.png");
        for name in [
            "../secret.png",
            "deeper/../../secret.png",
            absolute.to_str().unwrap(),
            "link.png",
            "",
            ".",
            "deeper",
            "none.png",
        ] {
            assert!(!folder.has(name), "{name}");
            assert!(folder.bytes(name).is_err(), "{name}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn the_demo_show_has_no_faults_and_all_its_pictures() {
        let loaded = Show::Demo.load_complete(&Limits::default()).unwrap();
        assert!(loaded.scene.layers.len() > 10);
    }
}
