//! When frames are, across changes of the rate.

use crate::{Framerate, ShowTime};

/// A frame rate and where it began to hold: frame n is at `from + (n - from_frame) * den * 1e9 / num` nanoseconds.
///
/// A show that never changed its rate counts from frame 0 at show time 0. One that did goes on with its numbers, from
/// the frame of the change and its show time: nothing is ever added up, so nothing drifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    framerate: Framerate,
    from_frame: i64,
    from: ShowTime,
}

impl Cadence {
    /// From frame 0 at show time 0 on.
    pub const fn new(framerate: Framerate) -> Self {
        Self::starting(framerate, 0, ShowTime::ZERO)
    }

    /// From frame `from_frame` on, which is at `from`.
    pub const fn starting(framerate: Framerate, from_frame: i64, from: ShowTime) -> Self {
        Self {
            framerate,
            from_frame,
            from,
        }
    }

    /// The same frames up to number `n`, and `framerate` from there on; the same cadence where that is its rate already.
    #[must_use]
    pub fn turned_to(self, framerate: Framerate, n: i64) -> Self {
        if framerate == self.framerate {
            self
        } else {
            Self::starting(framerate, n, self.frame_time(n))
        }
    }

    /// Frames per second.
    pub const fn framerate(self) -> Framerate {
        self.framerate
    }

    /// The frame it counts from.
    pub const fn from_frame(self) -> i64 {
        self.from_frame
    }

    /// That frame's show time.
    pub const fn from(self) -> ShowTime {
        self.from
    }

    /// Whether show times are multiples of a frame: it counts from frame 0 at show time 0.
    pub const fn is_plain(self) -> bool {
        self.from_frame == 0 && self.from.nanos() == 0
    }

    /// Show time of frame `n`, rounded down to nanoseconds.
    pub fn frame_time(self, n: i64) -> ShowTime {
        let since = self.framerate.frame_time(n.saturating_sub(self.from_frame));
        self.from.plus_nanos(since.nanos())
    }

    /// The first frame whose time is at or after `t`.
    pub fn first_frame_at(self, t: ShowTime) -> i64 {
        let since = ShowTime::from_nanos(t.since(self.from));
        self.from_frame
            .saturating_add(self.framerate.first_frame_at(since))
    }

    /// Audio samples at `sample_rate_hz` since show time 0 that lie before frame `n`: those of frame `n` end at
    /// `samples_before(n + 1)`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an i64 of samples lasts longer than an i64 of nanoseconds"
    )]
    pub fn samples_before(self, n: i64, sample_rate_hz: u32) -> i64 {
        let (num, den) = (
            i128::from(self.framerate.num()),
            i128::from(self.framerate.den()),
        );
        let frames = i128::from(n.saturating_sub(self.from_frame));
        // Nanoseconds times `num`.
        let time = i128::from(self.from.nanos()) * num + frames * den * 1_000_000_000;
        (time * i128::from(sample_rate_hz)).div_euclid(1_000_000_000 * num) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(num: u32, den: u32) -> Framerate {
        Framerate::new(num, den).unwrap()
    }

    #[test]
    fn a_plain_cadence_is_its_rate() {
        for rate in [rate(30, 1), rate(60, 1), rate(30_000, 1001)] {
            let cadence = Cadence::new(rate);
            assert!(cadence.is_plain());
            for n in [0, 1, 7, 1001, 123_456_789] {
                assert_eq!(cadence.frame_time(n), rate.frame_time(n));
                assert_eq!(
                    cadence.samples_before(n, 48_000),
                    rate.samples_before(n, 48_000)
                );
            }
        }
    }

    #[test]
    fn numbers_go_on_from_the_frame_of_a_change_and_times_count_from_it() {
        let film = Cadence::new(rate(30, 1)).turned_to(rate(60, 1), 100);
        assert_eq!(film.turned_to(rate(60, 1), 500), film);
        let ntsc = film.turned_to(rate(30_000, 1001), 1000);
        let anchor = 3_333_333_333 + 15_000_000_000;
        assert_eq!(ntsc.from(), ShowTime::from_nanos(anchor));
        // A day later to the nanosecond: nothing is added up.
        let day = 30_000 * 86_400;
        assert_eq!(
            ntsc.frame_time(1000 + day).nanos(),
            anchor + 86_400 * 1001 * 1_000_000_000
        );
        for n in [1000, 1001, 2000, 1_000_000] {
            let t = ntsc.frame_time(n);
            assert_eq!(ntsc.first_frame_at(t), n);
            assert_eq!(ntsc.first_frame_at(t.plus_nanos(1)), n + 1);
        }
    }

    #[test]
    fn samples_follow_the_time_of_frames() {
        let cadence = Cadence::new(rate(30, 1)).turned_to(rate(30_000, 1001), 90);
        assert_eq!(cadence.samples_before(90, 48_000), 3 * 48_000);
        assert_eq!(
            cadence.samples_before(90 + 30_000, 48_000),
            3 * 48_000 + 48_048_000
        );
    }
}
