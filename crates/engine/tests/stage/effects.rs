//! Effects of layers and groups, as reference pictures and as rules.

use crate::build::{
    Shelf, animation, color, config, group, id, image, inside, layer, ms, picture, png, rect, rgba,
    scene_of, stage, stage_with, style, text,
};
use animation::Value;
use compositor::Compositor;
use engine::{Patience, Stage};
use media::{BlendMode, Color, Resolution, ShowTime, Surface};
use proptest::prelude::*;
use scene::{
    Effect, EffectKind, Fit, Gradient, Kind, Layer, Mask, MaskMode, Paint, Property, Scene, Shape,
    ShapeForm, Source, Stroke, Ticker, Transform,
};
use std::time::Duration;
use testkit::poll_until;

/// All is integer arithmetic, `libm`, or f32 in one order: the same picture everywhere.
const EXACT: u8 = 0;

pub(crate) fn effect(name: &str, kind: EffectKind) -> Effect {
    Effect::new(id(name), kind)
}

pub(crate) fn with(layer: Layer, kinds: impl IntoIterator<Item = EffectKind>) -> Layer {
    let named = (0..).zip(kinds);
    let effects = named.map(|(i, kind)| effect(&format!("e{i}"), kind));
    Layer {
        effects: effects.collect(),
        ..layer
    }
}

/// Somebody with dark hair in a blue coat, drawn by distances so that all edges are soft, before `ground`.
fn portrait(ground: impl Fn(f64, f64) -> [f64; 3]) -> Vec<u8> {
    /// How much of a px lies in an ellipse.
    fn ellipse(x: f64, y: f64, [cx, cy, rx, ry]: [f64; 4]) -> f64 {
        let (u, v) = ((x - cx) / rx, (y - cy) / ry);
        ((1.0 - (u * u + v * v).sqrt()) * rx.min(ry) + 0.5).clamp(0.0, 1.0)
    }
    png(100, 100, |x, y| {
        let (x, y) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        let mut px = ground(x, y);
        let mut lay = |cover: f64, shade: f64, over: [f64; 3]| {
            for (v, over) in px.iter_mut().zip(over) {
                *v += (over * shade - *v) * cover;
            }
        };
        let light = 1.1 - 0.35 * (x + y) / 200.0;
        let (hair, skin) = ([58.0, 36.0, 26.0], [236.0, 186.0, 156.0]);
        lay(ellipse(x, y, [50.0, 42.0, 27.0, 33.0]), light, hair);
        lay(
            ellipse(x, y, [50.0, 104.0, 40.0, 30.0]),
            light,
            [44.0, 84.0, 150.0],
        );
        lay(ellipse(x, y, [50.0, 76.0, 9.0, 14.0]), 0.85, skin);
        lay(ellipse(x, y, [50.0, 48.0, 19.0, 25.0]), light, skin);
        lay(ellipse(x, y, [50.0, 23.0, 20.0, 9.0]), light, hair);
        for side in [-8.0, 8.0] {
            lay(
                ellipse(x, y, [50.0 + side, 46.0, 3.4, 2.2]),
                1.0,
                [250.0, 250.0, 248.0],
            );
            lay(
                ellipse(x, y, [50.0 + side, 46.0, 1.8, 1.8]),
                1.0,
                [40.0, 70.0, 60.0],
            );
            lay(
                0.4 * ellipse(x, y, [50.0 + 1.5 * side, 55.0, 4.0, 3.0]),
                1.0,
                [230.0, 120.0, 110.0],
            );
        }
        lay(
            ellipse(x, y, [50.0, 62.0, 6.0, 2.0]),
            1.0,
            [186.0, 70.0, 74.0],
        );
        let [r, g, b] = px.map(|v| v / 255.0);
        u32::from_be_bytes(Color::new(r, g, b, 1.0).to_rgba8())
    })
}

fn evening(x: f64, y: f64) -> [f64; 3] {
    let (dx, dy) = (x - 80.0, y - 20.0);
    let glow = (1.0 - (dx * dx + dy * dy).sqrt() / 110.0).max(0.0);
    [
        120.0 + 120.0 * glow,
        130.0 + 60.0 * glow,
        190.0 - 60.0 * glow,
    ]
}

/// A screen with folds, less bright to the sides.
fn screen(x: f64, y: f64) -> [f64; 3] {
    let shade = 1.0 - 0.15 * ((x - 50.0) / 50.0).powi(2)
        + 0.1 * ((x / 22.0 + y / 300.0).fract() - 0.5).abs();
    [30.0 * shade, 215.0 * shade, 50.0 * shade]
}

pub(crate) fn sky() -> Layer {
    let stops = vec![(0.0, rgba(0x2a3a_6cff)), (1.0, rgba(0xe8c9_a0ff))];
    let gradient = Gradient::linear(60.0, stops);
    layer(
        "sky",
        [0.0, 0.0],
        [260.0, 124.0],
        Source::Gradient(gradient),
    )
}

fn face(name: &str, x: f64) -> Layer {
    layer(
        name,
        [x, 12.0],
        [100.0, 100.0],
        image("portrait.png", Fit::Fill),
    )
}

/// The picture on the left as it is, on the right with its effects.
fn beside(kinds: impl IntoIterator<Item = EffectKind>) -> Surface {
    of_faces(
        vec![face("plain", 20.0), with(face("changed", 140.0), kinds)],
        evening,
    )
}

fn of_faces(faces: Vec<Layer>, ground: fn(f64, f64) -> [f64; 3]) -> Surface {
    let shelf = Shelf::with(&[("portrait.png", &portrait(ground))]);
    let layers = [vec![sky()], faces].concat();
    picture(&mut stage_with(&scene_of(260, 124, layers), shelf), ms(0.0))
}

/// A word and a pierced badge on a dark ground, with effects.
fn words(kinds: impl IntoIterator<Item = EffectKind> + Clone) -> Surface {
    let stroke = Stroke::new(Paint::Color(rgba(0xffd0_60ff)), 12.0);
    let badge = Source::Shape(Shape::new(ShapeForm::Ellipse, None, Some(stroke)));
    let mut title = text("Live!", 56.0);
    title.style.color = rgba(0xffff_ffff);
    let scene = scene_of(
        300,
        110,
        vec![
            with(
                layer("title", [24.0, 18.0], None, Source::Text(title)),
                kinds.clone(),
            ),
            with(layer("badge", [200.0, 22.0], [66.0, 66.0], badge), kinds),
        ],
    );
    picture(&mut stage(&scene), ms(0.0))
}

const WHITE: u32 = 0xffff_ffff;

/// Blurred by a gaussian the portrait is soft and its edges fade.
#[test]
fn gaussian_blur() {
    testkit::golden!(
        "effect_gaussian_blur",
        &beside([EffectKind::GaussianBlur { sigma_px: 4.5 }]),
        EXACT
    );
}

/// Blurred by a square the portrait is soft and its edges fade in a straight ramp.
#[test]
fn box_blur() {
    testkit::golden!(
        "effect_box_blur",
        &beside([EffectKind::BoxBlur { radius_px: 5.5 }]),
        EXACT
    );
}

/// Letters and a ring, each with a dark shadow that falls from its upper left edge into it.
#[test]
fn inner_shadow() {
    let shadow = EffectKind::InnerShadow {
        dx_px: 1.2,
        dy_px: 1.5,
        sigma_px: 1.2,
        color: rgba(0x0818_40ff),
    };
    testkit::golden!("effect_inner_shadow", &words([shadow]), EXACT);
}

/// Letters and a ring that shine like neon: a narrow bright glow in a wide one.
#[test]
fn glow() {
    let glow = |sigma_px, strength, hex| EffectKind::Glow {
        sigma_px,
        color: rgba(hex),
        strength,
    };
    let glows = [glow(2.5, 1.6, 0x60e0_ffff), glow(10.0, 1.4, 0x2080_ffff)];
    testkit::golden!("effect_glow", &words(glows), EXACT);
}

/// Letters and a ring with an even line around them, round at its corners, on a soft shadow.
#[test]
fn outline() {
    let outline = EffectKind::Outline {
        width_px: 5.0,
        color: rgba(0xe040_60ff),
    };
    let shadow = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 4.0,
        sigma_px: 3.0,
        color: rgba(0x0000_00c0),
    };
    testkit::golden!("effect_outline", &words([outline, shadow]), EXACT);
}

/// The portrait in the brown tones of CSS's sepia.
#[test]
fn color_matrix() {
    #[rustfmt::skip]
    let matrix = [
        0.393, 0.769, 0.189, 0.0, 0.0,
        0.349, 0.686, 0.168, 0.0, 0.0,
        0.272, 0.534, 0.131, 0.0, 0.0,
        0.0, 0.0, 0.0, 1.0, 0.0,
    ];
    testkit::golden!(
        "effect_color_matrix",
        &beside([EffectKind::ColorMatrix { matrix }]),
        EXACT
    );
}

/// The portrait warmer, with more contrast and colour.
#[test]
fn color_adjust() {
    let adjust = EffectKind::ColorAdjust {
        brightness: 1.05,
        contrast: 1.2,
        saturation: 1.3,
        hue_deg: -8.0,
        temperature: 0.35,
    };
    testkit::golden!("effect_color_adjust", &beside([adjust]), EXACT);
}

/// The portrait through a red glass.
#[test]
fn tint() {
    let tint = EffectKind::Tint {
        color: rgba(0xd020_30ff),
        amount: 0.55,
    };
    testkit::golden!("effect_tint", &beside([tint]), EXACT);
}

/// On the left somebody before a green screen with folds; on the right the screen is gone, the sky shows, and neither hair
/// nor skin is green.
#[test]
fn chroma_key() {
    let key = EffectKind::ChromaKey {
        color: rgba(0x1ed7_32ff),
        similarity: 0.22,
        smoothness: 0.12,
        spill: 0.2,
    };
    let faces = vec![face("plain", 20.0), with(face("keyed", 140.0), [key])];
    testkit::golden!("effect_chroma_key", &of_faces(faces, screen), EXACT);
}

/// The portrait in squares of seven px and a bit, some seven, some eight wide.
#[test]
fn pixelate() {
    testkit::golden!(
        "effect_pixelate",
        &beside([EffectKind::Pixelate { size_px: 7.3 }]),
        EXACT
    );
}

/// The corners of the portrait lie in the dark.
#[test]
fn vignette() {
    let vignette = EffectKind::Vignette {
        amount: 0.9,
        radius: 0.35,
        softness: 0.6,
        color: rgba(0x0804_10ff),
    };
    testkit::golden!("effect_vignette", &beside([vignette]), EXACT);
}

/// Four corners with four radii, and a shadow that follows them.
#[test]
fn corner_radius() {
    let radius_px = [8.0, 40.0, 16.0, 0.0];
    let shadow = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 3.0,
        sigma_px: 4.0,
        color: rgba(0x0000_00a0),
    };
    testkit::golden!(
        "effect_corner_radius",
        &beside([EffectKind::CornerRadius { radius_px }, shadow]),
        EXACT
    );
}

/// The negative of the portrait.
#[test]
fn invert() {
    testkit::golden!(
        "effect_invert",
        &beside([EffectKind::Invert { amount: 1.0 }]),
        EXACT
    );
}

/// The portrait in four values for each channel; on the left it is black and white.
#[test]
fn posterize_and_threshold() {
    let faces = vec![
        with(face("ink", 20.0), [EffectKind::Threshold { level: 0.52 }]),
        with(
            face("poster", 140.0),
            [EffectKind::Posterize { levels: 4.0 }],
        ),
    ];
    testkit::golden!("effect_posterize", &of_faces(faces, evening), EXACT);
}

/// A lower third of three layers in a group with an outline and a shadow, as if cut out as one; turned a little. The whole
/// of it at four fifths opacity shows no seams.
#[test]
fn a_group_has_effects_as_a_whole() {
    let mut third = group("third", [128.0, 60.0], [190.0, 60.0]);
    third.transform.anchor_x = 0.5;
    third.transform.anchor_y = 0.5;
    third.transform.rotation_deg = -6.0;
    third.opacity = 0.8;
    let outline = EffectKind::Outline {
        width_px: 3.0,
        color: rgba(WHITE),
    };
    let shadow = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 5.0,
        sigma_px: 4.0,
        color: rgba(0x0000_00c0),
    };
    let mut name = text("Ada Lovelace", 18.0);
    name.style.color = rgba(0x1020_40ff);
    let scene = scene_of(
        260,
        124,
        vec![
            sky(),
            with(third, [outline, shadow]),
            inside(
                "third",
                layer(
                    "plate",
                    [30.0, 12.0],
                    [160.0, 40.0],
                    rect(8.0, Paint::Color(rgba(0xf0e8_d8ff))),
                ),
            ),
            inside(
                "third",
                layer(
                    "dot",
                    [0.0, 2.0],
                    [60.0, 60.0],
                    rect(30.0, Paint::Color(rgba(0xe060_40ff))),
                ),
            ),
            inside(
                "third",
                layer("name", [66.0, 21.0], None, Source::Text(name)),
            ),
        ],
    );
    testkit::golden!("effect_group", &picture(&mut stage(&scene), ms(0.0)), EXACT);
}

/// A group in a group: the inner one is cut to a round box and then blurred, the outer one in mosaic tiles, both larger
/// than painted.
#[test]
fn groups_in_groups_have_effects() {
    let mut outer = group("outer", [20.0, 10.0], [110.0, 52.0]);
    outer.transform.scale_x = 2.0;
    outer.transform.scale_y = 2.0;
    let mut inner = inside("outer", group("inner", [60.0, 4.0], [44.0, 44.0]));
    inner.clip = Some([10.0; 4]);
    let scene = scene_of(
        260,
        124,
        vec![
            sky(),
            with(outer, [EffectKind::Pixelate { size_px: 3.0 }]),
            inside(
                "outer",
                layer(
                    "face",
                    [4.0, 4.0],
                    [44.0, 44.0],
                    image("portrait.png", Fit::Fill),
                ),
            ),
            with(inner, [EffectKind::GaussianBlur { sigma_px: 1.0 }]),
            inside(
                "inner",
                layer(
                    "inner-face",
                    [-4.0, -4.0],
                    [60.0, 60.0],
                    image("portrait.png", Fit::Fill),
                ),
            ),
        ],
    );
    let shelf = Shelf::with(&[("portrait.png", &portrait(evening))]);
    testkit::golden!(
        "effect_groups_in_groups",
        &picture(&mut stage_with(&scene, shelf), ms(0.0)),
        EXACT
    );
}

/// Three blue cards as browsers draw them with `filter: drop-shadow(4px 6px 5px rgb(0 0 0 / 0.6))`, `blur(4px)`, and
/// `brightness(1.1) contrast(0.8) saturate(1.4) hue-rotate(40deg)`.
#[test]
fn cards_look_as_with_filters_of_css() {
    let card = |name: &str, x| {
        let fill = Paint::Color(rgba(0x3366_ccff));
        layer(name, [x, 25.0], [60.0, 60.0], rect(10.0, fill))
    };
    let shadow = EffectKind::DropShadow {
        dx_px: 4.0,
        dy_px: 6.0,
        sigma_px: 5.0,
        color: rgba(0x0000_0099),
    };
    let adjust = EffectKind::ColorAdjust {
        brightness: 1.1,
        contrast: 0.8,
        saturation: 1.4,
        hue_deg: 40.0,
        temperature: 0.0,
    };
    let cards = vec![
        layer("ground", [0.0, 0.0], [300.0, 110.0], color(0xf0f0_f4ff)),
        with(card("shadow", 20.0), [shadow]),
        with(
            card("blur", 120.0),
            [EffectKind::GaussianBlur { sigma_px: 4.0 }],
        ),
        with(card("adjust", 220.0), [adjust]),
    ];
    let scene = scene_of(300, 110, cards);
    testkit::golden!(
        "effect_as_css",
        &picture(&mut stage(&scene), ms(0.0)),
        EXACT
    );
}

/// Overlapping, see-through and turned layers in a group of 100x60 px.
pub(crate) fn any_children() -> impl Strategy<Value = Vec<Layer>> {
    let child = (
        (0..70_i32, 0..30_i32),
        (1..30_u32, 1..30_u32),
        any::<u32>(),
        prop_oneof![3 => Just(0.0), 1 => 0.0..360.0_f64],
        prop_oneof![
            Just(BlendMode::Normal),
            Just(BlendMode::Multiply),
            Just(BlendMode::PlusLighter)
        ],
    );
    proptest::collection::vec(child, 0..6).prop_map(|children| {
        let numbered = (0..).zip(children);
        let child = numbered.map(|(i, ((x, y), (w, h), hex, turn, blend_mode))| {
            let at = [f64::from(x), f64::from(y)];
            let size = [f64::from(w), f64::from(h)];
            let plain = layer(&format!("c{i}"), at, size, color(hex));
            let transform = Transform {
                rotation_deg: turn,
                ..plain.transform
            };
            inside(
                "group",
                Layer {
                    transform,
                    blend_mode,
                    ..plain
                },
            )
        });
        child.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Effects that change nothing, or are switched off, leave every byte of a group as it is.
    #[test]
    fn effects_that_change_nothing_change_nothing(children in any_children(), at in (-20..120_i32, -20..60_i32)) {
        let mut plain = group("group", [f64::from(at.0), f64::from(at.1)], [100.0, 60.0]);
        plain.z_index = 1;
        let of = |group: Layer| {
            let layers = [vec![sky(), group], children.clone()].concat();
            picture(&mut stage(&scene_of(260, 124, layers)), ms(0.0))
        };
        let neutral = EffectKind::ColorAdjust { brightness: 1.0, contrast: 1.0, saturation: 1.0, hue_deg: 0.0, temperature: 0.0 };
        let idle = with(plain.clone(), [EffectKind::GaussianBlur { sigma_px: 0.0 }, neutral]);
        let mut off = with(plain.clone(), [EffectKind::GaussianBlur { sigma_px: 9.0 }]);
        off.effects[0].enabled = false;
        let wanted = of(plain);
        prop_assert!(of(idle) == wanted);
        prop_assert!(of(off) == wanted);
    }

    /// A group on a surface of its own is what the compositor makes of a group that it composes apart, byte for byte.
    #[test]
    fn a_surface_of_its_own_is_a_group_composed_apart(
        children in any_children(),
        at in (-20..120_i32, -20..60_i32),
        opacity in 0.1..0.99_f64,
        blend in prop_oneof![Just(BlendMode::Normal), Just(BlendMode::Screen)],
    ) {
        let mut apart = group("group", [f64::from(at.0), f64::from(at.1)], [100.0, 60.0]);
        (apart.opacity, apart.blend_mode, apart.clip) = (opacity, blend, Some([0.0; 4]));
        let of = |group: Layer| {
            let layers = [vec![sky(), group], children.clone()].concat();
            picture(&mut stage(&scene_of(260, 124, layers)), ms(0.0))
        };
        // It acts, and cuts nothing that the clip has left.
        let own = with(apart.clone(), [EffectKind::CornerRadius { radius_px: [0.0; 4] }]);
        prop_assert!(of(own) == of(apart));
    }
}

/// A show whose group with a blur has a moving child, and moves itself.
fn moving() -> Scene {
    let mut panel = group("panel", [20.0, 20.0], [400.0, 300.0]);
    panel.kind = Kind::Group;
    let blurred = with(panel, [EffectKind::GaussianBlur { sigma_px: 3.0 }]);
    let mut scene = scene_of(
        640,
        360,
        vec![
            blurred,
            inside(
                "panel",
                layer("plate", [0.0, 0.0], [400.0, 300.0], color(0x2040_80ff)),
            ),
            inside(
                "panel",
                layer("dot", [20.0, 20.0], [60.0, 60.0], color(0xff80_20ff)),
            ),
        ],
    );
    let across = [Value::Number(20.0), Value::Number(300.0)];
    scene.animations = [
        animation(
            "slide",
            "panel",
            &Property::X,
            [Value::Number(20.0), Value::Number(90.0)],
            1000.0,
        ),
        animation("dot", "dot", &Property::X, across, 1000.0),
    ]
    .map(Into::into)
    .into();
    scene
}

/// What a frame shows does not depend on those before it: not on what was damaged, nor on where surfaces lay.
#[test]
fn a_groups_picture_is_a_function_of_time() {
    let scene = moving();
    let mut one = stage(&scene);
    for t in [0.0, 33.0, 66.0, 500.0, 250.0, 1000.0] {
        assert!(
            picture(&mut one, ms(t)) == picture(&mut stage(&scene), ms(t)),
            "{t}"
        );
    }
}

/// The blur takes longer than a frame may wait: the worker makes it, and the last one stands in, where the group is now.
#[test]
fn slow_effects_of_groups_come_later() {
    let scene = moving();
    let patient = |t| picture(&mut stage(&scene), t);
    let mut stage = stage(&scene);
    stage.tick(ShowTime::ZERO);
    stage.set_patience(Patience::StandIn);
    assert!(picture(&mut stage, ShowTime::ZERO) == patient(ShowTime::ZERO));
    // The worker begins at the earliest when this frame is asked for.
    let meanwhile = picture(&mut stage, ms(1000.0));
    assert!(meanwhile != patient(ms(1000.0)));
    assert_eq!(
        meanwhile.pixel(480, 100),
        [0x20, 0x40, 0x80, 255],
        "it stands where the group is"
    );
    poll_until(Duration::from_secs(5), "the other blur", || {
        (picture(&mut stage, ms(1000.0)) == patient(ms(1000.0))).then_some(())
    });
}

/// Where surfaces of groups would take more than the budget, a group is shown without its effects, and that is said.
#[test]
fn a_group_without_room_loses_its_effects() {
    let scene = moving();
    let mut plain = scene.clone();
    plain.layers[0].effects.clear();
    let size = Resolution::new(640, 360);
    let mut small = config(size, Shelf::with(&[]));
    small.raster_budget_bytes = 100_000;
    let mut stage = Stage::new(small, scene);
    let shown = Compositor::new(size).compose_rgba(stage.tick(ms(500.0)));
    assert_eq!(stage.take_notices().count(), 1);
    assert!(shown == picture(&mut crate::build::stage(&plain), ms(500.0)));
}

/// A layer far outside makes no surface of a million px.
#[test]
fn far_children_are_cut() {
    let mut scene = moving();
    scene.animations.clear();
    let mut near = stage(&scene);
    scene.layers.push(
        inside(
            "panel",
            layer("far", [900_000.0, 0.0], [10.0, 10.0], color(WHITE)),
        )
        .into(),
    );
    let mut far = stage(&scene);
    assert!(picture(&mut near, ms(0.0)) == picture(&mut far, ms(0.0)));
    assert!(far.take_notices().next().is_none());
}

fn masked(by: &str, layer: Layer) -> Layer {
    Layer {
        mask: Some(Mask {
            layer: id(by),
            mode: MaskMode::Alpha,
            invert: false,
        }),
        ..layer
    }
}

/// A group that goes through masks and has in it who is masked by, and who follows, what stands elsewhere.
fn entangled(kinds: impl IntoIterator<Item = EffectKind>) -> Scene {
    let tile = |name: &str, at, hex| layer(name, at, [40.0, 40.0], color(hex));
    let hidden = |layer: Layer| Layer {
        visible: false,
        ..layer
    };
    let round = rect(30.0, Paint::Color(rgba(WHITE)));
    let mut band = with(group("band", [24.0, 10.0], [1.0, 1.0]), kinds);
    band.opacity = 0.5;
    scene_of(
        160,
        90,
        vec![
            tile("leader", [96.0, 20.0], 0x2060_c0ff),
            hidden(tile("hole", [40.0, 6.0], WHITE)),
            hidden(layer("spot", [30.0, 12.0], [110.0, 60.0], round)),
            masked("spot", band),
            inside("band", tile("plain", [0.0, 0.0], 0xe0a0_40ff)),
            inside(
                "band",
                masked("hole", tile("cut", [20.0, 0.0], 0x30c0_60ff)),
            ),
            Layer {
                follow: Some(id("leader")),
                ..inside("band", tile("tag", [-12.0, 22.0], 0xd030_70ff))
            },
        ],
    )
}

/// What changes nothing leaves masks and followers beyond the group where they are without it.
#[test]
fn a_surface_of_its_own_moves_nothing() {
    let shown = |scene: &Scene| picture(&mut stage(scene), ms(0.0));
    let twice = [(); 2].map(|()| EffectKind::Invert { amount: 1.0 });
    let (with, without) = (shown(&entangled(twice)), shown(&entangled([])));
    let most = with.data().iter().zip(without.data());
    let most = most.map(|(a, b)| a.abs_diff(*b)).max();
    assert!(most <= Some(1), "differs by {most:?}");
}

/// A group with a shadow, seen through a round window, which cuts the shadow as it cuts what casts it.
#[test]
fn group_behind_a_mask() {
    let shadow = EffectKind::DropShadow {
        dx_px: 5.0,
        dy_px: 5.0,
        sigma_px: 3.0,
        color: rgba(0x0000_00ff),
    };
    let mut scene = entangled([shadow]);
    scene.canvas.background = rgba(0xd8e0_e8ff);
    testkit::golden!(
        "effect_group_masked",
        &picture(&mut stage(&scene), ms(0.0)),
        EXACT
    );
}

/// What looks at the box of a ticker is made of what runs through it, as with a group around it; a shadow of its words is not
/// cut off below the line.
#[test]
fn effects_of_a_ticker_stand_still() {
    let ticker = |kinds: &[EffectKind]| {
        let ticker = layer(
            "news",
            [10.0, 10.0],
            Some([120.0, 30.0]),
            Source::Ticker(Ticker {
                text: "Storm over the North Sea · Lot 7 sold for 12.45 ETH · ".into(),
                style: style(24.0),
                speed_px_s: 100.0,
                gap_px: 20.0,
                baseline_px: None,
            }),
        );
        with(ticker, kinds.iter().cloned())
    };
    let color = Color::BLACK;
    let kinds = [
        EffectKind::CornerRadius {
            radius_px: [15.0; 4],
        },
        EffectKind::Vignette {
            amount: 0.8,
            radius: 0.3,
            softness: 0.5,
            color,
        },
        EffectKind::Pixelate { size_px: 6.0 },
    ];
    for kind in kinds {
        let own = scene_of(160, 60, vec![ticker(std::slice::from_ref(&kind))]);
        let around = with(group("box", [10.0, 10.0], [120.0, 30.0]), [kind.clone()]);
        let mut bare = ticker(&[]);
        (bare.transform.x_px, bare.transform.y_px) = (0.0, 0.0);
        let around = scene_of(160, 60, vec![around, inside("box", bare)]);
        for at in [0.0, 333.0, 4000.0] {
            let [own, around] = [&own, &around].map(|scene| picture(&mut stage(scene), ms(at)));
            assert!(own.data() == around.data(), "{kind:?} at {at} ms");
        }
    }
    let falls = EffectKind::DropShadow {
        dx_px: 0.0,
        dy_px: 25.0,
        sigma_px: 0.0,
        color: rgba(0xff00_00ff),
    };
    let shown = picture(
        &mut stage(&scene_of(160, 60, vec![ticker(&[falls])])),
        ms(333.0),
    );
    let below = (0..160).filter(|x| (42..60).any(|y| shown.pixel(*x, y)[0] > 128));
    assert!(below.count() > 60);
}
