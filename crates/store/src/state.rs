//! What the users of a journal and its thread share.

mod thread;

use crate::journal::{Limits, Status};
use crate::recovered::hidden;
use crate::{Fault, Record};
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What a record costs in memory beside its bytes, roughly.
const RECORD_OVERHEAD_BYTES: usize = 64;

/// Somebody who wants to know when a record is durable.
pub(crate) struct Waiter {
    pub(crate) sequence: u64,
    pub(crate) done: Box<dyn FnOnce(Result<(), Fault>) + Send>,
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Waiter {
    /// Never under the lock: what it calls may use the journal.
    fn answer(self, answer: Result<(), Fault>) {
        if catch_unwind(AssertUnwindSafe(|| (self.done)(answer))).is_err() {
            tracing::error!(
                sequence = self.sequence,
                "who waited for the journal panicked"
            );
        }
    }
}

#[derive(Debug)]
pub(crate) struct Shared {
    limits: Limits,
    state: Mutex<State>,
    /// Something for the thread to do.
    work: Condvar,
    /// The thread has ended.
    ended: Condvar,
}

#[derive(Debug)]
struct State {
    last: u64,
    durable: u64,
    /// Appended and not taken by the thread.
    incoming: VecDeque<Record>,
    /// Of every record that is not durable, here or with the thread.
    marks: VecDeque<Mark>,
    waiting_bytes: usize,
    /// From this record on nothing is kept, because too much waited.
    lost_from: Option<u64>,
    /// Records up to this one may not all be in the log; before any later one, a snapshot must stand for them.
    gap: Option<u64>,
    snapshot: Option<Pending>,
    /// The newest snapshot that was handed in.
    newest_snapshot: Option<u64>,
    waiters: Vec<Waiter>,
    disk_fault: Option<String>,
    snapshot_fault: Option<String>,
    is_closing: bool,
    has_ended: bool,
}

#[derive(Debug)]
struct Mark {
    sequence: u64,
    bytes: usize,
    since: Instant,
}

struct Pending {
    sequence: u64,
    bytes: Vec<u8>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hidden(f, "Pending", self.sequence, &self.bytes)
    }
}

impl State {
    fn lost(&self) -> Option<Fault> {
        self.lost_from.map(|from| Fault::Overflow { from })
    }

    fn mark(&mut self, sequence: u64, bytes: usize) {
        let bytes = bytes + RECORD_OVERHEAD_BYTES;
        self.waiting_bytes += bytes;
        self.marks.push_back(Mark {
            sequence,
            bytes,
            since: Instant::now(),
        });
    }

    fn reached(&mut self, durable: u64) {
        self.durable = self.durable.max(durable);
        while let Some(mark) = self.marks.front()
            && mark.sequence <= self.durable
        {
            self.waiting_bytes -= mark.bytes;
            self.marks.pop_front();
        }
    }

    fn has_reached(&self, sequence: u64) -> bool {
        sequence <= self.durable
    }

    /// Takes the waiters out that `is_due` names.
    fn take_waiters(&mut self, is_due: impl Fn(&Waiter) -> bool) -> Vec<Waiter> {
        let (due, rest) = std::mem::take(&mut self.waiters)
            .into_iter()
            .partition(is_due);
        self.waiters = rest;
        due
    }
}

impl Shared {
    /// Everything up to `durable` is safe; `uncertain` is with the writer and is not.
    pub(crate) fn new(
        durable: u64,
        uncertain: &[Record],
        newest_snapshot: Option<u64>,
        limits: Limits,
    ) -> Self {
        let mut state = State {
            last: durable,
            durable,
            incoming: VecDeque::new(),
            marks: VecDeque::new(),
            waiting_bytes: 0,
            lost_from: None,
            gap: None,
            snapshot: None,
            newest_snapshot,
            waiters: Vec::new(),
            disk_fault: None,
            snapshot_fault: None,
            is_closing: false,
            has_ended: false,
        };
        for record in uncertain {
            state.mark(record.sequence, record.bytes.len());
            state.last = record.sequence;
        }
        Self {
            limits,
            state: Mutex::new(state),
            work: Condvar::new(),
            ended: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn append(&self, bytes: Vec<u8>) -> u64 {
        let mut state = self.lock();
        state.last += 1;
        let sequence = state.last;
        let cost = bytes.len() + RECORD_OVERHEAD_BYTES;
        let limit = self.limits.waiting_bytes + RECORD_OVERHEAD_BYTES;
        if state.is_closing {
            return sequence;
        }
        if state.lost_from.is_none() && state.waiting_bytes + cost > limit {
            state.lost_from = Some(sequence);
            tracing::error!(
                sequence,
                "the disk is too slow: records are not kept from here to the next snapshot"
            );
        }
        if state.lost_from.is_none() {
            state.mark(sequence, bytes.len());
            state.incoming.push_back(Record { sequence, bytes });
            drop(state);
            self.work.notify_one();
        }
        sequence
    }

    pub(crate) fn wait_for(&self, waiter: Waiter) {
        let mut state = self.lock();
        let sequence = waiter.sequence;
        let answer = if state.has_reached(sequence) {
            Ok(())
        } else if sequence > state.last {
            Err(Fault::Unknown {
                sequence,
                last: state.last,
            })
        } else if let Some(from) = state.lost_from.filter(|&from| sequence >= from) {
            Err(Fault::Overflow { from })
        } else if state.is_closing {
            Err(Fault::Closed)
        } else {
            state.waiters.push(waiter);
            drop(state);
            self.work.notify_one();
            return;
        };
        drop(state);
        waiter.answer(answer);
    }

    pub(crate) fn snapshot(&self, sequence: u64, bytes: Vec<u8>) {
        let mut state = self.lock();
        let is_old = state
            .newest_snapshot
            .is_some_and(|newest| newest > sequence);
        if sequence > state.last || is_old || state.is_closing {
            let (last, newest) = (state.last, state.newest_snapshot);
            drop(state);
            tracing::error!(
                sequence,
                last,
                newest,
                "a snapshot is let go: of a record that there is not, too old, or after the end"
            );
            return;
        }
        state.newest_snapshot = Some(sequence);
        state.snapshot = Some(Pending { sequence, bytes });
        if state.lost_from.is_some_and(|from| sequence >= from) {
            // It stands for what was not kept up to there; whole again it is when nothing was appended since.
            state.gap = Some(sequence);
            state.lost_from = (sequence < state.last).then_some(sequence + 1);
            // Of what is kept, nothing is later than what is lost.
            state.incoming.clear();
        }
        drop(state);
        self.work.notify_one();
    }

    /// A state from elsewhere: like a snapshot that stands for records which were lost, of a number of its own.
    pub(crate) fn adopt(&self, at_least: u64, bytes: Vec<u8>) -> u64 {
        let mut state = self.lock();
        let sequence = at_least.max(state.last + 1);
        let waiters = state.take_waiters(|_| true);
        if !state.is_closing {
            state.last = sequence;
            state.newest_snapshot = Some(sequence);
            state.mark(sequence, bytes.len());
            state.snapshot = Some(Pending { sequence, bytes });
            // Before it is on disk, no later record may be.
            state.gap = Some(sequence);
            state.lost_from = None;
            state.incoming.clear();
        }
        drop(state);
        self.work.notify_one();
        for waiter in waiters {
            waiter.answer(Err(Fault::Replaced { by: sequence }));
        }
        sequence
    }

    pub(crate) fn status(&self) -> Status {
        let state = self.lock();
        let oldest = state.marks.front().map(|mark| mark.since.elapsed());
        Status {
            sequence: state.last,
            durable: state.durable,
            waiting: state.marks.len(),
            fault: state
                .lost()
                .map(|fault| fault.to_string())
                .or_else(|| state.disk_fault.clone())
                .or_else(|| state.snapshot_fault.clone()),
            oldest_unsynced_ms: oldest.map_or(0, |oldest| {
                u64::try_from(oldest.as_millis()).unwrap_or(u64::MAX)
            }),
        }
    }

    pub(crate) fn begin_to_close(&self) {
        self.lock().is_closing = true;
        self.work.notify_one();
    }

    pub(crate) fn close(&self, limit: Duration) -> Result<(), Fault> {
        let mut state = self.lock();
        let (last, lost) = (state.last, state.lost());
        state.is_closing = true;
        self.work.notify_one();
        let (state, _) = self
            .ended
            .wait_timeout_while(state, limit, |state| !state.has_ended)
            .unwrap_or_else(PoisonError::into_inner);
        if !state.has_ended {
            return Err(Fault::Timeout {
                waited_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
            });
        }
        if let Some(fault) = lost {
            return Err(fault);
        }
        match state.disk_fault.as_ref().or(state.snapshot_fault.as_ref()) {
            _ if state.has_reached(last) => Ok(()),
            Some(reason) => Err(Fault::Disk {
                reason: reason.clone(),
            }),
            None => Err(Fault::Closed),
        }
    }
}
