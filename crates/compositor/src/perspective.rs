//! Projective maps of the plane.

use kurbo::{Affine, Point, Rect};

/// Areas below this, in px, are none: such a quadrilateral is a line.
const NO_AREA: f64 = 1e-6;

/// Takes px of one space to px of another, and straight lines to straight lines; parallel ones may meet.
///
/// Of a point (u, v) it makes (x / w, y / w) with x, y and w linear in u and v. Where w is not above 0 there is nothing: it lies behind
/// whoever looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Perspective([[f64; 3]; 3]);

impl Perspective {
    /// Takes the corners of `rect` to `corners`: top left, top right, bottom right, bottom left.
    ///
    /// `None` where the corners are not those of a convex quadrilateral, turned over or not, or the rectangle is empty.
    pub fn of_rect(rect: Rect, corners: [Point; 4]) -> Option<Self> {
        if !(is_convex(corners) && rect.width() > 0.0 && rect.height() > 0.0) {
            return None;
        }
        let [p0, p1, p2, p3] = corners;
        let (right, down, twist) = (p1 - p2, p3 - p2, (p0 - p1) + (p2 - p3));
        let area = right.cross(down);
        let (g, h) = (twist.cross(down) / area, right.cross(twist) / area);
        let unit = Self([
            [p1.x - p0.x + g * p1.x, p3.x - p0.x + h * p3.x, p0.x],
            [p1.y - p0.y + g * p1.y, p3.y - p0.y + h * p3.y, p0.y],
            [g, h, 1.0],
        ]);
        let (w, h) = (rect.width(), rect.height());
        let to_unit = [1.0 / w, 0.0, 0.0, 1.0 / h, -rect.x0 / w, -rect.y0 / h];
        Some(unit.after(Affine::new(to_unit)))
    }

    /// First `affine`, then this.
    #[must_use]
    pub fn after(self, affine: Affine) -> Self {
        let [a, b, c, d, e, f] = affine.as_coeffs();
        Self(
            self.0
                .map(|[u, v, one]| [u * a + v * b, u * c + v * d, u * e + v * f + one]),
        )
    }

    /// Factors of u, of v and of 1 in x, y and w.
    pub(crate) const fn rows(&self) -> [[f64; 3]; 3] {
        self.0
    }

    /// Where a point goes; `None` for what lies behind.
    pub fn apply(&self, p: Point) -> Option<Point> {
        let [x, y, w] = self.0.map(|[u, v, one]| u * p.x + v * p.y + one);
        (w > 0.0).then(|| Point::new(x / w, y / w))
    }

    /// How far what is seen moves where a point moves right and down: of x, and of y. `None` for what lies behind.
    #[inline]
    pub(crate) fn slopes(&self, p: Point) -> Option<[[f64; 2]; 2]> {
        let [x, y, w] = self.0;
        let at = |[u, v, one]: [f64; 3]| u * p.x + v * p.y + one;
        let depth = at(w);
        let near = 1.0 / depth;
        let slopes = |row: [f64; 3]| {
            let is = at(row) * near;
            [(row[0] - is * w[0]) * near, (row[1] - is * w[1]) * near]
        };
        (depth > 0.0).then(|| [slopes(x), slopes(y)])
    }

    /// A bound for the square of how far what is seen moves where a point of a rectangle moves by one px; `None` where a part of that
    /// lies behind.
    pub(crate) fn steepest(&self, area: Rect) -> Option<f64> {
        let [rx, ry, rw] = self.0;
        let corners = [
            (area.x0, area.y0),
            (area.x1, area.y0),
            (area.x0, area.y1),
            (area.x1, area.y1),
        ];
        let (mut nearest, mut largest) = (f64::INFINITY, [0.0f64; 2]);
        for p in corners {
            let [x, y, w] = self.0.map(|[u, v, one]| u * p.0 + v * p.1 + one);
            nearest = nearest.min(w);
            // Over the square of w, of which a slope is a quotient. It is linear in the other axis, so that its length is largest in
            // a corner.
            for (axis, largest) in largest.iter_mut().enumerate() {
                let slope = |row: [f64; 3], at: f64| row[axis] * w - rw[axis] * at;
                let [u, v] = [slope(rx, x), slope(ry, y)];
                *largest = largest.max(u * u + v * v);
            }
        }
        let square = nearest * nearest;
        (nearest > 0.0).then(|| (largest[0] + largest[1]) / (square * square))
    }

    /// Where the corners of a rectangle go; `None` where one of them lies behind.
    pub fn corners(&self, rect: Rect) -> Option<[Point; 4]> {
        let (top, bottom) = (rect.y0, rect.y1);
        let corners = [
            (rect.x0, top),
            (rect.x1, top),
            (rect.x1, bottom),
            (rect.x0, bottom),
        ];
        let [p0, p1, p2, p3] = corners.map(|corner| self.apply(corner.into()));
        Some([p0?, p1?, p2?, p3?])
    }

    /// The map back, of which what this maps is in front too; `None` where it is none, as of a quadrilateral next to a line.
    pub fn inverse(&self) -> Option<Self> {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.0;
        let minors = [
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ];
        let determinant = a * minors[0][0] + b * minors[1][0] + c * minors[2][0];
        let inverse = minors.map(|row| row.map(|v| v / determinant));
        let usable = inverse.as_flattened().iter().all(|v| v.is_finite());
        usable.then_some(Self(inverse))
    }

    /// Moves all that comes out, right and down.
    #[must_use]
    pub fn moved(self, dx: f64, dy: f64) -> Self {
        let [x, y, w] = self.0;
        let by = |row: [f64; 3], d: f64| std::array::from_fn(|k| row[k] + d * w[k]);
        Self([by(x, dx), by(y, dy), w])
    }
}

/// Whether four points in their order go round a convex quadrilateral, either way.
pub(crate) fn is_convex(corners: [Point; 4]) -> bool {
    let turns: [f64; 4] = std::array::from_fn(|k| {
        let [a, b, c] = [0, 1, 2].map(|next| corners[(k + next) % 4]);
        (b - a).cross(c - b)
    });
    turns.iter().all(|turn| *turn > NO_AREA && turn.is_finite())
        || turns
            .iter()
            .all(|turn| *turn < -NO_AREA && turn.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn corners_go_where_they_are_sent_and_back(
            by in [-20.0..20.0f64, -20.0..20.0, -20.0..20.0, -20.0..20.0, -20.0..20.0, -20.0..20.0, -20.0..20.0, -20.0..20.0],
            inside in (0.0..1.0, 0.0..1.0),
        ) {
            let rect = Rect::new(3.0, -2.0, 103.0, 78.0);
            let [a, b, c, d, e, f, g, h] = by;
            let corners = [(3.0 + a, b - 2.0), (103.0 + c, d - 2.0), (103.0 + e, 78.0 + f), (3.0 + g, 78.0 + h)].map(Point::from);
            let map = Perspective::of_rect(rect, corners).unwrap();
            for (is, wanted) in map.corners(rect).unwrap().into_iter().zip(corners) {
                prop_assert!(is.distance(wanted) < 1e-9);
            }
            let at = Point::new(3.0 + inside.0 * 100.0, inside.1 * 80.0 - 2.0);
            let back = map.inverse().unwrap().apply(map.apply(at).unwrap()).unwrap();
            prop_assert!(back.distance(at) < 1e-9);
        }
    }

    #[test]
    fn what_is_not_convex_is_no_perspective() {
        let rect = Rect::new(0.0, 0.0, 10.0, 10.0);
        let crossed = [(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)];
        let dented = [(0.0, 0.0), (10.0, 0.0), (2.0, 2.0), (0.0, 10.0)];
        let flat = [(0.0, 0.0), (5.0, 0.0), (10.0, 0.0), (20.0, 0.0)];
        let endless = [(0.0, 0.0), (f64::NAN, 0.0), (10.0, 10.0), (0.0, 10.0)];
        for corners in [crossed, dented, flat, endless] {
            assert_eq!(Perspective::of_rect(rect, corners.map(Point::from)), None);
        }
        let turned_over = [(10.0, 0.0), (0.0, 0.0), (0.0, 10.0), (10.0, 10.0)];
        assert!(Perspective::of_rect(rect, turned_over.map(Point::from)).is_some());
    }
}
