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
    let mut line = kurbo::Stroke::new(width)
        .with_caps(cap)
        .with_join(join)
        .with_miter_limit(stroke.miter_limit);
    let dash = stroke.dash.as_ref();
    line.dash_offset = dash.map_or(0.0, |dash| dash.offset_px);
    let lengths = dash.map_or(&[][..], |dash| &dash.lengths_px);
    along(path, &line, lengths, tolerance)
}

/// What a line along `path` covers, which is broken by dashes and gaps in turn if there are any, from its own offset on.
pub(crate) fn along(
    path: &BezPath,
    line: &kurbo::Stroke,
    lengths: &[f64],
    tolerance: f64,
) -> BezPath {
    let lengths = in_pairs(lengths);
    let options = StrokeOpts::default();
    if is_worth(path, &lengths) {
        let broken = broken(path, line.dash_offset, &lengths);
        kurbo::stroke(broken, line, &options, tolerance)
    } else {
        kurbo::stroke(path.iter(), line, &options, tolerance)
    }
}

/// The dashes of a path.
fn broken(path: &BezPath, offset: f64, lengths: &[f64]) -> Vec<PathEl> {
    let mut elements: Vec<PathEl> = kurbo::dash(path.iter(), offset, lengths).collect();
    // kurbo 0.13 closes a contour that one dash goes all round before the last curve of it: a chord and a spike. After
    // the end of a contour nothing but the start of another can come.
    for n in 1..elements.len() {
        let [last, next] = [elements[n - 1], elements[n]];
        if last == PathEl::ClosePath && !matches!(next, PathEl::MoveTo(_)) {
            elements.swap(n - 1, n);
        }
    }
    elements
}

/// Dashes and gaps in turn, as many of the one as of the other.
fn in_pairs(lengths: &[f64]) -> Vec<f64> {
    let times = 1 + lengths.len() % 2;
    let mut all = lengths.repeat(times);
    all.iter_mut().step_by(2).for_each(|v| *v = v.max(DOT_PX));
    all
}

/// Whether a path is broken by these lengths, and not too often.
fn is_worth(path: &BezPath, lengths: &[f64]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::{Circle, Ellipse, Rect, Shape};

    #[test]
    fn a_dash_that_goes_all_round_is_the_line_itself() {
        let leaf =
            BezPath::from_svg("M10,10 Q60,0 60,60 Q0,60 10,10 Z M80,80 l9,0 l0,9 Z").unwrap();
        let triangle = BezPath::from_svg("M0,0 L50,0 L0,50 Z").unwrap();
        let rect = Rect::new(5.0, 5.0, 50.0, 40.0);
        for (name, path) in [
            ("circle", Circle::new((50.0, 50.0), 30.0).to_path(0.1)),
            (
                "ellipse",
                Ellipse::new((50.0, 50.0), (40.0, 20.0), 0.3).to_path(0.1),
            ),
            ("rect", rect.to_path(0.1)),
            ("round", rect.to_rounded_rect(7.0).to_path(0.1)),
            ("leaf", leaf),
            ("triangle", triangle),
        ] {
            let line = kurbo::Stroke::new(6.0).with_join(kurbo::Join::Miter);
            let whole = along(&path, &line, &[], 0.05);
            for (offset, lengths) in [(0.0, [1000.0, 10.0]), (700.0, [1000.0, 300.0])] {
                let line = kurbo::Stroke {
                    dash_offset: offset,
                    ..line.clone()
                };
                let dashed = along(&path, &line, &lengths, 0.05);
                let off = (dashed.area() - whole.area()).abs();
                assert!(off < 1e-6, "{name} from {offset}: {off}");
                assert_eq!(
                    dashed.bounding_box(),
                    whole.bounding_box(),
                    "{name} from {offset}"
                );
            }
        }
    }
}
