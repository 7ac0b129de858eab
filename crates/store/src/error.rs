//! What can go wrong with the journal, by cause.

use std::io;
use std::path::PathBuf;

/// Why a journal cannot be opened. Nothing in the folder was changed, except where the disk failed in the middle of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process, or another [`Journal`](crate::Journal) of this one, has the folder.
    #[error("{} is in use by another journal", dir.display())]
    Locked {
        /// The folder.
        dir: PathBuf,
    },
    /// A later version of this program wrote the file.
    #[error(
        "{name} is of format {version}; this version reads format {known} alone and leaves it as it is"
    )]
    Newer {
        /// The file.
        name: String,
        /// Its format.
        version: u32,
        /// The format that can be read.
        known: u32,
    },
    /// A setting that cannot be used.
    #[error("{name} is {value}; allowed is {allowed}")]
    Setting {
        /// Which setting.
        name: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// The disk, or the system, failed. What cannot be read for that reason is not taken for broken.
    #[error("cannot {what}")]
    Storage {
        /// What was attempted.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// For `map_err` on what the disk is asked for.
    pub(crate) fn storage(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Storage { what, source }
    }
}

/// Why a record is not known to be durable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The disk failed. The record is kept in memory, and written as soon as the disk takes it again.
    #[error("the disk failed: {reason}")]
    Disk {
        /// What the system said.
        reason: String,
    },
    /// The disk has failed or been too slow for so long that this record was not kept. Everything from `from` on is
    /// missing in the log until a [`snapshot`](crate::Journal::snapshot) covers it.
    #[error("records from {from} on were not kept, because more than 64 MiB wait for the disk")]
    Overflow {
        /// The first record that was not kept.
        from: u64,
    },
    /// There is no such record yet.
    #[error("record {sequence} was not appended; the last one is {last}")]
    Unknown {
        /// What was asked for.
        sequence: u64,
        /// The last record there is.
        last: u64,
    },
    /// A state from elsewhere took the place of everything before the record was on disk.
    #[error("a state from elsewhere, of number {by}, took the place of the record")]
    Replaced {
        /// The number of that state.
        by: u64,
    },
    /// The journal was closed before the record was on disk.
    #[error("the journal is closed")]
    Closed,
    /// The disk did not answer within the two seconds that closing may take.
    #[error("the disk did not answer within {waited_ms} ms")]
    Timeout {
        /// How long was waited.
        waited_ms: u64,
    },
}
