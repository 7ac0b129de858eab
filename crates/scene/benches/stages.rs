//! `cargo bench -p scene`: what it takes to find out what is on screen.
#![forbid(unsafe_code)]

use animation::{Direction, Easing, Timing, Value};
use kurbo::Size;
use media::{Color, Framerate};
use scene::{
    Animation, Extent, Id, Kind, Layer, Measure, Moment, Property, Resolver, Scene, Source, Start,
    StyledKeyframe, Target, Transform,
};
use std::hint::black_box;
use testkit::StageTable;

fn main() {
    let mut table = StageTable::new("resolve");
    for (moving, what) in [
        (0, "50 layers, nothing moves"),
        (50, "50 layers, all of them move"),
    ] {
        let scene = scene(50, moving);
        let mut resolver = Resolver::new(&scene);
        let mut items = Vec::new();
        let framerate = Framerate::new(30, 1).expect("a rate");
        table.hot(what, None, |n| {
            let moment = Moment {
                show: framerate.frame_time(i64::try_from(n % 1_000_000).unwrap_or_default()),
                epoch_unix_ns: 0,
            };
            resolver.resolve(moment, &mut NoSize, &mut items);
            black_box(&items);
        });
    }
}

struct NoSize;

impl Measure for NoSize {
    fn extent(&mut self, _layer: &Layer, _moment: Moment) -> Extent {
        Extent {
            size: Size::new(100.0, 50.0),
            baseline_px: None,
        }
    }
}

/// Layers of which the first `moving` glide, turn and fade for ever.
fn scene(layers: usize, moving: usize) -> Scene {
    let id = |k: usize| Id::new(&format!("layer-{k}")).expect("it keeps the rule");
    let mut scene = Scene::empty(1920, 1080);
    scene.layers = (0..layers)
        .map(|k| Layer {
            id: id(k),
            name: None,
            kind: Kind::Overlay,
            parent: None,
            follow: None,
            z_index: 0,
            visible: true,
            opacity: 1.0,
            blend_mode: media::BlendMode::Normal,
            transform: Transform {
                width_px: Some(100.0),
                height_px: Some(50.0),
                ..Transform::default()
            },
            constraints: None,
            safe_area: None,
            clip: None,
            crop: None,
            mask: None,
            wipe: None,
            source: Some(Source::Color(Color::WHITE)),
            effects: Vec::new(),
            ttl_ms: None,
            tags: Vec::new(),
            metadata: None,
        })
        .map(Into::into)
        .collect();
    let keyframe = |value: f64| StyledKeyframe {
        offset: None,
        easing: Easing::Linear,
        composite: None,
        values: [Property::X, Property::Rotation, Property::Opacity]
            .map(|property| (property, Value::Number(value)))
            .into(),
    };
    scene.animations = (0..moving)
        .map(|k| Animation {
            id: id(k),
            target: Target::Layer(id(k)),
            start: Start::At(media::ShowTime::ZERO),
            playback: None,
            verbs: Vec::new(),
            when_over: scene::WhenOver::Keep,
            timing: Timing {
                duration_ms: 1000.0,
                iterations: f64::INFINITY,
                direction: Direction::Alternate,
                ..Timing::default()
            },
            composite: animation::Composite::Replace,
            keyframes: vec![keyframe(0.0), keyframe(1.0)],
        })
        .map(Into::into)
        .collect();
    scene
}
