//! Where a surface in perspective lies on the canvas.
//!
//! A row is drawn in stretches, one for each block: what a quotient of two lines is at 16 px is worked out in vectors, from ends that
//! are exact. Near the horizon, where that would not do, each px has a position of its own. Which it is follows from block and row
//! alone, so that a px is the same wherever drawing begins.

use crate::grid::Rect;
use crate::kernels::{Kernels, STRETCH_PX, Stretch, has_stretches};
use crate::list::{Pinned, Shrink};
use crate::perspective::Perspective;
use crate::placement::{MAX_SIDE, bounds_of, overlap, to_coverage, to_fixed};
use crate::shrink::{self, End, MOST_LEVELS, Mix, Spot};
use kurbo::{Point, Vec2};
use media::{Resolution, Surface};
use std::ops::Range;

/// Longest way along a stretch, surface px: fractions of its floats are still finer than those of taps.
const LONGEST_PX: f64 = 4096.0;

/// Stretches so far outside are none: whole numbers around theirs fit 24 bits.
const FARTHEST_PX: f64 = (1u64 << 19) as f64;

/// By how much the distance to whoever looks changes along a stretch, at most.
const WIDEST: f64 = 64.0;

/// Parts of the whole along each axis in which levels are looked for.
const PARTS: usize = 6;

/// Positions farther off are outside of any surface.
const FAR_PX: f64 = (1u64 << 28) as f64;

/// Samples a surface through the inverse of a perspective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PinnedSampler {
    /// Canvas px to surface px, pixel centres at whole numbers on the surface's side.
    inverse: Perspective,
    /// Distance of a canvas point from each edge, above 0 inside: factors of x, of y, and of 1. Top, right, bottom, left.
    edges: [[f64; 3]; 4],
    shrink: Shrink,
    /// The highest level that is read; 0 where nothing is smaller than it is on the surface.
    most: usize,
}

/// Memory for rows in perspective.
#[derive(Debug, Default)]
pub(crate) struct PinnedRows {
    /// Whole blocks of px, row by row.
    pub(crate) px: Vec<u8>,
    stretches: Vec<Stretch>,
    /// How blocks are read.
    cells: Vec<Cell>,
    /// What is covered in part: its number, and the first of its px on the canvas.
    edges: Vec<(usize, [usize; 2])>,
    /// What is read for blocks that are mixed, by level.
    levels: [Vec<Stretch>; MOST_LEVELS + 1],
    read: Vec<u8>,
    mixes: Vec<Mix>,
}

/// How a block of px is read.
#[derive(Clone, Copy, Debug)]
enum Cell {
    /// As it is, nowhere smaller.
    Plain,
    /// Floats cannot tell.
    OneByOne,
    /// At so many places, and from its upper left corner to the lower right one.
    Mixed(usize, [[End; 2]; 2]),
}

/// Px of a block that lie on a line of the canvas, before they are divided: x, y and w of the first, and how far each next one is.
#[derive(Clone, Copy)]
struct Line {
    from: [f64; 3],
    step: [f64; 3],
    /// What the first and the last are multiplied by.
    near: [f64; 2],
}

/// Blocks beside each other that are read together, row by row of them: so the lines of the surface that they share stay near, and
/// those that come next are on pages that were read from a moment ago. Twice as fast as whole rows where the surface is slanted.
const ABREAST: usize = 8;

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
        let mut sampler = Self {
            inverse,
            edges,
            shrink: pinned.shrink,
            most: 0,
        };
        if pinned.shrink != Shrink::Skip {
            sampler.most = sampler.find_most(bounds, shrink::levels_of([width, height]));
        }
        usable.then_some((sampler, bounds))
    }

    /// The highest level that is read in any block, of `most` that there are: looked for in parts of the whole, since what bounds a
    /// level is coarse where distances differ much.
    fn find_most(&self, bounds: Rect, most: usize) -> usize {
        let mut highest = 0;
        let parts = |from: usize, to: usize| {
            let side = (to - from).div_ceil(PARTS * STRETCH_PX).max(1) * STRETCH_PX;
            let start = from / STRETCH_PX * STRETCH_PX;
            (start..to).step_by(side).map(move |at| (at, at + side))
        };
        for (y0, y1) in parts(bounds.y0, bounds.y1) {
            for (x0, x1) in parts(bounds.x0, bounds.x1) {
                let part = Rect { x0, y0, x1, y1 };
                if !self.is_beside(part) {
                    highest = highest.max(shrink::highest(&self.inverse, in_blocks(part), most));
                }
            }
        }
        highest
    }

    /// Whether a rectangle lies beyond an edge.
    fn is_beside(&self, area: Rect) -> bool {
        let (x1, y1) = (area.x1 - 1, area.y1 - 1);
        let corners = [(area.x0, area.y0), (x1, area.y0), (area.x0, y1), (x1, y1)];
        let distances = corners.map(|(x, y)| self.distances(x, y));
        (0..4).any(|edge| distances.iter().all(|d| d[edge] <= -0.5))
    }

    /// How far the centre of a canvas px is from each edge.
    #[inline(always)]
    fn distances(&self, x: usize, y: usize) -> [f64; 4] {
        let (x, y) = (x as f64 + 0.5, y as f64 + 0.5);
        let mut distances = [0.0; 4];
        for ([dx, dy, d], out) in self.edges.iter().zip(&mut distances) {
            *out = dx * x + dy * y + d;
        }
        distances
    }

    /// Whether a canvas px is covered fully.
    #[inline(always)]
    fn covers(&self, x: usize, y: usize) -> bool {
        let [top, right, bottom, left] = self.distances(x, y);
        top >= 0.5 && right >= 0.5 && bottom >= 0.5 && left >= 0.5
    }

    /// Coverage of a canvas px, 0..=255.
    fn coverage(&self, x: usize, y: usize) -> u8 {
        let [top, right, bottom, left] = self.distances(x, y);
        // Distances from opposite edges are in canvas px already.
        let between = |a: f64, b: f64| overlap(a, a + b, 1.0);
        to_coverage(between(top, bottom) * between(left, right))
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
        // Places that are read for a px lie in it.
        let beyond = if self.most == 0 { 0.0 } else { 0.5 };
        let ends =
            |from: usize, last: usize| [from as f64 + 0.5 - beyond, last as f64 + 0.5 + beyond];
        let ([left, right], [top, bottom]) = (ends(block.x0, x1), ends(block.y0, y1));
        for at in [(left, top), (right, top), (left, bottom), (right, bottom)] {
            let Some(at) = self.inverse.apply(at.into()) else {
                let last = size.map(|side| (0, i64::from(side) - 1));
                return Some((last, covered));
            };
            for (seen, at) in seen.iter_mut().zip([at.x, at.y]) {
                *seen = [seen[0].min(at), seen[1].max(at)];
            }
        }
        let shrunk = match self.most {
            0 => 0.0,
            most => shrink::reach_px(shrink::highest(&self.inverse, in_blocks(block), most)),
        };
        let read = std::array::from_fn(|axis| {
            let last = i64::from(size[axis]) - 1;
            // A 64th covers the rounding of positions; taps are clamped, and so is their range.
            let margin = 1.0 / 64.0 + shrunk;
            // Not negative, so cutting is rounding down.
            let px = |v: f64| to_fixed(v.clamp(0.0, last as f64)) >> 32;
            let [from, to] = seen[axis];
            let first = px(from - margin);
            (first, px(to + margin + 1.0).max(first))
        });
        Some((read, covered))
    }

    /// Samples whole blocks around the px `px` of canvas rows that are within one strip; those that are not covered become nothing.
    /// [`PinnedRows::row`] tells where they are.
    pub(crate) fn sample(
        &self,
        kernels: Kernels,
        surface: &Surface,
        rows: Range<usize>,
        px: Range<usize>,
        memory: &mut PinnedRows,
    ) {
        let blocks = blocks_of(&px);
        memory
            .px
            .resize(rows.len() * blocks.len() * STRETCH_PX * 4, 0);
        memory.edges.clear();
        if self.most > 0 {
            self.find_cells(rows.start / STRETCH_PX, blocks.clone(), memory);
        }
        let (high, wide) = if self.is_level(&rows, &px) {
            (1, blocks.len())
        } else {
            (rows.len(), ABREAST)
        };
        let parts = rows.clone().step_by(high).flat_map(|y| {
            let columns = (0..blocks.len()).step_by(wide);
            columns.map(move |column| (y, column))
        });
        for (y, column) in parts {
            let some = (
                y..rows.end.min(y + high),
                column..blocks.len().min(column + wide),
            );
            memory.begin();
            kernels.plainly(
                #[inline(always)]
                || self.collect(kernels, surface, (rows.start, &blocks), some, memory),
            );
            let (px, stretches) = (&mut memory.px, &memory.stretches);
            kernels.stretches(px, surface.data(), size_of(surface), stretches);
            memory.mix(kernels, surface);
        }
        for at in 0..memory.edges.len() {
            let (number, [x, y]) = memory.edges[at];
            for (x, out) in (x..).zip(memory.px_of(number).chunks_exact_mut(4)) {
                Kernels::cover(out, self.coverage(x, y));
            }
        }
    }

    /// Whether whole rows cross fewer lines of the surface than what is read of it side by side.
    fn is_level(&self, rows: &Range<usize>, px: &Range<usize>) -> bool {
        let middle = |range: &Range<usize>| (range.start + range.end) as f64 / 2.0;
        let slopes = self.inverse.slopes(Point::new(middle(px), middle(rows)));
        slopes.is_none_or(|[_, [across, down]]| {
            let lines = |by: f64, count: usize| by.abs() * count as f64;
            let abreast = lines(across, ABREAST * STRETCH_PX) + lines(down, rows.len());
            lines(across, px.len()) <= abreast
        })
    }

    /// Finds what is to be read for some rows of some blocks, or draws them where that is nothing. All begin with row `top`.
    #[inline(always)]
    fn collect(
        &self,
        kernels: Kernels,
        surface: &Surface,
        (top, blocks): (usize, &Range<usize>),
        (rows, columns): (Range<usize>, Range<usize>),
        memory: &mut PinnedRows,
    ) {
        let size = size_of(surface);
        let (flat, has_stretches) = (size == [1, 1], has_stretches(size));
        for column in columns {
            let x = (blocks.start + column) * STRETCH_PX;
            let last = x + STRETCH_PX - 1;
            // What is covered fully is convex.
            let is_inside = self.covers(x, rows.start)
                && self.covers(last, rows.start)
                && self.covers(x, rows.end - 1)
                && self.covers(last, rows.end - 1);
            for y in rows.clone() {
                let number = (y - top) * blocks.len() + column;
                if !is_inside {
                    let ends = [self.distances(x, y), self.distances(last, y)];
                    if (0..4).any(|edge| ends[0][edge] <= -0.5 && ends[1][edge] <= -0.5) {
                        memory.px_of(number).fill(0);
                        continue;
                    }
                    if !ends.as_flattened().iter().all(|d| *d >= 0.5) {
                        memory.edges.push((number, [x, y]));
                    }
                }
                if flat {
                    let all = memory.px_of(number).as_chunks_mut().0;
                    all.fill(surface.pixel(0, 0));
                    continue;
                }
                let cell = match self.most {
                    0 => Cell::Plain,
                    _ if has_stretches => memory.cells[column],
                    _ => Cell::OneByOne,
                };
                let is_done = match cell {
                    Cell::OneByOne => false,
                    Cell::Mixed(taps, corners) => self.mix(number, x, y, taps, corners, memory),
                    Cell::Plain => {
                        let line = Line::new(&self.inverse, center(x, y), Vec2::new(1.0, 0.0));
                        let stretch = line.and_then(|line| line.stretch(number, 0));
                        let stretch = stretch.filter(|_| has_stretches);
                        memory.stretches.extend(stretch);
                        stretch.is_some()
                    }
                };
                if !is_done {
                    self.one_by_one(kernels, surface, x, y, memory.px_of(number));
                }
            }
        }
    }

    /// Finds how the blocks of a row of blocks are read: each by its corners, which it shares with its neighbours.
    fn find_cells(&self, strip: usize, blocks: Range<usize>, memory: &mut PinnedRows) {
        let corners = |block: usize| {
            let at = |strip: usize| {
                let [x, y] = [block, strip].map(|at| (at * STRETCH_PX) as f64);
                Spot::at(&self.inverse, Point::new(x, y))
            };
            at(strip).zip(at(strip + 1))
        };
        memory.cells.clear();
        let mut left = corners(blocks.start);
        for block in blocks {
            let right = corners(block + 1);
            let cell = left
                .zip(right)
                .map_or(Cell::OneByOne, |((a, c), (b, d))| self.cell([a, b, c, d]));
            memory.cells.push(cell);
            left = right;
        }
    }

    /// How a block is read whose corners are these: upper left, upper right, lower left, lower right.
    fn cell(&self, corners: [Spot; 4]) -> Cell {
        let taps = corners.map(|spot| spot.taps(self.shrink));
        let taps = taps.into_iter().max().unwrap_or(1);
        let [a, mut b, mut c, mut d] = corners.map(|spot| spot.end(self.shrink, taps, self.most));
        if taps == 1 && [a, b, c, d].iter().all(|end| end.level == 0) {
            return Cell::Plain;
        }
        // Either way along the axis is right, but the same at all ends.
        let first = a.spread;
        for end in [&mut b, &mut c, &mut d] {
            if first.dot(end.spread) < 0.0 {
                end.spread = -end.spread;
            }
        }
        Cell::Mixed(taps, [[a, b], [c, d]])
    }

    /// Has a block of a row be read smaller than it is; `false` where floats cannot tell.
    #[inline(always)]
    fn mix(
        &self,
        number: usize,
        x: usize,
        y: usize,
        taps: usize,
        [top, bottom]: [[End; 2]; 2],
        memory: &mut PinnedRows,
    ) -> bool {
        let n = y % STRETCH_PX;
        let (from, to) = (top[0].towards(bottom[0], n), top[1].towards(bottom[1], n));
        let ends = [from.level, to.level];
        let levels = shrink::levels_between(ends);
        let (lowest, count) = (*levels.start(), levels.end() - levels.start() + 1);
        let first = memory
            .mixes
            .last()
            .map_or(0, |last| last.first + last.count * last.taps);
        for tap in 0..taps {
            let line = self.line(x, y, [from, to], taps, tap);
            for (level, slot) in levels.clone().zip((first + tap..).step_by(taps)) {
                let Some(stretch) = line.and_then(|line| line.stretch(slot, level)) else {
                    memory.forget_from(first);
                    return false;
                };
                memory.levels[level].push(stretch);
            }
        }
        memory.mixes.push(Mix {
            number,
            first,
            taps,
            lowest,
            count,
            ends,
        });
        true
    }

    /// The px of a block, at one of the places that are read for each; `None` where floats cannot tell.
    #[inline(always)]
    fn line(&self, x: usize, y: usize, ends: [End; 2], taps: usize, tap: usize) -> Option<Line> {
        let (start, px) = (center(x, y), Vec2::new(1.0, 0.0));
        if taps == 1 {
            return Line::new(&self.inverse, start, px);
        }
        let off = tap as f64 / (taps - 1) as f64 - 0.5;
        let (from, to) = (ends[0].spread * off, ends[1].spread * off);
        // From one end of the block to the other, half a px from the centers of its first and last.
        let step = (to - from) * (1.0 / STRETCH_PX as f64);
        Line::new(&self.inverse, start + from + step * 0.5, px + step)
    }

    /// Samples px where a block cannot be drawn as one.
    #[inline(never)]
    fn one_by_one(&self, kernels: Kernels, surface: &Surface, x: usize, y: usize, out: &mut [u8]) {
        for (x, out) in (x..).zip(out.chunks_exact_mut(4)) {
            let at = center(x, y).to_point();
            let Some(place) = self.inverse.apply(at) else {
                out.fill(0);
                continue;
            };
            let level = Spot::at(&self.inverse, at)
                .filter(|_| self.most > 0)
                .map_or(0, |spot| spot.end(self.shrink, 1, self.most).level);
            let levels = shrink::levels_between([level; 2]);
            let read = levels.clone().flat_map(|level| {
                let mut px = [0; 4];
                let surface = at_level(surface, level);
                let to = |v: f64| to_fixed(on_level(v, 1.0, level).clamp(-FAR_PX, FAR_PX));
                let at = [to(place.x), to(place.y)];
                kernels.bilinear_turned(&mut px, surface.data(), size_of(surface), at, [0, 0]);
                px
            });
            shrink::mix_one(out, read, level, *levels.start());
        }
    }
}

impl Line {
    #[inline(always)]
    fn new(inverse: &Perspective, start: Vec2, step: Vec2) -> Option<Self> {
        let last = (STRETCH_PX - 1) as f64;
        let (mut from, mut by) = ([0.0; 3], [0.0; 3]);
        for ((row, from), by) in inverse.rows().iter().zip(&mut from).zip(&mut by) {
            *from = row[0] * start.x + (row[1] * start.y + row[2]);
            *by = row[0] * step.x + row[1] * step.y;
        }
        let (from_w, to_w) = (from[2], from[2] + last * by[2]);
        // Also where a number is none.
        let near = from_w > 0.0 && to_w > 0.0 && to_w <= WIDEST * from_w && from_w <= WIDEST * to_w;
        near.then(|| Self {
            from,
            step: by,
            near: [1.0 / from_w, 1.0 / to_w],
        })
    }

    /// Where its px lie on a level of the surface; `None` where floats cannot tell.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bases are held to 20 bits; the rest needs no more than those of a float"
    )]
    fn stretch(&self, number: usize, level: usize) -> Option<Stretch> {
        let last = (STRETCH_PX - 1) as f64;
        let ([.., from_w], [.., dw], [near, far]) = (self.from, self.step, self.near);
        let mut stretch = Stretch {
            number,
            base: [0; 2],
            at: [0.0; 2],
            step: [0.0; 2],
            widens: (dw * near) as f32,
        };
        for axis in 0..2 {
            let from = on_level(self.from[axis], from_w, level);
            let d = on_level(self.step[axis], dw, level);
            let (start, end) = (from * near, (from + last * d) * far);
            let (low, high) = (start.min(end), start.max(end));
            if !(high - low <= LONGEST_PX && low.abs() <= FARTHEST_PX) {
                return None;
            }
            // Rounded down, without a call where the processor has no instruction for it.
            let whole = low as i32;
            stretch.base[axis] = whole - i32::from(f64::from(whole) > low);
            let base = f64::from(stretch.base[axis]);
            stretch.at[axis] = ((start - base) * 256.0) as f32;
            stretch.step[axis] = ((d - base * dw) * near * 256.0) as f32;
        }
        Some(stretch)
    }
}

impl PinnedRows {
    /// For rows of up to `width` px.
    pub(crate) fn new(width: usize) -> Self {
        Self {
            px: Vec::with_capacity((width + STRETCH_PX) * STRETCH_PX * 4),
            stretches: Vec::with_capacity(ABREAST * STRETCH_PX),
            ..Self::default()
        }
    }

    /// Where in the px that were sampled last the `number`th row of them lies.
    pub(crate) fn row(number: usize, px: &Range<usize>) -> Range<usize> {
        let blocks = blocks_of(px);
        let first = (number * blocks.len() * STRETCH_PX + px.start - blocks.start * STRETCH_PX) * 4;
        first..first + px.len() * 4
    }

    fn begin(&mut self) {
        self.stretches.clear();
        self.levels.iter_mut().for_each(Vec::clear);
        self.mixes.clear();
    }

    /// The px of a block on one row.
    fn px_of(&mut self, number: usize) -> &mut [u8] {
        &mut self.px[number * STRETCH_PX * 4..][..STRETCH_PX * 4]
    }

    /// Takes back what was to be read from `first` on.
    fn forget_from(&mut self, first: usize) {
        for level in &mut self.levels {
            while level.pop_if(|stretch| stretch.number >= first).is_some() {}
        }
    }

    /// Reads and mixes what was found to be smaller than it is.
    fn mix(&mut self, kernels: Kernels, surface: &Surface) {
        let Some(last) = self.mixes.last() else {
            return;
        };
        let count = last.first + last.count * last.taps;
        self.read.resize(count * STRETCH_PX * 4, 0);
        for (level, stretches) in self.levels.iter().enumerate() {
            if !stretches.is_empty() {
                let surface = at_level(surface, level);
                kernels.stretches(&mut self.read, surface.data(), size_of(surface), stretches);
            }
        }
        kernels.plainly(
            #[inline(always)]
            || shrink::mix(&mut self.px, &self.read, &self.mixes),
        );
    }
}

/// The blocks that px of a row are in.
const fn blocks_of(px: &Range<usize>) -> Range<usize> {
    px.start / STRETCH_PX..px.end.div_ceil(STRETCH_PX)
}

/// The centre of a px.
const fn center(x: usize, y: usize) -> Vec2 {
    Vec2::new(x as f64 + 0.5, y as f64 + 0.5)
}

/// A surface, halved so often.
fn at_level(surface: &Surface, level: usize) -> &Surface {
    (0..level).fold(surface, |surface, _| surface.half())
}

/// A coordinate over `w` on the surface as one on a level of it: both with px centres at whole numbers.
#[inline(always)]
fn on_level(v: f64, w: f64, level: usize) -> f64 {
    if level == 0 {
        return v;
    }
    // A power of two, so that nothing is rounded.
    let scale = f64::from_bits((1023 - level as u64) << 52);
    (v + 0.5 * w) * scale - 0.5 * w
}

const fn size_of(surface: &Surface) -> [usize; 2] {
    [surface.width() as usize, surface.height() as usize]
}

/// Whole blocks around a rectangle, whose corners decide how they are read.
fn in_blocks(area: Rect) -> kurbo::Rect {
    let from = |px: usize| (px / STRETCH_PX * STRETCH_PX) as f64;
    let to = |px: usize| (px.div_ceil(STRETCH_PX) * STRETCH_PX) as f64;
    kurbo::Rect::new(from(area.x0), from(area.y0), to(area.x1), to(area.y1))
}
