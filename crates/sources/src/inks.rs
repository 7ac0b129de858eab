//! Colors laid over rows of pixels, as much as masks say: the inner loops of letters and their rims.
//!
//! Each is a pure function of its slices, in two forms that give the same bytes: for one pixel, and for whole vectors of
//! any instruction set. Left to the compiler, which makes vectors of the oldest set for all processors, a headline of
//! 90 px took twice as long.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, u8x16};

/// Pixels whose masks are looked at together.
const ABREAST: usize = 16;
const ABREAST_BYTES: usize = ABREAST * 4;

/// Lays a premultiplied color over `to`, as much as `mask` says of each pixel.
pub(crate) fn tint(to: &mut [u8], mask: &[u8], color: [u8; 4]) {
    dispatch!(Level::new(), simd => tint_wide(simd, to, mask, color));
}

/// The same with another color for each pixel.
pub(crate) fn shade(to: &mut [u8], mask: &[u8], colors: &[u8]) {
    dispatch!(Level::new(), simd => shade_wide(simd, to, mask, colors));
}

/// Covers of each pixel of the mask `to` such a part of what is left as `from` says.
pub(crate) fn cross(to: &mut [u8], from: &[u8]) {
    dispatch!(Level::new(), simd => cross_wide(simd, to, from));
}

#[inline(always)]
fn tint_wide<S: Simd>(simd: S, to: &mut [u8], mask: &[u8], color: [u8; 4]) {
    let (blocks, rest) = to.as_chunks_mut::<ABREAST_BYTES>();
    let (masks, mask_rest) = mask.as_chunks::<ABREAST>();
    let colors: S::u8s = S::u32s::splat(simd, u32::from_le_bytes(color)).bitcast();
    let n = S::u8s::N;
    for (to, mask) in blocks.iter_mut().zip(masks) {
        match u128::from_ne_bytes(*mask) {
            // Most of a line is between letters, and much of the rest within them.
            0 => {}
            u128::MAX if color[3] == 255 => {
                for to in to.chunks_exact_mut(n) {
                    colors.store_slice(to);
                }
            }
            _ => {
                let mask = S::u8s::block_splat(u8x16::from_slice(simd, mask));
                for (to, places) in to.chunks_exact_mut(n).zip(PLACES.chunks_exact(n)) {
                    lay_wide(simd, to, colors, (mask, places));
                }
            }
        }
    }
    for (to, m) in rest.as_chunks_mut::<4>().0.iter_mut().zip(mask_rest) {
        lay(to, color, *m);
    }
}

#[inline(always)]
fn shade_wide<S: Simd>(simd: S, to: &mut [u8], mask: &[u8], colors: &[u8]) {
    let (blocks, rest) = to.as_chunks_mut::<ABREAST_BYTES>();
    let (masks, mask_rest) = mask.as_chunks::<ABREAST>();
    let (colors, colors_rest) = colors.as_chunks::<ABREAST_BYTES>();
    let n = S::u8s::N;
    for ((to, mask), colors) in blocks.iter_mut().zip(masks).zip(colors) {
        if u128::from_ne_bytes(*mask) == 0 {
            continue;
        }
        let mask = S::u8s::block_splat(u8x16::from_slice(simd, mask));
        let each = to.chunks_exact_mut(n).zip(colors.chunks_exact(n));
        for ((to, colors), places) in each.zip(PLACES.chunks_exact(n)) {
            lay_wide(simd, to, S::u8s::from_slice(simd, colors), (mask, places));
        }
    }
    let rest = rest.as_chunks_mut::<4>().0.iter_mut().zip(mask_rest);
    for ((to, m), color) in rest.zip(colors_rest.as_chunks::<4>().0) {
        lay(to, *color, *m);
    }
}

#[inline(always)]
fn cross_wide<S: Simd>(simd: S, to: &mut [u8], from: &[u8]) {
    let n = S::u8s::N;
    let (mut blocks, mut others) = (to.chunks_exact_mut(n), from.chunks_exact(n));
    for (to, from) in blocks.by_ref().zip(others.by_ref()) {
        let (is, from) = (S::u8s::from_slice(simd, to), S::u8s::from_slice(simd, from));
        (is + times::<S>(!is, from)).store_slice(to);
    }
    for (to, from) in blocks.into_remainder().iter_mut().zip(others.remainder()) {
        *to = to.wrapping_add(part(255 - *to, *from));
    }
}

/// For each byte of so many pixels, where in the mask its pixel is.
const PLACES: [u8; ABREAST_BYTES] = {
    let mut places = [0; ABREAST_BYTES];
    let mut place = 0_u8;
    while place < 64 {
        places[place as usize] = place / 4;
        place += 1;
    }
    places
};

/// [`lay`] for the pixels of a vector, whose masks stand at `places`.
#[inline(always)]
fn lay_wide<S: Simd>(simd: S, to: &mut [u8], colors: S::u8s, (mask, places): (S::u8s, &[u8])) {
    let mask = mask.swizzle_dyn_within_blocks(S::u8s::from_slice(simd, places));
    let above = times::<S>(colors, mask);
    let px: S::u32s = above.bitcast();
    let left = (px >> 24) ^ 255;
    let left = left | (left << 8);
    let left: S::u8s = (left | (left << 16)).bitcast();
    (above + times::<S>(S::u8s::from_slice(simd, to), left)).store_slice(to);
}

/// [`part`] of all bytes.
#[inline(always)]
fn times<S: Simd>(a: S::u8s, b: S::u8s) -> S::u8s {
    let (a, b): (S::u16s, S::u16s) = (a.bitcast(), b.bitcast());
    let (even, odd) = ((a & 0xff) * (b & 0xff) + 128, (a >> 8) * (b >> 8) + 128);
    let (even, odd) = (even + (even >> 8), odd + (odd >> 8));
    ((even >> 8) | (odd & 0xff00)).bitcast()
}

/// One premultiplied pixel over another, as much as `m` of 255.
#[inline(always)]
fn lay(to: &mut [u8; 4], color: [u8; 4], m: u8) {
    let left = 255 - part(color[3], m);
    for (to, color) in to.iter_mut().zip(color) {
        *to = part(color, m).wrapping_add(part(*to, left));
    }
}

/// The product of two 8-bit numbers, of which 255 is one, rounded to nearest.
#[inline(always)]
const fn part(a: u8, b: u8) -> u8 {
    let v = (a as u16).wrapping_mul(b as u16).wrapping_add(128);
    (v.wrapping_add(v >> 8) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What processors of this kind may have, as far as this one has it.
    fn levels() -> Vec<Level> {
        let best = Level::new();
        #[cfg(target_arch = "x86_64")]
        let known = [
            best.as_sse4_2().map(Level::Sse4_2),
            best.as_avx2().map(Level::Avx2),
            best.as_avx512().map(Level::Avx512),
        ];
        #[cfg(not(target_arch = "x86_64"))]
        let known = [Some(best)];
        let known = known.into_iter().flatten();
        std::iter::once(Level::baseline()).chain(known).collect()
    }

    fn within(alpha: u8, part: f64) -> u8 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within alpha"
        )]
        let color = (f64::from(alpha) * part) as u8;
        color
    }

    fn pixel() -> impl Strategy<Value = [u8; 4]> {
        let alpha = prop_oneof![Just(0), Just(255), any::<u8>()];
        let parts = prop::array::uniform3(0.0..=1.0_f64);
        (alpha, parts).prop_map(|(alpha, [r, g, b])| {
            [within(alpha, r), within(alpha, g), within(alpha, b), alpha]
        })
    }

    /// A row in which there are long stretches of nothing and of all, as in letters.
    fn row() -> impl Strategy<Value = Vec<([u8; 4], [u8; 4], u8)>> {
        let m = prop_oneof![Just(0), Just(255), any::<u8>()];
        let stretch = (pixel(), pixel(), m, 1..40_usize);
        prop::collection::vec(stretch, 0..12).prop_map(|stretches| {
            let px = stretches
                .into_iter()
                .map(|(to, color, m, n)| vec![(to, color, m); n]);
            px.flatten().collect()
        })
    }

    proptest! {
        /// Vectors of every kind give what one pixel after the other gives.
        #[test]
        fn vectors_are_as_pixels(row in row(), color in pixel()) {
            let to: Vec<u8> = row.iter().flat_map(|px| px.0).collect();
            let colors: Vec<u8> = row.iter().flat_map(|px| px.1).collect();
            let mask: Vec<u8> = row.iter().map(|px| px.2).collect();
            let (mut tinted, mut shaded) = (to.clone(), to.clone());
            let each = tinted.as_chunks_mut().0.iter_mut().zip(shaded.as_chunks_mut().0);
            for ((tinted, shaded), px) in each.zip(&row) {
                lay(tinted, color, px.2);
                lay(shaded, px.1, px.2);
            }
            for level in levels() {
                let mut is = to.clone();
                dispatch!(level, simd => tint_wide(simd, &mut is, &mask, color));
                prop_assert_eq!(&is, &tinted, "tint, {:?}", level);
                is.clone_from(&to);
                dispatch!(level, simd => shade_wide(simd, &mut is, &mask, &colors));
                prop_assert_eq!(&is, &shaded, "shade, {:?}", level);
                is.clone_from(&to);
                dispatch!(level, simd => cross_wide(simd, &mut is, &colors));
                let crossed = to.iter().zip(&colors).map(|(to, from)| to + part(255 - to, *from));
                prop_assert_eq!(&is, &crossed.collect::<Vec<_>>(), "cross, {:?}", level);
            }
        }

        /// What lies over a surface keeps colors within alpha, and nothing is laid where nothing is covered.
        #[test]
        fn tints_stay_premultiplied(color in pixel(), before in pixel(), m: u8) {
            let mut to = before;
            lay(&mut to, color, m);
            prop_assert!(to[..3].iter().all(|v| *v <= to[3]), "{to:?}");
            to = before;
            lay(&mut to, color, 0);
            prop_assert_eq!(to, before);
        }
    }
}
