//! Shapes and their strokes.

use super::Schemas;
use super::node::Node;
use super::sources::source;
use crate::shapes::{CAPS, FILL_RULES, INNER_RATIO, JOINS, STROKE_ALIGNS};
use scene::ranges::{
    COORDINATE, DASH, DASH_COUNT, DASH_OFFSET, MITER_LIMIT, POLYGON_POINTS, STAR_POINTS,
    STROKE_WIDTH,
};
use scene::{Outline, Stroke};
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    all.add("ShapeSource", shape());
    all.add("ShapeForm", form());
    all.add("Stroke", stroke());
    all.add("Dash", dash());
}

fn shape() -> Node {
    source("shape")
        .must("shape", Node::of("ShapeForm"))
        .may(
            "fill_rule",
            Node::words(FILL_RULES)
                .says("What is inside where the outline crosses itself, as in SVG.")
                .default_is("nonzero"),
        )
        .may(
            "fill",
            Node::of("Paint").says("What fills it; absent leaves it empty."),
        )
        .may("stroke", Node::of("Stroke"))
        .says("A filled and stroked outline.")
}

fn point(says: &str) -> Node {
    Node::list(Node::number(COORDINATE))
        .holding(2..=2)
        .says(says)
}

/// An object with one of the forms.
fn form() -> Node {
    let rect = Node::object().may("radius_px", Node::of("Radii").default_is(0));
    let polygon = Node::object().must(
        "points",
        Node::list(point("Layer pixels from the top left of the box."))
            .holding(POLYGON_POINTS)
            .says("Corners in order; the last is joined to the first."),
    );
    let line = Node::object()
        .must(
            "from",
            point("Its beginning, layer pixels from the top left of the box."),
        )
        .must("to", point("Its end."));
    let star = Node::object()
        .must(
            "points",
            Node::whole()
                .within(STAR_POINTS)
                .says("How many points.")
                .example(5),
        )
        .may(
            "inner_ratio",
            Node::number(scene::ranges::INNER_RATIO)
                .says("How far the inner corners are from the center, in distances of the points.")
                .default_number(INNER_RATIO),
        );
    let path = Node::object().must(
        "d",
        Node::text()
            .with("maxLength", Outline::MAX_BYTES)
            .says("SVG path data.")
            .example("M0 0 L20 0 L10 15 Z"),
    );
    Node::object()
        .may("rect", rect.says("The whole box, with round corners."))
        .may(
            "ellipse",
            Node::object().says("The ellipse that touches all sides of the box."),
        )
        .may(
            "polygon",
            polygon.says("Straight sides. Without a size its box ends at the farthest corner."),
        )
        .may(
            "line",
            line.says("A straight line. Without a size its box ends at the farther end."),
        )
        .may(
            "star",
            star.says("A star, one point up, that touches all sides of the box."),
        )
        .may(
            "path",
            path.says("Any outline, stretched to the box; without a size, in its own."),
        )
        .with_one_field()
        .says("The outline: exactly one of these.")
        .example(json!({ "rect": { "radius_px": 20 } }))
}

fn stroke() -> Node {
    Node::object()
        .must("paint", Node::of("Paint"))
        .must(
            "width_px",
            Node::number(STROKE_WIDTH)
                .says("Layer pixels.")
                .example(2),
        )
        .may(
            "align",
            Node::words(STROKE_ALIGNS)
                .says("On which side of the outline it lies. Absent: inside; center for lines that are not closed, which have no other."),
        )
        .may(
            "cap",
            Node::words(CAPS)
                .says("How lines and dashes end.")
                .default_is("butt"),
        )
        .may(
            "join",
            Node::words(JOINS)
                .says("How it turns corners.")
                .default_is("miter"),
        )
        .may(
            "miter_limit",
            Node::number(MITER_LIMIT)
                .says("Longest tip of a mitered corner, in widths of the line.")
                .default_number(Stroke::MITER_LIMIT),
        )
        .may("dash", Node::of("Dash"))
        .says("A line along the outline.")
}

fn dash() -> Node {
    Node::object()
        .must(
            "lengths_px",
            Node::list(Node::number(DASH))
                .holding(DASH_COUNT)
                .says("Dashes and gaps in turn, layer pixels, together at least half a pixel; an odd number is run through twice.")
                .example(json!([12, 6])),
        )
        .may(
            "offset_px",
            Node::number(DASH_OFFSET)
                .says("Where in these the line begins, layer pixels.")
                .default_is(0),
        )
        .says("Where a line is broken.")
}
