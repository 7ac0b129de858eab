//! Movement of a layer's properties.

use crate::{Id, Moment, Property};
use animation::{Composite, Easing, Keyframe, Timing, Track, Value};
use media::ShowTime;

/// Keyframes on some properties of one target, with timing.
#[derive(Clone, Debug, PartialEq)]
pub struct Animation {
    /// Unique in the scene.
    pub id: Id,
    /// What moves.
    pub target: Target,
    /// When local time 0 is.
    pub start: Start,
    /// Delay, duration, iterations, direction, fill, easing and rate (Web Animations).
    pub timing: Timing,
    /// How the result combines with what is below on the same property.
    pub composite: Composite,
    /// In order of their offsets.
    pub keyframes: Vec<StyledKeyframe>,
}

/// What an animation moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A layer.
    Layer(Id),
    /// The canvas.
    Canvas,
}

/// When an animation's local time 0 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The frame on which the change takes effect; the engine replaces it by that frame's show time.
    Now,
    /// A show time.
    At(ShowTime),
    /// A wall-clock time in nanoseconds since 1970 UTC; the engine replaces it by a show time once.
    Wall(i64),
}

impl Start {
    /// This start as a show time, for a change that takes effect at `moment`.
    pub fn settled(self, moment: Moment) -> Self {
        match self {
            Self::Now => Self::At(moment.show),
            Self::Wall(unix_ns) => Self::At(ShowTime::from_nanos(
                unix_ns.saturating_sub(moment.epoch_unix_ns),
            )),
            settled @ Self::At(_) => settled,
        }
    }
}

/// Values of one or more properties at one offset.
#[derive(Clone, Debug, PartialEq)]
pub struct StyledKeyframe {
    /// 0..=1; where absent, the first is 0, the last 1 and gaps are spread evenly.
    pub offset: Option<f64>,
    /// Easing from this keyframe to the next.
    pub easing: Easing,
    /// Overrides the animation's composite.
    pub composite: Option<Composite>,
    /// Each property at most once.
    pub values: Vec<(Property, Value)>,
}

impl Animation {
    /// Every property that any keyframe names, once, in order of first mention.
    pub fn properties(&self) -> Vec<Property> {
        let mut all = Vec::new();
        for (property, _) in self.keyframes.iter().flat_map(|k| &k.values) {
            if !all.contains(property) {
                all.push(property.clone());
            }
        }
        all
    }

    /// The track of one property.
    ///
    /// # Errors
    /// When offsets decrease or values of several types meet on the property.
    pub(crate) fn track(&self, property: &Property) -> Result<Track, animation::Error> {
        let keyframes = self.keyframes.iter().map(|k| Keyframe {
            offset: k.offset,
            value: k
                .values
                .iter()
                .find(|(p, _)| p == property)
                .map(|(_, value)| value.clone()),
            easing: k.easing.clone(),
            composite: k.composite,
        });
        Ok(Track::new(keyframes.collect())?.with_composite(self.composite))
    }
}
