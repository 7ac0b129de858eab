//! The running engine under a clock that stands still until it is told.

use super::*;
use crate::{AssetSource, Busy, PacketSink, Stats};
use animation::{Composite, Easing, Fill, Timing, Value};
use compositor::DrawItem;
use media::{Bitrate, Color, Packet, Resolution, ShowTime};
use scene::{
    Animation, BlendMode, Id, Kind, Layer, Property, Source, Start, StyledKeyframe, Target,
    Transform,
};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

/// Longer than anything here takes, however loaded the machine is.
const PATIENCE: Duration = Duration::from_secs(20);

/// A clock that somebody else moves; nobody's sleep ends before [`SteppedClock::set`] is called for the first time.
#[derive(Debug)]
struct SteppedClock {
    state: Mutex<(i64, bool)>,
    moved: Condvar,
}

impl SteppedClock {
    const fn at(now_ns: i64) -> Self {
        Self {
            state: Mutex::new((now_ns, false)),
            moved: Condvar::new(),
        }
    }

    fn set(&self, now_ns: i64) {
        *self.state.lock().unwrap() = (now_ns, true);
        self.moved.notify_all();
    }
}

impl Clock for SteppedClock {
    fn now_ns(&self) -> i64 {
        self.state.lock().unwrap().0
    }

    fn unix_ns(&self) -> i64 {
        self.now_ns()
    }

    fn sleep_until(&self, deadline_ns: i64) {
        let state = self.state.lock().unwrap();
        drop(
            self.moved
                .wait_while(state, |(now, runs)| !*runs || *now < deadline_ns)
                .unwrap(),
        );
    }
}

/// Hands every packet to the test.
struct Taker(Mutex<Sender<Packet>>);

impl PacketSink for Taker {
    fn push(&self, packet: &Packet) {
        // A test that has seen enough no longer listens.
        let _ = self.0.lock().unwrap().send(packet.clone());
    }
}

#[derive(Debug)]
struct NoAssets;

impl AssetSource for NoAssets {
    fn has(&self, _name: &str) -> bool {
        false
    }

    fn bytes(&self, _name: &str) -> std::io::Result<Arc<[u8]>> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// A square whose x is the show time in hundredths of a second.
fn moving_square(color: Color) -> Scene {
    let id = |text| Id::new(text).unwrap();
    let mut scene = Scene::empty(128, 72);
    scene.layers.push(Layer {
        id: id("square"),
        name: None,
        kind: Kind::Overlay,
        parent: None,
        z_index: 0,
        visible: true,
        opacity: 1.0,
        blend_mode: BlendMode::Normal,
        transform: Transform {
            width_px: Some(8.0),
            height_px: Some(8.0),
            ..Transform::default()
        },
        clip: None,
        source: Some(Source::Color(color)),
        effects: Vec::new(),
    });
    let keyframe = |x| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        values: vec![(Property::X, Value::Number(x))],
    };
    scene.animations.push(Animation {
        id: id("go"),
        target: Target::Layer(id("square")),
        start: Start::At(ShowTime::ZERO),
        timing: Timing {
            duration_ms: 100_000.0,
            fill: Fill::Both,
            ..Timing::default()
        },
        composite: Composite::Replace,
        keyframes: vec![keyframe(0.0), keyframe(10_000.0)],
    });
    scene
}

/// An engine, its clock, and what it sends.
struct Rig {
    engine: Engine,
    clock: Arc<SteppedClock>,
    packets: Receiver<Packet>,
    framerate: Framerate,
    began_ns: i64,
}

impl Rig {
    /// A show at `framerate` with an IDR every three seconds, begun when the clock says 5 s; frame 0 is drawn, and at
    /// low latency its packets have been taken.
    fn start(framerate: Framerate, latency: Latency) -> Self {
        let began_ns = 5_000_000_000;
        let clock = Arc::new(SteppedClock::at(began_ns));
        let output = Resolution::new(128, 72);
        let mut video = VideoSettings::new(output, framerate, Bitrate::from_bps(300_000));
        (video.latency, video.keyframe_interval_ms) = (latency, 3000);
        let config = EngineConfig {
            stage: StageConfig {
                fonts: sources::Fonts::new([] as [Vec<u8>; 0]),
                assets: Arc::new(NoAssets),
                output,
                epoch_unix_ns: 0,
                raster_budget_bytes: 1 << 20,
            },
            video,
            real_time: false,
            audio: AudioSettings {
                sample_rate_hz: 48_000,
                channels: 2,
                bitrate: Bitrate::from_bps(64_000),
            },
            kernels: Kernels::best(),
        };
        let engine = Engine::start(
            config,
            moving_square(Color::WHITE),
            Arc::clone(&clock) as Arc<dyn Clock>,
        )
        .unwrap();
        let (sender, packets) = mpsc::channel();
        engine
            .handle()
            .subscribe(Arc::new(Taker(Mutex::new(sender))));
        let rig = Self {
            engine,
            clock,
            packets,
            framerate,
            began_ns,
        };
        rig.go_to(0);
        rig.wait_for_tick(0);
        if latency == Latency::Low {
            rig.packets_to(0);
        }
        rig
    }

    fn handle(&self) -> Handle {
        self.engine.handle()
    }

    fn stats(&self) -> Stats {
        self.handle().stats()
    }

    /// Lets it be the time of frame `n`.
    fn go_to(&self, n: i64) {
        self.clock
            .set(self.began_ns + self.framerate.frame_time(n).nanos());
    }

    /// Returns when frame `n` has been drawn.
    fn wait_for_tick(&self, n: i64) {
        testkit::poll_until(PATIENCE, "a frame", || {
            (self.stats().frame >= n).then_some(())
        });
    }

    /// The packets up to the picture of frame `n`.
    fn packets_to(&self, n: i64) -> Vec<Packet> {
        let mut all = Vec::new();
        loop {
            let packet = self
                .packets
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|e| panic!("no packet of frame {n}: {e}"));
            let last = packet.track == Track::Video && packet.pts >= n;
            all.push(packet);
            if last {
                return all;
            }
        }
    }

    /// Frame by frame, waiting for each one's packet (low latency) and for the end of its tick, which may come later.
    fn play(&self, frames: std::ops::RangeInclusive<i64>) -> Vec<Packet> {
        frames
            .flat_map(|n| {
                self.go_to(n);
                let packets = self.packets_to(n);
                self.wait_for_tick(n);
                packets
            })
            .collect()
    }

    /// Stops while the engine waits for frame `next`, whose time then comes; everything that was still to come.
    fn stop_before(self, next: i64) -> Vec<Packet> {
        self.handle().shared.stopping.store(true, Ordering::SeqCst);
        self.go_to(next);
        self.engine.stop();
        self.packets.try_iter().collect()
    }
}

fn fps30() -> Framerate {
    Framerate::new(30, 1).unwrap()
}

fn pts(packets: &[Packet], track: Track) -> Vec<i64> {
    packets
        .iter()
        .filter(|p| p.track == track)
        .map(|p| p.pts)
        .collect()
}

fn idrs(packets: &[Packet]) -> Vec<i64> {
    packets
        .iter()
        .filter(|p| p.track == Track::Video && p.is_keyframe)
        .map(|p| p.pts)
        .collect()
}

fn set_scene(color: Color) -> Command {
    Command::SetScene(Box::new(moving_square(color)))
}

/// Where the square of [`moving_square`] is.
fn square_x(still: &Still) -> f64 {
    let [DrawItem::Picture(picture)] = still.list.items.as_slice() else {
        panic!("{:?}", still.list)
    };
    picture.transform.as_coeffs()[4]
}

#[test]
fn every_frame_becomes_one_packet_at_its_time() {
    for framerate in [
        fps30(),
        Framerate::new(30_000, 1001).unwrap(),
        Framerate::new(60, 1).unwrap(),
    ] {
        let rig = Rig::start(framerate, Latency::Low);
        let mut packets = rig.play(1..=40);
        let stats = rig.stats();
        assert_eq!(
            (
                stats.frame,
                stats.frames,
                stats.lagged_ticks,
                stats.repeated_frames
            ),
            (40, 41, 0, 0),
            "{framerate}"
        );
        packets.extend(rig.stop_before(41));
        assert_eq!(
            pts(&packets, Track::Video),
            (1..=40).collect::<Vec<_>>(),
            "{framerate}"
        );
        let audio = pts(&packets, Track::Audio);
        assert!(
            audio.windows(2).all(|pair| pair[1] - pair[0] == 1024),
            "{framerate}: {audio:?}"
        );
    }
}

/// Under look-ahead packets come later; stopping draws no further frame and brings out all that were drawn.
#[test]
fn stopping_drains_the_encoder_and_draws_no_further_frame() {
    let rig = Rig::start(fps30(), Latency::Normal);
    for n in 1..=20 {
        rig.go_to(n);
        rig.wait_for_tick(n);
    }
    // Nobody waited for the encoder, so there may be holes; what matters is the end.
    let frames = pts(&rig.stop_before(21), Track::Video);
    assert!(
        frames.is_sorted() && frames.last() == Some(&20),
        "{frames:?}"
    );
}

#[test]
fn a_command_takes_effect_on_the_next_frame_and_says_so() {
    let rig = Rig::start(fps30(), Latency::Low);
    rig.play(1..=4);
    let (sender, replies) = mpsc::channel();
    let before = rig.handle().scene().1;
    let second = sender.clone();
    rig.handle()
        .apply(set_scene(Color::BLACK), move |applied| {
            sender.send(applied).unwrap();
        })
        .unwrap();
    rig.handle()
        .apply(set_scene(Color::WHITE), move |applied| {
            second.send(applied).unwrap();
        })
        .unwrap();
    assert!(
        replies.try_recv().is_err(),
        "nothing happens between frames"
    );
    rig.play(5..=5);
    let replies: Vec<Applied> = replies.try_iter().collect();
    let applied = |revision| Applied {
        revision,
        frame: 5,
        show_time: fps30().frame_time(5),
    };
    assert_eq!(replies, [applied(before + 1), applied(before + 2)]);
    let (scene, revision) = rig.handle().scene();
    assert_eq!(
        (revision, &*scene),
        (before + 2, &moving_square(Color::WHITE))
    );
    rig.stop_before(6);
}

#[test]
fn a_still_shows_the_next_frame() {
    let rig = Rig::start(fps30(), Latency::Low);
    rig.play(1..=8);
    let (sender, stills) = mpsc::channel();
    rig.handle()
        .still(move |still| sender.send(still).unwrap())
        .unwrap();
    rig.play(9..=9);
    let still = stills.recv_timeout(PATIENCE).unwrap();
    assert_eq!(
        (still.frame, still.resolution),
        (9, Resolution::new(128, 72))
    );
    assert!((square_x(&still) - 30.0).abs() < 1e-6);
    rig.stop_before(10);
}

/// 256 commands wait; one more is refused and not made. The next frame takes them all.
#[test]
fn a_full_mailbox_refuses() {
    let rig = Rig::start(fps30(), Latency::Low);
    let done = Arc::new(AtomicUsize::new(0));
    let post = || {
        let done = Arc::clone(&done);
        rig.handle().apply(set_scene(Color::WHITE), move |_| {
            done.fetch_add(1, Ordering::SeqCst);
        })
    };
    assert!((0..256).all(|_| post().is_ok()));
    assert_eq!((post(), rig.handle().still(|_| {})), (Err(Busy), Err(Busy)));
    rig.play(1..=1);
    assert_eq!(done.load(Ordering::SeqCst), 256);
    assert_eq!(post(), Ok(()));
    rig.stop_before(2);
}

/// The engine follows the clock: frames it missed are the last one shown again, at most five times; a longer hole
/// stays one. Nothing is made up for in a burst, and what moves is where the clock says.
#[test]
fn a_late_engine_follows_the_clock() {
    for (missed, repeated) in [(3, 3), (5, 5), (6, 5), (20, 5)] {
        let rig = Rig::start(fps30(), Latency::Low);
        let mut packets = rig.play(1..=10);
        let (sender, stills) = mpsc::channel();
        rig.handle()
            .still(move |still| sender.send(still).unwrap())
            .unwrap();
        let back = 10 + missed + 1;
        packets.extend(rig.play(back..=back));
        let still = stills.recv_timeout(PATIENCE).unwrap();
        assert_eq!(still.frame, back);
        assert!(
            (square_x(&still) - fps30().frame_time(back).as_ms() / 10.0).abs() < 1e-6,
            "missed {missed}"
        );
        packets.extend(rig.play(back + 1..=back + 5));
        let stats = rig.stats();
        let counted = (
            stats.lagged_ticks,
            stats.repeated_frames,
            stats.frames,
            stats.frame,
        );
        assert_eq!(
            counted,
            (u64::try_from(missed).unwrap(), repeated, 17, back + 5),
            "missed {missed}"
        );
        let expected: Vec<i64> = (1..=10 + i64::try_from(repeated).unwrap())
            .chain(back..=back + 5)
            .collect();
        assert_eq!(pts(&packets, Track::Video), expected, "missed {missed}");
        // Sound has no hole: there is silence for the whole of it.
        packets.extend(rig.stop_before(back + 6));
        let audio = pts(&packets, Track::Audio);
        assert!(
            audio.windows(2).all(|pair| pair[1] - pair[0] == 1024),
            "missed {missed}: {audio:?}"
        );
    }
}

#[test]
fn who_unsubscribes_gets_nothing_more_and_others_everything() {
    let rig = Rig::start(fps30(), Latency::Low);
    let (sender, other) = mpsc::channel();
    let id = rig.handle().subscribe(Arc::new(Taker(Mutex::new(sender))));
    let first = rig.play(1..=5);
    rig.handle().unsubscribe(id);
    let second = rig.play(6..=10);
    // The packet of frame 5 went to both before frame 6 was drawn.
    let seen: Vec<Packet> = other.try_iter().collect();
    assert_eq!(pts(&seen, Track::Video), pts(&first, Track::Video));
    assert_eq!(pts(&second, Track::Video), [6, 7, 8, 9, 10]);
    rig.stop_before(11);
}

/// A change of most of the picture is an IDR, a smaller one is not; requests are one IDR, at the earliest two seconds after the last one.
#[test]
fn idrs_come_at_cuts_and_on_request() {
    let rig = Rig::start(fps30(), Latency::Low);
    let mut packets = rig.play(1..=9);
    let mut elsewhere = moving_square(Color::WHITE);
    elsewhere.canvas.background = Color::WHITE;
    rig.handle()
        .apply(Command::SetScene(Box::new(elsewhere.clone())), |_| {})
        .unwrap();
    packets.extend(rig.play(10..=15));
    elsewhere.layers[0].source = Some(Source::Color(Color::BLACK));
    rig.handle()
        .apply(Command::SetScene(Box::new(elsewhere)), |_| {})
        .unwrap();
    packets.extend(rig.play(16..=19));
    for _ in 0..5 {
        rig.handle().request_keyframe();
    }
    packets.extend(rig.play(20..=40));
    rig.handle().request_keyframe();
    packets.extend(rig.play(41..=170));
    // 10: cut. 70: both requests. 160: three seconds later.
    assert_eq!(idrs(&packets), [10, 70, 160]);
    rig.stop_before(171);
}

/// Three seconds are three seconds, also when frames are missing in between.
#[test]
fn a_hole_does_not_put_off_the_next_idr() {
    let rig = Rig::start(fps30(), Latency::Low);
    let mut packets = rig.play(1..=30);
    packets.extend(rig.play(60..=185));
    assert_eq!(idrs(&packets), [90, 180]);
    rig.stop_before(186);
}

#[test]
fn idrs_come_in_time_at_cuts_and_rarely_on_request() {
    let mut policy = IdrPolicy::new(fps30(), 3000);
    let idrs: Vec<i64> = (0..300)
        .filter(|&n| policy.decide(n, n == 130, [5, 20, 40, 50, 100, 185].contains(&n)))
        .collect();
    // 5 does not wait, for nobody asked for frame 0; 20 and 40 wait for two seconds after it and are one; 100 would come
    // 35 frames after that and waits until 125; 130 is a cut; 185 waits for 190; 280 is three seconds later.
    assert_eq!(idrs, [0, 5, 65, 125, 130, 190, 280]);
}

#[test]
fn a_slow_encoder_gets_the_newest_frame_with_cut_and_damage_of_those_it_replaced() {
    let frame = Arc::new(I420Frame::black(Resolution::new(128, 16)));
    let queue = FrameQueue::new(4);
    // Frame n differs from the one before in block n alone.
    let job = |n: usize| {
        let mut damage = Damage::none(128, 16);
        damage.add_px(n * 16..n * 16 + 1, 0..1);
        Job {
            frame: Arc::clone(&frame),
            n: i64::try_from(n).unwrap(),
            cut: n == 5,
            damage,
        }
    };
    let replaced: Vec<bool> = (1..=6).map(|n| queue.put(job(n))).collect();
    assert_eq!(replaced, [false, false, false, false, true, true]);
    queue.close();
    let taken: Vec<(i64, bool, Vec<usize>)> = std::iter::from_fn(|| queue.take())
        .map(|job| (job.n, job.cut, job.damage.row(0).columns().collect()))
        .collect();
    let expected = [
        (1, false, vec![1]),
        (2, false, vec![2]),
        (3, false, vec![3]),
        (6, true, vec![4, 5, 6]),
    ];
    assert_eq!(taken, expected);
}
