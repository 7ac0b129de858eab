//! Generated timelines.

use super::{animation, easing, timing};
use animation::{Direction, Easing, Origin, Spread, Stagger, Timing};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use scene::{
    Animation, Driver, Id, Leaf, Nested, PathDriver, Scene, Shared, Start, Taken, Target, Targets,
    Template, Timeline, TimelineEntry, TimelinePart, Verb, WhenOver,
};

/// A timeline of these targets, each with whether its layer has effects.
pub(super) fn timeline(targets: &[(Target, bool)]) -> BoxedStrategy<Timeline> {
    let entries = vec(entry(targets, 2), 0..5);
    let running = (
        any::<bool>(),
        vec(
            prop::sample::select(vec![Verb::Pause, Verb::Seek(5.5)]),
            0..2,
        ),
        prop::sample::select(vec![WhenOver::Keep, WhenOver::Remove]),
        option::of(Just("Intro".into())),
    );
    let layers: Vec<Id> = targets
        .iter()
        .filter_map(|(target, _)| match target {
            Target::Layer(id) => Some(id.clone()),
            Target::Canvas => None,
        })
        .collect();
    let taken_of = prop::sample::subsequence(layers.clone(), 0..=layers.len());
    (
        running,
        group(),
        entries,
        prop::sample::subsequence(layers.clone(), 0..=layers.len()),
        taken_of,
    )
        .prop_map(
            |((pauses, verbs, when_over, name), timing, mut entries, removes, taken_of)| {
                let mut timing = timing;
                if pauses {
                    entries.push(TimelineEntry {
                        position: "<20%".parse().unwrap(),
                        part: TimelinePart::Pause,
                    });
                    timing = Timing {
                        iterations: 1.0,
                        iteration_start: 0.0,
                        direction: Direction::Normal,
                        easing: Easing::Linear,
                        ..timing
                    };
                }
                let timeline = Timeline {
                    id: Id::new("later").unwrap(),
                    name,
                    start: Start::Now,
                    timing,
                    playback: None,
                    verbs,
                    when_over,
                    entries,
                    removes,
                    taken: Vec::new(),
                };
                Timeline {
                    taken: taken(&timeline, taken_of),
                    ..timeline
                }
            },
        )
        .boxed()
}

/// All that the timeline moves of these layers.
fn taken(timeline: &Timeline, layers: Vec<Id>) -> Vec<Taken> {
    let mut scene = Scene::empty(128, 72);
    scene.timelines = vec![timeline.clone().into()];
    let all = layers.into_iter().map(|id| {
        let target = Target::Layer(id);
        let properties = scene.moved_of(&target);
        Taken { target, properties }
    });
    all.filter(|one| !one.properties.is_empty()).collect()
}

/// A template that says nothing about that timeline but its name.
pub(super) fn template(timeline: &Timeline) -> Shared<Template> {
    let document = serde_json::json!({
        "name": timeline.name.as_deref().unwrap_or_default(),
        "parameters": { "size": { "type": "number", "minimum": 0.1, "maximum": 1, "default": 0.30000000000000004 }, "on": { "type": "boolean" } },
        "layers": [{ "id": "{id}-1", "kind": "group", "opacity": "{size}", "visible": "{on}" }],
        "timeline": { "entries": [] },
    });
    let template = Template {
        id: timeline.id.clone(),
        document: document.to_string().into(),
    };
    template.into()
}

fn position() -> impl Strategy<Value = animation::Position> {
    let text = prop::sample::select(vec![
        "+=0", "<", ">", "+=12.5", "<0.07%", "0", "-0", "1500.25", "+=7%", ">20%",
    ]);
    text.prop_map(|text| text.parse().unwrap())
}

fn entry(targets: &[(Target, bool)], depth: usize) -> BoxedStrategy<TimelineEntry> {
    let part = if depth == 0 {
        leaf(targets)
    } else {
        let nested = (group(), vec(entry(targets, depth - 1), 0..3))
            .prop_map(|(timing, entries)| TimelinePart::Nested(Nested { timing, entries }));
        let label = "[a-z]{8}-[0-9]".prop_map(TimelinePart::Label);
        prop_oneof![4 => leaf(targets), 1 => nested, 1 => label].boxed()
    };
    (position(), part)
        .prop_map(|(position, part)| TimelineEntry { position, part })
        .boxed()
}

/// Of finite length, so that anything may come after it.
fn finite(timing: Timing) -> Timing {
    if timing.length_ms() <= 1e6 {
        return timing;
    }
    Timing {
        delay_ms: -5.5,
        end_delay_ms: 0.25,
        duration_ms: 123.25,
        iterations: 2.5,
        playback_rate: -0.75,
        ..timing
    }
}

fn group() -> impl Strategy<Value = Timing> {
    timing().prop_map(|timing| Timing {
        duration_ms: 0.0,
        delay_ms: timing.delay_ms.clamp(-1e3, 1e3),
        end_delay_ms: timing.end_delay_ms.clamp(-1e3, 1e3),
        iterations: timing.iterations.clamp(0.0, 2.5),
        playback_rate: 0.75,
        ..timing
    })
}

fn leaf(targets: &[(Target, bool)]) -> BoxedStrategy<TimelinePart> {
    let several: Vec<_> = targets
        .iter()
        .filter(|(target, _)| *target != Target::Canvas)
        .cloned()
        .collect();
    let one = prop::sample::select(targets.to_vec()).prop_flat_map(|(target, shadow)| {
        animation(target.clone(), shadow).prop_map(move |animation| Leaf {
            targets: Targets::One(target.clone()),
            animation: within(animation),
        })
    });
    let stagger = (
        prop_oneof![
            (0.0..1e5).prop_map(Spread::Each),
            (0.0..1e5).prop_map(Spread::Amount)
        ],
        prop_oneof![
            Just(Origin::Edges),
            any::<u32>().prop_map(|index| Origin::Index(index as usize)),
            any::<u64>().prop_map(Origin::Random),
        ],
        option::of(1..=1000_usize),
        easing(),
    )
        .prop_map(|(spread, from, columns, easing)| Stagger {
            spread,
            from,
            columns,
            easing,
        });
    let chosen = prop::sample::subsequence(several.clone(), 0..=several.len());
    let many =
        (chosen, option::of(stagger), any::<bool>()).prop_flat_map(|(chosen, stagger, gap)| {
            let shadow = chosen.iter().all(|(_, shadow)| *shadow) && !chosen.is_empty();
            let first = chosen
                .first()
                .map_or(Target::Canvas, |(target, _)| target.clone());
            let mut targets: Vec<_> = chosen.into_iter().map(|(target, _)| Some(target)).collect();
            // Without any target nothing tells a reader which type a value should have, while the schema knows.
            if targets.is_empty() {
                targets.push(Some(first.clone()));
            }
            if gap {
                targets.push(None);
            }
            animation(first, shadow).prop_map(move |animation| Leaf {
                targets: Targets::Several {
                    targets: targets.clone(),
                    stagger: stagger.clone(),
                },
                animation: within(animation),
            })
        });
    prop_oneof![one, many]
        .prop_map(|leaf| TimelinePart::Leaf(Box::new(leaf)))
        .boxed()
}

/// Without a clock of its own.
fn within(animation: Animation) -> Animation {
    // Formulas go by show time.
    let driver = match animation.driver {
        Driver::Expression(_) => Driver::Path(Box::new(PathDriver::new("M0 0 H9").unwrap())),
        other => other,
    };
    Animation {
        driver,
        id: Id::reserved("leaf"),
        start: Start::Now,
        playback: None,
        verbs: Vec::new(),
        when_over: WhenOver::Keep,
        plan: scene::Plan::default(),
        timing: finite(animation.timing.clone()),
        ..animation
    }
}
