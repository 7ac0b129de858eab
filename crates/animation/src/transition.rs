//! From one picture to the next: what each kind of transition does at a progress.
//!
//! Formulas only. Progress is eased before it comes here, and may overshoot where the easing does; whoever draws decides
//! what that looks like.

use media::Color;

/// A direction on the canvas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heading {
    /// Towards smaller x.
    #[default]
    Left,
    /// Towards larger x.
    Right,
    /// Towards smaller y.
    Up,
    /// Towards larger y.
    Down,
}

impl Heading {
    /// As a unit vector, y down.
    pub const fn unit(self) -> [f64; 2] {
        match self {
            Self::Left => [-1.0, 0.0],
            Self::Right => [1.0, 0.0],
            Self::Up => [0.0, -1.0],
            Self::Down => [0.0, 1.0],
        }
    }
}

/// How far the picture that goes has moved at progress `p` of a push, in px of a canvas of `size`.
pub fn leaving_offset(heading: Heading, size: [f64; 2], p: f64) -> [f64; 2] {
    let [x, y] = heading.unit();
    [x * size[0] * p, y * size[1] * p]
}

/// How far from its place the picture that comes is at progress `p` of a slide or push.
pub fn coming_offset(heading: Heading, size: [f64; 2], p: f64) -> [f64; 2] {
    let [x, y] = heading.unit();
    [-x * size[0] * (1.0 - p), -y * size[1] * (1.0 - p)]
}

/// The color that a cross-fade shows, `from * (1 - p) + to * p`, premultiplied, in non-linear sRGB as broadcast mixers do.
pub fn fade(from: Color, to: Color, p: f64) -> Color {
    crate::ColorSpace::Srgb.mix(from, to, p)
}

/// The color that a fade through `between` shows: to it in the first half, from it in the second.
pub fn fade_through(from: Color, between: Color, to: Color, p: f64) -> Color {
    if p < 0.5 {
        fade(from, between, 2.0 * p)
    } else {
        fade(between, to, 2.0 * p - 1.0)
    }
}

/// How much of the picture that comes shows at a place of `x`, 0..=1 along the wipe (or the luma of a wipe's picture), at
/// progress `p`. `softness` is the width of the edge as a share of the whole way; 0 is a hard edge.
pub fn wipe(x: f64, softness: f64, p: f64) -> f64 {
    if softness <= 0.0 {
        return if p >= 1.0 || x < p { 1.0 } else { 0.0 };
    }
    ((p * (1.0 + softness) - x) / softness).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wipe_begins_with_nothing_and_ends_with_all() {
        for softness in [0.0, 0.1, 1.0] {
            for x in [0.0, 0.25, 1.0] {
                assert_eq!(
                    (wipe(x, softness, 0.0), wipe(x, softness, 1.0)),
                    (0.0, 1.0),
                    "{x} {softness}"
                );
            }
        }
    }

    #[test]
    fn pushed_pictures_touch() {
        for heading in [Heading::Left, Heading::Right, Heading::Up, Heading::Down] {
            for p in [0.0, 0.3, 1.0] {
                let size = [1920.0, 1080.0];
                let (a, b) = (
                    leaving_offset(heading, size, p),
                    coming_offset(heading, size, p),
                );
                let apart = [b[0] - a[0], b[1] - a[1]];
                let [x, y] = heading.unit();
                assert!(
                    (apart[0] + x * 1920.0).abs() < 1e-9 && (apart[1] + y * 1080.0).abs() < 1e-9
                );
            }
        }
    }
}
