//! Glyphs to pixels: where their ink is, and pictures that fonts bring instead of outlines.

use crate::canvas::Canvas;
use crate::outlines::{Face, Outlines};
use crate::picture::resize;
use crate::request::checked_size;
use crate::shadow::{div255, over, to_u8};
use crate::{Error, asset};
use fast_image_resize::Resizer;
use kurbo::{Affine, BezPath, Point, Rect};
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
    outlines: Outlines,
    looks: HashMap<GlyphKey, Look>,
    /// Pictures in the size they were last drawn in.
    pictures: HashMap<(GlyphKey, u32, u32), Arc<Surface>>,
}

/// Entries kept before starting anew; how a glyph looks takes 80 bytes, a picture at most some 60 kB.
const MAX_LOOKS: usize = 16_384;
const MAX_PICTURES: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct GlyphKey {
    font: u64,
    index: u32,
    glyph: u32,
    coords: Vec<i16>,
}

/// What a font brings for a glyph; boxes in em, from its origin, y down.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Look {
    Outline,
    Layers(Rect),
    Picture(Rect),
}

/// Words as they will be drawn: where `view` puts them.
pub(crate) struct Ready {
    /// Of all plain glyphs.
    outlines: BezPath,
    layered: Vec<(Face, Vec<Glyph>)>,
    pictures: Vec<Placed>,
    /// Takes layer px to surface px.
    view: Affine,
    /// Where there is ink, surface px; `None` where there is none.
    pub(crate) bounds: Option<Rect>,
}

/// A picture at its place.
struct Placed {
    key: GlyphKey,
    font: FontData,
    /// Surface px.
    at: Rect,
}

impl Glyphs {
    /// Finds what is to be drawn where, when `view`, which turns nothing, takes layer px to surface px. `hint` fits
    /// outlines to surface px.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "sizes of glyphs are kept in f32"
    )]
    pub(crate) fn place(&mut self, layout: &Layout<()>, view: Affine, hint: bool) -> Ready {
        if self.looks.len() > MAX_LOOKS {
            self.looks.clear();
        }
        let mut ready = Ready {
            outlines: BezPath::new(),
            layered: Vec::new(),
            pictures: Vec::new(),
            view,
            bounds: None,
        };
        let scale = view.as_coeffs()[0];
        let mut outlined: Vec<(u32, Point)> = Vec::new();
        for run in runs(layout) {
            let mut face = describe(&run);
            let size = f64::from(face.size_px);
            let Ok(font) = FontRef::from_index(face.font.data.as_ref(), face.font.index) else {
                continue;
            };
            let mut layered: Vec<Glyph> = Vec::new();
            outlined.clear();
            for glyph in run.positioned_glyphs() {
                let key = GlyphKey {
                    font: face.font.data.id(),
                    index: face.font.index,
                    glyph: glyph.id,
                    coords: face.coords.clone(),
                };
                let at = Point::new(f64::from(glyph.x), f64::from(glyph.y));
                let em_to_surface = view * Affine::translate(at.to_vec2()) * Affine::scale(size);
                let look = *self
                    .looks
                    .entry(key.clone())
                    .or_insert_with(|| look(&font, glyph.id, &face.coords));
                let inked = match look {
                    Look::Outline => {
                        outlined.push((glyph.id, view * at));
                        continue;
                    }
                    Look::Layers(em) => {
                        layered.push(Glyph {
                            id: glyph.id,
                            x: glyph.x,
                            y: glyph.y,
                        });
                        let lean = face.slant.abs() * em.y0.abs().max(em.y1.abs());
                        em_to_surface.transform_rect_bbox(em.inflate(lean, 0.0))
                    }
                    Look::Picture(em) => {
                        let at = em_to_surface.transform_rect_bbox(em);
                        let font = face.font.clone();
                        ready.pictures.push(Placed { key, font, at });
                        at
                    }
                };
                ready.reaches(inked);
            }
            if !layered.is_empty() {
                ready.layered.push((describe(&run), layered));
            }
            face.size_px = (size * scale) as f32;
            face.hint = hint;
            let glyphs = outlined.iter().copied();
            if let Some(inked) = self.outlines.append(&face, glyphs, &mut ready.outlines) {
                ready.reaches(inked);
            }
        }
        ready
    }

    /// Draws on a surface of `pixels`, whose top left corner is `origin`, surface px.
    pub(crate) fn draw(
        &mut self,
        (canvas, resizer): (&mut Canvas, &mut Resizer),
        ready: &Ready,
        color: Color,
        pixels: (u32, u32),
        origin: Point,
    ) -> Result<Surface, Error> {
        let moved = Affine::translate(-origin.to_vec2());
        let mut surface = canvas.draw(pixels, moved, |pen| {
            pen.ink(&ready.outlines, color);
            for (face, glyphs) in &ready.layered {
                pen.color_glyphs(ready.view, face, color, glyphs);
            }
        });
        for placed in &ready.pictures {
            self.draw_picture(resizer, placed, color, moved, &mut surface)?;
        }
        Ok(surface)
    }

    /// As [`draw`](Self::draw), but only what brings its own colors.
    pub(crate) fn draw_pictures(
        &mut self,
        (canvas, resizer): (&mut Canvas, &mut Resizer),
        ready: &Ready,
        color: Color,
        pixels: (u32, u32),
        origin: Point,
    ) -> Result<Surface, Error> {
        let moved = Affine::translate(-origin.to_vec2());
        let mut surface = canvas.draw(pixels, moved, |pen| {
            for (face, glyphs) in &ready.layered {
                pen.color_glyphs(ready.view, face, color, glyphs);
            }
        });
        for placed in &ready.pictures {
            self.draw_picture(resizer, placed, color, moved, &mut surface)?;
        }
        Ok(surface)
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
        color: Color,
        moved: Affine,
        surface: &mut Surface,
    ) -> Result<(), Error> {
        let at = moved.transform_rect_bbox(placed.at);
        let (width, height) = checked_size("the glyph", at.width().round(), at.height().round())?;
        if self.pictures.len() > MAX_PICTURES {
            self.pictures.clear();
        }
        let key = (placed.key.clone(), width, height);
        let picture = match self.pictures.get(&key) {
            Some(picture) => Arc::clone(picture),
            None => {
                let full = FontRef::from_index(placed.font.data.as_ref(), placed.font.index).ok();
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

impl Ready {
    /// Of all glyphs without colors of their own, surface px, lines only.
    pub(crate) const fn outlines(&self) -> &BezPath {
        &self.outlines
    }

    /// Whether some glyphs bring their own colors.
    pub(crate) fn has_pictures(&self) -> bool {
        !(self.layered.is_empty() && self.pictures.is_empty())
    }

    fn reaches(&mut self, inked: Rect) {
        self.bounds = Some(self.bounds.map_or(inked, |bounds| bounds.union(inked)));
    }
}

impl std::fmt::Debug for Glyphs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Glyphs({} known, {} pictures)",
            self.looks.len(),
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

fn runs<'a>(layout: &'a Layout<()>) -> impl Iterator<Item = GlyphRun<'a, ()>> {
    let items = layout.lines().flat_map(|line| line.items());
    items.filter_map(|item| match item {
        PositionedLayoutItem::GlyphRun(run) => Some(run),
        PositionedLayoutItem::InlineBox(_) => None,
    })
}

/// How far a font without a bold face is thickened on each side.
const EMBOLDEN_EM: f64 = 1.0 / 48.0;

/// A run's face in layer px, not hinted.
fn describe(run: &GlyphRun<'_, ()>) -> Face {
    let run = run.run();
    let synthesis = run.synthesis();
    Face {
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
        hint: false,
    }
}

/// What a font brings for a glyph: colour layers, else a picture, else an outline.
fn look(font: &FontRef<'_>, glyph: u32, coords: &[i16]) -> Look {
    let (id, coords) = (GlyphId::new(glyph), to_skrifa(coords));
    let location = LocationRef::new(&coords);
    let units = || f64::from(font.metrics(Size::unscaled(), location).units_per_em.max(1));
    if let Some(color) = font.color_glyphs().get(id) {
        let units = units();
        let bounds = color.bounding_box(location, Size::unscaled()).map(|b| {
            let [x0, y0, x1, y1] = [b.x_min, -b.y_max, b.x_max, -b.y_min].map(f64::from);
            Rect::new(x0 / units, y0 / units, x1 / units, y1 / units)
        });
        // Without a clip box the layers may be larger than the base outline; two em around are more than any needs.
        return Look::Layers(bounds.unwrap_or(Rect::new(-1.0, -2.0, 2.0, 1.0)));
    }
    picture_of(font, glyph).map_or(Look::Outline, |picture| {
        Look::Picture(picture_box(&picture, units()))
    })
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
