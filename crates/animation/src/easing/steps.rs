//! `steps()`.

use crate::Error;

/// A staircase of equal steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    count: u32,
    jump: Jump,
}

/// Where a staircase jumps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jump {
    /// At the beginning of each step (CSS `start`).
    Start,
    /// At the end of each step (CSS `end`).
    #[default]
    End,
    /// At neither end of the whole: both 0 and 1 last one step.
    None,
    /// At both ends of the whole.
    Both,
}

impl Steps {
    /// `count` steps; 1 or more, 2 or more with [`Jump::None`].
    ///
    /// # Errors
    /// [`Error::StepCount`].
    pub fn new(count: u32, jump: Jump) -> Result<Self, Error> {
        let min = if jump == Jump::None { 2 } else { 1 };
        if count < min {
            Err(Error::StepCount { count, min })
        } else {
            Ok(Self { count, jump })
        }
    }

    /// Number of steps.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Where it jumps.
    pub const fn jump(&self) -> Jump {
        self.jump
    }

    pub(super) fn at(&self, p: f64, before_flag: bool) -> f64 {
        let count = f64::from(self.count);
        let (jumps, first) = match self.jump {
            Jump::Start => (count, 1.0),
            Jump::End => (count, 0.0),
            Jump::None => (count - 1.0, 0.0),
            Jump::Both => (count + 1.0, 1.0),
        };
        // Boundaries are as exact as browsers' are: 0.29 of 100 steps is a little below 29 and stays on step 28.
        // Rounding near ones up was tried, and differs from Chromium half way between offsets 0.4 and 1.
        let position = p * count;
        let mut step = first + position.floor();
        if before_flag && position - position.floor() == 0.0 {
            step -= 1.0;
        }
        if p >= 0.0 {
            step = step.max(0.0);
        }
        if p <= 1.0 {
            step = step.min(jumps);
        }
        step / jumps
    }
}
