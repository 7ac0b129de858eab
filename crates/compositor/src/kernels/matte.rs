//! Px multiplied by one value of others: their alpha or their luma, or what is left of it.

use super::mul255;
use super::wide::{Wide, div255, join, split};
use crate::list::Matte;
use fearless_simd::prelude::*;

/// 65536ths of premultiplied red, green and blue that make luma (BT.709); they add up to all, so that white is 255.
const LUMA: [u32; 3] = [13_933, 46_871, 4_732];

/// Multiplies `target` by a value of `matte`, px by px.
pub(super) fn cut(kind: Matte, target: &mut [u8], matte: &[u8]) {
    let px = target.as_chunks_mut::<4>().0.iter_mut();
    for (t, m) in px.zip(matte.as_chunks::<4>().0) {
        let by = value(kind, *m);
        *t = t.map(|v| mul255(v, by));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 255")]
fn value(kind: Matte, px: [u8; 4]) -> u8 {
    let [r, g, b, a] = px.map(u32::from);
    let shows = if kind.luma {
        (r * LUMA[0] + g * LUMA[1] + b * LUMA[2] + (1 << 15)) >> 16
    } else {
        a
    };
    let shows = shows as u8;
    if kind.invert { 255 - shows } else { shows }
}

/// [`cut`] of a vector of px.
#[inline(always)]
pub(super) fn cut_wide<S: Wide>(simd: S, kind: Matte, target: S::u8s, matte: S::u8s) -> S::u8s {
    let px: S::u32s = matte.bitcast();
    let shows = if kind.luma {
        let sum = (px & 0xff) * S::u32s::splat(simd, LUMA[0])
            + ((px >> 8) & 0xff) * S::u32s::splat(simd, LUMA[1])
            + ((px >> 16) & 0xff) * S::u32s::splat(simd, LUMA[2]);
        (sum + (1 << 15)) >> 16
    } else {
        px >> 24
    };
    let shows = if kind.invert { shows ^ 255 } else { shows };
    let by: S::u16s = (shows | (shows << 16)).bitcast();
    let [even, odd] = split::<S>(target);
    join::<S>([div255::<S>(even * by), div255::<S>(odd * by)])
}
