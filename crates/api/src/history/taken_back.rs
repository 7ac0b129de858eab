//! A change taken back: each part of it as it was, where it still is as the change left it.

use super::{Difference, Part};
use media::ShowTime;
use scene::{Animation, Layer, Limits, Scene, Shared, Timeline};
use serde_json::Value;

impl Difference {
    /// The scene without this change, as of the show time `now`, or the places that changed since.
    pub(super) fn taken_back(
        &self,
        scene: &Scene,
        limits: &Limits,
        now: ShowTime,
    ) -> Result<Scene, Vec<String>> {
        let mut scene = scene.clone();
        let mut since = Vec::new();
        // What is gone comes back before anything is put into it, and what came goes last.
        let turn = |part: &&Part| match part {
            Part::Layer(Some(_), None) => 0,
            Part::Canvas(..) | Part::Layer(Some(_), Some(_)) => 1,
            Part::Layer(None, _) => 2,
            Part::Animation(..) | Part::Timeline(..) | Part::Template(..) => 3,
        };
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by_key(turn);
        for part in parts {
            match part {
                Part::Canvas(before, after) => {
                    if scene.canvas == *after {
                        scene.canvas = *before;
                    } else {
                        since.push("canvas".to_owned());
                    }
                }
                Part::Layer(before, after) => {
                    let (before, after) = (before.as_ref(), after.as_ref());
                    layer(&mut scene, before, after, limits, &mut since);
                }
                Part::Animation(before, after) => {
                    let (before, after) = (before.as_ref(), after.as_ref());
                    if !animation(&mut scene.animations, before, after, now) {
                        let id = after.or(before).map(|one| &one.id);
                        since.extend(id.map(|id| format!("animations/{id}")));
                    }
                }
                Part::Template(before, after) => {
                    let id = after.as_ref().or(before.as_ref()).map(|one| &one.id);
                    let at = scene.templates.iter().position(|one| Some(&one.id) == id);
                    match (before, after, at) {
                        (before, Some(after), Some(at)) if scene.templates[at] == *after => {
                            scene.templates.splice(at..=at, before.clone());
                        }
                        (Some(before), None, None) => scene.templates.push(before.clone()),
                        _ => since.extend(id.map(|id| format!("templates/{id}"))),
                    }
                }
                Part::Timeline(before, after) => {
                    let (before, after) = (before.as_ref(), after.as_ref());
                    if !timeline(&mut scene.timelines, before, after) {
                        let id = after.or(before).map(|one| &one.id);
                        since.extend(id.map(|id| format!("timelines/{id}")));
                    }
                }
            }
        }
        let order = self.layers.as_ref();
        if order.is_some_and(|order| !order.put_back(&mut scene.layers, |one| &one.id)) {
            since.push("layers".to_owned());
        }
        let order = self.animations.as_ref();
        if order.is_some_and(|order| !order.put_back(&mut scene.animations, |one| &one.id)) {
            since.push("animations".to_owned());
        }
        let order = self.timelines.as_ref();
        if order.is_some_and(|order| !order.put_back(&mut scene.timelines, |one| &one.id)) {
            since.push("timelines".to_owned());
        }
        if since.is_empty() {
            Ok(scene)
        } else {
            Err(since)
        }
    }
}

/// Puts an animation back; `false` where another is there by now.
///
/// When it began and what was done to its clock since does not count: a start is settled once, and whoever takes back that an
/// animation was started takes it out whether it was paused or not.
fn animation(
    all: &mut Vec<Shared<Animation>>,
    before: Option<&Shared<Animation>>,
    after: Option<&Shared<Animation>>,
    now: ShowTime,
) -> bool {
    let id = after.or(before).map(|one| &one.id);
    let at = all.iter().position(|one| Some(&one.id) == id);
    // Where a glide leads stands in its layer, and that is what is looked at. Its name is free again when it is over.
    let glides = |one: &Shared<Animation>| one.plan.retarget.is_some();
    let is_glide = after.or(before).is_some_and(glides);
    match (before, after, at) {
        (before, Some(after), Some(at)) if all[at].is_state_of(after) => match before {
            Some(before) => {
                let mut back = before.clone();
                let clock = (&before.start, before.playback);
                if clock == (&after.start, after.playback) && after.verbs.is_empty() {
                    // It was not about when it runs, or does something to it anew.
                    back.run_as(&all[at]);
                    back.verbs.extend_from_slice(&before.verbs);
                }
                all[at] = back;
            }
            None => drop(all.remove(at)),
        },
        (Some(before), None, None) if !(is_glide && before.is_over(now)) => {
            all.push(before.clone());
        }
        _ => {
            // One that was to begin in time or not at all was never there.
            let came_late = after.is_some_and(|one| one.drops_when_late()) && at.is_none();
            return is_glide || came_late;
        }
    }
    true
}

/// As [`animation`].
fn timeline(
    all: &mut Vec<Shared<Timeline>>,
    before: Option<&Shared<Timeline>>,
    after: Option<&Shared<Timeline>>,
) -> bool {
    let id = after.or(before).map(|one| &one.id);
    let at = all.iter().position(|one| Some(&one.id) == id);
    match (before, after, at) {
        (before, Some(after), Some(at)) if all[at].is_state_of(after) => match before {
            Some(before) => {
                let mut back = before.clone();
                let clock = (&before.start, before.playback);
                if clock == (&after.start, after.playback) && after.verbs.is_empty() {
                    back.run_as(&all[at]);
                    back.verbs.extend_from_slice(&before.verbs);
                }
                all[at] = back;
            }
            None => drop(all.remove(at)),
        },
        (Some(before), None, None) => all.push(before.clone()),
        _ => return false,
    }
    true
}

/// Puts the properties of a layer back that differ between `before` and `after`.
fn layer(
    scene: &mut Scene,
    before: Option<&Shared<Layer>>,
    after: Option<&Shared<Layer>>,
    limits: &Limits,
    since: &mut Vec<String>,
) {
    let Some(id) = after.or(before).map(|one| one.id.clone()) else {
        return;
    };
    let at = scene.layers.iter().position(|one| one.id == id);
    match (before, after, at) {
        (Some(before), None, None) => scene.layers.push(before.clone()),
        (None, Some(after), Some(at)) if scene.layers[at] == *after => {
            // Alone: if others put something into it since, the scene has a fault then, and that is said.
            scene.layers.remove(at);
        }
        (Some(before), Some(after), Some(at)) => {
            let (was, left) = (wire::write_layer(before), wire::write_layer(after));
            let is = wire::write_layer(&scene.layers[at]);
            let Some(patch) = wire::patch_between(&left, &was) else {
                return;
            };
            let mut changed = Vec::new();
            differing(
                &patch,
                &left,
                &is,
                &mut format!("layers/{id}"),
                &mut changed,
            );
            if !changed.is_empty() {
                since.extend(changed);
                return;
            }
            match wire::layer_patched(scene, id.as_str(), &patch, limits, &|_| true, &|_| false) {
                Some(Ok(patched)) => *scene = patched,
                _ => since.push(format!("layers/{id}")),
            }
        }
        _ => since.push(format!("layers/{id}")),
    }
}

/// The places that `patch` names where `is` is not as it was `left`.
fn differing(patch: &Value, left: &Value, is: &Value, at: &mut String, found: &mut Vec<String>) {
    let Value::Object(fields) = patch else {
        if left != is {
            found.push(at.clone());
        }
        return;
    };
    for (name, part) in fields {
        let len = at.len();
        at.push('/');
        at.push_str(name);
        match (left.get(name), is.get(name)) {
            (Some(left @ Value::Object(_)), Some(is @ Value::Object(_))) => {
                differing(part, left, is, at, found);
            }
            (left, is) if left != is => found.push(at.clone()),
            _ => {}
        }
        at.truncate(len);
    }
}
