//! How layers come and go: at once, or by their opacity.
//!
//! A fade is an animation like any other, which clients see and may cancel, and a change that ends it: it takes the
//! animation out, and hides or removes what has faded.

use crate::problem::Error;
use scene::{Id, Layer, Limits, Scene, Shared};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use wire::Transition;

/// How endings are called in the history.
pub(crate) const METHOD: &str = "transition.end";

/// What is to be done when a transition is over.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ending {
    /// After the frame on which it began.
    pub(crate) after_ms: f64,
    /// Layers that have faded in.
    pub(crate) shown: Vec<Id>,
    /// Layers to hide.
    pub(crate) hidden: Vec<Id>,
    /// Layers to take out.
    pub(crate) removed: Vec<Id>,
}

impl Ending {
    /// For the journal.
    pub(crate) fn to_json(&self) -> Value {
        let ids = |ids: &[Id]| ids.iter().map(Id::as_str).collect::<Value>();
        json!({
            "after_ms": self.after_ms,
            "shown": ids(&self.shown),
            "hidden": ids(&self.hidden),
            "removed": ids(&self.removed),
        })
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    pub(crate) fn read(json: &Value) -> Result<Self, String> {
        let ids = |name: &str| {
            let ids = json[name].as_array().into_iter().flatten();
            let read = |id: &Value| {
                id.as_str()
                    .and_then(Id::new)
                    .ok_or("an id is none".to_owned())
            };
            ids.map(read).collect::<Result<Vec<Id>, String>>()
        };
        Ok(Self {
            after_ms: json["after_ms"].as_f64().ok_or("`after_ms` is missing")?,
            shown: ids("shown")?,
            hidden: ids("hidden")?,
            removed: ids("removed")?,
        })
    }

    /// The scene when it is over. Whatever others took away meanwhile is no longer there to be ended.
    pub(crate) fn end(&self, scene: &Scene) -> Scene {
        let mut scene = scene.clone();
        let all = self.shown.iter().chain(&self.hidden).chain(&self.removed);
        let still_going = |scene: &Scene, layer: &Id| {
            let id = animation_id(layer);
            scene.animations.iter().any(|one| one.id.as_str() == id)
        };
        let going: Vec<&Id> = all.filter(|layer| still_going(&scene, layer)).collect();
        for layer in &going {
            stop(&mut scene, layer);
        }
        for id in self.hidden.iter().filter(|id| going.contains(id)) {
            if let Some(layer) = scene.layers.iter_mut().find(|layer| layer.id == *id) {
                layer.visible = false;
            }
        }
        for id in self.removed.iter().filter(|id| going.contains(id)) {
            scene.remove_layer(id);
        }
        scene
    }
}

/// Shows or hides a layer.
pub(crate) fn set_visible(
    scene: &Scene,
    id: &str,
    visible: bool,
    transition: &Transition,
    limits: &Limits,
) -> Result<(Scene, Shared<Layer>, Option<Ending>), Error> {
    let mut scene = scene.clone();
    let missing = || Error::NoSuchLayer { id: id.to_owned() };
    let at = scene
        .layers
        .iter()
        .position(|layer| layer.id.as_str() == id);
    let at = at.ok_or_else(missing)?;
    let layer_id = scene.layers[at].id.clone();
    // Whoever shows a layer that fades out, or hides one that fades in, turns it round.
    stop(&mut scene, &layer_id);
    let mut ending = None;
    let was = scene.layers[at].visible;
    scene.layers[at].visible = visible;
    if was != visible
        && let Transition::Fade { duration_ms, .. } = transition
    {
        scene.layers[at].visible = true;
        scene = fading(&scene, &layer_id, visible, transition, limits)?;
        let (shown, hidden) = if visible {
            (vec![layer_id], Vec::new())
        } else {
            (Vec::new(), vec![layer_id])
        };
        ending = Some(Ending {
            after_ms: *duration_ms,
            shown,
            hidden,
            removed: Vec::new(),
        });
    }
    let layer = scene.layers[at].clone();
    Ok((scene, layer, ending))
}

/// The scene with a layer that begins to fade in or out.
pub(crate) fn fading(
    scene: &Scene,
    layer: &Id,
    appears: bool,
    transition: &Transition,
    limits: &Limits,
) -> Result<Scene, Error> {
    let Transition::Fade {
        duration_ms,
        easing,
    } = transition
    else {
        return Ok(scene.clone());
    };
    let mut scene = scene.clone();
    stop(&mut scene, layer);
    let keyframes = if appears {
        json!([{ "offset": 0, "opacity": 0 }])
    } else {
        json!([{ "offset": 1, "opacity": 0 }])
    };
    let animation = json!({
        "id": animation_id(layer),
        "target": format!("layers/{layer}"),
        "timing": { "duration_ms": duration_ms, "easing": easing, "fill": "forwards" },
        "keyframes": keyframes,
    });
    Ok(wire::animation_added(&scene, &animation, limits)?.0)
}

fn stop(scene: &mut Scene, layer: &Id) {
    let id = animation_id(layer);
    scene.animations.retain(|one| one.id.as_str() != id);
}

/// The one transition that a layer can be in.
fn animation_id(layer: &Id) -> String {
    let id = format!("transition-{layer}");
    if Id::new(&id).is_some() {
        return id;
    }
    let mut hasher = DefaultHasher::new();
    layer.as_str().hash(&mut hasher);
    format!("transition-{:016x}", hasher.finish())
}

/// Where a target scene comes in: what is new in it fades in, what is not in it any more fades out above what it was on.
pub(crate) fn between(
    from: &Scene,
    to: &Scene,
    transition: &Transition,
    limits: &Limits,
) -> (Scene, Option<Ending>) {
    let Transition::Fade { duration_ms, .. } = transition else {
        return (to.clone(), None);
    };
    let seen = |scene: &Scene, id: &Id| {
        let found = scene.layers.iter().find(|layer| layer.id == *id);
        found.is_some_and(|layer| layer.visible)
    };
    let listed = |scene: &Scene, id: &Id| scene.layers.iter().any(|layer| layer.id == *id);
    let appear = to
        .layers
        .iter()
        .filter(|layer| layer.visible && !seen(from, &layer.id));
    let appear: Vec<Id> = appear.map(|layer| layer.id.clone()).collect();
    let leaving: Vec<Shared<Layer>> = from
        .layers
        .iter()
        .filter(|layer| !listed(to, &layer.id))
        .cloned()
        .collect();
    // What is in a group that comes or goes does so with it.
    let on_its_own = |layer: &Layer, among: &dyn Fn(&Id) -> bool| {
        layer.parent.as_ref().is_none_or(|parent| !among(parent))
    };
    let gone = |id: &Id| leaving.iter().any(|layer| layer.id == *id);
    let leave: Vec<Id> = leaving
        .iter()
        .filter(|layer| layer.visible && on_its_own(layer, &gone))
        .map(|layer| layer.id.clone())
        .collect();
    let mut scene = to.clone();
    scene.layers.extend(leaving.iter().cloned());
    let moved = from
        .animations
        .iter()
        .filter(|animation| match &animation.target {
            scene::Target::Layer(id) => gone(id),
            scene::Target::Canvas => false,
        });
    let taken = |id: &Id| to.animations.iter().any(|one| one.id == *id);
    scene
        .animations
        .extend(moved.filter(|one| !taken(&one.id)).cloned());
    let mut shown = Vec::new();
    for id in &appear {
        let layer = to.layers.iter().find(|layer| layer.id == *id);
        let new = |parent: &Id| appear.contains(parent);
        if layer.is_some_and(|layer| on_its_own(layer, &new)) {
            shown.push(id.clone());
        }
    }
    let all = shown
        .iter()
        .map(|id| (id, true))
        .chain(leave.iter().map(|id| (id, false)));
    for (id, appears) in all {
        match fading(&scene, id, appears, transition, limits) {
            Ok(faded) => scene = faded,
            // Too many layers or animations for both at once: a cut it is.
            Err(_) => return (to.clone(), None),
        }
    }
    let faults = scene.faults_since(from, limits, &|_| true);
    if !faults.is_empty() {
        return (to.clone(), None);
    }
    let removed = leaving.iter().filter(|layer| on_its_own(layer, &gone));
    // A layer that was hidden has no fade to wait for.
    let (removed, at_once): (Vec<&Shared<Layer>>, Vec<&Shared<Layer>>) =
        removed.partition(|layer| leave.contains(&layer.id));
    for layer in at_once {
        scene.remove_layer(&layer.id);
    }
    let ending = Ending {
        after_ms: *duration_ms,
        shown,
        hidden: Vec::new(),
        removed: removed.into_iter().map(|layer| layer.id.clone()).collect(),
    };
    (scene, Some(ending))
}
