//! Animations, their timing and keyframes.

use super::Schemas;
use super::node::Node;
use super::plan::{patience, plan};
use crate::animations::{COMPOSITES, CONFLICTS, DIRECTIONS, FILLS, VERBS, WHEN_OVER};
use crate::drivers::{HUES, SPACES};
use crate::moves::words_of;
use crate::read::word_for;
use animation::{Easing, Timing};
use scene::ranges::{AFFIX_CHARS, POSITION};
use scene::ranges::{
    BEATS, BPM, DELAY_MS, DURATION_MS, ITERATIONS, LOCAL_MS, NUMBER, RATE, SHOW_MS, UNIT,
};
use scene::{Animation, EffectProperty, Id, Limits, Outline, Property, ValueType};
use serde_json::{Map, Value, json};

pub(super) fn add(all: &mut Schemas) {
    all.add("Easing", easing());
    all.add(
        "Start",
        Node::one_of([
            Node::word("now").says("With the next frame."),
            Node::of("Moment"),
            Node::object()
                .must(
                    "after",
                    Node::of("Id").says("Another animation or timeline of the scene, which ends as it plays now; where that waits or is held, so does what comes after it."),
                )
                .may(
                    "offset_ms",
                    Node::number(DELAY_MS)
                        .says("Milliseconds after it is over; negative is before.")
                        .default_number(0.0),
                )
                .says("When another animation is over, as it runs at that time."),
            Node::object()
                .must("beat", Node::of("Beat"))
                .says("With the next beat."),
            patience(Node::object().must("marker", Node::of("MarkerName")))
                .says("When somebody sets the marker; until then it shows nothing."),
        ])
        .says("When it begins; fixed to a show time once, when it takes effect."),
    );
    all.add(
        "Beat",
        Node::object()
            .must(
                "bpm",
                Node::number(BPM).says("Beats per minute.").example(120),
            )
            .may(
                "offset_ms",
                Node::number(DELAY_MS)
                    .says("Show time of a beat in milliseconds.")
                    .default_number(0.0),
            )
            .may(
                "beats",
                Node::number(BEATS)
                    .says("Beats from one instant to the next: 4 for the bars of 4/4.")
                    .default_number(1.0),
            )
            .says("Evenly spaced instants, such as the beats of music."),
    );
    all.add("Playback", playback());
    all.add("Verb", verb());
    all.add(
        "SeekRequest",
        Node::object()
            .must(
                "local_ms",
                Node::number(LOCAL_MS)
                    .says("Local time in milliseconds, delay included.")
                    .example(500),
            )
            .says("Where an animation is put."),
    );
    all.add(
        "ResumeRequest",
        Node::object()
            .may(
                "rate",
                Node::number(RATE).says("Local time per show time from now on, without a jump; negative plays backwards."),
            )
            .says("How an animation runs on. One that never ends runs back to its beginning."),
    );
    all.add("Timing", timing());
    all.add("Keyframe", keyframe());
    all.add(
        "NewAnimation",
        animation()
            .demanding(&["target"])
            .with("oneOf", json!([{ "required": ["keyframes"] }, { "required": ["path"] }, { "required": ["expression"] }]))
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
                "when_over",
                "composite",
                "resume_policy",
                "on_conflict",
                "color_space",
            ])
            .says("An animation as it is read back, every default written."),
    );
    all.add_list("Animation");
    super::drivers::add(all);
}

fn composite() -> Node {
    Node::words(&COMPOSITES)
        .says("Whether values take the place of those below, or are added to them.")
}

pub(super) fn target() -> Node {
    Node::pattern("^(canvas|layers/[A-Za-z0-9_-]{1,64})$")
        .says("What moves: `layers/ID`, or `canvas`.")
        .example("layers/art")
}

fn animation() -> Node {
    plan(Node::object())
        .may("id", Node::of("Id").example("bob"))
        .may("target", target())
        .may("start", Node::of("Start").default_is("now"))
        .may("timing", Node::of("Timing"))
        .may("playback", Node::of("Playback"))
        .may(
            "verbs",
            Node::list(Node::of("Verb"))
                .holding(0..=Animation::MAX_VERBS)
                .says("Done to it with the frame that shows the change, in order; gone when it is read back."),
        )
        .may(
            "when_over",
            Node::words(&WHEN_OVER)
                .says("What becomes of it when it is over: it stays, or it is taken out and what its fill holds becomes the layer's own value.")
                .default_is("keep"),
        )
        .may("composite", composite().says("Whether values take the place of those below, or are added to them: replace where nothing is said, add for noise, wiggle and sine."))
        .may(
            "on_conflict",
            Node::words(&CONFLICTS)
                .says("What a new animation does to those that move the same property and are not over: stack stands above them, replace takes the property from them, reject is not added, queue begins when the last of them is over.")
                .default_is("stack"),
        )
        .may(
            "color_space",
            Node::words(&SPACES)
                .says("Space in which colours mix, premultiplied.")
                .default_is("oklab"),
        )
        .may(
            "hue",
            Node::words(&HUES)
                .says("Which way round the hue circle, in oklch: shorter where nothing is said."),
        )
        .may("path", Node::of("MotionPath"))
        .may("expression", Node::of("Expression"))
        .may(
            "keyframes",
            Node::list(Node::of("Keyframe"))
                .holding(1..=Limits::default().keyframes)
                .says("In order; offsets do not decrease, and missing ones are spaced evenly. Absent where a path or an expression stands."),
        )
}

fn playback() -> Node {
    Node::object()
        .must("at_ms", Node::number(SHOW_MS).says("A show time in milliseconds."))
        .must(
            "local_ms",
            Node::number(LOCAL_MS).says("The animation's local time there, in milliseconds."),
        )
        .may(
            "rate",
            Node::number(RATE).says("Local time per show time from there on.").default_number(1.0),
        )
        .may(
            "paused",
            Node::boolean().says("Whether it is held there.").default_is(false),
        )
        .says("How an animation runs since somebody paused, sought or turned it; absent while it runs from its start on.")
}

fn verb() -> Node {
    Node::one_of([
        Node::words(&VERBS),
        Node::object().must(
            "seek_ms",
            Node::number(LOCAL_MS).says("Local time in milliseconds."),
        ),
        Node::object().must("rate", Node::number(RATE).says("Local time per show time.")),
    ])
    .says("What is done to an animation with the frame that shows the change.")
}

fn easing() -> Node {
    Node::text()
        .with(
            "anyOf",
            json!([
                { "enum": Easing::words().collect::<Vec<_>>() },
                { "pattern": "^[Ee]ase([Nn]one|[Ll]inear|([Ii]n|[Oo]ut)?([Ii]n|[Oo]ut)[A-Za-z]+)$" },
                { "pattern": "^[A-Za-z]+[1-4]?\\.([Ii]n|[Oo]ut)([Ii]n|[Oo]ut)?(\\(.*\\))?$" },
                { "pattern": "^([Cc]ubic-[Bb]ezier|[Ss]teps|[Ll]inear|[Ss]pring)\\(.*\\)$" },
            ]),
        )
        .says("As CSS and Penner name them; also cubic-bezier(x1, y1, x2, y2), steps(n, jump-end), linear(0, 0.25 75%, 1), spring(mass, stiffness, damping[, velocity]) with a mass of 0.1 to 100, a stiffness of 1 to 10000, a damping of 0 to 10000 and a velocity of -1000 to 1000, and spring(bounce) with a bounce above -1 and below 1; CasparCG's and GSAP's names (`power2.out`) are aliases.")
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
    let own = own
        .may("tangent_in_px", tangent("comes from"))
        .may("tangent_out_px", tangent("goes on to"));
    let values = Property::all().fold(own, |node, (path, property, _)| {
        node.may(path, value(&property))
    });
    let any_id = Id::new("any").expect("a word of ours keeps the rule");
    let id = "[A-Za-z0-9_-]{1,64}";
    let pattern = |name: &str| format!(r"^effects\.{id}\.{name}$");
    let field = |name: &'static str| {
        let field = EffectProperty::named(name)?;
        let schema = value(&Property::Effect(any_id.clone(), field));
        Some((pattern(name), schema.into()))
    };
    let mut effects: Map<String, Value> = EffectProperty::names().filter_map(field).collect();
    effects.insert(pattern(r"matrix\.1?[0-9]"), Node::number(NUMBER).into());
    let tag = "[A-Za-z0-9]{4}";
    for (pattern, node) in [
        (
            r"^source\.(gradient|fill|stroke\.paint)\.stops\.([12]?[0-9]|3[01])\.color$".to_owned(),
            Node::of("Color"),
        ),
        (
            r"^source\.(gradient|fill|stroke\.paint)\.stops\.([12]?[0-9]|3[01])\.offset$"
                .to_owned(),
            Node::number(UNIT)
                .says("One that comes before an earlier one is drawn where that stands."),
        ),
        (format!(r"^source\.axes\.{tag}$"), Node::number(NUMBER)),
        (
            format!(r"^source\.features\.{tag}$"),
            Node::whole().within(NUMBER),
        ),
        (format!(r"^source\.params\.{id}$"), words_of_any_text()),
    ] {
        effects.insert(pattern, node.into());
    }
    values
        .with("patternProperties", effects)
        .says("Values at one point of an iteration, by their path in the target; the canvas has only `background`. Values are held to the property's range when they are applied.")
        .example(json!({ "offset": 0.5, "transform.y_px": 10, "effects.shadow.sigma_px": 4 }))
}

fn tangent(where_to: &str) -> Node {
    Node::list(Node::number(POSITION).says("Pixels."))
        .holding(2..=2)
        .says(&format!("Of `transform.position`: how the way bends towards where it {where_to}, pixels from this position."))
}

fn words_of_any_text() -> Node {
    Node::text().with("maxLength", Limits::default().text_chars)
}

/// What a property takes; its range is kept when the value is applied, since additions may leave and enter it.
fn value(property: &Property) -> Node {
    let words = words_of(property);
    if !words.is_empty() {
        return Node::one_of_words(words);
    }
    let mut nodes: Vec<Node> = Vec::new();
    for takes in property.value_types() {
        let node = match takes {
            ValueType::Number(_) => Node::number(NUMBER),
            ValueType::Integer(_) => Node::whole().within(NUMBER),
            ValueType::Pair(_) => Node::list(Node::number(NUMBER)).holding(2..=2),
            ValueType::Color => Node::of("Color"),
            ValueType::Paint => Node::of("Paint"),
            ValueType::Gradient => Node::of("Gradient"),
            ValueType::Boolean => Node::boolean(),
            ValueType::Text if property.affixes() => Node::text().with("maxLength", AFFIX_CHARS),
            ValueType::Text | ValueType::Asset => words_of_any_text(),
            ValueType::Word(_) => Node::text(),
            ValueType::Functions => Node::of("TransformFunctions"),
            ValueType::Path => Node::text().with("maxLength", Outline::MAX_BYTES),
            ValueType::Points => Node::of("Points"),
            ValueType::Lengths => Node::of("Lengths"),
        };
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    match nodes.len() {
        1 => nodes.swap_remove(0),
        _ => Node::any_of(nodes),
    }
}
