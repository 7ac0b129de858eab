//! Gradients that run outwards and around, as reference pictures.

use crate::build::{layer, ms, picture, rgba, scene_of, stage};
use media::Color;
use scene::{FillRule, Gradient, GradientForm, Paint, Shape, ShapeForm, Source, Spread, Stroke};

/// All is `f64` in one order: the same picture everywhere.
const EXACT: u8 = 0;

fn rainbow() -> Vec<(f64, Color)> {
    let colors = [
        0xff3b_5cff_u32,
        0xffb0_20ff,
        0x38d9_70ff,
        0x20a8_ffff,
        0x8a4d_ffff,
        0xff3b_5cff,
    ];
    let offsets = (0_u8..).map(|i| f64::from(i) / 5.0);
    offsets.zip(colors.map(rgba)).collect()
}

fn conic(center: [f64; 2], angle_deg: f64, stops: Vec<(f64, Color)>) -> Gradient {
    Gradient {
        form: GradientForm::Conic { center, angle_deg },
        spread: Spread::Pad,
        stops,
    }
}

/// Top left a wheel of colors without a seam; beside it a pie of three slices with smooth edges, on its right a sweep from
/// white to nothing that begins sharp at the top; below a glow with its center up left in a rounded box, rings that
/// repeat, and a ring stroked by a wheel around a ball.
#[test]
fn gradients() {
    let ellipse = |fill| {
        Source::Shape(Shape {
            form: ShapeForm::Ellipse,
            fill_rule: FillRule::NonZero,
            fill: Some(Paint::Gradient(fill)),
            stroke: None,
        })
    };
    let radial = |center, radius_px, spread, stops| Gradient {
        form: GradientForm::Radial { center, radius_px },
        spread,
        stops,
    };
    let slices = [
        (0.0, 0x20a8_ffff),
        (0.45, 0x20a8_ffff),
        (0.45, 0xffb0_20ff),
        (0.75, 0xffb0_20ff),
        (0.75, 0xff3b_5cff),
        (1.0, 0xff3b_5cff),
    ];
    let slices = slices.map(|(at, hex)| (at, rgba(hex))).to_vec();
    let sweep = vec![(0.0, rgba(0xffff_ffff)), (1.0, rgba(0xffff_ff00))];
    let glow = vec![
        (0.0, rgba(0xffe9_a8ff)),
        (0.35, rgba(0xff8a_3cff)),
        (1.0, rgba(0x2a10_50ff)),
    ];
    let rings = vec![
        (0.0, rgba(0x0b1a_33ff)),
        (0.1, rgba(0x2fd0_c8ff)),
        (0.2, rgba(0x0b1a_33ff)),
    ];
    let ball = vec![(0.0, rgba(0xffff_ffff)), (1.0, rgba(0x3060_c0ff))];
    let card = Source::Shape(Shape {
        form: ShapeForm::Rect {
            radii_px: [14.0; 4],
        },
        fill_rule: FillRule::NonZero,
        fill: Some(Paint::Gradient(radial(
            [0.3, 0.25],
            None,
            Spread::Pad,
            glow,
        ))),
        stroke: None,
    });
    let medal = Source::Shape(Shape {
        form: ShapeForm::Ellipse,
        fill_rule: FillRule::NonZero,
        fill: Some(Paint::Gradient(radial(
            [0.35, 0.3],
            Some(50.0),
            Spread::Pad,
            ball,
        ))),
        stroke: Some(Stroke::new(
            Paint::Gradient(conic([0.5, 0.5], 0.0, rainbow())),
            9.0,
        )),
    });
    let size = [76.0, 76.0];
    let layers = vec![
        layer(
            "wheel",
            [8.0, 8.0],
            size,
            ellipse(conic([0.5, 0.5], 0.0, rainbow())),
        ),
        layer(
            "pie",
            [92.0, 8.0],
            size,
            ellipse(conic([0.5, 0.5], -90.0, slices)),
        ),
        layer(
            "sweep",
            [176.0, 8.0],
            size,
            ellipse(conic([0.5, 0.5], -90.0, sweep)),
        ),
        layer("card", [8.0, 92.0], size, card),
        layer(
            "rings",
            [92.0, 92.0],
            size,
            ellipse(radial([0.5, 0.5], None, Spread::Repeat, rings)),
        ),
        layer("medal", [176.0, 92.0], size, medal),
    ];
    let scene = scene_of(260, 176, layers);
    testkit::golden!("gradients", &picture(&mut stage(&scene), ms(0.0)), EXACT);
}
