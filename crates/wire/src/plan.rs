//! What animations have besides start and timing, and the writes that glide.

use crate::animations::{read_easing, read_show_time};
use crate::clocked::around;
use crate::moves::read_property;
use crate::read::{At, Fields, word_for};
use crate::report::ReadError;
use crate::requests::{read_object, within};
use crate::write::{Object, number};
use animation::{Easing, Error, LatePolicy, Spring, Value};
use media::{Figure, ShowTime};
use scene::ranges::{
    DELAY_MS, DURATION_MS, GROUP_SIZE, SPRING_DAMPING, SPRING_MASS, SPRING_STIFFNESS,
};
use scene::{
    Course, GlideRequest, Group, OnTimeout, Patience, Plan, Property, ResumePolicy, Retarget, Until,
};
use serde_json::Value as Json;
use std::sync::Arc;

/// What becomes of a start that lies in the past.
pub(crate) const LATE: [(&str, LatePolicy); 3] = [
    ("catch_up", LatePolicy::CatchUp),
    ("shift", LatePolicy::Shift),
    ("drop", LatePolicy::Drop),
];
/// What becomes of an animation when the service starts again.
pub(crate) const RESUME: [(&str, ResumePolicy); 3] = [
    ("continue", ResumePolicy::Continue),
    ("restart", ResumePolicy::Restart),
    ("drop", ResumePolicy::Drop),
];
/// What is done when a wait has been long enough.
pub(crate) const ON_TIMEOUT: [(&str, OnTimeout); 2] =
    [("start", OnTimeout::Start), ("cancel", OnTimeout::Cancel)];
/// Ways from one value to another, but for springs.
const COURSES: [(&str, Course); 2] = [("tween", Course::Tween), ("smooth", Course::Smooth)];
/// How long a write glides that does not say so, in milliseconds.
pub(crate) const GLIDE_MS: f64 = 300.0;
/// The swing of a spring that does not say so, in milliseconds.
pub(crate) const SWING_MS: f64 = 500.0;

/// What a write to a layer asks for besides its patch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteOptions {
    /// How what moves evenly gets to its new values; `None` is at once.
    pub glide: Option<GlideRequest>,
    /// Whether animations let go of what is written.
    pub interrupt: bool,
}

/// Takes `transition` and `interrupt` out of the body of a write; the rest is the patch.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn take_write_options(body: &mut Json) -> Result<WriteOptions, ReadError> {
    let Some(fields) = body.as_object_mut() else {
        return Ok(WriteOptions::default());
    };
    let mut asked = serde_json::Map::new();
    for name in ["transition", "interrupt"] {
        asked.extend(
            fields
                .shift_remove(name)
                .map(|value| (name.to_owned(), value)),
        );
    }
    read_object(&Json::Object(asked), |f| {
        Some(WriteOptions {
            glide: f.optional("transition", |at| at.object(read_glide)?),
            interrupt: f.or("interrupt", false, At::boolean),
        })
    })
}

/// Whether a merge patch of a layer writes to a property, be it by taking the place of what it is in.
pub fn patch_writes(patch: &Json, property: &Property) -> bool {
    let path = property.to_string();
    let mut at = patch;
    for name in path.split('.') {
        match at {
            Json::Object(fields) => match fields.get(name) {
                Some(value) => at = value,
                None => return false,
            },
            _ => return true,
        }
    }
    true
}

fn read_glide(f: &mut Fields<'_>) -> Option<GlideRequest> {
    let delay_ms = f.or("delay_ms", 0.0, |at| within(at, 0.0..=DELAY_MS.max, " ms"));
    if f.get("spring").is_some() {
        let spring = f.optional("spring", read_spring)?;
        return Some(GlideRequest {
            course: Course::Spring(spring),
            duration_ms: 0.0,
            delay_ms,
            easing: Easing::Linear,
        });
    }
    let duration_ms = f.or("duration_ms", GLIDE_MS, |at| {
        within(at, 0.0..=DURATION_MS.max, " ms")
    });
    let smooth = f.or("smooth", false, At::boolean);
    let easing = f.optional("easing", read_easing);
    if smooth && easing.is_some() {
        f.fault(
            "easing",
            "is nothing that a smooth transition has: it follows its own curve",
        );
    }
    Some(GlideRequest {
        course: if smooth {
            Course::Smooth
        } else {
            Course::Tween
        },
        duration_ms,
        delay_ms,
        easing: easing.unwrap_or_else(|| "ease-in-out".parse().unwrap_or_default()),
    })
}

/// `{"duration_ms", "bounce"}` or `{"mass", "stiffness", "damping"}`
fn read_spring(at: &At<'_>) -> Option<Spring> {
    at.object(|f| {
        let looks = ["duration_ms", "bounce"].map(|name| f.optional(name, At::number));
        let physics = [
            ("mass", SPRING_MASS),
            ("stiffness", SPRING_STIFFNESS),
            ("damping", SPRING_DAMPING),
        ]
        .map(|(name, range)| f.optional(name, |at| within(at, range.min..=range.max, "")));
        let by_looks = looks.iter().any(Option::is_some);
        if by_looks && physics.iter().any(Option::is_some) {
            f.fault_of_all(
                "takes `duration_ms` and `bounce`, or `mass`, `stiffness` and `damping`",
            );
            return None;
        }
        let made = if by_looks {
            Spring::with_bounce(looks[0].unwrap_or(SWING_MS), looks[1].unwrap_or(0.0))
        } else {
            let [mass, stiffness, damping] = physics;
            Spring::new(
                mass.unwrap_or(1.0),
                stiffness.unwrap_or(100.0),
                damping.unwrap_or(10.0),
            )
        };
        match made {
            Ok(spring) => Some(spring),
            Err(Error::SpringRange {
                field,
                value,
                allowed,
            }) => {
                let value = Figure(value);
                f.fault(field, format!("is {value}; allowed is {allowed}"));
                None
            }
            Err(error) => {
                f.fault_of_all(error.to_string());
                None
            }
        }
    })?
}

fn write_spring(spring: Spring) -> Object {
    let [mass, stiffness, damping] = spring.physics();
    Object::default()
        .number("mass", mass)
        .number("stiffness", stiffness)
        .number("damping", damping)
}

/// The fields of a plan among those of an animation.
pub(crate) fn read_plan(f: &mut Fields<'_>) -> Plan {
    Plan {
        late: f.or("late", LatePolicy::default(), |at| at.word(&LATE, &[])),
        resume: f.or("resume_policy", ResumePolicy::default(), |at| {
            at.word(&RESUME, &[])
        }),
        group: f.optional("group", |at| at.object(read_group)?),
        retarget: f.optional("retarget", |at| at.object(read_retarget)?),
    }
}

pub(crate) fn write_plan(object: Object, plan: &Plan) -> Object {
    // It counts once, as verbs do: read back it is gone.
    let late = (plan.late != LatePolicy::default()).then(|| word_for(&LATE, &plan.late));
    object
        .maybe("late", late)
        .with("resume_policy", word_for(&RESUME, &plan.resume))
        .maybe("group", plan.group.as_ref().map(write_group))
        .maybe("retarget", plan.retarget.as_ref().map(write_retarget))
}

fn read_group(f: &mut Fields<'_>) -> Option<Group> {
    let size = f.optional("size", |at| at.whole(GROUP_SIZE));
    let patience = read_patience(f);
    let id = f.required("id", At::id)?;
    Some(Group { id, size, patience })
}

fn write_group(group: &Group) -> Object {
    let object = Object::default()
        .with("id", group.id.as_str())
        .maybe("size", group.size);
    write_patience(object, group.patience)
}

/// `timeout_ms`, or `until_ms` where it was fixed already, and `on_timeout`.
pub(crate) fn read_patience(f: &mut Fields<'_>) -> Option<Patience> {
    let is_given = ["timeout_ms", "until_ms"]
        .iter()
        .any(|name| f.get(name).is_some());
    let after = f.optional("timeout_ms", At::number).map(Until::After);
    let at = f.optional("until_ms", read_show_time).map(Until::At);
    let then = f.optional("on_timeout", |at| at.word(&ON_TIMEOUT, &[]));
    if after.is_some() && at.is_some() {
        f.fault("until_ms", "stands beside timeout_ms; takes one of them");
    }
    let until = at.or(after);
    if !is_given && then.is_some() {
        f.fault(
            "on_timeout",
            "says what is done after `timeout_ms`, which is missing",
        );
    }
    let then = then.unwrap_or_default();
    until.map(|until| Patience { until, then })
}

pub(crate) fn write_patience(object: Object, patience: Option<Patience>) -> Object {
    let Some(Patience { until, then }) = patience else {
        return object;
    };
    match until {
        Until::After(ms) => object.number("timeout_ms", ms),
        Until::At(at) => object.number("until_ms", at.as_ms()),
    }
    .with("on_timeout", word_for(&ON_TIMEOUT, &then))
}

fn read_retarget(f: &mut Fields<'_>) -> Option<Retarget> {
    let spring = f.optional("spring", read_spring);
    let course = f.optional("course", |at| at.word(&COURSES, &["spring"]));
    if spring.is_some() && course.is_some() {
        f.fault("course", "stands beside `spring`, which is one");
    }
    Some(Retarget {
        course: spring.map_or(course.unwrap_or_default(), Course::Spring),
        velocities: f.optional("velocities", |at| {
            at.object(|f| {
                let read = |(path, at): (&str, At<'_>)| match read_property(path, &at, None)? {
                    (property, Value::Number(v)) => Some((property, [v, 0.0])),
                    (property, Value::Vec2(v)) => Some((property, v)),
                    _ => at.takes("a number or a pair of numbers"),
                };
                f.rest().into_iter().filter_map(read).collect()
            })
        }),
    })
}

fn write_retarget(retarget: &Retarget) -> Object {
    let object = match retarget.course {
        Course::Spring(spring) => Object::default().with("spring", write_spring(spring)),
        course => Object::default().with("course", word_for(&COURSES, &course)),
    };
    let write = |object: Object, (property, [x, y]): &(Property, [f64; 2])| {
        let value = if property.is_pair() {
            Json::from(vec![number(*x), number(*y)])
        } else {
            number(*x)
        };
        object.with(&property.to_string(), value)
    };
    let velocities = retarget.velocities.as_deref();
    object.maybe(
        "velocities",
        velocities.map(|all| all.iter().fold(Object::default(), write)),
    )
}

/// A marker that somebody sets.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkerRequest {
    /// Its name.
    pub name: Arc<str>,
    /// Its show time; the frame that shows it where there is none.
    pub at: Option<ShowTime>,
}

/// Reads `{"name", "at_ms"?}`; `now` is the newest show time.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_marker(body: &Json, now: ShowTime) -> Result<MarkerRequest, ReadError> {
    read_object(body, |f| {
        let near = |at: &At<'_>| within(at, around(now), " ms, a year to either side of now");
        let at = f.optional("at_ms", near).map(ShowTime::from_ms);
        let name = f.required("name", |at| {
            let name = at.text()?;
            if scene::names_a_marker(name) {
                Some(Arc::from(name))
            } else {
                at.fault("is no name of a marker: 1 to 64 letters, digits, `_`, `.`, `:` and `-`")
            }
        })?;
        Some(MarkerRequest { name, at })
    })
}
