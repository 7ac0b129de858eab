//! How things come and go.

use crate::animations::read_easing;
use crate::color::write_color;
use crate::paint::read_color;
use crate::read::{At, Fields, word_for};
use crate::report::ReadError;
use crate::requests::{read_object, within};
use crate::wipes::{CLOCK_ANGLE_DEG, SOFTNESS};
use crate::write::Object;
use animation::Easing;
use animation::transition::Heading;
use media::Color;
use scene::ranges::{ANGLE, CENTER, UNIT};
use scene::{Range, Transition, TransitionKind, WipeForm};
use serde_json::Value;

/// The types of a transition, in the order of the schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Cut,
    Fade,
    FadeThrough,
    Slide,
    Push,
    Scale,
    Zoom,
    Wipe,
    Iris,
    ClockWipe,
    LumaWipe,
    BlurFade,
    Flip,
    Stinger,
    Morph,
}

pub(crate) const TYPES: [(&str, Type); 15] = [
    ("cut", Type::Cut),
    ("fade", Type::Fade),
    ("fade_through", Type::FadeThrough),
    ("slide", Type::Slide),
    ("push", Type::Push),
    ("scale", Type::Scale),
    ("zoom", Type::Zoom),
    ("wipe", Type::Wipe),
    ("iris", Type::Iris),
    ("clock_wipe", Type::ClockWipe),
    ("luma_wipe", Type::LumaWipe),
    ("blur_fade", Type::BlurFade),
    ("flip", Type::Flip),
    ("stinger", Type::Stinger),
    ("morph", Type::Morph),
];

pub(crate) const DIRECTIONS: [(&str, Heading); 4] = [
    ("left", Heading::Left),
    ("right", Heading::Right),
    ("up", Heading::Up),
    ("down", Heading::Down),
];

/// About which axis something turns.
pub(crate) const AXES: [(&str, bool); 2] = [("vertical", true), ("horizontal", false)];

/// How long a stinger takes that says nothing, ms.
pub(crate) const STINGER_MS: f64 = 1500.0;
pub(crate) const SCALE_FROM: f64 = 0.8;
pub(crate) const ZOOM_SCALE: f64 = 2.0;
pub(crate) const BLUR_SIGMA_PX: f64 = 24.0;
pub(crate) const EASING: &str = "ease-in-out";

fn ranged(at: &At<'_>, range: Range, unit: &str) -> Option<f64> {
    within(at, range.min..=range.max, unit)
}

fn center(f: &mut Fields<'_>) -> [f64; 2] {
    let x = f.or("x", 0.5, |at| ranged(at, CENTER, ""));
    let y = f.or("y", 0.5, |at| ranged(at, CENTER, ""));
    [x, y]
}

pub(crate) fn read_transition(at: &At<'_>) -> Option<Transition> {
    at.object(|f| {
        let kind = f.required("type", |at| at.word(&TYPES, &[]));
        let Some(kind) = kind else {
            f.leave_open();
            return None;
        };
        let default_ms = if kind == Type::Stinger {
            STINGER_MS
        } else {
            Transition::DEFAULT_MS
        };
        let duration_ms = f.or("duration_ms", default_ms, |at| {
            ranged(at, Transition::DURATION_MS, " ms")
        });
        let default: Easing = EASING.parse().unwrap_or_default();
        let easing = f.or("easing", default, read_easing);
        let kind = read_kind(f, kind, duration_ms)?;
        Some(Transition {
            kind,
            duration_ms,
            easing,
        })
    })?
}

fn read_kind(f: &mut Fields<'_>, kind: Type, duration_ms: f64) -> Option<TransitionKind> {
    let heading =
        |f: &mut Fields<'_>| f.or("direction", Heading::Left, |at| at.word(&DIRECTIONS, &[]));
    Some(match kind {
        Type::Cut => TransitionKind::Cut,
        Type::Fade => TransitionKind::Fade,
        Type::FadeThrough => TransitionKind::FadeThrough {
            color: f.or("color", Color::BLACK, read_color),
        },
        Type::Slide => TransitionKind::Slide {
            heading: heading(f),
        },
        Type::Push => TransitionKind::Push {
            heading: heading(f),
        },
        Type::Scale => TransitionKind::Scale {
            from: f.or("from", SCALE_FROM, |at| ranged(at, Transition::FROM, "")),
        },
        Type::Zoom => TransitionKind::Zoom {
            scale: f.or("scale", ZOOM_SCALE, |at| ranged(at, Transition::ZOOM, "")),
        },
        Type::Wipe => {
            let angle_deg = f.or("angle_deg", 0.0, |at| ranged(at, ANGLE, ""));
            wiped(f, WipeForm::Linear { angle_deg })
        }
        Type::Iris => {
            let form = WipeForm::Iris { center: center(f) };
            wiped(f, form)
        }
        Type::ClockWipe => {
            let center = center(f);
            let angle_deg = f.or("angle_deg", CLOCK_ANGLE_DEG, |at| ranged(at, ANGLE, ""));
            wiped(f, WipeForm::Clock { center, angle_deg })
        }
        Type::LumaWipe => {
            let asset = f.required("asset", At::name)?.into();
            wiped(f, WipeForm::Luma { asset })
        }
        Type::BlurFade => TransitionKind::BlurFade {
            sigma_px: f.or("sigma_px", BLUR_SIGMA_PX, |at| {
                ranged(at, Transition::SIGMA_PX, " px")
            }),
        },
        Type::Flip => TransitionKind::Flip {
            vertical: f.or("axis", true, |at| at.word(&AXES, &[])),
        },
        Type::Stinger => TransitionKind::Stinger {
            asset: f.required("asset", At::name)?.into(),
            cut_ms: f.optional("cut_ms", |at| within(at, 0.0..=duration_ms, " ms")),
            matte: f.optional("matte", At::name).map(Into::into),
        },
        Type::Morph => TransitionKind::Morph,
    })
}

fn wiped(f: &mut Fields<'_>, form: WipeForm) -> TransitionKind {
    TransitionKind::Wipe {
        form,
        softness: f.or("softness", SOFTNESS, |at| ranged(at, UNIT, "")),
        invert: f.or("invert", false, At::boolean),
    }
}

/// A transition as a document: complete, defaults written.
pub(crate) fn write_transition(transition: &Transition) -> Object {
    let typed = |one: Type| {
        Object::default()
            .with("type", word_for(&TYPES, &one))
            .number("duration_ms", transition.duration_ms)
            .with("easing", transition.easing.to_string())
    };
    let placed = |object: Object, [x, y]: [f64; 2]| object.number("x", x).number("y", y);
    let headed = |one: Type, heading| typed(one).with("direction", word_for(&DIRECTIONS, heading));
    match &transition.kind {
        TransitionKind::Cut => typed(Type::Cut),
        TransitionKind::Fade => typed(Type::Fade),
        TransitionKind::FadeThrough { color } => {
            typed(Type::FadeThrough).with("color", write_color(*color))
        }
        TransitionKind::Slide { heading } => headed(Type::Slide, heading),
        TransitionKind::Push { heading } => headed(Type::Push, heading),
        TransitionKind::Scale { from } => typed(Type::Scale).number("from", *from),
        TransitionKind::Zoom { scale } => typed(Type::Zoom).number("scale", *scale),
        TransitionKind::Wipe {
            form,
            softness,
            invert,
        } => {
            let own = match form {
                WipeForm::Linear { angle_deg } => typed(Type::Wipe).number("angle_deg", *angle_deg),
                WipeForm::Iris { center } => placed(typed(Type::Iris), *center),
                WipeForm::Clock { center, angle_deg } => {
                    placed(typed(Type::ClockWipe), *center).number("angle_deg", *angle_deg)
                }
                WipeForm::Luma { asset } => typed(Type::LumaWipe).with("asset", &**asset),
            };
            own.number("softness", *softness).with("invert", *invert)
        }
        TransitionKind::BlurFade { sigma_px } => {
            typed(Type::BlurFade).number("sigma_px", *sigma_px)
        }
        TransitionKind::Flip { vertical } => {
            typed(Type::Flip).with("axis", word_for(&AXES, vertical))
        }
        TransitionKind::Stinger {
            asset,
            cut_ms,
            matte,
        } => typed(Type::Stinger)
            .with("asset", &**asset)
            .maybe("cut_ms", cut_ms.map(crate::write::number))
            .maybe("matte", matte.as_deref()),
        TransitionKind::Morph => typed(Type::Morph),
    }
}

/// Reads `{"transition"?}`: a cut where none is named.
///
/// # Errors
/// [`ReadError::Invalid`].
pub fn read_transition_request(body: &Value) -> Result<Transition, ReadError> {
    read_object(body, |f| {
        Some(f.or("transition", Transition::default(), read_transition))
    })
}

/// Takes `transition` out of a body that has it beside other things, and reads it; `None` where it is not there.
///
/// # Errors
/// [`ReadError::Invalid`], with pointers into the body.
pub fn take_transition(body: &mut Value) -> Result<Option<Transition>, ReadError> {
    let Some(own) = body
        .as_object_mut()
        .and_then(|fields| fields.shift_remove("transition"))
    else {
        return Ok(None);
    };
    let mut alone = serde_json::Map::new();
    alone.insert("transition".to_owned(), own);
    read_transition_request(&Value::Object(alone)).map(Some)
}
