//! The running engine: two threads, a short queue between them, and the clock.

use crate::fanout::Fanout;
use crate::handle::{Letter, MAILBOX_CAPACITY, Shared};
use crate::priority::{Watchdog, Watched};
use crate::stats::Counters;
use crate::{Applied, Clock, Error, Handle, Patience, ProgramEncoder, Stage, StageConfig, Still};
use codec::{AudioSettings, Latency, VideoSettings};
use compositor::{Compositor, DisplayList, Kernels};
use media::{Damage, Framerate, I420Frame, Track};
use scene::{Command, Scene};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
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
    /// Picture encoder; its frame rate is the show's, its size the stage's.
    pub video: VideoSettings,
    /// Sound encoder.
    pub audio: AudioSettings,
    /// The instructions to draw with.
    pub kernels: Kernels,
    /// Ask the system for real-time priority, so that frames are on time while other programs are busy. Not for a clock
    /// that does not wait, for then the engine thread would not either.
    pub real_time: bool,
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
            audio,
            kernels,
            real_time,
        } = config;
        // The wall clock is tied to show time here, and the show begins with the frame that is due when all is ready:
        // a countdown to a time of day would else be late by the time it takes to start.
        let anchor_ns = clock.now_ns();
        stage_config.epoch_unix_ns = clock.unix_ns();
        let encoder = ProgramEncoder::open(&video, &audio)?;
        let compositor = Compositor::with_kernels(stage_config.output, kernels);
        let mut stage = Stage::new(stage_config, scene);
        stage.tick(media::ShowTime::ZERO);
        stage.set_patience(Patience::StandIn);
        let shared = Arc::new(Shared {
            fanout: Fanout::default(),
            counters: Counters::default(),
            keyframe_wanted: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            scene: Mutex::new((Arc::clone(stage.scene()), stage.revision())),
            headers: encoder.headers().clone(),
            started_ns: anchor_ns,
            clock,
        });
        let (mailbox, letters) = sync_channel(MAILBOX_CAPACITY);
        let queue = Arc::new(FrameQueue::new(frame_queue_capacity(video.latency)));
        let program = Program {
            stage,
            compositor,
            letters,
            queue: Arc::clone(&queue),
            shared: Arc::clone(&shared),
            framerate: video.framerate,
            anchor_ns,
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
            encode_loop(
                encoder,
                &queue,
                &shared,
                video.framerate,
                keyframe_interval_ms,
                &watched,
            );
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
    letters: Receiver<Letter>,
    queue: Arc<FrameQueue>,
    shared: Arc<Shared>,
    framerate: Framerate,
    /// The clock at show time 0.
    anchor_ns: i64,
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
            .framerate
            .first_frame_at(media::ShowTime::from_nanos(clock.now_ns() - anchor_ns));
        loop {
            watched.waiting(|| clock.sleep_until(self.deadline_ns(n)));
            if self.shared.stopping.load(Ordering::SeqCst) {
                break;
            }
            n = self.skip_missed(n, clock.now_ns() - anchor_ns);
            let begin = clock.now_ns();
            let cut = self.read_mail(n, &mut stills);
            self.draw(n, cut, begin, &mut stills);
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
            .saturating_add(self.framerate.frame_time(n).nanos())
    }

    /// Follows the clock: when whole frames were missed, they stay missed (the encode thread shows the last one again),
    /// and animation is where the clock says.
    fn skip_missed(&self, n: i64, elapsed_ns: i64) -> i64 {
        let due = self
            .framerate
            .first_frame_at(media::ShowTime::from_nanos(elapsed_ns.saturating_add(1)))
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

    /// Applies what was asked for; says whether the picture was cut.
    fn read_mail(&mut self, n: i64, stills: &mut Vec<Box<dyn FnOnce(Still) + Send>>) -> bool {
        let mut cut = false;
        // What arrives while reading waits for the next frame: a flood of commands cannot hold this one up.
        for letter in self.letters.try_iter().take(MAILBOX_CAPACITY) {
            match letter {
                Letter::Apply(Command::SetScene(scene), reply) => {
                    let show_time = self.framerate.frame_time(n);
                    let revision = self.stage.set_scene(*scene, show_time);
                    *self
                        .shared
                        .scene
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner) =
                        (Arc::clone(self.stage.scene()), revision);
                    reply(Applied {
                        revision,
                        frame: n,
                        show_time,
                    });
                    cut = true;
                }
                Letter::Still(reply) => stills.push(reply),
            }
        }
        cut
    }

    fn draw(
        &mut self,
        n: i64,
        cut: bool,
        begin: i64,
        stills: &mut Vec<Box<dyn FnOnce(Still) + Send>>,
    ) {
        let clock = &self.shared.clock;
        let list: &DisplayList = self.stage.tick(self.framerate.frame_time(n));
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
        let cut = cut && damage.block_count() * 2 > damage.columns() * damage.rows();
        if self.queue.put(Job {
            frame: composed.frame,
            n,
            cut,
            damage: composed.damage,
        }) {
            self.shared
                .counters
                .replaced_frames
                .fetch_add(1, Ordering::Relaxed);
            metrics::counter!("stream_manager_replaced_frames_total").increment(1);
        }
        let late_ns = clock.now_ns() - self.deadline_ns(n);
        self.shared
            .counters
            .late_frames
            .fetch_add(u64::from(late_ns > LATE_NS), Ordering::Relaxed);
        metrics::histogram!("stream_manager_frame_lateness_seconds").record(seconds(late_ns));
        for notice in self.stage.take_notices() {
            tracing::warn!(frame = n, "{notice}");
        }
        self.shared.counters.frames.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("stream_manager_frames_total").increment(1);
        metrics::histogram!("stream_manager_tick_seconds", "stage" => "resolve")
            .record(seconds(lowered - begin));
        metrics::histogram!("stream_manager_tick_seconds", "stage" => "compose")
            .record(seconds(done - lowered));
    }
}

/// A frame to encode.
struct Job {
    frame: Arc<I420Frame>,
    n: i64,
    cut: bool,
    /// What differs from the frame of the job put before, or of the one taken before where that was replaced.
    damage: Damage,
}

/// Frames that may wait for the encoder.
///
/// Not one: with look-ahead x264 takes 100 to 200 ms once, when its window is full for the first time, and longer than a
/// frame for many an IDR. An encoder that keeps up on average empties the queue again, and no frame is lost.
const fn frame_queue_capacity(latency: Latency) -> usize {
    match latency {
        Latency::Normal => 8,
        Latency::Low => 2,
    }
}

/// The queue between the engine and the encoder: when it is full, a newer frame replaces the newest in it.
struct FrameQueue {
    capacity: usize,
    state: Mutex<FrameQueueState>,
    filled: Condvar,
}

#[derive(Default)]
struct FrameQueueState {
    jobs: VecDeque<Job>,
    closed: bool,
}

impl FrameQueue {
    fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
            filled: Condvar::new(),
        }
    }

    /// Says whether it replaced one. A cut that was replaced is still a cut, and what it damaged is still damaged.
    fn put(&self, mut job: Job) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let full = state.jobs.len() >= self.capacity;
        let replaced = if full { state.jobs.pop_back() } else { None };
        if let Some(replaced) = &replaced {
            job.cut |= replaced.cut;
            job.damage.merge(&replaced.damage);
        }
        state.jobs.push_back(job);
        self.filled.notify_one();
        replaced.is_some()
    }

    fn close(&self) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.filled.notify_one();
    }

    /// Waits for a frame; `None` when there will be none.
    fn take(&self) -> Option<Job> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state = self
                .filled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn encode_loop(
    mut encoder: ProgramEncoder,
    queue: &FrameQueue,
    shared: &Shared,
    framerate: Framerate,
    keyframe_interval_ms: u32,
    watched: &Watched,
) {
    let mut idr = IdrPolicy::new(framerate, keyframe_interval_ms);
    let mut packets = Vec::new();
    let mut repeated = 0;
    while let Some(Job {
        frame,
        n,
        cut,
        damage,
    }) = watched.waiting(|| queue.take())
    {
        let begin = shared.clock.now_ns();
        let wanted = shared.keyframe_wanted.swap(false, Ordering::Relaxed);
        let force = idr.decide(n, cut, wanted);
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

fn send(packets: &mut Vec<media::Packet>, shared: &Shared, now_ns: i64) {
    for packet in packets.drain(..) {
        if packet.track == Track::Video {
            shared.counters.packets.fetch_add(1, Ordering::Relaxed);
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
