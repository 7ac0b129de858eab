//! Morphs: what stands in both scenes goes from what it was to what it is, and the rest fades, each at its own place in the
//! order from below.
//!
//! Layers of the two scenes with one id and kind are pairs, where the groups around them are too. One that looks alike but for
//! what moves is drawn once, and moves; another is drawn as both, mixed where it goes. What a group that looks alike had in it
//! stands in the new group, so that nothing of what leaves hides all of what comes.

use super::cast::{Cast, Clock, Pieces, Role};
use super::sized_by_content;
use crate::passage::Left;
use crate::{Effect, EffectKind, Id, Kind, Layer, Property, Shared, Target};
use animation::{Easing, Keyframe, Track, Value};
use media::BlendMode;
use std::collections::HashMap;

/// Where the layers of both scenes are among all, and which passage it is.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    /// The first layer of what comes.
    pub(super) first: usize,
    /// The first copy of what leaves.
    pub(super) copies: usize,
    /// The passage.
    pub(super) p: usize,
}

/// Which layers of the two scenes belong together, by their places in their scenes.
struct Pairs {
    /// The new one of each old one.
    new_of: Vec<Option<usize>>,
    /// Of each old one that has a new one: whether they differ in nothing but what moves.
    alike: Vec<bool>,
    /// The old one of each new one.
    old_of: Vec<Option<usize>>,
    /// The group of each old one and of each new one.
    old_groups: Vec<Option<usize>>,
    new_groups: Vec<Option<usize>>,
}

impl Cast {
    /// Has what stands in both move from where it was to where it is; what is in one alone fades.
    pub(super) fn morph(&mut self, left: &Left, pieces: &Pieces<'_>, sides: Sides, clock: &Clock) {
        let Sides { first, copies, p } = sides;
        let pairs = self.pairs(left, pieces, sides);
        for copy in copies..self.layers.len() {
            self.passing_by[copy].get_or_insert(p);
        }
        self.merge(left, pieces, &pairs, sides, clock);
        for (i, new) in pieces.layers.iter().enumerate() {
            let Some(at) = pairs.old_of[i] else {
                // What stands in a group that fades need not fade itself.
                let alone = pairs.new_groups[i].is_none_or(|group| pairs.is_one(group));
                if new.visible && alone {
                    self.fade(first + i, Some(0.0), None, clock);
                }
                continue;
            };
            let (old, alike, copy) = (&left.layers[at], pairs.alike[at], copies + at);
            for (property, was, is) in moved(old, new) {
                // Of what is another thing only the place moves; what it shows mixes.
                let shows =
                    property == Property::Opacity || property.to_string().starts_with("source.");
                if shows && !alike {
                    continue;
                }
                self.go(first + i, &property, [Some(was), None], clock);
                self.go(copy, &property, [None, Some(is)], clock);
            }
            if alike {
                // It may still be what others show through or follow.
                self.layers[copy].visible = false;
            } else if new.visible {
                self.mix(first + i, copy, clock);
            }
        }
        // Nothing is left in the copy of a group that is the new one too.
        let united = |mask: usize| {
            let old = mask.checked_sub(copies)?;
            let is_old = old < left.layers.len() && pairs.is_united(old);
            Some(first + pairs.new_of[old].filter(|_| is_old)?)
        };
        for at in copies..copies + left.layers.len() {
            let mask = self.masks[at].and_then(united);
            self.masks[at] = mask.or(self.masks[at]);
            for (_, mask) in self.mask_choices.get_mut(&at).into_iter().flatten() {
                *mask = united(*mask).unwrap_or(*mask);
            }
        }
        for (at, old) in left.layers.iter().enumerate() {
            let alone = pairs.old_groups[at].is_none_or(|group| pairs.is_united(group));
            if pairs.new_of[at].is_none() && old.visible && alone {
                self.fade(copies + at, None, Some(0.0), clock);
            }
        }
    }

    fn pairs(&self, left: &Left, pieces: &Pieces<'_>, sides: Sides) -> Pairs {
        let places = |layers: &[Shared<Layer>]| {
            let mut places = HashMap::with_capacity(layers.len());
            for (i, layer) in layers.iter().enumerate() {
                places.entry(layer.id.clone()).or_insert(i);
            }
            places
        };
        let (olds, news) = (places(&left.layers), places(pieces.layers));
        let groups = |layers: &[Shared<Layer>], places: &HashMap<Id, usize>| {
            let group = |layer: &Shared<Layer>| places.get(layer.parent.as_ref()?).copied();
            layers.iter().map(group).collect::<Vec<_>>()
        };
        let mut pairs = Pairs {
            new_of: vec![None; left.layers.len()],
            alike: vec![false; left.layers.len()],
            old_of: vec![None; pieces.layers.len()],
            old_groups: groups(&left.layers, &olds),
            new_groups: groups(pieces.layers, &news),
        };
        // Groups before what is in them, however deep.
        let mut waiting: Vec<usize> = (0..left.layers.len()).collect();
        loop {
            let before = waiting.len();
            waiting.retain(|&at| {
                let group = pairs.old_groups[at];
                if group.is_some_and(|group| !pairs.is_united(group)) {
                    return true;
                }
                let old = &left.layers[at];
                let new = news.get(&old.id).copied();
                if let Some(i) = new.filter(|&i| pairs.old_of[i].is_none())
                    && is_counterpart(old, &pieces.layers[i])
                {
                    pairs.new_of[at] = Some(i);
                    pairs.old_of[i] = Some(at);
                    let masks = [
                        mask_of(old, &left.layers, &olds),
                        mask_of(&pieces.layers[i], pieces.layers, &news),
                    ];
                    pairs.alike[at] = self.is_alike((left, at), (pieces, i), masks, sides);
                }
                false
            });
            if waiting.len() == before {
                return pairs;
            }
        }
    }

    /// Whether two of a pair differ in nothing but what moves from one to the other, and nothing else moves that.
    fn is_alike(
        &self,
        (left, at): (&Left, usize),
        (pieces, i): (&Pieces<'_>, usize),
        masks: [Option<&Layer>; 2],
        sides: Sides,
    ) -> bool {
        let (old, new) = (&left.layers[at], &pieces.layers[i]);
        let all = moved(old, new);
        if !looks_alike(old, new, &all) {
            return false;
        }
        let masked_alike = match masks {
            [None, None] => true,
            [Some(was), Some(is)] => {
                is_counterpart(was, is) && looks_alike(was, is, &moved(was, is))
            }
            _ => false,
        };
        // As large as what is in it, it would be as large as both contents.
        if !masked_alike
            || (old.kind == Kind::Group && (sized_by_content(old) || sized_by_content(new)))
        {
            return false;
        }
        let target = Target::Layer(new.id.clone());
        let animations = [left.animations.as_slice(), pieces.animations]
            .map(|all| all.iter().filter(|one| one.target == target));
        let timelines = [left.timelines.as_slice(), pieces.timelines]
            .map(|all| all.iter().filter(|one| one.moves(&target)));
        let [were, are] = animations;
        let [ran, run] = timelines;
        let animated = |property: &Property| {
            let property = property.canonical();
            [sides.copies + at, sides.first + i].iter().any(|&layer| {
                let same = |stack: &crate::stack::Stack| {
                    stack.layer == Some(layer) && stack.property.canonical() == property
                };
                self.stacks.iter().any(same)
            })
        };
        were.eq(are) && ran.eq(run) && !all.iter().any(|(property, ..)| animated(property))
    }

    /// Has the copies of what leaves stand among what comes, each where it stood.
    fn merge(
        &mut self,
        left: &Left,
        pieces: &Pieces<'_>,
        pairs: &Pairs,
        Sides { first, copies, .. }: Sides,
        clock: &Clock,
    ) {
        // Room below the first.
        for order in &mut self.order[first..first + pieces.layers.len()] {
            order.1 += 1;
        }
        // The rank of the newest pair in each group of the old scene.
        let mut ranks: HashMap<Option<usize>, usize> = HashMap::new();
        for at in 0..left.layers.len() {
            let (group, copy) = (pairs.old_groups[at], copies + at);
            if let Some(old) = group {
                let Some(new) = pairs.new_of[old].filter(|_| pairs.alike[old]) else {
                    continue;
                };
                // Where it has a passage of its own, its stage stands there already.
                if self.parents[copy] == Some(copies + old) {
                    self.parents[copy] = Some(first + new);
                }
            }
            let rank = ranks.entry(group).or_insert(0);
            let Some(i) = pairs.new_of[at] else {
                self.order[copy].1 = *rank;
                continue;
            };
            *rank = self.order[first + i].1;
            self.order[copy].1 = *rank;
            let zs = [self.order[copy].0, self.order[first + i].0];
            for layer in [copy, first + i] {
                self.reorder(layer, zs, clock);
            }
        }
    }

    /// Has a layer pass from one place in the order to another, as all that has nothing between: at half of the way.
    pub(super) fn reorder(&mut self, layer: usize, [was, is]: [i32; 2], clock: &Clock) {
        if was == is {
            return;
        }
        let ends = [was, is].map(|z| Some(Value::Integer(z.into())));
        self.go(layer, &Property::ZIndex, ends, clock);
    }

    /// Mixes what is another picture than before where it goes.
    fn mix(&mut self, new: usize, copy: usize, clock: &Clock) {
        let sees_below = |layer: &Layer| {
            let is = |effect: &Effect| matches!(effect.kind, EffectKind::BackdropBlur { .. });
            layer.effects.iter().any(|one| one.enabled && is(one))
        };
        let (is, was) = (&self.layers[new], &self.layers[copy]);
        let apart = is.blend_mode == was.blend_mode && !sees_below(is) && !sees_below(was);
        if apart && self.parents[new] == self.parents[copy] {
            // By weight, apart from what is below: what is the same in both does not let that through.
            let id = Id::reserved(&format!("{}/pair", was.id));
            let pair = Layer {
                z_index: is.z_index,
                blend_mode: is.blend_mode,
                ..Layer::bare(id, Kind::Group, None)
            };
            let zs = [self.order[copy].0, self.order[new].0];
            let pair = self.push(pair, Role::Pair, self.parents[new], self.order[new].1);
            self.reorder(pair, zs, clock);
            for layer in [new, copy] {
                self.parents[layer] = Some(pair);
            }
            // The old one is added to the new one, whatever else comes to stand in its place.
            self.order[copy].1 += 1;
            let coming = self.fade(new, Some(0.0), None, clock);
            let leaving = self.fade(copy, None, Some(0.0), clock);
            self.layers[leaving].blend_mode = BlendMode::PlusLighter;
            for fading in [coming, leaving] {
                if fading != new && fading != copy {
                    self.reorder(fading, zs, clock);
                }
            }
            return;
        }
        // The new one is there before the old one, above it, has gone: both would let through what is below.
        let opacity = |layer: usize| Some(Value::Number(self.layers[layer].opacity));
        let comes = vec![
            keyframe(0.0, Some(Value::Number(0.0))),
            keyframe(0.4, opacity(new)),
            keyframe(1.0, None),
        ];
        let goes = vec![
            keyframe(0.0, None),
            keyframe(0.3, opacity(copy)),
            keyframe(1.0, Some(Value::Number(0.0))),
        ];
        for (layer, keyframes) in [(new, comes), (copy, goes)] {
            if let Ok(track) = Track::new(keyframes) {
                self.add_motion(layer, &Property::Opacity, track, clock);
            }
        }
    }

    /// Fades a layer, but not what it lets show where others are masked by it. Gives the one that fades.
    fn fade(&mut self, layer: usize, from: Option<f64>, to: Option<f64>, clock: &Clock) -> usize {
        let mut fading = layer;
        let all = 0..self.layers.len();
        if all
            .into_iter()
            .any(|i| self.masks_of(i).any(|mask| mask == layer))
        {
            let id = Id::reserved(&format!("{}/fades", self.layers[layer].id));
            let around = Layer {
                z_index: self.order[layer].0,
                blend_mode: self.layers[layer].blend_mode,
                ..Layer::bare(id, Kind::Group, None)
            };
            let (parent, rank) = (self.parents[layer], self.order[layer].1);
            fading = self.push(around, Role::Pair, parent, rank);
            self.passing_by[fading] = self.passing_by[layer];
            self.parents[layer] = Some(fading);
        }
        let ends = [from, to].map(|end| end.map(Value::Number));
        self.go(fading, &Property::Opacity, ends, clock);
        fading
    }

    /// Moves a property from one value to the other; an absent one is what it has without this.
    pub(super) fn go(
        &mut self,
        layer: usize,
        property: &Property,
        ends: [Option<Value>; 2],
        clock: &Clock,
    ) {
        let [from, to] = ends;
        if let Ok(track) = Track::new(vec![keyframe(0.0, from), keyframe(1.0, to)]) {
            self.add_motion(layer, property, track, clock);
        }
    }
}

impl Pairs {
    /// Whether a new group is the old one too.
    fn is_one(&self, new: usize) -> bool {
        self.old_of[new].is_some_and(|old| self.alike[old])
    }

    /// Whether what is in an old group stands in the new one.
    fn is_united(&self, old: usize) -> bool {
        self.new_of[old].is_some() && self.alike[old]
    }
}

pub(super) fn keyframe(at: f64, value: Option<Value>) -> Keyframe {
    Keyframe {
        offset: Some(at),
        value,
        easing: Easing::Linear,
        composite: None,
    }
}

fn mask_of<'a>(
    layer: &Layer,
    all: &'a [Shared<Layer>],
    places: &HashMap<Id, usize>,
) -> Option<&'a Layer> {
    let at = *places.get(&layer.mask.as_ref()?.layer)?;
    Some(&*all[at])
}

/// Whether two layers are the same thing in the same place of two scenes.
fn is_counterpart(old: &Layer, new: &Layer) -> bool {
    old.id == new.id
        && old.kind == new.kind
        && old.visible == new.visible
        && old.parent == new.parent
        && old.follow == new.follow
}

/// What differs between two layers that have it and has something between its two values, with both: numbers, colors, pairs,
/// wholes of one form, and the same of effects of one id and kind.
fn moved(old: &Layer, new: &Layer) -> Vec<(Property, Value, Value)> {
    let paired = |id: &Id| {
        let of = |layer: &Layer| {
            let found = layer.effects.iter().find(|one| one.id == *id);
            found.map(|one| one.kind.type_name())
        };
        of(old) == of(new)
    };
    let mut all = Property::of_layer(old);
    all.retain(|property| !matches!(property, Property::Effect(id, _) if !paired(id)));
    let (mut old, mut new) = (old.clone(), new.clone());
    let mut differs = |property: &Property| {
        let was = property.slot(&mut old).and_then(|slot| slot.get())?;
        let is = property.slot(&mut new).and_then(|slot| slot.get())?;
        (was != is).then_some((was, is))
    };
    let mut moved = Vec::new();
    for property in all {
        // Order is no place: it changes at once. Pairs of fields are told by their parts, and a gradient that moves has moved
        // its parts; one of another form moves in none.
        if matches!(property, Property::Background | Property::ZIndex)
            || property.holds_fields()
            || property
                .whole()
                .is_some_and(|whole| differs(&whole).is_some())
        {
            continue;
        }
        if let Some((was, is)) = differs(&property)
            && was.mixes_with(&is)
        {
            moved.push((property, was, is));
        }
    }
    moved
}

/// Whether two layers look the same when all of `moved` has moved.
fn looks_alike(old: &Layer, new: &Layer, moved: &[(Property, Value, Value)]) -> bool {
    let mut one = old.clone();
    for (property, _, is) in moved {
        if let Some(slot) = property.slot(&mut one) {
            slot.set(is.clone());
        }
    }
    // What is not seen, and order, which changes by itself.
    one == Layer {
        name: one.name.clone(),
        z_index: one.z_index,
        safe_area: one.safe_area,
        ttl_ms: one.ttl_ms,
        tags: one.tags.clone(),
        metadata: one.metadata.clone(),
        ..new.clone()
    }
}
