//! The list of what can move and the published schema of layers say the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use boon::{Compiler, Draft, Schemas};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What stays as the document says, and why.
const EXCEPTIONS: [(&str, &str); 34] = [
    ("id", "names do not move"),
    ("name", "names do not move"),
    ("kind", "another kind is another layer"),
    ("parent", "what stands in what is the document's"),
    ("follow", "what stands in what is the document's"),
    ("mask.layer", "what stands in what is the document's"),
    ("constraints", "rules of placing, not places"),
    ("safe_area", "rules of placing, not places"),
    ("ttl_ms", "time, not a thing in time"),
    ("tags", "for whoever asks"),
    ("outside_safe_area", "told, not given"),
    (
        "clip",
        "whether a group clips decides how it is composed; its radii move",
    ),
    ("wipe.form", "another form is another wipe"),
    ("wipe.asset", "its picture is prepared with the scene"),
    ("source.type", "another type is another source"),
    ("source.runs", "a list of texts; each has its own fields"),
    ("source.stroke.paint.type", "the whole paint switches"),
    ("source.stroke.align", "an open line has no inside"),
    (
        "source.speed_px_s",
        "a place by speed times time would jump",
    ),
    ("source.speed", "a place by speed times time would jump"),
    ("source.fps", "a place by speed times time would jump"),
    ("source.start_ms", "time, not a thing in time"),
    ("source.loop", "time, not a thing in time"),
    ("source.from", "time, not a thing in time"),
    ("source.to", "time, not a thing in time"),
    ("source.time_zone", "time, not a thing in time"),
    ("source.error_correction", "another code altogether"),
    ("source.operations", "a program, not a value"),
    ("source.grid", "how the sheet is cut"),
    ("source.atlas", "how the sheet is cut"),
    ("effects.{id}.id", "names do not move"),
    ("effects.{id}.type", "another type is another effect"),
    ("source.gradient.type", "the whole gradient switches"),
    ("source.fill.type", "the whole paint switches"),
];

struct Walk {
    schemas: Map<String, Value>,
    leaves: BTreeSet<String>,
}

impl Walk {
    fn layer(&mut self, name: &str, path: &str) {
        let schema = self.schemas[name].clone();
        self.at(&schema, path);
    }

    fn at(&mut self, schema: &Value, path: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap().to_owned();
            if name == "Color" {
                self.leaves.insert(path.to_owned());
                return;
            }
            let whole = matches!(name.as_str(), "Paint" | "Gradient");
            if whole {
                self.leaves.insert(path.to_owned());
            }
            if path == "effects" {
                return;
            }
            return self.layer(&name, path);
        }
        let choices = ["oneOf", "anyOf"].into_iter();
        let choices: Vec<Value> = choices
            .filter_map(|word| schema[word].as_array())
            .flatten()
            // Some only say which fields go together.
            .filter(|one| one["required"].is_null() || one["type"] == "object")
            .cloned()
            .collect();
        for choice in &choices {
            self.at(choice, path);
        }
        if let Some(fields) = schema["properties"].as_object() {
            for (field, schema) in fields.clone() {
                let below = if path.is_empty() {
                    field
                } else {
                    format!("{path}.{field}")
                };
                if below == "effects" {
                    self.effects(&schema["items"].clone());
                } else {
                    self.at(&schema, &below);
                }
            }
        } else if choices.is_empty() {
            self.leaves.insert(path.to_owned());
        }
    }

    fn effects(&mut self, schema: &Value) {
        let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let types = self.schemas[name]["oneOf"].as_array().unwrap().clone();
        for one in types {
            self.at(&one, "effects.{id}");
        }
    }
}

#[test]
fn every_field_of_a_layer_moves_or_says_why_not() {
    let mut walk = Walk {
        schemas: wire::schemas(),
        leaves: BTreeSet::new(),
    };
    walk.layer("NewLayer", "");
    assert!(walk.leaves.len() > 150, "{:?}", walk.leaves);
    let paths: BTreeSet<String> = wire::write_animatable()
        .map(|one| one["path"].as_str().unwrap().to_owned())
        .collect();
    let within = |path: &str, of: &str| {
        path == of
            || path
                .strip_prefix(of)
                .is_some_and(|rest| rest.starts_with('.'))
    };
    let mut used = BTreeSet::new();
    let mut silent = Vec::new();
    for leaf in &walk.leaves {
        // Itself, or what stands in it one by one.
        let moves = paths.iter().any(|path| within(path, leaf));
        let mut exceptions = EXCEPTIONS.iter().map(|(of, _)| *of);
        let exception = exceptions.find(|of| within(leaf, of));
        used.extend(exception);
        if !moves && exception.is_none() {
            silent.push(leaf);
        }
    }
    assert_eq!(silent, [""; 0], "they neither move nor say why");
    for (path, _) in EXCEPTIONS {
        assert!(
            used.contains(path),
            "{path} is no exception: there is no such field"
        );
        assert!(!paths.contains(path), "{path} moves");
    }
}

#[test]
fn the_list_is_as_its_schema_has_it() {
    let (mut compiled, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.set_default_draft(Draft::V2020_12);
    let document = json!({ "components": { "schemas": wire::schemas() } });
    compiler.add_resource("http://h/api", document).unwrap();
    let at = "http://h/api#/components/schemas/Animatable";
    let index = compiler.compile(at, &mut compiled).unwrap();
    for one in wire::write_animatable() {
        let fault = compiled.validate(&one, index).err();
        assert!(fault.is_none(), "{one}: {fault:?}");
    }
    let scene = br##"{ "schema": 1, "canvas": { "width_px": 640, "height_px": 360 }, "layers": [
        { "id": "mark", "kind": "overlay", "opacity": 0.5,
          "source": { "type": "shape", "shape": { "path": { "d": "M0 0 L10 0 L0 10 Z" } },
            "fill": { "type": "linear", "stops": [[0, "#000"], [1, "#fff"]] } },
          "effects": [{ "id": "soft", "type": "gaussian_blur", "sigma_px": 3 }] }] }"##;
    let read = wire::read_scene(scene, &scene::Limits::default(), &|_| true).unwrap();
    let of_layer: Vec<Value> = wire::write_animatable_of(&read.scene.layers[0]).collect();
    for one in &of_layer {
        let fault = compiled.validate(one, index).err();
        assert!(fault.is_none(), "{one}: {fault:?}");
    }
    let value = |path: &str| {
        let found = of_layer.iter().find(|one| one["path"] == path);
        found.map(|one| one["value"].clone())
    };
    assert_eq!(value("opacity"), Some(json!(0.5)));
    assert_eq!(value("effects.soft.sigma_px"), Some(json!(3)));
    assert_eq!(value("source.fill.stops.1.color"), Some(json!("#ffffff")));
    assert_eq!(value("source.fill.stops.1.offset"), Some(json!(1)));
    assert_eq!(
        value("source.shape.path.d"),
        Some(json!("M0 0 L10 0 L0 10 Z"))
    );
    assert_eq!(value("transform.size"), None, "it has none of its own");
    assert_eq!(value("source.size_px"), None);
}
