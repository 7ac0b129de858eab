//! What there is to tell about an animation, and when.

use crate::{Animation, Clocked};
use animation::{Playback, Timing};
use media::ShowTime;

/// Something that comes to pass with an animation as time goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// Its iterations begin.
    Started,
    /// Another of its iterations begins: its number, from 0.
    Iteration(f64),
    /// It is over.
    Finished,
    /// It has waited long enough.
    TimedOut,
}

impl Animation {
    /// What comes to pass next, later than `after`, as it runs now: one thing, or two at one time. Iterations shorter than
    /// `shortest_ns` nanoseconds of show time are passed over.
    ///
    /// A function of the animation alone: whoever knows until when he has told finds what is left to tell.
    pub fn next_marks(
        &self,
        after: ShowTime,
        shortest_ns: i64,
    ) -> Option<(ShowTime, [Option<Mark>; 2])> {
        if self.waits() {
            let until = self.waits_until().filter(|until| *until > after)?;
            return Some((until, [Some(Mark::TimedOut), None]));
        }
        let life = Life {
            playback: self.playback(),
            timing: &self.timing,
            ends_at: self.ends_at(),
            stands_from: None,
        };
        life.next_marks(after, shortest_ns)
    }
}

impl Clocked<'_> {
    /// As [`Animation::next_marks`]; nothing comes to pass with a timeline while it stands at a point to pause at.
    pub fn next_marks(
        self,
        after: ShowTime,
        shortest_ns: i64,
    ) -> Option<(ShowTime, [Option<Mark>; 2])> {
        let timeline = match self {
            Self::Animation(one) => return one.next_marks(after, shortest_ns),
            Self::Timeline(one) => one,
        };
        if timeline.waits() {
            let until = self.waits_until().filter(|until| *until > after)?;
            return Some((until, [Some(Mark::TimedOut), None]));
        }
        let life = Life {
            playback: timeline.playback(),
            timing: &timeline.laid_timing(),
            ends_at: timeline.ends_at(),
            stands_from: timeline.stands_from(),
        };
        life.next_marks(after, shortest_ns)
    }

    /// When its iterations begin, as it runs now.
    pub fn begins_at(self) -> Option<ShowTime> {
        let (playback, [first_ms, last_ms]) = match self {
            Self::Animation(one) => (one.playback(), one.timing.active_span_ms()),
            Self::Timeline(one) => (one.playback(), one.laid_timing().active_span_ms()),
        };
        playback.reaches(if playback.rate() < 0.0 {
            last_ms
        } else {
            first_ms
        })
    }
}

/// The clock of something.
struct Life<'a> {
    playback: Playback,
    timing: &'a Timing,
    ends_at: Option<ShowTime>,
    /// From when on it stands at a point to pause at.
    stands_from: Option<ShowTime>,
}

impl Life<'_> {
    fn next_marks(
        &self,
        after: ShowTime,
        shortest_ns: i64,
    ) -> Option<(ShowTime, [Option<Mark>; 2])> {
        let [first_ms, last_ms] = self.timing.active_span_ms();
        let backwards = self.playback.rate() < 0.0;
        let begin_ms = if backwards { last_ms } else { first_ms };
        let started = self.playback.reaches(begin_ms);
        // In the order of a life: it began, then it was over.
        let all = [
            started.map(|at| (at, Mark::Started)),
            self.next_iteration(after, shortest_ns),
            self.ends_at.map(|at| (at, Mark::Finished)),
        ];
        let runs = |at: ShowTime| self.stands_from.is_none_or(|stands| at < stands);
        let to_come = || {
            let all = all.iter().flatten();
            all.filter(|(at, _)| *at > after && runs(*at))
        };
        let next = to_come().map(|(at, _)| *at).min()?;
        let mut marks = to_come()
            .filter(|(at, _)| *at == next)
            .map(|(_, mark)| *mark);
        Some((next, [marks.next(), marks.next_back()]))
    }

    fn next_iteration(&self, after: ShowTime, shortest_ns: i64) -> Option<(ShowTime, Mark)> {
        let (playback, timing) = (&self.playback, self.timing);
        let rate = playback.rate();
        let long_ns = timing.duration_ms / rate.abs() * 1e6;
        if playback.is_paused() || !long_ns.is_finite() || long_ns < shortest_ns.max(1) as f64 {
            return None;
        }
        // Boundaries are where the overall progress is whole.
        let overall = |local_ms: f64| {
            (local_ms - timing.delay_ms) / timing.duration_ms + timing.iteration_start
        };
        let local_ms =
            |whole: f64| timing.delay_ms + (whole - timing.iteration_start) * timing.duration_ms;
        let [first_ms, last_ms] = timing.active_span_ms();
        let now = overall(playback.local_ms(after));
        let (nearest, step) = if rate < 0.0 {
            (now.min(overall(last_ms)).ceil(), -1.0)
        } else {
            (now.max(overall(first_ms)).floor(), 1.0)
        };
        // A boundary is rounded up to a nanosecond, so that one may lie on either side of the exact one.
        for k in 0..4 {
            let whole = nearest + step * f64::from(k);
            let boundary_ms = local_ms(whole);
            if boundary_ms <= first_ms || boundary_ms >= last_ms {
                continue;
            }
            if let Some(at) = playback.reaches(boundary_ms).filter(|at| *at > after) {
                let number = if rate < 0.0 { whole - 1.0 } else { whole };
                return Some((at, Mark::Iteration(number)));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, Start, Target};
    use animation::{Playback, Timing};
    use proptest::prelude::*;

    fn with(timing: Timing, playback: Option<Playback>) -> Animation {
        Animation {
            start: Start::At(ShowTime::from_ms(1000.0)),
            playback,
            ..Animation::new(Id::new("m").unwrap(), Target::Canvas, timing, &[])
        }
    }

    /// All marks, in milliseconds.
    fn told(animation: &Animation, most: usize) -> Vec<(f64, Mark)> {
        let mut after = ShowTime::ZERO;
        let mut all = Vec::new();
        while let Some((at, marks)) = animation.next_marks(after, 1_000_000) {
            all.extend(marks.iter().flatten().map(|mark| (at.as_ms(), *mark)));
            after = at;
            if all.len() >= most {
                break;
            }
        }
        all
    }

    #[test]
    fn a_life_is_told_in_its_order() {
        let timing = Timing {
            delay_ms: 50.0,
            duration_ms: 100.0,
            iterations: 2.5,
            ..Timing::default()
        };
        assert_eq!(
            told(&with(timing.clone(), None), 9),
            [
                (1050.0, Mark::Started),
                (1150.0, Mark::Iteration(1.0)),
                (1250.0, Mark::Iteration(2.0)),
                (1300.0, Mark::Finished),
            ]
        );
        let back = Playback::from_parts(ShowTime::from_ms(1000.0), 300.0, -2.0, false);
        assert_eq!(
            told(&with(timing.clone(), Some(back)), 9),
            [
                (1000.0, Mark::Started),
                (1025.0, Mark::Iteration(1.0)),
                (1075.0, Mark::Iteration(0.0)),
                (1125.0, Mark::Finished),
            ]
        );
        let held = Playback::from_parts(ShowTime::from_ms(1000.0), 30.0, 1.0, true);
        assert_eq!(told(&with(timing, Some(held)), 9), []);
        let endless = Timing {
            duration_ms: 10.0,
            iterations: f64::INFINITY,
            ..Timing::default()
        };
        assert_eq!(told(&with(endless.clone(), None), 500).len(), 500);
        let at_once = with(Timing::default(), None);
        assert_eq!(
            told(&at_once, 9),
            [(1000.0, Mark::Started), (1000.0, Mark::Finished)]
        );
        let short = Timing {
            duration_ms: 0.5,
            ..endless
        };
        assert_eq!(
            told(&with(short, None), 9),
            [(1000.0, Mark::Started)],
            "iterations that nobody could see"
        );
    }

    proptest! {
        /// Each mark is later than the last, and every iteration is told once.
        #[test]
        fn marks_go_forward(
            delay_ms in -500.0..500.0_f64, duration_ms in 1.0..500.0_f64, iterations in 0.0..9.0_f64,
            iteration_start in 0.0..3.0_f64, rate in prop_oneof![-3.0..-0.1_f64, 0.1..3.0_f64],
        ) {
            let timing = Timing { delay_ms, duration_ms, iterations, iteration_start, ..Timing::default() };
            let playback = Playback::from_parts(
                ShowTime::from_ms(10_000.0), if rate < 0.0 { timing.end_ms() } else { 0.0 }, rate, false,
            );
            let all = told(&with(timing, Some(playback)), 100);
            prop_assert!(all.len() < 20, "{:?}", all);
            prop_assert!(all.windows(2).all(|two| two[0].0 <= two[1].0));
            let numbers: Vec<f64> = all.iter().filter_map(|(_, mark)| match mark {
                Mark::Iteration(number) => Some(*number),
                _ => None,
            }).collect();
            let step = if rate < 0.0 { -1.0 } else { 1.0 };
            prop_assert!(numbers.windows(2).all(|two| (two[1] - two[0] - step).abs() < 1e-9), "{:?}", numbers);
        }
    }
}
