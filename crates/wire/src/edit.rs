//! Edits, as they are kept between two lives of the service.

use crate::animations::{read_animations, write_animation};
use crate::document::{read_canvas, write_canvas};
use crate::layers::{read_layers, write_layer};
use crate::read::At;
use crate::report::ReadError;
use crate::requests::read_object;
use crate::timelines::{read_timelines, write_timeline};
use crate::write::Object;
use scene::{Edit, Id, ListEdit, Shared};
use serde_json::Value;

/// An edit so that [`read_edit`] gives the same edit; starts that are not yet show times stay what they are.
pub fn write_edit(edit: &Edit) -> Value {
    Object::default()
        .maybe("canvas", edit.canvas.map(|canvas| write_canvas(&canvas)))
        .maybe("layers", write_list(&edit.layers, write_layer))
        .maybe("animations", write_list(&edit.animations, write_animation))
        .maybe("timelines", write_list(&edit.timelines, write_timeline))
        .into()
}

fn write_list<T: PartialEq>(edit: &ListEdit<T>, write: fn(&T) -> Value) -> Option<Value> {
    if *edit == ListEdit::default() {
        return None;
    }
    let ids = |ids: &[Id]| {
        ids.iter()
            .map(|id| Value::from(id.as_str()))
            .collect::<Value>()
    };
    let some = |is_empty: bool, value: Value| (!is_empty).then_some(value);
    let object = Object::default()
        .maybe("remove", some(edit.remove.is_empty(), ids(&edit.remove)))
        .maybe(
            "put",
            some(
                edit.put.is_empty(),
                edit.put.iter().map(|one| write(one)).collect(),
            ),
        )
        .maybe("order", edit.order.as_deref().map(ids));
    Some(object.into())
}

/// Reads what [`write_edit`] wrote. Whether the scene has no faults afterwards is the caller's to check.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_edit(document: &Value) -> Result<Edit, ReadError> {
    read_object(document, |f| {
        Some(Edit {
            canvas: f.optional("canvas", read_canvas),
            layers: f.or("layers", ListEdit::default(), |at| {
                read_list(at, read_layers)
            }),
            animations: f.or("animations", ListEdit::default(), |at| {
                read_list(at, read_animations)
            }),
            timelines: f.or("timelines", ListEdit::default(), |at| {
                read_list(at, read_timelines)
            }),
        })
    })
}

fn read_list<T: PartialEq>(
    at: &At<'_>,
    read: fn(&At<'_>) -> Option<Vec<Shared<T>>>,
) -> Option<ListEdit<T>> {
    let ids = |at: &At<'_>| at.array()?.iter().map(At::id).collect();
    at.object(|f| ListEdit {
        remove: f.or("remove", Vec::new(), ids),
        put: f.or("put", Vec::new(), read),
        order: f.optional("order", ids),
    })
}
