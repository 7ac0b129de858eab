//! All outputs of the process.

use crate::output::{Order, Output, Wanted};
use crate::{Error, Headers, PacketSink, Status, StreamKey, Tls};
use media::Packet;
use rtmp::Target;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

/// What all outputs have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For look-up, connecting, TLS, handshake and permission to publish together. Default 10 s.
    pub deadline: Duration,
    /// A connection whose server takes not one byte for so long is given up. Default 5 s.
    pub stall: Duration,
    /// Media that may wait for the network. Default 3 s: more than a burst of the encoder's two-second buffer.
    pub queue: Duration,
    /// For a proper end of a session when an output is stopped. Default 2 s.
    pub close: Duration,
    /// The first wait before trying again; each further one is 1.5 times as long. Default 1 s.
    pub first_retry: Duration,
    /// The longest such wait, before jitter of up to 20 %. Default 30 s.
    pub max_retry: Duration,
    /// The RTMP timestamp of a session's first IDR, in ms; for tests of what follows 4 h 39 min later. Default 0.
    pub timestamp_start_ms: u32,
    /// For jitter and handshake filler: take it from the system's randomness. Default 0.
    pub seed: u64,
    /// Whom to trust on RTMPS.
    pub tls: Tls,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            stall: Duration::from_secs(5),
            queue: Duration::from_secs(3),
            close: Duration::from_secs(2),
            first_retry: Duration::from_secs(1),
            max_retry: Duration::from_secs(30),
            timestamp_start_ms: 0,
            seed: 0,
            tls: Tls::default(),
        }
    }
}

/// One destination, as configured.
#[derive(Clone, Debug)]
pub struct OutputConfig {
    id: String,
    target: Target,
    /// Whether the key was given apart from the address.
    separate_key: bool,
    enabled: bool,
}

impl OutputConfig {
    /// A destination at `url`, `rtmp[s]://host[:port]/app`; without `key`, its last part is the key (see
    /// [`Target::parse`]). An `enabled` one starts as soon as it is added.
    ///
    /// # Errors
    /// [`Error::InvalidId`] or [`Error::Target`].
    pub fn new(id: &str, url: &str, key: Option<StreamKey>, enabled: bool) -> Result<Self, Error> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(1..=64).contains(&id.len()) || !id.bytes().all(allowed) {
            return Err(Error::InvalidId);
        }
        Ok(Self {
            id: id.to_owned(),
            separate_key: key.is_some(),
            target: Target::parse(url, key)?,
            enabled,
        })
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where it goes.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Whether it starts when it is added.
    pub const fn enabled(&self) -> bool {
        self.enabled
    }
}

/// All outputs. Methods return at once, except [`shutdown`](Self::shutdown); what they ask for shows in [`Status`].
///
/// Dropping it ends all outputs, as [`remove`](Self::remove) does.
pub struct Outputs {
    settings: Arc<Settings>,
    headers: watch::Receiver<Option<Arc<Headers>>>,
    request_idr: Arc<dyn Fn() + Send + Sync>,
    runtime: Handle,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_id: BTreeMap<String, Entry>,
    /// The same outputs, replaced as a whole on change: the encode thread iterates it without holding the lock.
    all: Arc<[Arc<Output>]>,
    /// Tasks of removed outputs that may still be saying goodbye.
    leaving: Vec<JoinHandle<()>>,
    /// Whether all are kept off the air.
    held: bool,
}

struct Entry {
    output: Arc<Output>,
    orders: watch::Sender<Order>,
    separate_key: bool,
    task: JoinHandle<()>,
}

impl Entry {
    fn status(&self) -> Status {
        self.output.status(&self.orders.borrow().target)
    }

    fn ask(&self, change: impl FnOnce(Wanted) -> Wanted) {
        self.orders
            .send_modify(|order| order.wanted = change(order.wanted));
    }
}

impl Outputs {
    /// No outputs yet; those added run on `runtime`.
    ///
    /// `headers` must hold the encoder's headers before its first packet is pushed, and new ones before the first IDR
    /// after a change; while it is empty, nothing is sent. `request_idr` is called after an output became live or was
    /// drained, from any thread; it must not block.
    pub fn new(
        settings: Settings,
        headers: watch::Receiver<Option<Arc<Headers>>>,
        request_idr: Arc<dyn Fn() + Send + Sync>,
        runtime: Handle,
    ) -> Self {
        Self {
            settings: Arc::new(settings),
            headers,
            request_idr,
            runtime,
            entries: Mutex::default(),
        }
    }

    /// Adds an output and, when it is enabled, starts it.
    ///
    /// # Errors
    /// [`Error::DuplicateId`].
    pub fn add(&self, config: OutputConfig) -> Result<(), Error> {
        let mut entries = self.entries();
        if entries.by_id.contains_key(&config.id) {
            return Err(Error::DuplicateId { id: config.id });
        }
        let (settings, headers) = (Arc::clone(&self.settings), self.headers.clone());
        let output = Output::new(&config.id, settings, headers, Arc::clone(&self.request_idr));
        let output = Arc::new(output);
        let (orders, receiver) = watch::channel(Order {
            wanted: if config.enabled {
                Wanted::Run(0)
            } else {
                Wanted::Idle
            },
            target: Arc::new(config.target),
            held: entries.held,
        });
        let span = tracing::info_span!("output", id = config.id);
        let task = self
            .runtime
            .spawn(Arc::clone(&output).serve(receiver).instrument(span));
        entries.by_id.insert(
            config.id,
            Entry {
                output,
                orders,
                separate_key: config.separate_key,
                task,
            },
        );
        entries.relist();
        Ok(())
    }

    /// All outputs by id, in its order.
    pub fn list(&self) -> Vec<(String, Status)> {
        self.entries()
            .by_id
            .iter()
            .map(|(id, entry)| (id.clone(), entry.status()))
            .collect()
    }

    /// All outputs as they would be added again, in the order of their ids; those that are stopped are not enabled.
    pub fn configs(&self) -> Vec<OutputConfig> {
        let entries = self.entries();
        let config = |(id, entry): (&String, &Entry)| {
            let order = entry.orders.borrow();
            OutputConfig {
                id: id.clone(),
                target: (*order.target).clone(),
                separate_key: entry.separate_key,
                enabled: order.wanted.is_run(),
            }
        };
        entries.by_id.iter().map(config).collect()
    }

    /// How an output is.
    ///
    /// # Errors
    /// [`Error::UnknownId`].
    pub fn status(&self, id: &str) -> Result<Status, Error> {
        Ok(self
            .entries()
            .by_id
            .get(id)
            .ok_or(Error::UnknownId)?
            .status())
    }

    /// Changes what is given of an output's configuration, all of it or, on an error, nothing.
    ///
    /// A key that was given apart stays where only the address changes, and is sent to the new one. `Some(None)` takes it
    /// away: the new `url` then has the key as its last part. A session ends in good manners and begins anew only where
    /// it leads elsewhere from now on; `enabled` starts what is idle or stopped, or stops it.
    ///
    /// # Errors
    /// [`Error::UnknownId`] or [`Error::Target`].
    pub fn update(
        &self,
        id: &str,
        url: Option<&str>,
        key: Option<Option<StreamKey>>,
        enabled: Option<bool>,
    ) -> Result<(), Error> {
        let mut entries = self.entries();
        let entry = entries.by_id.get_mut(id).ok_or(Error::UnknownId)?;
        let current = Arc::clone(&entry.orders.borrow().target);
        let separate_key = key.as_ref().map_or(entry.separate_key, Option::is_some);
        let target = match (url, key) {
            (None, None) => (*current).clone(),
            (None, Some(Some(key))) => current.with_key(key),
            (None, Some(None)) if !entry.separate_key => (*current).clone(),
            (None, Some(None)) => {
                let reason = "can be taken away only with a new address that has one in it";
                return Err(Error::Target(rtmp::Error::Key(reason)));
            }
            (Some(url), Some(key)) => Target::parse(url, key)?,
            (Some(url), None) => {
                let kept = entry.separate_key.then(|| current.key().clone());
                Target::parse(url, kept)?
            }
        };
        entry.separate_key = separate_key;
        entry.orders.send_modify(|order| {
            if target != *current {
                order.target = Arc::new(target);
            }
            order.wanted = match enabled {
                Some(true) if !order.wanted.is_run() => order.wanted.next_run(),
                Some(false) if order.wanted.is_run() => Wanted::Stop,
                _ => order.wanted,
            };
        });
        Ok(())
    }

    /// Starts an output that is idle, stopped or refused, and cuts short the wait of one that is retrying.
    ///
    /// # Errors
    /// [`Error::UnknownId`].
    pub fn start(&self, id: &str) -> Result<(), Error> {
        self.ask(id, Wanted::next_run)
    }

    /// Tries again at once where an output is retrying or refused; otherwise does nothing.
    ///
    /// # Errors
    /// [`Error::UnknownId`].
    pub fn retry(&self, id: &str) -> Result<(), Error> {
        self.ask(id, |wanted| {
            if wanted.is_run() {
                wanted.next_run()
            } else {
                wanted
            }
        })
    }

    /// Ends an output's session in good manners and leaves it stopped.
    ///
    /// # Errors
    /// [`Error::UnknownId`].
    pub fn stop(&self, id: &str) -> Result<(), Error> {
        self.ask(id, |_| Wanted::Stop)
    }

    /// Takes all outputs off the air, those that are added meanwhile included, until it is called with false; their
    /// sessions end in good manners. What is wanted of each stays, and is what [`configs`](Self::configs) says.
    pub fn hold(&self, held: bool) {
        let mut entries = self.entries();
        entries.held = held;
        for entry in entries.by_id.values() {
            entry
                .orders
                .send_if_modified(|order| std::mem::replace(&mut order.held, held) != held);
        }
    }

    /// Forgets an output; its session ends in good manners meanwhile.
    ///
    /// # Errors
    /// [`Error::UnknownId`].
    pub fn remove(&self, id: &str) -> Result<(), Error> {
        let mut entries = self.entries();
        let entry = entries.by_id.remove(id).ok_or(Error::UnknownId)?;
        entry.ask(|_| Wanted::Gone);
        entries.leaving.retain(|task| !task.is_finished());
        entries.leaving.push(entry.task);
        entries.relist();
        Ok(())
    }

    /// Ends all outputs in good manners, each having [`Settings::close`] for it and all together `deadline`; what is
    /// not done by then is cut off. Push the last packets before: they are still sent.
    pub async fn shutdown(&self, deadline: Duration) {
        let until = Instant::now() + deadline;
        let mut tasks = {
            let mut entries = self.entries();
            let removed = std::mem::take(&mut entries.by_id);
            entries.relist();
            let mut tasks = std::mem::take(&mut entries.leaving);
            tasks.extend(removed.into_values().map(|entry| {
                entry.ask(|_| Wanted::Gone);
                entry.task
            }));
            tasks
        };
        for task in &mut tasks {
            if timeout_at(until, &mut *task).await.is_err() {
                tracing::warn!("an output did not end in time and was cut off");
                task.abort();
            }
        }
    }

    fn ask(&self, id: &str, change: impl FnOnce(Wanted) -> Wanted) -> Result<(), Error> {
        let entries = self.entries();
        let entry = entries.by_id.get(id).ok_or(Error::UnknownId)?;
        entry.ask(change);
        Ok(())
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PacketSink for Outputs {
    fn push(&self, packet: &Packet) {
        let all = Arc::clone(&self.entries().all);
        for output in all.iter() {
            output.push(packet);
        }
    }
}

impl Entries {
    fn relist(&mut self) {
        self.all = self
            .by_id
            .values()
            .map(|entry| Arc::clone(&entry.output))
            .collect();
    }
}

impl fmt::Debug for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outputs")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
