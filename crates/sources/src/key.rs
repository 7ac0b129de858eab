//! Names for pixels: equal keys, equal surfaces.

use crate::Request;
use media::Color;
use scene::{
    Effect, EffectKind, Gradient, GradientForm, Paint, Shape, ShapeForm, Source, TextStyle,
};

/// A digest of everything that decides a surface's pixels; the same in every process and on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(crate) u128);

/// FNV-1a, 128 bits: a few nanoseconds for a request, no table, and documented outside Rust, where the standard
/// library's hasher may change with any release. Not for secrets; a collision shows a wrong picture, no more.
#[derive(Clone)]
pub(crate) struct Digest(u128);

impl Digest {
    pub(crate) fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        for &b in bytes {
            self.0 =
                (self.0 ^ u128::from(b)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        self
    }

    /// Text with its length, so that neighbouring fields cannot run into each other.
    fn text(self, text: &str) -> Self {
        self.bytes(&(text.len() as u64).to_le_bytes())
            .bytes(text.as_bytes())
    }

    /// By bits: -0 and 0 are different keys, which costs a repaint and never shows a wrong surface.
    fn number(self, value: f64) -> Self {
        self.bytes(&value.to_bits().to_le_bytes())
    }

    fn tag(self, tag: u8) -> Self {
        self.bytes(&[tag])
    }

    fn option(self, value: Option<f64>) -> Self {
        match value {
            Some(v) => self.tag(1).number(v),
            None => self.tag(0),
        }
    }

    fn color(self, c: Color) -> Self {
        self.number(c.r).number(c.g).number(c.b).number(c.a)
    }

    fn gradient(self, gradient: &Gradient) -> Self {
        let form = match gradient.form {
            GradientForm::Linear { angle_deg } => self.tag(0).number(angle_deg),
            GradientForm::Radial {
                center: [x, y],
                radius_px,
            } => self.tag(1).number(x).number(y).option(radius_px),
            GradientForm::Conic {
                center: [x, y],
                angle_deg,
            } => self.tag(2).number(x).number(y).number(angle_deg),
        };
        let start = form
            .tag(gradient.spread as u8)
            .bytes(&(gradient.stops.len() as u64).to_le_bytes());
        gradient
            .stops
            .iter()
            .fold(start, |d, &(offset, color)| d.number(offset).color(color))
    }

    fn paint(self, paint: Option<&Paint>) -> Self {
        match paint {
            None => self.tag(0),
            Some(Paint::Color(c)) => self.tag(1).color(*c),
            Some(Paint::Gradient(g)) => self.tag(2).gradient(g),
        }
    }

    fn shape(self, shape: &Shape) -> Self {
        let pair = |d: Self, p: &[f64; 2]| d.number(p[0]).number(p[1]);
        let d = match &shape.form {
            ShapeForm::Rect { radii_px } => radii_px.iter().fold(self.tag(3), |d, &r| d.number(r)),
            ShapeForm::Ellipse => self.tag(4),
            ShapeForm::Polygon { points } => points
                .iter()
                .fold(self.tag(10).bytes(&points.len().to_le_bytes()), pair),
            ShapeForm::Line { from, to } => [from, to].into_iter().fold(self.tag(11), pair),
            ShapeForm::Star {
                points,
                inner_ratio,
            } => self
                .tag(12)
                .bytes(&points.to_le_bytes())
                .number(*inner_ratio),
            ShapeForm::Path(outline) => self.tag(13).text(outline.as_str()),
        };
        let d = d.tag(shape.fill_rule as u8).paint(shape.fill.as_ref());
        let Some(stroke) = &shape.stroke else {
            return d.tag(0);
        };
        let d = d
            .tag(1)
            .paint(Some(&stroke.paint))
            .number(stroke.width_px)
            .bytes(&[stroke.align as u8, stroke.cap as u8, stroke.join as u8])
            .number(stroke.miter_limit);
        match &stroke.dash {
            None => d.tag(0),
            Some(dash) => {
                let d = d
                    .bytes(&dash.lengths_px.len().to_le_bytes())
                    .number(dash.offset_px);
                dash.lengths_px.iter().fold(d, |d, &v| d.number(v))
            }
        }
    }

    fn style(self, style: &TextStyle) -> Self {
        self.text(&style.font)
            .number(style.size_px)
            .number(style.weight)
            .bytes(&[u8::from(style.italic), u8::from(style.tabular)])
            .color(style.color)
            .option(style.line_height)
            .number(style.letter_spacing_px)
    }

    /// What does not decide pixels stays out: a ticker's speed, a countdown's target, whether `y_px` means the baseline.
    fn source(self, source: &Source) -> Self {
        match source {
            Source::Color(c) => self.tag(1).color(*c),
            Source::Gradient(g) => self.tag(2).gradient(g),
            Source::Shape(shape) => self.shape(shape),
            Source::Image(image) => self
                .tag(5)
                .tag(image.fit as u8)
                .number(image.corner_radius_px),
            Source::Svg(svg) => self.tag(6).tag(svg.fit as u8),
            Source::Text(text) => self
                .tag(7)
                .text(&text.text)
                .style(&text.style)
                .tag(text.align as u8),
            Source::Ticker(t) => self
                .tag(8)
                .text(&t.text)
                .style(&t.style)
                .number(t.gap_px)
                .option(t.baseline_px),
            Source::Clock(c) => self.tag(14).style(&c.style).tag(c.align as u8),
            Source::Drawing(drawing) => self.tag(16).bytes(&drawing.digest().to_le_bytes()),
            Source::Qr(qr) => self
                .tag(15)
                .text(&qr.text)
                .tag(qr.error_correction as u8)
                .color(qr.color)
                .color(qr.background)
                .bytes(&qr.quiet_zone_modules.to_le_bytes()),
            Source::Countdown(c) => self.tag(9).style(&c.style).tag(c.align as u8),
        }
    }

    fn effect(self, effect: &Effect) -> Self {
        match effect.kind {
            EffectKind::DropShadow {
                dx_px,
                dy_px,
                sigma_px,
                color,
            } => self
                .tag(1)
                .number(dx_px)
                .number(dy_px)
                .number(sigma_px)
                .color(color),
        }
    }

    pub(crate) fn finish(self) -> u128 {
        self.0
    }
}

/// The key of a request without effects, scale and hinting: all that its extent depends on.
pub(crate) fn measure_key(request: &Request<'_>) -> Key {
    let d = Digest::new()
        .source(request.source)
        .option(request.width_px)
        .option(request.height_px);
    let d = match request.content {
        Some(text) => d.tag(1).text(text),
        None => d.tag(0),
    };
    let d = match request.asset {
        Some(asset) => d.tag(1).bytes(&asset.digest().to_le_bytes()),
        None => d.tag(0),
    };
    Key(d.finish())
}

/// Only letters are hinted.
const fn is_text(source: &Source) -> bool {
    matches!(
        source,
        Source::Text(_)
            | Source::Ticker(_)
            | Source::Countdown(_)
            | Source::Clock(_)
            | Source::Drawing(_)
    )
}

/// The key of a request.
pub(crate) fn key(request: &Request<'_>) -> Key {
    let d = Digest::new()
        .bytes(&measure_key(request).0.to_le_bytes())
        .number(request.scale)
        .tag(u8::from(request.hint && is_text(request.source)));
    Key(request.effects.iter().fold(d, Digest::effect).finish())
}
