//! Numbers in words.

use std::fmt::Write;
use std::sync::Arc;

/// A number that a text shows.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberText {
    /// The number.
    pub value: f64,
    /// How it is written.
    pub format: NumberFormat,
}

/// How a number is written.
///
/// What is rounded is the shortest decimal number that stands for the value, halves away from zero: 1.005 with two
/// decimals is 1.01, as people expect, though the nearest binary number lies a little below.
///
/// A space beside the number, or between its groups, is a no-break one: no line tears a price from its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    /// Digits after the point; `None` writes as many as the number has, at most [`NumberFormat::MOST_DECIMALS`], or one
    /// where it is compact.
    pub decimals: Option<u8>,
    /// Fewest digits after the point, where zeros at the end are to go; `None` is as many as `decimals`, or none where
    /// the number decides. Above `decimals` it counts as `decimals`.
    pub min_decimals: Option<u8>,
    /// Fewest digits before the point: zeros stand in front of what has less.
    pub min_digits: u8,
    /// What stands between groups of digits.
    pub grouping: Arc<str>,
    /// Which digits are a group.
    pub groups: Groups,
    /// The decimal point.
    pub decimal: Arc<str>,
    /// What stands before the number, behind its sign.
    pub prefix: Arc<str>,
    /// What stands behind the number.
    pub suffix: Arc<str>,
    /// Which numbers have a sign.
    pub sign: Sign,
    /// With a letter for thousands, millions, billions or trillions: `1.2K`, `3.4M`, `5B`, `6T`; in groups of India for
    /// thousands, lakhs or crores: `1.2K`, `3.4L`, `5Cr`.
    pub compact: bool,
    /// In hundredths: 0.125 is 12.5. Their sign is a suffix.
    pub percent: bool,
}

/// Which digits before the point are a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Groups {
    /// Each three: 1,234,567.
    #[default]
    Thousands,
    /// The last three, and each two before them, as in India: 12,34,567.
    Indian,
}

impl Groups {
    /// Whether a digit that counts ten to the power of `place` ends a group.
    const fn ends_at(self, place: i32) -> bool {
        match self {
            Self::Thousands => place > 0 && place % 3 == 0,
            Self::Indian => place >= 3 && place % 2 == 1,
        }
    }

    /// Powers of ten that have letters, from the lowest.
    const fn letters(self) -> &'static [(i32, &'static str)] {
        match self {
            Self::Thousands => &[(0, ""), (3, "K"), (6, "M"), (9, "B"), (12, "T")],
            Self::Indian => &[(0, ""), (3, "K"), (5, "L"), (7, "Cr")],
        }
    }
}

/// Which numbers have a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// Those below zero.
    #[default]
    Auto,
    /// All but zero.
    Always,
    /// None: where an arrow or a colour says it.
    Never,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self {
            decimals: None,
            min_decimals: None,
            min_digits: 1,
            grouping: ",".into(),
            groups: Groups::default(),
            decimal: ".".into(),
            prefix: "".into(),
            suffix: "".into(),
            sign: Sign::default(),
            compact: false,
            percent: false,
        }
    }
}

impl NumberText {
    /// Appends the number in words. Allocates nothing but what `words` lacks.
    pub fn write(&self, words: &mut String) {
        self.format.write(self.value, words);
    }
}

impl NumberFormat {
    /// Most digits after the point that are written without being asked for: a price in ether still shows all it has.
    pub const MOST_DECIMALS: u8 = 6;

    /// Appends `value` in words; one that is not finite is written as zero.
    pub fn write(&self, value: f64, words: &mut String) {
        let exact = Decimal::of(value).shifted(if self.percent { 2 } else { 0 });
        let usual = if self.compact { 1 } else { Self::MOST_DECIMALS };
        let (most, least) = match (self.decimals, self.min_decimals) {
            (Some(most), least) => (most, least.unwrap_or(most).min(most)),
            (None, least) => {
                let least = least.unwrap_or(0);
                (usual.max(least), least)
            }
        };
        let mut rounded = exact.rounded(most);
        let mut letter = "";
        if self.compact {
            let mut power = 0;
            for &(next, its_letter) in self.groups.letters() {
                // 999 950 is a million once it is rounded.
                if rounded.point > next - power {
                    (power, letter) = (next, its_letter);
                    rounded = exact.shifted(-power).rounded(most);
                }
            }
        }
        match (rounded.is_zero(), value < 0.0, self.sign) {
            (true, ..) | (.., Sign::Never) | (_, false, Sign::Auto) => {}
            // As wide and as high as the plus, where a hyphen would be neither.
            (_, true, _) => words.push('\u{2212}'),
            (_, false, Sign::Always) => words.push('+'),
        }
        let (before, beside) = self.prefix.split_at(last_char(&self.prefix));
        words.push_str(before);
        words.extend(beside.chars().map(unbroken));
        let digits = rounded.point.max(i32::from(self.min_digits)).max(1);
        for place in (0..digits).rev() {
            words.push(rounded.digit(place));
            if self.groups.ends_at(place) {
                words.extend(self.grouping.chars().map(unbroken));
            }
        }
        let needed = (1..=i32::from(most))
            .rev()
            .find(|place| rounded.digit(-place) != '0');
        let decimals = needed.unwrap_or(0).max(i32::from(least));
        if decimals > 0 {
            words.push_str(&self.decimal);
            words.extend((1..=decimals).map(|place| rounded.digit(-place)));
        }
        words.push_str(letter);
        let mut behind = self.suffix.chars();
        words.extend(behind.next().map(unbroken));
        words.push_str(behind.as_str());
    }
}

/// Where the last character of a text begins.
fn last_char(text: &str) -> usize {
    text.char_indices().next_back().map_or(0, |(at, _)| at)
}

/// Spaces at which lines break, as those at which none does.
const fn unbroken(c: char) -> char {
    match c {
        ' ' => '\u{a0}',
        // A thin space.
        '\u{2009}' => '\u{202f}',
        _ => c,
    }
}

/// A decimal number without its sign: 0.d1d2d3.. times ten to the power of `point`.
#[derive(Clone, Copy)]
struct Decimal {
    /// ASCII; at most 17 are needed to tell one f64 from the next, and one more where rounding carries.
    digits: [u8; 24],
    len: usize,
    point: i32,
}

impl Decimal {
    /// The shortest one that reads back as `value`.
    fn of(value: f64) -> Self {
        let mut all = Self {
            digits: [b'0'; 24],
            len: 0,
            point: 0,
        };
        if !value.is_finite() || value == 0.0 {
            return all;
        }
        let mut scribble = Scribble {
            bytes: [0; 40],
            len: 0,
        };
        let written = write!(scribble, "{:e}", value.abs());
        debug_assert!(written.is_ok(), "17 digits, a point and an exponent");
        let text = &scribble.bytes[..scribble.len];
        let split = text.iter().position(|&b| b == b'e').unwrap_or(text.len());
        for &digit in text[..split].iter().filter(|b| b.is_ascii_digit()) {
            all.digits[all.len] = digit;
            all.len += 1;
        }
        let exponent = text.get(split + 1..).unwrap_or_default();
        let exponent = std::str::from_utf8(exponent).unwrap_or_default();
        all.point = exponent.parse::<i32>().unwrap_or(0) + 1;
        all
    }

    const fn is_zero(&self) -> bool {
        self.len == 0
    }

    /// Times ten to the power of `places`.
    const fn shifted(mut self, places: i32) -> Self {
        if self.len > 0 {
            self.point += places;
        }
        self
    }

    /// The digit that counts ten to the power of `place`.
    fn digit(&self, place: i32) -> char {
        let at = usize::try_from(self.point - 1 - place).ok();
        let digit = at.filter(|at| *at < self.len).map(|at| self.digits[at]);
        char::from(digit.unwrap_or(b'0'))
    }

    /// Without what stands behind the last of so many decimals, halves away from zero.
    fn rounded(mut self, decimals: u8) -> Self {
        let keep = self.point + i32::from(decimals);
        let Ok(keep) = usize::try_from(keep) else {
            return Self {
                len: 0,
                point: 0,
                ..self
            };
        };
        if keep >= self.len {
            return self;
        }
        let up = self.digits[keep] >= b'5';
        self.len = keep;
        if up {
            match self.digits[..keep].iter().rposition(|&d| d < b'9') {
                Some(last) => {
                    self.digits[last] += 1;
                    self.len = last + 1;
                }
                // 9.99 is 10, and 0.5 is 1.
                None => {
                    self.digits[0] = b'1';
                    self.len = 1;
                    self.point += 1;
                }
            }
        }
        while self.len > 0 && self.digits[self.len - 1] == b'0' {
            self.len -= 1;
        }
        if self.len == 0 {
            self.point = 0;
        }
        self
    }
}

/// Takes what is written without allocating.
struct Scribble {
    bytes: [u8; 40],
    len: usize,
}

impl Write for Scribble {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: f64, format: &NumberFormat) -> String {
        let mut words = String::new();
        format.write(value, &mut words);
        words
    }

    fn decimals(decimals: u8) -> NumberFormat {
        NumberFormat {
            decimals: Some(decimals),
            ..NumberFormat::default()
        }
    }

    #[test]
    fn numbers_are_written_as_people_would() {
        for (value, places, expected) in [
            (0.0, 0, "0"),
            (0.1 + 0.2, 2, "0.30"),
            (1234.5, 2, "1,234.50"),
            (1.005, 2, "1.01"),
            (2.5, 0, "3"),
            (-2.5, 0, "−3"),
            (0.5, 0, "1"),
            (0.49, 0, "0"),
            (-0.004, 2, "0.00"),
            (9.995, 2, "10.00"),
            (99.5, 0, "100"),
            (999.5, 0, "1,000"),
            (1e15, 0, "1,000,000,000,000,000"),
            (123_456_789.125, 1, "123,456,789.1"),
            (1e-9, 2, "0.00"),
            (5e-324, 10, "0.0000000000"),
            (f64::NAN, 1, "0.0"),
            (100.0, 3, "100.000"),
        ] {
            assert_eq!(written(value, &decimals(places)), expected, "{value}");
        }
    }

    #[test]
    fn without_decimals_a_number_shows_what_it_has() {
        for (value, expected) in [
            (12.45, "12.45"),
            (0.0001, "0.0001"),
            (1.0 / 3.0, "0.333333"),
            (7.0, "7"),
            (1e-7, "0"),
            (-1234.0, "−1,234"),
        ] {
            assert_eq!(written(value, &NumberFormat::default()), expected);
        }
    }

    #[test]
    fn signs_and_what_stands_around_keep_their_order() {
        let format = NumberFormat {
            prefix: "$".into(),
            suffix: " ETH".into(),
            grouping: ".".into(),
            decimal: ",".into(),
            sign: Sign::Always,
            ..decimals(1)
        };
        assert_eq!(written(1234.5, &format), "+$1.234,5\u{a0}ETH");
        assert_eq!(written(-1234.5, &format), "−$1.234,5\u{a0}ETH");
        assert_eq!(written(0.01, &format), "$0,0\u{a0}ETH");
    }

    #[test]
    fn compact_numbers_have_their_letter() {
        let format = NumberFormat {
            compact: true,
            ..NumberFormat::default()
        };
        for (value, expected) in [
            (999.0, "999"),
            (999.94, "999.9"),
            (999.95, "1K"),
            (1234.0, "1.2K"),
            (-1000.0, "−1K"),
            (999_949.0, "999.9K"),
            (999_950.0, "1M"),
            (3_400_000.0, "3.4M"),
            (5e9, "5B"),
            (6.25e12, "6.3T"),
            (1e15, "1,000T"),
        ] {
            assert_eq!(written(value, &format), expected, "{value}");
        }
        let fixed = NumberFormat {
            decimals: Some(2),
            ..format
        };
        assert_eq!(written(1000.0, &fixed), "1.00K");
    }

    /// What prices, counts and changes look like around the world: value, format, words. `\u{a0}` and `\u{202f}` are
    /// spaces that nothing breaks at.
    #[test]
    fn prices_are_written_as_where_they_are_paid() {
        let d = NumberFormat::default;
        let indian = || NumberFormat {
            groups: Groups::Indian,
            prefix: "₹".into(),
            ..d()
        };
        let compact = |format: NumberFormat| NumberFormat {
            compact: true,
            ..format
        };
        let euro = NumberFormat {
            grouping: ".".into(),
            decimal: ",".into(),
            suffix: " €".into(),
            ..decimals(2)
        };
        let french = NumberFormat {
            grouping: "\u{2009}".into(),
            decimal: ",".into(),
            suffix: " €".into(),
            ..decimals(0)
        };
        let swiss = NumberFormat {
            grouping: "’".into(),
            prefix: "CHF ".into(),
            ..decimals(2)
        };
        let ether = NumberFormat {
            min_decimals: Some(2),
            suffix: " ETH".into(),
            ..d()
        };
        let percent = |sign, suffix: &str| NumberFormat {
            percent: true,
            decimals: Some(2),
            min_decimals: Some(0),
            suffix: suffix.into(),
            sign,
            ..d()
        };
        let lot = NumberFormat {
            min_digits: 3,
            prefix: "Lot ".into(),
            ..d()
        };
        for (value, format, expected) in [
            (1_234_567.5, &euro, "1.234.567,50\u{a0}€"),
            (-0.5, &euro, "−0,50\u{a0}€"),
            (1_234_567.0, &french, "1\u{202f}234\u{202f}567\u{a0}€"),
            (1234.5, &swiss, "CHF\u{a0}1’234.50"),
            (12.0, &ether, "12.00\u{a0}ETH"),
            (12.4567, &ether, "12.4567\u{a0}ETH"),
            (0.000_42, &ether, "0.00042\u{a0}ETH"),
            (999.0, &indian(), "₹999"),
            (12_345.0, &indian(), "₹12,345"),
            (1_234_567.0, &indian(), "₹12,34,567"),
            (123_456_789.0, &indian(), "₹12,34,56,789"),
            (1234.0, &compact(indian()), "₹1.2K"),
            (99_949.0, &compact(indian()), "₹99.9K"),
            (99_950.0, &compact(indian()), "₹1L"),
            (3_450_000.0, &compact(indian()), "₹34.5L"),
            (12_345_678.0, &compact(indian()), "₹1.2Cr"),
            (1e13, &compact(indian()), "₹10,00,000Cr"),
            (0.125, &percent(Sign::Auto, "%"), "12.5%"),
            (0.07, &percent(Sign::Always, " %"), "+7\u{a0}%"),
            (-1.0 / 3.0, &percent(Sign::Auto, "%"), "−33.33%"),
            (-0.031, &percent(Sign::Never, "%"), "3.1%"),
            (7.0, &lot, "Lot\u{a0}007"),
            (1234.0, &lot, "Lot\u{a0}1,234"),
            (
                1250.0,
                &compact(NumberFormat {
                    decimals: Some(2),
                    min_decimals: Some(1),
                    ..d()
                }),
                "1.25K",
            ),
        ] {
            assert_eq!(written(value, format), expected, "{value} {format:?}");
        }
        // Spaces that are not beside the number are as they are.
        let around = NumberFormat {
            prefix: "now at ".into(),
            suffix: " in all bids".into(),
            ..d()
        };
        assert_eq!(written(5.0, &around), "now at\u{a0}5\u{a0}in all bids");
    }

    /// With all digits that a number has, what is written reads back as the number.
    #[test]
    fn nothing_is_lost_where_all_decimals_are_kept() {
        let mut bits = 0x1234_5678_9abc_def0_u64;
        for _ in 0..2000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let value = (bits >> 32) as f64 / 1024.0;
            let plain = NumberFormat {
                grouping: "".into(),
                ..decimals(10)
            };
            assert_eq!(written(value, &plain).parse(), Ok(value));
        }
    }
}
