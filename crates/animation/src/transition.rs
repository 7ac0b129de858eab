//! From one picture to the next: the formulas of transitions.
//!
//! What changes along with the progress is a list of points, straight in between ([`at`]): the scripts of transitions play
//! these very lists, and so the functions here say what they come to. Progress is eased before it comes here, and may
//! overshoot where the easing does; whoever draws decides what that looks like.

use crate::{Easing, Keyframe, Track, Value};
use media::Color;

/// How much of what comes shows over the time of a cross-fade: `(progress, share)`.
pub const MIX_COMING: [(f64, f64); 2] = [(0.0, 0.0), (1.0, 1.0)];
/// How much of what leaves shows over the time of a cross-fade, where the two are summed up.
pub const MIX_LEAVING: [(f64, f64); 2] = [(0.0, 1.0), (1.0, 0.0)];
/// How much of the color shows over the time of a fade through it.
pub const THROUGH_COLOR: [(f64, f64); 3] = [(0.0, 0.0), (THROUGH_AT, 1.0), (1.0, 0.0)];
/// The progress at which one takes the place of the other behind that color.
pub const THROUGH_AT: f64 = 0.5;
/// Where what comes by a slide or push is, in ways along its heading, 0 being its place.
pub const WAY_IN: [(f64, f64); 2] = [(0.0, -1.0), (1.0, 0.0)];
/// Where what is pushed out is, in ways along the heading.
pub const WAY_OUT: [(f64, f64); 2] = [(0.0, 0.0), (1.0, 1.0)];

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

/// Points `(progress, value)` in order as keyframes with straight lines between them; `None` where they are out of order or
/// none. Allocates.
pub fn track(points: &[(f64, f64)]) -> Option<Track> {
    let keyframe = |&(at, value): &(f64, f64)| Keyframe {
        offset: Some(at),
        value: Some(Value::Number(value)),
        easing: Easing::Linear,
        composite: None,
    };
    Track::new(points.iter().map(keyframe).collect()).ok()
}

/// The value of such points at progress `p`, as [`track`] gives it; 0 where there are none. Allocates.
pub fn at(points: &[(f64, f64)], p: f64) -> f64 {
    match track(points).map(|track| track.sample(p, &Value::Number(0.0))) {
        Some(Value::Number(value)) => value,
        _ => 0.0,
    }
}

/// How far something has moved along one axis that is `ways` from its place, px; `back` and `forth` are the px of one way
/// towards smaller and larger coordinates.
pub fn way_px(ways: f64, back: f64, forth: f64) -> f64 {
    ways * if ways < 0.0 { back } else { forth }
}

/// How far from its place something is on a canvas of `size` px that goes by [`WAY_IN`] or [`WAY_OUT`], at progress `p`.
pub fn offset_px(way: &[(f64, f64)], heading: Heading, size: [f64; 2], p: f64) -> [f64; 2] {
    let (unit, ways) = (heading.unit(), at(way, p));
    [0, 1].map(|axis| way_px(unit[axis] * ways, size[axis], size[axis]))
}

/// The color that a cross-fade shows: the two by their shares, premultiplied, in non-linear sRGB as broadcast mixers do.
pub fn fade(from: Color, to: Color, p: f64) -> Color {
    let [leaves, comes] = [at(&MIX_LEAVING, p), at(&MIX_COMING, p)];
    let [a, b] = [from, to].map(|color| {
        [
            color.a,
            color.r * color.a,
            color.g * color.a,
            color.b * color.a,
        ]
    });
    let [alpha, r, g, b] = [0, 1, 2, 3].map(|i| a[i] * leaves + b[i] * comes);
    if alpha <= 0.0 {
        return Color { a: 0.0, ..to };
    }
    Color::new(r / alpha, g / alpha, b / alpha, alpha)
}

/// The color that a fade through the color `between` shows: over what leaves in the first half, then over what comes.
pub fn fade_through(from: Color, between: Color, to: Color, p: f64) -> Color {
    let below = if p < THROUGH_AT { from } else { to };
    fade(below, between, at(&THROUGH_COLOR, p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushed_pictures_touch() {
        for heading in [Heading::Left, Heading::Right, Heading::Up, Heading::Down] {
            for p in [0.0, 0.3, 1.0] {
                let size = [1920.0, 1080.0];
                let [out, in_] = [WAY_OUT, WAY_IN].map(|way| offset_px(&way, heading, size, p));
                let apart = [in_[0] - out[0], in_[1] - out[1]];
                let [x, y] = heading.unit();
                assert!(
                    (apart[0] + x * 1920.0).abs() < 1e-9 && (apart[1] + y * 1080.0).abs() < 1e-9
                );
            }
        }
    }

    #[test]
    fn shares_of_a_mix_make_up_the_whole() {
        for p in [-0.1, 0.0, 0.3, 1.0, 1.2] {
            assert!(
                (at(&MIX_COMING, p) + at(&MIX_LEAVING, p) - 1.0).abs() < 1e-12,
                "{p}"
            );
        }
    }
}
