//! The running engine under a clock that stands still until it is told.

use super::*;
use crate::{AssetObserver, AssetSource, Busy, Headers, PacketSink, PictureChange, Resume, Stats};
use animation::{Composite, Easing, Fill, Timing, Value};
use codec::Latency;
use compositor::DrawItem;
use media::{Bitrate, Color, Damage, I420Frame, Packet, Resolution};
use scene::{
    Animation, Id, Kind, Layer, Property, Source, Start, StyledKeyframe, Target, Transform,
};
use std::sync::Condvar;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{self, Receiver, Sender};
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

/// Nothing at first, then the picture `late.svg`, whose reading can be held up; notes what it is told.
#[derive(Debug, Default)]
struct Assets {
    came: AtomicBool,
    held: Mutex<bool>,
    released: Condvar,
    told: Mutex<Vec<String>>,
}

impl AssetSource for Assets {
    fn has(&self, name: &str) -> bool {
        name == "late.svg" && self.came.load(Ordering::SeqCst)
    }

    fn bytes(&self, name: &str) -> std::io::Result<Arc<[u8]>> {
        let held = self.held.lock().unwrap();
        drop(self.released.wait_while(held, |held| *held).unwrap());
        if name == "late.svg" && self.came.load(Ordering::SeqCst) {
            let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>"#;
            return Ok(svg.as_slice().into());
        }
        Err(std::io::ErrorKind::NotFound.into())
    }
}

impl AssetObserver for Assets {
    fn ready(&self, name: &str) {
        self.told.lock().unwrap().push(format!("{name} is ready"));
    }

    fn failed(&self, name: &str, detail: &str) {
        self.told.lock().unwrap().push(format!("{name}: {detail}"));
    }

    fn layer_failed(&self, layer: &Id, detail: &str) {
        let told = format!("layer {layer}: {detail}");
        self.told.lock().unwrap().push(told);
    }
}

/// A square whose x is the show time in hundredths of a second.
fn moving_square(color: Color) -> Scene {
    let id = |text| Id::new(text).unwrap();
    let mut scene = Scene::empty(128, 72);
    scene.layers.push(
        Layer {
            transform: Transform {
                width_px: Some(8.0),
                height_px: Some(8.0),
                ..Transform::default()
            },
            ..Layer::bare(id("square"), Kind::Overlay, Some(Source::Color(color)))
        }
        .into(),
    );
    let keyframe = |x| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: animation::Tangents::default(),
        values: vec![(Property::X, Value::Number(x))],
    };
    scene.animations.push(
        Animation {
            id: id("go"),
            target: Target::Layer(id("square")),
            start: Start::At(ShowTime::ZERO),
            playback: None,
            verbs: Vec::new(),
            when_over: scene::WhenOver::Keep,
            plan: scene::Plan::default(),
            timing: Timing {
                duration_ms: 100_000.0,
                fill: Fill::Both,
                ..Timing::default()
            },
            composite: Composite::Replace,
            color_space: animation::ColorSpace::default(),
            driver: scene::Driver::default(),
            keyframes: vec![keyframe(0.0), keyframe(10_000.0)],
        }
        .into(),
    );
    scene
}

/// An engine, its clock, and what it sends.
struct Rig {
    engine: Engine,
    clock: Arc<SteppedClock>,
    assets: Arc<Assets>,
    packets: Receiver<Packet>,
    framerate: Framerate,
    began_ns: i64,
}

impl Rig {
    /// A show at `framerate` with an IDR every three seconds, begun when the clock says 5 s; frame 0 is drawn, and at
    /// low latency its packets have been taken.
    fn start(framerate: Framerate, latency: Latency) -> Self {
        Self::start_with(framerate, latency, moving_square(Color::WHITE))
    }

    fn start_with(framerate: Framerate, latency: Latency, scene: Scene) -> Self {
        Self::go_on(framerate, latency, scene, 0)
    }

    /// Likewise, of a show that goes on at frame `first`, at revision 41.
    fn go_on(framerate: Framerate, latency: Latency, scene: Scene, first: i64) -> Self {
        let assets = Arc::new(Assets::default());
        let now_ns = 5_000_000_000;
        let began_ns = now_ns - framerate.frame_time(first).nanos();
        let clock = Arc::new(SteppedClock::at(now_ns));
        let output = Resolution::new(128, 72);
        let mut video = VideoSettings::new(output, framerate, Bitrate::from_bps(300_000));
        (video.latency, video.keyframe_interval_ms) = (latency, 3000);
        let config = EngineConfig {
            stage: StageConfig {
                fonts: sources::Fonts::new([] as [Vec<u8>; 0]),
                assets: Arc::clone(&assets) as Arc<dyn AssetSource>,
                output,
                epoch_unix_ns: 0,
                raster_budget_bytes: 1 << 20,
                quality: sources::Quality::High,
            },
            video,
            auto_preset_cores: None,
            real_time: false,
            audio: AudioSettings {
                sample_rate_hz: 48_000,
                channels: 2,
                bitrate: Bitrate::from_bps(64_000),
            },
            kernels: Kernels::best(),
            asset_observer: Some(Arc::clone(&assets) as Arc<dyn AssetObserver>),
            resume: (first > 0).then_some(Resume {
                epoch_unix_ns: began_ns,
                revision: 41,
                cadence: None,
            }),
        };
        let engine = Engine::start(config, scene, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        let (sender, packets) = mpsc::channel();
        engine
            .handle()
            .subscribe(Arc::new(Taker(Mutex::new(sender))));
        let rig = Self {
            engine,
            clock,
            assets,
            packets,
            framerate,
            began_ns,
        };
        rig.go_to(first);
        rig.wait_for_tick(first);
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
fn a_show_goes_on_where_it_would_be_by_now() {
    let scene = || moving_square(Color::WHITE);
    let (begun, gone_on) = (
        Rig::start_with(fps30(), Latency::Low, scene()),
        Rig::go_on(fps30(), Latency::Low, scene(), 100),
    );
    let list = |rig: &Rig, n: i64| {
        let (sender, stills) = mpsc::channel();
        let taken = rig.handle().still(move |still| sender.send(still).unwrap());
        taken.unwrap();
        rig.go_to(n);
        rig.wait_for_tick(n);
        stills.recv().unwrap()
    };
    for n in 1..=101 {
        begun.go_to(n);
        begun.wait_for_tick(n);
    }
    let picture = |still: &Still| {
        let mut compositor = Compositor::with_kernels(still.resolution, still.kernels);
        compositor.compose_rgba(&still.list).data().to_vec()
    };
    let (expected, still) = (list(&begun, 102), list(&gone_on, 102));
    assert_eq!(still.frame, 102);
    assert!(
        picture(&still) == picture(&expected),
        "it stands where it would stand"
    );
    assert_eq!(gone_on.handle().scene().1, 41);
    assert_eq!(gone_on.handle().show_time(), fps30().frame_time(102));
    let pts = pts(&gone_on.stop_before(103), Track::Video);
    assert_eq!(
        pts.first(),
        Some(&101),
        "that of frame 100 was taken at the start"
    );
}

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

/// Up with the next frame, told to whoever asks, and gone again where the scene is by then.
#[test]
fn a_slate_stands_before_the_scene() {
    let rig = Rig::start(fps30(), Latency::Low);
    let slate = scene::Slate {
        text: None,
        asset: None,
        background: Color::WHITE,
    };
    let (sender, stills) = mpsc::channel();
    let mut revision = rig.handle().scene().1;
    for (n, slate, items) in [(1, None, 1), (2, Some(slate), 0), (3, None, 1)] {
        let (reply, applied) = mpsc::channel();
        rig.handle()
            .apply(Command::Slate(slate.clone()), move |applied| {
                reply.send((applied.frame, applied.revision)).unwrap();
            })
            .unwrap();
        let sender = sender.clone();
        rig.handle()
            .still(move |still| sender.send(still).unwrap())
            .unwrap();
        rig.play(n..=n);
        revision += 1;
        assert_eq!(applied.try_recv(), Ok((n, revision)));
        assert_eq!(rig.handle().scene().1, revision);
        assert_eq!(rig.handle().slate(), slate);
        let still = stills.try_recv().unwrap();
        assert_eq!(still.list.items.len(), items);
        if items == 1 {
            assert!((square_x(&still) - fps30().frame_time(n).as_ms() / 10.0).abs() < 1e-6);
        }
    }
    rig.stop_before(4);
}

/// The last picture again and again, as cheap as a picture in which nothing changes; changes are made meanwhile and show
/// when it goes on, where the clock says. Only a slate is seen at once.
#[test]
fn a_paused_picture_stands_still_while_the_show_goes_on() {
    let rig = Rig::start(fps30(), Latency::Low);
    let moment = |n: i64| {
        let (sender, stills) = mpsc::channel();
        rig.handle()
            .still(move |still| sender.send(still).unwrap())
            .unwrap();
        let packets = rig.play(n..=n);
        let list = stills.try_recv().unwrap().list;
        let is_slate = list.items.is_empty();
        let x = (!is_slate).then(|| match &list.items[0] {
            DrawItem::Picture(picture) => picture.transform.as_coeffs()[4],
            other => panic!("{other:?}"),
        });
        let pictures = packets.iter().filter(|p| p.track == Track::Video);
        (x, pictures.map(|p| p.data.len()).sum::<usize>())
    };
    let stood = |n: i64| Some(fps30().frame_time(n).as_ms() / 10.0);
    let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-6,
        (a, b) => a == b,
    };
    let moving = (1..=10).map(|n| moment(n).1).max().unwrap();
    rig.handle().pause(true);
    assert!(rig.handle().paused());
    let (sender, replies) = mpsc::channel();
    rig.handle()
        .apply(set_scene(Color::BLACK), move |applied| {
            sender.send(applied.frame).unwrap();
        })
        .unwrap();
    for n in 11..=40 {
        let (x, bytes) = moment(n);
        assert!(close(x, stood(10)), "{n}: {x:?}");
        assert!(bytes <= moving, "{n}: {bytes} bytes, moving {moving}");
    }
    assert_eq!(replies.try_iter().collect::<Vec<_>>(), [11]);
    assert_eq!(*rig.handle().scene().0, moving_square(Color::BLACK));
    let slate = |slate| {
        let posted = rig.handle().apply(Command::Slate(slate), |_| {});
        posted.unwrap();
    };
    slate(Some(scene::Slate::default()));
    assert_eq!(moment(41).0, None);
    assert_eq!(moment(42).0, None);
    slate(None);
    for n in 43..=45 {
        assert!(close(moment(n).0, stood(43)), "{n}");
    }
    rig.handle().pause(false);
    for n in 46..=48 {
        assert!(close(moment(n).0, stood(n)), "{n}");
    }
    let stats = rig.stats();
    let made = (stats.frames, stats.lagged_ticks, stats.repeated_frames);
    assert_eq!(made, (49, 0, 0));
    rig.stop_before(49);
}

/// What a paused picture hid is a cut when it shows.
#[test]
fn a_picture_that_goes_on_as_another_is_a_cut() {
    let rig = Rig::start(fps30(), Latency::Low);
    let mut packets = rig.play(1..=9);
    rig.handle().pause(true);
    let mut light = moving_square(Color::BLACK);
    light.canvas.background = Color::WHITE;
    let command = Command::SetScene(Box::new(light));
    rig.handle().apply(command, |_| {}).unwrap();
    packets.extend(rig.play(10..=20));
    rig.handle().pause(false);
    packets.extend(rig.play(21..=30));
    assert_eq!(idrs(&packets), [21]);
    rig.stop_before(31);
}

/// A change may wait for its time, and those behind it wait too, whatever theirs; a still waits for nothing.
#[test]
fn changes_keep_their_order_and_wait_for_their_time() {
    let rig = Rig::start(fps30(), Latency::Low);
    rig.play(1..=4);
    let at = |n: i64, ns: i64| ShowTime::from_nanos(fps30().frame_time(n).nanos() + ns);
    // When a change may show at the earliest, and the frame that shows it.
    let cases = [
        (at(2, 0), 5),
        (at(6, 1), 7),
        (ShowTime::ZERO, 7),
        (at(7, 0), 7),
        // The engine misses frames 8 to 10.
        (at(9, 0), 11),
        (at(3, 0), 11),
    ];
    let (sender, replies) = mpsc::channel();
    for (case, (not_before, _)) in cases.into_iter().enumerate() {
        let sender = sender.clone();
        rig.handle()
            .apply_at(set_scene(Color::BLACK), not_before, move |applied| {
                sender.send((case, applied.frame)).unwrap();
            })
            .unwrap();
    }
    let (sender, stills) = mpsc::channel();
    rig.play(5..=5);
    rig.handle()
        .still(move |still| sender.send(still.frame).unwrap())
        .unwrap();
    rig.play(6..=7);
    rig.play(11..=11);
    let expected: Vec<(usize, i64)> = cases.iter().map(|case| case.1).enumerate().collect();
    assert_eq!(replies.try_iter().collect::<Vec<_>>(), expected);
    assert_eq!(stills.try_iter().collect::<Vec<_>>(), [6]);
    rig.stop_before(12);
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

/// 256 commands wait, wherever; one more is refused and not made. The next frame takes all whose time has come.
#[test]
fn a_full_mailbox_refuses() {
    for held in [0, 200] {
        let rig = Rig::start(fps30(), Latency::Low);
        let done = Arc::new(AtomicUsize::new(0));
        let post = |n| {
            let done = Arc::clone(&done);
            let counted = move |_| {
                done.fetch_add(1, Ordering::SeqCst);
            };
            rig.handle()
                .apply_at(set_scene(Color::WHITE), fps30().frame_time(n), counted)
        };
        assert!((0..256 - held).all(|_| post(0).is_ok()));
        assert!((0..held).all(|_| post(5).is_ok()));
        assert_eq!(
            (post(0), rig.handle().still(|_| {})),
            (Err(Busy), Err(Busy))
        );
        rig.play(1..=1);
        assert_eq!(done.load(Ordering::SeqCst), 256 - held);
        assert!((0..256 - held).all(|_| post(0).is_ok()));
        assert_eq!(post(0), Err(Busy), "{held} are held");
        rig.play(2..=5);
        assert_eq!(done.load(Ordering::SeqCst), 512 - held);
        rig.stop_before(6);
    }
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

/// Takes no packet before it may.
struct Dam(Mutex<Receiver<()>>);

impl PacketSink for Dam {
    fn push(&self, _: &Packet) {
        // A dam whose other end is gone is open.
        let _ = self.0.lock().unwrap().recv();
    }
}

#[test]
fn an_encoder_that_stands_still_is_told_from_an_engine_that_does() {
    let second = 1_000_000_000;
    let rig = Rig::start(fps30(), Latency::Low);
    let handle = rig.handle();
    rig.play(1..=3);
    assert_eq!(
        (handle.engine_silent_ns(), handle.encoder_silent_ns()),
        (0, 0)
    );
    let (open, dam) = mpsc::channel();
    let id = handle.subscribe(Arc::new(Dam(Mutex::new(dam))));
    rig.go_to(4);
    rig.wait_for_tick(4);
    testkit::poll_until(PATIENCE, "the encoder to take a frame", || {
        (handle.stats().frames_waiting == 0).then_some(())
    });
    for n in [34, 64] {
        rig.go_to(n);
        rig.wait_for_tick(n);
    }
    assert_eq!(handle.stats().frames_waiting, 2);
    assert!(handle.encoder_silent_ns() >= 2 * second);
    assert_eq!(handle.engine_silent_ns(), 0);
    handle.unsubscribe(id);
    drop(open);
    rig.packets_to(64);
    assert_eq!(handle.encoder_silent_ns(), 0);
    let clock = Arc::clone(&rig.clock);
    rig.stop_before(65);
    assert_eq!(handle.stats().frames_waiting, 0);
    let behind = handle.engine_silent_ns();
    clock.set(clock.now_ns() + 7 * second);
    assert_eq!(handle.engine_silent_ns(), behind + 7 * second);
    assert_eq!(handle.encoder_silent_ns(), 0, "it got no frames");
    assert_eq!(handle.wall_drift_ns(), 0, "this clock is even");
}

/// Each thing once, from the first frame on, and again when it was looked for again.
#[test]
fn what_becomes_of_assets_is_told() {
    let mut scene = moving_square(Color::WHITE);
    scene.layers[0].source = Some(Source::Svg(scene::Svg {
        asset: "late.svg".into(),
        fit: scene::Fit::Fill,
        params: Vec::new(),
    }));
    let rig = Rig::start_with(fps30(), Latency::Low, scene);
    let told = || rig.assets.told.lock().unwrap().clone();
    rig.play(1..=5);
    assert_eq!(told(), ["late.svg: entity not found"]);
    let mut n = 5;
    let mut look_again = |count: usize| {
        let names = ["late.svg", "nobody.png"].map(str::to_owned);
        rig.handle().retry_assets(names.to_vec());
        testkit::poll_until(PATIENCE, "news", || {
            n += 1;
            rig.play(n..=n);
            (told().len() == count).then_some(())
        });
    };
    look_again(2);
    rig.assets.came.store(true, Ordering::SeqCst);
    look_again(3);
    assert_eq!(
        told()[1..],
        ["late.svg: entity not found", "late.svg is ready"]
    );
    rig.handle().retry_assets(vec!["late.svg".to_owned()]);
    rig.play(n + 1..=n + 5);
    assert_eq!(told().len(), 3);
    rig.stop_before(n + 6);
}

/// A layer that is too large with its effects shows a placeholder, and somebody hears of it, once.
#[test]
fn a_layer_that_cannot_be_painted_is_told() {
    let blur = |n: usize| {
        let id = Id::new(&format!("blur-{n}")).unwrap();
        scene::Effect::new(id, scene::EffectKind::GaussianBlur { sigma_px: 200.0 })
    };
    let mut scene = moving_square(Color::WHITE);
    scene.layers[0].effects = (0..16).map(blur).collect();
    let rig = Rig::start_with(fps30(), Latency::Low, scene);
    let mut n = 0;
    testkit::poll_until(PATIENCE, "news", || {
        n += 1;
        rig.play(n..=n);
        (!rig.assets.told.lock().unwrap().is_empty()).then_some(())
    });
    rig.play(n + 1..=n + 5);
    let told = rig.assets.told.lock().unwrap().clone();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with("layer square: the picture with its effects is"),
        "{told:?}"
    );
    rig.stop_before(n + 6);
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

/// The encode thread follows with its next frame; what the encoder refuses is not what it has.
#[test]
fn the_bitrate_is_changed_on_air() {
    let rig = Rig::start(fps30(), Latency::Low);
    assert_eq!(rig.handle().bitrate().bps(), 300_000);
    for (n, asked, has) in [
        (1, 120_000, 120_000),
        (2, 1, 120_000),
        (3, 900_000, 900_000),
    ] {
        rig.handle().set_bitrate(Bitrate::from_bps(asked));
        rig.play(n..=n);
        assert_eq!(rig.handle().bitrate().bps(), has, "{asked}");
    }
    rig.stop_before(4);
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
            turn: None,
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

/// What a sink is told, in its order.
enum Told {
    Begin(Arc<Headers>),
    Packet(Packet),
}

struct Notes(Mutex<Vec<Told>>);

impl PacketSink for Notes {
    fn push(&self, packet: &Packet) {
        self.0.lock().unwrap().push(Told::Packet(packet.clone()));
    }

    fn begin(&self, headers: &Arc<Headers>) {
        self.0
            .lock()
            .unwrap()
            .push(Told::Begin(Arc::clone(headers)));
    }
}

impl Rig {
    /// Lets it be the time of frame `n`, whatever the rate, and waits until it is drawn.
    fn turn_to(&self, n: i64) {
        let t = self.handle().frame_time(n);
        self.clock.set(self.began_ns + t.nanos());
        self.wait_for_tick(n);
    }

    /// Asks for another picture, which the next frame, `n`, shows.
    fn change(&self, n: i64, change: PictureChange) -> Option<Applied> {
        let handle = self.handle();
        let asked = std::thread::spawn(move || handle.change_picture(change));
        let mailbox = self.handle().mailbox;
        testkit::poll_until(PATIENCE, "the request", || {
            (mailbox.waiting() > 0).then_some(())
        });
        self.turn_to(n);
        asked.join().unwrap().unwrap()
    }
}

#[test]
fn the_picture_changes_on_air() {
    let rig = Rig::start(fps30(), Latency::Low);
    let notes = Arc::new(Notes(Mutex::default()));
    rig.handle()
        .subscribe(Arc::clone(&notes) as Arc<dyn PacketSink>);
    let rate = |num, den| Framerate::new(num, den).unwrap();
    let mut times = vec![rig.handle().frame_time(0)];
    let play = |frames: std::ops::RangeInclusive<i64>, times: &mut Vec<ShowTime>| {
        for n in frames {
            rig.turn_to(n);
            times.push(rig.handle().newest_show_time());
            if rig.handle().picture().latency == Latency::Low {
                testkit::poll_until(PATIENCE, "its packet", || {
                    (rig.stats().packets > u64::try_from(n).unwrap()).then_some(())
                });
            }
        }
    };
    play(1..=9, &mut times);
    let change = PictureChange {
        framerate: Some(rate(60, 1)),
        ..PictureChange::default()
    };
    let applied = rig.change(10, change).unwrap();
    let at = ShowTime::from_nanos(333_333_333);
    assert_eq!(
        (applied.frame, applied.show_time, applied.revision),
        (10, at, 1)
    );
    times.push(at);
    play(11..=39, &mut times);
    let change = PictureChange {
        latency: None,
        framerate: Some(rate(30_000, 1001)),
        resolution: Some(Resolution::new(256, 144)),
        bitrate: Some(Bitrate::from_bps(400_000)),
    };
    let applied = rig.change(40, change).unwrap();
    times.push(applied.show_time);
    play(41..=89, &mut times);
    let change = PictureChange {
        latency: Some(Latency::Normal),
        ..change
    };
    times.push(rig.change(90, change).unwrap().show_time);
    // No more than may wait for the encoder, which is drained first.
    play(91..=99, &mut times);

    let picture = rig.handle().picture();
    assert_eq!(picture.resolution, Resolution::new(256, 144));
    assert_eq!(
        (picture.latency, picture.cadence.from_frame()),
        (Latency::Normal, 40)
    );
    assert_eq!(rig.handle().bitrate(), Bitrate::from_bps(400_000));
    assert_eq!(
        rig.handle().change_picture(change).unwrap(),
        None,
        "as it is"
    );
    let anchor = 333_333_333 + 30 * 1_000_000_000 / 60;
    let expected = (0..100).map(|n| match n {
        0..10 => rate(30, 1).frame_time(n).nanos(),
        10..40 => 333_333_333 + rate(60, 1).frame_time(n - 10).nanos(),
        _ => anchor + rate(30_000, 1001).frame_time(n - 40).nanos(),
    });
    let expected: Vec<i64> = expected.collect();
    assert_eq!(
        times.iter().map(|t| t.nanos()).collect::<Vec<_>>(),
        expected
    );

    let bad = PictureChange {
        resolution: Some(Resolution::new(127, 72)),
        ..PictureChange::default()
    };
    assert!(matches!(
        rig.handle().change_picture(bad),
        Err(Error::Codec(_))
    ));
    assert_eq!(rig.handle().picture(), picture);

    let stats = rig.stats();
    assert_eq!((stats.lagged_ticks, stats.replaced_frames), (0, 0));
    let t = rig.handle().frame_time(100).nanos();
    rig.handle().shared.stopping.store(true, Ordering::SeqCst);
    rig.clock.set(rig.began_ns + t);
    rig.engine.stop();

    let told = notes.0.lock().unwrap();
    let (mut shown, mut sounds, mut size) = (Vec::new(), Vec::new(), None);
    for (i, told_now) in told.iter().enumerate() {
        match told_now {
            Told::Begin(headers) => {
                size = Some((headers.video.resolution, headers.video.framerate));
                let next = told[i..].iter().find_map(|one| match one {
                    Told::Packet(packet) if packet.track == Track::Video => Some(packet),
                    _ => None,
                });
                assert!(next.unwrap().is_keyframe);
            }
            Told::Packet(packet) if packet.track == Track::Video => {
                shown.push(packet.pts_nanos());
            }
            Told::Packet(packet) => sounds.push(packet.pts),
        }
    }
    assert_eq!(size, Some((Resolution::new(256, 144), rate(30_000, 1001))));
    // It began to listen after frame 0.
    assert_eq!(shown, expected[1..]);
    assert!(sounds.windows(2).all(|two| two[1] - two[0] == 1024));
}

#[test]
fn a_paused_picture_stands_still_in_its_new_size() {
    let rig = Rig::start(fps30(), Latency::Low);
    rig.play(1..=30);
    rig.handle().pause(true);
    let still = |n: i64| {
        let (sender, still) = mpsc::channel();
        rig.handle()
            .still(move |one| sender.send(one).unwrap())
            .unwrap();
        rig.turn_to(n);
        still.recv_timeout(PATIENCE).unwrap()
    };
    assert!((square_x(&still(31)) - 100.0).abs() < 0.01);
    let change = PictureChange {
        resolution: Some(Resolution::new(256, 144)),
        ..PictureChange::default()
    };
    rig.change(32, change).unwrap();
    let bigger = still(33);
    assert_eq!(bigger.resolution, Resolution::new(256, 144));
    assert!((square_x(&bigger) - 200.0).abs() < 0.01);
}

#[test]
fn a_show_goes_on_with_the_cadence_it_had() {
    let cadence = Cadence::starting(fps30(), 1000, ShowTime::from_nanos(12_345));
    let wishes = |resume| {
        let output = Resolution::new(128, 72);
        let mut video = VideoSettings::new(output, fps30(), Bitrate::from_bps(300_000));
        video.latency = Latency::Low;
        // B-frames rest meanwhile.
        video.b_frames = 2;
        EngineConfig {
            stage: StageConfig {
                fonts: sources::Fonts::new([] as [Vec<u8>; 0]),
                assets: Arc::new(Assets::default()),
                output,
                epoch_unix_ns: 0,
                raster_budget_bytes: 1 << 20,
                quality: sources::Quality::High,
            },
            video,
            auto_preset_cores: Some(2),
            real_time: false,
            audio: AudioSettings {
                sample_rate_hz: 48_000,
                channels: 2,
                bitrate: Bitrate::from_bps(64_000),
            },
            kernels: Kernels::best(),
            asset_observer: None,
            resume: Some(resume),
        }
    };
    let clock = Arc::new(SteppedClock::at(10_000_000_000));
    let resume = Resume {
        epoch_unix_ns: 0,
        revision: 5,
        cadence: Some(cadence),
    };
    let scene = moving_square(Color::WHITE);
    let engine = Engine::start(wishes(resume), scene, Arc::clone(&clock) as Arc<dyn Clock>);
    let engine = engine.unwrap();
    let handle = engine.handle();
    assert_eq!(handle.picture().cadence, cadence);
    // The first frame that is due at show time 10 s: 300 after the one it counts from, for that was at 12 us.
    clock.set(10_000_012_345);
    testkit::poll_until(PATIENCE, "a frame", || {
        (handle.stats().frame == 1300).then_some(())
    });
    handle.shared.stopping.store(true, Ordering::SeqCst);
    clock.set(11_000_000_000);
    engine.stop();
}

/// Two that wait for each other and for a picture that is read for many frames: whoever asked is told on the frame that
/// shows the picture, and what is then let go begins as a whole on the next one.
#[test]
fn a_group_that_waits_for_a_late_picture_begins_as_a_whole() {
    let rig = Rig::start(fps30(), Latency::Low);
    rig.assets.came.store(true, Ordering::SeqCst);
    *rig.assets.held.lock().unwrap() = true;
    let id = |text| Id::new(text).unwrap();
    let mut scene = moving_square(Color::WHITE);
    scene.layers[0].source = Some(Source::Svg(scene::Svg {
        asset: "late.svg".into(),
        fit: scene::Fit::Fill,
        params: Vec::new(),
    }));
    let group = scene::Group {
        id: id("intro"),
        size: Some(2),
        patience: None,
    };
    scene.animations[0].plan.group = Some(group);
    let mut other = Animation::clone(&scene.animations[0]);
    other.id = id("rise");
    for keyframe in &mut other.keyframes {
        keyframe.values[0].0 = Property::Y;
    }
    scene.animations.push(other.into());
    let set = Command::SetScene(Box::new(scene.clone()));
    rig.handle().apply(set, |_| {}).unwrap();
    rig.play(1..=1);
    let told = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&told);
    let painted = move || tell.store(true, Ordering::SeqCst);
    rig.handle().when_painted(vec![id("square")], painted);
    let (sender, stills) = mpsc::channel();
    let still = |n: i64| {
        let sender = sender.clone();
        rig.handle()
            .still(move |still| sender.send(still).unwrap())
            .unwrap();
        rig.play(n..=n);
        stills.recv_timeout(PATIENCE).unwrap()
    };
    let surface = |still: &Still| match still.list.items.as_slice() {
        [DrawItem::Picture(picture)] => Arc::clone(&picture.surface),
        _ => panic!("{:?}", still.list),
    };
    let placeholder = surface(&still(2));
    for n in 3..=20 {
        assert_eq!(surface(&still(n)), placeholder, "frame {n}");
        assert!(!told.load(Ordering::SeqCst), "frame {n}");
    }
    *rig.assets.held.lock().unwrap() = false;
    rig.assets.released.notify_all();
    let mut n = 20;
    testkit::poll_until(PATIENCE, "the picture", || {
        n += 1;
        let shown = surface(&still(n)) != placeholder;
        assert_eq!(shown, told.load(Ordering::SeqCst), "frame {n}");
        shown.then_some(())
    });
    // Nothing has moved so far.
    assert!(square_x(&still(n + 1)).abs() < 1e-9);
    let ids = scene.complete_group(&|_| true).unwrap();
    let mut after = scene.clone();
    let moment = scene::Moment {
        show: fps30().frame_time(n + 2),
        epoch_unix_ns: 0,
    };
    after.release(&ids, moment);
    let edit = scene::Edit::between(&scene, &after);
    let edit = Command::Edit(Box::new(edit));
    rig.handle().apply(edit, |_| {}).unwrap();
    for (after, frame) in (0..).zip(n + 2..n + 6) {
        let still = still(frame);
        let [DrawItem::Picture(picture)] = still.list.items.as_slice() else {
            panic!("{:?}", still.list)
        };
        let [.., x, y] = picture.transform.as_coeffs();
        // A hundredth of a second is one px.
        let expected = 100.0 * f64::from(after) / 30.0;
        assert!((x - expected).abs() < 1e-3 && (y - expected).abs() < 1e-3);
    }
    rig.stop_before(n + 6);
}
