//! Pictures, scaled and cut to their box.

use crate::canvas::Canvas;
use crate::request::checked_size;
use crate::shadow::div255;
use crate::{Error, Quality, shape};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use kurbo::{Affine, Point, Rect, Size};
use media::{Color, Surface};
use scene::{Cutout, FillRule, Fit, Paint, Sampling};
use std::sync::Arc;

/// The box of a picture of `natural` size where the layer gives `width_px` and `height_px`, or only one of them, or none.
pub(crate) fn box_size(natural: Size, width_px: Option<f64>, height_px: Option<f64>) -> Size {
    match (width_px, height_px) {
        (Some(w), Some(h)) => Size::new(w, h),
        (Some(w), None) => Size::new(w, natural.height * w / natural.width),
        (None, Some(h)) => Size::new(natural.width * h / natural.height, h),
        (None, None) => natural,
    }
}

/// The part of a picture of `natural` size that a crop leaves, in its px.
pub(crate) fn cropped(natural: Size, crop: Option<Cutout>) -> Result<Rect, Error> {
    let all = natural.to_rect();
    let Some(crop) = crop else {
        return Ok(all);
    };
    let asked = Rect::from_origin_size((crop.x, crop.y), (crop.width, crop.height));
    let left = asked.intersect(all);
    if left.width() > 0.0 && left.height() > 0.0 {
        return Ok(left);
    }
    Err(Error::CropOutside {
        x: crop.x,
        y: crop.y,
        width: natural.width,
        height: natural.height,
    })
}

/// Where a picture of `natural` size lies in a box of `size`: may stick out.
pub(crate) fn place(fit: Fit, natural: Size, size: Size) -> Rect {
    let (sx, sy) = (size.width / natural.width, size.height / natural.height);
    let (sx, sy) = match fit {
        Fit::Contain => (sx.min(sy), sx.min(sy)),
        Fit::Cover => (sx.max(sy), sx.max(sy)),
        Fit::Fill => (sx, sy),
        Fit::None => (1.0, 1.0),
    };
    let drawn = Size::new(natural.width * sx, natural.height * sy);
    Rect::from_origin_size(
        (
            (size.width - drawn.width) / 2.0,
            (size.height - drawn.height) / 2.0,
        ),
        drawn,
    )
}

/// The part `part` of a picture, in its px and within it, in its box as if it were all there is, and the box px of its top
/// left corner.
///
/// The picture is moved to whole pixels and its edges to the nearest one, so that it stays sharp; where it fills the box
/// it reaches the next whole pixel outside, and [`cut`] takes off what is too much.
pub(crate) fn paint(
    scaler: &mut Scaler,
    sampling: Sampling,
    picture: &Arc<Surface>,
    part: Rect,
    fit: Fit,
    size: Size,
    scale: f64,
) -> Result<(Arc<Surface>, Point), Error> {
    let hull = part.expand();
    let whole =
        hull.width() >= f64::from(picture.width()) && hull.height() >= f64::from(picture.height());
    let cut;
    let picture = if whole {
        picture
    } else {
        let (width, height) = checked_size("the crop", hull.width(), hull.height())?;
        cut = Arc::new(cut_out(picture, hull.origin(), (width, height)));
        &cut
    };
    let part = part - hull.origin().to_vec2();
    let natural = part.size();
    let area = Rect::from_origin_size(Point::ZERO, size * scale);
    let ideal = place(fit, natural * scale, area.size());
    // Nearest whole pixels for the picture, next outer ones for the box.
    let x0 = ideal.x0.round();
    let y0 = ideal.y0.round();
    let whole = Rect::new(
        x0,
        y0,
        x0 + ideal.width().round().max(1.0),
        y0 + ideal.height().round().max(1.0),
    );
    let outer = Rect::new(
        0.0,
        0.0,
        (area.x1 - 1e-6).ceil().max(1.0),
        (area.y1 - 1e-6).ceil().max(1.0),
    );
    // A picture meant to fill its box reaches the outer edges and is cut there.
    let snap = |v: f64, edge: f64, outer: f64| if (v - edge).abs() < 1.0 { outer } else { v };
    let whole = Rect::new(
        whole.x0,
        whole.y0,
        if matches!(fit, Fit::None) {
            whole.x1
        } else {
            snap(whole.x1, area.x1, outer.x1)
        },
        if matches!(fit, Fit::None) {
            whole.y1
        } else {
            snap(whole.y1, area.y1, outer.y1)
        },
    );
    let seen = whole.intersect(outer);
    if seen.width() < 1.0 || seen.height() < 1.0 {
        return Ok((Arc::new(Surface::new(1, 1)), Point::ZERO));
    }
    let (width, height) = checked_size("the scaled picture", seen.width(), seen.height())?;
    // What of the picture is seen, in its own pixels.
    let (kx, ky) = (
        natural.width / whole.width(),
        natural.height / whole.height(),
    );
    let crop = Rect::from_origin_size(
        (
            part.x0 + (seen.x0 - whole.x0) * kx,
            part.y0 + (seen.y0 - whole.y0) * ky,
        ),
        (seen.width() * kx, seen.height() * ky),
    );
    let out = scaler.resize(sampling, picture, crop, (width, height))?;
    Ok((out, seen.origin()))
}

/// Cuts a surface that lies `at` surface px in its box to the box, with round corners.
pub(crate) fn cut(
    canvas: &mut Canvas,
    surface: &mut Arc<Surface>,
    at: Point,
    area: Rect,
    radius: f64,
) {
    let pixels = (surface.width(), surface.height());
    let covered = Rect::from_origin_size(at, (f64::from(pixels.0), f64::from(pixels.1)));
    if radius <= 0.0 && contains(area, covered) {
        return;
    }
    let path = shape::rounded_rect(area - at.to_vec2(), [radius; 4]);
    let mask = canvas.draw(pixels, Affine::IDENTITY, |pen| {
        pen.fill(&path, FillRule::EvenOdd, &Paint::Color(Color::WHITE), area);
    });
    multiply_alpha(Arc::make_mut(surface), &mask);
}

fn contains(outer: Rect, inner: Rect) -> bool {
    const SLACK: f64 = 1e-3;
    inner.x0 >= outer.x0 - SLACK
        && inner.y0 >= outer.y0 - SLACK
        && inner.x1 <= outer.x1 + SLACK
        && inner.y1 <= outer.y1 + SLACK
}

fn multiply_alpha(surface: &mut Surface, mask: &Surface) {
    for (px, m) in surface
        .data_mut()
        .chunks_exact_mut(4)
        .zip(mask.data().chunks_exact(4))
    {
        if m[3] < 255 {
            for v in px {
                *v = u8::try_from(div255(u32::from(*v) * u32::from(m[3]))).unwrap_or(255);
            }
        }
    }
}

/// How far the wider of the two filters below, Lanczos 3, reaches to each side, in pixels of the coarser picture.
const LOBES: f64 = 3.0;

/// Scales pictures; keeps its scratch memory.
#[derive(Debug)]
pub(crate) struct Scaler {
    resizer: Resizer,
    quality: Quality,
}

impl Scaler {
    pub(crate) fn new(quality: Quality) -> Self {
        Self {
            resizer: Resizer::new(),
            quality,
        }
    }

    pub(crate) const fn quality(&self) -> Quality {
        self.quality
    }

    pub(crate) const fn set_quality(&mut self, quality: Quality) {
        self.quality = quality;
    }

    /// Lanczos where it shrinks, because that keeps lines; Catmull-Rom where it grows, because Lanczos rings. Cheaper
    /// ones where quality is not asked for: a box is the cheapest that leaves no pixel out.
    const fn algorithm(&self, sampling: Sampling, shrinks: bool) -> ResizeAlg {
        ResizeAlg::Convolution(match (sampling, self.quality, shrinks) {
            (Sampling::Nearest, ..) => return ResizeAlg::Nearest,
            (_, Quality::Low, true) => FilterType::Box,
            (_, Quality::Medium, true) | (_, Quality::Low | Quality::Medium, false) => {
                FilterType::Bilinear
            }
            (_, Quality::High, true) => FilterType::Lanczos3,
            (_, Quality::High, false) => FilterType::CatmullRom,
        })
    }

    /// The part `crop` of a picture in `width` x `height` pixels; the picture itself, shared, where nothing changes.
    ///
    /// The scaler computes 8-bit pixels in integers, so its SIMD level does not show.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of columns inside the picture"
    )]
    pub(crate) fn resize(
        &mut self,
        sampling: Sampling,
        picture: &Arc<Surface>,
        crop: Rect,
        (width, height): (u32, u32),
    ) -> Result<Arc<Surface>, Error> {
        let failed = |reason: String| Error::Scale { reason };
        let same_size = (crop.width() - f64::from(width)).abs() < 1e-6
            && (crop.height() - f64::from(height)).abs() < 1e-6;
        let whole =
            (crop.x0 - crop.x0.round()).abs() < 1e-6 && (crop.y0 - crop.y0.round()).abs() < 1e-6;
        if same_size && whole {
            if width == picture.width() && height == picture.height() {
                return Ok(Arc::clone(picture));
            }
            return Ok(Arc::new(cut_out(picture, crop.origin(), (width, height))));
        }
        // Rounding may have put an edge a hair outside, which the scaler refuses.
        let bounds = Rect::new(
            0.0,
            0.0,
            f64::from(picture.width()),
            f64::from(picture.height()),
        );
        let crop = crop.intersect(bounds);
        let shrinks = crop.width() > f64::from(width) || crop.height() > f64::from(height);
        let algorithm = self.algorithm(sampling, shrinks);
        let resizer = &mut self.resizer;
        let mut scale = |from: &Surface, crop: Rect, (width, height): (u32, u32)| {
            let options = ResizeOptions::new()
                .resize_alg(algorithm)
                .crop(crop.x0, crop.y0, crop.width(), crop.height())
                .use_alpha(false);
            let view = ImageRef::new(from.width(), from.height(), from.data(), PixelType::U8x4)
                .map_err(|e| failed(e.to_string()))?;
            let mut out = Surface::new(width, height);
            let mut to = Image::from_slice_u8(width, height, out.data_mut(), PixelType::U8x4)
                .map_err(|e| failed(e.to_string()))?;
            resizer
                .resize(&view, &mut to, &options)
                .map_err(|e| failed(e.to_string()))?;
            Ok(out)
        };
        if sampling == Sampling::Nearest {
            return scale(picture, crop, (width, height)).map(Arc::new);
        }
        // Down, then across, in two calls: in one, fast_image_resize 6.1 takes the first column's first neighbour for
        // the leftmost of all and reads beside its buffer where that column lies on the centre of a pixel.
        let reach = LOBES * (crop.width() / f64::from(width)).max(1.0) + 1.0;
        let x0 = (crop.x0 - reach).floor().max(0.0);
        let x1 = (crop.x1 + reach).ceil().min(bounds.x1);
        let columns = Rect::new(x0, crop.y0, x1, crop.y1);
        let columns = scale(picture, columns, ((x1 - x0) as u32, height))?;
        let across = Rect::new(crop.x0 - x0, 0.0, crop.x1 - x0, f64::from(height));
        let mut out = scale(&columns, across, (width, height))?;
        for px in out.data_mut().chunks_exact_mut(4) {
            // Filters with negative lobes overshoot each channel on its own; premultiplied colour never exceeds alpha.
            let a = px[3];
            px[..3].iter_mut().for_each(|c| *c = (*c).min(a));
        }
        Ok(Arc::new(out))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rounded position inside the picture"
)]
fn cut_out(picture: &Surface, at: Point, (width, height): (u32, u32)) -> Surface {
    let (x, y) = (at.x.round() as u32, at.y.round() as u32);
    let mut out = Surface::new(width, height);
    for (row, to) in (y..).zip(out.data_mut().chunks_exact_mut(width as usize * 4)) {
        to.copy_from_slice(&picture.row(row)[x as usize * 4..][..width as usize * 4]);
    }
    out
}
