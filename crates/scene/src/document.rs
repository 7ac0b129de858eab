//! The whole document.

use crate::{Animation, Edit, Id, Layer, Moment, Shared, Slate, Start, Target};
use media::Color;

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
        self.animations.retain(|animation| match &animation.target {
            Target::Layer(id) => !gone.contains(id),
            Target::Canvas => true,
        });
    }

    /// Turns every start that is not yet a show time into one, for a change that takes effect at `moment`.
    pub fn settle(&mut self, moment: Moment) {
        let open = |one: &&mut Shared<Animation>| !matches!(one.start, Start::At(_));
        for animation in self.animations.iter_mut().filter(open) {
            animation.start = animation.start.settled(moment);
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
