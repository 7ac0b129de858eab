//! A layer that changes the group it stands in: it leaves the old one as that shows it, and comes in the new one as this does.

use crate::build::{
    color, golden_of_text, group, id, inside, layer, ms, picture, rect, rgba, scene_of,
};
use crate::changes::{changed, kinds, stacked};
use crate::transitions::{DURATION_MS, SIZE, furthest, on_stage, size, strip, words};
use animation::transition::Heading;
use media::{BlendMode, Color, ShowTime};
use scene::{
    Effect, EffectKind, Gradient, Layer, Mask, MaskMode, Paint, Scene, TransitionKind, Wipe,
    WipeForm,
};

/// A plain group, in which the layer itself blends otherwise.
const SCREENED: &str = "screened";

fn ground() -> Layer {
    let sky = Gradient::linear(
        60.0,
        vec![(0.0, rgba(0x1b12_3fff)), (1.0, rgba(0xd845_6bff))],
    );
    layer("ground", [0.0; 2], size(), rect(0.0, Paint::Gradient(sky)))
}

fn name(parent: Option<&str>, at: [f64; 2], hex: u32) -> Layer {
    let shape = rect(8.0, Paint::Color(rgba(hex)));
    Layer {
        parent: parent.map(id),
        ..layer("m", at, [60.0, 30.0], shape)
    }
}

/// Two groups with something of their own in them, and the layer in one of them or in none.
fn in_groups(one: &Layer, other: &Layer, m: Layer) -> Scene {
    let hole = Layer {
        visible: false,
        ..layer(
            "hole",
            [16.0, 14.0],
            [56.0, 40.0],
            rect(16.0, Paint::Color(rgba(0xffff_ffff))),
        )
    };
    let plate = |id: &str, at, hex| {
        inside(
            id,
            layer(&format!("{id}-plate"), at, [70.0, 30.0], color(hex)),
        )
    };
    let top = |id: &str, at| {
        inside(
            id,
            layer(
                &format!("{id}-top"),
                at,
                None,
                words("top", 22.0, 0xffff_ffff),
            ),
        )
    };
    let mut layers = vec![ground(), hole, one.clone(), other.clone()];
    layers.extend([
        plate("one", [4.0, 4.0], 0x2080_ffff),
        plate("other", [10.0, 14.0], 0x20c0_60ff),
        m,
        top("one", [20.0, 12.0]),
        top("other", [30.0, 22.0]),
    ]);
    scene_of(SIZE[0], SIZE[1], layers)
}

/// A group by itself, and what else it may be.
fn groups() -> Vec<(&'static str, Layer)> {
    let one = || group("one", [10.0, 8.0], [84.0, 44.0]);
    let effect = |kind| vec![Effect::new(id("effect"), kind)];
    let mask = Mask {
        layer: id("hole"),
        mode: MaskMode::Alpha,
        invert: false,
    };
    let wipe = Wipe {
        form: WipeForm::Linear { angle_deg: 20.0 },
        softness: 0.3,
        progress: 0.5,
        invert: false,
    };
    let mut pinned = one();
    pinned.transform.corner_pin = Some([[0.0, 0.0], [4.0, 2.0], [-2.0, 4.0], [0.0, -2.0]]);
    vec![
        ("plain", one()),
        (SCREENED, one()),
        (
            "faded",
            Layer {
                opacity: 0.4,
                ..one()
            },
        ),
        (
            "cut",
            Layer {
                clip: Some([12.0; 4]),
                ..one()
            },
        ),
        (
            "masked",
            Layer {
                mask: Some(mask),
                ..one()
            },
        ),
        (
            "wiped",
            Layer {
                wipe: Some(wipe),
                ..one()
            },
        ),
        (
            "blends",
            Layer {
                blend_mode: BlendMode::Screen,
                ..one()
            },
        ),
        (
            "above",
            Layer {
                z_index: 3,
                ..one()
            },
        ),
        (
            "hidden",
            Layer {
                visible: false,
                ..one()
            },
        ),
        ("pinned", pinned),
        (
            "blurred",
            Layer {
                effects: effect(EffectKind::GaussianBlur { sigma_px: 2.0 }),
                ..one()
            },
        ),
        (
            "tinted",
            Layer {
                effects: effect(EffectKind::Tint {
                    color: Color::WHITE,
                    amount: 0.5,
                }),
                ..one()
            },
        ),
    ]
}

/// Whatever the groups do to what is in them, by any kind, from one to the other, into one and out of one: the first frame is what
/// was, the last but one nearly what is, and then it is.
#[test]
fn a_layer_leaves_as_its_group_showed_it() {
    let other = group("other", [54.0, 30.0], [96.0, 54.0]);
    let mut wrong = Vec::new();
    for (what, one) in groups() {
        let with = |parent, at, hex| in_groups(&one, &other, name(parent, at, hex));
        let places = [
            (Some("one"), [20.0, 10.0], 0xffb4_54ff),
            (Some("other"), [24.0, 18.0], 0xff5f_a2c0),
            (None, [40.0, 24.0], 0xf0f0_f0ff),
        ];
        for (from, to) in [(0, 1), (1, 0), (0, 2), (2, 0)] {
            let [was, is] = [from, to].map(|i| {
                let (parent, at, hex) = places[i];
                let mut scene = with(parent, at, hex);
                for layer in &mut scene.layers {
                    if what == SCREENED && layer.id == id("m") {
                        layer.blend_mode = BlendMode::Screen;
                    }
                }
                scene
            });
            let [begins, ends] = [&was, &is].map(|one| picture(&mut on_stage(one), ShowTime::ZERO));
            for kind in kinds() {
                let mut stage = on_stage(&changed(&was, &is, kind.clone()));
                let mut check = |t: f64, wanted, most: u8| {
                    let off = furthest(&picture(&mut stage, ms(t)), wanted);
                    if off > most {
                        wrong.push(format!("{what}, {from} to {to} by {kind:?} at {t}: {off}"));
                    }
                };
                check(0.0, &begins, 1);
                check(0.001, &begins, 2);
                check(DURATION_MS - 0.001, &ends, 2);
                check(DURATION_MS, &ends, 0);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Five moments from left to right, of a name that leaves a faint card with round corners for a solid one: it fades, is pushed and
/// goes through white. Each card keeps to its own, and neither cuts nor fades what stands in the other.
#[test]
fn a_name_changes_cards() {
    let one = Layer {
        opacity: 0.6,
        clip: Some([14.0; 4]),
        ..group("one", [6.0, 6.0], [92.0, 40.0])
    };
    let other = Layer {
        clip: Some([14.0; 4]),
        ..group("other", [62.0, 44.0], [92.0, 40.0])
    };
    let card = |id: &str, hex| {
        inside(
            id,
            layer(&format!("{id}-card"), [0.0; 2], [92.0, 40.0], color(hex)),
        )
    };
    let with = |parent: &str, hex| {
        let m = inside(
            parent,
            layer(
                "m",
                [-10.0, 10.0],
                [70.0, 20.0],
                rect(4.0, Paint::Color(rgba(hex))),
            ),
        );
        let layers = vec![
            ground(),
            one.clone(),
            other.clone(),
            card("one", 0x10a0_e0ff),
            card("other", 0xf4ef_e4ff),
            m,
        ];
        scene_of(SIZE[0], SIZE[1], layers)
    };
    let (was, is) = (with("one", 0xffc8_57ff), with("other", 0xd845_6bff));
    let kinds = [
        TransitionKind::Fade,
        TransitionKind::Push {
            heading: Heading::Left,
        },
        TransitionKind::FadeThrough {
            color: Color::WHITE,
        },
    ];
    let strips = kinds.map(|kind| strip(&changed(&was, &is, kind)));
    golden_of_text("layer_changes_groups", &stacked(&strips));
}
