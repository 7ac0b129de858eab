//! `/layers`: layers one by one.

use crate::Api;
use crate::control::Resource;
use crate::glide;
use crate::operation::{About, Answer, Call, Change, Reply};
use crate::problem::Error;
use crate::{still, transitions};
use media::ShowTime;
use scene::{Clocked, Id, Kind, Layer, Resolver, Scene, Shared, Way};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

pub(crate) fn list(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (layers, revision) = {
            let accepted = api.0.control.accepted();
            (accepted.scene.layers.clone(), accepted.revision)
        };
        let (layers, outside) = if call.query("resolved") == Some("true") {
            resolved(api).await?
        } else {
            (layers, Vec::new())
        };
        let tag = call.query("tag");
        let wanted = |layer: &&Shared<Layer>| {
            tag.is_none_or(|tag| layer.tags.iter().any(|one| one.as_str() == tag))
        };
        Ok(Answer {
            changed: Some(revision),
            ..Answer::json(wire::list(
                layers
                    .iter()
                    .filter(wanted)
                    .map(|layer| written(layer, &outside)),
            ))
        })
    })
}

pub(crate) fn show(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (layer, changed) = {
            let accepted = api.0.control.accepted();
            let layer = find(&accepted.scene, &call.id)?.clone();
            let changed = accepted.changed_at(&Resource::Layer(layer.id.clone()));
            (layer, changed)
        };
        let (layer, outside) = if call.query("resolved") == Some("true") {
            let (layers, outside) = resolved(api).await?;
            let same = layers.into_iter().find(|one| one.id == layer.id);
            (same.unwrap_or(layer), outside)
        } else {
            (layer, Vec::new())
        };
        Ok(Answer {
            changed: Some(changed),
            ..Answer::json(written(&layer, &outside))
        })
    })
}

/// A layer as a document, told where it is among those that leave their safe areas.
fn written(layer: &Layer, outside: &[Id]) -> Value {
    let mut document = wire::write_layer(layer);
    if outside.contains(&layer.id) {
        document["outside_safe_area"] = true.into();
    }
    document
}

/// The layers with the values they have on the newest frame, and those of them that leave their safe areas.
async fn resolved(api: &Api) -> Result<(Vec<Shared<Layer>>, Vec<Id>), Error> {
    let (layers, now) = on_screen(api);
    let (scene, _): (Arc<Scene>, _) = api.0.parts.handle.scene();
    Ok((layers, still::outside(api, &scene, now).await?))
}

/// The layers with the values they have on the newest frame.
pub(crate) fn on_screen(api: &Api) -> (Vec<Shared<Layer>>, ShowTime) {
    let handle = &api.0.parts.handle;
    let (scene, _): (Arc<Scene>, _) = handle.scene();
    let now = handle.newest_show_time();
    (Resolver::new(&scene).layers_at(now).to_vec(), now)
}

pub(crate) fn create(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let has = |name: &str| api.has_asset(name);
    let mut body = call.body.clone();
    let transition = wire::take_transition(&mut body)?.unwrap_or_default();
    let (mut scene, id) = wire::layer_added(scene, &body, &api.0.parts.limits, &has)?;
    let layer = find(&scene, id.as_str())?.clone();
    if layer.visible {
        let now = api.0.parts.handle.show_time();
        scene = transitions::passing(scene, &id, Way::In, &transition, now);
    }
    let about = About::New(Box::new(About::Layer(layer)));
    Ok(Change::new(scene, about))
}

pub(crate) fn update(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let has = |name: &str| api.has_asset(name);
    let (mut patch, limits) = (call.body.clone(), &api.0.parts.limits);
    // One with a type is about the picture as a whole; without one, what moves glides.
    let pictures = patch["transition"].get("type").is_some();
    let transition = if pictures {
        wire::take_transition(&mut patch)?
    } else {
        None
    };
    let options = wire::take_write_options(&mut patch)?;
    let now = api.0.parts.handle.show_time();
    // What glides is an animation.
    let scene = &*match options.glide {
        Some(_) => scene.with_room(limits, now),
        None => Cow::Borrowed(scene),
    };
    // What is over need not keep a layer from becoming something else.
    let yields = |one: Clocked<'_>| options.interrupt || one.is_over(now);
    let patched = wire::layer_patched(scene, &call.id, &patch, limits, &has, &yields);
    let mut after = patched.ok_or_else(|| missing(&call.id))??;
    let id = find(&after, &call.id)?.id.clone();
    let said = glide::carried(&mut after, scene, &id, &patch, &options, (limits, now))?;
    let hides = patch.get("visible") == Some(&Value::Bool(false));
    if !hides && api.0.leases.is_over(&id) {
        // The write shows it again, by its transition if it has one.
        let woken = after.layers.iter_mut().find(|one| one.id == id);
        if let Some(layer) = woken {
            layer.visible = true;
        }
    }
    // What is in a group may change on the same frame, by later commands of a batch.
    let is_group = find(&after, &call.id)?.kind == Kind::Group;
    if let Some(transition) = transition
        && (after.layers != scene.layers || is_group)
    {
        after = transitions::written(after, scene, &id, &transition, now);
    }
    Ok(Change {
        said,
        written: vec![(id, hides)],
        ..about_layer(after, &call.id)?
    })
}

pub(crate) fn move_(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let moved = wire::layer_moved(scene, &call.id, &call.body, &api.0.parts.limits);
    let scene = moved.ok_or_else(|| missing(&call.id))??;
    about_layer(scene, &call.id)
}

/// `POST .../show` and `.../hide`; whoever asks for what is so already is answered like anyone.
pub(crate) fn show_on_screen(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    set_visible(api, scene, call, true)
}

pub(crate) fn hide(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    set_visible(api, scene, call, false)
}

fn set_visible(api: &Api, scene: &Scene, call: &Call, visible: bool) -> Result<Change, Error> {
    let transition = wire::read_transition_request(&call.body)?;
    let (now, limits) = (api.0.parts.handle.show_time(), &api.0.parts.limits);
    let (scene, layer) =
        transitions::set_visible(scene, &call.id, visible, &transition, now, limits)?;
    Ok(Change {
        written: vec![(layer.id.clone(), !visible)],
        ..Change::new(scene, About::Layer(layer))
    })
}

/// Takes a layer out, with the layers in it and the animations of all of them; answers with the layer as it was.
pub(crate) fn remove(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let transition = wire::read_transition_request(&call.body)?;
    let before = scene;
    let layer = find(before, &call.id)?.clone();
    let mut scene = before.clone();
    scene.remove_layer(&layer.id);
    let now = api.0.parts.handle.show_time();
    let scene = transitions::changing(scene, before, &layer.id, &transition, now);
    let about = About::Gone(Box::new(About::Layer(layer)));
    Ok(Change::new(scene, about))
}

fn about_layer(scene: Scene, id: &str) -> Result<Change, Error> {
    let layer = find(&scene, id)?.clone();
    Ok(Change {
        written: vec![(layer.id.clone(), false)],
        ..Change::new(scene, About::Layer(layer))
    })
}

fn find<'a>(scene: &'a Scene, id: &str) -> Result<&'a Shared<Layer>, Error> {
    let mut layers = scene.layers.iter();
    layers
        .find(|layer| layer.id.as_str() == id)
        .ok_or_else(|| missing(id))
}

pub(crate) fn missing(id: &str) -> Error {
    Error::NoSuchLayer { id: id.to_owned() }
}
