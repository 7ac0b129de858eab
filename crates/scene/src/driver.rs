//! What the values of an animation come from: keyframes, a way through the plane, or a formula.

use crate::ranges::POSITION;
use crate::{Expression, Property};
use animation::{Along, AlongWhat, Error, MotionPath, Track};
use media::Figure;
use std::sync::Arc;

/// What the values of an animation come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Driver {
    /// Its keyframes.
    #[default]
    Keyframes,
    /// A way that its layer goes.
    Path(Box<PathDriver>),
    /// A formula of show time.
    Expression(Box<Expression>),
}

/// A way that a layer goes: its position, and its rotation where that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct PathDriver {
    d: Arc<str>,
    path: MotionPath,
    /// What becomes of its rotation; `None` leaves it alone.
    pub rotate: Option<Rotate>,
    /// Added to the rotation along the way, degrees.
    pub rotate_offset_deg: f64,
    /// Added to every position, px.
    pub offset_px: [f64; 2],
    /// Where it begins, as a share of the length.
    pub start: f64,
    /// Where it ends; before the beginning it goes backwards.
    pub end: f64,
}

/// How a layer turns on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rotate {
    /// Into the direction of travel.
    Auto,
    /// Against it.
    AutoReverse,
    /// Not: it keeps this angle, degrees.
    Fixed(f64),
}

impl PathDriver {
    /// Longest path data, bytes.
    pub const MAX_BYTES: usize = 100_000;

    /// All of the way that SVG path data describes. Cost: some microseconds a segment, once.
    ///
    /// # Errors
    /// In words, where it is none that can be travelled, or too long.
    pub fn new(d: &str) -> Result<Self, String> {
        if d.len() > Self::MAX_BYTES {
            let (is, most) = (d.len(), Self::MAX_BYTES);
            return Err(format!("is {is} bytes long; at most {most} are allowed"));
        }
        let path = MotionPath::from_svg(d).map_err(|error| match error {
            Error::PathSyntax { detail } => format!("is no path data: {detail}"),
            Error::PathReach { value } => format!(
                "has the number {} in it; allowed is {POSITION}",
                Figure(value)
            ),
            _ => "is no path data of a way: it must have a length, and at most 10000 segments"
                .to_owned(),
        })?;
        Ok(Self {
            d: d.into(),
            path,
            rotate: None,
            rotate_offset_deg: 0.0,
            offset_px: [0.0; 2],
            start: 0.0,
            end: 1.0,
        })
    }

    /// The path data as it was given.
    pub fn as_str(&self) -> &str {
        &self.d
    }

    fn track(&self, property: &Property) -> Option<Track> {
        let what = match (property, self.rotate?) {
            (Property::Rotation, Rotate::Auto) => AlongWhat::Direction(self.rotate_offset_deg),
            (Property::Rotation, Rotate::AutoReverse) => {
                AlongWhat::Direction(180.0 + self.rotate_offset_deg)
            }
            (Property::Rotation, Rotate::Fixed(deg)) => {
                AlongWhat::Angle(deg + self.rotate_offset_deg)
            }
            _ => return None,
        };
        Some(self.along(what))
    }

    fn along(&self, what: AlongWhat) -> Track {
        Track::along(Along {
            path: self.path.clone(),
            span: [self.start, self.end],
            offset_px: self.offset_px,
            what,
        })
    }
}

impl Driver {
    /// What it moves, where that is not told by keyframes.
    pub(crate) fn properties(&self) -> Vec<Property> {
        match self {
            Self::Keyframes => Vec::new(),
            Self::Path(path) if path.rotate.is_some() => {
                vec![Property::Position, Property::Rotation]
            }
            Self::Path(_) => vec![Property::Position],
            Self::Expression(expression) => vec![expression.property.clone()],
        }
    }

    /// The track of a property that a way moves.
    pub(crate) fn track(&self, property: &Property) -> Option<Track> {
        match self {
            Self::Path(path) if *property == Property::Position => {
                Some(path.along(AlongWhat::Position))
            }
            Self::Path(path) => path.track(property),
            Self::Keyframes | Self::Expression(_) => None,
        }
    }

    /// The formula, where it is one.
    pub const fn expression(&self) -> Option<&Expression> {
        match self {
            Self::Expression(expression) => Some(expression),
            Self::Keyframes | Self::Path(_) => None,
        }
    }
}
