//! Rows of a picture that is scaled but not turned: all px of a row lie between the same two rows of the surface, which
//! are mixed once; what is left is to mix neighbours. Half the time of [`sample::bilinear_wide`](super::sample).

use super::sample::{HALF, Lanes, ahead, bilinear, rounded};
use super::wide::Wide;
use fearless_simd::prelude::*;
use fearless_simd::u8x16;

/// Px that are sampled from one stretch of mixed rows.
const AHEAD: usize = 128;

/// Largest step: vectors reach two px of the surface for each of theirs.
const MAX_STEP: i64 = 2 << 32;

/// Px of a stretch, and room for what the last vectors read beyond it.
const STRETCH: usize = 2 * AHEAD + 2 + 34;

/// Whether steps are this kernel's: to the right, at most two px of the surface for one of the canvas.
pub(super) const fn is_level([right, down]: [i64; 2]) -> bool {
    down == 0 && right > 0 && right <= MAX_STEP
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the surface; fractions are 8 bits"
)]
pub(super) fn level_wide<S: Wide>(
    simd: S,
    out: &mut [u8],
    surface: &[u8],
    size: [usize; 2],
    position: [i64; 2],
    step: [i64; 2],
) {
    // Few px have a neighbour left or right of the surface: at most half a px of it is drawn beyond its edge.
    let count = out.len() / 4;
    let (x, x_end) = (rounded(position[0]), (size[0] as i64 - 1) << 32);
    let until = |limit: i64| match limit - x {
        ..=0 => 0,
        px => (px as u64).div_ceil(step[0] as u64).min(count as u64) as usize,
    };
    let (first, end) = (until(0), until(x_end));
    for beyond in [0..first, end..count] {
        let position = ahead(position, step, beyond.start as i64);
        let out = &mut out[beyond.start * 4..beyond.end * 4];
        bilinear(out, surface, size, position, step);
    }
    let (px, _) = surface.as_chunks::<4>();
    let y = rounded(position[1]);
    let last_y = size[1] as i64 - 1;
    let row = |y: i64| &px[y.clamp(0, last_y) as usize * size[0]..][..size[0]];
    let (top, bottom) = (row(y >> 32), row((y >> 32) + 1));
    let mut columns = [0; STRETCH * 4];
    let mut from = position[0].wrapping_add(step[0].wrapping_mul(first as i64));
    for out in out[first * 4..end * 4].chunks_mut(AHEAD * 4) {
        let last = from + step[0] * (out.len() as i64 / 4 - 1);
        let x = (rounded(from) >> 32) as usize;
        let span = (rounded(last) >> 32) as usize + 2 - x;
        let rows = [&top[x..], &bottom[x..]];
        mix_rows(simd, &mut columns, rows, span, (y >> 24) as u16 & 255);
        mix_columns(simd, out, &columns, from - ((x as i64) << 32), step[0]);
        from = last + step[0];
    }
}

/// The first `span` px of two rows, mixed to 256ths and moved down by 2^15, so that products of signed numbers hold them.
#[inline(always)]
fn mix_rows<S: Simd>(
    simd: S,
    columns: &mut [u16],
    [top, bottom]: [&[[u8; 4]]; 2],
    span: usize,
    fraction: u16,
) {
    let n = S::u8s::N;
    let (top, bottom) = (top.as_flattened(), bottom.as_flattened());
    let mut done = 0;
    while done < span * 4 && done + n <= bottom.len() {
        let (t, next_t) = S::u8s::from_slice(simd, &top[done..done + n]).widen();
        let (b, next_b) = S::u8s::from_slice(simd, &bottom[done..done + n]).widen();
        let mixed = (t * (256 - fraction) + b * fraction) ^ 0x8000;
        mixed.store_slice(&mut columns[done..done + n / 2]);
        let mixed = (next_t * (256 - fraction) + next_b * fraction) ^ 0x8000;
        mixed.store_slice(&mut columns[done + n / 2..done + n]);
        done += n;
    }
    for i in done..span * 4 {
        let mixed = u16::from(top[i]) * (256 - fraction) + u16::from(bottom[i]) * fraction;
        columns[i] = mixed ^ 0x8000;
    }
}

/// Px between neighbours of `columns`.
#[inline(always)]
fn mix_columns<S: Wide>(simd: S, out: &mut [u8], columns: &[u16], position: i64, step: i64) {
    let n = S::u8s::N;
    let mut at = Lanes::new(simd, position, step);
    let mut outs = out.chunks_exact_mut(n);
    for out in outs.by_ref() {
        let low = between(simd, columns, at.next());
        let high = between(simd, columns, at.next());
        simd.bytes(low, high).store_slice(out);
    }
    let out = outs.into_remainder();
    if !out.is_empty() {
        let mut px = [0; 64];
        let low = between(simd, columns, at.next());
        let high = between(simd, columns, at.next());
        simd.bytes(low, high).store_slice(&mut px[..n]);
        out.copy_from_slice(&px[..out.len()]);
    }
}

/// Half a vector of px, one channel in each 16-bit lane.
#[inline(always)]
fn between<S: Wide>(simd: S, columns: &[u16], at: S::u64s) -> S::u16s {
    const EVEN: [u8; 16] = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3];
    const ODD: [u8; 16] = [8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11];
    let fraction = (at >> 24) & 255;
    let weights: S::u8s = ((S::u64s::splat(simd, 256) - fraction) | (fraction << 16)).bitcast();
    let [even, odd] = simd.neighbors(columns, at >> 32);
    simd.pack(
        weighed(simd, even, block_lanes(simd, weights, EVEN)),
        weighed(simd, odd, block_lanes(simd, weights, ODD)),
    )
}

#[inline(always)]
fn block_lanes<S: Wide>(simd: S, v: S::u8s, order: [u8; 16]) -> S::i16s {
    let order = S::u8s::block_splat(u8x16::from_slice(simd, &order));
    v.swizzle_dyn_within_blocks(order).bitcast()
}

/// Neighbours by their weights, added and rounded.
#[inline(always)]
fn weighed<S: Wide>(simd: S, pairs: S::u16s, weights: S::i16s) -> S::i32s {
    (simd.multiply_add(pairs.bitcast(), weights) + ((1 << 23) + HALF as i32)) >> 16
}
