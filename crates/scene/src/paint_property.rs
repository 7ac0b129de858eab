//! Fields of gradients and strokes that can move.

use crate::property::Slot;
use crate::ranges::{ANGLE, CENTER, DASH_OFFSET, GRADIENT_RADIUS, STROKE_WIDTH};
use crate::{Gradient, Paint, Source, Stroke};

/// Whose gradient it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaintOf {
    /// The source itself.
    Source,
    /// What fills a shape.
    Fill,
    /// What strokes a shape.
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
    /// `paint`: where that is one color.
    Paint,
    /// `dash.offset_px`: where there are dashes. A dash and a gap as long as the line, moved by its length, draw the line.
    DashOffset,
}

impl StrokeProperty {
    /// Where it lives; `None` where the source has no such field.
    pub(crate) const fn slot(self, source: &mut Source) -> Option<Slot<'_>> {
        let Source::Shape(shape) = source else {
            return None;
        };
        let Some(stroke) = &mut shape.stroke else {
            return None;
        };
        let Stroke {
            paint,
            width_px,
            dash,
            ..
        } = stroke;
        Some(match (self, paint, dash) {
            (Self::Width, _, _) => Slot::Number(width_px, STROKE_WIDTH),
            (Self::Paint, Paint::Color(color), _) => Slot::Color(color),
            (Self::DashOffset, _, Some(dash)) => Slot::Number(&mut dash.offset_px, DASH_OFFSET),
            _ => return None,
        })
    }
}

impl PaintOf {
    /// The gradient, where there is one.
    pub(crate) const fn gradient(self, source: &mut Source) -> Option<&mut Gradient> {
        match (self, source) {
            (Self::Source, Source::Gradient(gradient)) => Some(gradient),
            (Self::Fill, Source::Shape(shape)) => match &mut shape.fill {
                Some(Paint::Gradient(gradient)) => Some(gradient),
                _ => None,
            },
            (Self::Stroke, Source::Shape(shape)) => match &mut shape.stroke {
                Some(stroke) => match &mut stroke.paint {
                    Paint::Gradient(gradient) => Some(gradient),
                    Paint::Color(_) => None,
                },
                None => None,
            },
            _ => None,
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
