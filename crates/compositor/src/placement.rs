//! Where a surface lies on the canvas, in fixed point.

use crate::grid::Rect;
use crate::pinned::PinnedSampler;
use kurbo::Affine;
use media::{Resolution, Surface};
use std::ops::Range;

/// Fraction bits of positions in surface px: over 8192 px of a row, rounded steps drift by 1e-6 surface px.
const FRACTION_BITS: u32 = 32;

/// Largest step in surface px per canvas px: beyond it a picture is thinner than any visible line and is left out.
const MAX_STEP: f64 = (1 << 20) as f64;

/// Larger surfaces are left out; positions inside them would not fit the fixed point.
pub(crate) const MAX_SIDE: u32 = 1 << 30;

/// Shear and scale that move no surface px by more than this count as none.
const STILL_PX: f64 = 1.0 / 1024.0;

/// How canvas px map to surface px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Placement {
    /// The surface's top-left px lies on canvas px (x, y).
    Direct { x: i64, y: i64 },
    /// As `Direct`, moved right and down by `fx` and `fy` 256ths, not both 0.
    Shifted { x: i64, y: i64, fx: u16, fy: u16 },
    /// Any other affine.
    Affine(Sampler),
    /// In perspective.
    Pinned(PinnedSampler),
}

impl Placement {
    /// Places a surface and bounds what it covers on the canvas; `None` when nothing of it can be seen.
    pub(crate) fn new(
        surface: &Surface,
        transform: Affine,
        canvas: Resolution,
    ) -> Option<(Self, Rect)> {
        let (width, height) = (surface.width(), surface.height());
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return None;
        }
        let (w, h) = (f64::from(width), f64::from(height));
        let [a, b, c, d, e, f] = transform.as_coeffs();
        let bounds = bounds(transform, w, h, canvas)?;
        let still = (a - 1.0).abs() * w + c.abs() * h < STILL_PX
            && b.abs() * w + (d - 1.0).abs() * h < STILL_PX;
        if !still {
            return Some((Self::Affine(Sampler::new(transform, w, h)?), bounds));
        }
        let ((x, fx), (y, fy)) = (split_256ths(e), split_256ths(f));
        if fx == 0 && fy == 0 {
            // The bounds of an affine are a px wider; a px more could cost a column of blocks.
            let canvas = whole(canvas);
            let clip = |from: i64, len: u32, end: usize| {
                let at = |v: i64| usize::try_from(v.max(0)).unwrap_or(end).min(end);
                (at(from), at(from + i64::from(len)))
            };
            let ((x0, x1), (y0, y1)) = (clip(x, width, canvas.x1), clip(y, height, canvas.y1));
            let bounds = Rect { x0, y0, x1, y1 };
            return (!bounds.is_empty()).then_some((Self::Direct { x, y }, bounds));
        }
        Some((Self::Shifted { x, y, fx, fy }, bounds))
    }

    /// Whether surface columns stay upright on the canvas: what a block reads across follows from its column alone, and
    /// what it reads down from its row.
    pub(crate) fn is_level(&self) -> bool {
        match self {
            Self::Direct { .. } | Self::Shifted { .. } => true,
            Self::Pinned(_) => false,
            Self::Affine(sampler) => sampler.inverse[1] == 0.0 && sampler.inverse[2] == 0.0,
        }
    }

    /// What a block of canvas px reads of a surface of `size` px along one axis, 0 across and 1 down; `None` when nothing.
    pub(crate) fn reach(&self, axis: usize, block: Rect, size: [u32; 2]) -> Option<Reach> {
        let [first, last] = block.ends(axis).map(|at| at as i64);
        let (first, last, covered) = match *self {
            Self::Direct { x, y } => {
                let at = [x, y][axis];
                (first - at, last - at, true)
            }
            Self::Shifted { x, y, fx, fy } => {
                let (at, fraction) = ([x, y][axis], [fx, fy][axis]);
                (first - at - i64::from(fraction > 0), last - at, true)
            }
            Self::Affine(sampler) => sampler.reach(axis, block)?,
            Self::Pinned(sampler) => {
                let (read, covered) = sampler.reach(block, size)?;
                let (first, last) = read[axis];
                (first, last, covered)
            }
        };
        Reach::of(first, last, size[axis], covered)
    }

    /// As [`reach`](Self::reach), across and down.
    pub(crate) fn reaches(&self, block: Rect, size: [u32; 2]) -> [Option<Reach>; 2] {
        let Self::Pinned(sampler) = self else {
            return [0, 1].map(|axis| self.reach(axis, block, size));
        };
        // What it reads along one axis takes as long to find out as along both.
        let Some((read, covered)) = sampler.reach(block, size) else {
            return [None; 2];
        };
        [0, 1].map(|axis| {
            let (first, last) = read[axis];
            Reach::of(first, last, size[axis], covered)
        })
    }
}

/// What a block of canvas px reads of a surface along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Surface px.
    pub(crate) first: usize,
    /// Surface px, inclusive.
    pub(crate) last: usize,
    /// Whether every px of the block lies inside the surface and is covered fully.
    pub(crate) inside: bool,
}

impl Reach {
    /// The px `first..=last` of `side`, and whether each px of the block is covered fully; `None` when all lie outside.
    fn of(first: i64, last: i64, side: u32, covered: bool) -> Option<Self> {
        let side = i64::from(side);
        if last < 0 || first >= side {
            return None;
        }
        let px = |v: i64| usize::try_from(v.clamp(0, side - 1)).unwrap_or(0);
        Some(Self {
            first: px(first),
            last: px(last),
            inside: covered && first >= 0 && last < side,
        })
    }
}

/// Samples a surface through the inverse of its transform.
///
/// Taps are clamped to the surface and the edge is antialiased by coverage over one canvas px;
/// taps that read transparent outside would blur the edges of an enlarged picture over as many px as the scale,
/// and make a 1 x 1-px surface stretched to a rectangle a blob.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Canvas px to surface px, pixel centres at whole numbers on the surface's side.
    inverse: [f64; 6],
    /// Steps per canvas px to the right, fixed point.
    step: [i64; 2],
    /// Canvas px per surface px across the surface's edges.
    scale: [f64; 2],
    /// Width and height in surface px.
    size: [f64; 2],
    /// Where coverage is more than nothing, fixed point, inclusive.
    outer: [[i64; 2]; 2],
    /// Where coverage is full, fixed point, inclusive.
    inner: [[i64; 2]; 2],
}

impl Sampler {
    fn new(transform: Affine, w: f64, h: f64) -> Option<Self> {
        let determinant = transform.determinant();
        if determinant == 0.0 || !determinant.is_finite() {
            return None;
        }
        let [a, b, c, d, e, f] = transform.inverse().as_coeffs();
        let inverse = [a, b, c, d, e - 0.5, f - 0.5];
        let seen = [a, b, c, d].iter().all(|v| v.abs() <= MAX_STEP)
            && [e, f].iter().all(|v| v.abs() <= MAX_STEP * MAX_STEP);
        if !seen {
            return None;
        }
        let scale = [
            (a * a + c * c).sqrt().recip(),
            (b * b + d * d).sqrt().recip(),
        ];
        if !scale.iter().all(|s| s.is_finite()) {
            return None;
        }
        let limits = |side: f64, half: f64| [to_fixed(-half - 0.5), to_fixed(side + half - 0.5)];
        let size = [w, h];
        let half = scale.map(|s| 0.5 / s);
        Some(Self {
            inverse,
            step: [wrap(to_wide(a)), wrap(to_wide(b))],
            scale,
            size,
            outer: [limits(w, half[0]), limits(h, half[1])],
            inner: [limits(w, -half[0]), limits(h, -half[1])],
        })
    }

    /// Fixed-point surface position of px 0 of canvas row `y`.
    ///
    /// Wide, because px 0 may be far from a small picture: a position is this plus `x * step`, the same for `x` wherever drawing begins.
    fn row_start(&self, y: usize) -> [i128; 2] {
        let [a, b, c, d, e, f] = self.inverse;
        let y = y as f64 + 0.5;
        [to_wide(a * 0.5 + c * y + e), to_wide(b * 0.5 + d * y + f)]
    }

    /// The canvas px of row `y`, within `x`, that are covered at all, and those of them covered fully.
    pub(crate) fn row(&self, y: usize, x: Range<usize>) -> SampledRow {
        let start = self.row_start(y);
        let within = |limits: &[[i64; 2]; 2], x: Range<usize>| {
            let x = solve(start[0], self.step[0], limits[0], x);
            solve(start[1], self.step[1], limits[1], x)
        };
        let covered = within(&self.outer, x);
        let full = within(&self.inner, covered.clone());
        let full = if full.is_empty() {
            covered.end..covered.end
        } else {
            full
        };
        SampledRow {
            start: start.map(wrap),
            step: self.step,
            covered,
            full,
        }
    }

    /// Coverage at a fixed-point position, 0..=255.
    pub(crate) fn coverage(&self, position: [i64; 2]) -> u8 {
        let along = |i: usize| {
            let at = position[i] as f64 / (1i64 << FRACTION_BITS) as f64 + 0.5;
            overlap(at, self.size[i], self.scale[i])
        };
        to_coverage(along(0) * along(1))
    }

    /// The first and last surface px that a block of canvas px reads along one axis, and whether all of the block is covered
    /// fully; `None` when nothing is.
    fn reach(&self, axis: usize, block: Rect) -> Option<(i64, i64, bool)> {
        let [across, down, offset] = match self.inverse {
            [a, _, c, _, e, _] if axis == 0 => [a, c, e],
            [_, b, _, d, _, f] => [b, d, f],
        };
        // The centre of the block, and how far its outermost px centres are from it, on the surface.
        let (x, y) = (
            (block.x0 + block.x1) as f64 / 2.0,
            (block.y0 + block.y1) as f64 / 2.0,
        );
        let (dx, dy) = (
            (block.x1 - block.x0 - 1) as f64 / 2.0,
            (block.y1 - block.y0 - 1) as f64 / 2.0,
        );
        let center = across * x + down * y + offset;
        let away = across.abs() * dx + down.abs() * dy;
        let (from, to) = (center - away, center + away);
        // A 64th covers the rounding of positions; taps are clamped, and so is their range.
        let margin = 1.0 / 64.0;
        let (side, half) = (self.size[axis], 0.5 / self.scale[axis] + margin);
        if to < -half - 0.5 || from > side + half - 0.5 {
            return None;
        }
        let covered = from >= half - 0.5 && to <= side - half - 0.5;
        // Not negative, so cutting is rounding down, without a call where the processor has no instruction for it.
        let first = to_i64((from - margin).clamp(0.0, side - 1.0));
        let last = to_i64((to + margin).clamp(-1.0, side - 2.0) + 1.0);
        Some((first, last.max(first), covered))
    }
}

/// One row of canvas px seen by a [`Sampler`].
pub(crate) struct SampledRow {
    start: [i64; 2],
    step: [i64; 2],
    /// Canvas px with any coverage.
    pub(crate) covered: Range<usize>,
    /// Canvas px with full coverage, within `covered`.
    pub(crate) full: Range<usize>,
}

impl SampledRow {
    /// Fixed-point surface position of canvas px `x`; exact wherever the px is covered.
    pub(crate) fn position(&self, x: usize) -> [i64; 2] {
        std::array::from_fn(|i| self.start[i].wrapping_add(self.step[i].wrapping_mul(x as i64)))
    }

    /// Steps per px.
    pub(crate) const fn step(&self) -> [i64; 2] {
        self.step
    }
}

/// How much of a px at `at` (its centre) the interval `0..size` covers, when one unit is `scale` px long.
pub(crate) fn overlap(at: f64, size: f64, scale: f64) -> f64 {
    let from = (0.5 + at * scale).min(1.0);
    let to = (0.5 + (size - at) * scale).min(1.0);
    (from + to - 1.0).max(0.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 first"
)]
pub(crate) fn to_coverage(v: f64) -> u8 {
    (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// The canvas.
pub(crate) const fn whole(canvas: Resolution) -> Rect {
    Rect {
        x0: 0,
        y0: 0,
        x1: canvas.width as usize,
        y1: canvas.height as usize,
    }
}

/// The canvas px that the rectangle (0, 0)..(w, h) can touch through `transform`, antialiasing included.
pub(crate) fn bounds(transform: Affine, w: f64, h: f64, canvas: Resolution) -> Option<Rect> {
    bounds_of(
        transform.transform_rect_bbox(kurbo::Rect::new(0.0, 0.0, w, h)),
        canvas,
    )
}

/// The canvas px that a shape bounded by `r` can touch, antialiasing included.
pub(crate) fn bounds_of(r: kurbo::Rect, canvas: Resolution) -> Option<Rect> {
    if !r.is_finite() {
        return None;
    }
    let at = |v: f64, end: u32| clamp_px(v, end);
    let bounds = Rect {
        x0: at(r.x0.floor() - 1.0, canvas.width),
        y0: at(r.y0.floor() - 1.0, canvas.height),
        x1: at(r.x1.ceil() + 1.0, canvas.width),
        y1: at(r.y1.ceil() + 1.0, canvas.height),
    };
    (!bounds.is_empty()).then_some(bounds)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the canvas first"
)]
fn clamp_px(v: f64, end: u32) -> usize {
    v.clamp(0.0, f64::from(end)) as usize
}

/// Whole px and 256ths, rounded to the nearest.
#[expect(
    clippy::cast_possible_truncation,
    reason = "bounds on the canvas limit the position; the remainder is below 256"
)]
fn split_256ths(v: f64) -> (i64, u16) {
    let v = (v * 256.0 + 0.5).floor() as i64;
    (v.div_euclid(256), v.rem_euclid(256) as u16)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "float to int casts saturate, which is the contract"
)]
pub(crate) fn to_fixed(v: f64) -> i64 {
    (v * (1i64 << FRACTION_BITS) as f64) as i64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 2^75 after the limits of `Sampler::new`"
)]
fn to_wide(v: f64) -> i128 {
    (v * (1i64 << FRACTION_BITS) as f64 + 0.5).floor() as i128
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "positions inside a surface fit; wrapping keeps them exact"
)]
const fn wrap(v: i128) -> i64 {
    v as i64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "float to int casts saturate, which is the contract"
)]
fn to_i64(v: f64) -> i64 {
    v as i64
}

/// The part of `x` where `limits[0] <= start + x * step <= limits[1]`.
fn solve(start: i128, step: i64, limits: [i64; 2], x: Range<usize>) -> Range<usize> {
    let (lo, hi) = (i128::from(limits[0]) - start, i128::from(limits[1]) - start);
    // Nearly always numbers of 64 bits, whose division is ten times faster.
    let (first, end) = match (i64::try_from(lo), i64::try_from(hi)) {
        (Ok(lo), Ok(hi)) if lo > i64::MIN && hi < i64::MAX && step > i64::MIN => match step {
            0 if lo <= 0 && 0 <= hi => return x,
            0 => return x.start..x.start,
            1.. => (
                -i128::from((-lo).div_euclid(step)),
                i128::from(hi.div_euclid(step)),
            ),
            _ => (
                -i128::from(hi.div_euclid(-step)),
                i128::from((-lo).div_euclid(-step)),
            ),
        },
        _ => {
            let step = i128::from(step);
            match step {
                0 if lo <= 0 && 0 <= hi => return x,
                0 => return x.start..x.start,
                1.. => (-(-lo).div_euclid(step), hi.div_euclid(step)),
                _ => (-hi.div_euclid(-step), (-lo).div_euclid(-step)),
            }
        }
    };
    let at = |v: i128| usize::try_from(v.clamp(x.start as i128, x.end as i128)).unwrap_or(x.start);
    let (first, end) = (at(first), at(end + 1));
    first..end.max(first)
}
