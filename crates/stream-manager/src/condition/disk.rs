//! The file system that holds what must outlive the process.

use rustix::fs::StatVfsMountFlags;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use telemetry::Condition;
use tokio::time::Instant;

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A file system that has not answered for so long hangs, as one of the network may.
const HANGS: Duration = Duration::from_secs(30);
/// Less of the whole than this is little: one part in twenty, 5 %.
const LITTLE_PART: u64 = 20;
/// Less than the first is little however small the disk is, and more than the second is enough
/// however large: a part alone would call 9 GiB of a disk of 252 too few for a store that is
/// bounded and assets that may have 2 GiB in all.
const LITTLE_BYTES: [u64; 2] = [512 << 20, 2 << 30];

/// What a file system says of itself.
#[derive(Clone, Copy, Debug)]
struct Space {
    /// Bytes that this process may still write.
    free_bytes: u64,
    total_bytes: u64,
    is_read_only: bool,
}

/// The newest look at a file system.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    newest: Mutex<(Instant, Result<Space, String>)>,
}

impl Disk {
    /// Looks at it now, and again every few seconds for as long as somebody wants to know.
    pub(super) async fn watch(folder: &Path) -> Arc<Self> {
        let disk = Arc::new(Self {
            folder: folder.to_owned(),
            newest: Mutex::new((Instant::now(), Err("not looked at yet".to_owned()))),
        });
        disk.look().await;
        let weak = Arc::downgrade(&disk);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let Some(disk) = weak.upgrade() else {
                    break;
                };
                disk.look().await;
            }
        });
        disk
    }

    async fn look(&self) {
        let folder = self.folder.clone();
        // On a thread that may wait as long as the file system does.
        let space = tokio::task::spawn_blocking(move || look_at(&folder)).await;
        let space = space.unwrap_or_else(|error| Err(error.to_string()));
        if let Ok(space) = &space {
            let free_mib = u32::try_from(space.free_bytes >> 20).unwrap_or(u32::MAX);
            metrics::gauge!("stream_manager_disk_free_bytes")
                .set(f64::from(free_mib) * f64::from(1_u32 << 20));
        }
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = (Instant::now(), space);
    }

    /// As it was when it was looked at last.
    pub(super) fn condition(&self) -> Condition {
        let (at, space) = self
            .newest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        of_disk(at.elapsed(), space)
    }
}

fn look_at(folder: &Path) -> Result<Space, String> {
    let seen = rustix::fs::statvfs(folder).map_err(|error| error.to_string())?;
    Ok(Space {
        free_bytes: seen.f_bavail.saturating_mul(seen.f_frsize),
        total_bytes: seen.f_blocks.saturating_mul(seen.f_frsize),
        is_read_only: seen.f_flag.contains(StatVfsMountFlags::RDONLY),
    })
}

fn of_disk(age: Duration, space: Result<Space, String>) -> Condition {
    let space = match space {
        _ if age > HANGS => {
            let seconds = age.as_secs();
            return Condition::Degraded(format!(
                "the file system of DATA_DIR has not answered for {seconds} s"
            ));
        }
        Err(error) => {
            return Condition::Degraded(format!("DATA_DIR cannot be looked at: {error}"));
        }
        Ok(space) => space,
    };
    if space.is_read_only {
        return Condition::Degraded("the file system of DATA_DIR can only be read".to_owned());
    }
    let [least, most] = LITTLE_BYTES;
    let enough = (space.total_bytes / LITTLE_PART).clamp(least, most);
    if space.free_bytes < enough {
        let mib = |bytes: u64| bytes >> 20;
        return Condition::Degraded(format!(
            "{} MiB of {} are left for DATA_DIR: less than {} MiB",
            mib(space.free_bytes),
            mib(space.total_bytes),
            mib(enough)
        ));
    }
    Condition::Ok
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::TempFolder;

    const GIB: u64 = 1 << 30;

    fn space(free_bytes: u64, total_bytes: u64, is_read_only: bool) -> Result<Space, String> {
        Ok(Space {
            free_bytes,
            total_bytes,
            is_read_only,
        })
    }

    #[test]
    fn a_full_a_read_only_and_a_hanging_disk_degrade() {
        let soon = Duration::from_secs(6);
        for (age, space, said) in [
            (soon, space(GIB, 10 * GIB, false), None),
            (soon, space(GIB, 20 * GIB, false), None),
            (
                soon,
                space(GIB - 1, 20 * GIB, false),
                Some("1023 MiB of 20480"),
            ),
            (soon, space(GIB / 2, 2 * GIB, false), None),
            (
                soon,
                space(GIB / 2 - 1, 2 * GIB, false),
                Some("511 MiB of 2048"),
            ),
            (soon, space(2 * GIB, 252 * GIB, false), None),
            (
                soon,
                space(2 * GIB - 1, 252 * GIB, false),
                Some("2047 MiB of 258048 are left for DATA_DIR: less than 2048 MiB"),
            ),
            (soon, space(GIB, 10 * GIB, true), Some("can only be read")),
            (soon, Err("gone".to_owned()), Some("gone")),
            (
                Duration::from_secs(31),
                space(GIB, GIB, false),
                Some("for 31 s"),
            ),
        ] {
            match (of_disk(age, space), said) {
                (Condition::Ok, None) => {}
                (Condition::Degraded(reason), Some(said)) => {
                    assert!(reason.contains(said), "{reason}");
                }
                (condition, said) => panic!("{condition:?}, not {said:?}"),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_disk_is_looked_at_again_and_again() {
        let folder = TempFolder::new("disk");
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let disk = Disk::watch(&inner).await;
        let gone = |disk: &Disk| matches!(disk.condition(), Condition::Degraded(reason) if reason.contains("looked at"));
        assert!(!gone(&disk));
        std::fs::remove_dir(&inner).unwrap();
        while !gone(&disk) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}
