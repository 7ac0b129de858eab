//! What is known of a block by the least and the greatest luma in it: a wipe by noise asks for every block, so the bounds
//! are found once.

use super::{Edge, MARGIN, VeilClass, narrow, to_byte};
use media::LumaMap;

/// Between which levels of luma the edge of a wipe lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The level up to which all is shown; below 0 where there is none.
    all: i16,
    /// The level from which on nothing is; above 255 where there is none.
    nothing: i16,
    invert: bool,
}

impl Default for Limits {
    /// All levels lie in the edge.
    fn default() -> Self {
        Self {
            all: -1,
            nothing: 256,
            invert: false,
        }
    }
}

impl Limits {
    pub(super) fn new(edge: Edge) -> Self {
        let plain = Edge {
            invert: false,
            ..edge
        };
        let slack = f64::from(LumaMap::ROUNDED) / 255.0 + MARGIN;
        let shows = |level: i16, slack: f64| {
            let value = f64::from(level) / 255.0 + slack;
            to_byte(plain.shows(narrow(value)))
        };
        // The more luma, the less is shown.
        let mut limits = Self {
            invert: edge.invert,
            ..Self::default()
        };
        while limits.all < 255 && shows(limits.all + 1, slack) == 255 {
            limits.all += 1;
        }
        while limits.nothing > 0 && shows(limits.nothing - 1, -slack) == 0 {
            limits.nothing -= 1;
        }
        limits
    }

    /// What a wipe lets through of a block of these levels, the least and the greatest.
    pub(super) fn class(self, levels: [u8; 2]) -> VeilClass {
        let [low, high] = levels.map(i16::from);
        let (low, high) = if self.invert {
            (255 - high, 255 - low)
        } else {
            (low, high)
        };
        if high <= self.all {
            VeilClass::All
        } else if low >= self.nothing {
            VeilClass::Nothing
        } else {
            VeilClass::Part
        }
    }
}
