//! Layers that show through one layer after the other: `mask.layer` moved by animations and timelines.

use crate::ranges::TIMELINE_DEPTH;
use crate::{
    Animation, Id, Property, Scene, Shared, Target, Timeline, TimelineEntry, TimelinePart,
};
use animation::Value;
use std::collections::HashSet;

/// A layer that shows through another for a while.
pub(crate) struct MaskMove {
    /// Where the other is named, as a pointer into the document.
    pub(crate) at: String,
    /// Which layer.
    pub(crate) layer: Id,
    /// The name of the other.
    pub(crate) through: String,
}

/// All of them. Costs a look at every keyframe.
pub(crate) fn mask_moves(
    animations: &[Shared<Animation>],
    timelines: &[Shared<Timeline>],
) -> Vec<MaskMove> {
    let mut moves = Vec::new();
    let animations = animations.iter().enumerate();
    for (i, animation) in animations.filter(|(_, one)| one.names_masks()) {
        let at = format!("/animations/{i}");
        add(&at, animation, &[&animation.target], &mut moves);
    }
    for (i, timeline) in timelines.iter().enumerate() {
        let at = format!("/timelines/{i}/entries");
        add_entries(&at, &timeline.entries, 1, &mut moves);
    }
    moves
}

fn add_entries(at: &str, entries: &[TimelineEntry], depth: usize, moves: &mut Vec<MaskMove>) {
    for (k, entry) in entries.iter().enumerate() {
        match &entry.part {
            TimelinePart::Leaf(leaf) if !leaf.animation.names_masks() => {}
            TimelinePart::Leaf(leaf) => {
                let targets: Vec<&Target> = leaf.targets.iter().map(|(_, one)| one).collect();
                let at = format!("{at}/{k}/animation");
                add(&at, &leaf.animation, &targets, moves);
            }
            // What is nested deeper is a fault of its own.
            TimelinePart::Nested(nested) if depth < TIMELINE_DEPTH => {
                let at = format!("{at}/{k}/timeline/entries");
                add_entries(&at, &nested.entries, depth + 1, moves);
            }
            TimelinePart::Nested(_) | TimelinePart::Label(_) | TimelinePart::Pause => {}
        }
    }
}

fn add(at: &str, animation: &Animation, targets: &[&Target], moves: &mut Vec<MaskMove>) {
    for (k, name) in animation.mask_names() {
        let layers = targets.iter().filter_map(|target| match target {
            Target::Layer(id) => Some(id),
            Target::Canvas => None,
        });
        moves.extend(layers.map(|layer| MaskMove {
            at: format!("{at}/keyframes/{k}/{}", Property::MaskLayer),
            layer: layer.clone(),
            through: name.to_owned(),
        }));
    }
}

impl Animation {
    /// The names of layers that others show through by it, each with the number of its keyframe.
    fn mask_names(&self) -> impl Iterator<Item = (usize, &str)> {
        let keyframes = self.keyframes.iter().enumerate();
        let values = keyframes.flat_map(|(k, one)| one.values.iter().map(move |value| (k, value)));
        values.filter_map(|(k, (property, value))| match value {
            Value::Text(name) if *property == Property::MaskLayer => Some((k, &**name)),
            _ => None,
        })
    }
}

impl Animation {
    /// Whether it has layers show through others.
    fn names_masks(&self) -> bool {
        self.mask_names().next().is_some()
    }
}

/// What only a layer with a mask has.
const OF_MASKS: [Property; 3] = [
    Property::MaskLayer,
    Property::MaskMode,
    Property::MaskInvert,
];

impl Scene {
    /// Takes out what would have layers show through one that is gone, and what moves masks of layers that have none any more.
    pub(crate) fn drop_lost_masks(&mut self) {
        let ids: HashSet<&str> = self.layers.iter().map(|one| one.id.as_str()).collect();
        let masked = self.layers.iter().filter(|layer| layer.mask.is_some());
        let masked: HashSet<&Id> = masked.map(|layer| &layer.id).collect();
        let is_lost = |one: &Animation| one.mask_names().any(|(_, name)| !ids.contains(name));
        let unmasked = |target: &Target| match target {
            Target::Layer(id) => !masked.contains(id),
            Target::Canvas => false,
        };
        let moves_mask = |one: &Animation| OF_MASKS.iter().any(|property| one.moves(property));
        let mut animations = std::mem::take(&mut self.animations);
        animations.retain_mut(|one| {
            if !moves_mask(one) {
                return true;
            }
            let gone: &[Property] = if unmasked(&one.target) {
                &OF_MASKS
            } else if is_lost(one) {
                &OF_MASKS[..1]
            } else {
                return true;
            };
            one.let_go(gone)
        });
        for timeline in &mut self.timelines {
            let mut loses = false;
            timeline.each_leaf(&mut |leaf| {
                let mut targets = leaf.targets.iter();
                loses |= moves_mask(&leaf.animation)
                    && (is_lost(&leaf.animation) || targets.any(|(_, target)| unmasked(target)));
            });
            if !loses {
                continue;
            }
            timeline.change_leaves(&mut |leaf| {
                if !moves_mask(&leaf.animation) {
                    return;
                }
                let all_unmasked = leaf.targets.iter().all(|(_, target)| unmasked(target));
                let stays = if all_unmasked {
                    leaf.animation.let_go(&OF_MASKS)
                } else {
                    leaf.targets.let_go(&unmasked);
                    !is_lost(&leaf.animation) || leaf.animation.let_go(&OF_MASKS[..1])
                };
                leaf.targets.let_go(&|_| !stays);
            });
        }
        self.animations = animations;
    }
}
