//! From a request to the packet that shows it.

use crate::studio::{Studio, at_most, changed_show};
use serde_json::{Value, json};
use std::io::{BufReader, Read, Result};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use testkit::{NginxOptions, NginxRtmp, TempFolder, decode_i420, poll_until};

const CHANGES: usize = 60;
/// The square that changes, canvas px: on the grid of macroblocks, over everything else.
const SQUARE: (usize, usize, usize) = (1760, 64, 96);

fn with_square(scene: &mut Value, white: bool) {
    let layers = scene["layers"].as_array_mut().expect("a scene has layers");
    layers.retain(|layer| layer["id"] != "square");
    let color = if white { "#ffffff" } else { "#000000" };
    layers.push(json!({
        "id": "square", "kind": "overlay", "z_index": 1000,
        "transform": { "x_px": SQUARE.0, "y_px": SQUARE.1, "width_px": SQUARE.2, "height_px": SQUARE.2 },
        "source": { "type": "color", "color": color },
    }));
}

/// Reads along while the ingest writes a recording, which it does packet by packet as they come in.
struct Arrivals {
    tail: Child,
    reader: JoinHandle<Vec<Instant>>,
}

impl Arrivals {
    fn of(recording: &Path) -> Self {
        let mut tail = Command::new("tail")
            .args(["-c", "+1", "-f"])
            .arg(recording)
            .stdout(Stdio::piped())
            .spawn()
            .expect("every system has tail");
        let bytes = tail.stdout.take().expect("standard output is piped");
        let reader = std::thread::spawn(move || {
            let mut arrivals = Vec::new();
            // It ends, with an error, when the reading does.
            let _ = read_frames(BufReader::new(bytes), &mut arrivals);
            arrivals
        });
        Self { tail, reader }
    }

    /// When each video frame was complete, in order.
    fn end(mut self) -> Vec<Instant> {
        self.tail.kill().expect("tail runs until it is ended");
        let _ = self.tail.wait();
        self.reader.join().expect("the reader does not panic")
    }
}

#[expect(clippy::disallowed_methods, reason = "arrivals are what is measured")]
fn read_frames(mut flv: BufReader<ChildStdout>, arrivals: &mut Vec<Instant>) -> Result<()> {
    const FLV_HEADER: usize = 9 + 4;
    flv.read_exact(&mut [0; FLV_HEADER])?;
    loop {
        let mut head = [0; 11];
        flv.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        let mut body = vec![0; length as usize + 4];
        flv.read_exact(&mut body)?;
        // Video, and of that frames: no headers.
        if head[0] == 9 && body[1] == 1 {
            arrivals.push(Instant::now());
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "moments of requests are what is measured"
)]
fn a_change_is_soon_on_its_way() {
    let folder = TempFolder::new("latency");
    let mut document = Value::Null;
    let scene = changed_show("auction-bench", folder.path(), |scene| {
        with_square(scene, false);
        document = scene.clone();
    });
    let server = NginxRtmp::start(&NginxOptions::default());
    let mut studio = Studio::serve(&[
        ("SHOW", scene.to_str().expect("temporary paths are text")),
        ("STREAM_LATENCY", "low"),
        ("STREAM_URL", &server.rtmp_url()),
        ("STREAM_KEY", "latency"),
    ]);
    studio.wait_for("env", "live", Duration::from_secs(10));
    let recording = poll_until(Duration::from_secs(10), "a recording", || {
        server.recordings().first().cloned()
    });
    let arrivals = Arrivals::of(&recording);
    studio.wait_for_frame(studio.frame() + 45);
    let mut asked = Vec::new();
    for change in 0..CHANGES {
        with_square(&mut document, change % 2 == 0);
        let body = document.to_string();
        asked.push(Instant::now());
        let answer = studio.ask("PUT", "/api/v1/scene", body.as_bytes());
        assert_eq!(answer.status, 200);
        studio.wait_for_frame(studio.frame() + 6);
        // None to three more looks, 10 ms apart, spread the requests over all phases of a frame.
        let mut looks = change % 4;
        poll_until(Duration::from_secs(1), "another phase", || {
            let left = looks.checked_sub(1);
            looks = left.unwrap_or_default();
            left.is_none().then_some(())
        });
    }
    studio.wait_for_frame(studio.frame() + 30);
    let arrivals = arrivals.end();
    assert!(studio.stop().success());

    let (x, y, side) = SQUARE;
    let white = decode_i420(&recording)
        .map(|frame| frame.planes()[0][(y + side / 2) * 1920 + x + side / 2] > 125);
    let white: Vec<bool> = white.collect();
    let changed: Vec<usize> = (1..white.len())
        .filter(|&k| white[k] != white[k - 1])
        .collect();
    assert_eq!(
        changed.len(),
        CHANGES,
        "every change is seen once: {changed:?} of {}",
        white.len()
    );
    let shown: Vec<Instant> = changed.iter().map(|&k| arrivals[k]).collect();
    let mut delays: Vec<Duration> = asked
        .iter()
        .zip(&shown)
        .map(|(asked, shown)| *shown - *asked)
        .collect();
    delays.sort();
    let (p50, p99) = (delays[CHANGES / 2], delays[CHANGES * 99 / 100]);
    println!(
        "from the request to the packet at the server: p50 {p50:?}, p99 {p99:?}, all {delays:?}"
    );
    assert!(
        p50 <= at_most(Duration::from_millis(50)),
        "p50 {p50:?} of {delays:?}"
    );
    assert!(
        p99 <= at_most(Duration::from_millis(150)),
        "p99 {p99:?} of {delays:?}"
    );
}
