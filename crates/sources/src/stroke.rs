//! Strokes as outlines of what they cover.

use kurbo::{BezPath, PathEl, Point, StrokeOpts};
use scene::{Cap, Join, Stroke};

/// More dashes than that are drawn as one line: nobody can tell, and each takes time.
const MAX_DASHES: f64 = 20_000.0;
/// A dash of no length, which round caps make a dot.
const DOT_PX: f64 = 1e-4;

/// What a stroke of `width` along `path` covers, by the non-zero rule; units of the path.
pub(crate) fn expand(path: &BezPath, stroke: &Stroke, width: f64, tolerance: f64) -> BezPath {
    let cap = match stroke.cap {
        Cap::Butt => kurbo::Cap::Butt,
        Cap::Round => kurbo::Cap::Round,
        Cap::Square => kurbo::Cap::Square,
    };
    let join = match stroke.join {
        Join::Miter => kurbo::Join::Miter,
        Join::Round => kurbo::Join::Round,
        Join::Bevel => kurbo::Join::Bevel,
    };
    let mut style = kurbo::Stroke::new(width)
        .with_caps(cap)
        .with_join(join)
        .with_miter_limit(stroke.miter_limit);
    if let Some(dash) = &stroke.dash {
        let lengths = dashes(&dash.lengths_px);
        if is_worth(path, &lengths) {
            style = style.with_dashes(dash.offset_px, lengths);
        }
    }
    kurbo::stroke(path.iter(), &style, &StrokeOpts::default(), tolerance)
}

/// Dashes and gaps in turn, as many of the one as of the other.
pub(crate) fn dashes(lengths: &[f64]) -> Vec<f64> {
    let times = 1 + lengths.len() % 2;
    let mut all = lengths.repeat(times);
    all.iter_mut().step_by(2).for_each(|v| *v = v.max(DOT_PX));
    all
}

/// Whether a path is broken by these lengths, and not too often.
pub(crate) fn is_worth(path: &BezPath, lengths: &[f64]) -> bool {
    let sum: f64 = lengths.iter().sum();
    let often = at_most(path) / sum * (lengths.len() as f64 / 2.0);
    sum > DOT_PX * lengths.len() as f64 && often <= MAX_DASHES
}

/// A bound on the length of a path.
fn at_most(path: &BezPath) -> f64 {
    let (mut sum, mut start, mut last) = (0.0, Point::ZERO, Point::ZERO);
    let far = |a: Point, b: Point| (b - a).hypot2().sqrt();
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(p) => start = p,
            PathEl::LineTo(p) => sum += far(last, p),
            PathEl::QuadTo(a, p) => sum += far(last, a) + far(a, p),
            PathEl::CurveTo(a, b, p) => sum += far(last, a) + far(a, b) + far(b, p),
            PathEl::ClosePath => sum += far(last, start),
        }
        last = element.end_point().unwrap_or(start);
    }
    sum
}
