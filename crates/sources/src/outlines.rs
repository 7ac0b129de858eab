//! Outlines of glyphs as they are filled: in surface px, fitted to the pixel grid where that is wanted, curves as lines.
//!
//! Fitting ("hinting") moves horizontal strokes, heights and depths to whole pixels, so that small words have crisp bars
//! and feet. Widths stay, and so does the spacing of words. It is `FreeType`'s light manner: PostScript outlines by
//! their own hints, all others by the automatic hinter. TrueType's instructions are not run: they thicken bars (the
//! "e" and "a" of `DejaVu Sans` at 30 px; against Skia's light manner a line of it had an SSIM of 0.89 instead of 0.99).

use crate::canvas::flatten;
use crate::masks::{Mask, Stamp, quarters};
use crate::ornament::{Band, Crossing};
use crate::rim::rim;
use kurbo::{Affine, BezPath, Diagonal2, Join, PathEl, Point, Rect, Shape as _};
use parley::FontData;
use skrifa::instance::{LocationRef, NormalizedCoord, Size};
use skrifa::outline::{
    DrawSettings, Engine, GlyphStyles, HintingInstance, HintingOptions, OutlineGlyphCollection,
    OutlineGlyphFormat, OutlinePen, SmoothMode, Target,
};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};
use std::collections::HashMap;
use std::sync::Arc;

/// Outlines drawn before, and masks of them.
#[derive(Default)]
pub(crate) struct Outlines {
    faces: HashMap<FaceKey, Drawn>,
    /// Which script each glyph of a font is for: found by a walk over the whole font, and the same in every size.
    styles: HashMap<(u64, u32), GlyphStyles>,
    count: usize,
    mask_bytes: usize,
    /// Room to make masks in.
    scratch: Vec<f32>,
}

/// Letters of a larger size, surface px, are filled as paths: their masks would be large, and seldom used again.
const MAX_MASK_SIZE_PX: f32 = 160.0;
/// Bytes of masks kept before starting anew: some 2000 letters of 32 px with all their places, some 300 of 90 px.
const MAX_MASK_BYTES: usize = 4 << 20;

/// Outlines kept before starting anew; one takes some 5 kB.
const MAX_OUTLINES: usize = 2048;
/// Faces kept before starting anew: a size that is animated makes one on every frame.
const MAX_FACES: usize = 64;

/// How far lines may be from the curve they stand for, surface px: an eighth of vello's own 1/4,
/// which is paid for once, because flattened outlines are kept.
const TOLERANCE_PX: f64 = 1.0 / 32.0;

/// The same for outlines that only a rim is made of: most of it lies below the letters, and each line costs nine.
const RIM_TOLERANCE_PX: f64 = 1.0 / 8.0;

/// A font in one size and manner.
#[derive(Debug)]
pub(crate) struct Face {
    pub(crate) font: FontData,
    /// Normalised variation coordinates.
    pub(crate) coords: Vec<i16>,
    /// Surface px per em.
    pub(crate) size_px: f32,
    /// Tangent of a synthetic slant.
    pub(crate) slant: f64,
    /// Synthetic boldness: how far outlines grow to each side, in em.
    pub(crate) embolden_em: f64,
    /// Whether outlines are fitted to the pixel grid.
    pub(crate) hint: bool,
    /// Where above 0, not the letters are drawn but what lies so far around their outlines, surface px.
    pub(crate) rim_px: f64,
}

#[derive(PartialEq, Eq, Hash)]
struct FaceKey {
    font: u64,
    index: u32,
    coords: Vec<i16>,
    size_bits: u32,
    slant_bits: u64,
    embolden_bits: u64,
    hint: bool,
    rim_bits: u64,
}

struct Drawn {
    hinter: Option<HintingInstance>,
    outlines: HashMap<u32, Outline>,
    /// By glyph and quarters of a pixel; `None` where a glyph is too large for one.
    masks: HashMap<(u32, u8, u8), Option<Arc<Mask>>>,
}

/// Lines from the glyph's origin, y down.
#[derive(Default)]
struct Outline {
    path: BezPath,
    bounds: Rect,
}

impl Outlines {
    /// What is kept of masks.
    pub(crate) const fn mask_bytes(&self) -> usize {
        self.mask_bytes
    }

    /// Adds the outline of each glyph to `path`, at its place, and returns their bounds; `None` where there is no ink.
    pub(crate) fn append(
        &mut self,
        face: &Face,
        glyphs: impl Iterator<Item = (u32, Point)>,
        path: &mut BezPath,
    ) -> Option<Rect> {
        self.each(face, glyphs, |outline, _, at, _| outline.append(at, path))
    }

    /// Adds a mask of each glyph to `stamps`, at its place, or its outline to `path` where it is too large for one, and
    /// returns their bounds; `None` where there is no ink.
    pub(crate) fn stamp(
        &mut self,
        face: &Face,
        glyphs: impl Iterator<Item = (u32, Point)>,
        stamps: &mut Vec<Stamp>,
        path: &mut BezPath,
    ) -> Option<Rect> {
        if face.size_px > MAX_MASK_SIZE_PX {
            return self.append(face, glyphs, path);
        }
        self.each(face, glyphs, |outline, masks, at, glyph| {
            let ((x, right), (y, down)) = (quarters(at.x), quarters(at.y));
            match masks.get(outline, glyph, (right, down)) {
                Some(mask) => stamps.push(Stamp { mask, x, y }),
                None => outline.append(at, path),
            }
        })
    }

    /// Adds where each glyph's ink crosses `bands` of `line`.
    pub(crate) fn cross(
        &mut self,
        face: &Face,
        glyphs: impl Iterator<Item = (u32, Point)>,
        (line, bands): (usize, &[Band]),
        found: &mut Vec<Crossing>,
    ) {
        self.each(face, glyphs, |outline, _, at, _| {
            for &band in bands {
                if let Some((x0, x1)) = outline.within(band.y0 - at.y, band.y1 - at.y) {
                    let (x0, x1) = (x0 + at.x, x1 + at.x);
                    found.push(Crossing { line, band, x0, x1 });
                }
            }
        });
    }

    /// Calls `draw` with the outline, the masks and the place of each glyph that has ink, and returns the bounds of all.
    fn each(
        &mut self,
        face: &Face,
        glyphs: impl Iterator<Item = (u32, Point)>,
        mut draw: impl FnMut(&Outline, &mut Masks<'_>, Point, u32),
    ) -> Option<Rect> {
        let font = FontRef::from_index(face.font.data.as_ref(), face.font.index).ok()?;
        let collection = font.outline_glyphs();
        let full = self.count > MAX_OUTLINES || self.mask_bytes > MAX_MASK_BYTES;
        if self.faces.len() > MAX_FACES || full {
            self.faces.clear();
            (self.count, self.mask_bytes) = (0, 0);
        }
        let styles = &mut self.styles;
        let drawn = self.faces.entry(face.key()).or_insert_with(|| Drawn {
            hinter: face
                .hint
                .then(|| face.hinter(&collection, styles))
                .flatten(),
            outlines: HashMap::new(),
            masks: HashMap::new(),
        });
        let mut masks = Masks {
            kept: &mut drawn.masks,
            bytes: &mut self.mask_bytes,
            scratch: &mut self.scratch,
        };
        let mut bounds: Option<Rect> = None;
        for (glyph, mut at) in glyphs {
            let outline = drawn.outlines.entry(glyph).or_insert_with(|| {
                self.count += 1;
                face.outline(&collection, drawn.hinter.as_ref(), glyph)
            });
            if outline.path.is_empty() {
                continue;
            }
            if face.hint {
                // What is fitted to the grid must stand on it.
                at.y = at.y.round();
            }
            draw(outline, &mut masks, at, glyph);
            let inked = outline.bounds + at.to_vec2();
            bounds = Some(bounds.map_or(inked, |b| b.union(inked)));
        }
        bounds
    }
}

/// Masks of one face.
struct Masks<'a> {
    kept: &'a mut HashMap<(u32, u8, u8), Option<Arc<Mask>>>,
    bytes: &'a mut usize,
    scratch: &'a mut Vec<f32>,
}

impl Masks<'_> {
    fn get(&mut self, outline: &Outline, glyph: u32, phase: (u8, u8)) -> Option<Arc<Mask>> {
        let kept = self.kept.entry((glyph, phase.0, phase.1));
        let mask = kept.or_insert_with(|| {
            let mask = Mask::new(&outline.path, outline.bounds, phase, self.scratch)?;
            *self.bytes += mask.bytes();
            Some(Arc::new(mask))
        });
        mask.clone()
    }
}

impl Outline {
    /// From where to where there is ink between two heights; `None` where there is none.
    fn within(&self, y0: f64, y1: f64) -> Option<(f64, f64)> {
        if self.bounds.y1 <= y0 || self.bounds.y0 >= y1 {
            return None;
        }
        let mut found: Option<(f64, f64)> = None;
        let mut line = |from: Point, to: Point| {
            let (high, low) = if from.y < to.y {
                (from, to)
            } else {
                (to, from)
            };
            if low.y <= y0 || high.y >= y1 {
                return;
            }
            let at = |y: f64| {
                let part = (y - high.y) / (low.y - high.y);
                high.x + (low.x - high.x) * part
            };
            let start = if high.y < y0 { at(y0) } else { high.x };
            let end = if low.y > y1 { at(y1) } else { low.x };
            let (x0, x1) = found.unwrap_or((start, start));
            found = Some((x0.min(start).min(end), x1.max(start).max(end)));
        };
        let (mut start, mut last) = (Point::ZERO, Point::ZERO);
        for element in self.path.elements() {
            match element {
                PathEl::MoveTo(to) => (start, last) = (*to, *to),
                PathEl::ClosePath => {
                    line(last, start);
                    last = start;
                }
                other => {
                    let to = other.end_point().unwrap_or(last);
                    line(last, to);
                    last = to;
                }
            }
        }
        found
    }

    fn append(&self, at: Point, path: &mut BezPath) {
        let moved = Affine::translate(at.to_vec2());
        path.extend(self.path.iter().map(|element| moved * element));
    }
}

impl Face {
    fn key(&self) -> FaceKey {
        FaceKey {
            font: self.font.data.id(),
            index: self.font.index,
            coords: self.coords.clone(),
            size_bits: self.size_px.to_bits(),
            slant_bits: self.slant.to_bits(),
            embolden_bits: self.embolden_em.to_bits(),
            hint: self.hint,
            rim_bits: self.rim_px.to_bits(),
        }
    }

    fn location(&self) -> Vec<NormalizedCoord> {
        let coords = self.coords.iter();
        coords.map(|&c| NormalizedCoord::from_bits(c)).collect()
    }

    fn hinter(
        &self,
        collection: &OutlineGlyphCollection<'_>,
        styles: &mut HashMap<(u64, u32), GlyphStyles>,
    ) -> Option<HintingInstance> {
        let engine = match collection.format()? {
            OutlineGlyphFormat::Cff | OutlineGlyphFormat::Cff2 => Engine::Interpreter,
            _ => {
                let font = (self.font.data.id(), self.font.index);
                let styles = styles
                    .entry(font)
                    .or_insert_with(|| GlyphStyles::new(collection));
                Engine::Auto(Some(styles.clone()))
            }
        };
        let target = Target::Smooth {
            mode: SmoothMode::Light,
            symmetric_rendering: true,
            preserve_linear_metrics: true,
        };
        let location = self.location();
        HintingInstance::new(
            collection,
            Size::new(self.size_px),
            LocationRef::new(&location),
            HintingOptions { engine, target },
        )
        .ok()
    }

    /// Empty where the font has no outline or a broken one; characters no font has are noticed before.
    fn outline(
        &self,
        collection: &OutlineGlyphCollection<'_>,
        hinter: Option<&HintingInstance>,
        glyph: u32,
    ) -> Outline {
        let mut curves = Curves(BezPath::new());
        let location = self.location();
        let settings = match hinter {
            Some(hinter) => DrawSettings::hinted(hinter, false),
            None => DrawSettings::unhinted(Size::new(self.size_px), LocationRef::new(&location)),
        };
        let drawn = collection
            .get(GlyphId::new(glyph))
            .and_then(|outline| outline.draw(settings, &mut curves).ok());
        if drawn.is_none() || curves.0.is_empty() {
            return Outline::default();
        }
        let mut curves = curves.0;
        if self.embolden_em > 0.0 {
            let grow = self.embolden_em * f64::from(self.size_px);
            let (amount, miter_limit) = (Diagonal2::new(grow, grow), 4.0);
            curves = kurbo::expand_path(&curves, amount, Join::Miter, miter_limit, TOLERANCE_PX);
        }
        // Fonts count y upwards.
        curves.apply_affine(Affine::new([1.0, 0.0, self.slant, -1.0, 0.0, 0.0]));
        let path = if self.rim_px > 0.0 {
            rim(&flatten(&curves, RIM_TOLERANCE_PX), self.rim_px)
        } else {
            flatten(&curves, TOLERANCE_PX)
        };
        let bounds = path.bounding_box();
        Outline { path, bounds }
    }
}

struct Curves(BezPath);

impl OutlinePen for Curves {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to((x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to((x, y));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.quad_to((cx, cy), (x, y));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.curve_to((ax, ay), (bx, by), (x, y));
    }

    fn close(&mut self) {
        self.0.close_path();
    }
}
