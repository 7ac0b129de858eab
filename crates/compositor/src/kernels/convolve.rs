//! Weighed sums of neighbours.

/// Lanes that are summed at a time, so that sums stay in registers.
const LANES: usize = 16;

/// Each of `out` becomes the sum of as many of `source` as there are weights, from its own place on, `stride` apart.
///
/// One loop for all instruction sets, which compilers make vectors of without changing the order of additions.
#[inline(always)]
pub(super) fn convolve(out: &mut [f32], source: &[f32], weights: &[f32], stride: usize) {
    let (chunks, rest) = out.as_chunks_mut::<LANES>();
    let whole = chunks.len() * LANES;
    for (i, out) in chunks.iter_mut().enumerate() {
        let mut sum = [0.0; LANES];
        for (k, weight) in weights.iter().enumerate() {
            let from = &source[i * LANES + k * stride..][..LANES];
            for (sum, v) in sum.iter_mut().zip(from) {
                *sum += v * weight;
            }
        }
        *out = sum;
    }
    for (i, out) in rest.iter_mut().enumerate() {
        *out = 0.0;
        for (k, weight) in weights.iter().enumerate() {
            *out += source[whole + i + k * stride] * weight;
        }
    }
}
