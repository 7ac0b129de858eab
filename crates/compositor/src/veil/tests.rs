//! Rows of veils against the formula in f64, and whole pictures at every level of instructions.

use super::{PlacedVeil, Shows, VeilClass};
use crate::grid::Rect;
use crate::kernels::Kernels;
use crate::list::{Group, Picture, Veil, VeilForm};
use crate::{Compositor, DisplayList, DrawItem};
use kurbo::{Affine, Point, Size};
use media::{BlendMode, Color, Resolution, Surface};
use proptest::prelude::*;
use std::f64::consts::TAU;
use std::sync::Arc;

const SIZE: [f64; 2] = [160.0, 90.0];

/// The value of a place, in px of the box.
fn value(form: &VeilForm, at: Point) -> f64 {
    let corners = [
        (0.0, 0.0),
        (SIZE[0], 0.0),
        (0.0, SIZE[1]),
        (SIZE[0], SIZE[1]),
    ];
    match form {
        VeilForm::Linear { direction: [x, y] } => {
            let along = corners.map(|(cx, cy)| cx * x + cy * y);
            let low = along.into_iter().fold(f64::MAX, f64::min);
            let high = along.into_iter().fold(f64::MIN, f64::max);
            (at.x * x + at.y * y - low) / (high - low)
        }
        VeilForm::Iris { center } => {
            let from = Point::new(center[0] * SIZE[0], center[1] * SIZE[1]);
            let far = corners.map(|corner| Point::from(corner).distance(from));
            at.distance(from) / far.into_iter().fold(0.0, f64::max)
        }
        VeilForm::Clock { center, direction } => {
            let from = Point::new(center[0] * SIZE[0], center[1] * SIZE[1]);
            let [dx, dy] = direction;
            let (x, y) = (at.x - from.x, at.y - from.y);
            (y * dx - x * dy).atan2(x * dx + y * dy).rem_euclid(TAU) / TAU
        }
        VeilForm::Luma(surface) => {
            // A ramp from left to right, whose px are wide: halfway between them it is the mean.
            let u = at.x / SIZE[0] * f64::from(surface.width()) - 0.5;
            u.clamp(0.0, f64::from(surface.width()) - 1.0) / (f64::from(surface.width()) - 1.0)
        }
    }
}

/// Black to white in 18 px.
fn ramp() -> Arc<Surface> {
    let mut surface = Surface::new(18, 2);
    for (i, px) in surface.data_mut().chunks_exact_mut(4).enumerate() {
        let grey = u8::try_from(i % 18 * 15).unwrap();
        px.copy_from_slice(&[grey, grey, grey, 255]);
    }
    Arc::new(surface)
}

/// Black and white squares of 16 px, some of which blocks of the canvas lie within.
fn squares() -> Arc<Surface> {
    let mut surface = Surface::new(48, 48);
    for (i, px) in surface.data_mut().chunks_exact_mut(4).enumerate() {
        let is_light = (i % 48 / 16 + i / 48 / 16) % 2 == 0;
        px.copy_from_slice(&[u8::from(is_light) * 255; 4]);
        px[3] = 255;
    }
    Arc::new(surface)
}

fn form() -> impl Strategy<Value = VeilForm> {
    let center = || [-0.3..1.3f64, -0.3..1.3];
    let direction = || (0.0..TAU).prop_map(|turn: f64| [turn.cos(), turn.sin()]);
    prop_oneof![
        direction().prop_map(|direction| VeilForm::Linear { direction }),
        center().prop_map(|center| VeilForm::Iris { center }),
        (center(), direction())
            .prop_map(|(center, direction)| VeilForm::Clock { center, direction }),
        Just(VeilForm::Luma(ramp())),
    ]
}

fn veil(form: &VeilForm, softness: f64, progress: f64, transform: Affine) -> Veil {
    Veil {
        transform,
        size: Size::new(SIZE[0], SIZE[1]),
        form: form.clone(),
        softness,
        progress,
        invert: false,
    }
}

proptest! {
    #[test]
    fn what_shows_follows_the_formula(
        form in form(),
        softness in 0.05..1.0f64,
        progress in 0.01..0.99f64,
        invert in any::<bool>(),
        place in [-30.0..30.0f64, -20.0..20.0],
        turn in -3.0..3.0f64,
    ) {
        let transform = Affine::translate((place[0], place[1])) * Affine::rotate(turn) * Affine::scale_non_uniform(1.25, 0.8);
        let veil = Veil { invert, ..veil(&form, softness, progress, transform) };
        let Shows::Part(placed) = PlacedVeil::place(&veil) else {
            return Err(TestCaseError::fail("is under way"));
        };
        let mut row = Vec::new();
        let y = 37;
        placed.row(Kernels::SCALAR, y, 3..190, &mut row);
        for (i, px) in row.chunks_exact(4).enumerate() {
            let canvas = Point::new(i as f64 + 3.5, y as f64 + 0.5);
            let at = transform.inverse() * canvas;
            let from = |center: [f64; 2]| at.distance(Point::new(center[0] * SIZE[0], center[1] * SIZE[1]));
            if let VeilForm::Clock { center, .. } = form && from(center) < 8.0 {
                // Around the center the edge is as wide as a px, which this formula does not know.
                continue;
            }
            let value = value(&form, at).clamp(0.0, 1.0);
            if matches!(form, VeilForm::Clock { .. }) && !(0.03..=0.97).contains(&value) {
                continue;
            }
            let value = if invert { 1.0 - value } else { value };
            let shows = ((progress * (1.0 + softness) - value) / softness).clamp(0.0, 1.0) * 255.0;
            // The luma of a picture has 256 steps.
            let slack = if matches!(form, VeilForm::Luma(_)) { 2.0 / softness } else { 0.0 };
            prop_assert!((shows - f64::from(px[3])).abs() <= 0.6 + slack, "px {i}: {shows} {px:?}");
        }
    }

    #[test]
    fn blocks_are_what_their_px_are(
        form in prop_oneof![4 => form(), 1 => Just(VeilForm::Luma(squares()))],
        softness in prop_oneof![Just(0.0), 0.0..1.0f64],
        progress in 0.001..0.999f64,
        invert in any::<bool>(),
        turn in prop_oneof![Just(0.0), -3.0..3.0f64],
        left in 0.0..60.0f64,
    ) {
        let transform = Affine::translate((left, 40.0)) * Affine::rotate(turn);
        let veil = Veil { invert, ..veil(&form, softness, progress, transform) };
        let Shows::Part(placed) = PlacedVeil::place(&veil) else {
            return Err(TestCaseError::fail("is under way"));
        };
        let mut row = Vec::new();
        for (bx, by) in (0..12).flat_map(|bx| (0..8).map(move |by| (bx * 16, by * 16))) {
            let block = Rect { x0: bx, y0: by, x1: bx + 16, y1: by + 16 };
            let wanted = match placed.class(block) {
                VeilClass::Part => continue,
                VeilClass::Nothing => 0,
                VeilClass::All => 255,
            };
            for y in by..by + 16 {
                placed.row(Kernels::SCALAR, y, bx..bx + 16, &mut row);
                prop_assert!(row.chunks_exact(4).all(|px| px[3] == wanted), "{block:?} {row:?}");
            }
        }
    }
}

/// A hard edge through the middle of a px shows half of it.
#[test]
fn a_hard_edge_is_antialiased_over_one_px() {
    let form = VeilForm::Linear {
        direction: [1.0, 0.0],
    };
    let placed = PlacedVeil::place(&veil(&form, 0.0, 0.5, Affine::IDENTITY));
    let Shows::Part(placed) = placed else {
        panic!("is under way")
    };
    let mut row = Vec::new();
    placed.row(Kernels::SCALAR, 0, 78..82, &mut row);
    let shows: Vec<u8> = row.chunks_exact(4).map(|px| px[3]).collect();
    // At 80 px of 160, within half a px to either side.
    assert!(shows[0] == 255 && shows[3] == 0, "{shows:?}");
    assert_eq!(u32::from(shows[1]) + u32::from(shows[2]), 255, "{shows:?}");
}

#[test]
fn before_it_begins_nothing_shows_and_at_its_end_everything() {
    for form in [
        VeilForm::Linear {
            direction: [0.6, 0.8],
        },
        VeilForm::Iris { center: [0.5, 0.5] },
        VeilForm::Clock {
            center: [0.5, 0.5],
            direction: [0.0, -1.0],
        },
        VeilForm::Luma(ramp()),
    ] {
        let at = |progress| PlacedVeil::place(&veil(&form, 0.2, progress, Affine::IDENTITY));
        assert!(matches!(at(0.0), Shows::Nothing), "{form:?}");
        assert!(matches!(at(1.0), Shows::All), "{form:?}");
        assert!(matches!(at(f64::NAN), Shows::Nothing), "{form:?}");
    }
}

#[test]
fn every_level_of_instructions_gives_the_same_bytes() {
    let grey = Arc::new(
        Surface::from_premultiplied(1, 1, vec![90, 120, 200, 255]).expect("four bytes for a px"),
    );
    let forms = [
        VeilForm::Linear {
            direction: [0.28, 0.96],
        },
        VeilForm::Iris { center: [0.4, 0.6] },
        VeilForm::Clock {
            center: [0.5, 0.5],
            direction: [0.0, -1.0],
        },
        VeilForm::Luma(ramp()),
    ];
    for form in forms {
        let push = DrawItem::Push(Group {
            key: 1,
            clip: None,
            opacity: 1.0,
            blend: BlendMode::Normal,
            veil: Some(veil(&form, 0.3, 0.45, Affine::rotate(0.1))),
        });
        let picture = DrawItem::Picture(Picture {
            key: 2,
            surface: Arc::clone(&grey),
            transform: Affine::scale_non_uniform(160.0, 90.0),
            opacity: 1.0,
            blend: BlendMode::Normal,
        });
        let list = DisplayList {
            background: Color::WHITE,
            items: vec![push, picture, DrawItem::Pop],
        };
        let draw = |kernels| {
            Compositor::with_kernels(Resolution::new(160, 90), kernels).compose_rgba(&list)
        };
        let truth = draw(Kernels::SCALAR);
        assert!(
            truth
                .data()
                .chunks_exact(4)
                .any(|px| px[0] > 100 && px[0] < 240)
        );
        for kernels in Kernels::all() {
            assert!(
                draw(kernels).data() == truth.data(),
                "{} {form:?}",
                kernels.name()
            );
        }
    }
}
