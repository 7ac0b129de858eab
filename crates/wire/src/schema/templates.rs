//! Templates and their parameters.

use super::Schemas;
use super::node::Node;
use crate::templates::KINDS;
use scene::{Limits, Template};
use serde_json::json;

pub(super) fn add(all: &mut Schemas) {
    all.add("TemplateParameter", parameter());
    all.add(
        "NewTemplate",
        template()
            .demanding(&["layers", "timeline"])
            .says("A template as it is accepted; its id stands in the path. In texts `{name}` is a parameter and `{{` a brace: a text that is exactly `{name}` becomes the value with its type. `{id}` is the id of the timeline that is started.")
            .example(json!({
                "parameters": {
                    "name": { "type": "text" },
                    "hold_ms": { "type": "number", "default": 4000, "minimum": 0, "maximum": 60_000 },
                },
                "layers": [{ "id": "{id}-name", "kind": "overlay", "transform": { "x_px": 80, "y_px": 900 },
                    "source": { "type": "text", "text": "{name}", "size_px": 48 } }],
                "timeline": { "entries": [
                    { "animation": { "target": "layers/{id}-name", "timing": { "duration_ms": 300 }, "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] } },
                    { "animation": { "target": "layers/{id}-name", "timing": { "duration_ms": 300 }, "keyframes": [{ "opacity": 0 }] }, "position": "{hold_ms}" },
                ] },
            })),
    );
    all.add(
        "Template",
        template()
            .demanding(&["id", "layers", "timeline"])
            .says("A template as it is kept."),
    );
    all.add_list("Template");
    all.add(
        "TemplateStart",
        Node::object()
            .must("template", Node::of("Id").says("Which template."))
            .may(
                "parameters",
                Node::default()
                    .with("type", "object")
                    .with("additionalProperties", json!({ "type": ["string", "number", "boolean"] }))
                    .says("Values of its parameters, by their names; those with a default may be left out."),
            )
            .may(
                "id",
                Node::of("Id").says("Of the timeline that is started; made by the service where none is given."),
            )
            .may("start", Node::of("Start").default_is("now"))
            .says("A template to be started: its layers come with its timeline, and go with it.")
            .example(json!({ "template": "lower_third", "parameters": { "name": "Ana" } })),
    );
    all.add(
        "TimelineRequest",
        Node::one_of([Node::of("NewTimeline"), Node::of("TemplateStart")])
            .says("A timeline, or a template that makes one."),
    );
}

fn template() -> Node {
    Node::object()
        .may("id", Node::of("Id").example("lower_third"))
        .may("name", Node::name().says("What people call it."))
        .may(
            "parameters",
            Node::default()
                .with("type", "object")
                .with("maxProperties", Template::MAX_PARAMETERS)
                .with(
                    "propertyNames",
                    json!({ "pattern": "^[a-z][a-z0-9_]{0,63}$", "not": { "const": "id" } }),
                )
                .with(
                    "additionalProperties",
                    serde_json::Value::from(Node::of("TemplateParameter")),
                )
                .says("What is put in when it is started, by name."),
        )
        .may(
            "layers",
            Node::list(Node::default().with("type", "object"))
                .says("Layers as `NewLayer` has them, each with an id; with `{id}` in it the template may be started more than once."),
        )
        .may(
            "timeline",
            Node::default()
                .with("type", "object")
                .says("A timeline as `NewTimeline` has it, without id, start, playback, verbs and removes."),
        )
}

fn parameter() -> Node {
    let of = |kind: &str| {
        Node::object()
            .must("type", Node::word(kind))
            .may("description", Node::text().says("For people."))
    };
    let default = |node: Node| node.says("Where none is given; without one it must be given.");
    debug_assert_eq!(KINDS.len(), 5, "each kind is described here");
    Node::one_of([
        of("text").may("default", default(Node::text())).may(
            "max_length",
            Node::whole()
                .with("minimum", 1)
                .with("maximum", Limits::default().text_chars)
                .says("The most characters.")
                .default_is(Limits::default().text_chars),
        ),
        of("number")
            .may("default", default(Node::any_number()))
            .may("minimum", Node::any_number().says("The least."))
            .may("maximum", Node::any_number().says("The greatest.")),
        of("color").may("default", default(Node::of("Color"))),
        of("boolean").may("default", default(Node::boolean())),
        of("id").may("default", default(Node::of("Id"))),
    ])
    .says("What a parameter takes.")
}
