//! How everyone else speaks to the engine.

use crate::fanout::Fanout;
use crate::mailbox::{CAPACITY, Change, Letter, Mailbox};
use crate::picture::{PictureState, Wishes};
use crate::stats::Counters;
use crate::{Clock, Headers, PacketSink, SinkId, Stats};
use compositor::{DisplayList, Kernels};
use media::{Bitrate, Resolution, ShowTime};
use scene::{Command, Id, Revision, Scene, Slate};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Frames that an encoder may take in before its first packet, with some to spare: 15 of look-ahead and 3 B-frames.
const MAX_LOOK_AHEAD: u64 = 30;

/// A change took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Number of the change.
    pub revision: Revision,
    /// The first frame that shows it, unless the picture stands still ([`Handle::pause`]).
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
#[error("the engine is busy or stopping; {CAPACITY} commands are waiting")]
pub struct Busy;

/// Speaks to a running engine; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) mailbox: Mailbox,
    pub(crate) shared: Arc<Shared>,
}

/// What the engine's threads and all handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) fanout: Fanout,
    pub(crate) counters: Counters,
    pub(crate) keyframe_wanted: AtomicBool,
    /// Of the picture, as asked for; the encode thread puts back what the encoder refuses.
    pub(crate) bitrate_bps: AtomicU64,
    pub(crate) stopping: AtomicBool,
    pub(crate) paused: AtomicBool,
    pub(crate) scene: Mutex<(Arc<Scene>, Revision)>,
    pub(crate) slate: Mutex<Option<Slate>>,
    /// Names of assets to be looked for again.
    pub(crate) retries: Mutex<HashSet<String>>,
    /// Who waits for the pictures of which layers.
    pub(crate) unpainted: Mutex<Vec<Unpainted>>,
    /// Of the packets that come now.
    pub(crate) headers: Mutex<Arc<Headers>>,
    /// Of the frames that are drawn now.
    pub(crate) picture: Mutex<PictureState>,
    /// What the picture is to be; held by whoever changes it.
    pub(crate) wishes: Mutex<Wishes>,
    pub(crate) kernels: Kernels,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) started_ns: i64,
    /// The clock at show time 0.
    pub(crate) anchor_ns: i64,
    pub(crate) epoch_unix_ns: i64,
}

/// Layers whose pictures somebody waits for.
pub(crate) struct Unpainted {
    pub(crate) layers: Vec<Id>,
    pub(crate) reply: Box<dyn FnOnce() + Send>,
}

impl std::fmt::Debug for Unpainted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Unpainted").field(&self.layers).finish()
    }
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
        self.apply_at(command, ShowTime::ZERO, reply)
    }

    /// As [`apply`](Self::apply), for the first frame whose show time is at or after `not_before`.
    ///
    /// Changes keep their order, since each is made from the scene the one before it makes: those that are asked for
    /// after this one wait for it, however long that is. All that wait count against what the mailbox holds.
    ///
    /// # Errors
    /// [`Busy`]; the change was then not made.
    pub fn apply_at(
        &self,
        command: Command,
        not_before: ShowTime,
        reply: impl FnOnce(Applied) + Send + 'static,
    ) -> Result<(), Busy> {
        self.mailbox.post(Letter::Change(Change {
            command,
            not_before,
            reply: Box::new(reply),
        }))
    }

    /// Asks for what the next frame shows, whatever changes wait; `reply` is called on the engine thread: it must not block.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn still(&self, reply: impl FnOnce(Still) + Send + 'static) -> Result<(), Busy> {
        self.mailbox.post(Letter::Still(Box::new(reply)))
    }

    /// Looks again for assets that came late: where a layer on air is made from one that was missing or broken, its
    /// placeholder is replaced as soon as it has been read. Other names are ignored. Never refused.
    pub fn retry_assets(&self, names: Vec<String>) {
        let retries = self.shared.retries.lock();
        retries
            .unwrap_or_else(PoisonError::into_inner)
            .extend(names);
    }

    /// Calls `reply`, on the engine thread, with the first frame from the next one on for which all that these layers and
    /// those in them show is there; what is missing or broken is not waited for. It must not block. Never refused.
    pub fn when_painted(&self, layers: Vec<Id>, reply: impl FnOnce() + Send + 'static) {
        let unpainted = self.shared.unpainted.lock();
        let mut unpainted = unpainted.unwrap_or_else(PoisonError::into_inner);
        unpainted.push(Unpainted {
            layers,
            reply: Box::new(reply),
        });
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

    /// The slate that is up.
    pub fn slate(&self) -> Option<Slate> {
        let slate = self.shared.slate.lock();
        slate.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the picture stand still from the next frame on, or go on.
    ///
    /// Show time does not stop: when the picture goes on it is where the clock says. Changes are made and answered
    /// meanwhile and show then; only a slate shows at once when it is put up or taken away, for it is there for
    /// emergencies.
    pub fn pause(&self, pause: bool) {
        self.shared.paused.store(pause, Ordering::Relaxed);
    }

    /// Whether the picture is to stand still.
    pub fn paused(&self) -> bool {
        self.shared.paused.load(Ordering::Relaxed)
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

    /// Changes the bitrate of the picture with the next frame that is encoded, without an IDR: 10 kb/s to 200 Mb/s; what
    /// lies outside is logged and not done. A lower one holds within one or two seconds, a higher one is climbed to.
    pub fn set_bitrate(&self, bitrate: Bitrate) {
        self.shared
            .bitrate_bps
            .store(bitrate.bps(), Ordering::Relaxed);
    }

    /// The bitrate of the picture.
    pub fn bitrate(&self) -> Bitrate {
        Bitrate::from_bps(self.shared.bitrate_bps.load(Ordering::Relaxed))
    }

    /// What decoders must know before the packets that come now; the bitrate is the one their encoder began with.
    pub fn headers(&self) -> Arc<Headers> {
        let headers = self.shared.headers.lock();
        Arc::clone(&headers.unwrap_or_else(PoisonError::into_inner))
    }

    /// Where the engine stands.
    pub fn stats(&self) -> Stats {
        Stats {
            commands_waiting: self.mailbox.waiting(),
            ..self.shared.counters.read()
        }
    }

    /// Nanoseconds since the engine thread last finished a tick, or since the engine started.
    pub fn engine_silent_ns(&self) -> i64 {
        let tick_ns = self.stats().last_tick_ns.max(self.shared.started_ns);
        self.shared.clock.now_ns() - tick_ns
    }

    /// Nanoseconds that the newest packet of the picture is behind the newest tick, or since the engine started: while the
    /// engine thread stands still, the encoder is not to blame.
    ///
    /// An encoder with look-ahead is silent until it has taken in some frames; that is no fault, and 0.
    pub fn encoder_silent_ns(&self) -> i64 {
        let stats = self.stats();
        let [frames, packets] = self.shared.counters.of_encoder(&stats);
        if packets == 0 && frames <= MAX_LOOK_AHEAD {
            return 0;
        }
        let packet_ns = stats.last_packet_ns.max(self.shared.started_ns);
        (stats.last_tick_ns - packet_ns).max(0)
    }

    /// Nanoseconds by which the wall clock is ahead of where it would be had it gone on evenly since the engine started;
    /// negative where it is behind. It was set, or the machine slept.
    pub fn wall_drift_ns(&self) -> i64 {
        let even = self
            .epoch_unix_ns()
            .saturating_add(self.show_time().nanos());
        self.unix_ns().saturating_sub(even)
    }

    /// The wall clock at show time 0, nanoseconds since 1970 UTC.
    pub fn epoch_unix_ns(&self) -> i64 {
        self.shared.epoch_unix_ns
    }

    /// The show time now, between two frames as a rule.
    pub fn show_time(&self) -> ShowTime {
        ShowTime::from_nanos(self.shared.clock.now_ns() - self.shared.anchor_ns)
    }

    /// The wall clock, nanoseconds since 1970 UTC.
    pub fn unix_ns(&self) -> i64 {
        self.shared.clock.unix_ns()
    }

    /// Nanoseconds since the engine started.
    pub fn uptime_ns(&self) -> i64 {
        self.shared.clock.now_ns() - self.shared.started_ns
    }
}
