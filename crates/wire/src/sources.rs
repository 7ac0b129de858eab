//! Sources: what gives a layer its pixels.

use crate::color::write_color;
use crate::drawing::{read_operations, write_operations};
use crate::paint::{read_color, read_gradient, write_gradient};
use crate::pictures;
use crate::read::{At, Fields, Words, excerpt, word_for};
use crate::requests::within;
use crate::shapes::{read_shape, write_shape};
use crate::text::{
    ALIGNS, read_align, read_baseline, read_style, read_text, write_style, write_text,
};
use crate::wall_clock::{parse_rfc3339, write_rfc3339};
use crate::write::{Object, number};
use media::Color;
use scene::Worded;
use scene::ranges::{QUIET_ZONE, SHOW_MS};
use scene::{
    AtEnd, Clock, ClockFormat, Countdown, CountdownFormat, CountdownTo, Counts, Drawing,
    ErrorCorrection, Fit, Gradient, Qr, Source, Text, Ticker, Zone,
};
use serde_json::Value;
use std::sync::Arc;

pub(crate) const FITS: &Words<Fit> = <Fit>::WORDS;
pub(crate) const AT_ENDS: &Words<AtEnd> = <AtEnd>::WORDS;
pub(crate) const FORMATS: &Words<CountdownFormat> = <CountdownFormat>::WORDS;

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
    ("image", |f| Source::Image(pictures::read_image(f))),
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
        let (counts, moment) = read_span(f);
        let at_end = f.or("at_end", AtEnd::default(), |at| {
            if counts == Counts::Up {
                return at.fault("what counts up has no end");
            }
            at.word(AT_ENDS, &[])
        });
        Source::Countdown(Countdown {
            counts,
            moment,
            format: f.or("format", CountdownFormat::MmSs, |at| at.word(FORMATS, &[])),
            at_end,
            style: read_style(f, false),
            align: read_align(f),
            baseline: read_baseline(f),
        })
    }),
    ("clock", |f| {
        Source::Clock(Clock {
            format: f.or("format", default_clock(), |at| {
                ClockFormat::new(at.text()?).map_or_else(|fault| at.fault(fault), Some)
            }),
            time_zone: f.or("time_zone", Zone::utc(), read_zone),
            style: read_style(f, false),
            align: read_align(f),
            baseline: read_baseline(f),
        })
    }),
    ("qr", |f| {
        Source::Qr(Qr {
            text: read_words(f),
            error_correction: f.or("error_correction", ErrorCorrection::default(), |at| {
                at.word(&CORRECTIONS, &[])
            }),
            color: f.or("color", Color::BLACK, read_color),
            background: f.or("background", Color::WHITE, read_color),
            quiet_zone_modules: f.or("quiet_zone_modules", QUIET_ZONE_MODULES, |at| {
                at.whole(QUIET_ZONE)
            }),
        })
    }),
    ("drawing", |f| {
        let operations = f.required("operations", read_operations);
        Source::Drawing(Drawing::new(operations.unwrap_or_default()))
    }),
    ("svg", |f| Source::Svg(pictures::read_svg(f))),
    ("sprite", |f| Source::Sprite(pictures::read_sprite(f))),
];

const LATER: [&str; 6] = ["chat", "card", "lottie", "video", "character", "shader"];

/// How a clock is written that does not say it.
pub(crate) const CLOCK_FORMAT: &str = "%H:%M:%S";
/// What readers of QR codes want.
pub(crate) const QUIET_ZONE_MODULES: u32 = 4;
pub(crate) const CORRECTIONS: [(&str, ErrorCorrection); 4] = [
    ("low", ErrorCorrection::Low),
    ("medium", ErrorCorrection::Medium),
    ("quartile", ErrorCorrection::Quartile),
    ("high", ErrorCorrection::High),
];

fn default_clock() -> ClockFormat {
    ClockFormat::new(CLOCK_FORMAT).expect("a format of ours has known directives")
}

/// The IANA name of a time zone.
fn read_zone(at: &At<'_>) -> Option<Zone> {
    let name = at.text()?;
    Zone::named(name).or_else(|| {
        at.fault(format!(
            "there is no time zone `{}`; takes a name of the IANA database such as Europe/Berlin",
            excerpt(name)
        ))
    })
}

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
    Gradient::linear(0.0, vec![(0.0, Color::BLACK), (1.0, Color::BLACK)])
}

pub(crate) fn read_asset(f: &mut Fields<'_>) -> Arc<str> {
    f.required("asset", At::name).unwrap_or_default().into()
}

pub(crate) fn read_words(f: &mut Fields<'_>) -> Arc<str> {
    f.required("text", At::text).unwrap_or_default().into()
}

pub(crate) fn read_fit(f: &mut Fields<'_>) -> Fit {
    f.or("fit", Fit::default(), |at| at.word(FITS, &[]))
}

/// `to`, or `from` instead.
fn read_span(f: &mut Fields<'_>) -> (Counts, CountdownTo) {
    let from = f.get("from");
    let (counts, moment) = match (f.get("to"), from) {
        (None, Some(from)) => (Counts::Up, read_moment(&from)),
        (Some(_), Some(from)) => (
            Counts::Down,
            from.fault("takes the place of `to`; one of the two is allowed"),
        ),
        (Some(to), None) => (Counts::Down, read_moment(&to)),
        (None, None) => (Counts::Down, f.required("to", read_moment)),
    };
    (counts, moment.unwrap_or(CountdownTo::ShowMs(0.0)))
}

/// `{"at_ms": 600000}` or `{"at": "2026-11-22T20:00:00Z"}`
fn read_moment(at: &At<'_>) -> Option<CountdownTo> {
    at.object(|f| match f.one_of(&["at_ms", "at"])? {
        ("at_ms", at) => within(&at, SHOW_MS.min..=SHOW_MS.max, " ms").map(CountdownTo::ShowMs),
        (_, at) => read_wall_clock(&at).map(CountdownTo::WallNanos),
    })?
}

/// An RFC 3339 time as nanoseconds since 1970 UTC.
pub(crate) fn read_wall_clock(at: &At<'_>) -> Option<i64> {
    const RULE: &str = "an RFC 3339 time such as 2030-01-31T20:00:00Z";
    let Some(text) = at.value.as_str() else {
        return at.takes(RULE);
    };
    parse_rfc3339(text).or_else(|| {
        at.takes("an RFC 3339 time of the years 1678 to 2261, such as 2030-01-31T20:00:00Z")
    })
}

pub(crate) fn write_source(source: &Source) -> Value {
    let object = Object::default().with("type", source.type_name());
    match source {
        Source::Color(color) => object.with("color", write_color(*color)),
        Source::Gradient(gradient) => object.with("gradient", write_gradient(gradient)),
        Source::Shape(shape) => write_shape(object, shape),
        Source::Image(image) => pictures::write_image(object, image),
        Source::Text(s) => write_text(object, s),
        Source::Ticker(s) => write_style(object.with("text", &*s.text), &s.style)
            .number("speed_px_s", s.speed_px_s)
            .number("gap_px", s.gap_px)
            .maybe("baseline_px", s.baseline_px.map(number)),
        Source::Countdown(s) => {
            let (name, at_end) = match s.counts {
                Counts::Down => ("to", Some(word_for(AT_ENDS, &s.at_end))),
                Counts::Up => ("from", None),
            };
            let object = object
                .with(name, write_moment(s.moment))
                .with("format", word_for(FORMATS, &s.format))
                .maybe("at_end", at_end);
            write_style(object, &s.style)
                .with("align", word_for(ALIGNS, &s.align))
                .with("baseline", s.baseline)
        }
        Source::Clock(s) => {
            let object = object
                .with("format", s.format.as_str())
                .with("time_zone", s.time_zone.name());
            write_style(object, &s.style)
                .with("align", word_for(ALIGNS, &s.align))
                .with("baseline", s.baseline)
        }
        Source::Qr(qr) => object
            .with("text", &*qr.text)
            .with(
                "error_correction",
                word_for(&CORRECTIONS, &qr.error_correction),
            )
            .with("color", write_color(qr.color))
            .with("background", write_color(qr.background))
            .with("quiet_zone_modules", qr.quiet_zone_modules),
        Source::Svg(svg) => pictures::write_svg(object, svg),
        Source::Sprite(sprite) => pictures::write_sprite(object, sprite),
        Source::Drawing(drawing) => {
            object.with("operations", write_operations(drawing.operations()))
        }
    }
    .into()
}

fn write_moment(to: CountdownTo) -> Object {
    match to {
        CountdownTo::ShowMs(ms) => Object::default().number("at_ms", ms),
        CountdownTo::WallNanos(ns) => Object::default().with("at", write_rfc3339(ns)),
    }
}
