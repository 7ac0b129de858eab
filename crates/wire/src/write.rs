//! Writing: objects field by field, numbers as short as they go.

use serde_json::{Map, Value};

/// An object in the order its fields are given.
#[derive(Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves the field out where there is no value.
    pub(crate) fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(crate) fn number(self, name: &str, value: f64) -> Self {
        self.with(name, number(value))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}

/// `v` so that it reads back to the same bits; whole numbers without `.0`.
pub fn number(v: f64) -> Value {
    // Up to 2^53 every whole f64 is an integer of its own; negative zero is not.
    let whole = v.fract() == 0.0
        && v.abs() <= 9_007_199_254_740_992.0
        && !(v == 0.0 && v.is_sign_negative());
    #[expect(clippy::cast_possible_truncation, reason = "whole and at most 2^53")]
    if whole {
        Value::from(v as i64)
    } else {
        Value::from(v)
    }
}

/// The body of an answer that lists a part of the resources there are; `next` asks for those behind it.
pub fn page(items: impl IntoIterator<Item = Value>, next: Option<String>) -> Value {
    Object::default()
        .with("items", items.into_iter().collect::<Vec<_>>())
        .maybe("next", next)
        .into()
}

/// The body of an answer that lists resources: `{"items": [..]}`.
pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Object::default()
        .with("items", items.into_iter().collect::<Vec<_>>())
        .into()
}
