//! Colours, gradients and outlines.

use crate::canvas::{Canvas, Compose, SHAPE_TOLERANCE_PX};
use crate::request::checked_size;
use crate::{Error, picture, stroke};
use kurbo::{Affine, BezPath, Point, Rect, Shape as _, Size, Vec2};
use media::{Color, Surface};
use scene::{FillRule, Join, Paint, Shape, ShapeForm, StrokeAlign};

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
        pen.fill(&over.to_path(0.1), FillRule::EvenOdd, paint, over);
    })
}

/// A shape in a box of `size` layer px, and where its surface begins, surface px from the box's corner.
///
/// As in SVG the fill ends in the middle of the stroke, so the two never share an antialiased edge and the fill's colour
/// cannot shine through at the rim. The plain stroke of a rectangle or ellipse is the ring between two outlines, as CSS
/// draws borders, with corners that stay round; all others are drawn along the outline.
pub(crate) fn shape(
    canvas: &mut Canvas,
    size: Size,
    scale: f64,
    shape: &Shape,
) -> Result<(Surface, Point), Error> {
    let plan = Plan::new(shape, size, scale);
    let (pixels, origin) = if plan.stays_inside {
        let pixels = checked_size("the surface", size.width * scale, size.height * scale)?;
        (pixels, Point::ZERO)
    } else {
        let ink = plan.ink(scale);
        (
            checked_size("the shape", ink.width(), ink.height())?,
            ink.origin(),
        )
    };
    let over = size.to_rect();
    let view = Affine::translate(-origin.to_vec2()) * Affine::scale(scale);
    let (fill, line) = (shape.fill.as_ref(), shape.stroke.as_ref());
    let line = line.zip(plan.line.as_ref());
    let surface = canvas.draw(pixels, view, |pen| match plan.align {
        StrokeAlign::Center => {
            if let Some(paint) = fill {
                pen.fill(&plan.inside, shape.fill_rule, paint, over);
            }
            if let Some((stroke, outline)) = line {
                pen.fill(outline, plan.line_rule, &stroke.paint, over);
            }
        }
        StrokeAlign::Inside => pen.layer(Some((&plan.inside, shape.fill_rule)), |pen| {
            if let Some(paint) = fill {
                let all = plan.inside.bounding_box().inflate(1.0, 1.0);
                pen.fill(&all.to_path(0.1), FillRule::NonZero, paint, over);
            }
            if let Some((stroke, outline)) = line {
                pen.fill(outline, FillRule::NonZero, &stroke.paint, over);
            }
        }),
        // What the inside covers of the line is taken away and filled: at their common edge the two add up to one.
        StrokeAlign::Outside => pen.layer(None, |pen| {
            if let Some((stroke, outline)) = line {
                pen.fill(outline, FillRule::NonZero, &stroke.paint, over);
            }
            pen.set_blend(Compose::DestOut);
            pen.fill(
                &plan.inside,
                shape.fill_rule,
                &Paint::Color(Color::BLACK),
                over,
            );
            pen.set_blend(Compose::Plus);
            if let Some(paint) = fill {
                pen.fill(&plan.inside, shape.fill_rule, paint, over);
            }
            pen.set_blend(Compose::SrcOver);
        }),
    });
    Ok((surface, origin))
}

/// What is drawn of a shape, layer px.
struct Plan {
    /// What is filled.
    inside: BezPath,
    /// What the stroke covers.
    line: Option<BezPath>,
    line_rule: FillRule,
    /// What is done with what of the line lies on the wrong side.
    align: StrokeAlign,
    /// Whether nothing leaves the box.
    stays_inside: bool,
}

impl Plan {
    fn new(shape: &Shape, size: Size, scale: f64) -> Self {
        let stroke = shape.stroke.as_ref().filter(|s| s.width_px > 0.0);
        let tolerance = SHAPE_TOLERANCE_PX / scale;
        let boxed = |inset| boxed_outline(&shape.form, size, inset);
        let Some(stroke) = stroke else {
            return Self {
                inside: boxed(0.0).unwrap_or_else(|| free_outline(&shape.form, size)),
                line: None,
                line_rule: FillRule::NonZero,
                align: StrokeAlign::Center,
                stays_inside: shape.form.natural_size().is_none(),
            };
        };
        // The outline of a box can be moved to the middle of its stroke.
        let (outer, width) = match stroke.align {
            StrokeAlign::Inside => (0.0, stroke.width_px.min(size.width.min(size.height))),
            StrokeAlign::Center => (-stroke.width_px / 2.0, stroke.width_px),
            StrokeAlign::Outside => (-stroke.width_px, stroke.width_px),
        };
        if let Some((middle, mut ring)) = boxed(outer + width / 2.0).zip(boxed(outer)) {
            let has_tips = matches!(shape.form, ShapeForm::Rect { .. });
            let plain = stroke.dash.is_none() && (stroke.join == Join::Miter || !has_tips);
            let (line, line_rule) = if plain {
                ring.extend(boxed(outer + width).unwrap_or_default());
                (ring, FillRule::EvenOdd)
            } else {
                (
                    stroke::expand(&middle, stroke, width, tolerance),
                    FillRule::NonZero,
                )
            };
            return Self {
                inside: middle,
                line: Some(line),
                line_rule,
                align: StrokeAlign::Center,
                stays_inside: stroke.align == StrokeAlign::Inside,
            };
        }
        let inside = free_outline(&shape.form, size);
        // Half of a stroke twice as wide.
        let width = match stroke.align {
            StrokeAlign::Center => stroke.width_px,
            StrokeAlign::Inside | StrokeAlign::Outside => 2.0 * stroke.width_px,
        };
        Self {
            line: Some(stroke::expand(&inside, stroke, width, tolerance)),
            line_rule: FillRule::NonZero,
            align: stroke.align,
            stays_inside: stroke.align == StrokeAlign::Inside
                && shape.form.natural_size().is_none(),
            inside,
        }
    }

    /// Whole pixels around all ink, surface px.
    fn ink(&self, scale: f64) -> Rect {
        let bounds = |path: &BezPath| path.bounding_box();
        let ink = match (&self.line, self.align) {
            (Some(line), StrokeAlign::Center | StrokeAlign::Outside) => {
                bounds(&self.inside).union(bounds(line))
            }
            _ => bounds(&self.inside),
        };
        let forgiven = ink.scale_from_origin(scale).inflate(-1e-6, -1e-6);
        Rect::new(
            forgiven.x0.floor(),
            forgiven.y0.floor(),
            forgiven.x1.ceil(),
            forgiven.y1.ceil(),
        )
    }
}

/// The outline of a form that is a box with corners, moved inwards by `inset`; empty when nothing is left, `None` for
/// other forms.
fn boxed_outline(form: &ShapeForm, size: Size, inset: f64) -> Option<BezPath> {
    let rect = size.to_rect().inset(-inset);
    let gone = rect.width() <= 0.0 || rect.height() <= 0.0;
    match form {
        ShapeForm::Rect { .. } | ShapeForm::Ellipse if gone => Some(BezPath::new()),
        ShapeForm::Rect { radii_px } => {
            // A sharp corner stays sharp outside, too.
            let moved = |r: f64| if r > 0.0 { (r - inset).max(0.0) } else { 0.0 };
            let radii = fit_radii(*radii_px, size).map(moved);
            Some(rounded(rect, radii.map(|r| Vec2::new(r, r))))
        }
        ShapeForm::Ellipse => {
            let radius = Vec2::new(rect.width() / 2.0, rect.height() / 2.0);
            Some(rounded(rect, [radius; 4]))
        }
        _ => None,
    }
}

/// The outline of a form that is no box.
fn free_outline(form: &ShapeForm, size: Size) -> BezPath {
    match form {
        ShapeForm::Polygon { points } => polygon(points.iter().map(|p| Point::new(p[0], p[1]))),
        ShapeForm::Line { from, to } => {
            let mut path = BezPath::new();
            path.move_to(Point::from((from[0], from[1])));
            path.line_to(Point::from((to[0], to[1])));
            path
        }
        ShapeForm::Star {
            points,
            inner_ratio,
        } => star(*points, *inner_ratio, size),
        ShapeForm::Path(outline) => {
            let is = outline.bounds();
            // What is flat cannot be stretched.
            let factor = |wanted: f64, is: f64| if is > 1e-9 { wanted / is } else { 1.0 };
            let stretch = Affine::scale_non_uniform(
                factor(size.width, is.width()),
                factor(size.height, is.height()),
            );
            stretch * Affine::translate(-is.origin().to_vec2()) * outline.path().clone()
        }
        ShapeForm::Rect { .. } | ShapeForm::Ellipse => BezPath::new(),
    }
}

/// The box of a path of `natural` size: one side that is given gives the other, unless the path is flat.
pub(crate) fn path_size(natural: Size, width_px: Option<f64>, height_px: Option<f64>) -> Size {
    if natural.width > 1e-9 && natural.height > 1e-9 {
        return picture::box_size(natural, width_px, height_px);
    }
    Size::new(
        width_px.unwrap_or(natural.width),
        height_px.unwrap_or(natural.height),
    )
}

fn polygon(points: impl Iterator<Item = Point>) -> BezPath {
    let mut path = BezPath::new();
    for (i, point) in points.enumerate() {
        if i == 0 {
            path.move_to(point);
        } else {
            path.line_to(point);
        }
    }
    path.close_path();
    path
}

/// One point up, stretched so that it touches all sides.
fn star(points: u32, inner_ratio: f64, size: Size) -> BezPath {
    let corner = |i: u32| {
        let radius = if i.is_multiple_of(2) {
            1.0
        } else {
            inner_ratio
        };
        let angle = std::f64::consts::PI * f64::from(i) / f64::from(points.max(1));
        let (sin, cos) = libm::sincos(angle);
        Point::new(radius * sin, -radius * cos)
    };
    let corners = || (0..2 * points).map(corner);
    let start = Rect::from_points(corner(0), corner(0));
    let is = corners().fold(start, |rect, p| rect.union_pt(p));
    let stretch = Affine::scale_non_uniform(size.width / is.width(), size.height / is.height())
        * Affine::translate(-is.origin().to_vec2());
    polygon(corners().map(|p| stretch * p))
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
