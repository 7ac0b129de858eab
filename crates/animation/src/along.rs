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
        let at = || self.path.at(lerp(start, end, progress));
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
