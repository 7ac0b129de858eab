//! The whole document.

use crate::{Animation, Edit, Id, Layer, Moment, Shared, Slate, Start, Target};
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
}

impl Scene {
    /// An empty scene of the given size on black.
    pub const fn empty(width_px: u32, height_px: u32) -> Self {
        Self {
            canvas: Canvas {
                width_px,
                height_px,
                background: Color::BLACK,
            },
            layers: Vec::new(),
            animations: Vec::new(),
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
        self.animations.retain(|animation| match &animation.target {
            Target::Layer(id) => !gone.contains(id),
            Target::Canvas => true,
        });
    }

    /// Turns every start that is not yet a show time into one, for a change that takes effect at `moment`.
    pub fn settle(&mut self, moment: Moment) {
        // What follows another comes after it; a ring of such begins at once.
        for _ in 0..=self.animations.len() {
            let open = |one: &Animation| {
                !one.is_settled() && !(one.waits_are_settled() && self.holds_back(one))
            };
            let follows = |one: &Animation| match &one.start {
                Start::After(id, _) => {
                    let mut others = self.animations.iter();
                    others.any(|other| other.id == *id && open(other))
                }
                _ => false,
            };
            let mut all = self.animations.iter();
            let next = all.position(|one| open(one) && !follows(one));
            let ring = || self.animations.iter().position(|one| open(one));
            let Some(at) = next.or_else(ring) else {
                return;
            };
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
    }

    /// The show time at which an animation is over; `None` where there is no such, and where that never comes.
    pub fn over_at(&self, id: &Id) -> Option<ShowTime> {
        let mut animations = self.animations.iter();
        animations.find(|one| one.id == *id)?.ends_at()
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
        for property in animation.properties() {
            let Ok(track) = animation.track(&property) else {
                continue;
            };
            match &animation.target {
                Target::Canvas => {
                    let base = Value::Color(self.canvas.background);
                    if let Value::Color(color) = track.sample(progress, &base) {
                        self.canvas.background = color;
                    }
                }
                Target::Layer(id) => {
                    let layer = self.layers.iter_mut().find(|layer| layer.id == *id);
                    let Some(slot) = layer.and_then(|layer| property.slot(layer)) else {
                        continue;
                    };
                    if let Some(base) = slot.get() {
                        slot.set(track.sample(progress, &base));
                    }
                }
            }
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
