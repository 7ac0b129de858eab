//! Effects: pure functions from one premultiplied surface to another, applied in order.
//!
//! Each takes a [`Sheet`], a surface with its place in the box of its layer or group, and gives another, which may be
//! larger by a halo. Nothing here knows what is on the sheet, so layers and groups go through the same chain. Every
//! sum and product is made in one fixed order without fused operations: all machines get the same bytes.

mod blur;
mod color;
mod key;
mod outline;
pub(crate) mod shadow;
mod tiles;

use crate::request::checked_size;
use crate::shape::fit_radii;
use crate::{Error, Quality};
use blur::{Gaussian, Square};
use color::Matrix;
use key::Key;
use kurbo::{Rect, Size};
use media::Surface;
use scene::{Effect, EffectKind};
use shadow::{Growth, Shadow};
use std::sync::Arc;
use tiles::Vignette;

/// A surface, and where it lies in the box of its layer or group. Cloning shares the pixels.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The pixels, at least 1x1.
    pub surface: Arc<Surface>,
    /// Surface px from the left edge of the box to the surface; negative where it leaves the box.
    pub left: i32,
    /// Surface px from the top of the box down to the surface; negative where it leaves the box.
    pub top: i32,
    /// The box, layer px.
    pub size: Size,
    /// Surface px per layer px, above 0.
    pub scale: f64,
}

impl Sheet {
    /// What the effects make of it, in order; those that do not [act](Effect::acts) are left out.
    ///
    /// Cost: see [`cost_ms`]. Allocates what each effect makes, and scratch memory of four times that at most.
    ///
    /// # Errors
    /// When a surface would be above 64 Mpx or 65535 pixels a side, which is found out before it is allocated.
    pub fn with_effects(self, effects: &[Effect], quality: Quality) -> Result<Self, Error> {
        let mut acting = effects.iter().filter(|effect| effect.acts());
        acting.try_fold(self, |sheet, effect| sheet.with(&effect.kind, quality))
    }

    fn with(mut self, kind: &EffectKind, quality: Quality) -> Result<Self, Error> {
        let scale = self.scale;
        let what = "the picture with its effects";
        match prepare(kind, scale, quality) {
            Prepared::Gaussian(blur) => self.grown(what, blur.growth(), |s| blur.of(s)),
            Prepared::Square(blur) => self.grown(what, blur.growth(), |s| blur.of(s)),
            Prepared::Shadow(shadow) => {
                self.grown("the layer with its shadow", shadow.growth(), |s| {
                    shadow.under(s)
                })
            }
            Prepared::InnerShadow(shadow) => Ok(self.changed(|s| shadow.inside(s))),
            Prepared::Outline(width, color) => self.grown(what, outline::growth(width), |s| {
                outline::under(s, width, color)
            }),
            Prepared::Matrix(matrix) if matrix.fills() => {
                self = tiles::of_the_box(&self)?;
                let area = self.area();
                Ok(self.changed(|s| {
                    matrix.apply(s);
                    if !area.is_zero_area() {
                        // The last px of a box that ends within them.
                        tiles::round(s, area, [0.0; 4]);
                    }
                }))
            }
            Prepared::Matrix(matrix) => Ok(self.changed(|s| matrix.apply(s))),
            Prepared::Key(key) => Ok(self.changed(|s| key.apply(s))),
            Prepared::Posterize(levels) => Ok(self.changed(|s| color::posterize(s, levels))),
            Prepared::Threshold(level) => Ok(self.changed(|s| color::threshold(s, level))),
            Prepared::Pixelate(tile) => tiles::pixelate(&self, tile),
            Prepared::Vignette(vignette) => {
                let area = self.area();
                Ok(self.changed(|s| vignette.apply(s, area)))
            }
            Prepared::CornerRadius(radii) => {
                let area = self.area();
                let radii = fit_radii(radii, area.size());
                self = tiles::cropped(&self, area);
                let area = self.area();
                Ok(self.changed(|s| tiles::round(s, area, radii)))
            }
            Prepared::Nothing => Ok(self),
        }
    }

    /// The box in px of the surface.
    fn area(&self) -> Rect {
        let origin = (-f64::from(self.left), -f64::from(self.top));
        Rect::from_origin_size(origin, self.size * self.scale)
    }

    fn changed(mut self, change: impl FnOnce(&mut Surface)) -> Self {
        change(Arc::make_mut(&mut self.surface));
        self
    }

    fn grown(
        mut self,
        what: &'static str,
        growth: Growth,
        make: impl FnOnce(&Surface) -> Surface,
    ) -> Result<Self, Error> {
        let (width, height) = growth.of(self.surface.width(), self.surface.height());
        checked_size(what, width, height)?;
        self.surface = Arc::new(make(&self.surface));
        self.left = self.left.saturating_sub_unsigned(growth.left);
        self.top = self.top.saturating_sub_unsigned(growth.top);
        Ok(self)
    }
}

/// An effect in surface px.
enum Prepared {
    Gaussian(Gaussian),
    Square(Square),
    Shadow(Shadow),
    InnerShadow(Shadow),
    Outline(f64, media::Color),
    Matrix(Matrix),
    Key(Key),
    Posterize(f64),
    Threshold(f64),
    Pixelate(f64),
    Vignette(Vignette),
    CornerRadius([f64; 4]),
    /// Too small at this scale to be seen.
    Nothing,
}

/// Sizes below this are none: a thousandth of a pixel.
const LEAST_PX: f64 = 1e-3;

fn prepare(kind: &EffectKind, scale: f64, quality: Quality) -> Prepared {
    match *kind {
        EffectKind::GaussianBlur { sigma_px } if sigma_px * scale > LEAST_PX => {
            Prepared::Gaussian(Gaussian::new(sigma_px * scale, quality))
        }
        EffectKind::BoxBlur { radius_px } if radius_px * scale > LEAST_PX => {
            Prepared::Square(Square::new(radius_px * scale))
        }
        EffectKind::GaussianBlur { .. }
        | EffectKind::BoxBlur { .. }
        | EffectKind::BackdropBlur { .. } => Prepared::Nothing,
        EffectKind::DropShadow {
            dx_px,
            dy_px,
            sigma_px,
            color,
        } => Prepared::Shadow(Shadow {
            dx: dx_px * scale,
            dy: dy_px * scale,
            sigma: sigma_px * scale,
            strength: 1.0,
            color,
        }),
        EffectKind::InnerShadow {
            dx_px,
            dy_px,
            sigma_px,
            color,
        } => Prepared::InnerShadow(Shadow {
            dx: dx_px * scale,
            dy: dy_px * scale,
            sigma: sigma_px * scale,
            strength: 1.0,
            color,
        }),
        EffectKind::Glow {
            sigma_px,
            color,
            strength,
        } => Prepared::Shadow(Shadow {
            dx: 0.0,
            dy: 0.0,
            sigma: sigma_px * scale,
            strength,
            color,
        }),
        EffectKind::Outline { width_px, color } => Prepared::Outline(width_px * scale, color),
        EffectKind::ColorMatrix { matrix } => Prepared::Matrix(Matrix(matrix)),
        EffectKind::ColorAdjust {
            brightness,
            contrast,
            saturation,
            hue_deg,
            temperature,
        } => Prepared::Matrix(
            Matrix::brightness(brightness)
                .then(&Matrix::contrast(contrast))
                .then(&Matrix::saturation(saturation))
                .then(&Matrix::hue(hue_deg))
                .then(&Matrix::temperature(temperature)),
        ),
        EffectKind::Tint { color, amount } => Prepared::Matrix(Matrix::tint(color, amount)),
        EffectKind::Invert { amount } => Prepared::Matrix(Matrix::invert(amount)),
        EffectKind::ChromaKey {
            color,
            similarity,
            smoothness,
            spill,
        } => Prepared::Key(Key::new(color, similarity, smoothness, spill)),
        EffectKind::Pixelate { size_px } if size_px * scale > 1.0 + LEAST_PX => {
            Prepared::Pixelate(size_px * scale)
        }
        EffectKind::Pixelate { .. } => Prepared::Nothing,
        EffectKind::Vignette {
            amount,
            radius,
            softness,
            color,
        } => Prepared::Vignette(Vignette {
            amount,
            radius,
            softness,
            color,
        }),
        EffectKind::CornerRadius { radius_px } => {
            Prepared::CornerRadius(radius_px.map(|radius| radius * scale))
        }
        EffectKind::Posterize { levels } => Prepared::Posterize(levels),
        EffectKind::Threshold { level } => Prepared::Threshold(level),
    }
}

impl Prepared {
    fn growth(&self) -> Growth {
        match self {
            Self::Gaussian(blur) => blur.growth(),
            Self::Square(blur) => blur.growth(),
            Self::Shadow(shadow) => shadow.growth(),
            Self::Outline(width, _) => outline::growth(*width),
            _ => Growth::default(),
        }
    }

    /// Nanoseconds for each px of what comes of it, on one core of a small server, rounded up: `cargo bench -p sources
    /// --bench effects --profile dev` tells both.
    fn cost_ns(&self) -> f64 {
        match self {
            Self::Gaussian(blur) => blur.cost_ns(),
            Self::Square(_)
            | Self::Shadow(_)
            | Self::InnerShadow(_)
            | Self::Posterize(_)
            | Self::Vignette(_) => 8.0,
            Self::Outline(..) | Self::Key(_) => 15.0,
            Self::Threshold(_) => 4.0,
            Self::Matrix(_) | Self::CornerRadius(_) => 3.0,
            Self::Pixelate(_) => 2.0,
            Self::Nothing => 0.0,
        }
    }
}

/// How far any ink may move out by these effects, surface px: what is so far from what is seen cannot matter.
pub fn reach_px(effects: &[Effect], scale: f64) -> f64 {
    let acting = effects.iter().filter(|effect| effect.acts());
    let reach = |effect: &Effect| {
        let prepared = prepare(&effect.kind, scale, Quality::High);
        let Growth {
            left,
            top,
            right,
            bottom,
        } = prepared.growth();
        let tile = match prepared {
            Prepared::Pixelate(tile) => tile,
            Prepared::InnerShadow(shadow) => {
                shadow.dx.abs().max(shadow.dy.abs()) + 4.0 * shadow.sigma
            }
            _ => 1.0,
        };
        tile.max(f64::from(left.max(top).max(right).max(bottom)))
    };
    acting.map(reach).sum()
}

/// About how long these effects take on a surface of `width` x `height` px, milliseconds on one core: what takes over
/// one is better not done between two frames. Costs nanoseconds.
pub fn cost_ms(effects: &[Effect], (width, height): (f64, f64), scale: f64) -> f64 {
    let acting = effects.iter().filter(|effect| effect.acts());
    let add = |(cost, width, height): (f64, f64, f64), effect: &Effect| {
        let prepared = prepare(&effect.kind, scale, Quality::High);
        let Growth {
            left,
            top,
            right,
            bottom,
        } = prepared.growth();
        let width = width + f64::from(left) + f64::from(right);
        let height = height + f64::from(top) + f64::from(bottom);
        (
            cost + prepared.cost_ns() * width * height / 1e6,
            width,
            height,
        )
    };
    acting.fold((0.0, width, height), add).0
}

#[cfg(test)]
mod tests;
