//! What has a clock by itself: an animation or a timeline that is added, or told something.

use crate::animations::read_animation;
use crate::parts::{below, fresh_id, usable};
use crate::read::{At, Fields};
use crate::report::{ReadError, Report};
use crate::timelines::read_timeline;
use scene::{Clocked, Id, Limits, Scene, Verb};
use serde_json::Value;

/// Adds the animation in `body` above all others; without an id it gets one.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn animation_added(
    scene: &Scene,
    body: &Value,
    limits: &Limits,
) -> Result<(Scene, Id), ReadError> {
    added(scene, body, limits, "animation", |f, fresh, scene| {
        let animation = read_animation(f, fresh);
        let id = animation.id.clone();
        scene.animations.push(animation.into());
        (id, scene.animations.len() - 1)
    })
}

/// Adds the timeline in `body` above all others; without an id it gets one.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn timeline_added(
    scene: &Scene,
    body: &Value,
    limits: &Limits,
) -> Result<(Scene, Id), ReadError> {
    added(scene, body, limits, "timeline", |f, fresh, scene| {
        let timeline = read_timeline(f, fresh);
        let id = timeline.id.clone();
        scene.timelines.push(timeline.into());
        (id, scene.timelines.len() - 1)
    })
}

/// Does something to an animation of the scene, with the frame that shows it; `None` when there is none of that id.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn animation_told(
    scene: &Scene,
    id: &str,
    verbs: Vec<Verb>,
    limits: &Limits,
) -> Option<Result<Scene, ReadError>> {
    let mut told = scene.clone();
    let mut all = told.animations.iter();
    let i = all.position(|one| one.id.as_str() == id)?;
    told.animations[i].verbs.extend(verbs);
    Some(checked(scene, told, limits, &format!("/animations/{i}")))
}

/// Does something to a timeline of the scene, with the frame that shows it; `None` when there is none of that id.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn timeline_told(
    scene: &Scene,
    id: &str,
    verbs: Vec<Verb>,
    limits: &Limits,
) -> Option<Result<Scene, ReadError>> {
    let mut told = scene.clone();
    let mut all = told.timelines.iter();
    let i = all.position(|one| one.id.as_str() == id)?;
    told.timelines[i].verbs.extend(verbs);
    Some(checked(scene, told, limits, &format!("/timelines/{i}")))
}

/// Reads something and puts it into a scene; gives back its id and its place in its list.
type Add = fn(&mut Fields<'_>, &mut dyn FnMut() -> Id, &mut Scene) -> (Id, usize);

/// `word`: what it is, and but for an s its list.
fn added(
    before: &Scene,
    body: &Value,
    limits: &Limits,
    word: &str,
    add: Add,
) -> Result<(Scene, Id), ReadError> {
    let report = Report::default();
    let mut fresh = || fresh_id(word, before.clocked().map(Clocked::id));
    let mut scene = before.clone();
    let added = At::root(body, &report).object(|f| add(f, &mut fresh, &mut scene));
    let Some((id, i)) = added else {
        return Err(ReadError::Invalid(report.merged(Vec::new(), body)));
    };
    if before.clocked().any(|other| *other.id() == id) {
        let detail = format!("there is an animation or a timeline `{id}` already");
        report.fault("/id".to_owned(), detail);
    }
    let mut meaning = scene.faults_since(before, limits, &|_| true);
    // That another has its id is said above.
    meaning.retain(|fault| !fault.pointer.ends_with("/id"));
    let mut meaning = below(meaning, &format!("/{word}s/{i}"));
    crate::echoes::drop_positions(&mut meaning, "/entries", &report.pointers());
    usable(report.merged(meaning, body)).map(|()| (scene, id))
}

/// `scene`, where what came of `before` has no faults; `at` is the place that was changed.
fn checked(before: &Scene, scene: Scene, limits: &Limits, at: &str) -> Result<Scene, ReadError> {
    let faults = below(scene.faults_since(before, limits, &|_| true), at);
    usable(faults).map(|()| scene)
}
