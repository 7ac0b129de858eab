//! Rims around letters: all that lies within some distance of their outlines.
//!
//! Each line of an outline becomes a rectangle, each corner a wedge on its outer side, all turned the same way, so that
//! filling them by the non-zero rule gives their union. kurbo's stroker would make fewer lines, but asks the platform for
//! sines where it rounds corners; here directions come of square roots alone, which all machines round alike.

use kurbo::{BezPath, PathEl, Point, Vec2};

/// How far the corners' lines may be from a circle, units of the path.
const TOLERANCE: f64 = 1.0 / 16.0;

/// What lies within `radius` of the lines of `outline`, of which each part is closed. Curves are taken for their chords.
pub(crate) fn rim(outline: &BezPath, radius: f64) -> BezPath {
    let mut out = BezPath::new();
    let mut points: Vec<Point> = Vec::new();
    for element in outline.elements() {
        match element {
            PathEl::MoveTo(to) => {
                around(&points, radius, &mut out);
                points.clear();
                points.push(*to);
            }
            PathEl::ClosePath => {}
            other => points.extend(other.end_point()),
        }
    }
    around(&points, radius, &mut out);
    out
}

fn around(points: &[Point], radius: f64, out: &mut BezPath) {
    // Lines of no length have no direction.
    let mut corners: Vec<Point> = Vec::with_capacity(points.len());
    for &point in points {
        if corners
            .last()
            .is_none_or(|last| (point - *last).hypot2() > 1e-6)
        {
            corners.push(point);
        }
    }
    while corners.len() > 1 && (corners[0] - corners[corners.len() - 1]).hypot2() <= 1e-6 {
        corners.pop();
    }
    if corners.len() < 2 {
        return;
    }
    let line = |i: usize| {
        let (from, to) = (corners[i], corners[(i + 1) % corners.len()]);
        let along = (to - from) / (to - from).hypot();
        (from, to, Vec2::new(-along.y, along.x) * radius)
    };
    for i in 0..corners.len() {
        let (from, to, across) = line(i);
        closed(
            out,
            &[from - across, to - across, to + across, from + across],
        );
        let (corner, _, next) = line((i + 1) % corners.len());
        let turn = across.cross(next);
        if turn.abs() > 1e-12 * radius * radius || across.dot(next) < 0.0 {
            // The outer side of a turn to the one hand is the other hand's; a line that goes back has both.
            let (from, to) = if turn > 0.0 {
                (-across, -next)
            } else {
                (next, across)
            };
            let mut wedge = vec![Vec2::ZERO, from];
            arc(from, to, radius, &mut wedge, 0);
            let wedge: Vec<Point> = wedge.iter().map(|v| corner + *v).collect();
            closed(out, &wedge);
        }
    }
}

/// Appends what lies on the circle behind `from`, up to and with `to`: at most half a turn.
fn arc(from: Vec2, to: Vec2, radius: f64, out: &mut Vec<Vec2>, depth: u32) {
    let middle = (from + to) / 2.0;
    let length = middle.hypot();
    if radius - length <= TOLERANCE || depth >= 8 {
        out.push(to);
        return;
    }
    let top = if length > 1e-6 * radius {
        middle * (radius / length)
    } else {
        // Half a turn, as `from` turns to the right hand on a y axis that points down.
        Vec2::new(-from.y, from.x)
    };
    arc(from, top, radius, out, depth + 1);
    arc(top, to, radius, out, depth + 1);
}

fn closed(out: &mut BezPath, points: &[Point]) {
    let Some((first, rest)) = points.split_first() else {
        return;
    };
    out.move_to(*first);
    rest.iter().for_each(|point| out.line_to(*point));
    out.close_path();
}

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::{Rect, Shape as _};

    fn areas(path: &BezPath) -> Vec<f64> {
        let mut parts: Vec<BezPath> = Vec::new();
        for element in path.elements() {
            if matches!(element, PathEl::MoveTo(_)) {
                parts.push(BezPath::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(*element);
            }
        }
        parts.iter().map(kurbo::Shape::area).collect()
    }

    /// All parts turn the same way, whichever way the outline does, so that none takes away from another.
    #[test]
    fn all_parts_turn_the_same_way() {
        let star = |clockwise: bool| {
            let mut points = [
                (0.0, -10.0),
                (2.0, -3.0),
                (9.0, -3.0),
                (4.0, 1.0),
                (6.0, 8.0),
                (0.0, 4.0),
                (-6.0, 8.0),
                (-4.0, 1.0),
                (-9.0, -3.0),
                (-2.0, -3.0),
            ];
            if clockwise {
                points.reverse();
            }
            let mut path = BezPath::new();
            path.move_to(points[0]);
            points[1..].iter().for_each(|p| path.line_to(*p));
            path.close_path();
            path
        };
        for path in [
            star(false),
            star(true),
            Rect::new(0.0, 0.0, 8.0, 2.0).to_path(0.1),
        ] {
            let areas = areas(&rim(&path, 3.0));
            assert!(areas.iter().all(|a| *a > 0.0), "{areas:?}");
        }
    }

    /// A point is in the rim if and only if it is near enough to the outline.
    #[test]
    fn a_rim_is_what_is_near() {
        let square = Rect::new(10.0, 10.0, 30.0, 30.0).to_path(0.1);
        let rim = rim(&square, 4.0);
        let distance = |x: f64, y: f64| {
            let outside = Vec2::new(
                (10.0 - x).max(x - 30.0).max(0.0),
                (10.0 - y).max(y - 30.0).max(0.0),
            );
            let inside = (x - 10.0).min(30.0 - x).min(y - 10.0).min(30.0 - y);
            if inside > 0.0 {
                inside
            } else {
                outside.hypot()
            }
        };
        for i in 0..=80 {
            for j in 0..=80 {
                let (x, y) = (f64::from(i) / 2.0 + 0.123, f64::from(j) / 2.0 + 0.077);
                let near = distance(x, y);
                if (near - 4.0).abs() > 2.0 * TOLERANCE {
                    let wound = rim.winding(Point::new(x, y)) != 0;
                    assert_eq!(wound, near < 4.0, "{x}, {y}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_direction_has_no_rim() {
        let mut dot = BezPath::new();
        dot.move_to((1.0, 1.0));
        dot.line_to((1.0, 1.0));
        dot.close_path();
        assert!(rim(&dot, 2.0).is_empty());
        assert!(rim(&BezPath::new(), 2.0).is_empty());
    }
}
