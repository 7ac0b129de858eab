//! Wipes of layers.

use super::Schemas;
use super::node::Node;
use crate::wipes::{CLOCK_ANGLE_DEG, FORMS, SOFTNESS};
use crate::write::number;
use scene::ranges::{ANGLE, CENTER, UNIT};
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    let center = |says: &str| Node::number(CENTER).says(says).default_number(0.5);
    all.add(
        "Wipe",
        Node::object()
            .may(
                "form",
                Node::words(&FORMS)
                    .says("In which order the layer shows: linear along a direction, iris outwards from a point, clock around a point, luma by a picture, dark first.")
                    .default_is("linear"),
            )
            .may(
                "angle_deg",
                Node::number(ANGLE).says(&format!(
                    "Of linear and clock. Where a linear wipe goes: degrees, 0 to the right, clockwise; 0 unless given. Where a clock begins: likewise; {} (at the top) unless given.",
                    number(CLOCK_ANGLE_DEG)
                )),
            )
            .may("x", center("Of iris and clock: the point, in widths of the layer from its left."))
            .may("y", center("Of iris and clock: the point, in heights of the layer from its top."))
            .may(
                "asset",
                Node::name().says("Of luma: the picture, stretched over the layer.").example("paint.png"),
            )
            .may(
                "softness",
                Node::number(UNIT)
                    .says("Width of the edge as a share of the whole way; 0 is hard, but for one pixel.")
                    .default_number(SOFTNESS),
            )
            .may(
                "progress",
                Node::number(UNIT)
                    .says("0 shows nothing, 1 all of the layer: a wipe that is over costs nothing.")
                    .default_is(1),
            )
            .may(
                "invert",
                Node::boolean()
                    .says("Whether what would come last comes first.")
                    .default_is(false),
            )
            .says("How far a layer, or a group with all that is in it, has been wiped on, over its box. progress, softness and angle_deg can move.")
            .example(json!({ "form": "iris", "progress": 0.4, "softness": 0.05 })),
    );
}
