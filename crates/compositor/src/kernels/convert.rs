//! RGB to BT.709 limited range, 8 bits.
//!
//! Y = 16 + 219/255 (0.2126 R + 0.7152 G + 0.0722 B); Cb and Cr = 128 + 224/255 (B or R - luma) / 1.8556 or 1.5748.
//! Coefficients are rounded to 1/32768, which fits 16-bit multipliers, so that each row adds up to what grey needs:
//! 219/255 for luma and 0 for chroma, which leaves grey exactly neutral. They are off by at most 0.51/32768,
//! a value by at most 0.012; with the one rounding at the end, results are within 0.512 of the exact value.

use super::wide::{Wide, split};
use fearless_simd::prelude::*;

/// 32768ths of R, G, B.
const Y: [i32; 3] = [5983, 20127, 2032];
const CB: [i32; 3] = [-3298, -11094, 14392];
const CR: [i32; 3] = [14392, -13072, -1320];

const LUMA_SHIFT: u32 = 15;
const LUMA_OFFSET: i32 = (16 << LUMA_SHIFT) + (1 << (LUMA_SHIFT - 1));

/// Chroma is computed from sums of eight px weights.
const CHROMA_SHIFT: u32 = 18;
const CHROMA_OFFSET: i32 = (128 << CHROMA_SHIFT) + (1 << (CHROMA_SHIFT - 1));

/// Luma of each px, and chroma of px pairs sited left: (1 2 1)/4 around the left px of each pair, the mean of both rows.
pub(super) fn rows(rows: [&[u8]; 2], luma: [&mut [u8]; 2], [cb, cr]: [&mut [u8]; 2]) {
    let [top, bottom] = rows.map(|row| row.as_chunks::<4>().0);
    for (out, px) in luma.into_iter().zip([top, bottom]) {
        for (out, &[r, g, b, _]) in out.iter_mut().zip(&px[1..]) {
            *out = weigh(Y, [r, g, b].map(i32::from), LUMA_OFFSET, LUMA_SHIFT);
        }
    }
    for (i, (cb, cr)) in cb.iter_mut().zip(cr).enumerate() {
        let px = [0, 1, 1, 2].map(|k| [top[2 * i + k], bottom[2 * i + k]]);
        let sum = |c: usize| px.as_flattened().iter().map(|px| i32::from(px[c])).sum();
        let sums = [sum(0), sum(1), sum(2)];
        *cb = weigh(CB, sums, CHROMA_OFFSET, CHROMA_SHIFT);
        *cr = weigh(CR, sums, CHROMA_OFFSET, CHROMA_SHIFT);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "16..=240 by the coefficients"
)]
const fn weigh(k: [i32; 3], [r, g, b]: [i32; 3], offset: i32, shift: u32) -> u8 {
    ((k[0] * r + k[1] * g + k[2] * b + offset) >> shift) as u8
}

#[inline(always)]
pub(super) fn rows_wide<S: Wide>(
    simd: S,
    [top, bottom]: [&[u8]; 2],
    [luma_top, luma_bottom]: [&mut [u8]; 2],
    [cb, cr]: [&mut [u8]; 2],
) {
    let n = S::u8s::N;
    let px = n / 4;
    let (luma_weights, cb_weights, cr_weights) = (
        Weights::<S>::new(simd, Y),
        Weights::<S>::new(simd, CB),
        Weights::<S>::new(simd, CR),
    );
    // The last vector reads the px right of what it converts, which the rest may have to do without.
    let mut done = 0;
    while done + px <= luma_top.len() && (done + px + 2) * 4 <= top.len().min(bottom.len()) {
        let at = done * 4;
        let (t, b) = (load(simd, top, at + 4), load(simd, bottom, at + 4));
        let luma = luma_weights.weigh(simd, t, LUMA_OFFSET) >> LUMA_SHIFT;
        luma_top[done..done + px].copy_from_slice(&simd.low_bytes(luma)[..px]);
        let luma = luma_weights.weigh(simd, b, LUMA_OFFSET) >> LUMA_SHIFT;
        luma_bottom[done..done + px].copy_from_slice(&simd.low_bytes(luma)[..px]);
        // For every px, though only those of even ones are wanted: half the work is thrown away, and nothing crosses lanes.
        let (tl, bl) = (load(simd, top, at), load(simd, bottom, at));
        let (tr, br) = (load(simd, top, at + 8), load(simd, bottom, at + 8));
        let sums: [S::u16s; 2] = [
            ((t[0] + b[0]) << 1) + (tl[0] + bl[0]) + (tr[0] + br[0]),
            ((t[1] + b[1]) << 1) + (tl[1] + bl[1]) + (tr[1] + br[1]),
        ];
        let pairs = done / 2..(done + px) / 2;
        let lanes = cb_weights.weigh(simd, sums, CHROMA_OFFSET) >> CHROMA_SHIFT;
        cb[pairs.clone()].copy_from_slice(&simd.low_bytes(lanes.unzip_low(lanes))[..px / 2]);
        let lanes = cr_weights.weigh(simd, sums, CHROMA_OFFSET) >> CHROMA_SHIFT;
        cr[pairs].copy_from_slice(&simd.low_bytes(lanes.unzip_low(lanes))[..px / 2]);
        done += px;
    }
    rows(
        [&top[done * 4..], &bottom[done * 4..]],
        [&mut luma_top[done..], &mut luma_bottom[done..]],
        [&mut cb[done / 2..], &mut cr[done / 2..]],
    );
}

#[inline(always)]
fn load<S: Simd>(simd: S, row: &[u8], at: usize) -> [S::u16s; 2] {
    split::<S>(S::u8s::from_slice(simd, &row[at..at + S::u8s::N]))
}

/// Coefficients as pairs: of red and blue, and of green and alpha.
struct Weights<S: Simd>([S::i16s; 2]);

impl<S: Wide> Weights<S> {
    #[inline(always)]
    #[expect(clippy::cast_sign_loss, reason = "two's complement halves of a lane")]
    fn new(simd: S, [r, g, b]: [i32; 3]) -> Self {
        let rb = S::u32s::splat(simd, r as u32 & 0xffff | (b as u32) << 16);
        let ga = S::u32s::splat(simd, g as u32 & 0xffff);
        Self([rb.bitcast(), ga.bitcast()])
    }

    #[inline(always)]
    fn weigh(&self, simd: S, [rb, ga]: [S::u16s; 2], offset: i32) -> S::i32s {
        simd.multiply_add(rb.bitcast(), self.0[0])
            + simd.multiply_add(ga.bitcast(), self.0[1])
            + offset
    }
}
