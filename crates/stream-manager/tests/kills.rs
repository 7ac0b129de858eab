//! `kill -9` at any moment of a scripted show: what comes back is the show as it was after one of its commands.
//!
//! Each command also moves the show: a layer glides on from where it is, another comes or goes by a fade, and now and then a
//! timeline begins, so that processes die with all of these under way.
//!
//! The show is a process of its own (this very program, told so by a variable) with the real control plane, engine and
//! journal; its clock is one that never waits. The same folder goes through all the deaths, a hundred of them, a
//! thousand with `SOAK=1`.
#![expect(clippy::unwrap_used, reason = "test code")]

mod bare;

use api::{Access, Api, MemoryPort, Parts, Past};
use axum::body::Body;
use axum::http::Request;
use bare::Nothing;
use codec::{AudioSettings, Latency, VideoSettings};
use engine::{Clock as _, Darkroom, Engine, EngineConfig, ManualClock, StageConfig};
use media::{Bitrate, Framerate, Resolution};
use scene::{Limits, Scene};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use store::{Journal, Settings};
use testkit::TempFolder;
use tower::ServiceExt as _;

/// Where the show of a child process is kept; unset in the test itself.
const FOLDER: &str = "STREAM_MANAGER_TEST_FOLDER";
const SIZE: Resolution = Resolution::new(128, 72);
/// Layers that are moved in turn.
const LAYERS: u64 = 7;
/// Every so many commands one is answered only when it is durable.
const SYNC_EVERY: u64 = 5;
/// Every so many commands a timeline begins.
const TIMELINE_EVERY: u64 = 8;

/// The real journal.
struct Kept(Journal);

impl MemoryPort for Kept {
    fn append(&self, record: Vec<u8>) -> u64 {
        self.0.append(record)
    }

    fn durable(&self, sequence: u64, done: Box<dyn FnOnce(Result<(), String>) + Send>) {
        self.0.durable(sequence, move |durable| {
            done(durable.map_err(|fault| fault.to_string()));
        });
    }

    fn snapshot(&self, sequence: u64, state: Vec<u8>) {
        self.0.snapshot(sequence, state);
    }
}

fn open(folder: &Path) -> (Journal, Option<Past>) {
    let settings = Settings {
        // Many segments, for a death between two of them.
        segment_bytes: 32 << 10,
        ..Settings::default()
    };
    let (journal, found) = Journal::open(folder, settings).unwrap();
    let snapshot = found.snapshot.as_ref().map(|snapshot| &*snapshot.bytes);
    let records = found.records.iter().map(|record| &*record.bytes);
    let past = Past::read(snapshot, records).unwrap();
    let left_out = past.iter().flat_map(Past::left_out);
    assert_eq!(left_out.count(), 0);
    (journal, past)
}

/// How many commands a scene has seen.
fn count(scene: &Scene) -> u64 {
    place(scene, "count")
}

fn place(scene: &Scene, id: &str) -> u64 {
    let layer = scene.layers.iter().find(|layer| layer.id.as_str() == id);
    layer.map_or(0, |layer| {
        let px = layer.transform.x_px.to_string();
        px.parse().expect("they are put at whole pixels")
    })
}

/// Command `n`: one layer is moved, one glides, one comes or goes, and all are counted; now and then a timeline begins.
fn command(n: u64) -> (&'static str, String, Value) {
    let update = |id: String| json!({ "method": "layer.update", "params": { "id": id, "transform": { "x_px": n } } });
    let mut glides = update("glides".to_owned());
    glides["params"]["transition"] = json!({ "duration_ms": 300, "easing": "ease-out" });
    let way = if is_there(n) {
        "layer.show"
    } else {
        "layer.hide"
    };
    let fade = json!({ "type": "fade", "duration_ms": 200 });
    let mut commands = vec![
        update("count".to_owned()),
        update(format!("l{}", n % LAYERS)),
        glides,
        json!({ "method": way, "params": { "id": "fades", "transition": fade } }),
    ];
    if n.is_multiple_of(TIMELINE_EVERY) {
        let up_and_down = |name: &str| {
            json!({ "animation": {
                "target": format!("layers/{name}"), "timing": { "duration_ms": 150 },
                "keyframes": [{ "transform.y_px": 0 }, { "transform.y_px": n }],
            } })
        };
        commands.push(json!({ "method": "timeline.start", "params": {
            "id": format!("t{n}"), "entries": [up_and_down("l0"), up_and_down("l1")],
        } }));
    }
    let commands = json!({ "commands": commands });
    let sync = if n.is_multiple_of(SYNC_EVERY) {
        "?durability=sync"
    } else {
        ""
    };
    ("POST", format!("/api/v1/batch{sync}"), commands)
}

/// Whether every layer is where the last command that moved it put it.
fn check(scene: &Scene) {
    let n = count(scene);
    for layer in 0..LAYERS {
        let last = (0..=n).rev().find(|m| m % LAYERS == layer).unwrap_or(0);
        assert_eq!(
            place(scene, &format!("l{layer}")),
            last,
            "l{layer} after {n}"
        );
    }
}

/// Whether the layer that comes and goes is there after command `n`.
const fn is_there(n: u64) -> bool {
    n % 3 == 1
}

/// Whether what moves is what the last commands made of it.
fn check_motion(scene: &Scene) {
    let n = count(scene);
    let named = |id: &str| scene.layers.iter().find(|layer| layer.id.as_str() == id);
    if n == 0 {
        return;
    }
    assert_eq!(named("fades").unwrap().visible, is_there(n), "after {n}");
    assert_eq!(place(scene, "glides"), n);
    let faults = scene.faults(&Limits::default(), &|_| true);
    assert!(faults.is_empty(), "{faults:?}");
    for timeline in &scene.timelines {
        let begun: u64 = timeline.id.as_str()[1..].parse().unwrap();
        assert!(begun <= n && begun.is_multiple_of(TIMELINE_EVERY));
    }
}

async fn ask(api: &Api, (method, path, body): (&str, String, Value)) {
    let request = Request::builder()
        .method(method)
        .uri(&path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = api::router(api).oneshot(request).await.unwrap();
    let status = answer.status();
    let said = axum::body::to_bytes(answer.into_body(), 64 << 10)
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&said);
    assert!(status.is_success(), "{path}: {status}: {said}");
}

/// The show: it goes on where it was, and says the number of each command before it is sent and when it is answered.
#[test]
fn the_show_of_the_child_process() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(show(Path::new(&folder)));
}

async fn show(folder: &Path) {
    let (journal, past) = open(folder);
    let clock = Arc::new(ManualClock::default());
    let mut video = VideoSettings::new(
        SIZE,
        Framerate::new(30, 1).unwrap(),
        Bitrate::from_bps(100_000),
    );
    video.latency = Latency::Low;
    let stage = StageConfig {
        fonts: sources::Fonts::new(Vec::<Vec<u8>>::new()),
        assets: Arc::new(Nothing),
        output: SIZE,
        epoch_unix_ns: 0,
        raster_budget_bytes: 1 << 20,
        quality: sources::Quality::High,
    };
    let kernels = compositor::Kernels::best();
    let darkroom = Darkroom::new(stage.clone(), kernels);
    let config = EngineConfig {
        stage,
        video,
        audio: AudioSettings {
            sample_rate_hz: 48_000,
            channels: 2,
            bitrate: Bitrate::from_bps(64_000),
        },
        auto_preset_cores: None,
        kernels,
        real_time: false,
        asset_observer: None,
        resume: past.as_ref().map(|past| past.resume(clock.unix_ns())),
    };
    let (fresh, scene) = match &past {
        None => (true, Scene::empty(SIZE.width, SIZE.height)),
        Some(past) => (past.scene().layers.is_empty(), past.scene().clone()),
    };
    let first = count(&scene) + 1;
    let engine = Engine::start(config, scene, clock).unwrap();
    let api = Api::new(Parts {
        handle: engine.handle(),
        darkroom,
        outputs: Arc::new(Nothing),
        assets: Arc::new(Nothing),
        access: Access::open(),
        limits: Limits::default(),
        data_dir: None,
        memory: Some((Arc::new(Kept(journal)), past)),
    })
    .unwrap();
    let runs = api.clone();
    tokio::spawn(async move { runs.run().await });
    if fresh {
        let layer = |id: String| {
            json!({ "method": "layer.create", "params": {
                "id": id, "kind": "overlay", "transform": { "width_px": 4, "height_px": 4 },
                "source": { "type": "color", "color": "#336699" },
            } })
        };
        let names = (0..LAYERS).map(|n| format!("l{n}"));
        let layers: Vec<Value> = names
            .chain(["count", "glides", "fades"].map(str::to_owned))
            .map(layer)
            .collect();
        let batch = json!({ "commands": layers });
        ask(&api, ("POST", "/api/v1/batch".to_owned(), batch)).await;
    }
    let mut out = std::io::stdout();
    for n in first.. {
        writeln!(out, "\nasks {n}").unwrap();
        ask(&api, command(n)).await;
        writeln!(out, "\nanswered {n}").unwrap();
    }
}

#[test]
fn every_death_leaves_the_show_as_it_was_after_one_of_its_commands() {
    let deaths = if std::env::var_os("SOAK").is_some() {
        1000
    } else {
        100
    };
    let folder = TempFolder::new("kills");
    let journal = folder.path().join("journal");
    let (mut random, mut lost_most, mut halves) = (0x2545_F491_4F6C_DD1D_u64, 0, 0);
    let mut before = 0;
    // Deaths with a glide, a transition and a timeline under way.
    let mut moving = [0; 3];
    for death in 0..deaths {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_show_of_the_child_process", "--nocapture"])
            .env(FOLDER, &journal)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        // Anywhere between the first line, before there is a show, and some dozen commands later.
        let lines = usize::try_from(random % 80).unwrap();
        let (mut asked, mut answered) = (before, before);
        let mut read = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut take = |line: String| {
            let number = |word| line.strip_prefix(word)?.trim().parse().ok();
            asked = number("asks ").unwrap_or(asked);
            answered = number("answered ").unwrap_or(answered);
        };
        read.by_ref()
            .take(lines)
            .map_while(Result::ok)
            .for_each(&mut take);
        child.kill().unwrap();
        // What it had said already.
        read.map_while(Result::ok).for_each(&mut take);
        // One that dies of itself was refused a command.
        assert_eq!(child.wait().unwrap().signal(), Some(9));

        let (kept, past) = open(&journal);
        kept.close().unwrap();
        let Some(past) = past else {
            assert_eq!(answered, 0, "a show that answered is kept");
            continue;
        };
        check(past.scene());
        check_motion(past.scene());
        let scene = past.scene();
        moving[0] += u32::from(!scene.animations.is_empty());
        moving[1] += u32::from(!scene.passages.is_empty());
        moving[2] += u32::from(!scene.timelines.is_empty());
        let now = count(past.scene());
        let durable = answered - answered % SYNC_EVERY;
        assert!(
            (durable.max(before)..=asked).contains(&now),
            "death {death}: {now} of {asked} commands are there; {durable} were durable"
        );
        lost_most = lost_most.max(answered.saturating_sub(now));
        halves += u32::from(now > answered);
        before = now;
    }
    println!(
        "{moving:?} of {deaths} deaths in {before} commands: {lost_most} answered commands lost at most, {halves} times one was kept that was not answered yet"
    );
    // Answers that promised nothing come a thousand a second here; those of the last tenth of a second may be lost.
    assert!(lost_most <= 100, "{lost_most} are lost");
    assert!(
        moving.into_iter().all(|deaths| deaths > 0),
        "something was under way: {moving:?}"
    );
    assert!(before > deaths, "the shows did something: {before}");
}
