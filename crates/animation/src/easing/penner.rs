//! Robert Penner's curves, with the constants of easings.net.

use libm::{cos, exp2, pow, sin};
use std::f64::consts::{FRAC_PI_2, TAU};

/// Family of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// A quarter of a sine.
    Sine,
    /// Power of 2.
    Quad,
    /// Power of 3.
    Cubic,
    /// Power of 4.
    Quart,
    /// Power of 5.
    Quint,
    /// Exponential.
    Expo,
    /// A quarter of a circle.
    Circ,
    /// Draws back a tenth before it goes.
    Back,
    /// A growing oscillation.
    Elastic,
    /// A falling ball's bounces.
    Bounce,
}

/// Which end is eased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The beginning.
    In,
    /// The end.
    Out,
    /// Both: half of `In`, then half of `Out`.
    InOut,
    /// The middle: half of `Out`, then half of `In`.
    OutIn,
}

/// The curve within 0..=1, its ends beyond.
pub(super) fn at(curve: Curve, side: Side, p: f64) -> f64 {
    // Exact ends: 1 - cos(pi / 2) is not 1, and 2^-10 is not 0.
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    match side {
        Side::In => rise(curve, p, false),
        Side::Out => 1.0 - rise(curve, 1.0 - p, false),
        Side::InOut if p < 0.5 => rise(curve, 2.0 * p, true) / 2.0,
        Side::InOut => 1.0 - rise(curve, 2.0 - 2.0 * p, true) / 2.0,
        Side::OutIn if p < 0.5 => 0.5 - rise(curve, 1.0 - 2.0 * p, false) / 2.0,
        Side::OutIn => 0.5 + rise(curve, 2.0 * p - 1.0, false) / 2.0,
    }
}

/// The `In` side. As `half` of an in-out curve, back and elastic have other constants.
fn rise(curve: Curve, p: f64, half: bool) -> f64 {
    match curve {
        Curve::Sine => 1.0 - cos(p * FRAC_PI_2),
        Curve::Quad => p * p,
        Curve::Cubic => p * p * p,
        Curve::Quart => pow(p, 4.0),
        Curve::Quint => pow(p, 5.0),
        Curve::Expo => exp2(10.0 * p - 10.0),
        Curve::Circ => 1.0 - (1.0 - p * p).sqrt(),
        Curve::Back => {
            let overshoot = 1.70158 * if half { 1.525 } else { 1.0 };
            p * p * ((overshoot + 1.0) * p - overshoot)
        }
        Curve::Elastic => {
            // In tenths of the rise.
            let period = if half { 4.5 } else { 3.0 };
            -exp2(10.0 * p - 10.0) * sin((10.0 * p - 10.0 - period / 4.0) * TAU / period)
        }
        Curve::Bounce => 1.0 - fall(1.0 - p),
    }
}

/// Four parabolas of one width unit 1 / 2.75, each bounce half as wide as the last.
fn fall(p: f64) -> f64 {
    let (centre, floor) = match p * 2.75 {
        x if x < 1.0 => (0.0, 0.0),
        x if x < 2.0 => (1.5, 0.75),
        x if x < 2.5 => (2.25, 0.9375),
        _ => (2.625, 0.984_375),
    };
    let x = p - centre / 2.75;
    7.5625 * x * x + floor
}
