//! Pictures made ready for vello: cut to what is seen, and as fine as they are drawn.

use crate::album::Print;
use crate::picture::Scaler;
use crate::request::checked_size;
use crate::{Error, placeholder, vector};
use kurbo::{Affine, BezPath, Rect, Shape as _, Size};
use media::Surface;
use scene::{Fit, Sampling, Smoothing};
use std::sync::Arc;
use vello_cpu::Pixmap;
use vello_cpu::peniko::{Extend, ImageQuality, ImageSampler};

/// A picture to paint with.
#[derive(Clone)]
pub(crate) struct Stamp {
    pub(crate) pixmap: Arc<Pixmap>,
    /// From its px to layer px.
    pub(crate) place: Affine,
    pub(crate) sampler: ImageSampler,
    /// Where it is repeated to one side only, or to none: what it covers, layer px.
    pub(crate) clip: Option<BezPath>,
}

impl Stamp {
    /// Whether each pixel looks at sixteen.
    pub(crate) fn is_fine(&self) -> bool {
        self.sampler.quality == ImageQuality::High
    }
}

/// How a picture is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// From px of the picture to layer px.
    pub(crate) place: Affine,
    /// What of it is drawn, its px; a pattern is all of it.
    pub(crate) part: Rect,
    /// Of a pattern, whether it is repeated to the sides, and up and down.
    pub(crate) repeats: Option<[bool; 2]>,
    /// `None` keeps pixels squares.
    pub(crate) smoothing: Option<Smoothing>,
    /// Surface px per layer px.
    pub(crate) scale: f64,
    /// What can be seen, surface px.
    pub(crate) seen: Rect,
}

/// Stamps made before: programs draw one picture many times.
#[derive(Default)]
pub(crate) struct Stamps {
    /// The one used last is at the back.
    kept: Vec<(Cut, Arc<Pixmap>)>,
    /// SVGs as they were drawn last, with their number.
    drawn: Vec<((usize, u32, u32), Arc<Surface>)>,
    /// Pixels touched since the last call of [`Stamps::take_work`].
    work: f64,
}

/// What of which picture in how many pixels.
#[derive(Clone, Copy, PartialEq)]
struct Cut {
    picture: usize,
    /// Pixels of all of it, which of an SVG are as many as are needed.
    of: (u32, u32),
    region: Rect,
    pixels: (u32, u32),
}

/// Larger ones are not kept.
const MAX_KEPT_PIXELS: u32 = 1 << 20;
const MAX_KEPT: usize = 16;
/// Most pixels that an SVG is drawn in before it is placed; a canvas of 4K has half as many.
const MAX_VECTOR_PIXELS: f64 = (16 << 20) as f64;
/// Longest side of what is made smaller; a slanted picture may be larger than what is seen of it.
const MAX_SIDE: f64 = 8192.0;
/// Pixels around what is seen that smoothing looks at.
const MARGIN: f64 = 3.0;
/// Scaling touches a pixel more often than filling does.
const SCALE_WORK: f64 = 4.0;

impl Stamps {
    /// Pixels touched since the last call.
    pub(crate) const fn take_work(&mut self) -> f64 {
        std::mem::replace(&mut self.work, 0.0)
    }

    /// A picture made ready, the `number`th of the drawing; `None` where nothing of it is seen.
    pub(crate) fn stamp(
        &mut self,
        scaler: &mut Scaler,
        number: usize,
        print: &Print,
        manner: Manner,
    ) -> Result<Option<Stamp>, Error> {
        let view = Affine::scale(manner.scale) * manner.place;
        let Some(fineness) = fineness(view) else {
            return Ok(None);
        };
        // A picture of vectors is one of pixels, as many as are drawn.
        let (surface, per_px) = match print {
            Print::Pixels(surface) => (Arc::clone(surface), [1.0; 2]),
            Print::Vector(drawing) => self.vector(number, drawing, fineness)?,
            Print::Missing => {
                let size = (manner.part.size() * fineness[0].max(fineness[1]))
                    .clamp(Size::new(1.0, 1.0), Size::new(4096.0, 4096.0));
                let (width, height) = checked_size("the placeholder", size.width, size.height)?;
                let per_px = [
                    f64::from(width) / manner.part.width(),
                    f64::from(height) / manner.part.height(),
                ];
                (Arc::new(placeholder(width, height)), per_px)
            }
        };
        let finer = |r: Rect| {
            Rect::new(
                r.x0 * per_px[0],
                r.y0 * per_px[1],
                r.x1 * per_px[0],
                r.y1 * per_px[1],
            )
        };
        let place = manner.place * Affine::scale_non_uniform(1.0 / per_px[0], 1.0 / per_px[1]);
        let part = finer(manner.part);
        let view = Affine::scale(manner.scale) * place;
        let [kx, ky] = [fineness[0] / per_px[0], fineness[1] / per_px[1]];
        let shrinks = manner.smoothing.is_some() && (kx < 0.999 || ky < 0.999);
        let all = Rect::new(0.0, 0.0, surface.width().into(), surface.height().into());
        let seen = view
            .inverse()
            .transform_rect_bbox(manner.seen)
            .intersect(part);
        let (region, pixels) = match manner.repeats {
            Some(_) => {
                let px = |side: f64, k: f64| {
                    if shrinks && k < 0.999 {
                        (side * k).round().clamp(1.0, MAX_SIDE)
                    } else {
                        side
                    }
                };
                (all, Size::new(px(all.width(), kx), px(all.height(), ky)))
            }
            None if seen.width() <= 0.0 || seen.height() <= 0.0 => return Ok(None),
            None if shrinks => {
                let px = |side: f64, k: f64| (side * k).round().clamp(1.0, MAX_SIDE);
                (seen, Size::new(px(seen.width(), kx), px(seen.height(), ky)))
            }
            None => {
                let region = seen.inflate(MARGIN, MARGIN).expand().intersect(all);
                (region, region.size())
            }
        };
        let pixels = checked_size("the scaled picture", pixels.width, pixels.height)?;
        let cut = Cut {
            picture: number,
            of: (surface.width(), surface.height()),
            region,
            pixels,
        };
        let pixmap = self.cut(scaler, &surface, cut)?;
        let px = |side: f64, pixels: u32| side / f64::from(pixels);
        let place = place
            * Affine::translate(region.origin().to_vec2())
            * Affine::scale_non_uniform(
                px(region.width(), pixels.0),
                px(region.height(), pixels.1),
            );
        let extend = |repeats: bool| if repeats { Extend::Repeat } else { Extend::Pad };
        let [x, y] = manner.repeats.unwrap_or_default();
        Ok(Some(Stamp {
            clip: manner
                .repeats
                .and_then(|repeats| strip(manner, all, per_px, repeats)),
            pixmap,
            place,
            sampler: ImageSampler {
                x_extend: extend(x),
                y_extend: extend(y),
                quality: match manner.smoothing {
                    None => ImageQuality::Low,
                    // Between sixteen pixels what is not larger would lose its edges.
                    Some(Smoothing::High) if kx.max(ky) > 1.001 && !shrinks => ImageQuality::High,
                    Some(_) => ImageQuality::Medium,
                },
                alpha: 1.0,
            },
        }))
    }

    fn cut(
        &mut self,
        scaler: &mut Scaler,
        surface: &Arc<Surface>,
        cut: Cut,
    ) -> Result<Arc<Pixmap>, Error> {
        if let Some(at) = self.kept.iter().position(|(is, _)| *is == cut) {
            self.kept[at..].rotate_left(1);
            if let Some((_, pixmap)) = self.kept.last() {
                return Ok(Arc::clone(pixmap));
            }
        }
        let (width, height) = cut.pixels;
        let made = f64::from(width) * f64::from(height);
        self.work += SCALE_WORK * (cut.region.area() + made);
        let scaled = scaler.resize(Sampling::Smooth, surface, cut.region, cut.pixels)?;
        let pixmap = crate::sheet::pixmap(&scaled);
        if width.saturating_mul(height) <= MAX_KEPT_PIXELS {
            if self.kept.len() >= MAX_KEPT {
                self.kept.remove(0);
            }
            self.kept.push((cut, Arc::clone(&pixmap)));
        }
        Ok(pixmap)
    }

    /// An SVG as fine as it is drawn, and its pixels per px of its own.
    fn vector(
        &mut self,
        number: usize,
        drawing: &crate::asset::Drawing,
        fineness: [f64; 2],
    ) -> Result<(Arc<Surface>, [f64; 2]), Error> {
        let natural = vector::natural_size(&drawing.tree);
        let factor = fineness[0].max(fineness[1]);
        let factor = factor.min((MAX_VECTOR_PIXELS / natural.area().max(1.0)).sqrt());
        // Its shape is kept, so that one side has whole pixels and the other almost.
        let size = (natural * factor).max(Size::new(1.0, 1.0));
        let (width, height) = checked_size("the SVG", size.width.round(), size.height.round())?;
        let per_px = [
            f64::from(width) / natural.width,
            f64::from(height) / natural.height,
        ];
        let key = (number, width, height);
        if let Some((_, surface)) = self.drawn.iter().find(|(is, _)| *is == key) {
            return Ok((Arc::clone(surface), per_px));
        }
        self.work += 8.0 * size.area();
        let whole = Size::new(width.into(), height.into());
        let (surface, _) = vector::paint(&drawing.tree, natural.to_rect(), Fit::Fill, whole, 1.0)?;
        if self.drawn.len() >= 4 {
            self.drawn.remove(0);
        }
        self.drawn.push((key, Arc::clone(&surface)));
        Ok((surface, per_px))
    }
}

/// Surface px per px of a picture, along its sides; `None` where nothing of it can be seen.
fn fineness(view: Affine) -> Option<[f64; 2]> {
    let [a, b, c, d, ..] = view.as_coeffs();
    let sides = [(a * a + b * b).sqrt(), (c * c + d * d).sqrt()];
    let is_seen = view.determinant().abs() > 1e-12 && sides.iter().all(|k| (1e-6..1e9).contains(k));
    is_seen.then_some(sides)
}

/// What a pattern covers that is not repeated to all sides.
fn strip(manner: Manner, all: Rect, per_px: [f64; 2], [x, y]: [bool; 2]) -> Option<BezPath> {
    if x && y {
        return None;
    }
    let view = Affine::scale(manner.scale) * manner.place;
    // As far as anything is seen, and a little more.
    let far = view
        .inverse()
        .transform_rect_bbox(manner.seen)
        .inflate(1.0, 1.0);
    let own = Rect::new(0.0, 0.0, all.x1 / per_px[0], all.y1 / per_px[1]);
    let covered = Rect::new(
        if x { far.x0 } else { own.x0 },
        if y { far.y0 } else { own.y0 },
        if x { far.x1 } else { own.x1 },
        if y { far.y1 } else { own.y1 },
    );
    Some(manner.place * covered.to_path(0.1))
}
