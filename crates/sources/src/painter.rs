//! Requests to rasters.

use crate::asset::{Asset, Content};
use crate::canvas::Canvas;
use crate::glyphs::Glyphs;
use crate::key::measure_key;
use crate::layout::{Laid, Lines, Typesetter};
use crate::request::checked_size;
use crate::{Error, Fonts, Key, Raster, Request, Sheet, picture, shape, vector};
use fast_image_resize::Resizer;
use kurbo::{Affine, Point, Rect, Size};
use media::Surface;
use scene::{
    Align, Countdown, Effect, Extent, Fit, Image, Paint, Source, Svg, Text, TextStyle, Ticker,
};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Paints sources. Owns the scratch memory for that, so keep one; it is not shared between threads, but may move.
#[derive(Debug)]
pub struct Painter {
    typesetter: Typesetter,
    glyphs: Glyphs,
    canvas: Canvas,
    resizer: Resizer,
    /// Sizes of texts measured before: an engine asks for every text on every frame.
    extents: HashMap<Key, Extent>,
}

/// Extents remembered before starting anew; a text that changes every frame fills this in half a minute.
const MAX_EXTENTS: usize = 1024;

impl Painter {
    /// A painter that writes with `fonts`.
    pub fn new(fonts: Fonts) -> Self {
        Self {
            typesetter: Typesetter::new(fonts),
            glyphs: Glyphs::default(),
            canvas: Canvas::new(),
            resizer: Resizer::new(),
            extents: HashMap::new(),
        }
    }

    /// The layer's box and first baseline, in layer px, as [`Painter::paint`] would have them; scale and effects do not
    /// matter. Text is laid out once and then remembered.
    ///
    /// # Errors
    /// When a size or an asset is missing, or there is no font.
    pub fn measure(&mut self, request: &Request<'_>) -> Result<Extent, Error> {
        check_numbers(request)?;
        let Some(words) = words(request) else {
            return Ok(Extent {
                size: box_size(request)?,
                baseline_px: None,
            });
        };
        let key = measure_key(request);
        if let Some(extent) = self.extents.get(&key) {
            return Ok(*extent);
        }
        let extent = self.set(&words, request)?.extent;
        if self.extents.len() >= MAX_EXTENTS {
            self.extents.clear();
        }
        self.extents.insert(key, extent);
        Ok(extent)
    }

    /// Paints a source with its effects.
    ///
    /// # Errors
    /// As [`Painter::measure`]; also when the surface would be above 64 Mpx or 65535 pixels a side, which is found out
    /// before it is allocated.
    pub fn paint(&mut self, request: &Request<'_>) -> Result<Raster, Error> {
        check_numbers(request)?;
        let scale = request.scale;
        let mut raster = match words(request) {
            Some(words) => self.paint_words(&words, request)?,
            None => self.paint_box(request)?,
        };
        if request.effects.iter().any(Effect::acts) {
            let origin = (raster.origin_px.to_vec2() * scale).round();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a surface of 65535 px at most begins near its box, or is held to the end of i32"
            )]
            let sheet = Sheet {
                surface: raster.surface,
                left: origin.x as i32,
                top: origin.y as i32,
                size: raster.size,
                scale,
            };
            let sheet = sheet.with_effects(request.effects)?;
            raster.surface = sheet.surface;
            raster.origin_px =
                Point::new(f64::from(sheet.left) / scale, f64::from(sheet.top) / scale);
        }
        Ok(raster)
    }

    /// Sources that fill their box.
    fn paint_box(&mut self, request: &Request<'_>) -> Result<Raster, Error> {
        let (size, scale) = (box_size(request)?, request.scale);
        let mut filled = |paint: &Paint| {
            let pixels = checked_size("the surface", size.width * scale, size.height * scale)?;
            Ok((
                Arc::new(shape::fill(&mut self.canvas, pixels, size, scale, paint)),
                Point::ZERO,
            ))
        };
        let (surface, at) = match request.source {
            Source::Color(color) => filled(&Paint::Color(*color))?,
            Source::Gradient(gradient) => filled(&Paint::Gradient(gradient.clone()))?,
            Source::Shape(shape) => {
                let pixels = checked_size("the surface", size.width * scale, size.height * scale)?;
                (
                    Arc::new(shape::shape(&mut self.canvas, pixels, size, scale, shape)),
                    Point::ZERO,
                )
            }
            Source::Image(Image {
                fit,
                corner_radius_px,
                ..
            }) => self.paint_asset(request, *fit, *corner_radius_px, size)?,
            Source::Svg(Svg { fit, .. }) => self.paint_asset(request, *fit, 0.0, size)?,
            Source::Text(_) | Source::Ticker(_) | Source::Countdown(_) => {
                (Arc::new(Surface::new(1, 1)), Point::ZERO)
            }
        };
        Ok(Raster {
            surface,
            origin_px: Point::new(at.x / scale, at.y / scale),
            scale,
            size,
            baseline_px: None,
            advance_px: None,
            notices: Arc::new([]),
        })
    }

    /// An asset in its box, and where its surface begins, surface px from the box's corner. Images may be SVGs and the
    /// other way round: what an asset is, its bytes say.
    fn paint_asset(
        &mut self,
        request: &Request<'_>,
        fit: Fit,
        corner_radius_px: f64,
        size: Size,
    ) -> Result<(Arc<Surface>, Point), Error> {
        let scale = request.scale;
        let (mut surface, at) = match asset(request)?.content() {
            Content::Picture(picture) => {
                picture::paint(&mut self.resizer, picture, fit, size, scale)?
            }
            Content::Vector(tree) => vector::paint(tree, fit, size, scale)?,
        };
        picture::cut(
            &mut self.canvas,
            &mut surface,
            at,
            Rect::from_origin_size(Point::ZERO, size * scale),
            corner_radius_px * scale,
        );
        Ok((surface, at))
    }

    fn paint_words(&mut self, words: &Words<'_>, request: &Request<'_>) -> Result<Raster, Error> {
        let set = self.set(words, request)?;
        let scale = request.scale;
        // The first line box is `set.top_px` below the box's top: ink from there, in surface px, with a pixel around for
        // antialiasing.
        let view = Affine::scale(scale) * Affine::translate((0.0, set.top_px));
        let ready = self.glyphs.place(&set.laid.layout, view, request.hint);
        let ink = ready
            .bounds
            .map_or(Rect::ZERO, |ink| ink.inflate(1.0, 1.0).expand());
        let pixels = checked_size("the text", ink.width(), ink.height())?;
        let tools = (&mut self.canvas, &mut self.resizer);
        let surface = self
            .glyphs
            .draw(tools, &ready, words.style.color, pixels, ink.origin())?;
        Ok(Raster {
            surface: Arc::new(surface),
            origin_px: Point::new(ink.x0 / scale, ink.y0 / scale),
            scale,
            size: set.extent.size,
            baseline_px: set.extent.baseline_px,
            advance_px: set.advance_px,
            notices: set.laid.notices.into(),
        })
    }

    fn set(&mut self, words: &Words<'_>, request: &Request<'_>) -> Result<Set, Error> {
        let mut laid = self
            .typesetter
            .lay_out(&words.text, words.style, words.lines)?;
        let natural = laid.size;
        let size = Size::new(
            request.width_px.unwrap_or(natural.width),
            request.height_px.unwrap_or(natural.height),
        );
        let (mut top_px, mut advance_px) = (0.0, None);
        if let Source::Ticker(ticker) = request.source {
            // Whole layer px, so that a centred line is as sharp as any.
            top_px = match ticker.baseline_px {
                Some(baseline) => baseline - laid.baseline_px,
                None => ((size.height - natural.height) / 2.0).round(),
            };
            advance_px = Some(natural.width + ticker.gap_px);
        }
        laid.baseline_px += top_px;
        Ok(Set {
            extent: Extent {
                size,
                baseline_px: Some(laid.baseline_px),
            },
            laid,
            top_px,
            advance_px,
        })
    }
}

/// What a text source says, and how.
struct Words<'a> {
    text: Cow<'a, str>,
    style: &'a TextStyle,
    lines: Lines,
}

/// Words at their place in the box.
struct Set {
    laid: Laid,
    extent: Extent,
    /// From the box's top to the first line box's.
    top_px: f64,
    advance_px: Option<f64>,
}

/// `None` for sources that are not text.
fn words<'a>(request: &Request<'a>) -> Option<Words<'a>> {
    let width_px = request.width_px;
    match request.source {
        Source::Text(Text {
            text, style, align, ..
        }) => {
            let lines = Lines {
                width_px,
                wrap: width_px.is_some(),
                align: *align,
            };
            Some(Words {
                text: Cow::Borrowed(text),
                style,
                lines,
            })
        }
        Source::Countdown(Countdown { style, align, .. }) => {
            // A countdown is one thing: it may leave its box, but never breaks.
            let lines = Lines {
                width_px,
                wrap: false,
                align: *align,
            };
            Some(Words {
                text: Cow::Borrowed(request.content.unwrap_or_default()),
                style,
                lines,
            })
        }
        Source::Ticker(Ticker { text, style, .. }) => {
            let one_line = if text.contains(['\n', '\r']) {
                text.replace(['\n', '\r'], " ").into()
            } else {
                Cow::Borrowed(&**text)
            };
            Some(Words {
                text: one_line,
                style,
                lines: Lines {
                    width_px: None,
                    wrap: false,
                    align: Align::Left,
                },
            })
        }
        Source::Color(_)
        | Source::Gradient(_)
        | Source::Shape(_)
        | Source::Image(_)
        | Source::Svg(_) => None,
    }
}

/// The box of a source that is not text.
fn box_size(request: &Request<'_>) -> Result<Size, Error> {
    let source_type = request.source.type_name();
    if request.source.asset().is_some() {
        return Ok(picture::box_size(
            asset(request)?.natural_size(),
            request.width_px,
            request.height_px,
        ));
    }
    match (request.width_px, request.height_px) {
        (Some(width), Some(height)) => Ok(Size::new(width, height)),
        _ => Err(Error::SizeMissing { source_type }),
    }
}

fn asset<'a>(request: &Request<'a>) -> Result<&'a Asset, Error> {
    request.asset.ok_or_else(|| Error::AssetMissing {
        source_type: request.source.type_name(),
    })
}

/// Scenes are checked at the rim, but here a NaN would be drawn for ever from the cache.
fn check_numbers(request: &Request<'_>) -> Result<(), Error> {
    let scale = request.scale;
    if !(scale.is_finite() && scale > 0.0) {
        return Err(Error::OutOfRange {
            name: "scale",
            value: scale,
            allowed: "above 0",
        });
    }
    for (name, value) in [
        ("width_px", request.width_px),
        ("height_px", request.height_px),
    ] {
        if let Some(value) = value.filter(|v| !(v.is_finite() && *v >= 0.0)) {
            return Err(Error::OutOfRange {
                name,
                value,
                allowed: "0 or above",
            });
        }
    }
    Ok(())
}
