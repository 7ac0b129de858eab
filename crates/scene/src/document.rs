//! The whole document.

use crate::{Animation, Layer, Moment, Start};
use media::{Color, ShowTime};

/// The whole document on air: canvas, layers, animations.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The space everything stands in.
    pub canvas: Canvas,
    /// All layers, groups and children alike, in document order.
    pub layers: Vec<Layer>,
    /// All animations, in order of creation: later ones stand above earlier ones on the same property.
    pub animations: Vec<Animation>,
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

    /// Turns every start that is not yet a show time into one, for a change that takes effect at `moment`.
    pub fn settle(&mut self, moment: Moment) {
        for animation in &mut self.animations {
            animation.start = match animation.start {
                Start::Now => Start::At(moment.show),
                Start::Wall(unix_ns) => Start::At(ShowTime::from_nanos(
                    unix_ns.saturating_sub(moment.epoch_unix_ns),
                )),
                settled @ Start::At(_) => settled,
            };
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
}
