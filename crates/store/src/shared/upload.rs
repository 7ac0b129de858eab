//! What the server is to have: the last snapshot, and every record after it.

use crate::Record;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use tokio::time::Instant;

/// As much goes into one write.
const BATCH_BYTES: usize = 1 << 20;

struct Kept {
    sequence: u64,
    bytes: Arc<[u8]>,
    since: Instant,
}

/// Everything of it stays in memory up to the next snapshot, so that a server that lost it gets it again.
pub(crate) struct Upload {
    snapshot: (u64, Arc<[u8]>),
    is_snapshot_new: bool,
    records: VecDeque<Kept>,
    /// The server has everything up to here.
    confirmed: u64,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("snapshot", &self.snapshot.0)
            .field("last", &self.last())
            .field("confirmed", &self.confirmed)
            .finish_non_exhaustive()
    }
}

/// What one write brings.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) snapshot: Option<(u64, Arc<[u8]>)>,
    pub(crate) records: Vec<(u64, Arc<[u8]>)>,
    /// Where the server is when it has this.
    pub(crate) end: u64,
}

impl Upload {
    pub(crate) fn new(snapshot: (u64, Arc<[u8]>), records: Vec<Record>, now: Instant) -> Self {
        let mut upload = Self {
            confirmed: 0,
            is_snapshot_new: true,
            snapshot,
            records: VecDeque::new(),
        };
        for record in records {
            upload.append(record.sequence, record.bytes.into(), now);
        }
        upload
    }

    pub(crate) fn append(&mut self, sequence: u64, bytes: Arc<[u8]>, since: Instant) {
        debug_assert_eq!(sequence, self.last() + 1, "records come without holes");
        self.records.push_back(Kept {
            sequence,
            bytes,
            since,
        });
    }

    pub(crate) fn take_snapshot(&mut self, sequence: u64, bytes: Arc<[u8]>) {
        if sequence < self.snapshot.0 {
            return;
        }
        self.snapshot = (sequence, bytes);
        self.is_snapshot_new = true;
        let covered = self
            .records
            .partition_point(|record| record.sequence <= sequence);
        self.records.drain(..covered);
    }

    pub(crate) fn last(&self) -> u64 {
        self.records
            .back()
            .map_or(self.snapshot.0, |record| record.sequence)
    }

    pub(crate) fn confirmed(&self) -> u64 {
        self.confirmed
    }

    pub(crate) fn snapshot(&self) -> (u64, Arc<[u8]>) {
        self.snapshot.clone()
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = (u64, &Arc<[u8]>)> {
        self.records
            .iter()
            .map(|record| (record.sequence, &record.bytes))
    }

    fn first_waiting(&self) -> usize {
        self.records
            .partition_point(|record| record.sequence <= self.confirmed)
    }

    /// How many records the server lacks, and since when the oldest of them.
    pub(crate) fn waiting(&self) -> (u64, Option<Instant>) {
        let at = self.first_waiting();
        let since = self.records.get(at).map(|record| record.since);
        ((self.records.len() - at) as u64, since)
    }

    /// Everything, for a server that has nothing of this term.
    pub(crate) fn all(&self) -> Batch {
        Batch {
            snapshot: Some(self.snapshot.clone()),
            records: self
                .records()
                .map(|(sequence, bytes)| (sequence, bytes.clone()))
                .collect(),
            end: self.last(),
        }
    }

    /// What is next, at most about a megabyte of it.
    pub(crate) fn next(&self) -> Batch {
        let snapshot = self.is_snapshot_new.then(|| self.snapshot.clone());
        let mut batch = Batch {
            end: self.confirmed.max(snapshot.as_ref().map_or(0, |it| it.0)),
            snapshot,
            records: Vec::new(),
        };
        let mut bytes = 0;
        for record in self.records.range(self.first_waiting()..) {
            if bytes > 0 && bytes + record.bytes.len() > BATCH_BYTES {
                break;
            }
            bytes += record.bytes.len();
            batch.end = record.sequence;
            batch.records.push((record.sequence, record.bytes.clone()));
        }
        batch
    }

    /// The server has it.
    pub(crate) fn sent(&mut self, batch: &Batch) {
        self.confirmed = self.confirmed.max(batch.end);
        if let Some((sequence, _)) = &batch.snapshot
            && *sequence == self.snapshot.0
        {
            self.is_snapshot_new = false;
        }
    }

    /// The server has nothing of it any more.
    pub(crate) fn begin_anew(&mut self) {
        self.confirmed = 0;
        self.is_snapshot_new = true;
    }
}
