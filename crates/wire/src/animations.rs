//! Animations and their keyframes.

use crate::color::write_color;
use crate::paint::read_color;
use crate::read::{At, Fields, FreshIds, excerpt, word_for};
use crate::sources::read_wall_clock;
use crate::wall_clock::write_rfc3339;
use crate::write::{Object, number};
use animation::{Composite, Direction, Easing, Fill, Timing, Value};
use media::ShowTime;
use scene::{Animation, Id, Property, Shared, Start, StyledKeyframe, Target};
use serde_json::Value as Json;

pub(crate) const DIRECTIONS: [(&str, Direction); 4] = [
    ("normal", Direction::Normal),
    ("reverse", Direction::Reverse),
    ("alternate", Direction::Alternate),
    ("alternate-reverse", Direction::AlternateReverse),
];
/// What happens where an animation already moves the property.
pub(crate) const CONFLICTS: [(&str, ()); 1] = [("stack", ())];
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
                composite: Composite::default(),
                keyframes: Vec::new(),
            })
    };
    let animations = list.into_iter().enumerate().map(&mut read);
    Some(animations.map(Into::into).collect())
}

pub(crate) fn read_animation(f: &mut Fields<'_>, fresh_id: &mut dyn FnMut() -> Id) -> Animation {
    let id = f.optional("id", At::id).unwrap_or_else(fresh_id);
    let target = f.required("target", read_target);
    f.get("on_conflict")
        .and_then(|at| at.word(&CONFLICTS, &["replace", "reject", "queue"]));
    Animation {
        start: f.or("start", Start::Now, read_start),
        timing: f.or("timing", Timing::default(), |at| at.object(read_timing)),
        composite: f.or("composite", Composite::default(), read_composite),
        keyframes: f
            .required("keyframes", |at| read_keyframes(at, target.as_ref()))
            .unwrap_or_default(),
        id,
        target: target.unwrap_or(Target::Canvas),
    }
}

/// `layers/ID` or `canvas`
fn read_target(at: &At<'_>) -> Option<Target> {
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
            f.later(&["after", "offset_ms", "marker", "beat"]);
            match f.one_of(&["at_ms", "at"])? {
                ("at_ms", at) => at.number().map(|ms| Start::At(ShowTime::from_ms(ms))),
                (_, at) => read_wall_clock(&at).map(Start::Wall),
            }
        })?,
        _ => at.takes("\"now\", {\"at_ms\": ..} or {\"at\": ..}"),
    }
}

fn read_timing(f: &mut Fields<'_>) -> Timing {
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

fn read_easing(at: &At<'_>) -> Option<Easing> {
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
            values: Vec::new(),
        })
    };
    Some(at.array()?.into_iter().map(read).collect())
}

fn read_property(path: &str, at: &At<'_>, target: Option<&Target>) -> Option<(Property, Value)> {
    let Ok(property) = path.parse::<Property>() else {
        let known = if target == Some(&Target::Canvas) {
            "background".to_owned()
        } else {
            Property::known_paths()
        };
        return at.fault(format!("no property of this name can move; known: {known}"));
    };
    let value = match at.value {
        Json::Number(_) => Value::Number(at.number()?),
        Json::Bool(v) => Value::Bool(*v),
        Json::String(_) if is_color(&property) => Value::Color(read_color(at)?),
        Json::String(text) => Value::Text(text.as_str().into()),
        _ => return at.takes("a number, a colour, text, true or false"),
    };
    Some((property, value))
}

pub(crate) fn is_color(property: &Property) -> bool {
    match property {
        Property::SourceColor | Property::SourceFill | Property::Background => true,
        Property::Effect(_, field) => field.is_color(),
        _ => false,
    }
}

/// An animation as a document: complete, defaults written.
pub fn write_animation(animation: &Animation) -> Json {
    Object::default()
        .with("id", animation.id.as_str())
        .with("target", animation.target.to_string())
        .with("start", write_start(animation.start))
        .with("timing", write_timing(&animation.timing))
        .with("composite", word_for(&COMPOSITES, &animation.composite))
        .with("on_conflict", "stack")
        .with(
            "keyframes",
            animation
                .keyframes
                .iter()
                .map(write_keyframe)
                .collect::<Vec<_>>(),
        )
        .into()
}

fn write_start(start: Start) -> Json {
    match start {
        Start::Now => "now".into(),
        Start::At(time) => Object::default().number("at_ms", time.as_ms()).into(),
        Start::Wall(unix_ns) => Object::default().with("at", write_rfc3339(unix_ns)).into(),
    }
}

fn write_timing(t: &Timing) -> Object {
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
    let write = |object: Object, (property, value): &(Property, Value)| {
        object.with(&property.to_string(), write_value(value))
    };
    keyframe.values.iter().fold(object, write).into()
}

fn write_value(value: &Value) -> Json {
    match value {
        Value::Number(v) => number(*v),
        Value::Vec2(v) => v.map(number).to_vec().into(),
        Value::Color(v) => write_color(*v).into(),
        Value::Bool(v) => (*v).into(),
        Value::Text(v) => (&**v).into(),
    }
}
