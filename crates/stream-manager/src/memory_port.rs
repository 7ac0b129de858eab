//! Lends the journal to the API, reads what an earlier process left in it, and shares it with other processes of the show.

use crate::Failure;
use crate::config::Config;
use api::{MemoryPort, Past};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{
    Journal, Local, Newest, Settings, Shared, SharedSettings, SharedStatus, Status, TermFile,
    Timing, Turn,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// The journal, and where there is a Redis its replica there, in the API's words.
pub(crate) struct Memory {
    folder: PathBuf,
    journal: Journal,
    shared: Option<Shared>,
}

/// How much longer than a standby may take its answer is waited for: it has a way to go.
const GRACE: Duration = Duration::from_secs(1);

/// What is decided about who is on air.
pub(crate) type Turns = UnboundedReceiver<Turn>;

/// Says what the show has to do without. The records stay in the journal until the second snapshot from here.
pub(crate) fn warn_of_what_is_left_out(past: Option<&Past>) {
    for fault in past.iter().flat_map(|past| past.left_out()) {
        tracing::error!(%fault, "the show goes on without one of its changes");
    }
}

impl Memory {
    /// Opens the journal below `DATA_DIR`; what it holds comes with it, if it holds a show. With a Redis, it begins to find
    /// out whose turn it is; without, it is this process's.
    pub(crate) fn open(config: &Config) -> Result<(Arc<Self>, Option<Past>, Turns), Failure> {
        let folder = config.data_dir.join("journal");
        let failed = |source: io::Error| Failure::Journal {
            folder: folder.clone(),
            source,
        };
        let opened = Journal::open(&folder, Settings::default());
        let (journal, recovered) = opened.map_err(|error| failed(io::Error::other(error)))?;
        let snapshot = recovered.snapshot.as_ref().map(|snapshot| &*snapshot.bytes);
        let records = recovered.records.iter().map(|record| &*record.bytes);
        let past =
            Past::read(snapshot, records).map_err(|error| failed(io::Error::other(error)))?;
        warn_of_what_is_left_out(past.as_ref());
        let layers = past.as_ref().map_or(0, |past| past.scene().layers.len());
        if layers > config.limits.layers {
            let most = config.limits.layers;
            tracing::warn!(
                layers,
                most,
                "the show has more layers than MAX_LAYERS allows: none can be added"
            );
        }
        let (shared, turns) = match &config.redis {
            Some(redis) => {
                let term = TermFile::open(&folder);
                let term = term.map_err(|error| failed(io::Error::other(error)))?;
                let settings = SharedSettings {
                    url: redis.url.clone(),
                    stream_id: config.stream_id.clone(),
                    cut_off: redis.cut_off,
                    timing: Timing::default(),
                };
                let (shared, turns) = Shared::start(settings, Local::new(term, &recovered));
                (Some(shared), turns)
            }
            None => {
                let (turn, turns) = unbounded_channel();
                // The receiver is there.
                let _ = turn.send(Turn::Take {
                    term: 0,
                    state: Newest::Local,
                    sequence: journal.status().sequence,
                });
                (None, turns)
            }
        };
        let memory = Self {
            folder,
            journal,
            shared,
        };
        Ok((Arc::new(memory), past, turns))
    }

    /// Puts the state of the process that was on air before into the place of what is here.
    pub(crate) async fn adopt(&self, sequence: u64, past: &mut Past) -> Result<(), Failure> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let state: Arc<[u8]> = past.state().into();
        let sequence = self.journal.adopt(sequence, state.to_vec());
        let (done, durable) = oneshot::channel();
        self.journal
            .durable(sequence, |result| drop(done.send(result)));
        // A disk that fails keeps nobody off the air: the state is kept and tried again, and `/health` says so.
        if let Ok(Err(fault)) = durable.await {
            tracing::error!(%fault, folder = %self.folder.display(), "what was taken over is not on disk yet");
        }
        match shared.adopted(sequence, state).await {
            Ok(()) => Ok(()),
            Err(store::NotBegun::Storage(error)) => {
                tracing::error!(%error, folder = %self.folder.display(), "the term is not on disk yet");
                Ok(())
            }
            Err(error) => Err(Failure::NotMine(error.to_string())),
        }
    }

    /// How long the lease of a process that is silent since it was said to get ready has left.
    pub(crate) fn until_the_lease_ends() -> Duration {
        let timing = Timing::default();
        timing.lease.saturating_sub(timing.prepare_after)
    }

    /// Says to the process on air that this one can take over then.
    pub(crate) fn ready(&self, at_unix_ns: i64) {
        if let Some(shared) = &self.shared {
            shared.ready(at_unix_ns);
        }
    }

    /// Offers the show to a process that stands by; it goes on air at the time that is given back.
    ///
    /// # Errors
    /// Why nobody takes it.
    pub(crate) async fn offer(&self) -> Result<i64, String> {
        let Some(shared) = &self.shared else {
            return Err("there is no REDIS_URL, and so nobody to hand over to".to_owned());
        };
        // The answer of a server that falls silent meanwhile would be waited for as long as it is silent.
        let patience = Timing::default().hand_over + GRACE;
        let Ok(offered) = timeout(patience, shared.offer()).await else {
            shared.withdraw();
            return Err(format!("no answer within {patience:?}"));
        };
        offered
            .map(|hand_over| hand_over.at_unix_ns)
            .map_err(|refused| refused.to_string())
    }

    /// Takes back what was offered, where its answer is not waited for any more.
    pub(crate) fn withdraw(&self) {
        if let Some(shared) = &self.shared {
            shared.withdraw();
        }
    }

    /// How the journal is.
    pub(crate) fn status(&self) -> Status {
        self.journal.status()
    }

    /// How the replica is, where there is one.
    pub(crate) fn shared_status(&self) -> Option<SharedStatus> {
        self.shared.as_ref().map(Shared::status)
    }

    /// Brings what is left to the replica, and gives the lease back.
    pub(crate) async fn release(&self) {
        if let Some(shared) = &self.shared {
            shared.clone().release().await;
        }
    }

    /// Writes what is left; nothing is kept from here on.
    pub(crate) fn close(&self) {
        if let Err(fault) = self.journal.clone().close() {
            tracing::error!(%fault, "the last records could not be written");
        }
    }
}

impl MemoryPort for Memory {
    fn append(&self, record: Vec<u8>) -> u64 {
        let Some(shared) = &self.shared else {
            return self.journal.append(record);
        };
        let sequence = self.journal.append(record.clone());
        shared.append(sequence, record);
        sequence
    }

    /// On this disk, and where the replica can be reached, there too: what another process would take over from.
    fn durable(&self, sequence: u64, done: Box<dyn FnOnce(Result<(), String>) + Send>) {
        let shared = self.shared.clone();
        self.journal
            .durable(sequence, move |durable| match (durable, shared) {
                (Ok(()), Some(shared)) => shared.durable(sequence, |_away| done(Ok(()))),
                (durable, _) => done(durable.map_err(|fault| fault.to_string())),
            });
    }

    fn snapshot(&self, sequence: u64, state: Vec<u8>) {
        if let Some(shared) = &self.shared {
            shared.snapshot(sequence, state.clone());
        }
        self.journal.snapshot(sequence, state);
    }
}
