//! What is taken from animations and timelines by who writes to a layer.

use crate::ranges::TIMELINE_DEPTH;
use crate::validate::Check;
use crate::{
    Animation, Clocked, Id, Layer, Leaf, Property, Scene, Target, Timeline, TimelineEntry,
    TimelinePart,
};
use std::borrow::Cow;
use std::collections::HashSet;

/// Properties of a target that a timeline has let go of.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// What they are of.
    pub target: Target,
    /// Each once.
    pub properties: Vec<Property>,
}

/// Who let go of something, and of what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LetGo {
    /// Animations and timelines.
    pub ids: Vec<Id>,
    /// Pairs are told by their parts. More than was asked for where a way or a formula is one thing.
    pub properties: Vec<Property>,
}

impl LetGo {
    /// `id` moved `before` and moves `after`.
    fn add(&mut self, id: &Id, before: &[Property], after: &[Property]) {
        let lost = before.iter().filter(|one| !after.contains(one));
        self.properties.extend(lost.cloned());
        if before != after && !self.ids.contains(id) {
            self.ids.push(id.clone());
        }
    }
}

impl Timeline {
    /// What a leaf does to one of its targets, less what was taken from it; `None` where nothing is left.
    pub(crate) fn left<'a>(&self, leaf: &'a Leaf, target: &Target) -> Option<Cow<'a, Animation>> {
        let Some(taken) = self.taken.iter().find(|one| one.target == *target) else {
            return Some(Cow::Borrowed(&leaf.animation));
        };
        let mut left = leaf.animation.clone();
        left.let_go(&taken.properties).then_some(Cow::Owned(left))
    }

    /// What its leaves move of a target, once each; pairs are told by their parts.
    fn fields(&self, target: &Target) -> Vec<Property> {
        let mut fields = Vec::new();
        self.each_leaf(&mut |leaf| {
            if leaf.targets.iter().any(|(_, one)| one == target)
                && let Some(left) = self.left(leaf, target)
            {
                fields.extend(left.fields());
            }
        });
        once(fields)
    }

    /// Takes properties of a target from all its leaves, for as long as it is there; what else they move, and its clock,
    /// go on.
    fn take(&mut self, target: &Target, properties: &[Property]) {
        let before = self.fields(target);
        let met = |one: &&Property| before.iter().any(|moved| moved.overlaps(one));
        let met: Vec<Property> = properties.iter().filter(met).cloned().collect();
        if met.is_empty() {
            return;
        }
        match self.taken.iter_mut().find(|one| one.target == *target) {
            Some(taken) => taken.properties.extend(met),
            None => self.taken.push(Taken {
                target: target.clone(),
                properties: met,
            }),
        }
    }

    /// Forgets that something was taken which its leaves would not move anyhow.
    pub(crate) fn forget_taken(&mut self) {
        if self.taken.is_empty() {
            return;
        }
        let moved = moved_in(&self.entries);
        for taken in &mut self.taken {
            let target = taken.target.clone();
            let moves = |one: &Property| moved.contains(&(target.clone(), one.canonical()));
            taken.properties.retain(moves);
        }
        self.taken.retain(|taken| !taken.properties.is_empty());
    }
}

impl Animation {
    /// What it moves; pairs are told by their parts.
    fn fields(&self) -> Vec<Property> {
        once(
            self.properties()
                .iter()
                .flat_map(Property::fields)
                .collect(),
        )
    }
}

impl Property {
    /// Its parts, of a pair that is another way to address two fields; else itself.
    pub(crate) fn fields(&self) -> Vec<Self> {
        self.parts().map_or_else(|| vec![self.clone()], Vec::from)
    }
}

fn once(properties: Vec<Property>) -> Vec<Property> {
    let mut seen = HashSet::new();
    let mut properties = properties;
    properties.retain(|one| seen.insert(one.clone()));
    properties
}

/// What these entries move, as stacks have it.
fn moved_in(entries: &[TimelineEntry]) -> HashSet<(Target, Property)> {
    fn add(entries: &[TimelineEntry], depth: usize, moved: &mut HashSet<(Target, Property)>) {
        for entry in entries {
            match &entry.part {
                TimelinePart::Leaf(leaf) => {
                    for property in leaf.animation.properties() {
                        let targets = leaf.targets.iter();
                        moved.extend(targets.map(|(_, one)| (one.clone(), property.canonical())));
                    }
                }
                TimelinePart::Nested(nested) if depth < TIMELINE_DEPTH => {
                    add(&nested.entries, depth + 1, moved);
                }
                TimelinePart::Nested(_) | TimelinePart::Label(_) | TimelinePart::Pause => {}
            }
        }
    }
    let mut moved = HashSet::new();
    add(entries, 1, &mut moved);
    moved
}

impl Scene {
    /// Everything that animations and timelines move of a target, once each; pairs are told by their parts.
    pub fn moved_of(&self, target: &Target) -> Vec<Property> {
        let animations = self.animations.iter().filter(|one| one.target == *target);
        let plain = animations.flat_map(|one| one.fields());
        let leaves = self.timelines.iter().flat_map(|one| one.fields(target));
        once(plain.chain(leaves).collect())
    }

    /// Lets `properties` of a target go from every animation that replaces what is below, which is taken out where it moves
    /// nothing else; where `all` is so, from those that add and from timelines too. A timeline goes on without them.
    pub fn yield_up(&mut self, target: &Target, properties: &[Property], all: bool) -> LetGo {
        let mut let_go = LetGo::default();
        let holds = |one: &Animation| {
            one.target == *target
                && (all || !one.is_additive())
                && properties.iter().any(|property| one.moves(property))
        };
        let holding: Vec<(Id, Vec<Property>)> = self
            .animations
            .iter()
            .filter(|one| holds(one))
            .map(|one| (one.id.clone(), one.fields()))
            .collect();
        for (id, before) in holding {
            self.let_go(&id, properties);
            let after = self.animations.iter().find(|one| one.id == id);
            let after = after.map(|one| one.fields()).unwrap_or_default();
            let_go.add(&id, &before, &after);
        }
        for timeline in self.timelines.iter_mut().filter(|_| all) {
            let before = timeline.fields(target);
            if properties.iter().any(|one| before.contains(one)) {
                timeline.take(target, properties);
                let after = timeline.fields(target);
                let_go.add(&timeline.id, &before, &after);
            }
        }
        let_go
    }

    /// Takes from animations and timelines for which `yields` is so what they would move of a layer and it has no more.
    pub fn drop_lost_motion(&mut self, layer: &Id, yields: &dyn Fn(Clocked<'_>) -> bool) {
        let Some(own) = self.layers.iter().find(|one| one.id == *layer) else {
            return;
        };
        let (mut own, target) = (Layer::clone(own), Target::Layer(layer.clone()));
        let mut lost_of = |one: &Animation| one.lost_from(&mut own);
        self.animations.retain_mut(|one| {
            if one.target != target || !yields(Clocked::Animation(one)) {
                return true;
            }
            let lost = lost_of(one);
            lost.is_empty() || one.let_go(&lost)
        });
        for timeline in &mut self.timelines {
            let mut loses = false;
            timeline.each_leaf(&mut |leaf| {
                let moves = leaf.targets.iter().any(|(_, one)| *one == target);
                loses |= moves && !lost_of(&leaf.animation).is_empty();
            });
            if loses && yields(Clocked::Timeline(timeline)) {
                timeline.lose_of(&target, &mut |one| !lost_of(one).is_empty());
            }
        }
    }
}

impl Check<'_> {
    /// What was taken from a timeline: things that it would move, each once.
    pub(crate) fn taken(&mut self, at: &str, timeline: &Timeline) {
        let most = self.limits.timeline_leaves;
        self.count(
            &format!("{at}/taken"),
            "targets",
            timeline.taken.len(),
            most,
        );
        if timeline.taken.is_empty() || timeline.taken.len() > most {
            return;
        }
        let moved = moved_in(&timeline.entries);
        let mut targets = HashSet::new();
        for (k, taken) in timeline.taken.iter().enumerate() {
            let (at, target) = (format!("{at}/taken/{k}"), &taken.target);
            if !targets.insert(target) {
                self.invalid(
                    format_args!("{at}/target"),
                    format!("`{target}` is there twice"),
                );
            }
            let mut seen = HashSet::new();
            for (i, property) in taken.properties.iter().enumerate() {
                let wrong = if !seen.insert(property) {
                    format!("`{property}` is there twice")
                } else if !moved.contains(&(target.clone(), property.canonical())) {
                    format!("is `{property}`, which the timeline does not move on {target}")
                } else {
                    continue;
                };
                self.invalid(format_args!("{at}/properties/{i}"), wrong);
            }
        }
    }
}
