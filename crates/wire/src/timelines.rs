//! Timelines and what stands in them.

use crate::animations::{
    WHEN_OVER, read_animation_of, read_easing, read_playback, read_start, read_target, read_timing,
    read_verb, write_animation, write_playback, write_start, write_timing, write_verb,
};
use crate::moves::read_property_name;
use crate::read::{At, Fields, FreshIds, excerpt, word_for};
use crate::report::ReadError;
use crate::requests::{read_object, within};
use crate::write::{Object, number};
use animation::{Anchor, Easing, Fill, Offset, Origin, Position, Spread, Stagger, Timing};
use scene::ranges::{LOCAL_MS, STAGGER_COLUMNS, TIMELINE_DEPTH};
use scene::{
    Id, Leaf, Nested, Shared, Start, Taken, Target, Targets, Timeline, TimelineEntry, TimelinePart,
    Verb, WhenOver,
};
use serde_json::Value as Json;

/// Where a stagger begins, in words.
pub(crate) const ORIGINS: [(&str, Origin); 4] = [
    ("start", Origin::Start),
    ("end", Origin::End),
    ("center", Origin::Center),
    ("edges", Origin::Edges),
];

/// What an animation in a timeline has from the timeline: its clock.
pub(crate) const CLOCK: [&str; 10] = [
    "id",
    "start",
    "playback",
    "verbs",
    "when_over",
    "on_conflict",
    "late",
    "resume_policy",
    "group",
    "retarget",
];

/// All timelines; one that cannot be read leaves an empty one in its place, so that the others keep their numbers.
pub(crate) fn read_timelines(at: &At<'_>) -> Option<Vec<Shared<Timeline>>> {
    let list = at.array()?;
    let mut ids = FreshIds::beside(&list);
    let mut read = |(i, at): (usize, At<'_>)| {
        let mut fresh = || ids.numbered("timeline", i + 1);
        at.object(|f| read_timeline(f, &mut fresh))
            .unwrap_or_else(|| Timeline {
                id: fresh(),
                name: None,
                start: Start::Now,
                timing: lasting(),
                playback: None,
                verbs: Vec::new(),
                when_over: WhenOver::Remove,
                entries: Vec::new(),
                removes: Vec::new(),
                taken: Vec::new(),
            })
    };
    let timelines = list.into_iter().enumerate().map(&mut read);
    Some(timelines.map(Into::into).collect())
}

pub(crate) fn read_timeline(f: &mut Fields<'_>, fresh_id: &mut dyn FnMut() -> Id) -> Timeline {
    f.told("layout");
    Timeline {
        id: f.optional("id", At::id).unwrap_or_else(fresh_id),
        name: f.optional("name", At::name).map(Into::into),
        start: f.or("start", Start::Now, read_start),
        timing: f.or("timing", lasting(), read_group_timing),
        playback: f.optional("playback", |at| at.object(read_playback)?),
        verbs: f.or("verbs", Vec::new(), |at| {
            Some(at.array()?.iter().filter_map(read_verb).collect())
        }),
        when_over: f.or("when_over", WhenOver::Remove, |at| at.word(&WHEN_OVER, &[])),
        entries: f
            .required("entries", |at| read_entries(at, 1))
            .unwrap_or_default(),
        removes: f.or("removes", Vec::new(), |at| {
            Some(at.array()?.iter().filter_map(At::id).collect())
        }),
        taken: f.or("taken", Vec::new(), |at| {
            let list = at.array()?;
            Some(
                list.iter()
                    .filter_map(|at| at.object(read_taken)?)
                    .collect(),
            )
        }),
    }
}

fn read_taken(f: &mut Fields<'_>) -> Option<Taken> {
    let target = f.required("target", read_target);
    let properties = f.required("properties", |at| {
        let list = at.array()?;
        Some(list.iter().filter_map(read_property_name).collect())
    });
    Some(Taken {
        target: target?,
        properties: properties?,
    })
}

/// In a timeline what has ended holds its end, where nothing else is said.
fn lasting() -> Timing {
    Timing {
        fill: Fill::Forwards,
        ..Timing::default()
    }
}

/// As the timing of an animation, without the length: that is laid out.
fn read_group_timing(at: &At<'_>) -> Option<Timing> {
    at.object(|f| {
        if let Some(at) = f.get("duration_ms") {
            at.fault::<()>("is laid out by what stands in the timeline, not given");
        }
        let filled = f.get("fill").is_some();
        let timing = Timing {
            duration_ms: 0.0,
            ..read_timing(f)
        };
        if filled {
            timing
        } else {
            Timing {
                fill: holding_its_end(&timing),
                ..timing
            }
        }
    })
}

/// What holds the end of something, which is its beginning where it plays backwards.
fn holding_its_end(timing: &Timing) -> Fill {
    if timing.playback_rate < 0.0 {
        Fill::Backwards
    } else {
        Fill::Forwards
    }
}

/// One that cannot be read leaves an empty timeline in its place, so that the others keep their numbers.
fn read_entries(at: &At<'_>, depth: usize) -> Option<Vec<TimelineEntry>> {
    let stand_in = || {
        TimelinePart::Nested(Nested {
            timing: lasting(),
            entries: Vec::new(),
        })
    };
    let read = |at: At<'_>| {
        at.object(|f| TimelineEntry {
            position: f.or("position", Position::default(), read_position),
            part: read_part(f, depth).unwrap_or_else(stand_in),
        })
        .unwrap_or_else(|| TimelineEntry {
            position: Position::default(),
            part: stand_in(),
        })
    };
    Some(at.array()?.into_iter().map(read).collect())
}

fn read_part(f: &mut Fields<'_>, depth: usize) -> Option<TimelinePart> {
    match one_of(f, &["animation", "timeline", "label", "pause"])? {
        ("animation", at) => {
            let leaf = at.object(read_leaf)?;
            Some(TimelinePart::Leaf(Box::new(leaf)))
        }
        ("timeline", at) => at.object(|f| {
            let timing = f.or("timing", lasting(), read_group_timing);
            // What lies deeper is one fault, whatever it is.
            let entries = f.required("entries", |at| {
                if depth > TIMELINE_DEPTH {
                    return Some(Vec::new());
                }
                read_entries(at, depth + 1)
            });
            TimelinePart::Nested(Nested {
                timing,
                entries: entries.unwrap_or_default(),
            })
        }),
        ("label", at) => {
            let text = at.text()?;
            let names = |position: &Position| matches!((&position.anchor, position.offset), (Anchor::Label(name), Offset::Ms(_)) if name == text);
            if text.parse().is_ok_and(|position| names(&position)) {
                return Some(TimelinePart::Label(text.to_owned()));
            }
            at.fault(format!(
                "`{}` is not a label: 1 to 64 of A-Z a-z 0-9 _ -, and no number",
                excerpt(text)
            ))
        }
        (_, at) => match at.value {
            Json::Bool(true) => Some(TimelinePart::Pause),
            _ => at.takes("true"),
        },
    }
}

/// As [`Fields::one_of`], where none of them is a fault though other fields are there.
fn one_of<'a>(f: &mut Fields<'a>, names: &[&'static str]) -> Option<(&'static str, At<'a>)> {
    if names.iter().all(|name| f.get(name).is_none()) {
        f.fault_of_all(format!("takes exactly one of {}", names.join(", ")));
        return None;
    }
    f.one_of(names)
}

fn read_leaf(f: &mut Fields<'_>) -> Leaf {
    f.misplaced(&CLOCK);
    for name in CLOCK {
        if let Some(at) = f.get(name) {
            at.fault::<()>(
                "has no place here: an animation in a timeline has the timeline's clock",
            );
        }
    }
    let filled = f
        .get("timing")
        .is_some_and(|at| at.value.get("fill").is_some());
    let (targets, first) = match one_of(f, &["target", "targets"]) {
        Some(("target", at)) => {
            let target = read_target(&at);
            if let Some(at) = f.get("stagger") {
                at.fault::<()>("is for several targets");
            }
            (target.clone().map(Targets::One), target)
        }
        Some((_, at)) => {
            let stagger = f.optional("stagger", |at| at.object(read_stagger)?);
            let targets = at.array().map(|list| {
                let read = |at: &At<'_>| match at.value {
                    Json::Null => None,
                    _ => read_target(at),
                };
                list.iter().map(read).collect::<Vec<_>>()
            });
            let first = targets.iter().flatten().flatten().next().cloned();
            let targets = targets.map(|targets| Targets::Several { targets, stagger });
            (targets, first)
        }
        None => {
            f.get("stagger");
            (None, None)
        }
    };
    let mut animation = read_animation_of(f, &mut no_id, first);
    // What a formula happens to have in the end is nothing to hold on to.
    if !filled && animation.driver.expression().is_none() {
        animation.timing.fill = holding_its_end(&animation.timing);
    }
    Leaf {
        targets: targets.unwrap_or(Targets::Several {
            targets: Vec::new(),
            stagger: None,
        }),
        animation,
    }
}

fn no_id() -> Id {
    Id::reserved("leaf")
}

/// Milliseconds, or text in the words of GSAP.
fn read_position(at: &At<'_>) -> Option<Position> {
    match at.value {
        Json::Number(_) => at.number().map(Position::at_ms),
        Json::String(text) => text
            .parse()
            .map_or_else(|e: animation::Error| at.fault(e.to_string()), Some),
        _ => at.takes("milliseconds, or text such as \"<200\" or \"bid+=100\""),
    }
}

fn read_stagger(f: &mut Fields<'_>) -> Option<Stagger> {
    let spread = match one_of(f, &["each_ms", "amount_ms"]) {
        Some(("each_ms", at)) => at.number().map(Spread::Each),
        Some((_, at)) => at.number().map(Spread::Amount),
        None => None,
    };
    let from = f.or("from", Origin::Start, read_origin);
    let columns = f.optional("columns", |at| {
        at.whole_within::<u16>(STAGGER_COLUMNS).map(usize::from)
    });
    let easing = f.or("easing", Easing::Linear, read_easing);
    Some(Stagger {
        spread: spread?,
        from,
        columns,
        easing,
    })
}

/// A word, the number of an element from 0, or `{"random_seed": 7}`
fn read_origin(at: &At<'_>) -> Option<Origin> {
    match at.value {
        Json::Number(_) => at
            .integer::<u32>()
            .map(|index| Origin::Index(index as usize)),
        Json::Object(_) => at.object(|f| {
            f.required("random_seed", At::integer::<i64>)
                .map(|seed| Origin::Random(seed.cast_unsigned()))
        })?,
        _ => at.word(&ORIGINS, &[]),
    }
}

/// A timeline as a document: complete, defaults written.
pub fn write_timeline(timeline: &Timeline) -> Json {
    let verbs: Vec<Json> = timeline.verbs.iter().map(write_verb).collect();
    let removes = timeline.removes.iter().map(|id| Json::from(id.as_str()));
    Object::default()
        .with("id", timeline.id.as_str())
        .maybe("name", timeline.name.as_deref())
        .with("start", write_start(&timeline.start))
        .with("timing", write_group_timing(&timeline.timing))
        .maybe("playback", timeline.playback.as_ref().map(write_playback))
        .maybe("verbs", (!verbs.is_empty()).then_some(verbs))
        .with("when_over", word_for(&WHEN_OVER, &timeline.when_over))
        .with("entries", write_entries(&timeline.entries))
        .with("removes", removes.collect::<Vec<_>>())
        .maybe(
            "taken",
            (!timeline.taken.is_empty()).then(|| write_taken(&timeline.taken)),
        )
        .into()
}

fn write_taken(taken: &[Taken]) -> Vec<Json> {
    let write = |taken: &Taken| {
        let properties = taken.properties.iter().map(ToString::to_string);
        Object::default()
            .with("target", taken.target.to_string())
            .with("properties", properties.collect::<Vec<_>>())
            .into()
    };
    taken.iter().map(write).collect()
}

/// As [`write_timeline`], with how it is laid out beside it.
pub fn write_timeline_laid_out(timeline: &Timeline) -> Json {
    let mut json = write_timeline(timeline);
    if let (Some(layout), Some(fields)) = (timeline.layout(), json.as_object_mut()) {
        let duration = if layout.duration_ms.is_finite() {
            number(layout.duration_ms)
        } else {
            "infinite".into()
        };
        let mut labels: Vec<(&String, &f64)> = layout.labels.iter().collect();
        labels.sort_by(|one, other| one.1.total_cmp(other.1).then(one.0.cmp(other.0)));
        let labels = labels
            .into_iter()
            .fold(Object::default(), |labels, (name, ms)| {
                labels.number(name, *ms)
            });
        let layout = Object::default()
            .with("duration_ms", duration)
            .with("labels", labels);
        fields.insert("layout".to_owned(), layout.into());
    }
    json
}

fn write_group_timing(timing: &Timing) -> Json {
    let mut json = Json::from(write_timing(timing));
    if let Some(fields) = json.as_object_mut() {
        fields.shift_remove("duration_ms");
    }
    json
}

fn write_entries(entries: &[TimelineEntry]) -> Vec<Json> {
    let write = |entry: &TimelineEntry| {
        let object = Object::default();
        let object = match &entry.part {
            TimelinePart::Leaf(leaf) => object.with("animation", write_leaf(leaf)),
            TimelinePart::Nested(nested) => object.with(
                "timeline",
                Object::default()
                    .with("timing", write_group_timing(&nested.timing))
                    .with("entries", write_entries(&nested.entries)),
            ),
            TimelinePart::Label(name) => object.with("label", name.as_str()),
            TimelinePart::Pause => object.with("pause", true),
        };
        let position = match (&entry.position.anchor, entry.position.offset) {
            (Anchor::Start, Offset::Ms(ms)) => number(ms),
            _ => entry.position.to_string().into(),
        };
        object.with("position", position).into()
    };
    entries.iter().map(write).collect()
}

fn write_leaf(leaf: &Leaf) -> Json {
    let object = match &leaf.targets {
        Targets::One(target) => Object::default().with("target", target.to_string()),
        Targets::Several { targets, stagger } => {
            let write = |target: &Option<Target>| match target {
                Some(target) => target.to_string().into(),
                None => Json::Null,
            };
            Object::default()
                .with("targets", targets.iter().map(write).collect::<Vec<_>>())
                .maybe("stagger", stagger.as_ref().map(write_stagger))
        }
    };
    let mut json = Json::from(object);
    if let (Some(fields), Json::Object(rest)) =
        (json.as_object_mut(), write_animation(&leaf.animation))
    {
        for (name, value) in rest {
            if name != "target" && !CLOCK.contains(&name.as_str()) {
                fields.insert(name, value);
            }
        }
    }
    json
}

fn write_stagger(stagger: &Stagger) -> Object {
    let object = match stagger.spread {
        Spread::Each(ms) => Object::default().number("each_ms", ms),
        Spread::Amount(ms) => Object::default().number("amount_ms", ms),
    };
    let from = match &stagger.from {
        Origin::Index(index) => Json::from(*index),
        Origin::Random(seed) => Object::default()
            .with("random_seed", seed.cast_signed())
            .into(),
        word => word_for(&ORIGINS, word).into(),
    };
    object
        .with("from", from)
        .maybe("columns", stagger.columns)
        .with("easing", stagger.easing.to_string())
}

/// Where a timeline is put.
#[derive(Clone, Debug, PartialEq)]
pub enum TimelineSeek {
    /// A local time, milliseconds.
    LocalMs(f64),
    /// One of its labels.
    Label(String),
}

/// Reads `{"local_ms": 500}` or `{"label": "bid"}`.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_timeline_seek(body: &Json) -> Result<TimelineSeek, ReadError> {
    read_object(body, |f| match one_of(f, &["local_ms", "label"])? {
        ("local_ms", at) => {
            within(&at, LOCAL_MS.min..=LOCAL_MS.max, " ms").map(TimelineSeek::LocalMs)
        }
        (_, at) => at.text().map(|name| TimelineSeek::Label(name.to_owned())),
    })
}

/// The verb that puts `timeline` there.
///
/// # Errors
/// [`ReadError::Invalid`] for a label that it does not have.
pub fn seek_verb(timeline: &Timeline, seek: &TimelineSeek) -> Result<Verb, ReadError> {
    match seek {
        TimelineSeek::LocalMs(ms) => Ok(Verb::Seek(*ms)),
        TimelineSeek::Label(name) => timeline.label_ms(name).map(Verb::Seek).ok_or_else(|| {
            let detail = format!("there is no label `{}` in it", excerpt(name));
            ReadError::Invalid(vec![scene::Fault::invalid("/label", detail)])
        }),
    }
}
