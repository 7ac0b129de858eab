//! What comes of resolving: steps of drawing, bottom to top; and what it asks for, sizes at a moment.

use super::VeilItem;
use crate::{BackdropItem, Layer, MaskMode};
use kurbo::{Affine, Point, Rect, Size};
use media::{BlendMode, ShowTime};

/// A moment of the show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Show time.
    pub show: ShowTime,
    /// The wall clock at show time 0, in nanoseconds since 1970 UTC.
    pub epoch_unix_ns: i64,
}

/// The size of a source in layer px.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    /// The layer's box.
    pub size: Size,
    /// The first baseline, down from the top of the box; `None` for what has no text.
    pub baseline_px: Option<f64>,
}

/// Knows how large sources are; the engine asks `sources`.
pub trait Measure {
    /// The extent of `layer`'s source at `moment`, for a layer that has one.
    fn extent(&mut self, layer: &Layer, moment: Moment) -> Extent;
}

/// One step of drawing, bottom to top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    /// A layer with pixels of its own.
    Layer(LayerItem),
    /// What lies below the layer that follows, blurred.
    Backdrop(BackdropItem),
    /// What follows, up to the matching [`Item::Pop`], is composed first and then blended as one.
    Push(GroupItem),
    /// What follows, up to the end of the innermost push, is not drawn but decides where what it holds shows.
    Matte(MatteItem),
    /// Ends the innermost push.
    Pop,
}

/// How a mask decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatteItem {
    /// The value of the mask's px that others are multiplied by.
    pub mode: MaskMode,
    /// By what is left of 1.
    pub invert: bool,
}

/// A layer to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerItem {
    /// Index into [`Resolver::layers`](crate::Resolver::layers) (and the scene's layers).
    pub index: usize,
    /// Px of the source's box to canvas px, but for moved corners; or to px of the innermost group around it with a surface
    /// of its own ([`GroupItem::own_surface`]).
    pub transform: Affine,
    /// What shows of the source's box, in its px; all of it when absent.
    pub shown: Option<Rect>,
    /// Where the corners of what shows go, canvas px: top left, top right, bottom right, bottom left of the source.
    pub corners: Option<[Point; 4]>,
    /// 0..=1: the layer's own, or 1 where a push carries that; groups around it carry theirs.
    pub opacity: f64,
    /// How it combines with what is below it in its push.
    pub blend_mode: BlendMode,
    /// The source's box, layer px.
    pub extent: Extent,
    /// Surface px per layer px at which the source should be rasterised: it holds still while scale animates.
    pub raster_scale: f64,
    /// Whether no animation moves the layer against what `transform` leads to.
    pub holds_still: bool,
    /// Whether no animation changes the size of the layer's words.
    pub holds_size: bool,
    /// Whether the layer's effects change what shows of it in its box ([`Layer::effects_in_box`](crate::Layer::effects_in_box)).
    pub effects_in_box: bool,
}

/// A group to compose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupItem {
    /// Index into [`Resolver::layers`](crate::Resolver::layers).
    pub index: usize,
    /// Group px to canvas px, or to px of the innermost group around it with a surface of its own.
    pub transform: Affine,
    /// The group's box, group px.
    pub size: Size,
    /// Cut to the box with these corner radii, group px.
    pub clip: Option<[f64; 4]>,
    /// A wipe that hides some of it.
    pub veil: Option<VeilItem>,
    /// 0..=1.
    pub opacity: f64,
    /// How it combines with what is below it in the push around it.
    pub blend_mode: BlendMode,
    /// Whether it is composed on a surface of its own, for its effects or for a pin: what follows, up to its pop, is then
    /// placed in px of the group, and does not change when the group moves.
    pub own_surface: bool,
    /// Whether the layer's effects change that surface.
    pub has_effects: bool,
    /// Where that surface stands in perspective, instead of where `transform` takes it.
    pub pin: Option<PinItem>,
    /// Surface px per group px for such a surface; holds still while scale animates.
    pub raster_scale: f64,
    /// Whether no animation moves the group against what `transform` leads to.
    pub holds_still: bool,
    /// Whether what is in it covers all of its box, and what is beyond the box is left out: panes of glass in it show what lies
    /// below them there.
    pub is_whole: bool,
    /// Which of several surfaces of one group it is.
    pub part: u32,
}

impl GroupItem {
    /// One that does no more than place what is in it.
    pub const fn plain(index: usize, transform: Affine, size: Size, raster_scale: f64) -> Self {
        Self {
            index,
            transform,
            size,
            clip: None,
            veil: None,
            opacity: 1.0,
            blend_mode: BlendMode::Normal,
            own_surface: false,
            has_effects: false,
            pin: None,
            raster_scale,
            holds_still: false,
            is_whole: false,
            part: 0,
        }
    }
}

/// A box in perspective, with what is beyond its edges going on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PinItem {
    /// Group px to px of the box.
    pub to_box: Affine,
    /// The box, from (0, 0), in its px.
    pub size: Size,
    /// Where its corners go, canvas px or px of the innermost group around it with a surface of its own: top left, top right,
    /// bottom right, bottom left of the box. Nothing is drawn where they are not those of a convex quadrilateral.
    pub corners: [Point; 4],
}
