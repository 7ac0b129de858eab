//! What is found in the folder at start.
//!
//! A segment ends where the next one begins: a later segment is only there once everything before it is durable, and after
//! a failure it repeats, whole, what the one before may have lost. So what stands in a segment beyond the next one's
//! beginning is not looked at, and a hole below it is damage.

use crate::disk::Disk;
use crate::format::{
    self, DAMAGED, Found, Kind, MAX_RECORD_BYTES, SegmentReader, TEMPORARY_SEGMENT,
    TEMPORARY_SNAPSHOT, VERSION,
};
use crate::{Damage, Error, Record, Recovered, Snapshot};
use std::collections::BTreeSet;
use std::io::Read as _;

/// What was found, and what the writer has to know of it.
#[derive(Debug)]
pub(crate) struct Recovery {
    pub(crate) recovered: Recovered,
    /// Records from this one on stand in the last segment, whose bytes may be in the system's memory alone and, after an
    /// error of a process before, never be written: they are to be written anew.
    pub(crate) uncertain_from: u64,
    /// First sequences of the segments.
    pub(crate) segments: BTreeSet<u64>,
    /// Sequences of the snapshots.
    pub(crate) snapshots: BTreeSet<u64>,
}

/// Reads everything, then puts aside what cannot be read.
pub(crate) fn recover(disk: &dyn Disk) -> Result<Recovery, Error> {
    let names = disk
        .list()
        .map_err(Error::storage("read the folder of the journal"))?;
    let of = |kind: Kind| -> BTreeSet<u64> {
        names
            .iter()
            .filter_map(|name| kind.sequence(name))
            .collect()
    };
    let (mut segments, mut snapshots) = (of(Kind::Segment), of(Kind::Snapshot));
    for (kind, sequences) in [(Kind::Segment, &segments), (Kind::Snapshot, &snapshots)] {
        for &sequence in sequences {
            refuse_newer(disk, kind, sequence)?;
        }
    }

    let mut aside = Aside::new(disk, &names);
    let mut damage = Vec::new();
    let snapshot = newest_snapshot(disk, &mut snapshots, &mut aside, &mut damage)?;
    let base = snapshot.as_ref().map_or(0, |snapshot| snapshot.sequence);
    let log = read_log(disk, base, &mut segments, &mut aside, &mut damage)?;
    for name in [TEMPORARY_SEGMENT, TEMPORARY_SNAPSHOT] {
        // It is in the way of nothing: whoever needs the name removes it again.
        let _ = disk.remove(name);
    }
    aside.finish()?;
    for damage in &damage {
        tracing::error!(%damage, "the journal is damaged");
    }
    Ok(Recovery {
        recovered: Recovered {
            snapshot,
            records: log.records,
            damage,
        },
        uncertain_from: log.uncertain_from,
        segments,
        snapshots,
    })
}

fn refuse_newer(disk: &dyn Disk, kind: Kind, sequence: u64) -> Result<(), Error> {
    let name = kind.name(sequence);
    let (mut file, _) = disk.read(&name).map_err(Error::storage(READ))?;
    let mut header = [0; 16];
    if format::fill(&mut file, &mut header).map_err(Error::storage(READ))?
        && let Some(version) = kind.version(&header)
        && version > VERSION
    {
        return Err(Error::Newer {
            name,
            version,
            known: VERSION,
        });
    }
    Ok(())
}

const READ: &str = "read the journal";

fn newest_snapshot(
    disk: &dyn Disk,
    snapshots: &mut BTreeSet<u64>,
    aside: &mut Aside<'_>,
    damage: &mut Vec<Damage>,
) -> Result<Option<Snapshot>, Error> {
    while let Some(&sequence) = snapshots.last() {
        let name = Kind::Snapshot.name(sequence);
        let (mut file, file_bytes) = disk.read(&name).map_err(Error::storage(READ))?;
        let found = format::read_snapshot(&mut file, file_bytes, sequence);
        match found.map_err(Error::storage(READ))? {
            Ok(bytes) => return Ok(Some(Snapshot { sequence, bytes })),
            Err(reason) => {
                snapshots.remove(&sequence);
                damage.push(Damage {
                    reason,
                    bytes: file_bytes,
                    moved_to: Some(aside.rename(&name)),
                    name,
                });
            }
        }
    }
    Ok(None)
}

struct Log {
    records: Vec<Record>,
    uncertain_from: u64,
}

/// The records after `base` that have no hole between them.
fn read_log(
    disk: &dyn Disk,
    base: u64,
    segments: &mut BTreeSet<u64>,
    aside: &mut Aside<'_>,
    damage: &mut Vec<Damage>,
) -> Result<Log, Error> {
    let mut log = Log {
        records: Vec::new(),
        uncertain_from: base + 1,
    };
    // What is before the segment that the next record is in, the snapshot stands for.
    let mut at = segments.range(..=base + 1).next_back().copied();
    while let Some(first) = at {
        let successor = segments.range(first + 1..).next().copied();
        let name = Kind::Segment.name(first);
        let (file, file_bytes) = disk.read(&name).map_err(Error::storage(READ))?;
        let mut reader = SegmentReader::new(file, file_bytes, first);
        let mut next = first;
        let end = loop {
            if Some(next) == successor {
                break Found::End;
            }
            match reader.next().map_err(Error::storage(READ))? {
                Found::Record(sequence, bytes) => {
                    next = sequence + 1;
                    if sequence > base {
                        log.records.push(Record { sequence, bytes });
                    }
                }
                end => break end,
            }
        };
        log.uncertain_from = first.max(base + 1);
        if let Found::Broken(reason) = end {
            let left = reader.left();
            let is_more_than_half_a_write =
                successor.is_some() || holds_records_behind(disk, &name, left, next)?;
            damage.push(Damage {
                reason,
                bytes: left,
                moved_to: is_more_than_half_a_write.then(|| aside.link(&name)),
                name,
            });
        }
        if successor.is_some_and(|successor| successor > next) {
            break;
        }
        at = successor;
    }
    // Behind a hole: every segment that begins after the record that is missing.
    let next = log.records.last().map_or(base, |record| record.sequence) + 1;
    for first in segments.split_off(&(next + 1)) {
        let name = Kind::Segment.name(first);
        let (_, bytes) = disk.read(&name).map_err(Error::storage(READ))?;
        damage.push(Damage {
            reason: "the records before it are missing",
            bytes,
            moved_to: Some(aside.rename(&name)),
            name,
        });
    }
    Ok(log)
}

/// Whether the last `left` bytes of a file hold a whole record from `next` on.
fn holds_records_behind(disk: &dyn Disk, name: &str, left: u64, next: u64) -> Result<bool, Error> {
    let read = || -> std::io::Result<Vec<u8>> {
        let (mut file, file_bytes) = disk.read(name)?;
        let before = file_bytes.saturating_sub(left);
        std::io::copy(&mut file.by_ref().take(before), &mut std::io::sink())?;
        let mut rest = Vec::new();
        file.take(2 * MAX_RECORD_BYTES as u64)
            .read_to_end(&mut rest)?;
        Ok(rest)
    };
    Ok(format::holds_a_record(
        &read().map_err(Error::storage(READ))?,
        next,
    ))
}

/// Files that get another name once everything is read.
struct Aside<'a> {
    disk: &'a dyn Disk,
    taken: BTreeSet<String>,
    /// From, to, and whether the file keeps its old name too.
    moves: Vec<(String, String, bool)>,
}

impl<'a> Aside<'a> {
    fn new(disk: &'a dyn Disk, names: &[String]) -> Self {
        Self {
            disk,
            taken: names.iter().cloned().collect(),
            moves: Vec::new(),
        }
    }

    fn rename(&mut self, name: &str) -> String {
        self.plan(name, false)
    }

    fn link(&mut self, name: &str) -> String {
        self.plan(name, true)
    }

    fn plan(&mut self, name: &str, keeps: bool) -> String {
        let to = (1..)
            .map(|number| format!("{DAMAGED}{number}-{name}"))
            .find(|to| !self.taken.contains(to))
            .expect("not every name is taken");
        self.taken.insert(to.clone());
        self.moves.push((name.to_owned(), to.clone(), keeps));
        to
    }

    fn finish(self) -> Result<(), Error> {
        let moved = || {
            for (from, to, keeps) in &self.moves {
                if *keeps {
                    self.disk.link(from, to)?;
                } else {
                    self.disk.rename(from, to)?;
                }
            }
            // Even with nothing moved: a process that was killed may have left names that are in memory alone.
            self.disk.sync_folder()
        };
        moved().map_err(Error::storage(
            "make the names in the journal's folder durable",
        ))
    }
}
