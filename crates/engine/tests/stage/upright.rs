//! What hides a part of a layer with moved corners: it stands up with the layer where it lies in the layer's own space.

use crate::build::{
    Shelf, animation, group, id, image, inside, layer, ms, picture, png, rect, rgba, scene_of,
    stage_with,
};
use crate::effects::with;
use crate::placing::pinned;
use animation::{Easing, Value};
use compositor::Compositor;
use media::{BlendMode, Resolution, ShowTime};
use proptest::prelude::*;
use scene::{
    CornerPin, EffectKind, FillRule, Fit, Gradient, Layer, Left, Mask, MaskMode, Paint, Passage,
    Property, Scene, Shape, ShapeForm, Source, Start, Transition, TransitionKind, Way, Wipe,
    WipeForm,
};
use std::sync::Arc;

/// All is integer arithmetic or exactly rounded: the same picture everywhere.
const EXACT: u8 = 0;

const CARD: [f64; 2] = [120.0, 90.0];
/// A card that leans back to the right.
const LEANING: CornerPin = [[4.0, -6.0], [-14.0, 16.0], [-14.0, -14.0], [4.0, 8.0]];

fn fade(angle_deg: f64, from: u32, to: u32) -> Paint {
    let stops = [(0.0, rgba(from)), (1.0, rgba(to))];
    Paint::Gradient(Gradient::linear(angle_deg, stops.to_vec()))
}

fn ellipse(fill: Paint) -> Source {
    Source::Shape(Shape {
        form: ShapeForm::Ellipse,
        fill_rule: FillRule::NonZero,
        fill: Some(fill),
        stroke: None,
    })
}

fn shadow() -> EffectKind {
    EffectKind::DropShadow {
        dx_px: 3.0,
        dy_px: 5.0,
        sigma_px: 4.0,
        color: rgba(0x0000_10a0),
    }
}

/// A card at `at`, a group in perspective: a plate, stripes on it and a sun.
fn card(name: &str, at: [f64; 2]) -> Vec<Layer> {
    let part = |part: &str, at, size, source| {
        inside(name, layer(&format!("{name}-{part}"), at, size, source))
    };
    let mut parts = vec![
        pinned(LEANING, group(name, at, CARD)),
        part(
            "plate",
            [0.0, 0.0],
            CARD,
            rect(10.0, fade(60.0, 0x2b1a_5cff, 0xe0506cff)),
        ),
    ];
    for n in 0..4u32 {
        let y = 14.0 + f64::from(n) * 18.0;
        let color = Paint::Color(rgba(0xffff_ff40));
        parts.push(part(
            &format!("line{n}"),
            [0.0, y],
            [CARD[0], 6.0],
            rect(0.0, color),
        ));
    }
    parts.push(part(
        "sun",
        [74.0, 16.0],
        [30.0, 30.0],
        ellipse(Paint::Color(rgba(0xffd0_60ff))),
    ));
    parts
}

fn masked(layers: &mut [Layer], by: &str, mode: MaskMode, invert: bool) {
    layers[0].mask = Some(Mask {
        layer: id(by),
        mode,
        invert,
    });
}

fn hidden(layer: Layer) -> Layer {
    Layer {
        visible: false,
        ..layer
    }
}

fn scene(width: u32, height: u32, layers: Vec<Layer>) -> Scene {
    let wall = layer(
        "wall",
        [0.0, 0.0],
        [f64::from(width), f64::from(height)],
        rect(0.0, fade(90.0, 0x1d2a_48ff, 0x4a68_80ff)),
    );
    let scene = scene_of(width, height, [vec![wall], layers].concat());
    assert_eq!(scene.faults(&scene::Limits::default(), &|_| true), []);
    scene
}

/// Strokes of a broad brush, dark first.
fn paint() -> Vec<u8> {
    png(60, 45, |x, y| {
        let waves = (x * 3 + (y * y) / 9 + (x * y) / 23) % 40;
        let value = (x * 3 + waves).min(255);
        (value << 24) | (value << 16) | (value << 8) | 0xff
    })
}

fn shelf() -> Arc<Shelf> {
    let photo = png(240, 180, |x, y| {
        let (dx, dy) = (x.abs_diff(168), y.abs_diff(56));
        let far = dx * dx + dy * dy;
        let hill = 120 + x.abs_diff(72) * x.abs_diff(72) / 340;
        let [r, g, b] = match (far, y > hill) {
            (..1100, _) => [255, 240, 176],
            (_, true) => [30, 40 + y / 3, 50],
            _ => [60 + y * 3 / 4, 90 + y / 2, 190 - y / 4],
        };
        (r << 24) | (g << 16) | (b << 8) | 0xff
    });
    Shelf::with(&[("paint.png", &paint()), ("photo.png", &photo)])
}

/// Four leaning cards that show through masks. Those of the first three are theirs and lean with them: an ellipse, all but an ellipse, and
/// a soft fade by its luma. The last one is that of a group in which the card stands: a circle that stays one.
#[test]
fn a_mask_leans_with_what_it_hides() {
    let mut all = Vec::new();
    for (n, name) in (0u32..).zip(["one", "two", "three", "four"]) {
        let (x, y) = (10.0 + 136.0 * f64::from(n), 12.0);
        let hole = format!("{name}-hole");
        let white = Paint::Color(rgba(0xffff_ffff));
        let oval = |at, size| hidden(layer(&hole, at, size, ellipse(white.clone())));
        match n {
            0 | 1 => {
                let mut card = card(name, [x, y]);
                masked(&mut card, &hole, MaskMode::Alpha, n == 1);
                all.extend(card);
                all.push(oval([x + 16.0, y + 12.0], [88.0, 66.0]));
            }
            2 => {
                let mut card = card(name, [x, y]);
                masked(&mut card, &hole, MaskMode::Luma, false);
                all.extend(card);
                let fade = rect(0.0, fade(0.0, 0xffff_ffff, 0x0000_00ff));
                all.push(hidden(layer(&hole, [x, y], CARD, fade)));
            }
            _ => {
                let mut frame = vec![group("frame", [x, y], CARD)];
                masked(&mut frame, &hole, MaskMode::Alpha, false);
                let mut card = card(name, [0.0, 0.0]);
                card[0] = inside("frame", card[0].clone());
                all.extend([frame, card].concat());
                all.push(oval([x + 20.0, y + 5.0], [80.0, 80.0]));
            }
        }
    }
    let mut stage = stage_with(&scene(556, 114, all), shelf());
    testkit::golden!("upright_masks", &picture(&mut stage, ms(0.0)), EXACT);
}

fn wipe(form: WipeForm, softness: f64, progress: f64) -> Wipe {
    Wipe {
        form,
        softness,
        progress,
        invert: false,
    }
}

fn forms() -> [WipeForm; 4] {
    let center = [0.5, 0.5];
    [
        WipeForm::Iris { center },
        WipeForm::Linear { angle_deg: 0.0 },
        WipeForm::Clock {
            center,
            angle_deg: -90.0,
        },
        WipeForm::Luma {
            asset: "paint.png".into(),
        },
    ]
}

/// Leaning cards and, below, pictures on their way: by a circle, along a line, around the middle and by strokes of a brush, which all lie
/// on the card and lean with it; a group's shadow is cut with it.
#[test]
fn a_wipe_leans_with_what_it_hides() {
    let mut all = Vec::new();
    for (n, form) in (0u32..).zip(forms()) {
        let x = 10.0 + 136.0 * f64::from(n);
        let wipe = Some(wipe(form, 0.05, 0.6));
        let mut card = card(&format!("card{n}"), [x, 12.0]);
        card[0] = with(
            Layer {
                wipe: wipe.clone(),
                ..card[0].clone()
            },
            [shadow()],
        );
        all.extend(card);
        let photo = layer(
            &format!("photo{n}"),
            [x, 126.0],
            CARD,
            image("photo.png", Fit::Fill),
        );
        all.push(pinned(LEANING, Layer { wipe, ..photo }));
    }
    let mut stage = stage_with(&scene(556, 228, all), shelf());
    testkit::golden!("upright_wipes", &picture(&mut stage, ms(0.0)), EXACT);
}

/// A card that takes the place of a photo, three moments of a circle that opens on it, as both lean.
#[test]
fn a_transition_leans_with_what_it_shows() {
    let photo = layer("card", [10.0, 12.0], CARD, image("photo.png", Fit::Fill));
    let before = scene(140, 114, vec![pinned(LEANING, photo)]);
    let mut after = scene(140, 114, card("card", [10.0, 12.0]));
    let left = Left::layer(&before, &id("card")).expect("is there");
    let center = [0.5, 0.5];
    after.passages = vec![
        Passage {
            id: id("passage"),
            layer: Some(id("card")),
            way: Way::Over(Box::new(left)),
            transition: Transition {
                kind: TransitionKind::Wipe {
                    form: WipeForm::Iris { center },
                    softness: 0.04,
                    invert: false,
                },
                duration_ms: 1000.0,
                easing: Easing::Linear,
            },
            start: Start::At(ShowTime::ZERO),
            playback: None,
            turns: false,
        }
        .into(),
    ];
    let mut stage = stage_with(&after, shelf());
    let mut strip = media::Surface::new(3 * 140, 114);
    for (n, at) in [250.0, 500.0, 750.0].into_iter().enumerate() {
        let frame = picture(&mut stage, ms(at));
        for (row, y) in strip.data_mut().chunks_exact_mut(3 * 140 * 4).zip(0..) {
            row[n * 140 * 4..][..140 * 4].copy_from_slice(frame.row(y));
        }
    }
    testkit::golden!("upright_transition", &strip, EXACT);
}

/// A card with a shadow, a mask that moves in it, and a wipe that goes on.
fn lively() -> Scene {
    let mut parts = card("card", [8.0, 10.0]);
    parts[0] = with(
        Layer {
            wipe: Some(wipe(forms()[2].clone(), 0.1, 0.3)),
            opacity: 0.9,
            blend_mode: BlendMode::Screen,
            ..parts[0].clone()
        },
        [shadow()],
    );
    let white = Paint::Color(rgba(0xffff_ffff));
    let hole = layer("hole", [18.0, 18.0], [70.0, 70.0], ellipse(white));
    parts.push(hidden(hole));
    masked(&mut parts, "hole", MaskMode::Alpha, false);
    let mut scene = scene(140, 114, parts);
    let mut moves = |name: &str, layer: &str, property: Property, values: [f64; 2]| {
        let values = values.map(Value::Number);
        let moves = animation(name, layer, &property, values, 1000.0);
        scene.animations.push(moves.into());
    };
    moves("a", "card", Property::WipeProgress, [0.3, 1.0]);
    moves("b", "hole", Property::X, [18.0, 48.0]);
    moves(
        "c",
        "card",
        Property::PinY(scene::Corner::TopRight),
        [16.0, -6.0],
    );
    scene
}

/// Through a mask, a wipe and corners that move, and at rest nothing is drawn.
#[test]
fn what_leans_is_drawn_through_damage() {
    let scene = lively();
    let size = Resolution::new(140, 114);
    let (mut going, mut compositor) = (stage_with(&scene, shelf()), Compositor::new(size));
    for frame in 0..12u32 {
        let t = ms(f64::from(frame) * 90.5);
        let drawn = compositor.compose(going.tick(t)).frame;
        let anew = Compositor::new(size)
            .compose(stage_with(&scene, shelf()).tick(t))
            .frame;
        assert!(*drawn == *anew, "frame {frame}");
    }
    let rests = ms(3000.0);
    compositor.compose(going.tick(rests));
    assert_eq!(compositor.compose(going.tick(rests)).stats.blocks_drawn, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Corners that are all but still put a wipe and a mask where they are on a group with a surface of its own that leans nowhere.
    #[test]
    fn corners_that_are_all_but_still_move_nothing(
        progress in 0.0..1.0f64,
        softness in 0.05..0.5f64,
        form in 0..4usize,
        by_mask in any::<bool>(),
        is_picture in any::<bool>(),
        at in (0..30i32, 0..20i32),
    ) {
        let at = [f64::from(at.0), f64::from(at.1)];
        let wiped = Some(wipe(forms()[form].clone(), softness, progress));
        let of = |by: f64| {
            let mut parts = if is_picture {
                vec![layer("card", at, CARD, image("photo.png", Fit::Fill))]
            } else {
                let mut card = card("card", at);
                card[0].clip = Some([0.0; 4]);
                card
            };
            parts[0].wipe = wiped.clone();
            parts[0].transform.corner_pin = (by > 0.0).then_some([[by, 0.0], [0.0; 2], [0.0; 2], [0.0; 2]]);
            if by_mask {
                let white = Paint::Color(rgba(0xffff_ffff));
                let hole = layer("hole", [at[0] + 10.0, at[1] + 8.0], [70.0, 70.0], ellipse(white));
                parts.push(hidden(hole));
                masked(&mut parts, "hole", MaskMode::Alpha, false);
            }
            picture(&mut stage_with(&scene(180, 124, parts), shelf()), ms(0.0))
        };
        let (leaning, plain) = (of(1e-6), of(0.0));
        // Composed apart first, edges are rounded once more.
        let most = leaning.data().iter().zip(plain.data()).map(|(a, b)| a.abs_diff(*b)).max();
        prop_assert!(most <= Some(2), "{:?}", most);
    }
}
