//! Merge patches (RFC 7386), made from the schemas of what is patched.
//!
//! Made rather than written: a field that a layer gains is in its patch at once.

use super::Schemas;
use super::node::{COMPONENTS, Node};
use serde_json::{Map, Value, json};

/// Adds `LayerPatch`, and `XPatch` for each object X that it reaches.
pub(super) fn add(all: &mut Schemas) {
    let mut wanted = vec!["NewLayer".to_owned()];
    let mut done = Map::new();
    while let Some(name) = wanted.pop() {
        let schema = all.0.get(&name).cloned().unwrap_or_default();
        let mut patch = patch_of(&schema, all, &mut wanted);
        wanted.retain(|name| !done.contains_key(&patch_name(name)));
        if name == "NewLayer" {
            patch["properties"]["transition"] = Node::one_of([Node::of("Glide"), Node::of("Transition")])
                .says("Without a type, whatever has something between its old and its new value glides, from where it is on screen: numbers, pairs, colors, radii, transform functions, gradients of one type and spread with as many stops, paths of the same commands, as many points or dashes. All else is there at once: words, switches, whole numbers, and what takes another form. Animations of timelines go on above. With one, the layer as it is takes the place of what it was.")
                .into();
            patch["properties"]["interrupt"] = Node::boolean()
                .says("Whether animations, those of timelines too, let go of what is written, so that it shows: at once, or with a glide from where it is and as fast as it moves there. Timelines go on without it.")
                .default_is(false)
                .into();
            patch["properties"]["id"] = Node::of("Id").says("Stays what it is.").into();
            patch["description"] = "Merge patch of a layer (RFC 7386): what is left out stays, null takes a field back to its default or away. A source of another `type` takes the place of the old one as a whole.".into();
            patch["examples"] =
                json!([{ "opacity": 0.5, "transform": { "x_px": 640, "width_px": null } }]);
        }
        done.insert(patch_name(&name), patch);
    }
    all.0.extend(done);
}

fn patch_name(name: &str) -> String {
    format!("{}Patch", name.strip_prefix("New").unwrap_or(name))
}

/// Objects are patched field by field, all else is replaced; `wanted` gains the named objects met on the way.
fn patch_of(schema: &Value, all: &Schemas, wanted: &mut Vec<String>) -> Value {
    let Value::Object(keywords) = schema else {
        return schema.clone();
    };
    let mut patch = Map::new();
    for (keyword, value) in keywords {
        match keyword.as_str() {
            // Whether the whole is well shaped shows only when it is merged.
            "required" | "default" | "examples" | "if" | "then" | "else" | "discriminator"
            | "minProperties" | "maxProperties" | "dependentRequired" => {}
            "$ref" => {
                let name = value.as_str().and_then(|r| r.strip_prefix(COMPONENTS));
                let named = name.filter(|name| all.0.get(*name).is_some_and(|s| merges(s, all)));
                let to = named.map(|name| {
                    wanted.push(name.to_owned());
                    Value::from(format!("{COMPONENTS}{}", patch_name(name)))
                });
                patch.insert(keyword.clone(), to.unwrap_or_else(|| value.clone()));
            }
            // Without what is required, one patch may suit many.
            "oneOf" => {
                let each = value.as_array().into_iter().flatten();
                let mut each: Vec<Value> = each.map(|one| patch_of(one, all, wanted)).collect();
                may_go(&mut each);
                patch.insert("anyOf".to_owned(), each.into());
            }
            "properties" => {
                let required = keywords.get("required").and_then(Value::as_array);
                let fields = value.as_object().into_iter().flatten();
                let fields = fields.map(|(name, field)| {
                    let patch = patch_of(field, all, wanted);
                    let stays = required.is_some_and(|r| r.iter().any(|one| one == name));
                    (name.clone(), if stays { patch } else { nullable(patch) })
                });
                patch.insert(keyword.clone(), fields.collect());
            }
            // Any of them may be taken out.
            "patternProperties" => {
                let fields = value.as_object().into_iter().flatten();
                let fields = fields
                    .map(|(name, field)| (name.clone(), nullable(patch_of(field, all, wanted))));
                patch.insert(keyword.clone(), fields.collect());
            }
            _ => {
                patch.insert(keyword.clone(), value.clone());
            }
        }
    }
    patch.into()
}

/// Where one object becomes the other, the patch takes out the fields that only the first has.
fn may_go(choices: &mut [Value]) {
    let fields = |one: &Value| one.get("properties").and_then(Value::as_object).cloned();
    let all: Vec<String> = choices
        .iter()
        .filter_map(fields)
        .flat_map(|fields| fields.into_iter().map(|(name, _)| name))
        .collect();
    let objects = choices
        .iter_mut()
        .filter_map(|one| one.get_mut("properties"));
    for fields in objects.filter_map(Value::as_object_mut) {
        for name in &all {
            fields
                .entry(name.as_str())
                .or_insert_with(|| json!({ "type": "null" }));
        }
    }
}

/// Whether any of it is an object, and so is merged.
fn merges(schema: &Value, all: &Schemas) -> bool {
    let named = schema.get("$ref").and_then(Value::as_str);
    if let Some(name) = named.and_then(|r| r.strip_prefix(COMPONENTS)) {
        return all.0.get(name).is_some_and(|schema| merges(schema, all));
    }
    let mut choices = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    schema.get("properties").is_some() || choices.any(|one| merges(one, all))
}

/// `null` takes the field out.
fn nullable(mut schema: Value) -> Value {
    let fields = schema.as_object_mut();
    let description = fields.and_then(|fields| fields.shift_remove("description"));
    let mut either = json!({ "anyOf": [schema, { "type": "null" }] });
    if let Some(description) = description {
        either["description"] = description;
    }
    either
}
