//! The timing model of Web Animations: from local time to progress.

use crate::{Easing, Error};

/// How one animation runs through its keyframes: delays, iterations, direction, fill and easing. Times are milliseconds.
///
/// [`Timing::default`] has the defaults of Web Animations: no time at all, one iteration, forwards, no fill, linear.
/// The ranges below are checked by [`Timing::validate`], not by sampling.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// From the start to the first iteration; negative starts in the middle. Finite.
    pub delay_ms: f64,
    /// After the last iteration; negative cuts it short. Finite.
    pub end_delay_ms: f64,
    /// Length of one iteration; finite, 0 or more.
    pub duration_ms: f64,
    /// Number of iterations, fractions allowed; 0 or more, `f64::INFINITY` for ever.
    pub iterations: f64,
    /// Where in the iterations to begin: 0.5 is the middle of the first. Finite, 0 or more.
    pub iteration_start: f64,
    /// Which iterations run backwards.
    pub direction: Direction,
    /// Whether there is a value before and after the iterations.
    pub fill: Fill,
    /// Easing over each whole iteration; keyframes have their own besides.
    pub easing: Easing,
    /// Local milliseconds per millisecond of show time; negative plays from the end. Finite.
    pub playback_rate: f64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            delay_ms: 0.0,
            end_delay_ms: 0.0,
            duration_ms: 0.0,
            iterations: 1.0,
            iteration_start: 0.0,
            direction: Direction::Normal,
            fill: Fill::None,
            easing: Easing::Linear,
            playback_rate: 1.0,
        }
    }
}

/// Which iterations run backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// None.
    #[default]
    Normal,
    /// All.
    Reverse,
    /// Every second one, beginning with the second (GSAP: yoyo).
    Alternate,
    /// Every second one, beginning with the first.
    AlternateReverse,
}

/// Where an animation has a value outside its iterations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// Nowhere.
    #[default]
    None,
    /// After the end: the last value holds.
    Forwards,
    /// Before the beginning: the first value shows already.
    Backwards,
    /// On both sides.
    Both,
}

/// Where a local time lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the first iteration.
    Before,
    /// Within the iterations.
    Active,
    /// After the last iteration.
    After,
}

/// What [`Timing::sample`] finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimingSample {
    /// Where the time lies.
    pub phase: Phase,
    /// Progress through the keyframes after direction and easing, 0..=1 or beyond where the easing overshoots; `None` when the animation has no effect.
    pub progress: Option<f64>,
    /// Number of the current iteration from 0; infinite after a zero-length animation that repeats for ever; `None` when there is no effect.
    pub current_iteration: Option<f64>,
    /// The before flag of CSS Easing: at an exact step boundary, a step easing stays below it.
    pub before_flag: bool,
}

/// The time that the children of a timeline have ([`Timing::group_time`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupTime {
    /// Milliseconds from the beginning of the iteration.
    pub ms: f64,
    /// Whether it runs forwards: it decides which phase a boundary belongs to.
    pub forwards: bool,
    /// Whether it stays where it is: the timeline is over, or has not begun.
    pub rests: bool,
}

impl Timing {
    /// Whether every field lies in its range.
    ///
    /// # Errors
    /// [`Error::TimingRange`] with the first field that does not.
    pub fn validate(&self) -> Result<(), Error> {
        let finite = "a finite number";
        let positive = "a finite number, 0 or more";
        for (field, value, ok, allowed) in [
            ("delay_ms", self.delay_ms, self.delay_ms.is_finite(), finite),
            (
                "end_delay_ms",
                self.end_delay_ms,
                self.end_delay_ms.is_finite(),
                finite,
            ),
            (
                "duration_ms",
                self.duration_ms,
                (0.0..f64::INFINITY).contains(&self.duration_ms),
                positive,
            ),
            (
                "iterations",
                self.iterations,
                self.iterations >= 0.0,
                "0 or more, or infinite",
            ),
            (
                "iteration_start",
                self.iteration_start,
                (0.0..f64::INFINITY).contains(&self.iteration_start),
                positive,
            ),
            (
                "playback_rate",
                self.playback_rate,
                self.playback_rate.is_finite(),
                finite,
            ),
            (
                "playback_rate",
                self.playback_rate,
                self.playback_rate >= 0.0 || self.end_ms().is_finite(),
                "0 or more where the iterations never end",
            ),
        ] {
            if !ok {
                return Err(Error::TimingRange {
                    field,
                    value,
                    allowed,
                });
            }
        }
        Ok(())
    }

    /// Length of all iterations together; infinite when they never end.
    pub fn active_ms(&self) -> f64 {
        // Infinity times zero is NaN; the rule says zero.
        if self.duration_ms == 0.0 || self.iterations == 0.0 {
            0.0
        } else {
            self.duration_ms * self.iterations
        }
    }

    /// Local time at which everything is over, end delay included; infinite when the iterations never end.
    pub fn end_ms(&self) -> f64 {
        (self.delay_ms + self.active_ms() + self.end_delay_ms).max(0.0)
    }

    /// The local times between which the iterations are shown: before the first the phase is [`Phase::Before`], from the
    /// second on [`Phase::After`].
    pub fn active_span_ms(&self) -> [f64; 2] {
        let end = self.end_ms();
        [
            self.delay_ms.clamp(0.0, end),
            (self.delay_ms + self.active_ms()).clamp(0.0, end),
        ]
    }

    /// Where `local_time_ms` lies and how far the keyframes have come, played in the direction of `playback_rate`.
    ///
    /// The local time is already scaled by the playback rate: see [`Playback`](crate::Playback).
    pub fn sample(&self, local_time_ms: f64) -> TimingSample {
        self.sample_played(local_time_ms, self.playback_rate >= 0.0)
    }

    /// As [`Timing::sample`], for an animation that plays forwards or backwards now: it decides which phase a boundary belongs to.
    pub(crate) fn sample_played(&self, local_time_ms: f64, forwards: bool) -> TimingSample {
        let active_ms = self.active_ms();
        let phase = self.phase(local_time_ms, forwards);
        let Some(active_time) = self.active_time(local_time_ms, active_ms, phase) else {
            return TimingSample {
                phase,
                progress: None,
                current_iteration: None,
                before_flag: false,
            };
        };
        let (simple_progress, iteration) = self.iteration(active_time, active_ms, phase);
        let reversed = self.reverses(iteration);
        let directed = if reversed {
            1.0 - simple_progress
        } else {
            simple_progress
        };
        let before_flag = match phase {
            Phase::Before => !reversed,
            Phase::Active => false,
            Phase::After => reversed,
        };
        TimingSample {
            phase,
            progress: Some(self.easing.at(directed, before_flag)),
            current_iteration: Some(iteration),
            before_flag,
        }
    }

    /// How long it takes of the time around it: a child's length in its timeline. Infinite for what never ends.
    pub fn length_ms(&self) -> f64 {
        let end_ms = self.end_ms();
        // What takes no time takes none at rate 0 either.
        if end_ms == 0.0 {
            0.0
        } else {
            end_ms / self.playback_rate.abs()
        }
    }

    /// Where a child of this timing stands, `since_ms` after its beginning in the time of the timeline around it, which runs
    /// forwards or backwards there.
    pub fn sample_within(&self, since_ms: f64, forwards: bool) -> TimingSample {
        let (local_ms, forwards) = self.local_within(since_ms, forwards);
        self.sample_played(local_ms, forwards)
    }

    /// How long it has been active `since_ms` after its beginning in the time of the timeline around it, held to how long it
    /// is: milliseconds, 0 before.
    pub fn active_within_ms(&self, since_ms: f64, forwards: bool) -> f64 {
        let (local_ms, _) = self.local_within(since_ms, forwards);
        let [first_ms, last_ms] = self.active_span_ms();
        // Not `clamp`: of what has faults one may not be a number.
        local_ms.max(first_ms).min(last_ms) - first_ms
    }

    /// As [`Timing::group_time`], for a timeline in a timeline: `since_ms` after its beginning in the time of the one around
    /// it, which runs forwards or backwards there.
    pub fn group_time_within(&self, since_ms: f64, forwards: bool) -> Option<GroupTime> {
        let (local_ms, forwards) = self.local_within(since_ms, forwards);
        self.group_time(local_ms, forwards)
    }

    /// Local time of a child, and whether that runs forwards.
    fn local_within(&self, since_ms: f64, forwards: bool) -> (f64, bool) {
        let (rate, end_ms) = (self.playback_rate, self.end_ms());
        // Whole lengths are whole: a third of the end three times need not be the end.
        let is_over = since_ms >= self.length_ms();
        match (rate < 0.0, is_over) {
            (false, false) => (since_ms * rate, forwards),
            (false, true) => ((since_ms * rate).max(end_ms), forwards),
            (true, false) => (end_ms + since_ms * rate, !forwards),
            (true, true) => ((end_ms + since_ms * rate).min(0.0), !forwards),
        }
    }

    /// The time that the children of a timeline have at its local time: what its iteration has come to by direction and
    /// easing, in milliseconds, 0 to `duration_ms` or beyond where the easing overshoots. `None` where it has no effect.
    ///
    /// `duration_ms` may be infinite where there is one iteration, begun at its beginning, in direction normal and linear.
    pub fn group_time(&self, local_ms: f64, forwards: bool) -> Option<GroupTime> {
        let active_ms = self.active_ms();
        let phase = self.phase(local_ms, forwards);
        let active_time = self.active_time(local_ms, active_ms, phase)?;
        if self.duration_ms.is_infinite() {
            return Some(GroupTime {
                ms: active_time,
                forwards,
                rests: phase != Phase::Active,
            });
        }
        let (progress, iteration) = self.iteration(active_time, active_ms, phase);
        let reversed = self.reverses(iteration);
        let at_end = phase != Phase::Before && active_time >= active_ms;
        let linear = self.easing == Easing::Linear;
        let ms = if linear && !at_end {
            // Not progress times duration: what begins at 300 of 700 ms would begin a rounding later.
            let overall_ms = self.iteration_start * self.duration_ms + active_time;
            (overall_ms - iteration * self.duration_ms).clamp(0.0, self.duration_ms)
        } else {
            progress * self.duration_ms
        };
        let ms = match (linear, reversed) {
            (true, false) => ms,
            (true, true) => self.duration_ms - ms,
            (false, reversed) => {
                let directed = if reversed { 1.0 - progress } else { progress };
                let before_flag = match phase {
                    Phase::Before => !reversed,
                    Phase::Active => false,
                    Phase::After => reversed,
                };
                self.easing.at(directed, before_flag) * self.duration_ms
            }
        };
        Some(GroupTime {
            ms,
            forwards: forwards != reversed,
            rests: phase != Phase::Active,
        })
    }

    /// Whether this iteration runs backwards.
    fn reverses(&self, iteration: f64) -> bool {
        match self.direction {
            Direction::Normal => false,
            Direction::Reverse => true,
            Direction::Alternate => is_odd(iteration),
            Direction::AlternateReverse => is_odd(iteration + 1.0),
        }
    }

    fn phase(&self, t: f64, forwards: bool) -> Phase {
        let [before, after] = self.active_span_ms();
        if t < before || (!forwards && t <= before) {
            Phase::Before
        } else if t > after || (forwards && t >= after) {
            Phase::After
        } else {
            Phase::Active
        }
    }

    fn active_time(&self, t: f64, active_ms: f64, phase: Phase) -> Option<f64> {
        match (phase, self.fill) {
            (Phase::Before, Fill::Backwards | Fill::Both) => Some((t - self.delay_ms).max(0.0)),
            (Phase::Active, _) => Some(t - self.delay_ms),
            // Not by the difference alone, which may round to a little less than what was added.
            (Phase::After, Fill::Forwards | Fill::Both) if t >= self.delay_ms + active_ms => {
                Some(active_ms)
            }
            (Phase::After, Fill::Forwards | Fill::Both) => {
                Some((t - self.delay_ms).clamp(0.0, active_ms))
            }
            _ => None,
        }
    }

    /// Simple progress and number of the current iteration.
    fn iteration(&self, active_time: f64, active_ms: f64, phase: Phase) -> (f64, f64) {
        let at_end = phase != Phase::Before && active_time >= active_ms;
        let overall = if at_end {
            // Not active_time / duration: 0.1 * 3 / 0.1 is a little above 3, which would show the first keyframe instead of the last.
            snapped(self.iterations + self.iteration_start)
        } else if self.duration_ms == 0.0 {
            self.iteration_start
        } else {
            active_time / self.duration_ms + self.iteration_start
        };
        let (fraction, iteration) = if overall.is_infinite() {
            (self.iteration_start - self.iteration_start.floor(), overall)
        } else {
            (overall - overall.floor(), overall.floor())
        };
        // The end of one iteration is the beginning of the next, except where there is no next.
        if fraction == 0.0 && at_end && self.iterations != 0.0 {
            (1.0, iteration - 1.0)
        } else {
            (fraction, iteration)
        }
    }
}

/// `v`, or the whole number it misses by rounding only (iterations 2.3 begun at 0.7).
fn snapped(v: f64) -> f64 {
    if (v - v.round()).abs() < 1e-9 {
        v.round()
    } else {
        v
    }
}

/// Infinity counts as even, as Web Animations has it.
fn is_odd(iteration: f64) -> bool {
    iteration.is_finite() && iteration.rem_euclid(2.0) >= 1.0
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values at ends and boundaries are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_exact_whatever_the_duration() {
        for (duration_ms, iterations, iteration_start) in [
            (0.1, 3.0, 0.0),
            (33.3, 7.0, 0.0),
            (1.1, 2.3, 0.7),
            (0.0, 2.0, 0.0),
            (700.0, 0.1, 0.9),
        ] {
            let timing = Timing {
                duration_ms,
                iterations,
                iteration_start,
                fill: Fill::Both,
                ..Timing::default()
            };
            assert_eq!(
                timing.sample(timing.end_ms()).progress,
                Some(1.0),
                "{timing:?}"
            );
            assert_eq!(timing.sample(1e12).progress, Some(1.0), "{timing:?}");
        }
    }

    #[test]
    fn zero_length_for_ever_is_over_at_once() {
        let timing = Timing {
            iterations: f64::INFINITY,
            fill: Fill::Both,
            direction: Direction::Alternate,
            ..Timing::default()
        };
        let sample = timing.sample(0.0);
        assert_eq!(
            (sample.phase, sample.progress, sample.current_iteration),
            (Phase::After, Some(1.0), Some(f64::INFINITY))
        );
    }

    #[test]
    fn no_iterations_hold_the_first_value() {
        let timing = Timing {
            duration_ms: 100.0,
            iterations: 0.0,
            fill: Fill::Both,
            ..Timing::default()
        };
        assert_eq!(timing.sample(50.0).progress, Some(0.0));
        assert_eq!(timing.sample(50.0).current_iteration, Some(0.0));
    }

    #[test]
    fn a_boundary_belongs_to_the_side_that_is_played_towards() {
        let forwards = Timing {
            duration_ms: 100.0,
            delay_ms: 10.0,
            end_delay_ms: 10.0,
            fill: Fill::Both,
            ..Timing::default()
        };
        let backwards = Timing {
            playback_rate: -1.0,
            ..forwards.clone()
        };
        assert_eq!(
            (forwards.sample(10.0).phase, forwards.sample(110.0).phase),
            (Phase::Active, Phase::After)
        );
        assert_eq!(
            (backwards.sample(10.0).phase, backwards.sample(110.0).phase),
            (Phase::Before, Phase::Active)
        );
        assert_eq!(backwards.sample(110.0).progress, Some(1.0));
    }

    #[test]
    fn children_have_the_time_of_the_iteration_to_the_bit() {
        let timing = Timing {
            duration_ms: 700.0,
            iterations: 3.0,
            direction: Direction::Alternate,
            fill: Fill::Forwards,
            ..Timing::default()
        };
        let time = |ms| {
            timing
                .group_time(ms, true)
                .map(|time| (time.ms, time.forwards))
        };
        for (local_ms, expected) in [
            (300.0, Some((300.0, true))),
            (700.0, Some((700.0, false))),
            (1000.0, Some((400.0, false))),
            (2100.0, Some((700.0, true))),
            (9e9, Some((700.0, true))),
            (-1.0, None),
        ] {
            assert_eq!(time(local_ms), expected, "{local_ms}");
        }
        let endless = Timing {
            duration_ms: f64::INFINITY,
            ..Timing::default()
        };
        assert_eq!(endless.group_time(1e9, true).map(|time| time.ms), Some(1e9));
        let eased = Timing {
            iterations: 1.0,
            easing: "ease-in".parse().unwrap(),
            ..timing.clone()
        };
        assert_eq!(eased.group_time(700.0, true).unwrap().ms, 700.0);
        assert!(eased.group_time(100.0, true).unwrap().ms < 100.0);
    }

    #[test]
    fn a_child_played_backwards_begins_at_its_end() {
        let timing = Timing {
            duration_ms: 100.0,
            playback_rate: -2.0,
            fill: Fill::Both,
            ..Timing::default()
        };
        assert_eq!(timing.length_ms(), 50.0);
        let progress = |ms| timing.sample_within(ms, true).progress;
        assert_eq!(
            [progress(0.0), progress(25.0), progress(50.0)],
            [Some(1.0), Some(0.5), Some(0.0)]
        );
        let still = Timing {
            playback_rate: 0.0,
            ..timing.clone()
        };
        assert_eq!(still.length_ms(), f64::INFINITY);
        let nothing = Timing {
            duration_ms: 0.0,
            ..still
        };
        assert_eq!(nothing.length_ms(), 0.0);
    }

    #[test]
    fn a_negative_end_delay_cuts_the_iterations_short() {
        let timing = Timing {
            duration_ms: 100.0,
            end_delay_ms: -40.0,
            fill: Fill::None,
            ..Timing::default()
        };
        assert_eq!(timing.end_ms(), 60.0);
        assert_eq!(
            (timing.sample(59.0).phase, timing.sample(60.0).phase),
            (Phase::Active, Phase::After)
        );
    }

    #[test]
    fn each_field_out_of_range_is_named() {
        let ok = Timing {
            duration_ms: 100.0,
            ..Timing::default()
        };
        assert_eq!(ok.validate(), Ok(()));
        for (field, timing) in [
            (
                "delay_ms",
                Timing {
                    delay_ms: f64::NAN,
                    ..ok.clone()
                },
            ),
            (
                "end_delay_ms",
                Timing {
                    end_delay_ms: f64::INFINITY,
                    ..ok.clone()
                },
            ),
            (
                "duration_ms",
                Timing {
                    duration_ms: -1.0,
                    ..ok.clone()
                },
            ),
            (
                "duration_ms",
                Timing {
                    duration_ms: f64::INFINITY,
                    ..ok.clone()
                },
            ),
            (
                "iterations",
                Timing {
                    iterations: f64::NAN,
                    ..ok.clone()
                },
            ),
            (
                "iteration_start",
                Timing {
                    iteration_start: -0.5,
                    ..ok.clone()
                },
            ),
            (
                "playback_rate",
                Timing {
                    playback_rate: f64::NAN,
                    ..ok.clone()
                },
            ),
            (
                "playback_rate",
                Timing {
                    playback_rate: -1.0,
                    iterations: f64::INFINITY,
                    ..ok.clone()
                },
            ),
        ] {
            assert!(
                matches!(timing.validate(), Err(Error::TimingRange { field: f, .. }) if f == field),
                "{timing:?}"
            );
        }
    }
}
