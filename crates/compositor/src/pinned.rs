//! Where a surface in perspective lies on the canvas.
//!
//! Positions are exact at every eighth canvas px and lie on a line between, unless that is seen to bend: so vectors sample them as
//! those of any affine, and a picture a few hundred px wide takes one quotient for four px instead of two for each.

use crate::grid::Rect;
use crate::kernels::Kernels;
use crate::list::Pinned;
use crate::perspective::Perspective;
use crate::placement::{MAX_SIDE, bounds_of, overlap, to_coverage, to_fixed};
use kurbo::Point;
use media::{BLOCK_PX, Resolution, Surface};
use std::ops::Range;

/// Canvas px between exact positions; a divisor of a block's side.
const CELL_PX: usize = 8;

/// Px of the widest vectors.
const VECTOR_PX: usize = 16;

/// A line that is off by no more than this in its middle, in 2^-32 surface px, is straight: a 16th.
const BEND: u64 = 1 << 28;

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

    /// The first and last surface px, of `side`, that a block reads along one axis, and whether all of the block is covered fully;
    /// `None` when nothing is.
    pub(crate) fn reach(&self, axis: usize, block: Rect, side: u32) -> Option<(i64, i64, bool)> {
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
        let covered = corners.into_iter().all(|(x, y)| self.coverage(x, y) == 255);
        let last = i64::from(side) - 1;
        // Positions lie between exact ones, of which the last is that of the next block's first px.
        let end = block.x0 + BLOCK_PX;
        let exact = [
            (block.x0, block.y0),
            (end, block.y0),
            (block.x0, y1),
            (end, y1),
        ];
        let mut seen = [f64::INFINITY, f64::NEG_INFINITY];
        for (x, y) in exact {
            let Some(at) = self.point(x, y) else {
                return Some((0, last, covered));
            };
            let at = [at.x, at.y][axis];
            seen = [seen[0].min(at), seen[1].max(at)];
        }
        // A 64th covers the rounding of positions; taps are clamped, and so is their range.
        let margin = 1.0 / 64.0;
        let px = |v: f64| to_fixed(v.floor().clamp(0.0, last as f64)) >> 32;
        let first = px(seen[0] - margin);
        Some((first, px(seen[1] + margin + 1.0).max(first), covered))
    }

    /// Samples the px `px` of canvas row `y`; those that are not covered become nothing.
    pub(crate) fn sample(
        &self,
        kernels: Kernels,
        surface: &Surface,
        y: usize,
        px: Range<usize>,
        row: &mut Vec<u8>,
    ) {
        row.clear();
        row.resize(px.len() * 4, 0);
        let mut x = px.start;
        while x < px.end {
            let end = (x / CELL_PX * CELL_PX + CELL_PX).min(px.end);
            let out = &mut row[(x - px.start) * 4..(end - px.start) * 4];
            self.cell(kernels, surface, y, x..end, out);
            x = end;
        }
    }

    /// Samples px between two exact positions.
    fn cell(
        &self,
        kernels: Kernels,
        surface: &Surface,
        y: usize,
        px: Range<usize>,
        out: &mut [u8],
    ) {
        let ends = [px.start, px.end - 1];
        let [first, last] = ends.map(|x| self.distances(x, y));
        if (0..4).any(|edge| first[edge] <= -0.5 && last[edge] <= -0.5) {
            return;
        }
        let size = [surface.width() as usize, surface.height() as usize];
        let start = px.start / CELL_PX * CELL_PX;
        let exact = [start, start + CELL_PX / 2, start + CELL_PX].map(|x| self.position(x, y));
        let straight = |from: [i64; 2], middle: [i64; 2], to: [i64; 2]| {
            (0..2).all(|i| middle[i].abs_diff((from[i] + to[i]) / 2) <= BEND)
        };
        match exact {
            _ if size == [1, 1] => out.as_chunks_mut().0.fill(surface.pixel(0, 0)),
            [Some(from), Some(middle), Some(to)] if straight(from, middle, to) => {
                let step: [i64; 2] = std::array::from_fn(|i| (to[i] - from[i]) / CELL_PX as i64);
                // As many as the widest vectors have, though not all are wanted: a part of one would be sampled px by px.
                let mut line = [0; VECTOR_PX * 4];
                kernels.bilinear_turned(&mut line, surface.data(), size, from, step);
                let skipped = (px.start - start) * 4;
                out.copy_from_slice(&line[skipped..skipped + out.len()]);
            }
            _ => {
                for (x, out) in px.clone().zip(out.chunks_exact_mut(4)) {
                    if let Some(at) = self.position(x, y) {
                        kernels.bilinear_turned(out, surface.data(), size, at, [0, 0]);
                    }
                }
            }
        }
        if ends.iter().all(|x| self.coverage(*x, y) == 255) {
            return;
        }
        for (x, out) in px.zip(out.chunks_exact_mut(4)) {
            Kernels::cover(out, self.coverage(x, y));
        }
    }
}
