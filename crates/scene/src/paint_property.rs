//! Fields of gradients and strokes that can move.

use crate::ranges::{ANGLE, CENTER, DASH_OFFSET, GRADIENT_RADIUS, STROKE_WIDTH};
use crate::slot::Slot;
use crate::source_property::{fill, stroke};
use crate::{Gradient, Paint, Source, Stroke};

/// Whose gradient it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaintOf {
    /// The source itself.
    Source,
    /// What fills a shape, or words.
    Fill,
    /// What strokes a shape, or words.
    Stroke,
}

/// A field of a gradient that can move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GradientProperty {
    /// `angle_deg`: of a linear or conic one.
    Angle,
    /// `center`: of a radial or conic one.
    Center,
    /// `radius_px`: of a radial one that gives it.
    Radius,
}

/// A field of a stroke that can move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StrokeProperty {
    /// `width_px`
    Width,
    /// `paint`
    Paint,
    /// `dash.offset_px`: where there are dashes. A dash and a gap as long as the line, moved by its length, draw the line.
    DashOffset,
}

impl StrokeProperty {
    /// Where it lives; `None` where the source has no such field.
    pub(crate) fn slot(self, source: &mut Source) -> Option<Slot<'_>> {
        let Stroke {
            paint,
            width_px,
            dash,
            ..
        } = stroke(source)?;
        Some(match (self, dash) {
            (Self::Width, _) => Slot::Number(width_px, STROKE_WIDTH),
            (Self::Paint, _) => Slot::Paint(paint),
            (Self::DashOffset, Some(dash)) => Slot::Number(&mut dash.offset_px, DASH_OFFSET),
            (Self::DashOffset, None) => return None,
        })
    }
}

impl PaintOf {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Source, Self::Fill, Self::Stroke];

    /// Where it stands in the document.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Source => "source.gradient",
            Self::Fill => "source.fill",
            Self::Stroke => "source.stroke.paint",
        }
    }

    /// The gradient, where there is one.
    pub(crate) fn gradient(self, source: &mut Source) -> Option<&mut Gradient> {
        let paint = match (self, source) {
            (Self::Source, Source::Gradient(gradient)) => return Some(gradient),
            (Self::Source, _) => return None,
            (Self::Fill, source) => fill(source)?,
            (Self::Stroke, source) => &mut stroke(source)?.paint,
        };
        match paint {
            Paint::Gradient(gradient) => Some(gradient),
            Paint::Color(_) => None,
        }
    }
}

impl GradientProperty {
    /// Where it lives; `None` where a gradient of that form has none.
    pub(crate) fn slot(self, gradient: &mut Gradient) -> Option<Slot<'_>> {
        let form = &mut gradient.form;
        Some(match self {
            Self::Angle => Slot::Number(form.angle_mut()?, ANGLE),
            Self::Center => Slot::Pair(form.center_mut()?, CENTER),
            Self::Radius => Slot::Length(form.radius_mut()?, GRADIENT_RADIUS),
        })
    }
}
