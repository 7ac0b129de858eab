//! Where a surface in perspective lies on the canvas.
//!
//! A row is drawn in stretches, one for each block: what a quotient of two lines is at 16 px is worked out in vectors, from ends that
//! are exact. Near the horizon, where that would not do, each px has a position of its own. Which it is follows from block and row
//! alone, so that a px is the same wherever drawing begins.

use crate::grid::Rect;
use crate::kernels::{Kernels, STRETCH_PX, Stretch, has_stretches};
use crate::list::Pinned;
use crate::perspective::Perspective;
use crate::placement::{MAX_SIDE, bounds_of, overlap, to_coverage, to_fixed};
use kurbo::Point;
use media::{BlockMask, Resolution, Surface};
use std::ops::Range;

/// Longest way along a stretch, surface px: fractions of its floats are still finer than those of taps.
const LONGEST_PX: f64 = 4096.0;

/// Stretches so far outside are none: whole numbers around theirs fit 24 bits.
const FARTHEST_PX: f64 = (1u64 << 19) as f64;

/// By how much the distance to whoever looks changes along a stretch, at most.
const WIDEST: f64 = 64.0;

/// Positions farther off are outside of any surface.
const FAR_PX: f64 = (1u64 << 28) as f64;

/// Samples a surface through the inverse of a perspective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PinnedSampler {
    /// Canvas px to surface px, pixel centres at whole numbers on the surface's side.
    inverse: Perspective,
    /// Distance of a canvas point from each edge, above 0 inside: factors of x, of y, and of 1. Top, right, bottom, left.
    edges: [[f64; 3]; 4],
}

impl PinnedSampler {
    /// Places a surface and bounds what it covers on the canvas; `None` when nothing of it can be seen.
    pub(crate) fn new(pinned: &Pinned, canvas: Resolution) -> Option<(Self, Rect)> {
        let (width, height) = (pinned.surface.width(), pinned.surface.height());
        if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
            return None;
        }
        let all = kurbo::Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let window = pinned.window.intersect(all);
        if !(window.width() > 0.0 && window.height() > 0.0) {
            return None;
        }
        let corners = pinned.map.corners(window)?;
        if !crate::perspective::is_convex(corners) {
            return None;
        }
        let [p0, p1, p2, p3] = corners;
        let around = kurbo::Rect::from_points(p0, p1).union_pt(p2).union_pt(p3);
        let bounds = bounds_of(around, canvas)?;
        let inverse = pinned.map.inverse()?.moved(-0.5, -0.5);
        let side = (p1 - p0).cross(p2 - p1).signum();
        let edges = [(p0, p1), (p1, p2), (p2, p3), (p3, p0)].map(|(from, to)| {
            let along = (to - from) * (side / (to - from).hypot());
            // The cross product of the edge's direction and the way from it.
            [-along.y, along.x, along.y * from.x - along.x * from.y]
        });
        let usable = edges.as_flattened().iter().all(|v| v.is_finite());
        usable.then_some((Self { inverse, edges }, bounds))
    }

    /// How far the centre of a canvas px is from each edge.
    fn distances(&self, x: usize, y: usize) -> [f64; 4] {
        let (x, y) = (x as f64 + 0.5, y as f64 + 0.5);
        self.edges.map(|[dx, dy, d]| dx * x + dy * y + d)
    }

    /// Coverage of a canvas px, 0..=255.
    fn coverage(&self, x: usize, y: usize) -> u8 {
        let [top, right, bottom, left] = self.distances(x, y);
        // Distances from opposite edges are in canvas px already.
        let between = |a: f64, b: f64| overlap(a, a + b, 1.0);
        to_coverage(between(top, bottom) * between(left, right))
    }

    /// The surface position of the centre of a canvas px, fixed point.
    fn position(&self, x: usize, y: usize) -> Option<[i64; 2]> {
        let at = self.point(x, y)?;
        Some([at.x, at.y].map(|v| to_fixed(v.clamp(-FAR_PX, FAR_PX))))
    }

    fn point(&self, x: usize, y: usize) -> Option<Point> {
        self.inverse
            .apply(Point::new(x as f64 + 0.5, y as f64 + 0.5))
    }

    /// The first and last px of a surface of `size` px that a block reads, across and down, and whether all of the block is covered
    /// fully; `None` when nothing is.
    pub(crate) fn reach(&self, block: Rect, size: [u32; 2]) -> Option<([(i64, i64); 2], bool)> {
        let (x1, y1) = (block.x1 - 1, block.y1 - 1);
        let corners = [
            (block.x0, block.y0),
            (x1, block.y0),
            (block.x0, y1),
            (x1, y1),
        ];
        let distances = corners.map(|(x, y)| self.distances(x, y));
        if (0..4).any(|edge| distances.iter().all(|d| d[edge] <= -0.5)) {
            return None;
        }
        // What is covered fully is convex.
        let covered = distances.as_flattened().iter().all(|d| *d >= 0.5);
        let mut seen = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
        for (x, y) in corners {
            let Some(at) = self.point(x, y) else {
                let last = size.map(|side| (0, i64::from(side) - 1));
                return Some((last, covered));
            };
            for (seen, at) in seen.iter_mut().zip([at.x, at.y]) {
                *seen = [seen[0].min(at), seen[1].max(at)];
            }
        }
        let read = std::array::from_fn(|axis| {
            let last = i64::from(size[axis]) - 1;
            // A 64th covers the rounding of positions; taps are clamped, and so is their range.
            let margin = 1.0 / 64.0;
            // Not negative, so cutting is rounding down.
            let px = |v: f64| to_fixed(v.clamp(0.0, last as f64)) >> 32;
            let [from, to] = seen[axis];
            let first = px(from - margin);
            (first, px(to + margin + 1.0).max(first))
        });
        Some((read, covered))
    }

    /// Samples whole blocks around the px `px` of canvas row `y`, and says which of `row` are those px; those that are not covered
    /// become nothing. `stretches` is memory.
    pub(crate) fn sample(
        &self,
        kernels: Kernels,
        surface: &Surface,
        y: usize,
        px: Range<usize>,
        (row, stretches): (&mut Vec<u8>, &mut Vec<Stretch>),
    ) -> Range<usize> {
        let blocks = px.start / STRETCH_PX..px.end.div_ceil(STRETCH_PX);
        let first = blocks.start * STRETCH_PX;
        let size = [surface.width() as usize, surface.height() as usize];
        let (flat, has_stretches) = (size == [1, 1], has_stretches(size));
        row.resize(blocks.len() * STRETCH_PX * 4, 0);
        stretches.clear();
        let mut edge = BlockMask::EMPTY;
        for (number, block) in blocks.enumerate() {
            let x = block * STRETCH_PX;
            let out = &mut row[number * STRETCH_PX * 4..][..STRETCH_PX * 4];
            let ends = [x, x + STRETCH_PX - 1].map(|x| self.distances(x, y));
            if (0..4).any(|edge| ends[0][edge] <= -0.5 && ends[1][edge] <= -0.5) {
                out.fill(0);
                continue;
            }
            if !ends.as_flattened().iter().all(|d| *d >= 0.5) {
                edge.insert(number);
            }
            if flat {
                out.as_chunks_mut().0.fill(surface.pixel(0, 0));
            } else if let Some(stretch) = self.stretch(number, x, y).filter(|_| has_stretches) {
                stretches.push(stretch);
            } else {
                for (x, out) in (x..).zip(out.chunks_exact_mut(4)) {
                    match self.position(x, y) {
                        Some(at) => {
                            kernels.bilinear_turned(out, surface.data(), size, at, [0, 0]);
                        }
                        None => out.fill(0),
                    }
                }
            }
        }
        kernels.stretches(row, surface.data(), size, stretches);
        for number in edge.columns() {
            let x = first + number * STRETCH_PX;
            let out = &mut row[number * STRETCH_PX * 4..][..STRETCH_PX * 4];
            for (x, out) in (x..).zip(out.chunks_exact_mut(4)) {
                Kernels::cover(out, self.coverage(x, y));
            }
        }
        (px.start - first) * 4..(px.end - first) * 4
    }

    /// Where the px of canvas row `y` from `x` on lie; `None` where floats cannot tell.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bases are held to 20 bits; the rest needs no more than those of a float"
    )]
    fn stretch(&self, number: usize, x: usize, y: usize) -> Option<Stretch> {
        let last = (STRETCH_PX - 1) as f64;
        let (x, y) = (x as f64 + 0.5, y as f64 + 0.5);
        let rows = self.inverse.rows();
        let [from_u, from_v, from_w] = rows.map(|[dx, dy, d]| dx * x + (dy * y + d));
        let [du, dv, dw] = rows.map(|[dx, ..]| dx);
        let to_w = from_w + last * dw;
        let widens = (to_w / from_w).max(from_w / to_w);
        // Also where a number is none.
        if !(from_w > 0.0 && to_w > 0.0 && widens <= WIDEST) {
            return None;
        }
        let mut stretch = Stretch {
            number,
            base: [0; 2],
            at: [0.0; 2],
            step: [0.0; 2],
            widens: (dw / from_w) as f32,
        };
        for (axis, (from, d)) in [(from_u, du), (from_v, dv)].into_iter().enumerate() {
            let [start, end] = [from / from_w, (from + last * d) / to_w];
            let (low, high) = (start.min(end), start.max(end));
            if !(high - low <= LONGEST_PX && low.abs() <= FARTHEST_PX) {
                return None;
            }
            // Rounded down, without a call where the processor has no instruction for it.
            let near = low as i32;
            stretch.base[axis] = near - i32::from(f64::from(near) > low);
            let base = f64::from(stretch.base[axis]);
            stretch.at[axis] = ((start - base) * 256.0) as f32;
            stretch.step[axis] = ((d - base * dw) / from_w * 256.0) as f32;
        }
        Some(stretch)
    }
}
