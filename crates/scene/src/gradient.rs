//! Gradients: colors that run along a line, outwards from a point or around it.

use media::Color;

/// Colors that change over the layer's box, mixed in premultiplied non-linear sRGB.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Along what the colors run, from 0 to 1.
    pub form: GradientForm,
    /// What stands where the colors have ended.
    pub spread: Spread,
    /// Offsets 0..=1, not decreasing, at least two. While offsets move they may decrease: drawn are [`Gradient::stops_in_order`].
    pub stops: Vec<(f64, Color)>,
}

/// Along what a [`Gradient`] runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GradientForm {
    /// Along a line through the center of the box, as long as it must be for the corners to take the first and last stop's
    /// colors (CSS Images 3, with another zero angle).
    Linear {
        /// Direction in degrees, 0 to the right, clockwise.
        angle_deg: f64,
    },
    /// Outwards in circles.
    Radial {
        /// Where 0 is, in sizes of the box from its top left corner.
        center: [f64; 2],
        /// How far from there 1 is, layer px; `None` reaches the box's farthest corner.
        radius_px: Option<f64>,
    },
    /// Around a point, clockwise, 1 being a whole turn.
    Conic {
        /// The point, in sizes of the box from its top left corner.
        center: [f64; 2],
        /// Where 0 and 1 are, degrees clockwise from the right.
        angle_deg: f64,
    },
}

/// What stands before a gradient's first stop and behind its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spread {
    /// The color of the stop that is nearest.
    #[default]
    Pad,
    /// The stops again, from the first on.
    Repeat,
    /// The stops again, to and fro.
    Reflect,
}

impl Gradient {
    /// A linear gradient that ends in plain color.
    pub const fn linear(angle_deg: f64, stops: Vec<(f64, Color)>) -> Self {
        Self {
            form: GradientForm::Linear { angle_deg },
            spread: Spread::Pad,
            stops,
        }
    }
}

impl Gradient {
    /// The stops as they are drawn: one whose offset is below an earlier one's stands at the largest before it, as in SVG.
    pub fn stops_in_order(&self) -> impl ExactSizeIterator<Item = (f64, Color)> {
        let mut most = f64::NEG_INFINITY;
        self.stops.iter().map(move |&(offset, color)| {
            most = most.max(offset);
            (most, color)
        })
    }

    /// Makes that the stops that it has.
    pub(crate) fn put_in_order(&mut self) {
        let mut most = f64::NEG_INFINITY;
        for (offset, _) in &mut self.stops {
            most = most.max(*offset);
            *offset = most;
        }
    }
}

impl GradientForm {
    /// The direction or the beginning in degrees; a radial gradient has none.
    pub(crate) const fn angle_mut(&mut self) -> Option<&mut f64> {
        match self {
            Self::Linear { angle_deg } | Self::Conic { angle_deg, .. } => Some(angle_deg),
            Self::Radial { .. } => None,
        }
    }

    /// The middle in sizes of the box; a linear gradient has none.
    pub(crate) const fn center_mut(&mut self) -> Option<&mut [f64; 2]> {
        match self {
            Self::Radial { center, .. } | Self::Conic { center, .. } => Some(center),
            Self::Linear { .. } => None,
        }
    }

    /// The radius of a radial gradient, where it has one of its own.
    pub(crate) const fn radius_mut(&mut self) -> Option<&mut Option<f64>> {
        match self {
            Self::Radial { radius_px, .. } => Some(radius_px),
            Self::Linear { .. } | Self::Conic { .. } => None,
        }
    }
}
