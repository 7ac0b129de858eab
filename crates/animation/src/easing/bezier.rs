//! `cubic-bezier()`.

use crate::Error;

/// A cubic Bézier from (0, 0) to (1, 1), as a function of x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CubicBezier {
    x1: f64,
    y1: f64,
    x2: f64,
    y2: f64,
}

impl CubicBezier {
    pub(super) const EASE: Self = Self {
        x1: 0.25,
        y1: 0.1,
        x2: 0.25,
        y2: 1.0,
    };
    pub(super) const EASE_IN: Self = Self {
        x1: 0.42,
        y1: 0.0,
        x2: 1.0,
        y2: 1.0,
    };
    pub(super) const EASE_OUT: Self = Self {
        x1: 0.0,
        y1: 0.0,
        x2: 0.58,
        y2: 1.0,
    };
    pub(super) const EASE_IN_OUT: Self = Self {
        x1: 0.42,
        y1: 0.0,
        x2: 0.58,
        y2: 1.0,
    };

    /// The curve with control points (`x1`, `y1`) and (`x2`, `y2`); y from -1e6 to 1e6.
    ///
    /// # Errors
    /// [`Error::BezierX`] when an x lies outside 0..=1, [`Error::EasingRange`] when a y is too large.
    pub fn new(x1: f64, y1: f64, x2: f64, y2: f64) -> Result<Self, Error> {
        super::check_range([y1, y2])?;
        match [x1, x2].into_iter().find(|x| !(0.0..=1.0).contains(x)) {
            Some(value) => Err(Error::BezierX { value }),
            None => Ok(Self { x1, y1, x2, y2 }),
        }
    }

    /// The control points as `[x1, y1, x2, y2]`.
    pub const fn control_points(&self) -> [f64; 4] {
        [self.x1, self.y1, self.x2, self.y2]
    }

    pub(super) fn at(&self, x: f64) -> f64 {
        if x <= 0.0 {
            self.start_slope() * x
        } else if x >= 1.0 {
            1.0 + self.end_slope() * (x - 1.0)
        } else {
            cubic(self.y1, self.y2, self.solve(x))
        }
    }

    /// Slope at (0, 0), towards the first control point that is not there; steep ones are cut, since the steepest are infinite.
    fn start_slope(&self) -> f64 {
        const STEEPEST: f64 = 1e9;
        if self.x1 > 0.0 {
            (self.y1 / self.x1).clamp(-STEEPEST, STEEPEST)
        } else if self.y1 == 0.0 && self.x2 > 0.0 {
            (self.y2 / self.x2).clamp(-STEEPEST, STEEPEST)
        } else if self.y1 == 0.0 && self.y2 == 0.0 {
            1.0
        } else {
            0.0
        }
    }

    /// Slope at (1, 1), the mirror image.
    fn end_slope(&self) -> f64 {
        let (x1, y1, x2, y2) = (1.0 - self.x1, 1.0 - self.y1, 1.0 - self.x2, 1.0 - self.y2);
        Self {
            x1: x2,
            y1: y2,
            x2: x1,
            y2: y1,
        }
        .start_slope()
    }

    /// The curve parameter at `x`, 0..1 exclusive: Newton inside a bracket.
    ///
    /// Each turn halves either the error or the bracket, so that the bound on turns is never what ends it;
    /// Newton alone leaves the curve where x is nearly flat, bisection alone takes 50 turns instead of about 5.
    fn solve(&self, x: f64) -> f64 {
        let (mut low, mut high, mut s, mut last_error) = (0.0, 1.0, x, f64::INFINITY);
        for _ in 0..128 {
            let error = cubic(self.x1, self.x2, s) - x;
            if error.abs() < 1e-14 {
                break;
            }
            if error > 0.0 {
                high = s;
            } else {
                low = s;
            }
            let newton = s - error / cubic_slope(self.x1, self.x2, s);
            let helps = error.abs() <= 0.5 * last_error && low < newton && newton < high;
            s = if helps { newton } else { 0.5 * (low + high) };
            last_error = error.abs();
        }
        s
    }
}

/// One coordinate at parameter `s`.
fn cubic(c1: f64, c2: f64, s: f64) -> f64 {
    (((1.0 + 3.0 * (c1 - c2)) * s + 3.0 * (c2 - 2.0 * c1)) * s + 3.0 * c1) * s
}

/// Its derivative.
fn cubic_slope(c1: f64, c2: f64, s: f64) -> f64 {
    (3.0 * (1.0 + 3.0 * (c1 - c2)) * s + 6.0 * (c2 - 2.0 * c1)) * s + 3.0 * c1
}
