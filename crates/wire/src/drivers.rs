//! Ways and formulas: what moves a layer instead of keyframes.

use crate::moves::read_property_name;
use crate::paint::{read_pair, write_pair};
use crate::read::{At, Fields, Words};
use crate::write::{Object, number};
use animation::{ColorSpace, Composite, Hue};
use scene::ranges::OCTAVES;
use scene::{Driver, Expression, Formula, Id, LookAt, PathDriver, Property, Rotate};
use serde_json::Value as Json;

pub(crate) const SPACES: [(&str, ColorSpace); 4] = [
    ("oklab", ColorSpace::Oklab),
    ("oklch", ColorSpace::Oklch(Hue::Shorter)),
    ("srgb", ColorSpace::Srgb),
    ("srgb-linear", ColorSpace::SrgbLinear),
];
pub(crate) const HUES: [(&str, Hue); 4] = [
    ("shorter", Hue::Shorter),
    ("longer", Hue::Longer),
    ("increasing", Hue::Increasing),
    ("decreasing", Hue::Decreasing),
];
pub(crate) const ROTATES: [(&str, Rotate); 2] = [
    ("auto", Rotate::Auto),
    ("auto-reverse", Rotate::AutoReverse),
];

/// What is read of each type of formula.
type Read = fn(&mut Fields<'_>) -> Option<Expression>;

pub(crate) const FORMULAS: &Words<Read> = &[
    ("noise", |f| {
        read_chance(f, |amplitude, frequency_hz, seed, octaves| Formula::Noise {
            amplitude,
            frequency_hz,
            seed,
            octaves,
        })
    }),
    ("wiggle", |f| {
        read_chance(f, |amplitude, frequency_hz, seed, octaves| {
            Formula::Wiggle {
                amplitude,
                frequency_hz,
                seed,
                octaves,
            }
        })
    }),
    ("sine", |f| {
        let (property, amplitude, frequency_hz) = read_swing(f);
        let phase_deg = f.or("phase_deg", 0.0, At::number);
        let formula = Formula::Sine {
            amplitude: amplitude?,
            frequency_hz,
            phase_deg,
        };
        Some(Expression {
            property: property?,
            formula,
        })
    }),
    ("follow", |f| {
        let property = f.required("property", read_property_name);
        let layer = f.required("layer", At::id);
        let of = f.optional("of", read_property_name);
        let lag_ms = f.or("lag_ms", 0.0, At::number);
        let scale = f.or("scale", 1.0, At::number);
        let offset = f.or("offset", 0.0, At::number);
        let property = property?;
        let formula = Formula::Follow {
            layer: layer?,
            of: of.unwrap_or_else(|| property.clone()),
            lag_ms,
            scale,
            offset,
        };
        Some(Expression { property, formula })
    }),
    ("look_at", |f| {
        let layer = f.optional("layer", At::id);
        let [x, y] = ["x_px", "y_px"].map(|name| f.optional(name, At::number));
        let offset_deg = f.or("offset_deg", 0.0, At::number);
        let at = match (layer, x, y) {
            (Some(layer), None, None) => LookAt::Layer(layer),
            (None, Some(x), Some(y)) => LookAt::Point([x, y]),
            _ => {
                f.fault_of_all("takes a layer, or both x_px and y_px");
                return None;
            }
        };
        Some(Expression {
            property: Property::Rotation,
            formula: Formula::LookAt { at, offset_deg },
        })
    }),
];

/// Swings in a second where nothing is said.
pub(crate) const FREQUENCY_HZ: f64 = 1.0;

/// What everything that swings has.
fn read_swing(f: &mut Fields<'_>) -> (Option<Property>, Option<f64>, f64) {
    let property = f.required("property", read_property_name);
    let amplitude = f.required("amplitude", At::number);
    (
        property,
        amplitude,
        f.or("frequency_hz", FREQUENCY_HZ, At::number),
    )
}

/// A formula of amplitude, frequency in Hz, seed and octaves.
fn read_chance(
    f: &mut Fields<'_>,
    formula: fn(f64, f64, u32, u32) -> Formula,
) -> Option<Expression> {
    let (property, amplitude, frequency_hz) = read_swing(f);
    let seed = f.or("seed", 0, At::integer);
    let octaves = f.or("octaves", 1, |at| at.whole(OCTAVES));
    Some(Expression {
        formula: formula(amplitude?, frequency_hz, seed, octaves),
        property: property?,
    })
}

/// What values come from; the keyframes are read elsewhere, and asked for only where it is they.
pub(crate) fn read_driver(f: &mut Fields<'_>) -> Driver {
    let [path, expression] = ["path", "expression"].map(|name| f.get(name));
    match (path, expression) {
        (Some(_), Some(at)) => {
            at.fault::<()>("stands beside `path`; an animation takes one of the two");
            Driver::Expression(Box::new(stand_in()))
        }
        (Some(at), None) => {
            let read = at.object(read_path).flatten().or_else(stand_in_path);
            read.map_or(Driver::Keyframes, |path| Driver::Path(Box::new(path)))
        }
        (None, Some(at)) => {
            let read = at.object(|f| {
                let read = f.required("type", |at| at.word(FORMULAS, &[]));
                if read.is_none() {
                    f.leave_open();
                }
                read.and_then(|read| read(f))
            });
            Driver::Expression(Box::new(read.flatten().unwrap_or_else(stand_in)))
        }
        (None, None) => Driver::Keyframes,
    }
}

/// A way in the place of one that could not be read: no rule objects to it.
fn stand_in_path() -> Option<PathDriver> {
    PathDriver::new("M0 0 H1").ok()
}

/// A formula in the place of one that could not be read: every layer has what it moves.
const fn stand_in() -> Expression {
    Expression {
        property: Property::Opacity,
        formula: Formula::Sine {
            amplitude: 0.0,
            frequency_hz: 0.0,
            phase_deg: 0.0,
        },
    }
}

/// How it combines with what is below where nothing is said: what swings swings about it, all else takes its place.
pub(crate) fn default_composite(driver: &Driver) -> Composite {
    match driver.expression().map(|expression| &expression.formula) {
        Some(Formula::Noise { .. } | Formula::Wiggle { .. } | Formula::Sine { .. }) => {
            Composite::Add
        }
        Some(Formula::Follow { .. } | Formula::LookAt { .. }) | None => Composite::Replace,
    }
}

fn read_path(f: &mut Fields<'_>) -> Option<PathDriver> {
    let path = f.required("d", |at| {
        PathDriver::new(at.text()?).map_or_else(|fault| at.fault(fault), Some)
    });
    let rotate = f.optional("rotate", |at| match at.value {
        Json::Number(_) => at.number().map(Rotate::Fixed),
        Json::String(_) => at.word(&ROTATES, &[]),
        _ => at.takes("auto, auto-reverse or degrees"),
    });
    let rotate_offset_deg = f.or("rotate_offset_deg", 0.0, At::number);
    let offset_px = f.or("offset_px", [0.0; 2], read_pair);
    let (start, end) = (f.or("start", 0.0, At::number), f.or("end", 1.0, At::number));
    let mut path = path?;
    (path.rotate, path.rotate_offset_deg, path.offset_px) = (rotate, rotate_offset_deg, offset_px);
    (path.start, path.end) = (start, end);
    Some(path)
}

pub(crate) fn write_path(path: &PathDriver) -> Object {
    let rotate = path.rotate.map(|rotate| match rotate {
        Rotate::Fixed(deg) => number(deg),
        word => crate::read::word_for(&ROTATES, &word).into(),
    });
    Object::default()
        .with("d", path.as_str())
        .maybe("rotate", rotate)
        .number("rotate_offset_deg", path.rotate_offset_deg)
        .with("offset_px", write_pair(path.offset_px))
        .number("start", path.start)
        .number("end", path.end)
}

pub(crate) fn write_expression(expression: &Expression) -> Object {
    let property = expression.property.to_string();
    let typed = |word: &str| Object::default().with("type", word);
    let swing = |word: &str, amplitude: f64, frequency_hz: f64| {
        typed(word)
            .with("property", property.as_str())
            .number("amplitude", amplitude)
            .number("frequency_hz", frequency_hz)
    };
    match &expression.formula {
        Formula::Noise {
            amplitude,
            frequency_hz,
            seed,
            octaves,
        } => swing("noise", *amplitude, *frequency_hz)
            .with("seed", *seed)
            .with("octaves", *octaves),
        Formula::Wiggle {
            amplitude,
            frequency_hz,
            seed,
            octaves,
        } => swing("wiggle", *amplitude, *frequency_hz)
            .with("seed", *seed)
            .with("octaves", *octaves),
        Formula::Sine {
            amplitude,
            frequency_hz,
            phase_deg,
        } => swing("sine", *amplitude, *frequency_hz).number("phase_deg", *phase_deg),
        Formula::Follow {
            layer,
            of,
            lag_ms,
            scale,
            offset,
        } => typed("follow")
            .with("property", property.as_str())
            .with("layer", layer.as_str())
            .with("of", of.to_string())
            .number("lag_ms", *lag_ms)
            .number("scale", *scale)
            .number("offset", *offset),
        Formula::LookAt { at, offset_deg } => {
            let object = typed("look_at");
            match at {
                LookAt::Layer(layer) => object.with("layer", Id::as_str(layer)),
                LookAt::Point([x, y]) => object.number("x_px", *x).number("y_px", *y),
            }
            .number("offset_deg", *offset_deg)
        }
    }
}

/// `"color_space": "oklch", "hue": "longer"`
pub(crate) fn read_color_space(f: &mut Fields<'_>) -> ColorSpace {
    let at = f.get("color_space");
    let is_given = at.is_some();
    let named = at.and_then(|at| at.word(&SPACES, &[]));
    let space = named.unwrap_or_default();
    let hue = f.get("hue");
    match (space, hue) {
        (ColorSpace::Oklch(shorter), Some(at)) => {
            ColorSpace::Oklch(at.word(&HUES, &[]).unwrap_or(shorter))
        }
        (space, Some(at)) => {
            let is_known = named.is_some() || !is_given;
            if at.word(&HUES, &[]).is_some() && is_known {
                at.fault::<()>("goes with the color_space oklch, which has hues");
            }
            space
        }
        (space, None) => space,
    }
}

pub(crate) fn write_color_space(object: Object, space: ColorSpace) -> Object {
    match space {
        ColorSpace::Oklch(hue) => object
            .with("color_space", "oklch")
            .with("hue", crate::read::word_for(&HUES, &hue)),
        space => object.with("color_space", crate::read::word_for(&SPACES, &space)),
    }
}
