//! Where layers go on canvases of other sizes, and where they mean to stay.

use crate::read::{At, word_for};
use crate::write::Object;
use scene::ranges::{CANVAS_HEIGHT, CANVAS_WIDTH};
use scene::{Constraint, Constraints, Design, SafeArea};
use serde_json::Value;

pub(crate) const HORIZONTAL: [(&str, Constraint); 5] = [
    ("left", Constraint::Start),
    ("right", Constraint::End),
    ("center", Constraint::Center),
    ("left_right", Constraint::Stretch),
    ("scale", Constraint::Scale),
];
pub(crate) const VERTICAL: [(&str, Constraint); 5] = [
    ("top", Constraint::Start),
    ("bottom", Constraint::End),
    ("center", Constraint::Center),
    ("top_bottom", Constraint::Stretch),
    ("scale", Constraint::Scale),
];

pub(crate) fn read_design(at: &At<'_>) -> Option<Design> {
    at.object(|f| {
        let width_px = f.required("width_px", |at| at.whole(CANVAS_WIDTH));
        let height_px = f.required("height_px", |at| at.whole(CANVAS_HEIGHT));
        Some(Design {
            width_px: width_px?,
            height_px: height_px?,
        })
    })
    .flatten()
}

pub(crate) fn write_design(design: &Design) -> Object {
    Object::default()
        .with("width_px", design.width_px)
        .with("height_px", design.height_px)
}

pub(crate) fn read_constraints(at: &At<'_>) -> Option<Constraints> {
    let start = Constraint::default();
    at.object(|f| Constraints {
        horizontal: f.or("horizontal", start, |at| at.word(&HORIZONTAL, &[])),
        vertical: f.or("vertical", start, |at| at.word(&VERTICAL, &[])),
    })
}

pub(crate) fn write_constraints(constraints: &Constraints) -> Object {
    Object::default()
        .with("horizontal", word_for(&HORIZONTAL, &constraints.horizontal))
        .with("vertical", word_for(&VERTICAL, &constraints.vertical))
}

/// `false`, `true`, or `{"left_px": ..}`
pub(crate) fn read_safe_area(at: &At<'_>) -> Option<Option<SafeArea>> {
    match at.value {
        Value::Bool(safe) => Some(safe.then_some(SafeArea::Title)),
        Value::Object(_) => at.object(|f| {
            Some(SafeArea::Margins {
                left_px: f.or("left_px", 0.0, At::number),
                top_px: f.or("top_px", 0.0, At::number),
                right_px: f.or("right_px", 0.0, At::number),
                bottom_px: f.or("bottom_px", 0.0, At::number),
            })
        }),
        _ => at.takes("true, false or {\"left_px\": ..}"),
    }
}

pub(crate) fn write_safe_area(area: &SafeArea) -> Value {
    match *area {
        SafeArea::Title => true.into(),
        SafeArea::Margins {
            left_px,
            top_px,
            right_px,
            bottom_px,
        } => Object::default()
            .number("left_px", left_px)
            .number("top_px", top_px)
            .number("right_px", right_px)
            .number("bottom_px", bottom_px)
            .into(),
    }
}
