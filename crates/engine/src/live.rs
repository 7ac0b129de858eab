//! The running engine: two threads, a short queue between them, and the clock.

use crate::fanout::Fanout;
use crate::frame_queue::{FrameQueue, Job, capacity_for};
use crate::handle::{Shared, Unpainted};
use crate::mailbox::{Change, Inbox, ReplyStill, mailbox};
use crate::picture::{NewPicture, Picture, PictureState, Turn, Wishes};
use crate::priority::{Watchdog, Watched};
use crate::stats::Counters;
use crate::{
    Applied, AssetObserver, Clock, Error, Handle, Notice, Patience, ProgramEncoder, Stage,
    StageConfig, Still,
};
use codec::{AudioSettings, VideoSettings};
use compositor::{Compositor, DisplayList, Kernels};
use media::{Bitrate, Cadence, Framerate, ShowTime, Track};
use scene::{Command, Scene};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A forced IDR is not followed by another within this time.
const MIN_FORCED_IDR_DISTANCE_MS: u32 = 2000;
/// A frame that reaches the encoder so long after its time is late.
const LATE_NS: i64 = 8_000_000;
/// Real-time priority of the engine thread: above that of the encode thread, which works for most of a frame's time.
const ENGINE_PRIORITY: u8 = 2;
/// That of the encode thread, where there is another core for everything else.
const ENCODE_PRIORITY: u8 = 1;

/// What an engine is set up with.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Fonts, assets, size.
    pub stage: StageConfig,
    /// Picture encoder; its frame rate is the show's, its size the stage's. B-frames rest while latency is low.
    pub video: VideoSettings,
    /// Where the preset follows size and rate ([`codec::Preset::auto`]) and not `video`: processor cores it may count on.
    pub auto_preset_cores: Option<usize>,
    /// Sound encoder.
    pub audio: AudioSettings,
    /// The instructions to draw with.
    pub kernels: Kernels,
    /// Ask the system for real-time priority, so that frames are on time while other programs are busy. Not for a clock
    /// that does not wait, for then the engine thread would not either.
    pub real_time: bool,
    /// Who is told what becomes of assets.
    pub asset_observer: Option<Arc<dyn AssetObserver>>,
    /// Where the show was, if it goes on; else it begins.
    pub resume: Option<Resume>,
}

/// What a show that goes on takes over from the process before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The wall clock at show time 0, nanoseconds since 1970 UTC: show time is what has passed since, as if the process
    /// had never ended. In the future it counts as now.
    pub epoch_unix_ns: i64,
    /// The revision of the scene.
    pub revision: scene::Revision,
    /// When frames are, where their rate was changed on air and is still this one; else they count from show time 0.
    pub cadence: Option<Cadence>,
}

/// The running engine. Dropping it without [`Engine::stop`] leaves its threads running.
#[derive(Debug)]
pub struct Engine {
    handle: Handle,
    engine: JoinHandle<()>,
    encode: JoinHandle<()>,
}

impl Engine {
    /// Opens the encoders, paints all pictures, and starts the show; show time 0 is the moment of the call.
    ///
    /// Blocks until every picture can be drawn (some tens of milliseconds each).
    ///
    /// # Errors
    /// [`Error`]: an encoder or a thread is not to be had.
    pub fn start(config: EngineConfig, scene: Scene, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let EngineConfig {
            stage: mut stage_config,
            video,
            auto_preset_cores,
            audio,
            kernels,
            real_time,
            asset_observer,
            resume,
        } = config;
        // The wall clock is tied to show time here, and the show begins with the frame that is due when all is ready:
        // a countdown to a time of day would else be late by the time it takes to start.
        let (started_ns, unix_ns) = (clock.now_ns(), clock.unix_ns());
        let begun = resume.map_or(0, |resume| {
            unix_ns.saturating_sub(resume.epoch_unix_ns).max(0)
        });
        let (anchor_ns, epoch_unix_ns) = (
            started_ns.saturating_sub(begun),
            unix_ns.saturating_sub(begun),
        );
        stage_config.epoch_unix_ns = epoch_unix_ns;
        let wishes = Wishes {
            video,
            auto_preset_cores,
        };
        let video = wishes.settings();
        let cadence = resume
            .and_then(|resume| resume.cadence)
            .filter(|cadence| cadence.framerate() == video.framerate)
            .unwrap_or_else(|| Cadence::new(video.framerate));
        let encoder = ProgramEncoder::open_at(&video, &audio, cadence)?;
        let compositor = Compositor::with_kernels(stage_config.output, kernels);
        let mut stage = Stage::new(stage_config, scene);
        if let Some(resume) = resume {
            stage.count_from(resume.revision);
        }
        stage.tick(ShowTime::from_nanos(begun));
        stage.set_patience(Patience::StandIn);
        let shared = Arc::new(Shared {
            fanout: Fanout::default(),
            counters: Counters::default(),
            keyframe_wanted: AtomicBool::new(false),
            bitrate_bps: AtomicU64::new(video.bitrate.bps()),
            stopping: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            scene: Mutex::new((Arc::clone(stage.scene()), stage.revision())),
            slate: Mutex::default(),
            retries: Mutex::default(),
            unpainted: Mutex::default(),
            headers: Mutex::new(Arc::new(encoder.headers().clone())),
            picture: Mutex::new(PictureState::new(Picture {
                resolution: video.resolution,
                latency: video.latency,
                cadence,
            })),
            wishes: Mutex::new(wishes),
            kernels,
            started_ns,
            anchor_ns,
            epoch_unix_ns,
            clock,
        });
        let (mailbox, inbox) = mailbox();
        let queue = Arc::new(FrameQueue::new(capacity_for(video.latency)));
        let program = Program {
            stage,
            compositor,
            inbox,
            queue: Arc::clone(&queue),
            shared: Arc::clone(&shared),
            cadence,
            anchor_ns,
            asset_observer,
            cut: false,
            slate_changed: false,
            turn: None,
            ticked: ShowTime::from_nanos(begun),
        };
        let watchdog = real_time.then(|| Arc::new(Watchdog::start()));
        let handle = Handle {
            mailbox,
            shared: Arc::clone(&shared),
        };
        let keyframe_interval_ms = video.keyframe_interval_ms;
        let has_cores = std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1);
        let encode_watchdog = watchdog.clone().filter(|_| has_cores);
        let encode = spawn("video-encode", move || {
            let watched = Watchdog::enlist(encode_watchdog, "video-encode", ENCODE_PRIORITY);
            encode_loop(encoder, &queue, &shared, keyframe_interval_ms, &watched);
        })?;
        let engine = spawn("engine", move || {
            let watched = Watchdog::enlist(watchdog, "engine", ENGINE_PRIORITY);
            program.run(&watched);
        })?;
        Ok(Self {
            handle,
            engine,
            encode,
        })
    }

    /// A way to speak to the engine.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Draws no further frame, drains the encoder into the sinks, and returns when both threads have ended.
    pub fn stop(self) {
        self.handle.shared.stopping.store(true, Ordering::SeqCst);
        for (name, thread) in [("engine", self.engine), ("video-encode", self.encode)] {
            if thread.join().is_err() {
                tracing::error!(thread = name, "ended by a panic");
            }
        }
    }
}

fn spawn(
    name: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|source| Error::Thread { name, source })
}

/// The engine thread's belongings.
struct Program {
    stage: Stage,
    compositor: Compositor,
    inbox: Inbox,
    queue: Arc<FrameQueue>,
    shared: Arc<Shared>,
    cadence: Cadence,
    /// The clock at show time 0.
    anchor_ns: i64,
    asset_observer: Option<Arc<dyn AssetObserver>>,
    /// Whether the next frame that is drawn may show quite another picture than the one before.
    cut: bool,
    /// Whether a slate was put up or taken away since the last frame that was drawn.
    slate_changed: bool,
    /// What the next job says to the encode thread.
    turn: Option<Box<Turn>>,
    /// The show time of the display list.
    ticked: ShowTime,
}

/// However the engine thread ends, the encode thread must not wait for it.
impl Drop for Program {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Program {
    fn run(mut self, watched: &Watched) {
        let clock = Arc::clone(&self.shared.clock);
        let anchor_ns = self.anchor_ns;
        let mut stills = Vec::new();
        let mut n = self
            .cadence
            .first_frame_at(ShowTime::from_nanos(clock.now_ns() - anchor_ns));
        loop {
            watched.waiting(|| clock.sleep_until(self.deadline_ns(n)));
            if self.shared.stopping.load(Ordering::SeqCst) {
                break;
            }
            n = self.skip_missed(n, clock.now_ns() - anchor_ns);
            let begin = clock.now_ns();
            self.retry_assets();
            self.read_mail(n, &mut stills);
            self.draw(n, begin, &mut stills);
            self.shared
                .counters
                .next_frame
                .store(n + 1, Ordering::Relaxed);
            self.shared
                .counters
                .last_tick_ns
                .store(clock.now_ns().max(1), Ordering::Relaxed);
            n += 1;
        }
    }

    /// When frame n is due, on the clock.
    fn deadline_ns(&self, n: i64) -> i64 {
        self.anchor_ns
            .saturating_add(self.cadence.frame_time(n).nanos())
    }

    /// Follows the clock: when whole frames were missed, they stay missed (the encode thread shows the last one again),
    /// and animation is where the clock says.
    fn skip_missed(&self, n: i64, elapsed_ns: i64) -> i64 {
        let due = self
            .cadence
            .first_frame_at(ShowTime::from_nanos(elapsed_ns.saturating_add(1)))
            - 1;
        let missed = u64::try_from(due - n).unwrap_or(0);
        if missed > 0 {
            self.shared
                .counters
                .lagged_ticks
                .fetch_add(missed, Ordering::Relaxed);
            metrics::counter!("stream_manager_lagged_ticks_total").increment(missed);
        }
        n.max(due)
    }

    /// Passes on what was asked for; while someone is asking, the next frame does.
    fn retry_assets(&mut self) {
        if let Ok(mut names) = self.shared.retries.try_lock() {
            for name in names.drain() {
                self.stage.retry_asset(&name);
            }
        }
    }

    /// Applies what was asked for.
    fn read_mail(&mut self, n: i64, stills: &mut Vec<ReplyStill>) {
        let mut answers = Vec::new();
        self.inbox.collect(stills);
        if let Some(new) = self.inbox.picture() {
            self.change_picture(*new, n);
        }
        let show_time = self.cadence.frame_time(n);
        while let Some(Change { command, reply, .. }) = self.inbox.next(show_time) {
            let revision = match command {
                Command::SetScene(scene) => self.stage.set_scene(*scene, show_time),
                Command::Edit(edit) => self.stage.edit(*edit, show_time),
                Command::Slate(slate) => {
                    let shared = self.shared.slate.lock();
                    shared
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone_from(&slate);
                    self.slate_changed = true;
                    self.stage.set_slate(slate, show_time)
                }
            };
            let applied = Applied {
                revision,
                frame: n,
                show_time,
            };
            answers.push((reply, applied));
        }
        if !answers.is_empty() {
            self.cut = true;
            // Once for all commands of a frame: while others hold the scene, each edit of it begins with a copy.
            *self
                .shared
                .scene
                .lock()
                .unwrap_or_else(PoisonError::into_inner) =
                (Arc::clone(self.stage.scene()), self.stage.revision());
        }
        for (reply, applied) in answers {
            reply(applied);
        }
    }

    /// From frame `n` on the picture is another; its time is the one it had before.
    fn change_picture(&mut self, new: NewPicture, n: i64) {
        let show_time = self.cadence.frame_time(n);
        self.cadence = self.cadence.turned_to(new.settings.framerate, n);
        let old = new.compositor.map(|compositor| {
            let is_still = self.shared.paused.load(Ordering::Relaxed);
            let at = if is_still { self.ticked } else { show_time };
            self.stage.set_output(new.settings.resolution, at);
            if is_still {
                // A picture that stands still does so in its new size too.
                self.stage.tick(at);
            }
            std::mem::replace(&mut self.compositor, compositor)
        });
        self.turn = Some(Box::new(Turn {
            encoder: new.encoder,
            cadence: self.cadence,
            latency: new.settings.latency,
            frame: n,
        }));
        let picture = self.shared.picture.lock();
        picture
            .unwrap_or_else(PoisonError::into_inner)
            .turn_to(Picture {
                resolution: new.settings.resolution,
                latency: new.settings.latency,
                cadence: self.cadence,
            });
        let applied = Applied {
            revision: self.stage.revision(),
            frame: n,
            show_time,
        };
        // One place for one answer.
        let _ = new.done.try_send((applied, old));
    }

    fn draw(&mut self, n: i64, begin: i64, stills: &mut Vec<ReplyStill>) {
        let clock = &self.shared.clock;
        let stands_still = self.shared.paused.load(Ordering::Relaxed) && !self.slate_changed;
        // The same list again is the same frame without damage, which the encoder repeats.
        let list: &DisplayList = if stands_still {
            self.cut = true;
            self.stage.list()
        } else {
            self.slate_changed = false;
            self.ticked = self.cadence.frame_time(n);
            self.stage.tick(self.ticked)
        };
        let lowered = clock.now_ns();
        let composed = self.compositor.compose(list);
        let done = clock.now_ns();
        for reply in stills.drain(..) {
            reply(Still {
                list: list.clone(),
                resolution: composed.frame.resolution(),
                kernels: self.compositor.kernels(),
                frame: n,
            });
        }
        // A new price is no cut: only where most of the picture is another does an IDR cost nothing.
        let damage = &composed.damage;
        let cut = !stands_still
            && std::mem::take(&mut self.cut)
            && damage.block_count() * 2 > damage.columns() * damage.rows();
        if self.queue.put(Job {
            frame: composed.frame,
            n,
            cut,
            damage: composed.damage,
            turn: self.turn.take(),
        }) {
            self.shared
                .counters
                .replaced_frames
                .fetch_add(1, Ordering::Relaxed);
            metrics::counter!("stream_manager_replaced_frames_total").increment(1);
        } else {
            self.shared
                .counters
                .frames_waiting
                .fetch_add(1, Ordering::Relaxed);
        }
        let late_ns = clock.now_ns() - self.deadline_ns(n);
        self.shared
            .counters
            .late_frames
            .fetch_add(u64::from(late_ns > LATE_NS), Ordering::Relaxed);
        metrics::histogram!("stream_manager_frame_lateness_seconds").record(seconds(late_ns));
        for notice in self.stage.take_notices() {
            match &notice {
                Notice::AssetFailed { .. } | Notice::SourceFailed { .. } => {
                    tracing::error!(frame = n, "{notice}");
                }
                Notice::Text { .. } => tracing::warn!(frame = n, "{notice}"),
            }
            if let Some(observer) = &self.asset_observer
                && let Notice::SourceFailed { layer, detail } | Notice::Text { layer, detail } =
                    &notice
            {
                observer.layer_failed(layer, detail);
            }
        }
        // Whoever adds to it holds it for a moment: then it is looked at with the next frame.
        if let Ok(mut unpainted) = self.shared.unpainted.try_lock() {
            let (stage, ticked) = (&mut self.stage, self.ticked);
            let painted = |one: &mut Unpainted| stage.is_painted(&one.layers, ticked);
            for one in unpainted.extract_if(.., painted) {
                (one.reply)();
            }
        }
        for (name, outcome) in self.stage.take_asset_news() {
            match (&self.asset_observer, outcome) {
                (Some(observer), Ok(())) => observer.ready(&name),
                (Some(observer), Err(detail)) => observer.failed(&name, &detail),
                (None, _) => {}
            }
        }
        let counters = &self.shared.counters;
        counters.note_memory(self.stage.memory());
        let layers = self.stage.scene().layers.len();
        counters.layers.store(layers, Ordering::Relaxed);
        counters.frames.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("stream_manager_frames_total").increment(1);
        metrics::histogram!("stream_manager_tick_seconds", "stage" => "resolve")
            .record(seconds(lowered - begin));
        metrics::histogram!("stream_manager_tick_seconds", "stage" => "compose")
            .record(seconds(done - lowered));
    }
}

fn encode_loop(
    mut encoder: ProgramEncoder,
    queue: &FrameQueue,
    shared: &Shared,
    keyframe_interval_ms: u32,
    watched: &Watched,
) {
    let framerate = encoder.headers().video.framerate;
    let mut idr = IdrPolicy::new(framerate, keyframe_interval_ms);
    let mut packets = Vec::new();
    let mut repeated = 0;
    while let Some(Job {
        frame,
        n,
        cut,
        damage,
        turn,
    }) = watched.waiting(|| queue.take())
    {
        shared
            .counters
            .frames_waiting
            .fetch_sub(1, Ordering::Relaxed);
        if let Some(turn) = turn {
            idr = IdrPolicy::new(turn.cadence.framerate(), keyframe_interval_ms);
            queue.set_capacity(capacity_for(turn_encoder(
                &mut encoder,
                *turn,
                shared,
                watched,
            )));
        }
        let begin = shared.clock.now_ns();
        let wanted = shared.keyframe_wanted.swap(false, Ordering::Relaxed);
        let force = idr.decide(n, cut, wanted);
        follow_bitrate(&mut encoder, shared);
        if let Err(error) = encoder.encode(&frame, n, force, Some(&damage), &mut packets) {
            tracing::error!(%error, frame = n, "the encoder failed; the programme has ended");
            shared
                .counters
                .encoder_failures
                .fetch_add(1, Ordering::Relaxed);
            return;
        }
        let more = encoder.repeated() - repeated;
        repeated += more;
        shared
            .counters
            .repeated_frames
            .store(repeated, Ordering::Relaxed);
        metrics::counter!("stream_manager_repeated_frames_total").increment(more);
        let end = shared.clock.now_ns();
        metrics::histogram!("stream_manager_tick_seconds", "stage" => "encode")
            .record(seconds(end - begin));
        send(&mut packets, shared, end);
    }
    match encoder.finish(&mut packets) {
        Ok(()) => send(&mut packets, shared, shared.clock.now_ns()),
        Err(error) => tracing::error!(%error, "the encoder failed while draining"),
    }
}

/// The encoder that the picture has from now on, after everything the one before still holds; its latency.
fn turn_encoder(
    encoder: &mut ProgramEncoder,
    turn: Turn,
    shared: &Shared,
    watched: &Watched,
) -> codec::Latency {
    let mut packets = Vec::new();
    loop {
        let drained = encoder.drain_picture(turn.frame, &mut packets);
        send(&mut packets, shared, shared.clock.now_ns());
        match drained {
            // Each is the work of a frame, though none is waited for.
            Ok(true) => watched.waiting(|| ()),
            Ok(false) => break,
            Err(error) => {
                tracing::error!(%error, "the encoder failed while draining");
                break;
            }
        }
    }
    encoder.turn_to(turn.encoder, turn.cadence);
    shared.counters.note_new_encoder();
    let headers = Arc::new(encoder.headers().clone());
    {
        let current = shared.headers.lock();
        *current.unwrap_or_else(PoisonError::into_inner) = Arc::clone(&headers);
    }
    shared.fanout.begin(&headers);
    tracing::info!(
        frame = turn.frame,
        fps = %turn.cadence.framerate(),
        resolution = %headers.video.resolution,
        latency = ?turn.latency,
        "the picture is made anew"
    );
    turn.latency
}

/// Between two frames; what the encoder refuses is taken back, unless another was asked for meanwhile.
fn follow_bitrate(encoder: &mut ProgramEncoder, shared: &Shared) {
    let current = encoder.bitrate().bps();
    let bitrate_bps = shared.bitrate_bps.load(Ordering::Relaxed);
    if bitrate_bps == current {
        return;
    }
    match encoder.set_bitrate(Bitrate::from_bps(bitrate_bps)) {
        Ok(()) => tracing::info!(bitrate_bps, "the picture has another bitrate"),
        Err(error) => {
            tracing::warn!(%error, bitrate_bps = current, "the bitrate stays");
            let _ = shared.bitrate_bps.compare_exchange(
                bitrate_bps,
                current,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }
}

fn send(packets: &mut Vec<media::Packet>, shared: &Shared, now_ns: i64) {
    for packet in packets.drain(..) {
        if packet.track == Track::Video {
            shared.counters.packets.fetch_add(1, Ordering::Relaxed);
            shared
                .counters
                .encoded_bytes
                .fetch_add(packet.data.len() as u64, Ordering::Relaxed);
            shared
                .counters
                .last_packet_ns
                .store(now_ns.max(1), Ordering::Relaxed);
        }
        shared.fanout.push(&packet);
    }
}

/// When to make an IDR: at a cut; whenever the interval has passed, which the encoder cannot know where frames are
/// missing, for it counts those it got; and where someone asked, not twice within two seconds nor shortly before the
/// next regular one. The IDR that the show begins with was asked for by nobody: an output that connects a moment later
/// gets its own at once, and not two seconds after.
struct IdrPolicy {
    min_distance: i64,
    interval: i64,
    first: Option<i64>,
    last: i64,
    owed: bool,
}

impl IdrPolicy {
    fn new(framerate: Framerate, keyframe_interval_ms: u32) -> Self {
        let frames = |ms| i64::from(framerate.frames_in_ms(ms));
        Self {
            min_distance: frames(MIN_FORCED_IDR_DISTANCE_MS),
            interval: frames(keyframe_interval_ms),
            first: None,
            last: i64::MIN,
            owed: false,
        }
    }

    fn decide(&mut self, n: i64, cut: bool, wanted: bool) -> bool {
        self.owed |= wanted;
        let first = *self.first.get_or_insert(n);
        let since = n.saturating_sub(self.last);
        let next_is_near = self.interval - since < self.min_distance / 4;
        let idr = cut
            || since >= self.interval
            || self.owed && (since >= self.min_distance || self.last == first) && !next_is_near;
        if idr {
            self.last = n;
            self.owed = false;
        }
        idr
    }
}

fn seconds(ns: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "durations of a frame")]
    let ns = ns as f64;
    ns / 1e9
}

#[cfg(test)]
mod tests;
