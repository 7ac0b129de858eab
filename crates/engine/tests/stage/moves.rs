//! Ways, transform functions and what moves as a whole, as pictures.

use crate::build::{
    animation, color, golden_with_text, id, layer, ms, picture, rect, rgba, scene_of, stage, text,
};
use animation::{Composite, Tangents, TransformFunction, Value, Whole};
use media::Color;
use scene::{
    Align, Driver, Expression, Formula, Gradient, LookAt, Outline, Paint, PathDriver, Property,
    Reveal, RevealBy, Rotate, Scene, Shape, ShapeForm, Source, SourceProperty, Stroke, StrokeAlign,
    Text,
};

/// A plane that looks to the right, about its middle.
fn plane(name: &str, hex: u32) -> scene::Layer {
    let form = ShapeForm::Path(Outline::new("M0 0 L26 9 L0 18 L6 9 Z").expect("path data"));
    let source = Source::Shape(Shape::new(form, Some(Paint::Color(rgba(hex))), None));
    let mut plane = layer(name, [0.0, 0.0], None, source);
    (plane.transform.anchor_x, plane.transform.anchor_y) = (0.5, 0.5);
    plane
}

/// A line where a way is.
fn trail(d: &str) -> scene::Layer {
    let outline = Outline::new(d).expect("path data");
    // A shape stands with the corner of what it draws.
    let at = outline.bounds().origin();
    let form = ShapeForm::Path(outline);
    let stroke = Stroke {
        align: StrokeAlign::Center,
        ..Stroke::new(Paint::Color(rgba(0xffff_ff40)), 1.5)
    };
    let source = Source::Shape(Shape::new(form, None, Some(stroke)));
    layer("trail", [at.x, at.y], None, source)
}

fn golden(scene: &Scene, name: &str, at_ms: f64) {
    testkit::golden!(name, &picture(&mut stage(scene), ms(at_ms)), 0);
}

/// Planes an even distance apart on a line of curves look where they fly, each a tenth of the way behind the next.
#[test]
fn planes_fly_along_a_way() {
    let d = "M20 100 C 20 10 120 10 128 64 C 136 118 236 118 236 28";
    let mut layers = vec![trail(d)];
    let mut animations = Vec::new();
    for k in 0..9 {
        let name = format!("plane-{k}");
        layers.push(plane(&name, 0xf2b0_5eff));
        let mut path = PathDriver::new(d).unwrap();
        path.rotate = Some(Rotate::Auto);
        path.start = 0.1 * f64::from(k);
        let mut go = animation(
            &name,
            &name,
            &Property::Opacity,
            [Value::Number(1.0), Value::Number(1.0)],
            1000.0,
        );
        go.driver = Driver::Path(Box::new(path));
        go.keyframes.clear();
        animations.push(go.into());
    }
    let mut scene = scene_of(256, 128, layers);
    scene.animations = animations;
    golden(&scene, "planes_along_a_way", 100.0);
}

/// Balls on the way between two keyframes with tangents, at even steps of time: an even bow, without a corner.
#[test]
fn a_ball_flies_in_a_bow() {
    let mut layers = Vec::new();
    let mut animations = Vec::new();
    for k in 0..9 {
        let name = format!("ball-{k}");
        let mut ball = layer(
            &name,
            [0.0, 0.0],
            [12.0, 12.0],
            rect(6.0, Paint::Color(rgba(0x7cf2_9aff))),
        );
        (ball.transform.anchor_x, ball.transform.anchor_y) = (0.5, 0.5);
        layers.push(ball);
        let ends = [Value::Vec2([24.0, 104.0]), Value::Vec2([232.0, 104.0])];
        let mut bow = animation(&name, &name, &Property::Position, ends, 800.0);
        bow.keyframes[0].tangents = Tangents {
            leaving_px: [40.0, -120.0],
            ..Tangents::default()
        };
        bow.keyframes[1].tangents.arriving_px = [-40.0, -120.0];
        bow.start = scene::Start::At(media::ShowTime::from_ms(-100.0 * f64::from(k)));
        animations.push(bow.into());
    }
    let mut scene = scene_of(256, 128, layers);
    scene.animations = animations;
    golden(&scene, "a_ball_in_a_bow", 0.0);
}

/// A card slanted, turned and stretched about its middle: left as it is, half way, and at the end.
#[test]
fn functions_slant_and_turn() {
    use TransformFunction::{Rotate as Turn, Skew};
    let mut layers = Vec::new();
    let mut animations = Vec::new();
    for k in 0..3 {
        let name = format!("card-{k}");
        let stops = vec![(0.0, rgba(0x5e9c_f2ff)), (1.0, rgba(0xf25e_b0ff))];
        let fill = Paint::Gradient(Gradient::linear(0.0, stops));
        let mut card = layer(
            &name,
            [46.0 + 82.0 * f64::from(k), 64.0],
            [56.0, 40.0],
            rect(8.0, fill),
        );
        (card.transform.anchor_x, card.transform.anchor_y) = (0.5, 0.5);
        layers.push(card);
        let list = |skew: f64, deg: f64| Value::Transform([Skew(skew, 0.0), Turn(deg)].into());
        let mut turn = animation(
            &name,
            &name,
            &Property::Functions,
            [list(0.0, 0.0), list(30.0, 30.0)],
            200.0,
        );
        turn.start = scene::Start::At(media::ShowTime::from_ms(-100.0 * f64::from(k)));
        animations.push(turn.into());
    }
    let mut scene = scene_of(256, 128, layers);
    scene.animations = animations;
    golden(&scene, "functions_slant_and_turn", 0.0);
}

/// A star becomes a drop and its gradient another, part by part: five steps from left to right.
#[test]
fn outlines_and_gradients_become_others() {
    let outline = |d: &str| Value::Whole(Whole::new(Outline::new(d).unwrap()));
    let (from, to) = (
        "M20 0 L26 14 L40 20 L26 26 L20 40 L14 26 L0 20 L14 14 Z",
        "M20 0 L31 12 L36 24 L31 35 L20 40 L9 35 L4 24 L9 12 Z",
    );
    let paint =
        |a: u32, b: u32, deg: f64| Gradient::linear(deg, vec![(0.0, rgba(a)), (1.0, rgba(b))]);
    let fills = [
        paint(0xf2d0_5eff, 0xf25e_5eff, 90.0),
        paint(0x5ee0_f2ff, 0x5e6c_f2ff, 90.0),
    ];
    let mut layers = Vec::new();
    let mut animations: Vec<scene::Shared<scene::Animation>> = Vec::new();
    for k in 0..5 {
        let name = format!("mark-{k}");
        let form = ShapeForm::Path(Outline::new(from).unwrap());
        let fill = Some(Paint::Gradient(fills[0].clone()));
        let source = Source::Shape(Shape::new(form, fill, None));
        layers.push(layer(
            &name,
            [8.0 + 50.0 * f64::from(k), 12.0],
            None,
            source,
        ));
        let start = scene::Start::At(media::ShowTime::from_ms(-100.0 * f64::from(k)));
        let d = Property::Source(SourceProperty::PathData);
        let mut change = animation(&name, &name, &d, [outline(from), outline(to)], 400.0);
        change.start = start.clone();
        animations.push(change.into());
        let whole = fills.clone().map(|fill| Value::Whole(Whole::new(fill)));
        let mut paint = animation(
            &format!("paint-{k}"),
            &name,
            &Property::SourceFill,
            whole,
            400.0,
        );
        paint.start = start;
        animations.push(paint.into());
    }
    let mut scene = scene_of(256, 64, layers);
    scene.animations = animations;
    golden(&scene, "outlines_and_gradients", 0.0);
}

/// Red to blue in five steps by each way to mix: `OKLab`, light, encoded sRGB, and round the hues both ways.
#[test]
fn colors_mix_in_five_ways() {
    use animation::{ColorSpace, Hue};
    let spaces = [
        ColorSpace::Oklab,
        ColorSpace::SrgbLinear,
        ColorSpace::Srgb,
        ColorSpace::Oklch(Hue::Shorter),
        ColorSpace::Oklch(Hue::Longer),
    ];
    let mut layers = Vec::new();
    let mut animations = Vec::new();
    for (row, space) in (0..).zip(spaces) {
        for k in 0..8 {
            let name = format!("swatch-{row}-{k}");
            let (x, y) = (8.0 + 30.0 * f64::from(k), 4.0 + 24.0 * f64::from(row));
            layers.push(layer(&name, [x, y], [30.0, 20.0], color(0)));
            let ends = [0xff00_00ff, 0x0000_ffff].map(|hex| Value::Color(rgba(hex)));
            let mut mix = animation(&name, &name, &Property::SourceColor, ends, 700.0);
            mix.color_space = space;
            mix.start = scene::Start::At(media::ShowTime::from_ms(-100.0 * f64::from(k)));
            animations.push(mix.into());
        }
    }
    let mut scene = scene_of(256, 128, layers);
    scene.animations = animations;
    golden(&scene, "colors_in_five_spaces", 0.0);
}

/// Three planes look at a ball that wiggles about the middle, wherever it is.
#[test]
fn planes_look_at_a_ball() {
    let mut ball = layer(
        "ball",
        [128.0, 64.0],
        [16.0, 16.0],
        rect(8.0, Paint::Color(Color::WHITE)),
    );
    (ball.transform.anchor_x, ball.transform.anchor_y) = (0.5, 0.5);
    let mut layers = vec![ball];
    let mut animations = Vec::new();
    let formula = |name: &str, target: &str, property: Property, formula: Formula| {
        let still = [Value::Number(1.0), Value::Number(1.0)];
        let mut moves = animation(name, target, &Property::Opacity, still, 1000.0);
        moves.keyframes.clear();
        moves.timing = Expression::timing();
        moves.composite = match formula {
            Formula::LookAt { .. } => Composite::Replace,
            _ => Composite::Add,
        };
        moves.driver = Driver::Expression(Box::new(Expression { property, formula }));
        moves
    };
    let wiggle = Formula::Wiggle {
        amplitude: 36.0,
        frequency_hz: 1.0,
        seed: 5,
        octaves: 1,
    };
    animations.push(formula("wiggle", "ball", Property::Position, wiggle).into());
    for (k, at) in [[30.0, 24.0], [30.0, 104.0], [226.0, 64.0]]
        .into_iter()
        .enumerate()
    {
        let name = format!("plane-{k}");
        let mut plane = plane(&name, 0x5ee0_f2ff);
        [plane.transform.x_px, plane.transform.y_px] = at;
        layers.push(plane);
        let look = Formula::LookAt {
            at: LookAt::Layer(id("ball")),
            offset_deg: 0.0,
        };
        animations.push(formula(&name, &name, Property::Rotation, look).into());
    }
    let mut scene = scene_of(256, 128, layers);
    scene.animations = animations;
    golden(&scene, "planes_look_at_a_ball", 2300.0);
}

/// The same words, two thirds of them revealed by letters, by words and by lines.
#[test]
fn words_appear_by_letters_words_and_lines() {
    let mut layers = Vec::new();
    let mut animations = Vec::new();
    for (k, by) in [RevealBy::Grapheme, RevealBy::Word, RevealBy::Line]
        .into_iter()
        .enumerate()
    {
        let name = format!("words-{k}");
        let words = Text {
            align: Align::Left,
            reveal: Reveal { part: 0.0, by },
            ..text("Going once, going twice, sold to the lady", 11.0)
        };
        let x = 6.0 + 84.0 * f64::from(u8::try_from(k).unwrap());
        layers.push(layer(&name, [x, 6.0], [78.0, 70.0], Source::Text(words)));
        let ends = [Value::Number(0.0), Value::Number(1.0)];
        animations.push(animation(&name, &name, &Property::SourceReveal, ends, 1000.0).into());
    }
    let mut scene = scene_of(256, 84, layers);
    scene.animations = animations;
    golden_with_text("reveal_by_letters_words_lines", &mut stage(&scene), 680.0);
}
