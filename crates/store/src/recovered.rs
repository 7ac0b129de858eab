//! What a journal gives back when it is opened.

use std::fmt;

/// What was in the folder: the state to begin with, and what happened after it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Recovered {
    /// The newest snapshot that can be read; without one the show begins with nothing.
    pub snapshot: Option<Snapshot>,
    /// The records after the snapshot (or from 1 on), in order and without holes.
    pub records: Vec<Record>,
    /// What could not be read, each logged as a warning already; empty when all is well. Half a record at the end, as a
    /// power loss leaves it, is here too.
    pub damage: Vec<Damage>,
}

/// A state that was handed to [`Journal::snapshot`](crate::Journal::snapshot). Its `Debug` hides the bytes, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The last record that the state comprises.
    pub sequence: u64,
    /// The state.
    pub bytes: Vec<u8>,
}

/// What was handed to [`Journal::append`](crate::Journal::append). Its `Debug` hides the bytes, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Its number; the first record ever is 1.
    pub sequence: u64,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// Something in the folder that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// The file.
    pub name: String,
    /// How many bytes of it are not read.
    pub bytes: u64,
    /// What is wrong.
    pub reason: &'static str,
    /// Under which name the file is kept, in the same folder, to be looked at by somebody. None when there is nothing in it but
    /// half a write.
    pub moved_to: Option<String>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} bytes of {} are not read: {}",
            self.bytes, self.name, self.reason
        )?;
        match &self.moved_to {
            Some(name) => write!(f, "; the file is kept as {name}"),
            None => write!(f, "; they are cut off"),
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hidden(f, "Snapshot", self.sequence, &self.bytes)
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hidden(f, "Record", self.sequence, &self.bytes)
    }
}

pub(crate) fn hidden(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    sequence: u64,
    bytes: &[u8],
) -> fmt::Result {
    f.debug_struct(what)
        .field("sequence", &sequence)
        .field("bytes", &format_args!("({} bytes)", bytes.len()))
        .finish()
}
