//! Layers that leave by a transition while they follow, look at, show through or are moved by what stays.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use animation::transition::Heading;
use animation::{Composite, Easing, Fill, Position, Timing, Value};
use kurbo::{Affine, Size};
use media::{Color, ShowTime};
use scene::{
    Animation, Driver, Expression, Extent, Formula, Id, Item, Kind, Layer, Leaf, Left, Limits,
    LookAt, Mask, MaskMode, Measure, Moment, Passage, Property, Resolver, Scene, Source, Start,
    Target, Targets, Timeline, TimelineEntry, TimelinePart, Transform, Transition, TransitionKind,
    Way, WhenOver,
};

fn id(name: &str) -> Id {
    Id::new(name).unwrap()
}

fn ms(ms: f64) -> ShowTime {
    ShowTime::from_ms(ms)
}

fn card(name: &str, x_px: f64) -> Layer {
    Layer {
        transform: Transform {
            x_px,
            y_px: 40.0,
            width_px: Some(30.0),
            height_px: Some(20.0),
            ..Transform::default()
        },
        ..Layer::bare(id(name), Kind::Overlay, Some(Source::Color(Color::WHITE)))
    }
}

fn inside(group: &str, layer: Layer) -> Layer {
    Layer {
        parent: Some(id(group)),
        ..layer
    }
}

/// Across the scene within a second.
fn slide(target: &str) -> Animation {
    let timing = Timing {
        duration_ms: 1000.0,
        fill: Fill::Both,
        ..Timing::default()
    };
    let target = Target::Layer(id(target));
    let from = [(Property::X, Value::Number(900.0))];
    Animation {
        start: Start::At(ShowTime::ZERO),
        ..Animation::new(id("slide"), target, timing, &from)
    }
}

fn formula(name: &str, target: &str, property: Property, formula: Formula) -> Animation {
    let timing = Expression::timing();
    Animation {
        start: Start::At(ShowTime::ZERO),
        composite: Composite::Replace,
        driver: Driver::Expression(Box::new(Expression { property, formula })),
        keyframes: Vec::new(),
        ..Animation::new(id(name), Target::Layer(id(target)), timing, &[])
    }
}

fn follow(layer: &str) -> Formula {
    Formula::Follow {
        layer: id(layer),
        of: Property::X,
        lag_ms: 100.0,
        scale: 1.0,
        offset: 50.0,
    }
}

fn timeline(leaf: Animation) -> Timeline {
    let targets = Targets::Several {
        targets: ["lead", "l"]
            .map(|name| Some(Target::Layer(id(name))))
            .into(),
        stagger: None,
    };
    Timeline {
        id: id("t"),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing: Timing {
            fill: Fill::Forwards,
            ..Timing::default()
        },
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Remove,
        entries: vec![TimelineEntry {
            position: Position::default(),
            part: TimelinePart::Leaf(Box::new(Leaf {
                targets,
                animation: leaf,
            })),
        }],
        removes: vec![id("lead")],
        taken: Vec::new(),
    }
}

fn scene(layers: Vec<Layer>, animations: Vec<Animation>) -> Scene {
    let mut scene = Scene::empty(640, 360);
    scene.layers = layers.into_iter().map(Into::into).collect();
    scene.animations = animations.into_iter().map(Into::into).collect();
    scene
}

fn faults(scene: &Scene) -> Vec<String> {
    let faults = scene.faults(&Limits::default(), &|_| true);
    let say = |fault: scene::Fault| format!("{} {}", fault.pointer, fault.detail);
    faults.into_iter().map(say).collect()
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

/// Where everything that is drawn stands, with the layer's id, and what masks.
fn drawn(scene: &Scene, at: ShowTime) -> Vec<(String, Affine)> {
    let mut resolver = Resolver::new(scene);
    let mut items = Vec::new();
    let moment = Moment {
        show: at,
        epoch_unix_ns: 0,
    };
    resolver.resolve(moment, &mut FixedSize, &mut items);
    let found = items.iter().filter_map(|item| match item {
        Item::Layer(layer) => {
            let id = resolver.layers()[layer.index].id.to_string();
            let own = id.rsplit('/').next().unwrap_or_default().to_owned();
            Some((own, layer.transform))
        }
        Item::Matte(_) => Some(("matte".to_owned(), Affine::IDENTITY)),
        _ => None,
    });
    found.collect()
}

/// `before`, in which `layer` goes, or is another color, by a transition that begins at `at`.
fn leaving(before: &Scene, layer: &str, goes: bool, kind: TransitionKind, at: ShowTime) -> Scene {
    let mut after = before.clone();
    if goes {
        after.remove_layer(&id(layer));
    } else {
        let one = after
            .layers
            .iter_mut()
            .find(|one| one.id == id(layer))
            .unwrap();
        if let Some(source) = &mut one.source {
            *source = Source::Color(Color::BLACK);
        }
    }
    assert_eq!(faults(&after), [""; 0]);
    let left = Left::layer(before, &id(layer)).unwrap();
    let passage = Passage {
        id: id("change"),
        layer: Some(id(layer)),
        way: Way::Over(Box::new(left)),
        transition: Transition {
            kind,
            duration_ms: 1000.0,
            easing: Easing::Linear,
        },
        start: Start::At(at),
        playback: None,
        turns: false,
    };
    after.passages.push(passage.into());
    after
}

/// A group with a card that looks at what stands outside of it in every way there is.
fn scenes() -> Vec<(&'static str, Scene)> {
    let lead = || card("lead", 100.0);
    let mask = |layer: &str| Mask {
        layer: id(layer),
        mode: MaskMode::Alpha,
        invert: false,
    };
    let follows = Layer {
        follow: Some(id("lead")),
        ..card("l", 20.0)
    };
    let masked = |by: &str| Layer {
        mask: Some(mask(by)),
        ..card("l", 110.0)
    };
    let look = Formula::LookAt {
        at: LookAt::Layer(id("lead")),
        offset_deg: 10.0,
    };
    let group = |name: &str| Layer {
        transform: Transform {
            x_px: 7.0,
            ..Transform::default()
        },
        ..Layer::bare(id(name), Kind::Group, None)
    };
    let mut by_timeline = scene(vec![lead(), card("l", 20.0)], vec![]);
    by_timeline.timelines = vec![timeline(slide("l")).into()];
    let mut looking = scene(vec![lead(), card("l", 20.0)], vec![slide("lead")]);
    let mut leaf = formula(
        "any",
        "l",
        Property::Rotation,
        Formula::LookAt {
            at: LookAt::Point([5.0, 900.0]),
            offset_deg: 0.0,
        },
    );
    leaf.timing.duration_ms = 5000.0;
    looking.timelines = vec![timeline(leaf).into()];
    vec![
        (
            "formula",
            scene(
                vec![lead(), card("l", 20.0)],
                vec![
                    slide("lead"),
                    formula("f", "l", Property::X, follow("lead")),
                ],
            ),
        ),
        (
            "gaze",
            scene(
                vec![lead(), card("l", 20.0)],
                vec![slide("lead"), formula("f", "l", Property::Rotation, look)],
            ),
        ),
        ("follow", scene(vec![lead(), follows], vec![slide("lead")])),
        (
            "mask",
            scene(vec![lead(), masked("lead")], vec![slide("lead")]),
        ),
        (
            "mask elsewhere",
            scene(
                vec![group("g"), inside("g", lead()), masked("lead")],
                vec![slide("g")],
            ),
        ),
        ("timeline", by_timeline),
        ("leaf that looks", looking),
    ]
}

/// Whatever leaves stands on its first frame where it stood, shows through what it showed through, and goes on following; and
/// the document is one without faults.
#[test]
fn what_leaves_goes_on_with_what_stays() {
    for (name, before) in scenes() {
        assert_eq!(faults(&before), [""; 0], "{name}");
        let at = ms(400.0);
        for goes in [true, false] {
            let after = leaving(&before, "l", goes, TransitionKind::Fade, at);
            assert_eq!(faults(&after), [""; 0], "{name}");
            for later in [at, at.plus_nanos(300_000_000)] {
                let (was, is) = (drawn(&before, later), drawn(&after, later));
                let of = |all: &[(String, Affine)], name: &str| -> Vec<Affine> {
                    all.iter()
                        .filter(|(own, _)| own == name)
                        .map(|(_, at)| *at)
                        .collect()
                };
                let (was_l, is_l) = (of(&was, "l"), of(&is, "l"));
                assert_eq!(is_l.last(), was_l.first(), "{name}, {is:?}");
                let mattes = of(&was, "matte").len();
                assert!(of(&is, "matte").len() >= mattes, "{name}");
                if mattes > 0 {
                    assert!(of(&is, "lead").len() > 1, "{name}: {is:?}");
                }
            }
        }
    }
}

/// Also by ways out of the frame, when what it followed goes meanwhile, and when what it followed goes itself.
#[test]
fn nothing_hangs_on_what_is_gone() {
    let heading = Heading::Left;
    let flip = TransitionKind::Flip { vertical: true };
    for kind in [
        TransitionKind::Fade,
        TransitionKind::Slide { heading },
        TransitionKind::Push { heading },
        flip,
    ] {
        for (name, before) in scenes() {
            for (first, second) in [("l", "lead"), ("lead", "l")] {
                let mut after = leaving(&before, first, true, kind.clone(), ms(300.0));
                assert_eq!(faults(&after), [""; 0], "{name}");
                assert!(!drawn(&after, ms(350.0)).is_empty(), "{name}");
                after = leaving(&after, second, true, kind.clone(), ms(400.0));
                after.passages[1].id = id("other");
                assert_eq!(faults(&after), [""; 0], "{name}");
                assert!(!drawn(&after, ms(450.0)).is_empty(), "{name}");
            }
        }
    }
}

/// What a formula follows of a layer may go with a change of that layer's source; the formula goes, nobody is refused.
#[test]
fn formulas_go_with_what_they_follow() {
    let of_crop = Formula::Follow {
        layer: id("lead"),
        of: Property::CropLeft,
        lag_ms: 0.0,
        scale: 1.0,
        offset: 0.0,
    };
    let cropped = Layer {
        crop: Some(scene::Crop::default()),
        ..card("lead", 100.0)
    };
    let layers = vec![cropped, card("l", 20.0)];
    let mut s = scene(
        layers,
        vec![
            formula("f", "l", Property::X, of_crop.clone()),
            formula("g", "l", Property::Y, follow("lead")),
        ],
    );
    let mut leaf = formula("any", "l", Property::Rotation, of_crop);
    leaf.timing.iterations = 1.0;
    let mut t = timeline(leaf);
    t.entries.extend(timeline(slide("lead")).entries);
    if let TimelinePart::Leaf(leaf) = &mut t.entries[0].part {
        leaf.targets = Targets::One(Target::Layer(id("l")));
    }
    s.timelines = vec![t.into()];
    assert_eq!(faults(&s), [""; 0]);
    let length = s.timelines[0].laid_timing();
    s.layers[0].crop = None;
    assert!(!faults(&s).is_empty());
    s.drop_lost_formulas();
    assert_eq!(faults(&s), [""; 0]);
    let ids: Vec<&str> = s.animations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["g"]);
    assert_eq!(s.timelines[0].laid_timing(), length, "times stay");
}

/// Takes of scenes one after the other: what began with this very frame begins with it where it leaves too, and of more than
/// may be nested the oldest is left out, not what is on screen.
#[test]
fn takes_begin_with_what_is_under_way() {
    let shot = |name: &str| scene(vec![card(name, 100.0)], vec![]);
    let take = |from: &Scene, to: &Scene| {
        let mut to = to.clone();
        let passage = Passage {
            id: id("transition"),
            layer: None,
            way: Way::Over(Box::new(Left::whole(from))),
            transition: Transition {
                kind: TransitionKind::Fade,
                duration_ms: 1000.0,
                easing: Easing::Linear,
            },
            start: Start::Now,
            playback: None,
            turns: false,
        };
        to.passages = vec![passage.into()];
        to
    };
    let settled = |mut scene: Scene, at: ShowTime| {
        scene.settle(Moment {
            show: at,
            epoch_unix_ns: 0,
        });
        assert!(scene.is_settled());
        assert_eq!(faults(&scene), [""; 0]);
        scene
    };
    let names = |scene: &Scene, at: ShowTime| -> Vec<String> {
        drawn(scene, at)
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| name.len() == 1)
            .collect()
    };
    // Two on one frame: the first has gone no way yet.
    let twice = settled(take(&take(&shot("a"), &shot("b")), &shot("c")), ms(5000.0));
    assert_eq!(names(&twice, ms(5000.0)), ["a"]);
    assert_eq!(names(&twice, ms(5200.0)), ["a", "b", "c"]);
    let mut many = shot("a");
    for (n, name) in ["b", "c", "d", "e", "f"].into_iter().enumerate() {
        many = settled(take(&many, &shot(name)), ms(100.0 * n as f64));
    }
    assert_eq!(names(&many, ms(450.0)), ["c", "d", "e", "f"]);
}
