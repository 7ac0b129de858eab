//! Drawings: operations of an HTML canvas, in order.
//!
//! All but a few go to vello in one run. What replaces even what it does not touch (`source-in`, `source-out`,
//! `destination-in`, `destination-atop`, `copy`) ends the run, is combined here, and the next run draws on the result.

mod images;

use crate::album::{Album, Print};
use crate::canvas::{Canvas, Pen, SHAPE_TOLERANCE_PX};
use crate::flow;
use crate::glyphs::Glyphs;
use crate::layout::{Lines, Spans, Typesetter};
use crate::ornament::Place;
use crate::picture::Scaler;
use crate::request::checked_size;
use crate::shadow::{Shadow, div255, to_u8};
use crate::sheet::{Filling, MAX_SHEET};
use crate::stamp::{Stamp, Stamps};
use crate::tracing::Tracing;
use crate::{Error, Fonts, Notice, stroke};
use kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape as _, Size, Vec2};
use media::{BlendMode, Color, Surface};
use scene::{
    Align, CanvasFont, Cap, Drawing, FillRule, Flow, Ink, InkForm, Join, Operation, Smoothing,
    TextAlign, TextBaseline, TextDirection, TextStyle, Words, Wrap,
};
use std::borrow::Cow;
use std::sync::Arc;

/// What a drawing is made with.
pub(crate) struct Tools<'a> {
    pub(crate) canvas: &'a mut Canvas,
    pub(crate) typesetter: &'a mut Typesetter,
    pub(crate) glyphs: &'a mut Glyphs,
    pub(crate) scaler: &'a mut Scaler,
    /// Its pictures; without, placeholders are drawn.
    pub(crate) album: Option<&'a Album>,
    /// Writes what stands in SVGs.
    pub(crate) fonts: &'a Fonts,
}

/// What all operations of a drawing may cost, in pixels filled with a color, of some 0.8 ns each: about two seconds of the worker,
/// which paints for all layers. What follows was measured so.
const MAX_WORK: f64 = 2e9;
/// What an outline costs per pixel of its length: strips are cut along it.
const OUTLINE_WORK: f64 = 36.0;
/// What a letter costs before anything is filled.
const LETTER_WORK: f64 = 15_000.0;
/// What blurring costs a pixel, and a shadow as such.
const SHADOW_WORK: f64 = 25.0;
const SHADOW: f64 = 1e6;
/// What a pixel of a conic gradient costs: an arc tangent.
const CONIC_WORK: f64 = 120.0;
/// What a pixel of all costs where an operation changes what it does not touch.
const REPLACE_WORK: f64 = 36.0;
/// What painting with a picture costs, in fillings with a color: between four pixels and fewer, and between sixteen.
const STAMP_WORK: f64 = 10.0;
const FINE_STAMP_WORK: f64 = 40.0;

/// The drawing in a box of `size` layer px.
pub(crate) fn paint(
    tools: &mut Tools<'_>,
    drawing: &Drawing,
    size: Size,
    scale: f64,
    hint: bool,
) -> Result<(Surface, Vec<Notice>), Error> {
    let (width, height) = checked_size("the drawing", size.width * scale, size.height * scale)?;
    if width > MAX_SHEET || height > MAX_SHEET {
        return Err(Error::TooManyPixels {
            what: "the drawing",
            width: width.into(),
            height: height.into(),
            allowed_side: MAX_SHEET.into(),
            allowed_pixels: crate::request::MAX_PIXELS,
        });
    }
    let mut surface = Surface::new(width, height);
    let prints = drawing.images().iter().map(|name| {
        let print = tools
            .album
            .map_or(Ok(Print::Missing), |album| album.print(name, tools.fonts));
        Ok((Arc::clone(name), print?))
    });
    let prints = prints.collect::<Result<_, Error>>()?;
    let mut draft = Draft::new(scale, hint, (width, height), prints);
    let mut rest = drawing.operations().iter().peekable();
    while rest.peek().is_some() {
        let mut result = Ok(());
        // The canvas draws the run, so what it draws aside needs one of its own.
        let Tools {
            canvas,
            typesetter,
            glyphs,
            scaler,
            ..
        } = tools;
        canvas.draw_over(&mut surface, Affine::scale(scale), |pen| {
            let mut kit = Kit {
                typesetter,
                glyphs,
                scaler,
            };
            for (path, rule) in &draft.clips {
                pen.push_clip(path, *rule);
            }
            while let Some(operation) = rest.peek() {
                if draft.replaces(operation) {
                    break;
                }
                result = draft.apply(operation, &mut kit, pen);
                if result.is_err() {
                    break;
                }
                rest.next();
            }
            for _ in &draft.clips {
                pen.pop_clip();
            }
            if result.is_err() {
                pen.abandon();
            }
        });
        result?;
        if let Some(operation) = rest.next() {
            let mut kit = Kit {
                typesetter: tools.typesetter,
                glyphs: tools.glyphs,
                scaler: tools.scaler,
            };
            draft.replace(operation, &mut kit, &mut surface)?;
        }
    }
    Ok((surface, draft.notices))
}

/// What words are set and drawn with.
struct Kit<'a> {
    typesetter: &'a mut Typesetter,
    glyphs: &'a mut Glyphs,
    scaler: &'a mut Scaler,
}

/// What `save` keeps.
#[derive(Clone)]
struct State {
    transform: Affine,
    fill: Ink,
    stroke: Ink,
    line: kurbo::Stroke,
    dash: Vec<f64>,
    alpha: f64,
    blend: BlendMode,
    font: Option<CanvasFont>,
    align: TextAlign,
    baseline: TextBaseline,
    direction: TextDirection,
    letter_spacing_px: f64,
    word_spacing_px: f64,
    /// Whether pictures are smoothed, or their pixels stay squares.
    smooths: bool,
    smoothing: Smoothing,
    shadow: Shadow,
    clips: usize,
}

impl Default for State {
    fn default() -> Self {
        let black = || Ink::Color(Color::BLACK);
        Self {
            transform: Affine::IDENTITY,
            fill: black(),
            stroke: black(),
            line: kurbo::Stroke::new(1.0)
                .with_caps(kurbo::Cap::Butt)
                .with_join(kurbo::Join::Miter)
                .with_miter_limit(10.0),
            dash: Vec::new(),
            alpha: 1.0,
            blend: BlendMode::Normal,
            font: None,
            align: TextAlign::Start,
            baseline: TextBaseline::Alphabetic,
            direction: TextDirection::Ltr,
            letter_spacing_px: 0.0,
            word_spacing_px: 0.0,
            smooths: true,
            smoothing: Smoothing::Low,
            shadow: Shadow {
                dx: 0.0,
                dy: 0.0,
                sigma: 0.0,
                strength: 1.0,
                color: Color::TRANSPARENT,
            },
            clips: 0,
        }
    }
}

struct Draft {
    state: State,
    saved: Vec<State>,
    path: Tracing,
    clips: Vec<(BezPath, FillRule)>,
    /// Draws shadows and what replaces, beside the run.
    aside: Option<Box<Canvas>>,
    /// Its pictures by name.
    prints: Vec<(Arc<str>, Print)>,
    stamps: Stamps,
    scale: f64,
    hint: bool,
    pixels: (u32, u32),
    work: f64,
    notices: Vec<Notice>,
}

/// A path to be filled, in layer px.
struct Item {
    path: BezPath,
    rule: FillRule,
    ink: Ink,
    /// What is painted with in place of the ink.
    stamp: Option<Stamp>,
    /// Pictures among words, and the pixel of their corner.
    picture: Option<(Surface, (i32, i32))>,
}

impl Item {
    /// What a pixel of it costs, in fillings with a color.
    fn times(&self) -> f64 {
        match &self.stamp {
            None => match &self.ink {
                Ink::Gradient(gradient) if matches!(gradient.form, InkForm::Conic(_)) => CONIC_WORK,
                _ => 1.0,
            },
            Some(stamp) if stamp.is_fine() => FINE_STAMP_WORK,
            Some(_) => STAMP_WORK,
        }
    }
}

impl Draft {
    fn new(scale: f64, hint: bool, pixels: (u32, u32), prints: Vec<(Arc<str>, Print)>) -> Self {
        Self {
            state: State::default(),
            saved: Vec::new(),
            path: Tracing::default(),
            clips: Vec::new(),
            aside: None,
            prints,
            stamps: Stamps::default(),
            scale,
            hint,
            pixels,
            work: 0.0,
            notices: Vec::new(),
        }
    }

    /// Whether an operation changes pixels that it does not touch.
    fn replaces(&self, operation: &Operation) -> bool {
        self.state.blend.reaches_beyond_source() && paints(operation)
    }

    fn apply(
        &mut self,
        operation: &Operation,
        kit: &mut Kit<'_>,
        pen: &mut Pen<'_>,
    ) -> Result<(), Error> {
        match operation {
            Operation::Save => {
                self.state.clips = self.clips.len();
                self.saved.push(self.state.clone());
            }
            Operation::Restore => {
                if let Some(state) = self.saved.pop() {
                    for _ in self.clips.drain(state.clips..) {
                        pen.pop_clip();
                    }
                    self.state = state;
                }
            }
            Operation::Clip(rule) => self.clip(self.path.path().clone(), *rule, pen),
            Operation::ClipPath(path, rule) => {
                self.clip(self.state.transform * path.path().clone(), *rule, pen);
            }
            Operation::Reset => {
                for _ in self.clips.drain(..) {
                    pen.pop_clip();
                }
                self.state = State::default();
                self.saved.clear();
                self.path = Tracing::default();
                let (width, height) = (f64::from(self.pixels.0), f64::from(self.pixels.1));
                let all = Rect::new(0.0, 0.0, width, height).scale_from_origin(1.0 / self.scale);
                let path = all.to_path(0.1);
                self.charge(&path, 1.0)?;
                pen.clear(&path);
            }
            Operation::ClearRect(rect) => {
                let path = self.boxed(*rect);
                self.charge(&path, 1.0)?;
                pen.clear(&path);
            }
            _ if paints(operation) => {
                if let Some(item) = self.item(operation, kit)? {
                    self.draw(&item, pen)?;
                }
            }
            _ => self.set(operation),
        }
        Ok(())
    }

    fn clip(&mut self, path: BezPath, rule: FillRule, pen: &mut Pen<'_>) {
        pen.push_clip(&path, rule);
        self.clips.push((path, rule));
    }

    /// Operations that draw nothing.
    fn set(&mut self, operation: &Operation) {
        let s = &mut self.state;
        match operation {
            Operation::FillStyle(ink) => s.fill = ink.clone(),
            Operation::StrokeStyle(ink) => s.stroke = ink.clone(),
            Operation::LineWidth(v) => s.line.width = *v,
            Operation::LineCap(cap) => {
                s.line = s.line.clone().with_caps(match cap {
                    Cap::Butt => kurbo::Cap::Butt,
                    Cap::Round => kurbo::Cap::Round,
                    Cap::Square => kurbo::Cap::Square,
                });
            }
            Operation::LineJoin(join) => {
                s.line.join = match join {
                    Join::Miter => kurbo::Join::Miter,
                    Join::Round => kurbo::Join::Round,
                    Join::Bevel => kurbo::Join::Bevel,
                };
            }
            Operation::MiterLimit(v) => s.line.miter_limit = *v,
            Operation::SetLineDash(lengths) => s.dash = lengths.to_vec(),
            Operation::LineDashOffset(v) => s.line.dash_offset = *v,
            Operation::GlobalAlpha(v) => s.alpha = *v,
            Operation::GlobalCompositeOperation(v) => s.blend = *v,
            Operation::Font(font) => s.font = Some(CanvasFont::clone(font)),
            Operation::LetterSpacing(v) => s.letter_spacing_px = *v,
            Operation::WordSpacing(v) => s.word_spacing_px = *v,
            Operation::Direction(v) => s.direction = *v,
            Operation::ImageSmoothingEnabled(v) => s.smooths = *v,
            Operation::ImageSmoothingQuality(v) => s.smoothing = *v,
            Operation::TextAlign(v) => s.align = *v,
            Operation::TextBaseline(v) => s.baseline = *v,
            Operation::ShadowColor(v) => s.shadow.color = *v,
            Operation::ShadowBlur(v) => s.shadow.sigma = v / 2.0 * self.scale,
            Operation::ShadowOffsetX(v) => s.shadow.dx = v * self.scale,
            Operation::ShadowOffsetY(v) => s.shadow.dy = v * self.scale,
            Operation::Translate([x, y]) => s.transform *= Affine::translate((*x, *y)),
            Operation::Rotate(angle) => s.transform *= rotation(*angle),
            Operation::Scale([x, y]) => s.transform *= Affine::scale_non_uniform(*x, *y),
            Operation::Transform(v) => s.transform *= Affine::new(*v),
            Operation::SetTransform(v) => s.transform = Affine::new(*v),
            Operation::ResetTransform => s.transform = Affine::IDENTITY,
            _ => self.path.trace(operation, s.transform),
        }
        // Products of many large factors end here, not in vello.
        let s = &mut self.state;
        if !s.transform.as_coeffs().iter().all(|v| v.abs() < 1e9) {
            s.transform = Affine::scale(0.0);
        }
    }

    /// What an operation fills; `None` where that is nothing.
    fn item(&mut self, operation: &Operation, kit: &mut Kit<'_>) -> Result<Option<Item>, Error> {
        if let Operation::DrawImage(drawn) = operation {
            return self.image(drawn, kit.scaler);
        }
        let is_line = matches!(
            operation,
            Operation::Stroke
                | Operation::StrokePath(_)
                | Operation::StrokeRect(_)
                | Operation::StrokeText(_)
        );
        let (mut rule, mut picture) = (FillRule::NonZero, None);
        let mut path = match operation {
            Operation::Fill(by) => {
                rule = *by;
                self.path.path().clone()
            }
            Operation::Stroke => self.path.path().clone(),
            Operation::FillPath(path, by) => {
                rule = *by;
                self.state.transform * path.path().clone()
            }
            Operation::StrokePath(path) => self.state.transform * path.path().clone(),
            Operation::FillRect(rect) | Operation::StrokeRect(rect) => self.boxed(*rect),
            Operation::FillText(words) | Operation::StrokeText(words) => {
                let (path, among) = self.words(words, kit)?;
                picture = among;
                path
            }
            _ => return Ok(None),
        };
        let ink = if is_line {
            path = self.line_along(&path);
            self.state.stroke.clone()
        } else {
            self.state.fill.clone()
        };
        let stamp = match &ink {
            Ink::Pattern(pattern) => self.pattern(pattern, kit.scaler)?,
            _ => None,
        };
        Ok(Some(Item {
            path,
            rule,
            ink,
            stamp,
            picture,
        }))
    }

    fn draw(&mut self, item: &Item, pen: &mut Pen<'_>) -> Result<(), Error> {
        self.charge(&item.path, item.times())?;
        self.cast_shadow(item, pen)?;
        pen.fill_with(&item.path, &self.filling(item));
        if let Some((picture, at)) = &item.picture {
            pen.picture(picture, *at, self.state.blend);
        }
        Ok(())
    }

    fn filling<'a>(&self, item: &'a Item) -> Filling<'a> {
        Filling {
            rule: item.rule,
            ink: &item.ink,
            stamp: item.stamp.as_ref(),
            transform: self.state.transform,
            alpha: self.state.alpha,
            blend: self.state.blend,
        }
    }

    /// What is seen itself or by its shadow, surface px.
    fn casting(&self) -> Rect {
        let sheet = Rect::new(0.0, 0.0, self.pixels.0.into(), self.pixels.1.into());
        if !is_cast(&self.state.shadow) {
            return sheet;
        }
        // What lies farther outside throws no shadow that is seen.
        let growth = self.state.shadow.growth();
        Rect::new(
            sheet.x0 - f64::from(growth.right),
            sheet.y0 - f64::from(growth.bottom),
            sheet.x1 + f64::from(growth.left),
            sheet.y1 + f64::from(growth.top),
        )
    }

    /// The shadow of what is about to be drawn.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within a surface, and its shadow's reach"
    )]
    fn cast_shadow(&mut self, item: &Item, pen: &mut Pen<'_>) -> Result<(), Error> {
        let shadow = self.state.shadow;
        if !is_cast(&shadow) || item.path.elements().is_empty() {
            return Ok(());
        }
        let growth = shadow.growth();
        let seen = self.casting();
        let bounds = (Affine::scale(self.scale) * item.path.clone()).bounding_box();
        let part = bounds.inflate(1.0, 1.0).expand().intersect(seen);
        if part.width() < 1.0 || part.height() < 1.0 {
            return Ok(());
        }
        let grown = (part.width() + f64::from(growth.left + growth.right))
            * (part.height() + f64::from(growth.top + growth.bottom));
        self.work += SHADOW_WORK * grown + SHADOW;
        self.charge(&BezPath::new(), 0.0)?;
        let pixels = checked_size("the shadow", part.width(), part.height())?;
        let view = Affine::translate(-part.origin().to_vec2()) * Affine::scale(self.scale);
        let filling = Filling {
            blend: BlendMode::Normal,
            ..self.filling(item)
        };
        let aside = self.aside.get_or_insert_with(|| Box::new(Canvas::new()));
        let shape = aside.draw(pixels, view, |pen| pen.fill_with(&item.path, &filling));
        let cast = shadow.alone(&shape);
        let corner = part.origin() - Vec2::new(growth.left.into(), growth.top.into());
        pen.picture(&cast, (corner.x as i32, corner.y as i32), self.state.blend);
        Ok(())
    }

    /// Combines what replaces all there is, inside of the clips.
    fn replace(
        &mut self,
        operation: &Operation,
        kit: &mut Kit<'_>,
        surface: &mut Surface,
    ) -> Result<(), Error> {
        let Some(item) = self.item(operation, kit)? else {
            return Ok(());
        };
        let pixels = self.pixels;
        self.work += REPLACE_WORK * f64::from(pixels.0) * f64::from(pixels.1);
        self.charge(&item.path, item.times())?;
        let view = Affine::scale(self.scale);
        let filling = Filling {
            blend: BlendMode::Normal,
            ..self.filling(&item)
        };
        let aside = self.aside.get_or_insert_with(|| Box::new(Canvas::new()));
        let source = aside.draw(pixels, view, |pen| {
            pen.fill_with(&item.path, &filling);
            if let Some((picture, at)) = &item.picture {
                pen.picture(picture, *at, BlendMode::Normal);
            }
        });
        let clip = (!self.clips.is_empty()).then(|| {
            let all = Rect::new(0.0, 0.0, pixels.0.into(), pixels.1.into());
            let all = view.inverse() * all.to_path(0.1);
            aside.draw(pixels, view, |pen| {
                for (path, rule) in &self.clips {
                    pen.push_clip(path, *rule);
                }
                let white = scene::Paint::Color(Color::WHITE);
                pen.fill(&all, FillRule::NonZero, &white, Rect::ZERO);
                for _ in &self.clips {
                    pen.pop_clip();
                }
            })
        });
        let blend = self.state.blend;
        let sources = source.data().chunks_exact(4);
        let places = surface.data_mut().chunks_exact_mut(4).zip(sources);
        for (i, (to, from)) in places.enumerate() {
            let inside = clip.as_ref().map_or(255, |clip| clip.data()[i * 4 + 3]);
            if inside > 0 {
                combine(blend, to, from, inside.into());
            }
        }
        Ok(())
    }

    fn boxed(&self, [x, y, width, height]: [f64; 4]) -> BezPath {
        let mut tracing = Tracing::default();
        tracing.rect([x, y, width, height], self.state.transform);
        tracing.path().clone()
    }

    /// What the line along a path covers. Its width is changed by the transform of now, its way by that of then.
    fn line_along(&self, path: &BezPath) -> BezPath {
        let s = &self.state;
        let factor = s.transform.determinant().abs().sqrt();
        if !factor.is_normal() || factor < 1e-9 || path.elements().is_empty() {
            return BezPath::new();
        }
        let own = s.transform.inverse() * path.clone();
        let tolerance = SHAPE_TOLERANCE_PX / (factor * self.scale);
        s.transform * stroke::along(&own, &s.line, &s.dash, tolerance)
    }

    /// The outlines of words in layer px, and the pictures among them where nothing turns them.
    #[expect(
        clippy::type_complexity,
        reason = "a path, and a picture with its place"
    )]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "pixels of a checked surface"
    )]
    fn words(
        &mut self,
        words: &Words,
        kit: &mut Kit<'_>,
    ) -> Result<(BezPath, Option<(Surface, (i32, i32))>), Error> {
        let s = &self.state;
        let default = CanvasFont::new("10px sans-serif").expect("a font of ours keeps the rule");
        let font = s.font.as_ref().unwrap_or(&default);
        let text = words.text.replace(['\n', '\r', '\t'], " ");
        self.work += LETTER_WORK * text.chars().count() as f64;
        let mut style = font.style().clone();
        style.letter_spacing_px = s.letter_spacing_px;
        style.word_spacing_px = s.word_spacing_px;
        let style = &style;
        let line = crate::words::Words {
            spans: Spans {
                text: Cow::Owned(text),
                runs: Vec::new(),
            },
            style,
            runs: &[],
            lines: Lines {
                width_px: None,
                wrap: Wrap::None,
                align: Align::Left,
            },
            flow: Flow::default(),
        };
        let laid = flow::lay_out(kit.typesetter, &line, None)?;
        let unknown = |notice: &Notice| matches!(notice, Notice::UnknownFamily { .. });
        let new = laid.notices.iter().cloned();
        let new = new.filter(|notice| !(font.is_generic() && unknown(notice)));
        for notice in new {
            if self.notices.len() < 16 && !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        // The font's own, since no line height is asked for.
        let (ascent, descent) = (laid.baseline_px, laid.size.height - laid.baseline_px);
        let em = style.size_px / (ascent + descent).max(1e-6);
        let down = match s.baseline {
            TextBaseline::Alphabetic => 0.0,
            TextBaseline::Top => ascent * em,
            TextBaseline::Hanging => ascent * 0.8,
            TextBaseline::Middle => (ascent - descent) * em / 2.0,
            TextBaseline::Ideographic => -descent,
            TextBaseline::Bottom => -descent * em,
        };
        let width = laid.size.width;
        let narrowed = match words.max_width {
            Some(most) if most <= 0.0 => return Ok((BezPath::new(), None)),
            Some(most) if width > most => most / width,
            _ => 1.0,
        };
        let left = match (s.align, s.direction) {
            (TextAlign::Left, _)
            | (TextAlign::Start, TextDirection::Ltr)
            | (TextAlign::End, TextDirection::Rtl) => 0.0,
            (TextAlign::Center, _) => -width / 2.0,
            (TextAlign::Right, _)
            | (TextAlign::End, TextDirection::Ltr)
            | (TextAlign::Start, TextDirection::Rtl) => -width,
        };
        let [x, y] = words.at;
        let place = s.transform
            * Affine::translate((x, y + down))
            * Affine::scale_non_uniform(narrowed, 1.0)
            * Affine::translate((left, -laid.baseline_px));
        let within = |style, view, hint| Place {
            style,
            runs: &[],
            align: Align::Left,
            size: laid.size,
            top_px: 0.0,
            decorations: Vec::new(),
            view,
            hint,
            masks: false,
        };
        let [a, b, c, d, _, _] = place.as_coeffs();
        let upright = b.abs() < 1e-9 && c.abs() < 1e-9 && a > 0.0 && (a - d).abs() < 1e-9;
        if upright {
            // Letters are fitted to the pixels they will lie on.
            let view = Affine::scale(self.scale) * place;
            let ready = kit
                .glyphs
                .place(&laid, None, &within(style, view, self.hint));
            let path = Affine::scale(1.0 / self.scale) * ready.outlines();
            let picture = match ready.bounds {
                Some(ink) if ready.has_pictures() => {
                    let all = Rect::new(0.0, 0.0, self.pixels.0.into(), self.pixels.1.into());
                    let ink = ink.inflate(1.0, 1.0).expand().intersect(all);
                    if ink.width() < 1.0 || ink.height() < 1.0 {
                        None
                    } else {
                        let pixels = checked_size("the text", ink.width(), ink.height())?;
                        let aside = self.aside.get_or_insert_with(|| Box::new(Canvas::new()));
                        let faded = TextStyle {
                            color: Color {
                                a: s.alpha,
                                ..Color::BLACK
                            },
                            ..style.clone()
                        };
                        let at = (ink.x0 as i32, ink.y0 as i32);
                        let tools = (&mut **aside, &mut *kit.scaler);
                        let picture = kit.glyphs.draw(
                            tools,
                            &ready.only_pictures(),
                            &within(&faded, view, self.hint),
                            pixels,
                            (ink.origin(), Rect::ZERO),
                        )?;
                        Some((picture, at))
                    }
                }
                _ => None,
            };
            return Ok((path, picture));
        }
        // Outlines in the size they are drawn in, so that their lines are as fine.
        let factor = (place.determinant().abs().sqrt() * self.scale).clamp(1e-3, 1e3);
        let larger = within(style, Affine::scale(factor), false);
        let ready = kit.glyphs.place(&laid, None, &larger);
        let path = place * Affine::scale(1.0 / factor) * ready.outlines();
        Ok((path, None))
    }

    /// About how long a path is in surface px, what each part of it has outside left out.
    fn length(&self, path: &BezPath) -> f64 {
        let most = f64::from(self.pixels.0).hypot(f64::from(self.pixels.1));
        let mut last = Point::ZERO;
        let lengths = path.elements().iter().map(|element| {
            let end = element.end_point().unwrap_or(last);
            let length = (end - last).hypot() * self.scale;
            last = end;
            match element {
                PathEl::MoveTo(_) => 0.0,
                _ => length.min(most) + 1.0,
            }
        });
        lengths.sum()
    }

    /// Counts what filling a path costs.
    fn charge(&mut self, path: &BezPath, times: f64) -> Result<(), Error> {
        if !path.elements().is_empty() {
            let sheet = Rect::new(0.0, 0.0, self.pixels.0.into(), self.pixels.1.into());
            let bounds = path.control_box().scale_from_origin(self.scale);
            let filled = times * bounds.intersect(sheet).area().max(0.0);
            self.work += filled + OUTLINE_WORK * self.length(path) + 1000.0;
        }
        if self.work <= MAX_WORK {
            Ok(())
        } else {
            Err(Error::TooMuchWork)
        }
    }
}

const fn paints(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Fill(_)
            | Operation::Stroke
            | Operation::FillRect(_)
            | Operation::StrokeRect(_)
            | Operation::FillText(_)
            | Operation::StrokeText(_)
            | Operation::FillPath(..)
            | Operation::StrokePath(_)
            | Operation::DrawImage(_)
    )
}

/// Whether there is a shadow that does not hide behind what casts it.
fn is_cast(shadow: &Shadow) -> bool {
    let moved = shadow.dx.abs() > 0.0 || shadow.dy.abs() > 0.0 || shadow.sigma > 0.0;
    shadow.color.a > 0.0 && moved
}

fn rotation(angle: f64) -> Affine {
    let (sin, cos) = libm::sincos(angle);
    Affine::new([cos, sin, -sin, cos, 0.0, 0.0])
}

/// One pixel of W3C Compositing, premultiplied, of which `inside` 255ths lie inside of the clips.
fn combine(operation: BlendMode, to: &mut [u8], from: &[u8], inside: u32) {
    let (above, below) = (u32::from(from[3]), u32::from(to[3]));
    // What counts of the source and of what is there.
    let (source, rest) = match operation {
        BlendMode::SourceIn => (below, 0),
        BlendMode::SourceOut => (255 - below, 0),
        BlendMode::DestinationIn => (0, above),
        BlendMode::DestinationAtop => (255 - below, above),
        BlendMode::Clear => (0, 0),
        _ => (255, 0),
    };
    for (to, from) in to.iter_mut().zip(from) {
        let is = u32::from(*to);
        let becomes = div255(u32::from(*from) * source) + div255(is * rest);
        *to = to_u8(div255(becomes.min(255) * inside + is * (255 - inside)));
    }
}
