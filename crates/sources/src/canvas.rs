//! The only file that knows vello: outlines, gradients and glyphs to pixels.

use crate::outlines::Face;
use crate::shading::{Shading, gradient_line};
use kurbo::{Affine, BezPath, CubicBez, ParamCurve as _, PathEl, Point, QuadBez, Rect};
use media::{Color, Surface};
use scene::{FillRule, Gradient, GradientForm, Paint, Spread};
use std::sync::Arc;
use vello_cpu::color::{AlphaColor, DynamicColor, Srgb};
pub(crate) use vello_cpu::peniko::Compose;
use vello_cpu::peniko::{self, ColorStop, Fill, ImageQuality, ImageSampler};
use vello_cpu::{
    Glyph, ImageSource, Level, Pixmap, PixmapMut, RenderContext, RenderSettings, Resources,
};

/// Larger surfaces are drawn in tiles of this size, because vello counts pixels in 16 bits.
pub(crate) const TILE: u32 = 16_384;

/// How far lines may be from the edges of shapes they stand for, surface px. Left to vello's own 1/4, a pixel on the
/// corner of a 16 px radius got a third of its coverage (16 instead of 50).
pub(crate) const SHAPE_TOLERANCE_PX: f64 = 0.01;

/// A reusable rasteriser.
pub(crate) struct Canvas {
    context: RenderContext,
    /// Layers of coloured glyphs drawn before.
    resources: Resources,
}

impl Canvas {
    /// The SIMD level is what the compiler was told every target machine has, not what this processor has:
    /// AVX2 and AVX-512 fuse multiply and add, SSE2 does not, so coverage could differ between two machines. No threads: surfaces are small, and handing out work costs more than it gives.
    pub(crate) fn new() -> Self {
        let settings = RenderSettings {
            level: Level::baseline(),
            num_threads: 0,
        };
        Self {
            context: RenderContext::new_with(1, 1, settings),
            resources: Resources::new(),
        }
    }

    /// A transparent surface of `width` x `height`, drawn on by `draw`, which is called once for each tile. `view` maps
    /// what `draw` draws to surface px.
    pub(crate) fn draw(
        &mut self,
        (width, height): (u32, u32),
        view: Affine,
        mut draw: impl FnMut(&mut Pen<'_>),
    ) -> Surface {
        let mut surface = Surface::new(width, height);
        if width <= TILE && height <= TILE {
            self.tile(&mut surface, view, &mut draw);
            return surface;
        }
        for top in (0..height).step_by(TILE as usize) {
            for left in (0..width).step_by(TILE as usize) {
                let mut tile = Surface::new((width - left).min(TILE), (height - top).min(TILE));
                self.tile(
                    &mut tile,
                    view.then_translate((-f64::from(left), -f64::from(top)).into()),
                    &mut draw,
                );
                let (stride, tile_stride) = (width as usize * 4, tile.width() as usize * 4);
                let start = top as usize * stride + left as usize * 4;
                let rows = surface.data_mut()[start..].chunks_mut(stride);
                for (to, from) in rows.zip(tile.data().chunks_exact(tile_stride)) {
                    to[..tile_stride].copy_from_slice(from);
                }
            }
        }
        surface
    }

    pub(crate) fn tile(
        &mut self,
        surface: &mut Surface,
        view: Affine,
        draw: &mut impl FnMut(&mut Pen<'_>),
    ) {
        let side = |v: u32| u16::try_from(v).expect("tiles are below 65536 px");
        let (width, height) = (side(surface.width()), side(surface.height()));
        self.context.reset_and_resize(width, height);
        self.context.set_transform(view);
        draw(&mut Pen {
            context: &mut self.context,
            resources: &mut self.resources,
        });
        self.context.flush();
        let target = PixmapMut::new(width, height, surface.data_mut())
            .expect("a surface holds width x height x 4 bytes");
        self.context.render(target, &mut self.resources);
    }
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canvas { .. }")
    }
}

/// Draws on one tile, in the coordinates that the tile's view was given for.
pub(crate) struct Pen<'a> {
    pub(crate) context: &'a mut RenderContext,
    resources: &'a mut Resources,
}

impl Pen<'_> {
    /// Fills the inside of `path`. A gradient runs over `gradient_box`.
    pub(crate) fn fill(
        &mut self,
        path: &BezPath,
        rule: FillRule,
        paint: &Paint,
        gradient_box: Rect,
    ) {
        self.context.reset_paint_transform();
        self.context.set_fill_rule(to_fill(rule));
        self.set_paint(paint, gradient_box, path.control_box());
        let flat = self.flat(path);
        self.context.fill_path(&flat);
    }

    /// What is drawn by `draw` is composed by itself first, then cut to the inside of `clip`.
    pub(crate) fn layer(
        &mut self,
        clip: Option<(&BezPath, FillRule)>,
        draw: impl FnOnce(&mut Self),
    ) {
        let clip = clip.map(|(path, rule)| {
            self.context.set_fill_rule(to_fill(rule));
            self.flat(path)
        });
        self.context
            .push_layer(clip.as_ref(), None, None, None, None);
        draw(self);
        self.context.pop_layer();
    }

    /// How what is drawn next is composed with what is there.
    pub(crate) fn set_blend(&mut self, compose: Compose) {
        self.context
            .set_blend_mode(peniko::BlendMode::new(peniko::Mix::Normal, compose));
    }

    pub(crate) fn flat(&self, path: &BezPath) -> BezPath {
        let scale = self.context.transform().determinant().abs().sqrt();
        flatten(path, SHAPE_TOLERANCE_PX / scale)
    }

    /// Fills outlines of glyphs by the non-zero rule: where two overlap, ink is ink. A gradient runs over
    /// `gradient_box`.
    pub(crate) fn ink(&mut self, outlines: &BezPath, paint: &Paint, gradient_box: Rect) {
        self.context.set_fill_rule(Fill::NonZero);
        let over = match paint {
            Paint::Color(_) => Rect::ZERO,
            Paint::Gradient(_) => kurbo::Shape::bounding_box(outlines),
        };
        self.set_paint(paint, gradient_box, over);
        let scale = self.context.transform().determinant().abs().sqrt();
        let curved = |element: &PathEl| matches!(element, PathEl::QuadTo(..) | PathEl::CurveTo(..));
        if outlines.elements().iter().any(curved) {
            self.context
                .fill_path(&flatten(outlines, SHAPE_TOLERANCE_PX / scale));
        } else {
            self.context.fill_path(outlines);
        }
    }

    /// Draws glyphs that bring their own colours; `color` is for those of their layers that have none. `view` maps what
    /// glyphs are placed in to what the pen draws in.
    pub(crate) fn color_glyphs(
        &mut self,
        view: Affine,
        face: &Face,
        color: Color,
        glyphs: &[Glyph],
    ) {
        let outer = *self.context.transform();
        self.context.set_transform(outer * view);
        self.context.set_fill_rule(Fill::NonZero);
        self.context.set_paint(to_alpha_color(color));
        let mut builder = self
            .context
            .glyph_run(self.resources, &face.font)
            .font_size(face.size_px)
            .hint(false);
        if face.slant.abs() > 0.0 {
            builder = builder.glyph_transform(Affine::skew(face.slant, 0.0));
        }
        // What cannot be drawn is skipped; characters no font has are noticed before.
        let _ = builder
            .normalized_coords(&face.coords)
            .fill_glyphs(glyphs.iter().copied());
        self.context.set_transform(outer);
    }

    /// Paints with `paint` what lies within `over`.
    fn set_paint(&mut self, paint: &Paint, gradient_box: Rect, over: Rect) {
        match paint {
            Paint::Color(color) => self.context.set_paint(to_alpha_color(*color)),
            Paint::Gradient(gradient) => match solid(gradient) {
                Some(color) => self.context.set_paint(to_alpha_color(color)),
                None => match linear(gradient, gradient_box) {
                    Some(linear) => self.context.set_paint(linear),
                    None => self.set_shading(
                        &Shading::new(gradient, gradient_box),
                        Affine::IDENTITY,
                        over,
                    ),
                },
            },
        }
    }
}

impl Pen<'_> {
    /// Shades a picture of our own, pixel on pixel of the tile, where `over` lies, and paints with that. `pattern` takes
    /// the coordinates of the gradient to those that the pen draws in.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the tile, whose sides are 16 bits"
    )]
    pub(crate) fn set_shading(&mut self, shading: &Shading, pattern: Affine, over: Rect) {
        let view = *self.context.transform();
        let tile = Rect::new(
            0.0,
            0.0,
            f64::from(self.context.width()),
            f64::from(self.context.height()),
        );
        let seen = view
            .transform_rect_bbox(over)
            .inflate(1.0, 1.0)
            .expand()
            .intersect(tile);
        let determinants = [view, pattern].map(|t| t.determinant());
        if seen.area() < 1.0 || !determinants.into_iter().all(f64::is_normal) {
            return self.context.set_paint(to_alpha_color(Color::TRANSPARENT));
        }
        let to_pen = view.inverse() * Affine::translate(seen.origin().to_vec2());
        let (width, height) = (seen.width() as u16, seen.height() as u16);
        let mut pixmap = Pixmap::new(width, height);
        shading.shade(
            width.into(),
            pattern.inverse() * to_pen,
            pixmap.data_as_u8_slice_mut(),
        );
        pixmap.recompute_may_have_transparency();
        self.context.set_paint_transform(to_pen);
        self.context.set_paint(vello_cpu::Image {
            image: ImageSource::Pixmap(Arc::new(pixmap)),
            sampler: ImageSampler {
                quality: ImageQuality::Low,
                ..ImageSampler::default()
            },
        });
    }
}

/// Curves as lines no further than about `tolerance` off, units of the path. The number of lines follows from square
/// roots alone, which all machines round alike.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a square root of a length, at most 1024"
)]
pub(crate) fn flatten(path: &BezPath, tolerance: f64) -> BezPath {
    let mut out = BezPath::new();
    let mut from = Point::ZERO;
    for element in path.elements() {
        let curve = match *element {
            PathEl::CurveTo(a, b, to) => Some(CubicBez::new(from, a, b, to)),
            PathEl::QuadTo(a, to) => Some(QuadBez::new(from, a, to).raise()),
            _ => None,
        };
        if let Some(curve) = curve {
            let CubicBez { p0, p1, p2, p3 } = curve;
            let length = (p1 - p0).hypot() + (p2 - p1).hypot() + (p3 - p2).hypot();
            // A quarter circle in n chords is off by 0.18 length / n^2.
            let chords = (0.18 * length / tolerance).sqrt().ceil().clamp(1.0, 1024.0) as u32;
            (1..chords).for_each(|i| out.line_to(curve.eval(f64::from(i) / f64::from(chords))));
            out.line_to(p3);
        } else {
            out.push(*element);
        }
        from = element.end_point().unwrap_or(from);
    }
    out
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "colours keep far more than 8 bits in f32"
)]
pub(crate) fn to_alpha_color(c: Color) -> AlphaColor<Srgb> {
    AlphaColor::new([c.r, c.g, c.b, c.a].map(|v| v.clamp(0.0, 1.0) as f32))
}

pub(crate) const fn to_fill(rule: FillRule) -> Fill {
    match rule {
        FillRule::NonZero => Fill::NonZero,
        FillRule::EvenOdd => Fill::EvenOdd,
    }
}

/// The colour of a gradient that has only one.
fn solid(gradient: &Gradient) -> Option<Color> {
    match gradient.stops.as_slice() {
        [] => Some(Color::TRANSPARENT),
        [(_, first), rest @ ..] => rest.iter().all(|(_, c)| c == first).then_some(*first),
    }
}

/// Vello's own gradient where that is as good as a [`Shading`], and faster: a plain linear one.
#[expect(clippy::cast_possible_truncation, reason = "offsets are 0..=1")]
fn linear(gradient: &Gradient, over: Rect) -> Option<peniko::Gradient> {
    let (GradientForm::Linear { angle_deg }, Spread::Pad) = (gradient.form, gradient.spread) else {
        return None;
    };
    let (start, end) = gradient_line(angle_deg, over);
    let stops: Vec<ColorStop> = gradient
        .stops_in_order()
        .map(|(offset, color)| ColorStop {
            offset: offset as f32,
            color: DynamicColor::from_alpha_color(to_alpha_color(color)),
        })
        .collect();
    // Interpolated premultiplied in sRGB, which is peniko's default and ours (`Gradient`).
    Some(peniko::Gradient::new_linear(start, end).with_stops(stops.as_slice()))
}
