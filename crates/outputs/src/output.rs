//! One destination: its state, and the task that keeps it live.

use crate::failure::Failure;
use crate::queue::{Pushed, Queue};
use crate::retry::{BackOff, Judge, Random};
use crate::session::Session;
use crate::{Headers, Settings};
use media::Packet;
use metrics::{Counter, Gauge, counter, gauge};
use rtmp::{HANDSHAKE_RANDOM_LEN, Target};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;
use tracing::field::Empty;

/// What an output is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Configured and never started.
    Idle,
    /// Dialling, or asking for permission to publish.
    Connecting,
    /// The server takes media.
    Live,
    /// Waiting before the next attempt.
    Retrying,
    /// The server refused, and trying again would be no use; [`start`](crate::Outputs::start) and
    /// [`retry`](crate::Outputs::retry) do so all the same.
    Refused,
    /// Stopped on request.
    Stopped,
}

impl State {
    /// The name people and programs see: the variant's in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Retrying => "retrying",
            Self::Refused => "refused",
            Self::Stopped => "stopped",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An output at a glance. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// What it is doing.
    pub state: State,
    /// Milliseconds since it began to do so.
    pub since_ms: u64,
    /// Why it is retrying or refused; why the last attempt failed while it is connecting.
    pub reason: Option<String>,
    /// The destination without key and query.
    pub url: String,
    /// Attempts since it was last live, the present one included.
    pub attempts: u32,
    /// Milliseconds until the next attempt, while retrying.
    pub next_retry_in_ms: Option<u64>,
    /// Sessions that became live.
    pub connects: u64,
    /// Bytes given to the network, over all sessions, without TLS.
    pub bytes_sent: u64,
    /// Media packets given to the network, over all sessions.
    pub packets_sent: u64,
    /// Media packets dropped because the network was too slow; not those made while there was no session.
    pub dropped_packets: u64,
    /// Milliseconds of media that wait for the network.
    pub queue_ms: u64,
}

/// What is asked of an output's task. The number makes a repeated request a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Idle,
    Run(u64),
    Stop,
    Gone,
}

impl Wanted {
    pub(crate) const fn is_run(self) -> bool {
        matches!(self, Self::Run(_))
    }

    /// A request to run that differs from this one.
    pub(crate) const fn next_run(self) -> Self {
        match self {
            Self::Run(n) => Self::Run(n.wrapping_add(1)),
            Self::Idle | Self::Stop | Self::Gone => Self::Run(0),
        }
    }
}

/// All that is asked of an output's task.
#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) wanted: Wanted,
    /// Where to; another one, though it be equal, is another place.
    pub(crate) target: Arc<Target>,
    /// Whether it is kept off the air whatever is wanted.
    pub(crate) held: bool,
}

impl Order {
    /// Whether a session that began under `earlier` may go on.
    pub(crate) fn upholds(&self, earlier: &Self) -> bool {
        self.now().is_run() && self.is_for(earlier)
    }

    /// What is to be done now.
    const fn now(&self) -> Wanted {
        if self.held && self.wanted.is_run() {
            Wanted::Stop
        } else {
            self.wanted
        }
    }

    fn is_for(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.target, &other.target)
    }
}

/// One destination. The task holds it, and the registry.
pub(crate) struct Output {
    pub(crate) id: Arc<str>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) queue: Queue,
    headers: watch::Receiver<Option<Arc<Headers>>>,
    request_idr: Arc<dyn Fn() + Send + Sync>,
    facts: Mutex<Facts>,
    meters: Meters,
}

struct Facts {
    state: State,
    since: Instant,
    reason: Option<String>,
    attempts: u32,
    next_retry: Option<Instant>,
    connects: u64,
    bytes_sent: u64,
    packets_sent: u64,
}

struct Meters {
    state: Gauge,
    bytes: Counter,
    dropped: Counter,
    queue: Gauge,
    connects: Counter,
    reconnects: Counter,
}

/// A session that was live for so long was a success: waiting times begin anew after it. A server that accepts and
/// drops at once is not asked every second for ever.
const SUCCESS: Duration = Duration::from_secs(10);

impl Output {
    pub(crate) fn new(
        id: &str,
        settings: Arc<Settings>,
        headers: watch::Receiver<Option<Arc<Headers>>>,
        request_idr: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let id: Arc<str> = id.into();
        let output = || Arc::clone(&id);
        let meters = Meters {
            state: gauge!("stream_manager_output_state", "output" => output()),
            bytes: counter!("stream_manager_output_bytes_total", "output" => output()),
            dropped: counter!("stream_manager_output_dropped_packets_total", "output" => output()),
            queue: gauge!("stream_manager_output_queue_seconds", "output" => output()),
            connects: counter!("stream_manager_output_connects_total", "output" => output()),
            reconnects: counter!("stream_manager_output_reconnects_total", "output" => output()),
        };
        let facts = Facts {
            state: State::Idle,
            since: Instant::now(),
            reason: None,
            attempts: 0,
            next_retry: None,
            connects: 0,
            bytes_sent: 0,
            packets_sent: 0,
        };
        let queue = Queue::new(settings.queue);
        Self {
            id,
            settings,
            queue,
            headers,
            request_idr,
            facts: Mutex::new(facts),
            meters,
        }
    }

    pub(crate) fn push(&self, packet: &Packet) {
        let dropped = match self.queue.push(packet, || self.headers.borrow().clone()) {
            Pushed::Fine => 0,
            Pushed::Dropped => 1,
            Pushed::Overflow(count) => {
                tracing::warn!(output = %self.id, dropped = count, "the network is too slow: dropped up to the next IDR");
                (self.request_idr)();
                count
            }
        };
        self.meters.dropped.increment(dropped);
        self.meters.queue.set(self.queue.span().as_secs_f64());
    }

    /// How it is, where it is to go to `target`.
    pub(crate) fn status(&self, target: &Target) -> Status {
        let (queue_ms, dropped_packets) = (millis(self.queue.span()), self.queue.dropped());
        let facts = self.facts();
        let now = Instant::now();
        Status {
            state: facts.state,
            since_ms: millis(now.saturating_duration_since(facts.since)),
            reason: facts.reason.clone(),
            url: target.to_string(),
            attempts: facts.attempts,
            next_retry_in_ms: facts
                .next_retry
                .map(|at| millis(at.saturating_duration_since(now))),
            connects: facts.connects,
            bytes_sent: facts.bytes_sent,
            packets_sent: facts.packets_sent,
            dropped_packets,
            queue_ms,
        }
    }

    pub(crate) fn note_sent_bytes(&self, count: u64) {
        self.facts().bytes_sent += count;
        self.meters.bytes.increment(count);
    }

    pub(crate) fn note_sent_packets(&self, count: u64) {
        self.facts().packets_sent += count;
        self.meters.queue.set(self.queue.span().as_secs_f64());
    }

    /// The output's task: ends when it is no longer wanted.
    pub(crate) async fn serve(self: Arc<Self>, mut orders: watch::Receiver<Order>) {
        let mut trials = Trials::new(&self);
        let mut last = orders.borrow().clone();
        loop {
            let order = orders.borrow_and_update().clone();
            // An error: the registry is gone, and with it everyone who could want anything.
            if orders.has_changed().is_err() {
                break;
            }
            if !order.is_for(&last) {
                // What happened elsewhere says nothing about this place.
                trials = Trials::new(&self);
                let mut facts = self.facts();
                (facts.reason, facts.attempts) = (None, 0);
            }
            last = order.clone();
            match order.now() {
                Wanted::Gone => break,
                Wanted::Idle => {}
                Wanted::Stop => self.set_state(State::Stopped, None),
                Wanted::Run(_) => {
                    if let Some(reason) = self.run(&mut trials, &mut orders, &order).await {
                        tracing::error!(reason, "refused");
                        self.set_state(State::Refused, Some(reason));
                    } else {
                        continue;
                    }
                }
            }
            if orders.changed().await.is_err() {
                break;
            }
        }
        self.set_state(State::Stopped, None);
    }

    /// Stays live as `order` says until something else is wanted (`None`), or the server refuses (the reason).
    async fn run(
        self: &Arc<Self>,
        trials: &mut Trials,
        orders: &mut watch::Receiver<Order>,
        order: &Order,
    ) -> Option<String> {
        loop {
            self.set_state(State::Connecting, None);
            let mut random = [0; HANDSHAKE_RANDOM_LEN];
            trials.random.fill(&mut random);
            let bitrate_bps = self
                .headers
                .borrow()
                .as_ref()
                .map(|headers| headers.video.bitrate.bps());
            // For a collector of traces, where there is one.
            let span = tracing::info_span!(target: "traces", parent: None, "output.connect", output = &*self.id, reason = Empty, otel.kind = "client", otel.status_code = Empty);
            let establish =
                Session::establish(Arc::clone(self), &order.target, &random, bitrate_bps);
            let session = tokio::select! {
                session = establish.instrument(span.clone()) => session,
                _ = orders.wait_for(|now| !now.upholds(order)) => return None,
            };
            if let Err(failure) = &session
                && !span.is_disabled()
            {
                span.record("otel.status_code", "ERROR");
                span.record("reason", failure.to_string());
            }
            drop(span);
            let failure = match session {
                Ok(session) => {
                    let began = Instant::now();
                    self.queue.open();
                    self.set_state(State::Live, None);
                    tracing::info!("live");
                    (self.request_idr)();
                    let end = session.run(orders, order).await;
                    self.queue.close();
                    trials.last_live = Some(Instant::now());
                    if began.elapsed() >= SUCCESS {
                        trials.back_off.reset();
                    }
                    match end {
                        Ok(()) => return None,
                        Err(failure) => failure,
                    }
                }
                Err(failure) => failure,
            };
            if let Some(reason) = trials
                .judge
                .refusal(&failure, trials.last_live.map(|at| at.elapsed()))
            {
                return Some(reason);
            }
            self.wait(trials, &failure, orders).await;
            if !orders.borrow().upholds(order) {
                return None;
            }
        }
    }

    /// Waits before the next attempt, or until anything is asked for.
    async fn wait(
        &self,
        trials: &mut Trials,
        failure: &Failure,
        orders: &mut watch::Receiver<Order>,
    ) {
        let wait = trials.back_off.next(&mut trials.random);
        tracing::warn!(reason = %failure, wait_ms = millis(wait), "not live, trying again");
        // Older requests to try again are met by the attempt that has just failed.
        if orders.borrow_and_update().now().is_run() {
            self.set_state(State::Retrying, Some(failure.to_string()));
            self.meters.reconnects.increment(1);
            self.facts().next_retry = Some(Instant::now() + wait);
            tokio::select! {
                () = sleep(wait) => {}
                _ = orders.changed() => {}
            }
        }
    }

    /// Enters a state; `Connecting` keeps the reason that is there.
    fn set_state(&self, state: State, reason: Option<String>) {
        let mut facts = self.facts();
        (facts.state, facts.since, facts.next_retry) = (state, Instant::now(), None);
        match state {
            State::Connecting => facts.attempts += 1,
            State::Live => {
                (facts.reason, facts.attempts) = (None, 0);
                facts.connects += 1;
                self.meters.connects.increment(1);
            }
            State::Idle | State::Stopped => (facts.reason, facts.attempts) = (None, 0),
            State::Retrying | State::Refused => facts.reason = reason,
        }
        self.meters.state.set(f64::from(state as u8));
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is remembered from one attempt to the next.
struct Trials {
    back_off: BackOff,
    judge: Judge,
    random: Random,
    last_live: Option<Instant>,
}

impl Trials {
    fn new(output: &Output) -> Self {
        // Outputs of one process must not jitter in step: the id (FNV-1a) joins the seed.
        let id = output
            .id
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325, |hash: u64, b| {
                (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01B3)
            });
        Self {
            back_off: BackOff::new(output.settings.first_retry, output.settings.max_retry),
            judge: Judge::default(),
            random: Random::new(output.settings.seed ^ id),
            last_live: None,
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
