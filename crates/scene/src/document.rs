//! The whole document.

use crate::clocks::Held;
use crate::{
    Animation, Clocked, Design, Edit, Id, Layer, Limits, Moment, Passage, Property, Shared, Slate,
    Start, Target, Template, Timeline,
};
use animation::{Composite, Playback, Value};
use media::{Color, ShowTime};
use std::collections::HashSet;

/// The whole document on air: canvas, layers, animations. A copy shares the parts of both lists, and costs little.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The space everything stands in.
    pub canvas: Canvas,
    /// All layers, groups and children alike, in document order.
    pub layers: Vec<Shared<Layer>>,
    /// All animations, in order of creation: later ones stand above earlier ones on the same property.
    pub animations: Vec<Shared<Animation>>,
    /// All timelines, in order of creation: their leaves stand above all animations on the same property.
    pub timelines: Vec<Shared<Timeline>>,
    /// All templates; nothing of them is on screen.
    pub templates: Vec<Shared<Template>>,
    /// Transitions that run, in order of creation: what leaves is kept in them.
    pub passages: Vec<Shared<Passage>>,
}

impl Scene {
    /// An empty scene of the given size on black.
    pub const fn empty(width_px: u32, height_px: u32) -> Self {
        Self {
            canvas: Canvas {
                width_px,
                height_px,
                background: Color::BLACK,
                design: None,
            },
            layers: Vec::new(),
            animations: Vec::new(),
            timelines: Vec::new(),
            templates: Vec::new(),
            passages: Vec::new(),
        }
    }

    /// Takes a layer out, with the layers in it and the animations of all of them.
    pub fn remove_layer(&mut self, id: &Id) {
        let mut gone = vec![id.clone()];
        let mut seen = 0;
        while let Some(parent) = gone.get(seen).cloned() {
            let inside = |layer: &&Shared<Layer>| layer.parent.as_ref() == Some(&parent);
            let children = self.layers.iter().filter(inside);
            gone.extend(children.map(|layer| layer.id.clone()));
            seen += 1;
        }
        self.layers.retain(|layer| !gone.contains(&layer.id));
        self.animations.retain(|animation| {
            let is_gone = |id: &Id| gone.contains(id);
            !matches!(&animation.target, Target::Layer(id) if is_gone(id))
        });
        let alone = |passage: &Shared<Passage>| {
            passage.left().is_none() && passage.layer.as_ref().is_some_and(|id| gone.contains(id))
        };
        self.passages.retain(|passage| !alone(passage));
        let is_gone =
            |target: &Target| matches!(target, Target::Layer(layer) if gone.contains(layer));
        for timeline in &mut self.timelines {
            if timeline.removes.iter().any(|layer| gone.contains(layer)) {
                timeline.removes.retain(|layer| !gone.contains(layer));
            }
        }
        self.take_from_timelines(&is_gone);
        self.drop_lost_names();
    }

    /// Turns every start that is not yet a show time into one, for a change that takes effect at `moment`.
    pub fn settle(&mut self, moment: Moment) {
        for passage in &mut self.passages {
            if !passage.is_settled() {
                passage.settle(moment);
            }
        }
        // What follows another comes after it, and waits as long as nobody knows when that is over; a ring begins at once.
        let mut held: HashSet<Id> = HashSet::new();
        for _ in 0..=self.animations.len() + self.timelines.len() {
            let open = |one: Clocked<'_>| !one.is_settled() && !held.contains(one.id());
            // Found once for all: hundreds that follow each other would hold up the frame for seconds.
            let all_open = self.clocked().filter(|one| open(*one));
            let all_open: HashSet<&Id> = all_open.map(Clocked::id).collect();
            let follows = |one: Clocked<'_>| match one.start() {
                Start::After(id, _) => all_open.contains(id),
                _ => false,
            };
            let next = self.clocked().position(|one| open(one) && !follows(one));
            let ring = || self.clocked().position(open);
            let Some(at) = next.or_else(ring) else {
                break;
            };
            let one = next.and_then(|at| self.clocked().nth(at));
            let waits = one.filter(|one| self.follows_yet_unknown(one.start()));
            if let Some(id) = waits.map(|one| one.id().clone()) {
                held.insert(id);
                self.drop_verbs(at);
                continue;
            }
            match at.checked_sub(self.animations.len()) {
                None => {
                    let mut animation = Animation::clone(&self.animations[at]);
                    if animation.settle(moment, &|id| self.over_at(id)) {
                        if !animation.waits() {
                            self.settle_retarget(&mut animation);
                        }
                        self.animations[at] = animation.into();
                    } else {
                        self.animations.remove(at);
                    }
                }
                Some(at) => {
                    let mut timeline = Timeline::clone(&self.timelines[at]);
                    timeline.settle(moment, &|id| self.over_at(id));
                    self.timelines[at] = timeline.into();
                }
            }
        }
        self.settle_in_groups(moment);
    }

    /// Members of a group wait on for the others, but need not wait for what will be over at a show time that is known.
    fn settle_in_groups(&mut self, moment: Moment) {
        for at in 0..self.animations.len() {
            let one = &self.animations[at];
            let follows = one.plan.group.is_some() && matches!(one.start, Start::After(..));
            if follows && !self.follows_yet_unknown(&one.start) {
                let start = one.start.settled(moment, &|id| self.over_at(id));
                self.animations[at].start = Start::At(start);
            }
        }
    }

    /// Whether a start follows what is not over at any show time that is known yet.
    pub(crate) fn follows_yet_unknown(&self, start: &Start) -> bool {
        let Start::After(id, _) = start else {
            return false;
        };
        let mut all = self.clocked();
        all.find(|other| other.id() == id)
            .is_some_and(Clocked::keeps_waiting)
    }

    /// Nothing is done to what has not begun, as with what waits for a marker.
    fn drop_verbs(&mut self, at: usize) {
        match at.checked_sub(self.animations.len()) {
            // Written to only where there is something, for who writes makes a copy.
            None if self.animations[at].verbs.is_empty() => {}
            None => self.animations[at].verbs.clear(),
            Some(at) if self.timelines[at].verbs.is_empty() => {}
            Some(at) => self.timelines[at].verbs.clear(),
        }
    }

    /// Whether every start is a show time.
    pub fn is_settled(&self) -> bool {
        self.clocked().all(Clocked::is_settled)
            && self.passages.iter().all(|passage| passage.is_settled())
    }

    /// The show time at which an animation or a timeline is over; `None` where there is no such, and where that never comes.
    pub fn over_at(&self, id: &Id) -> Option<ShowTime> {
        self.clocked().find(|one| one.id() == id)?.ends_at()
    }

    /// Takes out an animation as it is when it is over: what its fill holds becomes the target's own value, as if nothing
    /// else moved the property.
    pub fn end_animation(&mut self, id: &Id) {
        let Some(at) = self.animations.iter().position(|one| one.id == *id) else {
            return;
        };
        let animation = self.animations.remove(at);
        let [first_ms, last_ms] = animation.timing.active_span_ms();
        let playback = animation.playback();
        let over_ms = if playback.rate() < 0.0 {
            first_ms
        } else {
            last_ms
        };
        if !over_ms.is_finite() {
            return;
        }
        let over = Playback::from_parts(ShowTime::ZERO, over_ms, playback.rate(), true);
        let Some(progress) = over.sample(&animation.timing, ShowTime::ZERO).progress else {
            return;
        };
        let held = Held {
            progress,
            active_ms: over_ms - first_ms,
        };
        self.commit(&animation.target, &animation, held);
        self.put_stops_in_order(&animation.target, &animation);
    }

    /// Puts the stops of gradients in order whose offsets an animation moves. It is done when all that is over at once has been
    /// committed, since stops that cross may cross back.
    pub(crate) fn put_stops_in_order(&mut self, target: &Target, animation: &Animation) {
        let Target::Layer(id) = target else { return };
        for property in animation.properties() {
            let Property::StopOffset(of, _) = property else {
                continue;
            };
            let layer = self.layers.iter_mut().find(|layer| layer.id == *id);
            let source = layer.and_then(|layer| layer.source.as_mut());
            if let Some(gradient) = source.and_then(|source| of.gradient(source)) {
                gradient.put_in_order();
            }
        }
    }

    /// Makes what an animation holds the target's own values. A formula that looks at other layers holds nothing, and a value
    /// that the document may not have beside the others is let go: the scene has no faults afterwards.
    pub(crate) fn commit(&mut self, target: &Target, animation: &Animation, held: Held) {
        let Held {
            progress,
            active_ms,
        } = held;
        let set = |scene: &mut Self, property: &Property| {
            if let (Some(swings), Target::Layer(id)) = (animation.driver.expression(), target) {
                let layer = scene.layers.iter_mut().find(|layer| layer.id == *id)?;
                let slot = property.slot(layer)?;
                let base = slot.get()?;
                let swing = swings.formula.swing(active_ms / 1000.0, &base)?;
                slot.set(match animation.composite {
                    Composite::Replace => swing,
                    Composite::Add | Composite::Accumulate => base.add(&swing),
                });
                return Some(());
            }
            let track = animation.track(property).ok()?;
            match target {
                Target::Canvas => {
                    let base = Value::Color(scene.canvas.background);
                    if let Value::Color(color) = track.sample(progress, &base) {
                        scene.canvas.background = crate::slot::in_gamut(color);
                    }
                }
                Target::Layer(id) => {
                    let layer = scene.layers.iter_mut().find(|layer| layer.id == *id)?;
                    let slot = property.slot(layer)?;
                    let base = slot.get()?;
                    slot.set(track.sample(progress, &base));
                }
            }
            Some(())
        };
        for property in animation.properties() {
            let before = self.clone();
            let _ = set(self, &property);
            // Stops that cross are put in order once all is committed.
            let is_offset = matches!(property, Property::StopOffset(..));
            if !is_offset && !self.is_sound_since(&before) {
                *self = before;
            }
        }
    }

    /// Whether a scene that came of a sound one is sound: what each property allows by itself may together be none, such as a
    /// box of two long sides.
    fn is_sound_since(&self, before: &Self) -> bool {
        let faults = self.faults_since(before, &Limits::default(), &|_| true);
        faults.is_empty()
    }
}

/// The scene's coordinate space, origin at the top left, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canvas {
    /// Canvas px across.
    pub width_px: u32,
    /// Canvas px down.
    pub height_px: u32,
    /// What shows where nothing is drawn; its alpha is ignored.
    pub background: Color,
    /// The size it was drawn for, where that is another: layers go where their [`Constraints`](crate::Constraints) say.
    pub design: Option<Design>,
}

/// Number of the newest accepted change; 0 before the first.
pub type Revision = u64;

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Replace the whole scene.
    SetScene(Box<Scene>),
    /// Change parts of it; the scene has no faults afterwards.
    Edit(Box<Edit>),
    /// Put a slate before the scene, or take it away; the scene goes on behind it.
    Slate(Option<Slate>),
}
