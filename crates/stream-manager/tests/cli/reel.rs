//! The motion reel (`shows/motion-reel`) is a scene without faults that can be drawn.

use crate::program::run;
use std::fs;
use std::path::Path;
use testkit::TempFolder;

const WIDTH: usize = 320;
const HEIGHT: usize = 180;

/// Two seconds from the middle of its transitions: a zoom, a wipe, and what leaves with each.
#[test]
fn the_motion_reel_has_no_faults_and_moves() {
    let scene = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shows/motion-reel/scene.json");
    let scene = scene.to_str().expect("the repository's path is text");
    let env = [("MAX_LAYERS", "400")];
    run(&["check", scene], &env).ended(0, &["is valid"]);

    let folder = TempFolder::new("reel");
    let path = folder.path().join("reel.y4m");
    let out = path.to_str().expect("temporary paths are text");
    let size = format!("{WIDTH}x{HEIGHT}");
    run(
        &[
            "render",
            scene,
            "--out",
            out,
            "--start-ms",
            "63000",
            "--duration-ms",
            "2000",
            "--fps",
            "30",
            "--size",
            &size,
        ],
        &env,
    )
    .succeeded_quietly();
    let bytes = fs::read(&path).expect("it was written");
    let header = bytes.iter().position(|b| *b == b'\n').expect("a header") + 1;
    let frames: Vec<&[u8]> = bytes[header..]
        .chunks("FRAME\n".len() + WIDTH * HEIGHT * 3 / 2)
        .collect();
    assert_eq!(frames.len(), 60);
    assert!(
        frames.windows(2).all(|two| two[0] != two[1]),
        "no two frames in a row are the same: the ground drifts all the time"
    );
}
