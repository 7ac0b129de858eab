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

mod animatable;
mod animate;
mod backdrop;
mod clock;
mod clocks;
mod constraints;
mod document;
mod drawing;
mod driver;
mod edit;
mod effect;
mod expression;
mod fault;
mod follow;
mod gradient;
mod layer;
mod marks;
mod mask;
mod mask_moves;
mod named;
mod number;
mod on_screen;
mod paint_property;
mod parts;
mod passage;
mod picture;
mod placing;
mod plan;
mod property;
mod property_table;
mod qr;
pub mod ranges;
mod resolve;
mod rest;
mod retarget;
mod rings;
mod room;
mod run_property;
mod safe_area;
mod shape;
mod shared;
mod slate;
mod slot;
mod source;
mod source_property;
mod specimen;
mod stack;
mod taken;
mod template;
mod text;
mod timeline;
mod transition;
mod validate;
mod validate_pictures;
mod validate_shape;
mod validate_timeline;
mod way_back;
mod wipe;
mod words;

pub use animatable::{Animatable, animatable, animatable_of};
pub use animate::{Animation, Conflict, Start, StyledKeyframe, Target, Verb, WhenOver};
pub use backdrop::{BackdropItem, MAX_BACKDROPS};
pub use clock::{Clock, ClockFormat, Zone};

pub use constraints::{Constraint, Constraints, Design};
pub use document::{Canvas, Command, Revision, Scene};
pub use drawing::{
    CanvasFont, Drawing, DrawnImage, Ink, InkForm, InkGradient, InkPattern, Operation, Smoothing,
    TextAlign, TextBaseline, TextDirection, Words,
};
pub use driver::{Driver, PathDriver, Rotate};
pub use edit::{Edit, ListEdit};
pub use effect::{EFFECTS, Effect, EffectField, EffectKind, EffectSpec, FieldValue, Takes};
pub use expression::{Expression, Formula, LookAt};
pub use fault::{Fault, FaultKind};
pub use gradient::{Gradient, GradientForm, Spread};
pub use layer::{Id, Kind, Layer, Transform};
pub use marks::Mark;
pub use mask::{Mask, MaskMode};
pub use number::{Groups, NumberFormat, NumberText, Sign};
pub use paint_property::{GradientProperty, PaintOf, StrokeProperty};
pub use parts::{Corners, Lengths, Points};
pub use passage::{Left, Passage, Way};
pub use picture::{Cells, Cutout, Fit, Image, Repeat, Run, Sampling, Sprite, Svg};
pub use placing::{CornerPin, Crop};
pub use plan::{Group, OnTimeout, Patience, Plan, ResumePolicy, Until};
pub use property::{Corner, EffectProperty, Property, Range};
pub use qr::{ErrorCorrection, Qr};
pub use resolve::{
    Extent, GroupItem, Item, LayerItem, MatteItem, Measure, Moment, PinItem, Resolver, SafeBox,
    VeilItem, WipeShape,
};
pub use retarget::{Course, GlideRequest, Retarget};
pub use run_property::RunProperty;
pub use safe_area::{ACTION_SAFE, SafeArea, TITLE_SAFE, part as safe_part};
pub use shape::{Cap, Dash, FillRule, Join, Outline, Shape, ShapeForm, Stroke, StrokeAlign};
pub use shared::Shared;
pub use slate::Slate;
pub use slot::ValueType;
pub use source::{AtEnd, Countdown, CountdownFormat, CountdownTo, Counts, Paint, Source, Ticker};
pub use source_property::SourceProperty;
pub use taken::{LetGo, Taken};
pub use template::Template;
pub use text::{
    Align, Behind, Flow, Overflow, Reveal, RevealBy, Tag, Text, TextBackground, TextContent,
    TextFit, TextRun, TextStyle, VerticalAlign, Wrap,
};
pub use timeline::{Clocked, Leaf, Nested, Targets, Timeline, TimelineEntry, TimelinePart};
pub use transition::{Transition, TransitionKind};
pub use validate::{Limits, names_a_marker};
pub use wipe::{Wipe, WipeForm};
pub use words::Worded;
