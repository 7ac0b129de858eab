//! What can move, and how, from outside: pairs, structures, ways and formulas.

#![expect(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test fails by panicking, and its numbers are exact"
)]

use animation::{
    ColorSpace, Composite, Direction, Easing, Fill, Tangents, Timing, TransformFunction, Value,
    Whole,
};
use kurbo::{Point, Size};
use media::{BlendMode, Color, ShowTime};
use proptest::prelude::*;
use scene::{
    Animation, Canvas, Conflict, Course, Driver, Edit, Effect, EffectKind, Expression, Extent,
    Formula, GlideRequest, Gradient, GradientForm, GradientProperty, Id, Item, Kind, Layer, Leaf,
    Left, Limits, LookAt, Measure, Moment, Outline, Paint, PaintOf, Passage, PathDriver, Property,
    Resolver, Rotate, Scene, Shape, ShapeForm, Source, SourceProperty, Spread, Start,
    StyledKeyframe, Target, Targets, Timeline, TimelineEntry, TimelinePart, Transform, Transition,
    TransitionKind, Way, WhenOver,
};

fn id(text: &str) -> Id {
    Id::new(text).expect("a valid id")
}

fn card(name: &str, x_px: f64, y_px: f64) -> Layer {
    Layer {
        transform: Transform {
            x_px,
            y_px,
            width_px: Some(10.0),
            height_px: Some(20.0),
            ..Transform::default()
        },
        ..Layer::bare(id(name), Kind::Overlay, Some(Source::Color(Color::WHITE)))
    }
}

fn scene(layers: Vec<Layer>, animations: Vec<Animation>) -> Scene {
    Scene {
        canvas: Canvas {
            width_px: 1920,
            height_px: 1080,
            background: Color::BLACK,
            design: None,
        },
        layers: layers.into_iter().map(Into::into).collect(),
        animations: animations.into_iter().map(Into::into).collect(),
        timelines: Vec::new(),
        templates: Vec::new(),
        passages: Vec::new(),
    }
}

fn still(name: &str, target: &str) -> Animation {
    Animation {
        id: id(name),
        target: Target::Layer(id(target)),
        start: Start::At(ShowTime::ZERO),
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Keep,
        plan: scene::Plan::default(),
        timing: Timing {
            duration_ms: 1000.0,
            fill: Fill::Both,
            ..Timing::default()
        },
        composite: Composite::Replace,
        color_space: ColorSpace::default(),
        driver: Driver::default(),
        keyframes: Vec::new(),
    }
}

/// From one value to the next, evenly, within a second.
fn animation(name: &str, target: &str, property: &Property, values: &[Value]) -> Animation {
    let keyframe = |value: &Value| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: Tangents::default(),
        values: vec![(property.clone(), value.clone())],
    };
    Animation {
        keyframes: values.iter().map(keyframe).collect(),
        ..still(name, target)
    }
}

fn formula(name: &str, target: &str, property: Property, formula: Formula) -> Animation {
    let composite = match formula {
        Formula::Follow { .. } | Formula::LookAt { .. } => Composite::Replace,
        _ => Composite::Add,
    };
    Animation {
        timing: Expression::timing(),
        composite,
        driver: Driver::Expression(Box::new(Expression { property, formula })),
        ..still(name, target)
    }
}

fn way(d: &str, change: impl Fn(&mut PathDriver)) -> Driver {
    let mut path = PathDriver::new(d).unwrap();
    change(&mut path);
    Driver::Path(Box::new(path))
}

fn faults(scene: &Scene) -> Vec<String> {
    let faults = scene.faults(&Limits::default(), &|name| name != "missing.png");
    faults
        .into_iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.detail))
        .collect()
}

fn layer_at(scene: &Scene, i: usize, ms: f64) -> Layer {
    assert_eq!(faults(scene), [""; 0]);
    let mut resolver = Resolver::new(scene);
    Layer::clone(&resolver.layers_at(ShowTime::from_ms(ms))[i])
}

fn place_at(scene: &Scene, i: usize, ms: f64) -> [f64; 2] {
    let t = layer_at(scene, i, ms).transform;
    [t.x_px, t.y_px]
}

fn near(a: [f64; 2], b: [f64; 2]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-2)
}

struct FixedSize;

impl Measure for FixedSize {
    fn extent(&mut self, layer: &Layer, _: Moment) -> Extent {
        let t = &layer.transform;
        Extent {
            size: Size::new(t.width_px.unwrap_or(100.0), t.height_px.unwrap_or(50.0)),
            baseline_px: None,
        }
    }
}

fn items(resolver: &mut Resolver, ms: f64) -> Vec<Item> {
    let mut items = Vec::new();
    let moment = Moment {
        show: ShowTime::from_ms(ms),
        epoch_unix_ns: 0,
    };
    resolver.resolve(moment, &mut FixedSize, &mut items);
    items
}

#[test]
fn pairs_and_their_parts_stack_by_age() {
    let pair = |a, b| [Value::Vec2(a), Value::Vec2(b)];
    let to = animation(
        "to",
        "l",
        &Property::Position,
        &pair([0.0, 0.0], [100.0, 200.0]),
    );
    let x = [Value::Number(5.0), Value::Number(5.0)];
    let shift = Animation {
        composite: Composite::Add,
        ..animation("shift", "l", &Property::X, &x)
    };
    let s = scene(vec![card("l", 7.0, 9.0)], vec![to.clone(), shift.clone()]);
    assert_eq!(place_at(&s, 0, 500.0), [55.0, 100.0]);
    let s = scene(vec![card("l", 7.0, 9.0)], vec![shift, to]);
    assert_eq!(place_at(&s, 0, 500.0), [50.0, 100.0]);
}

#[test]
fn the_way_bends_where_keyframes_have_tangents() {
    let mut bow = animation(
        "bow",
        "l",
        &Property::Position,
        &[Value::Vec2([0.0, 0.0]), Value::Vec2([100.0, 0.0])],
    );
    bow.keyframes[0].tangents.leaving_px = [0.0, -80.0];
    bow.keyframes[1].tangents.arriving_px = [0.0, -80.0];
    let s = scene(vec![card("l", 0.0, 0.0)], vec![bow.clone()]);
    assert!(near(place_at(&s, 0, 0.0), [0.0, 0.0]));
    assert!(
        near(place_at(&s, 0, 500.0), [50.0, -60.0]),
        "the middle of an even bow"
    );
    assert!(near(place_at(&s, 0, 1000.0), [100.0, 0.0]));
    // Added to what is below, the bow goes with it.
    let raised = Animation {
        composite: Composite::Add,
        ..bow.clone()
    };
    let s = scene(vec![card("l", 30.0, 40.0)], vec![raised]);
    assert!(near(place_at(&s, 0, 500.0), [80.0, -20.0]));
    bow.keyframes[0].values[0] = (Property::X, Value::Number(0.0));
    bow.keyframes[1].values[0] = (Property::X, Value::Number(0.0));
    let s = scene(vec![card("l", 0.0, 0.0)], vec![bow]);
    assert_eq!(
        faults(&s),
        ["in", "out"].map(|end| {
            let k = usize::from(end == "in");
            format!("/animations/0/keyframes/{k}/tangent_{end}_px goes with `transform.position`, which is missing")
        }).into_iter().rev().collect::<Vec<_>>()
    );
}

#[test]
fn a_layer_goes_along_a_way_and_turns_into_it() {
    let square = "M0 0 H100 V100 H0 Z";
    let go = |change: &dyn Fn(&mut PathDriver)| Animation {
        driver: way(square, change),
        ..still("go", "l")
    };
    let s = scene(vec![card("l", 7.0, 9.0)], vec![go(&|_| {})]);
    assert_eq!(place_at(&s, 0, 375.0), [100.0, 50.0]);
    assert!(layer_at(&s, 0, 375.0).transform.rotation_deg.abs() < 1e-9);
    let s = scene(
        vec![card("l", 7.0, 9.0)],
        vec![go(&|path| path.rotate = Some(Rotate::Auto))],
    );
    assert!((layer_at(&s, 0, 375.0).transform.rotation_deg - 90.0).abs() < 1e-9);
    // A way can be joined anywhere, gone backwards, and moved.
    let s = scene(
        vec![card("l", 7.0, 9.0)],
        vec![go(&|path| {
            (path.start, path.end, path.offset_px) = (0.5, -0.5, [1000.0, 0.0]);
            path.rotate = Some(Rotate::Auto);
        })],
    );
    assert!(near(place_at(&s, 0, 0.0), [1100.0, 100.0]));
    assert!(near(place_at(&s, 0, 250.0), [1100.0, 0.0]));
    assert!(near(place_at(&s, 0, 750.0), [1000.0, 100.0]));
    let added = Animation {
        composite: Composite::Add,
        ..go(&|_| {})
    };
    let s = scene(vec![card("l", 7.0, 9.0)], vec![added]);
    assert_eq!(place_at(&s, 0, 375.0), [107.0, 59.0]);
}

#[test]
fn functions_come_before_the_layers_own_and_mix_pairwise() {
    use TransformFunction::{Rotate as Turn, Skew, Translate};
    let list = |list: &[TransformFunction]| Value::Transform(list.into());
    let both = [
        list(&[Translate(0.0, 0.0), Turn(0.0)]),
        list(&[Translate(40.0, 0.0), Turn(180.0)]),
    ];
    let s = scene(
        vec![card("l", 10.0, 0.0)],
        vec![animation("turn", "l", &Property::Functions, &both)],
    );
    let Item::Layer(item) = items(&mut Resolver::new(&s), 500.0)[0] else {
        panic!("one layer")
    };
    assert!((item.transform * Point::new(10.0, 0.0) - Point::new(30.0, 10.0)).hypot() < 1e-9);
    assert!(!item.holds_still);
    // Added lists follow each other.
    let mut turned = card("l", 10.0, 0.0);
    turned.transform.functions = [Translate(0.0, 5.0)].into();
    let added = Animation {
        composite: Composite::Add,
        ..animation("turn", "l", &Property::Functions, &both)
    };
    let s = scene(vec![turned], vec![added]);
    let functions = layer_at(&s, 0, 1000.0).transform.functions;
    assert_eq!(
        *functions,
        [Translate(0.0, 5.0), Translate(40.0, 0.0), Turn(180.0)]
    );
    let skewed = [list(&[Skew(89.0, 0.0)]), list(&[Skew(0.0, 0.0)])];
    let s = scene(
        vec![card("l", 10.0, 0.0)],
        vec![animation("turn", "l", &Property::Functions, &skewed)],
    );
    assert_eq!(
        faults(&s),
        [
            "/animations/0/keyframes/0/transform.functions/0 slants by 89 degrees; allowed is -85 to 85"
        ]
    );
}

#[test]
fn discrete_properties_switch_and_the_order_of_siblings_follows() {
    let z = [Value::Integer(0), Value::Integer(5)];
    let mode = [Value::Word("normal"), Value::Word("multiply")];
    let s = scene(
        vec![card("a", 1.0, 0.0), card("b", 2.0, 0.0)],
        vec![
            animation("up", "a", &Property::ZIndex, &z),
            animation("mix", "b", &Property::BlendMode, &mode),
        ],
    );
    let mut resolver = Resolver::new(&s);
    let mut order = |ms| -> Vec<usize> {
        items(&mut resolver, ms)
            .iter()
            .filter_map(|item| match item {
                Item::Layer(layer) => Some(layer.index),
                _ => None,
            })
            .collect()
    };
    assert_eq!(order(499.0), [0, 1]);
    assert_eq!(order(500.0), [1, 0]);
    assert_eq!(order(499.0), [0, 1], "backwards as forwards");
    assert_eq!(layer_at(&s, 1, 499.0).blend_mode, BlendMode::Normal);
    assert_eq!(layer_at(&s, 1, 500.0).blend_mode, BlendMode::Multiply);
    let wrong = [Value::Word("dissolve"), Value::Integer(1)];
    let one = |property: Property, value: &Value| {
        let s = scene(
            vec![card("a", 1.0, 0.0)],
            vec![animation("up", "a", &property, std::slice::from_ref(value))],
        );
        faults(&s).join("")
    };
    assert!(one(Property::BlendMode, &wrong[0]).contains("is `dissolve`; allowed: normal, "));
    assert!(one(Property::BlendMode, &wrong[1]).ends_with("`blend_mode` takes a word"));
    assert!(one(Property::ZIndex, &Value::Number(1.0)).ends_with("takes a whole number"));
    assert!(one(Property::MaskInvert, &Value::Bool(true)).contains("does not exist on"));
}

fn painted(fill: Paint) -> Layer {
    let form = ShapeForm::Path(Outline::new("M0 0 H10 V10 Z").unwrap());
    Layer {
        source: Some(Source::Shape(Shape::new(form, Some(fill), None))),
        ..card("l", 0.0, 0.0)
    }
}

fn gradient(angle_deg: f64, from: Color) -> Gradient {
    Gradient::linear(angle_deg, vec![(0.0, from), (1.0, Color::WHITE)])
}

fn fill_of(layer: &Layer) -> &Paint {
    match &layer.source {
        Some(Source::Shape(shape)) => shape.fill.as_ref().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn paints_mix_where_their_form_is_the_same_and_parts_stand_above_them() {
    let whole = |gradient| Value::Whole(Whole::new(gradient));
    let fill = [
        whole(gradient(0.0, Color::BLACK)),
        whole(gradient(90.0, Color::BLACK)),
        Value::Color(Color::WHITE),
        Value::Color(Color::WHITE),
    ];
    let more = Animation {
        composite: Composite::Add,
        ..animation(
            "more",
            "l",
            &Property::Gradient(PaintOf::Fill, GradientProperty::Angle),
            &[Value::Number(1.0), Value::Number(1.0)],
        )
    };
    // The part is older, and all the same it moves what the whole is.
    let s = scene(
        vec![painted(Paint::Gradient(gradient(5.0, Color::WHITE)))],
        vec![more, animation("fill", "l", &Property::SourceFill, &fill)],
    );
    assert_eq!(faults(&s), [""; 0]);
    let mut resolver = Resolver::new(&s);
    let mut angle = |ms| {
        let layers = resolver.layers_at(ShowTime::from_ms(ms));
        match fill_of(&layers[0]) {
            Paint::Gradient(Gradient {
                form: GradientForm::Linear { angle_deg },
                ..
            }) => Some(*angle_deg),
            _ => None,
        }
    };
    assert!((angle(166.666_667).unwrap() - 46.0).abs() < 1e-4);
    assert_eq!(angle(900.0), None, "it is one colour by then");
    assert!((angle(166.666_667).unwrap() - 46.0).abs() < 1e-4);
}

#[test]
fn outlines_and_stops_move() {
    let outline = |d| Value::Whole(Whole::new(Outline::new(d).unwrap()));
    let d = Property::Source(SourceProperty::PathData);
    let stop = Property::Stop(PaintOf::Fill, 1);
    let colors = [Value::Color(Color::WHITE), Value::Color(Color::BLACK)];
    let s = scene(
        vec![painted(Paint::Gradient(gradient(0.0, Color::BLACK)))],
        vec![
            animation(
                "d",
                "l",
                &d,
                &[outline("M0 0 L10 0 L0 10 Z"), outline("M0 0 L30 0 L0 10 Z")],
            ),
            animation("stop", "l", &stop, &colors),
        ],
    );
    let layer = layer_at(&s, 0, 500.0);
    let Some(Source::Shape(shape)) = &layer.source else {
        panic!("a shape")
    };
    let ShapeForm::Path(outline) = &shape.form else {
        panic!("a path")
    };
    assert!((outline.bounds().x1 - 20.0).abs() < 1e-9);
    let Some(Paint::Gradient(gradient)) = &shape.fill else {
        panic!("a gradient")
    };
    assert!(gradient.stops[1].1.r < 0.6 && gradient.stops[1].1.r > 0.3);
}

#[test]
fn colors_mix_in_the_space_that_is_named() {
    let red_to_blue = [
        Value::Color(Color::new(1.0, 0.0, 0.0, 1.0)),
        Value::Color(Color::new(0.0, 0.0, 1.0, 1.0)),
    ];
    let half_way = |color_space| {
        let mix = Animation {
            color_space,
            ..animation("mix", "l", &Property::SourceColor, &red_to_blue)
        };
        let layer = layer_at(&scene(vec![card("l", 0.0, 0.0)], vec![mix]), 0, 500.0);
        match layer.source {
            Some(Source::Color(color)) => color.to_rgba8(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(half_way(ColorSpace::Srgb), [128, 0, 128, 255]);
    assert_eq!(half_way(ColorSpace::SrgbLinear), [188, 0, 188, 255]);
    let [r, g, b, _] = half_way(ColorSpace::Oklab);
    assert!(r > 110 && g > 60 && b > 140, "{r} {g} {b}");
}

#[test]
fn formulas_swing_about_what_is_below() {
    let sine = Formula::Sine {
        amplitude: 10.0,
        frequency_hz: 0.5,
        phase_deg: 90.0,
    };
    let s = scene(
        vec![card("l", 100.0, 0.0)],
        vec![formula("s", "l", Property::X, sine)],
    );
    for (ms, x) in [
        (0.0, 110.0),
        (500.0, 100.0),
        (1000.0, 90.0),
        (86_400_000.0, 110.0),
    ] {
        assert!((place_at(&s, 0, ms)[0] - x).abs() < 1e-6, "{ms}");
    }
    let noise = |seed| Formula::Noise {
        amplitude: 12.0,
        frequency_hz: 0.3,
        seed,
        octaves: 2,
    };
    let both = |seed, ms| {
        let idle = formula("n", "l", Property::Position, noise(seed));
        place_at(&scene(vec![card("l", 0.0, 0.0)], vec![idle]), 0, ms)
    };
    let at = both(7, 12_345.0);
    assert!(
        at.iter().all(|v| v.abs() <= 12.0) && (at[0] - at[1]).abs() > 1e-3,
        "{at:?}"
    );
    assert_eq!(at, both(7, 12_345.0));
    assert_ne!(at, both(8, 12_345.0));
}

#[test]
fn a_follower_lags_and_eyes_look() {
    let slide = animation(
        "slide",
        "lead",
        &Property::X,
        &[Value::Number(0.0), Value::Number(1000.0)],
    );
    let follow = Formula::Follow {
        layer: id("lead"),
        of: Property::Position,
        lag_ms: 200.0,
        scale: 1.0,
        offset: 10.0,
    };
    let look = Formula::LookAt {
        at: LookAt::Layer(id("tail")),
        offset_deg: 0.0,
    };
    let s = scene(
        vec![
            card("lead", 0.0, 40.0),
            card("tail", 0.0, 0.0),
            card("eye", 310.0, 150.0),
        ],
        vec![
            formula("follow", "tail", Property::Position, follow),
            formula("look", "eye", Property::Rotation, look),
            slide,
        ],
    );
    assert_eq!(place_at(&s, 1, 500.0), [310.0, 50.0]);
    assert!((layer_at(&s, 2, 500.0).transform.rotation_deg + 90.0).abs() < 1e-9);
}

#[test]
fn who_takes_one_number_of_a_pair_leaves_the_other() {
    let ends = [Value::Vec2([0.0, 0.0]), Value::Vec2([100.0, 200.0])];
    let to = animation("to", "l", &Property::Position, &ends);
    let take = animation(
        "take",
        "l",
        &Property::X,
        &[Value::Number(1.0), Value::Number(1.0)],
    );
    let taken = |to: Animation| {
        let mut s = scene(vec![card("l", 7.0, 9.0)], vec![to, take.clone()]);
        let met = s.meet(&id("take"), Conflict::Replace, ShowTime::from_ms(500.0));
        assert_eq!(met, Ok(vec![id("to")]));
        s
    };
    let s = taken(to.clone());
    assert_eq!(s.animations[0].properties(), [Property::Y]);
    assert_eq!(place_at(&s, 0, 500.0), [1.0, 100.0]);
    // A way that bends is one thing.
    let mut bow = to;
    bow.keyframes[0].tangents.leaving_px = [0.0, 5.0];
    let s = taken(bow);
    assert_eq!(s.animations.len(), 1);
    assert_eq!(place_at(&s, 0, 500.0), [1.0, 9.0]);
}

/// Has a layer glide to a place on the frame at 500 ms, within a second; gives back whom that met.
fn glided(s: &mut Scene, layer: usize, x_px: f64, course: Course) -> Vec<Id> {
    let how = GlideRequest {
        course,
        duration_ms: 1000.0,
        delay_ms: 0.0,
        easing: Easing::Linear,
    };
    let mut after = s.clone();
    after.layers[layer].transform.x_px = x_px;
    let met = after.glide(id("glide"), &s.layers[layer], &|_| false, &[], &how);
    let moment = Moment {
        show: ShowTime::from_ms(500.0),
        epoch_unix_ns: 0,
    };
    s.change(Edit::between(s, &after), moment);
    met
}

#[test]
fn a_glide_begins_where_a_way_has_come_to() {
    let go = Animation {
        driver: way("M0 0 H1000", |_| {}),
        ..still("go", "l")
    };
    let mut s = scene(vec![card("l", 7.0, 0.0)], vec![go]);
    assert_eq!(glided(&mut s, 0, 700.0, Course::Tween), [id("go")]);
    assert!(near(place_at(&s, 0, 500.0), [500.0, 0.0]));
    assert!(near(place_at(&s, 0, 1000.0), [600.0, 0.0]));
    assert!(near(place_at(&s, 0, 2000.0), [700.0, 0.0]));
}

/// A way in a timeline, and one who follows it: the past of the timeline's clock is known too, whatever it is set to.
#[test]
fn ways_stand_in_timelines_and_are_followed_there() {
    let leaf = Leaf {
        targets: Targets::One(Target::Layer(id("lead"))),
        animation: Animation {
            driver: way("M0 0 H1000", |_| {}),
            ..still("any", "lead")
        },
    };
    let follow = Formula::Follow {
        layer: id("lead"),
        of: Property::X,
        lag_ms: 250.0,
        scale: 1.0,
        offset: 0.0,
    };
    let follow = formula("follow", "tail", Property::X, follow);
    let mut s = scene(
        vec![card("lead", 0.0, 0.0), card("tail", 0.0, 0.0)],
        vec![follow],
    );
    let timeline = Timeline {
        id: id("timeline"),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing: Timing::default(),
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Keep,
        entries: vec![TimelineEntry {
            position: animation::Position::default(),
            part: TimelinePart::Leaf(Box::new(leaf)),
        }],
        removes: Vec::new(),
        taken: Vec::new(),
    };
    s.timelines.push(timeline.clone().into());
    assert_eq!(place_at(&s, 0, 750.0)[0], 750.0);
    assert_eq!(place_at(&s, 1, 750.0)[0], 500.0);
    let mut round = timeline;
    let back = Formula::Follow {
        layer: id("tail"),
        of: Property::X,
        lag_ms: 0.0,
        scale: 1.0,
        offset: 0.0,
    };
    if let TimelinePart::Leaf(leaf) = &mut round.entries[0].part {
        leaf.animation.driver = formula("any", "lead", Property::X, back).driver;
    }
    s.timelines = vec![round.into()];
    assert_eq!(
        faults(&s),
        ["/animations/0/expression `transform.x_px` of layer `tail` would hang on itself"]
    );
}

/// A leaf of `layer` with a formula, held where `fill` says so.
fn swinging(target: &str, of: Formula, duration_ms: f64, fill: Fill) -> Leaf {
    let animation = formula("any", target, Property::X, of);
    Leaf {
        targets: Targets::One(Target::Layer(id(target))),
        animation: Animation {
            timing: Timing {
                duration_ms,
                fill,
                ..Timing::default()
            },
            ..animation
        },
    }
}

fn timeline_of(timing: Timing, leaves: Vec<(f64, Leaf)>) -> Timeline {
    let entry = |(at, leaf)| TimelineEntry {
        position: animation::Position::at_ms(at),
        part: TimelinePart::Leaf(Box::new(leaf)),
    };
    Timeline {
        id: id("timeline"),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing,
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Remove,
        entries: leaves.into_iter().map(entry).collect(),
        removes: Vec::new(),
        taken: Vec::new(),
    }
}

/// A quarter of a swing in a second.
const SWING: Formula = Formula::Sine {
    amplitude: 10.0,
    frequency_hz: 0.25,
    phase_deg: 0.0,
};

#[test]
fn what_swings_in_a_timeline_has_the_time_of_its_leaf() {
    let to_and_fro = Timing {
        iterations: 2.0,
        direction: Direction::Alternate,
        fill: Fill::Forwards,
        ..Timing::default()
    };
    let leaf = swinging("l", SWING, 2000.0, Fill::None);
    let mut s = scene(vec![card("l", 100.0, 0.0)], vec![]);
    s.timelines = vec![timeline_of(to_and_fro, vec![(1000.0, leaf)]).into()];
    assert_eq!(faults(&s), [""; 0]);
    let x = |ms: f64| place_at(&s, 0, ms)[0];
    for (ms, expected) in [(500.0, 100.0), (1000.0, 100.0), (2000.0, 110.0)] {
        assert!((x(ms) - expected).abs() < 1e-9, "{ms}");
    }
    // Backwards it is where it was, to the bit, whatever was asked for before.
    let mut resolver = Resolver::new(&s);
    for ms in [1250.0, 1500.0, 2750.0] {
        let mut at = |ms| resolver.layers_at(ShowTime::from_ms(ms))[0].transform.x_px;
        let (there, back, again) = (at(ms), at(6000.0 - ms), at(ms));
        assert_eq!(there.to_bits(), back.to_bits(), "{ms}");
        assert_eq!(there.to_bits(), again.to_bits(), "{ms}");
    }
    assert!((x(5500.0) - 100.0).abs() < 1e-9, "before its beginning");
}

#[test]
fn what_swings_and_is_held_stays_when_the_timeline_goes() {
    let leaves = vec![
        (0.0, swinging("l", SWING, 500.0, Fill::Forwards)),
        (0.0, swinging("other", SWING, 500.0, Fill::None)),
    ];
    let cards = vec![card("l", 100.0, 0.0), card("other", 7.0, 0.0)];
    let mut s = scene(cards, vec![]);
    let held = Timing {
        fill: Fill::Forwards,
        ..Timing::default()
    };
    s.timelines = vec![timeline_of(held, leaves).into()];
    let last = place_at(&s, 0, 900.0)[0];
    assert!((last - 107.071_067_8).abs() < 1e-6, "{last}");
    s.end_timeline(&id("timeline"));
    assert_eq!(s.layers[0].transform.x_px.to_bits(), last.to_bits());
    assert_eq!(s.layers[1].transform.x_px, 7.0);
}

#[test]
fn leaves_follow_and_lose_what_they_follow() {
    let slide = animation(
        "slide",
        "lead",
        &Property::X,
        &[Value::Number(0.0), Value::Number(1000.0)],
    );
    let follow = Formula::Follow {
        layer: id("lead"),
        of: Property::X,
        lag_ms: 200.0,
        scale: 1.0,
        offset: 0.0,
    };
    let mut leaf = swinging("tail", follow, 500.0, Fill::None);
    leaf.animation.composite = Composite::Replace;
    let cards = vec![card("lead", 0.0, 0.0), card("tail", 5.0, 0.0)];
    let mut s = scene(cards, vec![slide]);
    s.timelines = vec![timeline_of(Timing::default(), vec![(250.0, leaf)]).into()];
    assert_eq!(faults(&s), [""; 0]);
    assert_eq!(place_at(&s, 1, 100.0)[0], 5.0);
    assert!((place_at(&s, 1, 500.0)[0] - 300.0).abs() < 1e-9);
    let mut unknown = s.clone();
    unknown.layers.remove(0);
    unknown.animations.clear();
    assert_eq!(
        faults(&unknown),
        ["/timelines/0/entries/0/animation/expression/layer there is no layer `lead`"]
    );
    s.remove_layer(&id("lead"));
    assert_eq!(faults(&s), [""; 0]);
    assert!(s.timelines.is_empty(), "it moves nothing any more");
}

#[test]
fn a_glide_begins_where_a_formula_has_put_the_layer() {
    let slide = animation(
        "slide",
        "lead",
        &Property::X,
        &[Value::Number(0.0), Value::Number(1000.0)],
    );
    let follow = Formula::Follow {
        layer: id("lead"),
        of: Property::X,
        lag_ms: 100.0,
        scale: 2.0,
        offset: 3.0,
    };
    let moving = vec![
        slide,
        formula("follow", "l", Property::X, follow),
        formula("swing", "l", Property::X, SWING),
    ];
    let mut s = scene(vec![card("lead", 0.0, 0.0), card("l", 7.0, 0.0)], moving);
    let before = place_at(&s, 1, 500.0)[0];
    assert!((before - 810.071_067_8).abs() < 1e-6, "{before}");
    let aside =
        |s: &Scene, ms: f64| (place_at(s, 1, ms + 0.5)[0] - place_at(s, 1, ms - 0.5)[0]) * 1e3;
    let velocity = aside(&s, 500.0);
    // What replaces gives way, what adds goes on adding.
    assert_eq!(glided(&mut s, 1, 50.0, Course::Smooth), [id("follow")]);
    assert!((place_at(&s, 1, 500.0)[0] - before).abs() < 1e-9);
    let now = (place_at(&s, 1, 501.0)[0] - place_at(&s, 1, 500.0)[0]) * 1e3;
    assert!(
        (now - velocity).abs() < 0.01 * velocity.abs(),
        "{now} {velocity}"
    );
    // The swing alone is left above what the document holds.
    assert!((place_at(&s, 1, 4000.0)[0] - 50.0).abs() < 1e-6);
}

#[test]
fn stops_that_move_stay_in_order() {
    let three = |b: f64| Gradient {
        form: GradientForm::Linear { angle_deg: 0.0 },
        spread: Spread::Pad,
        stops: vec![(0.1, Color::BLACK), (b, Color::WHITE), (0.6, Color::BLACK)],
    };
    let offset = Property::StopOffset(PaintOf::Fill, 1);
    let ends = [Value::Number(0.3), Value::Number(0.9)];
    let one = animation("one", "l", &offset, &ends);
    let s = scene(
        vec![painted(Paint::Gradient(three(0.3)))],
        vec![one.clone()],
    );
    assert_eq!(faults(&s), [""; 0]);
    let shown = |s: &Scene, ms: f64| -> Vec<f64> {
        match layer_at(s, 0, ms).source {
            Some(Source::Shape(Shape {
                fill: Some(Paint::Gradient(gradient)),
                ..
            })) => gradient.stops_in_order().map(|(at, _)| at).collect(),
            _ => panic!("a gradient"),
        }
    };
    let near = |got: Vec<f64>, expected: [f64; 3]| {
        let apart = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9;
        assert!(got.iter().zip(&expected).all(apart), "{got:?}");
    };
    near(shown(&s, 250.0), [0.1, 0.45, 0.6]);
    // Beyond the next one it takes that along, and gives it back.
    near(shown(&s, 750.0), [0.1, 0.75, 0.75]);
    near(shown(&s, 250.0), [0.1, 0.45, 0.6]);
    // As the gradient as a whole moves, where none crosses.
    let whole = |b| Value::Whole(Whole::new(three(b)));
    let all = animation("all", "l", &Property::SourceFill, &[whole(0.3), whole(0.5)]);
    let other = scene(vec![painted(Paint::Gradient(three(0.3)))], vec![all]);
    near(shown(&other, 500.0), [0.1, 0.4, 0.6]);
    // What it holds in the end is a scene without faults.
    let mut held = s;
    let mut held_animation = one;
    held_animation.timing.fill = Fill::Forwards;
    held.animations = vec![held_animation.into()];
    held.end_animation(&id("one"));
    assert_eq!(faults(&held), [""; 0]);
    near(shown(&held, 0.0), [0.1, 0.9, 0.9]);
}

/// Five hundred flashes that were kept and are over do not refuse the next one; those that hold something stay.
#[test]
fn what_is_over_and_holds_nothing_makes_room() {
    let limits = Limits {
        animations: 3,
        ..Limits::default()
    };
    let ends = [Value::Number(0.0), Value::Number(1.0)];
    let one = |name: &str, fill: Fill| {
        let mut one = animation(name, "a", &Property::Opacity, &ends);
        one.timing.fill = fill;
        one
    };
    let all = [
        one("holds", Fill::Forwards),
        one("spent", Fill::None),
        one("spent-2", Fill::None),
    ];
    let s = scene(vec![card("a", 0.0, 0.0)], all.to_vec());
    let left = |ms: f64, limits: &Limits| -> Vec<String> {
        let room = s.with_room(limits, ShowTime::from_ms(ms));
        room.animations
            .iter()
            .map(|one| one.id.to_string())
            .collect()
    };
    assert_eq!(left(500.0, &limits), ["holds", "spent", "spent-2"]);
    assert_eq!(left(1500.0, &limits), ["holds", "spent-2"]);
    assert_eq!(left(1500.0, &Limits::default()).len(), 3);
}

/// What each number allows by itself may together be no document, and would refuse every change from then on.
#[test]
fn what_is_held_in_the_end_is_a_document() {
    let size = |x, y| Value::Vec2([x, y]);
    let turned = Value::Transform([TransformFunction::Rotate(20.0)].into());
    let mut sum = animation("sum", "a", &Property::Functions, &[turned.clone(), turned]);
    sum.composite = Composite::Add;
    let large = animation(
        "large",
        "a",
        &Property::Size,
        &[size(10.0, 20.0), size(9000.0, 9000.0)],
    );
    let sides = [Property::Width, Property::Height].map(|side| {
        animation(
            "side",
            "a",
            &side,
            &[Value::Number(10.0), Value::Number(16_384.0)],
        )
    });
    let [mut wide, high] = sides;
    wide.keyframes
        .iter_mut()
        .zip(&high.keyframes)
        .for_each(|(to, from)| to.values.extend(from.values.clone()));
    for (mut one, times, holds) in [(sum, 20, true), (large, 1, false), (wide, 1, true)] {
        one.timing.fill = Fill::Forwards;
        let mut s = scene(vec![card("a", 0.0, 0.0)], Vec::new());
        for _ in 0..times {
            s.animations = vec![one.clone().into()];
            s.end_animation(&one.id);
            assert_eq!(faults(&s), [""; 0]);
        }
        let as_it_was = s.layers[0].transform == card("a", 0.0, 0.0).transform;
        assert_eq!(as_it_was, !holds, "{}", one.id);
    }
}

#[test]
fn what_morphs_moves_effects_in_pairs_and_gradients_as_wholes() {
    let card = |angle_deg: f64, sigma_px: f64, effect: EffectKind| {
        let mut layer = painted(Paint::Gradient(gradient(angle_deg, Color::BLACK)));
        let blur = EffectKind::GaussianBlur { sigma_px };
        layer.effects = vec![
            Effect::new(id("blur"), blur),
            Effect::new(id("odd"), effect),
        ];
        scene(vec![layer], vec![])
    };
    let morph = |from: &Scene, to: &Scene| {
        let mut to = to.clone();
        let passage = Passage {
            id: id("passage"),
            layer: None,
            way: Way::Over(Box::new(Left::whole(from))),
            transition: Transition {
                kind: TransitionKind::Morph,
                duration_ms: 1000.0,
                easing: Easing::Linear,
            },
            start: Start::At(ShowTime::ZERO),
            playback: None,
            turns: false,
        };
        to.passages = vec![passage.into()];
        layer_at(&to, 0, 250.0)
    };
    let sigma_of = |layer: &Layer| match layer.effects[0].kind {
        EffectKind::GaussianBlur { sigma_px } => sigma_px,
        _ => panic!("a blur"),
    };
    let angle_of = |layer: &Layer| match fill_of(layer) {
        Paint::Gradient(Gradient {
            form: GradientForm::Linear { angle_deg },
            ..
        }) => *angle_deg,
        other => panic!("{other:?}"),
    };
    let pixels = |size_px: f64| EffectKind::Pixelate { size_px };
    let from = card(10.0, 2.0, pixels(4.0));
    let layer = morph(&from, &card(50.0, 6.0, pixels(8.0)));
    assert!((sigma_of(&layer) - 3.0).abs() < 1e-9);
    assert_eq!(layer.effects[1].kind, pixels(5.0));
    assert!((angle_of(&layer) - 20.0).abs() < 1e-9);
    // Another effect makes it another picture: what it shows is as it will be and mixes with what was there, and only the
    // blur of both goes along.
    let glow = EffectKind::Glow {
        sigma_px: 9.0,
        color: Color::WHITE,
        strength: 1.0,
    };
    let layer = morph(&from, &card(50.0, 6.0, glow.clone()));
    assert!((sigma_of(&layer) - 3.0).abs() < 1e-9);
    assert_eq!(layer.effects[1].kind, glow);
    assert!((angle_of(&layer) - 50.0).abs() < 1e-9);
}

#[test]
fn what_hangs_on_itself_is_named_once() {
    let follow = |layer: &str| Formula::Follow {
        layer: id(layer),
        of: Property::X,
        lag_ms: 10.0,
        scale: 1.0,
        offset: 0.0,
    };
    let s = scene(
        vec![
            card("a", 0.0, 0.0),
            card("b", 0.0, 0.0),
            card("c", 0.0, 0.0),
        ],
        vec![
            formula("hangs", "c", Property::X, follow("a")),
            formula("one", "a", Property::X, follow("b")),
            formula(
                "two",
                "b",
                Property::Position,
                Formula::Sine {
                    amplitude: 1.0,
                    frequency_hz: 1.0,
                    phase_deg: 0.0,
                },
            ),
            formula("three", "b", Property::X, follow("a")),
        ],
    );
    assert_eq!(
        faults(&s),
        ["/animations/1/expression `transform.x_px` of layer `a` would hang on itself"]
    );
    // Four that follow each four of the next: 4^8 evaluations of one value.
    let mut layers = vec![card("l0", 0.0, 0.0)];
    let mut animations = Vec::new();
    for i in 1..9 {
        layers.push(card(&format!("l{i}"), 0.0, 0.0));
        for k in 0..4 {
            let (name, own) = (format!("f{i}-{k}"), format!("l{i}"));
            animations.push(formula(
                &name,
                &own,
                Property::X,
                follow(&format!("l{}", i - 1)),
            ));
        }
    }
    let found = faults(&scene(layers, animations));
    assert!(
        found[0].ends_with("needs 341 evaluations; at most 256 are allowed"),
        "{found:?}"
    );
}

#[test]
fn what_formulas_cannot_do_is_named() {
    let follow = Formula::Follow {
        layer: id("nobody"),
        of: Property::X,
        lag_ms: -1.0,
        scale: 1.0,
        offset: 0.0,
    };
    let look = Formula::LookAt {
        at: LookAt::Layer(id("a")),
        offset_deg: 0.0,
    };
    let wiggle = Formula::Wiggle {
        amplitude: 1e9,
        frequency_hz: 1.0,
        seed: 1,
        octaves: 9,
    };
    let s = scene(
        vec![card("a", 0.0, 0.0)],
        vec![
            formula("f", "a", Property::Position, follow),
            formula("l", "a", Property::Rotation, look),
            formula("w", "a", Property::X, wiggle.clone()),
            formula("v", "a", Property::Visible, wiggle),
        ],
    );
    assert_eq!(
        faults(&s),
        [
            "/animations/0/expression/lag_ms is -1; allowed is 0 to 3600000",
            "/animations/0/expression/of is `transform.x_px` for `transform.position`; both must be numbers, or both pairs of numbers",
            "/animations/2/expression/amplitude is 1000000000; allowed is -1000000 to 1000000",
            "/animations/2/expression/octaves is 9; allowed is 1 to 8",
            "/animations/3/expression/property `visible` takes true or false; formulas move numbers and pairs of numbers",
            "/animations/0/expression/layer there is no layer `nobody`",
            "/animations/1/expression/layer is the layer itself; it cannot look at itself",
        ]
    );
}

/// A scene in which everything of this file moves at once.
fn lively() -> Scene {
    let outline = |d| Value::Whole(Whole::new(Outline::new(d).unwrap()));
    let d = Property::Source(SourceProperty::PathData);
    let mut bow = animation(
        "bow",
        "b",
        &Property::Position,
        &[Value::Vec2([0.0, 0.0]), Value::Vec2([100.0, 0.0])],
    );
    bow.keyframes[0].tangents.leaving_px = [0.0, -80.0];
    let go = Animation {
        driver: way("M0 0 C 90 0 10 200 300 50 Z", |path| {
            path.rotate = Some(Rotate::AutoReverse);
        }),
        composite: Composite::Add,
        ..still("go", "a")
    };
    let wiggle = Formula::Wiggle {
        amplitude: 3.0,
        frequency_hz: 2.0,
        seed: 3,
        octaves: 3,
    };
    let follow = Formula::Follow {
        layer: id("a"),
        of: Property::Y,
        lag_ms: 120.0,
        scale: 0.5,
        offset: 0.0,
    };
    let look = Formula::LookAt {
        at: LookAt::Layer(id("b")),
        offset_deg: 0.0,
    };
    let functions = [
        Value::Transform([TransformFunction::Skew(10.0, 0.0)].into()),
        Value::Transform([TransformFunction::Rotate(90.0)].into()),
    ];
    let mut shape = painted(Paint::Gradient(gradient(0.0, Color::BLACK)));
    shape.id = id("c");
    scene(
        vec![card("a", 10.0, 20.0), card("b", 5.0, 5.0), shape],
        vec![
            bow,
            go,
            formula("wiggle", "b", Property::Scale, wiggle),
            formula("follow", "c", Property::Y, follow),
            formula("look", "c", Property::Rotation, look),
            animation("functions", "a", &Property::Functions, &functions),
            animation(
                "z",
                "a",
                &Property::ZIndex,
                &[Value::Integer(0), Value::Integer(3)],
            ),
            animation(
                "d",
                "c",
                &d,
                &[outline("M0 0 L10 0 L0 10 Z"), outline("M0 0 L30 0 L0 10 Z")],
            ),
        ],
    )
}

proptest! {
    /// Whatever was resolved before, and in whatever order, a moment looks the same, bit by bit.
    #[test]
    fn the_order_of_moments_does_not_matter(times in prop::collection::vec(-500.0..2500.0_f64, 1..12)) {
        let s = lively();
        prop_assert_eq!(faults(&s), [""; 0]);
        let mut scrubbed = Resolver::new(&s);
        let forwards: Vec<_> = times.iter().map(|ms| (items(&mut scrubbed, *ms), scrubbed.layers().to_vec())).collect();
        for (ms, seen) in times.iter().zip(&forwards).rev() {
            prop_assert_eq!(&items(&mut scrubbed, *ms), &seen.0);
            prop_assert_eq!(scrubbed.layers(), &seen.1[..]);
            let mut fresh = Resolver::new(&s);
            prop_assert_eq!(&items(&mut fresh, *ms), &seen.0);
            prop_assert_eq!(fresh.layers(), &seen.1[..]);
        }
    }
}

#[test]
fn everything_in_the_list_can_be_found_by_its_path() {
    let all = scene::animatable();
    assert!(all.len() > 150, "{}", all.len());
    for one in all {
        assert!(
            one.property.value_types().any(|takes| *takes == one.takes),
            "{}",
            one.path
        );
        if !one.path.contains('{') {
            assert_eq!(one.path.parse(), Ok(one.property.clone()));
        }
    }
    let applies = |path: &str| -> Vec<Vec<&str>> {
        let found = all.iter().filter(|one| one.path == path);
        found.map(|one| one.applies_to.clone()).collect()
    };
    assert_eq!(applies("opacity"), [["layer"]]);
    assert_eq!(applies("background"), [["canvas"]]);
    assert_eq!(applies("clip.radius_px"), [["group"]]);
    assert_eq!(
        applies("source.fit"),
        [vec!["text"], vec!["image", "svg", "sprite"]]
    );
    assert!(applies("effects.{id}.sigma_px").len() >= 4);
    // Every property has a layer on which it can move.
    let known: Vec<_> = all.iter().map(|one| &one.property).collect();
    for (path, property, _) in Property::all() {
        assert!(known.contains(&&property), "{path}");
    }
    let of_card = scene::animatable_of(&card("l", 3.0, 4.0));
    let place = of_card
        .iter()
        .find(|(one, _)| one.path == "transform.position");
    assert_eq!(place.unwrap().1, Value::Vec2([3.0, 4.0]));
    assert!(
        of_card
            .iter()
            .all(|(one, _)| !one.path.starts_with("source.fill"))
    );
}
