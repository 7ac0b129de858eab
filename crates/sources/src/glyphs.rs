//! Glyphs to pixels: where their ink is, and pictures that fonts bring instead of outlines.

use crate::canvas::{Canvas, GlyphRun as Run};
use crate::picture::resize;
use crate::request::checked_size;
use crate::shadow::{div255, over, to_u8};
use crate::{Error, asset};
use fast_image_resize::Resizer;
use kurbo::{Affine, Rect};
use media::{Color, Surface};
use parley::{FontData, GlyphRun, Layout, PositionedLayoutItem};
use skrifa::bitmap::{BitmapData, BitmapGlyph, Origin};
use skrifa::instance::{LocationRef, NormalizedCoord, Size};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::collections::HashMap;
use std::sync::Arc;
use vello_cpu::Glyph;

/// What is known of each glyph.
#[derive(Default)]
pub(crate) struct Glyphs {
    ink: HashMap<GlyphKey, Ink>,
    /// Pictures in the size they were last drawn in.
    pictures: HashMap<(GlyphKey, u32, u32), Arc<Surface>>,
}

/// Entries kept before starting anew; a glyph's ink takes 50 bytes, a picture at most some 60 kB.
const MAX_INK: usize = 16_384;
const MAX_PICTURES: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct GlyphKey {
    font: u64,
    index: u32,
    glyph: u32,
    coords: Vec<i16>,
}

/// Where a glyph leaves ink: em, from its origin, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ink {
    None,
    Outline(Rect),
    Picture(Rect),
}

/// A glyph at its place, layer px.
struct Placed {
    key: GlyphKey,
    ink: Ink,
    /// Where its ink is.
    at: Rect,
}

impl Glyphs {
    /// Where `layout` leaves ink, layer px; `None` where there is none.
    pub(crate) fn bounds(&mut self, layout: &Layout<()>) -> Option<Rect> {
        let mut bounds: Option<Rect> = None;
        for_each_run(layout, |run| {
            self.for_each(run, |placed| {
                if placed.ink != Ink::None {
                    bounds = Some(bounds.map_or(placed.at, |b| b.union(placed.at)));
                }
            });
        });
        bounds
    }

    /// Draws `layout` on a surface of `pixels`, whose top left corner is the layer point that `view` maps to 0, 0.
    pub(crate) fn draw(
        &mut self,
        (canvas, resizer): (&mut Canvas, &mut Resizer),
        layout: &Layout<()>,
        color: Color,
        pixels: (u32, u32),
        view: Affine,
    ) -> Result<Surface, Error> {
        let mut pictures = Vec::new();
        let mut surface = canvas.draw(pixels, view, |pen| {
            pictures.clear();
            for_each_run(layout, |run| {
                let outlines: Vec<Glyph> = self.split(run, &mut pictures);
                if !outlines.is_empty() {
                    pen.glyphs(&describe(run), color, outlines.iter().copied());
                }
            });
        });
        for (placed, font) in &pictures {
            self.draw_picture(resizer, placed, font, color, view, &mut surface)?;
        }
        Ok(surface)
    }

    /// The run's glyphs that vello draws; the others go to `pictures`.
    fn split(
        &mut self,
        run: &GlyphRun<'_, ()>,
        pictures: &mut Vec<(Placed, FontData)>,
    ) -> Vec<Glyph> {
        let mut outlines = Vec::new();
        let mut glyphs = run.positioned_glyphs();
        self.for_each(run, |placed| {
            let Some(glyph) = glyphs.next() else { return };
            match placed.ink {
                Ink::None => {}
                Ink::Outline(_) => outlines.push(Glyph {
                    id: glyph.id,
                    x: glyph.x,
                    y: glyph.y,
                }),
                Ink::Picture(_) => pictures.push((placed, run.run().font().clone())),
            }
        });
        outlines
    }

    fn for_each(&mut self, run: &GlyphRun<'_, ()>, mut f: impl FnMut(Placed)) {
        if self.ink.len() > MAX_INK {
            self.ink.clear();
        }
        let description = describe(run);
        let font = run.run().font();
        let size = f64::from(description.size_px);
        let Ok(font_ref) = FontRef::from_index(font.data.as_ref(), font.index) else {
            return;
        };
        for glyph in run.positioned_glyphs() {
            let key = GlyphKey {
                font: font.data.id(),
                index: font.index,
                glyph: glyph.id,
                coords: description.coords.clone(),
            };
            let ink = *self
                .ink
                .entry(key.clone())
                .or_insert_with(|| ink(&font_ref, glyph.id, &description.coords));
            let at = match ink {
                Ink::None => Rect::ZERO,
                Ink::Picture(em) | Ink::Outline(em) => {
                    let lean = description.slant.abs() * em.y0.abs().max(em.y1.abs());
                    let em = em.inflate(lean + description.embolden_em, description.embolden_em);
                    Affine::new([size, 0.0, 0.0, size, f64::from(glyph.x), f64::from(glyph.y)])
                        .transform_rect_bbox(em)
                }
            };
            f(Placed { key, ink, at });
        }
    }

    /// Emoji are scaled down from one large picture, four- or fivefold: bilinear sampling, which vello would do, shows
    /// only some of its pixels.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "glyphs lie on the surface, whose size is checked"
    )]
    fn draw_picture(
        &mut self,
        resizer: &mut Resizer,
        placed: &Placed,
        font: &FontData,
        color: Color,
        view: Affine,
        surface: &mut Surface,
    ) -> Result<(), Error> {
        let at = view.transform_rect_bbox(placed.at);
        let (width, height) = checked_size("the glyph", at.width().round(), at.height().round())?;
        if self.pictures.len() > MAX_PICTURES {
            self.pictures.clear();
        }
        let key = (placed.key.clone(), width, height);
        let picture = match self.pictures.get(&key) {
            Some(picture) => Arc::clone(picture),
            None => {
                let full = FontRef::from_index(font.data.as_ref(), font.index).ok();
                let Some(full) = full.and_then(|font| picture_of(&font, placed.key.glyph)) else {
                    return Ok(());
                };
                let BitmapData::Png(png) = full.data else {
                    return Ok(());
                };
                let full = Arc::new(asset::png(png)?);
                let whole = Rect::new(0.0, 0.0, f64::from(full.width()), f64::from(full.height()));
                let picture = resize(resizer, &full, whole, (width, height))?;
                self.pictures.insert(key, Arc::clone(&picture));
                picture
            }
        };
        let alpha = u32::from(color.to_rgba8()[3]);
        blit(
            surface,
            &picture,
            (at.x0.round() as i64, at.y0.round() as i64),
            alpha,
        );
        Ok(())
    }
}

impl std::fmt::Debug for Glyphs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Glyphs({} known, {} pictures)",
            self.ink.len(),
            self.pictures.len()
        )
    }
}

/// `picture` over `surface` at a pixel that may lie outside.
fn blit(surface: &mut Surface, picture: &Surface, (x, y): (i64, i64), alpha: u32) {
    let (width, height) = (i64::from(surface.width()), i64::from(surface.height()));
    let (left, right) = (x.max(0), (x + i64::from(picture.width())).min(width));
    if left >= right {
        return;
    }
    let index = |v: i64| usize::try_from(v).unwrap_or(0);
    let stride = index(width) * 4;
    let mut faded = Vec::new();
    for (row, from) in (y..).zip(picture.data().chunks_exact(picture.width() as usize * 4)) {
        if row < 0 || row >= height {
            continue;
        }
        let from = &from[index(left - x) * 4..index(right - x) * 4];
        let to = &mut surface.data_mut()[index(row) * stride..][index(left) * 4..index(right) * 4];
        if alpha == 255 {
            over(to, from);
        } else {
            faded.clear();
            faded.extend(from.iter().map(|&v| to_u8(div255(u32::from(v) * alpha))));
            over(to, &faded);
        }
    }
}

fn for_each_run<'a>(layout: &'a Layout<()>, mut f: impl FnMut(&GlyphRun<'a, ()>)) {
    for line in layout.lines() {
        for item in line.items() {
            if let PositionedLayoutItem::GlyphRun(run) = item {
                f(&run);
            }
        }
    }
}

/// How far a font without a bold face is thickened on each side.
const EMBOLDEN_EM: f64 = 1.0 / 48.0;

fn describe(run: &GlyphRun<'_, ()>) -> Run {
    let run = run.run();
    let synthesis = run.synthesis();
    Run {
        font: run.font().clone(),
        size_px: run.font_size(),
        coords: run
            .normalized_coords()
            .iter()
            .map(|c| c.to_bits())
            .collect(),
        slant: synthesis
            .skew()
            .map_or(0.0, |deg| libm::tan(f64::from(deg).to_radians())),
        embolden_em: if synthesis.embolden() {
            EMBOLDEN_EM
        } else {
            0.0
        },
    }
}

/// Where a glyph's ink is, as vello will draw it: colour layers, else picture, else outline.
fn ink(font: &FontRef<'_>, glyph: u32, coords: &[i16]) -> Ink {
    let (id, coords) = (GlyphId::new(glyph), to_skrifa(coords));
    let location = LocationRef::new(&coords);
    let metrics = font.glyph_metrics(Size::unscaled(), location);
    let units = f64::from(font.metrics(Size::unscaled(), location).units_per_em.max(1));
    let outline = metrics.bounds(id).map(|b| {
        let [x0, y0, x1, y1] = [b.x_min, -b.y_max, b.x_max, -b.y_min].map(f64::from);
        Rect::new(x0 / units, y0 / units, x1 / units, y1 / units)
    });
    if let Some(color) = font.color_glyphs().get(id) {
        // Without a clip box the layers may be larger than the base outline; two em around are more than any needs.
        let bounds = color.bounding_box(location, Size::unscaled()).map(|b| {
            let [x0, y0, x1, y1] = [b.x_min, -b.y_max, b.x_max, -b.y_min].map(f64::from);
            Rect::new(x0 / units, y0 / units, x1 / units, y1 / units)
        });
        return Ink::Outline(bounds.unwrap_or(Rect::new(-1.0, -2.0, 2.0, 1.0)));
    }
    match picture_of(font, glyph) {
        Some(picture) => Ink::Picture(picture_box(&picture, units)),
        None => match outline {
            Some(b) if b.width() > 0.0 && b.height() > 0.0 => Ink::Outline(b),
            _ => Ink::None,
        },
    }
}

/// The largest PNG that the font has of this glyph.
fn picture_of<'a>(font: &FontRef<'a>, glyph: u32) -> Option<BitmapGlyph<'a>> {
    let strikes = font.bitmap_strikes();
    let picture = strikes.glyph_for_size(Size::new(4096.0), GlyphId::new(glyph))?;
    matches!(picture.data, BitmapData::Png(_)).then_some(picture)
}

/// Where a font's picture of a glyph lies: em, from the glyph's origin, y down.
fn picture_box(picture: &BitmapGlyph<'_>, units_per_em: f64) -> Rect {
    let [inner_x, inner_y, ppem_x, ppem_y] = [
        picture.inner_bearing_x,
        picture.inner_bearing_y,
        picture.ppem_x.max(1.0),
        picture.ppem_y.max(1.0),
    ]
    .map(f64::from);
    let (width, height) = (f64::from(picture.width), f64::from(picture.height));
    let up = match picture.placement_origin {
        Origin::TopLeft => 0.0,
        Origin::BottomLeft => height,
    };
    let x = f64::from(picture.bearing_x) / units_per_em + inner_x / ppem_x;
    let y = -f64::from(picture.bearing_y) / units_per_em - (inner_y + up) / ppem_y;
    Rect::new(x, y, x + width / ppem_x, y + height / ppem_y)
}

fn to_skrifa(coords: &[i16]) -> Vec<NormalizedCoord> {
    coords
        .iter()
        .map(|&c| NormalizedCoord::from_bits(c))
        .collect()
}
