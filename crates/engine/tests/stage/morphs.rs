//! Whole scenes that morph: each thing in its own place of the order, on the whole way from what was to what is.

use crate::build::{
    animation, color, golden_of_text, group, id, inside, layer, ms, picture, rect, rgba, scene_of,
};
use crate::transitions::{DURATION_MS, SIZE, furthest, on_stage, size, strip, taken, words};
use animation::Value;
use media::{BlendMode, ShowTime};
use scene::{
    Effect, EffectKind, Gradient, GradientForm, Layer, Mask, MaskMode, Paint, Passage, Property,
    Scene, Spread, Start, Transform, TransitionKind,
};

fn plain(hex: u32) -> scene::Source {
    rect(0.0, Paint::Color(rgba(hex)))
}

fn line(from: u32, to: u32) -> Paint {
    Paint::Gradient(Gradient::linear(
        60.0,
        vec![(0.0, rgba(from)), (1.0, rgba(to))],
    ))
}

fn ring(from: u32, to: u32) -> Paint {
    Paint::Gradient(Gradient {
        form: GradientForm::Radial {
            center: [0.7, 0.3],
            radius_px: None,
        },
        spread: Spread::Pad,
        stops: vec![(0.0, rgba(from)), (1.0, rgba(to))],
    })
}

fn at_z(z_index: i32, layer: Layer) -> Layer {
    Layer { z_index, ..layer }
}

fn of(layers: Vec<Layer>) -> Scene {
    scene_of(SIZE[0], SIZE[1], layers)
}

fn morphing(from: &Scene, to: &Scene) -> Scene {
    taken(from, to, TransitionKind::Morph)
}

/// What comes is seen above a ground that is another, in its own colors as far as it has come.
#[test]
fn what_comes_is_seen_above_what_changes() {
    let grounds = [
        [plain(0x2222_44ff), plain(0x4422_22ff)],
        [
            rect(0.0, line(0x2222_44ff, 0x2222_44ff)),
            rect(0.0, ring(0x4422_22ff, 0x4422_22ff)),
        ],
    ];
    for [was, is] in grounds {
        let ground = |source| layer("ground", [0.0; 2], size(), source);
        let comes = at_z(
            9,
            layer("comes", [60.0, 30.0], [40.0, 30.0], plain(0xff00_00ff)),
        );
        let mut stage = on_stage(&morphing(
            &of(vec![ground(was)]),
            &of(vec![ground(is), comes]),
        ));
        for (t, least) in [(250.0, 60), (500.0, 120), (900.0, 225)] {
            let [red, ..] = picture(&mut stage, ms(t)).pixel(80, 45);
            assert!(red >= least, "{red} at {t}");
        }
    }
}

/// A card of an auction at night: words in a group, and a badge above it.
fn night() -> Scene {
    of(vec![
        layer(
            "sky",
            [0.0; 2],
            size(),
            rect(0.0, line(0x1b12_3fff, 0xd845_6bff)),
        ),
        group("card", [8.0, 34.0], [96.0, 48.0]),
        inside(
            "card",
            layer(
                "pane",
                [0.0; 2],
                [96.0, 48.0],
                rect(8.0, Paint::Color(rgba(0x0a08_20e0))),
            ),
        ),
        inside(
            "card",
            layer(
                "bid",
                [8.0, 6.0],
                None,
                words("12.45 ETH", 15.0, 0xffff_ffff),
            ),
        ),
        inside(
            "card",
            layer("open", [8.0, 28.0], None, words("open", 12.0, 0xffc8_57ff)),
        ),
        at_z(
            2,
            layer(
                "badge",
                [10.0, 8.0],
                [22.0, 22.0],
                rect(6.0, Paint::Color(rgba(0xffc8_57ff))),
            ),
        ),
    ])
}

/// By day it is sold: other words in the card, which has moved, a seal that was not there, and the badge below the card.
fn day() -> Scene {
    of(vec![
        layer(
            "sky",
            [0.0; 2],
            size(),
            rect(0.0, ring(0xf6f1_e3ff, 0x8fb8_c8ff)),
        ),
        group("card", [52.0, 12.0], [96.0, 48.0]),
        inside(
            "card",
            layer(
                "pane",
                [0.0; 2],
                [96.0, 48.0],
                rect(8.0, Paint::Color(rgba(0x1d3b_48f0))),
            ),
        ),
        inside(
            "card",
            layer(
                "bid",
                [8.0, 6.0],
                None,
                words("99.00 ETH", 15.0, 0xffff_ffff),
            ),
        ),
        inside(
            "card",
            layer("by", [8.0, 28.0], None, words("to Ada", 12.0, 0xb8f0_d0ff)),
        ),
        at_z(
            -1,
            layer(
                "badge",
                [36.0, 40.0],
                [40.0, 40.0],
                rect(20.0, Paint::Color(rgba(0x2a7f_62ff))),
            ),
        ),
        at_z(
            5,
            layer(
                "seal",
                [124.0, 50.0],
                [28.0, 28.0],
                rect(14.0, Paint::Color(rgba(0xd845_6bff))),
            ),
        ),
    ])
}

/// Five moments from left to right, from a scene to the next: the card goes where it belongs, its words mix in it, the seal
/// appears above all, the badge passes below the card, and the sky mixes behind everything.
#[test]
fn a_scene_with_a_card_morphs() {
    // The badge would be below the sky.
    let mut day = day();
    let sky = Layer {
        z_index: -2,
        ..Layer::clone(&day.layers[0])
    };
    day.layers[0] = sky.into();
    golden_of_text("take_morph_card", &strip(&morphing(&night(), &day)));
}

/// Pairs of scenes that differ in what no number leads through.
fn differing() -> Vec<(&'static str, Scene, Scene)> {
    let dot = |x: f64, hex| layer("dot", [x, 30.0], [30.0, 30.0], plain(hex));
    let lone = |layer: Layer| of(vec![layer]);
    let flipped = |flip_x| Layer {
        transform: Transform {
            flip_x,
            ..layer("words", [20.0, 20.0], [90.0, 40.0], color(0)).transform
        },
        ..layer("words", [0.0; 2], None, words("Ada", 24.0, 0xffff_ffff))
    };
    let masked = |x: f64, hex| {
        let hole = Layer {
            visible: false,
            ..layer("hole", [x, 20.0], [40.0, 40.0], plain(hex))
        };
        let seen = Layer {
            mask: Some(Mask {
                layer: id("hole"),
                mode: MaskMode::Luma,
                invert: false,
            }),
            ..layer("seen", [10.0, 10.0], [120.0, 70.0], plain(0x40c0_ffff))
        };
        of(vec![hole, seen])
    };
    let seen_mask = |x: f64, masks: bool, invert| {
        let hole = layer(
            "hole",
            [x, 20.0],
            [40.0, 40.0],
            rect(20.0, Paint::Color(rgba(0xffff_ffff))),
        );
        let seen = Layer {
            mask: masks.then(|| Mask {
                layer: id("hole"),
                mode: MaskMode::Alpha,
                invert,
            }),
            ..layer("seen", [10.0, 10.0], [120.0, 70.0], plain(0x40c0_ffff))
        };
        of(vec![hole, seen])
    };
    let through_a_group = |hex| {
        let seen = Layer {
            mask: Some(Mask {
                layer: id("hole"),
                mode: MaskMode::Alpha,
                invert: false,
            }),
            ..layer("seen", [10.0, 10.0], [120.0, 70.0], rect(0.0, hex))
        };
        let hole = group("hole", [20.0, 20.0], [60.0, 40.0]);
        let dot = layer("dot", [0.0; 2], [60.0, 40.0], plain(0xffff_ffff));
        of(vec![hole, inside("hole", dot), seen])
    };
    let blurred = |effect: EffectKind| {
        let card = Layer {
            effects: vec![Effect::new(id("e"), effect)],
            ..group("card", [30.0, 20.0], [80.0, 40.0])
        };
        of(vec![
            card,
            inside(
                "card",
                layer("in", [0.0; 2], [80.0, 40.0], plain(0xffc8_57ff)),
            ),
        ])
    };
    let held = |x: f64| {
        let mut scene = of(vec![
            layer("ground", [0.0; 2], size(), plain(0x2040_60ff)),
            dot(x, 0xffff_ffff),
        ]);
        let values = [0.2, 0.7].map(Value::Number);
        scene.animations = vec![animation("fades", "dot", &Property::Opacity, values, 1.0).into()];
        scene
    };
    let middle = |words_: &str| {
        let mut card = group("card", [80.0, 45.0], [0.0; 2]);
        (card.transform.width_px, card.transform.height_px) = (None, None);
        (card.transform.anchor_x, card.transform.anchor_y) = (0.5, 0.5);
        of(vec![
            card,
            inside(
                "card",
                layer("in", [0.0; 2], None, words(words_, 18.0, 0xffff_ffff)),
            ),
        ])
    };
    let multiplied = |blend_mode, hex| {
        let one = Layer {
            blend_mode,
            ..dot(50.0, hex)
        };
        of(vec![
            layer("ground", [0.0; 2], size(), plain(0xe0c0_80ff)),
            one,
        ])
    };
    let moved = |parent: Option<&str>| {
        let mut one = dot(30.0, 0xffff_ffff);
        one.parent = parent.map(id);
        of(vec![group("card", [40.0, 10.0], [80.0, 40.0]), one])
    };
    vec![
        ("card", night(), day()),
        ("back", day(), night()),
        ("mirrored", lone(flipped(false)), lone(flipped(true))),
        (
            "another mask",
            masked(20.0, 0xffff_ffff),
            masked(20.0, 0x8080_80ff),
        ),
        (
            "a mask that moves",
            masked(20.0, 0xffff_ffff),
            masked(70.0, 0xffff_ffff),
        ),
        (
            "inverted",
            seen_mask(20.0, true, false),
            seen_mask(20.0, true, true),
        ),
        (
            "a seen mask that moves",
            seen_mask(20.0, true, true),
            seen_mask(70.0, true, true),
        ),
        (
            "no mask any more",
            seen_mask(20.0, true, false),
            seen_mask(30.0, false, false),
        ),
        (
            "a mask now",
            seen_mask(20.0, false, false),
            seen_mask(30.0, true, false),
        ),
        (
            "through a group",
            through_a_group(Paint::Color(rgba(0x40c0_ffff))),
            through_a_group(Paint::Color(rgba(0xff40_60ff))),
        ),
        (
            "another effect",
            blurred(EffectKind::GaussianBlur { sigma_px: 3.0 }),
            blurred(EffectKind::Pixelate { size_px: 8.0 }),
        ),
        (
            "animated once",
            held(20.0),
            of(vec![dot(90.0, 0xffff_ffff)]),
        ),
        ("animated twice", held(20.0), held(90.0)),
        ("as large as its words", middle("Ada"), middle("Ada King")),
        (
            "another blend mode",
            multiplied(BlendMode::Multiply, 0x8080_ffff),
            multiplied(BlendMode::Screen, 0x8080_ffff),
        ),
        (
            "other glass",
            multiplied(BlendMode::Multiply, 0x8080_ffff),
            of(vec![
                layer(
                    "ground",
                    [0.0; 2],
                    size(),
                    rect(0.0, line(0xe0c0_80ff, 0x2040_60ff)),
                ),
                dot(50.0, 0x8080_ffff),
            ]),
        ),
        ("into a group", moved(None), moved(Some("card"))),
        ("out of a group", moved(Some("card")), moved(None)),
        (
            "another order",
            of(vec![at_z(1, dot(20.0, 0xff00_00ff)), plain_ground(0)]),
            of(vec![at_z(-1, dot(20.0, 0xff00_00ff)), plain_ground(0)]),
        ),
    ]
}

fn plain_ground(z_index: i32) -> Layer {
    let ground = layer("ground", [10.0, 40.0], [120.0, 40.0], plain(0x2040_60ff));
    at_z(z_index, ground)
}

/// Whatever differs, the first frame is what was, and the frame on which all is over what is.
#[test]
fn each_begins_and_ends_as_it_should() {
    for (name, was, is) in differing() {
        let mut still = on_stage(&was);
        let begins = picture(&mut still, ms(500.0));
        let mut scene = morphing(&was, &is);
        let mut passage = Passage::clone(&scene.passages[0]);
        passage.start = Start::At(ms(500.0));
        scene.passages = vec![passage.into()];
        let mut stage = on_stage(&scene);
        let off = furthest(&picture(&mut stage, ms(500.0)), &begins);
        assert!(off <= 1, "{name} begins otherwise by {off}");
        let ends = picture(&mut on_stage(&is), ms(500.0 + DURATION_MS));
        let off = furthest(&picture(&mut stage, ms(499.99 + DURATION_MS)), &ends);
        assert!(off <= 2, "{name} ends otherwise by {off}");
        assert!(
            picture(&mut stage, ms(500.0 + DURATION_MS)) == ends,
            "{name} is otherwise when it is over"
        );
    }
}

/// What is there before and after stands still, in a group or not, though other things change and others come and go.
#[test]
fn what_stays_does_not_change() {
    let scene = |with: Option<Layer>, name: &str| {
        let card = Layer {
            opacity: 0.8,
            ..group("card", [20.0, 10.0], [100.0, 60.0])
        };
        let pane = layer("pane", [0.0; 2], [100.0, 60.0], plain(0xffff_ff80));
        let mut layers = vec![
            layer(
                "ground",
                [0.0; 2],
                size(),
                rect(0.0, line(0x1b12_3fff, 0xd845_6bff)),
            ),
            card,
            inside("card", pane),
            inside(
                "card",
                layer("in", [2.0, 36.0], None, words(name, 12.0, 0xffff_ffff)),
            ),
        ];
        layers.extend(with);
        of(layers)
    };
    let one = |name: &str, hex| Some(layer(name, [130.0, 60.0], [20.0, 20.0], plain(hex)));
    let was = scene(one("leaves", 0xff00_00ff), "Ada");
    let is = scene(one("comes", 0x00ff_00ff), "Bob");
    let still = picture(&mut on_stage(&was), ShowTime::ZERO);
    let mut stage = on_stage(&morphing(&was, &is));
    for t in [1.0, 250.0, 500.0, 750.0, 999.0] {
        let moment = picture(&mut stage, ms(t));
        for y in 0..40 {
            for x in 0..SIZE[0] {
                let off = moment.pixel(x, y).into_iter().zip(still.pixel(x, y));
                let off = off.map(|(a, b)| a.abs_diff(b)).max();
                assert!(off <= Some(1), "{off:?} at {t} in {x},{y}");
            }
        }
    }
}

/// A morph that is taken while another one runs, or a fade, begins with what is on screen.
#[test]
fn a_morph_during_a_take_begins_with_what_is_on_screen() {
    let ground = |hex| of(vec![layer("ground", [0.0; 2], size(), plain(hex))]);
    let [a, b, c] = [0xff00_00ff, 0x00ff_00ff, 0x0000_ffff].map(ground);
    for kind in [TransitionKind::Morph, TransitionKind::Fade] {
        let first = taken(&a, &b, kind.clone());
        let on_screen = picture(&mut on_stage(&first), ms(430.0));
        let mut second = morphing(&first, &c);
        let mut later = Passage::clone(&second.passages[0]);
        later.start = Start::At(ms(430.0));
        second.passages = vec![later.into()];
        let mut stage = on_stage(&second);
        let off = furthest(&picture(&mut stage, ms(430.0)), &on_screen);
        assert!(off <= 1, "{kind:?}: {off}");
        let still = picture(&mut on_stage(&c), ShowTime::ZERO);
        assert!(picture(&mut stage, ms(1430.0)) == still);
    }
}
