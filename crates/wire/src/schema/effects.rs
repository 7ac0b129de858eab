//! Effects, made of the table of [`scene::EFFECTS`].

use super::Schemas;
use super::node::Node;
use crate::color::write_color;
use crate::effects::is_required;
use scene::{EFFECTS, EffectField, EffectSpec, Takes};

pub(super) fn add(all: &mut Schemas) {
    let types = EFFECTS.iter().map(|spec| (spec.word, spec.schema));
    all.add(
        "Effect",
        Node::by_type(types, "").says("A named change to the picture of a layer or group."),
    );
    for spec in EFFECTS {
        all.add(spec.schema, effect(spec));
    }
}

fn effect(spec: &EffectSpec) -> Node {
    let own = Node::object()
        .may(
            "id",
            Node::of("Id").says("Unique in its layer; the type where it is left out."),
        )
        .must("type", Node::word(spec.word))
        .may(
            "enabled",
            Node::boolean()
                .says("Whether it is applied.")
                .default_is(true),
        );
    let add = |node: Node, field: &EffectField| {
        let schema = value(field.takes).says(field.says.trim());
        if is_required(field) {
            node.must(field.name, schema)
        } else {
            node.may(field.name, schema)
        }
    };
    spec.fields.iter().fold(own, add).says(spec.says.trim())
}

fn value(takes: Takes) -> Node {
    match takes {
        Takes::Number(range, None) => Node::number(range),
        Takes::Number(range, Some(default)) => Node::number(range).default_number(default),
        Takes::Color(None) => Node::of("Color"),
        Takes::Color(Some(default)) => Node::of("Color").default_is(write_color(default)),
        Takes::Radii(_) => Node::of("Radii"),
        Takes::Matrix(range) => Node::list(Node::number(range)).holding(20..=20),
    }
}
