//! Color profiles, on screen.

use crate::build::{Shelf, image, layer, ms, picture, scene_of, stage_with};
use scene::Fit;

/// A picture made for P3 and its twin in sRGB, side by side: a ramp with a red, a green and a sand-colored patch, the same
/// on both sides.
#[test]
fn color_profiles() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../sources/testdata/profiles");
    let read = |name: &str| {
        std::fs::read(format!("{folder}/{name}")).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let layers = [("wide", "p3.png"), ("twin", "p3.png.srgb.png")]
        .into_iter()
        .enumerate()
        .map(|(i, (id, name))| {
            let at = [8.0 + 104.0 * i as f64, 8.0];
            layer(id, at, [96.0, 64.0], image(name, Fit::Fill))
        });
    let scene = scene_of(216, 80, layers.collect());
    let shelf = Shelf::with(&[
        ("p3.png", &read("p3.png")),
        ("p3.png.srgb.png", &read("p3.png.srgb.png")),
    ]);
    let mut stage = stage_with(&scene, shelf);
    testkit::golden!("color_profiles", &picture(&mut stage, ms(0.0)), 0);
}
