//! Assets in a folder, on the local disk or on one that several machines have mounted.

use super::{GARBAGE_MS, MAX_SIDECAR_BYTES, Store};
use crate::inspect::{self, Facts};
use crate::{Asset, AssetId, Error, Format};
use data_encoding::HEXLOWER;
use ring::rand::SecureRandom as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A folder of assets. No file is changed once it is there, so none needs a lock.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    temporaries: Temporaries,
}

/// Where what is not complete lies; a name that no id begins with.
const TEMPORARY: &str = "tmp";

/// Names for files that are not complete; no two processes have the same.
#[derive(Debug)]
pub(super) struct Temporaries {
    folder: PathBuf,
    process: String,
    next: AtomicU64,
}

impl Temporaries {
    pub(super) fn new(folder: PathBuf) -> Result<Self, Error> {
        let mut random = [0; 8];
        ring::rand::SystemRandom::new()
            .fill(&mut random)
            .map_err(io::Error::other)
            .and_then(|()| fs::create_dir_all(&folder))
            .map_err(Error::storage("make the folder of the assets"))?;
        Ok(Self {
            folder,
            process: HEXLOWER.encode(&random),
            next: AtomicU64::new(0),
        })
    }

    pub(super) fn path(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.folder.join(format!("{}-{number}", self.process))
    }

    /// Removes what was last written to before this time; another process may be about to complete the rest.
    pub(super) fn remove_older_than(&self, unix_ms: u64) {
        let limit = SystemTime::UNIX_EPOCH + Duration::from_millis(unix_ms);
        for entry in entries(&self.folder).unwrap_or_default() {
            let written = fs::symlink_metadata(&entry).and_then(|metadata| metadata.modified());
            if !written.is_ok_and(|written| written < limit) {
                continue;
            }
            let removed = if entry.is_dir() {
                fs::remove_dir_all(&entry)
            } else {
                fs::remove_file(&entry)
            };
            if let Err(error) = removed {
                tracing::warn!(%error, path = %entry.display(), "a leftover of an upload cannot be removed");
            }
        }
    }
}

impl Folder {
    /// Makes the folder when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self {
            path: path.to_owned(),
            temporaries: Temporaries::new(path.join(TEMPORARY))?,
        })
    }

    fn blob(&self, id: &AssetId) -> PathBuf {
        let id = id.to_string();
        self.path.join(&id[..2]).join(id)
    }

    fn sidecar(&self, id: &AssetId) -> PathBuf {
        self.blob(id).with_extension("json")
    }

    /// There is the old sidecar or the new one, never half of one.
    fn write_sidecar(&self, asset: &Asset) -> io::Result<()> {
        let temporary = self.temporaries.path();
        let written = File::create_new(&temporary).and_then(|mut file| {
            file.write_all(asset.to_json().as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, self.sidecar(&asset.id))
        });
        if written.is_err() {
            // Otherwise it stays until it is a day old, which is all that can be done.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// The sidecar is there first: what a crash leaves is a sidecar without an asset, which is removed at the next start.
    fn adopt(&self, temporary: &Path, asset: &Asset) -> io::Result<()> {
        let blob = self.blob(&asset.id);
        let parent = blob.parent().unwrap_or(&self.path);
        if !parent.is_dir() {
            fs::create_dir_all(parent)?;
            File::open(&self.path)?.sync_all()?;
        }
        self.write_sidecar(asset)?;
        fs::rename(temporary, &blob)?;
        File::open(parent)?.sync_all()
    }

    /// An asset, and whether its sidecar is missing or broken.
    fn read(&self, id: AssetId, now_unix_ms: u64) -> Result<(Asset, bool), Error> {
        let path = self.blob(&id);
        let bytes = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NotFound { id });
            }
            Err(error) => return Err(Error::storage("read an asset")(error)),
        };
        let sidecar = File::open(self.sidecar(&id)).and_then(|file| {
            let mut json = Vec::new();
            file.take(MAX_SIDECAR_BYTES).read_to_end(&mut json)?;
            Ok(json)
        });
        if let Ok(json) = sidecar
            && let Some(asset) = Asset::from_json(id, &json)
            && asset.bytes == bytes
        {
            return Ok((asset, false));
        }
        Ok((rebuild(id, &path, bytes, now_unix_ms)?, true))
    }
}

impl Store for Folder {
    fn temporary(&self) -> PathBuf {
        self.temporaries.path()
    }

    /// What does not belong here is left alone; a sidecar that is missing or broken is made anew.
    fn load(
        &self,
        now_unix_ms: u64,
        _known: &dyn Fn(&AssetId) -> Option<Asset>,
    ) -> Result<Vec<Asset>, Error> {
        self.temporaries
            .remove_older_than(now_unix_ms.saturating_sub(GARBAGE_MS));
        let mut assets = Vec::new();
        for folder in entries(&self.path)? {
            if !folder.is_dir() || file_name(&folder).len() != 2 {
                continue;
            }
            for path in entries(&folder)? {
                if let Ok(id) = file_name(&path).parse()
                    && self.blob(&id) == path
                    && path.is_file()
                {
                    let read = self.read(id, now_unix_ms).and_then(|(asset, is_anew)| {
                        if is_anew {
                            self.describe(&asset)?;
                            tracing::info!(%id, "the description of an asset was made anew");
                        }
                        Ok(asset)
                    });
                    match read {
                        Ok(asset) => assets.push(asset),
                        Err(error) => {
                            tracing::warn!(%error, %id, "a file in the folder of the assets is none");
                        }
                    }
                } else if let Some(id) = file_name(&path).strip_suffix(".json")
                    && let Ok(id) = id.parse()
                    && self.sidecar(&id) == path
                    && !self.blob(&id).exists()
                {
                    let _ = fs::remove_file(&path);
                }
            }
        }
        Ok(assets)
    }

    fn find(&self, id: &AssetId, now_unix_ms: u64) -> Result<Asset, Error> {
        self.read(*id, now_unix_ms).map(|(asset, _)| asset)
    }

    fn put(&self, temporary: &Path, asset: &Asset, _now_unix_ms: u64) -> Result<(), Error> {
        self.adopt(temporary, asset)
            .map_err(Error::storage("keep an upload"))
    }

    fn describe(&self, asset: &Asset) -> Result<(), Error> {
        self.write_sidecar(asset)
            .map_err(Error::storage("write an asset's description"))
    }

    /// The blob first, for the reason that it comes last.
    fn remove(&self, id: &AssetId) -> Result<(), Error> {
        for path in [self.blob(id), self.sidecar(id)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::storage("remove an asset")(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn at_hand(&self, id: &AssetId, _now_unix_ms: u64) -> Option<PathBuf> {
        let path = self.blob(id);
        path.is_file().then_some(path)
    }

    fn fetch(&self, id: &AssetId, now_unix_ms: u64) -> Result<PathBuf, Error> {
        self.at_hand(id, now_unix_ms)
            .ok_or(Error::NotFound { id: *id })
    }

    fn unsaved_ms(&self) -> u64 {
        60_000
    }

    fn fault(&self) -> Option<String> {
        None
    }

    fn probe(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Looks at a blob as at an upload, except that it is not decoded: that was done when it came.
fn rebuild(id: AssetId, path: &Path, bytes: u64, now_unix_ms: u64) -> Result<Asset, Error> {
    let read = || Error::storage("read an asset");
    let mut file = File::open(path).map_err(read())?;
    let (found, head) = hash(&mut file).map_err(read())?;
    let Some(format) = Format::sniff(&head).filter(|_| found == id) else {
        return Err(Error::NotFound { id });
    };
    let facts = if format.is_streamed() {
        inspect::check_streamed(format, &mut file, bytes)?;
        Facts::of(format)
    } else {
        inspect::inspect(format, &fs::read(path).map_err(read())?)?
    };
    Ok(Asset::new(id, facts, bytes, now_unix_ms))
}

/// The id of a file's bytes, and the first of them.
fn hash(file: &mut File) -> io::Result<(AssetId, Vec<u8>)> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let (mut head, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok((AssetId::from_digest(context.finish()), head));
        }
        context.update(&buffer[..count]);
        let missing = crate::format::HEAD_BYTES - head.len();
        head.extend_from_slice(&buffer[..count.min(missing)]);
    }
}

pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(Error::storage("read the folder of the assets"))
}

/// Empty when it is not UTF-8, which no name of ours is.
fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}
