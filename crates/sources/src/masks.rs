//! Masks of letters: how much of each pixel they cover, made once and then laid side by side.
//!
//! A letter stands on a quarter of a pixel, as in browsers: four masks at most for one glyph of one size, where exact
//! places would need another for each letter of a line. An eighth of a pixel at most is what a letter is off by.
//! A mask is made of the glyph alone, so a picture does not depend on what was drawn before it.

use crate::inks;
use kurbo::{BezPath, PathEl, Point, Rect};
use media::Surface;
use std::sync::Arc;

/// Places of a mask within a pixel, on each axis.
const PHASES: i64 = 4;

/// Larger masks are not made: what is so large is filled as a path.
const MAX_SIDE: f64 = 512.0;

/// How much a glyph covers: 0..=255 for each pixel of a box, by the non-zero rule.
#[derive(Debug, PartialEq)]
pub(crate) struct Mask {
    /// Where the box begins, px from the whole pixel that the glyph stands on.
    left: i32,
    top: i32,
    width: usize,
    coverage: Box<[u8]>,
}

/// A mask at its place: the whole pixel that the glyph stands on, surface px.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) mask: Arc<Mask>,
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// A place on the grid of quarters: whole pixels and quarters above them.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the remainder of a division by four; places beyond i32 are beyond every surface too"
)]
pub(crate) fn quarters(at: f64) -> (i32, u8) {
    let steps = (at * PHASES as f64 + 0.5).floor() as i64;
    (
        steps.div_euclid(PHASES) as i32,
        steps.rem_euclid(PHASES) as u8,
    )
}

impl Mask {
    /// Of lines, moved by so many quarters of a pixel; `None` where they reach too far. `scratch` is room to reckon in.
    ///
    /// Each line adds what it covers to its left to the sums of its rows. Curves are taken for their chords.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sides are 512 px at most"
    )]
    pub(crate) fn new(
        path: &BezPath,
        bounds: Rect,
        phase: (u8, u8),
        scratch: &mut Vec<f32>,
    ) -> Option<Self> {
        let quarter = |phase: u8| f64::from(phase) / PHASES as f64;
        let moved = kurbo::Vec2::new(quarter(phase.0), quarter(phase.1));
        // A pixel around is for what rounding takes out of the box.
        let edges = (bounds + moved).expand().inflate(1.0, 1.0);
        let far = edges.x0.abs().max(edges.y0.abs());
        if !(edges.width() <= MAX_SIDE && edges.height() <= MAX_SIDE && far < 1e6) {
            return None;
        }
        let (width, height) = (edges.width() as usize, edges.height() as usize);
        scratch.clear();
        scratch.resize(width * height, 0.0);
        let mut sums = Sums {
            rows: scratch,
            width,
            height,
        };
        let place = |point: Point| {
            let at = point + moved - edges.origin();
            (at.x as f32, at.y as f32)
        };
        let (mut start, mut last) = ((0.0, 0.0), (0.0, 0.0));
        for element in path.elements() {
            match element {
                PathEl::MoveTo(to) => {
                    sums.line(last, start);
                    start = place(*to);
                    last = start;
                }
                PathEl::ClosePath => {
                    sums.line(last, start);
                    last = start;
                }
                other => {
                    let to = other.end_point().map_or(start, place);
                    sums.line(last, to);
                    last = to;
                }
            }
        }
        sums.line(last, start);
        let coverage = scratch.chunks_exact(width).flat_map(|row| {
            let mut sum = 0.0;
            row.iter().map(move |step| {
                sum += step;
                (sum.abs().min(1.0) * 255.0 + 0.5) as u8
            })
        });
        Some(Self {
            left: edges.x0 as i32,
            top: edges.y0 as i32,
            width,
            coverage: coverage.collect(),
        })
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.coverage.len()
    }

    fn height(&self) -> usize {
        self.coverage.len() / self.width.max(1)
    }
}

/// Rows of sums: a value says by how much the coverage of its pixel differs from that of the one before.
struct Sums<'a> {
    rows: &'a mut [f32],
    width: usize,
    height: usize,
}

impl Sums<'_> {
    /// Adds the area to the right of a line, in whole and parts of pixels; downwards counts, upwards takes away.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "within the box, whose sides are 512 px at most"
    )]
    fn line(&mut self, from: (f32, f32), to: (f32, f32)) {
        let (sign, (x0, y0), (x1, y1)) = if from.1 < to.1 {
            (1.0, from, to)
        } else {
            (-1.0, to, from)
        };
        if y1 - y0 <= 0.0 {
            return;
        }
        let slope = (x1 - x0) / (y1 - y0);
        let last = (self.width - 1) as f32;
        let at = |y: f32| (x0 + (y - y0) * slope).clamp(x0.min(x1), x0.max(x1));
        let rows = (y0.max(0.0) as usize)..(y1.ceil() as usize).min(self.height);
        for row in rows {
            let (top, bottom) = ((row as f32).max(y0), ((row + 1) as f32).min(y1));
            let high = (bottom - top) * sign;
            let (a, b) = (at(top), at(bottom));
            let (left, right) = (a.min(b).clamp(0.0, last), a.max(b).clamp(0.0, last));
            let sums = &mut self.rows[row * self.width..][..self.width];
            let first = left.floor();
            let i = first as usize;
            if right <= first + 1.0 {
                // Within one pixel: the part of it that lies to the right of the middle.
                let beside = (left + right) / 2.0 - first;
                sums[i] += high - high * beside;
                if let Some(next) = sums.get_mut(i + 1) {
                    *next += high * beside;
                }
                continue;
            }
            // Across several: a triangle, trapezoids, a triangle; each adds what it has more than the one before.
            let per_px = high / (right - left);
            let end = right.ceil() as usize;
            let mut before = 0.0;
            let mut covered = 0.0;
            for (x, sum) in (i..end).zip(&mut sums[i..end]) {
                let to = ((x + 1) as f32).min(right);
                let begin = (x as f32).max(left);
                // The line's mean distance from the pixel's right edge, over the height it has here.
                let here = per_px * (to - begin);
                let area = covered + here * ((x + 1) as f32 - (begin + to) / 2.0);
                *sum += area - before;
                before = area;
                covered += here;
            }
            sums[end] += high - before;
        }
    }
}

/// What all letters of one paint cover together.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    left: i32,
    top: i32,
    width: usize,
    rows: Vec<u8>,
}

/// Where two masks meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// Letters join: what they cover adds up, so that no seam is seen.
    Beside,
    /// Rims cross: each covers its part of what the other leaves.
    Across,
}

/// Room for coverage that is kept from one text to the next.
const KEPT_BYTES: usize = 1 << 20;

impl Coverage {
    pub(crate) fn kept_bytes(&self) -> usize {
        self.rows.capacity()
    }

    /// What `stamps` cover of the surface of `pixels` at `origin`, with room for what lies within `beside`, surface px;
    /// `None` where that is nothing.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is beyond i32 is beyond every surface"
    )]
    pub(crate) fn of(
        &mut self,
        stamps: &[Stamp],
        beside: Option<Rect>,
        meeting: Meeting,
        origin: (i32, i32),
        pixels: (u32, u32),
    ) -> Option<&mut Self> {
        let end = |start: i32, length: usize| {
            start.saturating_add(i32::try_from(length).unwrap_or(i32::MAX))
        };
        let edges = |stamp: &Stamp| {
            let (x, y) = (
                stamp.x.saturating_add(stamp.mask.left),
                stamp.y.saturating_add(stamp.mask.top),
            );
            [x, y, end(x, stamp.mask.width), end(y, stamp.mask.height())]
        };
        let beside = beside.map(|rect| {
            let rect = rect.expand();
            [rect.x0, rect.y0, rect.x1, rect.y1].map(|v| v as i32)
        });
        let all = stamps.iter().map(edges).chain(beside).reduce(|a, b| {
            [
                a[0].min(b[0]),
                a[1].min(b[1]),
                a[2].max(b[2]),
                a[3].max(b[3]),
            ]
        })?;
        let (x0, y0) = (all[0].max(origin.0), all[1].max(origin.1));
        let x1 = all[2].min(end(origin.0, pixels.0 as usize));
        let y1 = all[3].min(end(origin.1, pixels.1 as usize));
        if x0 >= x1 || y0 >= y1 {
            return None;
        }
        let length = |from: i32, to: i32| usize::try_from(to - from).unwrap_or(0);
        (self.left, self.top, self.width) = (x0, y0, length(x0, x1));
        self.rows.clear();
        self.rows.shrink_to(KEPT_BYTES);
        self.rows.resize(self.width * length(y0, y1), 0);
        for stamp in stamps {
            let [x, y, right, bottom] = edges(stamp);
            let (left, right) = (x.max(x0), right.min(x1));
            if left >= right {
                continue;
            }
            for row in y.max(y0)..bottom.min(y1) {
                let from = length(y, row) * stamp.mask.width + length(x, left);
                let from = &stamp.mask.coverage[from..][..length(left, right)];
                let to = length(y0, row) * self.width + length(x0, left);
                let to = &mut self.rows[to..][..length(left, right)];
                match meeting {
                    Meeting::Beside => add(to, from),
                    Meeting::Across => inks::cross(to, from),
                }
            }
        }
        Some(self)
    }

    /// Adds what a picture of [`Self::edges`]'s size covers.
    pub(crate) fn meet(&mut self, picture: &Surface, meeting: Meeting) {
        let from: Vec<u8> = picture.data().chunks_exact(4).map(|px| px[3]).collect();
        match meeting {
            Meeting::Beside => add(&mut self.rows, &from),
            Meeting::Across => inks::cross(&mut self.rows, &from),
        }
    }

    /// Its box, surface px.
    pub(crate) fn edges(&self) -> Rect {
        let (x, y) = (f64::from(self.left), f64::from(self.top));
        let height = self.rows.len() / self.width.max(1);
        Rect::new(x, y, x + self.width as f64, y + height as f64)
    }

    /// Lays a premultiplied color over `surface`, which begins at `origin`, as much as is covered.
    pub(crate) fn tint(&self, surface: &mut Surface, origin: (i32, i32), color: [u8; 4]) {
        self.over(surface, origin, |_, to, mask| inks::tint(to, mask, color));
    }

    /// The same with a picture of [`Self::edges`]'s size.
    pub(crate) fn tint_with(&self, surface: &mut Surface, origin: (i32, i32), paint: &Surface) {
        let stride = self.width * 4;
        self.over(surface, origin, |row, to, mask| {
            inks::shade(to, mask, &paint.data()[row * stride..][..stride]);
        });
    }

    fn over(
        &self,
        surface: &mut Surface,
        origin: (i32, i32),
        mut lay: impl FnMut(usize, &mut [u8], &[u8]),
    ) {
        let offset = |from: i32, to: i32| usize::try_from(to - from).unwrap_or(0) * 4;
        let stride = surface.width() as usize * 4;
        let start = offset(origin.1, self.top) / 4 * stride + offset(origin.0, self.left);
        let rows = surface.data_mut()[start..].chunks_mut(stride);
        for (row, (to, mask)) in rows.zip(self.rows.chunks_exact(self.width)).enumerate() {
            lay(row, &mut to[..self.width * 4], mask);
        }
    }
}

fn add(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = to.saturating_add(*from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::Shape as _;
    use proptest::prelude::*;

    fn mask(path: &BezPath, phase: (u8, u8)) -> Mask {
        Mask::new(path, path.bounding_box(), phase, &mut Vec::new()).unwrap()
    }

    fn at(mask: &Mask, x: i32, y: i32) -> u8 {
        let (x, y) = (x - mask.left, y - mask.top);
        mask.coverage[usize::try_from(y).unwrap() * mask.width + usize::try_from(x).unwrap()]
    }

    fn sum(mask: &Mask) -> f64 {
        mask.coverage.iter().map(|v| f64::from(*v) / 255.0).sum()
    }

    #[test]
    fn places_are_on_quarters() {
        let cases = [
            (0.0, (0, 0)),
            (0.124, (0, 0)),
            (0.126, (0, 1)),
            (0.874, (0, 3)),
            (0.876, (1, 0)),
            (-0.25, (-1, 3)),
            (-3.0, (-3, 0)),
        ];
        for (is, wanted) in cases {
            assert_eq!(quarters(is), wanted, "{is}");
        }
    }

    /// A rectangle covers its parts of pixels exactly, and a hole turned the other way is empty.
    #[test]
    fn rectangles_and_holes() {
        let mut path = Rect::new(1.25, 2.0, 9.5, 9.0).to_path(0.1);
        path.extend(
            Rect::new(3.0, 4.0, 6.0, 7.0)
                .to_path(0.1)
                .reverse_subpaths(),
        );
        let is = mask(&path, (0, 0));
        let cases = [
            (1, 2, 191),
            (2, 2, 255),
            (9, 8, 128),
            (4, 5, 0),
            (6, 6, 255),
            (2, 9, 0),
            (0, 5, 0),
        ];
        for (x, y, wanted) in cases {
            assert_eq!(at(&is, x, y), wanted, "{x} {y}");
        }
        assert_eq!(at(&mask(&path, (3, 0)), 1, 3), 0);
        assert_eq!(at(&mask(&path, (0, 2)), 5, 2), 128);
    }

    /// Where letters touch on a part of a pixel, they cover it whole; rims do not add up to more than there is.
    #[test]
    fn masks_meet() {
        let bar = |x0, x1| Arc::new(mask(&Rect::new(x0, 0.0, x1, 4.0).to_path(0.1), (0, 0)));
        let stamps = [bar(0.0, 2.5), bar(2.5, 6.0)].map(|mask| Stamp { mask, x: 0, y: 0 });
        let mut coverage = Coverage::default();
        let mut middle = |meeting| {
            let is = coverage.of(&stamps, None, meeting, (2, 1), (1, 1));
            is.unwrap().rows[0]
        };
        assert_eq!(middle(Meeting::Beside), 255);
        assert_eq!(middle(Meeting::Across), 192);
        let none = coverage.of(&stamps, None, Meeting::Beside, (20, 0), (5, 5));
        assert!(none.is_none());
    }

    proptest! {
        /// A triangle covers its area, whichever way it turns and wherever it stands.
        #[test]
        fn triangles_cover_their_area(
            points in prop::array::uniform3((0.0..90.0_f64, -40.0..50.0_f64)),
            phase in (0..4_u8, 0..4_u8),
        ) {
            let mut path = BezPath::new();
            path.move_to(points[0]);
            path.line_to(points[1]);
            path.line_to(points[2]);
            path.close_path();
            let (is, wanted) = (sum(&mask(&path, phase)), path.area().abs());
            prop_assert!((is - wanted).abs() < 0.3 + wanted * 0.002, "{is} {wanted}");
        }
    }
}
