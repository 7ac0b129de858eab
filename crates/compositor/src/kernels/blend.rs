//! Source-over.

use super::mul255;

/// Px blended at once: 16 bytes are two SSE2 or one AVX2 register of 16-bit lanes.
///
/// Plain loops over arrays of this size vectorise; px by px the loop takes 2-3 times as long.
const LANES: usize = 16;

/// `source` over `target`.
pub(crate) fn over(target: &mut [u8], source: &[u8]) {
    each(target, source, |t, s| match alphas(s) {
        0xffff_ffff => t.copy_from_slice(s),
        0 if s.iter().all(|&v| v == 0) => {}
        _ => blend(t, s),
    });
}

/// `source * opacity` over `target`.
pub(crate) fn over_faded(target: &mut [u8], source: &[u8], opacity: u8) {
    each(target, source, |t, s| {
        if alphas(s) != 0 || s.iter().any(|&v| v != 0) {
            blend(t, &s.map(|v| mul255(v, opacity)));
        }
    });
}

/// `source * coverage * opacity` over `target`; one coverage per px.
pub(crate) fn over_masked(target: &mut [u8], source: &[u8], coverage: &[u8], opacity: u8) {
    let px = target.chunks_exact_mut(4).zip(source.chunks_exact(4));
    for ((t, s), &c) in px.zip(coverage) {
        let opacity = mul255(c, opacity);
        let s: [u8; 4] = std::array::from_fn(|i| mul255(s[i], opacity));
        let rest = 255 - s[3];
        for (t, s) in t.iter_mut().zip(s) {
            *t = s.saturating_add(mul255(*t, rest));
        }
    }
}

/// Applies `blend` to all px, the last ones padded with transparent ones.
fn each(target: &mut [u8], source: &[u8], blend: impl Fn(&mut [u8; LANES], &[u8; LANES])) {
    let (targets, target) = target.as_chunks_mut::<LANES>();
    let (sources, source) = source.as_chunks::<LANES>();
    for (t, s) in targets.iter_mut().zip(sources) {
        blend(t, s);
    }
    let (mut t, mut s) = ([0; LANES], [0; LANES]);
    let len = target.len().min(source.len());
    t[..len].copy_from_slice(&target[..len]);
    s[..len].copy_from_slice(&source[..len]);
    blend(&mut t, &s);
    target[..len].copy_from_slice(&t[..len]);
}

/// The four alphas.
const fn alphas(px: &[u8; LANES]) -> u32 {
    u32::from_le_bytes([px[3], px[7], px[11], px[15]])
}

/// Saturating, because nothing vouches that a surface is premultiplied.
fn blend(t: &mut [u8; LANES], s: &[u8; LANES]) {
    let rest: [u8; LANES] = std::array::from_fn(|i| 255 - s[i | 3]);
    for i in 0..LANES {
        t[i] = s[i].saturating_add(mul255(t[i], rest[i]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of every length up to two registers and a bit, of px in every state, some not premultiplied.
    fn rows() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        (0..11u8).flat_map(|px| {
            (0..40u8).map(move |seed| {
                let value = |i: u8| i.wrapping_mul(97).wrapping_add(seed).wrapping_mul(61);
                let mut source: Vec<u8> = (0..px * 4).map(value).collect();
                match seed % 4 {
                    0 => source.chunks_exact_mut(4).for_each(|p| p[3] = 255),
                    1 => source.fill(0),
                    2 => source.chunks_exact_mut(8).for_each(|p| p[3] = 255),
                    _ => {}
                }
                ((0..px * 4).map(|i| value(i ^ 90)).collect(), source)
            })
        })
    }

    fn exact(target: &[u8], source: &[u8], opacity: impl Fn(usize) -> u8) -> Vec<u8> {
        let px = target.chunks(4).zip(source.chunks(4)).enumerate();
        let blended = px.flat_map(|(i, (t, s))| {
            let s: Vec<u8> = s.iter().map(|&v| mul255(v, opacity(i))).collect();
            let one = |(&t, &v): (&u8, &u8)| v.saturating_add(mul255(t, 255 - s[3]));
            t.iter().zip(&s).map(one).collect::<Vec<u8>>()
        });
        blended.collect()
    }

    #[test]
    fn every_row_is_blended_px_by_px() {
        for (target, source) in rows() {
            let mut got = target.clone();
            over(&mut got, &source);
            assert_eq!(got, exact(&target, &source, |_| 255));
            let mut got = target.clone();
            over_faded(&mut got, &source, 77);
            assert_eq!(got, exact(&target, &source, |_| 77));
            let coverage: Vec<u8> = (0..16).map(|i| i * 17).collect();
            let mut got = target.clone();
            over_masked(&mut got, &source, &coverage, 200);
            assert_eq!(got, exact(&target, &source, |i| mul255(coverage[i], 200)));
        }
    }
}
