//! Wipes as coverage: worked out row by row where their edge is, and nowhere else.
//!
//! Every place has a value from 0 to 1: how far along the wipe it lies. At progress p with an edge of the softness s it shows
//! by `(p * (1 + s) - value) / s`, held to 0..=1 (`media::wipe_shows`): nothing at 0, all of it at 1. An edge is at least one canvas px wide, so
//! that a hard one is antialiased.
//!
//! Plain f32 arithmetic without fused steps and without a library's functions: every processor gets the same bytes.

use crate::grid::Rect;
use crate::kernels::Kernels;
use crate::list::{Veil, VeilForm};
use media::Surface;
use std::ops::Range;
use std::sync::Arc;

/// How much of a block of canvas px a veil lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VeilClass {
    Nothing,
    Part,
    All,
}

/// A veil ready to be asked for the coverage of canvas px.
#[derive(Clone, Debug)]
pub(crate) struct PlacedVeil {
    /// Canvas px to what `shape` measures in.
    inverse: [f64; 6],
    shape: Shape,
    progress: f32,
    softness: f32,
    invert: bool,
}

#[derive(Clone, Debug)]
enum Shape {
    /// The value is the first coordinate.
    Linear,
    /// The value is the distance from the origin.
    Iris,
    /// The value is the angle from the first axis in turns; canvas px per unit.
    Clock(f32),
    /// The value is the luma of a picture, whose px are measured in; by luma, what shows.
    Luma(Arc<Surface>, Arc<[u8; 256]>),
}

impl PartialEq for PlacedVeil {
    fn eq(&self, other: &Self) -> bool {
        let shapes = match (&self.shape, &other.shape) {
            (Shape::Linear, Shape::Linear) | (Shape::Iris, Shape::Iris) => true,
            (Shape::Clock(a), Shape::Clock(b)) => a.to_bits() == b.to_bits(),
            (Shape::Luma(a, _), Shape::Luma(b, _)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let same = |a: f32, b: f32| a.to_bits() == b.to_bits();
        shapes
            && self.inverse == other.inverse
            && self.invert == other.invert
            && same(self.progress, other.progress)
            && same(self.softness, other.softness)
    }
}

/// What a veil leaves of a group.
#[derive(Debug)]
pub(crate) enum Shows {
    Nothing,
    Part(PlacedVeil),
    All,
}

impl PlacedVeil {
    /// Places a veil.
    pub(crate) fn place(veil: &Veil) -> Shows {
        let progress = veil.progress;
        if progress >= 1.0 {
            return Shows::All;
        }
        let [w, h] = [veil.size.width, veil.size.height];
        if !(progress > 0.0 && w > 0.0 && h > 0.0) {
            return Shows::Nothing;
        }
        let inverse = veil.transform.inverse();
        if !inverse.as_coeffs().iter().all(|v| v.is_finite()) {
            return Shows::Nothing;
        }
        let placed = measures(&veil.form, [w, h], inverse.as_coeffs());
        let Some((inverse, shape, edge)) = placed else {
            return Shows::Nothing;
        };
        if !inverse.iter().all(|v| v.is_finite()) {
            return Shows::Nothing;
        }
        let softness = veil.softness.clamp(0.0, 1.0).max(edge).min(1.0);
        #[expect(clippy::cast_possible_truncation, reason = "both lie in 0..=1")]
        let (progress, softness) = (progress as f32, softness as f32);
        let mut placed = Self {
            inverse,
            shape,
            progress,
            softness,
            invert: veil.invert,
        };
        if let Shape::Luma(_, levels) = &mut placed.shape {
            let of = |luma: u8| alpha(f32::from(luma) / 255.0, progress, softness, veil.invert);
            *levels = Arc::new(std::array::from_fn(|luma| {
                of(u8::try_from(luma).unwrap_or(u8::MAX))
            }));
        }
        Shows::Part(placed)
    }

    /// How a block of canvas px lies to the edge; `Part` when in doubt.
    pub(crate) fn class(&self, block: Rect) -> VeilClass {
        let centers = [
            (block.x0, block.y0),
            (block.x1 - 1, block.y0),
            (block.x0, block.y1 - 1),
            (block.x1 - 1, block.y1 - 1),
        ];
        let corners = centers.map(|(x, y)| self.own(x as f64 + 0.5, y as f64 + 0.5));
        let middle = [0, 1].map(|i| corners.iter().map(|at| at[i]).sum::<f64>() / 4.0);
        let apart = |at: &[f64; 2]| length([at[0] - middle[0], at[1] - middle[1]]);
        let reach = corners.iter().map(apart).fold(0.0, f64::max);
        let (low, high, softness) = match &self.shape {
            Shape::Linear => {
                let along = corners.map(|at| at[0]);
                let low = along.into_iter().fold(f64::INFINITY, f64::min);
                let high = along.into_iter().fold(f64::NEG_INFINITY, f64::max);
                (low, high, self.softness)
            }
            Shape::Iris => {
                let high = corners.iter().map(|at| length(*at)).fold(0.0, f64::max);
                ((length(middle) - reach).max(0.0), high, self.softness)
            }
            Shape::Clock(scale) => {
                let near = length(middle) - reach;
                let px = near * f64::from(*scale);
                if px < 1.0 {
                    return VeilClass::Part;
                }
                let turns = corners.map(|at| {
                    let [x, y] = [0, 1].map(|i| narrow(at[i]));
                    f64::from(turns(x, y))
                });
                let low = turns.into_iter().fold(1.0, f64::min);
                let high = turns.into_iter().fold(0.0, f64::max);
                // At least a px from where the turn begins, on both sides.
                let margin = 1.0 / px;
                if low < margin || high > 1.0 - margin || high - low > 0.5 {
                    return VeilClass::Part;
                }
                #[expect(clippy::cast_possible_truncation, reason = "about 0 to 1")]
                let softness = self.softness.max(clock_edge(px as f32));
                (low, high, softness)
            }
            Shape::Luma(..) => return VeilClass::Part,
        };
        // Values are worked out to some millionths.
        let (low, high) = (low - 1e-5, high + 1e-5);
        let (low, high) = if self.invert {
            (1.0 - high, 1.0 - low)
        } else {
            (low, high)
        };
        let shows = |value: f64| alpha(narrow(value), self.progress, softness, false);
        if shows(high) == 255 {
            VeilClass::All
        } else if shows(low) == 0 {
            VeilClass::Nothing
        } else {
            VeilClass::Part
        }
    }

    /// Writes px whose alpha is what shows of the canvas px `px` of row `y`.
    pub(crate) fn row(&self, kernels: Kernels, y: usize, px: Range<usize>, out: &mut Vec<u8>) {
        out.clear();
        out.resize(px.len() * 4, 0);
        let (progress, softness, invert) = (self.progress, self.softness, self.invert);
        let first = self.own(px.start as f64 + 0.5, y as f64 + 0.5);
        let [a, b, ..] = self.inverse;
        let ([x0, y0], [dx, dy]) = (first.map(narrow), [a, b].map(narrow));
        let all = out.as_chunks_mut::<4>().0.iter_mut().zip(0u16..);
        match &self.shape {
            Shape::Linear => all.for_each(|(px, n)| {
                px[3] = alpha(x0 + dx * f32::from(n), progress, softness, invert);
            }),
            Shape::Iris => all.for_each(|(px, n)| {
                let n = f32::from(n);
                let (x, y) = (x0 + dx * n, y0 + dy * n);
                px[3] = alpha((x * x + y * y).sqrt(), progress, softness, invert);
            }),
            Shape::Clock(scale) => all.for_each(|(px, n)| {
                let n = f32::from(n);
                px[3] = self.clock(x0 + dx * n, y0 + dy * n, *scale);
            }),
            Shape::Luma(surface, levels) => {
                #[expect(clippy::cast_possible_truncation, reason = "clamped")]
                let fixed = |v: f64, most: f64| (v * 4_294_967_296.0).clamp(-most, most) as i64;
                // So that no sum of the two overflows: 2^61 and 2^48.
                let position = first.map(|v| fixed(v - 0.5, 2_305_843_009_213_693_952.0));
                let step = [a, b].map(|v| fixed(v, 281_474_976_710_656.0));
                let size = [surface.width() as usize, surface.height() as usize];
                kernels.bilinear(out, surface.data(), size, position, step);
                for px in out.as_chunks_mut::<4>().0 {
                    px[3] = levels[usize::from(luma(*px))];
                }
            }
        }
    }

    /// What shows at a place around the center of a clock, units of `scale` canvas px.
    fn clock(&self, x: f32, y: f32, scale: f32) -> u8 {
        let px = (x * x + y * y).sqrt() * scale;
        let softness = self.softness.max(clock_edge(px));
        let shows = |value| fraction(value, self.progress, softness, self.invert);
        let mut shown = shows(turns(x, y));
        // Across where the turn begins, what has come meets what has not: over one px too.
        let beside = y * scale;
        if x > 0.0 && beside > -0.5 && beside < 0.5 {
            let after = beside + 0.5;
            shown = shows(0.0) * after + shows(1.0) * (1.0 - after);
        }
        to_byte(shown)
    }

    fn own(&self, x: f64, y: f64) -> [f64; 2] {
        let [a, b, c, d, e, f] = self.inverse;
        [a * x + c * y + e, b * x + d * y + f]
    }
}

/// What a form measures in, by canvas px: the map, the shape, and how wide an edge of one canvas px is at least.
fn measures(
    form: &VeilForm,
    [w, h]: [f64; 2],
    inverse: [f64; 6],
) -> Option<([f64; 6], Shape, f64)> {
    let corners = [[0.0, 0.0], [w, 0.0], [w, h], [0.0, h]];
    let [a, b, c, d, e, f] = inverse;
    // The longer of the two ways that one canvas px goes in own px.
    let px = length([a, b]).max(length([c, d]));
    let about = |[x, y]: [f64; 2], [sin, cos]: [f64; 2], unit: f64| {
        let turned = |u: f64, v: f64| [(u * cos + v * sin) / unit, (v * cos - u * sin) / unit];
        let ([a, b], [c, d], [e, f]) = (turned(a, b), turned(c, d), turned(e - x, f - y));
        [a, b, c, d, e, f]
    };
    Some(match form {
        VeilForm::Linear { direction: [x, y] } => {
            let along = corners.map(|[cx, cy]| cx * x + cy * y);
            let low = along.into_iter().fold(f64::INFINITY, f64::min);
            let high = along.into_iter().fold(f64::NEG_INFINITY, f64::max);
            let way = high - low;
            if way <= 0.0 || way.is_nan() {
                return None;
            }
            let map = about([low * x, low * y], [*y, *x], way);
            let edge = length([map[0], map[2]]);
            (map, Shape::Linear, edge)
        }
        VeilForm::Iris { center } => {
            let from = [center[0] * w, center[1] * h];
            let way = corners.map(|[x, y]| length([x - from[0], y - from[1]]));
            let way = way.into_iter().fold(0.0, f64::max);
            if way <= 0.0 || way.is_nan() {
                return None;
            }
            let map = about(from, [0.0, 1.0], way);
            (map, Shape::Iris, px / way)
        }
        VeilForm::Clock {
            center,
            direction: [x, y],
        } => {
            let from = [center[0] * w, center[1] * h];
            let map = about(from, [*y, *x], 1.0);
            let scale = narrow(1.0 / px);
            (map, Shape::Clock(scale), 0.0)
        }
        VeilForm::Luma(surface) => {
            let [width, height] = [surface.width(), surface.height()].map(f64::from);
            if !(width > 0.0 && height > 0.0) {
                return None;
            }
            let ([sx, sy], [e, f]) = ([width / w, height / h], [e, f]);
            let map = [a * sx, b * sy, c * sx, d * sy, e * sx, f * sy];
            let levels = Arc::new([0; 256]);
            let shape = Shape::Luma(Arc::clone(surface), levels);
            (map, shape, 1.0 / 256.0)
        }
    })
}

/// How far a place shows that lies at `value` along the wipe.
fn fraction(value: f32, progress: f32, softness: f32, invert: bool) -> f32 {
    let value = value.clamp(0.0, 1.0);
    let value = if invert { 1.0 - value } else { value };
    media::wipe_shows(value, softness, progress)
}

fn alpha(value: f32, progress: f32, softness: f32, invert: bool) -> u8 {
    to_byte(fraction(value, progress, softness, invert))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0..=1 comes in, and what is not a number becomes 0"
)]
fn to_byte(shown: f32) -> u8 {
    (shown * 255.0 + 0.5) as u8
}

/// How much of a turn one px takes, so many px from its center.
fn clock_edge(px: f32) -> f32 {
    // At the center itself everything is edge.
    (1.0 / (std::f32::consts::TAU * px.max(0.16))).min(1.0)
}

/// The angle of a place in turns, 0..1 from the first axis towards the second, to some millionths of a turn.
fn turns(x: f32, y: f32) -> f32 {
    let (ax, ay) = (x.abs(), y.abs());
    let (small, large) = if ax < ay { (ax, ay) } else { (ay, ax) };
    // What is not a number, or at the center, is where the turn begins.
    let t = if large > 0.0 { small / large } else { 0.0 };
    let s = t * t;
    // Arc tangent on 0..=1 (Abramowitz and Stegun, 4.4.49), divided by a whole turn.
    let mut turn = t
        * (0.159_154_94
            + s * (-0.053_051_35
                + s * (0.031_820_73
                    + s * (-0.022_614_16
                        + s * (0.016_959_97
                            + s * (-0.011_982_72
                                + s * (0.006_829_28 + s * (-0.002_572_86 + s * 0.000_456_17))))))));
    if ax < ay {
        turn = 0.25 - turn;
    }
    if x < 0.0 {
        turn = 0.5 - turn;
    }
    if y < 0.0 {
        turn = 1.0 - turn;
    }
    turn
}

/// Luma (BT.709) of a premultiplied px.
#[expect(clippy::cast_possible_truncation, reason = "at most 255")]
const fn luma([r, g, b, _]: [u8; 4]) -> u8 {
    ((r as u32 * 13_933 + g as u32 * 46_871 + b as u32 * 4_732 + (1 << 15)) >> 16) as u8
}

fn length([x, y]: [f64; 2]) -> f64 {
    (x * x + y * y).sqrt()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "24 bits are enough for an edge"
)]
const fn narrow(v: f64) -> f32 {
    v as f32
}

#[cfg(test)]
mod tests;
