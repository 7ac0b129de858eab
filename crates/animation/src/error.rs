//! What is wrong with an animation as it was written.

use media::Figure;

/// A fault in an animation's description; sampling never fails.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A word that names no easing.
    #[error(
        "unknown easing `{text}`{}: expected linear, ease, ease-in, ease-out, ease-in-out, step-start, step-end, cubic-bezier(), steps(), linear(), spring(), or one of sine, quad, cubic, quart, quint, expo, circ, back, elastic and bounce with -in, -out, -in-out or -out-in", meant(.near.as_deref())
    )]
    UnknownEasing {
        /// As written.
        text: String,
        /// What may have been meant.
        near: Option<String>,
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
    #[error("x of a cubic-bezier control point is {}, allowed is 0 to 1", Figure(*value))]
    BezierX {
        /// The x given.
        value: f64,
    },
    /// A number of an easing that is too large to work with.
    #[error("a number of an easing is {}, allowed is -1000000 to 1000000", Figure(*value))]
    EasingRange {
        /// The number given.
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
    #[error("{field} is {}, allowed is {allowed}", Figure(*value))]
    TimingRange {
        /// Name of the field.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The allowed range, in words.
        allowed: &'static str,
    },
    /// A keyframe offset outside 0..=1.
    #[error("offset of keyframe {index} is {}, allowed is 0 to 1", Figure(*offset))]
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
    /// A number of a [`Spring`](crate::Spring) outside its range.
    #[error("{field} of a spring is {}, allowed is {allowed}", Figure(*value))]
    SpringRange {
        /// Name of the number.
        field: &'static str,
        /// Its value.
        value: f64,
        /// The allowed range, in words.
        allowed: &'static str,
    },
    /// Text that is no SVG path data.
    #[error("malformed path: {detail}")]
    PathSyntax {
        /// What the reader said.
        detail: String,
    },
    /// A number in a path that is too large to work with.
    #[error("a number of the path is {}, allowed is -1000000 to 1000000", Figure(*value))]
    PathReach {
        /// The number.
        value: f64,
    },
    /// A path that nothing can move along.
    #[error(
        "the path has {segments} segments and is {} px long, allowed is a finite length above 0 and at most 10000 segments",
        Figure(*length_px)
    )]
    PathLength {
        /// Its length.
        length_px: f64,
        /// Segments with a length.
        segments: usize,
    },
    /// A position in a timeline that cannot be read.
    #[error(
        "malformed position `{text}`: expected milliseconds, `+=n`, `-=n`, `<`, `>`, `<n`, `>n`, or a label with an optional `+=n`"
    )]
    PositionSyntax {
        /// As written.
        text: String,
    },
    /// A position at a label that its timeline does not have.
    #[error("child {index} stands at the label `{name}`, which the timeline does not have")]
    UnknownLabel {
        /// Which entry, from 0.
        index: usize,
        /// The label.
        name: String,
    },
    /// A child that would begin before its timeline, or never.
    #[error("child {index} would begin at {} ms, allowed is 0 or later", Figure(*start_ms))]
    BeforeStart {
        /// Which entry, from 0.
        index: usize,
        /// When it would begin.
        start_ms: f64,
    },
    /// No keyframe has a value.
    #[error("no keyframe has a value")]
    NoValue,
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}
