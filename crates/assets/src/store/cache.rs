//! Copies of a bucket's objects on the local disk. They are named by their content, so none is ever out of date.

use super::folder::{Temporaries, entries};
use crate::{AssetId, Error};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A folder of copies, this process's alone. What was not used longest goes when there are too many bytes.
#[derive(Debug)]
pub(super) struct Cache {
    path: PathBuf,
    temporaries: Temporaries,
    max_bytes: u64,
    bytes: AtomicU64,
}

impl Cache {
    /// Makes the folder when it is not there, and throws away what an ended process left incomplete.
    pub(super) fn open(path: &Path, max_bytes: u64) -> Result<Self, Error> {
        let temporaries = Temporaries::new(path.join("tmp"))?;
        temporaries.remove_older_than(u64::MAX / 4);
        let cache = Self {
            path: path.to_owned(),
            temporaries,
            max_bytes,
            bytes: AtomicU64::new(0),
        };
        cache.shrink(None);
        Ok(cache)
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.temporaries.path()
    }

    fn path(&self, id: &AssetId) -> PathBuf {
        self.path.join(id.to_string())
    }

    /// The copy, if there is one; notes the use.
    pub(super) fn get(&self, id: &AssetId, now_unix_ms: u64) -> Option<PathBuf> {
        let path = self.path(id);
        let file = File::open(&path).ok()?;
        // Otherwise it goes sooner than it should.
        let _ = file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(now_unix_ms));
        Some(path)
    }

    /// Makes a complete and synced temporary file a copy.
    pub(super) fn adopt(
        &self,
        temporary: &Path,
        id: &AssetId,
        now_unix_ms: u64,
    ) -> Result<PathBuf, Error> {
        let path = self.path(id);
        let keep = Error::storage("keep a copy of an asset");
        let bytes = fs::metadata(temporary)
            .and_then(|metadata| fs::rename(temporary, &path).map(|()| metadata.len()))
            .map_err(keep)?;
        self.get(id, now_unix_ms);
        if self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > self.max_bytes {
            self.shrink(Some(id));
        }
        Ok(path)
    }

    pub(super) fn remove(&self, id: &AssetId) {
        // What is not removed now goes when it was not used longest.
        let _ = fs::remove_file(self.path(id));
    }

    /// Removes what was not used longest until the rest is small enough; `kept` stays, however large.
    fn shrink(&self, kept: Option<&AssetId>) {
        let kept = kept.map(|id| self.path(id));
        let mut copies: Vec<(SystemTime, u64, PathBuf)> = entries(&self.path)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|path| {
                let metadata = path.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((metadata.modified().ok()?, metadata.len(), path))
            })
            .collect();
        copies.sort();
        let mut bytes = copies.iter().map(|(_, bytes, _)| bytes).sum::<u64>();
        for (_, size, path) in copies {
            if bytes <= self.max_bytes {
                break;
            }
            if kept.as_ref() != Some(&path) && fs::remove_file(&path).is_ok() {
                bytes -= size;
            }
        }
        self.bytes.store(bytes, Ordering::Relaxed);
    }
}
