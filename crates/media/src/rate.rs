//! Rates and sizes.

use crate::{ShowTime, Timebase};

/// Frames per second as the exact rational `num/den`, such as 30/1 or 30000/1001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Framerate {
    num: u32,
    den: u32,
}

impl Framerate {
    /// `num/den` frames per second; `None` when either is zero.
    pub const fn new(num: u32, den: u32) -> Option<Self> {
        if num == 0 || den == 0 {
            None
        } else {
            Some(Self { num, den })
        }
    }

    /// Numerator.
    pub const fn num(self) -> u32 {
        self.num
    }

    /// Denominator.
    pub const fn den(self) -> u32 {
        self.den
    }

    /// Frames per second.
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// Seconds per frame as a timebase: frame numbers are timestamps in it.
    pub const fn timebase(self) -> Timebase {
        Timebase {
            num: self.den,
            den: self.num,
        }
    }

    /// Show time of frame `n` counted from show time 0: `n * den * 1e9 / num`, rounded down.
    pub fn frame_time(self, n: i64) -> ShowTime {
        ShowTime::from_nanos(self.timebase().nanos(n))
    }

    /// The first frame whose time is at or after `t`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "fewer frames than nanoseconds fit between any two i64 times"
    )]
    pub fn first_frame_at(self, t: ShowTime) -> i64 {
        let (num, den) = (
            i128::from(t.nanos()) * i128::from(self.num),
            i128::from(self.den) * 1_000_000_000,
        );
        (num.div_euclid(den) + i128::from(num.rem_euclid(den) != 0)) as i64
    }

    /// Audio samples at `sample_rate_hz` that lie before frame `n`: those of frame `n` end at `samples_before(n + 1)`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an i64 of samples lasts longer than an i64 of nanoseconds"
    )]
    pub fn samples_before(self, n: i64, sample_rate_hz: u32) -> i64 {
        (i128::from(n) * i128::from(sample_rate_hz) * i128::from(self.den))
            .div_euclid(i128::from(self.num)) as i64
    }

    /// Frames in `ms` milliseconds, rounded to nearest, at least 1.
    pub fn frames_in_ms(self, ms: u32) -> u32 {
        let den = u64::from(self.den) * 1000;
        let frames = (u64::from(ms) * u64::from(self.num) + den / 2) / den;
        u32::try_from(frames.max(1)).unwrap_or(u32::MAX)
    }
}

impl std::fmt::Display for Framerate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.den == 1 {
            write!(f, "{}", self.num)
        } else {
            write!(f, "{}/{}", self.num, self.den)
        }
    }
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resolution {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Resolution {
    /// `width` x `height` pixels.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }
}

impl std::fmt::Display for Resolution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(u64);

impl Bitrate {
    /// From bits per second.
    pub const fn from_bps(bps: u64) -> Self {
        Self(bps)
    }

    /// Bits per second.
    pub const fn bps(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_at_a_time_is_the_smallest_not_before_it() {
        for rate in [(30, 1), (30_000, 1001), (60, 1), (24_000, 1001), (1, 1)]
            .map(|(n, d)| Framerate::new(n, d).unwrap())
        {
            for ns in [
                0,
                1,
                33_333_333,
                33_333_334,
                100_000_000,
                1_000_000_001,
                86_400_000_000_000,
            ] {
                let t = ShowTime::from_nanos(ns);
                let n = rate.first_frame_at(t);
                assert!(
                    rate.frame_time(n) >= t && rate.frame_time(n - 1) < t,
                    "{rate} {ns}"
                );
            }
        }
    }

    #[test]
    fn samples_of_all_frames_add_up_exactly() {
        let ntsc = Framerate::new(30_000, 1001).unwrap();
        assert_eq!(ntsc.samples_before(30_000, 48_000), 48_048_000);
        assert_eq!(ntsc.samples_before(0, 48_000), 0);
    }
}
