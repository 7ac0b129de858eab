//! Colours, gradients and outlines.

use crate::canvas::Canvas;
use kurbo::{Affine, BezPath, Point, Rect, Shape as _, Size, Vec2};
use media::Surface;
use scene::{Paint, Shape, ShapeForm};

/// A box of `size` layer px filled with `paint`.
pub(crate) fn fill(
    canvas: &mut Canvas,
    pixels: (u32, u32),
    size: Size,
    scale: f64,
    paint: &Paint,
) -> Surface {
    let over = size.to_rect();
    canvas.draw(pixels, Affine::scale(scale), |pen| {
        pen.fill(&over.to_path(0.1), paint, over);
    })
}

/// A shape in a box of `size` layer px.
///
/// As in SVG the fill ends in the middle of the stroke, so the two never share an antialiased edge and the fill's colour
/// cannot shine through at the rim. The stroke is the ring between two outlines, as CSS draws borders: exactly inside
/// the box, with corners that stay round.
pub(crate) fn shape(
    canvas: &mut Canvas,
    pixels: (u32, u32),
    size: Size,
    scale: f64,
    shape: &Shape,
) -> Surface {
    let over = size.to_rect();
    let stroke = shape.stroke.as_ref().filter(|s| s.width_px > 0.0);
    let width = stroke.map_or(0.0, |s| s.width_px.min(size.width.min(size.height)));
    canvas.draw(pixels, Affine::scale(scale), |pen| {
        if let Some(paint) = &shape.fill {
            pen.fill(&outline(shape.form, size, width / 2.0), paint, over);
        }
        if let Some(stroke) = stroke {
            let mut ring = outline(shape.form, size, 0.0);
            ring.extend(outline(shape.form, size, width));
            pen.fill(&ring, &stroke.paint, over);
        }
    })
}

/// The outline of `form` in a box of `size`, moved inwards by `inset`; empty when nothing is left.
fn outline(form: ShapeForm, size: Size, inset: f64) -> BezPath {
    let rect = size.to_rect().inset(-inset);
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return BezPath::new();
    }
    match form {
        ShapeForm::Rect { radii_px } => {
            let radii = fit_radii(radii_px, size).map(|r| (r - inset).max(0.0));
            rounded(rect, radii.map(|r| Vec2::new(r, r)))
        }
        ShapeForm::Ellipse => rounded(
            rect,
            [Vec2::new(rect.width() / 2.0, rect.height() / 2.0); 4],
        ),
    }
}

/// A rectangle with these corner radii: top left, top right, bottom right, bottom left.
pub(crate) fn rounded_rect(rect: Rect, radii_px: [f64; 4]) -> BezPath {
    rounded(
        rect,
        fit_radii(radii_px, rect.size()).map(|r| Vec2::new(r, r)),
    )
}

/// Scales radii down together until no side is shorter than the two radii on it (CSS Backgrounds 3, "corner overlap").
pub(crate) fn fit_radii(radii_px: [f64; 4], size: Size) -> [f64; 4] {
    let [tl, tr, br, bl] = radii_px.map(|r| r.max(0.0));
    let sides = [
        (size.width, tl + tr),
        (size.width, bl + br),
        (size.height, tl + bl),
        (size.height, tr + br),
    ];
    let factor = sides
        .into_iter()
        .filter(|s| s.1 > 0.0)
        .map(|(side, sum)| side / sum)
        .fold(1.0, f64::min);
    [tl, tr, br, bl].map(|r| r * factor)
}

/// Quarter ellipses as cubics, off by at most 0.03 % of the radius. Written out instead of kurbo's `RoundedRect`, which
/// asks the platform for sines.
fn rounded(r: Rect, radii: [Vec2; 4]) -> BezPath {
    /// Distance of the control point from the corner, in radii.
    const K: f64 = 1.0 - 0.552_284_749_830_793_4;
    let mut path = BezPath::new();
    let corners = [
        (
            Point::new(r.x0, r.y0),
            Vec2::new(0.0, 1.0),
            Vec2::new(1.0, 0.0),
        ),
        (
            Point::new(r.x1, r.y0),
            Vec2::new(-1.0, 0.0),
            Vec2::new(0.0, 1.0),
        ),
        (
            Point::new(r.x1, r.y1),
            Vec2::new(0.0, -1.0),
            Vec2::new(-1.0, 0.0),
        ),
        (
            Point::new(r.x0, r.y1),
            Vec2::new(1.0, 0.0),
            Vec2::new(0.0, -1.0),
        ),
    ];
    for (i, ((corner, into, out), radius)) in corners.into_iter().zip(radii).enumerate() {
        let along = |d: Vec2| Vec2::new(d.x * radius.x, d.y * radius.y);
        let (from, to) = (corner + along(into), corner + along(out));
        if i == 0 {
            path.move_to(from);
        } else {
            path.line_to(from);
        }
        if radius.x > 0.0 && radius.y > 0.0 {
            path.curve_to(corner + along(into) * K, corner + along(out) * K, to);
        }
    }
    path.close_path();
    path
}
