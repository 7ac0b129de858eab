//! Shadows and glows: blurred alpha, coloured.

use super::blur::{ExtendedBox, FULL, Plane};
use media::{Color, Surface};

/// A shadow in surface px.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shadow {
    pub(crate) dx: f64,
    pub(crate) dy: f64,
    pub(crate) sigma: f64,
    /// Factor of the blurred alpha; 1 is a shadow, more a glow.
    pub(crate) strength: f64,
    pub(crate) color: Color,
}

/// How far a surface grows: left, top, right, bottom, in px.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Growth {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) right: u32,
    pub(crate) bottom: u32,
}

impl Growth {
    /// As far to every side.
    pub(super) fn all(px: usize) -> Self {
        let px = u32::try_from(px).unwrap_or(u32::MAX);
        Self {
            left: px,
            top: px,
            right: px,
            bottom: px,
        }
    }

    /// Width and height of a surface that has grown.
    pub(super) fn of(self, width: u32, height: u32) -> (f64, f64) {
        let sum = |a: u32, b: u32, c: u32| f64::from(a) + f64::from(b) + f64::from(c);
        (
            sum(self.left, width, self.right),
            sum(self.top, height, self.bottom),
        )
    }
}

impl Shadow {
    fn pass(&self) -> Option<ExtendedBox> {
        (self.sigma > 1e-3).then(|| ExtendedBox::third_of(self.sigma))
    }

    /// What must be added around a surface for its shadow to fit: three sigma, and the offset.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped; the caller refuses surfaces that large"
    )]
    pub(crate) fn growth(&self) -> Growth {
        let reach = self.pass().map_or(0.0, |p| 3.0 * p.reach() as f64);
        let side = |v: f64| v.ceil().clamp(0.0, 1e6) as u32;
        Growth {
            left: side(reach - self.dx),
            top: side(reach - self.dy),
            right: side(reach + self.dx),
            bottom: side(reach + self.dy),
        }
    }

    /// `picture` over its shadow, on a surface larger by [`Shadow::growth`].
    pub(super) fn under(&self, picture: &Surface) -> Surface {
        let g = self.growth();
        let mut out = self.alone(picture);
        let stride = out.width() as usize * 4;
        let start = g.top as usize * stride + g.left as usize * 4;
        let rows = out.data_mut()[start..].chunks_mut(stride);
        for (to, from) in rows.zip(picture.data().chunks_exact(picture.width() as usize * 4)) {
            over(to, from);
        }
        out
    }

    /// The shadow of `picture`, on a surface larger by [`Shadow::growth`].
    pub(crate) fn alone(&self, picture: &Surface) -> Surface {
        let g = self.growth();
        let (width, height) = (
            picture.width() + g.left + g.right,
            picture.height() + g.top + g.bottom,
        );
        let plane = self.cast(
            picture,
            (f64::from(g.left), f64::from(g.top)),
            (width as usize, height as usize),
        );
        let tint = self.color.to_premultiplied_rgba8().map(u32::from);
        let mut out = Surface::new(width, height);
        for (px, &a) in out.data_mut().chunks_exact_mut(4).zip(&plane.data) {
            if a > 0 {
                let a = u32::from(a);
                for (o, t) in px.iter_mut().zip(tint) {
                    *o = to_u8((t * a + FULL / 2) / FULL);
                }
            }
        }
        out
    }

    /// Paints the shadow that falls from outside the picture's shape into it.
    pub(super) fn inside(&self, picture: &mut Surface) {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        // What is moved and spread beyond the picture is blurred back into it.
        let margin = self.pass().map_or(0, |pass| 3 * pass.reach());
        let whole = (width + 2 * margin, height + 2 * margin);
        let lit = self.cast(picture, (margin as f64, margin as f64), whole);
        let rows = lit.data.chunks_exact(whole.0).skip(margin);
        let lit = rows.flat_map(|row| &row[margin..][..width]);
        let color = self.color.to_rgba8().map(u32::from);
        for (px, &lit) in picture.data_mut().chunks_exact_mut(4).zip(lit) {
            let (a, dark) = (u32::from(px[3]), FULL - u32::from(lit));
            if a == 0 || dark == 0 {
                continue;
            }
            // Of the px, in 1/65025 of 1/256.
            let share = dark * color[3];
            for (v, color) in px[..3].iter_mut().zip(color) {
                let shaded = div255(color * a);
                let mixed = u64::from(*v) * u64::from(FULL * 255 - share)
                    + u64::from(shaded) * u64::from(share);
                let all = u64::from(FULL) * 255;
                *v = u8::try_from((mixed + all / 2) / all).unwrap_or(255);
            }
        }
    }

    /// The picture's alpha on a plane of `size`, blurred and times the strength; without its offset, the picture would
    /// stand `at`.
    fn cast(&self, picture: &Surface, at: (f64, f64), size: (usize, usize)) -> Plane<1> {
        let mut plane = Plane::new(size.0, size.1);
        place(picture, (at.0 + self.dx, at.1 + self.dy), &mut plane);
        if let Some(pass) = self.pass() {
            plane.blur(pass, 3);
        }
        if (self.strength - 1.0).abs() > 0.0 {
            strengthen(&mut plane, self.strength);
        }
        plane
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "strength is at most 10 and not negative; the product is held to full"
)]
fn strengthen(plane: &mut Plane<1>, strength: f64) {
    let factor = (strength * 4096.0).round() as u32;
    for v in &mut plane.data {
        *v = ((u32::from(*v) * factor) >> 12).min(FULL) as u16;
    }
}

/// The picture's alpha with its corner at `at`; a fraction of a pixel is shared out between neighbours, so that an
/// animated offset glides. What leaves the plane is lost.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "offsets are bounded by the rules of a scene, fractions by 16"
)]
fn place(picture: &Surface, (x, y): (f64, f64), plane: &mut Plane<1>) {
    let share = |v: f64| (((v - v.floor()) * 16.0).round() as u32).min(16);
    let (fx, fy) = (share(x), share(y));
    let parts = [
        (0, 0, (16 - fx) * (16 - fy)),
        (1, 0, fx * (16 - fy)),
        (0, 1, (16 - fx) * fy),
        (1, 1, fx * fy),
    ];
    let (w, h) = (plane.width, plane.height);
    let from_row = picture.width() as usize * 4;
    // Px of the picture left out at its beginning, and of the plane.
    let skips = |at: i64| match usize::try_from(at) {
        Ok(at) => (0, at),
        Err(_) => (at.unsigned_abs() as usize, 0),
    };
    for (dx, dy, weight) in parts.into_iter().filter(|p| p.2 > 0) {
        let (skip_x, to_x) = skips(x.floor() as i64 + dx);
        let (skip_y, to_y) = skips(y.floor() as i64 + dy);
        if skip_x >= picture.width() as usize || to_x >= w || to_y >= h {
            continue;
        }
        let rows = picture.data().chunks_exact(from_row).skip(skip_y);
        for (to, from) in plane.data[to_y * w..].chunks_exact_mut(w).zip(rows) {
            let px = from[skip_x * 4..].chunks_exact(4);
            for (to, px) in to[to_x..].iter_mut().zip(px) {
                // Weights sum to 256 = 1 in the plane's unit, so 255 stays 65280.
                *to += (u32::from(px[3]) * weight) as u16;
            }
        }
    }
}

/// Premultiplied source-over, row by row.
pub(crate) fn over(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.chunks_exact_mut(4).zip(from.chunks_exact(4)) {
        match from[3] {
            0 => {}
            255 => to.copy_from_slice(from),
            a => {
                let rest = 255 - u32::from(a);
                for (t, &f) in to.iter_mut().zip(from) {
                    *t = to_u8(u32::from(f) + div255(u32::from(*t) * rest));
                }
            }
        }
    }
}

/// `v / 255`, rounded to nearest, for products of two 8-bit numbers.
pub(crate) const fn div255(v: u32) -> u32 {
    (v + 128 + ((v + 128) >> 8)) >> 8
}

pub(crate) fn to_u8(v: u32) -> u8 {
    u8::try_from(v).unwrap_or(255)
}
