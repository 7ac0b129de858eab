//! Ways through the plane, by the length gone.

use crate::Error;
use kurbo::{BezPath, CubicBez, ParamCurve, ParamCurveArclen, PathEl, PathSeg, Point, Vec2};
use std::sync::Arc;

/// How exactly lengths are known, px.
const ACCURACY_PX: f64 = 1e-3;

/// How far from its origin a path may lead, px.
const FARTHEST_PX: f64 = 1e6;

/// Segments that a path may have.
const MAX_SEGMENTS: usize = 10_000;

/// A way to move along, measured once by its length. Cloning shares it.
///
/// Progress is a share of the whole length, so the speed is constant whatever the curves' parameters do. The parts of a
/// path of several parts follow each other as if they touched.
#[derive(Clone, Debug)]
pub struct MotionPath {
    path: Arc<BezPath>,
    segments: Arc<[Segment]>,
    length_px: f64,
    closed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    curve: PathSeg,
    /// Length of all before it.
    start_px: f64,
    length_px: f64,
}

/// A place on a path, and the direction of travel there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waypoint {
    /// In the path's px.
    pub position: Point,
    /// Direction of travel, degrees clockwise from the right, -180..=180.
    pub angle_deg: f64,
}

impl PartialEq for MotionPath {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl MotionPath {
    /// The way that SVG path data describes: `M0 0 C 0 200 400 -200 400 0`.
    ///
    /// # Errors
    /// Those of [`read_path`] and of [`MotionPath::new`].
    pub fn from_svg(data: &str) -> Result<Self, Error> {
        Self::new(read_path(data)?)
    }

    /// The way along `path`. Cost: some microseconds a segment.
    ///
    /// # Errors
    /// [`Error::PathReach`] for a coordinate beyond a million px, and [`Error::PathLength`] when it has no length, or more than
    /// ten thousand segments.
    pub fn new(path: BezPath) -> Result<Self, Error> {
        // What is farther away cannot be measured to a thousandth of a px, and whoever tries does not come to an end.
        let coordinates = path.elements().iter().flat_map(points_of);
        check_reach(coordinates.flatten().flat_map(|p| [p.x, p.y]))?;
        let mut segments = Vec::new();
        let mut length_px = 0.0;
        for curve in path.segments().take(MAX_SEGMENTS + 1) {
            let segment = Segment {
                curve,
                start_px: length_px,
                length_px: curve.arclen(ACCURACY_PX),
            };
            // What has no length cannot be travelled.
            if segment.length_px > 0.0 || !segment.length_px.is_finite() {
                length_px += segment.length_px;
                segments.push(segment);
            }
        }
        if !(length_px > 0.0 && length_px.is_finite()) || segments.len() > MAX_SEGMENTS {
            return Err(Error::PathLength {
                length_px,
                segments: segments.len(),
            });
        }
        let ends = |close: &PathEl| matches!(close, PathEl::ClosePath);
        let closed = path.elements().last().is_some_and(ends);
        Ok(Self {
            path: Arc::new(path),
            segments: segments.into(),
            length_px,
            closed,
        })
    }

    /// The path itself.
    pub fn path(&self) -> &BezPath {
        &self.path
    }

    /// Length of all of it, px.
    pub const fn length_px(&self) -> f64 {
        self.length_px
    }

    /// Where one is after `progress` of the whole length. Beyond 0..=1 a closed path goes round again, an open one is held
    /// at its end. At a corner the direction is the one one comes from.
    pub fn at(&self, progress: f64) -> Waypoint {
        self.at_round(progress, progress > 0.0)
    }

    /// As [`at`](Self::at), where after whole rounds of a closed path one is at the end of the last one, or at the beginning of
    /// the next: the same place of an outline, but not the same direction, nor the same place where there are several parts.
    pub(crate) fn at_round(&self, progress: f64, ends: bool) -> Waypoint {
        let progress = if self.closed {
            let round = progress.rem_euclid(1.0);
            if round == 0.0 && ends { 1.0 } else { round }
        } else {
            progress.clamp(0.0, 1.0)
        };
        let distance = progress * self.length_px;
        // The last segment that begins before the distance: at a corner, the one that ends there.
        let reached = self.segments.partition_point(|s| s.start_px < distance);
        let segment = &self.segments[reached.saturating_sub(1)];
        let along = (distance - segment.start_px).clamp(0.0, segment.length_px);
        let t = parameter(&segment.curve, along, segment.length_px, ACCURACY_PX);
        let way = direction(&segment.curve, t);
        Waypoint {
            position: segment.curve.eval(t),
            angle_deg: libm::atan2(way.y, way.x).to_degrees(),
        }
    }
}

/// The path that SVG path data describes. Cost: some microseconds a segment.
///
/// # Errors
/// [`Error::PathSyntax`] for text that is no path data, and [`Error::PathReach`] for a number beyond a million to either side:
/// an arc of a radius beyond all reason would be taken apart into more curves than there is room for.
pub fn read_path(data: &str) -> Result<BezPath, Error> {
    check_reach(numbers_of(data))?;
    BezPath::from_svg(data).map_err(|error| Error::PathSyntax {
        detail: error.to_string(),
    })
}

fn check_reach(mut numbers: impl Iterator<Item = f64>) -> Result<(), Error> {
    match numbers.find(|v| !(-FARTHEST_PX..=FARTHEST_PX).contains(v)) {
        Some(value) => Err(Error::PathReach { value }),
        None => Ok(()),
    }
}

/// The numbers in path data, in order; a sign or a second point begins the next.
fn numbers_of(data: &str) -> impl Iterator<Item = f64> {
    let bytes = data.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let digits = |from: usize| {
            let digits = bytes[from..].iter().take_while(|b| b.is_ascii_digit());
            from + digits.count()
        };
        while !(*bytes.get(at)?).is_ascii_digit() && bytes[at] != b'.' {
            at += 1;
        }
        let begins = at;
        at = digits(at);
        if bytes.get(at) == Some(&b'.') {
            at = digits(at + 1);
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let signed = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            at = digits(at + 1 + signed);
        }
        // What is none is a fault for whoever reads the path.
        Some(data[begins..at].parse().unwrap_or(0.0))
    })
}

fn points_of(element: &PathEl) -> [Option<Point>; 3] {
    match *element {
        PathEl::MoveTo(a) | PathEl::LineTo(a) => [Some(a), None, None],
        PathEl::QuadTo(a, b) => [Some(a), Some(b), None],
        PathEl::CurveTo(a, b, c) => [Some(a), Some(b), Some(c)],
        PathEl::ClosePath => [None; 3],
    }
}

/// The curve's parameter after `along_px` of it.
fn parameter(curve: &PathSeg, along_px: f64, length_px: f64, accuracy_px: f64) -> f64 {
    if along_px >= length_px {
        return 1.0;
    }
    match curve {
        PathSeg::Line(_) => along_px / length_px,
        PathSeg::Quad(_) | PathSeg::Cubic(_) => curve.inv_arclen(along_px, accuracy_px),
    }
}

/// The direction of travel; where the curve stops for a moment, that of a little before (at the beginning, after) it.
fn direction(curve: &PathSeg, t: f64) -> Vec2 {
    const NEAR: f64 = 1e-4;
    let slope = match curve {
        PathSeg::Line(line) => line.p1 - line.p0,
        PathSeg::Quad(q) => (q.p1 - q.p0) * (1.0 - t) + (q.p2 - q.p1) * t,
        PathSeg::Cubic(c) => {
            let s = 1.0 - t;
            (c.p1 - c.p0) * (s * s) + (c.p2 - c.p1) * (2.0 * s * t) + (c.p3 - c.p2) * (t * t)
        }
    };
    if slope.hypot() > 1e-9 {
        return slope;
    }
    let (from, to) = if t < NEAR {
        (t, t + NEAR)
    } else {
        (t - NEAR, t)
    };
    curve.eval(to) - curve.eval(from)
}

/// The way from one position to the next whose keyframes have tangents, as After Effects and Lottie have them: a cubic
/// Bézier from `from` over `from + leaving` and `to + arriving` to `to`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpatialCurve {
    curve: CubicBez,
    length_px: f64,
    accuracy_px: f64,
}

impl SpatialCurve {
    /// Measures the way; all px, tangents relative to their own end.
    pub fn new(from: Point, leaving: Vec2, arriving: Vec2, to: Point) -> Self {
        let curve = CubicBez::new(from, from + leaving, to + arriving, to);
        // As exactly as its coordinates are known: those of keyframes may lie beyond all that is seen.
        let size_px = [curve.p0, curve.p1, curve.p2, curve.p3]
            .iter()
            .fold(0.0, |size: f64, p| size.max(p.x.abs()).max(p.y.abs()));
        let accuracy_px = ACCURACY_PX.max(size_px * 1e-9);
        Self {
            curve,
            length_px: curve.arclen(accuracy_px),
            accuracy_px,
        }
    }

    /// The position after `eased` of the length. Beyond 0..=1 it goes on straight, so that an easing may overshoot.
    pub fn at(&self, eased: f64) -> Point {
        let segment = PathSeg::Cubic(self.curve);
        let beyond = if eased > 1.0 {
            Some((1.0, eased - 1.0))
        } else if eased < 0.0 {
            Some((0.0, eased))
        } else {
            None
        };
        if let Some((t, beyond)) = beyond {
            let way = direction(&segment, t);
            let length = way.hypot();
            let unit = if length > 0.0 { way / length } else { way };
            return self.curve.eval(t) + unit * (beyond * self.length_px);
        }
        let along_px = eased * self.length_px;
        let t = parameter(&segment, along_px, self.length_px, self.accuracy_px);
        self.curve.eval(t)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "corners are exact")]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_constant() {
        let path = MotionPath::from_svg("M0 0 C 0 900 10 0 400 0 Q 500 0 500 300 L 20 20").unwrap();
        let steps = 1000;
        let mut walked = 0.0;
        for k in 0..steps {
            let [a, b] = [k, k + 1].map(|k| path.at(f64::from(k) / f64::from(steps)).position);
            let step = (b - a).hypot();
            assert!(
                step <= path.length_px() / f64::from(steps) + 10.0 * ACCURACY_PX,
                "{k}: {step}"
            );
            walked += step;
        }
        assert!((walked / path.length_px() - 1.0).abs() < 1e-3, "{walked}");
    }

    #[test]
    fn parts_follow_each_other_and_closed_paths_go_round() {
        let parts = MotionPath::from_svg("M0 0 H100 M500 500 H600").unwrap();
        assert_eq!(parts.at(0.25).position, Point::new(50.0, 0.0));
        assert_eq!(parts.at(0.75).position, Point::new(550.0, 500.0));
        assert_eq!(parts.at(2.0).position, Point::new(600.0, 500.0));
        let square = MotionPath::from_svg("M0 0 H100 V100 H0 Z").unwrap();
        assert_eq!(square.at(1.25).position, square.at(0.25).position);
        assert_eq!(square.at(-0.25).position, square.at(0.75).position);
        // What comes round ends where it comes from, and as it comes from there.
        let parts = MotionPath::from_svg("M0 0 H100 V100 H0 Z M200 200 h100 v100 h-100 z").unwrap();
        for rounds in [1.0, 2.0, 7.0] {
            assert_eq!(parts.at(rounds), parts.at(1.0), "{rounds}");
        }
        assert_eq!(parts.at(-1.0), parts.at(0.0));
        assert_eq!(square.at(2.0).angle_deg, -90.0);
    }

    #[test]
    fn a_curve_that_stands_still_at_its_ends_has_a_direction() {
        let path = MotionPath::from_svg("M0 0 C 0 0 100 0 100 0").unwrap();
        for progress in [0.0, 0.5, 1.0] {
            assert!(path.at(progress).angle_deg.abs() < 1e-6, "{progress}");
        }
    }

    #[test]
    fn hostile_paths_are_refused() {
        for data in [
            "",
            "M0 0",
            "M0 0 L0 0",
            "nonsense",
            "M0 0 L1e400 0",
            "M 0 0 L NaN 3",
        ] {
            assert!(MotionPath::from_svg(data).is_err(), "{data}");
        }
        let long = format!("M0 0 {}", "L1 1 L0 0 ".repeat(6000));
        assert!(MotionPath::from_svg(&long).is_err());
        let many = format!("M0 0 {}", "C 1e300 -1e300 -1e300 1e300 1e9 1 ".repeat(100));
        for (data, value) in [
            ("M0 0 C 1e15 -1e15 -1e15 1e15 1e9 1", 1e15),
            (&many, 1e300),
            ("M0 0 A 1e60 1e60 0 1 1 10 10", 1e60),
            ("M0 0 l.5.5-1e7-3", 1e7),
            ("M0 0 l9e5 0 9e5 0", 1.8e6),
        ] {
            assert_eq!(MotionPath::from_svg(data), Err(Error::PathReach { value }));
        }
        assert!(MotionPath::from_svg("m1-2.5.5e1 3E+2a1 1 0 0110 10").is_ok());
    }

    /// The wildest way that is allowed, and the wildest bends, are measured and travelled all the same.
    #[test]
    fn what_is_far_is_found() {
        let wild = "C 1e6 -1e6 -1e6 1e6 1e6 1 C 0 0 1e6 1e6 1e6 1 ".repeat(50);
        let path = MotionPath::from_svg(&format!("M0 0 {wild}")).unwrap();
        let far = SpatialCurve::new(
            Point::new(-1e15, 1e15),
            Vec2::new(1e6, 1e6),
            Vec2::new(-1e6, 1e6),
            Point::new(1e15, 3.0),
        );
        for k in 0..=100 {
            let p = f64::from(k) / 100.0;
            assert!(path.at(p).position.is_finite() && far.at(p).is_finite());
        }
    }

    #[test]
    fn a_spatial_curve_overshoots_straight_on() {
        let way = SpatialCurve::new(
            Point::ORIGIN,
            Vec2::new(50.0, 0.0),
            Vec2::new(0.0, -50.0),
            Point::new(100.0, 100.0),
        );
        let beyond = way.at(1.1);
        assert!(
            (beyond.x - 100.0).abs() < 1e-9 && beyond.y > 100.0,
            "{beyond:?}"
        );
        let before = way.at(-0.1);
        assert!(before.x < 0.0 && before.y.abs() < 1e-9, "{before:?}");
    }
}
