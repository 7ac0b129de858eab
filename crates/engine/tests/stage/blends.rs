//! Blend modes as reference pictures.

use crate::build::{color, group, inside, layer, ms, picture, rgba, scene_of, stage};
use media::BlendMode;
use scene::{Gradient, Layer, Paint, Shape, ShapeForm, Source};

/// All is integer arithmetic: the same picture everywhere.
const EXACT: u8 = 0;

/// The modes that mix colors, and the operators that do not.
const MIXING: &[BlendMode] = BlendMode::ALL.split_at(17).0;
const OPERATORS: &[BlendMode] = BlendMode::ALL.split_at(17).1;

fn gradient(angle_deg: f64, from: u32, to: u32) -> Gradient {
    Gradient::linear(angle_deg, vec![(0.0, rgba(from)), (1.0, rgba(to))])
}

/// Six columns and three rows: over a gradient from dark blue to light sand, an ellipse from red to see-through green in
/// each mode that mixes colors, in the order of [`BlendMode::ALL`]; the last cell is a group in `plus-lighter` at half opacity.
#[test]
fn blend_modes() {
    let eye = Source::Shape(Shape {
        form: ShapeForm::Ellipse,
        fill_rule: scene::FillRule::NonZero,
        fill: Some(Paint::Gradient(gradient(90.0, 0xff20_30ff, 0x30e0_6060))),
        stroke: None,
    });
    let mut layers = vec![layer(
        "sky",
        [0.0, 0.0],
        [192.0, 120.0],
        Source::Gradient(gradient(0.0, 0x1020_60ff, 0xf0e0_c0ff)),
    )];
    let cells =
        (0..18).map(|i: u32| [f64::from(i % 6) * 32.0 + 3.0, f64::from(i / 6) * 40.0 + 3.0]);
    for (at, blend_mode) in cells.clone().zip(MIXING.iter().copied()) {
        layers.push(Layer {
            blend_mode,
            ..layer(&format!("{blend_mode:?}"), at, [26.0, 34.0], eye.clone())
        });
    }
    let last = cells.clone().next_back().unwrap_or_default();
    layers.push(Layer {
        blend_mode: BlendMode::PlusLighter,
        opacity: 0.5,
        ..group("sum", last, [26.0, 34.0])
    });
    layers.push(inside("sum", layer("in", [0.0, 0.0], [26.0, 34.0], eye)));
    let scene = scene_of(192, 120, layers);
    testkit::golden!("blend_modes", &picture(&mut stage(&scene), ms(0.0)), EXACT);
}

/// Five columns and two rows, one for each operator in the order of [`BlendMode::ALL`]: in a group, a red ellipse that
/// grows faint downward meets a blue square, which stands below it and to the left. Where the group has nothing the sand
/// behind it shows, also where an operator took the square away.
#[test]
fn operators() {
    let eye = Source::Shape(Shape {
        form: ShapeForm::Ellipse,
        fill_rule: scene::FillRule::NonZero,
        fill: Some(Paint::Gradient(gradient(90.0, 0xe020_30ff, 0xe020_3030))),
        stroke: None,
    });
    let mut layers = vec![layer("sand", [0.0, 0.0], [200.0, 80.0], color(0xf0e0_c0ff))];
    for (i, &blend_mode) in (0u8..).zip(OPERATORS) {
        let (x, y) = (f64::from(i % 5) * 40.0, f64::from(i / 5) * 40.0);
        let name = format!("{blend_mode:?}");
        let own = |part: &str| format!("{name}-{part}");
        layers.push(group(&name, [x, y], [40.0, 40.0]));
        layers.push(inside(
            &name,
            layer(
                &own("square"),
                [4.0, 14.0],
                [22.0, 22.0],
                color(0x2050_c0ff),
            ),
        ));
        layers.push(inside(
            &name,
            Layer {
                blend_mode,
                ..layer(&own("eye"), [12.0, 3.0], [24.0, 26.0], eye.clone())
            },
        ));
    }
    let scene = scene_of(200, 80, layers);
    testkit::golden!("operators", &picture(&mut stage(&scene), ms(0.0)), EXACT);
}

/// A layer that cannot be seen still acts where it is not: nothing is left of the group but what is laid over it later.
#[test]
fn an_invisible_layer_keeps_nothing() {
    let all = |name: &str, hex| inside("group", layer(name, [0.0, 0.0], [64.0, 72.0], color(hex)));
    let scene = scene_of(
        128,
        72,
        vec![
            group("group", [0.0, 0.0], [128.0, 72.0]),
            all("green", 0x20c0_40ff),
            Layer {
                blend_mode: BlendMode::DestinationIn,
                opacity: 0.0,
                ..all("none", 0xffff_ffff)
            },
            inside(
                "group",
                layer("dot", [8.0, 8.0], [8.0, 8.0], color(0xffff_ffff)),
            ),
        ],
    );
    let shown = picture(&mut stage(&scene), ms(0.0));
    // The canvas behind the group.
    assert_eq!(shown.pixel(40, 40), [0x10, 0x20, 0x40, 255]);
    assert_eq!(shown.pixel(10, 10), [255, 255, 255, 255]);
}
