//! Animations, their timing and keyframes.

use super::Schemas;
use super::node::Node;
use crate::animations::{COMPOSITES, CONFLICTS, DIRECTIONS, FILLS, is_color};
use crate::read::word_for;
use animation::{Easing, Timing};
use scene::ranges::{DELAY_MS, DURATION_MS, ITERATIONS, RATE, UNIT};
use scene::{EffectProperty, Id, Limits, Property};
use serde_json::{Map, Value, json};

pub(super) fn add(all: &mut Schemas) {
    all.add("Easing", easing());
    all.add(
        "Start",
        Node::one_of([
            Node::word("now").says("With the next frame."),
            Node::of("Moment"),
        ])
        .says("When it begins; a wall-clock time is converted once."),
    );
    all.add("Timing", timing());
    all.add("Keyframe", keyframe());
    all.add(
        "NewAnimation",
        animation()
            .demanding(&["target", "keyframes"])
            .says("An animation as it is accepted: what is left out takes its default.")
            .example(json!({
                "id": "bob", "target": "layers/art", "composite": "add",
                "timing": { "duration_ms": 2000, "iterations": "infinite", "direction": "alternate", "easing": "sine-in-out" },
                "keyframes": [{ "transform.y_px": -10 }, { "transform.y_px": 10 }],
            })),
    );
    all.add(
        "Animation",
        animation()
            .demanding(&[
                "id",
                "target",
                "start",
                "timing",
                "composite",
                "on_conflict",
                "keyframes",
            ])
            .says("An animation as it is read back, every default written."),
    );
    all.add_list("Animation");
}

fn composite() -> Node {
    Node::words(&COMPOSITES)
        .says("Whether values take the place of those below, or are added to them.")
}

fn animation() -> Node {
    Node::object()
        .may("id", Node::of("Id").example("bob"))
        .may(
            "target",
            Node::pattern("^(canvas|layers/[A-Za-z0-9_-]{1,64})$")
                .says("What moves: `layers/ID`, or `canvas`.")
                .example("layers/art"),
        )
        .may("start", Node::of("Start").default_is("now"))
        .may("timing", Node::of("Timing"))
        .may("composite", composite().default_is("replace"))
        .may(
            "on_conflict",
            Node::words(&CONFLICTS)
                .says("Where another animation moves the same property: stack stands above it.")
                .default_is("stack"),
        )
        .may(
            "keyframes",
            Node::list(Node::of("Keyframe"))
                .holding(1..=Limits::default().keyframes)
                .says("In order; offsets do not decrease, and missing ones are spaced evenly."),
        )
}

fn easing() -> Node {
    Node::text()
        .with(
            "anyOf",
            json!([
                { "enum": Easing::words().collect::<Vec<_>>() },
                { "pattern": "^([Cc]ubic-[Bb]ezier|[Ss]teps|[Ll]inear)\\(.*\\)$" },
            ]),
        )
        .says("As CSS and Penner name them; also cubic-bezier(x1, y1, x2, y2), steps(n, jump-end) and linear(0, 0.25 75%, 1).")
        .example("ease-in-out")
}

fn timing() -> Node {
    let d = Timing::default();
    let delay =
        |says: &str, default: f64| Node::number(DELAY_MS).says(says).default_number(default);
    Node::object()
        .may("delay_ms", delay("Milliseconds before the first iteration; negative begins inside it.", d.delay_ms))
        .may("end_delay_ms", delay("Milliseconds after the last iteration.", d.end_delay_ms))
        .may(
            "duration_ms",
            Node::number(DURATION_MS)
                .says("Milliseconds of one iteration.")
                .default_number(d.duration_ms)
                .example(2000),
        )
        .may(
            "iterations",
            Node::one_of([Node::number(ITERATIONS), Node::word("infinite")])
                .says("How often; a fraction ends inside an iteration.")
                .default_number(d.iterations),
        )
        .may(
            "iteration_start",
            Node::number(ITERATIONS).says("Where in its iterations it begins.").default_number(d.iteration_start),
        )
        .may(
            "direction",
            Node::words(&DIRECTIONS)
                .says("Forwards, backwards or to and fro.")
                .default_is(word_for(&DIRECTIONS, &d.direction)),
        )
        .may(
            "fill",
            Node::words(&FILLS)
                .says("Whether the first value holds before it, and the last one after it.")
                .default_is(word_for(&FILLS, &d.fill)),
        )
        .may(
            "easing",
            Node::of("Easing").says("Over a whole iteration.").default_is(d.easing.to_string()),
        )
        .may(
            "playback_rate",
            Node::number(RATE)
                .says("Factor of speed; negative plays back from the end, which an infinite one has not.")
                .default_number(d.playback_rate),
        )
        .says("The words of Web Animations.")
}

fn keyframe() -> Node {
    let own = Node::object()
        .may(
            "offset",
            Node::number(UNIT).says("0 is the beginning of an iteration, 1 its end."),
        )
        .may(
            "easing",
            Node::of("Easing")
                .says("From here to the next keyframe.")
                .default_is("linear"),
        )
        .may(
            "composite",
            composite().says("Absent takes the animation's."),
        );
    let values = Property::all().fold(own, |node, (path, property)| {
        node.may(path, value(&property))
    });
    let any_id = Id::new("any").expect("a word of ours keeps the rule");
    let pattern = |name: &str| format!(r"^effects\.[A-Za-z0-9_-]{{1,64}}\.{name}$");
    let field = |name: &'static str| {
        let field = EffectProperty::named(name)?;
        let schema = value(&Property::Effect(any_id.clone(), field));
        Some((pattern(name), schema.into()))
    };
    let mut effects: Map<String, Value> = EffectProperty::names().filter_map(field).collect();
    effects.insert(pattern(r"matrix\.1?[0-9]"), Node::any_number().into());
    values
        .with("patternProperties", effects)
        .says("Values at one point of an iteration, by their path in the target; the canvas has only `background`. Values are held to the property's range when they are applied.")
        .example(json!({ "offset": 0.5, "transform.y_px": 10, "effects.shadow.sigma_px": 4 }))
}

/// What a property takes; its range is kept when the value is applied, since additions may leave and enter it.
fn value(property: &Property) -> Node {
    match property {
        property if is_color(property) => Node::of("Color"),
        Property::Visible => Node::boolean(),
        Property::Effect(_, field) if field.is_switch() => Node::boolean(),
        Property::SourceText => Node::text().with("maxLength", Limits::default().text_chars),
        _ => Node::any_number(),
    }
}
