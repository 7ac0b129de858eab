//! What is asked of a [`Painter`](crate::Painter), and what it answers.

use crate::{Asset, Error, Key, Notice};
use kurbo::{Point, Size};
use media::Surface;
use scene::{
    Effect, Gradient, GradientForm, Paint, Source, Spread, TextContent, TextFit, TextStyle,
};
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
            Source::Text(text) => {
                let largest = match &text.text {
                    TextContent::Runs(runs) => runs
                        .iter()
                        .filter_map(|run| run.size_px)
                        .fold(text.style.size_px, f64::max),
                    TextContent::Plain(_) | TextContent::Number(_) => text.style.size_px,
                };
                let keeps_size = text.flow.fit == TextFit::None;
                pixels + self.letters_px(&text.style, largest, keeps_size)
            }
            Source::Ticker(ticker) => {
                pixels + self.letters_px(&ticker.style, ticker.style.size_px, true)
            }
            Source::Countdown(countdown) => {
                pixels + self.letters_px(&countdown.style, countdown.style.size_px, true)
            }
            Source::Clock(clock) => {
                pixels + self.letters_px(&clock.style, clock.style.size_px, true)
            }
            _ => pixels,
        }
    }

    /// About how many surface px the letters have that may leave their box, and the rims around all.
    fn letters_px(&self, style: &TextStyle, size_px: f64, keeps_size: bool) -> f64 {
        /// Of a square of the font's size, what a letter of most scripts fills with its line.
        const FILLED: f64 = 0.6;
        let letters = self.source.word_bytes(self.content) as f64;
        let ink = if keeps_size {
            letters * FILLED * size_px * size_px
        } else {
            0.0
        };
        let rim = style.stroke.as_ref().map_or(0.0, |stroke| {
            let side = size_px + 2.0 * stroke.width_px;
            letters * side * side
        });
        (ink + rim) * self.scale * self.scale
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

/// A draft's px are this many times as long and wide as those of what it is a draft of.
const DRAFT: u32 = 4;

impl Raster {
    /// The same, a sixteenth of the px: each is the mean of sixteen. It stands in for a moment where a picture that was let
    /// go is painted again. Takes about a millisecond for 1080p.
    #[must_use]
    pub fn draft(&self) -> Self {
        let from = &self.surface;
        let (width, height) = (from.width().div_ceil(DRAFT), from.height().div_ceil(DRAFT));
        let mut surface = Surface::new(width, height);
        let mut sums = vec![[0_u32; 4]; width as usize];
        let cell = DRAFT as usize * 4;
        let lines = surface.data_mut().chunks_exact_mut(width as usize * 4);
        for (line, top) in lines.zip((0..from.height()).step_by(DRAFT as usize)) {
            sums.fill([0; 4]);
            let rows = top..(top + DRAFT).min(from.height());
            let count = rows.len();
            for y in rows {
                for (sum, px) in sums.iter_mut().zip(from.row(y).chunks(cell)) {
                    for px in px.chunks_exact(4) {
                        for (sum, v) in sum.iter_mut().zip(px) {
                            *sum += u32::from(*v);
                        }
                    }
                }
            }
            for ((to, sum), x) in line.chunks_exact_mut(4).zip(&sums).zip(0..) {
                let across = DRAFT.min(from.width() - x * DRAFT) as usize;
                let n = u32::try_from(across * count).unwrap_or(1);
                for (to, sum) in to.iter_mut().zip(sum) {
                    *to = u8::try_from((sum + n / 2) / n).unwrap_or(255);
                }
            }
        }
        Self {
            surface: Arc::new(surface),
            scale: self.scale / f64::from(DRAFT),
            notices: Arc::new([]),
            ..self.clone()
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_the_mean_of_its_cells_and_lies_where_the_raster_did() {
        let px: Vec<u8> = (0..10 * 6)
            .flat_map(|i: u8| [i, 2 * i, 255 - i, 255])
            .collect();
        let surface = Surface::from_premultiplied(10, 6, px).expect("as many px");
        let raster = Raster {
            surface: Arc::new(surface),
            origin_px: Point::new(3.0, -2.0),
            scale: 2.0,
            size: Size::new(5.0, 3.0),
            baseline_px: None,
            advance_px: None,
            notices: Arc::new([]),
        };
        let draft = raster.draft();
        assert_eq!((draft.surface.width(), draft.surface.height()), (3, 2));
        assert_eq!(
            (draft.origin_px, draft.size),
            (raster.origin_px, raster.size)
        );
        assert!((draft.scale - 0.5).abs() < 1e-12);
        // Rows 0 to 3, columns 0 to 3: a mean of 16.5. Rows 4 and 5, columns 8 and 9: 48, 49, 58, 59.
        assert_eq!(draft.surface.pixel(0, 0), [17, 33, 239, 255]);
        assert_eq!(draft.surface.pixel(2, 1), [54, 107, 202, 255]);
    }
}
