//! Two processes of one show, with a real Redis and a real ingest: who is on air, and what the server recorded of it.

use crate::studio::{Studio, at_most, numbered_scene};
use media::Resolution;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use testkit::{
    NginxOptions, NginxRtmp, RedisOptions, RedisServer, TempFolder, decode_i420, frame_number,
    poll_until,
};

const SOON: Duration = Duration::from_secs(20);
const SIZE: Resolution = Resolution::new(848, 480);
const PASSWORD: &str = "s3cret-of-redis";

/// What both processes use.
struct Stage {
    redis: RedisServer,
    server: NginxRtmp,
    folder: TempFolder,
    show: PathBuf,
    latency: &'static str,
}

impl Stage {
    fn new(latency: &'static str) -> Self {
        let folder = TempFolder::new("succession");
        let show = numbered_scene(folder.path(), SIZE);
        Self {
            redis: RedisServer::start(&RedisOptions {
                password: Some(PASSWORD.to_owned()),
                ..RedisOptions::default()
            }),
            server: NginxRtmp::start(&NginxOptions::default()),
            folder,
            show,
            latency,
        }
    }

    /// A process with a data folder of its own.
    fn process(&self, name: &str) -> Studio {
        let data = self.folder.path().join(name);
        let assets = self.folder.path().join("assets");
        let text = |path: &Path| path.to_str().expect("temporary paths are text").to_owned();
        Studio::start(&[
            ("SHOW", &text(&self.show)),
            ("STREAM_RESOLUTION", "848x480"),
            ("STREAM_LATENCY", self.latency),
            ("STREAM_URL", &self.server.rtmp_url()),
            ("STREAM_KEY", "succession"),
            ("REDIS_URL", &self.redis.url()),
            ("REDIS_PASSWORD", PASSWORD),
            ("STREAM_ID", "night"),
            ("DATA_DIR", &text(&data)),
            ("ASSET_STORE", &text(&assets)),
        ])
    }

    fn on_air(&self, name: &str) -> Studio {
        let mut studio = self.process(name);
        studio.wait_until_ready();
        studio.wait_for("env", "live", SOON);
        studio
    }

    /// One that follows the process on air.
    fn standby(&self, name: &str) -> Studio {
        let mut studio = self.process(name);
        poll_until(SOON, "the standby to answer", || {
            assert!(!studio.ended(), "{}", studio.log());
            studio
                .try_get("/api/v1/stream")
                .filter(|answer| answer.status == 503)
        });
        studio
    }

    /// Numbers of the first and the last frame of each recording.
    fn recorded(&self) -> Vec<(u32, u32)> {
        let number = |frame: &[u8]| frame_number(frame, SIZE.width, SIZE.height);
        let recordings = self.server.recordings();
        recordings
            .iter()
            .map(|path| {
                let numbers: Vec<u32> = decode_i420(path)
                    .filter_map(|frame| number(frame.planes()[0]))
                    .collect();
                (numbers[0], numbers[numbers.len() - 1])
            })
            .collect()
    }
}

fn note(studio: &Studio, n: u32, query: &str) {
    let layer = json!({
        "id": format!("note-{n}"), "kind": "overlay", "z_index": -5, "transform": { "width_px": 4, "height_px": 4 },
        "source": { "type": "color", "color": "#336699" },
    });
    let answer = studio.post(&format!("/api/v1/layers{query}"), &layer);
    assert_eq!(answer.status, 201, "{}", answer.json());
}

fn scene(studio: &Studio) -> Value {
    studio.get("/api/v1/scene").json()
}

/// How much of the programme is between two recordings, in ms.
fn missing_ms(before: (u32, u32), after: (u32, u32)) -> f64 {
    (f64::from(after.0) - f64::from(before.1) - 1.0) * 1000.0 / 30.0
}

fn dies_and_is_followed(latency: &'static str) {
    let stage = Stage::new(latency);
    let first = stage.on_air("first");
    let second = stage.standby("second");
    let health = second.health();
    assert_eq!(
        (health.status, &health.json()["status"]),
        (200, &json!("ok"))
    );
    assert_eq!(
        second.ready().status,
        503,
        "a standby is live and not ready"
    );
    let refused = second.post("/api/v1/panic", &json!({})).json();
    assert_eq!(refused["code"], "standby");

    assert_eq!(first.ask("PUT", "/api/v1/presets/kept", b"{}").status, 201);
    (0..20).for_each(|n| note(&first, n, ""));
    note(&first, 20, "?durability=sync");
    let before = scene(&first);
    first.wait_for_frame(90);
    drop(first);

    let mut second = second;
    second.wait_until_ready();
    second.wait_for("env", "live", SOON);
    assert_eq!(scene(&second), before);
    assert_eq!(second.get("/api/v1/presets/kept").status, 200);
    note(&second, 21, "");
    second.wait_for_frame(second.frame() + 60);
    assert!(second.stop().success());

    let recorded = stage.recorded();
    let missing = missing_ms(recorded[0], recorded[1]);
    println!("{latency}: killed, {missing:.0} ms of the programme are missing: {recorded:?}");
    let most_ms = at_most(Duration::from_secs(3)).as_secs_f64() * 1000.0;
    assert!(
        missing >= 0.0 && missing <= most_ms,
        "{missing} ms are missing"
    );
    assert!(!second.log().contains(PASSWORD));
}

#[test]
fn a_standby_takes_over_from_the_dead_with_normal_latency() {
    dies_and_is_followed("normal");
}

#[test]
fn a_standby_takes_over_from_the_dead_with_low_latency() {
    dies_and_is_followed("low");
}

fn hands_over(latency: &'static str) {
    let stage = Stage::new(latency);
    let mut first = stage.on_air("first");
    first.signal("USR2");
    poll_until(SOON, "the refusal of a hand-over to nobody", || {
        first.log().contains("no standby is known").then_some(())
    });
    note(&first, 1, "");
    let mut second = stage.standby("second");
    first.wait_for_frame(first.frame() + 60);
    let before = scene(&first);
    // A standby is known with the next beat.
    poll_until(SOON, "the end of the first process", || {
        let over = first.ended();
        if !over {
            first.signal("USR2");
        }
        over.then_some(())
    });
    assert!(first.wait(SOON).success(), "{}", first.log());
    second.wait_until_ready();
    second.wait_for("env", "live", SOON);
    assert_eq!(scene(&second), before);
    second.wait_for_frame(second.frame() + 60);
    assert!(second.stop().success());

    let recorded = stage.recorded();
    let missing = missing_ms(recorded[0], recorded[1]);
    println!("{latency}: handed over, {missing:.0} ms of the programme are missing: {recorded:?}");
    let most_ms = at_most(Duration::from_millis(500)).as_secs_f64() * 1000.0;
    assert!(
        (-200.0..=most_ms).contains(&missing),
        "{missing} ms are missing"
    );
}

#[test]
fn a_hand_over_is_hardly_seen_with_normal_latency() {
    hands_over("normal");
}

#[test]
fn a_hand_over_is_hardly_seen_with_low_latency() {
    hands_over("low");
}

/// Neither a stop nor anything else waits until somebody has answered an offer.
#[test]
fn a_stop_is_obeyed_while_an_offer_waits_for_its_answer() {
    let stage = Stage::new("low");
    let mut first = stage.on_air("first");
    let mut second = stage.standby("second");
    let key = |name: &str| format!("stream-manager:{{night}}:{name}");
    poll_until(SOON, "the standby to be known", || {
        (stage.redis.cli(&["GET", &key("standby")]) == "1").then_some(())
    });
    // It is thought to be there for some seconds more, and answers nothing.
    second.signal("STOP");
    poll_until(SOON, "an offer", || {
        first.signal("USR2");
        (stage.redis.cli(&["HGET", &key("lease"), "offer"]) == "1").then_some(())
    });
    assert!(first.stop().success(), "{}", first.log());
    second.signal("CONT");
    second.wait_until_ready();
}

/// A process that was stopped long enough to be followed has lost the show, and says so.
#[test]
fn who_was_away_for_too_long_ends() {
    let stage = Stage::new("low");
    let mut first = stage.on_air("first");
    let mut second = stage.standby("second");
    first.signal("STOP");
    second.wait_until_ready();
    first.signal("CONT");
    let status = first.wait(SOON);
    assert_eq!(status.code(), Some(69), "{}", first.log());
    assert!(first.log().contains("another process has the show"));
    // nginx keeps the place of a publisher that is silent; now it is free.
    second.wait_for("env", "live", Duration::from_secs(60));
    assert_eq!(second.ready().status, 200);
}

/// The show does not notice what becomes of its Redis: no frame is missing, `/health` says why it is degraded, and all is
/// brought up when it is back.
#[test]
fn whatever_becomes_of_redis_the_show_goes_on() {
    let mut stage = Stage::new("low");
    let mut studio = stage.on_air("first");
    let mut n = 0;
    let mut edit = |studio: &Studio| {
        n += 1;
        note(studio, n, "?durability=sync");
    };
    let well = |studio: &Studio, is_well: bool| {
        let what = if is_well {
            "redis to be well"
        } else {
            "redis to be missed"
        };
        poll_until(SOON, what, || {
            let health = studio.health();
            assert_eq!(health.status, 200, "{}", health.json());
            let redis = health.json()["components"]["redis"].clone();
            ((redis["status"] == "ok") == is_well).then_some(())
        });
    };
    well(&studio, true);
    edit(&studio);

    stage.redis.kill();
    well(&studio, false);
    edit(&studio);
    stage.redis.restart();
    well(&studio, true);

    edit(&studio);
    stage.redis.freeze();
    well(&studio, false);
    edit(&studio);
    stage.redis.thaw();
    well(&studio, true);

    stage.redis.cli(&["FLUSHALL"]);
    edit(&studio);
    stage.redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    edit(&studio);
    well(&studio, false);
    stage.redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    well(&studio, true);

    let frame = studio.frame();
    studio.wait_for_frame(frame + 30);
    let stream = studio.get("/api/v1/stream").json();
    let before = scene(&studio);
    assert!(studio.stop().success());
    let recorded = stage.recorded();
    assert_eq!(recorded.len(), 1, "it was never off the air");
    println!("through it all: {stream}, {recorded:?}");

    // Everything is in Redis: a process with nothing of its own goes on with it.
    let second = stage.on_air("second");
    assert_eq!(scene(&second), before);
}
