//! What is wrong with an animation as it was written.

/// A fault in an animation's description; sampling never fails.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word that names no easing.
    #[error("unknown easing `{text}`")]
    UnknownEasing {
        /// As written.
        text: String,
    },
    /// A known easing function with arguments of the wrong number or form.
    #[error("malformed easing `{text}`: expected {expected}")]
    EasingSyntax {
        /// As written.
        text: String,
        /// The accepted form.
        expected: &'static str,
    },
    /// A control point of a cubic Bézier whose x lies outside 0..=1, which would let time run backwards.
    #[error("x of a cubic-bezier control point is {value}, allowed is 0 to 1")]
    BezierX {
        /// The x given.
        value: f64,
    },
    /// Too few steps.
    #[error("steps() has {count} steps, allowed is {min} or more")]
    StepCount {
        /// Steps given.
        count: u32,
        /// 1, or 2 with `jump-none`.
        min: u32,
    },
    /// Too few stops.
    #[error("linear() has {count} stops, allowed is 2 or more")]
    LinearStopCount {
        /// Stops given.
        count: usize,
    },
    /// A name that is no interpolation space.
    #[error(
        "unknown color space `{text}`: expected srgb, srgb-linear, oklab, or oklch with an optional `shorter|longer|increasing|decreasing hue`"
    )]
    UnknownColorSpace {
        /// As written.
        text: String,
    },
    /// A field of [`Timing`](crate::Timing) outside its range.
    #[error("{field} is {value}, allowed is {allowed}")]
    TimingRange {
        /// Name of the field.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The allowed range, in words.
        allowed: &'static str,
    },
    /// A keyframe offset outside 0..=1.
    #[error("offset of keyframe {index} is {offset}, allowed is 0 to 1")]
    OffsetRange {
        /// Which keyframe, from 0.
        index: usize,
        /// Its offset.
        offset: f64,
    },
    /// A keyframe offset below an earlier one.
    #[error("offset of keyframe {index} is {offset}, below the {previous} before it")]
    OffsetOrder {
        /// Which keyframe, from 0.
        index: usize,
        /// Its offset.
        offset: f64,
        /// The greatest offset before it.
        previous: f64,
    },
    /// Keyframes of one property with values of different types.
    #[error("keyframe {index} holds a {found} where earlier ones hold a {expected}")]
    MixedTypes {
        /// Which keyframe, from 0.
        index: usize,
        /// Type of the first value.
        expected: &'static str,
        /// Type of this one.
        found: &'static str,
    },
    /// No keyframe has a value.
    #[error("no keyframe has a value")]
    NoValue,
}
