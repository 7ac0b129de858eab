//! Puts records on the disk and knows which of them are safe there. No threads, no time.

use crate::Record;
use crate::disk::{Disk, DiskFile};
use crate::format::{
    FRAME_BYTES, HEADER_BYTES, Kind, TEMPORARY_SEGMENT, TEMPORARY_SNAPSHOT, push_frame,
    snapshot_head,
};
use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Write as _};

/// As much is handed to the system at once.
const CHUNK_BYTES: u64 = 1 << 20;

/// The one that writes.
#[derive(Debug)]
pub(crate) struct Writer {
    disk: Box<dyn Disk>,
    segment_bytes: u64,
    /// None at the beginning and after every error: no file is written to again that failed once.
    segment: Option<Segment>,
    /// Every record after `durable`, in order.
    kept: VecDeque<Record>,
    /// How many of `kept` are in the segment.
    written: usize,
    durable: u64,
    segments: BTreeSet<u64>,
    snapshots: BTreeSet<u64>,
}

#[derive(Debug)]
struct Segment {
    file: Box<dyn DiskFile>,
    bytes: u64,
}

impl Writer {
    /// Everything up to `durable` is safe already; `segments` and `snapshots` are what there is on the disk.
    pub(crate) fn new(
        disk: Box<dyn Disk>,
        segment_bytes: u64,
        durable: u64,
        segments: BTreeSet<u64>,
        snapshots: BTreeSet<u64>,
    ) -> Self {
        Self {
            disk,
            segment_bytes,
            segment: None,
            kept: VecDeque::new(),
            written: 0,
            durable,
            segments,
            snapshots,
        }
    }

    /// Everything up to this record survives whatever happens.
    pub(crate) fn durable(&self) -> u64 {
        self.durable
    }

    /// Whether a record was written and may not be durable.
    pub(crate) fn is_unsynced(&self) -> bool {
        self.written > 0
    }

    /// Takes records over, which must follow on those before.
    pub(crate) fn push(&mut self, records: impl IntoIterator<Item = Record>) {
        for record in records {
            let last = self
                .kept
                .back()
                .map_or(self.durable, |record| record.sequence);
            debug_assert_eq!(record.sequence, last + 1, "records come without holes");
            self.kept.push_back(record);
        }
    }

    /// Hands every record to the system: they survive the process, and power loss after [`Writer::sync`].
    ///
    /// # Errors
    /// The disk's. The next call then begins with a new segment and everything that is not durable.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        let done = self.try_write();
        self.after(done)
    }

    fn try_write(&mut self) -> io::Result<()> {
        let mut buffer = Vec::new();
        if self.segment.is_none() {
            self.begin(&mut buffer)?;
        }
        while self.written < self.kept.len() {
            let segment = self.segment.as_mut().expect("begun above");
            let room = self.segment_bytes.saturating_sub(segment.bytes);
            let count = fill(
                &mut buffer,
                self.kept.range(self.written..),
                room.min(CHUNK_BYTES),
            );
            if count > 0 {
                segment.file.write_all(&buffer)?;
                segment.bytes += buffer.len() as u64;
                self.written += count;
            } else if room >= CHUNK_BYTES || segment.bytes <= HEADER_BYTES as u64 {
                // One that is larger than a chunk goes alone, and into an empty segment whatever its size.
                let record = &self.kept[self.written];
                push_frame(&mut buffer, record.sequence, &record.bytes);
                segment.file.write_all(&buffer)?;
                segment.bytes += buffer.len() as u64;
                self.written += 1;
            } else {
                // The next segment says by being there that this one is whole.
                self.try_sync()?;
                self.begin(&mut buffer)?;
            }
        }
        Ok(())
    }

    /// Makes durable what was written.
    ///
    /// # Errors
    /// The disk's, as for [`Writer::write`].
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        let done = self.try_sync();
        self.after(done)
    }

    fn try_sync(&mut self) -> io::Result<()> {
        if self.written > 0 {
            let segment = self
                .segment
                .as_mut()
                .expect("what is written is in a segment");
            segment.file.sync()?;
            self.forget(self.written);
        }
        Ok(())
    }

    /// A new segment with the records that are not durable, as many as fit, which are durable then. It gets its name when it is
    /// whole, so that whatever it repeats or takes the place of is never missed.
    fn begin(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let first = self.durable + 1;
        let mut file = self.disk.create(TEMPORARY_SEGMENT)?;
        file.write_all(&Kind::Segment.header())?;
        let (mut bytes, mut count) = (HEADER_BYTES as u64, 0);
        while count < self.kept.len() {
            let room = self.segment_bytes.saturating_sub(bytes).min(CHUNK_BYTES);
            let mut filled = fill(buffer, self.kept.range(count..), room);
            if filled == 0 && count == 0 {
                push_frame(buffer, self.kept[0].sequence, &self.kept[0].bytes);
                filled = 1;
            }
            if filled == 0 {
                break;
            }
            file.write_all(buffer)?;
            bytes += buffer.len() as u64;
            count += filled;
        }
        file.sync()?;
        self.disk
            .rename(TEMPORARY_SEGMENT, &Kind::Segment.name(first))?;
        self.segments.insert(first);
        self.disk.sync_folder()?;
        self.segment = Some(Segment { file, bytes });
        self.written = 0;
        self.forget(count);
        Ok(())
    }

    /// The first `count` records are durable.
    fn forget(&mut self, count: usize) {
        if let Some(record) = self.kept.drain(..count).next_back() {
            self.durable = record.sequence;
        }
        self.written = self.written.saturating_sub(count);
    }

    fn after(&mut self, done: io::Result<()>) -> io::Result<()> {
        if done.is_err() {
            (self.segment, self.written) = (None, 0);
            // Where the disk is full, it is what fills it.
            let _ = self.disk.remove(TEMPORARY_SEGMENT);
        }
        done
    }

    /// Keeps the state as of record `sequence`, and throws away what only an older state needs. Records up to there that the log
    /// lacks are durable by it.
    ///
    /// # Errors
    /// The disk's. Then everything is as before.
    pub(crate) fn snapshot(&mut self, sequence: u64, bytes: &[u8]) -> io::Result<()> {
        let written = (|| {
            let mut file = self.disk.create(TEMPORARY_SNAPSHOT)?;
            file.write_all(&snapshot_head(sequence, bytes))?;
            file.write_all(bytes)?;
            file.sync()?;
            let name = Kind::Snapshot.name(sequence);
            self.disk.rename(TEMPORARY_SNAPSHOT, &name)?;
            self.disk.sync_folder()
        })();
        if written.is_err() {
            let _ = self.disk.remove(TEMPORARY_SNAPSHOT);
            return written;
        }
        self.snapshots.insert(sequence);
        if sequence > self.durable {
            (self.segment, self.written) = (None, 0);
            self.durable = sequence;
            self.kept.retain(|record| record.sequence > sequence);
        }
        self.prune();
        Ok(())
    }

    /// Two snapshots stay, and every record after the older one, so that the newer one may be lost.
    fn prune(&mut self) {
        let Some(&base) = self.snapshots.iter().rev().nth(1) else {
            return;
        };
        let old = self.snapshots.range(..base).copied().collect::<Vec<_>>();
        for sequence in old {
            if self.remove(&Kind::Snapshot.name(sequence)) {
                self.snapshots.remove(&sequence);
            }
        }
        // A segment ends where the next begins.
        let needed = self.segments.range(..=base + 1).next_back().copied();
        let old: Vec<u64> = self
            .segments
            .range(..needed.unwrap_or(0))
            .copied()
            .collect();
        for first in old {
            if self.remove(&Kind::Segment.name(first)) {
                self.segments.remove(&first);
            }
        }
    }

    /// Whether it is gone; otherwise the next snapshot tries again.
    fn remove(&self, name: &str) -> bool {
        let removed = self.disk.remove(name);
        if let Err(error) = &removed {
            tracing::warn!(%error, name, "a file of the journal that nobody needs cannot be removed");
        }
        removed.is_ok()
    }
}

/// Puts records into an empty buffer, as many as fit into `room` bytes, and says how many.
fn fill<'a>(buffer: &mut Vec<u8>, records: impl Iterator<Item = &'a Record>, room: u64) -> usize {
    buffer.clear();
    let mut count = 0;
    for record in records {
        if (buffer.len() + FRAME_BYTES + record.bytes.len()) as u64 > room {
            break;
        }
        push_frame(buffer, record.sequence, &record.bytes);
        count += 1;
    }
    count
}
