//! Px in perspective, a stretch of 16 at a time: positions are quotients of two lines, and taps are mixed as in
//! [`sample`](super::sample).
//!
//! Floats are multiplied, added and divided once each and never fused, so every processor has the same positions.

use super::sample::{bilinear_pair, mix};
use super::wide::Wide;
use fearless_simd::prelude::*;

/// Px of a stretch.
pub(crate) const STRETCH_PX: usize = 16;

/// Where the px of a stretch lie: px n, counted from 0, at `base` + (`at` + n * `step`) / (1 + n * `widens`).
///
/// Positions have px centres at whole numbers. What is added to `base` is 0 or more and at most some thousand px; what it is divided by
/// is above 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// Its number in what is drawn.
    pub(crate) number: usize,
    /// Surface px, within 2^20 of 0.
    pub(crate) base: [i32; 2],
    /// 256ths of a surface px.
    pub(crate) at: [f32; 2],
    /// Likewise.
    pub(crate) step: [f32; 2],
    pub(crate) widens: f32,
}

impl Stretch {
    /// The position of px `n` in 256ths, which is inside the surface or on its edge.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 2^28 by what a stretch is, and casts of floats saturate"
    )]
    fn position(&self, n: u8, axis: usize, side: usize) -> i32 {
        let n = f32::from(n);
        let inverse = 1.0 / (self.widens * n + 1.0);
        let off = (self.step[axis] * n + self.at[axis]) * inverse + 0.5;
        // As bounds of floats, so that vectors need none for what they cannot convert.
        let off = off.clamp(0.0, FARTHEST) as i32;
        (off + self.base[axis] * 256).clamp(0, (side as i32 - 1) * 256)
    }
}

/// 2^22 of 256ths: 16384 px.
const FARTHEST: f32 = 4_194_304.0;

/// Longest side of a surface that has stretches.
pub(crate) const MAX_SIDE_PX: usize = 1 << 20;

/// Whether stretches of a surface of this size can be drawn: it has neighbours to mix, and indices fit 31 bits.
pub(crate) const fn fits([width, height]: [usize; 2]) -> bool {
    let sides = width >= 2 && height >= 2 && width <= MAX_SIDE_PX && height <= MAX_SIDE_PX;
    sides && width * height <= 1 << 30
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions are held to the surface; fractions are at most 256"
)]
pub(super) fn stretches(
    row: &mut [u8],
    surface: &[u8],
    [width, height]: [usize; 2],
    stretches: &[Stretch],
) {
    let (px, _) = surface.as_chunks::<4>();
    let (out, _) = row.as_chunks_mut::<4>();
    for stretch in stretches {
        let out = &mut out[stretch.number * STRETCH_PX..][..STRETCH_PX];
        for (out, n) in out.iter_mut().zip(0u8..) {
            let at = |axis, side| {
                let at = stretch.position(n, axis, side) as usize;
                // The last px is a whole way from the one before it.
                let first = (at >> 8).min(side - 2);
                (first, (at - (first << 8)) as u32)
            };
            let ((x, fx), (y, fy)) = (at(0, width), at(1, height));
            let [top, bottom] = [y, y + 1].map(|y| &px[y * width + x..][..2]);
            let taps = [top[0], top[1], bottom[0], bottom[1]];
            *out = std::array::from_fn(|c| mix(taps.map(|px| px[c]), [fx, fy]));
        }
    }
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "sides fit 20 bits, and surfaces 30"
)]
pub(super) fn stretches_wide<S: Wide>(
    simd: S,
    row: &mut [u8],
    surface: &[u8],
    [width, height]: [usize; 2],
    stretches: &[Stretch],
) {
    const NUMBERS: [f32; STRETCH_PX] = [
        0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0,
    ];
    let (px, _) = surface.as_chunks::<4>();
    let lanes = S::f32s::N;
    for stretch in stretches {
        let out = &mut row[stretch.number * STRETCH_PX * 4..][..STRETCH_PX * 4];
        for (out, numbers) in out
            .chunks_exact_mut(lanes * 4)
            .zip(NUMBERS.chunks_exact(lanes))
        {
            let n = S::f32s::from_slice(simd, numbers);
            let inverse = S::f32s::splat(simd, 1.0) / (n * stretch.widens + 1.0);
            let [(x, fx), (y, fy)] = [
                places::<S>(stretch, n, inverse, 0, width),
                places::<S>(stretch, n, inverse, 1, height),
            ];
            let index: S::u32s = (y * width as i32 + x).bitcast();
            let (fx, fy): (S::u32s, S::u32s) = (fx.bitcast(), fy.bitcast());
            let ((ia, ib), (xa, xb), (ya, yb)) = (index.widen(), fx.widen(), fy.widen());
            let low = bilinear_pair(simd, px, width, ia, [xa, ya]);
            let high = bilinear_pair(simd, px, width, ib, [xb, yb]);
            let (low, high): (S::i32s, S::i32s) = (low.bitcast(), high.bitcast());
            let px: S::u8s = low.narrow(high).bitcast();
            px.store_slice(out);
        }
    }
}

/// The first of the two px that each of a vector of px lies between along one axis, and how many 256ths beyond it.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a side fits 20 bits"
)]
fn places<S: Wide>(
    stretch: &Stretch,
    n: S::f32s,
    inverse: S::f32s,
    axis: usize,
    side: usize,
) -> (S::i32s, S::i32s) {
    let off = (n * stretch.step[axis] + stretch.at[axis]) * inverse + 0.5;
    let off = off.max(0.0).min(FARTHEST);
    let at = S::i32s::truncate_from(off) + stretch.base[axis] * 256;
    let at = at.max(0).min((side as i32 - 1) * 256);
    let first = (at >> 8).min(side as i32 - 2);
    (first, at - (first << 8))
}
