//! How everyone else speaks to the engine.

use crate::fanout::Fanout;
use crate::stats::Counters;
use crate::{Clock, Headers, PacketSink, SinkId, Stats};
use compositor::{DisplayList, Kernels};
use media::{Resolution, ShowTime};
use scene::{Command, Revision, Scene};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

/// Commands that wait for the next tick; more are refused with [`Busy`].
pub(crate) const MAILBOX_CAPACITY: usize = 256;

/// Frames that an encoder may take in before its first packet, with some to spare: 15 of look-ahead and 3 B-frames.
const MAX_LOOK_AHEAD: u64 = 30;

/// What the engine thread finds in its mailbox.
pub(crate) enum Letter {
    Apply(Command, Box<dyn FnOnce(Applied) + Send>),
    Still(Box<dyn FnOnce(Still) + Send>),
}

/// A change took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Number of the change.
    pub revision: Revision,
    /// The first frame that shows it.
    pub frame: i64,
    /// That frame's show time.
    pub show_time: ShowTime,
}

/// What is on screen on one frame; compose it where time does not matter.
#[derive(Debug)]
pub struct Still {
    /// What to draw.
    pub list: DisplayList,
    /// Size of the picture.
    pub resolution: Resolution,
    /// The instructions it is drawn with.
    pub kernels: Kernels,
    /// Number of the frame.
    pub frame: i64,
}

/// The engine takes no more commands now: its mailbox is full or it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the engine is busy or stopping; {MAILBOX_CAPACITY} commands are waiting")]
pub struct Busy;

/// Speaks to a running engine; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) mailbox: SyncSender<Letter>,
    pub(crate) shared: Arc<Shared>,
}

/// What the engine's threads and all handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) fanout: Fanout,
    pub(crate) counters: Counters,
    pub(crate) keyframe_wanted: AtomicBool,
    pub(crate) stopping: AtomicBool,
    pub(crate) scene: Mutex<(Arc<Scene>, Revision)>,
    pub(crate) headers: Headers,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) started_ns: i64,
}

impl Handle {
    /// Asks for a change; `reply` is called on the engine thread, on the frame that shows it: it must not block.
    ///
    /// # Errors
    /// [`Busy`]; the change was then not made.
    pub fn apply(
        &self,
        command: Command,
        reply: impl FnOnce(Applied) + Send + 'static,
    ) -> Result<(), Busy> {
        self.post(Letter::Apply(command, Box::new(reply)))
    }

    /// Asks for what the next frame shows; `reply` is called on the engine thread: it must not block.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn still(&self, reply: impl FnOnce(Still) + Send + 'static) -> Result<(), Busy> {
        self.post(Letter::Still(Box::new(reply)))
    }

    fn post(&self, letter: Letter) -> Result<(), Busy> {
        self.mailbox.try_send(letter).map_err(|_| Busy)
    }

    /// The scene on air and the revision it came with.
    pub fn scene(&self) -> (Arc<Scene>, Revision) {
        let scene = self
            .shared
            .scene
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&scene.0), scene.1)
    }

    /// Sends all packets from now on to `sink` as well.
    pub fn subscribe(&self, sink: Arc<dyn PacketSink>) -> SinkId {
        self.shared.fanout.add(sink)
    }

    /// Sends no more packets to the sink; one may still be on its way.
    pub fn unsubscribe(&self, id: SinkId) {
        self.shared.fanout.remove(id);
    }

    /// Asks for an IDR soon. Requests are coalesced, at most one IDR per two seconds is forced, and none where the next
    /// natural one is near.
    pub fn request_keyframe(&self) {
        self.shared.keyframe_wanted.store(true, Ordering::Relaxed);
    }

    /// What decoders must know before the first packet.
    pub fn headers(&self) -> &Headers {
        &self.shared.headers
    }

    /// Where the engine stands.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read()
    }

    /// Nanoseconds since the engine's last sign of life: the older of its last frame and its last packet (or its start).
    ///
    /// An encoder with look-ahead is silent until it has taken in some frames; that alone is no fault.
    pub fn silent_ns(&self) -> i64 {
        let stats = self.stats();
        let looks_ahead = stats.packets == 0 && stats.frames <= MAX_LOOK_AHEAD;
        let packet_ns = if looks_ahead {
            stats.last_tick_ns
        } else {
            stats.last_packet_ns
        };
        let sign = stats
            .last_tick_ns
            .min(packet_ns)
            .max(self.shared.started_ns);
        self.shared.clock.now_ns() - sign
    }

    /// Nanoseconds since the engine started.
    pub fn uptime_ns(&self) -> i64 {
        self.shared.clock.now_ns() - self.shared.started_ns
    }
}
