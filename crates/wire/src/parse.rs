//! From bytes to JSON, with fields that stand twice in one object found.

use crate::ReadError;
use crate::report::Report;
use serde_core::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Arrays and objects in one another. What is written of a document wraps it in ten more (a record, a preset, a scene), and
/// `serde_json` reads no more than 127 again.
const MAX_DEPTH: usize = 100;

/// Parses the one JSON document in `json`; a field that stands twice in an object is reported, and its last value counts.
///
/// `serde_json` alone drops the first value without a word, which in a file kept by hand hides somebody's edit.
pub(crate) fn parse(json: &[u8], report: &Report) -> Result<Value, ReadError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let mut pointer = String::new();
    let value = Place {
        pointer: &mut pointer,
        depth: 0,
        report,
    }
    .deserialize(&mut deserializer)
    .map_err(|e| syntax(&e))?;
    deserializer.end().map_err(|e| syntax(&e))?;
    Ok(value)
}

fn syntax(e: &serde_json::Error) -> ReadError {
    let (line, column) = (e.line(), e.column());
    let text = e.to_string();
    let detail = text
        .strip_suffix(&format!(" at line {line} column {column}"))
        .unwrap_or(&text);
    ReadError::Syntax {
        line,
        column,
        detail: detail.to_owned(),
    }
}

/// Appends `segment` to `pointer`, escaped as RFC 6901 asks.
pub(crate) fn push_segment(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for c in segment.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// Where the value that is read next stands.
struct Place<'a> {
    pointer: &'a mut String,
    depth: usize,
    report: &'a Report,
}

impl Place<'_> {
    /// Runs `read` for a value one level below, then takes the segment off again.
    fn below<T>(&mut self, segment: &str, read: impl FnOnce(Place<'_>) -> T) -> T {
        let len = self.pointer.len();
        push_segment(self.pointer, segment);
        let result = read(Place {
            pointer: self.pointer,
            depth: self.depth + 1,
            report: self.report,
        });
        self.pointer.truncate(len);
        result
    }

    fn not_too_deep<E: Error>(&self) -> Result<(), E> {
        if self.depth < MAX_DEPTH {
            return Ok(());
        }
        Err(E::custom(format_args!(
            "arrays and objects are nested more than {MAX_DEPTH} deep"
        )))
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_string<E: Error>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Value, A::Error> {
        self.not_too_deep()?;
        let mut array = Vec::new();
        while let Some(value) = self.below(&array.len().to_string(), |place| {
            seq.next_element_seed(place)
        })? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        self.not_too_deep()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let doubled = object.contains_key(&key);
            let value = self.below(&key, |place| {
                if doubled {
                    place
                        .report
                        .fault(place.pointer.clone(), "stands twice in this object");
                }
                map.next_value_seed(place)
            })?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
