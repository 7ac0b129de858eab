//! What each layer shows, showed last or will show: in full, or as a draft where nobody sees it and memory is short.

use scene::Id;
use sources::{Cache, Key, Raster};
use std::collections::HashMap;

/// What takes less is never put away.
const LEAST_BYTES: usize = 256 << 10;
/// Ticks for which what was asked for counts as seen: frames that were composed of it may still be about.
const SEEN_TICKS: u64 = 2;

/// The rasters of layers.
#[derive(Default)]
pub(super) struct Depot {
    kept: HashMap<Id, Kept>,
}

/// That of one layer.
struct Kept {
    key: Key,
    full: Option<Raster>,
    /// The same, small: stands in while the full one is painted again.
    draft: Option<Raster>,
    /// The tick up to which it is wanted, so far as is known.
    until: u64,
    /// Whether its draft is being made.
    is_leaving: bool,
    /// Whether it took long to paint: such a one stands in even where the next cannot be painted.
    is_slow: bool,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.full
            .as_ref()
            .map_or(0, |raster| raster.surface.data().len())
    }

    const fn is_seen(&self, now: u64) -> bool {
        self.until + SEEN_TICKS > now
    }
}

impl Depot {
    /// What a layer has: in full, else small.
    pub(super) fn any(&self, layer: &Id) -> Option<&Raster> {
        let kept = self.kept.get(layer)?;
        kept.full.as_ref().or(kept.draft.as_ref())
    }

    /// What a layer has that took long to paint.
    pub(super) fn slow(&self, layer: &Id) -> Option<&Raster> {
        self.kept.get(layer).filter(|kept| kept.is_slow)?;
        self.any(layer)
    }

    /// The raster under `key`, in full; either way it is wanted up to the tick `until`.
    pub(super) fn full(&mut self, layer: &Id, key: Key, until: u64) -> Option<Raster> {
        let kept = self.kept.get_mut(layer)?;
        kept.until = kept.until.max(until);
        kept.full.clone().filter(|_| kept.key == key)
    }

    /// Whether there is only a draft of the raster under `key`.
    pub(super) fn is_away(&self, layer: &Id, key: Key) -> bool {
        let kept = self.kept.get(layer);
        kept.is_some_and(|kept| kept.key == key && kept.full.is_none())
    }

    /// Keeps what a layer shows, wanted up to the tick `until`. Allocates nothing for a layer that is known.
    pub(super) fn keep(
        &mut self,
        layer: &Id,
        key: Key,
        raster: &Raster,
        until: u64,
        is_slow: bool,
    ) {
        let Some(kept) = self.kept.get_mut(layer) else {
            let kept = Kept {
                key,
                full: Some(raster.clone()),
                draft: None,
                until,
                is_leaving: false,
                is_slow,
            };
            self.kept.insert(layer.clone(), kept);
            return;
        };
        if kept.key != key {
            kept.draft = None;
            kept.is_leaving = false;
        }
        kept.key = key;
        kept.is_slow = is_slow;
        kept.full = Some(raster.clone());
        kept.until = kept.until.max(until);
    }

    /// A layer begins as another stands.
    pub(super) fn adopt(&mut self, from: &Id, to: &Id) {
        if self.kept.contains_key(to) {
            return;
        }
        if let Some(from) = self.kept.get(from) {
            let kept = Kept {
                key: from.key,
                full: from.full.clone(),
                draft: from.draft.clone(),
                until: from.until,
                is_leaving: false,
                is_slow: from.is_slow,
            };
            self.kept.insert(to.clone(), kept);
        }
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(&Id) -> bool) {
        self.kept.retain(|id, _| is_kept(id));
    }

    /// What was not seen for longest, and is not leaving already. What another layer shows as well stays.
    pub(super) fn unseen(&self, now: u64) -> Option<(&Id, Key, &Raster)> {
        let is_shown = |key: Key| {
            let mut all = self.kept.values();
            all.any(|kept| kept.key == key && kept.is_seen(now))
        };
        let unseen = self.kept.iter().filter(|(_, kept)| {
            !kept.is_leaving && !kept.is_seen(now) && kept.bytes() >= LEAST_BYTES
        });
        let (id, kept) = unseen
            .filter(|(_, kept)| !is_shown(kept.key))
            .min_by_key(|(id, kept)| (kept.until, *id))?;
        Some((id, kept.key, kept.full.as_ref()?))
    }

    /// A draft of it is being made.
    pub(super) fn leaves(&mut self, layer: &Id) {
        if let Some(kept) = self.kept.get_mut(layer) {
            kept.is_leaving = true;
        }
    }

    /// The draft that it has.
    pub(super) fn has_draft(&self, layer: &Id) -> bool {
        let kept = self.kept.get(layer);
        kept.is_some_and(|kept| kept.draft.is_some())
    }

    /// A draft is made; whether the layer's raster is still that.
    pub(super) fn drafted(&mut self, layer: &Id, key: Key, draft: Raster) -> bool {
        let Some(kept) = self.kept.get_mut(layer).filter(|kept| kept.key == key) else {
            return false;
        };
        kept.is_leaving = false;
        kept.draft = Some(draft);
        true
    }

    /// Gives away all full rasters under `key` that have a draft, where none of them is seen.
    pub(super) fn put_away(&mut self, key: Key, now: u64) -> Vec<Raster> {
        let of_key = |kept: &&mut Kept| kept.key == key;
        let mut all = self.kept.values_mut().filter(of_key);
        if all.any(|kept| kept.is_seen(now)) {
            return Vec::new();
        }
        let all = self.kept.values_mut().filter(of_key);
        let drafted = all.filter(|kept| kept.draft.is_some());
        drafted.filter_map(|kept| kept.full.take()).collect()
    }

    /// Bytes of full rasters that stay and are not in `cache`, and those that are leaving it.
    pub(super) fn bytes(&self, cache: &Cache) -> Held {
        let mut held = Held::default();
        for kept in self.kept.values() {
            let is_cached = cache.contains(&kept.key);
            match (kept.is_leaving, is_cached) {
                (false, false) => held.beside += kept.bytes(),
                (true, true) => held.leaving += kept.bytes(),
                (false, true) | (true, false) => {}
            }
            let draft = kept.draft.as_ref();
            held.drafts += draft.map_or(0, |raster| raster.surface.data().len());
            held.away += usize::from(kept.full.is_none());
        }
        held
    }
}

/// What there is beside the cache.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// Bytes of full rasters that are not in the cache.
    pub(super) beside: usize,
    /// Bytes in the cache that are to leave it.
    pub(super) leaving: usize,
    /// Bytes of drafts.
    pub(super) drafts: usize,
    /// Layers that have only a draft.
    pub(super) away: usize,
}
