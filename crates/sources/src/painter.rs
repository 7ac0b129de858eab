//! Requests to rasters.

use crate::asset::{self, Asset, Content};
use crate::canvas::Canvas;
use crate::drawing::Tools;
use crate::flow::{self, Laid};
use crate::glyphs::Glyphs;
use crate::key::measure_key;
use crate::layout::Typesetter;
use crate::ornament::Place;
use crate::picture::Scaler;
use crate::request::{TextLine, checked_size};
use crate::words::{Shown, Words, words};
use crate::{
    Error, Fonts, Key, Notice, Player, Quality, Raster, Request, Sheet, drawing, markup, picture,
    qr, shape, vector,
};
use kurbo::{Affine, Point, Rect, Size};
use media::Surface;
use scene::{
    Cutout, Effect, Extent, Fit, Overflow, Paint, Sampling, ShapeForm, Source, VerticalAlign,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Paints sources. Owns the scratch memory for that, so keep one; it is not shared between threads, but may move.
#[derive(Debug)]
pub struct Painter {
    typesetter: Typesetter,
    glyphs: Glyphs,
    canvas: Canvas,
    scaler: Scaler,
    /// Writes what stands in SVGs.
    fonts: Fonts,
    /// Sizes of texts measured before: an engine asks for every text on every frame.
    extents: HashMap<Key, Extent>,
    sets: Sets,
}

/// Extents remembered before starting anew; a text that changes every frame fills this in half a minute.
const MAX_EXTENTS: usize = 1024;

impl Painter {
    /// A painter that writes with `fonts`.
    pub fn new(fonts: Fonts) -> Self {
        Self {
            typesetter: Typesetter::new(fonts.clone()),
            glyphs: Glyphs::default(),
            canvas: Canvas::new(),
            scaler: Scaler::new(Quality::default()),
            fonts,
            extents: HashMap::new(),
            sets: Sets::default(),
        }
    }

    /// The same painter, taking such care; without, it takes the most.
    #[must_use]
    pub const fn with_quality(mut self, quality: Quality) -> Self {
        self.scaler.set_quality(quality);
        self
    }

    /// What care it takes.
    pub const fn quality(&self) -> Quality {
        self.scaler.quality()
    }

    /// Bytes of what it keeps of letters: masks and pictures of those drawn before. Some 20 MiB at most.
    pub fn kept_bytes(&self) -> usize {
        self.glyphs.kept_bytes()
    }

    /// The layer's box and first baseline, in layer px, as [`Painter::paint`] would have them; scale and effects do not
    /// matter. Text is laid out once and then remembered.
    ///
    /// # Errors
    /// When a size or an asset is missing, or there is no font.
    pub fn measure(&mut self, request: &Request<'_>) -> Result<Extent, Error> {
        check_numbers(request)?;
        let words = words(request);
        let boxed = |request| {
            Ok(Extent {
                size: box_size(request)?,
                baseline_px: None,
            })
        };
        // How large a QR code is takes as long to tell as it takes to make it.
        if words.is_none() && !matches!(request.source, Source::Qr(_)) {
            return boxed(request);
        }
        let key = measure_key(request);
        if let Some(extent) = self.extents.get(&key) {
            return Ok(*extent);
        }
        let extent = match words {
            Some(words) => self.set(&words, request)?.extent,
            None => boxed(request)?,
        };
        if self.extents.len() >= MAX_EXTENTS {
            self.extents.clear();
        }
        self.extents.insert(key, extent);
        Ok(extent)
    }

    /// The lines of a text source that would be drawn, in order; none of other sources.
    ///
    /// # Errors
    /// As [`Painter::measure`].
    pub fn lines(&mut self, request: &Request<'_>) -> Result<Vec<TextLine>, Error> {
        check_numbers(request)?;
        let Some(words) = words(request) else {
            return Ok(Vec::new());
        };
        let set = self.set(&words, request)?;
        let line = |line: parley::Line<'_, _>| {
            let metrics = line.metrics();
            TextLine {
                bytes: line.text_range(),
                width_px: f64::from(metrics.advance - metrics.hanging_advance),
            }
        };
        let lines = set.laid.layout.lines().take(set.laid.lines);
        Ok(lines.map(line).collect())
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
            let sheet = sheet.with_effects(request.effects, self.quality())?;
            raster.surface = sheet.surface;
            raster.origin_px =
                Point::new(f64::from(sheet.left) / scale, f64::from(sheet.top) / scale);
        }
        Ok(raster)
    }

    /// Sources that fill their box.
    fn paint_box(&mut self, request: &Request<'_>) -> Result<Raster, Error> {
        let (size, scale) = (box_size(request)?, request.scale);
        let hint = request.hint && self.quality() > Quality::Low;
        let mut filled = |paint: &Paint| {
            let pixels = checked_size("the surface", size.width * scale, size.height * scale)?;
            Ok((
                Arc::new(shape::fill(&mut self.canvas, pixels, size, scale, paint)),
                Point::ZERO,
            ))
        };
        let mut notices: Arc<[Notice]> = Arc::new([]);
        let (surface, at) = match request.source {
            Source::Drawing(drawing) => {
                let mut tools = Tools {
                    canvas: &mut self.canvas,
                    typesetter: &mut self.typesetter,
                    glyphs: &mut self.glyphs,
                    scaler: &mut self.scaler,
                    fonts: &self.fonts,
                    album: request.asset.and_then(|asset| match asset.content() {
                        Content::Album(album) => Some(album),
                        _ => None,
                    }),
                };
                let (surface, found) = drawing::paint(&mut tools, drawing, size, scale, hint)?;
                notices = found.into();
                (Arc::new(surface), Point::ZERO)
            }
            Source::Color(color) => filled(&Paint::Color(*color))?,
            Source::Gradient(gradient) => filled(&Paint::Gradient(gradient.clone()))?,
            Source::Shape(shape) => {
                let (surface, at) = shape::shape(&mut self.canvas, size, scale, shape)?;
                (Arc::new(surface), at)
            }
            Source::Image(_) | Source::Svg(_) | Source::Sprite(_) => {
                self.paint_asset(request, size)?
            }
            Source::Qr(qr) => (Arc::new(qr::paint(qr, size, scale)?), Point::ZERO),
            Source::Text(_) | Source::Ticker(_) | Source::Countdown(_) | Source::Clock(_) => {
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
            notices,
        })
    }

    /// An asset in its box, and where its surface begins, surface px from the box's corner. Images may be SVGs and the
    /// other way round: what an asset is, its bytes say.
    fn paint_asset(
        &mut self,
        request: &Request<'_>,
        size: Size,
    ) -> Result<(Arc<Surface>, Point), Error> {
        let (scale, look) = (request.scale, Look::of(request.source));
        let (fit, sampling) = (look.fit, look.sampling);
        let shown = asset(request)?;
        let part = picture::cropped(shown.natural_size(), look.crop)?;
        let mut of_pixels = |picture: &Arc<Surface>| {
            picture::paint(&mut self.scaler, sampling, picture, part, fit, size, scale)
        };
        let (mut surface, at) = match shown.content() {
            Content::Picture(picture) => of_pixels(picture)?,
            Content::Film(film, frame) => {
                let mut player = Player::new(Arc::clone(film));
                of_pixels(&Arc::new(player.frame(*frame)?.clone()))?
            }
            Content::Cell(sheet, cell) => of_pixels(&Arc::new(cell.cut(sheet)?))?,
            Content::Vector(drawing) => match &drawing.template {
                None => vector::paint(&drawing.tree, part, fit, size, scale)?,
                Some(text) => {
                    let full = markup::filled(text, look.params)?;
                    let tree = asset::svg(&full, &self.fonts)?;
                    vector::paint(&tree, part, fit, size, scale)?
                }
            },
            Content::Atlas(_) | Content::Album(_) => {
                return Err(Error::Atlas {
                    reason: "it is the JSON of a sheet, not a picture".to_owned(),
                });
            }
            Content::Away(..) => {
                return Err(Error::AssetAway {
                    source_type: request.source.type_name(),
                });
            }
        };
        picture::cut(
            &mut self.canvas,
            &mut surface,
            at,
            Rect::from_origin_size(Point::ZERO, size * scale),
            look.corner_radius_px * scale,
        );
        Ok((surface, at))
    }

    fn paint_words(&mut self, words: &Words<'_>, request: &Request<'_>) -> Result<Raster, Error> {
        let set = self.set(words, request)?;
        let (scale, laid) = (request.scale, &set.laid);
        // The first line box is `set.top_px` below the box's top: ink from there, in surface px, with a pixel around for
        // antialiasing.
        let mut place = Place {
            style: words.style,
            runs: words.runs,
            align: words.lines.align,
            size: set.extent.size,
            top_px: set.top_px,
            decorations: Vec::new(),
            view: Affine::scale(scale) * Affine::translate((0.0, set.top_px)),
            hint: request.hint && self.quality() > Quality::Low,
            masks: true,
        };
        place.decorations = place.decorations(&mut self.typesetter, laid.factor);
        let shown = match request.source {
            Source::Text(text) => laid.shown(Shown::of(text.reveal, &words.spans.text)),
            _ => None,
        };
        let mut ready = self.glyphs.place(laid, shown, &place);
        let ornaments = place.ornaments(laid, &ready.stretches, &ready.crossings);
        ready.adorn(ornaments, &place);
        let mut ink = ready
            .bounds
            .map_or(Rect::ZERO, |ink| ink.inflate(1.0, 1.0).expand());
        let over = (set.extent.size * scale).to_rect();
        if words.flow.overflow == Overflow::Clip {
            let edges = Rect::new(0.0, 0.0, over.x1.round(), over.y1.round());
            ink = ink.intersect(edges);
        }
        let pixels = checked_size("the text", ink.width(), ink.height())?;
        let tools = (&mut self.canvas, &mut self.scaler);
        let surface = self
            .glyphs
            .draw(tools, &ready, &place, pixels, (ink.origin(), over))?;
        Ok(Raster {
            surface: Arc::new(surface),
            origin_px: Point::new(ink.x0 / scale, ink.y0 / scale),
            scale,
            size: set.extent.size,
            baseline_px: set.extent.baseline_px,
            advance_px: set.advance_px,
            notices: laid.notices.clone().into(),
        })
    }

    /// The words at their place in the box: as they were set last, where that is remembered.
    fn set(&mut self, words: &Words<'_>, request: &Request<'_>) -> Result<Arc<Set>, Error> {
        let key = measure_key(request);
        if let Some(set) = self.sets.get(key) {
            return Ok(set);
        }
        let mut laid = flow::lay_out(&mut self.typesetter, words, request.height_px)?;
        let natural = laid.size;
        let size = Size::new(
            request.width_px.unwrap_or(natural.width),
            request.height_px.unwrap_or(natural.height),
        );
        let mut top_px = flow::top_px(words.flow.vertical_align, size.height, natural.height);
        let mut advance_px = None;
        if let Source::Ticker(ticker) = request.source {
            top_px = match ticker.baseline_px {
                Some(baseline) => baseline - laid.baseline_px,
                None => flow::top_px(VerticalAlign::Middle, size.height, natural.height),
            };
            advance_px = Some(natural.width + ticker.gap_px);
        }
        laid.baseline_px += top_px;
        let set = Arc::new(Set {
            extent: Extent {
                size,
                baseline_px: Some(laid.baseline_px),
            },
            laid,
            top_px,
            advance_px,
        });
        self.sets.keep(key, &set, words.spans.text.len());
        Ok(set)
    }
}

/// Words at their place in the box.
struct Set {
    laid: Laid,
    extent: Extent,
    /// From the box's top to the first line box's.
    top_px: f64,
    advance_px: Option<f64>,
}

/// Words that were set last: what is measured is then painted, and what is painted with another colour, another letter
/// more or in another place is not set again.
#[derive(Default)]
struct Sets {
    kept: HashMap<Key, Arc<Set>>,
    bytes: usize,
}

/// Texts, and bytes of text, kept before starting anew; what is known of a byte of text takes some 100.
const MAX_SETS: usize = 128;
const MAX_SET_BYTES: usize = 32_768;

impl Sets {
    fn get(&self, key: Key) -> Option<Arc<Set>> {
        self.kept.get(&key).cloned()
    }

    fn keep(&mut self, key: Key, set: &Arc<Set>, bytes: usize) {
        if self.kept.len() >= MAX_SETS || self.bytes + bytes > MAX_SET_BYTES {
            self.kept.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.kept.insert(key, Arc::clone(set));
    }
}

impl std::fmt::Debug for Sets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sets({} texts)", self.kept.len())
    }
}

/// The box of a source that is not text.
fn box_size(request: &Request<'_>) -> Result<Size, Error> {
    let source_type = request.source.type_name();
    if request.source.asset().is_some() {
        let natural = asset(request)?.natural_size();
        return Ok(picture::box_size(
            picture::cropped(natural, Look::of(request.source).crop)?.size(),
            request.width_px,
            request.height_px,
        ));
    }
    if let (Source::Qr(qr), false) = (
        request.source,
        request.width_px.is_some() && request.height_px.is_some(),
    ) {
        return Ok(picture::box_size(
            qr::natural_size(qr)?,
            request.width_px,
            request.height_px,
        ));
    }
    let natural = match request.source {
        Source::Shape(shape) => shape.form.natural_size(),
        _ => None,
    };
    let (width_px, height_px) = match (request.source, natural) {
        // A path is stretched, so one side gives the other.
        (Source::Shape(shape), Some(natural)) if matches!(shape.form, ShapeForm::Path(_)) => {
            return Ok(shape::path_size(
                natural,
                request.width_px,
                request.height_px,
            ));
        }
        _ => (
            request.width_px.or(natural.map(|n| n.width)),
            request.height_px.or(natural.map(|n| n.height)),
        ),
    };
    match (width_px, height_px) {
        (Some(width), Some(height)) => Ok(Size::new(width, height)),
        _ => Err(Error::SizeMissing { source_type }),
    }
}

/// How a picture is shown.
struct Look<'a> {
    fit: Fit,
    corner_radius_px: f64,
    crop: Option<Cutout>,
    sampling: Sampling,
    params: &'a [(Arc<str>, Arc<str>)],
}

impl<'a> Look<'a> {
    fn of(source: &'a Source) -> Self {
        let plain = Self {
            fit: Fit::default(),
            corner_radius_px: 0.0,
            crop: None,
            sampling: Sampling::default(),
            params: &[],
        };
        match source {
            Source::Image(image) => Self {
                fit: image.fit,
                corner_radius_px: image.corner_radius_px,
                crop: image.crop_px,
                sampling: image.sampling,
                ..plain
            },
            Source::Svg(svg) => Self {
                fit: svg.fit,
                params: &svg.params,
                ..plain
            },
            Source::Sprite(sprite) => Self {
                fit: sprite.fit,
                sampling: sprite.sampling,
                ..plain
            },
            _ => plain,
        }
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
