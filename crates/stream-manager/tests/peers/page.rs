//! The page, in a real browser.

use crate::studio::{Studio, at_most, numbered_scene};
use media::Resolution;
use serde_json::Value;
use std::time::Duration;
use testkit::{Chromium, FRAME_NUMBER_JS, TempFolder};

/// Reads the number of every presented frame until 300 followed each other without a hole, and the engine's own number
/// beside every tenth. While it starts, the page catches up with the edge and shows fewer.
const WATCH: &str = "(async () => {
  const number = FRAME_NUMBER;
  const video = document.querySelector('video');
  const began = performance.now();
  let run = [], delays = [], presented = 0;
  await new Promise((done, failed) => {
    const look = async () => {
      const shown = number(video);
      presented++;
      const last = run[run.length - 1];
      if (shown !== last) {
        if (shown !== last + 1) [run, delays] = [[], []];
        run.push(shown);
      }
      if (run.length >= 300) return done();
      if (performance.now() - began > 120000) return failed(new Error(`at most ${run.length} frames, up to ${last}`));
      video.requestVideoFrameCallback(look);
      if (presented % 10 === 0) {
        const stream = await (await fetch('/api/v1/stream')).json();
        delays.push((stream.frame % 65536 - shown) * 1000 / 30);
      }
    };
    video.requestVideoFrameCallback(look);
  });
  return { first: run[0], last: run[299], presented, delays };
})()";

fn watch(latency: &str, figure: Duration) {
    let folder = TempFolder::new("page");
    let scene = numbered_scene(folder.path(), Resolution::new(960, 540));
    let show = scene.to_str().expect("temporary paths are text");
    // Small, for the browser draws, and hands out pixels, with the same two cores: at 1080p it shows every fifth frame.
    let studio = Studio::serve(&[
        ("SHOW", show),
        ("STREAM_RESOLUTION", "960x540"),
        ("STREAM_LATENCY", latency),
    ]);
    let mut browser = Chromium::start();
    browser.open(&studio.url("/"));
    let result = browser.eval(&WATCH.replace("FRAME_NUMBER", FRAME_NUMBER_JS));
    let number = |name: &str| result[name].as_u64().expect("a frame number");
    assert_eq!(number("last"), number("first") + 299, "{result}");
    let mut delays: Vec<f64> = result["delays"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    delays.sort_by(f64::total_cmp);
    let p95 = delays[delays.len() * 95 / 100];
    println!(
        "{latency}: 300 consecutive frames from {}, delay p50 {} ms, p95 {p95} ms",
        number("first"),
        delays[delays.len() / 2]
    );
    let most_ms = at_most(figure).as_secs_f64() * 1000.0;
    assert!(p95 < most_ms, "p95 {p95} ms of {delays:?}");
}

#[test]
fn the_page_plays_with_normal_latency() {
    watch("normal", Duration::from_secs(1));
}

#[test]
fn the_page_plays_with_low_latency() {
    watch("low", Duration::from_millis(500));
}

/// Guides come with a key, lie where a still has them, stay with the page, and are in no picture of the studio.
#[test]
fn the_page_draws_guides_over_the_preview() {
    const SHOWN: &str = "(async () => {
      const shown = () => !document.getElementById('guides').hasAttribute('hidden');
      for (let i = 0; i < 600 && !shown(); i++) await new Promise((done) => setTimeout(done, 100));
      const box = document.querySelector('#guides .title')?.getBoundingClientRect();
      const stage = document.getElementById('stage').getBoundingClientRect();
      return { on: document.getElementById('guide').getAttribute('aria-pressed'), shown: shown(),
               width: box.width / stage.width, height: box.height / stage.height };
    })()";
    let folder = TempFolder::new("guides");
    let scene = numbered_scene(folder.path(), Resolution::new(960, 540));
    let show = scene.to_str().expect("temporary paths are text");
    let studio = Studio::serve(&[("SHOW", show), ("STREAM_RESOLUTION", "960x540")]);
    let mut browser = Chromium::start();
    browser.open(&studio.url("/"));
    let begun = browser.eval("document.getElementById('guides').hasAttribute('hidden')");
    assert_eq!(begun, true);
    browser.eval("(document.dispatchEvent(new KeyboardEvent('keydown', { key: 'g' })), 1)");
    let pressed = browser.eval(SHOWN);
    browser.open(&studio.url("/"));
    for result in [pressed, browser.eval(SHOWN)] {
        assert_eq!(result["on"], "true", "{result}");
        assert_eq!(result["shown"], true, "{result}");
        for side in ["width", "height"] {
            let part = result[side].as_f64().expect("a part of the stage");
            // Of the stage with its border.
            assert!((part - 0.9).abs() < 0.01, "{result}");
        }
    }
    browser.eval("(document.getElementById('guide').click(), 1)");
    let left = browser.eval("document.getElementById('guides').hasAttribute('hidden')");
    assert_eq!(left, true);
}
