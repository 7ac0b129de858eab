//! What is asked of a [`Painter`](crate::Painter), and what it answers.

use crate::{Asset, Error, Key, Notice};
use kurbo::{Point, Size};
use media::Surface;
use scene::{Effect, Gradient, GradientForm, Paint, Source, Spread};
use std::sync::Arc;

/// Everything that decides a surface's pixels.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What to paint.
    pub source: &'a Source,
    /// What a countdown or clock says at this moment; of no meaning to other sources.
    /// What a countdown or a text that shows a number says at this moment; of no meaning to other sources.
    pub content: Option<&'a str>,
    /// Width of the layer's box in layer px; `None` is the source's natural width.
    pub width_px: Option<f64>,
    /// Height of the layer's box in layer px; `None` is the source's natural height.
    pub height_px: Option<f64>,
    /// Baked into the surface, in order.
    pub effects: &'a [Effect],
    /// Surface px per layer px, above 0.
    pub scale: f64,
    /// Whether heights and horizontal strokes of letters are fitted to whole surface px, which makes small words crisper
    /// by moving edges up to half a pixel. Not for words whose size is animated: their heights would grow in steps.
    pub hint: bool,
    /// The decoded asset of an image or SVG; of a drawing, its [album](Asset::album).
    pub asset: Option<&'a Asset>,
}

impl Request<'_> {
    /// A digest of all fields that decide pixels: equal keys stand for equal surfaces, given the same fonts. Takes about
    /// a microsecond and allocates nothing; while a text is being revealed, some ns for each of its letters, and where it
    /// is in runs, a copy of its words.
    pub fn key(&self) -> Key {
        crate::key::key(self)
    }
}

impl Request<'_> {
    /// How long painting takes, in surface px of a plain filled box of `size` layer px, without effects.
    pub fn effort_px(&self, size: Size) -> f64 {
        /// What an operation of a drawing takes beside its pixels.
        const OPERATION: f64 = 2000.0;
        /// A pixel of a gradient that is shaded by ourselves.
        const SHADED: f64 = 20.0;
        let pixels = size.area() * self.scale * self.scale;
        let shaded = |gradient: &Gradient| {
            let plain = matches!(gradient.form, GradientForm::Linear { .. });
            !plain || gradient.spread != Spread::Pad
        };
        let costly = |paint: Option<&Paint>| match paint {
            Some(Paint::Gradient(gradient)) => shaded(gradient),
            Some(Paint::Color(_)) | None => false,
        };
        match self.source {
            Source::Gradient(gradient) if shaded(gradient) => pixels * SHADED,
            Source::Shape(shape)
                if costly(shape.fill.as_ref())
                    || costly(shape.stroke.as_ref().map(|s| &s.paint)) =>
            {
                pixels * SHADED
            }
            Source::Drawing(drawing) => {
                pixels * 2.0 + OPERATION * drawing.operations().len() as f64
            }
            _ => pixels,
        }
    }
}

/// A painted source.
///
/// Surface pixel (i, j) covers the layer px from `origin_px + (i, j) / scale` to `origin_px + (i + 1, j + 1) / scale`.
/// Cloning shares the surface.
#[derive(Clone, Debug)]
pub struct Raster {
    /// The pixels; cut to where there may be ink, at least 1x1.
    pub surface: Arc<Surface>,
    /// Layer px of the surface's top left corner: a whole number of surface px from the box's corner, negative where
    /// ink or a shadow leaves the box.
    pub origin_px: Point,
    /// Surface px per layer px.
    pub scale: f64,
    /// The layer's box, layer px; for a ticker, what its repetitions are to be clipped to.
    pub size: Size,
    /// First baseline, layer px from the top of the box; `None` for what has no text.
    pub baseline_px: Option<f64>,
    /// For a ticker, the layer px from one repetition to the next: all of the text, trailing spaces too, and the gap.
    pub advance_px: Option<f64>,
    /// What the operator should know.
    pub notices: Arc<[Notice]>,
}

/// A line of written words.
#[derive(Clone, Debug, PartialEq)]
pub struct TextLine {
    /// Its bytes in what was laid out, with the spaces or the break that end it: in all words one after the other, or in
    /// what is left of them where some are left out.
    pub bytes: std::ops::Range<usize>,
    /// Width without the spaces that end it, and without what justifying adds, layer px.
    pub width_px: f64,
}

/// Longest side of a surface: 65535 is where vello's 16-bit tiles and many encoders end, and f32 positions still
/// resolve 1/128 px there.
pub(crate) const MAX_SIDE: u32 = 65_535;

/// Most pixels of a surface or picture: 256 MiB of memory.
pub(crate) const MAX_PIXELS: u64 = 64 << 20;

/// `width` x `height` as whole pixels, at least 1x1, or an error when nobody should allocate that.
pub(crate) fn checked_size(
    what: &'static str,
    width: f64,
    height: f64,
) -> Result<(u32, u32), Error> {
    let (w, h) = (whole(width).max(1), whole(height).max(1));
    if w > u64::from(MAX_SIDE) || h > u64::from(MAX_SIDE) || w * h > MAX_PIXELS {
        let (allowed_side, allowed_pixels) = (u64::from(MAX_SIDE), MAX_PIXELS);
        return Err(Error::TooManyPixels {
            what,
            width: w,
            height: h,
            allowed_side,
            allowed_pixels,
        });
    }
    Ok((
        u32::try_from(w).unwrap_or(MAX_SIDE),
        u32::try_from(h).unwrap_or(MAX_SIDE),
    ))
}

/// Rounds up, forgiving what floating point adds to a whole number; NaN is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to int casts saturate, which is meant"
)]
fn whole(v: f64) -> u64 {
    (v - 1e-6).ceil().clamp(0.0, 4e9) as u64
}
