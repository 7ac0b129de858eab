//! Show time and timebases.

/// Time since the stream began, in nanoseconds: what animations and schedules use.
///
/// Integer on purpose: 292 years fit, and nothing drifts however long a show runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShowTime(i64);

impl ShowTime {
    /// The beginning of the show.
    pub const ZERO: Self = Self(0);

    /// From nanoseconds; negative before the show began.
    pub const fn from_nanos(ns: i64) -> Self {
        Self(ns)
    }

    /// From milliseconds with a fraction, rounded to the nearest nanosecond and saturated at the range of `i64`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "float to int casts saturate, which is the contract"
    )]
    pub fn from_ms(ms: f64) -> Self {
        Self((ms * 1e6).round() as i64)
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Milliseconds with a fraction.
    pub const fn as_ms(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Later by `ns` nanoseconds, saturating.
    #[must_use]
    pub const fn plus_nanos(self, ns: i64) -> Self {
        Self(self.0.saturating_add(ns))
    }

    /// Nanoseconds from `earlier` to `self`; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Seconds per unit of a timestamp, as the rational `num/den`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timebase {
    /// Numerator, at least 1.
    pub num: u32,
    /// Denominator, at least 1.
    pub den: u32,
}

impl Timebase {
    /// Units of show time itself.
    pub const NANOS: Self = Self {
        num: 1,
        den: 1_000_000_000,
    };

    /// `value` units in this timebase as nanoseconds, rounded down.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a timestamp of 292 years is a bug upstream, and saturates here"
    )]
    pub fn nanos(self, value: i64) -> i64 {
        let ns = (i128::from(value) * i128::from(self.num) * 1_000_000_000)
            .div_euclid(i128::from(self.den));
        ns.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// `value` units in this timebase as milliseconds, rounded to nearest (halves up).
    ///
    /// Rounding each timestamp on its own keeps every one within half a millisecond for ever;
    /// adding rounded durations would drift by 1 ms every three frames at 30 fps.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a timestamp of 292 million years cannot come from an i64 frame count"
    )]
    pub fn millis(self, value: i64) -> i64 {
        let den = i128::from(self.den);
        ((i128::from(value) * i128::from(self.num) * 2000 + den).div_euclid(2 * den)) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_round_to_nearest_and_never_drift() {
        let tb = Timebase { num: 1, den: 30 };
        assert_eq!([0, 33, 67, 100], [0, 1, 2, 3].map(|n| tb.millis(n)));
        assert_eq!(tb.millis(30 * 86_400 * 60), 86_400_000 * 60);
        assert_eq!(tb.millis(-1), -33);
    }
}
