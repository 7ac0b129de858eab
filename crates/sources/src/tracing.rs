//! Paths of an HTML canvas: each point is changed by the transform of its time.

use kurbo::{Affine, BezPath, Point, Rect, Vec2};
use scene::Operation;

/// A path while it is traced, in layer px.
#[derive(Default)]
pub(crate) struct Tracing {
    path: BezPath,
    /// Where the current part began.
    start: Point,
    /// Where it is now; `None` before the first point.
    last: Option<Point>,
    /// Whether the next line begins a part at `start`.
    closed: bool,
}

impl Tracing {
    pub(crate) const fn path(&self) -> &BezPath {
        &self.path
    }

    /// Operations that trace; others change nothing.
    pub(crate) fn trace(&mut self, operation: &Operation, transform: Affine) {
        let point = |x: f64, y: f64| transform * Point::new(x, y);
        match *operation {
            Operation::BeginPath => {
                self.path.truncate(0);
                self.last = None;
                self.closed = false;
            }
            Operation::ClosePath => self.close(),
            Operation::MoveTo([x, y]) => self.move_to(point(x, y)),
            Operation::LineTo([x, y]) => self.line_to(point(x, y)),
            Operation::QuadraticCurveTo([ax, ay, x, y]) => {
                self.begin(point(ax, ay));
                self.path.quad_to(point(ax, ay), point(x, y));
                self.last = Some(point(x, y));
            }
            Operation::BezierCurveTo([ax, ay, bx, by, x, y]) => {
                self.begin(point(ax, ay));
                self.path
                    .curve_to(point(ax, ay), point(bx, by), point(x, y));
                self.last = Some(point(x, y));
            }
            Operation::Arc([x, y, radius, from, to], back) => {
                let radii = Vec2::new(radius, radius);
                self.arc((Point::new(x, y), radii, 0.0), (from, to, back), transform);
            }
            Operation::Ellipse([x, y, rx, ry, rotation, from, to], back) => {
                let form = (Point::new(x, y), Vec2::new(rx, ry), rotation);
                self.arc(form, (from, to, back), transform);
            }
            Operation::ArcTo([x1, y1, x2, y2, radius]) => {
                self.arc_to(Point::new(x1, y1), Point::new(x2, y2), radius, transform);
            }
            Operation::Rect(rect) => self.rect(rect, transform),
            Operation::RoundRect(rect, radii) => self.round_rect(rect, radii, transform),
            _ => {}
        }
    }

    fn move_to(&mut self, p: Point) {
        self.path.move_to(p);
        (self.start, self.last, self.closed) = (p, Some(p), false);
    }

    /// Makes sure that there is a part to go on with; a new one begins at `p`.
    fn begin(&mut self, p: Point) {
        if self.last.is_none() {
            self.move_to(p);
        } else if self.closed {
            self.move_to(self.start);
        }
    }

    fn line_to(&mut self, p: Point) {
        if self.last.is_none() {
            return self.move_to(p);
        }
        self.begin(p);
        self.path.line_to(p);
        self.last = Some(p);
    }

    fn close(&mut self) {
        if self.last.is_some() && !self.closed {
            self.path.close_path();
            self.closed = true;
            self.last = Some(self.start);
        }
    }

    pub(crate) fn rect(&mut self, [x, y, width, height]: [f64; 4], transform: Affine) {
        let point = |x: f64, y: f64| transform * Point::new(x, y);
        self.move_to(point(x, y));
        self.line_to(point(x + width, y));
        self.line_to(point(x + width, y + height));
        self.line_to(point(x, y + height));
        self.close();
    }

    fn round_rect(&mut self, [x, y, width, height]: [f64; 4], radii: [f64; 4], transform: Affine) {
        // A negative side mirrors the corners with it.
        let [tl, tr, br, bl] = radii;
        let radii = match (width < 0.0, height < 0.0) {
            (false, false) => radii,
            (true, false) => [tr, tl, bl, br],
            (false, true) => [bl, br, tr, tl],
            (true, true) => [br, bl, tl, tr],
        };
        let rect = Rect::new(x, y, x + width, y + height).abs();
        let path = transform * crate::shape::rounded_rect(rect, radii);
        self.path.extend(path.iter());
        let corner = transform * Point::new(x, y);
        (self.start, self.last, self.closed) = (corner, Some(corner), true);
    }

    /// A part of an ellipse, in quarters at most.
    fn arc(
        &mut self,
        (center, radii, rotation): (Point, Vec2, f64),
        (from, to, back): (f64, f64, bool),
        transform: Affine,
    ) {
        const TURN: f64 = std::f64::consts::TAU;
        let sweep = match (to - from, back) {
            (sweep, false) if sweep >= TURN => TURN,
            (sweep, true) if sweep <= -TURN => -TURN,
            (sweep, false) => sweep.rem_euclid(TURN),
            (sweep, true) => -(-sweep).rem_euclid(TURN),
        };
        let (sin, cos) = libm::sincos(rotation);
        let place = transform * Affine::new([cos, sin, -sin, cos, center.x, center.y]);
        let at = |angle: f64| {
            let (sin, cos) = libm::sincos(angle);
            let point = Point::new(radii.x * cos, radii.y * sin);
            (point, Vec2::new(-radii.x * sin, radii.y * cos))
        };
        self.line_to(place * at(from).0);
        let parts = (sweep.abs() / std::f64::consts::FRAC_PI_2).ceil().max(1.0);
        let step = sweep / parts;
        let reach = 4.0 / 3.0 * libm::tan(step / 4.0);
        let mut angle = from;
        let mut k = 0.0;
        while k < parts && sweep.abs() > 0.0 {
            k += 1.0;
            let next = from + step * k;
            let ((p0, d0), (p1, d1)) = (at(angle), at(next));
            self.path.curve_to(
                place * (p0 + d0 * reach),
                place * (p1 - d1 * reach),
                place * p1,
            );
            self.last = Some(place * p1);
            angle = next;
        }
    }

    /// An arc that touches the line from here to `a`, and the one from `a` to `b`.
    fn arc_to(&mut self, a: Point, b: Point, radius: f64, transform: Affine) {
        if transform.determinant().abs() < 1e-12 {
            return;
        }
        self.begin(transform * a);
        let Some(last) = self.last else {
            return;
        };
        let here = transform.inverse() * last;
        let (back, on) = (here - a, b - a);
        let lengths = (back.hypot2() * on.hypot2()).sqrt();
        let cross = back.cross(on);
        if radius <= 0.0 || lengths < 1e-12 || cross.abs() < 1e-9 * lengths {
            return self.line_to(transform * a);
        }
        let (back, on) = (back / back.hypot2().sqrt(), on / on.hypot2().sqrt());
        // Tangent of half the angle between the two lines.
        let (cos, sin) = (back.dot(on), back.cross(on).abs());
        let distance = radius * (1.0 + cos) / sin;
        let (from, to) = (a + back * distance, a + on * distance);
        let middle = (back + on) / (back + on).hypot2().sqrt();
        let center = a + middle * (distance * distance + radius * radius).sqrt();
        let angle = |p: Point| libm::atan2(p.y - center.y, p.x - center.x);
        let turns_back = cross > 0.0;
        let form = (center, Vec2::new(radius, radius), 0.0);
        self.arc(form, (angle(from), angle(to), turns_back), transform);
    }
}
