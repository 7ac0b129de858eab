//! Waits, groups, retargets, and what a write asks for besides its patch.

use super::Schemas;
use super::node::Node;
use crate::plan::{GLIDE_MS, LATE, ON_TIMEOUT, RESUME, SWING_MS};
use scene::Range;
use scene::ranges::{
    self, DELAY_MS, DURATION_MS, GROUP_SIZE, SPRING_DAMPING, SPRING_MASS, SPRING_STIFFNESS,
    VELOCITY, WAIT_MS,
};
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    all.add("Spring", spring());
    all.add("Glide", glide());
    all.add("Group", group());
    all.add("Retarget", retarget());
    all.add(
        "MarkerName",
        Node::pattern("^[A-Za-z0-9_.:-]{1,64}$")
            .says("Name of a marker. `word:` and `cue:` are for what is spoken and heard.")
            .example("lot-sold"),
    );
    all.add(
        "MarkerRequest",
        Node::object()
            .must("name", Node::of("MarkerName"))
            .may(
                "at_ms",
                Node::number(ranges::SHOW_MS).says("Its show time in milliseconds; the frame that shows it where there is none."),
            )
            .says("A marker that is set: whatever waits for it begins, all of it on one frame. It starts nothing that comes later.")
            .example(json!({ "name": "lot-sold" })),
    );
    all.add(
        "Marker",
        Node::object()
            .must("name", Node::of("MarkerName"))
            .must(
                "at_ms",
                Node::any_number().says("Its show time in milliseconds."),
            )
            .must(
                "frame",
                Node::count().says("The frame from which on it is set."),
            )
            .must(
                "woken",
                Node::list(Node::of("Id"))
                    .says("The animations and timelines that had waited for it."),
            )
            .says("A marker that was set."),
    );
    all.add_list("Marker");
}

/// `timeout_ms` or `until_ms`, and `on_timeout`.
pub(super) fn patience(node: Node) -> Node {
    node.may(
        "timeout_ms",
        Node::number(WAIT_MS).says("How long it waits, in milliseconds; for ever where it is absent."),
    )
    .may(
        "until_ms",
        Node::number(ranges::SHOW_MS).says("The show time in milliseconds that `timeout_ms` came to, as it is read back."),
    )
    .may(
        "on_timeout",
        Node::words(&ON_TIMEOUT)
            .says("What is done then: it begins all the same, or it is cancelled.")
            .default_is("start"),
    )
    .with(
        "dependentSchemas",
        json!({
            "on_timeout": { "anyOf": [{ "required": ["timeout_ms"] }, { "required": ["until_ms"] }] },
            "timeout_ms": { "not": { "required": ["until_ms"] } },
        }),
    )
}

/// The fields of a plan in an animation.
pub(super) fn plan(node: Node) -> Node {
    node.may(
        "late",
        Node::words(&LATE)
            .says("What becomes of a start that has passed when the change takes effect: catch_up, where nothing is asked for, skips what was missed, shift begins with that frame, drop does not begin. Counts once: gone when it is read back.")
    )
    .may(
        "resume_policy",
        Node::words(&RESUME)
            .says("What becomes of it when the service starts again: it is where it would be, it begins anew unless it was over, or it is taken out.")
            .default_is("continue"),
    )
    .may(
        "at_output",
        Node::boolean().says("For a new animation with a start at a time: whether that is when its first frame leaves the encoder. What network and players add is not known here."),
    )
    .may("group", Node::of("Group"))
    .may("retarget", Node::of("Retarget"))
}

fn group() -> Node {
    let node = Node::object()
        .must("id", Node::of("Id").example("intro"))
        .may(
        "size",
        Node::whole().within(GROUP_SIZE).says(
            "How many there are; absent, those that are there when the first of them was added.",
        ),
    );
    patience(node)
        .says("Animations of one group begin together, on the first frame on which all are there and the pictures of their layers are painted, and not before any of them was to begin. Gone when they have begun.")
}

fn spring() -> Node {
    let open = |low: f64, high: f64| {
        Node::any_number()
            .with("exclusiveMinimum", crate::write::number(low))
            .with("exclusiveMaximum", crate::write::number(high))
    };
    Node::object()
        .may(
            "duration_ms",
            Node::number(ranges::SWING_MS)
                .says("Milliseconds of one swing.")
                .default_number(SWING_MS),
        )
        .may(
            "bounce",
            open(-1.0, 1.0)
                .says("How much it overshoots: 0 not at all, towards 1 more and more, below 0 it creeps; not so near to -1 that it damps by more than 10000.")
                .default_number(0.0),
        )
        .may("mass", physics(SPRING_MASS, "Mass in kg.", 1.0))
        .may("stiffness", physics(SPRING_STIFFNESS, "Stiffness in N/m.", 100.0))
        .may("damping", physics(SPRING_DAMPING, "Damping in N s/m.", 10.0))
        .with(
            "dependentSchemas",
            json!({
                "duration_ms": { "properties": { "mass": false, "stiffness": false, "damping": false } },
                "bounce": { "properties": { "mass": false, "stiffness": false, "damping": false } },
            }),
        )
        .says("A damped spring, by how it looks or by its physics.")
        .example(json!({ "duration_ms": 500, "bounce": 0.2 }))
}

fn physics(range: Range, says: &str, default: f64) -> Node {
    Node::number(range).says(says).default_number(default)
}

fn glide() -> Node {
    Node::object()
        .may(
            "duration_ms",
            Node::number(DURATION_MS)
                .says("Milliseconds; a spring takes as long as it needs.")
                .default_number(GLIDE_MS),
        )
        .may("easing", Node::of("Easing").default_is("ease-in-out"))
        .may(
            "delay_ms",
            Node::number(Range::new(0.0, DELAY_MS.max))
                .says("How long what is on screen is held before, in milliseconds; it then begins from rest.")
                .default_number(0.0),
        )
        .may(
            "smooth",
            Node::boolean()
                .says("Whether what moves already goes on as fast as it moved, along a curve without a corner.")
                .default_is(false),
        )
        .may("spring", Node::of("Spring"))
        .says("How what moves evenly gets from what is on screen to its new values; what does not changes at once.")
        .example(json!({ "duration_ms": 400, "easing": "ease-out" }))
}

/// A number or a pair of numbers.
fn velocity() -> serde_json::Value {
    let each = json!({ "type": "number", "minimum": VELOCITY.min, "maximum": VELOCITY.max });
    json!({ "oneOf": [each, { "type": "array", "items": each, "minItems": 2, "maxItems": 2 }] })
}

fn retarget() -> Node {
    Node::object()
        .may(
            "course",
            Node::one_of_words(["tween", "smooth"])
                .says("By the easing, or along a curve that keeps the velocity.")
                .default_is("tween"),
        )
        .may("spring", Node::of("Spring"))
        .may(
            "velocities",
            Node::default()
                .with("type", "object")
                .with("additionalProperties", velocity())
                .says("How fast each property moves at the beginning, per second; found, with the values of the first keyframe, on the frame on which it takes effect."),
        )
        .says("The animation begins at what is on screen.")
}
