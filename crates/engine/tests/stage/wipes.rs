//! Layers and groups that show in part.

use crate::build::{
    Shelf, animation, color, golden_with_text, group, id, inside, layer, ms, picture, png, rect,
    rgba, scene_of, stage, stage_with, text,
};
use animation::Value;
use scene::{Gradient, Layer, Paint, Property, Scene, Source, Wipe, WipeForm};

const TILE: [f64; 2] = [120.0, 68.0];

/// Four cards side by side, each a group with words, wiped on a little further than the one before.
fn moments(form: &WipeForm, softness: f64, invert: bool) -> Scene {
    let mut layers = Vec::new();
    for (n, progress) in (0..).zip([0.15, 0.4, 0.65, 0.9]) {
        let at = [8.0 + f64::from(n) * (TILE[0] + 8.0), 8.0];
        let name = format!("card{n}");
        layers.push(Layer {
            wipe: Some(Wipe {
                form: form.clone(),
                softness,
                progress,
                invert,
            }),
            ..group(&name, at, TILE)
        });
        let night = Gradient::linear(
            60.0,
            vec![(0.0, rgba(0x2a1a_5eff)), (1.0, rgba(0xe045_6bff))],
        );
        let parts = [
            ("wall", [0.0, 0.0], TILE, rect(12.0, Paint::Gradient(night))),
            ("rule", [14.0, 44.0], [92.0, 3.0], color(0xffd5_80ff)),
        ];
        for (part, at, size, source) in parts {
            layers.push(inside(
                &name,
                layer(&format!("{part}{n}"), at, size, source),
            ));
        }
        let words = layer(
            &format!("words{n}"),
            [13.0, 12.0],
            None,
            Source::Text(scene::Text {
                style: scene::TextStyle {
                    color: rgba(0xffff_ffff),
                    ..crate::build::style(24.0)
                },
                ..text("Lot 12", 24.0)
            }),
        );
        layers.push(inside(&name, words));
    }
    scene_of(520, 84, layers)
}

fn check(name: &str, form: &WipeForm, softness: f64, invert: bool) {
    let scene = moments(form, softness, invert);
    golden_with_text(
        name,
        &mut stage_with(&scene, Shelf::with(&[("paint.png", &paint())])),
        0.0,
    );
}

/// Strokes of a broad brush, from the top left on, each beginning a little later: bristles are ahead of others all along, and
/// edges run in waves and come last.
fn paint() -> Vec<u8> {
    let wave = |v: u32, half: u32| (v % (2 * half)).abs_diff(half);
    png(120, 68, |x, y| {
        let down = y + wave(x, 31) / 10 + wave(x + 9, 13) / 6;
        let (stroke, within) = (down / 14, down % 14);
        let bristle = y * 37 % 13 + y * 11 % 6 + wave(x + y * 17, 23) / 6;
        let along = if stroke % 2 == 0 { x } else { 119 - x };
        let value = (stroke * 42 + along * 52 / 120 + bristle + within.abs_diff(6)).min(255);
        (value << 24) | (value << 16) | (value << 8) | 0xff
    })
}

/// A card at four moments: it appears from left to right, its edge soft over a tenth of the way.
#[test]
fn along_a_line() {
    check(
        "wipe_linear",
        &WipeForm::Linear { angle_deg: 0.0 },
        0.1,
        false,
    );
}

/// A card at four moments: it appears from the upper right down to the left, behind a slanted, hard edge.
#[test]
fn along_a_slanted_line() {
    check(
        "wipe_slanted",
        &WipeForm::Linear { angle_deg: 150.0 },
        0.0,
        false,
    );
}

/// A card at four moments: it appears in a circle that opens from its middle, with a slightly soft edge.
#[test]
fn from_the_middle() {
    check(
        "wipe_iris",
        &WipeForm::Iris { center: [0.5, 0.5] },
        0.06,
        false,
    );
}

/// A card at four moments: it appears from its corners on, around a circle that closes in its middle.
#[test]
fn towards_the_middle() {
    check(
        "wipe_iris_inverted",
        &WipeForm::Iris { center: [0.5, 0.5] },
        0.06,
        true,
    );
}

/// A card at four moments: it appears behind the hand of a clock, from the top on.
#[test]
fn around_the_middle() {
    let form = WipeForm::Clock {
        center: [0.5, 0.5],
        angle_deg: -90.0,
    };
    check("wipe_clock", &form, 0.02, false);
}

/// A card at four moments: it appears by the strokes of a broad brush, from the top down, to the right and back in turn.
#[test]
fn by_a_picture() {
    check(
        "wipe_luma",
        &WipeForm::Luma {
            asset: "paint.png".into(),
        },
        0.08,
        false,
    );
}

/// A wipe that has come to its end is drawn as if there were none, and its keyframes move its edge.
#[test]
fn a_wipe_begins_with_nothing_and_ends_with_everything() {
    let card = Layer {
        wipe: Some(Wipe {
            form: WipeForm::Linear { angle_deg: 0.0 },
            softness: 0.2,
            progress: 1.0,
            invert: false,
        }),
        ..layer("card", [8.0, 8.0], [80.0, 40.0], color(0xff80_00ff))
    };
    let bare = scene_of(
        128,
        72,
        vec![Layer {
            wipe: None,
            ..card.clone()
        }],
    );
    let empty = scene_of(128, 72, Vec::new());
    let mut moving = scene_of(128, 72, vec![card]);
    let values = [0.0, 1.0].map(Value::Number);
    moving.animations =
        vec![animation("on", "card", &Property::WipeProgress, values, 1000.0).into()];
    assert_eq!(
        moving.animations[0].target,
        scene::Target::Layer(id("card"))
    );
    let mut stage_of = stage(&moving);
    let shown = |t: f64, stage: &mut engine::Stage| picture(stage, ms(t));
    assert!(shown(0.0, &mut stage_of) == shown(0.0, &mut stage(&empty)));
    assert!(shown(1000.0, &mut stage_of) == shown(0.0, &mut stage(&bare)));
    // Halfway its edge, 16 px wide, stands in the middle of the box.
    let half = shown(500.0, &mut stage_of);
    let red = |x| half.pixel(x, 20)[0];
    assert_eq!((red(38), red(58)), (0xff, 0x10), "{} {}", red(38), red(58));
    assert!(red(48).abs_diff(0x88) < 12, "{}", red(48));
}
