//! What `render` writes: how many frames, which, at which times.

use crate::program::{Show, lively, run, scene};
use media::Framerate;
use serde_json::{Value, json};
use testkit::ffprobe;

/// Video and audio streams as ffprobe sees them, packets counted, and the length in seconds.
fn probe(show: &Show, name: &str) -> (Value, Value, f64) {
    let probe = ffprobe(
        &show.folder().join(name),
        &["-show_streams", "-show_format", "-count_packets"],
    );
    let stream = |kind: &str| {
        let streams = probe["streams"].as_array().expect("streams");
        streams
            .iter()
            .find(|s| s["codec_type"] == kind)
            .cloned()
            .unwrap_or(Value::Null)
    };
    let seconds = probe["format"]["duration"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0.0);
    (stream("video"), stream("audio"), seconds)
}

#[test]
fn containers_hold_every_frame_and_its_sound() {
    let show = lively();
    for (name, env) in [
        ("a.flv", &[] as &[(&str, &str)]),
        ("a.mp4", &[]),
        ("a.mkv", &[]),
        ("b.mp4", &[("STREAM_BFRAMES", "2")]),
        ("b.flv", &[("STREAM_BFRAMES", "2")]),
        ("l.mkv", &[("STREAM_LATENCY", "low")]),
    ] {
        show.render(name, &["--duration-ms", "1500"], env)
            .succeeded_quietly();
        let (video, audio, seconds) = probe(&show, name);
        assert_eq!(
            (&video["nb_read_packets"], &video["codec_name"]),
            (&json!("45"), &json!("h264")),
            "{name}"
        );
        assert_eq!(
            (&video["width"], &video["height"], &video["pix_fmt"]),
            (&json!(320), &json!(180), &json!("yuv420p")),
            "{name}"
        );
        assert_eq!(
            (&video["color_space"], &video["color_range"]),
            (&json!("bt709"), &json!("tv")),
            "{name}"
        );
        assert_eq!(
            (&audio["codec_name"], &audio["sample_rate"]),
            (&json!("aac"), &json!("48000")),
            "{name}"
        );
        assert!((1.45..1.60).contains(&seconds), "{name}: {seconds} s");
        assert_eq!(
            testkit::decode_i420(&show.folder().join(name)).count(),
            45,
            "{name}"
        );
    }
    show.render("a.h264", &["--frames", "45"], &[])
        .succeeded_quietly();
    assert_eq!(
        testkit::decode_i420(&show.folder().join("a.h264")).count(),
        45
    );
}

#[test]
fn the_environment_sets_the_encoder() {
    let show = lively();
    let env = [
        ("TARGET_FPS", "25"),
        ("STREAM_KEYFRAME_INTERVAL_MS", "400"),
        ("STREAM_AUDIO_SAMPLE_RATE", "44100"),
        ("STREAM_RESOLUTION", "1280x720"),
    ];
    show.render("a.mp4", &["--duration-ms", "1000"], &env)
        .succeeded_quietly();
    let (video, audio, _) = probe(&show, "a.mp4");
    // The size is the canvas's: `STREAM_RESOLUTION` is that of the live picture.
    assert_eq!(
        (
            &video["width"],
            &video["r_frame_rate"],
            &video["nb_read_packets"]
        ),
        (&json!(320), &json!("25/1"), &json!("25"))
    );
    assert_eq!(audio["sample_rate"], json!("44100"));
    let packets = ffprobe(
        &show.folder().join("a.mp4"),
        &["-show_packets", "-select_streams", "v"],
    );
    let keys: Vec<usize> = packets["packets"]
        .as_array()
        .expect("packets")
        .iter()
        .enumerate()
        .filter(|(_, packet)| {
            packet["flags"]
                .as_str()
                .is_some_and(|flags| flags.starts_with('K'))
        })
        .map(|(n, _)| n)
        .collect();
    assert_eq!(keys, [0, 10, 20]);
}

/// `YUV4MPEG2 ...` and the number of frames in a file of 4:2:0 frames.
fn y4m(bytes: &[u8], width: usize, height: usize) -> (String, usize) {
    let end = bytes.iter().position(|b| *b == b'\n').expect("a header");
    let frame = "FRAME\n".len() + width * height * 3 / 2;
    let rest = &bytes[end + 1..];
    assert_eq!(rest.len() % frame, 0, "whole frames");
    assert!(
        rest.chunks(frame)
            .all(|frame| frame.starts_with(b"FRAME\n"))
    );
    (
        String::from_utf8_lossy(&bytes[..end]).into_owned(),
        rest.len() / frame,
    )
}

#[test]
fn y4m_has_the_size_the_rate_and_the_length_that_were_asked_for() {
    let show = lively();
    for (arguments, size, rate, frames) in [
        (&["--frames", "3"] as &[&str], (320, 180), "F30:1", 3),
        (
            &["--frames", "3", "--size", "160x90"],
            (160, 90),
            "F30:1",
            3,
        ),
        (
            &["--duration-ms", "1001", "--fps", "30000/1001"],
            (320, 180),
            "F30000:1001",
            30,
        ),
        (
            &["--duration-ms", "100", "--fps", "60"],
            (320, 180),
            "F60:1",
            6,
        ),
        // A frame whose time has come belongs to it: 0, 33.3, 66.7 and 100 ms.
        (&["--duration-ms", "101"], (320, 180), "F30:1", 4),
    ] {
        show.render("a.y4m", arguments, &[]).succeeded_quietly();
        let (head, count) = y4m(&show.read("a.y4m"), size.0, size.1);
        assert!(
            head.contains(&format!("W{} H{} {rate} ", size.0, size.1)),
            "{arguments:?}: {head}"
        );
        assert_eq!(count, frames, "{arguments:?}");
    }
}

/// Frames of the numbered scene carry the number of the frame they show.
#[test]
fn frames_show_their_times() {
    let ntsc = Framerate::new(30_000, 1001).expect("a rate");
    let numbers = |scene: &str, arguments: &[&str]| -> Vec<Option<u32>> {
        let show = Show::of_bytes(scene.as_bytes());
        show.render("a.y4m", arguments, &[]).succeeded_quietly();
        let bytes = show.read("a.y4m");
        let (width, height) = (832, 288);
        let begin = bytes.iter().position(|b| *b == b'\n').expect("a header") + 1;
        let frames = bytes[begin..].chunks("FRAME\n".len() + width * height * 3 / 2);
        frames
            .map(|frame| testkit::frame_number(&frame["FRAME\n".len()..], 832, 288))
            .collect()
    };
    let at_30 = testkit::frame_number_scene(832, 288, Framerate::new(30, 1).expect("a rate"));
    let expected = |frames: std::ops::Range<u32>| frames.map(Some).collect::<Vec<_>>();
    assert_eq!(numbers(&at_30, &["--frames", "40"]), expected(0..40));
    // Just before and at frame 100, whose time has a fraction.
    assert_eq!(
        numbers(&at_30, &["--frames", "2", "--start-ms", "3333.4"]),
        expected(100..102)
    );
    assert_eq!(
        numbers(&at_30, &["--frames", "2", "--start-ms", "16777215"]),
        expected(503_316 % 65_536..503_318 % 65_536)
    );
    let at_ntsc = testkit::frame_number_scene(832, 288, ntsc);
    assert_eq!(
        numbers(&at_ntsc, &["--frames", "40", "--fps", "30000/1001"]),
        expected(0..40)
    );
}

/// A sequence is numbered as its pattern says, and each of its pictures is the one that is drawn for its time alone.
#[test]
fn a_frame_of_a_sequence_is_the_frame_of_its_time() {
    let show = lively();
    show.render(
        "f-%03d.png",
        &["--frames", "10", "--start-ms", "100.5"],
        &[],
    )
    .succeeded_quietly();
    let mut names: Vec<String> = std::fs::read_dir(show.folder())
        .expect("the folder is ours")
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.starts_with("f-"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        (0..10).map(|k| format!("f-{k:03}.png")).collect::<Vec<_>>()
    );
    for (k, start_ms) in [(0, "100.5"), (3, "200.5"), (6, "300.5"), (9, "400.5")] {
        show.render("single.png", &["--start-ms", start_ms], &[])
            .succeeded_quietly();
        assert!(
            show.read("single.png") == show.read(&format!("f-{k:03}.png")),
            "frame {k}"
        );
    }
    let all: Vec<Vec<u8>> = names.iter().map(|name| show.read(name)).collect();
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "it moves");
}

/// `--epoch` is the wall clock at show time 0, and decides alone what a countdown to a wall time shows.
#[test]
fn the_epoch_decides_what_a_wall_clock_shows() {
    let countdown = |to: Value| {
        let source = json!({ "type": "countdown", "to": to, "format": "hh:mm:ss", "font": "DejaVu Sans", "size_px": 40 });
        Show::new(&scene(
            &json!([{ "id": "left", "kind": "overlay", "source": source }]),
        ))
    };
    let shown = |show: &Show, arguments: &[&str]| {
        show.render("out.png", arguments, &[]).succeeded_quietly();
        show.read("out.png")
    };
    let wall = countdown(json!({ "at": "2030-01-01T00:00:00Z" }));
    let (ten_seconds, over) = (
        countdown(json!({ "at_ms": 10_000 })),
        countdown(json!({ "at_ms": 0 })),
    );
    let ten = shown(&ten_seconds, &[]);
    assert!(shown(&wall, &["--epoch", "2029-12-31T23:59:50Z"]) == ten);
    assert!(shown(&wall, &["--epoch", "2030-01-01T01:59:50+02:00"]) == ten);
    assert!(
        shown(
            &wall,
            &["--epoch", "2029-12-31T23:59:40Z", "--start-ms", "10000"]
        ) == ten
    );
    assert!(shown(&wall, &["--epoch", "2031-01-01T00:00:00Z"]) == shown(&over, &[]));
    // Without one it is the year 2000.
    assert!(shown(&wall, &[]) == shown(&wall, &["--epoch", "2000-01-01T00:00:00Z"]));
    assert!(shown(&wall, &[]) != ten);
}

#[test]
fn what_is_built_in_renders() {
    let show = lively();
    for (scene, size) in [("demo", (1920, 1080)), ("none", (1920, 1080))] {
        let out = show.path("a.png");
        run(&["render", scene, "--out", &out, "--start-ms", "2000"], &[]).succeeded_quietly();
        let picture = testkit::read_png(&show.folder().join("a.png")).expect("a PNG");
        assert_eq!((picture.width(), picture.height()), size, "{scene}");
    }
}
