//! Timelines and what stands in them.

use super::Schemas;
use super::node::Node;
use crate::animations::WHEN_OVER;
use crate::timelines::{CLOCK, ORIGINS};
use scene::ranges::{DURATION_MS, LOCAL_MS, STAGGER_COLUMNS, STAGGER_MS};
use scene::{Animation, Limits};
use serde_json::{Value, json};

pub(super) fn add(all: &mut Schemas) {
    all.add("TimelinePosition", position());
    all.add("Stagger", stagger());
    all.add("TimelineTiming", timing(all));
    let leaf = leaf(all);
    all.add("TimelineAnimation", leaf);
    all.add(
        "NestedTimeline",
        Node::object()
            .may("timing", Node::of("TimelineTiming"))
            .must("entries", entries())
            .says("A timeline in a timeline; its iteration is the time of what is in it."),
    );
    all.add("TimelineEntry", entry());
    all.add(
        "Taken",
        Node::object()
            .must("target", super::animations::target())
            .must(
                "properties",
                Node::list(
                    Node::text()
                        .says("A property, by its path.")
                        .example("transform.x_px"),
                )
                .says("What its animations would move of that, each once."),
            )
            .says("Properties that a timeline has let go of."),
    );
    all.add(
        "NewTimeline",
        timeline()
            .demanding(&["entries"])
            .says("A timeline as it is accepted: animations that run together, placed by labels and by each other, with one clock.")
            .example(json!({
                "id": "intro",
                "entries": [
                    { "label": "bid", "position": 1000 },
                    { "animation": { "target": "layers/art", "timing": { "duration_ms": 600, "easing": "back-out" },
                        "keyframes": [{ "transform.scale_x": 0.8 }, { "transform.scale_x": 1 }] } },
                    { "animation": { "targets": ["layers/a", "layers/b"], "stagger": { "each_ms": 80 },
                        "timing": { "duration_ms": 300 }, "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] }, "position": "bid-=100" },
                    { "pause": true, "position": "bid" },
                ],
            })),
    );
    all.add(
        "Timeline",
        timeline()
            .demanding(&["id", "start", "timing", "when_over", "entries", "removes"])
            .says("A timeline as it is read back, every default written."),
    );
    all.add_list("Timeline");
    all.add(
        "TimelineSeekRequest",
        Node::object()
            .may(
                "local_ms",
                Node::number(LOCAL_MS)
                    .says("Local time in milliseconds, delay included.")
                    .example(500),
            )
            .may(
                "label",
                Node::text().says("One of its own labels.").example("bid"),
            )
            .with_one_field()
            .says("Where a timeline is put."),
    );
}

fn position() -> Node {
    Node::one_of([
        Node::number(DURATION_MS).says("Milliseconds after the beginning of the timeline."),
        Node::pattern(r"^\s*(([<>](([+-]=)?[-+0-9.eE]+%?)?)|([+-]=[-+0-9.eE]+%?)|([-+0-9.eE]+)|([A-Za-z0-9_-]{1,64}([+-]=[-+0-9.eE]+%?)?))\s*$")
            .says("In the words of GSAP: `+=100` and `-=50` from the end so far, `<` and `>` from the beginning and the end of the child before, `bid+=100` from a label; percents are of the child before after `<` and `>`, of the child itself after `+=` and `-=`."),
    ])
    .says("Where it stands in its timeline.")
    .example("bid+=200")
}

fn stagger() -> Node {
    Node::object()
        .may(
            "each_ms",
            Node::number(STAGGER_MS).says("Milliseconds from one to the next, for each step of distance."),
        )
        .may(
            "amount_ms",
            Node::number(STAGGER_MS).says("Milliseconds from the first to the last."),
        )
        .may(
            "from",
            Node::one_of([
                Node::words(&ORIGINS),
                Node::whole()
                    .with("minimum", 0)
                    .with("maximum", u32::MAX)
                    .says("The number of a target, from 0."),
                Node::object()
                    .must(
                        "random_seed",
                        Node::whole()
                            .with("minimum", i64::MIN)
                            .with("maximum", i64::MAX)
                            .says("The same number gives the same order."),
                    )
                    .says("In an order by chance."),
            ])
            .says("Which of them begins.")
            .default_is("start"),
        )
        .may(
            "columns",
            Node::whole()
                .within(STAGGER_COLUMNS)
                .says("Columns of the grid that the targets stand in, row by row; absent for a single row."),
        )
        .may(
            "easing",
            Node::of("Easing")
                .says("How beginnings are spread over the distance.")
                .default_is("linear"),
        )
        .with(
            "oneOf",
            json!([{ "required": ["each_ms"] }, { "required": ["amount_ms"] }]),
        )
        .says("Delays of several targets, one after the other by their distance from where it begins.")
}

/// That of an animation, without the length.
fn timing(all: &Schemas) -> Node {
    let mut fields = fields(all, "Timing");
    fields.retain(|(name, _)| name != "duration_ms");
    node_of(fields).says("The words of Web Animations; the length of an iteration is laid out by what stands in the timeline. Without a `fill` the end is held.")
}

/// That of an animation, without its clock and with several targets.
fn leaf(all: &Schemas) -> Node {
    let mut fields = fields(all, "NewAnimation");
    fields.retain(|(name, _)| !CLOCK.contains(&name.as_str()));
    let target = fields.iter().find(|(name, _)| name == "target");
    let mut nullable = target.map(|(_, node)| node.clone()).unwrap_or_default();
    nullable["type"] = json!(["string", "null"]);
    node_of(fields)
        .may(
            "targets",
            Node::default()
                .with("type", "array")
                .with("items", nullable)
                .with("maxItems", Limits::default().timeline_leaves)
                .says("Several, in the order of the stagger; null keeps the place of one that is gone."),
        )
        .may("stagger", Node::of("Stagger"))
        .with(
            "allOf",
            json!([{ "oneOf": [{ "required": ["keyframes"] }, { "required": ["path"] }, { "required": ["expression"] }] }]),
        )
        .with(
            "oneOf",
            json!([
                { "required": ["target"], "properties": { "stagger": false } },
                { "required": ["targets"] },
            ]),
        )
        .says("An animation in a timeline, whose clock it has. Without a `fill` its end is held, but for that of an expression.")
}

fn entries() -> Node {
    Node::list(Node::of("TimelineEntry"))
        .holding(0..=Limits::default().timeline_entries)
        .says("What it is made of; later ones stand above earlier ones on the same property.")
}

fn entry() -> Node {
    let names = ["animation", "timeline", "label", "pause"];
    let alone: Vec<Value> = names
        .iter()
        .map(|name| json!({ "required": [name] }))
        .collect();
    Node::object()
        .may("animation", Node::of("TimelineAnimation"))
        .may("timeline", Node::of("NestedTimeline"))
        .may(
            "label",
            Node::pattern("^[A-Za-z0-9_-]{1,64}$")
                .says("A name for a moment; no number.")
                .example("bid"),
        )
        .may(
            "pause",
            Node::default()
                .with("const", true)
                .says("A moment at which the playhead stands until it is resumed; on the outermost timeline only, between its beginning and its end."),
        )
        .may(
            "position",
            Node::of("TimelinePosition").default_is("+=0"),
        )
        .with("oneOf", alone)
        .says("One thing in a timeline, and where it stands.")
}

fn timeline() -> Node {
    Node::object()
        .may(
            "id",
            Node::of("Id")
                .says("Unique among animations and timelines.")
                .example("intro"),
        )
        .may("name", Node::name().says("What people call it."))
        .may("start", Node::of("Start").default_is("now"))
        .may("timing", Node::of("TimelineTiming"))
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
                .says("What becomes of it when it is over: it stays, or it is taken out and what its animations hold becomes the layers' own.")
                .default_is("remove"),
        )
        .may("entries", entries())
        .may(
            "removes",
            Node::list(Node::of("Id"))
                .says("Layers that came with it, and go when it is over or cancelled.")
                .default_is(json!([])),
        )
        .may(
            "taken",
            Node::list(Node::of("Taken"))
                .holding(0..=Limits::default().timeline_leaves)
                .says("What writes with `interrupt` have taken from it, for as long as it is there; what its animations hold of that does not become the layers' own."),
        )
        .may(
            "layout",
            Node::object()
                .may(
                    "duration_ms",
                    Node::one_of([
                        Node::any_number().says("Milliseconds."),
                        Node::word("infinite"),
                    ])
                    .says("Length of one iteration."),
                )
                .may(
                    "labels",
                    Node::default()
                        .with("type", "object")
                        .with("additionalProperties", json!({ "type": "number" }))
                        .says("Its own labels, in milliseconds from the beginning of an iteration."),
                )
                .with("readOnly", true)
                .says("How it is laid out; told by `/timelines`, not looked at when it is sent."),
        )
}

/// The fields of a schema.
fn fields(all: &Schemas, name: &str) -> Vec<(String, Value)> {
    let schema = all
        .0
        .get(name)
        .and_then(|schema| schema["properties"].as_object());
    let fields = schema.into_iter().flatten();
    fields
        .map(|(name, node)| (name.clone(), node.clone()))
        .collect()
}

fn node_of(fields: Vec<(String, Value)>) -> Node {
    let properties = fields.into_iter().collect::<serde_json::Map<_, _>>();
    Node::object().with("properties", properties)
}
