//! Masks that are seen themselves and become another by a mixture.
//!
//! Such a mask and what shows through it hang together: where the one is, the other is not, or only there. Mixed one by one they
//! would be laid over each other by halves, and a half over a half hides three quarters of what is below. So all that hangs together,
//! with what lies between, is drawn as it was and as it is, and those two pictures are mixed.

use super::cast::Role;
use super::{GroupItem, Item, Measure, Moment, Resolver, Space};
use kurbo::Size;
use media::BlendMode;

/// What hangs together by a mask that becomes another.
#[derive(Clone, Debug)]
pub(super) struct Mix {
    /// The passage.
    p: usize,
    /// What all of it stands in.
    around: Option<usize>,
    /// The mask, and what shows through it, or the groups that those stand in.
    among: Vec<usize>,
}

/// One of two sides of a passage, the other of which is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) p: usize,
    pub(super) comes: bool,
}

/// Tells the surfaces of groups as they were from those of the same groups as they are.
const AS_THEY_WERE: u32 = 1 << 16;

impl Resolver {
    /// What hangs together by masks, passage by passage.
    pub(super) fn find_mixes(&self) -> Vec<Mix> {
        let passages = (0..self.passings.len()).filter(|&p| self.mixes_evenly(p));
        passages.filter_map(|p| self.mix_of(p)).collect()
    }

    /// Whether what leaves and what comes by a passage are shares that add up to the whole.
    fn mixes_evenly(&self, p: usize) -> bool {
        let passing = &self.passings[p];
        let is_plain = |mover: usize| self.base[mover].wipe.is_none();
        passing.left.is_some()
            && passing.isolated
            && passing.rolls.is_none()
            && passing.turns.is_none()
            && !passing.framed
            && passing.matte.is_none()
            && self.base[passing.coming].blend_mode == BlendMode::PlusLighter
            && is_plain(passing.coming)
    }

    fn mix_of(&self, p: usize) -> Option<Mix> {
        let passing = &self.passings[p];
        let mask = passing.subject?;
        let stage = self.parents[passing.coming]?;
        let shows_through = |i: usize| {
            let mut choices = self.mask_choices.get(&i).into_iter().flatten();
            let is_own = self.roles[i] == Role::Own;
            is_own && (self.masks[i] == Some(mask) || choices.any(|one| one.1 == mask))
        };
        let mut ends: Vec<usize> = (0..self.base.len()).filter(|&i| shows_through(i)).collect();
        if ends.is_empty() {
            return None;
        }
        ends.push(stage);
        let upwards = |i: usize| std::iter::successors(Some(i), |&i| self.parents[i]);
        let mut groups = upwards(stage).skip(1).map(Some).chain([None]);
        let is_around = |group: &Option<usize>| match group {
            Some(group) => ends
                .iter()
                .all(|&end| upwards(end).skip(1).any(|i| i == *group)),
            None => true,
        };
        let around = groups.find(is_around)?;
        let branch = |&end: &usize| upwards(end).find(|&i| self.parents[i] == around);
        let among = ends.iter().filter_map(branch).collect();
        Some(Mix { p, around, among })
    }

    /// Places all that stands in `around`, from below.
    pub(super) fn place_all(
        &self,
        siblings: &[usize],
        around: Option<usize>,
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let mut rest = siblings;
        if space.chosen.is_none()
            && let Some((p, first, last)) = self.mixed(siblings, around)
        {
            for &child in &siblings[..first] {
                self.place(child, space, moment, measure, items);
            }
            self.place_mixed(p, &siblings[first..=last], space, moment, measure, items);
            rest = &siblings[last + 1..];
        }
        for &child in rest {
            self.place(child, space, moment, measure, items);
        }
    }

    /// Of what stands in a group the first and the last that a passage mixes as one. Nothing where something among it does not
    /// simply cover what is below it: that would be another picture apart from that.
    fn mixed(&self, siblings: &[usize], around: Option<usize>) -> Option<(usize, usize, usize)> {
        self.mixes.iter().find_map(|mix| {
            let passing = &self.passings[mix.p];
            let sides = [passing.subject, passing.left].into_iter().flatten();
            let is_seen = sides.clone().any(|i| self.live[i].visible);
            if mix.around != around || !passing.active || !is_seen {
                return None;
            }
            let first = siblings.iter().position(|i| mix.among.contains(i))?;
            let last = siblings.iter().rposition(|i| mix.among.contains(i))?;
            let mut all = siblings[first..=last].iter();
            all.all(|&i| self.blends_over(i))
                .then_some((mix.p, first, last))
        })
    }

    fn place_mixed(
        &self,
        p: usize,
        siblings: &[usize],
        space: Space,
        moment: Moment,
        measure: &mut dyn Measure,
        items: &mut Vec<Item>,
    ) {
        let passing = &self.passings[p];
        let group = |mover: usize, opacity, blend_mode| {
            Item::Push(GroupItem {
                opacity,
                blend_mode,
                holds_still: space.holds_still,
                ..GroupItem::plain(
                    mover,
                    space.transform,
                    Size::ZERO,
                    self.raster_scales[mover],
                )
            })
        };
        items.push(group(passing.coming, 1.0, BlendMode::Normal));
        let sides = [passing.leaving, Some(passing.coming)];
        for mover in sides.into_iter().flatten() {
            let share = self.live[mover].opacity;
            if share <= 0.0 {
                continue;
            }
            let comes = mover == passing.coming;
            items.push(group(mover, share, BlendMode::PlusLighter));
            let first = items.len();
            let space = Space {
                chosen: Some(Chosen { p, comes }),
                ..space
            };
            for &child in siblings {
                self.place(child, space, moment, measure, items);
            }
            for item in &mut items[first..] {
                if let Item::Push(group) = item
                    && group.own_surface
                    && !comes
                {
                    group.part += AS_THEY_WERE;
                }
            }
            items.push(Item::Pop);
        }
        items.push(Item::Pop);
    }
}
