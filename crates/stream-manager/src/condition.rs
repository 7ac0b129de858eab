//! How the service does: the components of `/health`, with true reasons.
//!
//! Degraded is what a restart would not help, and a restart ends the show: so only the engine and the encoder can fail.

mod disk;

use crate::memory_port::Memory;
use disk::Disk;
use engine::{Handle, Stats};
use outputs::{Outputs, State, Status};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use store::{Role, SharedStatus};
use telemetry::{Condition, Health};

/// Records that are so old and not yet on disk are late: on a disk that is well they wait for 50 ms.
const LATE_RECORDS_MS: u64 = 2000;
/// The wall clock is synchronised by small steps all the time; one so large shows in a countdown.
const DRIFT_NS: i64 = 1_000_000_000;

/// Whom to ask. Asking never blocks; what may, such as a file system, is looked at beside it.
#[derive(Clone)]
pub(crate) struct Inspector {
    on_air: Arc<OnAir>,
    memory: Arc<Memory>,
    assets: AssetFault,
    disk: Arc<Disk>,
}

/// What is wrong with the store of the assets.
pub(crate) type AssetFault = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What is on air; nothing in a process that stands by.
#[derive(Default)]
pub(crate) struct OnAir(OnceLock<(Handle, Arc<Outputs>)>);

impl OnAir {
    /// From here on. Once.
    pub(crate) fn begin(&self, handle: Handle, outputs: Arc<Outputs>) {
        let _ = self.0.set((handle, outputs));
    }

    fn handle(&self) -> Option<&Handle> {
        self.0.get().map(|(handle, _)| handle)
    }
}

impl Inspector {
    /// Looks at the disk from here on.
    pub(crate) async fn start(
        on_air: Arc<OnAir>,
        memory: Arc<Memory>,
        assets: AssetFault,
        data_dir: &Path,
    ) -> Self {
        Self {
            on_air,
            memory,
            assets,
            disk: Disk::watch(data_dir).await,
        }
    }

    /// The components: `engine`, `encoder`, `output:<id>` for each output, `store`, `redis` where there is one, `assets`,
    /// `disk`, `clock`. A process that stands by is well as long as it follows.
    pub(crate) fn health(&self) -> Health {
        let [ready, engine, encoder, outputs, clock] = [(); 5].map(|()| Arc::clone(&self.on_air));
        let [journal, replica] = [(); 2].map(|()| Arc::clone(&self.memory));
        let (assets, disk) = (Arc::clone(&self.assets), Arc::clone(&self.disk));
        Health::new(move || {
            ready
                .handle()
                .is_some_and(|handle| handle.stats().packets > 0)
        })
        .with("engine", move || {
            engine.handle().map_or(Condition::Ok, |handle| {
                Condition::from_silence(handle.engine_silent_ns())
            })
        })
        .with("encoder", move || {
            encoder.handle().map_or(Condition::Ok, |handle| {
                of_encoder(&handle.stats(), handle.encoder_silent_ns())
            })
        })
        .with_each(move || {
            let outputs = outputs.0.get().map(|(_, outputs)| outputs.list());
            let outputs = outputs.into_iter().flatten();
            outputs.map(|(id, status)| (format!("output:{id}"), of_output(&status)))
        })
        .with("store", move || of_store(&journal.status()))
        .with_each(move || {
            let replica = replica.shared_status();
            let replica = replica.map(|status| ("redis".to_owned(), of_replica(&status)));
            replica.into_iter()
        })
        .with("assets", move || {
            assets().map_or(Condition::Ok, Condition::Degraded)
        })
        .with("disk", move || disk.condition())
        .with("clock", move || {
            clock
                .handle()
                .map_or(Condition::Ok, |handle| of_clock(handle.wall_drift_ns()))
        })
    }
}

fn of_encoder(stats: &Stats, silent_ns: i64) -> Condition {
    if stats.encoder_failed {
        return Condition::Failed("the encoder failed, and the programme has ended".to_owned());
    }
    Condition::from_silence(silent_ns)
}

/// An output in trouble degrades the service. One that connects again after a failure still is in trouble.
fn of_output(status: &Status) -> Condition {
    let reason = status.reason.as_deref();
    let trouble = match status.state {
        State::Retrying | State::Refused => reason.or(Some("no reason given")),
        State::Connecting => reason,
        State::Idle | State::Live | State::Stopped => None,
    };
    trouble.map_or(Condition::Ok, |reason| {
        Condition::Degraded(format!("{}: {reason}", status.state))
    })
}

/// While the store is not well, the show goes on, and what happens would not survive the process.
fn of_store(status: &store::Status) -> Condition {
    if let Some(fault) = &status.fault {
        return Condition::Degraded(fault.clone());
    }
    if status.oldest_unsynced_ms > LATE_RECORDS_MS {
        return Condition::Degraded(format!(
            "the oldest of {} records waits for the disk since {} ms",
            status.waiting, status.oldest_unsynced_ms
        ));
    }
    Condition::Ok
}

/// While the replica is not well, the show goes on, and nobody else could take it over as it is.
fn of_replica(status: &SharedStatus) -> Condition {
    let part = match status.role {
        Role::OffAir => "off the air: cut off from a server that others may reach",
        Role::Lost => "another process has the show",
        Role::Starting => "not known yet whose turn it is",
        Role::Standby | Role::Active | Role::Alone => "",
    };
    match (&status.fault, part) {
        (None, "") => Condition::Ok,
        (None, part) => Condition::Degraded(part.to_owned()),
        (Some(fault), "") => Condition::Degraded(fault.clone()),
        (Some(fault), part) => Condition::Degraded(format!("{part}: {fault}")),
    }
}

/// Countdowns to a time of day follow the wall clock as it was at the start, and a resumed show the one it finds.
fn of_clock(drift_ns: i64) -> Condition {
    if drift_ns.saturating_abs() <= DRIFT_NS {
        return Condition::Ok;
    }
    let where_to = if drift_ns > 0 { "ahead" } else { "back" };
    Condition::Degraded(format!(
        "the wall clock went {where_to} by {} ms since the show began: countdowns to a time of day are off by as much until a restart",
        drift_ns.unsigned_abs() / 1_000_000
    ))
}

#[cfg(test)]
mod tests;
