//! More pictures than memory is meant to hold.

use crate::studio::{Studio, soak};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use testkit::{TempFolder, poll_until};

const COUNT: usize = 50;
/// With all of the process; the pictures alone would be 396.
const MOST_MIB: f64 = 381.0;

/// Photographs of 1080p, no two alike: gradients that turn, with noise that no packing makes small.
fn take_photos(folder: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .arg("gradients=s=1920x1080:n=8:speed=0.3:seed=7:r=5")
        .args([
            "-vf",
            "noise=alls=24:allf=t+u",
            "-frames:v",
            &COUNT.to_string(),
        ])
        .args(["-q:v", "4"])
        .arg(folder.join("photo-%02d.jpg"))
        .status()
        .expect("ffmpeg is installed");
    assert!(status.success());
}

/// Fifty layers, each with a photograph in the box that `place` gives it.
fn write_scene(path: &Path, opacity: f64, place: impl Fn(usize) -> [usize; 4]) {
    let layer = |n: usize| {
        let [x_px, y_px, width_px, height_px] = place(n);
        json!({
            "id": format!("photo-{n}"), "kind": "overlay", "z_index": n, "opacity": opacity,
            "transform": { "x_px": x_px, "y_px": y_px, "width_px": width_px, "height_px": height_px },
            "source": { "type": "image", "asset": format!("photo-{:02}.jpg", n + 1), "fit": "cover" },
        })
    };
    let scene = json!({
        "schema": 1, "canvas": { "width_px": 1920, "height_px": 1080, "background": "#000000" },
        "layers": (0..COUNT).map(layer).collect::<Vec<_>>(),
    });
    fs::write(path, scene.to_string()).expect("the folder is ours");
}

#[test]
fn fifty_pictures_of_1080p_fit() {
    let folder = TempFolder::new("pictures");
    take_photos(folder.path());
    let path = folder.path().join("scene.json");
    let grid = |n: usize| [n % 8 * 240, n / 8 * 135, 240, 135];
    for (name, opacity) in [("stacked", 1.0), ("nearly opaque", 0.9), ("in a grid", 1.0)] {
        write_scene(&path, opacity, |n| {
            if name == "in a grid" {
                grid(n)
            } else {
                [0, 0, 1920, 1080]
            }
        });
        let mut studio = Studio::start(&[
            ("SHOW", path.to_str().expect("temporary paths are text")),
            ("MAX_LAYERS", "100"),
        ]);
        // A development build takes its time with the first pictures.
        poll_until(Duration::from_secs(60), "the first frame", || {
            studio.is_ready().then_some(())
        });
        let begun = studio.frame();
        let mut most_mib = 0.0_f64;
        let seconds = if soak() { 120 } else { 10 };
        poll_until(Duration::from_secs(300), "the show to go on", || {
            most_mib = most_mib.max(studio.rss_mib());
            (studio.frame() >= begun + 30 * seconds).then_some(())
        });
        let away = studio.metric("stream_manager_layers_put_away");
        println!("{name}: RSS {most_mib:.0} MiB at most, {away} pictures put away");
        let limit_mib = if soak() { MOST_MIB } else { MOST_MIB + 40.0 };
        assert!(most_mib <= limit_mib, "{name}: RSS {most_mib} MiB");
        assert_eq!(away > 30.0, name != "in a grid", "{name}: {away}");
        assert!(studio.metric("stream_manager_pixels_over_budget_bytes") < 1.0);
        assert!(studio.stop().success(), "{}", studio.log());
    }
}
