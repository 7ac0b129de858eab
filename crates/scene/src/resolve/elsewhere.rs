//! Layers that leave in another group than the one in which they come.
//!
//! Where neither group does more than to place what is in it, and nothing lies between the two, both sides share one stage and mix
//! exactly. Else each has a stage of its own, in its own group: so what leaves goes on being faded, cut, masked and changed by the
//! group in which it stood, below and above whom it was.

use super::cast::{Cast, Pieces, Role, Setting};
use crate::{Effect, Kind, Passage, Property};
use media::BlendMode;

/// What siblings are sorted by, from the canvas inwards.
type Path = Vec<(i32, usize)>;

impl Cast {
    /// What a layer leaves in that comes elsewhere, where its two sides cannot share a stage. The groups around what leaves of a
    /// single layer are not in that part of a scene: there they always do. So does what others show through.
    pub(super) fn leaves_elsewhere(
        &self,
        passage: &Passage,
        pieces: &Pieces<'_>,
        setting: &Setting<'_>,
    ) -> Option<Option<usize>> {
        let find = setting.find[0];
        let left = passage.left()?;
        let there = find(passage.layer.as_ref()?)?;
        let was = left.layers.first()?;
        let is = &pieces.layers[there - setting.first];
        if was.parent == is.parent || pieces.background.is_none() {
            return None;
        }
        if (0..self.layers.len()).any(|i| self.masks_of(i).any(|at| at == there)) {
            return None;
        }
        let old = match &was.parent {
            Some(group) => Some(find(group)?),
            None => setting.parent,
        };
        let old_groups: Vec<usize> = self.upwards(old).collect();
        let new_groups: Vec<usize> = self.upwards(self.parents[there]).collect();
        if old_groups.contains(&there) {
            return None;
        }
        let all_plain = |these: &[usize], others: &[usize]| {
            let mut apart = these.iter().take_while(|group| !others.contains(group));
            apart.all(|&group| self.is_plain(group, pieces, setting))
        };
        // In a group that does nothing itself what blends otherwise makes a picture of it all the same.
        let stays_whole = was.blend_mode == BlendMode::Normal && is.blend_mode == BlendMode::Normal;
        let shares = stays_whole
            && all_plain(&old_groups, &new_groups)
            && all_plain(&new_groups, &old_groups);
        let mut stood = self.path(old);
        stood.push((was.z_index, left.place));
        let stands = self.path(Some(there));
        let parts = || self.something_between(&stood, &stands, pieces, setting);
        (!shares || parts()).then_some(old)
    }

    fn upwards(&self, i: Option<usize>) -> impl Iterator<Item = usize> {
        std::iter::successors(i, |&i| self.parents[i])
    }

    fn path(&self, i: Option<usize>) -> Path {
        let mut path: Path = self.upwards(i).map(|i| self.order[i]).collect();
        path.reverse();
        path
    }

    /// Whether a group does nothing to what is in it but place it, at any time.
    fn is_plain(&self, group: usize, pieces: &Pieces<'_>, setting: &Setting<'_>) -> bool {
        let layer = &self.layers[group];
        let Some(own) = group
            .checked_sub(setting.first)
            .and_then(|i| pieces.layers.get(i))
        else {
            return false;
        };
        let passes = |passage: &Passage| passage.layer.as_ref() == Some(&own.id);
        let is_still = layer.visible
            && layer.opacity >= 1.0
            && layer.blend_mode == BlendMode::Normal
            && layer.clip.is_none()
            && layer.mask.is_none()
            && layer.wipe.is_none()
            && layer.transform.corner_pin.is_none()
            && !layer.effects.iter().any(Effect::acts);
        let stands_in = |i: usize| {
            let is_inside =
                |i: usize| pieces.layers[i - setting.first].parent.as_ref() == Some(&own.id);
            let end = setting.first + pieces.layers.len();
            (setting.first..end).contains(&i) && is_inside(i)
        };
        let mut inside = (setting.first..).take(pieces.layers.len());
        let mut moves = self.stacks.iter();
        self.roles[group] == Role::Own
            && is_still
            && inside.all(|i| !stands_in(i) || self.layers[i].blend_mode == BlendMode::Normal)
            && !moves.any(|stack| match stack.layer {
                Some(i) if i == group => !stack.property.places(),
                Some(i) => stack.property == Property::BlendMode && stands_in(i),
                None => false,
            })
            && !pieces.passages.iter().any(|passage| passes(passage))
    }

    /// Whether something is drawn above one of two places and below the other.
    fn something_between(
        &self,
        one: &Path,
        other: &Path,
        pieces: &Pieces<'_>,
        setting: &Setting<'_>,
    ) -> bool {
        let (below, above) = (one.min(other), one.max(other));
        let mut all = (setting.first..).take(pieces.layers.len());
        all.any(|i| {
            let layer = &self.layers[i];
            let is_seen = layer.kind != Kind::Group && layer.visible;
            is_seen && {
                let path = self.path(Some(i));
                let is_inside = path.starts_with(one) || path.starts_with(other);
                !is_inside && *below < path && path < *above
            }
        })
    }
}
