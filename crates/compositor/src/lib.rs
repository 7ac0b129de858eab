//! Display list to I420 frame, only where it is damaged.
//!
//! Job: execute a [`DisplayList`] into a finished picture, redrawing nothing but the 16-px blocks that differ from the frame before.
//! Not its job: layers, animation, time, rasterising text or vectors, scaling pictures down well (sources hand over surfaces near their drawn size).
//!
//! ```text
//! DisplayList -> plan (place, cull) -> diff against the previous plan -> damage per 16-px block
//!                                                                            |
//!            I420 frame of the ring  <- convert <- 16-row RGBA strip <- occlude, sample, blend
//! ```
//!
//! ```
//! use compositor::{Compositor, DisplayList, DrawItem, Picture};
//! use kurbo::Affine;
//! use media::{BlendMode, Color, Resolution, Surface};
//! use std::sync::Arc;
//!
//! let white = Surface::from_premultiplied(8, 8, vec![255; 8 * 8 * 4]).unwrap();
//! let mut list = DisplayList {
//!     background: Color::BLACK,
//!     items: vec![DrawItem::Picture(Picture {
//!         key: 1,
//!         surface: Arc::new(white),
//!         transform: Affine::translate((4.0, 2.0)),
//!         opacity: 1.0,
//!         blend: BlendMode::Normal,
//!     })],
//! };
//! let mut compositor = Compositor::new(Resolution::new(64, 32));
//! let first = compositor.compose(&list);
//! assert_eq!(first.frame.planes()[0][2 * 64 + 4], 235);
//!
//! let still = compositor.compose(&list);
//! assert!(Arc::ptr_eq(&first.frame, &still.frame) && still.damage.is_empty());
//!
//! let DrawItem::Picture(picture) = &mut list.items[0] else { unreachable!() };
//! picture.transform = Affine::translate((40.0, 2.0));
//! assert_eq!(compositor.compose(&list).damage.block_count(), 3);
//! ```
//!
//! # Invariants
//!
//! - A frame drawn through damage equals the full redraw of its list, byte for byte: every pixel is a pure function of the list and its place.
//! - Integer arithmetic decides every pixel once coordinates are fixed point, so kernels of other instruction sets are bit-equal or wrong.
//! - Pixels are premultiplied, non-linear sRGB, 8 bits per channel; the canvas is opaque.
//! - No display list panics: what cannot be drawn (empty surface, singular transform, not finite) is left out.
#![forbid(unsafe_code)]

mod list;
mod perspective;

mod compositor;
mod cover;
mod ring;

mod clip;
mod diff;
mod footprint;
mod frost;
mod grid;
mod kernels;
mod pinned;
mod placement;
mod plan;
mod sampling;
mod shrink;
mod strip;
mod veil;

#[cfg(test)]
mod tests;

pub use compositor::{Composed, Compositor, Stats};
pub use kernels::Kernels;
pub use list::{
    Backdrop, Clip, DisplayList, DrawItem, Group, Matte, Picture, Pinned, Shrink, Veil, VeilForm,
};
pub use perspective::Perspective;
