//! Outlines: a line of one width around a shape.
//!
//! The distance to the nearest px of the shape is exact (Meijster, Roerdink and Hesselink 2000: down the columns, then the
//! lower envelope of parabolas along each row, in integers). Where the line ends, the distance to the edge itself is taken
//! from the coverage of the px around that nearest one, so that slanted edges get slanted lines without steps.

use super::shadow::{Growth, over};
use media::{Color, Surface};

pub(super) fn growth(width: f64) -> Growth {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 100 layer px, scaled"
    )]
    let px = (width.ceil() + 1.0) as usize;
    Growth::all(px)
}

/// No px of the shape in the column.
const NONE: u32 = u32::MAX;

/// `picture` over its outline, on a surface larger by [`growth`].
pub(super) fn under(picture: &Surface, width: f64, color: Color) -> Surface {
    let margin = growth(width).left;
    let mut out = Surface::new(picture.width() + 2 * margin, picture.height() + 2 * margin);
    let shape = Shape::of(picture, margin as usize);
    let nearest = shape.nearest_rows();
    #[expect(clippy::cast_possible_truncation, reason = "a width in px")]
    let width = width as f32;
    let tint = color.to_premultiplied_rgba8().map(f32::from);
    let stride = out.width() as usize * 4;
    let mut envelope = Envelope::default();
    for (y, line) in out.data_mut().chunks_exact_mut(stride).enumerate() {
        let rows = &nearest[y * shape.width..][..shape.width];
        envelope.find(rows, y, |x, column| {
            let covered = shape.under((x, y), (column, rows[column] as usize), width);
            if covered > 0.0 {
                let px = tint.map(|v| super::color::to_u8(v * covered));
                line[x * 4..x * 4 + 4].copy_from_slice(&px);
            }
        });
    }
    let start = margin as usize * (stride + 4);
    let rows = out.data_mut()[start..].chunks_mut(stride);
    for (to, from) in rows.zip(picture.data().chunks_exact(picture.width() as usize * 4)) {
        over(to, from);
    }
    out
}

/// The alpha of a picture with a margin, where it belongs to the shape: px that are covered by half, and those beside
/// them. Soft shadows that come with a picture do not get an outline of their own.
struct Shape {
    width: usize,
    height: usize,
    alpha: Vec<u8>,
}

impl Shape {
    fn of(picture: &Surface, margin: usize) -> Self {
        let (width, height) = (
            picture.width() as usize + 2 * margin,
            picture.height() as usize + 2 * margin,
        );
        let mut all = vec![0; width * height];
        let rows = all[margin * width..].chunks_exact_mut(width);
        for (to, from) in rows.zip(picture.data().chunks_exact(picture.width() as usize * 4)) {
            for (to, px) in to[margin..].iter_mut().zip(from.chunks_exact(4)) {
                *to = px[3];
            }
        }
        let mut alpha = all.clone();
        // The margin is at least two px wide, so every px of the picture has neighbours.
        for y in 1..height - 1 {
            for x in 1..width - 1 {
                let at = y * width + x;
                if (1..128).contains(&all[at]) {
                    let beside = [at - width, at, at + width];
                    let solid = |at: &usize| all[at - 1..=at + 1].iter().any(|&a| a >= 128);
                    if !beside.iter().any(solid) {
                        alpha[at] = 0;
                    }
                }
            }
        }
        Self {
            width,
            height,
            alpha,
        }
    }

    /// For each px the row of the shape's nearest px in its column.
    fn nearest_rows(&self) -> Vec<u32> {
        let w = self.width;
        let mut nearest = vec![NONE; w * self.height];
        let number = |y: usize| u32::try_from(y).unwrap_or(NONE);
        for y in 0..self.height {
            let (before, from) = nearest.split_at_mut(y * w);
            let above = before.len().checked_sub(w).map(|at| &before[at..]);
            for (x, to) in from[..w].iter_mut().enumerate() {
                if self.alpha[y * w + x] > 0 {
                    *to = number(y);
                } else if let Some(above) = above {
                    *to = above[x];
                }
            }
        }
        for y in (1..self.height).rev() {
            let (above, from) = nearest.split_at_mut(y * w);
            let here = number(y - 1);
            for (to, &below) in above[(y - 1) * w..].iter_mut().zip(&from[..w]) {
                if below != NONE && (*to == NONE || below.abs_diff(here) < to.abs_diff(here)) {
                    *to = below;
                }
            }
        }
        nearest
    }

    /// How much of the px at (x, y) that the shape leaves free a line of `width` around it covers; the shape's px nearest
    /// to it is `near`.
    fn under(&self, at: (usize, usize), near: (usize, usize), width: f32) -> f32 {
        let all = self.covered(at, near, width);
        let own = f32::from(self.alpha[at.1 * self.width + at.0]) / 255.0;
        // Both together cover so much: an edge that crosses the px leaves less to the line than chance would.
        if own < 1.0 {
            ((all - own) / (1.0 - own)).max(0.0)
        } else {
            0.0
        }
    }

    /// How much of the px at (x, y) the shape grown by `width` covers.
    fn covered(&self, (x, y): (usize, usize), near: (usize, usize), width: f32) -> f32 {
        let away = |(a, b): (usize, usize)| {
            let (dx, dy) = (x.abs_diff(a) as f32, y.abs_diff(b) as f32);
            (dx * dx + dy * dy).sqrt()
        };
        let centre = away(near);
        // The shape begins at most half a px beyond the centre of its nearest px, and half a diagonal before it.
        if centre + 0.5 <= width - 0.5 {
            return 1.0;
        }
        if centre - 0.75 >= width + 0.5 {
            return 0.0;
        }
        // All of a px that is covered fully is part of the shape, to its corners.
        let to_square = |(a, b): (usize, usize)| {
            let dx = (x.abs_diff(a) as f32 - 0.5).max(0.0);
            let dy = (y.abs_diff(b) as f32 - 0.5).max(0.0);
            (dx * dx + dy * dy).sqrt()
        };
        let mut edge = f32::INFINITY;
        let around = |v: usize, end: usize| v.saturating_sub(2)..(v + 3).min(end);
        for b in around(near.1, self.height) {
            for a in around(near.0, self.width) {
                let alpha = self.alpha[b * self.width + a];
                edge = edge.min(match alpha {
                    0 => continue,
                    255 => to_square((a, b)),
                    _ => away((a, b)) + 0.5 - f32::from(alpha) / 255.0,
                });
            }
        }
        (width - edge + 0.5).clamp(0.0, 1.0)
    }
}

/// The lower envelope of the parabolas that the columns of a row have for their distances; keeps its memory.
#[derive(Default)]
struct Envelope {
    /// Columns whose parabola is lowest somewhere, and from which px on.
    parts: Vec<(i64, i64)>,
}

impl Envelope {
    /// Tells of each px of row `y` the column in which the shape's nearest px is, where there is one.
    fn find(&mut self, rows: &[u32], y: usize, mut found: impl FnMut(usize, usize)) {
        self.parts.clear();
        let row = i64::try_from(y).unwrap_or(i64::MAX);
        let height = |column: i64| {
            let at = usize::try_from(column).unwrap_or(0);
            let away = i64::from(rows[at]) - row;
            away * away
        };
        for (column, &nearest) in (0_i64..).zip(rows) {
            if nearest == NONE {
                continue;
            }
            let own = height(column);
            // The first px at which this column is nearer than the one before.
            let mut from = 0;
            while let Some(&(before, begin)) = self.parts.last() {
                let (a, b) = (before, column);
                let cross = (b * b - a * a + own - height(a)).div_euclid(2 * (b - a)) + 1;
                if cross > begin {
                    from = cross;
                    break;
                }
                self.parts.pop();
                from = 0;
            }
            if from < i64::try_from(rows.len()).unwrap_or(i64::MAX) {
                self.parts.push((column, from));
            }
        }
        let mut parts = self.parts.iter().peekable();
        while let Some(&(column, from)) = parts.next() {
            let end = parts.peek().map_or(rows.len() as i64, |next| next.1);
            for x in from..end {
                if let (Ok(x), Ok(column)) = (usize::try_from(x), usize::try_from(column)) {
                    found(x, column);
                }
            }
        }
    }
}
