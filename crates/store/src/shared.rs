//! The replica of the journal that several processes share, and the lease that says which of them is on air.

mod aside;
mod desk;
mod lease;
mod link;
mod master;
mod replica;
mod script;
#[cfg(test)]
mod simulation;
mod term;
mod upload;
mod url;

use crate::{Record, Recovered, Snapshot};
use desk::Desk;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

pub use lease::{CutOff, Timing};
pub(crate) use link::{Link, Trouble};
pub use term::TermFile;
pub use url::{RedisUrl, RedisUrlError};

/// How long [`Shared::release`] waits for the server.
const RELEASE: Duration = Duration::from_secs(2);

/// Where the shared replica is, and how it is used.
#[derive(Clone, Debug)]
pub struct SharedSettings {
    /// The server.
    pub url: RedisUrl,
    /// The name of the show: processes of one name share it.
    pub stream_id: String,
    /// What is done when this process alone is cut off.
    pub cut_off: CutOff,
    /// The same in all processes of a show.
    pub timing: Timing,
}

/// What this process has of its own: what the journal gave back.
#[derive(Debug)]
pub struct Local {
    term_file: Arc<TermFile>,
    snapshot: Option<Snapshot>,
    records: Vec<Record>,
}

impl Local {
    /// Of a journal that was just opened, and the file beside it.
    pub fn new(term_file: TermFile, recovered: &Recovered) -> Self {
        Self {
            term_file: Arc::new(term_file),
            snapshot: recovered.snapshot.clone(),
            records: recovered.records.clone(),
        }
    }
}

/// What the roof is to do, in this order.
#[derive(Debug)]
pub enum Turn {
    /// Who waits: the state of who is on air is this, whatever was told before.
    State {
        /// The state that the records follow on; none at the very beginning of a show.
        snapshot: Option<Snapshot>,
        /// All records since.
        records: Vec<Record>,
    },
    /// Who waits: one more record.
    Record(Record),
    /// Who waits: get ready to go on air. Comes again, as offered, when a hand-over is offered to who is ready already.
    Prepare {
        /// Who is on air offers a hand-over: [`Shared::ready`] is the answer.
        offered: bool,
    },
    /// Who waits: it is not needed after all.
    StandDown,
    /// Go on air.
    Take {
        /// The term that begins.
        term: u64,
        /// Whose state it goes on from. After [`Newest::Remote`], [`Shared::adopted`] must be called.
        state: Newest,
        /// The number of the state; one that is adopted gets at least this one.
        sequence: u64,
    },
    /// Who is on air: leave it, without a trace of damage; it may be for a moment only.
    OffAir {
        /// What is wrong.
        why: String,
    },
    /// Who left the air: go on where it was left. Nobody was on air meanwhile.
    OnAir,
    /// Another process is on air for good, and this one must end. The last turn.
    Lost {
        /// Who, and since when.
        why: String,
    },
}

/// Which of two states is the newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Newest {
    /// What the journal gave back, and what was appended since.
    Local,
    /// What [`Turn::State`] and [`Turn::Record`] have told.
    Remote,
}

/// What this process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It does not know yet.
    #[default]
    Starting,
    /// It follows, and waits.
    Standby,
    /// It is on air, and others know.
    Active,
    /// It is on air without a lease, because there was no server to give one.
    Alone,
    /// It has left the air because it is cut off.
    OffAir,
    /// Another has taken its place.
    Lost,
}

/// How the shared replica is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedStatus {
    /// What this process is.
    pub role: Role,
    /// The term, as far as it is known; 0 before the first.
    pub term: u64,
    /// What is wrong with the server, until it is right again.
    pub fault: Option<String>,
    /// Records that the server does not have yet.
    pub lag_records: u64,
    /// Milliseconds since the oldest of them was appended.
    pub lag_ms: u64,
    /// Whether somebody is there to take over, as of the last contact.
    pub is_standby_known: bool,
    /// How long the last answer took; none while there is none.
    pub round_trip: Option<Duration>,
}

/// The server does not have the record, and cannot be waited for: what the disk says stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shared server cannot be reached")]
pub struct Away;

/// The other side is ready to go on air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// When it proposes to, in nanoseconds since 1970.
    pub at_unix_ns: i64,
}

/// Why a show is not handed over. Everything is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotHandedOver {
    /// Only who is on air with a lease can.
    #[error("this process is not on air with a lease")]
    NotActive,
    /// There is nobody to hand over to.
    #[error("no standby is known")]
    NoStandby,
    /// A hand-over is going on already.
    #[error("a hand-over is offered already")]
    Already,
    /// Nobody has got ready in time.
    #[error("the standby was not ready in time")]
    NoAnswer,
}

/// Why a term could not be begun.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotBegun {
    /// The lease is no more ours.
    #[error("another process has taken the lease")]
    Lost,
    /// The disk did not take the number of the term. The term begins all the same, and it is tried again.
    #[error("the term cannot be written")]
    Storage(#[source] std::io::Error),
}

/// The shared replica of a journal, and this process's part in the show. Cheap to clone; no method but the asynchronous ones waits.
///
/// When the last clone is dropped without [`Shared::release`], everything ends as if the process had died.
#[derive(Clone)]
pub struct Shared(Arc<Owner>);

struct Owner {
    desk: Arc<Desk>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Begins to find out who is on air, in a task on the runtime of the caller; what comes of it are [`Turn`]s. Whoever
    /// reads them slowly holds up nobody; they are kept in memory meanwhile.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn start(settings: SharedSettings, local: Local) -> (Self, mpsc::UnboundedReceiver<Turn>) {
        let (turns, receiver) = mpsc::unbounded_channel();
        let (desk, replica) = replica::Replica::new(settings, local, turns);
        let task = tokio::spawn(replica.run());
        (Self(Arc::new(Owner { desk, task })), receiver)
    }

    /// Who is on air: brings a record to the server soon, in the order of its numbers, which are those of the journal.
    ///
    /// It stays in memory up to the next [`Shared::snapshot`], so that a server that lost everything gets it again.
    pub fn append(&self, sequence: u64, bytes: impl Into<Arc<[u8]>>) {
        self.0.desk.append(sequence, bytes.into());
    }

    /// Who is on air: `bytes` stand for everything up to that record.
    pub fn snapshot(&self, sequence: u64, bytes: impl Into<Arc<[u8]>>) {
        self.0.desk.snapshot(sequence, bytes.into());
    }

    /// Calls `done` when the server has everything up to that record, in its memory: what it puts on a disk, and when, is its own
    /// affair. With [`Away`], at once or as soon as it shows, when the server cannot be reached or takes nothing.
    ///
    /// `done` runs on the caller's thread or in the replica's task, and must not block.
    pub fn durable(&self, sequence: u64, done: impl FnOnce(Result<(), Away>) + Send + 'static) {
        self.0.desk.durable(sequence, Box::new(done));
    }

    /// After [`Turn::Take`] with [`Newest::Remote`], once the local journal has adopted that state durably: `bytes` is the state
    /// and `sequence` the number it got there. Keeps the term in its file; records may follow from then on.
    ///
    /// # Errors
    /// [`NotBegun::Lost`] when another has taken the lease; [`NotBegun::Storage`] when the term cannot be written, which
    /// nobody needs to act upon.
    pub async fn adopted(
        &self,
        sequence: u64,
        bytes: impl Into<Arc<[u8]>>,
    ) -> Result<(), NotBegun> {
        let (answer, answered) = oneshot::channel();
        self.0.desk.adopted(sequence, bytes.into(), answer);
        match answered.await {
            Ok(done) => done.map_err(NotBegun::Storage),
            Err(_) => Err(NotBegun::Lost),
        }
    }

    /// Who is on air: offers the show to who waits, once the server has everything, and waits until somebody is ready. Then
    /// this process leaves the air at that moment and calls [`Shared::release`], or [`Shared::withdraw`].
    ///
    /// # Errors
    /// [`NotHandedOver`] says why not; the offer is taken back then.
    pub async fn offer(&self) -> Result<HandOver, NotHandedOver> {
        let (answer, answered) = oneshot::channel();
        self.0.desk.offer(answer)?;
        answered.await.unwrap_or(Err(NotHandedOver::NotActive))
    }

    /// Who waits: the answer to an offer. `at_unix_ns` is when this process proposes to go on air, in nanoseconds since 1970.
    pub fn ready(&self, at_unix_ns: i64) {
        self.0.desk.ready(at_unix_ns);
    }

    /// Who is on air: stays there, whatever was offered.
    pub fn withdraw(&self) {
        self.0.desk.withdraw();
    }

    /// How it is now.
    pub fn status(&self) -> SharedStatus {
        self.0.desk.status()
    }

    /// Brings what is left to the server and gives the lease back, so that another takes over at once. Takes two seconds at most; nothing
    /// that is appended afterwards is brought anywhere.
    pub async fn release(self) {
        let (answer, answered) = oneshot::channel();
        self.0.desk.release(answer);
        let _ = tokio::time::timeout(RELEASE, answered).await;
        self.0.task.abort();
    }
}
