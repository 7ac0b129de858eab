//! Rows of a picture that is scaled but not turned: all px of a row lie between the same two rows of the surface, which
//! are mixed once; what is left is to mix neighbours. Half the time of [`sample::bilinear_wide`](super::sample).

use super::sample::{HALF, Lanes, ahead, bilinear_wide, rounded, taps_inside};
use super::wide::Wide;
use fearless_simd::prelude::*;
use fearless_simd::u8x16;

/// Px that are sampled from one stretch of mixed rows.
const AHEAD: usize = 128;

/// Largest step: beyond it the stretch grows too long.
const MAX_STEP: i64 = 2 << 32;

/// Px of a stretch, and room for the last vector.
const STRETCH: usize = 2 * AHEAD + 2 + 16;

/// Whether steps are this kernel's: to the right, at most two px of the surface for one of the canvas.
pub(super) const fn is_level([right, down]: [i64; 2]) -> bool {
    down == 0 && right > 0 && right <= MAX_STEP
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "inside the surface; fractions are 8 bits"
)]
pub(super) fn level_wide<S: Wide>(
    simd: S,
    out: &mut [u8],
    surface: &[u8],
    size: [usize; 2],
    mut position: [i64; 2],
    step: [i64; 2],
) {
    let (px, _) = surface.as_chunks::<4>();
    let mut columns = [0; STRETCH * 4];
    for out in out.chunks_mut(AHEAD * 4) {
        let count = out.len() as i64 / 4;
        let last = ahead(position, step, count - 1);
        if taps_inside(position, size) && taps_inside(last, size) {
            let (u, v) = (rounded(position[0]), rounded(position[1]));
            let (first, row) = ((u >> 32) as usize, (v >> 32) as usize * size[0]);
            let span = (rounded(last[0]) >> 32) as usize + 2 - first;
            let (top, bottom) = (&px[row + first..], &px[row + size[0] + first..]);
            mix_rows(
                simd,
                &mut columns,
                [top, bottom],
                span,
                (v >> 24) as u16 & 255,
            );
            let from = position[0] - ((first as i64) << 32);
            mix_columns(simd, out, &columns, from, step[0]);
        } else {
            bilinear_wide(simd, out, surface, size, position, step);
        }
        position = ahead(position, step, count);
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
    let whole = out.len() / n * n;
    let (head, tail) = out.split_at_mut(whole);
    for out in head.chunks_exact_mut(n) {
        let (low, high) = (at.next(), at.next());
        let (a, b) = two_groups(simd, columns, low);
        let (c, d) = two_groups(simd, columns, high);
        let (ab, cd): (S::u16s, S::u16s) = (a.narrow(b).bitcast(), c.narrow(d).bitcast());
        ab.narrow(cd).store_slice(out);
    }
    let mut at = rounded(position).wrapping_add(step.wrapping_mul(whole as i64 / 4));
    for out in tail.as_chunks_mut::<4>().0 {
        *out = one_px(columns, at);
        at = at.wrapping_add(step);
    }
}

/// Half a vector of px, one channel in each 32-bit lane.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a stretch is short")]
fn two_groups<S: Wide>(simd: S, columns: &[u16], at: S::u64s) -> (S::i32s, S::i32s) {
    let fraction = (at >> 24) & 255;
    let weights = (S::u64s::splat(simd, 256) - fraction) | (fraction << 16);
    let weights = weights | (weights << 32);
    let mut index = [0; 8];
    (at >> 32).store_slice(&mut index[..S::u64s::N]);
    // A group is as many px as a vector has 16-byte blocks: two neighbours each.
    let count = S::u64s::N / 2;
    let mut low = [0; 4];
    let mut high = [0; 4];
    for i in 0..count {
        low[i] = index[i] as usize * 4;
        high[i] = index[count + i] as usize * 4;
    }
    (
        group(simd, simd.blocks(columns, low), weights.zip_low(weights)),
        group(simd, simd.blocks(columns, high), weights.zip_high(weights)),
    )
}

/// [l0 l1 l2 l3 r0 r1 r2 r3] becomes [l0 r0 l1 r1 l2 r2 l3 r3], whose neighbours are multiplied and added.
#[inline(always)]
fn group<S: Wide>(simd: S, px: S::u16s, weights: S::u64s) -> S::i32s {
    const PAIRS: [u8; 16] = [0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15];
    let pairs = S::u8s::block_splat(u8x16::from_slice(simd, &PAIRS));
    let px: S::i16s = px.swizzle_dyn_within_blocks(pairs).bitcast();
    (simd.multiply_add(px, weights.bitcast()) + ((1 << 23) + HALF as i32)) >> 16
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "inside the stretch; weights add up to 2^16, so the sum is at most 255 after the shift"
)]
fn one_px(columns: &[u16], at: i64) -> [u8; 4] {
    let index = (at >> 32) as usize * 4;
    let fraction = (at >> 24) as u32 & 255;
    let mut px = [0; 4];
    for (i, px) in px.iter_mut().enumerate() {
        let (left, right) = (columns[index + i] ^ 0x8000, columns[index + 4 + i] ^ 0x8000);
        let sum = u32::from(left) * (256 - fraction) + u32::from(right) * fraction;
        *px = ((sum + HALF) >> 16) as u8;
    }
    px
}
