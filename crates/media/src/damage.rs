//! What of a picture differs from an earlier one, in blocks of 16 px.

use std::ops::{BitAnd, BitOr, Not, Range};

/// Side of a block in px: one H.264 macroblock.
pub const BLOCK_PX: usize = 16;

/// Blocks that a row or a column of a picture has at most: pictures are at most 4096 px wide and high.
///
/// Fixed, so that damage is a plain value and telling it allocates nothing; 4K pictures have 240.
const MAX_BLOCKS: usize = 256;

const WORDS: usize = MAX_BLOCKS / 64;

/// A set of block columns of one row of blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockMask([u64; WORDS]);

impl BlockMask {
    /// No column.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// Neighbouring columns; those from 256 on are left out.
    pub fn range(columns: Range<usize>) -> Self {
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

    /// Whether no column is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    /// Whether a column is in the set.
    ///
    /// # Panics
    /// From column 256 on, as the two below.
    pub const fn contains(self, column: usize) -> bool {
        self.0[column / 64] >> (column % 64) & 1 != 0
    }

    /// Puts a column in.
    pub const fn insert(&mut self, column: usize) {
        self.0[column / 64] |= 1 << (column % 64);
    }

    /// Takes a column out.
    pub const fn remove(&mut self, column: usize) {
        self.0[column / 64] &= !(1 << (column % 64));
    }

    /// How many columns there are.
    pub fn count(self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum()
    }

    /// The columns whose right neighbour is in the set.
    pub fn left_neighbors(self) -> Self {
        let mut out = Self::EMPTY;
        for i in 0..WORDS {
            let carry = self.0.get(i + 1).map_or(0, |next| next << 63);
            out.0[i] = self.0[i] >> 1 | carry;
        }
        out
    }

    /// The columns whose left neighbour is in the set.
    pub fn right_neighbors(self) -> Self {
        let mut out = Self::EMPTY;
        for i in 0..WORDS {
            let carry = i.checked_sub(1).map_or(0, |before| self.0[before] >> 63);
            out.0[i] = self.0[i] << 1 | carry;
        }
        out
    }

    /// The set as maximal runs of neighbouring columns, left to right.
    pub fn runs(self) -> impl Iterator<Item = Range<usize>> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let start = self.next(from, false)?;
            let end = self.next(start, true).unwrap_or(MAX_BLOCKS);
            from = end;
            Some(start..end)
        })
    }

    /// The columns of the set, left to right.
    pub fn columns(self) -> impl Iterator<Item = usize> {
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

impl BitAnd for BlockMask {
    type Output = Self;
    fn bitand(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= b);
        self
    }
}

impl BitOr for BlockMask {
    type Output = Self;
    fn bitor(mut self, other: Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
        self
    }
}

impl Not for BlockMask {
    type Output = Self;
    fn not(mut self) -> Self {
        self.0.iter_mut().for_each(|w| *w = !*w);
        self
    }
}

/// The 16 x 16-px blocks of a picture that may differ from an earlier one, luma or chroma; outside them the two are equal, byte for byte.
///
/// Blocks are counted from the top left; those of the last column and row may reach past the picture. 8 KiB, without allocation.
#[derive(Clone, PartialEq, Eq)]
pub struct Damage {
    columns: usize,
    rows: usize,
    masks: [BlockMask; MAX_BLOCKS],
}

impl Damage {
    /// No block of a picture of `width` x `height` px.
    ///
    /// # Panics
    /// When a side is above 4096 px.
    pub fn none(width: usize, height: usize) -> Self {
        let (columns, rows) = (width.div_ceil(BLOCK_PX), height.div_ceil(BLOCK_PX));
        assert!(
            columns.max(rows) <= MAX_BLOCKS,
            "a picture has at most 4096 px each way, not {width}x{height}"
        );
        Self {
            columns,
            rows,
            masks: [BlockMask::EMPTY; MAX_BLOCKS],
        }
    }

    /// Every block of a picture of `width` x `height` px.
    ///
    /// # Panics
    /// When a side is above 4096 px.
    pub fn all(width: usize, height: usize) -> Self {
        let mut all = Self::none(width, height);
        all.add_all();
        all
    }

    /// Blocks across.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Blocks down.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.masks().iter().all(|row| row.is_empty())
    }

    /// Whether the block differs; false outside the picture.
    pub fn contains(&self, column: usize, row: usize) -> bool {
        column < self.columns && row < self.rows && self.masks[row].contains(column)
    }

    /// How many blocks differ.
    pub fn block_count(&self) -> usize {
        self.masks().iter().map(|row| row.count() as usize).sum()
    }

    /// The differing blocks of one row; none below the picture.
    pub fn row(&self, row: usize) -> BlockMask {
        self.masks().get(row).copied().unwrap_or_default()
    }

    /// Adds the blocks of `other`, which is of a picture of the same size: damage over several frames is the union of theirs.
    pub fn merge(&mut self, other: &Self) {
        for (row, more) in self.masks[..self.rows].iter_mut().zip(other.masks()) {
            *row = *row | *more;
        }
    }

    /// Adds every block that a rectangle of px touches, and those that its chroma reaches: chroma at column 2i reads
    /// px 2i-1 to 2i+1, so the px right of the last one changes too.
    pub fn add_px(&mut self, x: Range<usize>, y: Range<usize>) {
        if x.is_empty() || y.is_empty() {
            return;
        }
        let columns =
            BlockMask::range(x.start / BLOCK_PX..(x.end + 1).div_ceil(BLOCK_PX).min(self.columns));
        let end = y.end.div_ceil(BLOCK_PX).min(self.rows);
        for row in &mut self.masks[(y.start / BLOCK_PX).min(end)..end] {
            *row = *row | columns;
        }
    }

    /// Adds blocks of one row, of which px from column `x_end` on are as they were, and those that their chroma reaches.
    ///
    /// # Panics
    /// When the row is below the picture.
    pub fn add_blocks(&mut self, row: usize, blocks: BlockMask, x_end: usize) {
        let inside = BlockMask::range(0..(x_end + 1).div_ceil(BLOCK_PX).min(self.columns));
        let masks = &mut self.masks[..self.rows];
        masks[row] = masks[row] | (blocks | blocks.right_neighbors()) & inside;
    }

    /// Adds every block.
    pub fn add_all(&mut self) {
        self.masks[..self.rows].fill(BlockMask::range(0..self.columns));
    }

    /// Takes every block out.
    pub fn clear(&mut self) {
        self.masks[..self.rows].fill(BlockMask::EMPTY);
    }

    fn masks(&self) -> &[BlockMask] {
        &self.masks[..self.rows]
    }
}

impl std::fmt::Debug for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, all) = (self.block_count(), self.columns * self.rows);
        write!(f, "Damage({count} of {all} blocks)")
    }
}
