//! Layers that show through others.

use crate::build::{
    Shelf, animation, color, golden_with_text, group, id, image, inside, layer, ms, picture, png,
    rect, rgba, scene, scene_of, stage, stage_with, text,
};
use compositor::Compositor;
use media::{BlendMode, Resolution};
use scene::{
    Fit, Gradient, Layer, Mask, MaskMode, Paint, Property, Shape, ShapeForm, Source, Transform,
};

/// All is integer arithmetic: the same picture everywhere.
const EXACT: u8 = 0;

fn masked(by: &str, mode: MaskMode, invert: bool, layer: Layer) -> Layer {
    Layer {
        mask: Some(Mask {
            layer: id(by),
            mode,
            invert,
        }),
        ..layer
    }
}

fn hidden(layer: Layer) -> Layer {
    Layer {
        visible: false,
        ..layer
    }
}

fn ellipse(fill: u32) -> Source {
    Source::Shape(Shape {
        form: ShapeForm::Ellipse,
        fill_rule: scene::FillRule::NonZero,
        fill: Some(Paint::Color(rgba(fill))),
        stroke: None,
    })
}

fn fade(angle_deg: f64, from: u32, to: u32) -> Source {
    Source::Gradient(Gradient::linear(
        angle_deg,
        vec![(0.0, rgba(from)), (1.0, rgba(to))],
    ))
}

/// A picture of a sunset: bands of color, and a sun.
fn sunset() -> Vec<u8> {
    png(96, 64, |x, y| {
        let (dx, dy) = (x.abs_diff(64), y.abs_diff(26));
        if dx * dx + dy * dy < 150 {
            return 0xfff0_b0ff;
        }
        let (top, bottom) = if y < 40 {
            ([40, 30, 110], [250, 120, 60])
        } else {
            ([120, 50, 70], [20, 16, 50])
        };
        let (at, of) = if y < 40 { (y, 40) } else { (y - 40, 24) };
        let mix = |i: usize| (top[i] * (of - at) + bottom[i] * at) / of;
        (mix(0) << 24) | (mix(1) << 16) | (mix(2) << 8) | 0xff
    })
}

/// Large words that are filled with a picture of a sunset, on dark blue; the picture shows nowhere else.
#[test]
fn words_filled_with_a_picture() {
    let shelf = || Shelf::with(&[("sunset.png", &sunset())]);
    let scene = scene_of(
        256,
        96,
        vec![
            hidden(layer(
                "words",
                [10.0, 4.0],
                None,
                Source::Text(text("LIVE", 90.0)),
            )),
            masked(
                "words",
                MaskMode::Alpha,
                false,
                layer(
                    "sunset",
                    [0.0, 0.0],
                    [256.0, 96.0],
                    image("sunset.png", Fit::Cover),
                ),
            ),
        ],
    );
    golden_with_text("words_filled", &mut stage_with(&scene, shelf()), 0.0);
}

/// A portrait, a group of its own, cut to a circle in front of a ring that is a little larger.
#[test]
fn a_round_avatar() {
    let scene = scene_of(
        128,
        96,
        vec![
            layer("ring", [20.0, 4.0], [88.0, 88.0], ellipse(0xf4c0_40ff)),
            hidden(layer(
                "round",
                [24.0, 8.0],
                [80.0, 80.0],
                ellipse(0xffff_ffff),
            )),
            masked(
                "round",
                MaskMode::Alpha,
                false,
                group("portrait", [24.0, 8.0], [80.0, 80.0]),
            ),
            inside(
                "portrait",
                layer(
                    "wall",
                    [0.0, 0.0],
                    [80.0, 80.0],
                    fade(90.0, 0x80b0_d0ff, 0x3050_70ff),
                ),
            ),
            inside(
                "portrait",
                layer("shoulders", [8.0, 52.0], [64.0, 60.0], ellipse(0x2030_50ff)),
            ),
            inside(
                "portrait",
                layer("head", [24.0, 18.0], [32.0, 42.0], ellipse(0xf0c0_a0ff)),
            ),
        ],
    );
    testkit::golden!("round_avatar", &picture(&mut stage(&scene), ms(0.0)), EXACT);
}

/// One picture wipes over another from the left, halfway: a gradient from white to black, wider than the canvas, moves across, and
/// where it is white the new picture shows.
#[test]
fn a_soft_luma_wipe() {
    let mut scene = scene(vec![
        layer(
            "old",
            [0.0, 0.0],
            [128.0, 72.0],
            fade(0.0, 0x2060_40ff, 0x60c0_80ff),
        ),
        layer("old-sign", [80.0, 16.0], [40.0, 40.0], ellipse(0xffff_ffff)),
        hidden(group("wipe", [0.0, 0.0], [1.0, 1.0])),
        inside(
            "wipe",
            layer("done", [-256.0, 0.0], [256.0, 72.0], color(0xffff_ffff)),
        ),
        inside(
            "wipe",
            layer(
                "edge",
                [0.0, 0.0],
                [64.0, 72.0],
                fade(0.0, 0xffff_ffff, 0x0000_00ff),
            ),
        ),
        masked(
            "wipe",
            MaskMode::Luma,
            false,
            group("new", [0.0, 0.0], [128.0, 72.0]),
        ),
        inside(
            "new",
            layer(
                "new-back",
                [0.0, 0.0],
                [128.0, 72.0],
                fade(0.0, 0x6020_80ff, 0xe060_60ff),
            ),
        ),
        inside(
            "new",
            layer(
                "new-sign",
                [8.0, 16.0],
                [40.0, 40.0],
                rect(6.0, Paint::Color(rgba(0xffe0_80ff))),
            ),
        ),
    ]);
    let across = [-64.0, 128.0].map(animation::Value::Number);
    scene.animations = vec![animation("wipes", "wipe", &Property::X, across, 1000.0).into()];
    let mut stage = stage(&scene);
    testkit::golden!("luma_wipe", &picture(&mut stage, ms(500.0)), EXACT);
    let all = |stage: &mut engine::Stage, at| picture(stage, ms(at)).pixel(100, 36);
    assert_eq!(all(&mut stage, 0.0), [255, 255, 255, 255]);
    assert_eq!(all(&mut stage, 1000.0), [196, 82, 103, 255]);
}

/// A turned plate has a round hole through which the sky behind it shows; both edges are smooth.
#[test]
fn an_inverted_hole() {
    let scene = scene(vec![
        layer(
            "back",
            [0.0, 0.0],
            [128.0, 72.0],
            fade(0.0, 0x20a0_c0ff, 0x2040_80ff),
        ),
        hidden(layer(
            "hole",
            [44.0, 16.0],
            [40.0, 40.0],
            ellipse(0xffff_ffff),
        )),
        Layer {
            transform: Transform {
                anchor_x: 0.5,
                anchor_y: 0.5,
                rotation_deg: -8.0,
                ..layer("plate", [64.0, 36.0], [96.0, 52.0], color(0)).transform
            },
            ..masked(
                "hole",
                MaskMode::Alpha,
                true,
                layer(
                    "plate",
                    [64.0, 36.0],
                    [96.0, 52.0],
                    rect(8.0, Paint::Color(rgba(0xf0e8_d8ff))),
                ),
            )
        },
    ]);
    testkit::golden!(
        "inverted_hole",
        &picture(&mut stage(&scene), ms(0.0)),
        EXACT
    );
}

/// A mask with a mask and a faded one, a layer that fades and multiplies, a mask that is seen itself and stands in a hidden group.
#[test]
fn masks_keep_their_own_ways() {
    let tile = |name: &str, at, hex| layer(name, at, [40.0, 40.0], color(hex));
    let by = |by: &str, layer| masked(by, MaskMode::Alpha, false, layer);
    let scene = scene_of(
        128,
        72,
        vec![
            tile("below", [0.0, 0.0], 0x8080_80ff),
            hidden(group("away", [10.0, 0.0], [1.0, 1.0])),
            inside(
                "away",
                Layer {
                    opacity: 0.5,
                    ..tile("half", [0.0, 0.0], 0xffff_ffff)
                },
            ),
            hidden(by("half", tile("narrow", [0.0, 10.0], 0xffff_ffff))),
            Layer {
                blend_mode: BlendMode::Multiply,
                ..by("narrow", tile("top", [0.0, 0.0], 0x0000_00ff))
            },
            by("seen", tile("red", [80.0, 0.0], 0xff00_00ff)),
            tile("seen", [100.0, 20.0], 0x0000_ffff),
        ],
    );
    let shown = picture(&mut stage(&scene), ms(0.0));
    // Only where all three are, and half of it.
    assert_eq!(shown.pixel(20, 20), [64, 64, 64, 255]);
    assert_eq!(shown.pixel(5, 20), [128, 128, 128, 255]);
    assert_eq!(shown.pixel(20, 5), [128, 128, 128, 255]);
    // The red tile lies below the blue one that it shows through, and shows nowhere else.
    assert_eq!(shown.pixel(110, 30), [0, 0, 255, 255]);
    assert_eq!(shown.pixel(90, 10), [0x10, 0x20, 0x40, 255]);
}

/// While the picture of a mask is not there its layer is not either; inverted, all of it is. What comes and moves is drawn through
/// damage as it is anew.
#[test]
fn a_mask_that_comes_later_and_moves() {
    let art = png(
        32,
        32,
        |x, y| if (x + y) % 16 < 8 { 0xffff_ffff } else { 0 },
    );
    let shelf = Shelf::with(&[("art.png", &art)]);
    let mut scene = scene(vec![
        hidden(layer(
            "mask",
            [0.0, 20.0],
            [32.0, 32.0],
            image("art.png", Fit::Fill),
        )),
        masked(
            "mask",
            MaskMode::Alpha,
            false,
            layer("shows", [0.0, 0.0], [128.0, 72.0], color(0xff80_20ff)),
        ),
        masked(
            "mask",
            MaskMode::Alpha,
            true,
            layer("other", [0.0, 40.0], [128.0, 20.0], color(0x2080_ffff)),
        ),
    ]);
    let across = [0.0, 100.0].map(animation::Value::Number);
    scene.animations = vec![animation("moves", "mask", &Property::X, across, 1000.0).into()];
    let mut stage = stage_with(&scene, shelf);
    let size = Resolution::new(128, 72);
    let mut compositor = Compositor::new(size);
    for frame in 0..12u32 {
        let list = stage.tick(ms(f64::from(frame) * 90.5));
        let drawn = compositor.compose(list).frame;
        let anew = Compositor::new(size).compose(list).frame;
        assert!(*drawn == *anew, "frame {frame}");
    }
}

/// A mask that is seen and becomes another: at every time what is on screen is the old picture and the new one, mixed by shares that
/// make up the whole. So nothing below shows that shows in neither, and what shows through the mask is in front of it or not as it is
/// in either; also where mask and masked stand in groups, and with something between them.
#[test]
fn a_mask_that_is_seen_changes_without_a_gap() {
    let of = |x: f64, invert: bool, deep: bool| {
        let hole = layer("hole", [x, 10.0], [40.0, 60.0], color(0xff00_00ff));
        let between = layer("between", [70.0, 40.0], [30.0, 20.0], color(0x8080_80ff));
        let one = masked(
            "hole",
            MaskMode::Alpha,
            invert,
            layer("m", [10.0, 10.0], [140.0, 60.0], color(0x00ff_00ff)),
        );
        let ground = layer("ground", [0.0; 2], [160.0, 90.0], color(0x0000_00ff));
        let layers = if deep {
            let soft = Layer {
                effects: vec![scene::Effect::new(
                    id("soft"),
                    scene::EffectKind::GaussianBlur { sigma_px: 1.0 },
                )],
                ..group("around", [0.0; 2], [160.0, 90.0])
            };
            let faint = Layer {
                opacity: 0.5,
                ..group("below", [4.0, 2.0], [100.0, 90.0])
            };
            vec![
                ground,
                faint,
                soft,
                inside("below", hole),
                between,
                inside("around", one),
            ]
        } else {
            vec![ground, hole, between, one]
        };
        scene_of(160, 90, layers)
    };
    for (invert, deep) in [(true, false), (false, false), (true, true), (false, true)] {
        let (was, is) = (of(20.0, invert, deep), of(44.0, invert, deep));
        let left = scene::Left::layer(&was, &id("hole")).expect("it is there");
        let mut scene = is.clone();
        let over = scene::Way::Over(Box::new(left));
        let fade = scene::TransitionKind::Fade;
        scene.passages = vec![crate::transitions::passage(Some("hole"), over, fade).into()];
        let [begins, ends] = [&was, &is].map(|one| picture(&mut stage(one), ms(0.0)));
        let mut stage = stage(&scene);
        for t in [0.0, 200.0, 500.0, 810.0, 1000.0] {
            let share = t / 1000.0;
            let shown = picture(&mut stage, ms(t));
            let pairs = begins.data().iter().zip(ends.data());
            for (n, ((was, is), now)) in pairs.zip(shown.data()).enumerate() {
                let wanted = f64::from(*was) * (1.0 - share) + f64::from(*is) * share;
                let off = (f64::from(*now) - wanted).abs();
                let (x, y) = ((n / 4) % 160, n / 4 / 160);
                assert!(
                    off <= 3.0,
                    "invert {invert}, deep {deep}, at {t}: {now}, not {wanted}, in {x}, {y}"
                );
            }
        }
    }
}
