//! The list of what can move and the published schema of layers say the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use boon::{Compiler, Draft, Schemas};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What stays as the document says, and why.
const EXCEPTIONS: [(&str, &str); 29] = [
    ("id", "names do not move"),
    ("name", "names do not move"),
    ("kind", "another kind is another layer"),
    ("parent", "what stands in what is the document's"),
    ("follow", "what stands in what is the document's"),
    ("constraints", "rules of placing, not places"),
    ("safe_area", "rules of placing, not places"),
    ("ttl_ms", "time, not a thing in time"),
    ("tags", "for whoever asks"),
    ("outside_safe_area", "told, not given"),
    ("wipe.asset", "its picture is prepared with the scene"),
    ("source.type", "another type is another source"),
    ("source.stroke.paint.type", "the whole paint switches"),
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

/// What stays so on one type of source, though others move theirs.
const OF_ONE_TYPE: [(&str, &str, &str); 2] = [
    (
        "clock",
        "source.format",
        "it is read into its parts once, with the scene",
    ),
    (
        "qr",
        "source.text",
        "how much fits hangs on the error correction; it is another code altogether",
    ),
];

struct Walk {
    schemas: Map<String, Value>,
    /// What moves, with the types of layers that have it.
    moves: Vec<(String, BTreeSet<String>)>,
    /// The type of the source or the effect that is walked through.
    of: Option<String>,
    /// Fields, with the type of source or effect that they are of.
    leaves: BTreeSet<(String, Option<String>)>,
}

impl Walk {
    fn new() -> Self {
        let one = |one: Value| {
            let applies_to = one["applies_to"].as_array().unwrap().iter();
            let applies_to = applies_to.map(|word| word.as_str().unwrap().to_owned());
            (
                one["path"].as_str().unwrap().to_owned(),
                applies_to.collect(),
            )
        };
        Self {
            schemas: wire::schemas(),
            moves: wire::write_animatable().map(one).collect(),
            of: None,
            leaves: BTreeSet::new(),
        }
    }

    fn leaf(&mut self, path: &str) {
        self.leaves.insert((path.to_owned(), self.of.clone()));
    }

    fn at(&mut self, schema: &Value, path: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap().to_owned();
            if name == "Color" {
                return self.leaf(path);
            }
            if matches!(name.as_str(), "Paint" | "Gradient") {
                self.leaf(path);
            }
            if path == "effects" {
                return;
            }
            let schema = self.schemas[&name].clone();
            return self.at(&schema, path);
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
            // Gradients have types of their own.
            let typed = matches!(path, "source" | "effects.{id}");
            let word = fields.get("type").and_then(|one| one["const"].as_str());
            let of = word.filter(|_| typed);
            let around = self.of.clone();
            self.of = of.map(str::to_owned).or(around.clone());
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
            self.of = around;
        } else if choices.is_empty() {
            // A list moves as a whole, or what is in it does.
            let items = &schema["items"];
            let name = items["$ref"].as_str().and_then(|r| r.rsplit('/').next());
            let item = name.map_or_else(|| items.clone(), |name| self.schemas[name].clone());
            if item["properties"].is_object() && !self.moves.iter().any(|(known, _)| known == path)
            {
                self.at(&item, &format!("{path}.{{n}}"));
            } else {
                self.leaf(path);
            }
        }
    }

    fn effects(&mut self, schema: &Value) {
        let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let types = self.schemas[name]["oneOf"].as_array().unwrap().clone();
        for one in types {
            self.at(&one, "effects.{id}");
        }
    }

    /// Whether it moves, or what stands in it one by one, on what it is of.
    fn moves(&self, path: &str, of: Option<&String>) -> bool {
        let mut moves = self.moves.iter();
        moves.any(|(known, applies_to)| {
            within(known, path)
                && of.is_none_or(|of| applies_to.contains(of) || applies_to.contains("layer"))
        })
    }
}

fn within(path: &str, of: &str) -> bool {
    path == of
        || path
            .strip_prefix(of)
            .is_some_and(|rest| rest.starts_with('.'))
}

/// Of every layer, and of each type of source and effect by itself.
#[test]
fn every_field_of_a_layer_moves_or_says_why_not() {
    let mut walk = Walk::new();
    let layer = walk.schemas["NewLayer"].clone();
    walk.at(&layer, "");
    assert!(walk.leaves.len() > 300, "{:?}", walk.leaves);
    let (mut used, mut used_of_one) = (BTreeSet::new(), BTreeSet::new());
    let mut silent = Vec::new();
    for (leaf, of) in &walk.leaves {
        let mut exceptions = EXCEPTIONS.iter().map(|(path, _)| *path);
        let exception = exceptions.find(|path| within(leaf, path));
        used.extend(exception);
        let of_one = OF_ONE_TYPE
            .iter()
            .position(|(one, path, _)| of.as_deref() == Some(one) && within(leaf, path));
        if let Some(one) = of_one {
            assert!(!walk.moves(leaf, of.as_ref()), "{leaf} of {of:?} moves");
            used_of_one.insert(one);
            continue;
        }
        if !walk.moves(leaf, of.as_ref()) && exception.is_none() {
            silent.push((leaf, of));
        }
    }
    assert!(
        silent.is_empty(),
        "they neither move nor say why: {silent:#?}"
    );
    assert_eq!(used_of_one.len(), OF_ONE_TYPE.len(), "such a field is none");
    for (path, _) in EXCEPTIONS {
        assert!(
            used.contains(path),
            "{path} is no exception: there is no such field"
        );
        assert!(
            !walk.moves.iter().any(|(known, _)| known == path),
            "{path} moves"
        );
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
