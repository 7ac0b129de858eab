//! Everything that is drawn: the layers of the document, and beside them what passes.
//!
//! The layers of the document come first, in its order. Behind them stand layers that no document has: pictures of wipes,
//! copies of what leaves, and for each passage a stage with two movers on it, one for what comes and one for what leaves.

use super::veil::picture_of;
use crate::passage::{Left, Passage, Way};
use crate::stack::Stacks;
use crate::transition::{BLUR, Cover, Part, Script};
use crate::{
    Animation, Effect, EffectKind, Fit, Id, Image, Kind, Layer, Property, Scene, Shared, Source,
    Timeline, TransitionKind,
};
use animation::{Easing, Keyframe, Playback, Timing, Track, Value, transition};
use media::{BlendMode, Color};
use std::collections::HashMap;
use std::sync::Arc;

/// Finds a layer among all.
type Find<'a> = &'a dyn Fn(&Id) -> Option<usize>;

/// When a passage is how far.
type Clock = (Playback, Arc<Timing>);

/// What a layer is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// As what it is.
    Own,
    /// Both sides of a passage.
    Stage(usize),
    /// One side of it.
    Mover(usize),
    /// What stands above both.
    Cover(usize),
    /// Only where others ask for it.
    Hidden,
}

/// A passage while it is resolved.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    pub(super) playback: Playback,
    pub(super) timing: Timing,
    /// Whether it is under way at the time resolved last.
    pub(super) active: bool,
    /// The layer in whose box it happens; the canvas where there is none.
    pub(super) subject: Option<usize>,
    /// Ways lead out of the canvas, not out of the box.
    pub(super) far: bool,
    pub(super) clipped: bool,
    pub(super) isolated: bool,
    /// Sides turn like a card by the angle that their rotation says, about an upright axis or a level one.
    pub(super) turns: Option<bool>,
    /// The layer that comes or goes: it is drawn though it be hidden.
    pub(super) held: Option<usize>,
    pub(super) coming: usize,
    /// The layer whose luma shows what comes.
    pub(super) matte: Option<usize>,
}

/// All layers, and how they belong together.
#[derive(Debug, Default)]
pub(super) struct Cast {
    pub(super) layers: Vec<Shared<Layer>>,
    /// Those of the document.
    pub(super) own: usize,
    pub(super) parents: Vec<Option<usize>>,
    pub(super) follows: Vec<Option<usize>>,
    pub(super) masks: Vec<Option<usize>>,
    pub(super) wipe_pictures: Vec<Option<usize>>,
    pub(super) roles: Vec<Role>,
    /// What siblings are sorted by.
    pub(super) order: Vec<(i32, usize)>,
    pub(super) stacks: Stacks,
    pub(super) passings: Vec<Passing>,
    /// Copies of layers, with those they are copies of.
    pub(super) copies: Vec<(Id, Id)>,
}

/// A part of a scene: the document, or what leaves.
struct Pieces<'a> {
    background: Option<Color>,
    layers: &'a [Shared<Layer>],
    animations: &'a [Shared<Animation>],
    timelines: &'a [Shared<Timeline>],
    passages: &'a [Shared<Passage>],
}

impl<'a> Pieces<'a> {
    fn left(left: &'a Left) -> Self {
        Self {
            background: left.background,
            layers: &left.layers,
            animations: &left.animations,
            timelines: &left.timelines,
            passages: &left.passages,
        }
    }
}

impl Cast {
    pub(super) fn of(scene: &Scene) -> Self {
        let mut cast = Self::default();
        let pieces = Pieces {
            background: Some(scene.canvas.background),
            layers: &scene.layers,
            animations: &scene.animations,
            timelines: &scene.timelines,
            passages: &scene.passages,
        };
        let size = [scene.canvas.width_px, scene.canvas.height_px].map(f64::from);
        cast.own = scene.layers.len();
        cast.add(&pieces, None, "", size, &|_| None);
        cast.stacks.finish(&cast.layers);
        cast
    }

    /// The layers in each, from below, and those in none.
    pub(super) fn children(&self) -> (Vec<Vec<usize>>, Vec<usize>) {
        let mut children = vec![Vec::new(); self.layers.len()];
        let mut roots = Vec::new();
        for (i, parent) in self.parents.iter().enumerate() {
            match parent {
                _ if self.roles[i] == Role::Hidden => {}
                Some(parent) => children[*parent].push(i),
                None => roots.push(i),
            }
        }
        for siblings in children.iter_mut().chain([&mut roots]) {
            siblings.sort_by_key(|&i| self.order[i]);
        }
        (children, roots)
    }

    fn push(&mut self, layer: Layer, role: Role, parent: Option<usize>, rank: usize) -> usize {
        let at = self.layers.len();
        self.order.push((layer.z_index, rank));
        self.layers.push(layer.into());
        self.parents.push(parent);
        self.follows.push(None);
        self.masks.push(None);
        self.wipe_pictures.push(None);
        self.roles.push(role);
        at
    }

    /// Adds a part whose roots stand in `parent`; `name` tells its layers from others of the same ids. What follows or looks
    /// at layers that are none of it finds them by `beside`.
    fn add(
        &mut self,
        pieces: &Pieces<'_>,
        parent: Option<usize>,
        name: &str,
        size: [f64; 2],
        beside: Find<'_>,
    ) {
        let first = self.layers.len();
        for (rank, layer) in pieces.layers.iter().enumerate() {
            self.order.push((layer.z_index, rank));
            let layer = if name.is_empty() {
                layer.clone()
            } else {
                let id = Id::reserved(&format!("{name}/{}", layer.id));
                self.copies.push((layer.id.clone(), id.clone()));
                Layer {
                    id,
                    ..Layer::clone(layer)
                }
                .into()
            };
            self.layers.push(layer);
            self.parents.push(parent);
            self.follows.push(None);
            self.masks.push(None);
            self.wipe_pictures.push(None);
            self.roles.push(Role::Own);
        }
        let mut index: HashMap<&Id, usize> = HashMap::with_capacity(pieces.layers.len());
        for (layer, i) in pieces.layers.iter().zip(first..) {
            index.entry(&layer.id).or_insert(i);
        }
        let index_of = |id: &Id| index.get(id).copied();
        let seen = |id: &Id| index_of(id).or_else(|| beside(id));
        for (layer, i) in pieces.layers.iter().zip(first..) {
            if let Some(group) = layer.parent.as_ref().and_then(index_of) {
                self.parents[i] = Some(group);
            }
            self.follows[i] = layer.follow.as_ref().and_then(seen);
            self.masks[i] = layer.mask.as_ref().and_then(|mask| index_of(&mask.layer));
            // What is gone is followed no more, and hides nothing.
            if layer.follow.is_some() && self.follows[i].is_none() {
                self.layers[i].follow = None;
            }
            if layer.mask.is_some() && self.masks[i].is_none() {
                self.layers[i].mask = None;
            }
        }
        self.move_by(pieces, &seen);
        for (layer, i) in pieces.layers.iter().zip(first..) {
            if let Some(picture) = picture_of(layer) {
                let picture = Layer {
                    id: Id::reserved(&format!("{name}/wipe/{}", layer.id)),
                    ..Layer::clone(&picture)
                };
                self.wipe_pictures[i] = Some(self.push(picture, Role::Hidden, None, 0));
            }
        }
        // Those of whole scenes first: those of layers stand in what comes.
        let whole = |passage: &&Shared<Passage>| passage.layer.is_none();
        let (wholes, others): (Vec<_>, Vec<_>) = pieces.passages.iter().partition(whole);
        for passage in wholes.into_iter().chain(others) {
            let name = format!("{name}/{}", passage.id);
            self.pass(
                passage,
                pieces,
                first,
                [&index_of, &seen],
                parent,
                &name,
                size,
            );
        }
    }

    /// Adds what moves the layers of a part.
    fn move_by(&mut self, pieces: &Pieces<'_>, index_of: &dyn Fn(&Id) -> Option<usize>) {
        // Of what leaves the canvas is not that of the document.
        let is_own = self.passings.is_empty() && self.layers.len() == self.own;
        let background = pieces.background.filter(|_| is_own);
        let moved = (pieces.animations, pieces.timelines);
        self.stacks
            .add_part(&self.layers, background, moved, index_of);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "where a passage happens, said once for each part of a scene"
    )]
    fn pass(
        &mut self,
        passage: &Passage,
        pieces: &Pieces<'_>,
        first: usize,
        [index_of, seen]: [Find<'_>; 2],
        parent: Option<usize>,
        name: &str,
        size: [f64; 2],
    ) {
        let is_whole = passage.layer.is_none();
        let there = passage.layer.as_ref().and_then(index_of);
        // What is a mixture itself has nothing that could move to one place: it fades.
        let mixed = |left: &Left| left.passages.iter().any(|one| one.layer.is_none());
        let morphs = is_whole
            && passage.transition.kind == TransitionKind::Morph
            && !passage.left().is_some_and(mixed);
        let mut script = match (&passage.way, there) {
            (Way::In | Way::Out, None) => return,
            (Way::In, _) => passage.transition.alone(true),
            (Way::Out, _) => passage.transition.alone(false),
            // What is gone altogether only goes.
            (Way::Over(_), None) if !is_whole => {
                let mut script = passage.transition.alone(false);
                script.leaving = std::mem::take(&mut script.coming);
                script
            }
            (Way::Over(_), _) if morphs => Script::default(),
            (Way::Over(_), _) => passage.transition.over(is_whole.then_some(size)),
        };
        // The stage takes the place of the layer, and of the group that it stands in.
        let gone = passage.left().filter(|_| there.is_none() && !is_whole);
        let root = gone.and_then(|left| left.layers.first());
        let around = match (there, root) {
            (Some(i), _) => self.parents[i],
            (None, Some(root)) => {
                let group = root.parent.as_ref().and_then(index_of);
                group.or(parent)
            }
            (None, None) => parent,
        };
        let (z_index, rank, blend_mode) = match (there, root) {
            (Some(i), _) => (self.order[i].0, self.order[i].1, self.layers[i].blend_mode),
            (None, Some(root)) => (
                root.z_index,
                gone.map_or(0, |left| left.place),
                root.blend_mode,
            ),
            (None, None) => (0, 0, BlendMode::Normal),
        };
        let made = |what: &str, z_index: i32| Layer {
            z_index,
            ..Layer::bare(Id::reserved(&format!("{name}/{what}")), Kind::Group, None)
        };
        let p = self.passings.len();
        let stage = Layer {
            blend_mode,
            ..made("stage", z_index)
        };
        let stage = self.push(stage, Role::Stage(p), around, rank);
        let clock: Clock = (passage.playback(), Arc::new(passage.timing()));
        let coming = self.mover(&script.coming, made("coming", 1), p, stage, &clock);
        let mut passing = Passing {
            playback: passage.playback(),
            timing: passage.timing(),
            active: false,
            subject: there,
            far: !is_whole && (passage.left().is_none() || there.is_none()),
            clipped: script.clipped,
            isolated: script.isolated,
            turns: script.turns_upright,
            held: there.filter(|_| passage.left().is_none()),
            coming,
            matte: None,
        };
        // What comes stands on its mover.
        match there {
            Some(i) => self.parents[i] = Some(coming),
            None if is_whole => {
                for i in (first..stage).filter(|&i| self.roles[i] != Role::Hidden) {
                    if self.parents[i] == parent {
                        self.parents[i] = Some(coming);
                    }
                }
            }
            None => {}
        }
        // Its number is taken before those of passages in what leaves.
        self.passings.push(passing.clone());
        if let Some(left) = passage.left() {
            // Of what moves on, its copies are not seen; what only leaves fades above.
            let z_index = if morphs { 2 } else { 0 };
            let leaving = self.mover(&script.leaving, made("leaving", z_index), p, stage, &clock);
            let copies = self.layers.len();
            self.add(
                &Pieces::left(left),
                Some(leaving),
                &format!("{name}/left"),
                size,
                seen,
            );
            if there.is_none() && !is_whole && copies < self.layers.len() {
                passing.subject = Some(copies);
            }
            if is_whole && !morphs {
                let ground = self.ground(
                    left.background,
                    leaving,
                    &format!("{name}/ground-left"),
                    size,
                );
                if let Some(ground) = ground {
                    self.mix_ground(ground, left);
                }
                self.ground(pieces.background, coming, &format!("{name}/ground"), size);
            }
            // Of what leaves the canvas is not that of the document.
            if is_whole && first == 0 {
                self.mix_background(left, pieces.background, &clock);
            }
            if morphs {
                self.morph(left, pieces, (first, copies), &clock);
            }
        }
        if let Some((cover, part)) = script.cover.take() {
            let cover = self.cover(&cover, &part, made("cover", 3), is_whole, size, passage);
            let cover = self.push(cover, Role::Cover(p), Some(stage), 0);
            self.play(cover, &part, &clock);
        }
        if let Some(asset) = script.matte.take() {
            let part = Part::default();
            let picture = Cover::Picture(asset);
            let matte = self.cover(&picture, &part, made("matte", 0), is_whole, size, passage);
            passing.matte = Some(self.push(matte, Role::Hidden, None, 0));
        }
        self.passings[p] = passing;
    }

    /// One side of a passage.
    fn mover(
        &mut self,
        part: &Part,
        mut layer: Layer,
        p: usize,
        stage: usize,
        clock: &Clock,
    ) -> usize {
        layer.blend_mode = part.blend_mode;
        layer.wipe.clone_from(&part.wipe);
        layer.transform.anchor_x = 0.5;
        layer.transform.anchor_y = 0.5;
        if part.blurs
            && let Some(id) = Id::new(BLUR)
        {
            let kind = EffectKind::GaussianBlur { sigma_px: 0.0 };
            layer.effects.push(Effect::new(id, kind));
        }
        let picture = picture_of(&layer);
        let mover = self.push(layer, Role::Mover(p), Some(stage), 0);
        if let Some(picture) = picture {
            let picture = Layer::clone(&picture);
            self.wipe_pictures[mover] = Some(self.push(picture, Role::Hidden, None, 0));
        }
        self.play(mover, part, clock);
        mover
    }

    fn play(&mut self, layer: usize, part: &Part, clock: &Clock) {
        for (property, values) in &part.moves {
            if let Some(track) = transition::track(values) {
                self.add_motion(layer, property, track, clock);
            }
        }
    }

    fn add_motion(&mut self, layer: usize, property: &Property, track: Track, clock: &Clock) {
        let (playback, timing) = clock;
        let at = (Some(layer), property);
        self.stacks
            .add_track(&self.layers, None, at, track, (*playback, timing));
    }

    /// What a whole scene stands on.
    fn ground(
        &mut self,
        color: Option<Color>,
        mover: usize,
        name: &str,
        [w, h]: [f64; 2],
    ) -> Option<usize> {
        let color = color?;
        let opaque = Color { a: 1.0, ..color };
        let mut ground = Layer::bare(
            Id::reserved(name),
            Kind::Overlay,
            Some(Source::Color(opaque)),
        );
        (ground.transform.width_px, ground.transform.height_px) = (Some(w), Some(h));
        ground.z_index = i32::MIN;
        // Below those that have the lowest z-index too.
        let at = self.push(ground, Role::Own, Some(mover), 0);
        self.order[at] = (i32::MIN, 0);
        for (i, order) in self.order.iter_mut().enumerate() {
            if i != at && order.0 == i32::MIN && self.parents[i] == Some(mover) {
                order.1 += 1;
            }
        }
        Some(at)
    }

    /// Has the ground of what leaves go on changing as it did where a scene was taking another's place.
    fn mix_ground(&mut self, ground: usize, left: &Left) {
        let under_way = left.passages.iter().find(|one| one.layer.is_none());
        let Some(passage) = under_way else { return };
        let Some(was) = passage.left().and_then(|left| left.background) else {
            return;
        };
        let was = Color { a: 1.0, ..was };
        let keyframes = vec![keyframe(0.0, Some(Value::Color(was))), keyframe(1.0, None)];
        if let Ok(track) = Track::new(keyframes) {
            let clock: Clock = (passage.playback(), Arc::new(passage.timing()));
            self.add_motion(ground, &Property::SourceColor, track, &clock);
        }
    }

    fn cover(
        &self,
        cover: &Cover,
        part: &Part,
        made: Layer,
        is_whole: bool,
        [w, h]: [f64; 2],
        passage: &Passage,
    ) -> Layer {
        /// Drawn as large as what it covers; a color is the same at any size.
        const COLOR_PX: f64 = 64.0;
        let mut layer = Layer {
            kind: Kind::Overlay,
            blend_mode: part.blend_mode,
            ..made
        };
        match cover {
            Cover::Color(color) => {
                layer.source = Some(Source::Color(*color));
                layer.transform.width_px = Some(COLOR_PX);
                layer.transform.height_px = Some(COLOR_PX);
            }
            Cover::Picture(asset) => {
                let mut image = Image {
                    asset: asset.clone(),
                    fit: Fit::Cover,
                    ..Image::default()
                };
                // It begins with the passage.
                image.run.start_ms = passage.playback().anchor().0.as_ms();
                layer.source = Some(Source::Image(image));
                if is_whole {
                    layer.transform.width_px = Some(w);
                    layer.transform.height_px = Some(h);
                }
            }
        }
        layer
    }

    /// Has what stands in both move from where it was to where it is; what is in one alone fades.
    fn morph(
        &mut self,
        left: &Left,
        pieces: &Pieces<'_>,
        (first, copies): (usize, usize),
        clock: &Clock,
    ) {
        let fade = |from: Option<f64>, to: Option<f64>| {
            Track::new(vec![
                keyframe(0.0, from.map(Value::Number)),
                keyframe(1.0, to.map(Value::Number)),
            ])
        };
        let counterpart = |layer: &Layer, others: &[Shared<Layer>]| {
            let same = |other: &Shared<Layer>| other.id == layer.id && other.kind == layer.kind;
            let at = others.iter().position(same)?;
            (layer.visible && others[at].visible).then_some(at)
        };
        let late = |layer: &Layer| {
            let replaced = counterpart(layer, pieces.layers).is_some();
            if replaced { 0.3 } else { 0.0 }
        };
        // What stands in a group that fades need not fade itself.
        let stands_alone = |layer: &Layer, own: &[Shared<Layer>], others: &[Shared<Layer>]| {
            let group = layer.parent.as_ref();
            let group = group.and_then(|id| own.iter().find(|one| one.id == *id));
            group.is_none_or(|group| counterpart(group, others).is_some())
        };
        // Whether anything old fades, which lies above all that is new meanwhile.
        let mixes = left.layers.iter().any(|old| {
            let new = counterpart(old, pieces.layers).map(|at| &pieces.layers[at]);
            let goes_on = new.is_some_and(|new| looks_alike(old, new));
            old.kind != Kind::Group && old.visible && !goes_on
        });
        // Which of the old ones go on as they are. They are seen through the new, but where another old one, which lies
        // above all new ones while it fades, would cover those.
        let mut goes_on = vec![false; left.layers.len()];
        let mut stands_in = goes_on.clone();
        for (i, layer) in pieces.layers.iter().enumerate() {
            let Some(at) = counterpart(layer, &left.layers) else {
                if stands_alone(layer, pieces.layers, &left.layers)
                    && let Ok(track) = fade(Some(0.0), None)
                {
                    self.add_motion(first + i, &Property::Opacity, track, clock);
                }
                continue;
            };
            let old = &left.layers[at];
            let same = looks_alike(old, layer);
            goes_on[at] = same;
            for (property, was, is) in moved(old, layer) {
                // Of what is another thing only the place moves; what it shows mixes.
                let shows =
                    property == Property::Opacity || property.to_string().starts_with("source.");
                if shows && !same {
                    continue;
                }
                let to_new = Track::new(vec![keyframe(0.0, Some(was)), keyframe(1.0, None)]);
                if let Ok(track) = to_new {
                    self.add_motion(first + i, &property, track, clock);
                }
                let to_new = Track::new(vec![keyframe(0.0, None), keyframe(1.0, Some(is))]);
                if let Ok(track) = to_new {
                    self.add_motion(copies + at, &property, track, clock);
                }
            }
            // What goes on above all stands in for the new one until it is over; else the new one is there before the old
            // one, above it, has gone: both would let through what is below.
            let opacity = if same && mixes && layer.kind != Kind::Group {
                stands_in[at] = true;
                Some(vec![
                    keyframe(0.0, Some(Value::Number(0.0))),
                    keyframe(1.0, Some(Value::Number(0.0))),
                ])
            } else if !same {
                Some(vec![
                    keyframe(0.0, Some(Value::Number(0.0))),
                    keyframe(0.4, Some(Value::Number(layer.opacity))),
                    keyframe(1.0, None),
                ])
            } else {
                None
            };
            if let Some(Ok(track)) = opacity.map(Track::new) {
                self.add_motion(first + i, &Property::Opacity, track, clock);
            }
        }
        for (at, layer) in left.layers.iter().enumerate() {
            let copy = copies + at;
            if goes_on[at] && layer.kind != Kind::Group {
                self.layers[copy].visible &= stands_in[at];
            } else if !goes_on[at]
                && (counterpart(layer, pieces.layers).is_some()
                    || stands_alone(layer, &left.layers, pieces.layers))
                && let Ok(track) = Track::new(vec![
                    keyframe(0.0, None),
                    keyframe(late(layer), Some(Value::Number(layer.opacity))),
                    keyframe(1.0, Some(Value::Number(0.0))),
                ])
            {
                self.add_motion(copy, &Property::Opacity, track, clock);
            }
        }
    }

    /// Has what shows where nothing is drawn change with all the rest.
    fn mix_background(&mut self, left: &Left, now: Option<Color>, clock: &Clock) {
        let (Some(was), true) = (left.background, left.background != now) else {
            return;
        };
        let keyframes = vec![keyframe(0.0, Some(Value::Color(was))), keyframe(1.0, None)];
        if let Ok(track) = Track::new(keyframes) {
            let (playback, timing) = clock;
            let at = (None, &Property::Background);
            self.stacks
                .add_track(&self.layers, now, at, track, (*playback, timing));
        }
    }
}

fn keyframe(at: f64, value: Option<Value>) -> Keyframe {
    Keyframe {
        offset: Some(at),
        value,
        easing: Easing::Linear,
        composite: None,
    }
}

/// What differs between two layers that have it and has something between its two values, with both: numbers, colors, pairs,
/// wholes of one form, and the same of effects of one id and kind.
fn moved(old: &Layer, new: &Layer) -> Vec<(Property, Value, Value)> {
    let paired = |one: &&Effect| {
        let is =
            |other: &Effect| other.id == one.id && other.kind.type_name() == one.kind.type_name();
        new.effects.iter().any(is)
    };
    let effects = old.effects.iter().filter(paired);
    let effects: Vec<Id> = effects.map(|effect| effect.id.clone()).collect();
    let all = Property::all().map(|(_, property, _)| property);
    let all = all.chain(effects.into_iter().flat_map(Property::of_effect));
    let (mut old, mut new) = (old.clone(), new.clone());
    let mut differs = |property: &Property| {
        let was = property.slot(&mut old).and_then(|slot| slot.get())?;
        let is = property.slot(&mut new).and_then(|slot| slot.get())?;
        (was != is).then_some((was, is))
    };
    let mut moved = Vec::new();
    for property in all {
        // Order is no place: it changes at once. Pairs of fields are told by their parts, and a gradient that moves has moved
        // its parts.
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

/// Whether two layers differ in nothing but what moves from one to the other.
fn looks_alike(old: &Layer, new: &Layer) -> bool {
    let (mut one, other) = (old.clone(), new.clone());
    for (property, _, is) in moved(old, new) {
        if let Some(slot) = property.slot(&mut one) {
            slot.set(is);
        }
    }
    one.source == other.source && one.effects == other.effects && one.blend_mode == other.blend_mode
}
