//! What gives a layer its pixels.

use crate::{Align, Text, TextStyle};
use media::Color;
use std::fmt::Write;
use std::sync::Arc;

/// What gives a layer its pixels. All lengths are layer px, before the layer's scale.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The layer's box filled with one colour.
    Color(Color),
    /// The layer's box filled with a gradient.
    Gradient(Gradient),
    /// A filled and stroked outline.
    Shape(Shape),
    /// A picture.
    Image(Image),
    /// Written words.
    Text(Text),
    /// One line of text running to the left for ever.
    Ticker(Ticker),
    /// Time left until a moment.
    Countdown(Countdown),
    /// A vector picture.
    Svg(Svg),
}

impl Source {
    /// The word of the document's `source.type`.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Color(_) => "color",
            Self::Gradient(_) => "gradient",
            Self::Shape(_) => "shape",
            Self::Image(_) => "image",
            Self::Text(_) => "text",
            Self::Ticker(_) => "ticker",
            Self::Countdown(_) => "countdown",
            Self::Svg(_) => "svg",
        }
    }

    /// The asset this source is made from, if any.
    pub const fn asset(&self) -> Option<&Arc<str>> {
        match self {
            Self::Image(Image { asset, .. }) | Self::Svg(Svg { asset, .. }) => Some(asset),
            Self::Color(_)
            | Self::Gradient(_)
            | Self::Shape(_)
            | Self::Text(_)
            | Self::Ticker(_)
            | Self::Countdown(_) => None,
        }
    }

    /// Whether `width_px` and `height_px` must be given because the source has no size of its own.
    pub const fn needs_size(&self) -> bool {
        matches!(self, Self::Color(_) | Self::Gradient(_) | Self::Shape(_))
    }
}

/// What fills or strokes an outline.
#[derive(Clone, Debug, PartialEq)]
pub enum Paint {
    /// One colour.
    Color(Color),
    /// A gradient over the layer's box.
    Gradient(Gradient),
}

/// A linear gradient over the whole box, in premultiplied non-linear sRGB.
///
/// The gradient line runs through the centre of the box in direction `angle_deg` (0 to the right, clockwise) and is
/// as long as it must be for the corners to take the first and last stop's colours (CSS Images 3, with another zero angle).
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Direction in degrees, 0 to the right, clockwise.
    pub angle_deg: f64,
    /// Offsets 0..=1, not decreasing, at least two.
    pub stops: Vec<(f64, Color)>,
}

/// A filled and stroked outline in the layer's box.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The outline.
    pub form: ShapeForm,
    /// What fills it; `None` leaves it empty.
    pub fill: Option<Paint>,
    /// Its stroke, inside the box: the outline is inset by half the stroke's width.
    pub stroke: Option<Stroke>,
}

/// The outline of a [`Shape`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ShapeForm {
    /// The whole box, corners rounded by these radii: top left, top right, bottom right, bottom left.
    /// Radii that do not fit are scaled down together, as CSS does.
    Rect {
        /// Corner radii in layer px.
        radii_px: [f64; 4],
    },
    /// The ellipse that touches all four sides of the box.
    Ellipse,
}

/// A line along an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Colour or gradient.
    pub paint: Paint,
    /// Width in layer px.
    pub width_px: f64,
}

/// How a picture fills its box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// As large as fits inside, centred.
    #[default]
    Contain,
    /// As small as covers the box, centred, cut to it.
    Cover,
    /// Stretched to the box.
    Fill,
    /// Natural size, centred, cut to the box.
    None,
}

/// A PNG or JPEG picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Name of the asset.
    pub asset: Arc<str>,
    /// How it fills the layer's box, where the layer has one.
    pub fit: Fit,
    /// Corners cut from the layer's box.
    pub corner_radius_px: f64,
}

/// An SVG picture; it keeps its aspect ratio inside the layer's box as `fit` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Svg {
    /// Name of the asset.
    pub asset: Arc<str>,
    /// How it fills the layer's box, where the layer has one.
    pub fit: Fit,
}

/// One line of text, repeated without a seam, moving left: at show time t the first copy stands at `-(speed * t mod length)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticker {
    /// The words, one line.
    pub text: Arc<str>,
    /// How they look.
    pub style: TextStyle,
    /// Speed in layer px per second; negative runs right.
    pub speed_px_s: f64,
    /// Space between the end of the text and its repetition, in layer px.
    pub gap_px: f64,
    /// First baseline in layer px from the top of the box; `None` centres the line.
    pub baseline_px: Option<f64>,
}

/// Time left until a moment, in whole seconds rounded up.
#[derive(Clone, Debug, PartialEq)]
pub struct Countdown {
    /// The moment it counts down to.
    pub to: CountdownTo,
    /// How the rest is written.
    pub format: CountdownFormat,
    /// What happens at zero.
    pub at_end: AtEnd,
    /// How it looks.
    pub style: TextStyle,
    /// How it stands in the box.
    pub align: Align,
    /// As [`Text::baseline`].
    pub baseline: bool,
}

/// The moment a countdown ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CountdownTo {
    /// Show time in milliseconds.
    ShowMs(f64),
    /// Wall clock, nanoseconds since 1970 UTC.
    WallNanos(i64),
}

/// How a countdown is written; the largest unit takes what is left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountdownFormat {
    /// `hh:mm:ss`
    HhMmSs,
    /// `mm:ss`
    MmSs,
    /// `m:ss`
    MSs,
    /// `ss`
    Ss,
}

/// What a countdown does at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtEnd {
    /// Shows zero.
    #[default]
    Hold,
    /// Shows nothing.
    Hide,
}

impl Countdown {
    /// Appends the words at `moment`; `false` where the countdown is over and hides.
    pub fn write_at(&self, moment: crate::Moment, words: &mut String) -> bool {
        let end = match self.to {
            CountdownTo::ShowMs(ms) => media::ShowTime::from_ms(ms).nanos(),
            CountdownTo::WallNanos(ns) => ns.saturating_sub(moment.epoch_unix_ns),
        };
        let left_ns = end.saturating_sub(moment.show.nanos());
        if left_ns <= 0 && self.at_end == AtEnd::Hide {
            return false;
        }
        let s = left_ns.max(0).saturating_add(999_999_999) / 1_000_000_000;
        self.format.write(s, words);
        true
    }
}

impl CountdownFormat {
    /// Appends `seconds` (not negative) in words.
    pub fn write(self, seconds: i64, words: &mut String) {
        let (m, s) = (seconds / 60, seconds % 60);
        let written = match self {
            Self::HhMmSs => write!(words, "{:02}:{:02}:{s:02}", m / 60, m % 60),
            Self::MmSs => write!(words, "{m:02}:{s:02}"),
            Self::MSs => write!(words, "{m}:{s:02}"),
            Self::Ss => write!(words, "{seconds:02}"),
        };
        debug_assert!(written.is_ok(), "a string takes all");
    }
}
