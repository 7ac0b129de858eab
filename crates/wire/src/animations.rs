//! Animations and their keyframes.

use crate::drivers::{
    default_composite, read_color_space, read_driver, write_color_space, write_expression,
    write_path,
};
use crate::moves::{read_property, write_value};
use crate::paint::{read_pair, write_pair};
use crate::plan::{read_patience, read_plan, write_patience, write_plan};
use crate::read::{At, Fields, FreshIds, excerpt, word_for};
use crate::report::ReadError;
use crate::requests::{read_object, within};
use crate::sources::read_wall_clock;
use crate::wall_clock::write_rfc3339;
use crate::write::{Object, number};
use animation::{
    BeatGrid, ColorSpace, Composite, Direction, Easing, Fill, Playback, Tangents, Timing, Value,
};
use media::ShowTime;
use scene::ranges::{LOCAL_MS, RATE, SHOW_MS};
use scene::{
    Animation, Conflict, Driver, Expression, Id, Property, Shared, Start, StyledKeyframe, Target,
    Verb, WhenOver,
};
use serde_json::Value as Json;

pub(crate) const DIRECTIONS: [(&str, Direction); 4] = [
    ("normal", Direction::Normal),
    ("reverse", Direction::Reverse),
    ("alternate", Direction::Alternate),
    ("alternate-reverse", Direction::AlternateReverse),
];
/// What happens where an animation already moves the property.
pub(crate) const CONFLICTS: [(&str, Conflict); 4] = [
    ("stack", Conflict::Stack),
    ("replace", Conflict::Replace),
    ("reject", Conflict::Reject),
    ("queue", Conflict::Queue),
];
pub(crate) const WHEN_OVER: [(&str, WhenOver); 2] =
    [("keep", WhenOver::Keep), ("remove", WhenOver::Remove)];
/// Verbs that are one word.
pub(crate) const VERBS: [(&str, Verb); 4] = [
    ("pause", Verb::Pause),
    ("resume", Verb::Resume),
    ("reverse", Verb::Reverse),
    ("finish", Verb::Finish),
];
pub(crate) const FILLS: [(&str, Fill); 4] = [
    ("none", Fill::None),
    ("forwards", Fill::Forwards),
    ("backwards", Fill::Backwards),
    ("both", Fill::Both),
];
pub(crate) const COMPOSITES: [(&str, Composite); 3] = [
    ("replace", Composite::Replace),
    ("add", Composite::Add),
    ("accumulate", Composite::Accumulate),
];

/// Reads `{"local_ms": 500}`: where an animation is put.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_seek(body: &Json) -> Result<Verb, ReadError> {
    read_object(body, |f| {
        f.required("local_ms", |at| {
            within(at, LOCAL_MS.min..=LOCAL_MS.max, " ms")
        })
        .map(Verb::Seek)
    })
}

/// Reads `{"rate": 2}` or `{}`: what lets an animation run on, at its rate or at another from where it is.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_resume(body: &Json) -> Result<Vec<Verb>, ReadError> {
    read_object(body, |f| {
        let rate = f.optional("rate", |at| within(at, RATE.min..=RATE.max, ""));
        Some(
            rate.map(Verb::Rate)
                .into_iter()
                .chain([Verb::Resume])
                .collect(),
        )
    })
}

/// What a new animation's `on_conflict` asks for; a word that is none is a fault of the animation.
pub fn conflict_of(body: &Json) -> Conflict {
    let word = body["on_conflict"].as_str().unwrap_or_default();
    let found = CONFLICTS.iter().find(|(name, _)| *name == word);
    found.map_or(Conflict::default(), |(_, conflict)| *conflict)
}

/// Whether a new animation's start is when it leaves the output rather than when it is drawn; what is no answer is a fault
/// of the animation.
pub fn is_at_output(body: &Json) -> bool {
    body["at_output"].as_bool().unwrap_or_default()
}

/// All animations; one that cannot be read leaves a still one in its place, so that the others keep their numbers.
pub(crate) fn read_animations(at: &At<'_>) -> Option<Vec<Shared<Animation>>> {
    let list = at.array()?;
    let mut ids = FreshIds::beside(&list);
    let mut read = |(i, at): (usize, At<'_>)| {
        let mut fresh = || ids.numbered("animation", i + 1);
        at.object(|f| read_animation(f, &mut fresh))
            .unwrap_or_else(|| Animation {
                id: fresh(),
                target: Target::Canvas,
                start: Start::Now,
                timing: Timing::default(),
                playback: None,
                verbs: Vec::new(),
                when_over: WhenOver::default(),
                plan: scene::Plan::default(),
                composite: Composite::default(),
                color_space: ColorSpace::default(),
                driver: Driver::default(),
                keyframes: Vec::new(),
            })
    };
    let animations = list.into_iter().enumerate().map(&mut read);
    Some(animations.map(Into::into).collect())
}

pub(crate) fn read_animation(f: &mut Fields<'_>, fresh_id: &mut dyn FnMut() -> Id) -> Animation {
    let target = f.required("target", read_target);
    read_animation_of(f, fresh_id, target)
}

/// As [`read_animation`], of a target that was read already.
pub(crate) fn read_animation_of(
    f: &mut Fields<'_>,
    fresh_id: &mut dyn FnMut() -> Id,
    target: Option<Target>,
) -> Animation {
    let id = f.optional("id", At::id).unwrap_or_else(fresh_id);
    // In a document all animations stand beside each other; what a new one does to them is asked for when it is added.
    f.get("on_conflict").and_then(|at| at.word(&CONFLICTS, &[]));
    f.optional("at_output", At::boolean);
    let driver = read_driver(f);
    let endless = matches!(driver, Driver::Expression(_));
    let elsewhere = ["path", "expression"].map(|name| f.get(name).is_some());
    let keyframes = |at: &At<'_>| read_keyframes(at, target.as_ref());
    Animation {
        start: f.or("start", Start::Now, read_start),
        timing: if endless {
            f.or("timing", Expression::timing(), |at| at.object(read_endless))
        } else {
            f.or("timing", Timing::default(), |at| at.object(read_timing))
        },
        playback: f.optional("playback", |at| at.object(read_playback)?),
        verbs: f.or("verbs", Vec::new(), |at| {
            Some(at.array()?.iter().filter_map(read_verb).collect())
        }),
        when_over: f.or("when_over", WhenOver::default(), |at| {
            at.word(&WHEN_OVER, &[])
        }),
        plan: read_plan(f),
        composite: f.or("composite", default_composite(&driver), read_composite),
        color_space: read_color_space(f),
        keyframes: if elsewhere.contains(&true) {
            f.optional("keyframes", keyframes).unwrap_or_default()
        } else {
            f.required("keyframes", keyframes).unwrap_or_default()
        },
        driver,
        id,
        target: target.unwrap_or(Target::Canvas),
    }
}

/// `layers/ID` or `canvas`
pub(crate) fn read_target(at: &At<'_>) -> Option<Target> {
    let Some(text) = at.value.as_str() else {
        return at.takes("layers/ID or canvas");
    };
    if text == "canvas" {
        return Some(Target::Canvas);
    }
    if text.starts_with("audio/") {
        return at.fault(format!("`{}` is not yet available", excerpt(text)));
    }
    let id = text.strip_prefix("layers/").and_then(Id::new);
    id.map(Target::Layer).or_else(|| {
        at.fault(format!(
            "unknown target `{}`; takes layers/ID or canvas",
            excerpt(text)
        ))
    })
}

/// `"now"`, `{"at_ms": 0}` or `{"at": "2030-01-31T20:00:00Z"}`
pub(crate) fn read_start(at: &At<'_>) -> Option<Start> {
    match at.value {
        Json::String(text) if text == "now" => Some(Start::Now),
        Json::Object(_) => at.object(|f| {
            match f.one_of(&["at_ms", "at", "after", "beat", "marker"])? {
                ("at_ms", at) => read_show_time(&at).map(Start::At),
                ("at", at) => read_wall_clock(&at).map(Start::Wall),
                ("after", at) => {
                    let offset_ms = f.or("offset_ms", 0.0, At::number);
                    Some(Start::After(at.id()?, offset_ms))
                }
                ("marker", at) => {
                    let patience = read_patience(f);
                    Some(Start::Marker(at.text()?.into(), patience))
                }
                (_, at) => at.object(read_beat)?.map(Start::Beat),
            }
        })?,
        _ => at.takes("\"now\", {\"at_ms\": ..}, {\"at\": ..}, {\"after\": ..}, {\"beat\": ..} or {\"marker\": ..}"),
    }
}

/// Milliseconds of show time.
pub(crate) fn read_show_time(at: &At<'_>) -> Option<ShowTime> {
    within(at, SHOW_MS.min..=SHOW_MS.max, " ms").map(ShowTime::from_ms)
}

fn read_beat(f: &mut Fields<'_>) -> Option<BeatGrid> {
    let bpm = f.required("bpm", At::number);
    let offset_ms = f.or("offset_ms", 0.0, At::number);
    let quantum_beats = f.or("beats", 1.0, At::number);
    Some(BeatGrid {
        bpm: bpm?,
        offset_ms,
        quantum_beats,
    })
}

pub(crate) fn read_playback(f: &mut Fields<'_>) -> Option<Playback> {
    let at = f.required("at_ms", read_show_time);
    let local_ms = f.required("local_ms", At::number);
    let rate = f.or("rate", 1.0, At::number);
    let paused = f.or("paused", false, At::boolean);
    Some(Playback::from_parts(at?, local_ms?, rate, paused))
}

/// `"pause"`, `{"seek_ms": 500}`, `{"rate": 2}`
pub(crate) fn read_verb(at: &At<'_>) -> Option<Verb> {
    if at.value.is_object() {
        return at.object(|f| match f.one_of(&["seek_ms", "rate"])? {
            ("seek_ms", at) => at.number().map(Verb::Seek),
            (_, at) => at.number().map(Verb::Rate),
        })?;
    }
    at.word(&VERBS, &[])
}

/// Of a formula, which runs without end where no duration is given.
fn read_endless(f: &mut Fields<'_>) -> Timing {
    let given = ["duration_ms", "iterations"].map(|name| f.get(name).is_some());
    let (read, d) = (read_timing(f), Expression::timing());
    match given {
        [true, _] => read,
        [false, true] => Timing {
            duration_ms: d.duration_ms,
            ..read
        },
        [false, false] => Timing {
            duration_ms: d.duration_ms,
            iterations: d.iterations,
            ..read
        },
    }
}

pub(crate) fn read_timing(f: &mut Fields<'_>) -> Timing {
    let d = Timing::default();
    Timing {
        delay_ms: f.or("delay_ms", d.delay_ms, At::number),
        end_delay_ms: f.or("end_delay_ms", d.end_delay_ms, At::number),
        duration_ms: f.or("duration_ms", d.duration_ms, At::number),
        iterations: f.or("iterations", d.iterations, |at| match at.value.as_str() {
            Some("infinite") => Some(f64::INFINITY),
            _ => at
                .value
                .as_f64()
                .or_else(|| at.takes("a number or \"infinite\"")),
        }),
        iteration_start: f.or("iteration_start", d.iteration_start, At::number),
        direction: f.or("direction", d.direction, |at| at.word(&DIRECTIONS, &[])),
        fill: f.or("fill", d.fill, |at| at.word(&FILLS, &[])),
        easing: f.or("easing", d.easing, read_easing),
        playback_rate: f.or("playback_rate", d.playback_rate, At::number),
    }
}

pub(crate) fn read_easing(at: &At<'_>) -> Option<Easing> {
    let Some(text) = at.value.as_str() else {
        return at.takes("an easing such as \"ease-in-out\"");
    };
    text.parse()
        .map_or_else(|e: animation::Error| at.fault(e.to_string()), Some)
}

fn read_composite(at: &At<'_>) -> Option<Composite> {
    at.word(&COMPOSITES, &[])
}

/// One that cannot be read leaves one without values in its place, so that the others keep their numbers.
fn read_keyframes(at: &At<'_>, target: Option<&Target>) -> Option<Vec<StyledKeyframe>> {
    let read = |at: At<'_>| {
        at.object(|f| StyledKeyframe {
            offset: f.optional("offset", At::number),
            easing: f.or("easing", Easing::default(), read_easing),
            composite: f.optional("composite", read_composite),
            tangents: Tangents {
                arriving_px: f.or("tangent_in_px", [0.0; 2], read_pair),
                leaving_px: f.or("tangent_out_px", [0.0; 2], read_pair),
            },
            values: f
                .rest()
                .into_iter()
                .filter_map(|(path, at)| read_property(path, &at, target))
                .collect(),
        })
        .unwrap_or(StyledKeyframe {
            offset: None,
            easing: Easing::Linear,
            composite: None,
            tangents: Tangents::default(),
            values: Vec::new(),
        })
    };
    Some(at.array()?.into_iter().map(read).collect())
}

/// An animation as a document: complete, defaults written.
pub fn write_animation(animation: &Animation) -> Json {
    let verbs: Vec<Json> = animation.verbs.iter().map(write_verb).collect();
    let verbs = (!verbs.is_empty()).then_some(verbs);
    let object = Object::default()
        .with("id", animation.id.as_str())
        .with("target", animation.target.to_string())
        .with("start", write_start(&animation.start))
        .with("timing", write_timing(&animation.timing))
        .maybe("playback", animation.playback.as_ref().map(write_playback))
        .maybe("verbs", verbs)
        .with("when_over", word_for(&WHEN_OVER, &animation.when_over))
        .with("composite", word_for(&COMPOSITES, &animation.composite))
        .with("on_conflict", "stack");
    let object = write_plan(object, &animation.plan);
    let object = write_color_space(object, animation.color_space);
    let keyframes = || {
        animation
            .keyframes
            .iter()
            .map(write_keyframe)
            .collect::<Vec<_>>()
    };
    match &animation.driver {
        Driver::Keyframes => object.with("keyframes", keyframes()),
        Driver::Path(path) => object.with("path", write_path(path)),
        Driver::Expression(expression) => object.with("expression", write_expression(expression)),
    }
    .into()
}

pub(crate) fn write_start(start: &Start) -> Json {
    let object = Object::default();
    match start {
        Start::Now => return "now".into(),
        Start::At(time) => object.number("at_ms", time.as_ms()),
        Start::Wall(unix_ns) => object.with("at", write_rfc3339(*unix_ns)),
        Start::After(id, offset_ms) => object
            .with("after", id.as_str())
            .number("offset_ms", *offset_ms),
        Start::Beat(grid) => {
            let beat = Object::default()
                .number("bpm", grid.bpm)
                .number("offset_ms", grid.offset_ms)
                .number("beats", grid.quantum_beats);
            object.with("beat", beat)
        }
        Start::Marker(name, patience) => write_patience(object.with("marker", &**name), *patience),
    }
    .into()
}

pub(crate) fn write_playback(playback: &Playback) -> Object {
    let (at, local_ms) = playback.anchor();
    Object::default()
        .number("at_ms", at.as_ms())
        .number("local_ms", local_ms)
        .number("rate", playback.rate())
        .with("paused", playback.is_paused())
}

pub(crate) fn write_verb(verb: &Verb) -> Json {
    match verb {
        Verb::Seek(local_ms) => Object::default().number("seek_ms", *local_ms).into(),
        Verb::Rate(rate) => Object::default().number("rate", *rate).into(),
        Verb::Pause | Verb::Resume | Verb::Reverse | Verb::Finish => word_for(&VERBS, verb).into(),
    }
}

pub(crate) fn write_timing(t: &Timing) -> Object {
    let iterations = if t.iterations.is_infinite() {
        "infinite".into()
    } else {
        number(t.iterations)
    };
    Object::default()
        .number("delay_ms", t.delay_ms)
        .number("end_delay_ms", t.end_delay_ms)
        .number("duration_ms", t.duration_ms)
        .with("iterations", iterations)
        .number("iteration_start", t.iteration_start)
        .with("direction", word_for(&DIRECTIONS, &t.direction))
        .with("fill", word_for(&FILLS, &t.fill))
        .with("easing", t.easing.to_string())
        .number("playback_rate", t.playback_rate)
}

fn write_keyframe(keyframe: &StyledKeyframe) -> Json {
    let object = Object::default()
        .maybe("offset", keyframe.offset.map(number))
        .with("easing", keyframe.easing.to_string())
        .maybe(
            "composite",
            keyframe
                .composite
                .map(|composite| word_for(&COMPOSITES, &composite)),
        );
    let bends = |px: [f64; 2]| px.iter().any(|v| v.abs() > 0.0).then(|| write_pair(px));
    let object = object
        .maybe("tangent_in_px", bends(keyframe.tangents.arriving_px))
        .maybe("tangent_out_px", bends(keyframe.tangents.leaving_px));
    let write = |object: Object, (property, value): &(Property, Value)| {
        object.with(&property.to_string(), write_value(value))
    };
    keyframe.values.iter().fold(object, write).into()
}
