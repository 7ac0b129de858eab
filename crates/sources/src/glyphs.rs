//! Glyphs to pixels: where their ink is, and pictures that fonts bring instead of outlines.

use crate::canvas::{Canvas, Pen, to_alpha_color};
use crate::flow::Laid;
use crate::hyphens::{self, Hyphens};
use crate::layout::RunIndex;
use crate::masks::{Coverage, Meeting, Stamp};
use crate::ornament::{Band, Crossing, Ornaments, Place, Stretch};
use crate::outlines::{Face, Outlines};
use crate::picture::Scaler;
use crate::request::checked_size;
use crate::shadow::{div255, over, to_u8};
use crate::{Error, asset};
use kurbo::{Affine, BezPath, Point, Rect, Shape as _};
use media::{Color, Surface};
use parley::{FontData, GlyphRun, Line, PositionedLayoutItem};
use scene::{Paint, Sampling, TextStyle};
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
    /// Room to put masks together in.
    coverage: Coverage,
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

impl GlyphKey {
    fn new(face: &Face, glyph: u32) -> Self {
        Self {
            font: face.font.data.id(),
            index: face.font.index,
            glyph,
            coords: face.coords.clone(),
        }
    }
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
    /// Of plain glyphs, by run.
    letters: Vec<Letters>,
    /// What lies within the stroke's width of them, of glyphs and of lines.
    rims: Vec<Stamp>,
    rim: BezPath,
    layered: Vec<(RunIndex, Face, Vec<Glyph>)>,
    pictures: Vec<Placed>,
    pub(crate) ornaments: Ornaments,
    /// Where letters stand, layer px.
    pub(crate) stretches: Vec<Stretch>,
    /// Where ink crosses lines below words.
    pub(crate) crossings: Vec<Crossing>,
    /// Takes layer px to surface px.
    view: Affine,
    /// Where there is ink, surface px; `None` where there is none.
    pub(crate) bounds: Option<Rect>,
}

/// Glyphs of a run without colors of their own.
struct Letters {
    run: RunIndex,
    stamps: Vec<Stamp>,
    /// Of those without a mask.
    outlines: BezPath,
}

/// A picture at its place.
struct Placed {
    key: GlyphKey,
    run: RunIndex,
    font: FontData,
    /// Surface px.
    at: Rect,
}

impl Glyphs {
    /// Bytes of masks, and of pictures in the sizes they were drawn in.
    pub(crate) fn kept_bytes(&self) -> usize {
        let pictures = self.pictures.values().map(|picture| picture.data().len());
        self.outlines.mask_bytes() + self.coverage.kept_bytes() + pictures.sum::<usize>()
    }

    /// Finds what is to be drawn where, of the first `shown` bytes of what was laid out or of all. `place.view` turns
    /// nothing; `place.hint` fits outlines to surface px.
    pub(crate) fn place(&mut self, laid: &Laid, shown: Option<usize>, place: &Place<'_>) -> Ready {
        if self.looks.len() > MAX_LOOKS {
            self.looks.clear();
        }
        let mut ready = Ready {
            letters: Vec::new(),
            rims: Vec::new(),
            rim: BezPath::new(),
            layered: Vec::new(),
            pictures: Vec::new(),
            ornaments: Ornaments::default(),
            stretches: Vec::new(),
            crossings: Vec::new(),
            view: place.view,
            bounds: None,
        };
        let mut starts = Starts::default();
        for (number, line) in laid.layout.lines().take(laid.lines).enumerate() {
            if shown.is_some_and(|end| line.text_range().start >= end) {
                break;
            }
            starts.begin();
            let bands = bands(&line, place);
            for run in runs(&line) {
                let mut visible: Vec<parley::Glyph> = run.positioned_glyphs().collect();
                let cut = shown.filter(|end| line.text_range().end > *end);
                let mut places: &[usize] = &[];
                if cut.is_some() || !laid.hyphens.is_empty() || !bands.is_empty() {
                    places = starts.of(&run, visible.len());
                    hyphenate(&run, &mut visible, places, &laid.hyphens);
                    if let Some(end) = cut {
                        let mut starts = places.iter();
                        visible.retain(|_| starts.next().is_some_and(|start| *start < end));
                    }
                }
                self.place_run(&run, number, &visible, place, &mut ready);
                if !bands.is_empty() {
                    let shown = |start: &usize| cut.is_none_or(|end| *start < end);
                    let starts = places.iter().copied().filter(|start| shown(start));
                    let crossing = visible.iter().zip(starts);
                    let crossing = crossing.filter(|(_, start)| !laid.is_solid(*start));
                    let crossing = crossing.map(|(glyph, _)| glyph);
                    self.cross(&run, (number, &bands), crossing, place, &mut ready);
                }
            }
        }
        ready
    }

    /// Finds where glyphs that were placed cross the lines below words of their line. Those that bring their own
    /// colors do not: browsers underline emoji as a whole.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "sizes of glyphs are kept in f32"
    )]
    fn cross<'g>(
        &mut self,
        run: &GlyphRun<'_, RunIndex>,
        (line, bands): (usize, &[Band]),
        glyphs: impl Iterator<Item = &'g parley::Glyph>,
        place: &Place<'_>,
        ready: &mut Ready,
    ) {
        let mut face = describe(run);
        face.size_px = (f64::from(face.size_px) * place.view.as_coeffs()[0]) as f32;
        face.hint = place.hint;
        let looks = &self.looks;
        let outlined = glyphs.filter(|glyph| {
            let look = looks.get(&GlyphKey::new(&face, glyph.id));
            matches!(look, Some(Look::Outline))
        });
        let at = |glyph: &parley::Glyph| {
            let at = Point::new(f64::from(glyph.x), f64::from(glyph.y));
            (glyph.id, place.view * at)
        };
        let (outlined, found) = (outlined.map(at), &mut ready.crossings);
        self.outlines.cross(&face, outlined, (line, bands), found);
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "sizes of glyphs are kept in f32"
    )]
    fn place_run(
        &mut self,
        run: &GlyphRun<'_, RunIndex>,
        line: usize,
        glyphs: &[parley::Glyph],
        place: &Place<'_>,
        ready: &mut Ready,
    ) {
        let mut face = describe(run);
        let size = f64::from(face.size_px);
        let Ok(font) = FontRef::from_index(face.font.data.as_ref(), face.font.index) else {
            return;
        };
        let (view, scale) = (place.view, place.view.as_coeffs()[0]);
        let brush = run.style().brush;
        let mut layered: Vec<Glyph> = Vec::new();
        let mut outlined: Vec<(u32, Point)> = Vec::new();
        let mut span: Option<(f64, f64)> = None;
        for glyph in glyphs {
            let key = GlyphKey::new(&face, glyph.id);
            let at = Point::new(f64::from(glyph.x), f64::from(glyph.y));
            let (from, to) = span.unwrap_or((at.x, at.x));
            span = Some((from.min(at.x), to.max(at.x + f64::from(glyph.advance))));
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
                    let (run, font) = (brush, face.font.clone());
                    ready.pictures.push(Placed { key, run, font, at });
                    at
                }
            };
            ready.reaches(inked);
        }
        if let Some((x0, x1)) = span {
            let baseline = f64::from(run.baseline());
            ready.stretches.push(Stretch {
                line,
                run: brush,
                x0,
                x1,
                baseline,
            });
        }
        if !layered.is_empty() {
            ready.layered.push((brush, describe(run), layered));
        }
        if outlined.is_empty() {
            return;
        }
        face.size_px = (size * scale) as f32;
        face.hint = place.hint;
        let index = match ready.letters.iter().position(|l| l.run == brush) {
            Some(index) => index,
            None => {
                ready.letters.push(Letters {
                    run: brush,
                    stamps: Vec::new(),
                    outlines: BezPath::new(),
                });
                ready.letters.len() - 1
            }
        };
        let Letters {
            stamps, outlines, ..
        } = &mut ready.letters[index];
        let glyphs = || outlined.iter().copied();
        let inked = if place.masks {
            self.outlines.stamp(&face, glyphs(), stamps, outlines)
        } else {
            self.outlines.append(&face, glyphs(), outlines)
        };
        inked.into_iter().for_each(|inked| ready.reaches(inked));
        face.rim_px = rim_px(place.style, scale);
        if face.rim_px > 0.0 {
            let (rims, rim) = (&mut ready.rims, &mut ready.rim);
            let inked = if place.masks {
                self.outlines.stamp(&face, glyphs(), rims, rim)
            } else {
                self.outlines.append(&face, glyphs(), rim)
            };
            inked.into_iter().for_each(|inked| ready.reaches(inked));
        }
    }

    /// Draws on a surface of `pixels`, whose top left corner is `origin`, surface px. Gradients run over
    /// `gradient_box`, surface px.
    pub(crate) fn draw(
        &mut self,
        (canvas, scaler): (&mut Canvas, &mut Scaler),
        ready: &Ready,
        place: &Place<'_>,
        pixels: (u32, u32),
        (origin, gradient_box): (Point, Rect),
    ) -> Result<Surface, Error> {
        let moved = Affine::translate(-origin.to_vec2());
        let paint = |run: RunIndex| match place.run(run).and_then(|run| run.color) {
            Some(color) => Paint::Color(color),
            None => match &place.style.fill {
                Some(paint) => paint.clone(),
                None => Paint::Color(place.style.color),
            },
        };
        let color = |run: RunIndex| match place.run(run).and_then(|run| run.color) {
            Some(color) => color,
            None => match &place.style.fill {
                Some(Paint::Color(color)) => *color,
                _ => place.style.color,
            },
        };
        let mut sheet = Layers {
            canvas,
            coverage: &mut self.coverage,
            surface: Surface::new(pixels.0, pixels.1),
            blank: true,
            origin,
            gradient_box,
        };
        let boxes = &ready.ornaments.boxes;
        if !boxes.is_empty() {
            sheet.draw(|pen| {
                for (color, path) in boxes {
                    pen.ink(path, &Paint::Color(*color), gradient_box);
                }
            });
        }
        if let Some(stroke) = &place.style.stroke {
            sheet.tint(&ready.rims, &ready.rim, Meeting::Across, &stroke.paint);
        }
        let lines = &ready.ornaments.underlines;
        if !lines.is_empty() {
            sheet.draw(|pen| {
                for (run, path) in lines {
                    pen.ink(path, &paint(*run), gradient_box);
                }
            });
        }
        for letters in &ready.letters {
            let (stamps, outlines) = (&letters.stamps, &letters.outlines);
            sheet.tint(stamps, outlines, Meeting::Beside, &paint(letters.run));
        }
        let lines = &ready.ornaments.strikethroughs;
        if !(ready.layered.is_empty() && lines.is_empty()) {
            sheet.draw(|pen| {
                for (run, face, glyphs) in &ready.layered {
                    pen.color_glyphs(ready.view, face, color(*run), glyphs);
                }
                for (run, path) in lines {
                    pen.ink(path, &paint(*run), gradient_box);
                }
            });
        }
        let mut surface = sheet.surface;
        for placed in &ready.pictures {
            self.draw_picture(scaler, placed, color(placed.run), moved, &mut surface)?;
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
        scaler: &mut Scaler,
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
                let picture = scaler.resize(Sampling::Smooth, &full, whole, (width, height))?;
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

/// A surface that is drawn on, one layer over the other.
struct Layers<'a> {
    canvas: &'a mut Canvas,
    coverage: &'a mut Coverage,
    surface: Surface,
    /// Nothing is on it yet.
    blank: bool,
    /// The surface's corner, surface px from the box's, whole numbers.
    origin: Point,
    gradient_box: Rect,
}

impl Layers<'_> {
    /// What paths cover, by the rasteriser.
    fn draw(&mut self, draw: impl FnMut(&mut Pen<'_>)) {
        let pixels = (self.surface.width(), self.surface.height());
        let moved = Affine::translate(-self.origin.to_vec2());
        let layer = self.canvas.draw(pixels, moved, draw);
        if self.blank {
            self.surface = layer;
        } else {
            over(self.surface.data_mut(), layer.data());
        }
        self.blank = false;
    }

    /// What masks and paths cover together.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole numbers within a surface"
    )]
    fn tint(&mut self, stamps: &[Stamp], path: &BezPath, meeting: Meeting, paint: &Paint) {
        let pixels = (self.surface.width(), self.surface.height());
        let origin = (self.origin.x as i32, self.origin.y as i32);
        let beside = (!path.is_empty()).then(|| path.bounding_box());
        let coverage = self.coverage.of(stamps, beside, meeting, origin, pixels);
        let Some(coverage) = coverage else {
            return;
        };
        let edges = coverage.edges();
        let moved = Affine::translate(-edges.origin().to_vec2());
        let pixels = (edges.width() as u32, edges.height() as u32);
        if !path.is_empty() {
            let white = Paint::Color(Color::WHITE);
            let drawn = |pen: &mut Pen<'_>| pen.ink(path, &white, Rect::ZERO);
            coverage.meet(&self.canvas.draw(pixels, moved, drawn), meeting);
        }
        self.blank = false;
        match paint {
            Paint::Color(color) => {
                coverage.tint(&mut self.surface, origin, premultiplied(*color));
            }
            Paint::Gradient(_) => {
                let (path, over) = (edges.to_path(0.1), self.gradient_box);
                let shaded = self
                    .canvas
                    .draw(pixels, moved, |pen| pen.ink(&path, paint, over));
                coverage.tint_with(&mut self.surface, origin, &shaded);
            }
        }
    }
}

fn premultiplied(color: Color) -> [u8; 4] {
    to_alpha_color(color).premultiply().to_rgba8().to_u8_array()
}

/// How far the rim of letters reaches, surface px.
fn rim_px(style: &TextStyle, scale: f64) -> f64 {
    let stroke = style.stroke.as_ref();
    stroke.map_or(0.0, |stroke| stroke.width_px * scale)
}

/// Where in the text each glyph of a line begins, run by run from the left.
#[derive(Default)]
struct Starts {
    /// Of the run that was asked for last.
    run: Option<usize>,
    starts: Vec<usize>,
    used: usize,
}

impl Starts {
    /// Another line.
    fn begin(&mut self) {
        self.run = None;
    }

    /// Of the next `count` glyphs, which are `run`'s.
    fn of(&mut self, run: &GlyphRun<'_, RunIndex>, count: usize) -> &[usize] {
        let run = run.run();
        if self.run != Some(run.index()) {
            self.run = Some(run.index());
            self.used = 0;
            self.starts.clear();
            for cluster in run.visual_clusters() {
                let start = cluster.text_range().start;
                self.starts.extend(cluster.glyphs().map(|_| start));
            }
        }
        let from = self.used.min(self.starts.len());
        self.used = (from + count).min(self.starts.len());
        &self.starts[from..self.used]
    }
}

impl Ready {
    /// Takes in what goes with the words; the rim goes around its lines too.
    pub(crate) fn adorn(&mut self, ornaments: Ornaments, place: &Place<'_>) {
        let rim_px = rim_px(place.style, place.view.as_coeffs()[0]);
        let lines = ornaments.underlines.iter().chain(&ornaments.strikethroughs);
        for (_, path) in lines {
            if rim_px > 0.0 {
                self.rim.extend(crate::rim::rim(path, rim_px));
            }
            self.reaches(path.bounding_box().inflate(rim_px, rim_px));
        }
        for (_, path) in &ornaments.boxes {
            if !path.is_empty() {
                self.reaches(path.bounding_box());
            }
        }
        self.ornaments = ornaments;
    }

    /// Of all glyphs without colors of their own where no masks were asked for, surface px, lines only.
    pub(crate) fn outlines(&self) -> BezPath {
        let paths = self.letters.iter();
        paths
            .flat_map(|letters| letters.outlines.elements().iter().copied())
            .collect()
    }

    /// What brings its own colors, alone.
    pub(crate) fn only_pictures(mut self) -> Self {
        self.letters.clear();
        self
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

/// Puts a hyphen in place of each soft hyphen that is seen; `starts` are where in the text the glyphs begin.
fn hyphenate(
    run: &GlyphRun<'_, RunIndex>,
    glyphs: &mut [parley::Glyph],
    starts: &[usize],
    hyphens: &Hyphens,
) {
    for (glyph, start) in glyphs.iter_mut().zip(starts) {
        if hyphens.width_px(*start) > 0.0
            && let Some((hyphen, _)) = hyphens::glyph(run.run())
        {
            glyph.id = hyphen;
        }
    }
}

/// Of the lines below words of a line, each once.
fn bands(line: &Line<'_, RunIndex>, place: &Place<'_>) -> Vec<Band> {
    let mut bands = Vec::new();
    if place.decorations.is_empty() {
        return bands;
    }
    for run in runs(line) {
        let band = place.band(run.style().brush, f64::from(run.baseline()));
        bands.extend(band.filter(|band| !bands.contains(band)));
    }
    bands
}

fn runs<'a>(line: &Line<'a, RunIndex>) -> impl Iterator<Item = GlyphRun<'a, RunIndex>> {
    line.items().filter_map(|item| match item {
        PositionedLayoutItem::GlyphRun(run) => Some(run),
        PositionedLayoutItem::InlineBox(_) => None,
    })
}

/// How far a font without a bold face is thickened on each side.
const EMBOLDEN_EM: f64 = 1.0 / 48.0;

/// A run's face in layer px, not hinted.
fn describe(run: &GlyphRun<'_, RunIndex>) -> Face {
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
        rim_px: 0.0,
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
