//! Layers and their placement.

use super::Schemas;
use super::node::Node;
use crate::layers::{BLEND_MODES, KINDS, MASK_MODES};
use crate::placing::METADATA_DEPTH;
use scene::ranges::{ANCHOR, ANGLE, CROP, LENGTH, POSITION, RADIUS, SCALE, UNIT};
use scene::{Layer, Limits, Transform};
use serde_json::json;

/// A day: what is refreshed less often is no live value.
const TTL_MAX_MS: u32 = 86_400_000;

pub(super) fn add(all: &mut Schemas) {
    all.add("Transform", transform());
    all.add("Radii", radii());
    all.add("Clip", clip());
    all.add("Crop", crop());
    all.add("Mask", mask());
    all.add(
        "NewLayer",
        layer()
            .demanding(&["kind"])
            .with(
                "if",
                json!({ "properties": { "kind": { "const": "group" } }, "required": ["kind"] }),
            )
            .with("then", json!({ "properties": { "source": false, "crop": false } }))
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
                "tags",
            ])
            .says("A layer as it is read back, every default written."),
    );
    all.add_list("Layer");
}

fn layer() -> Node {
    Node::object()
        .may(
            "outside_safe_area",
            Node::boolean().with("readOnly", true).says("Of a layer that leaves its safe area, where values are as they are on screen (?resolved=true); not looked at when it is sent."),
        )
        .may("id", Node::of("Id").example("price"))
        .may("name", Node::name().says("For people.").example("Current bid"))
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
            "follow",
            Node::of("Id").says("A layer that it goes with: its position is in that layer's own pixels, before scale and rotation, instead of the group's. Its order, blending and clips stay its own."),
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
            Node::words(BLEND_MODES)
                .says("How it combines with what is below in its group, by the names of W3C Compositing and, from source-in on, of canvas operators; plus-lighter is additive. source-in, source-out, destination-in, destination-atop, copy and clear leave nothing where the layer has no pixels: of a layer that stands in no group, black.")
                .default_is("normal"),
        )
        .may("transform", Node::of("Transform"))
        .may("constraints", Node::of("Constraints"))
        .may("safe_area", Node::of("SafeArea"))
        .may("clip", Node::of("Clip"))
        .may("crop", Node::of("Crop"))
        .may("mask", Node::of("Mask"))
        .may("wipe", Node::of("Wipe"))
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
        .may(
            "tags",
            Node::list(Node::of("Id").says("A word that layers have in common."))
                .with("maxItems", Layer::MAX_TAGS)
                .with("uniqueItems", true)
                .says("For whoever asks for layers by them; each once.")
                .default_is(json!([])),
        )
        .may(
            "metadata",
            Node::object()
                .with("additionalProperties", true)
                .says(&format!("What others keep with the layer: any object of up to {} bytes as its shortest text, nested up to {METADATA_DEPTH} deep. It changes nothing on screen.", Layer::MAX_METADATA_BYTES))
                .example(json!({ "lot": 12 })),
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
        .may("width_px", length("Width of the box in pixels; absent takes the source's own. A color, a gradient, a rect, an ellipse and a star need it."))
        .may("height_px", length("Height of the box in pixels; absent takes the source's own. A color, a gradient, a rect, an ellipse and a star need it."))
        .may("scale_x", scale("Factor; negative mirrors."))
        .may("scale_y", scale("Factor; negative mirrors."))
        .may("rotation_deg", Node::number(ANGLE).says("Degrees clockwise about the anchor.").default_number(d.rotation_deg))
        .may("flip_x", Node::boolean().says("Mirrors left and right about the middle of the box; a negative scale mirrors about the anchor.").default_is(d.flip_x))
        .may("flip_y", Node::boolean().says("Mirrors top and bottom about the middle of the box.").default_is(d.flip_y))
        .may("corner_pin", corner_pin())
        .may("functions", Node::of("TransformFunctions"))
        .says(&format!("Placement: scale, then rotation about the anchor, then position. A box has at most {} pixels.", Limits::default().box_px))
}

fn corner_pin() -> Node {
    let pixels = || Node::number(POSITION).says("Pixels.");
    let corner = Node::list(pixels())
        .holding(2..=2)
        .says("To the right and down.");
    Node::list(corner)
        .holding(4..=4)
        .says("How far each corner of the box is moved, in pixels of the layer before scale and rotation: top left, top right, bottom right, bottom left; zeros change nothing. The corners must be those of a convex quadrilateral. A layer's mask, where it would be if no corner were moved, and its wipes, a transition's too, are moved with it; those of a group around it are not. A group is composed first, with its effects, and stands in perspective as one picture. Not yet for tickers.")
        .example(json!([[0, 0], [-40, 30], [-40, -30], [0, 0]]))
}

fn crop() -> Node {
    let side = |from: &str| {
        Node::number(CROP)
            .says(&format!("Pixels of the layer, from the {from}."))
            .default_is(0)
    };
    Node::object()
        .may("left_px", side("left"))
        .may("top_px", side("top"))
        .may("right_px", side("right"))
        .may("bottom_px", side("bottom"))
        .says("Cuts off the source before the transform; the layer's box is what is left. Effects are cut off too. Only for layers with a source.")
        .example(json!({ "left_px": 80, "right_px": 80 }))
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

fn mask() -> Node {
    Node::object()
        .must(
            "layer",
            Node::of("Id")
                .says("The layer it shows through, composed where that stands by itself, visible or not; neither one that it stands in nor one that stands in it.")
                .example("shape"),
        )
        .may(
            "mode",
            Node::words(MASK_MODES)
                .says("alpha shows it where the mask has pixels; luma where they are bright, by BT.709.")
                .default_is("alpha"),
        )
        .may(
            "invert",
            Node::boolean()
                .says("Whether it shows where the mask does not.")
                .default_is(false),
        )
        .says("Shows the layer only where another does. A hidden layer still masks others; one that is deleted takes its mask along, and all of the layer is seen.")
}
