//! Wall-clock times as RFC 3339 text, to the nanosecond.

const NANOS: i64 = 1_000_000_000;
const DAY_S: i64 = 86_400;

/// Nanoseconds since 1970 UTC of an RFC 3339 time such as `2026-11-22T20:00:00.5+01:00`.
///
/// `None` for anything else, for leap seconds (this scale has none), for more than nine digits of fraction, and outside
/// the years 1677 to 2262, which is what an `i64` of nanoseconds holds.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let byte = |i: usize| text.as_bytes().get(i).copied();
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    let separators = [byte(4)?, byte(7)?, byte(13)?, byte(16)?] == *b"--::"
        && matches!(byte(10)?, b'T' | b't' | b' ');
    let in_range = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    if !separators || !in_range || hour > 23 || minute > 59 || second > 59 {
        return None;
    }

    let rest = text.get(19..)?;
    let (fraction_ns, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let len = rest.bytes().take_while(u8::is_ascii_digit).count();
            let digits = rest.get(..len).filter(|_| (1..=9).contains(&len))?;
            (format!("{digits:0<9}").parse::<i64>().ok()?, &rest[len..])
        }
        None => (0, rest),
    };
    let offset_s = match zone.as_bytes() {
        [b'Z' | b'z'] => 0,
        &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let two = |a: u8, b: u8| {
                (a.is_ascii_digit() && b.is_ascii_digit())
                    .then(|| i64::from((a - b'0') * 10 + (b - b'0')))
            };
            let (h, m) = (two(h1, h2)?, two(m1, m2)?);
            if h > 23 || m > 59 {
                return None;
            }
            (h * 3600 + m * 60) * if sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };

    let seconds =
        days_from_civil(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second - offset_s;
    // In 128 bits: just before 1677-09-21T00:12:44 the seconds alone are already out of range.
    i64::try_from(i128::from(seconds) * i128::from(NANOS) + i128::from(fraction_ns)).ok()
}

/// `unix_ns` as RFC 3339 in UTC, with as many digits of fraction as it takes; [`parse_rfc3339`] reads it back exactly.
pub fn write_rfc3339(unix_ns: i64) -> String {
    let (seconds, ns) = (unix_ns.div_euclid(NANOS), unix_ns.rem_euclid(NANOS));
    let (days, s) = (seconds.div_euclid(DAY_S), seconds.rem_euclid(DAY_S));
    let (year, month, day) = civil_from_days(days);
    let fraction = if ns == 0 {
        String::new()
    } else {
        format!(".{ns:09}").trim_end_matches('0').to_owned()
    };
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{fraction}Z",
        s / 3600,
        s / 60 % 60,
        s % 60
    )
}

/// `unix_ns` as RFC 3339 in UTC with three digits of fraction; what is finer is cut off.
pub(crate) fn write_rfc3339_ms(unix_ns: i64) -> String {
    let ms = unix_ns.rem_euclid(NANOS) / 1_000_000;
    let seconds = write_rfc3339(unix_ns.div_euclid(NANOS).saturating_mul(NANOS));
    format!("{}.{ms:03}Z", seconds.trim_end_matches('Z'))
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, by eras of 400 years that begin in March.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = (march_month + 2) % 12 + 1;
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day_of_year - (153 * march_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_times() {
        for (text, ns) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600 * NANOS),
            (
                "2026-11-22T20:00:00.5+01:00",
                1_795_374_000 * NANOS + NANOS / 2,
            ),
            ("2026-11-22t13:30:00-05:30", 1_795_374_000 * NANOS),
            ("1969-12-31T23:59:59.999999999Z", -1),
            ("2262-04-11T23:47:16.854775807Z", i64::MAX),
            ("1677-09-21T00:12:43.145224192Z", i64::MIN),
        ] {
            assert_eq!(parse_rfc3339(text), Some(ns), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T20:00:00",
            "2026-11-22T20:00:00.Z",
            "2026-11-22T20:00:00.1234567890Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:59:60Z",
            "2026-11-22T20:00:00+0100",
            "2026-11-22T20:00:00+24:00",
            "2026-11-22T20:00:00ZZ",
            "+026-11-22T20:00:00Z",
            "2026-11-22T20:00:0éZ",
            "2262-04-11T23:47:16.854775808Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_nanosecond_reads_back(ns: i64) {
            prop_assert_eq!(parse_rfc3339(&write_rfc3339(ns)), Some(ns));
        }

        #[test]
        fn no_text_panics(text in "[-0-9TZ:.+é]{0,30}") {
            let _ = parse_rfc3339(&text);
        }
    }
}
