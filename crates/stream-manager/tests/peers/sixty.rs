//! 1080p60 into a real ingest.

use crate::studio::{Studio, changed_show, soak};
use crate::watch::may_be_late;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use testkit::{NginxOptions, NginxRtmp, TempFolder, decode_i420, frame_number};

/// In the first second the encoder fills its look-ahead and the caches are cold.
const FIRST_SECOND: usize = 60;

/// What one core may need for a frame that comes every 16.7 ms, with some to spare for everything else.
const MOST_MS: f64 = 12.0;

/// The best preset that this machine carries at 60 frames a second. What is checked is that every frame arrives, and
/// machines differ: the same virtual machine carried `veryfast` one day and not the next.
#[expect(clippy::disallowed_methods, reason = "its speed is what is measured")]
fn preset_that_fits(scene: &Path, latency: &str) -> &'static str {
    let took = |preset: &str, frames: &str| {
        let begun = Instant::now();
        let rendered = Command::new(env!("CARGO_BIN_EXE_stream-manager"))
            .args([
                "render".as_ref(),
                scene.as_os_str(),
                "--fps".as_ref(),
                "60".as_ref(),
            ])
            .args(["--frames", frames, "--format", "flv", "--out", "/dev/null"])
            .env("STREAM_PRESET", preset)
            .env("STREAM_LATENCY", latency)
            .output();
        assert!(rendered.expect("the program runs").status.success());
        begun.elapsed().as_secs_f64() * 1000.0
    };
    for preset in ["veryfast", "superfast"] {
        let frame_ms = (took(preset, "300") - took(preset, "60")) / 240.0;
        println!("{latency}, {preset}: {frame_ms:.1} ms a frame");
        if frame_ms < MOST_MS {
            return preset;
        }
    }
    "ultrafast"
}

fn check_sixty(latency: &str) {
    let seconds = if soak() { 300 } else { 20 };
    let folder = TempFolder::new("sixty");
    let framerate = media::Framerate::new(60, 1).expect("60/1 is a rate");
    let scene = changed_show("auction-bench", folder.path(), |scene| {
        testkit::add_frame_number(scene, framerate);
    });
    let server = NginxRtmp::start(&NginxOptions::default());
    let preset = preset_that_fits(&scene, latency);
    let mut studio = Studio::serve(&[
        ("STREAM_PRESET", preset),
        ("SHOW", scene.to_str().expect("temporary paths are text")),
        ("TARGET_FPS", "60"),
        ("STREAM_LATENCY", latency),
        ("STREAM_URL", &server.rtmp_url()),
        ("STREAM_KEY", "sixty"),
    ]);
    studio.wait_for("env", "live", Duration::from_secs(10));
    let first_second = studio.frame() + FIRST_SECOND as i64;
    studio.wait_for_frame(first_second);
    let before = studio.get("/api/v1/stream").json();
    studio.wait_for_frame(first_second + seconds * 60);
    let after = studio.get("/api/v1/stream").json();
    assert!(studio.stop().success());
    let numbers: Vec<u32> = decode_i420(&server.recordings()[0])
        .skip(FIRST_SECOND)
        .map(|frame| frame_number(frame.planes()[0], 1920, 1080).expect("every frame has a number"))
        .collect();
    let missing = numbers
        .windows(2)
        .filter(|pair| pair[1] != pair[0] + 1)
        .count();
    println!(
        "{latency}: {missing} holes in {} frames; {after}",
        numbers.len()
    );
    assert!(
        numbers.len() as i64 >= seconds * 60 - 120,
        "{} frames",
        numbers.len()
    );
    // One late frame is the one before it shown once more, which breaks the row of numbers twice.
    assert!(
        missing <= 2 * may_be_late(numbers.len()),
        "frames are missing: {numbers:?}"
    );
    let lagged = after["lagged_ticks"]
        .as_i64()
        .zip(before["lagged_ticks"].as_i64());
    let lagged = lagged.map(|(after, before)| after - before);
    assert!(
        lagged <= i64::try_from(may_be_late(numbers.len())).ok(),
        "{before}, {after}"
    );
}

#[test]
fn sixty_frames_a_second_arrive_with_normal_latency() {
    check_sixty("normal");
}

#[test]
fn sixty_frames_a_second_arrive_with_low_latency() {
    check_sixty("low");
}
