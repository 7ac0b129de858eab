//! Wipes of layers.

use crate::read::{At, word_for};
use crate::write::Object;
use scene::{Wipe, WipeForm};

/// The forms of a wipe, in the order of the schema.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Linear,
    Iris,
    Clock,
    Luma,
}

pub(crate) const FORMS: [(&str, Form); 4] = [
    ("linear", Form::Linear),
    ("iris", Form::Iris),
    ("clock", Form::Clock),
    ("luma", Form::Luma),
];

/// Where a turn begins that names no place: at the top.
pub(crate) const CLOCK_ANGLE_DEG: f64 = WipeForm::CLOCK_ANGLE_DEG;
/// The width of an edge that is not named, as a share of the way.
pub(crate) const SOFTNESS: f64 = 0.1;

/// `{"form"?, "angle_deg"?, "x"?, "y"?, "asset"?, "softness"?, "progress"?, "invert"?}`: of each form those that it has.
pub(crate) fn read_wipe(at: &At<'_>) -> Option<Wipe> {
    at.object(|f| {
        let form = f.get("form").map(|at| at.word(&FORMS, &[]));
        if form == Some(None) {
            // Which fields there are depends on it.
            f.leave_open();
        }
        let form = match form.flatten().unwrap_or(Form::Linear) {
            Form::Linear => WipeForm::Linear {
                angle_deg: f.or("angle_deg", 0.0, At::number),
            },
            Form::Iris => WipeForm::Iris {
                center: [f.or("x", 0.5, At::number), f.or("y", 0.5, At::number)],
            },
            Form::Clock => WipeForm::Clock {
                center: [f.or("x", 0.5, At::number), f.or("y", 0.5, At::number)],
                angle_deg: f.or("angle_deg", CLOCK_ANGLE_DEG, At::number),
            },
            Form::Luma => WipeForm::Luma {
                asset: f.required("asset", At::name).unwrap_or_default().into(),
            },
        };
        Wipe {
            form,
            softness: f.or("softness", SOFTNESS, At::number),
            progress: f.or("progress", 1.0, At::number),
            invert: f.or("invert", false, At::boolean),
        }
    })
}

pub(crate) fn write_wipe(wipe: &Wipe) -> Object {
    let named = |form: Form| Object::default().with("form", word_for(&FORMS, &form));
    let own = match &wipe.form {
        WipeForm::Linear { angle_deg } => named(Form::Linear).number("angle_deg", *angle_deg),
        WipeForm::Iris { center: [x, y] } => named(Form::Iris).number("x", *x).number("y", *y),
        WipeForm::Clock {
            center: [x, y],
            angle_deg,
        } => named(Form::Clock)
            .number("angle_deg", *angle_deg)
            .number("x", *x)
            .number("y", *y),
        WipeForm::Luma { asset } => named(Form::Luma).with("asset", &**asset),
    };
    own.number("softness", wipe.softness)
        .number("progress", wipe.progress)
        .with("invert", wipe.invert)
}
