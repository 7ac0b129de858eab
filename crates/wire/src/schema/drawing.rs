//! Drawings.

use super::Schemas;
use super::node::Node;
use super::sources::source;
use crate::drawing::OPERATIONS;
use scene::Drawing;
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    let calls: Vec<String> = OPERATIONS
        .iter()
        .map(|(name, takes)| format!("{name}({takes})"))
        .collect();
    let names = OPERATIONS.iter().flat_map(|(name, _)| name.split(" or "));
    let name = Node::one_of_words(names).says("Name of the operation or field.");
    all.add(
        "DrawingOperation",
        Node::default()
            .with("type", "array")
            .with("prefixItems", vec![serde_json::Value::from(name)])
            .with("minItems", 1)
            .says(&format!(
                "An operation of an HTML canvas and its arguments: {}. A style is a color, {{\"linearGradient\": [x0, y0, x1, y1], \"stops\": [[0, color], ..]}}, or the same with radialGradient [x0, y0, r0, x1, y1, r1] or conicGradient [angle, x, y]; or {{\"pattern\": asset, \"repetition\": \"repeat|repeat-x|repeat-y|no-repeat\", \"transform\": [a, b, c, d, e, f]}}. An image is an asset by its name, at most {} different ones; of one that moves the first frame is drawn.",
                calls.join(", "),
                Drawing::MAX_IMAGES,
            ))
            .example(json!(["fillRect", 0, 0, 100, 50])),
    );
    all.add(
        "DrawingSource",
        source("drawing")
            .must(
                "operations",
                Node::list(Node::of("DrawingOperation"))
                    .with("maxItems", Drawing::MAX_OPERATIONS)
                    .says("In order, from an empty box and the first state of a canvas.")
                    .example(json!([
                        ["fillStyle", "#ff0000"],
                        ["fillRect", 0, 0, 100, 50],
                        ["font", "700 24px Inter"],
                        ["fillText", "12.45 ETH", 10, 40]
                    ])),
            )
            .says("What a program for an HTML canvas draws, by the names and with the meaning of its 2D context, in pixels of the box."),
    );
}
