//! The scene document: what is on air, as data, and what of it is on screen at a time.
//!
//! Job: the types of a scene, the rules a scene must keep ([`Scene::faults`]), the properties that can move
//! ([`Property`]), and [`Resolver`], which evaluates all of it at a show time to a flat list of [`Item`]s.
//! Not its job: pixels, files, JSON, clocks. A source's size is asked for through [`Measure`].
//!
//! ```text
//! Scene --(animations at t)--> live layers --(parents, z-order, anchors)--> [Push, Layer, Layer, Pop, Layer]
//! ```
//!
//! **Invariants.** A scene whose `faults` are empty resolves at every time without panicking, to properly nested
//! pushes and pops; resolving is a function of (scene, time) alone, whatever was resolved before.
#![forbid(unsafe_code)]

mod animate;
mod document;
mod edit;
mod effect;
mod fault;
mod layer;
mod property;
pub mod ranges;
mod resolve;
mod shared;
mod slate;
mod source;
mod validate;

pub use animate::{Animation, Start, StyledKeyframe, Target};
pub use document::{Canvas, Command, Revision, Scene};
pub use edit::{Edit, ListEdit};
pub use effect::{EFFECTS, Effect, EffectField, EffectKind, EffectSpec, FieldValue, Takes};
pub use fault::{Fault, FaultKind};
pub use layer::{Id, Kind, Layer, Transform};
pub use property::{EffectProperty, Property, Range};
pub use resolve::{Extent, GroupItem, Item, LayerItem, Measure, Moment, Resolver};
pub use shared::Shared;
pub use slate::Slate;
pub use source::{
    Align, AtEnd, Countdown, CountdownFormat, CountdownTo, Fit, Gradient, Image, Paint, Shape,
    ShapeForm, Source, Stroke, Svg, Text, TextStyle, Ticker,
};
pub use validate::Limits;
