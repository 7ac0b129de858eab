//! 1080p60 into a real ingest.

use crate::studio::{Studio, changed_show, soak};
use crate::watch::may_be_late;
use std::time::Duration;
use testkit::{NginxOptions, NginxRtmp, TempFolder, decode_i420, frame_number};

/// In the first second the encoder fills its look-ahead and the caches are cold.
const FIRST_SECOND: usize = 60;

fn check_sixty(latency: &str) {
    let seconds = if soak() { 300 } else { 20 };
    let folder = TempFolder::new("sixty");
    let framerate = media::Framerate::new(60, 1).expect("60/1 is a rate");
    let scene = changed_show("auction-bench", folder.path(), |scene| {
        testkit::add_frame_number(scene, framerate);
    });
    let server = NginxRtmp::start(&NginxOptions::default());
    let mut studio = Studio::serve(&[
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
