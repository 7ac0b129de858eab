//! A layer that becomes another picture, in another place or of another size: from all of what was to all of what is.

use crate::build::{color, golden_of_text, id, layer, ms, picture, rect, rgba, scene_of};
use crate::pairs::{Pair, pair};
use crate::transitions::{
    DURATION_MS, SIZE, furthest, on_stage, passage, size, strip, transition, words,
};
use animation::transition::Heading;
use media::{BlendMode, Color, ShowTime, Surface};
use scene::{
    Effect, EffectKind, Gradient, Layer, Left, Mask, Paint, Passage, Scene, TransitionKind, Way,
    WipeForm,
};

/// What a fade of two seconds goes in a 60th of one is 2 levels; of two sides that let through what is below, each rounded:
const FADE_STEP: u8 = 5;
/// Pairs of scenes by chance.
const PAIRS: u64 = 240;

fn ground() -> Layer {
    let sky = Gradient::linear(
        60.0,
        vec![(0.0, rgba(0x1b12_3fff)), (1.0, rgba(0xd845_6bff))],
    );
    layer("ground", [0.0; 2], size(), rect(0.0, Paint::Gradient(sky)))
}

fn card(at: [f64; 2], size: [f64; 2], hex: u32) -> Layer {
    let shadow = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 3.0,
        sigma_px: 3.0,
        color: Color::BLACK,
    };
    Layer {
        effects: vec![Effect::new(id("shadow"), shadow)],
        ..layer("m", at, size, rect(10.0, Paint::Color(rgba(hex))))
    }
}

fn on_ground(layer: Layer) -> Scene {
    scene_of(SIZE[0], SIZE[1], vec![ground(), layer])
}

fn before() -> Scene {
    on_ground(card([12.0, 12.0], [80.0, 44.0], 0xffb4_54ff))
}

fn after() -> Scene {
    on_ground(card([70.0, 34.0], [64.0, 36.0], 0x3ddc_97ff))
}

pub(crate) fn changed(from: &Scene, to: &Scene, kind: TransitionKind) -> Scene {
    let mut scene = to.clone();
    let left = Left::layer(from, &id("m")).expect("it is there");
    scene.passages = vec![passage(Some("m"), Way::Over(Box::new(left)), kind).into()];
    scene
}

pub(crate) fn stacked(strips: &[Surface]) -> Surface {
    let (width, height) = (strips[0].width(), strips[0].height());
    let data: Vec<&[u8]> = strips.iter().map(Surface::data).collect();
    let count = u32::try_from(strips.len()).expect("a few");
    Surface::from_premultiplied(width, count * height, data.concat()).expect("all of one size")
}

/// Five moments from left to right, of a card with a shadow that becomes another one elsewhere: slid over from the right,
/// pushed up, and through white; each begins and ends with both shadows whole.
#[test]
fn a_card_becomes_another_one_elsewhere() {
    let [heading, up] = [Heading::Left, Heading::Up];
    let kinds = [
        TransitionKind::Slide { heading },
        TransitionKind::Push { heading: up },
        TransitionKind::FadeThrough {
            color: Color::WHITE,
        },
    ];
    let strips = kinds.map(|kind| strip(&changed(&before(), &after(), kind)));
    golden_of_text("layer_changes", &stacked(&strips));
}

/// Five moments from left to right, of words that slide over others in one place, from the right and from above: the old ones
/// stand still, and are hidden where the new ones have come.
#[test]
fn words_slide_over_others() {
    let says = |what: &str, hex| {
        on_ground(layer(
            "m",
            [16.0, 30.0],
            [128.0, 30.0],
            words(what, 22.0, hex),
        ))
    };
    let (was, is) = (
        says("12.45 ETH", 0xffc8_57ff),
        says("99.00 ETH", 0xffff_ffff),
    );
    let strips = [Heading::Left, Heading::Down]
        .map(|heading| strip(&changed(&was, &is, TransitionKind::Slide { heading })));
    golden_of_text("layer_slide_over", &stacked(&strips));
}

/// Five moments from left to right, of a card with a shadow that goes through white: the shadow takes the color with it.
#[test]
fn a_shadow_takes_the_color_too() {
    let mut scene = before();
    let hidden = Layer {
        visible: false,
        ..Layer::clone(&scene.layers[1])
    };
    scene.layers[1] = hidden.into();
    let color = Color::WHITE;
    let through = TransitionKind::FadeThrough { color };
    scene.passages = vec![passage(Some("m"), Way::Out, through).into()];
    golden_of_text("layer_goes_through_white", &strip(&scene));
}

pub(crate) fn kinds() -> Vec<TransitionKind> {
    let wipe = |form| TransitionKind::Wipe {
        form,
        softness: 0.2,
        invert: false,
    };
    let through = Color::new(0.0, 1.0, 0.0, 1.0);
    vec![
        TransitionKind::Fade,
        TransitionKind::FadeThrough { color: through },
        TransitionKind::Slide {
            heading: Heading::Down,
        },
        TransitionKind::Slide {
            heading: Heading::Right,
        },
        TransitionKind::Push {
            heading: Heading::Left,
        },
        TransitionKind::Scale { from: 0.5 },
        TransitionKind::Zoom { scale: 2.0 },
        wipe(WipeForm::Linear { angle_deg: 20.0 }),
        wipe(WipeForm::Iris { center: [0.5, 0.5] }),
        wipe(WipeForm::Clock {
            center: [0.3, 0.5],
            angle_deg: 0.0,
        }),
        wipe(WipeForm::Luma {
            asset: "ink.png".into(),
        }),
        TransitionKind::BlurFade { sigma_px: 4.0 },
        TransitionKind::Flip { vertical: true },
        TransitionKind::Morph,
        sting(None),
        sting(Some("matte.gif")),
    ]
}

/// A stinger of which nothing is seen in the beginning and in the end.
fn sting(matte: Option<&str>) -> TransitionKind {
    TransitionKind::Stinger {
        asset: "sting.gif".into(),
        cut_ms: None,
        matte: matte.map(Into::into),
    }
}

/// Whatever becomes of a layer, by any kind: the first frame is what was, the last but one nearly what is, and then it is.
#[test]
fn each_begins_with_what_was_and_ends_with_what_is() {
    let hole = || {
        layer(
            "hole",
            [30.0, 20.0],
            [60.0, 40.0],
            rect(20.0, Paint::Color(Color::WHITE)),
        )
    };
    let masked = |hex| {
        let one = Layer {
            mask: Some(Mask {
                layer: id("hole"),
                mode: scene::MaskMode::Alpha,
                invert: false,
            }),
            ..layer("m", [10.0, 10.0], [120.0, 60.0], color(hex))
        };
        scene_of(SIZE[0], SIZE[1], vec![ground(), hole(), one])
    };
    let mode = |blend_mode, hex| {
        on_ground(Layer {
            blend_mode,
            ..card([30.0, 20.0], [80.0, 40.0], hex)
        })
    };
    let at_z = |z_index| {
        let other = layer("other", [60.0, 30.0], [80.0, 40.0], color(0x2080_ffff));
        let one = Layer {
            z_index,
            ..card([30.0, 20.0], [60.0, 40.0], 0xffb4_54ff)
        };
        let other = Layer {
            z_index: 2,
            ..other
        };
        scene_of(SIZE[0], SIZE[1], vec![ground(), other, one])
    };
    let follows = |x: f64, hex| {
        let one = Layer {
            follow: Some(id("leader")),
            ..layer("m", [x, 20.0], [40.0, 20.0], color(hex))
        };
        let leader = layer("leader", [30.0, 10.0], [20.0, 20.0], color(0xffff_ffff));
        scene_of(SIZE[0], SIZE[1], vec![ground(), leader, one])
    };
    let says = |what: &str, size_px: f64| {
        on_ground(layer(
            "m",
            [20.0, 20.0],
            None,
            words(what, size_px, 0xffff_ffff),
        ))
    };
    let frosted = |sigma_px: Option<f64>, hex| {
        let pane = |sigma_px| Effect::new(id("frost"), EffectKind::BackdropBlur { sigma_px });
        let under = layer(
            "under",
            [20.0, 26.0],
            None,
            words("below", 30.0, 0xffff_ffff),
        );
        let one = Layer {
            effects: sigma_px.map(pane).into_iter().collect(),
            ..layer(
                "m",
                [30.0, 20.0],
                [90.0, 50.0],
                rect(12.0, Paint::Color(rgba(hex))),
            )
        };
        scene_of(SIZE[0], SIZE[1], vec![ground(), under, one])
    };
    let cases = [
        ("place and size", before(), after()),
        ("words", says("Short", 30.0), says("Longer words", 16.0)),
        (
            "frosted",
            frosted(Some(6.0), 0xffff_ff30),
            frosted(Some(3.0), 0xffc8_5750),
        ),
        (
            "frosted no more",
            frosted(Some(6.0), 0xffff_ff30),
            frosted(None, 0xffff_ff30),
        ),
        ("masked", masked(0xff80_20ff), masked(0x2080_ffff)),
        (
            "blend mode",
            mode(BlendMode::Screen, 0xff80_20ff),
            mode(BlendMode::Multiply, 0xff80_20ff),
        ),
        ("order", at_z(1), at_z(5)),
        (
            "follower",
            follows(10.0, 0xff80_20ff),
            follows(60.0, 0x2080_ffff),
        ),
    ];
    for (name, was, is) in cases {
        let [begins, ends] = [&was, &is].map(|one| picture(&mut on_stage(one), ShowTime::ZERO));
        for kind in kinds() {
            let mut stage = on_stage(&changed(&was, &is, kind.clone()));
            let off = furthest(&picture(&mut stage, ShowTime::ZERO), &begins);
            assert!(off <= 1, "{name} by {kind:?} begins otherwise by {off}");
            let off = furthest(&picture(&mut stage, ms(0.001)), &begins);
            assert!(off <= 2, "{name} by {kind:?} goes on otherwise by {off}");
            let off = furthest(&picture(&mut stage, ms(DURATION_MS - 0.001)), &ends);
            assert!(off <= 2, "{name} by {kind:?} ends otherwise by {off}");
            let over = picture(&mut stage, ms(DURATION_MS));
            assert!(
                over == ends,
                "{name} by {kind:?} is otherwise when it is over"
            );
        }
    }
}

/// A layer with moved corners that a wipe or a morph has hardly begun to hide is composed first and then stood up, and not drawn from its own
/// picture any more. The two are read by perspectives that agree to a fraction of a px: at an edge of full contrast that makes
const PINNED: u8 = 7;

/// Whether a layer with moved corners is wiped, or mixed with its other self.
fn shows_in_part(scene: &Scene, kind: &TransitionKind) -> bool {
    let composes = matches!(kind, TransitionKind::Wipe { .. } | TransitionKind::Morph);
    let mut layers = scene.layers.iter();
    composes && layers.any(|layer| layer.transform.corner_pin.is_some())
}

/// When the pairs by chance begin to change, in the middle of what moves in them.
const BEGIN_MS: f64 = 700.0;

/// A pair in the middle of which a passage begins, and one of its frames of 60 a second.
fn turning(pair: &Pair, kind: &TransitionKind, duration_ms: f64) -> Scene {
    let (layer, way) = pair.way();
    let mut passage = passage(layer, way, kind.clone());
    passage.transition.duration_ms = duration_ms;
    passage.start = scene::Start::At(ms(BEGIN_MS));
    let mut scene = pair.is.clone();
    scene.passages = vec![passage.into()];
    scene
}

/// Whatever takes the place of whatever: masks, panes, effects, groups, moved corners, what follows, blends and moves.
#[test]
fn pairs_by_chance_begin_with_what_was_and_end_with_what_is() {
    let kinds = kinds();
    let mut wrong = Vec::new();
    for number in 0..PAIRS {
        let pair = pair(number);
        let kind = &kinds[usize::try_from(number).expect("few") % kinds.len()];
        let mut check = |what: &str, one: &Surface, other: &Surface, most: u8| {
            let off = furthest(one, other);
            if off > most {
                let turn = pair.turn;
                wrong.push(format!(
                    "{number}, {turn:?} by {kind:?}: {what} is off by {off}"
                ));
            }
        };
        let (mut was, mut is) = (on_stage(&pair.was), on_stage(&pair.is));
        let mut stage = on_stage(&turning(&pair, kind, DURATION_MS));
        let end_ms = BEGIN_MS + DURATION_MS;
        let next = |scene: &Scene| {
            if shows_in_part(scene, kind) {
                PINNED
            } else {
                2
            }
        };
        let (follows, last) = (next(&pair.was), next(&pair.is));
        for (what, t, most) in [
            ("the first frame", 0.0, 1),
            ("what follows it", 0.001, follows),
        ] {
            let t = ms(BEGIN_MS + t);
            check(what, &picture(&mut stage, t), &picture(&mut was, t), most);
        }
        for (what, t, most) in [("the last frame", -0.001, last), ("what is left", 0.0, 0)] {
            let t = ms(end_ms + t);
            check(what, &picture(&mut stage, t), &picture(&mut is, t), most);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// No frame of a slow fade differs from the next one by more than the fade goes in that time, and what is on screen without it.
#[test]
fn no_fade_of_pairs_by_chance_jumps() {
    let (duration_ms, frames) = (2000.0, 120);
    let mut wrong = Vec::new();
    for number in 0..PAIRS / 2 {
        let pair = pair(number);
        let mut stages = [
            pair.was.clone(),
            pair.is.clone(),
            turning(&pair, &TransitionKind::Fade, duration_ms),
        ];
        let mut stages = stages.each_mut().map(|scene| on_stage(scene));
        for n in [0, 1, 29, 58, 59, 60, 90, 118, 119] {
            let [was, is, now] = stages.each_mut().map(|stage| {
                let at = |n: i32| ms(BEGIN_MS + f64::from(n) * duration_ms / f64::from(frames));
                furthest(&picture(stage, at(n)), &picture(stage, at(n + 1)))
            });
            let most = was.saturating_add(is).saturating_add(FADE_STEP);
            if now > most {
                let turn = pair.turn;
                wrong.push(format!(
                    "{number}, {turn:?}: {now} from frame {n} on, not {most}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} jump:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// A hidden layer that others show through becomes another: they show through both, as far as it has come, and neither is seen.
#[test]
fn what_shows_through_a_mask_changes_with_it() {
    let of = |x: f64| {
        let hole = Layer {
            visible: false,
            ..layer("hole", [x, 20.0], [40.0, 40.0], color(0xffff_ffff))
        };
        let one = Layer {
            mask: Some(Mask {
                layer: id("hole"),
                mode: scene::MaskMode::Alpha,
                invert: false,
            }),
            ..layer("m", [10.0, 10.0], [140.0, 60.0], color(0x00ff_00ff))
        };
        let ground = layer("ground", [0.0; 2], size(), color(0x0000_00ff));
        scene_of(SIZE[0], SIZE[1], vec![ground, hole, one])
    };
    let (was, is) = (of(20.0), of(90.0));
    let left = Left::layer(&was, &id("hole")).expect("it is there");
    let mut scene = is.clone();
    let over = Way::Over(Box::new(left));
    scene.passages = vec![passage(Some("hole"), over.clone(), TransitionKind::Fade).into()];
    let mut stage = on_stage(&scene);
    for (t, old, new) in [
        (0.0, 255, 0),
        (250.0, 191, 64),
        (500.0, 128, 128),
        (1000.0, 0, 255),
    ] {
        let shown = picture(&mut stage, ms(t));
        for (x, green) in [(40, old), (110, new), (75, 0)] {
            let [r, g, b, _] = shown.pixel(x, 40);
            assert!(
                g.abs_diff(green) <= 1 && r == 0 && b == 0,
                "{r} {g} {b} at {t} in {x}"
            );
        }
    }
    // Wiped, the edge of the wipe passes over the mask.
    let mut fainter = was.clone();
    fainter.layers[1] = Layer {
        opacity: 0.5,
        ..Layer::clone(&was.layers[1])
    }
    .into();
    let form = WipeForm::Linear { angle_deg: 0.0 };
    let wipe = TransitionKind::Wipe {
        form,
        softness: 0.0,
        invert: false,
    };
    fainter.passages = vec![passage(Some("hole"), over, wipe).into()];
    let half = picture(&mut on_stage(&fainter), ms(500.0));
    let green = [30, 50].map(|x| half.pixel(x, 40)[1]);
    assert_eq!(green, [128, 255]);
}

/// A layer that is masked goes as it was seen, by the mask that stays.
#[test]
fn what_is_masked_goes_masked() {
    let hole = layer("hole", [30.0, 20.0], [60.0, 40.0], color(0xffff_ffff));
    let one = Layer {
        mask: Some(Mask {
            layer: id("hole"),
            mode: scene::MaskMode::Alpha,
            invert: false,
        }),
        ..layer("m", [10.0, 10.0], [120.0, 60.0], color(0xff80_20ff))
    };
    let was = scene_of(SIZE[0], SIZE[1], vec![ground(), hole, one]);
    let begins = picture(&mut on_stage(&was), ShowTime::ZERO);
    let mut is = was.clone();
    is.remove_layer(&id("m"));
    let mut stage = on_stage(&changed(&was, &is, TransitionKind::Fade));
    assert!(picture(&mut stage, ShowTime::ZERO) == begins);
}

/// A layer that is taken out while it goes goes on from where it is, and one that becomes another while it goes does so on
/// the way.
#[test]
fn what_happens_to_a_layer_that_goes_begins_with_what_is_on_screen() {
    let mut going = before();
    let hidden = Layer {
        visible: false,
        ..Layer::clone(&going.layers[1])
    };
    going.layers[1] = hidden.into();
    let out = passage(Some("m"), Way::Out, TransitionKind::Fade);
    going.passages = vec![out.clone().into()];
    let on_screen = picture(&mut on_stage(&going), ms(500.0));

    let left = Left::layer(&going, &id("m")).expect("it is there");
    let change = |left| Passage {
        id: id("change"),
        start: scene::Start::At(ms(500.0)),
        transition: transition(TransitionKind::Fade),
        ..passage(Some("m"), Way::Over(Box::new(left)), TransitionKind::Fade)
    };
    let mut removed = going.clone();
    removed.remove_layer(&id("m"));
    removed.passages = vec![change(left.clone()).into()];
    let mut stage = on_stage(&removed);
    let off = furthest(&picture(&mut stage, ms(500.0)), &on_screen);
    assert!(off <= 1, "taken out: {off}");
    let empty = picture(&mut on_stage(&removed), ms(1600.0));
    assert!(furthest(&picture(&mut stage, ms(1499.0)), &empty) <= 1);

    let mut other = after();
    other.layers[1] = Layer {
        visible: false,
        ..Layer::clone(&other.layers[1])
    }
    .into();
    let shown = Left {
        passages: Vec::new(),
        layers: vec![before().layers[1].clone()],
        ..left
    };
    other.passages = vec![out.into(), change(shown).into()];
    let mut stage = on_stage(&other);
    let off = furthest(&picture(&mut stage, ms(500.0)), &on_screen);
    assert!(off <= 1, "changed: {off}");
    // When it has gone, so has what it was.
    assert!(picture(&mut stage, ms(1200.0)) == empty);
}

/// How a mask comes and goes itself changes nothing of what shows through it.
#[test]
fn a_mask_that_goes_still_masks() {
    let hole = |visible| Layer {
        visible,
        ..layer("hole", [30.0, 20.0], [60.0, 40.0], color(0xffff_ffff))
    };
    let one = Layer {
        mask: Some(Mask {
            layer: id("hole"),
            mode: scene::MaskMode::Alpha,
            invert: false,
        }),
        ..layer("m", [10.0, 10.0], [120.0, 60.0], color(0xff80_20ff))
    };
    let with = |visible| scene_of(SIZE[0], SIZE[1], vec![ground(), hole(visible), one.clone()]);
    let still = picture(&mut on_stage(&with(true)), ShowTime::ZERO);
    let heading = Heading::Left;
    for kind in [
        TransitionKind::Scale { from: 0.2 },
        TransitionKind::Slide { heading },
    ] {
        for (visible, way) in [(true, Way::In), (false, Way::Out)] {
            let mut scene = with(visible);
            scene.passages = vec![passage(Some("hole"), way, kind.clone()).into()];
            let mut stage = on_stage(&scene);
            for t in [1.0, 400.0, 900.0] {
                let moment = picture(&mut stage, ms(t));
                assert_eq!(moment.pixel(35, 40), still.pixel(35, 40), "{kind:?} at {t}");
            }
        }
    }
}

/// What was masked by a group and now stands in that group is drawn, though the two together would go round in a circle.
#[test]
fn a_layer_moves_into_its_mask() {
    let hole = || crate::build::group("hole", [30.0, 20.0], [60.0, 40.0]);
    let dot = || {
        let dot = layer("dot", [0.0; 2], [60.0, 40.0], color(0xffff_ffff));
        crate::build::inside("hole", dot)
    };
    let one = |parent: Option<&str>, masked: bool| Layer {
        parent: parent.map(id),
        mask: masked.then(|| Mask {
            layer: id("hole"),
            mode: scene::MaskMode::Alpha,
            invert: false,
        }),
        ..layer("m", [0.0; 2], [50.0, 30.0], color(0xff80_20ff))
    };
    let of = |one| scene_of(SIZE[0], SIZE[1], vec![ground(), hole(), dot(), one]);
    let (was, is) = (of(one(None, true)), of(one(Some("hole"), false)));
    let ends = picture(&mut on_stage(&is), ShowTime::ZERO);
    let mut whole = is.clone();
    let left = Way::Over(Box::new(Left::whole(&was)));
    whole.passages = vec![passage(None, left, TransitionKind::Morph).into()];
    for scene in [changed(&was, &is, TransitionKind::Fade), whole] {
        let mut stage = on_stage(&scene);
        for t in [0.0, 300.0, 900.0] {
            picture(&mut stage, ms(t));
        }
        assert!(picture(&mut stage, ms(DURATION_MS)) == ends);
    }
}

/// What waits beyond the edges of a scene that slides in is not seen in the one that it comes over.
#[test]
fn what_waits_beyond_the_canvas_is_not_seen_in_another() {
    let ground = |hex| layer("ground", [0.0; 2], size(), color(hex));
    let waits = layer("waits", [20.0, 94.0], [100.0, 30.0], color(0xff00_00ff));
    let was = scene_of(SIZE[0], SIZE[1], vec![ground(0x0000_ffff)]);
    let is = scene_of(SIZE[0], SIZE[1], vec![ground(0x00ff_00ff), waits]);
    let heading = Heading::Down;
    for kind in [
        TransitionKind::Slide { heading },
        TransitionKind::Push { heading },
        TransitionKind::Scale { from: 0.5 },
    ] {
        let left = Way::Over(Box::new(Left::whole(&was)));
        let mut scene = is.clone();
        scene.passages = vec![passage(None, left, kind.clone()).into()];
        let mut stage = on_stage(&scene);
        for t in [0.0, 203.0, 500.0, 901.0] {
            let shown = picture(&mut stage, ms(t));
            let reds = shown.data().as_chunks::<4>().0.iter();
            let reds = reds.filter(|px| px[0] > 8).count();
            assert_eq!(reds, 0, "{kind:?} at {t}");
        }
    }
}

/// Words and stripes, above them a pane of glass with a rim and a name.
fn behind_glass(visible: bool, hex: u32, name: &str) -> Scene {
    let pane = Effect::new(id("frost"), EffectKind::BackdropBlur { sigma_px: 4.0 });
    let third = crate::build::group("m", [20.0, 30.0], [112.0, 44.0]);
    let glass = Layer {
        effects: vec![pane],
        ..layer(
            "glass",
            [0.0; 2],
            [112.0, 44.0],
            rect(10.0, Paint::Color(rgba(hex))),
        )
    };
    let says = layer("says", [10.0, 12.0], None, words(name, 18.0, 0xffff_ffff));
    let stripes = (0..8).map(|n| {
        let x = 4.0 + 20.0 * f64::from(n);
        layer(
            &format!("stripe{n}"),
            [x, 0.0],
            [8.0, 90.0],
            color(0xffd6_9aff),
        )
    });
    let mut layers: Vec<Layer> = [ground()].into_iter().chain(stripes).collect();
    layers.push(Layer { visible, ..third });
    layers.extend([glass, says].map(|one| crate::build::inside("m", one)));
    scene_of(SIZE[0], SIZE[1], layers)
}

/// Five moments from left to right, of a lower third of glass before stripes: it turns up, frosting them where it is seen; it
/// becomes another one, both blurred; and turns with a whole scene.
#[test]
fn glass_turns_and_blurs() {
    let night = behind_glass(true, 0xffff_ff38, "Ada King");
    let mut shown = night.clone();
    let flip = TransitionKind::Flip { vertical: true };
    shown.passages = vec![passage(Some("m"), Way::In, flip.clone()).into()];
    let day = behind_glass(true, 0x1040_6060, "12.45 ETH");
    let blurred = changed(&night, &day, TransitionKind::BlurFade { sigma_px: 4.0 });
    let mut whole = day;
    let left = Way::Over(Box::new(Left::whole(&night)));
    whole.passages = vec![passage(None, left, flip).into()];
    let strips = [&shown, &blurred, &whole].map(strip);
    golden_of_text("layer_of_glass", &stacked(&strips));
}

/// A layer that came goes again, though the passage by which it came is still in the document when that is over.
#[test]
fn what_came_goes_again() {
    let heading = Heading::Right;
    let mut going = before();
    going.layers[1] = Layer {
        visible: false,
        ..Layer::clone(&going.layers[1])
    }
    .into();
    let came = passage(Some("m"), Way::In, TransitionKind::Fade);
    let goes = Passage {
        id: id("goes"),
        start: scene::Start::At(ms(2000.0)),
        ..passage(Some("m"), Way::Out, TransitionKind::Slide { heading })
    };
    going.passages = vec![came.into(), goes.into()];
    let still = picture(&mut on_stage(&before()), ShowTime::ZERO);
    let mut stage = on_stage(&going);
    assert!(picture(&mut stage, ms(2000.0)) == still);
    let gone = picture(&mut stage, ms(3000.0));
    assert!(picture(&mut stage, ms(2500.0)) != gone);
}
