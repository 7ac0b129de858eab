//! Sides of a passage that turn like a card, seen in perspective.

use super::PinItem;
use kurbo::{Affine, Point, Size};

/// How far whoever looks is from a card, in its longer sides: `perspective` in CSS.
const DISTANCE: f64 = 2.5;

/// A side that is turned.
pub(super) struct Card {
    /// Px of its box to those that it is seen in.
    place: Affine,
    /// Px that it is drawn in to those of its box.
    to_box: Affine,
    size: Size,
    upright: bool,
    sin: f64,
    cos: f64,
}

impl Card {
    /// One whose box of `size` px `to_parent` places in a space that `space` leads from, turned by `angle_deg`.
    ///
    /// About an upright axis the right edge goes back where the angle is above 0 (CSS: `rotateY`): with d, the distance, a point
    /// that is x right of the middle and y below it is seen at (x cos, y) * d / (d + x sin). About a level axis the upper edge
    /// goes back (`rotateX`): (x, y cos) * d / (d - y sin). `None` where nothing is turned, or the box is a line.
    pub(super) fn new(
        space: Affine,
        to_parent: Affine,
        size: Size,
        upright: bool,
        angle_deg: f64,
    ) -> Option<Self> {
        if angle_deg.abs() < 1e-9 || to_parent.determinant().abs() < 1e-12 {
            return None;
        }
        let (sin, cos) = libm::sincos(angle_deg.to_radians());
        Some(Self {
            place: space * to_parent,
            to_box: to_parent.inverse(),
            size,
            upright,
            sin,
            cos,
        })
    }

    /// Where it stands.
    pub(super) fn pin(&self) -> PinItem {
        let (width, height) = (self.size.width, self.size.height);
        let corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
        PinItem {
            to_box: self.to_box,
            size: self.size,
            corners: corners.map(|corner| self.seen(corner.into()).0),
        }
    }

    /// Where a point is seen that is drawn at `point`; `None` behind whoever looks.
    pub(super) fn at(&self, point: Point) -> Option<Point> {
        let (seen, nearer) = self.seen(self.to_box * point);
        (nearer.is_finite() && nearer > 0.0).then_some(seen)
    }

    /// Where a point of the box is seen, and how much larger.
    fn seen(&self, point: Point) -> (Point, f64) {
        let (width, height) = (self.size.width, self.size.height);
        let distance = DISTANCE * width.max(height);
        let (x, y) = (point.x - width / 2.0, point.y - height / 2.0);
        let (turned, away) = if self.upright {
            ((x * self.cos, y), x * self.sin)
        } else {
            ((x, y * self.cos), -y * self.sin)
        };
        let nearer = distance / (distance + away);
        let at = Point::new(
            width / 2.0 + turned.0 * nearer,
            height / 2.0 + turned.1 * nearer,
        );
        (self.place * at, nearer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half way to its edge a card of 200 x 100 px is half as wide; the edge that goes back is as much shorter as CSS has it.
    #[test]
    fn a_card_turns_as_css_has_it() {
        let turned = |upright, angle_deg| {
            let size = Size::new(200.0, 100.0);
            let card = Card::new(
                Affine::translate((10.0, 0.0)),
                Affine::IDENTITY,
                size,
                upright,
                angle_deg,
            );
            card.map(|card| card.pin().corners)
        };
        assert_eq!(turned(true, 0.0), None);
        // transform: perspective(500px) rotateY(60deg), about the middle.
        let away = 100.0 * libm::sin(60f64.to_radians());
        let [near, far] = [500.0 / (500.0 - away), 500.0 / (500.0 + away)];
        let wanted = [
            (110.0 - 50.0 * near, 50.0 - 50.0 * near),
            (110.0 + 50.0 * far, 50.0 - 50.0 * far),
            (110.0 + 50.0 * far, 50.0 + 50.0 * far),
            (110.0 - 50.0 * near, 50.0 + 50.0 * near),
        ];
        for (is, wanted) in turned(true, 60.0).unwrap().into_iter().zip(wanted) {
            assert!(is.distance(wanted.into()) < 1e-9, "{is:?} {wanted:?}");
        }
        // Of a card about a level axis the upper edge goes back.
        let [tl, tr, br, bl] = turned(false, 60.0).unwrap();
        assert!(tr.x - tl.x < 200.0 && br.x - bl.x > 200.0);
        assert!((br.y - 50.0) > (50.0 - tr.y));
    }
}
