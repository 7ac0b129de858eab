//! Parts of a scene by themselves: a layer that is added, patched or moved.
//!
//! Each takes a scene without faults and gives the scene as it would be, or every fault, with pointers into the body.

use crate::layers::{read_layer, write_layer};
use crate::read::{At, FreshIds};
use crate::report::{ReadError, Report, capped, only_assets_missing};
use crate::requests::{MoveRequest, Place, read_move};
use scene::{Clocked, Fault, Id, Layer, Limits, Scene};
use serde_json::{Map, Value};

/// Adds the layer in `body` above those of its z-index; without an id it gets one.
///
/// `has_asset` says whether an asset of that name is there; one that is not is no fault: a placeholder is shown.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn layer_added(
    scene: &Scene,
    body: &Value,
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
) -> Result<(Scene, Id), ReadError> {
    let report = Report::default();
    let mut fresh = || fresh_id("layer", scene.layers.iter().map(|layer| &layer.id));
    let layer = At::root(body, &report).object(|f| read_layer(f, &mut fresh));
    let before = scene;
    let mut scene = before.clone();
    let Some(layer) = layer else {
        return Err(ReadError::Invalid(report.merged(Vec::new(), body)));
    };
    let (id, i) = (layer.id.clone(), scene.layers.len());
    if scene.layers.iter().any(|other| other.id == id) {
        report.fault("/id".to_owned(), format!("there is a layer `{id}` already"));
    }
    scene.layers.push(layer.into());
    let meaning = scene.faults_since(before, limits, has_asset);
    let faults = report.merged(below(meaning, &format!("/layers/{i}")), body);
    usable(faults).map(|()| (scene, id))
}

/// Changes a layer of the scene by a merge patch (RFC 7386); `None` when there is none of that id.
///
/// A source of another `type` replaces the old one as a whole. What moves something that the layer has no more lets go of that
/// where `yields` is so of it, and is a fault otherwise.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn layer_patched(
    scene: &Scene,
    id: &str,
    patch: &Value,
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
    yields: &dyn Fn(Clocked<'_>) -> bool,
) -> Option<Result<Scene, ReadError>> {
    let i = scene.layers.iter().position(|l| l.id.as_str() == id)?;
    Some(patched(scene, i, patch, limits, has_asset, yields))
}

fn patched(
    scene: &Scene,
    i: usize,
    patch: &Value,
    limits: &Limits,
    has_asset: &dyn Fn(&str) -> bool,
    yields: &dyn Fn(Clocked<'_>) -> bool,
) -> Result<Scene, ReadError> {
    let report = Report::default();
    let (document, layer) = merged(&scene.layers[i], patch, &report);
    let before = scene;
    let mut scene = before.clone();
    if let Some(layer) = layer {
        if layer.id != scene.layers[i].id {
            report.fault("/id".to_owned(), "an id stays what it is".to_owned());
        }
        scene.layers[i] = layer.into();
        scene.drop_lost_formulas();
        scene.drop_lost_motion(&scene.layers[i].id.clone(), yields);
    }
    let mut meaning = scene.faults_since(before, limits, has_asset);
    let at = format!("/layers/{i}");
    let broken = report.pointers();
    // Whatever is sent for an id, it is known.
    let broken = broken.iter().filter(|pointer| *pointer != "/id");
    let broken = broken.map(|pointer| format!("{at}{pointer}"));
    crate::echoes::drop_from(&mut meaning, &scene, &broken.collect());
    let faults = report.merged(below(meaning, &at), &document);
    usable(faults).map(|()| scene)
}

/// The layer that a merge patch makes of another, whatever scene it stands in; `None` where it makes none.
pub fn layer_merged(layer: &Layer, patch: &Value) -> Option<Layer> {
    let report = Report::default();
    let (document, layer) = merged(layer, patch, &report);
    usable(report.merged(Vec::new(), &document)).ok()?;
    layer
}

/// The document that a merge patch makes of a layer, and the layer that it is read as.
fn merged(is: &Layer, patch: &Value, report: &Report) -> (Value, Option<Layer>) {
    let mut document = write_layer(is);
    if let Value::Object(fields) = patch {
        let kind = |source: Option<&Value>| source.and_then(|s| s.get("type")).cloned();
        let named = kind(fields.get("source"));
        if named.is_some()
            && named != kind(document.get("source"))
            && let Some(layer) = document.as_object_mut()
        {
            layer.remove("source");
        }
        merge(&mut document, patch);
    } else {
        At::root(patch, report).takes::<()>("an object");
    }
    let mut same = || is.id.clone();
    let layer = At::root(&document, report).object(|f| read_layer(f, &mut same));
    (document, layer)
}

/// Moves a layer of the scene among those beside it, or into another group; `None` when there is none of that id.
///
/// It takes the z-index of its new neighbour and stands next to it in the document, so that no other layer changes.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn layer_moved(
    scene: &Scene,
    id: &str,
    body: &Value,
    limits: &Limits,
) -> Option<Result<Scene, ReadError>> {
    let i = scene.layers.iter().position(|l| l.id.as_str() == id)?;
    Some(moved(scene, i, body, limits))
}

fn moved(scene: &Scene, i: usize, body: &Value, limits: &Limits) -> Result<Scene, ReadError> {
    let MoveRequest { place, parent } = read_move(body)?;
    let before = scene;
    let mut scene = before.clone();
    let mut layer = scene.layers.remove(i);
    if let Some(parent) = parent {
        layer.parent = parent;
    }
    let beside = |other: &Layer| other.parent == layer.parent;
    let mut siblings: Vec<(usize, i32)> = scene
        .layers
        .iter()
        .enumerate()
        .filter(|(_, other)| beside(other))
        .map(|(at, other)| (at, other.z_index))
        .collect();
    siblings.sort_by_key(|(_, z)| *z);
    let neighbour = |name: &str, id: &Id| {
        let at = scene.layers.iter().position(|other| other.id == *id);
        let fault =
            |detail: String| ReadError::Invalid(vec![Fault::invalid(format!("/{name}"), detail)]);
        if *id == layer.id {
            return Err(fault("is the layer itself".to_owned()));
        }
        let at = at.ok_or_else(|| fault(format!("there is no layer `{id}`")))?;
        if scene.layers[at].parent == layer.parent {
            Ok(at)
        } else {
            Err(fault(format!("`{id}` has another parent; name that too")))
        }
    };
    let (at, above) = match &place {
        Place::Above(id) => (Some(neighbour("above", id)?), true),
        Place::Below(id) => (Some(neighbour("below", id)?), false),
        Place::Top => (siblings.last().map(|(at, _)| *at), true),
        Place::Bottom => (siblings.first().map(|(at, _)| *at), false),
    };
    match at {
        Some(at) => {
            layer.z_index = scene.layers[at].z_index;
            scene.layers.insert(at + usize::from(above), layer);
        }
        None => scene.layers.push(layer),
    }
    let faults = scene.faults_since(before, limits, &|_| true);
    // Whatever is wrong now, the parent is: nothing else changed that a rule is about.
    let faults = faults.into_iter().map(|fault| Fault {
        pointer: "/parent".to_owned(),
        ..fault
    });
    usable(faults.collect()).map(|()| scene)
}

/// The merge patch (RFC 7386) that makes `to` of `from`, two objects; `None` where nothing differs.
pub fn patch_between(from: &Value, to: &Value) -> Option<Value> {
    let (Value::Object(old), Value::Object(new)) = (from, to) else {
        return (from != to).then(|| to.clone());
    };
    let mut patch = Map::new();
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    for (name, value) in new {
        match old.get(name) {
            Some(is) => {
                if let Some(part) = patch_between(is, value) {
                    patch.insert(name.clone(), part);
                }
            }
            None => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

/// RFC 7386: objects field by field, `null` takes a field out, anything else takes the place of what was there.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(target) = target.as_object_mut() else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            target.shift_remove(name);
        } else {
            merge(target.entry(name.as_str()).or_insert(Value::Null), value);
        }
    }
}

/// Faults of a scene as faults of one part of it: those elsewhere are the part's as a whole.
pub(crate) fn below(faults: Vec<Fault>, at: &str) -> Vec<Fault> {
    let inside = |pointer: &str| {
        let rest = pointer.strip_prefix(at)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
    };
    let own = |fault: Fault| match inside(&fault.pointer) {
        Some(pointer) => Fault { pointer, ..fault },
        None => Fault {
            detail: format!("{}: {}", fault.pointer, fault.detail),
            pointer: String::new(),
            kind: fault.kind,
        },
    };
    // An asset that another layer lacks was lacking before.
    let elsewhere = |fault: &Fault| {
        inside(&fault.pointer).is_none() && only_assets_missing(std::slice::from_ref(fault))
    };
    let faults = faults.into_iter().filter(|fault| !elsewhere(fault));
    faults.map(own).collect()
}

pub(crate) fn usable(faults: Vec<Fault>) -> Result<(), ReadError> {
    if only_assets_missing(&faults) {
        Ok(())
    } else {
        Err(ReadError::Invalid(capped(faults)))
    }
}

pub(crate) fn fresh_id<'a>(stem: &str, taken: impl Iterator<Item = &'a Id>) -> Id {
    let taken: Vec<&str> = taken.map(Id::as_str).collect();
    let count = taken.len();
    FreshIds::apart_from(taken.into_iter()).numbered(stem, count + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scene::Shared;

    fn scene() -> Scene {
        let json = br##"{ "schema": 1, "canvas": { "width_px": 640, "height_px": 360 }, "layers": [
            { "id": "panel", "kind": "group", "transform": { "width_px": 200, "height_px": 100 } },
            { "id": "sky", "kind": "overlay", "transform": { "width_px": 640, "height_px": 360 },
              "source": { "type": "color", "color": "#102040" } } ] }"##;
        crate::read_scene(json, &Limits::default(), &|_| true)
            .unwrap()
            .scene
    }

    fn patch(json: &str) -> Result<Shared<Layer>, Vec<(String, String)>> {
        let patched = crate::read_json(json.as_bytes()).and_then(|patch| {
            layer_patched(
                &scene(),
                "sky",
                &patch,
                &Limits::default(),
                &|_| true,
                &|_| false,
            )
            .unwrap()
        });
        pointers(patched).map(|scene| scene.layers[1].clone())
    }

    fn pointers<T>(result: Result<T, ReadError>) -> Result<T, Vec<(String, String)>> {
        result.map_err(|error| match error {
            ReadError::Invalid(faults) => faults
                .into_iter()
                .map(|fault| (fault.pointer, fault.detail))
                .collect(),
            ReadError::Syntax { .. } => vec![("syntax".to_owned(), error.to_string())],
        })
    }

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let is = scene().layers[1].clone();
        let moved = patch(r#"{ "transform": { "x_px": 12.5 }, "opacity": 0.5 }"#).unwrap();
        let mut expected = is.clone();
        (expected.transform.x_px, expected.opacity) = (12.5, 0.5);
        assert_eq!(moved, expected);
        assert_eq!(patch("{}").unwrap(), is);
        let gradient = patch(
            r##"{ "source": { "type": "gradient", "gradient": { "type": "linear", "stops": [[0, "#000"], [1, "#fff"]] } } }"##,
        );
        assert!(matches!(
            gradient.unwrap().source,
            Some(scene::Source::Gradient(_))
        ));
        assert_eq!(
            patch(r#"{ "name": "Sky" }"#).unwrap().name.as_deref(),
            Some("Sky")
        );
    }

    #[test]
    fn every_fault_of_a_patch_is_named_by_its_place_in_it() {
        let faults = patch(
            r#"{ "opacity": 2, "transform": { "width_px": null, "x_px": "left" }, "parent": "nobody", "blur": 3, "id": "sea" }"#,
        )
        .unwrap_err();
        let places: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(
            places,
            [
                "/id",
                "/opacity",
                "/transform/x_px",
                "/transform/width_px",
                "/parent",
                "/blur"
            ],
            "{faults:?}"
        );
        assert_eq!(patch("[]").unwrap_err()[0].0, "");
        assert_eq!(patch("{").unwrap_err()[0].0, "syntax");
    }

    /// Whoever closes a ring reads of it at the field that did so, wherever its other layers stand.
    #[test]
    fn a_ring_of_followers_is_told_where_it_was_closed() {
        let json = br##"{ "schema": 1, "canvas": { "width_px": 640, "height_px": 360 }, "layers": [
            { "id": "a", "kind": "group", "follow": "b" }, { "id": "b", "kind": "group" },
            { "id": "c", "kind": "group", "follow": "d" }, { "id": "d", "kind": "group", "parent": "b" },
            { "id": "e", "kind": "group", "parent": "f" }, { "id": "f", "kind": "group" } ] }"##;
        let scene = crate::read_scene(json, &Limits::default(), &|_| true);
        let scene = scene.unwrap().scene;
        for (id, patch, at, says) in [
            (
                "b",
                r#"{ "follow": "a" }"#,
                "/follow",
                "layer `b` would follow itself: it follows `a`, which follows `b`",
            ),
            (
                "b",
                r#"{ "follow": "c" }"#,
                "/follow",
                "layer `b` would follow itself: it follows `c`, which follows `d`, which stands in `b`",
            ),
            (
                "b",
                r#"{ "parent": "a" }"#,
                "/parent",
                "layer `b` would follow itself: it stands in `a`, which follows `b`",
            ),
            (
                "f",
                r#"{ "parent": "e" }"#,
                "/parent",
                "layer `f` would be its own ancestor, through `e`",
            ),
            (
                "a",
                r#"{ "follow": "a" }"#,
                "/follow",
                "layer `a` would follow itself: it follows `a`",
            ),
        ] {
            let patch = crate::read_json(patch.as_bytes()).unwrap();
            let patched = layer_patched(&scene, id, &patch, &Limits::default(), &|_| true, &|_| {
                false
            });
            let said = pointers(patched.unwrap()).unwrap_err();
            assert_eq!(said, [(at.to_owned(), says.to_owned())]);
        }
        let body = serde_json::json!({ "kind": "group", "id": "z", "follow": "z" });
        let added = layer_added(&scene, &body, &Limits::default(), &|_| true);
        let says = "layer `z` would follow itself: it follows `z`";
        assert_eq!(
            pointers(added.map(drop)).unwrap_err(),
            [("/follow".to_owned(), says.to_owned())]
        );
    }

    #[test]
    fn what_is_added_gets_an_id_and_must_not_take_anothers() {
        let add = |json: &str| {
            let body = crate::read_json(json.as_bytes()).unwrap();
            let added = layer_added(&scene(), &body, &Limits::default(), &|_| true);
            pointers(added).map(|(scene, id)| (scene.layers.len(), id.as_str().to_owned()))
        };
        assert_eq!(add(r#"{ "kind": "group" }"#), Ok((3, "layer-3".to_owned())));
        assert_eq!(
            add(r#"{ "kind": "group", "id": "sky" }"#).unwrap_err()[0].0,
            "/id"
        );
        let move_it = |json: &str| {
            let body = crate::read_json(json.as_bytes()).unwrap();
            let added =
                crate::animation_added(&scene(), &body, &Limits::default(), media::ShowTime::ZERO);
            pointers(added).map(|(scene, id)| (scene.animations.len(), id.as_str().to_owned()))
        };
        assert_eq!(
            move_it(
                r#"{ "target": "layers/sky", "timing": { "duration_ms": 100 }, "keyframes": [{ "opacity": 0 }, { "opacity": 1 }] }"#
            ),
            Ok((1, "animation-1".to_owned()))
        );
        assert_eq!(
            move_it(r#"{ "target": "layers/sea", "keyframes": [{ "opacity": 0 }] }"#).unwrap_err()
                [0]
            .0,
            "/target"
        );
    }
}
