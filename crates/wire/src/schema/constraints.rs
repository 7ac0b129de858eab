//! Where layers go on canvases of other sizes, and where they mean to stay.

use super::Schemas;
use super::node::Node;
use crate::constraints::{HORIZONTAL, VERTICAL};
use scene::ranges::CROP;
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    all.add("Constraints", constraints());
    all.add("SafeArea", safe_area());
}

fn constraints() -> Node {
    Node::object()
        .may(
            "horizontal",
            Node::words(&HORIZONTAL)
                .says("Keeps its distance from the left or right side, from the middle, or from both sides, whereby its box is stretched; or its part of the whole: position and width_px, where that is given, are multiplied.")
                .default_is("left"),
        )
        .may(
            "vertical",
            Node::words(&VERTICAL)
                .says("The same from top to bottom.")
                .default_is("top"),
        )
        .says("What the layer keeps where the canvas is not as large as its `design`, animated positions included; in a group, where that group's box is stretched.")
        .example(json!({ "horizontal": "left_right", "vertical": "bottom" }))
}

fn safe_area() -> Node {
    let side = |from: &str| {
        Node::number(CROP)
            .says(&format!("Canvas pixels from the {from}."))
            .default_is(0)
    };
    Node::one_of([
        Node::boolean().says("Whether it means to stay in the title-safe area: 90 % of the canvas each way."),
        Node::object()
            .may("left_px", side("left"))
            .may("top_px", side("top"))
            .may("right_px", side("right"))
            .may("bottom_px", side("bottom"))
            .says("Stays so far from the sides, as where a platform lays its own things over the picture."),
    ])
    .says("Where the layer means to stay. It changes nothing on screen: guides show it, and ?resolved=true tells whether the layer leaves it.")
    .example(true)
}
