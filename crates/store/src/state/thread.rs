//! What the journal's thread does.

use super::{Pending, Shared};
use crate::writer::Writer;
use crate::{Fault, Record};
use std::collections::VecDeque;
use std::io;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// When the thread does what it does by itself.
#[derive(Debug, Default)]
struct Timetable {
    sync_at: Option<Instant>,
    retry_at: Option<Instant>,
    snapshot_at: Option<Instant>,
}

/// One turn of the thread.
#[derive(Debug, Default)]
struct Job {
    records: VecDeque<Record>,
    write: bool,
    sync: bool,
    snapshot: Option<Pending>,
    /// The snapshot stands for records that the log lacks.
    covers_gap: bool,
    last: bool,
}

impl Shared {
    /// Writes what was found anew, on the caller's thread.
    pub(crate) fn first_write(&self, writer: &mut Writer) {
        let done = writer.write().and_then(|()| writer.sync());
        let mut state = self.lock();
        state.reached(writer.durable());
        state.disk_fault = done.err().map(|error| error.to_string());
        if let Some(fault) = &state.disk_fault {
            tracing::error!(
                fault,
                "the journal cannot be written; trying again every second"
            );
        }
    }

    /// The thread.
    pub(crate) fn run(&self, mut writer: Writer, sync_every: Duration) {
        let mut times = Timetable::default();
        if self.lock().disk_fault.is_some() {
            times.retry_at = Some(Instant::now() + self.limits.retry);
        }
        loop {
            let job = self.next_job(&times);
            let (is_last, covers_gap) = (job.last, job.covers_gap);
            self.carry_out(job, &mut writer, &mut times, sync_every);
            // Behind a gap that is covered now, there may be records.
            if is_last && (!covers_gap || self.lock().gap.is_some()) {
                break;
            }
        }
        // The folder is free before anybody hears that it is.
        drop(writer);
        let mut state = self.lock();
        state.has_ended = true;
        let waiters = state.take_waiters(|_| true);
        drop(state);
        self.ended.notify_all();
        for waiter in waiters {
            waiter.answer(Err(Fault::Closed));
        }
    }

    /// Waits until there is something to do.
    fn next_job(&self, times: &Timetable) -> Job {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let is_past = |at: Option<Instant>| at.is_none_or(|at| at <= now);
            let may_write = state.gap.is_none() && is_past(times.retry_at);
            let write = may_write
                && (!state.incoming.is_empty()
                    || !state.waiters.is_empty()
                    || times.retry_at.is_some()
                    || times.sync_at.is_some_and(|at| at <= now));
            let snapshot = state.snapshot.is_some()
                && is_past(times.snapshot_at)
                && (may_write || state.gap.is_some());
            if write || snapshot || state.is_closing {
                let mut job = Job {
                    covers_gap: state.gap.is_some(),
                    last: state.is_closing,
                    ..Job::default()
                };
                if snapshot || job.last {
                    job.snapshot = state.snapshot.take();
                }
                if state.gap.is_none() {
                    job.write = true;
                    job.sync = job.last
                        || !state.waiters.is_empty()
                        || job.snapshot.is_some()
                        || times.sync_at.is_some_and(|at| at <= now);
                    job.records = std::mem::take(&mut state.incoming);
                }
                return job;
            }
            let alarms = if state.gap.is_some() {
                [times.snapshot_at, None]
            } else if times.retry_at.is_some() {
                [times.retry_at, None]
            } else {
                let snapshot_at = times.snapshot_at.filter(|_| state.snapshot.is_some());
                [times.sync_at, snapshot_at]
            };
            state = match alarms.into_iter().flatten().min() {
                None => self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let left = at.saturating_duration_since(now);
                    let woken = self.work.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn carry_out(
        &self,
        mut job: Job,
        writer: &mut Writer,
        times: &mut Timetable,
        sync_every: Duration,
    ) {
        if job.write {
            writer.push(job.records);
            let mut done = writer.write();
            if job.sync {
                done = done.and_then(|()| timed(writer));
            }
            self.wrote(&done, writer, times, sync_every);
            if done.is_err() {
                // It is for records that are not durable.
                self.put_back(job.snapshot.take());
            }
        }
        if let Some(snapshot) = job.snapshot {
            let done = writer.snapshot(snapshot.sequence, &snapshot.bytes);
            self.took_snapshot(done, snapshot, job.covers_gap, writer, times);
        }
    }

    fn wrote(
        &self,
        done: &io::Result<()>,
        writer: &Writer,
        times: &mut Timetable,
        sync_every: Duration,
    ) {
        let now = Instant::now();
        let mut state = self.lock();
        state.reached(writer.durable());
        let durable = state.durable;
        let mut due = state.take_waiters(|waiter| waiter.sequence <= durable);
        let answers = due.len();
        match done {
            Ok(()) => {
                times.retry_at = None;
                times.sync_at = writer
                    .is_unsynced()
                    .then(|| times.sync_at.unwrap_or(now + sync_every));
                if let Some(fault) = state.disk_fault.take() {
                    tracing::info!(durable, was = fault, "the journal is written again");
                }
            }
            Err(error) => {
                (times.retry_at, times.sync_at) = (Some(now + self.limits.retry), None);
                metrics::counter!("stream_manager_journal_faults_total").increment(1);
                if state.disk_fault.is_none() {
                    tracing::error!(%error, durable, "the journal cannot be written; trying again every second");
                }
                state.disk_fault = Some(error.to_string());
                due.extend(state.take_waiters(|_| true));
            }
        }
        let fault = state.disk_fault.clone().unwrap_or_default();
        drop(state);
        for (number, waiter) in due.into_iter().enumerate() {
            waiter.answer(if number < answers {
                Ok(())
            } else {
                Err(Fault::Disk {
                    reason: fault.clone(),
                })
            });
        }
    }

    fn put_back(&self, snapshot: Option<Pending>) {
        let mut state = self.lock();
        // A newer one may have come meanwhile.
        if state.snapshot.is_none() {
            state.snapshot = snapshot;
        }
    }

    fn took_snapshot(
        &self,
        done: io::Result<()>,
        snapshot: Pending,
        covers_gap: bool,
        writer: &Writer,
        times: &mut Timetable,
    ) {
        let Err(error) = done else {
            times.snapshot_at = None;
            let mut state = self.lock();
            state.snapshot_fault = None;
            state.reached(writer.durable());
            if state.gap.is_some_and(|gap| gap <= snapshot.sequence) {
                state.gap = None;
                times.retry_at = None;
                state
                    .incoming
                    .retain(|record| record.sequence > snapshot.sequence);
            }
            let durable = state.durable;
            let due = state.take_waiters(|waiter| waiter.sequence <= durable);
            drop(state);
            for waiter in due {
                waiter.answer(Ok(()));
            }
            return;
        };
        times.snapshot_at = Some(Instant::now() + self.limits.retry);
        metrics::counter!("stream_manager_journal_faults_total").increment(1);
        let reason = error.to_string();
        let mut state = self.lock();
        if state.snapshot_fault.is_none() {
            tracing::error!(%error, sequence = snapshot.sequence, "a snapshot cannot be written; trying again every second");
        }
        state.snapshot_fault = Some(reason.clone());
        if state.snapshot.is_none() {
            state.snapshot = Some(snapshot);
        }
        // Otherwise the records are well without it.
        let due = state.take_waiters(|_| covers_gap);
        drop(state);
        for waiter in due {
            waiter.answer(Err(Fault::Disk {
                reason: reason.clone(),
            }));
        }
    }
}

/// Has the disk make durable what was written, and tells how long that took; of what failed, the counter of faults tells.
fn timed(writer: &mut Writer) -> io::Result<()> {
    if !writer.is_unsynced() {
        return writer.sync();
    }
    let began = Instant::now();
    writer.sync()?;
    metrics::histogram!("stream_manager_journal_sync_seconds")
        .record(began.elapsed().as_secs_f64());
    Ok(())
}
