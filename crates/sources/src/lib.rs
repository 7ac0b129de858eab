//! Source description and asset bytes to premultiplied surfaces, cached within a memory budget.
//!
//! Job: decode pictures ([`Asset`]) and play those that move ([`Player`]), lay out and draw text, draw shapes and gradients, bake shadows ([`Painter`]), and
//! keep what was painted ([`Cache`]).
//! Not its job: files, networks, threads, clocks, where a layer stands, blending layers.
//!
//! ```text
//! Source + box + effects + scale (Request) --key--> Cache --hit--> Raster
//!                                    |                ^
//!                                    +--> Painter ----+
//! ```
//!
//! ```
//! use media::Color;
//! use sources::{Fonts, Painter, Request};
//! let red = scene::Source::Color(Color::new(1.0, 0.0, 0.0, 0.5));
//! let request = Request {
//!     source: &red,
//!     content: None,
//!     width_px: Some(20.0),
//!     height_px: Some(10.0),
//!     effects: &[],
//!     scale: 2.0,
//!     hint: true,
//!     asset: None,
//! };
//! let raster = Painter::new(Fonts::new([] as [Vec<u8>; 0])).paint(&request)?;
//! assert_eq!((raster.surface.width(), raster.surface.height()), (40, 20));
//! assert_eq!(raster.surface.pixel(39, 19), [128, 0, 0, 128]);
//! # Ok::<(), sources::Error>(())
//! ```
//!
//! **Invariants.** The same request, fonts and asset give the same bytes on every processor of a target (no run-time
//! SIMD level decides a pixel). In every surface colour is at most alpha. Nothing is allocated for a picture or surface
//! before its size is checked. A [`Cache`] never holds more than its budget.
#![forbid(unsafe_code)]

mod album;
mod apng;
mod asset;
mod avif;
mod cache;
mod canvas;
mod drawing;
mod effects;
mod emoji;
mod error;
mod film;
mod flow;
mod fonts;
mod gif;
mod glyphs;
mod hyphens;
mod inks;
mod key;
mod layout;
mod markup;
mod masks;
mod ornament;
mod outlines;
mod painter;
mod picture;
mod placeholder;
mod profile;
mod qr;
mod quality;
mod reading;
mod request;
mod rim;
mod shading;
mod shape;
mod sheet;
mod sizing;
mod sprite;
mod stamp;
mod stroke;
mod tracing;
mod vector;
mod webp;
mod words;

// Source-over in 8 bits belongs to shadows, and is of use beyond them.
use effects::shadow;

#[cfg(test)]
mod tests;

pub use asset::{Asset, Part};
pub use cache::{Cache, CacheCounters};
pub use effects::{Sheet, cost_ms, reach_px};
pub use error::{Error, Notice};
pub use film::{Film, Player, Timetable};
pub use fonts::Fonts;
pub use key::Key;
pub use painter::Painter;
pub use placeholder::placeholder;
pub use quality::Quality;
pub use request::{Raster, Request, TextLine};
pub use sprite::{Atlas, AtlasTag, Cell, Direction, MAX_CELLS, MAX_TAGS, Strip};
