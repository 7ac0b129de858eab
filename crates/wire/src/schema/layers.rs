//! Layers and their placement.

use super::Schemas;
use super::node::Node;
use crate::layers::{BLEND_MODES, KINDS};
use scene::ranges::{ANCHOR, ANGLE, LENGTH, POSITION, RADIUS, SCALE, UNIT};
use scene::{Limits, Transform};
use serde_json::json;

/// A day: what is refreshed less often is no live value.
const TTL_MAX_MS: u32 = 86_400_000;

pub(super) fn add(all: &mut Schemas) {
    all.add("Transform", transform());
    all.add("Radii", radii());
    all.add("Clip", clip());
    all.add(
        "NewLayer",
        layer()
            .demanding(&["kind"])
            .with(
                "if",
                json!({ "properties": { "kind": { "const": "group" } }, "required": ["kind"] }),
            )
            .with("then", json!({ "properties": { "source": false } }))
            .with(
                "else",
                json!({ "properties": { "clip": { "const": false } }, "required": ["source"] }),
            )
            .says(
                "A layer as it is accepted: what is left out takes its default. Every layer but a group has a source; only groups clip.",
            )
            .example(json!({
                "id": "price", "kind": "overlay", "z_index": 20, "transform": { "x_px": 880, "y_px": 730 },
                "source": { "type": "text", "text": "12.45 ETH", "size_px": 34, "weight": 700, "color": "#7cf29a" },
            })),
    );
    all.add(
        "Layer",
        layer()
            .demanding(&[
                "id",
                "kind",
                "z_index",
                "visible",
                "opacity",
                "blend_mode",
                "transform",
                "effects",
            ])
            .says("A layer as it is read back, every default written."),
    );
    all.add_list("Layer");
}

fn layer() -> Node {
    Node::object()
        .may("id", Node::of("Id").example("price"))
        .may("name", Node::text().says("For people.").example("Current bid"))
        .may(
            "kind",
            Node::words(&KINDS)
                .says("Role with defaults: host, assistant and visual_feed are placed by their centre, overlay and group by their top left."),
        )
        .may(
            "parent",
            Node::of("Id").says("The group it stands in; its position is then in the group's own pixels."),
        )
        .may(
            "z_index",
            Node::whole()
                .with("minimum", i32::MIN)
                .with("maximum", i32::MAX)
                .says("Order among siblings, low to high; of equal ones the older is below.")
                .default_is(0),
        )
        .may(
            "visible",
            Node::boolean()
                .says("Whether it, and for a group its children, are drawn.")
                .default_is(true),
        )
        .may(
            "opacity",
            Node::number(UNIT).says("0 is invisible, 1 opaque.").default_is(1),
        )
        .may(
            "blend_mode",
            Node::words(&BLEND_MODES)
                .says("How it combines with what is below, by the names of W3C Compositing; plus-lighter is additive.")
                .default_is("normal"),
        )
        .may("transform", Node::of("Transform"))
        .may("clip", Node::of("Clip"))
        .may("source", Node::of("Source"))
        .may(
            "effects",
            Node::list(Node::of("Effect"))
                .with("maxItems", Limits::default().effects)
                .says("Applied in order, addressed by id; those of a group to all that is in it, after its clip and before its opacity.")
                .default_is(json!([])),
        )
        .may(
            "ttl_ms",
            Node::any_number()
                .with("exclusiveMinimum", 0)
                .with("maximum", TTL_MAX_MS)
                .says("Milliseconds after which the layer hides unless it is refreshed; absent for ever.")
                .example(5000),
        )
}

fn transform() -> Node {
    let d = Transform::default();
    let place = |says: &str| Node::number(POSITION).says(says).default_number(d.x_px);
    let anchor = |says: &str| Node::number(ANCHOR).says(says);
    let length = |says: &str| Node::number(LENGTH).says(says).example(600);
    let scale = |says: &str| Node::number(SCALE).says(says).default_number(d.scale_x);
    Node::object()
        .may("x_px", place("Where the anchor stands, pixels of the parent to the right.").example(1200))
        .may("y_px", place("Where the anchor stands, pixels of the parent down; the first baseline for text with `baseline`.").example(390))
        .may("anchor_x", anchor("In widths of the layer: 0 left, 1 right; 0.5 for host, assistant and visual_feed, else 0."))
        .may("anchor_y", anchor("In heights of the layer: 0 top, 1 bottom; 0.5 for host, assistant and visual_feed, else 0."))
        .may("width_px", length("Width of the box in pixels; absent takes the source's own. A color, gradient or shape needs it."))
        .may("height_px", length("Height of the box in pixels; absent takes the source's own. A color, gradient or shape needs it."))
        .may("scale_x", scale("Factor; negative mirrors."))
        .may("scale_y", scale("Factor; negative mirrors."))
        .may("rotation_deg", Node::number(ANGLE).says("Degrees clockwise about the anchor.").default_number(d.rotation_deg))
        .says(&format!("Placement: scale, then rotation about the anchor, then position. A box has at most {} pixels.", Limits::default().box_px))
}

fn radii() -> Node {
    let radius = || Node::number(RADIUS).says("Pixels.");
    Node::one_of([radius(), Node::list(radius()).holding(4..=4)])
        .says("Corner radii in pixels: one for all, or top left, top right, bottom right, bottom left.")
        .example(24)
}

fn clip() -> Node {
    Node::one_of([
        Node::boolean().says("Whether it is cut to the box."),
        Node::object()
            .may("radius_px", Node::of("Radii").default_is(0))
            .says("Cut to the box with round corners."),
    ])
    .says("For groups: cuts children to the group's box.")
}
