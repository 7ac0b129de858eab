//! Sources: what gives a layer its pixels.

use crate::color::write_color;
use crate::paint::{
    read_color, read_gradient, read_paint, read_radii, write_gradient, write_paint, write_radii,
};
use crate::read::{At, Fields, Words, word_for};
use crate::text::{
    ALIGNS, read_align, read_baseline, read_style, read_text, write_style, write_text,
};
use crate::wall_clock::{parse_rfc3339, write_rfc3339};
use crate::write::{Object, number};
use media::Color;
use scene::{
    AtEnd, Countdown, CountdownFormat, CountdownTo, Fit, Gradient, Image, Paint, Shape, ShapeForm,
    Source, Stroke, Svg, Text, Ticker,
};
use serde_json::Value;
use std::sync::Arc;

pub(crate) const FITS: [(&str, Fit); 4] = [
    ("contain", Fit::Contain),
    ("cover", Fit::Cover),
    ("fill", Fit::Fill),
    ("none", Fit::None),
];
pub(crate) const AT_ENDS: [(&str, AtEnd); 2] = [("hold", AtEnd::Hold), ("hide", AtEnd::Hide)];
pub(crate) const FORMATS: [(&str, CountdownFormat); 4] = [
    ("hh:mm:ss", CountdownFormat::HhMmSs),
    ("mm:ss", CountdownFormat::MmSs),
    ("m:ss", CountdownFormat::MSs),
    ("ss", CountdownFormat::Ss),
];

/// Speed of a ticker that names none.
pub(crate) const TICKER_SPEED_PX_S: f64 = 120.0;

/// Reads the fields of one type of source.
pub(crate) type Read = fn(&mut Fields<'_>) -> Source;

pub(crate) const TYPES: &Words<Read> = &[
    ("color", |f| {
        Source::Color(f.required("color", read_color).unwrap_or(Color::BLACK))
    }),
    ("gradient", |f| {
        Source::Gradient(
            f.required("gradient", read_gradient)
                .unwrap_or_else(no_gradient),
        )
    }),
    ("shape", |f| Source::Shape(read_shape(f))),
    ("image", |f| {
        let asset = read_asset(f);
        Source::Image(Image {
            asset,
            fit: read_fit(f),
            corner_radius_px: f.or("corner_radius_px", 0.0, At::number),
        })
    }),
    ("text", |f| Source::Text(read_text(f))),
    ("ticker", |f| {
        Source::Ticker(Ticker {
            text: read_words(f),
            style: read_style(f, false),
            speed_px_s: f.or("speed_px_s", TICKER_SPEED_PX_S, At::number),
            gap_px: f.or("gap_px", 0.0, At::number),
            baseline_px: f.optional("baseline_px", At::number),
        })
    }),
    ("countdown", |f| {
        Source::Countdown(Countdown {
            to: f
                .required("to", read_moment)
                .unwrap_or(CountdownTo::ShowMs(0.0)),
            format: f.or("format", CountdownFormat::MmSs, |at| at.word(&FORMATS, &[])),
            at_end: f.or("at_end", AtEnd::default(), |at| at.word(&AT_ENDS, &[])),
            style: read_style(f, false),
            align: read_align(f),
            baseline: read_baseline(f),
        })
    }),
    ("svg", |f| {
        let asset = read_asset(f);
        Source::Svg(Svg {
            asset,
            fit: read_fit(f),
        })
    }),
];

const LATER: [&str; 10] = [
    "clock",
    "chat",
    "card",
    "lottie",
    "sprite",
    "video",
    "qr",
    "drawing",
    "character",
    "shader",
];

/// `None` where the type is not known; what else stands there cannot be judged then.
pub(crate) fn read_source(at: &At<'_>) -> Option<Source> {
    at.object(|f| {
        let read = f.required("type", |at| at.word(TYPES, &LATER));
        if read.is_none() {
            f.leave_open();
        }
        read.map(|read| read(f))
    })?
}

/// A source in the place of one that could not be read: no rule of meaning objects to it.
pub(crate) fn stand_in() -> Source {
    Source::Text(Text::default())
}

fn no_gradient() -> Gradient {
    Gradient {
        angle_deg: 0.0,
        stops: vec![(0.0, Color::BLACK), (1.0, Color::BLACK)],
    }
}

fn read_asset(f: &mut Fields<'_>) -> Arc<str> {
    f.required("asset", At::text).unwrap_or_default().into()
}

fn read_words(f: &mut Fields<'_>) -> Arc<str> {
    f.required("text", At::text).unwrap_or_default().into()
}

fn read_fit(f: &mut Fields<'_>) -> Fit {
    f.or("fit", Fit::default(), |at| at.word(&FITS, &[]))
}

fn read_shape(f: &mut Fields<'_>) -> Shape {
    Shape {
        form: f.required("shape", read_form).unwrap_or(ShapeForm::Ellipse),
        // A colour, so that an animation of `source.fill` still finds one.
        fill: f
            .get("fill")
            .map(|at| read_paint(&at).unwrap_or(Paint::Color(Color::BLACK))),
        stroke: f.optional("stroke", read_stroke),
    }
}

pub(crate) fn read_stroke(at: &At<'_>) -> Option<Stroke> {
    at.object(|f| Stroke {
        paint: f
            .required("paint", read_paint)
            .unwrap_or(Paint::Color(Color::BLACK)),
        width_px: f.required("width_px", At::number).unwrap_or(1.0),
    })
}

/// `{"rect": {"radius_px": 20}}` or `{"ellipse": {}}`
fn read_form(at: &At<'_>) -> Option<ShapeForm> {
    at.object(|f| {
        f.later(&["path"]);
        match f.one_of(&["rect", "ellipse"])? {
            ("rect", at) => at.object(|f| ShapeForm::Rect {
                radii_px: f.or("radius_px", [0.0; 4], read_radii),
            }),
            (_, at) => at.object(|_| ShapeForm::Ellipse),
        }
    })?
}

/// `{"at_ms": 600000}` or `{"at": "2026-11-22T20:00:00Z"}`
fn read_moment(at: &At<'_>) -> Option<CountdownTo> {
    at.object(|f| match f.one_of(&["at_ms", "at"])? {
        ("at_ms", at) => at.number().map(CountdownTo::ShowMs),
        (_, at) => read_wall_clock(&at).map(CountdownTo::WallNanos),
    })?
}

/// An RFC 3339 time as nanoseconds since 1970 UTC.
pub(crate) fn read_wall_clock(at: &At<'_>) -> Option<i64> {
    const RULE: &str = "an RFC 3339 time such as 2030-01-31T20:00:00Z";
    let Some(text) = at.value.as_str() else {
        return at.takes(RULE);
    };
    parse_rfc3339(text).or_else(|| at.takes(RULE))
}

pub(crate) fn write_source(source: &Source) -> Value {
    let object = Object::default().with("type", source.type_name());
    match source {
        Source::Color(color) => object.with("color", write_color(*color)),
        Source::Gradient(gradient) => object.with("gradient", write_gradient(gradient)),
        Source::Shape(shape) => object
            .with("shape", write_form(shape.form))
            .maybe("fill", shape.fill.as_ref().map(write_paint))
            .maybe("stroke", shape.stroke.as_ref().map(write_stroke)),
        Source::Image(image) => object
            .with("asset", &*image.asset)
            .with("fit", word_for(&FITS, &image.fit))
            .number("corner_radius_px", image.corner_radius_px),
        Source::Text(s) => write_text(object, s),
        Source::Ticker(s) => write_style(object.with("text", &*s.text), &s.style)
            .number("speed_px_s", s.speed_px_s)
            .number("gap_px", s.gap_px)
            .maybe("baseline_px", s.baseline_px.map(number)),
        Source::Countdown(s) => {
            let object = object
                .with("to", write_moment(s.to))
                .with("format", word_for(&FORMATS, &s.format))
                .with("at_end", word_for(&AT_ENDS, &s.at_end));
            write_style(object, &s.style)
                .with("align", word_for(&ALIGNS, &s.align))
                .with("baseline", s.baseline)
        }
        Source::Svg(svg) => object
            .with("asset", &*svg.asset)
            .with("fit", word_for(&FITS, &svg.fit)),
    }
    .into()
}

fn write_form(form: ShapeForm) -> Object {
    match form {
        ShapeForm::Rect { radii_px } => Object::default().with(
            "rect",
            Object::default().with("radius_px", write_radii(radii_px)),
        ),
        ShapeForm::Ellipse => Object::default().with("ellipse", Object::default()),
    }
}

pub(crate) fn write_stroke(stroke: &Stroke) -> Object {
    Object::default()
        .with("paint", write_paint(&stroke.paint))
        .number("width_px", stroke.width_px)
}

fn write_moment(to: CountdownTo) -> Object {
    match to {
        CountdownTo::ShowMs(ms) => Object::default().number("at_ms", ms),
        CountdownTo::WallNanos(ns) => Object::default().with("at", write_rfc3339(ns)),
    }
}
