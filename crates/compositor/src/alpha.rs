//! Where surfaces are opaque and where transparent, found once per surface.

use crate::luma::LumaMap;
use media::{BLOCK_PX, Surface};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// What all pixels of an area have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AlphaClass {
    Transparent,
    Mixed,
    Opaque,
}

/// Counts of opaque and of transparent 16 x 16-px blocks of a surface, summed over all blocks above and left:
/// an area of any size is classified by four look-ups.
#[derive(Debug)]
pub(crate) struct AlphaMap {
    stride: usize,
    opaque: Vec<u32>,
    transparent: Vec<u32>,
    whole: AlphaClass,
}

impl AlphaMap {
    /// Reads every alpha of `surface` once.
    pub(crate) fn new(surface: &Surface) -> Self {
        let columns = (surface.width() as usize).div_ceil(BLOCK_PX);
        let rows = (surface.height() as usize).div_ceil(BLOCK_PX);
        let stride = columns + 1;
        let mut map = Self {
            stride,
            opaque: vec![0; stride * (rows + 1)],
            transparent: vec![0; stride * (rows + 1)],
            whole: AlphaClass::Mixed,
        };
        let row_bytes = surface.width() as usize * 4;
        let mut bits = vec![(255u8, 0u8); columns];
        for (row, strip) in surface.data().chunks(BLOCK_PX * row_bytes).enumerate() {
            bits.fill((255, 0));
            for line in strip.chunks_exact(row_bytes) {
                for (block, (all, any)) in line.chunks(BLOCK_PX * 4).zip(&mut bits) {
                    for px in block.chunks_exact(4) {
                        *all &= px[3];
                        *any |= px[3];
                    }
                }
            }
            let (mut opaque, mut transparent) = (0, 0);
            for (column, &(all, any)) in bits.iter().enumerate() {
                opaque += u32::from(all == 255);
                transparent += u32::from(any == 0);
                let here = (row + 1) * stride + column + 1;
                map.opaque[here] = map.opaque[here - stride] + opaque;
                map.transparent[here] = map.transparent[here - stride] + transparent;
            }
        }
        map.whole = map.class(
            0,
            0,
            surface.width() as usize - 1,
            surface.height() as usize - 1,
        );
        map
    }

    /// The class of all of the surface; `Mixed` when its blocks differ.
    pub(crate) const fn whole(&self) -> AlphaClass {
        self.whole
    }

    /// The class of the surface px `x0..=x1`, `y0..=y1`, which lie inside the surface; `Mixed` when in doubt.
    pub(crate) fn class(&self, x0: usize, y0: usize, x1: usize, y1: usize) -> AlphaClass {
        let (bx0, by0, bx1, by1) = (
            x0 / BLOCK_PX,
            y0 / BLOCK_PX,
            x1 / BLOCK_PX + 1,
            y1 / BLOCK_PX + 1,
        );
        let sum = |table: &[u32]| {
            let at = |x: usize, y: usize| table[y * self.stride + x] as usize;
            at(bx1, by1) + at(bx0, by0) - at(bx0, by1) - at(bx1, by0)
        };
        let blocks = (bx1 - bx0) * (by1 - by0);
        if sum(&self.opaque) == blocks {
            AlphaClass::Opaque
        } else if sum(&self.transparent) == blocks {
            AlphaClass::Transparent
        } else {
            AlphaClass::Mixed
        }
    }
}

/// What was found out about surfaces, for as long as they live: where they are opaque, and of pictures of wipes how bright.
#[derive(Debug, Default)]
pub(crate) struct AlphaCache {
    maps: BySurface<AlphaMap>,
    lumas: BySurface<LumaMap>,
}

/// Maps by surface.
///
/// Keyed by address, since a pointer would take `Send` away; the weak reference keeps the address from being given to another surface.
#[derive(Debug)]
struct BySurface<M> {
    maps: HashMap<usize, (Weak<Surface>, Arc<M>)>,
    /// Maps that were left by the last pruning.
    kept: usize,
}

impl AlphaCache {
    pub(crate) fn get(&mut self, surface: &Arc<Surface>) -> Arc<AlphaMap> {
        self.maps.get(surface, AlphaMap::new)
    }

    /// How bright a surface is.
    pub(crate) fn luma(&mut self, surface: &Arc<Surface>) -> Arc<LumaMap> {
        self.lumas.get(surface, LumaMap::new)
    }

    /// Forgets surfaces that nobody holds any more, once there may be as many of them as of the others: looking at
    /// each on every frame cost a millisecond where a day's countdowns were still cached.
    pub(crate) fn prune(&mut self) {
        self.maps.prune();
        self.lumas.prune();
    }
}

impl<M> BySurface<M> {
    fn get(&mut self, surface: &Arc<Surface>, look: fn(&Surface) -> M) -> Arc<M> {
        let (_, map) = self
            .maps
            .entry(Arc::as_ptr(surface).addr())
            .or_insert_with(|| (Arc::downgrade(surface), Arc::new(look(surface))));
        Arc::clone(map)
    }

    fn prune(&mut self) {
        if self.maps.len() > 2 * self.kept.max(32) {
            self.maps
                .retain(|_, (surface, _)| surface.strong_count() > 0);
            self.kept = self.maps.len();
        }
    }
}

impl<M> Default for BySurface<M> {
    fn default() -> Self {
        Self {
            maps: HashMap::new(),
            kept: 0,
        }
    }
}
