//! Colour.

/// A colour in non-linear sRGB with **straight** (not premultiplied) alpha; components are 0..=1.
///
/// Interpolation may leave that range; [`Color::to_rgba8`] clamps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Color {
    /// Red.
    pub r: f64,
    /// Green.
    pub g: f64,
    /// Blue.
    pub b: f64,
    /// Alpha, 0 transparent.
    pub a: f64,
}

impl Color {
    /// Opaque black.
    pub const BLACK: Self = Self::new(0.0, 0.0, 0.0, 1.0);
    /// Opaque white.
    pub const WHITE: Self = Self::new(1.0, 1.0, 1.0, 1.0);
    /// No colour at all.
    pub const TRANSPARENT: Self = Self::new(0.0, 0.0, 0.0, 0.0);

    /// From straight components.
    pub const fn new(r: f64, g: f64, b: f64, a: f64) -> Self {
        Self { r, g, b, a }
    }

    /// From straight 8-bit components.
    pub fn from_rgba8([r, g, b, a]: [u8; 4]) -> Self {
        let f = |v| f64::from(v) / 255.0;
        Self::new(f(r), f(g), f(b), f(a))
    }

    /// Straight 8-bit components, rounded and clamped.
    pub fn to_rgba8(self) -> [u8; 4] {
        [self.r, self.g, self.b, self.a].map(to_u8)
    }

    /// Premultiplied 8-bit components, rounded and clamped.
    pub fn to_premultiplied_rgba8(self) -> [u8; 4] {
        let a = self.a.clamp(0.0, 1.0);
        [
            self.r.clamp(0.0, 1.0) * a,
            self.g.clamp(0.0, 1.0) * a,
            self.b.clamp(0.0, 1.0) * a,
            a,
        ]
        .map(to_u8)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 first"
)]
fn to_u8(v: f64) -> u8 {
    (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
