//! Names for pixels: equal keys, equal surfaces.

use crate::Request;
use crate::words::{Shown, text_of};
use media::Color;
use scene::{
    Clock, Countdown, Effect, FieldValue, Flow, Gradient, GradientForm, Paint, Shape, ShapeForm,
    Source, TextContent, TextFit, TextRun, TextStyle, Ticker,
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
    pub(crate) fn text(self, text: &str) -> Self {
        self.bytes(&(text.len() as u64).to_le_bytes())
            .bytes(text.as_bytes())
    }

    /// By bits: -0 and 0 are different keys, which costs a repaint and never shows a wrong surface.
    fn number(self, value: f64) -> Self {
        self.bytes(&value.to_bits().to_le_bytes())
    }

    pub(crate) fn tag(self, tag: u8) -> Self {
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

    /// What of a style decides where letters stand.
    fn style(self, style: &TextStyle) -> Self {
        let d = self
            .text(&style.font)
            .number(style.size_px)
            .number(style.weight)
            .bytes(&[u8::from(style.italic), u8::from(style.tabular)])
            .option(style.line_height)
            .number(style.letter_spacing_px)
            .number(style.word_spacing_px);
        let d = d.count(style.axes.len());
        let axes = style.axes.iter();
        let d = axes.fold(d, |d, (tag, value)| d.bytes(&tag.bytes()).number(*value));
        let d = d.count(style.features.len());
        let features = style.features.iter();
        features.fold(d, |d, (tag, value)| {
            d.bytes(&tag.bytes()).bytes(&value.to_le_bytes())
        })
    }

    /// What of a style does not.
    fn looks(self, style: &TextStyle) -> Self {
        let d = self
            .color(style.color)
            .paint(style.fill.as_ref())
            .paint(style.stroke.as_ref().map(|s| &s.paint))
            .option(style.stroke.as_ref().map(|s| s.width_px))
            .bytes(&[style.underline, style.strikethrough, style.skip_ink].map(u8::from));
        match &style.background {
            None => d.tag(0),
            Some(background) => {
                let [x, y] = background.padding_px;
                d.tag(1)
                    .color(background.color)
                    .number(x)
                    .number(y)
                    .number(background.corner_radius_px)
                    .tag(background.behind as u8)
            }
        }
    }

    fn content(self, content: &TextContent) -> Self {
        match content {
            TextContent::Plain(words) => self.tag(1).text(words),
            TextContent::Runs(runs) => {
                let d = self.tag(2).count(runs.len());
                runs.iter().fold(d, |d, run| {
                    let d = match &run.font {
                        Some(font) => d.text(&run.text).tag(1).text(font),
                        None => d.text(&run.text).tag(0),
                    };
                    d.option(run.size_px)
                        .option(run.weight)
                        .switch(run.italic)
                        .option(run.letter_spacing_px)
                })
            }
            // What is written is the request's content.
            TextContent::Number(_) => self.tag(3),
        }
    }

    fn run_looks(self, run: &TextRun) -> Self {
        let d = [run.color, run.background]
            .into_iter()
            .fold(self, |d, color| match color {
                Some(color) => d.tag(1).color(color),
                None => d.tag(0),
            });
        d.switch(run.underline).switch(run.strikethrough)
    }

    fn count(self, count: usize) -> Self {
        self.bytes(&(count as u64).to_le_bytes())
    }

    fn switch(self, value: Option<bool>) -> Self {
        self.tag(value.map_or(2, u8::from))
    }

    fn flow(self, flow: &Flow) -> Self {
        let d = self
            .bytes(&flow.max_lines.unwrap_or(0).to_le_bytes())
            .bytes(&[
                flow.wrap as u8,
                flow.overflow as u8,
                flow.vertical_align as u8,
            ]);
        match flow.fit {
            TextFit::None => d.tag(0),
            TextFit::Shrink => d.tag(1).number(flow.min_size_px),
            TextFit::Fill => d.tag(2).number(flow.min_size_px),
        }
    }

    /// What does not decide pixels stays out: a ticker's speed, when what moves is played, a countdown's target, whether `y_px` means the baseline.
    fn source(self, source: &Source) -> Self {
        match source {
            Source::Color(c) => self.tag(1).color(*c),
            Source::Gradient(g) => self.tag(2).gradient(g),
            Source::Shape(shape) => self.shape(shape),
            Source::Image(image) => {
                let d = self
                    .tag(5)
                    .tag(image.fit as u8)
                    .number(image.corner_radius_px)
                    .tag(image.sampling as u8);
                match image.crop_px {
                    None => d.tag(0),
                    Some(crop) => d
                        .tag(1)
                        .number(crop.x)
                        .number(crop.y)
                        .number(crop.width)
                        .number(crop.height),
                }
            }
            Source::Svg(svg) => {
                let d = self.tag(6).tag(svg.fit as u8);
                let pairs = svg.params.iter();
                pairs.fold(d, |d, (name, value)| d.text(name).text(value))
            }
            // Which picture it shows is part of the asset's digest.
            Source::Sprite(sprite) => self
                .tag(17)
                .tag(sprite.fit as u8)
                .tag(sprite.sampling as u8),
            Source::Text(text) => self
                .tag(7)
                .content(&text.text)
                .style(&text.style)
                .tag(text.align as u8)
                .flow(&text.flow),
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

    /// What of a text's pixels does not decide its extent.
    fn text_looks(self, request: &Request<'_>) -> Self {
        match request.source {
            Source::Text(text) => {
                let d = self.looks(&text.style);
                let d = match &text.text {
                    TextContent::Runs(runs) => runs.iter().fold(d, Self::run_looks),
                    TextContent::Plain(_) | TextContent::Number(_) => d,
                };
                if text.reveal.part >= 1.0 {
                    return d.tag(0);
                }
                match Shown::of(text.reveal, &text_of(text, request.content)) {
                    Shown::All => d.tag(0),
                    Shown::Bytes(end) => d.tag(1).count(end),
                    Shown::Lines(part) => d.tag(2).number(part),
                }
            }
            Source::Ticker(Ticker { style, .. })
            | Source::Countdown(Countdown { style, .. })
            | Source::Clock(Clock { style, .. }) => self.looks(style),
            Source::Color(_)
            | Source::Gradient(_)
            | Source::Shape(_)
            | Source::Image(_)
            | Source::Qr(_)
            | Source::Svg(_)
            | Source::Drawing(_)
            | Source::Sprite(_) => self,
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

/// The key of a request without effects, scale and hinting, and of words without their colours: all that its extent and
/// the places of its letters depend on.
pub(crate) fn measure_key(request: &Request<'_>) -> Key {
    let d = Digest::new()
        .source(request.source)
        .option(request.width_px)
        .option(request.height_px);
    let d = match request.content {
        Some(text) => d.tag(1).text(text),
        None => match request.source {
            Source::Text(text) if matches!(text.text, TextContent::Number(_)) => {
                d.tag(1).text(&text_of(text, None))
            }
            _ => d.tag(0),
        },
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
        .text_looks(request)
        .tag(u8::from(request.hint && is_text(request.source)));
    // What changes nothing decides no pixels.
    let acting = request.effects.iter().filter(|effect| effect.acts());
    Key(acting.fold(d, Digest::effect).finish())
}
