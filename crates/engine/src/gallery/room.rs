//! Room for pixels: one budget for all that is kept, and what goes when it is short.
//!
//! What is on screen is never put away, however much that is. What lies under other pictures or is not visible leaves a draft
//! behind, a sixteenth of its px, and is painted again from its asset when it is about to be seen ([`Gallery::foresee`]) or,
//! where nobody could know, when it is: then the draft stands in for some frames.

use super::depot::Held;
use super::{Gallery, Patience, Want, has_text};
use crate::worker::{Job, Worker};
use scene::{Layer, Moment, Source};
use sources::{Key, Raster};

/// What rasters may take at least, whatever others have, as a part of the budget.
const LEAST_SHARE: usize = 4;
/// Ticks for which is kept what was brought back since it will be seen.
const SOON_TICKS: u64 = 120;

/// Bytes of pixels that an engine holds, by what holds them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Painted surfaces: how many.
    pub surfaces: usize,
    /// Painted surfaces.
    pub surface_bytes: usize,
    /// Drafts of those that were put away.
    pub draft_bytes: usize,
    /// Frames of what moves, painted ahead.
    pub reel_bytes: usize,
    /// Groups with surfaces of their own.
    pub group_bytes: usize,
    /// Decoded assets and players at hand to be painted from; some of their pixels may be painted surfaces as well.
    pub asset_bytes: usize,
    /// Layers of which there is only a draft.
    pub layers_away: usize,
    /// What painted surfaces take beyond what they may, since all of them are on screen.
    pub over_bytes: usize,
}

impl Gallery {
    /// What is held, as of the last tick.
    pub(crate) const fn memory(&self) -> Memory {
        self.memory
    }

    /// The tick up to which is wanted what is asked for now.
    pub(super) const fn until(&self) -> u64 {
        match self.want {
            Want::Now => self.ticks,
            Want::Soon => self.ticks + SOON_TICKS,
            Want::SomeDay => 0,
        }
    }

    /// Whether there are layers of which there is only a draft.
    pub(crate) const fn has_some_away(&self) -> bool {
        self.memory.layers_away > 0
    }

    /// Whether a layer's pixels may be away while it is not seen: those of pictures from files that stand still, and show
    /// nothing beyond their box.
    pub(crate) fn can_be_put_away(&self, layer: &Layer) -> bool {
        let Some(source @ (Source::Image(_) | Source::Svg(_))) = &layer.source else {
            return false;
        };
        let asset = source.asset().and_then(|name| self.asset_if_ready(name));
        asset.is_some_and(|asset| asset.timetable().is_none())
            && !layer.effects.iter().any(scene::Effect::acts)
    }

    /// Has a layer's picture brought back, where it was put away, since it will be seen within a second or two.
    pub(crate) fn foresee(&mut self, layer: &Layer, scale: f64, hint: bool, moment: Moment) {
        if layer
            .source
            .as_ref()
            .is_some_and(|source| !has_text(source))
        {
            self.want = Want::Soon;
            self.raster(layer, scale, hint, moment);
            self.want = Want::Now;
        }
    }

    /// Puts away what was not seen for longest, until all is within the budget or on screen. Costs a microsecond or two where
    /// all is.
    pub(super) fn make_room(&mut self) {
        let reel_bytes = self.reels.held().1;
        let asset_bytes =
            self.studio.held_bytes() + self.worker.as_ref().map_or(0, Worker::held_bytes);
        let group_bytes = self.offscreen.used_bytes();
        let others = reel_bytes + asset_bytes + group_bytes;
        let allowed = self.budget_bytes.saturating_sub(others);
        let allowed = allowed.max(self.budget_bytes / LEAST_SHARE);
        let mut held = self.depot.bytes(&self.cache);
        if self.stays(held) > allowed {
            self.cache.trim(allowed);
            held = self.depot.bytes(&self.cache);
        }
        while self.stays(held) > allowed {
            let Some((layer, key, raster)) = self.depot.unseen(self.ticks) else {
                break;
            };
            let layer = layer.clone();
            if self.depot.has_draft(&layer) {
                self.put_away(key);
            } else if self.patience == Patience::StandIn {
                let raster = raster.clone();
                self.depot.leaves(&layer);
                self.worker().submit(Job::Draft { layer, key, raster });
            } else {
                let draft = raster.draft();
                self.studio.forget(&raster.surface);
                self.drafted(&layer, key, draft);
            }
            held = self.depot.bytes(&self.cache);
        }
        let (frames, _) = self.reels.held();
        self.memory = Memory {
            surfaces: self.cache.len() + frames,
            surface_bytes: self.cache.used_bytes() + held.beside,
            draft_bytes: held.drafts,
            reel_bytes,
            group_bytes,
            asset_bytes,
            layers_away: held.away,
            over_bytes: self.stays(held).saturating_sub(allowed),
        };
    }

    fn stays(&self, held: Held) -> usize {
        (self.cache.used_bytes() + held.beside).saturating_sub(held.leaving)
    }

    /// A draft is made of what a layer showed: the full one goes, unless it was asked for meanwhile.
    pub(super) fn drafted(&mut self, layer: &scene::Id, key: Key, draft: Raster) {
        if self.depot.drafted(layer, key, draft) {
            self.put_away(key);
        }
    }

    fn put_away(&mut self, key: Key) {
        let mut rasters = self.depot.put_away(key, self.ticks);
        if rasters.is_empty() {
            return;
        }
        rasters.extend(self.cache.take(&key));
        metrics::counter!("stream_manager_pictures_put_away_total").increment(1);
        if self.patience == Patience::StandIn {
            // Giving megabytes back to the system takes time, too.
            self.worker().submit(Job::LetGo(rasters));
        }
    }
}
