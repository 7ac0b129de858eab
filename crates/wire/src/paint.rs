//! Colours, gradients and corner radii in the document.

use crate::color::{COLOR_RULE, parse_color, write_color};
use crate::read::{At, Fields, Words, excerpt, word_for};
use crate::write::{Object, number};
use media::Color;
use scene::Worded;
use scene::{Gradient, GradientForm, Paint, Spread};
use serde_json::Value;

/// What a gradient is read to before its fields are.
#[derive(Clone, Copy)]
pub(crate) enum GradientType {
    Linear,
    Radial,
    Conic,
}

pub(crate) const GRADIENTS: [(&str, GradientType); 3] = [
    ("linear", GradientType::Linear),
    ("radial", GradientType::Radial),
    ("conic", GradientType::Conic),
];
pub(crate) const SPREADS: &Words<Spread> = <Spread>::WORDS;

/// The middle of the box.
pub(crate) const MIDDLE: [f64; 2] = [0.5, 0.5];

pub(crate) fn read_color(at: &At<'_>) -> Option<Color> {
    let Some(text) = at.value.as_str() else {
        return at.takes(COLOR_RULE);
    };
    parse_color(text).or_else(|| at.fault(format!("`{}` is not {COLOR_RULE}", excerpt(text))))
}

/// A colour where there is text, else a gradient.
pub(crate) fn read_paint(at: &At<'_>) -> Option<Paint> {
    match at.value {
        Value::String(_) => read_color(at).map(Paint::Color),
        Value::Object(_) => read_gradient(at).map(Paint::Gradient),
        _ => at.takes("a colour or a gradient"),
    }
}

/// `{"type": "linear", "angle_deg": 0, "stops": [[0, "#000"], [1, "#fff"]]}`
pub(crate) fn read_gradient(at: &At<'_>) -> Option<Gradient> {
    at.object(|f| {
        let form = match f.required("type", |at| at.word(&GRADIENTS, &[])) {
            Some(GradientType::Radial) => GradientForm::Radial {
                center: read_center(f),
                radius_px: f.optional("radius_px", At::number),
            },
            Some(GradientType::Conic) => GradientForm::Conic {
                center: read_center(f),
                angle_deg: read_angle(f),
            },
            Some(GradientType::Linear) => GradientForm::Linear {
                angle_deg: read_angle(f),
            },
            None => {
                f.leave_open();
                GradientForm::Linear {
                    angle_deg: read_angle(f),
                }
            }
        };
        Gradient {
            form,
            spread: f.or("spread", Spread::default(), |at| at.word(SPREADS, &[])),
            stops: read_stops(f),
        }
    })
}

fn read_angle(f: &mut Fields<'_>) -> f64 {
    f.or("angle_deg", 0.0, At::number)
}

fn read_center(f: &mut Fields<'_>) -> [f64; 2] {
    f.or("center", MIDDLE, read_pair)
}

/// `[0.5, 0.5]`
pub(crate) fn read_pair(at: &At<'_>) -> Option<[f64; 2]> {
    match at.value.as_array().map(Vec::len) {
        Some(2) => {
            let pair: Option<Vec<f64>> = at.array()?.iter().map(At::number).collect();
            pair?.try_into().ok()
        }
        _ => at.takes("[x, y]"),
    }
}

fn read_stops(f: &mut Fields<'_>) -> Vec<(f64, Color)> {
    let stops = f.required("stops", At::array).unwrap_or_default();
    let mut last = 0.0;
    let stop = |at: At<'_>| {
        // A stop at fault stands where the one before stands, so that the order of the others can still be judged.
        let Some([offset, color]) = pair(&at) else {
            return (last, Color::BLACK);
        };
        last = offset.number().unwrap_or(last);
        (last, read_color(&color).unwrap_or(Color::BLACK))
    };
    stops.into_iter().map(stop).collect()
}

fn pair<'a>(at: &At<'a>) -> Option<[At<'a>; 2]> {
    match at.value.as_array().map(Vec::len) {
        Some(2) => at.array()?.try_into().ok(),
        _ => at.takes("[offset, colour]"),
    }
}

/// One radius for all corners, or four: top left, top right, bottom right, bottom left.
pub(crate) fn read_radii(at: &At<'_>) -> Option<[f64; 4]> {
    match at.value {
        Value::Number(_) => at.number().map(|radius| [radius; 4]),
        Value::Array(radii) if radii.len() == 4 => {
            let radii = at.array()?.into_iter().map(|at| at.number().unwrap_or(0.0));
            radii.collect::<Vec<_>>().try_into().ok()
        }
        _ => at.takes("a number, or four from the top left clockwise"),
    }
}

pub(crate) fn write_paint(paint: &Paint) -> Value {
    match paint {
        Paint::Color(color) => write_color(*color).into(),
        Paint::Gradient(gradient) => write_gradient(gradient),
    }
}

pub(crate) fn write_gradient(gradient: &Gradient) -> Value {
    let stop = |(offset, color): &(f64, Color)| {
        Value::from(vec![number(*offset), write_color(*color).into()])
    };
    let object = Object::default();
    let object = match gradient.form {
        GradientForm::Linear { angle_deg } => {
            object.with("type", "linear").number("angle_deg", angle_deg)
        }
        GradientForm::Radial { center, radius_px } => object
            .with("type", "radial")
            .with("center", write_pair(center))
            .maybe("radius_px", radius_px.map(number)),
        GradientForm::Conic { center, angle_deg } => object
            .with("type", "conic")
            .with("center", write_pair(center))
            .number("angle_deg", angle_deg),
    };
    object
        .with("spread", word_for(SPREADS, &gradient.spread))
        .with("stops", gradient.stops.iter().map(stop).collect::<Vec<_>>())
        .into()
}

pub(crate) fn write_pair(pair: [f64; 2]) -> Value {
    pair.map(number).to_vec().into()
}

pub(crate) fn write_radii(radii: [f64; 4]) -> Value {
    if radii.iter().all(|r| r.to_bits() == radii[0].to_bits()) {
        number(radii[0])
    } else {
        radii.map(number).to_vec().into()
    }
}
