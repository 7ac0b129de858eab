//! Outlines and strokes, as reference pictures.

use crate::build::{layer, ms, picture, rgba, scene_of, stage};
use media::Color;
use scene::{
    Cap, Dash, FillRule, Gradient, Join, Layer, Outline, Paint, Shape, ShapeForm, Source, Stroke,
    StrokeAlign,
};

/// All is `f64` in one order: the same picture everywhere.
const EXACT: u8 = 0;

const HEART: &str = "M10 18 C-8 6 4 -4 10 4 C16 -4 28 6 10 18 Z";

fn path(d: &str) -> ShapeForm {
    ShapeForm::Path(Outline::new(d).expect("path data"))
}

fn paint(hex: u32) -> Paint {
    Paint::Color(rgba(hex))
}

fn shape(form: ShapeForm, fill: Option<u32>, stroke: Option<Stroke>) -> Source {
    Source::Shape(Shape::new(form, fill.map(paint), stroke))
}

fn shown(width: u32, height: u32, layers: Vec<Layer>) -> media::Surface {
    picture(&mut stage(&scene_of(width, height, layers)), ms(0.0))
}

/// A row of forms, filled: a kite, a star of five points, one of twelve, a heart that is stretched, and a pentagram whose
/// middle is empty by the even-odd rule. Below a row of the same, stroked inside, in the middle and outside.
#[test]
fn outlines() {
    let kite = ShapeForm::Polygon {
        points: vec![[28.0, 0.0], [56.0, 22.0], [28.0, 56.0], [0.0, 22.0]],
    };
    let star = |points, inner_ratio| ShapeForm::Star {
        points,
        inner_ratio,
    };
    let pentagram = ShapeForm::Polygon {
        points: vec![
            [28.0, 2.0],
            [44.5, 52.7],
            [1.4, 21.3],
            [54.6, 21.3],
            [11.5, 52.7],
        ],
    };
    let gold = Gradient::linear(
        90.0,
        vec![(0.0, rgba(0xffe0_70ff)), (1.0, rgba(0xf090_20ff))],
    );
    let filled = |form| Shape::new(form, Some(Paint::Gradient(gold.clone())), None);
    let at = |i: u32, row: u32| [8.0 + 68.0 * f64::from(i), 8.0 + 68.0 * f64::from(row)];
    let size = [56.0, 56.0];
    let mut layers = vec![
        layer("kite", at(0, 0), None, Source::Shape(filled(kite.clone()))),
        layer("star", at(1, 0), size, Source::Shape(filled(star(5, 0.4)))),
        layer("sun", at(2, 0), size, Source::Shape(filled(star(12, 0.7)))),
        layer("heart", at(3, 0), size, Source::Shape(filled(path(HEART)))),
        layer(
            "pentagram",
            at(4, 0),
            size,
            Source::Shape(Shape {
                fill_rule: FillRule::EvenOdd,
                ..filled(pentagram)
            }),
        ),
    ];
    let forms = [
        (kite, StrokeAlign::Inside),
        (star(5, 0.4), StrokeAlign::Center),
        (star(12, 0.7), StrokeAlign::Outside),
        (path(HEART), StrokeAlign::Inside),
        (
            ShapeForm::Rect {
                radii_px: [0.0, 14.0, 0.0, 14.0],
            },
            StrokeAlign::Outside,
        ),
    ];
    for ((form, align), i) in forms.into_iter().zip(0..) {
        let stroke = Stroke {
            align,
            ..Stroke::new(paint(0xffff_ffff), 5.0)
        };
        let id = format!("stroked-{i}");
        layers.push(layer(
            &id,
            at(i, 1),
            size,
            shape(form, Some(0xc030_60ff), Some(stroke)),
        ));
    }
    testkit::golden!("outlines", &shown(344, 144, layers), EXACT);
}

/// Zigzags with mitered, round and beveled corners and butt, round and square ends; below a dotted line, one of dashes and
/// dots, a dashed box with round corners, and a dashed circle that is half drawn.
#[test]
fn strokes() {
    let zigzag = || path("M0 30 L14 0 L28 30 L42 0");
    let line = Stroke {
        align: StrokeAlign::Center,
        ..Stroke::new(paint(0x30d0_b0ff), 8.0)
    };
    let mut layers = Vec::new();
    for ((cap, join), i) in [
        (Cap::Butt, Join::Miter),
        (Cap::Round, Join::Round),
        (Cap::Square, Join::Bevel),
    ]
    .into_iter()
    .zip(0_u8..)
    {
        let stroke = Stroke {
            cap,
            join,
            ..line.clone()
        };
        let x = 16.0 + 72.0 * f64::from(i);
        layers.push(layer(
            &format!("zigzag-{i}"),
            [x, 16.0],
            None,
            shape(zigzag(), None, Some(stroke)),
        ));
    }
    let dashed = |lengths: &[f64], cap| Stroke {
        cap,
        dash: Some(Dash {
            lengths_px: lengths.to_vec(),
            offset_px: 0.0,
        }),
        ..Stroke::new(paint(0xffd0_60ff), 4.0)
    };
    let straight = || ShapeForm::Line {
        from: [0.0, 0.0],
        to: [192.0, 0.0],
    };
    let centered = |stroke: Stroke| Stroke {
        align: StrokeAlign::Center,
        ..stroke
    };
    for (lengths, cap, y) in [
        (&[0.0, 8.0][..], Cap::Round, 66.0),
        (&[14.0, 6.0, 2.0, 6.0], Cap::Butt, 78.0),
    ] {
        let stroke = centered(dashed(lengths, cap));
        layers.push(layer(
            &format!("line-{y}"),
            [16.0, y],
            None,
            shape(straight(), None, Some(stroke)),
        ));
    }
    layers.push(layer(
        "ticket",
        [16.0, 92.0],
        [96.0, 48.0],
        shape(
            ShapeForm::Rect {
                radii_px: [12.0; 4],
            },
            Some(0x2a3a_6aff),
            Some(dashed(&[8.0, 5.0], Cap::Butt)),
        ),
    ));
    // Half of the way around, and a gap for the rest.
    let ring = Stroke {
        width_px: 8.0,
        paint: paint(0xff60_80ff),
        ..dashed(&[62.8, 200.0], Cap::Round)
    };
    let track = Stroke::new(paint(0xffff_ff30), 8.0);
    for (id, stroke) in [("track", track), ("ring", ring)] {
        let circle = shape(ShapeForm::Ellipse, None, Some(stroke));
        layers.push(layer(id, [140.0, 92.0], [48.0, 48.0], circle));
    }
    testkit::golden!("strokes", &shown(224, 156, layers), EXACT);
}

/// Where a stroke meets the fill there is neither a gap nor a rim of another color, whichever side it lies on.
#[test]
fn strokes_and_fills_share_their_edge() {
    for align in [
        StrokeAlign::Inside,
        StrokeAlign::Center,
        StrokeAlign::Outside,
    ] {
        let stroke = Stroke {
            align,
            ..Stroke::new(paint(0xffff_ffff), 6.0)
        };
        let star = ShapeForm::Star {
            points: 7,
            inner_ratio: 0.6,
        };
        let white = shape(star, Some(0xffff_ffff), Some(stroke));
        let surface = shown(
            128,
            80,
            vec![layer("star", [30.3, 10.7], [60.0, 60.0], white)],
        );
        let darkest = (0..80)
            .flat_map(|y| (0..128).map(move |x| (x, y)))
            .filter(|(x, y)| {
                let (x, y) = (f64::from(*x) - 60.0, f64::from(*y) - 41.0);
                x * x + y * y < 17.0 * 17.0
            })
            .map(|(x, y)| surface.pixel(x, y)[0])
            .min();
        assert_eq!(darkest, Some(255), "{align:?}");
    }
}

/// A stroke and a dash offset that move draw a line: at first nothing of it is there, at the end all.
#[test]
fn a_line_is_drawn() {
    use crate::build::{animation, id};
    use scene::{Property, StrokeProperty};
    let stroke = Stroke {
        align: StrokeAlign::Center,
        dash: Some(Dash {
            lengths_px: vec![100.0, 100.0],
            offset_px: 100.0,
        }),
        ..Stroke::new(Paint::Color(Color::WHITE), 4.0)
    };
    let form = ShapeForm::Line {
        from: [0.0, 2.0],
        to: [100.0, 2.0],
    };
    let mut scene = scene_of(
        128,
        72,
        vec![layer(
            "line",
            [14.0, 10.0],
            None,
            shape(form, None, Some(stroke)),
        )],
    );
    scene.animations.push(
        animation(
            "draw",
            id("line").as_str(),
            &Property::Stroke(StrokeProperty::DashOffset),
            [100.0, 0.0].map(animation::Value::Number),
            1000.0,
        )
        .into(),
    );
    let mut stage = stage(&scene);
    let mut lit = |at_ms| {
        let surface = picture(&mut stage, ms(at_ms));
        (14..114)
            .filter(|x| surface.pixel(*x, 12)[0] == 255)
            .count()
    };
    assert_eq!(
        [lit(0.0), lit(250.0), lit(500.0), lit(1000.0)],
        [0, 25, 50, 100]
    );
}
