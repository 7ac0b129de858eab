//! Crops, flips, corners of their own, and layers that go with others.

use crate::build::{
    Shelf, animation, color, golden_with_text, group, id, image, inside, layer, ms, picture, png,
    rect, rgba, scene, scene_of, stage, stage_with, text,
};
use animation::Value;
use compositor::Compositor;
use media::Resolution;
use scene::{
    Corner, CornerPin, Crop, Effect, EffectKind, Fit, Gradient, Layer, Paint, Property, Source,
    Transform,
};

/// All is integer arithmetic or exactly rounded: the same picture everywhere.
const EXACT: u8 = 0;

pub(crate) fn pinned(by: CornerPin, layer: Layer) -> Layer {
    Layer {
        transform: Transform {
            corner_pin: Some(by),
            ..layer.transform
        },
        ..layer
    }
}

fn cropped([left_px, top_px, right_px, bottom_px]: [f64; 4], layer: Layer) -> Layer {
    Layer {
        crop: Some(Crop {
            left_px,
            top_px,
            right_px,
            bottom_px,
        }),
        ..layer
    }
}

fn sky(width: f64, height: f64) -> Layer {
    let gradient = Gradient::linear(
        90.0,
        vec![(0.0, rgba(0x1828_50ff)), (1.0, rgba(0x7090_c0ff))],
    );
    layer(
        "sky",
        [0.0, 0.0],
        [width, height],
        Source::Gradient(gradient),
    )
}

/// A board of light and dark squares with a red one at its top left and a blue one at its top right.
fn board() -> Vec<u8> {
    png(96, 64, |x, y| match (x / 16, y / 16) {
        (0, 0) => 0xe030_30ff,
        (5, 0) => 0x3050_e0ff,
        (i, j) if (i + j) % 2 == 0 => 0xf0e8_d8ff,
        _ => 0x4850_60ff,
    })
}

/// A board lies on the floor and runs away to the back; to its right a sign with words turns its left edge to the front, and its
/// shadow goes with it. Squares grow shorter to the back, lines stay straight, edges are smooth.
#[test]
fn perspective() {
    let shelf = Shelf::with(&[("board.png", &board())]);
    let words = Source::Text(text("LIVE", 40.0));
    let scene = scene_of(
        256,
        144,
        vec![
            sky(256.0, 144.0),
            pinned(
                [[60.0, 24.0], [-20.0, 24.0], [10.0, 0.0], [-10.0, 0.0]],
                layer(
                    "floor",
                    [20.0, 40.0],
                    [140.0, 92.0],
                    image("board.png", Fit::Fill),
                ),
            ),
            Layer {
                effects: vec![Effect {
                    id: id("shadow"),
                    enabled: true,
                    kind: EffectKind::DropShadow {
                        dx_px: 6.0,
                        dy_px: 6.0,
                        sigma_px: 4.0,
                        color: rgba(0x0000_0090),
                    },
                }],
                ..pinned(
                    [[0.0, 0.0], [-16.0, 18.0], [-16.0, -18.0], [0.0, 0.0]],
                    layer(
                        "sign",
                        [150.0, 16.0],
                        [96.0, 64.0],
                        rect(8.0, Paint::Color(rgba(0xf4c0_40ff))),
                    ),
                )
            },
            pinned(
                [[0.0, 0.0], [-16.0, 13.0], [-16.0, -13.0], [0.0, 0.0]],
                layer("words", [154.0, 24.0], [92.0, 47.0], words),
            ),
        ],
    );
    golden_with_text("perspective", &mut stage_with(&scene, shelf), 0.0);
}

/// The same board four times: whole, cropped by a square at the left and half of one at the bottom, mirrored about its middle though
/// it is placed by its corner, and cropped, mirrored upside down and turned.
#[test]
fn crops_and_flips() {
    let shelf = Shelf::with(&[("board.png", &board())]);
    let place = |name: &str, at| layer(name, at, [96.0, 64.0], image("board.png", Fit::Fill));
    let with = |change: fn(&mut Transform), mut layer: Layer| {
        change(&mut layer.transform);
        layer
    };
    let scene = scene_of(
        224,
        160,
        vec![
            sky(224.0, 160.0),
            place("whole", [8.0, 8.0]),
            cropped([16.0, 0.0, 0.0, 8.0], place("cut", [120.0, 8.0])),
            with(|t| t.flip_x = true, place("mirrored", [8.0, 88.0])),
            with(
                |t| {
                    t.flip_y = true;
                    (t.anchor_x, t.anchor_y) = (0.5, 0.5);
                    t.rotation_deg = 12.0;
                },
                cropped([16.0, 16.0, 16.0, 0.0], place("all", [168.0, 120.0])),
            ),
        ],
    );
    let mut stage = stage_with(&scene, shelf);
    testkit::golden!("crops_and_flips", &picture(&mut stage, ms(0.0)), EXACT);
}

/// Corners that move, a crop that closes, a layer that follows a turning one: drawn through damage as they are anew, also where the
/// corners cross for a while and nothing is drawn.
#[test]
fn what_moves_is_drawn_through_damage() {
    let shelf = Shelf::with(&[("board.png", &board())]);
    let board = |name: &str, at| layer(name, at, [48.0, 32.0], image("board.png", Fit::Fill));
    let mut scene = scene(vec![
        sky(128.0, 72.0),
        pinned([[0.0; 2]; 4], board("pinned", [10.0, 10.0])),
        cropped([0.0; 4], board("closing", [70.0, 4.0])),
        Layer {
            follow: Some(id("closing")),
            ..layer("dot", [40.0, 40.0], [8.0, 8.0], color(0xff40_40ff))
        },
    ]);
    let moved = |name: &str, layer: &str, property, to: f64| {
        let values = [0.0, to].map(Value::Number);
        animation(name, layer, &property, values, 1000.0).into()
    };
    scene.animations = vec![
        moved("a", "pinned", Property::PinX(Corner::BottomRight), -90.0),
        moved("b", "pinned", Property::PinY(Corner::TopRight), 30.0),
        moved("c", "closing", Property::CropLeft, 60.0),
        moved("d", "closing", Property::Rotation, 90.0),
    ];
    assert_eq!(scene.faults(&scene::Limits::default(), &|_| true), []);
    let (mut stage, size) = (stage_with(&scene, shelf), Resolution::new(128, 72));
    let mut compositor = Compositor::new(size);
    for frame in 0..12u32 {
        let list = stage.tick(ms(f64::from(frame) * 90.5));
        let drawn = compositor.compose(list).frame;
        let anew = Compositor::new(size).compose(list).frame;
        assert!(*drawn == *anew, "frame {frame}");
    }
}

/// A badge goes with a card that stands in a group, scaled, while it lies in another group, behind what covers the card.
#[test]
fn who_follows_goes_with_another_and_keeps_its_order() {
    let mut frame = group("frame", [10.0, 0.0], [1.0, 1.0]);
    frame.transform.scale_x = 2.0;
    let scene = scene(vec![
        Layer {
            follow: Some(id("card")),
            ..layer("badge", [4.0, 5.0], [10.0, 10.0], color(0xff00_00ff))
        },
        layer("cover", [40.0, 0.0], [20.0, 72.0], color(0x00ff_00ff)),
        frame,
        inside(
            "frame",
            Layer {
                opacity: 0.0,
                ..layer("card", [10.0, 10.0], [20.0, 20.0], color(0))
            },
        ),
    ]);
    let shown = picture(&mut stage(&scene), ms(0.0));
    // The card stands at 30, 10 and is twice as wide: so the badge begins at 38, 15 and ends at 58, 25.
    assert_eq!(shown.pixel(39, 16), [255, 0, 0, 255]);
    assert_eq!(shown.pixel(37, 16), [0x10, 0x20, 0x40, 255]);
    assert_eq!(shown.pixel(39, 14), [0x10, 0x20, 0x40, 255]);
    assert_eq!(shown.pixel(41, 16), [0, 255, 0, 255]);
    assert_eq!(shown.pixel(39, 24), [255, 0, 0, 255]);
    assert_eq!(shown.pixel(39, 25), [0x10, 0x20, 0x40, 255]);
}

/// The edge from which nothing is cut is covered once while the crop moves: as much of its px as lies in the box.
#[test]
fn a_crop_on_its_way_keeps_the_far_edge() {
    let plate = layer("plate", [50.0, 20.0], [100.0, 60.0], color(0xffff_ffff));
    let ground = layer("ground", [0.0, 0.0], [200.0, 100.0], color(0x0000_00ff));
    let cut = cropped([5.0, 7.0, 0.0, 0.0], plate);
    let mut scene = scene_of(200, 100, vec![ground, cut]);
    for (name, property, from) in [
        ("x", Property::CropLeft, 5.0),
        ("y", Property::CropTop, 7.0),
    ] {
        let values = [from, from + 1.0].map(Value::Number);
        let moves = animation(name, "plate", &property, values, 1000.0);
        scene.animations.push(moves.into());
    }
    let shown = picture(&mut stage(&scene), ms(500.0));
    let right = (40..160)
        .map(|x| f64::from(shown.pixel(x, 40)[0]))
        .sum::<f64>()
        / 255.0;
    let below = (0..100)
        .map(|y| f64::from(shown.pixel(80, y)[0]))
        .sum::<f64>()
        / 255.0;
    assert!((right - 94.5).abs() < 0.02, "{right} px wide");
    assert!((below - 52.5).abs() < 0.02, "{below} px high");
}
