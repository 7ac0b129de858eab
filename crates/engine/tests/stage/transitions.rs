//! Scenes and layers on their way: five moments each, from what leaves to what comes.

use crate::build::{
    Shelf, color, config, golden_of_text, group, id, inside, layer, ms, picture, png, rect, rgba,
    scene_of, stage_with, style, text,
};
use animation::Easing;
use animation::transition::Heading;
use compositor::Compositor;
use engine::Stage;
use media::{BlendMode, Color, Resolution, ShowTime, Surface};
use scene::{
    Gradient, GradientForm, Layer, Left, Paint, Passage, Scene, Source, Spread, Start, TextStyle,
    Transition, TransitionKind, Way, WipeForm,
};

pub(crate) const SIZE: [u32; 2] = [160, 90];
pub(crate) const DURATION_MS: f64 = 1000.0;
/// Between the pictures of a strip.
const GAP_PX: u32 = 4;

pub(crate) fn words(text_: &str, size_px: f64, hex: u32) -> Source {
    Source::Text(scene::Text {
        style: TextStyle {
            color: rgba(hex),
            ..style(size_px)
        },
        ..text(text_, size_px)
    })
}

pub(crate) fn size() -> [f64; 2] {
    SIZE.map(f64::from)
}

/// Night: a lot on offer, with its badge at the top left.
fn offer() -> Scene {
    let sky = Gradient::linear(
        60.0,
        vec![(0.0, rgba(0x1b12_3fff)), (1.0, rgba(0xd845_6bff))],
    );
    let mut scene = scene_of(
        SIZE[0],
        SIZE[1],
        vec![
            layer("sky", [0.0, 0.0], size(), rect(0.0, Paint::Gradient(sky))),
            layer(
                "badge",
                [10.0, 10.0],
                [24.0, 24.0],
                rect(6.0, Paint::Color(rgba(0xffc8_57ff))),
            ),
            layer(
                "title",
                [10.0, 40.0],
                None,
                words("Lot 12", 26.0, 0xffff_ffff),
            ),
            layer("rule", [10.0, 76.0], [60.0, 4.0], color(0xffc8_57ff)),
        ],
    );
    scene.canvas.background = rgba(0x0808_18ff);
    scene
}

/// Day: it is sold, and the badge has become large at the right.
fn sold() -> Scene {
    let sky = Gradient {
        form: GradientForm::Radial {
            center: [0.7, 0.4],
            radius_px: None,
        },
        spread: Spread::Pad,
        stops: vec![(0.0, rgba(0xf6f1_e3ff)), (1.0, rgba(0x8fb8_c8ff))],
    };
    let mut scene = scene_of(
        SIZE[0],
        SIZE[1],
        vec![
            layer("sky", [0.0, 0.0], size(), rect(0.0, Paint::Gradient(sky))),
            layer(
                "badge",
                [100.0, 18.0],
                [48.0, 48.0],
                rect(24.0, Paint::Color(rgba(0x2a7f_62ff))),
            ),
            layer(
                "title",
                [12.0, 28.0],
                None,
                words("Sold", 34.0, 0x1d2b_38ff),
            ),
        ],
    );
    scene.canvas.background = rgba(0xeeee_eeff);
    scene
}

pub(crate) fn transition(kind: TransitionKind) -> Transition {
    Transition {
        kind,
        duration_ms: DURATION_MS,
        easing: Easing::Linear,
    }
}

pub(crate) fn passage(layer: Option<&str>, way: Way, kind: TransitionKind) -> Passage {
    Passage {
        id: id("passage"),
        layer: layer.map(id),
        way,
        transition: transition(kind),
        start: Start::At(ShowTime::ZERO),
        playback: None,
        turns: false,
    }
}

/// `to`, taking the place of `from`.
pub(crate) fn taken(from: &Scene, to: &Scene, kind: TransitionKind) -> Scene {
    let left = Way::Over(Box::new(Left::whole(from)));
    let mut scene = to.clone();
    scene.passages = vec![passage(None, left, kind).into()];
    scene
}

fn shelf() -> std::sync::Arc<Shelf> {
    let ink = png(80, 45, |x, y| {
        let waves = (x * 3 + (y * y) / 9 + (x * y) / 23) % 64;
        let value = (x * 2 + waves).min(255);
        (value << 24) | (value << 16) | (value << 8) | 0xff
    });
    // A band across the middle, slanted.
    let curtain = png(160, 90, |x, y| match (x + y / 3).abs_diff(95) {
        0..=44 => 0x12b0_96ff,
        45..=50 => 0xffc8_57ff,
        _ => 0,
    });
    // Nothing, then all of one color, and nothing again.
    let sting = flashes(&[
        CLEAR, CLEAR, CLEAR, TEAL, TEAL, TEAL, TEAL, CLEAR, CLEAR, CLEAR,
    ]);
    let matte = flashes(&[
        BLACK, BLACK, BLACK, BLACK, BLACK, WHITE, WHITE, WHITE, WHITE, WHITE,
    ]);
    Shelf::with(&[
        ("ink.png", &ink),
        ("curtain.png", &curtain),
        ("sting.gif", &sting),
        ("matte.gif", &matte),
    ])
}

const CLEAR: u8 = 0;
const BLACK: u8 = 1;
const WHITE: u8 = 2;
const TEAL: u8 = 3;

/// A GIF of flat colors, 100 ms each.
fn flashes(colors: &[u8]) -> Vec<u8> {
    let side = 16;
    let palette = [[0; 3], [0; 3], [255; 3], [0x2e, 0xc4, 0xb6]];
    let mut bytes = Vec::new();
    let mut encoder =
        gif::Encoder::new(&mut bytes, side, side, palette.as_flattened()).expect("memory takes it");
    for &color in colors {
        let frame = gif::Frame {
            delay: 10,
            dispose: gif::DisposalMethod::Background,
            transparent: Some(CLEAR),
            width: side,
            height: side,
            buffer: vec![color; usize::from(side * side)].into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).expect("memory takes it");
    }
    drop(encoder);
    bytes
}

pub(crate) fn on_stage(scene: &Scene) -> Stage {
    let faults = scene.faults(&scene::Limits::default(), &|_| true);
    assert_eq!(faults, [], "a scene that may go on air");
    stage_with(scene, shelf())
}

/// Five moments side by side.
pub(crate) fn strip(scene: &Scene) -> Surface {
    let mut stage = on_stage(scene);
    let width = 5 * (SIZE[0] + GAP_PX) - GAP_PX;
    let mut strip = Surface::new(width, SIZE[1]);
    strip.data_mut().fill(255);
    for (n, t) in (0..).zip([0.0, 250.0, 500.0, 750.0, 1000.0]) {
        let moment = picture(&mut stage, ms(t));
        let (row, wide) = (SIZE[0] as usize * 4, width as usize * 4);
        let left = n * (SIZE[0] + GAP_PX) as usize * 4;
        let lines = strip.data_mut().chunks_exact_mut(wide);
        for (to, from) in lines.zip(moment.data().chunks_exact(row)) {
            to[left..left + row].copy_from_slice(from);
        }
    }
    strip
}

fn check(name: &str, kind: TransitionKind) {
    golden_of_text(name, &strip(&taken(&offer(), &sold(), kind)));
}

fn wipe(form: WipeForm, softness: f64) -> TransitionKind {
    TransitionKind::Wipe {
        form,
        softness,
        invert: false,
    }
}

/// Five moments from left to right, from a scene to the next: the one mixes into the other.
#[test]
fn take_by_a_fade() {
    check("take_fade", TransitionKind::Fade);
}

/// Five moments from left to right, from a scene to the next: the old one fades to black, and the new
/// one out of it.
#[test]
fn take_through_black() {
    let color = Color::BLACK;
    check("take_fade_through", TransitionKind::FadeThrough { color });
}

/// Five moments from left to right, from a scene to the next: the new one slides in from the right, over
/// the old.
#[test]
fn take_by_a_slide() {
    let heading = Heading::Left;
    check("take_slide", TransitionKind::Slide { heading });
}

/// Five moments from left to right, from a scene to the next: the new one pushes the old one up.
#[test]
fn take_by_a_push() {
    let heading = Heading::Up;
    check("take_push", TransitionKind::Push { heading });
}

/// Five moments from left to right, from a scene to the next: the new one grows into its place.
#[test]
fn take_by_scale() {
    check("take_scale", TransitionKind::Scale { from: 0.6 });
}

/// Five moments from left to right, from a scene to the next: into the old one, and out of the new.
#[test]
fn take_by_a_zoom() {
    check("take_zoom", TransitionKind::Zoom { scale: 2.0 });
}

/// Five moments from left to right, from a scene to the next: a soft, slanted edge runs down to the
/// right, and the new one is behind it.
#[test]
fn take_by_a_wipe() {
    check(
        "take_wipe",
        wipe(WipeForm::Linear { angle_deg: 30.0 }, 0.15),
    );
}

/// Five moments from left to right, from a scene to the next: a circle with the new one opens about
/// the badge.
#[test]
fn take_by_an_iris() {
    let center = [0.775, 0.47];
    check("take_iris", wipe(WipeForm::Iris { center }, 0.03));
}

/// Five moments from left to right, from a scene to the next: the hand of a clock sweeps the new one in.
#[test]
fn take_by_a_clock() {
    let form = WipeForm::Clock {
        center: [0.5, 0.5],
        angle_deg: -90.0,
    };
    check("take_clock", wipe(form, 0.03));
}

/// Five moments from left to right, from a scene to the next: the new one comes as ink that flows in
/// from the left.
#[test]
fn take_by_a_picture() {
    let asset = "ink.png".into();
    check("take_luma", wipe(WipeForm::Luma { asset }, 0.1));
}

/// Five moments from left to right, from a scene to the next: both blur where they meet, and no edge
/// of the canvas is seen.
#[test]
fn take_by_a_blur() {
    check("take_blur", TransitionKind::BlurFade { sigma_px: 6.0 });
}

/// Five moments from left to right, from a scene to the next: the old one turns away, and the new one
/// turns up on its back.
#[test]
fn take_by_a_flip() {
    check("take_flip", TransitionKind::Flip { vertical: true });
}

/// Five moments from left to right, from a scene to the next: a curtain comes, stands before the cut in
/// the middle, and goes.
#[test]
fn take_behind_a_stinger() {
    let kind = TransitionKind::Stinger {
        asset: "curtain.png".into(),
        cut_ms: Some(500.0),
        matte: None,
    };
    check("take_stinger", kind);
}

/// Five moments from left to right, from a scene to the next: the badge goes where it belongs, changing
/// size and color; the words, which are others, mix.
#[test]
fn take_by_morphing() {
    check("take_morph", TransitionKind::Morph);
}

/// A lower third: a group with a soft shadow of its own color and words.
pub(crate) fn lower_third(visible: bool) -> Scene {
    let mut scene = offer();
    scene.layers.truncate(1);
    scene.layers.push(
        Layer {
            visible,
            ..group("third", [16.0, 50.0], [112.0, 28.0])
        }
        .into(),
    );
    let bar = rect(8.0, Paint::Color(rgba(0xffff_ffd8)));
    let parts = [
        inside("third", layer("bar", [0.0, 0.0], [112.0, 28.0], bar)),
        inside(
            "third",
            layer(
                "name",
                [10.0, 4.0],
                None,
                words("Ada King", 16.0, 0x1b12_3fff),
            ),
        ),
    ];
    scene.layers.extend(parts.map(Into::into));
    scene
}

/// Comes and goes, one strip above the other.
fn check_alone(name: &str, kind: &TransitionKind) {
    let strips = [(true, Way::In), (false, Way::Out)].map(|(visible, way)| {
        let mut scene = lower_third(visible);
        scene.passages = vec![passage(Some("third"), way, kind.clone()).into()];
        strip(&scene)
    });
    let (width, height) = (strips[0].width(), strips[0].height());
    let data = [strips[0].data(), strips[1].data()].concat();
    let both = Surface::from_premultiplied(width, 2 * height, data).expect("two of one size");
    golden_of_text(name, &both);
}

/// Five moments of coming, and below of going: a lower third that slides in from below, and out to below.
#[test]
fn a_layer_slides() {
    let heading = Heading::Up;
    check_alone("layer_slide", &TransitionKind::Slide { heading });
}

/// Five moments of coming, and below of going: a lower third that is wiped on, and off in the same direction.
#[test]
fn a_layer_is_wiped() {
    check_alone(
        "layer_wipe",
        &wipe(WipeForm::Linear { angle_deg: 0.0 }, 0.2),
    );
}

/// Five moments of coming, and below of going: a lower third that comes out of a flash of its own shape.
#[test]
fn a_layer_comes_out_of_white() {
    let color = rgba(0xff40_80ff);
    check_alone("layer_fade_through", &TransitionKind::FadeThrough { color });
}

/// Five moments of coming, and below of going: a lower third that turns towards the viewer, and away.
#[test]
fn a_layer_turns() {
    check_alone("layer_flip", &TransitionKind::Flip { vertical: false });
}

/// Other words push the old ones out of their box, within it.
#[test]
fn words_push_each_other() {
    let (mut before, mut after) = (lower_third(true), lower_third(true));
    let card = |hex| rect(8.0, Paint::Color(rgba(hex)));
    let set = |scene: &mut Scene, hex, name: &str| {
        scene.layers[2].source = Some(card(hex));
        scene.layers[3].source = Some(words(name, 16.0, 0xffff_ffff));
    };
    set(&mut before, 0x1b12_3fff, "Ada King");
    set(&mut after, 0x2a7f_62ff, "12.45 ETH");
    let left = Left::layer(&before, &id("third")).expect("it is there");
    let heading = Heading::Up;
    let push = TransitionKind::Push { heading };
    after.passages = vec![passage(Some("third"), Way::Over(Box::new(left)), push).into()];
    golden_of_text("layer_push", &strip(&after));
}

/// Every kind begins with what was and ends with what is, px by px.
#[test]
fn each_begins_with_the_old_and_ends_with_the_new() {
    let clock = WipeForm::Clock {
        center: [0.3, 0.5],
        angle_deg: 0.0,
    };
    let kinds = [
        TransitionKind::Fade,
        TransitionKind::FadeThrough {
            color: Color::BLACK,
        },
        TransitionKind::Slide {
            heading: Heading::Down,
        },
        TransitionKind::Push {
            heading: Heading::Right,
        },
        TransitionKind::Scale { from: 0.5 },
        TransitionKind::Zoom { scale: 3.0 },
        wipe(WipeForm::Linear { angle_deg: 77.0 }, 0.3),
        wipe(clock, 0.0),
        wipe(
            WipeForm::Luma {
                asset: "ink.png".into(),
            },
            0.5,
        ),
        TransitionKind::BlurFade { sigma_px: 4.0 },
        TransitionKind::Flip { vertical: false },
        TransitionKind::Morph,
    ];
    let still = |scene: &Scene| picture(&mut on_stage(scene), ShowTime::ZERO);
    let (was, is) = (still(&offer()), still(&sold()));
    let (hidden, shown) = (still(&lower_third(false)), still(&lower_third(true)));
    for kind in kinds {
        let mut stage = on_stage(&taken(&offer(), &sold(), kind.clone()));
        assert!(
            picture(&mut stage, ShowTime::ZERO) == was,
            "{kind:?} begins otherwise"
        );
        assert!(
            picture(&mut stage, ms(DURATION_MS)) == is,
            "{kind:?} ends otherwise"
        );
        for (visible, way) in [(true, Way::In), (false, Way::Out)] {
            let (from, to) = if visible {
                (&hidden, &shown)
            } else {
                (&shown, &hidden)
            };
            let mut scene = lower_third(visible);
            scene.passages = vec![passage(Some("third"), way, kind.clone()).into()];
            let mut stage = on_stage(&scene);
            let color = matches!(kind, TransitionKind::FadeThrough { .. });
            assert!(
                color || picture(&mut stage, ShowTime::ZERO) == *from,
                "{kind:?} {visible}"
            );
            assert!(
                picture(&mut stage, ms(DURATION_MS)) == *to,
                "{kind:?} {visible}"
            );
        }
    }
}

pub(crate) fn furthest(a: &Surface, b: &Surface) -> u8 {
    let pairs = a.data().iter().zip(b.data());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

/// What is the same before and after stands still, though both sides of it are mixed: in a whole scene, and in a layer that
/// lets through what is below it.
#[test]
fn what_stays_the_same_does_not_dip() {
    let still = |scene: &Scene| picture(&mut on_stage(scene), ShowTime::ZERO);
    let whole = taken(&offer(), &offer(), TransitionKind::Fade);
    let mut layer_only = lower_third(true);
    let left = Left::layer(&layer_only, &id("third")).expect("it is there");
    let over = Way::Over(Box::new(left));
    layer_only.passages = vec![passage(Some("third"), over.clone(), TransitionKind::Fade).into()];
    let mut wiped = layer_only.clone();
    let form = WipeForm::Linear { angle_deg: 20.0 };
    wiped.passages = vec![passage(Some("third"), over, wipe(form, 0.7)).into()];
    for (scene, was) in [
        (whole, still(&offer())),
        (layer_only, still(&lower_third(true))),
        (wiped, still(&lower_third(true))),
    ] {
        let mut stage = on_stage(&scene);
        for t in [1.0, 130.0, 333.0, 500.0, 777.0, 999.0] {
            let off = furthest(&picture(&mut stage, ms(t)), &was);
            assert!(off <= 2, "off by {off} at {t}");
        }
    }
}

/// What is in both is seen all the way, though a ground that only leaves fades above it.
#[test]
fn what_morphs_is_not_covered_by_what_leaves() {
    let dot = |x: f64| layer("dot", [x, 30.0], [30.0, 30.0], color(0xff00_00ff));
    let ground = layer("ground", [0.0, 0.0], size(), color(0x0000_ffff));
    let was = scene_of(SIZE[0], SIZE[1], vec![ground, dot(20.0)]);
    let is = scene_of(SIZE[0], SIZE[1], vec![dot(100.0)]);
    let mut stage = on_stage(&taken(&was, &is, TransitionKind::Morph));
    for (t, x) in [
        (0.0, 35),
        (250.0, 55),
        (500.0, 75),
        (750.0, 95),
        (990.0, 114),
    ] {
        let moment = picture(&mut stage, ms(t));
        assert_eq!(moment.pixel(x, 45), [255, 0, 0, 255], "at {t}");
    }
}

/// A white scene that takes the place of a white one stays white to its edges while both blur.
#[test]
fn a_blur_keeps_the_edges_of_the_picture() {
    let white = || layer("white", [0.0, 0.0], size(), color(0xffff_ffff));
    let scene = scene_of(SIZE[0], SIZE[1], vec![white()]);
    let blur = TransitionKind::BlurFade { sigma_px: 4.0 };
    let mut stage = on_stage(&taken(&scene, &scene, blur));
    for t in [100.0, 300.0, 500.0, 700.0, 900.0] {
        let moment = picture(&mut stage, ms(t));
        let darkest = moment.data().iter().min();
        assert!(darkest >= Some(&253), "{darkest:?} at {t}");
    }
}

/// Whoever is turned round goes back from where he is.
#[test]
fn a_layer_that_goes_turns_round_without_a_jump() {
    let heading = Heading::Left;
    let mut scene = lower_third(false);
    let out = passage(Some("third"), Way::Out, TransitionKind::Slide { heading });
    scene.passages = vec![out.clone().into()];
    let at = picture(&mut on_stage(&scene), ms(400.0));
    let mut turned = lower_third(true);
    let mut back = Passage { turns: true, ..out };
    back.settle(scene::Moment {
        show: ms(400.0),
        epoch_unix_ns: 0,
    });
    assert_eq!(back.ends_at(), Some(ms(800.0)));
    turned.passages = vec![back.into()];
    let mut stage = on_stage(&turned);
    assert!(picture(&mut stage, ms(400.0)) == at);
    let still = picture(&mut on_stage(&lower_third(true)), ShowTime::ZERO);
    assert!(picture(&mut stage, ms(600.0)) != still);
    assert!(picture(&mut stage, ms(800.0)) == still);
}

/// Taking a third scene while the second comes: what leaves is what was on screen, still moving.
#[test]
fn a_take_during_a_take_begins_with_what_is_on_screen() {
    let first = taken(&offer(), &sold(), TransitionKind::Fade);
    let on_screen = picture(&mut on_stage(&first), ms(500.0));
    let mut second = taken(&first, &lower_third(true), TransitionKind::Fade);
    let mut later = Passage::clone(&second.passages[0]);
    later.start = Start::At(ms(500.0));
    second.passages = vec![later.into()];
    let mut stage = on_stage(&second);
    assert!(picture(&mut stage, ms(500.0)) == on_screen);
    let still = picture(&mut on_stage(&lower_third(true)), ShowTime::ZERO);
    assert!(picture(&mut stage, ms(1500.0)) == still);
}

/// A background that moves goes on doing so on both sides of a take, by whatever kind.
#[test]
fn a_background_that_moves_goes_on_on_both_sides() {
    let of = |from, to| {
        let mut scene = scene_of(SIZE[0], SIZE[1], Vec::new());
        let values = [from, to].map(|hex| animation::Value::Color(rgba(hex)));
        let property = scene::Property::Background;
        let mut sky = crate::build::animation("sky", "canvas", &property, values, 1000.0);
        sky.target = scene::Target::Canvas;
        scene.animations = vec![sky.into()];
        scene
    };
    let (was, is) = (of(0xff00_00ff, 0xffff_00ff), of(0x0000_ffff, 0x00ff_ffff));
    let heading = Heading::Left;
    let mut stage = on_stage(&taken(&was, &is, TransitionKind::Slide { heading }));
    let (mut old, mut new) = (on_stage(&was), on_stage(&is));
    for t in [0.0, 250.0, 500.0, 750.0, 999.0] {
        let shown = picture(&mut stage, ms(t));
        assert_eq!(
            shown.pixel(159, 5),
            picture(if t > 0.0 { &mut new } else { &mut old }, ms(t)).pixel(0, 0),
            "{t}"
        );
        if t < 999.0 {
            assert_eq!(
                shown.pixel(0, 5),
                picture(&mut old, ms(t)).pixel(0, 0),
                "{t}"
            );
        }
    }
    // Mixed where both move: half of each, as they are by then.
    for kind in [TransitionKind::Fade, TransitionKind::Morph] {
        let mut stage = on_stage(&taken(&was, &is, kind.clone()));
        for (t, share) in [(0.0, 0.0), (500.0, 0.5), (999.999, 1.0)] {
            let [old, new] = [&mut old, &mut new].map(|one| picture(one, ms(t)).pixel(0, 0));
            let shown = picture(&mut stage, ms(t)).pixel(80, 45);
            for ((old, new), shown) in old.into_iter().zip(new).zip(shown) {
                let [old, new] = [old, new].map(f64::from);
                let wanted = old + (new - old) * share;
                assert!(
                    (f64::from(shown) - wanted).abs() <= 2.0,
                    "{kind:?}: {shown} for {wanted} at {t}"
                );
            }
        }
    }
}

/// A layer that multiplies goes on doing so while it comes.
#[test]
fn a_blend_mode_lasts_while_a_layer_comes() {
    let with = |passages: Vec<Passage>| {
        let mut scene = offer();
        let shade = Layer {
            blend_mode: BlendMode::Multiply,
            ..layer("shade", [20.0, 20.0], [80.0, 40.0], color(0x8080_ffff))
        };
        scene.layers.push(shade.into());
        scene.passages = passages.into_iter().map(Into::into).collect();
        scene
    };
    let still = picture(&mut on_stage(&with(Vec::new())), ShowTime::ZERO);
    let comes = passage(Some("shade"), Way::In, TransitionKind::Fade);
    let nearly = picture(&mut on_stage(&with(vec![comes])), ms(999.9));
    assert!(furthest(&nearly, &still) <= 1);
}

/// The color between two scenes covers all of the picture whatever the size of the output: its edges are those of the canvas.
#[test]
fn a_color_between_scenes_reaches_the_edges_of_a_smaller_output() {
    let of = |hex: u32| {
        let fill = layer("fill", [0.0; 2], [1920.0, 1080.0], color(hex));
        scene_of(1920, 1080, vec![fill])
    };
    let kind = TransitionKind::FadeThrough {
        color: Color::from_rgba8([255; 4]),
    };
    let scene = taken(&of(0x1122_33ff), &of(0x5533_11ff), kind);
    for (width, height) in [(640, 360), (320, 180), (1280, 720)] {
        let size = Resolution::new(width, height);
        let mut stage = Stage::new(config(size, Shelf::with(&[])), scene.clone());
        for at in [100.0, 500.0, 700.0] {
            let shown = Compositor::new(size).compose_rgba(stage.tick(ms(at)));
            let first = shown.pixel(0, 0);
            let differs = shown
                .data()
                .chunks_exact(4)
                .filter(|px| *px != first)
                .count();
            assert_eq!(differs, 0, "{width} at {at} ms");
        }
    }
}
