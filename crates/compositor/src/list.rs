//! What to draw.

use crate::Perspective;
use kurbo::{Affine, Rect, Size};
use media::{BlendMode, Color, Surface};
use std::sync::Arc;

/// What to draw, bottom to top, in canvas px: origin top-left, y down, pixel centres at +0.5.
#[derive(Clone, Debug)]
pub struct DisplayList {
    /// Behind everything; its alpha is ignored, the canvas is opaque. Where a blend mode takes it away, black is left.
    pub background: Color,
    /// Bottom to top. A `Pop` or `Matte` without its `Push` is ignored; a `Push` without its `Pop` ends with the list.
    pub items: Vec<DrawItem>,
}

/// One step of a display list.
#[derive(Clone, Debug)]
pub enum DrawItem {
    /// Draws a surface.
    Picture(Picture),
    /// Draws a surface in perspective.
    Pinned(Pinned),
    /// Draws what lies below the group, blurred, all over the group.
    Backdrop(Backdrop),
    /// Begins an isolated group: what follows is composed on transparent, then blended as one.
    Push(Group),
    /// What follows, up to the end of the innermost group, is not drawn but decides where the group shows.
    ///
    /// Ignored outside of groups and after another matte of the same group.
    Matte(Matte),
    /// Ends the innermost group.
    Pop,
}

/// How a picture decides where a group shows: the group's px are multiplied by one value of its.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matte {
    /// By the luma (BT.709) of its premultiplied color, else by its alpha.
    pub luma: bool,
    /// By what is left of 1.
    pub invert: bool,
}

/// A placed surface.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Identity across frames, such as the layer and its part: pairs the items of two lists when they are compared.
    ///
    /// Repeated keys cost damage, never correctness.
    pub key: u64,
    /// The pixels. The same `Arc` means the same pixels; the compositor keeps it alive until the next list.
    pub surface: Arc<Surface>,
    /// Surface px to canvas px. Translations are exact to 1/256 px, whole ones copy the surface bit for bit.
    ///
    /// Other transforms sample bilinearly with edges antialiased over one canvas px;
    /// below half size bilinear sampling skips surface px, so hand over a surface near its drawn size.
    pub transform: Affine,
    /// 0..=1, quantised to 8 bits.
    pub opacity: f64,
    /// How the pixels meet what is below.
    pub blend: BlendMode,
}

/// A surface placed in perspective.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// As [`Picture::key`].
    pub key: u64,
    /// As [`Picture::surface`].
    pub surface: Arc<Surface>,
    /// Surface px to canvas px; a corner of the window behind whoever looks leaves all of it out.
    ///
    /// Samples bilinearly with edges antialiased over one canvas px.
    pub map: Perspective,
    /// The part of the surface that is drawn, in its px.
    pub window: Rect,
    /// How it is read where it is drawn smaller than it is.
    pub shrink: Shrink,
    /// 0..=1, quantised to 8 bits.
    pub opacity: f64,
    /// How the pixels meet what is below.
    pub blend: BlendMode,
}

/// How a surface in perspective is read where it is drawn smaller than it is, as its far parts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shrink {
    /// As where it is larger: below half size px are skipped, and what moves flickers.
    Skip,
    /// From halves, quarters, .. of the surface ([`Surface::half`]), mixed: along both axes as soft as the one that shrinks more needs.
    #[default]
    Mix,
    /// Likewise, at up to four places along the axis that shrinks more: the other stays sharp.
    Follow,
}

/// What lies below a group, blurred: a pane of frosted glass, as large as the group's clip.
///
/// Left out where the group has no clip, in what decides where a group shows, and in groups that change px where they have none. In a
/// group that fades or blends, what lies below is the canvas as if that group ended before the pane, uncut by its matte.
/// A blur costs about a microsecond for a thousand px of the pane and its surroundings, when something near it changed.
#[derive(Clone, Copy, Debug)]
pub struct Backdrop {
    /// As [`Picture::key`].
    pub key: u64,
    /// Standard deviation of the blur in canvas px, up to [`Backdrop::MAX_SIGMA_PX`].
    pub sigma_px: f64,
}

impl Backdrop {
    /// The strongest blur.
    pub const MAX_SIGMA_PX: f64 = 200.0;
    /// Of more in one list, those on top are left out: each keeps memory, 16 MiB where it is as large as a picture at 1080p and hardly
    /// blurred.
    pub const MAX_COUNT: usize = 8;
}

/// Children composed on transparent, then blended as one.
#[derive(Clone, Debug)]
pub struct Group {
    /// Identity across frames, as [`Picture::key`]; groups and pictures are numbered apart.
    pub key: u64,
    /// Where the group shows; everywhere when absent.
    pub clip: Option<Clip>,
    /// 0..=1, quantised to 8 bits.
    pub opacity: f64,
    /// How the composed group meets what is below.
    pub blend: BlendMode,
    /// What shows of it while it is wiped; all where absent.
    pub veil: Option<Veil>,
}

/// How far a wipe has come over a box. What lies beyond the box goes with its nearest edge.
///
/// Costs about what a clip does: only blocks that the edge of the wipe lies in are looked at px by px, but for a picture's.
#[derive(Clone, Debug)]
pub struct Veil {
    /// Px of the box to canvas px.
    pub transform: Affine,
    /// The box, from (0, 0), in its px.
    pub size: Size,
    /// Which place comes when.
    pub form: VeilForm,
    /// Width of the edge as a share of the whole way, 0..=1; at least one canvas px.
    pub softness: f64,
    /// 0 shows nothing, 1 everything.
    pub progress: f64,
    /// What would come last comes first.
    pub invert: bool,
}

/// In which order a wipe shows the places of its box.
#[derive(Clone, Debug)]
pub enum VeilForm {
    /// Along a direction, from corner to corner.
    Linear {
        /// A unit vector in px of the box, y down.
        direction: [f64; 2],
    },
    /// From a point outwards, up to the farthest corner.
    Iris {
        /// In sizes of the box from its top left corner.
        center: [f64; 2],
    },
    /// Around a point, clockwise.
    Clock {
        /// In sizes of the box from its top left corner.
        center: [f64; 2],
        /// Where the turn begins: a unit vector in px of the box, y down.
        direction: [f64; 2],
    },
    /// By the luma (BT.709) of a picture stretched over the box, dark first.
    Luma(Arc<Surface>),
}

/// A rounded rectangle from (0, 0) to `size` in its own px, antialiased over one canvas px.
#[derive(Clone, Copy, Debug)]
pub struct Clip {
    /// Own px to canvas px.
    pub transform: Affine,
    /// In own px.
    pub size: Size,
    /// In own px: top-left, top-right, bottom-right, bottom-left; scaled down together where they do not fit, as CSS does.
    pub radii: [f64; 4],
}
