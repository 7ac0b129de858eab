//! Where a picture shows, in blocks of the canvas.

use crate::grid::Rect;
use crate::placement::Reach;
use crate::plan::PlacedPicture;
use media::{AlphaClass, BLOCK_PX, BlockMask, Damage, Resolution};

/// The blocks in which a picture may be seen and those it fills, row by row from its first.
///
/// Found once for as long as the picture lies still: finding it anew for damage, for the damage of leaving and for
/// occlusion was a sixth of a frame.
#[derive(Debug, Default)]
pub(crate) struct Footprint {
    top: usize,
    /// Canvas px right of all of it.
    x_end: usize,
    rows: Vec<Shown>,
    /// Of a level picture: what each of its columns reads across.
    columns: Vec<Option<Reach>>,
}

/// Blocks of one row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    /// Where anything of the picture may be seen.
    pub(crate) visible: BlockMask,
    /// Where every px is opaque, before the picture's opacity.
    pub(crate) opaque: BlockMask,
}

impl Footprint {
    /// Looks at every block of the picture's bounds.
    pub(crate) fn find(&mut self, picture: &PlacedPicture, canvas: Resolution) {
        let Rect { x0, y0, x1, y1 } = picture.bounds;
        let canvas = [canvas.width as usize, canvas.height as usize];
        let size = [picture.surface.width(), picture.surface.height()];
        let reach = |axis, block| picture.placement.reach(axis, block, size);
        let columns = x0 / BLOCK_PX..x1.div_ceil(BLOCK_PX);
        (self.top, self.x_end) = (y0 / BLOCK_PX, x1);
        self.rows.clear();
        self.columns.clear();
        // Memory goes from picture to picture, so that it need not grow with each.
        self.rows.reserve(canvas[1].div_ceil(BLOCK_PX));
        self.columns.reserve(canvas[0].div_ceil(BLOCK_PX));
        let level = picture.placement.is_level();
        if level {
            let across = |column| reach(0, Rect::block(column, self.top, canvas));
            self.columns.extend(columns.clone().map(across));
        }
        let mut before = None;
        for row in self.top..y1.div_ceil(BLOCK_PX) {
            let first = Rect::block(columns.start, row, canvas);
            let down = if level { reach(1, first) } else { None };
            // Where all of a surface is alike, so are rows that lie inside it.
            let alike = level && picture.alpha.whole() != AlphaClass::Mixed;
            let inside = down.is_some_and(|down| down.inside) && first.y0 >= y0 && first.y1 <= y1;
            if let Some(shown) = before.filter(|_| alike && inside) {
                self.rows.push(shown);
                continue;
            }
            let mut shown = Shown::default();
            for column in columns.clone() {
                let block = Rect::block(column, row, canvas);
                let reaches = if level {
                    [self.columns[column - columns.start], down]
                } else {
                    picture.placement.reaches(block, size)
                };
                let [Some(across), Some(down)] = reaches else {
                    continue;
                };
                let class = picture
                    .alpha
                    .class(across.first, down.first, across.last, down.last);
                if class != AlphaClass::Transparent {
                    shown.visible.insert(column);
                }
                // Clips of groups around are not the picture's, but its bounds may end at them.
                if class == AlphaClass::Opaque
                    && across.inside
                    && down.inside
                    && block.intersect(picture.bounds) == block
                {
                    shown.opaque.insert(column);
                }
            }
            before = inside.then_some(shown);
            self.rows.push(shown);
        }
    }

    /// The blocks of row `row` of the canvas.
    pub(crate) fn row(&self, row: usize) -> Shown {
        row.checked_sub(self.top)
            .and_then(|row| self.rows.get(row))
            .copied()
            .unwrap_or_default()
    }

    /// Whether anything may be seen in the blocks that a rectangle touches.
    pub(crate) fn touches(&self, area: Rect) -> bool {
        let columns = area.columns(area.y0, area.y1);
        (area.y0 / BLOCK_PX..area.y1.div_ceil(BLOCK_PX))
            .any(|row| !(self.row(row).visible & columns).is_empty())
    }

    /// Adds the blocks in which anything may be seen.
    pub(crate) fn add_to(&self, damage: &mut Damage) {
        for (row, shown) in (self.top..).zip(&self.rows) {
            damage.add_blocks(row, shown.visible, self.x_end);
        }
    }

    /// As [`Footprint::add_to`], but for the blocks that are covered; `covered` has all rows of the canvas.
    pub(crate) fn add_beside(&self, covered: &[BlockMask], damage: &mut Damage) {
        let rows = self.rows.iter().zip(covered.iter().skip(self.top));
        for (row, (shown, covered)) in (self.top..).zip(rows) {
            damage.add_blocks(row, shown.visible & !*covered, self.x_end);
        }
    }

    /// Adds the blocks that it fills to those that are covered.
    pub(crate) fn lay_over(&self, covered: &mut [BlockMask]) {
        let rows = self.rows.iter().zip(covered.iter_mut().skip(self.top));
        for (shown, covered) in rows {
            *covered = *covered | shown.opaque;
        }
    }
}
