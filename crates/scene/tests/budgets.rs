//! What moves costs what it may, and what has come to rest costs nothing.
//!
//! Limits are those of the development build that tests run, three times what a release may take
//! (`cargo bench -p scene` has those), and the least of many calls is measured, so that a busy machine says nothing.

mod crowd;

use scene::{Resolver, Scene};
use std::hint::black_box;

/// The least CPU time that a frame of the scene takes, ms.
fn frame_ms(scene: &Scene) -> f64 {
    let mut resolver = Resolver::new(scene);
    let mut items = Vec::new();
    testkit::least_cpu_ms(200, |n| {
        resolver.resolve(crowd::frame(n), &mut crowd::OneSize, &mut items);
        black_box(&items);
    })
}

#[test]
fn frames_are_worked_out_in_time() {
    let [still, moving, thousand, over] = [
        crowd::still(),
        crowd::moving(),
        crowd::thousand(),
        crowd::over(),
    ]
    .map(|scene| frame_ms(&scene));
    let figures = format!("still {still}, moving {moving}, thousand {thousand}, over {over} ms");
    assert!(moving <= 0.6, "{figures}");
    assert!(thousand <= 1.5, "{figures}");
    // A comparison of two times for each property that once moved.
    assert!(over <= still + 0.05 * thousand, "{figures}");
}
