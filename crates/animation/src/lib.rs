//! Timing, easing, interpolation and keyframes: the value of a property at a time.
//!
//! Job: answer `sample(t) -> value` by the rules of Web Animations Level 1, CSS Easing 2 and CSS Color 4, for values of any property.
//! Not its job: what is animated. It knows no layers, no property names, no document and no clock; time is a parameter.
//!
//! ```text
//!  show time --Playback--> local time --Timing--> progress --Track--> value --sample_stack--> effect value
//!   (i64 ns)   start, rate,    (ms)    delay, fill,  (0..=1, or  keyframes,         base value and every
//!              pause, seek             iterations,    none)      easing, add        animation above it
//!                                      easing
//! ```
//!
//! ```
//! use animation::{Fill, Keyframe, Playback, Timing, Track, Value};
//! use media::ShowTime;
//!
//! let timing = Timing { duration_ms: 1000.0, fill: Fill::Both, easing: "ease-out".parse()?, ..Timing::default() };
//! let slide = Track::new(vec![Keyframe::new(Value::Number(-400.0)), Keyframe::new(Value::Number(960.0))])?;
//! let playback = Playback::start(ShowTime::from_ms(5000.0), &timing);
//!
//! let x_at = |ms| {
//!     let progress = playback.sample(&timing, ShowTime::from_ms(ms)).progress;
//!     animation::sample_stack(Value::Number(0.0), [(progress, &slide)])
//! };
//! assert_eq!(x_at(5000.0), Value::Number(-400.0));
//! assert_eq!(x_at(9000.0), Value::Number(960.0));
//! # Ok::<(), animation::Error>(())
//! ```
//!
//! **Invariant:** sampling is a pure function of its arguments: nothing is remembered between two calls, so any order of times gives the same values.
//!
//! **Invariant:** sampling allocates nothing but for transform lists and wholes between two keyframes; a text value is
//! shared, not copied.
//!
//! **Invariant:** at the end of an iteration or of the active interval the value is exactly the last keyframe's, not a rounding of it.
#![forbid(unsafe_code)]

mod along;
mod color;
mod easing;
mod error;
mod noise;
mod path;
mod playback;
mod spring;
mod stagger;
mod start;
mod timeline;
mod timing;
mod track;
mod transform;
pub mod transition;
mod value;
mod whole;

pub use along::{Along, AlongWhat};
pub use color::{ColorSpace, Hue};
pub use easing::{
    CubicBezier, Curve, Easing, Jump, LinearPoints, LinearStop, Side, SpringEasing, Steps,
};
pub use error::Error;
pub use noise::{noise, octaves, wander, wiggle};
pub use path::{MotionPath, SpatialCurve, Waypoint, read_path};
pub use playback::Playback;
pub use spring::{Hermite, Motion, Spring};
pub use stagger::{Origin, Spread, Stagger};
pub use start::{BeatGrid, LatePolicy};
pub use timeline::{Anchor, Entry, Layout, Offset, Position, lay_out, lay_out_all, length_ms};
pub use timing::{Direction, Fill, GroupTime, Phase, Timing, TimingSample};
pub use track::{Composite, Keyframe, Tangents, Track, sample_stack};
pub use transform::{TransformFunction, interpolate_transforms, transform_of};
pub use value::Value;
pub use whole::{Parts, Whole};
