//! What of a layer shows and where, beyond its transform, and what others keep with it.

use crate::read::At;
use crate::write::{Object, number};
use scene::{CornerPin, Crop, Id};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn read_crop(at: &At<'_>) -> Option<Crop> {
    at.object(|f| Crop {
        left_px: f.or("left_px", 0.0, At::number),
        top_px: f.or("top_px", 0.0, At::number),
        right_px: f.or("right_px", 0.0, At::number),
        bottom_px: f.or("bottom_px", 0.0, At::number),
    })
}

pub(crate) fn write_crop(crop: &Crop) -> Object {
    Object::default()
        .number("left_px", crop.left_px)
        .number("top_px", crop.top_px)
        .number("right_px", crop.right_px)
        .number("bottom_px", crop.bottom_px)
}

/// `[[x, y], [x, y], [x, y], [x, y]]`
pub(crate) fn read_corner_pin(at: &At<'_>) -> Option<CornerPin> {
    let Ok::<[At<'_>; 4], _>(corners) = at.array()?.try_into() else {
        return at.fault("takes four corners: top left, top right, bottom right, bottom left");
    };
    let corners = corners.map(|at| {
        let Ok::<[At<'_>; 2], _>([x, y]) = at.array()?.try_into() else {
            return at.fault("takes two numbers: right and down, in pixels");
        };
        let (x, y) = (x.number(), y.number());
        Some([x?, y?])
    });
    let [tl, tr, br, bl] = corners;
    Some([tl?, tr?, br?, bl?])
}

pub(crate) fn write_corner_pin(pin: &CornerPin) -> Value {
    pin.iter()
        .map(|corner| corner.iter().map(|v| number(*v)).collect::<Value>())
        .collect()
}

pub(crate) fn read_tags(at: &At<'_>) -> Option<Vec<Id>> {
    let tags = at.array()?;
    Some(tags.iter().filter_map(At::id).collect())
}

pub(crate) fn write_tags(tags: &[Id]) -> Value {
    tags.iter().map(|tag| Value::from(tag.as_str())).collect()
}

/// Objects and arrays in one another; scenes, batches and records wrap them in more.
pub(crate) const METADATA_DEPTH: usize = 32;

/// An object of any fields, as its shortest text.
pub(crate) fn read_metadata(at: &At<'_>) -> Option<Arc<str>> {
    if !at.value.is_object() {
        return at.takes("an object");
    }
    if !is_within(at.value, METADATA_DEPTH) {
        return at.fault(format!(
            "objects and arrays are nested more than {METADATA_DEPTH} deep"
        ));
    }
    Some(at.value.to_string().into())
}

fn is_within(value: &Value, depth: usize) -> bool {
    let below = |value| depth > 0 && is_within(value, depth - 1);
    match value {
        Value::Array(values) => depth > 0 && values.iter().all(below),
        Value::Object(fields) => depth > 0 && fields.values().all(below),
        _ => true,
    }
}

pub(crate) fn write_metadata(text: &str) -> Value {
    serde_json::from_str(text).expect("the text of a value that was read")
}
