//! From show time to local time: start, rate, pause, seek.

use crate::{Timing, TimingSample};
use media::ShowTime;

/// The running state of one animation: which local time belongs to which show time.
///
/// It holds one point that both clocks share, and the rate from there.
/// A start time alone (`start = now - local / rate`, as Web Animations writes it) says the same but divides by the rate, which may be 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Playback {
    anchor: ShowTime,
    anchor_local_ms: f64,
    rate: f64,
    paused: bool,
}

impl Playback {
    /// Runs from `at` with the rate of `timing`: from local time 0, or from the end when the rate is negative.
    pub fn start(at: ShowTime, timing: &Timing) -> Self {
        let end_ms = timing.end_ms();
        let from_end = timing.playback_rate < 0.0 && end_ms.is_finite();
        Self {
            anchor: at,
            anchor_local_ms: if from_end { end_ms } else { 0.0 },
            rate: timing.playback_rate,
            paused: false,
        }
    }

    /// One that has `local_ms` at `at`, and the given rate from there.
    pub const fn from_parts(at: ShowTime, local_ms: f64, rate: f64, paused: bool) -> Self {
        Self {
            anchor: at,
            anchor_local_ms: local_ms,
            rate,
            paused,
        }
    }

    /// A show time, and the local time in milliseconds that belongs to it.
    pub const fn anchor(&self) -> (ShowTime, f64) {
        (self.anchor, self.anchor_local_ms)
    }

    /// Local time in milliseconds at `now`; before the start it is negative (beyond the end when played backwards).
    pub fn local_ms(&self, now: ShowTime) -> f64 {
        if self.paused {
            return self.anchor_local_ms;
        }
        // The difference is taken in integers, so that a show of months loses nothing.
        self.anchor_local_ms + now.since(self.anchor) as f64 / 1e6 * self.rate
    }

    /// Where `timing` stands at `now`.
    ///
    /// The rate is this playback's own, which may differ from the one in `timing` since [`Playback::set_rate`].
    /// What plays stops at its end, or at its beginning where it plays backwards, so that what is over moves no more.
    pub fn sample(&self, timing: &Timing, now: ShowTime) -> TimingSample {
        let stopped_ms = self.stopped_ms(self.local_ms(now), timing);
        timing.sample_played(stopped_ms, self.rate >= 0.0)
    }

    /// `local_ms`, but no further than the end that it plays towards, if it plays.
    pub fn stopped_ms(&self, local_ms: f64, timing: &Timing) -> f64 {
        if self.paused || self.rate == 0.0 {
            local_ms
        } else if self.rate > 0.0 {
            local_ms.min(timing.end_ms())
        } else {
            local_ms.max(0.0)
        }
    }

    /// The show time from which on [`Playback::sample`] finds the same for ever; `None` where that never comes.
    pub fn rests_at(&self, timing: &Timing) -> Option<ShowTime> {
        if self.paused || self.rate == 0.0 {
            Some(ShowTime::from_nanos(i64::MIN))
        } else {
            self.ends_at(timing)
        }
    }

    /// Local milliseconds per millisecond of show time.
    pub const fn rate(&self) -> f64 {
        self.rate
    }

    /// Whether local time is held.
    pub const fn is_paused(&self) -> bool {
        self.paused
    }

    /// Holds local time where it is at `now`.
    pub fn pause(&mut self, now: ShowTime) {
        self.seek(now, self.local_ms(now));
        self.paused = true;
    }

    /// Runs on from the held local time.
    pub fn resume(&mut self, now: ShowTime) {
        self.seek(now, self.local_ms(now));
        self.paused = false;
    }

    /// Makes `local_ms` the local time at `now`; paused stays paused.
    pub const fn seek(&mut self, now: ShowTime, local_ms: f64) {
        self.anchor = now;
        self.anchor_local_ms = local_ms;
    }

    /// Runs with another rate from `now` on, without a jump.
    pub fn set_rate(&mut self, now: ShowTime, rate: f64) {
        self.seek(now, self.local_ms(now));
        self.rate = rate;
    }

    /// Turns round at `now`, without a jump.
    pub fn reverse(&mut self, now: ShowTime) {
        self.set_rate(now, -self.rate);
    }

    /// The first show time at which local time has come to `local_ms`, as it runs now: before the anchor, where it would
    /// have been had it always run so. `None` where it never does, or always.
    pub fn reaches(&self, local_ms: f64) -> Option<ShowTime> {
        let left_ms = (local_ms - self.anchor_local_ms) / self.rate;
        if self.paused || !left_ms.is_finite() {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float that is too large becomes the largest integer"
        )]
        let mut reached = self.anchor.plus_nanos((left_ms * 1e6).ceil() as i64);
        // Rounding may leave it a hair before that still.
        let mut step = 1;
        while self.is_before(reached, local_ms) && reached < reached.plus_nanos(step) {
            reached = reached.plus_nanos(step);
            step = step.saturating_mul(2);
        }
        Some(reached)
    }

    /// When `timing` has nothing more to show, played as it is played now: the first show time at which its iterations are
    /// over, or not yet begun where it plays backwards. `None` while it is paused, and where that never comes.
    pub fn ends_at(&self, timing: &Timing) -> Option<ShowTime> {
        let [first_ms, last_ms] = timing.active_span_ms();
        let goal_ms = if self.rate < 0.0 { first_ms } else { last_ms };
        let left_ms = (goal_ms - self.anchor_local_ms) / self.rate;
        if self.paused || !left_ms.is_finite() {
            return None;
        }
        if left_ms <= 0.0 {
            return Some(self.anchor);
        }
        // A whole nanosecond: at an earlier one it would not be over.
        self.reaches(goal_ms)
    }

    /// Whether local time has not come to `goal_ms` at `now`.
    fn is_before(&self, now: ShowTime, goal_ms: f64) -> bool {
        let local_ms = self.local_ms(now);
        if self.rate < 0.0 {
            local_ms > goal_ms
        } else {
            local_ms < goal_ms
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values at ends and boundaries are exact")]
mod tests {
    use super::*;
    use crate::Fill;

    fn at(ms: f64) -> ShowTime {
        ShowTime::from_ms(ms)
    }

    #[test]
    fn a_rate_changes_without_a_jump_even_to_zero() {
        let timing = Timing {
            duration_ms: 1000.0,
            ..Timing::default()
        };
        let mut playback = Playback::start(at(1000.0), &timing);
        playback.set_rate(at(1400.0), 0.0);
        assert_eq!(
            (playback.local_ms(at(1400.0)), playback.local_ms(at(9000.0))),
            (400.0, 400.0)
        );
        playback.set_rate(at(9000.0), 2.0);
        assert_eq!(playback.local_ms(at(9100.0)), 600.0);
        playback.reverse(at(9100.0));
        assert_eq!(playback.local_ms(at(9200.0)), 400.0);
    }

    #[test]
    fn a_negative_rate_plays_from_the_end() {
        let timing = Timing {
            duration_ms: 1000.0,
            playback_rate: -2.0,
            fill: Fill::Both,
            ..Timing::default()
        };
        let playback = Playback::start(at(100.0), &timing);
        let progress = |ms| playback.sample(&timing, at(ms)).progress;
        assert_eq!(
            [
                progress(0.0),
                progress(100.0),
                progress(350.0),
                progress(600.0)
            ],
            [Some(1.0), Some(1.0), Some(0.5), Some(0.0)]
        );
    }

    /// As in a browser, where an animation that plays goes no further than its end.
    #[test]
    fn what_is_over_moves_no_more() {
        let short = Timing {
            duration_ms: 1000.0,
            end_delay_ms: -300.0,
            fill: Fill::Both,
            ..Timing::default()
        };
        let playback = Playback::start(at(0.0), &short);
        let progress = |ms| playback.sample(&short, at(ms)).progress;
        assert_eq!(playback.ends_at(&short), Some(at(700.0)));
        assert_eq!(
            [progress(700.0), progress(900.0), progress(5000.0)],
            [Some(0.7); 3]
        );
        let late = Timing {
            delay_ms: -400.0,
            end_delay_ms: 0.0,
            playback_rate: -1.0,
            ..short
        };
        let playback = Playback::start(at(0.0), &late);
        let progress = |ms| playback.sample(&late, at(ms)).progress;
        assert_eq!(playback.ends_at(&late), Some(at(600.0)));
        assert_eq!(
            [progress(600.0), progress(800.0), progress(5000.0)],
            [Some(0.4); 3]
        );
    }

    #[test]
    fn a_seek_while_paused_stays_paused() {
        let timing = Timing {
            duration_ms: 1000.0,
            ..Timing::default()
        };
        let mut playback = Playback::start(at(0.0), &timing);
        playback.pause(at(300.0));
        playback.seek(at(500.0), 700.0);
        assert!(playback.is_paused());
        assert_eq!(playback.local_ms(at(800.0)), 700.0);
        playback.resume(at(800.0));
        assert_eq!(playback.local_ms(at(900.0)), 800.0);
    }

    #[test]
    fn what_lies_beyond_all_show_time_is_its_end() {
        let never = Playback::from_parts(at(0.0), 0.0, 1e-300, false);
        let end = ShowTime::from_nanos(i64::MAX);
        assert_eq!(never.reaches(1.0), Some(end));
    }
}
