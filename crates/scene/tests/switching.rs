//! What switches: whether a group clips, the form of a wipe, whom a layer shows through; and runs of a text one by one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use animation::{Easing, Fill, Tangents, Timing, Value, Whole};
use kurbo::Size;
use media::{Color, ShowTime};
use scene::{
    Animation, Corners, Extent, Id, Item, Kind, Layer, Leaf, Limits, Mask, MaskMode, Measure,
    Moment, Property, Resolver, Scene, Source, Start, StyledKeyframe, Target, Targets, Text,
    TextContent, TextRun, Timeline, TimelineEntry, TimelinePart, Wipe, WipeForm,
};

fn id(name: &str) -> Id {
    Id::new(name).unwrap()
}

fn card(name: &str) -> Layer {
    let mut layer = Layer::bare(id(name), Kind::Overlay, Some(Source::Color(Color::WHITE)));
    layer.transform.width_px = Some(10.0);
    layer.transform.height_px = Some(20.0);
    layer
}

fn masked(name: &str, through: &str) -> Layer {
    let mask = Mask {
        layer: id(through),
        mode: MaskMode::Alpha,
        invert: false,
    };
    Layer {
        mask: Some(mask),
        ..card(name)
    }
}

fn scene(layers: Vec<Layer>) -> Scene {
    let mut scene = Scene::empty(640, 360);
    scene.layers = layers.into_iter().map(Into::into).collect();
    scene
}

/// Through these values, in a second for each way between two.
fn moving(name: &str, target: &str, property: &str, values: &[Value]) -> Animation {
    let property: Property = property.parse().unwrap();
    let keyframe = |value: &Value| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        tangents: Tangents::default(),
        values: vec![(property.clone(), value.clone())],
    };
    let timing = Timing {
        duration_ms: 1000.0 * (values.len() - 1) as f64,
        fill: Fill::Both,
        ..Timing::default()
    };
    let mut animation = Animation::new(id(name), Target::Layer(id(target)), timing, &[]);
    animation.start = Start::At(ShowTime::ZERO);
    animation.keyframes = values.iter().map(keyframe).collect();
    animation
}

fn at(scene: &Scene, ms: f64) -> Layer {
    let layers = Resolver::new(scene)
        .layers_at(ShowTime::from_ms(ms))
        .to_vec();
    Layer::clone(&layers[0])
}

fn words(all: &[&'static str]) -> Vec<Value> {
    all.iter().map(|word| Value::Word(word)).collect()
}

fn names(all: &[&str]) -> Vec<Value> {
    all.iter().map(|name| Value::Text((*name).into())).collect()
}

fn faults(scene: &Scene) -> Vec<String> {
    let faults = scene.faults(&Limits::default(), &|_| true).into_iter();
    faults
        .map(|f| format!("{}: {}", f.pointer, f.detail))
        .collect()
}

#[test]
fn a_word_of_a_line_lights_up() {
    let run = |text: &str| TextRun {
        text: text.into(),
        color: Some(Color::BLACK),
        ..TextRun::default()
    };
    let text = Text {
        text: TextContent::Runs([run("light "), run("up")].into()),
        ..Text::default()
    };
    let line = Layer::bare(id("line"), Kind::Overlay, Some(Source::Text(text)));
    let mut scene = scene(vec![line]);
    let colors = [Color::BLACK, Color::WHITE].map(Value::Color);
    let sings = moving("sings", "line", "source.runs.1.color", &colors);
    scene.animations.push(sings.into());
    assert_eq!(faults(&scene), [""; 0]);
    let colors = |ms: f64| {
        let Some(Source::Text(text)) = at(&scene, ms).source else {
            panic!()
        };
        let TextContent::Runs(runs) = text.text else {
            panic!()
        };
        [runs[0].color, runs[1].color].map(Option::unwrap)
    };
    assert_eq!(colors(0.0), [Color::BLACK, Color::BLACK]);
    let [first, second] = colors(500.0);
    assert_eq!(first, Color::BLACK);
    assert!(second.r > 0.2 && second.r < 0.8, "{second:?}");
    assert_eq!(colors(1000.0), [Color::BLACK, Color::WHITE]);
}

/// A group that clips again does so with the radii of its document, or with those that move by then.
#[test]
fn a_group_clips_and_does_not() {
    let mut group = Layer::bare(id("group"), Kind::Group, None);
    group.clip = Some([1.0, 2.0, 3.0, 4.0]);
    let mut scene = scene(vec![group]);
    let switches = [true, false, true].map(Value::Bool);
    scene
        .animations
        .push(moving("switches", "group", "clip", &switches).into());
    assert_eq!(faults(&scene), [""; 0]);
    let mut resolver = Resolver::new(&scene);
    let mut clips = |ms: f64| resolver.layers_at(ShowTime::from_ms(ms))[0].clip;
    let own = Some([1.0, 2.0, 3.0, 4.0]);
    for (ms, wanted) in [
        (0.0, own),
        (600.0, None),
        (1400.0, None),
        (1600.0, own),
        (700.0, None),
        (5000.0, own),
        (6000.0, own),
    ] {
        assert_eq!(clips(ms), wanted, "at {ms} ms");
    }
    let four = Value::Whole(Whole::new(Corners([0.0, 10.0, 20.0, 30.0])));
    let radii = [Value::Number(10.0), four];
    scene
        .animations
        .push(moving("radii", "group", "clip.radius_px", &radii).into());
    assert_eq!(faults(&scene), [""; 0]);
    let mut resolver = Resolver::new(&scene);
    let mut clips = |ms: f64| resolver.layers_at(ShowTime::from_ms(ms))[0].clip;
    assert_eq!(clips(0.0), Some([10.0; 4]));
    assert_eq!(clips(250.0), Some([7.5, 10.0, 12.5, 15.0]));
    assert_eq!(clips(700.0), None);
    assert_eq!(clips(3000.0), Some([0.0, 10.0, 20.0, 30.0]));
}

/// A form that comes again has the fields that it had.
#[test]
fn a_wipe_takes_another_form() {
    let clock = WipeForm::Clock {
        center: [0.25, 0.75],
        angle_deg: 30.0,
    };
    let mut layer = card("a");
    layer.wipe = Some(Wipe {
        form: clock.clone(),
        softness: 0.1,
        progress: 0.5,
        invert: false,
    });
    let mut scene = scene(vec![layer]);
    let forms = words(&["clock", "iris", "linear", "clock"]);
    scene
        .animations
        .push(moving("forms", "a", "wipe.form", &forms).into());
    // What has come to rest beside it stays, and its fields move on above it.
    let progress = [0.2, 0.25].map(Value::Number);
    let mut progress = moving("progress", "a", "wipe.progress", &progress);
    progress.timing.duration_ms = 10.0;
    let still = [0.0, 0.0].map(Value::Number);
    let mut adds = moving("adds", "a", "wipe.angle_deg", &still);
    adds.composite = animation::Composite::Add;
    scene.animations.extend([progress.into(), adds.into()]);
    assert_eq!(faults(&scene), [""; 0]);
    let mut resolver = Resolver::new(&scene);
    let mut form = |ms: f64| {
        let layer = Layer::clone(&resolver.layers_at(ShowTime::from_ms(ms))[0]);
        let wipe = layer.wipe.unwrap();
        assert!(ms < 10.0 || (wipe.progress - 0.25).abs() < 1e-12);
        wipe.form
    };
    let iris = WipeForm::Iris {
        center: [0.25, 0.75],
    };
    let linear = WipeForm::Linear { angle_deg: 30.0 };
    for (ms, wanted) in [
        (0.0, &clock),
        (1000.0, &iris),
        (2000.0, &linear),
        (3000.0, &clock),
        (1000.0, &iris),
        (2000.0, &linear),
        (9000.0, &clock),
    ] {
        assert_eq!(form(ms), *wanted, "at {ms} ms");
    }
}

struct OneSize;

impl Measure for OneSize {
    fn extent(&mut self, _: &Layer, _: Moment) -> Extent {
        Extent {
            size: Size::new(10.0, 20.0),
            baseline_px: None,
        }
    }
}

/// The names of the layers that stand behind a matte.
fn through(scene: &Scene, ms: f64) -> Vec<String> {
    let mut resolver = Resolver::new(scene);
    let mut items = Vec::new();
    let moment = Moment {
        show: ShowTime::from_ms(ms),
        epoch_unix_ns: 0,
    };
    resolver.resolve(moment, &mut OneSize, &mut items);
    let after = items.iter().zip(items.iter().skip(1));
    let mattes = after.filter_map(|(matte, next)| match (matte, next) {
        (Item::Matte(_), Item::Layer(item)) => Some(item.index),
        _ => None,
    });
    let name = |i: usize| resolver.layers()[i].id.as_str().to_owned();
    mattes.map(name).collect()
}

#[test]
fn a_layer_shows_through_one_after_the_other() {
    let mut scene = scene(vec![masked("a", "one"), card("one"), card("two")]);
    let names = names(&["one", "two"]);
    scene
        .animations
        .push(moving("moves", "a", "mask.layer", &names).into());
    assert_eq!(faults(&scene), [""; 0]);
    assert_eq!(through(&scene, 0.0), ["one"]);
    assert_eq!(through(&scene, 499.0), ["one"]);
    assert_eq!(through(&scene, 500.0), ["two"]);
    assert_eq!(through(&scene, 9000.0), ["two"]);
}

/// Whatever it shows through at any time counts as if it were all at once.
#[test]
fn masks_that_move_make_no_circle() {
    let layers = || {
        vec![
            masked("a", "c"),
            masked("b", "c"),
            card("c"),
            masked("d", "a"),
        ]
    };
    let with = |target: &str, through: &[&str]| {
        let mut scene = scene(layers());
        scene
            .animations
            .push(moving("moves", target, "mask.layer", &names(through)).into());
        faults(&scene)
    };
    assert_eq!(with("a", &["c", "b"]), [""; 0]);
    let at = "/animations/0/keyframes/1/mask.layer";
    assert_eq!(
        with("a", &["c", "x"]),
        [format!("{at}: there is no layer `x`")]
    );
    assert_eq!(
        with("a", &["c", "a"]),
        [format!("{at}: `a` would be its own mask")]
    );
    assert_eq!(
        with("a", &["c", "d"]),
        [format!("{at}: layer `a` would be a part of its own mask")]
    );
    let mut scene = scene(layers());
    for (n, target, through) in [("m", "a", ["c", "b"]), ("n", "b", ["c", "a"])] {
        scene
            .animations
            .push(moving(n, target, "mask.layer", &names(&through)).into());
    }
    let wrong = "layer `a` would be a part of its own mask";
    assert_eq!(faults(&scene), [format!("{at}: {wrong}")]);
}

fn timeline(leaf: Leaf) -> Timeline {
    Timeline {
        id: id("t"),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing: Timing::default(),
        playback: None,
        verbs: Vec::new(),
        when_over: scene::WhenOver::Remove,
        entries: vec![TimelineEntry {
            position: animation::Position::default(),
            part: TimelinePart::Leaf(Box::new(leaf)),
        }],
        removes: Vec::new(),
        taken: Vec::new(),
    }
}

/// Nothing names a layer that is gone, and nothing moves a mask that is none any more.
#[test]
fn what_showed_through_a_layer_that_goes_lets_go() {
    let mut scene = scene(vec![
        masked("a", "one"),
        masked("b", "two"),
        card("one"),
        card("two"),
    ]);
    let both = names(&["one", "two"]);
    let mut moves = moving("moves", "a", "mask.layer", &both);
    for keyframe in &mut moves.keyframes {
        keyframe
            .values
            .push((Property::Opacity, Value::Number(0.5)));
    }
    scene.animations.push(moves.into());
    scene.animations.push(
        moving(
            "inverts",
            "b",
            "mask.invert",
            &[true, false].map(Value::Bool),
        )
        .into(),
    );
    let leaf = |names: &[Value]| Leaf {
        targets: Targets::Several {
            targets: ["a", "b"].map(|name| Some(Target::Layer(id(name)))).into(),
            stagger: None,
        },
        animation: moving("leaf", "a", "mask.layer", names),
    };
    scene.timelines.push(timeline(leaf(&both)).into());
    assert_eq!(faults(&scene), [""; 0]);
    let mut one = scene.clone();
    one.remove_layer(&id("two"));
    assert_eq!(faults(&one), [""; 0]);
    assert_eq!(one.animations.len(), 1, "b has no mask to invert");
    assert_eq!(one.animations[0].properties(), [Property::Opacity]);
    assert_eq!(through(&one, 9000.0), ["one"]);
    let mut none = scene.clone();
    none.remove_layer(&id("one"));
    none.remove_layer(&id("two"));
    assert_eq!(faults(&none), [""; 0]);
    assert!(through(&none, 9000.0).is_empty());
}
