//! The whole document.

use crate::{
    Animation, Clocked, Design, Edit, Expression, Id, Layer, Moment, Property, Shared, Slate,
    Start, Target, Timeline,
};
use animation::{Playback, Value};
use media::{Color, ShowTime};

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
        let masked = |layer: &Shared<Layer>| {
            layer
                .mask
                .as_ref()
                .is_some_and(|mask| gone.contains(&mask.layer))
        };
        for layer in self.layers.iter_mut().filter(|layer| masked(layer)) {
            layer.mask = None;
        }
        let following =
            |layer: &Shared<Layer>| layer.follow.as_ref().is_some_and(|id| gone.contains(id));
        for layer in self.layers.iter_mut().filter(|layer| following(layer)) {
            layer.follow = None;
        }
        self.animations.retain(|animation| {
            let needs = animation.driver.expression().and_then(Expression::layer);
            let moves = match &animation.target {
                Target::Layer(id) => Some(id),
                Target::Canvas => None,
            };
            !moves.into_iter().chain(needs).any(|id| gone.contains(id))
        });
        let is_gone =
            |target: &Target| matches!(target, Target::Layer(layer) if gone.contains(layer));
        self.timelines.retain_mut(|timeline| {
            let mut touched = timeline.removes.iter().any(|layer| gone.contains(layer));
            timeline.each_leaf(&mut |leaf| {
                touched |= leaf.targets.iter().any(|(_, one)| is_gone(one));
            });
            if !touched {
                return true;
            }
            timeline.removes.retain(|layer| !gone.contains(layer));
            timeline.let_go(&is_gone)
        });
    }

    /// Turns every start that is not yet a show time into one, for a change that takes effect at `moment`.
    pub fn settle(&mut self, moment: Moment) {
        // What follows another comes after it; a ring of such begins at once.
        for _ in 0..=self.animations.len() + self.timelines.len() {
            let open = |one: Clocked<'_>| match one {
                Clocked::Animation(one) => {
                    !(one.is_settled() || one.waits_are_settled() && self.holds_back(one))
                }
                Clocked::Timeline(one) => !one.is_settled(),
            };
            let follows = |one: Clocked<'_>| match one.start() {
                Start::After(id, _) => self.clocked().any(|other| other.id() == id && open(other)),
                _ => false,
            };
            let next = self.clocked().position(|one| open(one) && !follows(one));
            let ring = || self.clocked().position(open);
            let Some(at) = next.or_else(ring) else {
                return;
            };
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
    }

    /// Whether every start is a show time.
    pub fn is_settled(&self) -> bool {
        self.clocked().all(Clocked::is_settled)
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
        self.commit(&animation.target, &animation, progress);
    }

    /// Makes what an animation has at `progress` the target's own values.
    pub(crate) fn commit(&mut self, target: &Target, animation: &Animation, progress: f64) {
        let set = |scene: &mut Self, property: &Property| {
            let track = animation.track(property).ok()?;
            match target {
                Target::Canvas => {
                    let base = Value::Color(scene.canvas.background);
                    if let Value::Color(color) = track.sample(progress, &base) {
                        scene.canvas.background = color;
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
            let _ = set(self, &property);
        }
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
