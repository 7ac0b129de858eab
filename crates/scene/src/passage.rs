//! Transitions that run: what is on its way beside the document, which holds the goal.
//!
//! Nothing has to be done in time: a passage that is over changes nothing of what is drawn, whenever it is taken out.

use crate::mask_moves::mask_moves;
use crate::validate::Check;
use crate::{Animation, Fault, Id, Layer, Moment, Scene, Shared, Start, Timeline, Transition};
use animation::{Playback, Timing};
use media::{Color, ShowTime};
use std::sync::Arc;

/// A transition that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// Unique among the passages of the scene.
    pub id: Id,
    /// The layer that it is about; the whole scene when absent.
    pub layer: Option<Id>,
    /// What happens to that.
    pub way: Way,
    /// How.
    pub transition: Transition,
    /// When it begins.
    pub start: Start,
    /// How it runs since it was turned round; `None` where it runs from its start on.
    pub playback: Option<Playback>,
    /// It turns round with the frame on which the change takes effect; the engine carries it out once.
    pub turns: bool,
}

/// What happens to what a passage is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// A layer comes. While it is on its way it is drawn, though it be hidden by then.
    In,
    /// A layer goes. While it is on its way it is drawn, though it is hidden.
    Out,
    /// It takes the place of what is kept here.
    Over(Box<Left>),
}

/// What leaves: a part of the scene as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Left {
    /// The background of the canvas, where a whole scene leaves.
    pub background: Option<Color>,
    /// The place of the first layer among those of the scene.
    pub place: usize,
    /// Layers as they were, groups before what is in them not being needed. Ids are those they had.
    pub layers: Vec<Shared<Layer>>,
    /// What moves them.
    pub animations: Vec<Shared<Animation>>,
    /// Likewise.
    pub timelines: Vec<Shared<Timeline>>,
    /// Passages that were under way then.
    pub passages: Vec<Shared<Passage>>,
}

impl Passage {
    /// The most at once.
    pub const MAX_COUNT: usize = 32;
    /// Passages in what leaves, at most so deep: what leaves in the middle of a transition leaves with it.
    pub const MAX_DEPTH: usize = 3;

    /// What leaves.
    pub fn left(&self) -> Option<&Left> {
        match &self.way {
            Way::Over(left) => Some(left),
            Way::In | Way::Out => None,
        }
    }

    /// How it runs. A start that is not yet a show time counts as show time 0.
    pub fn playback(&self) -> Playback {
        self.playback.unwrap_or_else(|| {
            let start = match self.start {
                Start::At(time) => time,
                _ => ShowTime::ZERO,
            };
            Playback::start(start, &self.timing())
        })
    }

    pub(crate) fn timing(&self) -> Timing {
        Timing {
            duration_ms: self.transition.duration_ms,
            easing: self.transition.easing.clone(),
            ..Timing::default()
        }
    }

    /// The first show time at which it is over.
    pub fn ends_at(&self) -> Option<ShowTime> {
        self.playback().ends_at(&self.timing())
    }

    /// Whether it is fixed to show times, with all that leaves.
    pub fn is_settled(&self) -> bool {
        let left = self.left();
        matches!(self.start, Start::At(_)) && !self.turns && left.is_none_or(Left::is_settled)
    }

    /// Fixes it to show times, for a change that takes effect at `moment`; what leaves with the frame on which it was to
    /// begin begins then.
    pub fn settle(&mut self, moment: Moment) {
        if let Way::Over(left) = &mut self.way
            && !left.is_settled()
        {
            left.settle(moment);
        }
        self.start = Start::At(self.start.settled(moment, &|_| None));
        if std::mem::take(&mut self.turns) {
            let mut playback = self.playback();
            playback.reverse(moment.show);
            self.playback = Some(playback);
        }
    }

    /// Layers of what leaves, and of what was leaving then.
    pub fn layers(&self) -> Vec<&Layer> {
        let mut layers = Vec::new();
        if let Some(left) = self.left() {
            layers.extend(left.layers.iter().map(|layer| &**layer));
            layers.extend(left.passages.iter().flat_map(|passage| passage.layers()));
        }
        layers
    }

    /// All assets that it is made from.
    pub fn assets(&self) -> Vec<&Arc<str>> {
        let mut assets: Vec<&Arc<str>> = self.transition.assets().collect();
        if let Some(left) = self.left() {
            assets.extend(left.layers.iter().flat_map(|layer| layer.assets()));
            assets.extend(left.passages.iter().flat_map(|passage| passage.assets()));
        }
        assets
    }

    fn depth(&self) -> usize {
        let inner = self.left().into_iter().flat_map(|left| &left.passages);
        1 + inner.map(|passage| passage.depth()).max().unwrap_or(0)
    }
}

impl Left {
    /// All of `scene`. Of passages that would be nested too deep the oldest are left out: what they led to leaves.
    pub fn whole(scene: &Scene) -> Self {
        Self {
            background: Some(scene.canvas.background),
            place: 0,
            layers: scene.layers.clone(),
            animations: scene.animations.clone(),
            timelines: scene.timelines.clone(),
            passages: shallow(&scene.passages, Passage::MAX_DEPTH - 1),
        }
    }

    /// Whether something moves the background of its canvas.
    pub(crate) fn moves_canvas(&self) -> bool {
        let canvas = crate::Target::Canvas;
        self.animations.iter().any(|one| one.target == canvas)
            || self.timelines.iter().any(|one| one.moves(&canvas))
    }

    fn is_settled(&self) -> bool {
        let animations = self.animations.iter().all(|one| one.is_settled());
        let timelines = self.timelines.iter().all(|one| one.is_settled());
        animations && timelines && self.passages.iter().all(|one| one.is_settled())
    }

    fn settle(&mut self, moment: Moment) {
        let mut own = Scene {
            layers: std::mem::take(&mut self.layers),
            animations: std::mem::take(&mut self.animations),
            timelines: std::mem::take(&mut self.timelines),
            passages: std::mem::take(&mut self.passages),
            ..Scene::empty(0, 0)
        };
        own.settle(moment);
        // Nobody wakes what leaves.
        own.animations.retain(|one| one.is_settled());
        own.timelines.retain(|one| one.is_settled());
        self.layers = own.layers;
        self.animations = own.animations;
        self.timelines = own.timelines;
        self.passages = own.passages;
    }

    /// One layer of `scene` with what is in it, what that shows through and what moves it; `None` where there is no such
    /// layer. It stands where it stood as long as what it stood in, or follows, is there.
    pub fn layer(scene: &Scene, id: &Id) -> Option<Self> {
        let place = scene.layers.iter().position(|layer| layer.id == *id)?;
        let mut layers = within(scene, id);
        add_masks(scene, &mut layers);
        let is_in = |id: &Id| layers.iter().any(|layer| layer.id == *id);
        // What waits shows nothing, and would not be woken here.
        let waits = scene.held_back();
        let moves = |one: &&Shared<Animation>| match &one.target {
            crate::Target::Layer(id) => is_in(id) && !waits.contains(&one.id),
            crate::Target::Canvas => false,
        };
        let of = |one: &&Shared<Passage>| one.layer.as_ref().is_some_and(is_in);
        let passages: Vec<Shared<Passage>> = scene.passages.iter().filter(of).cloned().collect();
        let timelines = scene.timelines.iter();
        let timelines = timelines.filter(|one| !waits.contains(&one.id));
        let timelines = timelines.filter_map(|one| {
            let own = one.only(&|target| match target {
                crate::Target::Layer(id) => is_in(id),
                crate::Target::Canvas => false,
            });
            own.map(Shared::from)
        });
        Some(Self {
            background: None,
            place,
            animations: scene.animations.iter().filter(moves).cloned().collect(),
            timelines: timelines.collect(),
            passages: shallow(&passages, Passage::MAX_DEPTH - 1),
            layers,
        })
    }
}

/// Passages nested no deeper than `depth`: those that go on in what leaves the longest are taken out of it.
fn shallow(passages: &[Shared<Passage>], depth: usize) -> Vec<Shared<Passage>> {
    if depth == 0 {
        return Vec::new();
    }
    let cut = |passage: &Shared<Passage>| {
        let mut passage = passage.clone();
        if passage.depth() > depth
            && let Way::Over(left) = &mut passage.way
        {
            left.passages = shallow(&left.passages, depth - 1);
        }
        passage
    };
    passages.iter().map(cut).collect()
}

/// A layer, and behind it all that is in it.
fn within(scene: &Scene, id: &Id) -> Vec<Shared<Layer>> {
    let group = |layer: &Layer| {
        let id = layer.parent.as_ref()?;
        scene.layers.iter().find(|one| one.id == *id)
    };
    let inside = |layer: &Layer| {
        std::iter::successors(Some(layer), |layer| group(layer).map(|one| &**one))
            .take(scene.layers.len())
            .any(|layer| layer.id == *id)
    };
    let own = scene.layers.iter().filter(|one| one.id == *id);
    let others = scene.layers.iter();
    let others = others.filter(|one| one.id != *id && inside(one));
    own.chain(others).cloned().collect()
}

/// Adds what layers show through that stands elsewhere, hidden: it leaves with them.
fn add_masks(scene: &Scene, layers: &mut Vec<Shared<Layer>>) {
    let around = layers.first().and_then(|layer| layer.parent.clone());
    let moves = mask_moves(&scene.animations, &scene.timelines);
    let mut at = 0;
    while let Some(layer) = layers.get(at) {
        at += 1;
        let Some(mask) = layer.mask.as_ref().map(|mask| mask.layer.clone()) else {
            continue;
        };
        let own = layer.id.clone();
        let moved = moves.iter().filter(|one| one.layer == own);
        let moved = moved.filter_map(|one| Id::new(&one.through));
        for mask in [mask].into_iter().chain(moved) {
            let is_there = |id: &Id| layers.iter().any(|one| one.id == *id);
            if is_there(&mask) {
                continue;
            }
            let mut more = within(scene, &mask);
            more.retain(|one| !is_there(&one.id));
            if let Some(mask) = more.first_mut() {
                mask.visible = false;
                // In another group it stays where that takes it.
                if mask.parent != around {
                    mask.follow = mask.follow.take().or_else(|| mask.parent.clone());
                    mask.parent = None;
                }
            }
            layers.extend(more);
        }
    }
}

impl Scene {
    /// Takes out the passages that are over at `now`; whether there were any.
    pub fn end_passages(&mut self, now: ShowTime) -> bool {
        let before = self.passages.len();
        self.passages.retain(|passage| {
            !passage.is_settled() || passage.ends_at().is_none_or(|over| over > now)
        });
        self.passages.len() < before
    }

    /// The show time at which the next passage is over.
    pub fn passage_over_at(&self) -> Option<ShowTime> {
        let settled = self.passages.iter().filter(|passage| passage.is_settled());
        settled.filter_map(|passage| passage.ends_at()).min()
    }
}

impl Check<'_> {
    /// `canvas` and limits are the scene's.
    pub(crate) fn passages(&mut self, scene: &Scene, before: Option<&Scene>) {
        let most = Passage::MAX_COUNT;
        self.count("/transitions", "transitions", scene.passages.len(), most);
        for (i, passage) in scene.passages.iter().take(most).enumerate() {
            let same = |other: &Shared<Passage>| Shared::same(other, passage);
            if before.is_some_and(|before| before.passages.iter().any(same)) {
                continue;
            }
            let at = format!("/transitions/{i}");
            let earlier = &scene.passages[..i];
            if let Some(first) = earlier.iter().position(|other| other.id == passage.id) {
                self.invalid(
                    format!("{at}/id"),
                    format!(
                        "`{}` is also the id of /transitions/{first}; ids are unique",
                        passage.id
                    ),
                );
            }
            self.passage(&at, passage, scene);
        }
    }

    fn passage(&mut self, at: &str, passage: &Passage, scene: &Scene) {
        self.transition(&format!("{at}/transition"), &passage.transition);
        self.start(at, &passage.start, &passage.id);
        if let Some(playback) = &passage.playback {
            self.playback(at, playback);
        }
        if passage.layer.is_none() && !matches!(passage.way, Way::Over(_)) {
            self.invalid(
                format!("{at}/layer"),
                "is missing; a layer comes and goes alone",
            );
        }
        let depth = passage.depth();
        if depth > Passage::MAX_DEPTH {
            let most = Passage::MAX_DEPTH;
            self.invalid(
                format!("{at}/leaves/transitions"),
                format!("makes {depth} transitions, one in the other; at most {most} are allowed"),
            );
            return;
        }
        let Some(left) = passage.left() else { return };
        // Held to what a scene of its own is: the groups around a layer are not in it, nor is what it looks at.
        let mut own = Scene {
            canvas: scene.canvas,
            layers: left.layers.clone(),
            animations: left.animations.clone(),
            timelines: left.timelines.clone(),
            templates: Vec::new(),
            passages: left.passages.clone(),
        };
        let mut beside = Vec::new();
        if passage.layer.is_some() {
            beside = crate::expression::beside(&own);
            let ids: Vec<Id> = own.layers.iter().map(|layer| layer.id.clone()).collect();
            let gone = |id: &Option<Id>| id.as_ref().is_some_and(|id| !ids.contains(id));
            for layer in &mut own.layers {
                if gone(&layer.parent) {
                    layer.parent = None;
                }
                if gone(&layer.follow) {
                    layer.follow = None;
                }
                if layer
                    .mask
                    .as_ref()
                    .is_some_and(|mask| !ids.contains(&mask.layer))
                {
                    layer.mask = None;
                }
            }
        }
        let faults = own.faults(self.limits, self.has_asset).into_iter();
        for fault in faults.filter(|fault| !beside.contains(&fault.pointer)) {
            self.faults.push(Fault {
                pointer: format!("{at}/leaves{}", fault.pointer),
                ..fault
            });
        }
    }
}
