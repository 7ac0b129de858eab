//! What has a clock by itself: an animation or a timeline that is added, or told something.
//!
//! `now` is the newest show time: what is asked for has to make sense there, as far as that can be told beforehand.

use crate::animations::read_animation;
use crate::parts::{below, fresh_id, usable};
use crate::read::{At, Fields};
use crate::report::{ReadError, Report};
use crate::timelines::read_timeline;
use media::{Figure, ShowTime};
use scene::ranges::DELAY_MS;
use scene::{Clocked, Fault, Id, Limits, Scene, Start, Verb};
use serde_json::Value;
use std::ops::RangeInclusive;

/// Adds the animation in `body` above all others; without an id it gets one.
///
/// # Errors
/// As [`read_scene`](crate::read_scene).
pub fn animation_added(
    scene: &Scene,
    body: &Value,
    limits: &Limits,
    now: ShowTime,
) -> Result<(Scene, Id), ReadError> {
    added(scene, body, limits, now, "animation", |f, fresh, scene| {
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
    now: ShowTime,
) -> Result<(Scene, Id), ReadError> {
    added(scene, body, limits, now, "timeline", |f, fresh, scene| {
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
    now: ShowTime,
) -> Option<Result<Scene, ReadError>> {
    let mut told = scene.clone();
    let mut all = told.animations.iter();
    let i = all.position(|one| one.id.as_str() == id)?;
    let vain = vain(scene, Clocked::Animation(&scene.animations[i]), &verbs, now);
    told.animations[i].verbs.extend(verbs);
    Some(checked(
        scene,
        told,
        limits,
        &format!("/animations/{i}"),
        vain,
    ))
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
    now: ShowTime,
) -> Option<Result<Scene, ReadError>> {
    let mut told = scene.clone();
    let mut all = told.timelines.iter();
    let i = all.position(|one| one.id.as_str() == id)?;
    let vain = vain(scene, Clocked::Timeline(&scene.timelines[i]), &verbs, now);
    told.timelines[i].verbs.extend(verbs);
    Some(checked(
        scene,
        told,
        limits,
        &format!("/timelines/{i}"),
        vain,
    ))
}

/// Reads something and puts it into a scene; gives back its id and its place in its list.
type Add = fn(&mut Fields<'_>, &mut dyn FnMut() -> Id, &mut Scene) -> (Id, usize);

/// `word`: what it is, and but for an s its list.
fn added(
    before: &Scene,
    body: &Value,
    limits: &Limits,
    now: ShowTime,
    word: &str,
    add: Add,
) -> Result<(Scene, Id), ReadError> {
    let report = Report::default();
    if let Some(detail) = too_far(body, now) {
        report.fault("/start/at_ms".to_owned(), detail);
    }
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
    meaning.extend(scene.vain_starts(Some(before)));
    // That another has its id is said above.
    meaning.retain(|fault| !fault.pointer.ends_with("/id"));
    let at = format!("/{word}s/{i}");
    let broken = report.pointers();
    let broken = broken.iter().map(|pointer| format!("{at}{pointer}"));
    crate::echoes::drop_from(&mut meaning, &scene, &broken.collect());
    let mut meaning = below(meaning, &at);
    crate::echoes::drop_positions(&mut meaning, "/entries", &report.pointers());
    usable(report.merged(meaning, body)).map(|()| (scene, id))
}

/// Why a start in a body is too far from now, which is a typing error: shows run for months, not for centuries.
pub(crate) fn too_far(body: &Value, now: ShowTime) -> Option<String> {
    let at_ms = body.pointer("/start/at_ms")?.as_f64()?;
    let range = around(now);
    let (low, high) = (range.start(), range.end());
    (!range.contains(&at_ms)).then(|| {
        let is = Figure(at_ms);
        format!("is {is}; allowed is {low} to {high} ms, a year to either side of now")
    })
}

/// Show times in milliseconds that somebody may ask for: a year to either side of `now`.
pub(crate) fn around(now: ShowTime) -> RangeInclusive<f64> {
    let now_ms = now.as_ms().round();
    now_ms + DELAY_MS.min..=now_ms + DELAY_MS.max
}

/// Why something cannot be told `verbs` now.
fn vain(scene: &Scene, one: Clocked<'_>, verbs: &[Verb], now: ShowTime) -> Option<Fault> {
    if matches!(one.start(), Start::After(..)) && scene.holds_back(one.id()) {
        let detail =
            "is not possible while it waits for another to be over; cancel it, or let that one run";
        return Some(Fault::invalid("", detail));
    }
    let field = match one.has_no_way_back(verbs, now)? {
        Verb::Rate(_) => "/rate",
        _ => "",
    };
    let detail =
        "would play backwards from its beginning; what never ends has no end to play back from";
    Some(Fault::invalid(field, detail))
}

/// `scene`, where what came of `before` has no faults; `at` is the place that was changed, `vain` what cannot be done there.
fn checked(
    before: &Scene,
    scene: Scene,
    limits: &Limits,
    at: &str,
    vain: Option<Fault>,
) -> Result<Scene, ReadError> {
    let mut faults = of_verbs(below(scene.faults_since(before, limits, &|_| true), at));
    faults.extend(vain);
    usable(faults).map(|()| scene)
}

/// What is told came as a request of its own and not in a list of verbs: pointers lead to the field that was sent.
fn of_verbs(faults: Vec<Fault>) -> Vec<Fault> {
    let own = |fault: Fault| {
        let Some(verb) = fault.pointer.strip_prefix("/verbs") else {
            return fault;
        };
        let field = match verb.trim_start_matches(|c: char| c == '/' || c.is_ascii_digit()) {
            "rate" => "/rate",
            "seek_ms" => "/local_ms",
            _ => "",
        };
        Fault {
            pointer: field.to_owned(),
            ..fault
        }
    };
    faults.into_iter().map(own).collect()
}
