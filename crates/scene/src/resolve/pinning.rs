//! Placing layers with moved corners of which not all shows.
//!
//! What is said of the layer lies in its own space and stands in perspective with it: its mask, its wipes, that of a transition as
//! well, the clip and the effects of a group. The mask is where it would be seen if no corner were moved. What is said of what is around
//! the layer, a group or the whole scene, lies there.

use super::cast::Role;
use super::mixing::Chosen;
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
    /// Of a mask that becomes another only one side is drawn.
    pub(super) chosen: Option<Chosen>,
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
        self.live[i].mask.is_some() || hides(i) || mover.is_some_and(hides)
    }

    /// Composes what shows of a layer in its own px, and stands that up as one picture.
    pub(super) fn place_pinned(
        &self,
        pinned: &Pinned<'_>,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let (i, whole, size) = (pinned.index, pinned.whole, pinned.lie.extent.size);
        let plain = GroupItem {
            veil: None,
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            ..whole
        };
        let (mut opacity, mut blend_mode) = (whole.opacity, whole.blend_mode);
        if let Some(pane) = pinned.pane {
            // A pane and what stands on it fade as one; what lies below is not in the layer's space.
            items.push(Item::Push(GroupItem {
                veil: None,
                ..whole
            }));
            (opacity, blend_mode) = (1.0, BlendMode::Normal);
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
        let is_masked = self.live[i].mask.is_some();
        if is_masked {
            items.push(Item::Push(inside));
            depth += 1;
        }
        self.place_content(pinned, inside, moment, measure, items);
        if is_masked {
            self.place_mask(i, Some(i), pinned.chosen, moment, measure, items);
        }
        depth += usize::from(pinned.pane.is_some());
        items.extend(std::iter::repeat_n(Item::Pop, depth));
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
        let within = Space {
            chosen: pinned.chosen,
            ..Space::own(Some(i))
        };
        self.place_all(&self.children[i], Some(i), within, moment, measure, items);
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
            effects_in_box: self.live[i].effects_in_box(),
        }
    }

    /// Whether all that stands in a group blends by source-over: then it need not be composed apart.
    pub(super) fn children_blend_over(&self, i: usize) -> bool {
        self.children[i]
            .iter()
            .all(|&child| self.blends_over(child))
    }

    /// Whether a layer, or a stage, blends by source-over.
    pub(super) fn blends_over(&self, i: usize) -> bool {
        let is_over = self.live[i].blend_mode == BlendMode::Normal;
        match self.roles[i] {
            // Where its sides blend for themselves, or are all there is of it by now, they count.
            Role::Stage(p) if !self.passings[p].active => {
                self.children_blend_over(self.passings[p].coming)
            }
            Role::Stage(p) if !self.passings[p].isolated => is_over && self.children_blend_over(i),
            _ => is_over,
        }
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
