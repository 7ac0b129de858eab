//! Placing what passes: two sides on a stage, each moved as a whole.

use super::cast::Role;
use super::turning;
use super::veil::VeilItem;
use super::{Extent, GroupItem, How, Item, LayerItem, MatteItem, Measure, Moment, Resolver, Space};
use crate::{Effect, MaskMode};
use animation::transition::way_px;
use kurbo::{Affine, Point, Rect, Size, Vec2};
use media::{BlendMode, ShowTime};

/// What stands farther out of a layer's box than this, such as a shadow, is seen for a moment more.
const BEYOND_PX: f64 = 64.0;

impl Resolver {
    /// Says which passages are under way.
    pub(super) fn pass(&mut self, t: ShowTime) {
        for passing in &mut self.passings {
            let sample = passing.playback.sample(&passing.timing, t);
            passing.active = sample.progress.is_some();
        }
    }

    /// Whether a layer that is no part of the document moves what stands in it now.
    fn moves(&self, i: usize) -> bool {
        match self.roles[i] {
            Role::Mover(p) => self.passings[p].active,
            Role::Own | Role::Stage(_) | Role::Pair | Role::Cover(_) | Role::Hidden => false,
        }
    }

    /// Whether no animation moves a layer, or a side of a passage, itself.
    pub(super) fn stands(&self, i: usize) -> bool {
        self.stands[i] || (matches!(self.roles[i], Role::Mover(_)) && !self.moves(i))
    }

    /// How a side of a passage is moved, in px around the stage.
    pub(super) fn motion(
        &self,
        mover: usize,
        p: usize,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> Affine {
        let t = &self.live[mover].transform;
        let is_still = |v: f64, rest: f64| (v - rest).abs() < 1e-12;
        let (still, upright) = (
            is_still(t.x_px, 0.0) && is_still(t.y_px, 0.0),
            is_still(t.scale_x, 1.0) && is_still(t.scale_y, 1.0),
        );
        if !self.passings[p].active || (still && upright) {
            return Affine::IDENTITY;
        }
        let (to_parent, size) = self.box_of(p, moment, measure);
        let mut motion = Affine::IDENTITY;
        if !upright && to_parent.determinant().abs() > 1e-12 {
            let pivot = Vec2::new(t.anchor_x * size.width, t.anchor_y * size.height);
            motion = to_parent
                * Affine::translate(pivot)
                * Affine::scale_non_uniform(t.scale_x, t.scale_y)
                * Affine::translate(-pivot)
                * to_parent.inverse();
        }
        if !still {
            let way = if self.passings[p].clipped {
                let way = self.way_of(p, moment, measure);
                Vec2::new(
                    way_px(t.x_px, way.width, way.width),
                    way_px(t.y_px, way.height, way.height),
                )
            } else {
                let own =
                    to_parent.transform_rect_bbox(Rect::from_origin_size(Point::ORIGIN, size));
                let frame = self.frame(p, own, moment, measure);
                Vec2::new(
                    way_px(t.x_px, own.x1 - frame.x0, frame.x1 - own.x0),
                    way_px(t.y_px, own.y1 - frame.y0, frame.y1 - own.y0),
                )
            };
            motion = motion.then_translate(way);
        }
        motion
    }

    /// Whether the layer of a passage follows one that does not itself leave with it: then it goes where that is. One that takes along
    /// what it follows is moved as the passage says, and asking where that is would ask for this again.
    fn follows_out(&self, p: usize, subject: usize) -> bool {
        let goes_along = |i: usize| self.roles[i] == Role::Mover(p);
        self.live[subject].follow.is_some() && !self.ancestry(subject).any(goes_along)
    }

    /// What a side of a passage leaves when it has gone its whole way, in px around the stage.
    fn frame(&self, p: usize, own: Rect, moment: Moment, measure: &mut dyn Measure) -> Rect {
        let passing = &self.passings[p];
        let (true, Some(subject)) = (passing.far, passing.subject) else {
            return own;
        };
        // The sides of the passage itself stand between the layer and what is around the stage.
        let stage = self.parents[passing.coming];
        let around = stage.map_or(Space::own(None), |stage| {
            let from = if self.follows_out(p, subject) {
                subject
            } else {
                stage
            };
            self.around(from, None, moment, measure)
        });
        if around.transform.determinant().abs() < 1e-12 {
            return own;
        }
        let canvas = Rect::from_origin_size(Point::ORIGIN, self.canvas);
        let from_canvas = around.transform.inverse();
        from_canvas
            .transform_rect_bbox(canvas)
            .inflate(BEYOND_PX, BEYOND_PX)
            .union(own)
    }

    pub(super) fn place_stage(
        &self,
        stage: usize,
        p: usize,
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let passing = &self.passings[p];
        if !passing.active {
            // What has gone takes along what it was on its way.
            if passing.held.is_some_and(|held| !self.live[held].visible) {
                return;
            }
            for &child in &self.children[passing.coming] {
                self.place(child, space, moment, measure, items);
            }
            return;
        }
        let space = match passing.subject {
            Some(subject) if self.follows_out(p, subject) => {
                self.around(subject, space.surface, moment, measure)
            }
            _ => space,
        };
        let blend_mode = self.live[stage].blend_mode;
        let apart = passing.isolated || blend_mode != BlendMode::Normal;
        let group = |(to_parent, size): (Affine, Size), clip, blend_mode| {
            Item::Push(GroupItem {
                index: stage,
                transform: space.transform * to_parent,
                size,
                clip,
                veil: None,
                opacity: 1.0,
                blend_mode,
                own_surface: false,
                has_effects: false,
                pin: None,
                raster_scale: self.raster_scales[stage],
                holds_still: space.holds_still,
            })
        };
        if apart {
            items.push(group(self.box_of(p, moment, measure), None, blend_mode));
        }
        for &child in &self.children[stage] {
            match self.roles[child] {
                Role::Mover(_) if passing.clipped => {
                    let frame = self.side_of(child, p, moment, measure);
                    items.push(group(frame, Some([0.0; 4]), BlendMode::Normal));
                    self.place_mover(child, p, space, moment, measure, items);
                    items.push(Item::Pop);
                }
                Role::Mover(_) => self.place_mover(child, p, space, moment, measure, items),
                Role::Cover(_) => {
                    let layer = &self.live[child];
                    let how = (layer.opacity, layer.blend_mode);
                    self.place_cover(child, p, how, space, moment, measure, items);
                }
                Role::Own | Role::Stage(_) | Role::Pair | Role::Hidden => {}
            }
        }
        if apart {
            items.push(Item::Pop);
        }
    }

    fn place_mover(
        &self,
        mover: usize,
        p: usize,
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let (layer, passing) = (&self.live[mover], &self.passings[p]);
        if layer.opacity <= 0.0 {
            return;
        }
        let inside = Space {
            transform: space.transform * self.motion(mover, p, moment, measure),
            holds_still: space.holds_still && self.stands(mover),
            ..space
        };
        let (to_parent, size) = self.side_of(mover, p, moment, measure);
        let pin = passing.turns.and_then(|upright| {
            let angle_deg = layer.transform.rotation_deg;
            turning::pin(inside.transform, to_parent, size, upright, angle_deg)
        });
        let has_effects = layer.effects.iter().any(Effect::acts);
        let own_surface = pin.is_some() || has_effects;
        // A card of the whole scene ends at the canvas; a layer has its shadow with it.
        let is_cut = pin.is_some() && passing.subject.is_none();
        let matte = passing.matte.filter(|_| mover == passing.coming);
        // A wipe passes over a layer with moved corners in the layer's own space.
        let by = self
            .alone_on(mover, passing.subject)
            .filter(|&child| self.is_pinned(child, moment, measure))
            .map(|_| mover);
        let wipe = layer.wipe.as_ref();
        let veil = wipe.filter(|wipe| wipe.hides() && by.is_none());
        let veil = veil.and_then(|wipe| {
            let picture = self.wipe_pictures[mover];
            VeilItem::over(wipe, picture, inside.transform * to_parent, size)
        });
        let apart = own_surface
            || matte.is_some()
            || veil.is_some()
            || layer.opacity < 1.0
            || layer.blend_mode != BlendMode::Normal;
        if apart {
            items.push(Item::Push(GroupItem {
                index: mover,
                transform: inside.transform,
                size,
                clip: is_cut.then_some([0.0; 4]),
                veil,
                opacity: layer.opacity,
                blend_mode: layer.blend_mode,
                own_surface,
                has_effects,
                pin,
                raster_scale: self.raster_scales[mover],
                holds_still: inside.holds_still,
            }));
        }
        let within = if own_surface {
            Space::own(Some(mover))
        } else {
            inside
        };
        for &child in &self.children[mover] {
            let is_whole_side = [passing.subject, passing.left].contains(&Some(child));
            if !is_whole_side || self.roles[child] != Role::Own {
                match by {
                    Some(_) => {
                        let how = How {
                            mover: by,
                            ..self.own(child)
                        };
                        self.place_by(child, within, how, moment, measure, items);
                    }
                    None => self.place(child, within, moment, measure, items),
                }
                continue;
            }
            // The stage has its blend mode.
            let own = &self.live[child];
            if (own.visible || passing.held == Some(child)) && own.opacity > 0.0 {
                let how = How {
                    mover: by,
                    ..How::new(own.opacity, BlendMode::Normal)
                };
                self.place_in(child, within, how, moment, measure, items);
            }
        }
        if let Some(matte) = matte {
            items.push(Item::Matte(MatteItem {
                mode: MaskMode::Luma,
                invert: false,
            }));
            let how = (1.0, BlendMode::Normal);
            self.place_cover(matte, p, how, space, moment, measure, items);
        }
        if apart {
            items.push(Item::Pop);
        }
    }

    /// The layer of a side that holds no other, of a passage that is one of a layer.
    fn alone_on(&self, mover: usize, subject: Option<usize>) -> Option<usize> {
        match self.children[mover][..] {
            [child] if subject.is_some() && self.roles[child] == Role::Own => Some(child),
            _ => None,
        }
    }

    /// Places a picture or a color over the box of a passage.
    #[expect(
        clippy::too_many_arguments,
        reason = "as for the other ways to place something"
    )]
    fn place_cover(
        &self,
        cover: usize,
        p: usize,
        (opacity, blend_mode): (f64, BlendMode),
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        if opacity <= 0.0 {
            return;
        }
        let (to_parent, size) = self.box_of(p, moment, measure);
        items.push(Item::Layer(LayerItem {
            index: cover,
            transform: space.transform * to_parent,
            shown: None,
            corners: None,
            opacity,
            blend_mode,
            extent: Extent {
                size,
                baseline_px: None,
            },
            raster_scale: self.raster_scales[cover],
            holds_still: space.holds_still,
            holds_size: true,
        }));
    }
}
