//! Bilinear sampling with 8-bit fractions: weights of 256ths in both directions, rounded once.

use super::wide::{Wide, join, split};
use fearless_simd::prelude::*;

pub(super) const HALF: u32 = 1 << 15;

/// Mixes top left, top right, bottom left and bottom right by fractions right and down.
#[expect(
    clippy::cast_possible_truncation,
    reason = "weights add up to 2^16, so the sum is at most 255 after the shift"
)]
pub(super) const fn mix([a, b, c, d]: [u8; 4], [fx, fy]: [u32; 2]) -> u8 {
    let left = a as u32 * (256 - fy) + c as u32 * fy;
    let right = b as u32 * (256 - fy) + d as u32 * fy;
    ((left * (256 - fx) + right * fx + HALF) >> 16) as u8
}

pub(super) fn shifted(out: &mut [u8], rows: [&[u8]; 2], fraction: [u16; 2]) {
    let fraction = fraction.map(u32::from);
    let [top, bottom] = rows.map(|row| row.iter().zip(row.get(4..).unwrap_or_default()));
    for ((o, (&a, &b)), (&c, &d)) in out.iter_mut().zip(top).zip(bottom) {
        *o = mix([a, b, c, d], fraction);
    }
}

#[inline(always)]
pub(super) fn shifted_wide<S: Wide>(simd: S, out: &mut [u8], rows: [&[u8]; 2], fraction: [u16; 2]) {
    let n = S::u8s::N;
    let [fx, fy] = fraction;
    let weights = Weights::<S>::new(simd, fx);
    let whole = out.len() / n * n;
    let (head, tail) = out.split_at_mut(whole);
    let [top, bottom] = rows;
    for (i, out) in head.chunks_exact_mut(n).enumerate() {
        let at = i * n;
        let [le, lo] = rows_mixed(simd, [&top[at..at + n], &bottom[at..at + n]], fy);
        let [re, ro] = rows_mixed(
            simd,
            [&top[at + 4..at + 4 + n], &bottom[at + 4..at + 4 + n]],
            fy,
        );
        join::<S>([weights.mix(simd, le, re), weights.mix(simd, lo, ro)]).store_slice(out);
    }
    if !tail.is_empty() {
        shifted(tail, rows.map(|row| &row[whole..]), fraction);
    }
}

/// A vector of px of each row, mixed to 256ths.
#[inline(always)]
fn rows_mixed<S: Simd>(simd: S, [top, bottom]: [&[u8]; 2], fraction: u16) -> [S::u16s; 2] {
    let [a, b] = split::<S>(S::u8s::from_slice(simd, top));
    let [c, d] = split::<S>(S::u8s::from_slice(simd, bottom));
    [
        a * (256 - fraction) + c * fraction,
        b * (256 - fraction) + d * fraction,
    ]
}

/// Mixes 16-bit lanes, 256ths of a px, by one fraction for all.
struct Weights<S: Simd>(S::i16s);

impl<S: Wide> Weights<S> {
    #[inline(always)]
    fn new(simd: S, fraction: u16) -> Self {
        let fraction = u32::from(fraction);
        let pair = S::u32s::splat(simd, (256 - fraction) | fraction << 16);
        Self(pair.bitcast())
    }

    /// `(a * (256 - fraction) + b * fraction + HALF) >> 16` in each lane.
    ///
    /// Products are of signed numbers, so lanes are moved down by 2^15, which moves the sum down by 2^23.
    #[inline(always)]
    fn mix(&self, simd: S, a: S::u16s, b: S::u16s) -> S::u16s {
        let (a, b): (S::u32s, S::u32s) = ((a ^ 0x8000).bitcast(), (b ^ 0x8000).bitcast());
        let even = (a & 0xffff) | (b << 16);
        let odd = (a >> 16) | (b & 0xffff_0000);
        let even = self.sum(simd, even) >> 16;
        let odd = self.sum(simd, odd) & 0xffff_0000;
        (even | odd).bitcast()
    }

    #[inline(always)]
    fn sum(&self, simd: S, pair: S::u32s) -> S::u32s {
        let sum: S::u32s = simd.multiply_add(pair.bitcast(), self.0).bitcast();
        sum + ((1 << 23) + HALF)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the surface; fractions are 8 bits"
)]
pub(super) fn bilinear(
    out: &mut [u8],
    surface: &[u8],
    [width, height]: [usize; 2],
    position: [i64; 2],
    step: [i64; 2],
) {
    let (px, _) = surface.as_chunks::<4>();
    let (last_x, last_y) = (width as i64 - 1, height as i64 - 1);
    let [mut u, mut v] = position.map(rounded);
    for out in out.as_chunks_mut::<4>().0 {
        let at =
            |x: i64, y: i64| px[y.clamp(0, last_y) as usize * width + x.clamp(0, last_x) as usize];
        let (x, y) = (u >> 32, v >> 32);
        let taps = [at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)];
        let fraction = [u, v].map(|at| (at >> 24) as u32 & 255);
        *out = std::array::from_fn(|c| mix(taps.map(|px| px[c]), fraction));
        (u, v) = (u.wrapping_add(step[0]), v.wrapping_add(step[1]));
    }
}

/// A position, rounded to 256ths when cut after them.
pub(super) const fn rounded(at: i64) -> i64 {
    at.wrapping_add(1 << 23)
}

#[inline(always)]
pub(super) fn bilinear_wide<S: Wide>(
    simd: S,
    out: &mut [u8],
    surface: &[u8],
    size: [usize; 2],
    mut position: [i64; 2],
    step: [i64; 2],
) {
    let n = S::u8s::N;
    let half = n as i64 / 8;
    let (px, _) = surface.as_chunks::<4>();
    // Indices are computed in 32 bits; a surface this large is 16 GiB.
    let fits = px.len() <= u32::MAX as usize;
    let mut at = [
        Lanes::new(simd, position[0], step[0]),
        Lanes::new(simd, position[1], step[1]),
    ];
    for out in out.chunks_mut(n) {
        // Positions lie on a line: when the first and the last have all their taps inside, so have those between.
        let last = ahead(position, step, 2 * half - 1);
        if fits && out.len() == n && taps_inside(position, size) && taps_inside(last, size) {
            let low: S::i32s = taps_mixed(simd, px, size[0], &mut at).bitcast();
            let high: S::i32s = taps_mixed(simd, px, size[0], &mut at).bitcast();
            let px: S::u8s = low.narrow(high).bitcast();
            px.store_slice(out);
        } else {
            bilinear(out, surface, size, position, step);
            at[0].skip_two();
            at[1].skip_two();
        }
        position = ahead(position, step, 2 * half);
    }
}

/// Positions of neighbouring px, rounded as [`rounded`] does, and how far the next ones are.
pub(super) struct Lanes<S: Simd> {
    at: S::u64s,
    step: S::u64s,
}

impl<S: Simd> Lanes<S> {
    #[inline(always)]
    #[expect(
        clippy::cast_sign_loss,
        reason = "two's complement, wrapping like the plain loop"
    )]
    pub(super) fn new(simd: S, position: i64, step: i64) -> Self {
        let mut lanes = [0; 8];
        let mut at = rounded(position) as u64;
        for lane in &mut lanes {
            *lane = at;
            at = at.wrapping_add(step as u64);
        }
        Self {
            at: S::u64s::from_slice(simd, &lanes[..S::u64s::N]),
            step: S::u64s::splat(simd, (step as u64).wrapping_mul(S::u64s::N as u64)),
        }
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> S::u64s {
        let at = self.at;
        self.at = at + self.step;
        at
    }

    #[inline(always)]
    fn skip_two(&mut self) {
        self.at = self.at + self.step + self.step;
    }
}

/// The position some px further on.
#[inline(always)]
pub(super) const fn ahead(at: [i64; 2], step: [i64; 2], px: i64) -> [i64; 2] {
    [
        at[0].wrapping_add(step[0].wrapping_mul(px)),
        at[1].wrapping_add(step[1].wrapping_mul(px)),
    ]
}

#[inline(always)]
const fn taps_inside([u, v]: [i64; 2], [width, height]: [usize; 2]) -> bool {
    let (x, y) = (rounded(u) >> 32, rounded(v) >> 32);
    x >= 0 && x < width as i64 - 1 && y >= 0 && y < height as i64 - 1
}

/// Half a vector of px, two channels in the low 16 bits of each 32-bit lane; all taps are inside.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the caller saw that indices of the surface fit 32 bits"
)]
fn taps_mixed<S: Wide>(
    simd: S,
    px: &[[u8; 4]],
    width: usize,
    [u, v]: &mut [Lanes<S>; 2],
) -> S::u32s {
    let (u, v) = (u.next(), v.next());
    let rows: S::u32s = (v >> 32).bitcast();
    let index: S::u64s = (rows * S::u32s::splat(simd, width as u32)).bitcast();
    let index = index + (u >> 32);
    bilinear_pair(simd, px, width, index, [(u >> 24) & 255, (v >> 24) & 255])
}

/// Half a vector of px that lie between those at `index`, the ones right of them and those below both, by fractions of 0 to 256
/// right and down; two channels in the low 16 bits of each 32-bit lane.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "places in a slice")]
pub(super) fn bilinear_pair<S: Wide>(
    simd: S,
    px: &[[u8; 4]],
    width: usize,
    index: S::u64s,
    [fx, fy]: [S::u64s; 2],
) -> S::u32s {
    let (mut top, mut bottom) = ([0; 8], [0; 8]);
    for (i, &at) in index.as_slice().iter().enumerate() {
        // Two neighbours in one plain load, of which two were faster than a gather; one check for both.
        let around = &px[at as usize..][..width + 2];
        (top[i], bottom[i]) = (pair(&around[..2]), pair(&around[width..]));
    }
    let fy = fy | (fy << 16);
    let fy: S::u16s = (fy | (fy << 32)).bitcast();
    let fx = (S::u64s::splat(simd, 256) - fx) | (fx << 16);
    let fx: S::i16s = (fx | (fx << 32)).bitcast();
    let [te, to] = split::<S>(lanes(simd, &top).bitcast());
    let [be, bo] = split::<S>(lanes(simd, &bottom).bitcast());
    let up = S::u16s::splat(simd, 256) - fy;
    let even = columns_mixed(simd, te * up + be * fy, fx);
    let odd = columns_mixed(simd, to * up + bo * fy, fx);
    even | (odd << 8)
}

/// As many as the vector has.
#[inline(always)]
fn lanes<S: Simd>(simd: S, of: &[u64; 8]) -> S::u64s {
    S::u64s::from_slice(simd, &of[..S::u64s::N])
}

#[inline(always)]
fn pair(px: &[[u8; 4]]) -> u64 {
    match px.as_flattened().first_chunk() {
        Some(px) => u64::from_le_bytes(*px),
        None => 0,
    }
}

/// Two channels of two neighbouring px in each 64-bit lane, in 256ths, as one px: [l0 l1 r0 r1] becomes [l0 r0 l1 r1],
/// whose neighbours are multiplied and added.
#[inline(always)]
fn columns_mixed<S: Wide>(simd: S, px: S::u16s, weights: S::i16s) -> S::u32s {
    let px: S::u64s = (px ^ 0x8000).bitcast();
    let swapped =
        (px & 0xffff_0000_0000_ffff) | ((px >> 16) & 0xffff_0000) | ((px & 0xffff_0000) << 16);
    let sum: S::u32s = simd.multiply_add(swapped.bitcast(), weights).bitcast();
    (sum + ((1 << 23) + HALF)) >> 16
}
