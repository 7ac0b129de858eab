//! `/presets`: scenes, or parts of one, kept under a name and taken on air at once or with a transition.

use crate::Api;
use crate::memory::{self, edit_of, scene_of};
use crate::operation::{About, Answer, Call, Change, Reply};
use crate::problem::Error;
use crate::transitions;
use scene::{Animation, Id, Layer, Scene, Shared, Target};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wire::PresetRequest;

/// Presets that are kept.
const MOST: usize = 500;

/// All presets.
#[derive(Debug, Default)]
pub(crate) struct Presets(Mutex<BTreeMap<Id, Preset>>);

/// What is kept under a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Preset {
    name: Option<String>,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Scene(Box<Scene>),
    /// Layers with what is in them, and what moves them.
    Part {
        layers: Vec<Shared<Layer>>,
        animations: Vec<Shared<Animation>>,
    },
}

impl Preset {
    /// Reads what [`to_json`](Self::to_json) wrote.
    pub(crate) fn read(json: &Value) -> Result<Self, String> {
        let what = if json["scene"].is_null() {
            let list = |name: &str| json!({ "put": json[name] });
            let part = json!({ "layers": list("layers"), "animations": list("animations") });
            let part = edit_of(&part)?;
            What::Part {
                layers: part.layers.put,
                animations: part.animations.put,
            }
        } else {
            What::Scene(Box::new(scene_of(&json["scene"])?))
        };
        Ok(Self {
            name: json["name"].as_str().map(str::to_owned),
            what,
        })
    }

    pub(crate) fn to_json(&self, id: &Id) -> Value {
        let mut json = json!({ "id": id.as_str() });
        if let Some(name) = &self.name {
            json["name"] = name.as_str().into();
        }
        match &self.what {
            What::Scene(scene) => json["scene"] = wire::write_scene(scene),
            What::Part { layers, animations } => {
                json["layers"] = layers.iter().map(|one| wire::write_layer(one)).collect();
                json["animations"] = animations
                    .iter()
                    .map(|one| wire::write_animation(one))
                    .collect();
            }
        }
        json
    }

    /// The scene when it is taken over `scene`.
    fn over(&self, scene: &Scene) -> Scene {
        let (layers, animations) = match &self.what {
            // Templates are not on screen: they stay what they are.
            What::Scene(preset) => {
                return Scene {
                    templates: scene.templates.clone(),
                    ..(**preset).clone()
                };
            }
            What::Part { layers, animations } => (layers, animations),
        };
        let mut scene = scene.clone();
        let own = |id: &Id| layers.iter().any(|layer| layer.id == *id);
        scene.animations.retain(|one| match &one.target {
            Target::Layer(id) => !own(id),
            Target::Canvas => true,
        });
        scene.take_from_timelines(&|one| match one {
            Target::Layer(id) => own(id),
            Target::Canvas => false,
        });
        for layer in layers {
            match scene.layers.iter_mut().find(|one| one.id == layer.id) {
                Some(one) => *one = layer.clone(),
                None => scene.layers.push(layer.clone()),
            }
        }
        for animation in animations {
            scene.animations.retain(|one| one.id != animation.id);
            scene.animations.push(animation.clone());
        }
        // What they followed, showed through or looked at may have gone since.
        scene.drop_lost_names();
        scene
    }
}

impl Presets {
    pub(crate) fn new(presets: BTreeMap<Id, Preset>) -> Self {
        Self(Mutex::new(presets))
    }

    /// For a snapshot.
    pub(crate) fn records(&self) -> Vec<Value> {
        let all = self.all();
        all.iter()
            .map(|(id, preset)| memory::preset(id, Some(preset)))
            .collect()
    }

    /// Names of the assets that they are made from.
    pub(crate) fn assets(&self) -> HashSet<Arc<str>> {
        let all = self.all();
        let layers = all.values().flat_map(|preset| match &preset.what {
            What::Scene(scene) => &scene.layers,
            What::Part { layers, .. } => layers,
        });
        layers.flat_map(|layer| layer.assets()).cloned().collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Id, Preset>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Result<(Id, Preset), Error> {
        let all = self.all();
        let found = all.iter().find(|(key, _)| key.as_str() == id);
        found
            .map(|(key, preset)| (key.clone(), preset.clone()))
            .ok_or_else(|| missing(id))
    }
}

pub(crate) fn list(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let all = api.0.presets.all();
        Ok(Answer::json(wire::list(all.iter().map(|(id, preset)| {
            let mut json =
                json!({ "id": id.as_str(), "whole": matches!(preset.what, What::Scene(_)) });
            if let Some(name) = &preset.name {
                json["name"] = name.as_str().into();
            }
            json
        }))))
    })
}

pub(crate) fn show(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (id, preset) = api.0.presets.find(&call.id)?;
        Ok(Answer::json(preset.to_json(&id)))
    })
}

/// Keeps a scene or a part of it, in place of what was kept under that name.
pub(crate) fn put(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let id = Id::new(&call.id).ok_or_else(|| {
            let detail = format!("`{}` is not an id: {}", call.id, Id::RULE);
            Error::Invalid(vec![scene::Fault::invalid("/id", detail)])
        })?;
        // What is under way is no part of it: it is what that comes to.
        let now = || {
            let mut scene = api.0.control.accepted().scene.clone();
            scene.passages.clear();
            scene
        };
        let (name, what) = match wire::read_preset(&id, &call.body)? {
            PresetRequest::Now { name } => (name, What::Scene(Box::new(now()))),
            PresetRequest::Layers { name, layers } => (name, part_of(&now(), &layers)?),
            PresetRequest::Part {
                name,
                layers,
                animations,
            } => (name, given_part(api, layers, &animations)?),
            PresetRequest::Scene { name, scene } => {
                let limits = &api.0.parts.limits;
                let read = wire::scene_of(&scene, limits, &|name| api.has_asset(name));
                let mut read = read.map_err(|error| below("/scene", error))?;
                read.scene.passages.clear();
                (name, What::Scene(Box::new(read.scene)))
            }
        };
        let preset = Preset { name, what };
        let document = preset.to_json(&id);
        let new = {
            let mut all = api.0.presets.all();
            if all.len() >= MOST && !all.contains_key(&id) {
                return Err(Error::TooManyPresets { most: MOST });
            }
            api.remember(memory::preset(&id, Some(&preset)));
            all.insert(id.clone(), preset).is_none()
        };
        let kind = if new {
            "preset.created"
        } else {
            "preset.updated"
        };
        let said = json!({ "id": id.as_str() });
        api.happened(kind, None, &said, Some((&call.client, call.operation.name)));
        Ok(if new {
            Answer::created(format!("/presets/{id}"), document)
        } else {
            Answer::json(document)
        })
    })
}

pub(crate) fn remove(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (id, preset) = api.0.presets.find(&call.id)?;
        api.0.presets.all().remove(&id);
        api.remember(memory::preset(&id, None));
        let said = json!({ "id": id.as_str() });
        api.happened(
            "preset.removed",
            None,
            &said,
            Some((&call.client, call.operation.name)),
        );
        Ok(Answer::json(preset.to_json(&id)))
    })
}

/// Puts a preset on air.
pub(crate) fn take(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let transition = wire::read_transition_request(&call.body)?;
    let limits = &api.0.parts.limits;
    let (_, preset) = api.0.presets.find(&call.id)?;
    let target = preset.over(scene);
    // A part may not fit what others made of the scene since.
    let faults = target.faults_since(scene, limits, &|_| true);
    if !faults.is_empty() {
        let places = faults.iter().map(ToString::to_string).collect();
        return Err(Error::DoesNotFit {
            id: call.id.clone(),
            places,
        });
    }
    let scene = transitions::between(scene, &target, &transition, limits);
    Ok(Change::new(scene, About::Scene))
}

/// These layers, with what is in them and what moves all of them.
fn part_of(scene: &Scene, ids: &[Id]) -> Result<What, Error> {
    for (i, id) in ids.iter().enumerate() {
        if !scene.layers.iter().any(|layer| layer.id == *id) {
            let detail = format!("there is no layer `{id}`");
            return Err(Error::Invalid(vec![scene::Fault::invalid(
                format!("/layers/{i}"),
                detail,
            )]));
        }
    }
    let parent = |id: &Id| {
        let layer = scene.layers.iter().find(|layer| layer.id == *id);
        layer.and_then(|layer| layer.parent.clone())
    };
    let inside = |layer: &Layer| {
        let mut up = Some(layer.id.clone());
        while let Some(id) = up {
            if ids.contains(&id) {
                return true;
            }
            up = parent(&id);
        }
        false
    };
    let layers: Vec<Shared<Layer>> = scene
        .layers
        .iter()
        .filter(|one| inside(one))
        .cloned()
        .collect();
    let moves = |one: &&Shared<Animation>| match &one.target {
        Target::Layer(id) => layers.iter().any(|layer| layer.id == *id),
        Target::Canvas => false,
    };
    let animations = scene.animations.iter().filter(moves).cloned().collect();
    Ok(What::Part { layers, animations })
}

/// A part that is given: what its layers are in, or follow, need not be there yet.
fn given_part(api: &Api, mut layers: Value, animations: &Value) -> Result<What, Error> {
    let list = layers.as_array_mut().into_iter().flatten();
    let mut list: Vec<&mut Value> = list.collect();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let own: Vec<String> = list.iter().filter_map(|layer| text(&layer["id"])).collect();
    let mut outer = Vec::new();
    for layer in &mut list {
        let id = text(&layer["id"]);
        let mut take = |name: &str| {
            let to = text(&layer[name]).filter(|to| !own.contains(to))?;
            let to = Id::new(&to)?;
            layer.as_object_mut()?.remove(name);
            Some(to)
        };
        let (parent, follow) = (take("parent"), take("follow"));
        outer.extend(id.map(|id| (id, parent, follow)));
    }
    let now = api.0.control.accepted().scene.canvas;
    let document = json!({ "schema": 1, "layers": layers, "animations": animations,
        "canvas": { "width_px": now.width_px, "height_px": now.height_px } });
    let has = |name: &str| api.has_asset(name);
    let mut scene = wire::scene_of(&document, &api.0.parts.limits, &has)?.scene;
    for layer in &mut scene.layers {
        let found = outer.iter().find(|(id, ..)| *id == layer.id.as_str());
        if let Some((_, parent, follow)) = found.filter(|(_, p, f)| p.is_some() || f.is_some()) {
            layer.parent = parent.clone().or(layer.parent.take());
            layer.follow = follow.clone().or(layer.follow.take());
        }
    }
    Ok(What::Part {
        layers: scene.layers,
        animations: scene.animations,
    })
}

fn below(at: &str, error: wire::ReadError) -> Error {
    match error {
        wire::ReadError::Invalid(faults) => {
            let moved = faults.into_iter().map(|fault| scene::Fault {
                pointer: format!("{at}{}", fault.pointer),
                ..fault
            });
            Error::Invalid(moved.collect())
        }
        other => other.into(),
    }
}

fn missing(id: &str) -> Error {
    Error::NoSuchPreset { id: id.to_owned() }
}
