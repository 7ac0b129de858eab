//! The 16-px grid: blocks of one strip as a bit mask, damage as one mask per strip.

use std::ops::{BitAnd, BitOr, Not, Range};

/// Side of a block in canvas px: one H.264 macroblock; also the rows of a strip.
pub(crate) const BLOCK: usize = 16;

const WORDS: usize = 8;

/// Blocks a mask holds: canvases are at most 8192 px wide, as H.264 pictures are.
pub(crate) const MAX_COLUMNS: usize = WORDS * 64;

/// Canvas px, right and bottom exclusive. Empty when a side is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x0: usize,
    pub(crate) y0: usize,
    pub(crate) x1: usize,
    pub(crate) y1: usize,
}

impl Rect {
    pub(crate) const fn is_empty(self) -> bool {
        self.x0 >= self.x1 || self.y0 >= self.y1
    }

    pub(crate) fn intersect(self, other: Self) -> Self {
        let r = Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        };
        if r.is_empty() { Self::default() } else { r }
    }

    pub(crate) fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The columns it touches in the strip of rows `y0..y1`.
    pub(crate) fn columns(self, y0: usize, y1: usize) -> Mask {
        if self.is_empty() || self.y0 >= y1 || self.y1 <= y0 {
            return Mask::EMPTY;
        }
        Mask::range(self.x0 / BLOCK..self.x1.div_ceil(BLOCK))
    }
}

/// A set of block columns of one strip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mask([u64; WORDS]);

impl Mask {
    pub(crate) const EMPTY: Self = Self([0; WORDS]);

    pub(crate) fn range(columns: Range<usize>) -> Self {
        let mut mask = Self::EMPTY;
        for (i, word) in mask.0.iter_mut().enumerate() {
            let start = columns.start.clamp(i * 64, i * 64 + 64) - i * 64;
            let end = columns.end.clamp(i * 64, i * 64 + 64) - i * 64;
            if start < end {
                *word = (u64::MAX >> (64 - (end - start))) << start;
            }
        }
        mask
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.iter().all(|&w| w == 0)
    }

    pub(crate) fn contains(self, column: usize) -> bool {
        self.0[column / 64] >> (column % 64) & 1 != 0
    }

    pub(crate) fn insert(&mut self, column: usize) {
        self.0[column / 64] |= 1 << (column % 64);
    }

    pub(crate) fn remove(&mut self, column: usize) {
        self.0[column / 64] &= !(1 << (column % 64));
    }

    pub(crate) fn count(self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum()
    }

    /// The blocks whose right neighbour is in the set.
    pub(crate) fn left_neighbors(self) -> Self {
        let mut out = Self::EMPTY;
        for i in 0..WORDS {
            let carry = self.0.get(i + 1).map_or(0, |next| next << 63);
            out.0[i] = self.0[i] >> 1 | carry;
        }
        out
    }

    /// The set as maximal runs of neighbouring columns, left to right.
    pub(crate) fn runs(self) -> impl Iterator<Item = Range<usize>> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let start = self.next(from, false)?;
            let end = self.next(start, true).unwrap_or(MAX_COLUMNS);
            from = end;
            Some(start..end)
        })
    }

    /// The columns of the set, left to right.
    pub(crate) fn columns(self) -> impl Iterator<Item = usize> {
        self.runs().flatten()
    }

    /// The first column at or after `from` that is in the set, or out of it when `absent`.
    fn next(self, from: usize, absent: bool) -> Option<usize> {
        let mut low = u64::MAX << (from % 64);
        for i in from / 64..WORDS {
            let word = if absent { !self.0[i] } else { self.0[i] } & low;
            if word != 0 {
                return Some(i * 64 + word.trailing_zeros() as usize);
            }
            low = u64::MAX;
        }
        None
    }
}

impl BitAnd for Mask {
    type Output = Self;
    fn bitand(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= b);
        self
    }
}

impl BitOr for Mask {
    type Output = Self;
    fn bitor(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
        self
    }
}

impl Not for Mask {
    type Output = Self;
    fn not(mut self) -> Self {
        self.0.iter_mut().for_each(|w| *w = !*w);
        self
    }
}

/// The 16 x 16-px blocks of the canvas that differ from an earlier frame, luma or chroma.
///
/// Blocks are counted from the top-left; those of the last column and row may reach past the canvas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    columns: usize,
    rows: Vec<Mask>,
}

impl Damage {
    /// No block of a canvas of `width` x `height` px.
    pub(crate) fn none(width: usize, height: usize) -> Self {
        Self {
            columns: width.div_ceil(BLOCK),
            rows: vec![Mask::EMPTY; height.div_ceil(BLOCK)],
        }
    }

    /// Blocks across.
    pub fn columns(&self) -> u32 {
        to_u32(self.columns)
    }

    /// Blocks down.
    pub fn rows(&self) -> u32 {
        to_u32(self.rows.len())
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.is_empty())
    }

    /// Whether the block differs; false outside the canvas.
    pub fn contains(&self, column: u32, row: u32) -> bool {
        (column as usize) < self.columns
            && self
                .rows
                .get(row as usize)
                .is_some_and(|r| r.contains(column as usize))
    }

    /// How many blocks differ.
    pub fn block_count(&self) -> u32 {
        self.rows.iter().map(|row| row.count()).sum()
    }

    /// The differing blocks of one row as maximal runs of columns, left to right; nothing below the canvas.
    pub fn runs(&self, row: u32) -> impl Iterator<Item = Range<u32>> + use<> {
        let mask = self.rows.get(row as usize).copied().unwrap_or_default();
        mask.runs().map(|run| to_u32(run.start)..to_u32(run.end))
    }

    /// Adds the blocks of `other`, which is of the same canvas: damage over several frames is the union of theirs.
    pub fn merge(&mut self, other: &Self) {
        for (row, more) in self.rows.iter_mut().zip(&other.rows) {
            *row = *row | *more;
        }
    }

    /// Adds every block that `rect` touches, and those that its chroma reaches.
    ///
    /// Chroma at column 2i reads px 2i-1 to 2i+1, so the px right of the last one changes too.
    pub(crate) fn add(&mut self, rect: Rect) {
        if rect.is_empty() {
            return;
        }
        let columns = Mask::range(rect.x0 / BLOCK..(rect.x1 + 1).div_ceil(BLOCK).min(self.columns));
        let end = rect.y1.div_ceil(BLOCK).min(self.rows.len());
        for row in &mut self.rows[(rect.y0 / BLOCK).min(end)..end] {
            *row = *row | columns;
        }
    }

    pub(crate) fn add_all(&mut self) {
        self.rows.fill(Mask::range(0..self.columns));
    }

    pub(crate) fn clear(&mut self) {
        self.rows.fill(Mask::EMPTY);
    }

    /// The damaged blocks of strip `row`.
    pub(crate) fn strip(&self, row: usize) -> Mask {
        self.rows[row]
    }
}

fn to_u32(blocks: usize) -> u32 {
    u32::try_from(blocks).unwrap_or(u32::MAX)
}
