//! Effects of layers, read and written by the table of [`scene::EFFECTS`].

use crate::color::write_color;
use crate::paint::{read_color, read_radii, write_radii};
use crate::read::{At, Fields, FreshIds, joined};
use crate::write::{Object, number};
use scene::{EFFECTS, Effect, EffectField, EffectKind, EffectSpec, FieldValue, Takes};
use serde_json::Value;

/// An effect that cannot be read leaves one that does nothing in its place, so that the others keep their numbers.
pub(crate) fn read_effects(at: &At<'_>) -> Option<Vec<Effect>> {
    let list = at.array()?;
    let mut ids = FreshIds::beside(&list);
    let mut read = |at: At<'_>| {
        at.object(|f| {
            let id = f.optional("id", At::id);
            let spec = f.required("type", read_type);
            if spec.is_none() {
                f.leave_open();
            }
            let enabled = f.or("enabled", true, At::boolean);
            let kind = spec.map_or_else(no_effect, |spec| read_kind(f, spec));
            Effect {
                id: id.unwrap_or_else(|| ids.plain(kind.type_name())),
                enabled,
                kind,
            }
        })
        .unwrap_or_else(|| Effect::new(ids.plain("effect"), no_effect()))
    };
    Some(list.into_iter().map(&mut read).collect())
}

const fn no_effect() -> EffectKind {
    EffectKind::GaussianBlur { sigma_px: 0.0 }
}

fn read_type(at: &At<'_>) -> Option<&'static EffectSpec> {
    let Some(word) = at.value.as_str() else {
        return at.takes("text");
    };
    let found = EFFECTS.iter().find(|spec| spec.word == word);
    found.or_else(|| {
        let allowed = joined(EFFECTS.iter().map(|spec| spec.word));
        at.fault(format!(
            "unknown word `{}`; allowed: {allowed}",
            crate::read::excerpt(word)
        ))
    })
}

/// A field at fault keeps what a fresh effect has there.
fn read_kind(f: &mut Fields<'_>, spec: &'static EffectSpec) -> EffectKind {
    let mut kind = spec.fresh();
    for field in spec.fields {
        let read = |at: &At<'_>| read_field(at, field);
        let value = if is_required(field) {
            f.required(field.name, read)
        } else {
            f.optional(field.name, read)
        };
        if let Some(value) = value {
            kind.set(field.name, value);
        }
    }
    kind
}

/// Whether a field has no default.
pub(crate) const fn is_required(field: &EffectField) -> bool {
    match field.takes {
        Takes::Number(_, default) => default.is_none(),
        Takes::Color(default) => default.is_none(),
        Takes::Radii(_) | Takes::Matrix(_) => true,
    }
}

fn read_field(at: &At<'_>, field: &EffectField) -> Option<FieldValue> {
    match field.takes {
        Takes::Number(..) => at.number().map(FieldValue::Number),
        Takes::Color(_) => read_color(at).map(FieldValue::Color),
        Takes::Radii(_) => read_radii(at).map(FieldValue::Radii),
        Takes::Matrix(_) => read_matrix(at).map(FieldValue::Matrix),
    }
}

/// A number at fault is 0: the others can still be judged.
fn read_matrix(at: &At<'_>) -> Option<[f64; 20]> {
    match at.value.as_array().map(Vec::len) {
        Some(20) => {
            let numbers = at.array()?.into_iter().map(|at| at.number().unwrap_or(0.0));
            numbers.collect::<Vec<_>>().try_into().ok()
        }
        _ => at.takes("20 numbers, four rows of five"),
    }
}

/// An effect as a document: complete, defaults written.
pub(crate) fn write_effect(effect: &Effect) -> Value {
    let object = Object::default()
        .with("id", effect.id.as_str())
        .with("type", effect.kind.type_name())
        .with("enabled", effect.enabled);
    let write = |object: Object, (field, value): (&EffectField, FieldValue)| {
        let value = match value {
            FieldValue::Number(v) => number(v),
            FieldValue::Color(v) => write_color(v).into(),
            FieldValue::Radii(v) => write_radii(v),
            FieldValue::Matrix(v) => v.map(number).to_vec().into(),
        };
        object.with(field.name, value)
    };
    effect.kind.fields().fold(object, write).into()
}
