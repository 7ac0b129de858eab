//! Effects against formulas in f64, and what must hold of all of them.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test computes with pixels"
)]

use super::Sheet;
use crate::Quality;
use kurbo::Size;
use media::{Color, Surface};
use proptest::prelude::*;
use scene::{EFFECTS, Effect, EffectKind, FieldValue, Id, Takes};
use std::f64::consts::{PI, SQRT_2};
use std::sync::Arc;

/// A picture in a box of its size.
fn sheet(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Sheet {
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let data = pixels.flat_map(|(x, y)| pixel(x, y)).collect();
    Sheet {
        surface: Arc::new(Surface::from_premultiplied(width, height, data).unwrap()),
        left: 0,
        top: 0,
        size: Size::new(f64::from(width), f64::from(height)),
        scale: 1.0,
    }
}

fn with(sheet: &Sheet, kind: EffectKind) -> Sheet {
    let effect = Effect::new(Id::new("e").unwrap(), kind);
    sheet
        .clone()
        .with_effects(&[effect], Quality::High)
        .unwrap()
}

/// The px at a place in the box; transparent outside the surface.
fn at(sheet: &Sheet, x: i32, y: i32) -> [u8; 4] {
    let inside = |v: i32, end: u32| u32::try_from(v).ok().filter(|v| *v < end);
    let x = inside(x - sheet.left, sheet.surface.width());
    let y = inside(y - sheet.top, sheet.surface.height());
    x.zip(y).map_or([0; 4], |(x, y)| sheet.surface.pixel(x, y))
}

fn is_premultiplied(sheet: &Sheet) -> bool {
    let mut px = sheet.surface.data().chunks_exact(4);
    px.all(|px| px[..3].iter().all(|v| *v <= px[3]))
}

/// Part of a gaussian's mass on one side.
fn below(x: f64, sigma: f64) -> f64 {
    0.5 * libm::erfc(-x / sigma / SQRT_2)
}

#[test]
fn a_blur_is_a_gaussian_within_a_hundredth_and_within_three_at_low_quality() {
    let sigmas = [
        0.3, 0.5, 1.0, 1.9, 2.0, 3.0, 3.99, 4.0, 6.0, 9.99, 10.0, 15.0, 21.99, 22.0, 40.0, 48.0,
        90.0,
    ];
    let high = sigmas.map(|sigma| (sigma, Quality::High, 0.013));
    let low = sigmas.map(|sigma| (sigma, Quality::Low, 0.03));
    for (sigma, quality, allowed) in high.into_iter().chain(low) {
        let wide = (6.0 * sigma) as i32 + 3;
        let bar = sheet(wide as u32, wide as u32, |_, _| [255; 4]);
        let id = Id::new("e").unwrap();
        let blur = Effect::new(id, EffectKind::GaussianBlur { sigma_px: sigma });
        let blurred = bar.with_effects(&[blur], quality).unwrap();
        assert!(is_premultiplied(&blurred));
        let far = (3.5 * sigma) as i32 + 2;
        let (mut worst, mut from) = (0.0_f64, 0);
        for x in -far..wide + far {
            // A px shows the mean over itself of the bar's px, blurred.
            let centre = f64::from(x) + 0.5;
            let exact = below(centre, sigma) - below(centre - f64::from(wide), sigma);
            let middle = below(f64::from(wide) / 2.0, sigma);
            let exact = exact * (2.0 * middle - 1.0);
            let found = f64::from(at(&blurred, x, wide / 2)[3]) / 255.0;
            if (found - exact).abs() > worst {
                (worst, from) = ((found - exact).abs(), x);
            }
        }
        // A picture is made of px: where sigma is less, so is its edge.
        let allowed = if sigma < 1.0 { 0.16 } else { allowed };
        assert!(
            worst < allowed,
            "sigma {sigma}, {quality:?}: off by {worst} at {from}"
        );
    }
}

/// Also where it is made on a coarser grid, and for a picture whose place on that grid is odd.
#[test]
fn a_blur_keeps_light_and_middle() {
    for sigma in [1.0, 3.0, 5.0, 12.0, 30.0, 60.0] {
        for place in [0, 1, 3, 7] {
            // Large enough that what 8 bits lose at its rim is little.
            let lit = (4.0 * sigma) as u32 + 20;
            let from = place as u32 + 1;
            let dot = sheet(from + lit + 9, lit, |x, _| {
                if (from..from + lit).contains(&x) {
                    [200, 100, 0, 255]
                } else {
                    [0; 4]
                }
            });
            let blurred = with(&dot, EffectKind::GaussianBlur { sigma_px: sigma });
            let (mut sum, mut across, mut down) = (0.0, 0.0, 0.0);
            for y in 0..blurred.surface.height() {
                for x in 0..blurred.surface.width() {
                    let a = f64::from(blurred.surface.pixel(x, y)[3]) / 255.0;
                    sum += a;
                    across += a * (f64::from(x) + 0.5 + f64::from(blurred.left));
                    down += a * (f64::from(y) + 0.5 + f64::from(blurred.top));
                }
            }
            let lost = 1.0 - sum / f64::from(lit * lit);
            assert!(lost.abs() < 0.01, "sigma {sigma}: {lost}");
            let middle = f64::from(lit) / 2.0;
            let (across, down) = (across / sum - f64::from(from) - middle, down / sum - middle);
            assert!(
                across.abs().max(down.abs()) < 0.05_f64.max(0.004 * sigma),
                "sigma {sigma} at {place}: {across} {down}"
            );
        }
    }
}

#[test]
fn a_box_is_the_mean_over_its_square() {
    let dot = sheet(
        9,
        9,
        |x, y| if (x, y) == (4, 4) { [255; 4] } else { [0; 4] },
    );
    let blurred = with(&dot, EffectKind::BoxBlur { radius_px: 1.5 });
    // 4 x 4 px in all: three whole ones and two halves each way.
    for (x, y, share) in [
        (4, 4, 1.0),
        (5, 3, 1.0),
        (6, 4, 0.5),
        (2, 2, 0.25),
        (7, 4, 0.0),
    ] {
        let exact = 255.0 * share / 16.0;
        assert!((f64::from(at(&blurred, x, y)[3]) - exact).abs() <= 0.51);
    }
}

#[test]
fn outlines_have_one_width_all_around() {
    // A disc, antialiased by its distance, of which the outlined one is as much larger.
    let (middle, radius) = (40.3, 25.2);
    let disc = |radius: f64| {
        move |x: i32, y: i32| {
            let far = (f64::from(x) + 0.5 - middle).hypot(f64::from(y) + 0.5 - middle);
            (radius - far + 0.5).clamp(0.0, 1.0)
        }
    };
    let inner = disc(radius);
    let shape = sheet(80, 80, |x, y| {
        [(inner(x as i32, y as i32) * 255.0).round() as u8; 4]
    });
    for width_px in [0.5, 1.0, 2.0, 5.3, 12.0, 40.0] {
        let color = Color::BLACK;
        let outlined = with(&shape, EffectKind::Outline { width_px, color });
        let outer = disc(radius + width_px);
        let mut worst = 0.0_f64;
        for y in -60..140 {
            for x in -60..140 {
                let found = f64::from(at(&outlined, x, y)[3]) / 255.0;
                worst = worst.max((found - outer(x, y)).abs());
            }
        }
        assert!(worst < 0.2, "{width_px}: {worst}");
    }
}

#[test]
fn outlines_are_exact_and_round_at_corners() {
    let card = sheet(10, 10, |_, _| [255; 4]);
    let (width_px, color) = (6.0, Color::new(1.0, 0.0, 0.0, 1.0));
    let outlined = with(&card, EffectKind::Outline { width_px, color });
    let red = [255, 0, 0, 255];
    assert_eq!([at(&outlined, -6, 5), at(&outlined, -7, 5)], [red, [0; 4]]);
    assert_eq!([at(&outlined, 15, 5), at(&outlined, 16, 5)], [red, [0; 4]]);
    assert_eq!([at(&outlined, 0, 0), at(&outlined, 9, 9)], [[255; 4]; 2]);
    let quarter: f64 = (-8..0)
        .flat_map(|y| (-8..0).map(move |x| (x, y)))
        .map(|(x, y)| f64::from(at(&outlined, x, y)[3]) / 255.0)
        .sum();
    let exact = PI * 36.0 / 4.0;
    assert!((quarter / exact - 1.0).abs() < 0.04, "{quarter} {exact}");
}

/// What a color matrix makes of a px, in f64.
fn by_matrix(m: &[f64; 20], px: [u8; 4]) -> [f64; 4] {
    let a = f64::from(px[3]);
    let straight = px.map(|v| if a > 0.0 { f64::from(v) / a } else { 0.0 });
    let of = [straight[0], straight[1], straight[2], a / 255.0, 1.0];
    let row = |i: usize| -> f64 {
        let sum: f64 = (0..5).map(|k| m[i * 5 + k] * of[k]).sum();
        sum.clamp(0.0, 1.0)
    };
    let a = row(3);
    [row(0) * a, row(1) * a, row(2) * a, a].map(|v| v * 255.0)
}

fn any_px() -> impl Strategy<Value = [u8; 4]> {
    (
        any::<[u8; 3]>(),
        prop_oneof![Just(255), Just(0), any::<u8>()],
    )
        .prop_map(|(rgb, a)| [rgb[0].min(a), rgb[1].min(a), rgb[2].min(a), a])
}

fn any_kind() -> impl Strategy<Value = EffectKind> {
    let types = prop::sample::select(EFFECTS.iter().collect::<Vec<_>>());
    (
        types,
        proptest::collection::vec(0.0..=1.0, 20),
        any::<[u8; 4]>(),
    )
        .prop_map(|(spec, parts, color)| {
            let mut kind = spec.fresh();
            for (i, field) in spec.fields.iter().enumerate() {
                // Small pictures, and sizes to fit them; factors near what is of use.
                let within = |range: scene::Range, part: f64| {
                    let (min, max) = (range.min.max(-12.0), range.max.min(12.0));
                    min + (max - min) * part
                };
                let value = match field.takes {
                    Takes::Number(range, _) => FieldValue::Number(within(range, parts[i])),
                    Takes::Color(_) => FieldValue::Color(Color::from_rgba8(color)),
                    Takes::Radii(range) => {
                        FieldValue::Radii(std::array::from_fn(|k| within(range, parts[k])))
                    }
                    Takes::Matrix(_) => {
                        FieldValue::Matrix(std::array::from_fn(|k| parts[k] * 4.0 - 2.0))
                    }
                };
                assert!(kind.set(field.name, value));
            }
            kind
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_color_matrix_is_exact(matrix in prop::array::uniform20(-2.0..2.0_f64), keeps in any::<bool>(), px in any_px()) {
        let mut matrix = matrix;
        if keeps {
            for at in [3, 8, 13, 15, 16, 17, 19] {
                matrix[at] = 0.0;
            }
            matrix[18] = 1.0;
        }
        let changed = with(&sheet(1, 1, |_, _| px), EffectKind::ColorMatrix { matrix });
        for (found, exact) in at(&changed, 0, 0).into_iter().zip(by_matrix(&matrix, px)) {
            prop_assert!((f64::from(found) - exact).abs() <= 1.0, "{:?}: {} {}", px, found, exact);
        }
    }

    /// Brightness, contrast, saturation, hue and temperature one after another, each as its formula has it.
    #[test]
    fn adjustments_follow_their_formulas(
        rgb in any::<[u8; 3]>(),
        brightness in 0.0..2.0_f64,
        contrast in 0.0..2.0_f64,
        saturation in 0.0..2.0_f64,
        hue_deg in -400.0..400.0_f64,
        temperature in -1.0..=1.0_f64,
    ) {
        let luma = |c: [f64; 3], parts: [f64; 3]| -> f64 { c.iter().zip(parts).map(|(v, p)| v * p).sum() };
        let css = [0.213, 0.715, 0.072];
        let mut c = rgb.map(|v| f64::from(v) / 255.0 * brightness);
        c = c.map(|v| (v - 0.5) * contrast + 0.5);
        let grey = luma(c, css);
        c = c.map(|v| grey + (v - grey) * saturation);
        let (sin, cos) = hue_deg.to_radians().sin_cos();
        let turn = [
            [0.213 + cos * 0.787 - sin * 0.213, 0.715 - cos * 0.715 - sin * 0.715, 0.072 - cos * 0.072 + sin * 0.928],
            [0.213 - cos * 0.213 + sin * 0.143, 0.715 + cos * 0.285 + sin * 0.140, 0.072 - cos * 0.072 - sin * 0.283],
            [0.213 - cos * 0.213 - sin * 0.787, 0.715 - cos * 0.715 + sin * 0.715, 0.072 + cos * 0.928 + sin * 0.072],
        ];
        c = turn.map(|row| luma(c, row));
        let gains = [1.0 + 0.3 * temperature, 1.0, 1.0 - 0.3 * temperature];
        let white = luma(gains, [0.2126, 0.7152, 0.0722]);
        let exact = [0, 1, 2].map(|i| (c[i] * gains[i] / white).clamp(0.0, 1.0) * 255.0);
        let kind = EffectKind::ColorAdjust { brightness, contrast, saturation, hue_deg, temperature };
        let changed = with(&sheet(1, 1, |_, _| [rgb[0], rgb[1], rgb[2], 255]), kind);
        for (found, exact) in at(&changed, 0, 0).into_iter().zip(exact) {
            prop_assert!((f64::from(found) - exact).abs() <= 1.0, "{} {}", found, exact);
        }
    }

    /// Whatever the effects, colors stay premultiplied, nothing panics, ink stays within what was told, and what is equal
    /// gives equal bytes.
    #[test]
    fn effects_keep_the_rules_of_surfaces(
        kinds in proptest::collection::vec(any_kind(), 1..4),
        size in (1..24_u32, 1..24_u32),
        px in proptest::collection::vec(any_px(), 1..40),
        left in -9..9_i32,
        scale in prop_oneof![Just(1.0), 0.3..3.0_f64],
    ) {
        let mut start = sheet(size.0, size.1, |x, y| px[(y * size.0 + x) as usize % px.len()]);
        start.left = left;
        start.scale = scale;
        start.size /= scale;
        let effects: Vec<Effect> = kinds.into_iter().enumerate()
            .map(|(i, kind)| Effect::new(Id::new(&format!("e{i}")).unwrap(), kind))
            .collect();
        let changed = start.clone().with_effects(&effects, Quality::High).unwrap();
        prop_assert!(is_premultiplied(&changed));
        let again = start.clone().with_effects(&effects, Quality::High).unwrap();
        prop_assert!(changed.surface == again.surface && changed.left == again.left);
        let reach = super::reach_px(&effects, scale);
        // One that gives a color to what is transparent fills the box.
        let fills = |e: &Effect| matches!(e.kind, EffectKind::ColorMatrix { matrix } if matrix[19] > 0.0);
        let from = if effects.iter().any(fills) { left.min(0) } else { left };
        prop_assert!(f64::from(from - changed.left) <= reach, "{} {}", changed.left, reach);
        let cost = super::cost_ms(&effects, (f64::from(size.0), f64::from(size.1)), scale);
        prop_assert!(cost.is_finite() && cost >= 0.0);
    }
}

fn key(color: Color) -> EffectKind {
    let (similarity, smoothness, spill) = (0.4, 0.08, 0.1);
    EffectKind::ChromaKey {
        color,
        similarity,
        smoothness,
        spill,
    }
}

#[test]
fn a_key_takes_its_screen_and_leaves_the_rest() {
    let green = Color::new(0.0, 1.0, 0.0, 1.0);
    let flat = |rgb: [u8; 3]| {
        let picture = sheet(5, 5, |_, _| [rgb[0], rgb[1], rgb[2], 255]);
        at(&with(&picture, key(green)), 2, 2)
    };
    for screen in [[0, 255, 0], [20, 230, 30], [10, 190, 20], [60, 255, 70]] {
        assert_eq!(flat(screen), [0; 4], "{screen:?}");
    }
    let kept = [
        [255, 255, 255],
        [0, 0, 0],
        [128, 128, 128],
        [224, 172, 140],
        [90, 56, 37],
        [200, 30, 40],
        [40, 60, 200],
    ];
    for [r, g, b] in kept {
        assert_eq!(flat([r, g, b]), [r, g, b, 255]);
    }
}

/// Hair before a screen: part of it shows through, and must not be seen as a green rim.
#[test]
fn a_key_takes_the_cast_out_at_the_same_luma() {
    let green = Color::new(0.0, 1.0, 0.0, 1.0);
    let (similarity, smoothness, spill) = (0.2, 0.08, 0.35);
    let kind = EffectKind::ChromaKey {
        color: green,
        similarity,
        smoothness,
        spill,
    };
    let [r, g, b] = [120_u8, 170, 100];
    let picture = sheet(5, 5, |_, _| [r, g, b, 255]);
    let [r1, g1, b1, a] = at(&with(&picture, kind), 2, 2).map(f64::from);
    assert!(a > 250.0);
    let luma = |r: f64, g: f64, b: f64| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let before = luma(f64::from(r), f64::from(g), f64::from(b));
    assert!((luma(r1, g1, b1) - before).abs() < 1.5);
    assert!(g1 - r1 < 0.8 * f64::from(g - r), "{g1} {r1}");
}

#[test]
fn corners_are_cut_to_the_area_of_their_circles() {
    let card = sheet(60, 40, |_, _| [255; 4]);
    let radius_px = [20.0, 10.0, 0.0, 5.0];
    let cut = with(&card, EffectKind::CornerRadius { radius_px });
    let sum: f64 = cut
        .surface
        .data()
        .chunks(4)
        .map(|px| f64::from(px[3]) / 255.0)
        .sum();
    let lost: f64 = radius_px.iter().map(|r| r * r * (1.0 - PI / 4.0)).sum();
    assert!((2400.0 - lost - sum).abs() < 1.0, "{sum} {lost}");
    assert_eq!([at(&cut, 0, 0), at(&cut, 59, 39)], [[0; 4], [255; 4]]);
    // What leaves the box goes.
    let (sigma_px, color) = (4.0, Color::BLACK);
    let shadow = EffectKind::DropShadow {
        dx_px: 3.0,
        dy_px: 0.0,
        sigma_px,
        color,
    };
    let cut = with(
        &with(&card, shadow),
        EffectKind::CornerRadius {
            radius_px: [0.0; 4],
        },
    );
    assert!(cut.surface == card.surface && (cut.left, cut.top) == (0, 0));
}

#[test]
fn tiles_are_means_from_the_corner_of_the_box() {
    let ramp = sheet(20, 6, |x, _| [(x * 10) as u8, 0, 0, 255]);
    let tiled = with(&ramp, EffectKind::Pixelate { size_px: 8.0 });
    let red: Vec<u8> = [0, 7, 8, 15, 16, 19].map(|x| at(&tiled, x, 3)[0]).into();
    assert_eq!(red, [35, 35, 115, 115, 175, 175]);
    assert_eq!((tiled.surface.width(), tiled.surface.height()), (20, 6));
    // Ink that is cut out of its box spreads over its tile.
    let mut ink = sheet(4, 4, |_, _| [255; 4]);
    (ink.left, ink.top, ink.size) = (6, 2, Size::new(20.0, 20.0));
    let tiled = with(&ink, EffectKind::Pixelate { size_px: 8.0 });
    assert_eq!((tiled.left, tiled.top), (0, 0));
    assert_eq!([at(&tiled, 1, 7), at(&tiled, 12, 1)], [[32; 4]; 2]);
}

/// The same picture with so much of nothing around it, as the surface of a group has.
fn padded(sheet: &Sheet, left: i32, top: i32, right: u32, bottom: u32) -> Sheet {
    let own = &sheet.surface;
    let width = own.width() + left.unsigned_abs() + right;
    let height = own.height() + top.unsigned_abs() + bottom;
    let mut padded = self::sheet(width, height, |x, y| {
        let [x, y] = [x as i32 - left, y as i32 - top];
        at(sheet, x + sheet.left, y + sheet.top)
    });
    (padded.left, padded.top) = (sheet.left - left, sheet.top - top);
    padded.size = sheet.size;
    padded
}

/// What an effect makes of a picture does not depend on how much of nothing its surface has around it: a layer and a group
/// with that layer in it look the same.
#[test]
fn nothing_around_a_picture_changes_nothing() {
    let color = Color::new(0.1, 0.2, 0.3, 0.9);
    let matrix = std::array::from_fn(|i| [0.5, 0.0, -1.0, 1.0][(i * 7) % 4]);
    let inverted = {
        let mut matrix = [0.0; 20];
        (matrix[18], matrix[19]) = (-1.0, 1.0);
        matrix
    };
    let green = Color::new(0.0, 1.0, 0.0, 1.0);
    let kinds = [
        EffectKind::GaussianBlur { sigma_px: 3.0 },
        EffectKind::BoxBlur { radius_px: 2.5 },
        EffectKind::DropShadow {
            dx_px: 5.0,
            dy_px: -3.5,
            sigma_px: 2.0,
            color,
        },
        EffectKind::InnerShadow {
            dx_px: 6.0,
            dy_px: -9.5,
            sigma_px: 4.0,
            color,
        },
        EffectKind::InnerShadow {
            dx_px: 0.0,
            dy_px: 0.0,
            sigma_px: 4.0,
            color,
        },
        EffectKind::Glow {
            sigma_px: 4.0,
            color,
            strength: 2.0,
        },
        EffectKind::Outline {
            width_px: 2.5,
            color,
        },
        EffectKind::ColorMatrix { matrix },
        EffectKind::ColorMatrix { matrix: inverted },
        EffectKind::ChromaKey {
            color: green,
            similarity: 0.3,
            smoothness: 0.1,
            spill: 0.1,
        },
        EffectKind::Pixelate { size_px: 8.0 },
        EffectKind::Vignette {
            amount: 0.8,
            radius: 0.3,
            softness: 0.4,
            color,
        },
        EffectKind::CornerRadius {
            radius_px: [5.0; 4],
        },
        EffectKind::Invert { amount: 1.0 },
        EffectKind::Posterize { levels: 3.0 },
        EffectKind::Threshold { level: 0.4 },
    ];
    let full = sheet(30, 20, |x, y| [x as u8 * 8, 255 - y as u8 * 9, 40, 255]);
    let green = sheet(30, 20, |_, _| [0, 255, 0, 255]);
    let disc = sheet(30, 20, |x, y| {
        let far = (f64::from(x) - 14.0).hypot(f64::from(y) - 9.0);
        let a = (8.5 - far).clamp(0.0, 1.0);
        [30.0, 200.0, 90.0, 255.0].map(|v| (v * a) as u8)
    });
    for picture in [full, green, disc] {
        for kind in &kinds {
            let alone = with(&picture, kind.clone());
            let among = with(&padded(&picture, 7, 0, 64, 13), kind.clone());
            for (x, y) in (-40..80).flat_map(|x| (-40..60).map(move |y| (x, y))) {
                assert_eq!(at(&alone, x, y), at(&among, x, y), "{kind:?} at {x}, {y}");
            }
        }
    }
}

/// A screen that borders on nothing goes to its last px.
#[test]
fn a_key_leaves_no_rim() {
    let disc = sheet(40, 40, |x, y| {
        let far = (f64::from(x) - 19.5).hypot(f64::from(y) - 19.5);
        let a = (16.0 - far).clamp(0.0, 1.0);
        [0.0, 255.0, 0.0, 255.0].map(|v| (v * a) as u8)
    });
    let key = EffectKind::ChromaKey {
        color: Color::new(0.0, 1.0, 0.0, 1.0),
        similarity: 0.4,
        smoothness: 0.08,
        spill: 0.1,
    };
    let keyed = with(&disc, key);
    assert!(keyed.surface.data().iter().all(|v| *v == 0));
}

/// CSS's `inset` shadow: what is beyond the box is not lit, as far as that is seen within it by the blur.
#[test]
fn an_inner_shadow_is_as_deep_as_its_gaussian() {
    let sigma = 8.0;
    let white = sheet(200, 100, |_, _| [255; 4]);
    for dx_px in [0.0, 12.0] {
        let kind = EffectKind::InnerShadow {
            dx_px,
            dy_px: 0.0,
            sigma_px: sigma,
            color: Color::BLACK,
        };
        let shaded = with(&white, kind);
        for x in [0, 5, 10, 20, 100, 180, 190, 195, 199] {
            let middle = f64::from(x) + 0.5 - dx_px;
            let lit = below(middle, sigma) - below(middle - 200.0, sigma);
            let found = f64::from(at(&shaded, x, 50)[0]) / 255.0;
            assert!(
                (found - lit).abs() < 0.015,
                "{dx_px}, {x}: {found}, not {lit}"
            );
        }
    }
}

#[test]
fn shades_and_inner_shadows_keep_the_shape() {
    let disc = sheet(40, 40, |x, y| {
        let far = (f64::from(x) - 19.5).hypot(f64::from(y) - 19.5);
        [((18.0 - far + 0.5).clamp(0.0, 1.0) * 255.0) as u8; 4]
    });
    let color = Color::BLACK;
    let inner = EffectKind::InnerShadow {
        dx_px: 4.0,
        dy_px: 4.0,
        sigma_px: 2.0,
        color,
    };
    let vignette = EffectKind::Vignette {
        amount: 1.0,
        radius: 0.2,
        softness: 0.4,
        color,
    };
    for kind in [inner, vignette] {
        let changed = with(&disc, kind);
        let alphas = |s: &Sheet| {
            s.surface
                .data()
                .iter()
                .skip(3)
                .step_by(4)
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(alphas(&changed), alphas(&disc));
        assert_eq!(at(&changed, 20, 20), [255; 4]);
        assert!(at(&changed, 6, 13)[0] < 90);
    }
}
