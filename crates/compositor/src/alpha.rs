//! What is found out about surfaces once: where they are opaque and where transparent, and how bright pictures of wipes are.

use crate::luma::LumaMap;
use media::Surface;
pub(crate) use media::{AlphaClass, AlphaMap};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// What was found out about surfaces, for as long as they live. Where one is opaque it knows itself, mostly from whoever
/// painted it.
#[derive(Debug, Default)]
pub(crate) struct AlphaCache {
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
    /// How bright a surface is.
    pub(crate) fn luma(&mut self, surface: &Arc<Surface>) -> Arc<LumaMap> {
        self.lumas.get(surface, LumaMap::new)
    }

    /// Forgets surfaces that nobody holds any more, once there may be as many of them as of the others: looking at
    /// each on every frame cost a millisecond where a day's countdowns were still cached.
    pub(crate) fn prune(&mut self) {
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
