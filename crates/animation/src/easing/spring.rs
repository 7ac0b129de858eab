//! A spring as an easing.

use crate::{Error, Motion, Spring};

/// A spring from 0 to 1, stretched so that it rests when the iteration ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpringEasing {
    spring: Spring,
    velocity: f64,
    settle_ms: f64,
}

/// Faster springs are thrown, not sprung.
const MAX_VELOCITY: f64 = 1000.0;

impl SpringEasing {
    /// A spring that is let go with `velocity`, in ways per second, -1000..=1000.
    ///
    /// # Errors
    /// [`Error::SpringRange`].
    pub fn new(spring: Spring, velocity: f64) -> Result<Self, Error> {
        if !(-MAX_VELOCITY..=MAX_VELOCITY).contains(&velocity) {
            return Err(Error::SpringRange {
                field: "velocity",
                value: velocity,
                allowed: "-1000 to 1000",
            });
        }
        let settle_ms = spring.settle_ms(
            Motion {
                value: 0.0,
                velocity,
            },
            1.0,
        );
        Ok(Self {
            spring,
            velocity,
            settle_ms,
        })
    }

    /// The spring.
    pub const fn spring(&self) -> Spring {
        self.spring
    }

    /// Ways per second at the beginning.
    pub const fn velocity(&self) -> f64 {
        self.velocity
    }

    /// How long the spring takes by itself: the duration at which it moves as its physics say.
    pub const fn settle_ms(&self) -> f64 {
        self.settle_ms
    }

    pub(super) fn at(&self, p: f64) -> f64 {
        // Exact ends: within a thousandth of them it is at rest, not there.
        if p <= 0.0 {
            return 0.0;
        }
        if p >= 1.0 {
            return 1.0;
        }
        let from = Motion {
            value: 0.0,
            velocity: self.velocity,
        };
        self.spring.at(from, 1.0, p * self.settle_ms).value
    }
}
