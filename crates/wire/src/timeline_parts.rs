//! Timelines of a scene by themselves: one that is added, one that is told something.

use crate::parts::{below, fresh_id, usable};
use crate::read::At;
use crate::report::{ReadError, Report};
use crate::timelines::read_timeline;
use scene::{Clocked, Id, Limits, Scene, Timeline, Verb};
use serde_json::Value;

/// Adds the timeline in `body` above all others; without an id it gets one.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn timeline_added(
    scene: &Scene,
    body: &Value,
    limits: &Limits,
) -> Result<(Scene, Id), ReadError> {
    let report = Report::default();
    let mut fresh = || fresh_id("timeline", scene.clocked().map(Clocked::id));
    let timeline = At::root(body, &report).object(|f| read_timeline(f, &mut fresh));
    let before = scene;
    let mut scene = before.clone();
    let Some(timeline) = timeline else {
        return Err(ReadError::Invalid(report.merged(Vec::new(), body)));
    };
    let (id, i) = (timeline.id.clone(), scene.timelines.len());
    if scene.clocked().any(|other| *other.id() == id) {
        let detail = format!("there is an animation or a timeline `{id}` already");
        report.fault("/id".to_owned(), detail);
    }
    scene.timelines.push(timeline.into());
    let mut meaning = scene.faults_since(before, limits, &|_| true);
    let broken = report.pointers();
    let broken = broken.iter().map(|at| format!("/timelines/{i}{at}"));
    crate::echoes::drop_from(&mut meaning, &scene, &broken.collect());
    let mut meaning = below(meaning, &format!("/timelines/{i}"));
    crate::echoes::drop_positions(&mut meaning, "/entries", &report.pointers());
    usable(report.merged(meaning, body)).map(|()| (scene, id))
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
    let i = scene
        .timelines
        .iter()
        .position(|one| one.id.as_str() == id)?;
    let before = scene;
    let mut scene = before.clone();
    let mut timeline = Timeline::clone(&scene.timelines[i]);
    timeline.verbs.extend(verbs);
    scene.timelines[i] = timeline.into();
    let meaning = scene.faults_since(before, limits, &|_| true);
    let faults = below(meaning, &format!("/timelines/{i}"));
    Some(usable(faults).map(|()| scene))
}
