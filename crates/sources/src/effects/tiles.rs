//! What looks at the layer's box: mosaics, vignettes, round corners.

use super::Sheet;
use super::color::to_u8;
use crate::Error;
use crate::request::checked_size;
use kurbo::Rect;
use media::{Color, Surface};
use std::sync::Arc;

/// Squares of `tile` px from the corner of the box, each the mean of what it covers of the box and the surface.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions on a surface, which is of a size that was checked"
)]
pub(super) fn pixelate(sheet: &Sheet, tile: f64) -> Result<Sheet, Error> {
    let own = &sheet.surface;
    // By the ink, not by the surface: how much of nothing is around it differs between a layer and a group.
    let Some(ink) = ink(own) else {
        return Ok(sheet.clone());
    };
    let corner = [sheet.left, sheet.top].map(i64::from);
    let [left, top] = [corner[0] + ink[0], corner[1] + ink[1]];
    let [right, bottom] = [corner[0] + ink[2], corner[1] + ink[3]];
    // Where tiles begin, px from the corner of the box; the surface grows to whole tiles, as far as the box goes.
    let edge = |k: f64| (k * tile).round() as i64;
    let number = |at: i64| (at as f64 / tile).floor();
    let area = sheet.size * sheet.scale;
    let (area_right, area_bottom) = (area.width.ceil() as i64, area.height.ceil() as i64);
    let first = |at: i64| {
        let guess = number(at);
        if edge(guess) > at { guess - 1.0 } else { guess }
    };
    let (column, line) = (first(left), first(top));
    let begin = |from: f64, is: i64| edge(from).max(is.min(0));
    let end = |is: i64, area: i64| {
        let whole = edge(first(is - 1) + 1.0);
        whole.min(is.max(area))
    };
    let (x0, y0) = (begin(column, left), begin(line, top));
    let (x1, y1) = (end(right, area_right), end(bottom, area_bottom));
    let (width, height) = checked_size("the mosaic", (x1 - x0) as f64, (y1 - y0) as f64)?;
    let mut out = Surface::new(width, height);
    let stride = width as usize * 4;
    let mut y = y0;
    let mut next_line = line + 1.0;
    while y < y1 {
        let below = edge(next_line).min(y1);
        let mut x = x0;
        let mut next_column = column + 1.0;
        while x < x1 {
            let beside = edge(next_column).min(x1);
            let covered = [
                x - corner[0],
                y - corner[1],
                beside - corner[0],
                below - corner[1],
            ];
            let px = mean(own, covered, ((beside - x) * (below - y)) as u64);
            if px != [0; 4] {
                let at = (x - x0) as usize * 4..(beside - x0) as usize * 4;
                for row in (y - y0) as usize..(below - y0) as usize {
                    out.data_mut()[row * stride..][at.clone()]
                        .as_chunks_mut()
                        .0
                        .fill(px);
                }
            }
            x = beside;
            next_column += 1.0;
        }
        y = below;
        next_line += 1.0;
    }
    Ok(Sheet {
        surface: Arc::new(out),
        left: x0 as i32,
        top: y0 as i32,
        ..sheet.clone()
    })
}

/// The smallest rectangle with all that is not wholly transparent: left, top, right and bottom in px of the surface.
fn ink(surface: &Surface) -> Option<[i64; 4]> {
    let stride = surface.width() as usize * 4;
    let mut all: Option<[i64; 4]> = None;
    for (y, row) in (0..).zip(surface.data().chunks_exact(stride)) {
        let px = row.as_chunks::<4>().0;
        let Some(first) = px.iter().position(|px| px[3] > 0) else {
            continue;
        };
        let last = px.iter().rposition(|px| px[3] > 0).unwrap_or(first);
        let [first, last] = [first, last].map(|x| i64::try_from(x).unwrap_or(i64::MAX));
        let [x0, y0, x1, _] = all.unwrap_or([first, y, last + 1, y]);
        all = Some([x0.min(first), y0, x1.max(last + 1), y + 1]);
    }
    all
}

/// The mean over an area of `count` px that may reach beyond the surface.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the surface; a mean of 8 bits is one"
)]
fn mean(surface: &Surface, [x0, y0, x1, y1]: [i64; 4], count: u64) -> [u8; 4] {
    let inside = |v: i64, end: u32| v.clamp(0, i64::from(end)) as usize;
    let (x0, x1) = (inside(x0, surface.width()), inside(x1, surface.width()));
    let (y0, y1) = (inside(y0, surface.height()), inside(y1, surface.height()));
    let stride = surface.width() as usize * 4;
    let mut sums = [0_u64; 4];
    for y in y0..y1 {
        for px in surface.data()[y * stride..][x0 * 4..x1.max(x0) * 4]
            .as_chunks::<4>()
            .0
        {
            for (sum, &v) in sums.iter_mut().zip(px) {
                *sum += u64::from(v);
            }
        }
    }
    sums.map(|sum| ((sum + count / 2) / count.max(1)) as u8)
}

/// A shade towards the corners.
pub(super) struct Vignette {
    pub(super) amount: f64,
    /// Of the half diagonal.
    pub(super) radius: f64,
    pub(super) softness: f64,
    pub(super) color: Color,
}

impl Vignette {
    /// Shades a picture whose box is `area`.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "f32 is far finer than 8 bits"
    )]
    pub(super) fn apply(&self, picture: &mut Surface, area: Rect) {
        let middle = area.center();
        // Half diagonals: a corner of the box is at distance 1.
        let along = |at: usize, middle: f64, side: f64| {
            let v = (at as f64 + 0.5 - middle) / (side.max(1.0) / 2.0);
            (v * v / 2.0) as f32
        };
        let columns: Vec<f32> = (0..picture.width() as usize)
            .map(|x| along(x, middle.x, area.width()))
            .collect();
        let strength = (self.amount * self.color.a) as f32;
        let color = [self.color.r, self.color.g, self.color.b].map(|v| v as f32);
        let (radius, softness) = (self.radius as f32, (self.softness as f32).max(1e-3));
        let stride = picture.width() as usize * 4;
        for (y, line) in picture.data_mut().chunks_exact_mut(stride).enumerate() {
            let down = along(y, middle.y, area.height());
            for (px, across) in line.as_chunks_mut::<4>().0.iter_mut().zip(&columns) {
                let v = (((across + down).sqrt() - radius) / softness).clamp(0.0, 1.0);
                let share = strength * v * v * (3.0 - 2.0 * v);
                let [r, g, b, a] = px.map(f32::from);
                let mix = |v: f32, color: f32| to_u8((v + (color * a - v) * share).clamp(0.0, a));
                *px = [mix(r, color[0]), mix(g, color[1]), mix(b, color[2]), px[3]];
            }
        }
    }
}

/// The part of a sheet that `area`, its box in px of the surface, may show; at least 1x1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the surface"
)]
pub(super) fn cropped(sheet: &Sheet, area: Rect) -> Sheet {
    let own = &sheet.surface;
    let inside = |v: f64, end: u32| v.clamp(0.0, f64::from(end)) as u32;
    let (x0, y0) = (
        inside(area.x0.floor(), own.width() - 1),
        inside(area.y0.floor(), own.height() - 1),
    );
    let (x1, y1) = (
        inside(area.x1.ceil(), own.width()).max(x0 + 1),
        inside(area.y1.ceil(), own.height()).max(y0 + 1),
    );
    if (x1 - x0, y1 - y0) == (own.width(), own.height()) {
        return sheet.clone();
    }
    let mut out = Surface::new(x1 - x0, y1 - y0);
    let stride = (x1 - x0) as usize * 4;
    for (y, to) in (y0..).zip(out.data_mut().chunks_exact_mut(stride)) {
        to.copy_from_slice(&own.row(y)[x0 as usize * 4..][..stride]);
    }
    Sheet {
        surface: Arc::new(out),
        left: sheet.left.saturating_add_unsigned(x0),
        top: sheet.top.saturating_add_unsigned(y0),
        ..sheet.clone()
    }
}

/// A sheet of exactly the px that its box touches; a box without a side is that of the ink.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places on a surface, which is of a size that was checked"
)]
pub(super) fn of_the_box(sheet: &Sheet) -> Result<Sheet, Error> {
    let own = &sheet.surface;
    let area = sheet.size * sheet.scale;
    let [x0, y0, x1, y1] = match area.is_zero_area() {
        false => [0, 0, area.width.ceil() as i64, area.height.ceil() as i64],
        true => {
            let [x0, y0, x1, y1] = ink(own).unwrap_or([0, 0, 1, 1]);
            let (left, top) = (i64::from(sheet.left), i64::from(sheet.top));
            [x0 + left, y0 + top, x1 + left, y1 + top]
        }
    };
    let (width, height) = checked_size("the picture", (x1 - x0) as f64, (y1 - y0) as f64)?;
    let mut out = Surface::new(width, height);
    // Where the old begins in the new, or the new in the old.
    let (right, down) = (i64::from(sheet.left) - x0, i64::from(sheet.top) - y0);
    let [to, from] = [[right, down], [-right, -down]].map(|at| at.map(|v| v.max(0) as usize));
    let [new, old] = [out.width(), own.width()].map(|width| width as usize);
    let wide = new.saturating_sub(to[0]).min(old.saturating_sub(from[0]));
    if wide > 0 {
        let rows = own.data().chunks_exact(old * 4).skip(from[1]);
        let lines = out.data_mut().chunks_exact_mut(new * 4).skip(to[1]);
        for (line, row) in lines.zip(rows) {
            line[to[0] * 4..][..wide * 4].copy_from_slice(&row[from[0] * 4..][..wide * 4]);
        }
    }
    Ok(Sheet {
        surface: Arc::new(out),
        left: x0 as i32,
        top: y0 as i32,
        ..sheet.clone()
    })
}

/// Cuts a picture to `area` with round corners, antialiased over one px.
pub(super) fn round(picture: &mut Surface, area: Rect, radii: [f64; 4]) {
    let stride = picture.width() as usize * 4;
    for (y, line) in picture.data_mut().chunks_exact_mut(stride).enumerate() {
        let y = y as f64 + 0.5;
        for (x, px) in line.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let covered = covered(x as f64 + 0.5, y, area, radii);
            if covered < 1.0 {
                #[expect(clippy::cast_possible_truncation, reason = "0 to 1")]
                let covered = covered as f32;
                *px = px.map(|v| to_u8(f32::from(v) * covered));
            }
        }
    }
}

/// How much of the px around (x, y) lies in the rounded box.
fn covered(x: f64, y: f64, area: Rect, radii: [f64; 4]) -> f64 {
    let (left, top) = (x < area.center().x, y < area.center().y);
    let radius = match (left, top) {
        (true, true) => radii[0],
        (false, true) => radii[1],
        (false, false) => radii[2],
        (true, false) => radii[3],
    };
    // To the nearest sides, positive inside.
    let (across, down) = (
        if left { x - area.x0 } else { area.x1 - x },
        if top { y - area.y0 } else { area.y1 - y },
    );
    if across < radius && down < radius {
        let (dx, dy) = (radius - across, radius - down);
        return (radius - (dx * dx + dy * dy).sqrt() + 0.5).clamp(0.0, 1.0);
    }
    (across + 0.5).clamp(0.0, 1.0) * (down + 0.5).clamp(0.0, 1.0)
}
