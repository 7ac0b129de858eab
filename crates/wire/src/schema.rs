//! The shape of everything this crate reads and writes, as JSON Schemas for an OpenAPI 3.1 document.
//!
//! Words and ranges come from the tables that reading and the rules use, so that they cannot drift apart. The schemas
//! say shape only: that an id is taken, a parent is no group or offsets decrease, only [`read_scene`](crate::read_scene)
//! tells. A document that is read is valid, but for two leniencies left out to keep the words a closed list: colour names
//! and easings in capitals, and blanks around them.

mod animations;
mod bus;
mod constraints;
mod drawing;
mod drivers;
mod effects;
mod layers;
mod node;
mod patch;
mod pictures;
mod plan;
mod requests;
mod service;
mod shapes;
mod sources;
mod text;
mod timelines;
mod wipes;

use node::Node;
use scene::ranges::{CANVAS_HEIGHT, CANVAS_WIDTH};
use scene::{Limits, Range};
use serde_json::{Map, Value, json};

/// Every schema by its name, draft 2020-12, to be the `components.schemas` of an OpenAPI 3.1 document: references between
/// them begin with `#/components/schemas/`.
///
/// `Layer` and `Animation` are complete as they are read back, `NewLayer` and `NewAnimation` what is accepted, `LayerPatch`
/// the merge patch (RFC 7386); `XList` is a page of X. Counts are those of [`Limits::default`], except for layers, of which
/// each service has its own.
pub fn schemas() -> Map<String, Value> {
    let mut all = Schemas(Map::new());
    scene(&mut all);
    constraints::add(&mut all);
    layers::add(&mut all);
    wipes::add(&mut all);
    effects::add(&mut all);
    sources::add(&mut all);
    animations::add(&mut all);
    timelines::add(&mut all);
    plan::add(&mut all);
    service::add(&mut all);
    requests::add(&mut all);
    bus::add(&mut all);
    patch::add(&mut all);
    all.0
}

/// Schemas by their names.
struct Schemas(Map<String, Value>);

impl Schemas {
    fn add(&mut self, name: &str, node: Node) {
        let before = self.0.insert(name.to_owned(), node.into());
        debug_assert!(before.is_none(), "{name} is described once");
    }

    fn add_list(&mut self, name: &str) {
        self.add(
            &format!("{name}List"),
            Node::object()
                .must("items", Node::list(Node::of(name)))
                .may(
                    "next",
                    Node::text().says("Where the next page begins; absent on the last."),
                )
                .says("A page of a list."),
        );
    }
}

fn scene(all: &mut Schemas) {
    let limits = Limits::default();
    all.add(
        "Id",
        Node::pattern("^[A-Za-z0-9_-]{1,64}$").says(
            "Name of a layer, effect, animation or output: chosen by the client, or made by the service.",
        ),
    );
    all.add(
        "Canvas",
        Node::object()
            .must(
                "width_px",
                even(CANVAS_WIDTH)
                    .says("Width in pixels, even.")
                    .example(1920),
            )
            .must(
                "height_px",
                even(CANVAS_HEIGHT)
                    .says("Height in pixels, even.")
                    .example(1080),
            )
            .may(
                "background",
                Node::of("Color")
                    .says("What shows where no layer is.")
                    .default_is("#000000"),
            )
            .may(
                "design",
                Node::object()
                    .must("width_px", Node::whole().within(CANVAS_WIDTH).says("Width in pixels.").example(1920))
                    .must("height_px", Node::whole().within(CANVAS_HEIGHT).says("Height in pixels.").example(1080))
                    .says("The size that the scene was drawn for, where the canvas has another: layers go where their `constraints` say, and those without stay at the top left."),
            )
            .says("The picture that all layers stand on."),
    );
    all.add(
        "Scene",
        Node::object()
            .must("schema", Node::default().with("const", crate::SCHEMA).says("Version of the document."))
            .must("canvas", Node::of("Canvas"))
            .may(
                "layers",
                Node::list(Node::of("NewLayer")).says(
                    "Every layer, groups and children alike, in any order; at most MAX_LAYERS (50 unless configured).",
                ),
            )
            .may(
                "animations",
                Node::list(Node::of("NewAnimation"))
                    .with("maxItems", limits.animations)
                    .says("What moves; later ones stand above earlier ones."),
            )
            .may(
                "timelines",
                Node::list(Node::of("NewTimeline"))
                    .with("maxItems", limits.timelines)
                    .says("Animations that run together; they stand above all others."),
            )
            .says("The whole scene document. What is read back is complete, every default written.")
            .example(json!({
                "schema": crate::SCHEMA,
                "canvas": { "width_px": 1920, "height_px": 1080, "background": "#0b0f1a" },
                "layers": [{
                    "id": "title", "kind": "overlay", "transform": { "x_px": 80, "y_px": 60 },
                    "source": { "type": "text", "text": "Good evening", "size_px": 64 },
                }],
            })),
    );
}

fn even(range: Range) -> Node {
    Node::whole().within(range).with("multipleOf", 2)
}
