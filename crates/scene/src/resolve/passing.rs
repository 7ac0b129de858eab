//! Placing what passes: two sides on a stage, each moved as a whole.

use super::cast::Role;
use super::frame::reach;
use super::panes::{self, Standing};
use super::turning::Card;
use super::veil::VeilItem;
use super::{Extent, GroupItem, How, Item, LayerItem, MatteItem, Measure, Moment, Resolver, Space};
use crate::{Effect, MaskMode, Passage};
use animation::transition::way_px;
use kurbo::{Affine, Point, Rect, Size, Vec2};
use media::{BlendMode, ShowTime};

/// What stands farther out of a layer's box than this, such as a shadow, is seen for a moment more.
const BEYOND_PX: f64 = 64.0;

/// Whether what is moved so stays on whole px.
pub(super) fn on_whole_px(motion: Affine) -> bool {
    let way = motion.translation();
    let is_whole = |v: f64| (v - v.round()).abs() < 1e-9;
    motion == Affine::translate(way) && is_whole(way.x) && is_whole(way.y)
}

impl Resolver {
    /// Says which passages are under way.
    pub(super) fn pass(&mut self, t: ShowTime) {
        for passing in &mut self.passings {
            let sample = passing.playback.sample(&passing.timing, t);
            passing.active = sample.progress.is_some();
            passing.progress = sample.progress.unwrap_or(0.0).clamp(0.0, 1.0);
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
        let is_mover = matches!(self.roles[i], Role::Mover(_));
        let rolls = matches!(self.roles[i], Role::Mover(p) if self.passings[p].rolls.is_some());
        (self.stands[i] && !(rolls && self.moves(i))) || (is_mover && !self.moves(i))
    }

    /// How a side of a passage is moved, in px around the stage.
    pub(super) fn motion(
        &self,
        mover: usize,
        p: usize,
        moment: Moment,
        measure: &mut dyn Measure,
    ) -> Affine {
        if let Some(roll) = self.passings[p].rolls.filter(|_| self.passings[p].active) {
            return Affine::translate(self.rolled_by(mover, p, roll, moment, measure));
        }
        let t = &self.live[mover].transform;
        let is_still = |v: f64, rest: f64| (v - rest).abs() < 1e-12;
        let (still, upright) = (
            is_still(t.x_px, 0.0) && is_still(t.y_px, 0.0),
            is_still(t.scale_x, 1.0) && is_still(t.scale_y, 1.0),
        );
        if !self.passings[p].active || (still && upright) {
            return Affine::IDENTITY;
        }
        let (to_parent, size) = match self.left_apart(mover, p) {
            Some(left) => self.plain_box(left, moment, measure),
            None => self.box_of(p, moment, measure),
        };
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
            let own = to_parent.transform_rect_bbox(Rect::from_origin_size(Point::ORIGIN, size));
            let frame = self.frame(p, own, moment, measure);
            motion = motion.then_translate(Vec2::new(
                way_px(t.x_px, own.x1 - frame.x0, frame.x1 - own.x0),
                way_px(t.y_px, own.y1 - frame.y0, frame.y1 - own.y0),
            ));
        }
        motion
    }

    /// Whether the layer of a passage follows one that does not itself leave with it: then it goes where that is. One that takes along
    /// what it follows is moved as the passage says, and asking where that is would ask for this again.
    fn follows_out(&self, p: usize, subject: usize) -> bool {
        let goes_along = |i: usize| self.roles[i] == Role::Mover(p);
        self.live[subject].follow.is_some() && !self.ancestry(subject).any(goes_along)
    }

    /// Has sides of layers that follow others stand in the px of those, as what is on them does, and what stood in another group in
    /// the px of that.
    pub(super) fn lead_sides(&mut self) {
        let sides = (0..self.roles.len()).filter_map(|mover| {
            let Role::Mover(p) = self.roles[mover] else {
                return None;
            };
            let passing = &self.passings[p];
            let is_coming = mover == passing.coming;
            let side = passing.left.filter(|_| !is_coming).or(passing.subject)?;
            let leader = if self.follows_out(p, side) {
                self.leaders[side]
            } else {
                passing.stood_in.filter(|_| !is_coming)?
            };
            Some((mover, p, leader))
        });
        let sides: Vec<_> = sides.collect();
        for (mover, p, leader) in sides {
            self.leaders[mover] = leader;
            let passing = &mut self.passings[p];
            passing.led[usize::from(mover != passing.coming)] = true;
        }
        for p in 0..self.passings.len() {
            let passing = &self.passings[p];
            let [coming, leaving] = passing.led;
            let leader_of = |side: Option<usize>| side.and_then(|side| self.leaders[side]);
            let others = leader_of(passing.leaving) != leader_of(Some(passing.coming));
            self.passings[p].apart = passing.left.is_some() && (coming || leaving) && others;
        }
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
        let masks = self.is_of_mask(p, space.masks);
        // How a mask comes and goes is not how it masks.
        if !passing.active || (masks && passing.held.is_some()) {
            // What has gone takes along what it was on its way, but for one that came and goes again.
            let hidden = passing.held.is_some_and(|held| !self.live[held].visible);
            if !masks && hidden && !self.is_held_within(passing.coming) {
                return;
            }
            for &child in &self.children[passing.coming] {
                if masks && self.roles[child] == Role::Own {
                    let how = How::new(self.live[child].opacity, BlendMode::Normal);
                    self.place_shown(child, space, how, moment, measure, items);
                } else {
                    self.place(child, space, moment, measure, items);
                }
            }
            return;
        }
        // What it is and what it was may follow others, and each its own.
        let mut space_of = |mover: usize, is_led: bool| match is_led {
            true => Space {
                masks: space.masks,
                chosen: space.chosen,
                ..self.around(mover, space.surface, moment, measure)
            },
            false => space,
        };
        let own = space_of(passing.coming, passing.led[0]);
        let lefts = passing.leaving;
        let lefts = lefts.map_or(own, |mover| space_of(mover, passing.led[1]));
        let space = own;
        let blend_mode = if masks {
            // There is nothing below it that it could combine with.
            BlendMode::Normal
        } else {
            self.live[stage].blend_mode
        };
        let apart = passing.isolated || blend_mode != BlendMode::Normal;
        let group = |space: Space, (to_parent, size): (Affine, Size), clip, blend_mode| {
            let transform = space.transform * to_parent;
            Item::Push(GroupItem {
                clip,
                blend_mode,
                holds_still: space.holds_still,
                ..GroupItem::plain(stage, transform, size, self.raster_scales[stage])
            })
        };
        if apart {
            let frame = self.box_of(p, moment, measure);
            items.push(group(space, frame, None, blend_mode));
        }
        if let Some(roll) = passing.rolls {
            self.place_rolling(p, roll, [lefts, own], moment, measure, items);
        }
        let placed: &[usize] = match passing.rolls {
            Some(_) => &[],
            None => &self.children[stage],
        };
        for &child in placed {
            match self.roles[child] {
                Role::Mover(_) => {
                    let comes = child == passing.coming;
                    if space
                        .chosen
                        .is_some_and(|one| one.p == p && one.comes != comes)
                    {
                        continue;
                    }
                    let space = if child == passing.coming { own } else { lefts };
                    self.place_mover(child, p, space, moment, measure, items);
                }
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
        // One of two that are mixed as wholes is all there is of it.
        let (opacity, blend_mode) = match space.chosen {
            Some(one) if one.p == p => (1.0, BlendMode::Normal),
            _ => (layer.opacity, layer.blend_mode),
        };
        if opacity <= 0.0 {
            return;
        }
        let motion = self.motion(mover, p, moment, measure);
        let inside = Space {
            transform: space.transform * motion,
            holds_still: space.holds_still && self.stands(mover),
            ..space
        };
        let (to_parent, size) = self.side_of(mover, p, moment, measure);
        let card = passing.turns.and_then(|upright| {
            let angle_deg = layer.transform.rotation_deg;
            Card::new(inside.transform, to_parent, size, upright, angle_deg)
        });
        let pin = card.as_ref().map(Card::pin);
        let has_effects = layer.effects.iter().any(Effect::acts);
        let own_surface = pin.is_some() || has_effects;
        // A scene that is moved ends at its canvas, whatever waits beyond; a layer has its shadow with it.
        let is_whole = passing.subject.is_none();
        let is_cut = is_whole && (pin.is_some() || motion != Affine::IDENTITY);
        let comes = mover == passing.coming;
        // A whole scene covers what leaves; of layers what comes has what the other has not.
        let matte = passing.matte.filter(|_| comes || !is_whole);
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
            || is_cut
            || matte.is_some()
            || veil.is_some()
            || opacity < 1.0
            || blend_mode != BlendMode::Normal;
        // What is cut between two px is not cut twice there: its own edge is soft.
        let beyond = if is_cut && !own_surface && !on_whole_px(motion) {
            1.0
        } else {
            0.0
        };
        if apart {
            items.push(Item::Push(GroupItem {
                index: mover,
                transform: inside.transform * Affine::translate((-beyond, -beyond)),
                size: Size::new(size.width + 2.0 * beyond, size.height + 2.0 * beyond),
                clip: is_cut.then_some([0.0; 4]),
                veil,
                opacity,
                blend_mode,
                own_surface,
                has_effects,
                pin,
                raster_scale: self.raster_scales[mover],
                holds_still: inside.holds_still,
                is_whole,
                part: 0,
            }));
        }
        let first = items.len();
        let within = if own_surface {
            Space {
                masks: space.masks,
                chosen: space.chosen,
                ..Space::own(Some(mover))
            }
        } else {
            inside
        };
        self.place_on(mover, p, by, within, moment, measure, items);
        if own_surface && !is_whole && panes::has_panes(&items[first..]) {
            self.stand_apart(mover, card.as_ref(), first, items);
        }
        if let Some(matte) = matte {
            items.push(Item::Matte(MatteItem {
                mode: MaskMode::Luma,
                invert: !comes,
            }));
            let how = (1.0, BlendMode::Normal);
            self.place_cover(matte, p, how, space, moment, measure, items);
        }
        if apart {
            items.push(Item::Pop);
        }
    }

    /// Places what stands on a side of a passage; the wipe of `by` passes over a layer with moved corners.
    #[expect(
        clippy::too_many_arguments,
        reason = "as for the other ways to place something"
    )]
    pub(super) fn place_on(
        &self,
        mover: usize,
        p: usize,
        by: Option<usize>,
        within: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let passing = &self.passings[p];
        if passing.subject.is_none() && by.is_none() {
            let children = &self.children[mover];
            return self.place_all(children, Some(mover), within, moment, measure, items);
        }
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
            let is_seen = own.visible || passing.held == Some(child);
            if (is_seen || self.is_of_mask(p, within.masks)) && own.opacity > 0.0 {
                let how = How {
                    mover: by,
                    ..How::new(own.opacity, BlendMode::Normal)
                };
                self.place_in(child, within, how, moment, measure, items);
            }
        }
    }

    /// Whether a layer comes or goes by a passage whose stage stands on this side of another.
    fn is_held_within(&self, mover: usize) -> bool {
        self.children[mover]
            .iter()
            .any(|&child| match self.roles[child] {
                Role::Stage(p) => {
                    let passing = &self.passings[p];
                    let holds = passing.active && passing.held.is_some();
                    holds || self.is_held_within(passing.coming)
                }
                _ => false,
            })
    }

    /// Takes a side apart that is a picture of its own, at its panes of glass: `first` is the first item in it.
    fn stand_apart(&self, mover: usize, card: Option<&Card>, first: usize, items: &mut Vec<Item>) {
        let content = items.split_off(first);
        let Some(Item::Push(whole)) = items.last_mut() else {
            return items.extend(content);
        };
        let effects = self.live[mover].effects.iter().map(reach);
        let reach_px = effects.map(|by| by.x_value().max(by.y_value()) / 2.0).sum();
        let mut standing = Standing::new(*whole, card, reach_px);
        whole.own_surface = false;
        whole.has_effects = false;
        whole.pin = None;
        standing.place(&content, items);
    }

    /// Whether a passage is one of the mask that is placed, or of what that was before.
    fn is_of_mask(&self, p: usize, mask: Option<usize>) -> bool {
        let Some(mask) = mask else { return false };
        let mut at = self.passings[p].subject;
        for _ in 0..Passage::MAX_DEPTH {
            match at {
                Some(subject) if subject == mask => return true,
                // It leaves with a passage of what it was.
                Some(_) => {
                    let around = self.passings.iter().find(|one| one.left == at);
                    at = around.and_then(|one| one.subject);
                }
                None => return false,
            }
        }
        false
    }

    /// The stage on which a mask becomes another by now, and its passage.
    pub(super) fn stage_of_mask(&self, mask: usize) -> Option<(usize, usize)> {
        let around = std::iter::successors(self.parents[mask], |&i| self.parents[i]);
        let passages = around.map_while(|i| match self.roles[i] {
            Role::Stage(p) => Some((i, p, true)),
            Role::Mover(p) => Some((i, p, false)),
            Role::Own | Role::Pair | Role::Cover(_) | Role::Hidden => None,
        });
        let own = passages.take_while(|&(_, p, _)| self.is_of_mask(p, Some(mask)));
        let changes = own.filter(|&(_, p, is_stage)| {
            is_stage && self.passings[p].left.is_some() && self.passings[p].active
        });
        changes.last().map(|(stage, p, _)| (stage, p))
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
            effects_in_box: false,
        }));
    }
}
