//! Everything that is drawn: the layers of the document, and beside them what passes.
//!
//! The layers of the document come first, in its order. Behind them stand layers that no document has: pictures of wipes,
//! copies of what leaves, and for each passage a stage with two movers on it, one for what comes and one for what leaves; a morph
//! has both on one.

use super::Roll;
use super::morph::{Sides, keyframe};
use super::veil::picture_of;
use crate::mask_moves::mask_moves;
use crate::passage::{Left, Passage, Way};
use crate::stack::Stacks;
use crate::transition::{BLUR, Cover, Part, Script};
use crate::words::Choice as _;
use crate::{
    Animation, Effect, EffectKind, Fit, Id, Image, Kind, Layer, Property, Scene, Shared, Source,
    Timeline, TransitionKind,
};
use animation::{Playback, Timing, Track, Value, transition};
use media::{BlendMode, Color};
use std::collections::HashMap;
use std::sync::Arc;

/// Finds a layer among all.
pub(super) type Find<'a> = &'a dyn Fn(&Id) -> Option<usize>;

/// When a passage is how far.
pub(super) type Clock = (Playback, Arc<Timing>);

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
    /// What a layer is and was, mixed.
    Pair,
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
    /// The copy of the layer that leaves, where the subject is the one that comes.
    pub(super) left: Option<usize>,
    /// How its sides roll.
    pub(super) rolls: Option<Roll>,
    /// How far it has come, 0..=1, at the time resolved last.
    pub(super) progress: f64,
    pub(super) isolated: bool,
    /// The box takes in all that is drawn of both sides.
    pub(super) framed: bool,
    /// Sides turn like a card by the angle that their rotation says, about an upright axis or a level one.
    pub(super) turns: Option<bool>,
    /// The layer that comes or goes: it is drawn though it be hidden.
    pub(super) held: Option<usize>,
    pub(super) coming: usize,
    pub(super) leaving: Option<usize>,
    /// The group in which the layer stood that leaves, or what is around all, where that is not the one in which it stands.
    pub(super) stood_in: Option<Option<usize>>,
    /// Whether what comes, and what leaves, stands in the px of something else than the stage.
    pub(super) led: [bool; 2],
    /// Whether the two do so in those of different things.
    pub(super) apart: bool,
    /// The layer whose luma shows what comes.
    pub(super) matte: Option<usize>,
}

/// Of layers that show through one after the other: whom, by their names.
pub(super) type MaskChoices = HashMap<usize, Vec<(Id, usize)>>;

/// All layers, and how they belong together.
#[derive(Debug, Default)]
pub(super) struct Cast {
    pub(super) layers: Vec<Shared<Layer>>,
    /// Those of the document.
    pub(super) own: usize,
    pub(super) parents: Vec<Option<usize>>,
    pub(super) follows: Vec<Option<usize>>,
    pub(super) masks: Vec<Option<usize>>,
    pub(super) mask_choices: MaskChoices,
    pub(super) wipe_pictures: Vec<Option<usize>>,
    pub(super) roles: Vec<Role>,
    /// The passage as long as which each is drawn; always where there is none.
    pub(super) passing_by: Vec<Option<usize>>,
    /// What siblings are sorted by.
    pub(super) order: Vec<(i32, usize)>,
    pub(super) stacks: Stacks,
    pub(super) passings: Vec<Passing>,
    /// Copies of layers, with those they are copies of.
    pub(super) copies: Vec<(Id, Id)>,
}

/// A part of a scene: the document, or what leaves.
pub(super) struct Pieces<'a> {
    pub(super) background: Option<Color>,
    pub(super) layers: &'a [Shared<Layer>],
    pub(super) animations: &'a [Shared<Animation>],
    pub(super) timelines: &'a [Shared<Timeline>],
    pub(super) passages: &'a [Shared<Passage>],
}

/// Where a passage happens.
pub(super) struct Setting<'a> {
    /// The first layer of the part of a scene that it stands in.
    pub(super) first: usize,
    /// Finds layers of that part, and also those beside it.
    pub(super) find: [Find<'a>; 2],
    /// What the roots of the part stand in.
    pub(super) parent: Option<usize>,
    /// What its layers are called after.
    name: &'a str,
    /// Of the canvas.
    size: [f64; 2],
}

/// What of a passage a stage shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Both,
    /// What leaves does so elsewhere.
    Coming,
    /// In the group in which it stood, or in none.
    Leaving(Option<usize>),
}

impl Seen {
    /// What the stage stands in, which is not what the layer stands in by now.
    const fn elsewhere(self) -> Option<usize> {
        match self {
            Self::Leaving(group) => group,
            Self::Both | Self::Coming => None,
        }
    }
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
        cast.cut_circles();
        cast.stacks.finish(&cast.layers);
        cast
    }

    /// Has no copy show through what it is drawn in by now: a document has no such circle, but what it was and what it is may make
    /// one together.
    fn cut_circles(&mut self) {
        let copies = self.own..self.layers.len();
        let masked: Vec<usize> = copies
            .filter(|&i| self.masks_of(i).next().is_some())
            .collect();
        if masked.is_empty() {
            return;
        }
        let mut children = vec![Vec::new(); self.layers.len()];
        for (i, parent) in self.parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(i);
            }
        }
        for i in masked {
            let mut seen = vec![false; self.layers.len()];
            let mut drawn: Vec<usize> = self.masks_of(i).collect();
            while let Some(at) = drawn.pop() {
                if !std::mem::replace(&mut seen[at], true) {
                    drawn.extend(children[at].iter().copied().chain(self.masks_of(at)));
                }
            }
            if seen[i] {
                self.masks[i] = None;
                self.mask_choices.remove(&i);
            }
        }
    }

    /// What a layer shows through at one time or another.
    pub(super) fn masks_of(&self, i: usize) -> impl Iterator<Item = usize> {
        let choices = self.mask_choices.get(&i).into_iter().flatten();
        self.masks[i].into_iter().chain(choices.map(|(_, at)| *at))
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

    pub(super) fn push(
        &mut self,
        layer: Layer,
        role: Role,
        parent: Option<usize>,
        rank: usize,
    ) -> usize {
        let at = self.layers.len();
        self.order.push((layer.z_index, rank));
        self.layers.push(layer.into());
        self.parents.push(parent);
        self.follows.push(None);
        self.masks.push(None);
        self.wipe_pictures.push(None);
        self.roles.push(role);
        self.passing_by.push(None);
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
            self.passing_by.push(None);
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
        for one in mask_moves(pieces.animations, pieces.timelines) {
            let through = Id::new(&one.through);
            let found = through.and_then(|id| seen(&id).map(|at| (id, at)));
            if let (Some(i), Some(found)) = (index_of(&one.layer), found) {
                let own = pieces.layers[i - first].mask.as_ref();
                let own = own.and_then(|mask| Some((mask.layer.clone(), self.masks[i]?)));
                let choices = self.mask_choices.entry(i);
                choices
                    .or_insert_with(|| own.into_iter().collect())
                    .push(found);
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
        let mut around = parent;
        for passage in wholes.into_iter().chain(others) {
            let name = format!("{name}/{}", passage.id);
            let setting = Setting {
                first,
                find: [&index_of, &seen],
                parent: around,
                name: &name,
                size,
            };
            let here = self.leaves_elsewhere(passage, pieces, &setting);
            let p = self.passings.len();
            self.pass(
                passage,
                pieces,
                &setting,
                here.map_or(Seen::Both, |_| Seen::Coming),
            );
            if let Some(group) = here {
                let name = format!("{name}/elsewhere");
                let setting = Setting {
                    name: &name,
                    ..setting
                };
                self.pass(passage, pieces, &setting, Seen::Leaving(group));
            }
            // All else stands in what comes.
            if let (None, Some(passing)) = (&passage.layer, self.passings.get(p)) {
                around = Some(passing.coming);
            }
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

    /// Adds a passage, or one side of it.
    fn pass(&mut self, passage: &Passage, pieces: &Pieces<'_>, setting: &Setting<'_>, sides: Seen) {
        let &Setting {
            first,
            find: [index_of, seen],
            parent,
            name,
            size,
        } = setting;
        let is_whole = passage.layer.is_none();
        let there = passage.layer.as_ref().and_then(index_of);
        let there = there.filter(|_| !matches!(sides, Seen::Leaving(_)));
        let lefts = passage.left().filter(|_| sides != Seen::Coming);
        // What is on its way itself is no scene to go on from: all of it fades.
        let begins = passage.playback().anchor().0;
        let moving = |one: &Shared<Passage>| one.ends_at().is_none_or(|over| over > begins);
        let morphs = is_whole
            && passage.transition.kind == TransitionKind::Morph
            && !passage
                .left()
                .is_some_and(|left| left.passages.iter().any(moving));
        let mut script = match (&passage.way, there) {
            (Way::In | Way::Out, None) => return,
            (Way::In, _) => passage.transition.alone(true),
            (Way::Out, _) => passage.transition.alone(false),
            (Way::Over(_), _) if sides != Seen::Both => {
                let mut script = passage.transition.over(None);
                let other = match sides {
                    Seen::Leaving(_) => &mut script.coming,
                    _ => &mut script.leaving,
                };
                *other = Part::default();
                script
            }
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
        let gone = lefts.filter(|_| there.is_none() && !is_whole);
        let root = gone.and_then(|left| left.layers.first());
        let around = match (there, root) {
            _ if matches!(sides, Seen::Leaving(_)) => sides.elsewhere(),
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
        // What another picture takes the place of leaves in its own mode and order.
        let was = lefts.and_then(|left| left.layers.first());
        let was = was.filter(|_| there.is_some() && !is_whole);
        let mixes = was.is_some_and(|was| was.blend_mode != blend_mode);
        let turns_over =
            script.rolls.is_some() || script.cover.is_some() || script.turns_upright.is_some();
        let blend_mode = if let Some(was) = was.filter(|_| mixes && !turns_over) {
            script.isolated = false;
            (script.coming.blend_mode, script.leaving.blend_mode) = (blend_mode, was.blend_mode);
            BlendMode::Normal
        } else {
            blend_mode
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
        if let Some(was) = was {
            self.reorder(stage, [was.z_index, z_index], &clock);
            if mixes && turns_over {
                let ends = [was.blend_mode, blend_mode].map(|mode| Some(Value::Word(mode.word())));
                self.go(stage, &Property::BlendMode, ends, &clock);
            }
        }
        let coming = self.mover(&script.coming, made("coming", 1), p, stage, &clock);
        let mut passing = Passing {
            playback: passage.playback(),
            timing: passage.timing(),
            active: false,
            subject: there,
            far: !is_whole && sides == Seen::Both && (lefts.is_none() || there.is_none()),
            left: None,
            rolls: script.rolls,
            progress: 0.0,
            framed: !is_whole
                && (matches!(script.cover, Some((Cover::Color(_), _))) || script.matte.is_some()),
            isolated: script.isolated,
            turns: script.turns_upright,
            held: there.filter(|_| passage.left().is_none()),
            coming,
            leaving: None,
            stood_in: was.and_then(|was| {
                let stands_in = &pieces.layers[there? - first].parent;
                let stood_in = || was.parent.as_ref().and_then(index_of).or(parent);
                (was.parent != *stands_in).then(stood_in)
            }),
            led: [false; 2],
            apart: false,
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
        if let Some(left) = lefts {
            // What morphs stands among what comes.
            let leaving = if morphs {
                coming
            } else {
                self.mover(&script.leaving, made("leaving", 0), p, stage, &clock)
            };
            passing.leaving = Some(leaving);
            let copies = self.layers.len();
            self.add(
                &Pieces::left(left),
                Some(leaving),
                &format!("{name}/left"),
                size,
                seen,
            );
            if !is_whole && copies < self.layers.len() {
                // What a layer shows through need not stand in the group that the layer stands in.
                let inside = left
                    .layers
                    .first()
                    .is_some_and(|root| root.parent.is_some());
                for (layer, copy) in left.layers.iter().zip(copies..).skip(1) {
                    if inside && layer.parent.is_none() && layer.follow.is_none() {
                        self.parents[copy] = parent;
                    }
                }
                if there.is_none() {
                    passing.subject = Some(copies);
                } else {
                    passing.left = Some(copies);
                }
            }
            if is_whole && !morphs {
                let ground = self.ground(
                    left.background,
                    leaving,
                    &format!("{name}/ground-left"),
                    size,
                );
                if let Some(ground) = ground {
                    self.move_ground(ground, &Pieces::left(left));
                    self.mix_ground(ground, left);
                }
                let ground =
                    self.ground(pieces.background, coming, &format!("{name}/ground"), size);
                if let Some(ground) = ground {
                    self.move_ground(ground, pieces);
                }
            }
            // Of what leaves the canvas is not that of the document.
            if is_whole && first == 0 {
                if morphs && left.moves_canvas() {
                    let name = format!("{name}/ground-left");
                    let ground = self.ground(left.background, leaving, &name, size);
                    if let Some(ground) = ground {
                        self.move_ground(ground, &Pieces::left(left));
                        let gone = Some(Value::Number(0.0));
                        self.go(ground, &Property::Opacity, [None, gone], &clock);
                    }
                } else {
                    self.mix_background(left, pieces.background, &clock);
                }
            }
            if morphs {
                self.morph(left, pieces, Sides { first, copies, p }, &clock);
            }
        }
        if let Some((cover, mut part)) = script.cover.take() {
            if sides != Seen::Both && matches!(cover, Cover::Picture(_)) {
                part = passage.transition.cover_of_half(sides == Seen::Coming);
            }
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

    pub(super) fn add_motion(
        &mut self,
        layer: usize,
        property: &Property,
        track: Track,
        clock: &Clock,
    ) {
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

    /// Has a ground move as the canvas does that it stands for.
    fn move_ground(&mut self, ground: usize, pieces: &Pieces<'_>) {
        let moved = (pieces.animations, pieces.timelines);
        self.stacks.add_ground(&self.layers, ground, moved);
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
