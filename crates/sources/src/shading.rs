//! Gradients shaded by ourselves: what repeats, and what runs outwards from a point or around it.
//!
//! A pixel gets the mean of the colors within it, not the color at its center. Where two colors meet hard, at the
//! beginning of a conic gradient, at two stops of one offset, where stops repeat finer than pixels, edges are as smooth as
//! those of shapes. (A table of colors that is looked up at the center, as vello and Skia do it, leaves stairs there.)
//! Only additions, multiplications, divisions and roots, in f64 and one order: all machines get the same bits.

use kurbo::{Affine, Point, Rect, Vec2};
use media::Color;
use scene::{Gradient, GradientForm, Spread};

/// Premultiplied sRGB, red, green, blue, alpha, 0..=1.
type Premul = [f64; 4];

/// A gradient, ready to be asked for pixels.
pub(crate) struct Shading {
    geometry: Geometry,
    ramp: Ramp,
}

/// Where on the ramp a point lies.
#[derive(Clone, Copy)]
enum Geometry {
    /// `origin` is 0; a step along `along` adds its product with it.
    Linear {
        origin: Point,
        along: Vec2,
    },
    Radial {
        center: Point,
        radius: f64,
    },
    /// `start` is the unit vector where 0 is.
    Conic {
        center: Point,
        start: Vec2,
    },
}

impl Shading {
    /// A gradient over a box.
    pub(crate) fn new(gradient: &Gradient, over: Rect) -> Self {
        let at =
            |[x, y]: [f64; 2]| Point::new(over.x0 + x * over.width(), over.y0 + y * over.height());
        let (geometry, turns) = match gradient.form {
            GradientForm::Linear { angle_deg } => {
                let (start, end) = gradient_line(angle_deg, over);
                let line = end - start;
                let along = line / line.hypot2().max(1e-12);
                let origin = start;
                (Geometry::Linear { origin, along }, false)
            }
            GradientForm::Radial { center, radius_px } => {
                let center = at(center);
                let corners = [
                    (over.x0, over.y0),
                    (over.x1, over.y0),
                    (over.x0, over.y1),
                    (over.x1, over.y1),
                ];
                let distance = |corner| (Point::from(corner) - center).hypot2().sqrt();
                let farthest = || corners.into_iter().map(distance).fold(0.0, f64::max);
                let radius = radius_px.unwrap_or_else(farthest).max(1e-6);
                (Geometry::Radial { center, radius }, false)
            }
            GradientForm::Conic { center, angle_deg } => {
                let (center, start) = (at(center), direction(angle_deg));
                (Geometry::Conic { center, start }, true)
            }
        };
        Self {
            geometry,
            ramp: Ramp::new(
                &gradient.stops_in_order().collect::<Vec<_>>(),
                gradient.spread,
                turns,
            ),
        }
    }

    /// A turn around a point, from the direction of a unit vector.
    pub(crate) fn around(center: Point, start: (f64, f64), stops: &[(f64, Color)]) -> Self {
        Self {
            geometry: Geometry::Conic {
                center,
                start: start.into(),
            },
            ramp: Ramp::new(stops, Spread::Pad, true),
        }
    }

    /// Fills rows of `width` pixels, RGBA premultiplied; `to_pattern` takes their coordinates to those of the box.
    ///
    /// Cost: about 45 ns a pixel.
    pub(crate) fn shade(&self, width: usize, to_pattern: Affine, pixels: &mut [u8]) {
        let pixel = to_pattern.determinant().abs().sqrt();
        for (row, y) in pixels.chunks_exact_mut(width * 4).zip(0_u32..) {
            for (out, x) in row.chunks_exact_mut(4).zip(0_u32..) {
                let point = to_pattern * Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                let (t, extent) = self.geometry.locate(point, pixel);
                let color = self.ramp.mean(t, extent);
                for (out, v) in out.iter_mut().zip(color) {
                    *out = to_byte(v);
                }
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=1"
)]
fn to_byte(v: f64) -> u8 {
    (v.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

impl Geometry {
    /// Where the point lies, and how much of the ramp a pixel of that size covers there.
    fn locate(self, point: Point, pixel: f64) -> (f64, f64) {
        match self {
            Self::Linear { origin, along } => {
                let t = (point - origin).dot(along);
                (t, along.hypot2().sqrt() * pixel)
            }
            Self::Radial { center, radius } => {
                let t = (point - center).hypot2().sqrt() / radius;
                (t, pixel / radius)
            }
            Self::Conic { center, start } => {
                let v = point - center;
                let (x, y) = (v.dot(start), start.cross(v));
                let round = (v.hypot2().sqrt() * std::f64::consts::TAU).max(pixel);
                (turn(x, y), pixel / round)
            }
        }
    }
}

/// The angle of (x, y) in turns, 0..1, clockwise where y points down.
///
/// The polynomial for the arc tangent is off by less than 1e-7 of a turn, a hundredth of what a pixel at the end of a line
/// of 16384 shows.
fn turn(x: f64, y: f64) -> f64 {
    let (ax, ay) = (x.abs(), y.abs());
    let larger = ax.max(ay);
    if larger <= 0.0 {
        return 0.0;
    }
    let a = ax.min(ay) / larger;
    let eighth = arc_tangent(a) / std::f64::consts::TAU;
    let quarter = if ay > ax { 0.25 - eighth } else { eighth };
    let half = if x < 0.0 { 0.5 - quarter } else { quarter };
    let whole = if y < 0.0 { 1.0 - half } else { half };
    if whole < 1.0 { whole } else { 0.0 }
}

/// Of 0..=1, in radians: Abramowitz and Stegun 4.4.49, off by at most 2e-8.
fn arc_tangent(a: f64) -> f64 {
    const TERMS: [f64; 8] = [
        0.002_866_225_7,
        -0.016_165_736_7,
        0.042_909_613_8,
        -0.075_289_640_0,
        0.106_562_639_3,
        -0.142_088_994_4,
        0.199_935_508_5,
        -0.333_331_452_8,
    ];
    let s = a * a;
    let sum = TERMS.iter().fold(0.0, |sum, term| (sum + term) * s);
    a * (1.0 + sum)
}

/// Colors over a number, and their sums from the first stop on.
struct Ramp {
    knots: Vec<Knot>,
    /// What lies beyond the knots: the same again, or plain color.
    repeats: bool,
}

/// A stop: its place, its color, and the integral of colors from the first one to here.
#[derive(Clone, Copy)]
struct Knot {
    at: f64,
    color: Premul,
    sum: Premul,
}

impl Ramp {
    /// `turns` makes of 0..1 a circle.
    fn new(stops: &[(f64, Color)], spread: Spread, turns: bool) -> Self {
        let mut run: Vec<(f64, Premul)> = stops.iter().map(|&(at, c)| (at, premul(c))).collect();
        if let Some((first, last)) = run.first().copied().zip(run.last().copied()) {
            let length = last.0 - first.0;
            if spread == Spread::Reflect && length > 0.0 {
                let back = run.iter().rev().skip(1);
                let back: Vec<_> = back.map(|&(at, c)| (2.0 * last.0 - at, c)).collect();
                run.extend(back);
            }
        }
        let plain = Self::of(run, spread != Spread::Pad);
        if turns { plain.closed() } else { plain }
    }

    fn of(run: Vec<(f64, Premul)>, repeats: bool) -> Self {
        let mut knots: Vec<Knot> = Vec::with_capacity(run.len());
        for (at, color) in run {
            let sum = knots.last().map_or([0.0; 4], |last| {
                let half = (at - last.at) / 2.0;
                std::array::from_fn(|i| last.sum[i] + (last.color[i] + color[i]) * half)
            });
            knots.push(Knot { at, color, sum });
        }
        let length = knots.last().map_or(0.0, |k| k.at) - knots.first().map_or(0.0, |k| k.at);
        Self {
            knots,
            repeats: repeats && length >= SHORTEST_RUN,
        }
    }

    /// The same from 0 to 1, and that again and again.
    fn closed(&self) -> Self {
        let mut run: Vec<(f64, Premul)> = Vec::new();
        let (first, length) = self.span();
        let times = if self.repeats {
            (1.0 / length).ceil() + 1.0
        } else {
            0.0
        };
        let mut begin = first
            - if self.repeats {
                (first / length).ceil() * length
            } else {
                0.0
            };
        // One run more than covers the circle; what sticks out is cut.
        let mut n = 0.0;
        while n <= times {
            run.extend(self.knots.iter().map(|k| (k.at - first + begin, k.color)));
            begin += length;
            n += 1.0;
        }
        let all = Self::of(run, false);
        let inside = all.knots.iter().filter(|k| k.at > 0.0 && k.at < 1.0);
        let mut run = vec![(0.0, all.after(0.0))];
        run.extend(inside.map(|k| (k.at, k.color)));
        run.push((1.0, all.before(1.0)));
        Self::of(run, true)
    }

    /// The first knot's place, and the distance to the last.
    fn span(&self) -> (f64, f64) {
        let first = self.knots.first().map_or(0.0, |k| k.at);
        (first, self.knots.last().map_or(0.0, |k| k.at) - first)
    }

    /// The color just behind `t`, where nothing repeats.
    fn after(&self, t: f64) -> Premul {
        let i = self.knots.partition_point(|k| k.at <= t);
        self.between(i, t)
    }

    /// The color just before `t`.
    fn before(&self, t: f64) -> Premul {
        let i = self.knots.partition_point(|k| k.at < t);
        self.between(i, t)
    }

    /// The color at `t`, which lies before knot `i` and not before the one before.
    fn between(&self, i: usize, t: f64) -> Premul {
        match (
            i.checked_sub(1).and_then(|i| self.knots.get(i)),
            self.knots.get(i),
        ) {
            (Some(a), Some(b)) => mix(a, b, t),
            (Some(k), None) | (None, Some(k)) => k.color,
            (None, None) => [0.0; 4],
        }
    }

    /// The mean color of `extent` about `t`.
    fn mean(&self, t: f64, extent: f64) -> Premul {
        let half = (extent / 2.0).max(1e-9);
        let (first, length) = self.span();
        let turns = if self.repeats {
            ((t - first) / length).floor()
        } else {
            0.0
        };
        let t = t - turns * length;
        let i = self.knots.partition_point(|k| k.at <= t);
        let low = i.checked_sub(1).and_then(|i| self.knots.get(i));
        let high = self.knots.get(i);
        // Between two knots colors are even, and the mean is the middle.
        match (low, high) {
            (Some(a), Some(b)) if a.at <= t - half && t + half <= b.at => return mix(a, b, t),
            (Some(a), None) if !self.repeats && a.at <= t - half => return a.color,
            (None, Some(b)) if !self.repeats && t + half <= b.at => return b.color,
            _ => {}
        }
        let (from, to) = (self.sum(t - half), self.sum(t + half));
        std::array::from_fn(|i| (to[i] - from[i]) / (2.0 * half))
    }

    /// The integral of colors from the first knot to `t`.
    fn sum(&self, t: f64) -> Premul {
        let (Some(first), Some(last)) = (self.knots.first(), self.knots.last()) else {
            return [0.0; 4];
        };
        let length = last.at - first.at;
        let turns = if self.repeats {
            ((t - first.at) / length).floor()
        } else {
            0.0
        };
        let t = t - turns * length;
        let i = self.knots.partition_point(|k| k.at <= t);
        let (knot, color) = match i.checked_sub(1) {
            Some(i) => (&self.knots[i], self.between(i + 1, t)),
            None => (first, first.color),
        };
        let half = (t - knot.at) / 2.0;
        let start = if i == 0 { color } else { knot.color };
        std::array::from_fn(|c| turns * last.sum[c] + knot.sum[c] + (start[c] + color[c]) * half)
    }
}

/// Shorter runs do not repeat: a bound on how often one fits a circle, and finer than pixels anyhow.
const SHORTEST_RUN: f64 = 1.0 / 2048.0;

fn mix(a: &Knot, b: &Knot, t: f64) -> Premul {
    let length = b.at - a.at;
    if length <= 0.0 {
        return b.color;
    }
    let p = (t - a.at) / length;
    std::array::from_fn(|i| a.color[i] + (b.color[i] - a.color[i]) * p)
}

fn premul(c: Color) -> Premul {
    let [r, g, b, a] = [c.r, c.g, c.b, c.a].map(|v| v.clamp(0.0, 1.0));
    [r * a, g * a, b * a, a]
}

/// The gradient line of CSS: through the center, as long as the box is in that direction, so that a line across its
/// end touches a corner.
pub(crate) fn gradient_line(angle_deg: f64, over: Rect) -> (Point, Point) {
    let direction = direction(angle_deg);
    let half = (direction.x.abs() * over.width() + direction.y.abs() * over.height()) / 2.0;
    (
        over.center() - direction * half,
        over.center() + direction * half,
    )
}

/// The unit vector `angle_deg` clockwise from the right; quarter turns are exact.
pub(crate) fn direction(angle_deg: f64) -> Vec2 {
    let turn = angle_deg.rem_euclid(360.0);
    let exact = [
        (0.0, (1.0, 0.0)),
        (90.0, (0.0, 1.0)),
        (180.0, (-1.0, 0.0)),
        (270.0, (0.0, -1.0)),
    ];
    match exact.iter().find(|(at, _)| (turn - at).abs() < 1e-9) {
        Some(&(_, v)) => v.into(),
        None => {
            let (sin, cos) = libm::sincos(turn.to_radians());
            Vec2::new(cos, sin)
        }
    }
}
