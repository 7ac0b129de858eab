//! A layer that slides or is pushed out of its box: the old picture and the new one touch, whatever stands around them.

use crate::build::{color, golden_of_text, id, layer, ms, picture, rect, rgba, scene_of};
use crate::changes::{changed, stacked};
use crate::transitions::{DURATION_MS, SIZE, furthest, on_stage, size, strip};
use animation::transition::Heading;
use media::ShowTime;
use scene::{Effect, EffectKind, Layer, Paint, Scene, Text, TransitionKind};

fn headings() -> Vec<TransitionKind> {
    let all = [Heading::Left, Heading::Right, Heading::Up, Heading::Down];
    let kinds = all.map(|heading| {
        [
            TransitionKind::Slide { heading },
            TransitionKind::Push { heading },
        ]
    });
    kinds.into_iter().flatten().collect()
}

fn shadow(sigma_px: f64, hex: u32) -> Effect {
    let kind = EffectKind::DropShadow {
        dx_px: 2.0,
        dy_px: 3.0,
        sigma_px,
        color: rgba(hex),
    };
    Effect::new(id("shadow"), kind)
}

fn on_green(m: Layer) -> Scene {
    let ground = layer("ground", [0.0; 2], size(), color(0x00ff_00ff));
    scene_of(SIZE[0], SIZE[1], vec![ground, m])
}

fn block([x, y]: [f64; 2], size: [f64; 2], hex: u32, effects: Vec<Effect>) -> Layer {
    Layer {
        effects,
        ..layer("m", [x, y], size, rect(0.0, Paint::Color(rgba(hex))))
    }
}

/// Of two solid blocks in one box, with shadows around them, nothing of the ground is seen between the two, on whole px and between
/// them; nor of two boxes that share their top left.
#[test]
fn nothing_shows_between_what_leaves_and_what_comes() {
    let sizes = [([80.0, 40.0], [80.0, 40.0]), ([80.0, 40.0], [112.0, 40.0])];
    for (was, is) in sizes {
        let scene = |size, hex| {
            on_green(block(
                [24.0, 24.0],
                size,
                hex,
                vec![shadow(4.0, 0x0000_00ff)],
            ))
        };
        let (was, is) = (scene(was, 0xff00_00ff), scene(is, 0x0000_ffff));
        for kind in headings() {
            let mut stage = on_stage(&changed(&was, &is, kind.clone()));
            for t in [1.0, 120.0, 250.0, 333.3, 500.0, 777.7, 999.0] {
                let shown = picture(&mut stage, ms(t));
                for y in 26..62 {
                    for x in 26..102 {
                        let [_, green, _, _] = shown.pixel(x, y);
                        assert!(green <= 2, "{kind:?} at {t}: {green} in {x}, {y}");
                    }
                }
            }
        }
    }
}

/// A shadow that both have alike stands still around the two, and nothing but shadow is drawn beyond the box.
#[test]
fn a_shadow_stands_around_both() {
    let scene = |hex| {
        on_green(block(
            [24.0, 24.0],
            [80.0, 40.0],
            hex,
            vec![shadow(4.0, 0x0000_00ff)],
        ))
    };
    let (was, is) = (scene(0xff00_00ff), scene(0x0000_ffff));
    let still = picture(&mut on_stage(&was), ShowTime::ZERO);
    for kind in headings() {
        let mut stage = on_stage(&changed(&was, &is, kind.clone()));
        for t in [100.0, 333.3, 400.0, 900.0] {
            let shown = picture(&mut stage, ms(t));
            for (x, y) in (0..SIZE[0]).flat_map(|x| (0..SIZE[1]).map(move |y| (x, y))) {
                if (23..105).contains(&x) && (23..65).contains(&y) {
                    continue;
                }
                let ([r, g, b, _], [_, before, ..]) = (shown.pixel(x, y), still.pixel(x, y));
                assert!(r <= 2 && b <= 2, "{kind:?} at {t}: {r} {g} {b} in {x}, {y}");
                assert!(
                    g.abs_diff(before) <= 3,
                    "{kind:?} at {t}: {g}, not {before}, in {x}, {y}"
                );
            }
        }
    }
}

/// What stands between two px, is turned, glows or has no size at all begins with what was and ends with what is.
#[test]
fn whatever_rolls_begins_and_ends_exactly() {
    let turned = |x: f64, hex| {
        let mut m = block([x, 20.3], [60.5, 30.2], hex, vec![shadow(2.0, 0xff80_ffff)]);
        m.transform.rotation_deg = 12.0;
        m
    };
    let says = |what: &str, hex| {
        let text = Text {
            style: scene::TextStyle {
                color: rgba(hex),
                ..crate::build::style(20.0)
            },
            ..crate::build::text(what, 20.0)
        };
        layer("m", [20.0, 30.0], None, scene::Source::Text(text))
    };
    let clear = |size| {
        block(
            [24.0, 24.0],
            size,
            0xffff_ff60,
            vec![shadow(3.0, 0xffc0_40c0)],
        )
    };
    let cases = [
        (
            "turned",
            turned(30.4, 0xff00_00ff),
            turned(51.7, 0x0000_ffff),
        ),
        (
            "words",
            says("12.45", 0xffff_ffff),
            says("Ada King", 0xffc8_57ff),
        ),
        ("clear", clear([80.0, 40.0]), clear([40.0, 50.0])),
        ("nothing", clear([80.0, 40.0]), says("", 0xffff_ffff)),
    ];
    for (name, was, is) in cases {
        let (was, is) = (on_green(was), on_green(is));
        let [begins, ends] = [&was, &is].map(|one| picture(&mut on_stage(one), ShowTime::ZERO));
        for kind in headings() {
            let mut stage = on_stage(&changed(&was, &is, kind.clone()));
            for (t, wanted) in [
                (0.0, &begins),
                (0.001, &begins),
                (DURATION_MS - 0.001, &ends),
            ] {
                let off = furthest(&picture(&mut stage, ms(t)), wanted);
                assert!(off <= 2, "{name} by {kind:?} at {t}: {off}");
            }
            assert!(picture(&mut stage, ms(DURATION_MS)) == ends);
        }
    }
}

/// Five moments from left to right, of a card with a soft shadow: another one of its size is pushed into its place; a longer one
/// slides over it; a wide one is pushed up elsewhere. The two touch all the way, and the shadow stands around both.
#[test]
fn cards_push_each_other_out() {
    let sky = scene::Gradient::linear(
        60.0,
        vec![(0.0, rgba(0xf4ef_e4ff)), (1.0, rgba(0x8fb8_c8ff))],
    );
    let ground = layer("ground", [0.0; 2], size(), rect(0.0, Paint::Gradient(sky)));
    let card = |at, size, hex| {
        let m = Layer {
            effects: vec![shadow(5.0, 0x1020_40c0)],
            ..layer("m", at, size, rect(10.0, Paint::Color(rgba(hex))))
        };
        scene_of(SIZE[0], SIZE[1], vec![ground.clone(), m])
    };
    let heading = Heading::Left;
    let plain = card([30.0, 22.0], [84.0, 42.0], 0xd845_6bff);
    let strips = [
        strip(&changed(
            &plain,
            &card([30.0, 22.0], [84.0, 42.0], 0x1b12_3fff),
            TransitionKind::Push { heading },
        )),
        strip(&changed(
            &plain,
            &card([30.0, 22.0], [112.0, 42.0], 0x1b12_3fff),
            TransitionKind::Slide { heading },
        )),
        strip(&changed(
            &card([10.0, 10.0], [70.0, 30.0], 0xd845_6bff),
            &card([56.0, 44.0], [92.0, 34.0], 0x1b12_3fff),
            TransitionKind::Push {
                heading: Heading::Up,
            },
        )),
    ];
    golden_of_text("layer_rolls", &stacked(&strips));
}
