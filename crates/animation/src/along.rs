//! What a property is while its layer goes along a path.

use crate::value::lerp;
use crate::{Composite, MotionPath, Value};
use kurbo::Vec2;

/// A way to go, and what of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Along {
    /// The way.
    pub path: MotionPath,
    /// Where it is left and joined: shares of its length at progress 0 and 1. Beyond 0..=1 a closed path goes round again.
    pub span: [f64; 2],
    /// Added to every position, px.
    pub offset_px: [f64; 2],
    /// Which property the track is of.
    pub what: AlongWhat,
}

/// What of a way a track gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AlongWhat {
    /// The position, a pair.
    Position,
    /// The direction of travel and so many degrees more.
    Direction(f64),
    /// An angle that stays, degrees.
    Angle(f64),
}

impl Along {
    /// The value at `progress` over the one below.
    pub(crate) fn sample(&self, progress: f64, composite: Composite, below: &Value) -> Value {
        let [start, end] = self.span;
        let along = lerp(start, end, progress);
        // At a corner one is on the way that led there, but for the first, which one leaves.
        let ends_round = if end < start {
            along >= start
        } else {
            along > start
        };
        let at = || self.path.at_round(along, ends_round);
        let value = match self.what {
            AlongWhat::Position => {
                let [dx, dy] = self.offset_px;
                let Vec2 { x, y } = at().position.to_vec2() + Vec2::new(dx, dy);
                Value::Vec2([x, y])
            }
            AlongWhat::Direction(more_deg) => {
                // Backwards along the way is looking backwards.
                let turned = if end < start { 180.0 } else { 0.0 };
                Value::Number(at().angle_deg + turned + more_deg)
            }
            AlongWhat::Angle(deg) => Value::Number(deg),
        };
        match composite {
            Composite::Replace => value,
            Composite::Add | Composite::Accumulate => below.add(&value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two squares, and one; position and direction at shares of the time.
    #[test]
    fn whole_rounds_end_where_they_arrive() {
        const TWO: &str = "M0 0 H100 V100 H0 Z M200 200 h100 v100 h-100 z";
        const ONE: &str = "M0 0 H100 V100 H0 Z";
        for (d, span, progress, position, angle_deg) in [
            (TWO, [0.0, 1.0], 1.0, [200.0, 200.0], -90.0),
            (TWO, [0.0, 2.0], 1.0, [200.0, 200.0], -90.0),
            (TWO, [0.0, 2.0], 0.5, [200.0, 200.0], -90.0),
            (TWO, [0.0, 2.0], 0.0, [0.0, 0.0], 0.0),
            (TWO, [-1.0, 0.0], 0.0, [0.0, 0.0], 0.0),
            (TWO, [-1.0, 0.0], 1.0, [200.0, 200.0], -90.0),
            (TWO, [1.0, 2.0], 0.0, [0.0, 0.0], 0.0),
            (TWO, [2.0, 0.0], 0.0, [200.0, 200.0], 90.0),
            (TWO, [2.0, 0.0], 0.5, [0.0, 0.0], 180.0),
            (TWO, [2.0, 0.0], 1.0, [0.0, 0.0], 180.0),
            (ONE, [0.0, 2.0], 0.5, [0.0, 0.0], -90.0),
            (ONE, [-1.0, 1.0], 0.5, [0.0, 0.0], -90.0),
            (ONE, [0.0, 3.0], 1.0, [0.0, 0.0], -90.0),
        ] {
            let along = |what| Along {
                path: MotionPath::from_svg(d).unwrap(),
                span,
                offset_px: [0.0; 2],
                what,
            };
            let below = Value::Number(0.0);
            let sample = |what| along(what).sample(progress, Composite::Replace, &below);
            assert_eq!(
                sample(AlongWhat::Position),
                Value::Vec2(position),
                "{d} {span:?} {progress}"
            );
            assert_eq!(
                sample(AlongWhat::Direction(0.0)),
                Value::Number(angle_deg),
                "{d} {span:?} {progress}"
            );
        }
    }
}
