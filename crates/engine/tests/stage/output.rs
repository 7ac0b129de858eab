//! Pictures of another size than the canvas.

use crate::build::{Shelf, color, config, group, inside, layer, rgba, scene, scene_of};
use compositor::{Compositor, DrawItem};
use engine::Stage;
use media::{Resolution, ShowTime, Surface};
use scene::{Layer, Scene, Transform};

fn shown(scene: &Scene, output: Resolution) -> Surface {
    let mut stage = Stage::new(config(output, Shelf::with(&[])), scene.clone());
    Compositor::new(output).compose_rgba(stage.tick(ShowTime::ZERO))
}

fn scaled(layer: Layer, factor: f64) -> Layer {
    let t = &layer.transform;
    let transform = Transform {
        x_px: t.x_px * factor,
        y_px: t.y_px * factor,
        width_px: t.width_px.map(|w| w * factor),
        height_px: t.height_px.map(|h| h * factor),
        ..t.clone()
    };
    Layer { transform, ..layer }
}

/// The canvas at two thirds, as 720p is of 1080p, shows what a scene drawn two thirds as large shows.
#[test]
fn a_smaller_picture_is_the_same_scene_made_smaller() {
    let layers = |factor: f64| {
        let mut panel = group("panel", [48.0, 24.0], [72.0, 60.0]);
        panel.clip = Some([0.0; 4]);
        vec![
            scaled(
                layer("sky", [0.0, 0.0], [192.0, 108.0], color(0x2040_60ff)),
                factor,
            ),
            scaled(panel, factor),
            inside(
                "panel",
                scaled(
                    layer("card", [12.0, 12.0], [90.0, 30.0], color(0xff80_00c0)),
                    factor,
                ),
            ),
        ]
    };
    let output = Resolution::new(128, 72);
    let small = shown(&scene_of(192, 108, layers(1.0)), output);
    assert!(small == shown(&scene_of(128, 72, layers(2.0 / 3.0)), output));
}

/// Whatever the size, an output of the canvas's shape has no bars, and pays for none.
#[test]
fn no_bars_where_the_shapes_agree() {
    let scene = scene_of(
        1920,
        1080,
        vec![layer(
            "sky",
            [0.0, 0.0],
            [1920.0, 1080.0],
            color(0x2040_60ff),
        )],
    );
    for k in (8..=120).step_by(2) {
        let output = Resolution::new(16 * k, 9 * k);
        let mut stage = Stage::new(config(output, Shelf::with(&[])), scene.clone());
        let items = &stage.tick(ShowTime::ZERO).items;
        assert!(
            matches!(items.as_slice(), [DrawItem::Picture(_)]),
            "{output}: {items:?}"
        );
    }
}

/// An upright output of a wide canvas: the canvas in the middle, bars of its background above and below, and what
/// stands beside the canvas is not seen in them.
#[test]
fn bars_show_the_background_and_nothing_beside_the_canvas() {
    let scene = scene(vec![
        Layer {
            // White turns what is below into its negative: the background, beside bars too.
            blend_mode: media::BlendMode::Difference,
            ..layer("sky", [0.0, 0.0], [128.0, 72.0], color(0xffff_ffff))
        },
        layer("beside", [10.0, -60.0], [40.0, 200.0], color(0xff00_00ff)),
    ]);
    let output = Resolution::new(144, 256);
    let picture = shown(&scene, output);
    let [r, g, b, a] = rgba(0x1020_40ff).to_rgba8();
    // 144 px wide: the canvas is 81 px high, from 87.5 to 168.5.
    for y in 0..256 {
        for x in [0, 40, 143] {
            let expected = match y {
                0..=86 | 170.. => Some([r, g, b, a]),
                89..=167 if x == 40 => Some([255, 0, 0, 255]),
                89..=167 => Some([255 - r, 255 - g, 255 - b, 255]),
                _ => None,
            };
            if let Some(expected) = expected {
                assert_eq!(picture.pixel(x, y), expected, "{x}, {y}");
            }
        }
    }
}
