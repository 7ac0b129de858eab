//! Rounded rectangles as coverage.

use crate::grid::Rect;
use crate::list::Clip;
use crate::placement::{bounds, overlap, to_coverage};
use media::Resolution;

/// How much of a block of canvas px a clip covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClipClass {
    Outside,
    Edge,
    Inside,
}

/// A clip ready to be asked for the coverage of canvas px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PlacedClip {
    /// Canvas px to own px.
    inverse: [f64; 6],
    size: [f64; 2],
    radii: [f64; 4],
    /// Canvas px per own px across the straight edges.
    scale: [f64; 2],
}

impl PlacedClip {
    /// Places a clip and bounds what it covers; `None` when that is nothing.
    pub(crate) fn new(clip: &Clip, canvas: Resolution) -> Option<(Self, Rect)> {
        let (w, h) = (clip.size.width, clip.size.height);
        if !(w > 0.0 && h > 0.0) {
            return None;
        }
        let bounds = bounds(clip.transform, w, h, canvas)?;
        let inverse = clip.transform.inverse().as_coeffs();
        let [a, b, c, d, ..] = inverse;
        let scale = [
            (a * a + c * c).sqrt().recip(),
            (b * b + d * d).sqrt().recip(),
        ];
        let usable = inverse.iter().chain(&scale).all(|v| v.is_finite());
        usable.then_some((
            Self {
                inverse,
                size: [w, h],
                radii: fit(clip.radii, w, h),
                scale,
            },
            bounds,
        ))
    }

    /// Coverage of the canvas px `x`, `y`, 0..=255.
    pub(crate) fn coverage(&self, x: usize, y: usize) -> u8 {
        let at = self.own(x, y);
        let straight = overlap(at[0], self.size[0], self.scale[0])
            * overlap(at[1], self.size[1], self.scale[1]);
        to_coverage(straight.min(self.corner(at)))
    }

    /// How a block of canvas px lies to the clip: inside when its corner px are covered fully, since the clip is convex.
    pub(crate) fn class(&self, block: Rect) -> ClipClass {
        let corners = [
            (block.x0, block.y0),
            (block.x1 - 1, block.y0),
            (block.x0, block.y1 - 1),
            (block.x1 - 1, block.y1 - 1),
        ];
        let beyond = |i: usize| {
            let half = 0.5 / self.scale[i];
            corners.iter().all(|&(x, y)| self.own(x, y)[i] <= -half)
                || corners
                    .iter()
                    .all(|&(x, y)| self.own(x, y)[i] >= self.size[i] + half)
        };
        if beyond(0) || beyond(1) {
            ClipClass::Outside
        } else if corners.iter().all(|&(x, y)| self.coverage(x, y) == 255) {
            ClipClass::Inside
        } else {
            ClipClass::Edge
        }
    }

    /// The centre of a canvas px in own px.
    fn own(&self, x: usize, y: usize) -> [f64; 2] {
        let [a, b, c, d, e, f] = self.inverse;
        let (x, y) = (x as f64 + 0.5, y as f64 + 0.5);
        [a * x + c * y + e, b * x + d * y + f]
    }

    /// Coverage by the arc of the corner that `at` lies in; 1 outside corners.
    fn corner(&self, [x, y]: [f64; 2]) -> f64 {
        let ([w, h], [tl, tr, br, bl]) = (self.size, self.radii);
        let (dx, dy, r) = if x < tl && y < tl {
            (x - tl, y - tl, tl)
        } else if x > w - tr && y < tr {
            (x - (w - tr), y - tr, tr)
        } else if x > w - br && y > h - br {
            (x - (w - br), y - (h - br), br)
        } else if x < bl && y > h - bl {
            (x - bl, y - (h - bl), bl)
        } else {
            return 1.0;
        };
        let from_center = (dx * dx + dy * dy).sqrt();
        // Distance in own px over the length of its gradient on the canvas: distance in canvas px, exact for scale and rotation.
        let [a, b, c, d, ..] = self.inverse;
        let (gx, gy) = (dx * a + dy * b, dx * c + dy * d);
        let gradient = (gx * gx + gy * gy).sqrt() / from_center;
        if gradient > 0.0 {
            (0.5 - (from_center - r) / gradient).clamp(0.0, 1.0)
        } else {
            1.0
        }
    }
}

/// Radii that fit their sides, scaled down by one factor.
fn fit(radii: [f64; 4], w: f64, h: f64) -> [f64; 4] {
    let radii = radii.map(|r| if r.is_finite() { r.max(0.0) } else { 0.0 });
    let [tl, tr, br, bl] = radii;
    let sides = [(w, tl + tr), (h, tr + br), (w, br + bl), (h, bl + tl)];
    let factor = sides
        .iter()
        .filter(|(side, sum)| sum > side)
        .map(|(side, sum)| side / sum)
        .fold(1.0, f64::min);
    radii.map(|r| r * factor)
}
