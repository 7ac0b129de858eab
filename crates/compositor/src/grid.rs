//! Rectangles of canvas px, and the blocks they touch.

use media::{BLOCK_PX, BlockMask};

/// Canvas px, right and bottom exclusive. Empty when a side is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x0: usize,
    pub(crate) y0: usize,
    pub(crate) x1: usize,
    pub(crate) y1: usize,
}

impl Rect {
    /// The px of a block of a canvas of `canvas` px; those of its last column and row may be smaller.
    pub(crate) fn block(column: usize, row: usize, canvas: [usize; 2]) -> Self {
        let (x0, y0) = (column * BLOCK_PX, row * BLOCK_PX);
        Self {
            x0,
            y0,
            x1: (x0 + BLOCK_PX).min(canvas[0]),
            y1: (y0 + BLOCK_PX).min(canvas[1]),
        }
    }

    /// Its first and last px along one axis, 0 across and 1 down.
    pub(crate) const fn ends(self, axis: usize) -> [usize; 2] {
        if axis == 0 {
            [self.x0, self.x1 - 1]
        } else {
            [self.y0, self.y1 - 1]
        }
    }

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
    pub(crate) fn columns(self, y0: usize, y1: usize) -> BlockMask {
        if self.is_empty() || self.y0 >= y1 || self.y1 <= y0 {
            return BlockMask::EMPTY;
        }
        BlockMask::range(self.x0 / BLOCK_PX..self.x1.div_ceil(BLOCK_PX))
    }
}
