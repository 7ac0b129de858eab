//! Ways, formulas, transform functions, and the list of what can move.

use super::Schemas;
use super::node::Node;
use crate::drivers::{FORMULAS, FREQUENCY_HZ, ROTATES};
use scene::Range;
use scene::ranges::{
    AMPLITUDE, ANGLE, COORDINATE, DASH, DASH_COUNT, FOLLOW_SCALE, FREQUENCY, FUNCTIONS, LAG_MS,
    NUMBER, OCTAVES, PATH_SPAN, POLYGON_POINTS, POSITION, SCALE, SKEW,
};
use serde_json::json;

/// The schema of each formula.
const FORMULA_SCHEMAS: [&str; 5] = [
    "NoiseExpression",
    "WiggleExpression",
    "SineExpression",
    "FollowExpression",
    "LookAtExpression",
];

pub(super) fn add(all: &mut Schemas) {
    all.add("MotionPath", motion_path());
    let types = FORMULAS.iter().map(|(word, _)| *word).zip(FORMULA_SCHEMAS);
    all.add(
        "Expression",
        Node::by_type(types, "").says("A formula that moves a property, a number or a pair, as long as the animation runs: without end where no timing is given. A function of show time alone; in a timeline, what swings has the time of its entry, and what follows or looks sees others as they are."),
    );
    for (word, name) in [("noise", "NoiseExpression"), ("wiggle", "WiggleExpression")] {
        let says = if word == "noise" {
            "Smooth noise about what is below."
        } else {
            "From one value by chance to the next, without a rest."
        };
        all.add(
            name,
            swing(word)
                .may(
                    "seed",
                    Node::whole()
                        .within(SEED)
                        .says("Another seed is another movement.")
                        .default_is(0),
                )
                .may(
                    "octaves",
                    Node::whole()
                        .within(OCTAVES)
                        .says("Layers, each twice as fast and half as strong.")
                        .default_is(1),
                )
                .says(says),
        );
    }
    all.add(
        "SineExpression",
        swing("sine")
            .may(
                "phase_deg",
                Node::number(ANGLE)
                    .says("Where in its swing it begins, degrees.")
                    .default_is(0),
            )
            .says("To and fro about what is below."),
    );
    all.add("FollowExpression", follow());
    all.add("LookAtExpression", look_at());
    all.add("TransformFunction", function());
    all.add(
        "TransformFunctions",
        Node::list(Node::of("TransformFunction"))
            .with("maxItems", *FUNCTIONS.end())
            .says("Applied to the layer before its scale, rotation and position, about its anchor, the last one first, as in CSS.")
            .example(json!([{ "skew_x_deg": 10 }, { "rotate_deg": 30 }])),
    );
    all.add(
        "Points",
        Node::list(
            Node::list(Node::number(COORDINATE).says("Pixels."))
                .holding(2..=2)
                .says("To the right and down."),
        )
        .holding(POLYGON_POINTS)
        .says("Corners of a polygon."),
    );
    all.add(
        "Lengths",
        Node::list(Node::number(DASH).says("Pixels."))
            .holding(DASH_COUNT)
            .says("Dashes and gaps in turn."),
    );
    all.add("Animatable", animatable());
    all.add_list("Animatable");
}

const SEED: Range = Range::new(0.0, u32::MAX as f64);

fn property() -> Node {
    Node::text()
        .says("Path of a property, a number or a pair.")
        .example("transform.x_px")
}

fn swing(word: &str) -> Node {
    Node::object()
        .must("type", Node::word(word))
        .must("property", property())
        .must(
            "amplitude",
            Node::number(AMPLITUDE)
                .says("Farthest from what is below, in the property's unit.")
                .example(12),
        )
        .may(
            "frequency_hz",
            Node::number(FREQUENCY)
                .says("Swings in a second.")
                .default_number(FREQUENCY_HZ),
        )
}

fn follow() -> Node {
    Node::object()
        .must("type", Node::word("follow"))
        .must("property", property())
        .must("layer", Node::of("Id").says("Whom it follows."))
        .may("of", property().says("Whose property of the other layer; absent the same."))
        .may(
            "lag_ms",
            Node::number(LAG_MS).says("How far behind, milliseconds.").default_is(0),
        )
        .may("scale", Node::number(FOLLOW_SCALE).says("Factor.").default_is(1))
        .may(
            "offset",
            Node::number(NUMBER).says("Added to it, in the property's unit.").default_is(0),
        )
        .says("What another layer's property was a while ago. What follows must not lead back to itself.")
}

fn look_at() -> Node {
    Node::object()
        .must("type", Node::word("look_at"))
        .may(
            "layer",
            Node::of("Id").says("Another layer of the same group."),
        )
        .may(
            "x_px",
            Node::number(POSITION).says("A point instead, pixels of the group."),
        )
        .may(
            "y_px",
            Node::number(POSITION).says("A point instead, pixels of the group."),
        )
        .may(
            "offset_deg",
            Node::number(ANGLE)
                .says("Added to the angle; 0 looks there with the right side.")
                .default_is(0),
        )
        .with(
            "oneOf",
            json!([
                { "required": ["layer"], "properties": { "x_px": false, "y_px": false } },
                { "required": ["x_px", "y_px"], "properties": { "layer": false } },
            ]),
        )
        .says("Turned towards another layer's position, or a point.")
}

fn motion_path() -> Node {
    let span = |says: &str| Node::number(PATH_SPAN).says(says);
    Node::object()
        .must(
            "d",
            Node::text()
                .with("maxLength", scene::PathDriver::MAX_BYTES)
                .says("SVG path data; its parts follow each other.")
                .example("M0 0 C 200 -300 400 300 600 0"),
        )
        .may(
            "rotate",
            Node::one_of([
                Node::words(&ROTATES).says("Into the direction of travel, or against it."),
                Node::number(ANGLE).says("An angle that stays, degrees."),
            ])
            .says("How the layer turns on its way; absent it does not."),
        )
        .may(
            "rotate_offset_deg",
            Node::number(ANGLE).says("Added to the rotation, degrees.").default_is(0),
        )
        .may(
            "offset_px",
            Node::list(Node::number(POSITION).says("Pixels."))
                .holding(2..=2)
                .says("Added to every position.")
                .default_is(json!([0, 0])),
        )
        .may("start", span("Where it begins, in lengths of the way; beyond 0 and 1 a closed way goes round again.").default_is(0))
        .may("end", span("Where it ends; before the beginning it goes backwards.").default_is(1))
        .says("A way that the layer goes, at an even speed but for the easing: in pixels of its group, or from its own position with the composite add.")
}

fn function() -> Node {
    let pair = |range: Range, says: &str| {
        Node::list(Node::number(range).says("Along x, along y."))
            .holding(2..=2)
            .says(says)
    };
    Node::object()
        .may("translate_px", pair(POSITION, "Moves, pixels of the layer."))
        .may(
            "scale",
            Node::one_of([Node::number(SCALE), pair(SCALE, "Along x and along y.")]).says("Factors, or one for both."),
        )
        .may("rotate_deg", Node::number(ANGLE).says("Turns, degrees clockwise."))
        .may("skew_deg", pair(SKEW, "Slants, degrees."))
        .may("skew_x_deg", Node::number(SKEW).says("Slants along x, degrees."))
        .may("skew_y_deg", Node::number(SKEW).says("Slants along y, degrees."))
        .may(
            "matrix",
            Node::list(Node::any_number().says("One of a to f."))
                .with(
                    "prefixItems",
                    json!(vec![
                        json!({ "type": "number", "minimum": SCALE.min, "maximum": SCALE.max, "description": "One of a to d." });
                        4
                    ]),
                )
                .with(
                    "items",
                    json!({ "type": "number", "minimum": POSITION.min, "maximum": POSITION.max, "description": "Pixels." }),
                )
                .holding(6..=6)
                .says("The numbers a to f of CSS matrix()."),
        )
        .with_one_field()
        .says("One function of a transform.")
}

fn animatable() -> Node {
    Node::object()
        .must("path", Node::text().says("Where it stands in the target; {id}, {n}, {tag} and {name} stand for what the document gives.").example("transform.x_px"))
        .must(
            "type",
            Node::one_of_words([
                "number", "integer", "pair", "radii", "color", "paint", "gradient", "boolean", "text", "asset", "layer",
                "word", "transform", "path", "points", "lengths",
            ])
            .says("What a keyframe takes."),
        )
        .may("minimum", Node::any_number().says("Smallest number it becomes."))
        .may("maximum", Node::any_number().says("Largest number it becomes."))
        .may("words", Node::list(Node::text().says("One of the words.")).says("What a word may be."))
        .may("unit", Node::text().says("Unit of its numbers.").example("px"))
        .must(
            "applies_to",
            Node::list(Node::text().says("A type of source or effect, group, layer for every layer, or canvas."))
                .says("What has it, where the field is set."),
        )
        .must(
            "interpolation",
            Node::one_of_words(["linear", "color", "transform", "structure", "discrete"])
                .says("How values between keyframes come about: structure is part by part where both have the same form, else discrete; discrete switches in the middle."),
        )
        .must("description", Node::text().says("What it means."))
        .may("value", Node::default().says("What stands there now, of a layer that was asked for."))
        .says("A property that can move.")
}
