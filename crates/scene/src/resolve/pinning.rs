//! Placing layers with moved corners of which not all shows.
//!
//! What lies in the layer's own space stands in perspective with it: its wipes, that of a transition as well, the clip and the effects of
//! a group, and a mask that stands in the group. A mask that stands elsewhere has a place of its own, and stays there.

use super::veil::VeilItem;
use super::{GroupItem, How, Item, LayerItem, Measure, Moment, PinItem, Resolver, Space};
use crate::placing::Lie;
use crate::{BackdropItem, Effect, Kind};
use kurbo::{Affine, Point};
use media::BlendMode;

/// A layer with moved corners.
pub(super) struct Pinned<'a> {
    pub(super) index: usize,
    pub(super) lie: &'a Lie,
    pub(super) corners: [Point; 4],
    /// The layer as a group that stands where it would without them.
    pub(super) whole: GroupItem,
    pub(super) pane: Option<BackdropItem>,
    /// The side of a passage whose wipe passes over it.
    pub(super) mover: Option<usize>,
}

impl Resolver {
    /// Whether corners of a layer are moved.
    pub(super) fn is_pinned(&self, i: usize, moment: Moment, measure: &mut dyn Measure) -> bool {
        let layer = &self.live[i];
        layer.transform.corner_pin.is_some()
            && Lie::new(layer, self.extent(i, moment, measure))
                .corners(layer)
                .is_some()
    }

    /// Whether of a layer with moved corners something is hidden in its own space.
    pub(super) fn shows_in_part(&self, i: usize, mover: Option<usize>) -> bool {
        let hides = |i: usize| self.live[i].wipe.as_ref().is_some_and(|wipe| wipe.hides());
        hides(i) || mover.is_some_and(hides) || self.holds_its_mask(i)
    }

    /// Whether a layer's mask stands in it.
    fn holds_its_mask(&self, i: usize) -> bool {
        let mask = self.live[i].mask.as_ref().and(self.masks[i]);
        let mut at = mask.and_then(|mask| self.parents[mask]);
        while let Some(group) = at.filter(|group| *group != i) {
            at = self.parents[group];
        }
        at.is_some()
    }

    /// Composes what shows of a layer in its own px, and stands that up as one picture.
    pub(super) fn place_pinned(
        &self,
        pinned: &Pinned<'_>,
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let (i, whole, size) = (pinned.index, pinned.whole, pinned.lie.extent.size);
        let layer = &self.live[i];
        let (masked_within, masked) = (self.holds_its_mask(i), layer.mask.is_some());
        let is_wrapped = (masked && !masked_within) || pinned.pane.is_some();
        let (mut opacity, mut blend_mode) = (whole.opacity, whole.blend_mode);
        if is_wrapped {
            items.push(Item::Push(GroupItem {
                veil: None,
                ..whole
            }));
            (opacity, blend_mode) = (1.0, BlendMode::Normal);
        }
        let plain = GroupItem {
            veil: None,
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            ..whole
        };
        if let Some(pane) = pinned.pane {
            // What lies below is not in the layer's space.
            items.push(Item::Push(GroupItem {
                veil: whole.veil,
                ..plain
            }));
            items.extend([Item::Backdrop(pane), Item::Pop]);
        }
        items.push(Item::Push(GroupItem {
            opacity,
            blend_mode,
            own_surface: true,
            pin: Some(PinItem {
                to_box: Affine::IDENTITY,
                size,
                corners: pinned.corners,
            }),
            ..plain
        }));
        let inside = GroupItem {
            transform: Affine::IDENTITY,
            size,
            holds_still: true,
            ..plain
        };
        let veils = [pinned.mover, Some(i)].into_iter().flatten();
        let veils = veils.filter_map(|by| {
            let wipe = self.live[by].wipe.as_ref().filter(|wipe| wipe.hides())?;
            VeilItem::over(wipe, self.wipe_pictures[by], Affine::IDENTITY, size)
        });
        let mut depth = 1;
        for veil in veils {
            items.push(Item::Push(GroupItem {
                veil: Some(veil),
                ..inside
            }));
            depth += 1;
        }
        if masked_within {
            items.push(Item::Push(inside));
            depth += 1;
        }
        self.place_content(pinned, inside, moment, measure, items);
        if masked_within {
            self.place_mask(i, Some(i), moment, measure, items);
        }
        items.extend(std::iter::repeat_n(Item::Pop, depth));
        if is_wrapped {
            if masked && !masked_within {
                self.place_mask(i, space.surface, moment, measure, items);
            }
            items.push(Item::Pop);
        }
    }

    /// Places what a layer with moved corners shows, in px of its box.
    fn place_content(
        &self,
        pinned: &Pinned<'_>,
        inside: GroupItem,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let (i, shown) = (pinned.index, pinned.lie.shown);
        let layer = &self.live[i];
        if layer.kind != Kind::Group {
            items.push(Item::Layer(LayerItem {
                transform: Affine::translate(-shown.origin().to_vec2()),
                shown: layer.crop.map(|_| shown),
                corners: None,
                holds_still: true,
                ..self.layer_item(i, &pinned.whole, self.extent(i, moment, measure))
            }));
            return;
        }
        let has_effects = layer.effects.iter().any(Effect::acts);
        let apart = has_effects || layer.clip.is_some() || !self.children_blend_over(i);
        if apart {
            items.push(Item::Push(GroupItem {
                clip: layer.clip,
                own_surface: has_effects,
                has_effects,
                ..inside
            }));
        }
        for &child in &self.children[i] {
            self.place(child, Space::own(Some(i)), moment, measure, items);
        }
        if apart {
            items.push(Item::Pop);
        }
    }

    /// A layer as it is drawn by itself, where a group of its would stand.
    pub(super) fn layer_item(
        &self,
        i: usize,
        whole: &GroupItem,
        extent: super::Extent,
    ) -> LayerItem {
        LayerItem {
            index: i,
            transform: whole.transform,
            shown: None,
            corners: None,
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            extent,
            raster_scale: whole.raster_scale,
            holds_still: whole.holds_still,
            holds_size: self.holds_size[i],
        }
    }

    /// Whether all that stands in a group blends by source-over: then it need not be composed apart.
    pub(super) fn children_blend_over(&self, i: usize) -> bool {
        let over = |child: &usize| self.live[*child].blend_mode == BlendMode::Normal;
        self.children[i].iter().all(over)
    }
}

impl How {
    /// As it is by itself.
    pub(super) const fn new(opacity: f64, blend_mode: BlendMode) -> Self {
        Self {
            opacity,
            blend_mode,
            mover: None,
        }
    }
}
