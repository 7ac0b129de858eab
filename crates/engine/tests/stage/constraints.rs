//! One scene on canvases of two shapes.

use crate::build::{
    color, golden_with_text, group, inside, layer, rect, rgba, scene_of, stage, text,
};
use scene::{
    Constraint, Constraints, Design, Gradient, Layer, Paint, Scene, Shape, ShapeForm, Source,
};

fn held(horizontal: Constraint, vertical: Constraint, layer: Layer) -> Layer {
    Layer {
        constraints: Some(Constraints {
            horizontal,
            vertical,
        }),
        ..layer
    }
}

fn words(content: &str, size_px: f64, hex: u32) -> Source {
    let mut words = text(content, size_px);
    words.style.color = rgba(hex);
    Source::Text(words)
}

/// A talk show, drawn for 320x180 px, on a canvas of another size.
fn show(width_px: u32, height_px: u32) -> Scene {
    use Constraint::{Center, End, Scale, Start, Stretch};
    let stops = vec![(0.0, rgba(0x1b2a_5cff)), (1.0, rgba(0x8a3f_7aff))];
    let wall = Source::Gradient(Gradient::linear(90.0, stops));
    let sun = Shape::new(
        ShapeForm::Ellipse,
        Some(Paint::Color(rgba(0xffc8_78ff))),
        None,
    );
    let layers = vec![
        held(
            Scale,
            Scale,
            layer("wall", [0.0, 0.0], [320.0, 180.0], wall),
        ),
        held(
            Center,
            Center,
            layer("sun", [112.0, 36.0], [96.0, 96.0], Source::Shape(sun)),
        ),
        layer(
            "name",
            [14.0, 10.0],
            None,
            words("HALCYON", 13.0, 0xffff_ffff),
        ),
        held(
            End,
            Start,
            layer(
                "badge",
                [270.0, 10.0],
                [38.0, 18.0],
                rect(5.0, Paint::Color(rgba(0xe832_4aff))),
            ),
        ),
        held(
            End,
            Start,
            layer(
                "live",
                [275.0, 11.5],
                None,
                words("LIVE", 11.0, 0xffff_ffff),
            ),
        ),
        held(Stretch, End, group("bar", [12.0, 132.0], [296.0, 38.0])),
        inside(
            "bar",
            held(
                Stretch,
                Start,
                layer(
                    "plate",
                    [0.0, 0.0],
                    [296.0, 38.0],
                    rect(8.0, Paint::Color(rgba(0x0c14_2ee6))),
                ),
            ),
        ),
        inside(
            "bar",
            layer(
                "title",
                [10.0, 5.0],
                None,
                words("Slow Tide", 15.0, 0xf6ef_e2ff),
            ),
        ),
        inside(
            "bar",
            layer(
                "lot",
                [10.0, 23.0],
                None,
                words("Lot 7 of 16", 9.0, 0xb4bd_d6ff),
            ),
        ),
        inside(
            "bar",
            held(
                End,
                Start,
                layer(
                    "price",
                    [238.0, 9.0],
                    None,
                    words("12.4 E", 14.0, 0xffb4_54ff),
                ),
            ),
        ),
        inside(
            "bar",
            held(
                Stretch,
                Start,
                layer("line", [10.0, 34.0], [276.0, 1.5], color(0x63e0_d3ff)),
            ),
        ),
    ];
    let mut scene = scene_of(width_px, height_px, layers);
    scene.canvas.design = Some(Design {
        width_px: 320,
        height_px: 180,
    });
    scene
}

/// A show as it was drawn: a badge in the right corner, a bar along the bottom, a sun in the middle.
#[test]
fn a_scene_as_it_was_drawn() {
    golden_with_text("constraints_wide", &mut stage(&show(320, 180)), 0.0);
}

/// The same scene on a canvas of 9:16: the wall fills it, the sun stays round and in the middle, the badge in its corner, and the
/// bar at the bottom is as far from both sides, with its price at its right end.
#[test]
fn the_same_scene_upright() {
    golden_with_text("constraints_upright", &mut stage(&show(180, 320)), 0.0);
}
