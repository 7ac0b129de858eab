//! Frames on time, whatever else the machine and the service are busy with.

use crate::studio::{FULL_HD, Studio, at_most, numbered_scene, soak, sum_of};
use crate::watch::may_be_late;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use testkit::TempFolder;

/// What became of the frames between two looks at the metrics.
#[derive(Debug)]
pub(crate) struct Cadence {
    /// Made, or skipped because the engine was late.
    frames: f64,
    /// Not with the encoder 8 ms after their time; skipped ones are.
    pub(crate) late: f64,
    lagged: f64,
    repeated: f64,
    replaced: f64,
}

impl Cadence {
    /// Whether hardly more frames were skipped than a machine makes us skip that is shared.
    pub(crate) fn hardly_lags(&self) -> bool {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count"
        )]
        let frames = self.frames as usize;
        self.lagged <= may_be_late(frames) as f64
    }

    pub(crate) fn between(before: &str, after: &str) -> Self {
        let grown = |name: &str, label: &str| {
            sum_of(after, &format!("stream_manager_{name}"), label)
                - sum_of(before, &format!("stream_manager_{name}"), label)
        };
        let made = grown("frame_lateness_seconds_count", "");
        let on_time = grown("frame_lateness_seconds_bucket", "le=\"0.008\"");
        let lagged = grown("lagged_ticks_total", "");
        Self {
            frames: made + lagged,
            late: made - on_time + lagged,
            lagged,
            repeated: grown("repeated_frames_total", ""),
            replaced: grown("replaced_frames_total", ""),
        }
    }
}

fn has_real_time(page: &str) -> bool {
    sum_of(page, "stream_manager_realtime_threads", "") > 0.0
}

/// Keeps a core busy at ordinary priority.
struct BusyLoop(Child);

impl BusyLoop {
    fn start() -> Self {
        let child = Command::new("sh")
            .args(["-c", "while :; do :; done"])
            .stdin(Stdio::null())
            .spawn()
            .expect("there is a shell");
        Self(child)
    }
}

impl Drop for BusyLoop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_cadence_holds_beside_two_busy_loops() {
    let seconds = if soak() { 300 } else { 25 };
    let studio = Studio::serve(&[]);
    studio.wait_for_frame(30);
    let _load = [BusyLoop::start(), BusyLoop::start()];
    let (before, frame, began) = (studio.metrics(), studio.frame(), studio.age());
    studio.wait_for_frame(frame + seconds * 30);
    let (after, frames, took) = (
        studio.metrics(),
        studio.frame() - frame,
        studio.age() - began,
    );
    let cadence = Cadence::between(&before, &after);
    let granted = has_real_time(&before) && has_real_time(&after);
    println!("real-time priority: {granted}; {frames} frames in {took:?}; {cadence:?}");
    // A frame's number is its show time.
    let behind = took.as_secs_f64() - frames as f64 / 30.0;
    assert!(
        behind.abs() <= at_most(Duration::from_millis(100)).as_secs_f64(),
        "show time is {behind} s behind the clock"
    );
    if granted {
        // A thousandth is what is asked, and held to in the long run. In the short one, on a virtual machine that shares
        // its processors, one and the same build had 0, 3, 6 and 12 late of 750; without priority it has 500.
        let allowed = cadence.frames / if soak() { 1000.0 } else { 50.0 };
        assert!(cadence.late <= allowed, "{cadence:?}");
    }
}

/// Reads the preview as a viewer does; gives back the bytes it got.
fn watch_preview(address: &str, over: &AtomicBool) -> usize {
    let mut stream = TcpStream::connect(address).expect("the WebSocket port is open");
    let request = format!(
        "GET /preview HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    stream
        .write_all(request.as_bytes())
        .expect("the request is taken");
    let (mut bytes, mut chunk) = (0, [0; 65536]);
    while !over.load(Ordering::Relaxed) {
        match stream.read(&mut chunk) {
            Ok(n) if n > 0 => bytes += n,
            end => panic!("the preview ended: {end:?}"),
        }
    }
    bytes
}

#[test]
fn preview_stills_and_metrics_cost_no_frame() {
    let folder = TempFolder::new("crowd");
    let scene = numbered_scene(folder.path(), FULL_HD);
    let studio = Studio::serve(&[("SHOW", scene.to_str().expect("temporary paths are text"))]);
    studio.wait_for_frame(30);
    let over = AtomicBool::new(false);
    let (stills, pages) = (AtomicU64::new(0), AtomicU64::new(0));
    let address = studio.ws_address();
    let before = studio.metrics();
    let watched: Vec<usize> = std::thread::scope(|threads| {
        let viewers: Vec<_> = (0..3)
            .map(|_| threads.spawn(|| watch_preview(&address, &over)))
            .collect();
        threads.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                assert_eq!(studio.get("/api/v1/frame.png").status, 200);
                stills.fetch_add(1, Ordering::Relaxed);
            }
        });
        threads.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                studio.metrics();
                pages.fetch_add(1, Ordering::Relaxed);
            }
        });
        studio.wait_for_frame(studio.frame() + 450);
        over.store(true, Ordering::Relaxed);
        let bytes = viewers
            .into_iter()
            .map(|viewer| viewer.join().expect("a viewer"));
        bytes.collect()
    });
    let after = studio.metrics();
    let cadence = Cadence::between(&before, &after);
    let granted = has_real_time(&before) && has_real_time(&after);
    println!(
        "real-time priority: {granted}; {stills:?} stills, {pages:?} pages, viewers got {watched:?} bytes; {cadence:?}"
    );
    assert!(stills.into_inner() >= 10 && pages.into_inner() >= 10);
    assert!(watched.iter().all(|&bytes| bytes > 10_000), "{watched:?}");
    if granted {
        let lost = cadence.lagged + cadence.replaced + cadence.repeated;
        assert!(lost <= may_be_late(450) as f64, "{cadence:?}");
    }
}
