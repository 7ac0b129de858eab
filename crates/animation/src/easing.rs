//! Easing: progress in, eased progress out, as CSS Easing 2 has it, with Penner's curves besides.

mod bezier;
mod linear;
mod penner;
mod spring;
mod steps;
mod text;

pub use bezier::CubicBezier;
pub use linear::{LinearPoints, LinearStop};
pub use penner::{Curve, Side};
pub use spring::SpringEasing;
pub use steps::{Jump, Steps};

/// A function from progress to eased progress. It may overshoot 0..=1 on the way.
///
/// Read from and written as CSS text: `ease`, `ease-in`, `linear`, `cubic-bezier(0.3, 0, 0.7, 1)`, `steps(4, jump-end)`, `linear(0, 0.5 20%, 1)`.
/// Penner's curves are `sine-in`, `back-out`, `bounce-in-out`, `quad-out-in` and so on; `power1` to `power4` are other names for `quad` to `quint`, CasparCG's `easeOutBack` and GSAP's `back.out` are others for `back-out`.
/// Springs are `spring(mass, stiffness, damping)`, with an optional velocity, or `spring(bounce)`; what their numbers may be is
/// told at [`Spring::new`](crate::Spring::new).
///
/// ```
/// use animation::Easing;
/// let ease: Easing = "cubic-bezier(0.25, 0.1, 0.25, 1)".parse()?;
/// assert_eq!(ease.to_string(), "ease");
/// assert!((ease.at(0.5, false) - 0.8024).abs() < 1e-4);
/// # Ok::<(), animation::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Easing {
    /// No easing.
    #[default]
    Linear,
    /// A cubic Bézier from (0, 0) to (1, 1).
    CubicBezier(CubicBezier),
    /// A staircase.
    Steps(Steps),
    /// Straight pieces through given points.
    LinearPoints(LinearPoints),
    /// One of Robert Penner's curves.
    Penner(Curve, Side),
    /// A damped spring, from rest at 0 until it rests at 1.
    Spring(SpringEasing),
}

impl Easing {
    /// CSS `ease`.
    pub const EASE: Self = Self::CubicBezier(CubicBezier::EASE);
    /// CSS `ease-in`.
    pub const EASE_IN: Self = Self::CubicBezier(CubicBezier::EASE_IN);
    /// CSS `ease-out`.
    pub const EASE_OUT: Self = Self::CubicBezier(CubicBezier::EASE_OUT);
    /// CSS `ease-in-out`.
    pub const EASE_IN_OUT: Self = Self::CubicBezier(CubicBezier::EASE_IN_OUT);

    /// The eased progress at progress `p`.
    ///
    /// `p` beyond 0..=1 (an outer easing overshoots) goes on along the tangent, except for Penner's curves and springs, which hold their ends.
    /// `before_flag` concerns steps only: at an exact boundary it stays on the lower step.
    /// What it gives is finite, whatever `p` is: what goes beyond 1e9 to either side is cut there.
    pub fn at(&self, p: f64, before_flag: bool) -> f64 {
        let eased = match self {
            Self::Linear => p,
            Self::CubicBezier(bezier) => bezier.at(p),
            Self::Steps(steps) => steps.at(p, before_flag),
            Self::LinearPoints(points) => points.at(p),
            Self::Penner(curve, side) => penner::at(*curve, *side, p),
            Self::Spring(spring) => spring.at(p),
        };
        if eased.is_nan() {
            // The last line of defence: what comes of this is written into layers.
            return if p < 0.5 { 0.0 } else { 1.0 };
        }
        eased.clamp(-FARTHEST, FARTHEST)
    }
}

/// How far an easing may lead; beyond this, sums of its values lose what is seen.
const FARTHEST: f64 = 1e9;

/// The largest number that may stand in an easing.
const LARGEST: f64 = 1e6;

/// # Errors
/// [`crate::Error::EasingRange`] for the first of the numbers that is too large.
fn check_range(numbers: impl IntoIterator<Item = f64>) -> Result<(), crate::Error> {
    let mut numbers = numbers.into_iter();
    match numbers.find(|v| !(-LARGEST..=LARGEST).contains(v)) {
        Some(value) => Err(crate::Error::EasingRange { value }),
        None => Ok(()),
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values at ends and boundaries are exact")]
mod tests;
