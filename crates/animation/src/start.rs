//! When an animation begins: late commands and beats.
//!
//! Which frame first shows it needs no rule of its own: `media::Framerate::first_frame_at`.

use media::ShowTime;

/// What becomes of a start that lies in the past when its command arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatePolicy {
    /// It counts from its own time: what was missed is skipped.
    #[default]
    CatchUp,
    /// It begins with the next frame, from the beginning.
    Shift,
    /// It does not begin.
    Drop,
}

impl LatePolicy {
    /// The start that counts, for one `requested` while `next_frame` is the next to be shown; `None` when dropped.
    pub fn start(self, requested: ShowTime, next_frame: ShowTime) -> Option<ShowTime> {
        match self {
            _ if requested >= next_frame => Some(requested),
            Self::CatchUp => Some(requested),
            Self::Shift => Some(next_frame),
            Self::Drop => None,
        }
    }
}

/// Evenly spaced instants to start on, such as the beats or bars of music.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeatGrid {
    /// Beats per minute, above 0.
    pub bpm: f64,
    /// Show time of a beat, in milliseconds.
    pub offset_ms: f64,
    /// Beats between two instants: 1 for every beat, 4 for every bar of 4/4; above 0.
    pub quantum_beats: f64,
}

impl BeatGrid {
    /// The first instant at or after `now`, rounded to the nearest nanosecond.
    pub fn next(&self, now: ShowTime) -> ShowTime {
        let period_ms = 60_000.0 / self.bpm * self.quantum_beats;
        let instant = |k: f64| ShowTime::from_ms(self.offset_ms + k * period_ms);
        let k = ((now.as_ms() - self.offset_ms) / period_ms).ceil();
        // An instant is rounded to a nanosecond, so `now` taken from one may lie on either side of the exact one.
        [k - 1.0, k]
            .map(instant)
            .into_iter()
            .find(|&at| at >= now)
            .unwrap_or_else(|| instant(k + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_late_start_meets_the_policy() {
        let (early, next, late) = (
            ShowTime::from_ms(900.0),
            ShowTime::from_ms(1000.0),
            ShowTime::from_ms(1100.0),
        );
        for policy in [LatePolicy::CatchUp, LatePolicy::Shift, LatePolicy::Drop] {
            assert_eq!(policy.start(late, next), Some(late));
            assert_eq!(policy.start(next, next), Some(next));
        }
        assert_eq!(LatePolicy::CatchUp.start(early, next), Some(early));
        assert_eq!(LatePolicy::Shift.start(early, next), Some(next));
        assert_eq!(LatePolicy::Drop.start(early, next), None);
    }

    #[test]
    fn an_instant_is_its_own_next() {
        let grid = BeatGrid {
            bpm: 174.3,
            offset_ms: 0.1,
            quantum_beats: 3.0,
        };
        let mut now = ShowTime::ZERO;
        for _ in 0..2000 {
            now = grid.next(now);
            assert_eq!(grid.next(now), now);
            now = now.plus_nanos(1);
        }
    }
}
