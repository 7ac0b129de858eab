//! Latency, rate and size of the picture changed on air, within one session of a real ingest.

use crate::studio::{Studio, changed_show};
use crate::watch::may_be_late;
use serde_json::json;
use std::process::Command;
use std::time::Duration;
use testkit::{NginxOptions, NginxRtmp, TempFolder, frame_number};

/// The part of the picture that has the frame number, in luma alone.
const NUMBERS: [u32; 2] = [832, 288];

/// The numbers that a recording shows, whatever the sizes of its pictures; it must decode without an error.
fn numbers_of(recording: &std::path::Path) -> Vec<i64> {
    let [width, height] = NUMBERS;
    let decoded = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(recording)
        .args(["-map", "0:v:0", "-fps_mode", "passthrough", "-vf"])
        .arg(format!("scale=1920:1080,crop={width}:{height}:0:0"))
        // It would count in thirtieths of a second, the rate that the recording begins with.
        .args(["-enc_time_base", "0.001"])
        .args(["-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"])
        .output()
        .expect("ffmpeg is there (package ffmpeg)");
    let said = String::from_utf8_lossy(&decoded.stderr);
    assert!(decoded.status.success() && said.is_empty(), "{said}");
    decoded
        .stdout
        .chunks_exact((width * height) as usize)
        .map(|luma| frame_number(luma, width, height).expect("every frame has a number"))
        .map(i64::from)
        .collect()
}

#[test]
fn the_picture_changes_within_a_running_session() {
    let folder = TempFolder::new("reshape");
    let sixty = media::Framerate::new(60, 1).expect("60/1 is a rate");
    // The number is show time in sixtieths of a second, whatever the rate.
    let scene = changed_show("auction", folder.path(), |scene| {
        testkit::add_frame_number(scene, sixty);
    });
    let server = NginxRtmp::start(&NginxOptions::default());
    let mut studio = Studio::serve(&[
        ("STREAM_PRESET", "ultrafast"),
        ("MAX_LAYERS", "100"),
        ("SHOW", scene.to_str().expect("temporary paths are text")),
        ("STREAM_URL", &server.rtmp_url()),
        ("STREAM_KEY", "reshape"),
    ]);
    studio.wait_for("env", "live", Duration::from_secs(10));
    let mut frame = studio.frame() + 60;
    studio.wait_for_frame(frame);
    let mut show_time_ms = 0.0;
    for patch in [
        json!({ "resolution": "1280x720" }),
        json!({ "fps": 60 }),
        json!({ "latency": "low", "fps": 30 }),
    ] {
        let body = patch.to_string();
        let answer = studio.ask("PATCH", "/api/v1/stream", body.as_bytes());
        let now = answer.json();
        println!("{patch}: {now}");
        for (name, value) in patch.as_object().expect("an object") {
            let text = |value: &serde_json::Value| value.to_string().replace('"', "");
            assert_eq!(text(&now[name]), text(value), "{now}");
        }
        let at = now["show_time_ms"].as_f64().expect("a number");
        assert!(at > show_time_ms, "{now}");
        show_time_ms = at;
        let newest = now["frame"].as_i64().expect("a number");
        assert!(newest >= frame, "{now}");
        frame = newest + 90;
        studio.wait_for_frame(frame);
    }
    let output = studio.output("env");
    assert_eq!(output["state"], "live", "{output}");
    let stream = studio.get("/api/v1/stream").json();
    println!("{stream}");
    assert!(studio.stop().success());
    assert_eq!(server.recordings().len(), 1, "one session");

    let numbers = numbers_of(&server.recordings()[0]);
    assert!(numbers.len() > 300, "{} frames", numbers.len());
    // Every thirtieth or sixtieth of a second has its frame, but for a handful that came late.
    let steps: Vec<i64> = numbers.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(steps.iter().all(|step| *step >= 0), "{numbers:?}");
    let odd = steps.iter().filter(|step| !(1..=2).contains(*step)).count();
    println!("{odd} odd steps of {}", steps.len());
    assert!(odd <= 12 + may_be_late(steps.len()), "{numbers:?}");
    let sixtieths = steps.iter().filter(|step| **step == 1).count();
    assert!((70..150).contains(&sixtieths), "{sixtieths}: {numbers:?}");
}
