//! Vectors of any width, and what the portable ones lack.

use fearless_simd::Simd;
use fearless_simd::prelude::*;

/// What an instruction set must bring beyond the portable operations.
pub(super) trait Wide: Simd {
    /// Products of signed 16-bit lanes, neighbours added: lane i is `a[2i] * b[2i] + a[2i + 1] * b[2i + 1]`.
    #[inline(always)]
    fn multiply_add(self, a: Self::i16s, b: Self::i16s) -> Self::i32s {
        let (a, b): (Self::i32s, Self::i32s) = (a.bitcast(), b.bitcast());
        ((a << 16) >> 16) * ((b << 16) >> 16) + (a >> 16) * (b >> 16)
    }

    /// Eight neighbouring values from each of as many places as the vector has 16-byte blocks.
    #[inline(always)]
    fn blocks(self, from: &[u16], at: [usize; 4]) -> Self::u16s {
        let mut lanes = [0; 32];
        for i in 0..Self::u16s::N / 8 {
            lanes[i * 8..i * 8 + 8].copy_from_slice(&from[at[i]..at[i] + 8]);
        }
        Self::u16s::from_slice(self, &lanes[..Self::u16s::N])
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
        Avx2, Avx512, Sse4_2, i16x8, i16x16, i16x32, i32x4, i32x8, i32x16, u16x8, u16x16, u16x32,
    };
    use std::arch::x86_64::*;

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
        fn blocks(self, from: &[u16], at: [usize; 4]) -> u16x16<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(_token: Avx2, a: __m128i, b: __m128i) -> __m256i {
                    _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(a), b)
                }
            );
            let a = u16x8::from_slice(self, &from[at[0]..at[0] + 8]);
            let b = u16x8::from_slice(self, &from[at[1]..at[1] + 8]);
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
        fn blocks(self, from: &[u16], at: [usize; 4]) -> u16x32<Self> {
            fearless_simd::kernel!(
                #[inline(always)]
                fn kernel(
                    _token: Avx512,
                    a: __m128i,
                    b: __m128i,
                    c: __m128i,
                    d: __m128i,
                ) -> __m512i {
                    let low = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(a), b);
                    let high = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(c), d);
                    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
                }
            );
            let a = u16x8::from_slice(self, &from[at[0]..at[0] + 8]);
            let b = u16x8::from_slice(self, &from[at[1]..at[1] + 8]);
            let c = u16x8::from_slice(self, &from[at[2]..at[2] + 8]);
            let d = u16x8::from_slice(self, &from[at[3]..at[3] + 8]);
            kernel(self, a.into(), b.into(), c.into(), d.into()).simd_into(self)
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
