//! Vectors of any width, and what the portable ones lack.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, u8x16};

/// What an instruction set must bring beyond the portable operations.
pub(super) trait Wide: Simd {
    /// Products of signed 16-bit lanes, neighbours added: lane i is `a[2i] * b[2i] + a[2i + 1] * b[2i + 1]`.
    #[inline(always)]
    fn multiply_add(self, a: Self::i16s, b: Self::i16s) -> Self::i32s {
        let (a, b): (Self::i32s, Self::i32s) = (a.bitcast(), b.bitcast());
        ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16)
    }

    /// Two neighbouring px of four 16-bit values from each of the places `at`, channel beside channel: [l0 r0 l1 r1 l2 r2 l3 r3].
    /// A vector has two places in each 16-byte block, of which the first result holds the even and the second the odd ones.
    ///
    /// Places lie at most two apart, and `from` goes on for two vectors after the first.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "places in a slice")]
    fn neighbors(self, from: &[u16], at: Self::u64s) -> [Self::u16s; 2] {
        const PAIRS: [u8; 16] = [0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15];
        let pairs = Self::u8s::block_splat(u8x16::from_slice(self, &PAIRS));
        let (mut even, mut odd) = ([0; 32], [0; 32]);
        let at = at.as_slice();
        for i in 0..Self::u64s::N / 2 {
            for (lanes, at) in [(&mut even, at[2 * i]), (&mut odd, at[2 * i + 1])] {
                let at = at as usize * 4;
                lanes[i * 8..i * 8 + 8].copy_from_slice(&from[at..at + 8]);
            }
        }
        let n = Self::u16s::N;
        let (even, odd): (Self::u8s, Self::u8s) = (
            Self::u16s::from_slice(self, &even[..n]).bitcast(),
            Self::u16s::from_slice(self, &odd[..n]).bitcast(),
        );
        [
            even.swizzle_dyn_within_blocks(pairs).bitcast(),
            odd.swizzle_dyn_within_blocks(pairs).bitcast(),
        ]
    }

    /// The low halves of 32-bit lanes that are 0..=0x7fff: in each 16-byte block four of `a`, then four of `b`.
    ///
    /// As it stands, right for vectors of one block.
    #[inline(always)]
    fn pack(self, a: Self::i32s, b: Self::i32s) -> Self::u16s {
        a.narrow(b).bitcast()
    }

    /// 16-bit lanes that are 0..=255 as bytes, those of `a` first.
    #[inline(always)]
    fn bytes(self, a: Self::u16s, b: Self::u16s) -> Self::u8s {
        a.narrow(b)
    }

    /// The lowest byte of each 32-bit lane, in the first bytes of the result; lanes are 0..=255.
    #[inline(always)]
    fn low_bytes(self, v: Self::i32s) -> [u8; 16] {
        let mut out = [0; 16];
        for (out, lane) in out.iter_mut().zip(v.as_slice()) {
            *out = lane.to_le_bytes()[0];
        }
        out
    }
}

#[cfg(target_arch = "aarch64")]
impl Wide for fearless_simd::Neon {}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Wide;
    use fearless_simd::prelude::*;
    use fearless_simd::{
        Avx2, Avx512, Sse4_2, i16x8, i16x16, i16x32, i32x4, i32x8, i32x16, u8x32, u8x64, u16x8,
        u16x16, u16x32, u64x4, u64x8,
    };
    use std::arch::x86_64::*;

    /// The eight values from place `at` on.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a place in a slice")]
    fn block<S: Simd>(simd: S, from: &[u16], at: u64) -> u16x8<S> {
        u16x8::from_slice(simd, &from[at as usize * 4..][..8])
    }

    impl Wide for Sse4_2 {
        #[inline(always)]
        fn multiply_add(self, a: i16x8<Self>, b: i16x8<Self>) -> i32x4<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Sse4_2, a: __m128i, b: __m128i) -> __m128i {
                    _mm_madd_epi16(a, b)
                }
            );
            kernel(self, a.into(), b.into()).simd_into(self)
        }
    }

    impl Wide for Avx2 {
        #[inline(always)]
        fn multiply_add(self, a: i16x16<Self>, b: i16x16<Self>) -> i32x8<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx2, a: __m256i, b: __m256i) -> __m256i {
                    _mm256_madd_epi16(a, b)
                }
            );
            kernel(self, a.into(), b.into()).simd_into(self)
        }

        #[inline(always)]
        fn neighbors(self, from: &[u16], at: u64x4<Self>) -> [u16x16<Self>; 2] {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx2, a: __m128i, b: __m128i) -> __m256i {
                    let pairs = _mm256_setr_epi8(
                        0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15, 0, 1, 8, 9, 2, 3, 10,
                        11, 4, 5, 12, 13, 6, 7, 14, 15,
                    );
                    let px = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(a), b);
                    _mm256_shuffle_epi8(px, pairs)
                }
            );
            let mut places = [0; 4];
            at.store_slice(&mut places);
            let [a, b, c, d] = places;
            let (a, b) = (block(self, from, a), block(self, from, b));
            let (c, d) = (block(self, from, c), block(self, from, d));
            [
                kernel(self, a.into(), c.into()).simd_into(self),
                kernel(self, b.into(), d.into()).simd_into(self),
            ]
        }

        #[inline(always)]
        fn pack(self, a: i32x8<Self>, b: i32x8<Self>) -> u16x16<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx2, a: __m256i, b: __m256i) -> __m256i {
                    _mm256_packs_epi32(a, b)
                }
            );
            kernel(self, a.into(), b.into()).simd_into(self)
        }

        #[inline(always)]
        fn bytes(self, a: u16x16<Self>, b: u16x16<Self>) -> u8x32<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx2, a: __m256i, b: __m256i) -> __m256i {
                    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi16(a, b))
                }
            );
            kernel(self, a.into(), b.into()).simd_into(self)
        }

        #[inline(always)]
        fn low_bytes(self, v: i32x8<Self>) -> [u8; 16] {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(token: Avx2, v: __m256i) -> [u8; 16] {
                    let words = _mm_packus_epi32(
                        _mm256_castsi256_si128(v),
                        _mm256_extracti128_si256::<1>(v),
                    );
                    let bytes: fearless_simd::u8x16<Avx2> =
                        _mm_packus_epi16(words, words).simd_into(token);
                    bytes.into()
                }
            );
            kernel(self, v.into())
        }
    }

    impl Wide for Avx512 {
        #[inline(always)]
        fn multiply_add(self, a: i16x32<Self>, b: i16x32<Self>) -> i32x16<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx512, a: __m512i, b: __m512i) -> __m512i {
                    _mm512_madd_epi16(a, b)
                }
            );
            kernel(self, a.into(), b.into()).simd_into(self)
        }

        #[inline(always)]
        #[expect(clippy::cast_possible_truncation, reason = "a place in a slice")]
        fn neighbors(self, from: &[u16], at: u64x8<Self>) -> [u16x32<Self>; 2] {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(
                    token: Avx512,
                    at: __m512i,
                    near: __m512i,
                    far: __m512i,
                ) -> [u16x32<Avx512>; 2] {
                    let left = _mm512_permutex2var_epi64(near, at, far);
                    let at = _mm512_add_epi64(at, _mm512_set1_epi64(1));
                    let right = _mm512_permutex2var_epi64(near, at, far);
                    [
                        _mm512_unpacklo_epi16(left, right).simd_into(token),
                        _mm512_unpackhi_epi16(left, right).simd_into(token),
                    ]
                }
            );
            let first = at.as_slice()[0];
            let from = &from[first as usize * 4..][..64];
            let near = u16x32::from_slice(self, &from[..32]);
            let far = u16x32::from_slice(self, &from[32..]);
            kernel(self, (at - first).into(), near.into(), far.into())
        }

        #[inline(always)]
        fn pack(self, a: i32x16<Self>, b: i32x16<Self>) -> u16x32<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx512, a: __m512i, b: __m512i) -> __m512i {
                    _mm512_packs_epi32(a, b)
                }
            );
            kernel(self, a.into(), b.into()).simd_into(self)
        }

        #[inline(always)]
        fn bytes(self, a: u16x32<Self>, b: u16x32<Self>) -> u8x64<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx512, a: __m512i, b: __m512i) -> __m512i {
                    let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
                    _mm512_permutexvar_epi64(order, _mm512_packus_epi16(a, b))
                }
            );
            kernel(self, a.into(), b.into()).simd_into(self)
        }

        #[inline(always)]
        fn low_bytes(self, v: i32x16<Self>) -> [u8; 16] {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(token: Avx512, v: __m512i) -> [u8; 16] {
                    let bytes: fearless_simd::u8x16<Avx512> =
                        _mm512_cvtepi32_epi8(v).simd_into(token);
                    bytes.into()
                }
            );
            kernel(self, v.into())
        }
    }
}

/// Even and odd bytes as 16-bit lanes: of RGBA px, red and blue, and green and alpha.
#[inline(always)]
pub(super) fn split<S: Simd>(v: S::u8s) -> [S::u16s; 2] {
    let v: S::u16s = v.bitcast();
    [v & 0xff, v >> 8]
}

/// Puts even and odd bytes together again; lanes are at most 255.
#[inline(always)]
pub(super) fn join<S: Simd>([even, odd]: [S::u16s; 2]) -> S::u8s {
    (even | (odd << 8)).bitcast()
}

/// [`div255`](super::div255) of every lane.
#[inline(always)]
pub(super) fn div255<S: Simd>(v: S::u16s) -> S::u16s {
    let v = v + 128;
    (v + (v >> 8)) >> 8
}
