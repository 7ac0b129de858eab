//! Painted frames of what moves: some ahead of time, or all of what is small.

use scene::Id;
use sources::{Key, Raster};
use std::collections::HashMap;

/// Bytes of frames of all layers together: eight of 1080p.
const BUDGET_BYTES: usize = 64 << 20;
/// What is no larger than this with all its frames is kept whole: it costs nothing once it was shown.
const WHOLE_BYTES: usize = 16 << 20;
/// Most frames that are painted ahead.
pub(crate) const AHEAD: usize = 8;
/// Fewest, however large they are: the one that is shown and the next.
const FEWEST: usize = 2;
/// Frames that are painted in one go, between which the painter does other things.
const BATCH: usize = 4;

/// What frames are frames of, and how they are painted: the key of their request without a frame, and which strip.
pub(crate) type Series = (Key, u64);

/// The frames of each layer that shows something moving.
#[derive(Default)]
pub(crate) struct Reels {
    reels: HashMap<Id, Reel>,
}

/// The frames of one layer.
struct Reel {
    series: Series,
    frames: Vec<Slot>,
    /// What the layer showed last, of this series or the one before.
    shown: Option<Raster>,
    /// The number that was asked for last.
    number: Option<u32>,
    /// Bytes of the largest frame so far.
    frame_bytes: usize,
    /// Whether some are being painted.
    is_pending: bool,
}

#[derive(Clone)]
enum Slot {
    Empty,
    Broken,
    Ready(Raster),
}

/// What a layer shows now, and what is to be painted for it.
pub(crate) struct Advance {
    /// The frame asked for, or the last one that was there.
    pub(crate) shown: Option<Raster>,
    /// Numbers of frames, in the order in which they are to be painted; none where nothing is missing, or some are being
    /// painted already. Whoever gets some says what became of each: [`Reels::painted`].
    pub(crate) missing: Vec<u32>,
}

impl Reels {
    /// A layer begins as another stands: what that shows is shown until its own frames are there.
    pub(crate) fn adopt(&mut self, from: &Id, to: &Id) {
        if self.reels.contains_key(to) {
            return;
        }
        let Some(reel) = self.reels.get(from) else {
            return;
        };
        let count = u32::try_from(reel.frames.len()).unwrap_or(u32::MAX);
        let adopted = Reel {
            shown: reel.shown.clone(),
            ..Reel::new(reel.series, count)
        };
        self.reels.insert(to.clone(), adopted);
    }

    /// `upcoming` are the numbers of the frame to show and of those that follow, each once, of `count` in all; what a
    /// layer has of another series is let go. Allocates nothing where nothing is missing.
    pub(crate) fn advance(
        &mut self,
        layer: &Id,
        series: Series,
        count: u32,
        upcoming: &[u32],
    ) -> Advance {
        if !self.reels.contains_key(layer) {
            self.reels.insert(layer.clone(), Reel::new(series, count));
        }
        let share = BUDGET_BYTES / self.reels.len().max(1);
        let reel = self.reels.get_mut(layer).expect("it was put there");
        if reel.series != series {
            // What is on its way belongs to the other series, and is told apart by that.
            let shown = reel.shown.take();
            *reel = Reel {
                shown,
                ..Reel::new(series, count)
            };
        }
        reel.advance(share, upcoming)
    }

    /// A frame is painted, or cannot be; `is_last` of what was asked for at once. Whether it is any use.
    pub(crate) fn painted(
        &mut self,
        layer: &Id,
        series: Series,
        number: u32,
        raster: Option<Raster>,
        is_last: bool,
    ) -> bool {
        let Some(reel) = self
            .reels
            .get_mut(layer)
            .filter(|reel| reel.series == series)
        else {
            return false;
        };
        reel.is_pending &= !is_last;
        if let Some(slot) = reel.frames.get_mut(number as usize) {
            *slot = match raster {
                Some(raster) => {
                    reel.frame_bytes = reel.frame_bytes.max(raster.surface.data().len());
                    Slot::Ready(raster)
                }
                None => Slot::Broken,
            };
        }
        true
    }

    /// Lets go of what a layer has, but for what it showed last: its asset is another one now, which tells what is on its
    /// way apart.
    pub(crate) fn forget(&mut self, layer: &Id) {
        if let Some(reel) = self.reels.get_mut(layer) {
            reel.frames.fill(Slot::Empty);
            reel.is_pending = false;
        }
    }

    /// Forgets the reels of other layers; whether there were any.
    pub(crate) fn keep(&mut self, is_kept: impl Fn(&Id) -> bool) -> bool {
        let before = self.reels.len();
        self.reels.retain(|id, _| is_kept(id));
        self.reels.len() < before
    }

    /// How many frames there are, and their bytes.
    pub(crate) fn held(&self) -> (usize, usize) {
        let slots = self.reels.values().flat_map(|reel| &reel.frames);
        slots.fold((0, 0), |(count, bytes), slot| match slot {
            Slot::Ready(raster) => (count + 1, bytes + raster.surface.data().len()),
            Slot::Empty | Slot::Broken => (count, bytes),
        })
    }
}

impl Reel {
    fn new(series: Series, count: u32) -> Self {
        Self {
            series,
            frames: vec![Slot::Empty; count as usize],
            shown: None,
            number: None,
            frame_bytes: 0,
            is_pending: false,
        }
    }

    fn advance(&mut self, share: usize, upcoming: &[u32]) -> Advance {
        let number = upcoming.first().copied();
        if let Some(Slot::Ready(raster)) = number.and_then(|n| self.frames.get(n as usize)) {
            self.shown = Some(raster.clone());
        }
        let is_whole = self.frames.len() * self.frame_bytes <= WHOLE_BYTES.min(share);
        let ahead = (share / self.frame_bytes.max(1)).clamp(FEWEST, AHEAD);
        let wanted = &upcoming[..ahead.min(upcoming.len())];
        if !is_whole && self.number != number {
            for (slot, n) in self.frames.iter_mut().zip(0_u32..) {
                if matches!(slot, Slot::Ready(_)) && !wanted.contains(&n) {
                    *slot = Slot::Empty;
                }
            }
        }
        self.number = number;
        let mut missing = Vec::new();
        if !self.is_pending {
            let is_empty = |n: &&u32| matches!(self.frames.get(**n as usize), Some(Slot::Empty));
            missing.extend(wanted.iter().filter(is_empty).take(BATCH));
            self.is_pending = !missing.is_empty();
        }
        Advance {
            shown: self.shown.clone(),
            missing,
        }
    }
}

impl std::fmt::Debug for Reels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (frames, bytes) = self.held();
        write!(f, "Reels({frames} frames, {bytes} bytes)")
    }
}
