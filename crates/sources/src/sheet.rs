//! What drawings ask of vello beyond shapes: clips that stay, blending, inks of an HTML canvas, and pictures.

use crate::canvas::{Canvas, Pen, TILE, to_alpha_color, to_fill};
use crate::shading::Shading;
use crate::stamp::Stamp;
use kurbo::{Affine, BezPath, Point, Rect};
use media::{BlendMode, Color, Surface};
use scene::{FillRule, Ink, InkForm, InkGradient};
use std::sync::Arc;
use vello_cpu::peniko::{
    self, ColorStop, Compose, ImageQuality, ImageSampler, InterpolationAlphaSpace, Mix,
};
use vello_cpu::{ImageSource, Pixmap};

/// Longest side of a sheet: one tile, since what is there takes part in what is drawn.
pub(crate) const MAX_SHEET: u32 = TILE;

/// How a path is filled.
pub(crate) struct Filling<'a> {
    pub(crate) rule: FillRule,
    pub(crate) ink: &'a Ink,
    /// Paints in place of the ink: a picture, or a pattern made ready.
    pub(crate) stamp: Option<&'a Stamp>,
    /// What the coordinates of a gradient are changed by.
    pub(crate) transform: Affine,
    pub(crate) alpha: f64,
    pub(crate) blend: BlendMode,
}

impl Canvas {
    /// Draws on what `surface` shows; `view` maps what is drawn to surface px. No side is longer than [`MAX_SHEET`].
    pub(crate) fn draw_over(
        &mut self,
        surface: &mut Surface,
        view: Affine,
        draw: impl FnOnce(&mut Pen<'_>),
    ) {
        let before = surface
            .data()
            .iter()
            .any(|v| *v > 0)
            .then(|| pixmap(surface));
        let mut draw = Some(draw);
        self.tile(surface, view, &mut |pen: &mut Pen<'_>| {
            if let Some(before) = &before {
                pen.place(Arc::clone(before), (0, 0), BlendMode::Normal);
            }
            if let Some(draw) = draw.take() {
                draw(pen);
            }
        });
    }
}

impl Pen<'_> {
    /// Cuts all that follows to the inside of `path`, until [`Pen::pop_clip`].
    pub(crate) fn push_clip(&mut self, path: &BezPath, rule: FillRule) {
        let flat = self.flat(path);
        self.context.set_fill_rule(to_fill(rule));
        self.context.push_clip_path(&flat);
    }

    pub(crate) fn pop_clip(&mut self) {
        self.context.pop_clip();
    }

    /// Fills a path in the coordinates that the pen draws in.
    pub(crate) fn fill_with(&mut self, path: &BezPath, filling: &Filling<'_>) {
        let alpha = filling.alpha;
        self.context.reset_paint_transform();
        match (filling.stamp, filling.ink) {
            (Some(stamp), _) => self.set_stamp(stamp, alpha),
            // A pattern that nothing is seen of.
            (None, Ink::Pattern(_)) => return,
            (None, Ink::Color(color)) => {
                self.context.set_paint(to_alpha_color(faded(*color, alpha)));
            }
            (None, Ink::Gradient(gradient)) => match gradient.stops.as_slice() {
                [] => return,
                [(_, color)] => self.context.set_paint(to_alpha_color(faded(*color, alpha))),
                _ => match to_peniko(gradient, alpha) {
                    Gradient::Nothing => return,
                    Gradient::Vello(gradient) => {
                        self.context.set_paint_transform(filling.transform);
                        self.context.set_paint(gradient);
                    }
                    Gradient::Own(shading) => {
                        let over = path.control_box();
                        self.set_shading(&shading, filling.transform, over);
                    }
                },
            },
        }
        let clip = filling.stamp.and_then(|stamp| stamp.clip.as_ref());
        if let Some(clip) = clip {
            self.push_clip(clip, FillRule::NonZero);
        }
        let flat = self.flat(path);
        self.context.set_fill_rule(to_fill(filling.rule));
        self.context.set_blend_mode(to_blend(filling.blend));
        self.context.fill_path(&flat);
        self.context.set_blend_mode(peniko::BlendMode::default());
        if clip.is_some() {
            self.pop_clip();
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "0..=1")]
    fn set_stamp(&mut self, stamp: &Stamp, alpha: f64) {
        self.context.set_paint_transform(stamp.place);
        self.context.set_paint(vello_cpu::Image {
            image: ImageSource::Pixmap(Arc::clone(&stamp.pixmap)),
            sampler: ImageSampler {
                alpha: alpha as f32,
                ..stamp.sampler
            },
        });
    }

    /// Forgets all that was drawn: it costs nothing.
    pub(crate) fn abandon(&mut self) {
        self.context.reset();
    }

    /// Takes away what lies within `path`.
    pub(crate) fn clear(&mut self, path: &BezPath) {
        let flat = self.flat(path);
        self.context.reset_paint_transform();
        self.context.set_paint(to_alpha_color(Color::BLACK));
        self.context
            .set_blend_mode(peniko::BlendMode::new(Mix::Normal, Compose::DestOut));
        self.context.fill_path(&flat);
        self.context.set_blend_mode(peniko::BlendMode::default());
    }

    /// A picture pixel on pixel, its corner at a pixel of the surface.
    pub(crate) fn picture(&mut self, picture: &Surface, at: (i32, i32), blend: BlendMode) {
        self.place(pixmap(picture), at, blend);
    }

    fn place(&mut self, picture: Arc<Pixmap>, (x, y): (i32, i32), blend: BlendMode) {
        let view = *self.context.transform();
        let corner = Point::new(x.into(), y.into());
        let size = (f64::from(picture.width()), f64::from(picture.height()));
        self.context.set_transform(Affine::IDENTITY);
        self.context
            .set_paint_transform(Affine::translate(corner.to_vec2()));
        self.context.set_paint(vello_cpu::Image {
            image: ImageSource::Pixmap(picture),
            sampler: ImageSampler {
                quality: ImageQuality::Low,
                ..ImageSampler::default()
            },
        });
        self.context.set_blend_mode(to_blend(blend));
        self.context
            .fill_rect(&Rect::from_origin_size(corner, size));
        self.context.set_blend_mode(peniko::BlendMode::default());
        self.context.reset_paint_transform();
        self.context.set_transform(view);
    }
}

/// As vello takes pictures; sides are below 65536, as those of all that is drawn.
pub(crate) fn pixmap(surface: &Surface) -> Arc<Pixmap> {
    let side = |v: u32| u16::try_from(v).unwrap_or(u16::MAX);
    let mut pixmap = Pixmap::new(side(surface.width()), side(surface.height()));
    pixmap
        .data_as_u8_slice_mut()
        .copy_from_slice(surface.data());
    pixmap.recompute_may_have_transparency();
    Arc::new(pixmap)
}

fn faded(color: Color, alpha: f64) -> Color {
    Color {
        a: color.a * alpha,
        ..color
    }
}

enum Gradient {
    /// Degenerate ones paint nothing.
    Nothing,
    Vello(peniko::Gradient),
    Own(Shading),
}

#[expect(clippy::cast_possible_truncation, reason = "vello counts in f32")]
fn to_peniko(gradient: &InkGradient, alpha: f64) -> Gradient {
    let mut stops: Vec<(f64, Color)> = gradient
        .stops
        .iter()
        .map(|(offset, color)| (*offset, faded(*color, alpha)))
        .collect();
    stops.sort_by(|a, b| a.0.total_cmp(&b.0));
    let shape = match gradient.form {
        InkForm::Linear([x0, y0, x1, y1]) => {
            let (from, to) = (Point::new(x0, y0), Point::new(x1, y1));
            if (to - from).hypot2() < 1e-12 {
                return Gradient::Nothing;
            }
            peniko::Gradient::new_linear(from, to)
        }
        InkForm::Radial([x0, y0, r0, x1, y1, r1]) => {
            let (from, to) = (Point::new(x0, y0), Point::new(x1, y1));
            if (to - from).hypot2() < 1e-12 && (r1 - r0).abs() < 1e-6 {
                return Gradient::Nothing;
            }
            peniko::Gradient::new_two_point_radial(from, r0 as f32, to, r1 as f32)
        }
        InkForm::Conic([angle, x, y]) => {
            let (sin, cos) = libm::sincos(angle);
            let stops = evenly(&stops);
            return Gradient::Own(Shading::around(Point::new(x, y), (cos, sin), &stops));
        }
    };
    let stops: Vec<ColorStop> = stops
        .iter()
        .map(|&(offset, color)| ColorStop::from((offset as f32, to_alpha_color(color))))
        .collect();
    let mut shape = shape.with_stops(stops.as_slice());
    shape.interpolation_alpha_space = InterpolationAlphaSpace::Unpremultiplied;
    Gradient::Vello(shape)
}

/// Stops between which colors mix premultiplied almost as these do not premultiplied.
fn evenly(stops: &[(f64, Color)]) -> Vec<(f64, Color)> {
    const PARTS: u32 = 16;
    let mut all = Vec::new();
    for pair in stops.windows(2) {
        let [(a, from), (b, to)] = [pair[0], pair[1]];
        let parts = if (from.a - to.a).abs() > 1e-3 {
            PARTS
        } else {
            1
        };
        for k in 0..parts {
            let p = f64::from(k) / f64::from(parts);
            let mix = |from: f64, to: f64| from + (to - from) * p;
            let color = Color::new(
                mix(from.r, to.r),
                mix(from.g, to.g),
                mix(from.b, to.b),
                mix(from.a, to.a),
            );
            all.push((mix(a, b), color));
        }
    }
    all.extend(stops.last());
    all
}

fn to_blend(operation: BlendMode) -> peniko::BlendMode {
    use BlendMode as Op;
    let (mix, compose) = match operation {
        Op::Normal => (Mix::Normal, Compose::SrcOver),
        Op::SourceIn => (Mix::Normal, Compose::SrcIn),
        Op::SourceOut => (Mix::Normal, Compose::SrcOut),
        Op::SourceAtop => (Mix::Normal, Compose::SrcAtop),
        Op::DestinationOver => (Mix::Normal, Compose::DestOver),
        Op::DestinationIn => (Mix::Normal, Compose::DestIn),
        Op::DestinationOut => (Mix::Normal, Compose::DestOut),
        Op::DestinationAtop => (Mix::Normal, Compose::DestAtop),
        Op::PlusLighter => (Mix::Normal, Compose::Plus),
        Op::Copy => (Mix::Normal, Compose::Copy),
        Op::Xor => (Mix::Normal, Compose::Xor),
        Op::Clear => (Mix::Normal, Compose::Clear),
        Op::Multiply => (Mix::Multiply, Compose::SrcOver),
        Op::Screen => (Mix::Screen, Compose::SrcOver),
        Op::Overlay => (Mix::Overlay, Compose::SrcOver),
        Op::Darken => (Mix::Darken, Compose::SrcOver),
        Op::Lighten => (Mix::Lighten, Compose::SrcOver),
        Op::ColorDodge => (Mix::ColorDodge, Compose::SrcOver),
        Op::ColorBurn => (Mix::ColorBurn, Compose::SrcOver),
        Op::HardLight => (Mix::HardLight, Compose::SrcOver),
        Op::SoftLight => (Mix::SoftLight, Compose::SrcOver),
        Op::Difference => (Mix::Difference, Compose::SrcOver),
        Op::Exclusion => (Mix::Exclusion, Compose::SrcOver),
        Op::Hue => (Mix::Hue, Compose::SrcOver),
        Op::Saturation => (Mix::Saturation, Compose::SrcOver),
        Op::Color => (Mix::Color, Compose::SrcOver),
        Op::Luminosity => (Mix::Luminosity, Compose::SrcOver),
    };
    peniko::BlendMode::new(mix, compose)
}
