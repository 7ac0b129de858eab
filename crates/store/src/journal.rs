//! The journal as its users see it.

use crate::disk::{Disk, Folder};
use crate::recovery::{Recovery, recover};
use crate::state::{Shared, Waiter};
use crate::writer::Writer;
use crate::{Error, Fault, Record, Recovered};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How a journal writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a record that nobody waits for may be in the system's memory alone: what a power loss may take. From 1 ms to
    /// 60 s; 50 ms unless said otherwise. A crash of the process takes nothing that was written.
    pub sync_every: Duration,
    /// Size at which a segment ends, from 4 KiB to 1 GiB; 16 MiB unless said otherwise. As much is written anew at each start.
    pub segment_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sync_every: Duration::from_millis(50),
            segment_bytes: 16 << 20,
        }
    }
}

impl Settings {
    fn check(self) -> Result<(), Error> {
        let (shortest, longest) = (Duration::from_millis(1), Duration::from_secs(60));
        if !(shortest..=longest).contains(&self.sync_every) {
            return Err(Error::Setting {
                name: "sync_every",
                value: format!("{:?}", self.sync_every),
                allowed: "1 ms to 60 s",
            });
        }
        if !((4 << 10)..=(1 << 30)).contains(&self.segment_bytes) {
            return Err(Error::Setting {
                name: "segment_bytes",
                value: self.segment_bytes.to_string(),
                allowed: "4096 to 1073741824 bytes",
            });
        }
        Ok(())
    }
}

/// What is fixed on air and shortened in tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Between two tries of a failing disk.
    pub(crate) retry: Duration,
    /// Of all records that are not durable.
    pub(crate) waiting_bytes: usize,
    /// How long [`Journal::close`] waits.
    pub(crate) close: Duration,
}

impl Limits {
    pub(crate) const ON_AIR: Self = Self {
        retry: Duration::from_secs(1),
        waiting_bytes: crate::format::MAX_RECORD_BYTES,
        close: Duration::from_secs(2),
    };
}

/// How a journal is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The last record that was appended, or recovered; 0 when there is none.
    pub sequence: u64,
    /// Everything up to this record survives a power loss.
    pub durable: u64,
    /// Records that are kept in memory because they are not known to be durable.
    pub waiting: usize,
    /// What is wrong with the disk, until it is right again.
    pub fault: Option<String>,
    /// Milliseconds since the oldest of the waiting records was appended; 0 when none waits. On a disk that is well it stays
    /// near `sync_every`.
    pub oldest_unsynced_ms: u64,
}

/// A write-ahead log in a folder, and the thread that writes it. Cheap to clone.
///
/// Without a [`Journal::close`], everything is still written once the last clone is dropped, but nobody waits for it.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Owner>);

#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    limits: Limits,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.begin_to_close();
    }
}

impl Journal {
    /// Takes the folder, reads what is in it, and starts the writer. The folder is made when it is missing, and is its owner's
    /// alone (0700, files 0600), for records may hold secrets.
    ///
    /// Takes as long as reading what comes after the newest snapshot, and writing the last segment anew.
    ///
    /// # Errors
    /// [`Error::Locked`] when somebody has the folder, [`Error::Newer`] when a later version wrote a file in it,
    /// [`Error::Setting`], and [`Error::Storage`] when it cannot be read. A disk that can only be read from this moment on is a
    /// matter of [`Journal::status`].
    pub fn open(dir: &Path, settings: Settings) -> Result<(Self, Recovered), Error> {
        settings.check()?;
        Self::open_on(Box::new(Folder::open(dir)?), settings, Limits::ON_AIR)
    }

    pub(crate) fn open_on(
        disk: Box<dyn Disk>,
        settings: Settings,
        limits: Limits,
    ) -> Result<(Self, Recovered), Error> {
        let Recovery {
            recovered,
            uncertain_from,
            segments,
            snapshots,
        } = recover(&*disk)?;
        let uncertain = recovered
            .records
            .partition_point(|record| record.sequence < uncertain_from);
        let uncertain: Vec<Record> = recovered.records[uncertain..].to_vec();
        let shared = Arc::new(Shared::new(
            uncertain_from - 1,
            &uncertain,
            snapshots.last().copied(),
            limits,
        ));
        let mut writer = Writer::new(
            disk,
            settings.segment_bytes,
            uncertain_from - 1,
            segments,
            snapshots,
        );
        writer.push(uncertain);
        // The answer is in the status, and the thread goes on from there.
        shared.first_write(&mut writer);
        let (thread, sync_every) = (shared.clone(), settings.sync_every);
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || thread.run(writer, sync_every))
            .map_err(Error::storage("start the journal's thread"))?;
        Ok((Self(Arc::new(Owner { shared, limits })), recovered))
    }

    /// Adds a record and says its number, one above the last one's, in the order of the calls whatever the thread. Never waits
    /// for the disk: the record is written by another thread, at once, and durable at most `sync_every` later.
    ///
    /// While more than 64 MiB wait for the disk, and after [`Journal::close`], the number is taken and the record is not kept:
    /// see [`Fault::Overflow`]. (A record counts as its length and 64 bytes; a larger one is never kept.)
    pub fn append(&self, bytes: Vec<u8>) -> u64 {
        self.0.shared.append(bytes)
    }

    /// Has everything up to record `sequence` made durable now, and calls `done` when it is. Those who wait at the same time share
    /// one write.
    ///
    /// `done` runs on the journal's thread, which writes nothing meanwhile, or at once on the caller's when nothing is to be
    /// waited for. It is called once, whatever happens. An error says that the record is *not known* to be durable; after
    /// [`Fault::Disk`], which comes with each try that failed, it is kept and tried again every second.
    pub fn durable(&self, sequence: u64, done: impl FnOnce(Result<(), Fault>) + Send + 'static) {
        self.0.shared.wait_for(Waiter {
            sequence,
            done: Box::new(done),
        });
    }

    /// Keeps `bytes` as the state after record `sequence`, so that this and earlier records need not be read any more. The writing is done by
    /// the journal's thread, between records; of several that wait, the newest is written.
    ///
    /// The snapshot before it stays too, with all records after that, in case this one cannot be read some day; what is older
    /// is deleted. One that is older than the newest snapshot, or of a record that there is not, is let go with an error in the log.
    pub fn snapshot(&self, sequence: u64, bytes: Vec<u8>) {
        self.0.shared.snapshot(sequence, bytes);
    }

    /// Puts a state from elsewhere in the place of everything here, and says its number, which numbers go on from: `at_least`, or
    /// one above the last record's where that is more. It is on disk when [`Journal::durable`] says so of that number.
    ///
    /// Whatever ends meanwhile, what comes back is the old or the new, never parts of both: the number leaves a hole between them,
    /// and nothing later is written before the new is on disk. The old stays beside it up to the next snapshot, for the case that
    /// the new cannot be read. Records that are not on disk yet are let go, and who waits for them hears [`Fault::Replaced`].
    pub fn adopt(&self, at_least: u64, bytes: Vec<u8>) -> u64 {
        self.0.shared.adopt(at_least, bytes)
    }

    /// How it is now.
    pub fn status(&self) -> Status {
        self.0.shared.status()
    }

    /// Writes and syncs what there is, a snapshot that waits included, and gives the folder back. Clones that are left append nothing more.
    ///
    /// # Errors
    /// [`Fault::Disk`] or [`Fault::Overflow`] when not everything is durable, [`Fault::Timeout`] when the disk has not answered after two
    /// seconds; the folder is then taken until it does, or until the process ends.
    pub fn close(self) -> Result<(), Fault> {
        self.0.shared.close(self.0.limits.close)
    }
}
