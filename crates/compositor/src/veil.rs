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
use media::{LumaMap, Surface, luma};
use std::ops::Range;
use std::sync::Arc;

mod limits;

use limits::Limits;

/// How far values may be from what they would be without rounding.
const MARGIN: f64 = 1e-5;

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
    edge: Edge,
    /// Of a wipe by luma.
    limits: Limits,
}

/// Where the edge of a wipe is, and how soft.
#[derive(Clone, Copy, Debug)]
struct Edge {
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
    /// The value is the luma of a picture, whose px are measured in.
    Luma(Arc<Surface>, Arc<LumaMap>),
}

impl PartialEq for PlacedVeil {
    fn eq(&self, other: &Self) -> bool {
        let shapes = match (&self.shape, &other.shape) {
            (Shape::Linear, Shape::Linear) | (Shape::Iris, Shape::Iris) => true,
            (Shape::Clock(a), Shape::Clock(b)) => a.to_bits() == b.to_bits(),
            (Shape::Luma(a, ..), Shape::Luma(b, ..)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let same = |a: f32, b: f32| a.to_bits() == b.to_bits();
        shapes
            && self.inverse == other.inverse
            && self.edge.invert == other.edge.invert
            && same(self.edge.progress, other.edge.progress)
            && same(self.edge.softness, other.edge.softness)
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
    /// Places a veil; looks at a picture that is new.
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
        let edge = Edge {
            progress,
            softness,
            invert: veil.invert,
        };
        let limits = match &shape {
            Shape::Luma(..) => Limits::new(edge),
            Shape::Linear | Shape::Iris | Shape::Clock(_) => Limits::default(),
        };
        Shows::Part(Self {
            inverse,
            shape,
            edge,
            limits,
        })
    }

    /// How a block of canvas px, or a rectangle of many, lies to the edge; `Part` when in doubt.
    pub(crate) fn class(&self, block: Rect) -> VeilClass {
        if let Shape::Luma(_, map) = &self.shape {
            let range = map.range(self.reach(block));
            return range.map_or(VeilClass::Part, |range| self.limits.class(range));
        }
        let centers = [
            (block.x0, block.y0),
            (block.x1 - 1, block.y0),
            (block.x0, block.y1 - 1),
            (block.x1 - 1, block.y1 - 1),
        ];
        let corners = centers.map(|(x, y)| self.own(x as f64 + 0.5, y as f64 + 0.5));
        let middle = [0, 1].map(|i| corners.iter().map(|at| at[i]).sum::<f64>() / 4.0);
        let apart = |at: &[f64; 2]| length([at[0] - middle[0], at[1] - middle[1]]);
        let reach = || corners.iter().map(apart).fold(0.0, f64::max);
        let (low, high, softness) = match &self.shape {
            Shape::Linear => {
                let along = corners.map(|at| at[0]);
                let low = along.into_iter().fold(f64::INFINITY, f64::min);
                let high = along.into_iter().fold(f64::NEG_INFINITY, f64::max);
                (low, high, self.edge.softness)
            }
            Shape::Iris => {
                let high = corners.iter().map(|at| length(*at)).fold(0.0, f64::max);
                (
                    (length(middle) - reach()).max(0.0),
                    high,
                    self.edge.softness,
                )
            }
            Shape::Clock(scale) => {
                let near = length(middle) - reach();
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
                let softness = self.edge.softness.max(clock_edge(px as f32));
                (low, high, softness)
            }
            // Looked at above.
            Shape::Luma(..) => return VeilClass::Part,
        };
        // Values are worked out to some millionths.
        let (low, high) = (low - MARGIN, high + MARGIN);
        let (low, high) = if self.edge.invert {
            (1.0 - high, 1.0 - low)
        } else {
            (low, high)
        };
        let edge = Edge {
            softness,
            invert: false,
            ..self.edge
        };
        let shows = |value: f64| to_byte(edge.shows(narrow(value)));
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
        // All of it is written.
        out.resize(px.len() * 4, 0);
        let first = self.own(px.start as f64 + 0.5, y as f64 + 0.5);
        let [a, b, ..] = self.inverse;
        let (from, step) = (first.map(narrow), [a, b].map(narrow));
        let (all, edge) = (out.as_chunks_mut::<4>().0, self.edge);
        match &self.shape {
            Shape::Linear => kernels.plainly(
                #[inline(always)]
                || linear(all, from, step, edge),
            ),
            Shape::Iris => kernels.plainly(
                #[inline(always)]
                || iris(all, from, step, edge),
            ),
            Shape::Clock(scale) => {
                kernels.plainly(
                    #[inline(always)]
                    || clock(all, from, step, *scale, edge),
                );
                begin_clock(all, first, [a, b], *scale, edge);
            }
            Shape::Luma(surface, map) => {
                #[expect(clippy::cast_possible_truncation, reason = "clamped")]
                let fixed = |v: f64, most: f64| (v * 4_294_967_296.0).clamp(-most, most) as i64;
                // So that no sum of the two overflows: 2^61 and 2^48.
                let position = first.map(|v| fixed(v - 0.5, 2_305_843_009_213_693_952.0));
                let step = [a, b].map(|v| fixed(v, 281_474_976_710_656.0));
                let size = [surface.width() as usize, surface.height() as usize];
                if let Some(whole) = whole_row(map, position, step, px.len()) {
                    kernels.plainly(
                        #[inline(always)]
                        || by_luma(all, whole, edge),
                    );
                    return;
                }
                kernels.bilinear(out, surface.data(), size, position, step);
                let all = out.as_chunks_mut::<4>().0;
                kernels.plainly(
                    #[inline(always)]
                    || in_place_by_luma(all, edge),
                );
            }
        }
    }

    /// Between which positions on both axes the px centers of a rectangle lie, px centers of the picture at whole numbers.
    fn reach(&self, block: Rect) -> [[f64; 2]; 2] {
        let [a, b, c, d, e, f] = self.inverse;
        let ends = |from: usize, to: usize| [from as f64 + 0.5, to as f64 - 0.5];
        let (xs, ys) = (ends(block.x0, block.x1), ends(block.y0, block.y1));
        [[a, c, e], [b, d, f]].map(|[by_x, by_y, moved]| {
            let (x, y) = (xs.map(|x| by_x * x), ys.map(|y| by_y * y));
            let low = x[0].min(x[1]) + y[0].min(y[1]);
            let high = x[0].max(x[1]) + y[0].max(y[1]);
            [low + moved - 0.5, high + moved - 0.5]
        })
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
            let shape = Shape::Luma(Arc::clone(surface), Arc::clone(surface.luma_map()));
            (map, shape, 1.0 / 256.0)
        }
    })
}

impl Edge {
    /// How far a place shows that lies at `value` along the wipe.
    #[inline(always)]
    fn shows(self, value: f32) -> f32 {
        let value = unit(value);
        let value = if self.invert { 1.0 - value } else { value };
        unit(media::wipe_shows(value, self.softness, self.progress))
    }

    /// With an edge of another width.
    #[inline(always)]
    const fn of(self, softness: f32) -> Self {
        Self { softness, ..self }
    }
}

/// Held to 0..=1; what is not a number is 0.
#[inline(always)]
#[expect(
    clippy::manual_clamp,
    reason = "a clamp leaves what is not a number as it is"
)]
fn unit(v: f32) -> f32 {
    v.max(0.0).min(1.0)
}

/// Of 0..=1, 0..=255: added to 2^23, where floats are whole numbers apart, the nearest one stands in the last bits. So vectors need
/// no conversion, whose edges each processor has in its own way.
#[inline(always)]
fn to_bits(shown: f32) -> u32 {
    (shown * 255.0 + 8_388_608.0).to_bits() & 0xff
}

#[expect(clippy::cast_possible_truncation, reason = "at most 255")]
fn to_byte(shown: f32) -> u8 {
    to_bits(shown) as u8
}

/// A px of this alpha alone.
#[inline(always)]
fn px(shown: f32) -> [u8; 4] {
    (to_bits(shown) << 24).to_le_bytes()
}

#[inline(always)]
fn linear(all: &mut [[u8; 4]], [x0, _]: [f32; 2], [dx, _]: [f32; 2], edge: Edge) {
    for (out, n) in all.iter_mut().zip(0u16..) {
        *out = px(edge.shows(x0 + dx * f32::from(n)));
    }
}

#[inline(always)]
fn iris(all: &mut [[u8; 4]], [x0, y0]: [f32; 2], [dx, dy]: [f32; 2], edge: Edge) {
    for (out, n) in all.iter_mut().zip(0u16..) {
        let n = f32::from(n);
        let (x, y) = (x0 + dx * n, y0 + dy * n);
        *out = px(edge.shows((x * x + y * y).sqrt()));
    }
}

/// What shows around the center of a clock, units of `scale` canvas px.
#[inline(always)]
fn clock(all: &mut [[u8; 4]], [x0, y0]: [f32; 2], [dx, dy]: [f32; 2], scale: f32, edge: Edge) {
    for (out, n) in all.iter_mut().zip(0u16..) {
        let n = f32::from(n);
        let (x, y) = (x0 + dx * n, y0 + dy * n);
        let softness = edge
            .softness
            .max(clock_edge((x * x + y * y).sqrt() * scale));
        *out = px(edge.of(softness).shows(turns(x, y)));
    }
}

/// Across where the turn begins, what has come meets what has not: over one px too.
fn begin_clock(all: &mut [[u8; 4]], from: [f64; 2], step: [f64; 2], scale: f32, edge: Edge) {
    let near = |n: usize| {
        let at = [0, 1].map(|i| narrow(from[i]) + narrow(step[i]) * narrow(n as f64));
        (at[0], at[1] * scale)
    };
    // Where that can be: on all of a row that runs along it, else about one place.
    let (middle, half) = (
        -from[1] / step[1],
        (0.5 / f64::from(scale) / step[1]).abs() + 2.0,
    );
    let within = if middle.is_finite() && half.is_finite() {
        let end = all.len() as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "held to the row"
        )]
        let at = |v: f64| v.clamp(0.0, end) as usize;
        at((middle - half).floor())..at((middle + half).ceil())
    } else {
        0..all.len()
    };
    for n in within {
        let (x, beside) = near(n);
        if x > 0.0 && beside > -0.5 && beside < 0.5 {
            let y = beside / scale;
            let softness = edge
                .softness
                .max(clock_edge((x * x + y * y).sqrt() * scale));
            let (edge, after) = (edge.of(softness), beside + 0.5);
            all[n] = px(edge.shows(0.0) * after + edge.shows(1.0) * (1.0 - after));
        }
    }
}

/// The luma of so many px, where those of the canvas lie on px of the picture; with px centres at whole numbers, 32.32 fixed point.
fn whole_row(map: &LumaMap, position: [i64; 2], step: [i64; 2], count: usize) -> Option<&[u8]> {
    let whole = |at: i64| {
        usize::try_from(at >> 32)
            .ok()
            .filter(|_| at & 0xffff_ffff == 0)
    };
    let at = [whole(position[0])?, whole(position[1])?];
    map.row(at, count).filter(|_| step == [1 << 32, 0])
}

/// What shows of 0..=255 at luma 0, and how much less with each level more: what [`Edge::shows`] is, without dividing for each px.
#[inline(always)]
fn by_level(edge: Edge) -> [f32; 2] {
    let less = 1.0 / edge.softness;
    let first = edge.progress * (1.0 + edge.softness) * less * 255.0;
    if edge.invert {
        [first - less * 255.0, -less]
    } else {
        [first, less]
    }
}

/// What shows by luma.
#[inline(always)]
fn by_luma(all: &mut [[u8; 4]], luma: &[u8], edge: Edge) {
    let [first, less] = by_level(edge);
    for (out, luma) in all.iter_mut().zip(luma) {
        *out = level_px(first - less * f32::from(*luma));
    }
}

/// As [`by_luma`], of the px that are there.
#[inline(always)]
fn in_place_by_luma(all: &mut [[u8; 4]], edge: Edge) {
    let [first, less] = by_level(edge);
    for out in all {
        *out = level_px(first - less * luma(*out).cast_signed() as f32);
    }
}

/// As [`px`], of what shows in levels.
#[inline(always)]
#[expect(
    clippy::manual_clamp,
    reason = "a clamp leaves what is not a number as it is"
)]
fn level_px(shown: f32) -> [u8; 4] {
    let bits = (shown.max(0.0).min(255.0) + 8_388_608.0).to_bits() & 0xff;
    (bits << 24).to_le_bytes()
}

/// How much of a turn one px takes, so many px from its center.
#[inline(always)]
fn clock_edge(px: f32) -> f32 {
    // At the center itself everything is edge.
    (1.0 / (std::f32::consts::TAU * px.max(0.16))).min(1.0)
}

/// The angle of a place in turns, 0..1 from the first axis towards the second, to some millionths of a turn.
#[inline(always)]
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
