//! The time of day.

use crate::{Align, Moment, TextStyle};
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::fmt::Write;
use std::sync::Arc;

/// The time of day somewhere, exact to the frame on which it changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// How it is written.
    pub format: ClockFormat,
    /// Where.
    pub time_zone: Zone,
    /// How it looks.
    pub style: TextStyle,
    /// How it stands in the box.
    pub align: Align,
    /// As [`Text::baseline`](crate::Text::baseline).
    pub baseline: bool,
}

/// A time zone by its IANA name, with all its past and announced changes of offset.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

/// How a time is written: text, and directives of `strftime`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockFormat {
    text: Arc<str>,
    pieces: Arc<[Piece]>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(Box<str>),
    Part(Part),
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Hour24 { padded: bool },
    Hour12 { padded: bool },
    Minute,
    Second,
    AmPm { lower: bool },
    Year,
    ShortYear,
    Month { padded: bool },
    MonthName { short: bool },
    Day { padded: bool },
    DayOfYear,
    Weekday { short: bool },
    ZoneName,
    Offset { colon: bool },
}

/// What stands behind `%`, and what it writes; the last three stand for others.
const DIRECTIVES: [(&str, Part); 25] = [
    ("H", Part::Hour24 { padded: true }),
    ("-H", Part::Hour24 { padded: false }),
    ("I", Part::Hour12 { padded: true }),
    ("-I", Part::Hour12 { padded: false }),
    ("M", Part::Minute),
    ("S", Part::Second),
    ("p", Part::AmPm { lower: false }),
    ("P", Part::AmPm { lower: true }),
    ("Y", Part::Year),
    ("y", Part::ShortYear),
    ("m", Part::Month { padded: true }),
    ("-m", Part::Month { padded: false }),
    ("B", Part::MonthName { short: false }),
    ("b", Part::MonthName { short: true }),
    ("d", Part::Day { padded: true }),
    ("-d", Part::Day { padded: false }),
    ("j", Part::DayOfYear),
    ("A", Part::Weekday { short: false }),
    ("a", Part::Weekday { short: true }),
    ("Z", Part::ZoneName),
    ("z", Part::Offset { colon: false }),
    (":z", Part::Offset { colon: true }),
    ("T", Part::Second),
    ("R", Part::Minute),
    ("F", Part::Day { padded: true }),
];

/// Directives that stand for others.
const SHORTHANDS: [(&str, &str); 3] = [("T", "%H:%M:%S"), ("R", "%H:%M"), ("F", "%Y-%m-%d")];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

impl Clock {
    /// Appends the words at `moment`.
    pub fn write_at(&self, moment: Moment, words: &mut String) {
        let unix_ns = moment.epoch_unix_ns.saturating_add(moment.show.nanos());
        self.format.write(unix_ns, &self.time_zone, words);
    }
}

impl Zone {
    /// The zone of this name, such as `Europe/Berlin` or `UTC`; upper and lower case alike.
    pub fn named(name: &str) -> Option<Self> {
        // Not `TimeZone::get`, which would look for the system's data first.
        TimeZoneDatabase::bundled().get(name).ok().map(Self)
    }

    /// Coordinated universal time.
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl ClockFormat {
    /// Most characters of a format.
    pub const MAX_CHARS: usize = 200;

    /// From directives of `strftime` and text between them.
    ///
    /// # Errors
    /// In words, where a directive is none of [`directives`](Self::directives), or it is too long.
    pub fn new(text: &str) -> Result<Self, String> {
        let chars = text.chars().count();
        if chars > Self::MAX_CHARS {
            let most = Self::MAX_CHARS;
            return Err(format!(
                "is {chars} characters long; at most {most} are allowed"
            ));
        }
        let mut pieces = Vec::new();
        Self::add(text, &mut pieces)?;
        Ok(Self {
            text: text.into(),
            pieces: pieces.into(),
        })
    }

    fn add(text: &str, pieces: &mut Vec<Piece>) -> Result<(), String> {
        let plain = |text: &str| (!text.is_empty()).then(|| Piece::Text(text.into()));
        let mut parts = text.split('%');
        pieces.extend(parts.next().and_then(plain));
        while let Some(part) = parts.next() {
            if part.is_empty()
                && let Some(after) = parts.next()
            {
                // Two signs stand for one.
                pieces.extend(plain(&format!("%{after}")));
                continue;
            }
            let mut names = DIRECTIVES.iter().map(|(name, _)| *name);
            let Some(name) = names.find(|name| part.starts_with(name)) else {
                let unknown: String = part.chars().take(1).collect();
                return Err(format!(
                    "has the unknown directive `%{unknown}`; allowed are {}",
                    Self::directives()
                ));
            };
            match SHORTHANDS.iter().find(|(short, _)| *short == name) {
                Some((_, long)) => Self::add(long, pieces)?,
                None => {
                    let own = DIRECTIVES.iter().find(|(own, _)| *own == name);
                    pieces.extend(own.map(|(_, part)| Piece::Part(*part)));
                }
            }
            pieces.extend(plain(&part[name.len()..]));
        }
        Ok(())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// All directives in one line.
    pub fn directives() -> String {
        let names = DIRECTIVES.iter().map(|(name, _)| format!("%{name}"));
        let names: Vec<_> = names.chain(["%%".to_owned()]).collect();
        names.join(", ")
    }

    /// Appends the time `unix_ns` nanoseconds after 1970 UTC. Allocates nothing where `words` has room.
    fn write(&self, unix_ns: i64, zone: &Zone, words: &mut String) {
        // Every i64 is a time: they end in 2262.
        let timestamp = Timestamp::from_nanosecond(i128::from(unix_ns)).unwrap_or_default();
        let info = zone.0.to_offset_info(timestamp);
        let time = info.offset().to_datetime(timestamp);
        for piece in &*self.pieces {
            let part = match piece {
                Piece::Text(text) => {
                    words.push_str(text);
                    continue;
                }
                Piece::Part(part) => *part,
            };
            let padded = |words: &mut String, v: i64, digits: usize| write!(words, "{v:0digits$}");
            let either = |words: &mut String, v: i8, wide: bool| {
                padded(words, v.into(), if wide { 2 } else { 1 })
            };
            let name = |words: &mut String, name: &str, short: bool| {
                words.write_str(if short { &name[..3] } else { name })
            };
            let written = match part {
                Part::Hour24 { padded } => either(words, time.hour(), padded),
                Part::Hour12 { padded } => either(words, (time.hour() + 11) % 12 + 1, padded),
                Part::Minute => either(words, time.minute(), true),
                Part::Second => either(words, time.second(), true),
                Part::AmPm { lower } => words.write_str(match (time.hour() < 12, lower) {
                    (true, false) => "AM",
                    (false, false) => "PM",
                    (true, true) => "am",
                    (false, true) => "pm",
                }),
                Part::Year => padded(words, time.year().into(), 4),
                Part::ShortYear => padded(words, i64::from(time.year()).rem_euclid(100), 2),
                Part::Month { padded } => either(words, time.month(), padded),
                Part::MonthName { short } => {
                    let month = usize::try_from(time.month() - 1).unwrap_or_default();
                    name(words, MONTHS[month % 12], short)
                }
                Part::Day { padded } => either(words, time.day(), padded),
                Part::DayOfYear => padded(words, time.day_of_year().into(), 3),
                Part::Weekday { short } => {
                    let day = time.weekday().to_monday_zero_offset();
                    let day = usize::try_from(day).unwrap_or_default();
                    name(words, WEEKDAYS[day % 7], short)
                }
                Part::ZoneName => words.write_str(info.abbreviation()),
                Part::Offset { colon } => {
                    let seconds = info.offset().seconds();
                    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
                    let colon = if colon { ":" } else { "" };
                    write!(words, "{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
                }
            };
            debug_assert!(written.is_ok(), "a string takes all");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, format: &str, unix_s: i64) -> String {
        let mut words = String::new();
        let zone = Zone::named(zone).unwrap();
        let format = ClockFormat::new(format).unwrap();
        format.write(unix_s * 1_000_000_000, &zone, &mut words);
        words
    }

    #[test]
    fn summer_begins_and_ends_on_its_second() {
        // 2026-03-29 01:00:00 UTC and 2026-10-25 01:00:00 UTC.
        let (spring, autumn) = (1_774_746_000, 1_792_890_000);
        let berlin = |s| at("Europe/Berlin", "%T %Z %:z", s);
        assert_eq!(berlin(spring - 1), "01:59:59 CET +01:00");
        assert_eq!(berlin(spring), "03:00:00 CEST +02:00");
        assert_eq!(berlin(autumn - 1), "02:59:59 CEST +02:00");
        assert_eq!(berlin(autumn), "02:00:00 CET +01:00");
        assert_eq!(
            at("America/New_York", "%-I:%M %p", 1_772_953_199),
            "1:59 AM"
        );
        assert_eq!(
            at("America/New_York", "%-I:%M %P", 1_772_953_200),
            "3:00 am"
        );
    }

    #[test]
    fn every_directive_writes_its_part() {
        // 2009-02-13 23:31:30 UTC, a Friday.
        let written = at(
            "utc",
            "%H %-H %I %-I %M %S %p %Y %y %m %-m %B %b %d %-d %j %A %a %Z %z %R %F 100%%T",
            1_234_567_890,
        );
        assert_eq!(
            written,
            "23 23 11 11 31 30 PM 2009 09 02 2 February Feb 13 13 044 Friday Fri UTC +0000 23:31 2009-02-13 100%T"
        );
        assert_eq!(at("Asia/Kathmandu", "%H:%M", 0), "05:30");
        let extremes = [i64::MIN, i64::MAX];
        for ns in extremes {
            let mut words = String::new();
            ClockFormat::new("%F %T")
                .unwrap()
                .write(ns, &Zone::utc(), &mut words);
            assert_eq!(words.len(), 19, "{words}");
        }
    }

    #[test]
    fn what_is_unknown_is_named() {
        assert!(Zone::named("Europe/Atlantis").is_none());
        for format in ["%Q", "%", "%-", "%H%", "%-M", &"x".repeat(201)] {
            assert!(ClockFormat::new(format).is_err(), "{format}");
        }
        assert_eq!(
            ClockFormat::new("%Q").unwrap_err().matches("`%Q`").count(),
            1
        );
        assert_eq!(
            Zone::named("europe/berlin").unwrap().name(),
            "Europe/Berlin"
        );
    }
}
