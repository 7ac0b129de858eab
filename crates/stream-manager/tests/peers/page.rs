//! The page, in a real browser.

use crate::studio::{Studio, numbered_demo};
use serde_json::Value;
use testkit::{Chromium, FRAME_NUMBER_JS, TempFolder};

/// Reads the number of every presented frame until 300 were seen, and the engine's own number beside every tenth.
const WATCH: &str = "(async () => {
  const number = FRAME_NUMBER;
  const video = document.querySelector('video');
  const seen = [], delays = [];
  await new Promise((done, failed) => {
    setTimeout(() => failed(new Error(`only ${seen.length} frames: ${seen.slice(-5)}`)), 50000);
    const look = async () => {
      const shown = number(video);
      seen.push(shown);
      if (seen.length >= 400) return done();
      video.requestVideoFrameCallback(look);
      if (seen.length % 10 === 0) {
        const stream = await (await fetch('/api/v1/stream')).json();
        delays.push((stream.frame % 65536 - shown) * 1000 / 30);
      }
    };
    video.requestVideoFrameCallback(look);
  });
  return { seen, delays };
})()";

fn watch(latency: &str, allowed_ms: f64) {
    let folder = TempFolder::new("page");
    let scene = numbered_demo(folder.path());
    let show = scene.to_str().expect("temporary paths are text");
    let studio = Studio::serve(&[("SHOW", show), ("MAX_LAYERS", "100"), ("STREAM_LATENCY", latency)]);
    let mut browser = Chromium::start();
    browser.open(&studio.url("/"));
    let result = browser.eval(&WATCH.replace("FRAME_NUMBER", FRAME_NUMBER_JS));
    let seen: Vec<Option<u64>> = result["seen"].as_array().expect("a list").iter().map(Value::as_u64).collect();
    let longest = longest_run(&seen);
    assert!(longest >= 300, "{longest} consecutive frames of {seen:?}");
    let mut delays: Vec<f64> = result["delays"].as_array().expect("a list").iter().filter_map(Value::as_f64).collect();
    // While it starts, the page catches up with the edge.
    delays.drain(..10);
    delays.sort_by(f64::total_cmp);
    let p95 = delays[delays.len() * 95 / 100];
    println!("{latency}: {longest} consecutive frames, delay p50 {} ms, p95 {p95} ms", delays[delays.len() / 2]);
    assert!(p95 < allowed_ms, "p95 {p95} ms of {delays:?}");
}

/// Numbers that follow each other without a hole; a frame may be presented more than once.
fn longest_run(seen: &[Option<u64>]) -> usize {
    let (mut longest, mut run) = (1, 1);
    for pair in seen.windows(2) {
        match pair {
            [Some(a), Some(b)] if a == b => {}
            [Some(a), Some(b)] if a + 1 == *b => run += 1,
            _ => run = 1,
        }
        longest = longest.max(run);
    }
    longest
}

#[test]
fn the_page_plays_with_normal_latency() {
    watch("normal", 1000.0);
}

#[test]
fn the_page_plays_with_low_latency() {
    watch("low", 500.0);
}
