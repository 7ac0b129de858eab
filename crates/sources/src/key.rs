//! Names for pixels: equal keys, equal surfaces.

use crate::Request;
use media::Color;
use scene::{Effect, FieldValue, Gradient, Paint, ShapeForm, Source, TextStyle};

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
        let start = self
            .number(gradient.angle_deg)
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
            Source::Shape(shape) => {
                let d = match shape.form {
                    ShapeForm::Rect { radii_px } => {
                        radii_px.iter().fold(self.tag(3), |d, &r| d.number(r))
                    }
                    ShapeForm::Ellipse => self.tag(4),
                };
                let d = d
                    .paint(shape.fill.as_ref())
                    .paint(shape.stroke.as_ref().map(|s| &s.paint));
                d.option(shape.stroke.as_ref().map(|s| s.width_px))
            }
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
            Source::Countdown(c) => self.tag(9).style(&c.style).tag(c.align as u8),
        }
    }

    fn effect(self, effect: &Effect) -> Self {
        let d = self.text(effect.kind.type_name());
        effect.kind.fields().fold(d, |d, (_, value)| match value {
            FieldValue::Number(v) => d.number(v),
            FieldValue::Color(v) => d.color(v),
            FieldValue::Radii(v) => v.iter().fold(d, |d, &r| d.number(r)),
            FieldValue::Matrix(v) => v.iter().fold(d, |d, &r| d.number(r)),
        })
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
        Source::Text(_) | Source::Ticker(_) | Source::Countdown(_)
    )
}

/// The key of a request.
pub(crate) fn key(request: &Request<'_>) -> Key {
    let d = Digest::new()
        .bytes(&measure_key(request).0.to_le_bytes())
        .number(request.scale)
        .tag(u8::from(request.hint && is_text(request.source)));
    // What changes nothing decides no pixels.
    let acting = request.effects.iter().filter(|effect| effect.acts());
    Key(acting.fold(d, Digest::effect).finish())
}
