//! A crowd of fifty layers that moves: what speed is measured with.

use animation::{
    Composite, Direction, Easing, Fill, Origin, Position, Spread, Stagger, Timing, Value,
};
use kurbo::Size;
use media::{Color, Framerate, ShowTime};
use scene::{
    Animation, Extent, Id, Kind, Layer, Leaf, Measure, Moment, Nested, Property, Scene, Source,
    Start, StyledKeyframe, Target, Targets, Timeline, TimelineEntry, TimelinePart, Transform,
    WhenOver,
};

pub(crate) const LAYERS: usize = 50;

/// Every property of a plain layer that is a number, and a color.
pub(crate) const PROPERTIES: [Property; 10] = [
    Property::X,
    Property::Y,
    Property::ScaleX,
    Property::ScaleY,
    Property::Rotation,
    Property::Opacity,
    Property::AnchorX,
    Property::AnchorY,
    Property::Width,
    Property::SourceColor,
];

/// Layers of one size; nothing has to be measured.
#[derive(Debug)]
pub(crate) struct OneSize;

impl Measure for OneSize {
    fn extent(&mut self, _layer: &Layer, _moment: Moment) -> Extent {
        Extent {
            size: Size::new(100.0, 50.0),
            baseline_px: None,
        }
    }
}

/// Frame `n` of a show of 30 frames a second, the first of which is an hour after its start.
pub(crate) fn frame(n: u64) -> Moment {
    let framerate = Framerate::new(30, 1).expect("a rate");
    let n = i64::try_from(n % 1_000_000).unwrap_or_default();
    Moment {
        show: framerate.frame_time(108_000 + n),
        epoch_unix_ns: 0,
    }
}

/// Fifty layers that hold still.
pub(crate) fn still() -> Scene {
    let mut scene = Scene::empty(1920, 1080);
    scene.layers = (0..LAYERS)
        .map(|k| Layer {
            transform: Transform {
                width_px: Some(100.0),
                height_px: Some(50.0),
                ..Transform::default()
            },
            ..Layer::bare(id(k), Kind::Overlay, Some(Source::Color(Color::WHITE)))
        })
        .map(Into::into)
        .collect();
    scene
}

/// Animation `k`, of the given properties of one of the layers in turn, with three eased keyframes.
fn animation(k: usize, timing: Timing, properties: &[Property]) -> Animation {
    let keyframe = |part: f64| StyledKeyframe {
        offset: None,
        easing: Easing::EASE_IN_OUT,
        composite: None,
        tangents: animation::Tangents::default(),
        values: properties
            .iter()
            .map(|property| (property.clone(), value(property, part)))
            .collect(),
    };
    Animation {
        id: id(k),
        target: Target::Layer(id(k % LAYERS)),
        start: Start::At(ShowTime::ZERO),
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Keep,
        plan: scene::Plan::default(),
        timing,
        composite: Composite::Replace,
        color_space: animation::ColorSpace::default(),
        driver: scene::Driver::default(),
        keyframes: [0.2, 0.9, 0.4].map(keyframe).into(),
    }
}

fn value(property: &Property, part: f64) -> Value {
    match property {
        Property::SourceColor => Value::Color(Color::new(part, 1.0 - part, 0.5, 1.0)),
        Property::X | Property::Y | Property::Width => Value::Number(1000.0 * part),
        _ => Value::Number(part),
    }
}

fn for_ever() -> Timing {
    Timing {
        duration_ms: 1700.0,
        iterations: f64::INFINITY,
        direction: Direction::Alternate,
        easing: Easing::EASE,
        ..Timing::default()
    }
}

/// Every layer moves in ten properties for ever, by one animation.
pub(crate) fn moving() -> Scene {
    let one = |k| animation(k, for_ever(), &PROPERTIES).into();
    Scene {
        animations: (0..LAYERS).map(one).collect(),
        ..still()
    }
}

/// A thousand animations of one property each, twenty on each layer: two on each property, the upper of which adds.
pub(crate) fn thousand() -> Scene {
    thousand_of(&for_ever())
}

/// As [`thousand`], all of them over, their values held.
pub(crate) fn over() -> Scene {
    thousand_of(&Timing {
        iterations: 3.0,
        fill: Fill::Both,
        ..for_ever()
    })
}

fn thousand_of(timing: &Timing) -> Scene {
    let one = |k: usize| {
        let property = &PROPERTIES[k / LAYERS % PROPERTIES.len()];
        let mut one = animation(k, timing.clone(), std::slice::from_ref(property));
        if k >= LAYERS * PROPERTIES.len() {
            one.composite = Composite::Add;
        }
        one.into()
    };
    Scene {
        animations: (0..1000).map(one).collect(),
        ..still()
    }
}

/// A timeline that plays to and fro, in which twenty timelines move every layer by one animation each, staggered: a
/// thousand leaves, two on each property of a layer.
pub(crate) fn leaves() -> Scene {
    let targets: Vec<Option<Target>> = (0..LAYERS).map(|k| Some(Target::Layer(id(k)))).collect();
    let nested = |k: usize| {
        let property = &PROPERTIES[k % PROPERTIES.len()];
        let leaf = Leaf {
            targets: Targets::Several {
                targets: targets.clone(),
                stagger: Some(Stagger {
                    spread: Spread::Each(30.0),
                    from: Origin::Center,
                    columns: Some(10),
                    easing: Easing::Linear,
                }),
            },
            animation: animation(
                0,
                Timing {
                    iterations: 7.0,
                    fill: Fill::Both,
                    ..for_ever()
                },
                std::slice::from_ref(property),
            ),
        };
        let entries = vec![TimelineEntry {
            position: Position::default(),
            part: TimelinePart::Leaf(Box::new(leaf)),
        }];
        let timing = Timing {
            fill: Fill::Both,
            ..Timing::default()
        };
        TimelineEntry {
            position: Position::at_ms(17.0 * k as f64),
            part: TimelinePart::Nested(Nested { timing, entries }),
        }
    };
    let timeline = Timeline {
        id: id(0),
        name: None,
        start: Start::At(ShowTime::ZERO),
        timing: Timing {
            duration_ms: 0.0,
            ..for_ever()
        },
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Remove,
        entries: (0..20).map(nested).collect(),
        removes: Vec::new(),
        taken: Vec::new(),
    };
    Scene {
        timelines: vec![timeline.into()],
        ..still()
    }
}

fn id(k: usize) -> Id {
    Id::new(&format!("one-{k}")).expect("it keeps the rule")
}
