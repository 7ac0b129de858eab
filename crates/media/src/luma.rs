//! How bright surfaces are, block by block, found once per surface.

use crate::{BLOCK_PX, Surface};

/// Blocks that are looked at for one answer: more belong to a picture that is so much larger than where it is drawn that
/// they hardly tell anything.
const MAX_BLOCKS: usize = 64;

/// Positions so near to a px, in px, are rounded to it: a bit less than half a 256th.
const WHOLE: f64 = 0.0015;

/// The luma of a surface, and the least and the greatest of each of its 16 x 16-px blocks.
#[derive(Debug)]
pub struct LumaMap {
    size: [usize; 2],
    columns: usize,
    blocks: Vec<[u8; 2]>,
    /// Of each px: a quarter of what there would be to read of the surface.
    px: Vec<u8>,
}

impl LumaMap {
    /// How far the luma of a mix of px may be beyond that of those px, of 255: channels are rounded, and so are both lumas.
    pub const ROUNDED: u8 = 2;

    /// Reads every px of `surface` once. [`Surface::luma_map`] keeps what came of it.
    pub fn new(surface: &Surface) -> Self {
        let size = [surface.width() as usize, surface.height() as usize];
        let columns = size[0].div_ceil(BLOCK_PX);
        let mut blocks = vec![[255, 0]; columns * size[1].div_ceil(BLOCK_PX)];
        let rows = surface
            .data()
            .as_chunks::<4>()
            .0
            .chunks_exact(size[0].max(1));
        let mut all = Vec::with_capacity(size[0] * size[1]);
        for (y, row) in rows.enumerate() {
            let blocks = &mut blocks[y / BLOCK_PX * columns..][..columns];
            for (block, px) in blocks.iter_mut().zip(row.chunks(BLOCK_PX)) {
                for px in px {
                    let luma = u8::try_from(luma(*px)).unwrap_or(u8::MAX);
                    *block = [block[0].min(luma), block[1].max(luma)];
                    all.push(luma);
                }
            }
        }
        Self {
            size,
            columns,
            blocks,
            px: all,
        }
    }

    /// So many px of row `y` from `x` on; `None` where not all of them are the surface's.
    pub fn row(&self, [x, y]: [usize; 2], count: usize) -> Option<&[u8]> {
        let start = y.checked_mul(self.size[0])?.checked_add(x)?;
        let inside = y < self.size[1] && x.checked_add(count)? <= self.size[0];
        self.px.get(start..start + count).filter(|_| inside)
    }

    /// The least and the greatest luma of the px that are sampled between the ends of both axes, surface px with px centres
    /// at whole numbers. A mix of them may be beyond both by [`LumaMap::ROUNDED`]. `None` where too much would have to be
    /// looked at, or an end is no number. Cost: linear in the blocks between the ends, 64 at most.
    pub fn range(&self, ends: [[f64; 2]; 2]) -> Option<[u8; 2]> {
        let mut blocks = [(0, 0); 2];
        for (axis, [low, high]) in ends.into_iter().enumerate() {
            if !(low.is_finite() && high.is_finite()) {
                return None;
            }
            let last = self.size[axis].checked_sub(1)?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "held to the surface"
            )]
            let block = |v: f64| v.clamp(0.0, last as f64) as usize / BLOCK_PX;
            // A whole px is read alone: positions are rounded to 256ths.
            blocks[axis] = (block(low + WHOLE), block(high + 1.0 - WHOLE));
        }
        let [(x0, x1), (y0, y1)] = blocks;
        if (x1 - x0 + 1) * (y1 - y0 + 1) > MAX_BLOCKS {
            return None;
        }
        let mut seen = [255, 0];
        for row in y0..=y1 {
            for [low, high] in &self.blocks[row * self.columns..][x0..=x1] {
                seen = [seen[0].min(*low), seen[1].max(*high)];
            }
        }
        Some(seen)
    }
}

/// Luma (BT.709) of a premultiplied px, 0..=255.
#[inline(always)]
pub const fn luma(px: [u8; 4]) -> u32 {
    // By shifts of the whole px, so that a vector of px is one of numbers.
    let px = u32::from_le_bytes(px);
    let [r, g, b] = [px & 255, (px >> 8) & 255, (px >> 16) & 255];
    (r * 13_933 + g * 46_871 + b * 4_732 + (1 << 15)) >> 16
}
