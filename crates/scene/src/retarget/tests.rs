//! Every property of the list of what can move glides, but for those that switch.

use super::*;
use crate::parts::{Lengths, Points};
use crate::slot::ValueType;
use crate::specimen::specimens;
use crate::{Gradient, Kind, Resolver, animatable};
use media::Color;

const MS: f64 = 1000.0;

fn show(ms: f64) -> ShowTime {
    ShowTime::from_ms(ms)
}

/// Two values of a type that are not the same, with something between; none where it switches.
fn ends(takes: &ValueType, now: &Value) -> Option<[Value; 2]> {
    let whole = |one, other| [Value::Whole(one), Value::Whole(other)];
    Some(match takes {
        ValueType::Number(range) | ValueType::Radii(range) => {
            let span = (range.max - range.min).min(8.0);
            [0.25, 0.75].map(|p| Value::Number(range.min.max(-4.0) + span * p))
        }
        ValueType::Pair(range) => {
            let (low, span) = (range.min.max(-4.0), (range.max - range.min).min(8.0));
            [0.25, 0.75].map(|p| Value::Vec2([low + span * p, low + span * (1.0 - p)]))
        }
        ValueType::Color => [Value::Color(Color::BLACK), Value::Color(Color::WHITE)],
        ValueType::Paint | ValueType::Gradient => match now {
            Value::Whole(gradient) => {
                let mut from = gradient.get::<Gradient>()?.clone();
                let mut to = from.clone();
                from.stops[0].1 = Color::new(1.0, 0.0, 0.0, 1.0);
                to.stops[0] = (0.25, Color::new(0.0, 0.0, 1.0, 1.0));
                if let Some(angle) = to.form.angle_mut() {
                    *angle = 90.0;
                }
                whole(Whole::new(from), Whole::new(to))
            }
            _ => [Value::Color(Color::BLACK), Value::Color(Color::WHITE)],
        },
        ValueType::Functions => [10.0, 200.0].map(|deg| {
            let list = [
                TransformFunction::Translate(deg, 0.0),
                TransformFunction::Rotate(deg),
            ];
            Value::Transform(list.into())
        }),
        ValueType::Path => {
            let outline = |d| Whole::new(Outline::new(d).unwrap());
            whole(outline("M0 0 L9 0 L9 9 Z"), outline("M2 4 L20 4 L20 30 Z"))
        }
        ValueType::Points => {
            let points = |v| Whole::new(Points(vec![[v, 0.0], [0.0, v], [v, v]]));
            whole(points(1.0), points(9.0))
        }
        ValueType::Lengths => {
            let lengths = |v| Whole::new(Lengths(vec![v]));
            whole(lengths(2.0), lengths(6.0))
        }
        ValueType::Integer(_)
        | ValueType::Boolean
        | ValueType::Text
        | ValueType::Asset
        | ValueType::Layer
        | ValueType::Word(_) => return None,
    })
}

fn scene_of(layer: &Layer) -> Scene {
    let mut scene = Scene::empty(640, 360);
    scene.layers.push(layer.clone().into());
    if let Some(mask) = &layer.mask {
        let mask = Layer::bare(mask.layer.clone(), Kind::Group, None);
        scene.layers.push(mask.into());
    }
    scene
}

/// The layer at that time.
fn at(scene: &Scene, ms: f64) -> Layer {
    Layer::clone(&Resolver::new(scene).layers_at(show(ms))[0])
}

fn write(scene: &mut Scene, name: &str, ms: f64, to: &Layer, course: Course) {
    let how = GlideRequest {
        course,
        duration_ms: MS,
        delay_ms: 0.0,
        easing: Easing::Linear,
    };
    let mut after = scene.clone();
    let was = Layer::clone(&scene.layers[0]);
    after.layers[0] = to.clone().into();
    after.glide(Id::new(name).unwrap(), &was, &|_| true, &[], &how);
    let edit = Edit::between(scene, &after);
    let moment = Moment {
        show: show(ms),
        epoch_unix_ns: 0,
    };
    scene.change(edit, moment);
}

/// With another value of one property.
fn with(layer: &Layer, property: &Property, value: &Value) -> Layer {
    let mut layer = layer.clone();
    property.slot(&mut layer).unwrap().set(value.clone());
    layer
}

/// What looks at a property of a layer with two values of it; the name is for messages.
type Looks<'a> = dyn FnMut(&str, &Property, &Layer, [Value; 2]) + 'a;

/// Looks at every property of the list on a layer of each type that has it; gives back how often.
fn everywhere(check: &mut Looks<'_>) -> usize {
    let mut checked = 0;
    let mut layers = specimens();
    for (_, layer) in &mut layers {
        layer.id = Id::new("subject").unwrap();
        layer.effects = crate::EFFECTS
            .iter()
            .map(|spec| crate::Effect::new(Id::new(spec.word).unwrap(), spec.fresh()))
            .collect();
    }
    for one in animatable() {
        let mut found = 0;
        for (name, layer) in &mut layers {
            let property = match &one.property {
                Property::Effect(_, field) => {
                    let id = Id::new(one.applies_to[0]).unwrap();
                    Property::Effect(id, *field)
                }
                other => other.clone(),
            };
            let Some((now, takes)) = property
                .slot(layer)
                .and_then(|slot| Some((slot.get()?, slot.value_type())))
            else {
                continue;
            };
            if let Some(ends) = ends(&takes, &now) {
                let what = format!("{} of {name}", one.path);
                check(&what, &property, layer, ends);
                found += 1;
                checked += 1;
            }
        }
        let moves = one.takes.interpolation() != "discrete" && one.applies_to != ["canvas"];
        assert_eq!(found > 0, moves, "{} was looked at {found} times", one.path);
    }
    checked
}

/// A glide's first frame is what was on screen, its middle is between, its last is the document: of all that can move.
#[test]
fn whatever_has_something_between_its_values_glides() {
    let checked = everywhere(&mut |what, property, layer, [from, to]| {
        let (before, after) = (with(layer, property, &from), with(layer, property, &to));
        let mut scene = scene_of(&before);
        write(&mut scene, "there", 0.0, &after, Course::Tween);
        assert_eq!(*scene.layers[0], after, "{what}: the document at once");
        assert_eq!(at(&scene, 0.0), before, "{what}: its first frame");
        let half = from.interpolate(&to, 0.5, ColorSpace::default());
        assert_eq!(
            at(&scene, MS / 2.0),
            with(layer, property, &half),
            "{what}: its middle"
        );
        assert_eq!(at(&scene, MS), after, "{what}: its last frame");
        scene.end_animation(&Id::new("there").unwrap());
        assert_eq!(at(&scene, MS), after, "{what}: when it is over");
    });
    assert!(checked > 400, "{checked}");
}

/// Turned where it is, by any course, it begins with what is on screen and ends with the document.
#[test]
fn whatever_glides_can_be_turned_where_it_is() {
    let spring = Spring::with_bounce(500.0, 0.3).unwrap();
    let courses = [Course::Tween, Course::Smooth, Course::Spring(spring)];
    let mut courses = courses.into_iter().cycle();
    everywhere(&mut |what, property, layer, [from, to]| {
        let course = courses.next().unwrap();
        let (before, after) = (with(layer, property, &from), with(layer, property, &to));
        let mut scene = scene_of(&before);
        write(&mut scene, "there", 0.0, &after, course);
        let on_screen = at(&scene, 300.0);
        write(&mut scene, "back", 300.0, &before, course);
        let begins = at(&scene, 300.0);
        assert_near(&on_screen, &begins, &format!("{what}, {course:?}"));
        assert_eq!(scene.animations.len(), 1, "{what}: the first let go");
        let over = scene.animations[0].ends_at().unwrap().as_ms();
        scene.end_animation(&Id::new("back").unwrap());
        assert_eq!(at(&scene, over), before, "{what}, {course:?}: at its end");
    });
}

/// All properties are the same but for their last digits.
fn assert_near(was: &Layer, is: &Layer, what: &str) {
    for one in Property::of_layer(was) {
        let [was, is] = [was, is].map(|layer| value_of(&mut layer.clone(), &one));
        assert!(near(&was, &is), "{what}: {one} {was:?} {is:?}");
    }
}

/// The same but for the last digits.
fn near(a: &Option<Value>, b: &Option<Value>) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs());
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => close(*a, *b),
        (Some(Value::Vec2(a)), Some(Value::Vec2(b))) => close(a[0], b[0]) && close(a[1], b[1]),
        (Some(Value::Color(a)), Some(Value::Color(b))) => {
            close(a.r, b.r) && close(a.g, b.g) && close(a.b, b.b) && close(a.a, b.a)
        }
        (Some(Value::Whole(one)), Some(Value::Whole(other))) => {
            match (one.get::<Gradient>(), other.get::<Gradient>()) {
                // Told by its parts.
                (Some(a), Some(b)) => a.stops.len() == b.stops.len(),
                _ => one == other,
            }
        }
        _ => a == b,
    }
}

fn shape(fill: crate::Paint) -> Layer {
    let shape = crate::Shape::new(
        crate::ShapeForm::Rect { radii_px: [0.0; 4] },
        Some(fill),
        None,
    );
    let mut layer = Layer::bare(
        Id::new("subject").unwrap(),
        Kind::Overlay,
        Some(crate::Source::Shape(shape)),
    );
    layer.transform.width_px = Some(100.0);
    layer.transform.height_px = Some(100.0);
    layer
}

fn gradient(angle_deg: f64, colors: &[Color]) -> crate::Paint {
    let last = colors.len() - 1;
    let stop = |(k, color): (usize, &Color)| (k as f64 / last as f64, *color);
    let stops = colors.iter().enumerate().map(stop).collect();
    crate::Paint::Gradient(Gradient::linear(angle_deg, stops))
}

/// No part of what has another form glides by itself.
#[test]
fn another_form_is_there_at_once() {
    let (black, white) = (Color::BLACK, Color::WHITE);
    let two = || gradient(0.0, &[black, white]);
    let repeats = || {
        let crate::Paint::Gradient(mut gradient) = two() else {
            panic!()
        };
        gradient.spread = crate::Spread::Repeat;
        crate::Paint::Gradient(gradient)
    };
    let cases = [
        (
            two(),
            gradient(90.0, &[white, black, white]),
            "number of stops",
        ),
        (two(), crate::Paint::Color(white), "color"),
        (crate::Paint::Color(white), two(), "gradient"),
        (gradient(90.0, &[white, black]), repeats(), "spread"),
    ];
    for (from, to, what) in cases {
        let (before, mut after) = (shape(from), shape(to));
        after.opacity = 0.5;
        let mut scene = scene_of(&before);
        write(&mut scene, "there", 0.0, &after, Course::Tween);
        let first = Layer {
            opacity: 1.0,
            ..after.clone()
        };
        assert_eq!(at(&scene, 0.0), first, "another {what} is there at once");
        let half = Layer {
            opacity: 0.75,
            ..after.clone()
        };
        assert_eq!(at(&scene, MS / 2.0), half, "the rest glides");
    }
}

fn moving(name: &str, values: [(Property, Value); 2], composite: Composite) -> Animation {
    let timing = Timing {
        duration_ms: 4.0 * MS,
        ..Timing::default()
    };
    let target = Target::Layer(Id::new("subject").unwrap());
    let [first, last] = values;
    let mut one = Animation::new(Id::new(name).unwrap(), target, timing, &[first]);
    let mut end = one.keyframes[0].clone();
    (end.offset, end.values) = (Some(1.0), vec![last]);
    one.keyframes.push(end);
    one.composite = composite;
    one.start = crate::Start::At(ShowTime::ZERO);
    one
}

/// A whole that others move part by part, or that is moved itself while a part is written: what is on screen goes on from there.
#[test]
fn a_gradient_that_others_move_begins_as_it_is_on_screen() {
    let (red, blue) = (
        Color::new(1.0, 0.0, 0.0, 1.0),
        Color::new(0.0, 0.0, 1.0, 1.0),
    );
    let before = shape(gradient(0.0, &[Color::BLACK, Color::WHITE]));
    let after = shape(gradient(90.0, &[red, blue]));
    let of = crate::PaintOf::Fill;
    let whole = |paint: &crate::Paint| {
        let crate::Paint::Gradient(gradient) = paint else {
            panic!()
        };
        (
            Property::SourceFill,
            Value::Whole(Whole::new(gradient.clone())),
        )
    };
    let stop = |color| (Property::Stop(of, 0), Value::Color(color));
    let cases = [
        [stop(red), stop(blue)],
        [
            whole(&gradient(10.0, &[blue, red])),
            whole(&gradient(200.0, &[red, red])),
        ],
        [
            whole(&gradient(10.0, &[blue, red])),
            whole(&gradient(200.0, &[red, red, blue])),
        ],
    ];
    for (k, values) in cases.into_iter().enumerate() {
        let mut scene = scene_of(&before);
        scene
            .animations
            .push(moving("moves", values, Composite::Replace).into());
        let on_screen = at(&scene, 700.0);
        write(&mut scene, "there", 700.0, &after, Course::Tween);
        assert_eq!(at(&scene, 700.0), on_screen, "case {k}");
        assert_eq!(at(&scene, 1700.0), after, "case {k}");
    }
    // What stands in three stops switches to two.
    let three = gradient(0.0, &[red, red, blue]);
    let mut scene = scene_of(&before);
    let values = [whole(&three), whole(&three)];
    scene
        .animations
        .push(moving("moves", values, Composite::Replace).into());
    write(&mut scene, "there", 700.0, &after, Course::Tween);
    assert_eq!(at(&scene, 700.0), after);
}

/// What adds to a color or to functions goes on above the glide, and is not counted twice.
#[test]
fn what_adds_goes_on_above() {
    let turn = |deg| Value::Transform([TransformFunction::Rotate(deg)].into());
    let color = |v| Value::Color(Color::new(v, 0.0, 0.0, 1.0));
    let cases = [
        (
            Property::Functions,
            [turn(5.0), turn(25.0)],
            [turn(90.0), turn(10.0)],
        ),
        (
            Property::SourceFill,
            [color(0.1), color(0.3)],
            [color(0.5), color(0.25)],
        ),
    ];
    for (property, [low, high], [from, to]) in cases {
        let plain = shape(crate::Paint::Color(Color::BLACK));
        let (before, after) = (with(&plain, &property, &from), with(&plain, &property, &to));
        let mut scene = scene_of(&before);
        let values = [(property.clone(), low), (property.clone(), high)];
        scene
            .animations
            .push(moving("adds", values, Composite::Add).into());
        for (n, ms) in [("there", 300.0), ("back", 800.0)] {
            let to = if n == "there" { &after } else { &before };
            let on_screen = at(&scene, ms);
            write(&mut scene, n, ms, to, Course::Tween);
            assert_near(&on_screen, &at(&scene, ms), &format!("{property}: {n}"));
        }
        assert_eq!(scene.animations.len(), 2);
    }
}

/// What stands on a whole that has come to rest stands on that, not on what it was itself a frame ago.
#[test]
fn parts_of_a_whole_at_rest_do_not_drift() {
    let before = shape(gradient(0.0, &[Color::BLACK, Color::WHITE]));
    let crate::Paint::Gradient(goal) = gradient(40.0, &[Color::BLACK, Color::WHITE]) else {
        panic!()
    };
    let goal = Value::Whole(Whole::new(goal));
    let mut scene = scene_of(&before);
    let values = [
        (Property::SourceFill, goal.clone()),
        (Property::SourceFill, goal),
    ];
    let mut holds = moving("holds", values, Composite::Replace);
    (holds.timing.fill, holds.timing.duration_ms) = (Fill::Both, 10.0);
    let angle = Property::Gradient(crate::PaintOf::Fill, crate::GradientProperty::Angle);
    let five = (angle, Value::Number(5.0));
    let adds = moving("adds", [five.clone(), five], Composite::Add);
    scene.animations.extend([holds.into(), adds.into()]);
    let mut resolver = Resolver::new(&scene);
    for ms in [100.0, 200.0, 300.0, 5000.0] {
        let is = resolver.layers_at(show(ms))[0].clone();
        assert_eq!(Layer::clone(&is), at(&scene, ms), "at {ms} ms");
    }
}

/// What a glide moves may be gone before it is over: it lets go of that, and glides on with the rest.
#[test]
fn a_glide_lets_go_of_what_is_no_more() {
    let (black, white) = (Color::BLACK, Color::WHITE);
    let before = shape(gradient(0.0, &[black, white]));
    let mut after = shape(gradient(90.0, &[white, black]));
    after.opacity = 0.5;
    let mut scene = scene_of(&before);
    write(&mut scene, "there", 0.0, &after, Course::Tween);
    let mut plain = shape(crate::Paint::Color(white));
    plain.opacity = 0.5;
    scene.layers[0] = plain.into();
    scene.drop_lost_formulas();
    let faults = scene.faults(&crate::Limits::default(), &|_| true);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(scene.animations[0].properties(), [Property::Opacity]);
}
