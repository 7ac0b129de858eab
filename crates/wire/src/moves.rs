//! What keyframes hold: values of every type, each as its property takes it.

use crate::color::write_color;
use crate::paint::{
    read_color, read_gradient, read_pair, read_radii, write_gradient, write_pair, write_radii,
};
use crate::read::{At, Fields, excerpt, joined};
use crate::shapes::read_points;
use crate::write::{Object, number};
use animation::{TransformFunction, Value, Whole};
use scene::ranges::NUMBER;
use scene::{Corners, Gradient, Lengths, Outline, Points, Property, Target, ValueType};
use serde_json::Value as Json;
use std::sync::Arc;

/// A property by its path, with a value for it.
pub(crate) fn read_property(
    path: &str,
    at: &At<'_>,
    target: Option<&Target>,
) -> Option<(Property, Value)> {
    let property = read_path(path, at, target)?;
    let value = read_value(&property, at)?;
    Some((property, value))
}

fn read_path(path: &str, at: &At<'_>, target: Option<&Target>) -> Option<Property> {
    path.parse().ok().or_else(|| {
        let known = if target == Some(&Target::Canvas) {
            "background".to_owned()
        } else {
            Property::known_beside(path)
        };
        at.fault(format!("no property of this name can move; known: {known}"))
    })
}

/// A property by its path, where that is the value.
pub(crate) fn read_property_name(at: &At<'_>) -> Option<Property> {
    read_path(at.text()?, at, None)
}

/// A value as the property takes it; one of another type is told from it where the layer is known.
fn read_value(property: &Property, at: &At<'_>) -> Option<Value> {
    let any = |of: fn(&ValueType) -> bool| property.value_types().any(of);
    match at.value {
        Json::Number(_) if any(|takes| matches!(takes, ValueType::Integer(_))) => {
            at.whole(NUMBER).map(Value::Integer)
        }
        Json::Number(_) => at.number().map(Value::Number),
        Json::Bool(v) => Some(Value::Bool(*v)),
        Json::String(text) => {
            let colors = |takes: &ValueType| matches!(takes, ValueType::Color | ValueType::Paint);
            if any(colors) {
                read_color(at).map(Value::Color)
            } else if any(|takes| matches!(takes, ValueType::Path)) {
                let read = Outline::new(text);
                let read = read.map_or_else(|fault| at.fault(fault), Some);
                read.map(|outline| Value::Whole(Whole::new(outline)))
            } else if any(|takes| matches!(takes, ValueType::Word(_))) {
                read_word(property, at, text)
            } else {
                Some(Value::Text(text.as_str().into()))
            }
        }
        Json::Array(_) if any(|takes| matches!(takes, ValueType::Functions)) => {
            read_functions(at).map(Value::Transform)
        }
        Json::Array(_) if any(|takes| matches!(takes, ValueType::Points)) => {
            read_points(at).map(|points| Value::Whole(Whole::new(Points(points))))
        }
        Json::Array(_) if any(|takes| matches!(takes, ValueType::Lengths)) => {
            let lengths = at.array()?.into_iter();
            let lengths = lengths.map(|at| at.number().unwrap_or(1.0)).collect();
            Some(Value::Whole(Whole::new(Lengths(lengths))))
        }
        Json::Array(radii)
            if radii.len() == 4 && any(|takes| matches!(takes, ValueType::Radii(_))) =>
        {
            read_radii(at).map(|radii| match radii {
                [a, b, c, d] if [b, c, d].iter().all(|r| r.to_bits() == a.to_bits()) => {
                    Value::Number(a)
                }
                four => Value::Whole(Whole::new(Corners(four))),
            })
        }
        Json::Array(pair) if pair.len() == 2 => read_pair(at).map(Value::Vec2),
        Json::Object(_) if any(|takes| matches!(takes, ValueType::Paint | ValueType::Gradient)) => {
            read_gradient(at).map(|gradient| Value::Whole(Whole::new(gradient)))
        }
        _ => {
            let takes = property.value_types().map(ValueType::in_words);
            at.takes(&takes.collect::<Vec<_>>().join(" or "))
        }
    }
}

/// A word of any of the lists that stand behind the name.
fn read_word(property: &Property, at: &At<'_>, text: &str) -> Option<Value> {
    let words = words_of(property);
    let known = words.iter().find(|word| **word == text);
    known.map(|word| Value::Word(word)).or_else(|| {
        let allowed = joined(words.iter().copied());
        at.fault(format!(
            "unknown word `{}`; allowed: {allowed}",
            excerpt(text)
        ))
    })
}

/// The words that a property takes on one layer or another, each once.
pub(crate) fn words_of(property: &Property) -> Vec<&'static str> {
    let mut all = Vec::new();
    for takes in property.value_types() {
        if let ValueType::Word(words) = takes {
            all.extend(
                words
                    .iter()
                    .filter(|word| !all.contains(*word))
                    .copied()
                    .collect::<Vec<_>>(),
            );
        }
    }
    all
}

/// `[{"translate_px": [10, 0]}, {"rotate_deg": 30}]`; one that cannot be read turns by nothing, so that the others keep their
/// numbers.
pub(crate) fn read_functions(at: &At<'_>) -> Option<Arc<[TransformFunction]>> {
    let read = |at: &At<'_>| {
        at.object(read_function)
            .flatten()
            .unwrap_or(TransformFunction::Rotate(0.0))
    };
    Some(at.array()?.iter().map(read).collect())
}

/// The names of the functions; each is an object of one of them.
pub(crate) const FUNCTION_NAMES: [&str; 7] = [
    "translate_px",
    "scale",
    "rotate_deg",
    "skew_deg",
    "skew_x_deg",
    "skew_y_deg",
    "matrix",
];

fn read_function(f: &mut Fields<'_>) -> Option<TransformFunction> {
    let (name, at) = f.one_of(&FUNCTION_NAMES)?;
    let pair = || read_pair(&at);
    Some(match name {
        "translate_px" => pair().map(|[x, y]| TransformFunction::Translate(x, y))?,
        "scale" => match at.value {
            Json::Number(_) => at.number().map(|v| TransformFunction::Scale(v, v))?,
            _ => pair().map(|[x, y]| TransformFunction::Scale(x, y))?,
        },
        "rotate_deg" => TransformFunction::Rotate(at.number()?),
        "skew_deg" => pair().map(|[x, y]| TransformFunction::Skew(x, y))?,
        "skew_x_deg" => TransformFunction::Skew(at.number()?, 0.0),
        "skew_y_deg" => TransformFunction::Skew(0.0, at.number()?),
        _ => match at.value.as_array().map(Vec::len) {
            Some(6) => {
                let numbers = at.array()?.into_iter().map(|at| at.number().unwrap_or(0.0));
                let numbers: [f64; 6] = numbers.collect::<Vec<_>>().try_into().ok()?;
                TransformFunction::Matrix(numbers)
            }
            _ => return at.takes("six numbers, a to f of CSS matrix()"),
        },
    })
}

pub(crate) fn write_functions(functions: &[TransformFunction]) -> Json {
    let write = |function: &TransformFunction| {
        let object = Object::default();
        Json::from(match *function {
            TransformFunction::Translate(x, y) => object.with("translate_px", write_pair([x, y])),
            TransformFunction::Scale(x, y) => object.with("scale", write_pair([x, y])),
            TransformFunction::Rotate(deg) => object.number("rotate_deg", deg),
            TransformFunction::Skew(x, y) => object.with("skew_deg", write_pair([x, y])),
            TransformFunction::Matrix(numbers) => {
                object.with("matrix", numbers.map(number).to_vec())
            }
        })
    };
    functions.iter().map(write).collect::<Vec<_>>().into()
}

/// A value as a document.
pub(crate) fn write_value(value: &Value) -> Json {
    match value {
        Value::Number(v) => number(*v),
        Value::Vec2(v) => v.map(number).to_vec().into(),
        Value::Color(v) => write_color(*v).into(),
        Value::Bool(v) => (*v).into(),
        Value::Text(v) => (&**v).into(),
        Value::Word(v) => (*v).into(),
        Value::Integer(v) => (*v).into(),
        Value::Transform(functions) => write_functions(functions),
        Value::Whole(whole) => write_whole(whole),
    }
}

fn write_whole(whole: &Whole) -> Json {
    if let Some(gradient) = whole.get::<Gradient>() {
        return write_gradient(gradient);
    }
    if let Some(outline) = whole.get::<Outline>() {
        return outline.as_str().into();
    }
    if let Some(Corners(radii)) = whole.get() {
        return write_radii(*radii);
    }
    if let Some(Points(points)) = whole.get() {
        return points
            .iter()
            .map(|p| write_pair(*p))
            .collect::<Vec<_>>()
            .into();
    }
    let lengths = whole.get::<Lengths>().map(|lengths| lengths.0.as_slice());
    let lengths = lengths.unwrap_or_default().iter().map(|v| number(*v));
    lengths.collect::<Vec<_>>().into()
}
