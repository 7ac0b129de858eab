//! The list of what can move, for clients.

use crate::moves::write_value;
use crate::write::{Object, number};
use scene::{Animatable, Layer, ValueType, animatable, animatable_of};
use serde_json::Value as Json;

/// Everything that can move, with types and ranges.
pub fn write_animatable() -> impl Iterator<Item = Json> {
    animatable().iter().map(|one| write_one(one).into())
}

/// What of a layer can move as it is, with what stands there.
pub fn write_animatable_of(layer: &Layer) -> impl Iterator<Item = Json> {
    let found = animatable_of(layer).into_iter();
    found.map(|(one, value)| write_one(&one).with("value", write_value(&value)).into())
}

fn write_one(one: &Animatable) -> Object {
    let range = one.range();
    let words = match &one.takes {
        ValueType::Word(words) => Some(words.iter().map(|word| Json::from(*word)).collect()),
        _ => None::<Vec<Json>>,
    };
    Object::default()
        .with("path", one.path.as_str())
        .with("type", one.takes.name())
        .maybe("minimum", range.map(|range| number(range.min)))
        .maybe("maximum", range.map(|range| number(range.max)))
        .maybe("words", words)
        .maybe("unit", (!one.unit.is_empty()).then_some(one.unit))
        .with(
            "applies_to",
            one.applies_to
                .iter()
                .map(|word| Json::from(*word))
                .collect::<Vec<_>>(),
        )
        .with("interpolation", one.takes.interpolation())
        .with("description", one.says.trim())
}
