//! RGB to BT.709 limited range, 8 bits.
//!
//! Y = 16 + 219/255 (0.2126 R + 0.7152 G + 0.0722 B); Cb and Cr = 128 + 224/255 (B or R - luma) / 1.8556 or 1.5748.
//! Coefficients are rounded to 1/32768, which fits 16-bit multipliers, so that each row adds up to what grey needs:
//! 219/255 for luma and 0 for chroma, which leaves grey exactly neutral. They are off by at most 0.51/32768,
//! a value by at most 0.012; with the one rounding at the end, results are within 0.512 of the exact value.

/// 32768ths of R, G, B.
const Y: [i32; 3] = [5983, 20127, 2032];
const CB: [i32; 3] = [-3298, -11094, 14392];
const CR: [i32; 3] = [14392, -13072, -1320];

const LUMA_OFFSET: i32 = (16 << 15) + (1 << 14);

/// Chroma is computed from sums of eight px weights.
const CHROMA_SHIFT: u32 = 18;
const CHROMA_OFFSET: i32 = (128 << CHROMA_SHIFT) + (1 << (CHROMA_SHIFT - 1));

/// Luma of each px.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "16..=235 by the coefficients"
)]
pub(crate) fn luma(out: &mut [u8], rgba: &[u8]) {
    let (px, _) = rgba.as_chunks::<4>();
    for (o, &p) in out.iter_mut().zip(px) {
        let p = u32::from_le_bytes(p);
        let [r, g, b] = [p & 255, p >> 8 & 255, p >> 16 & 255].map(|v| v as i32);
        *o = ((Y[0] * r + Y[1] * g + Y[2] * b + LUMA_OFFSET) >> 15) as u8;
    }
}

/// Adds two rows of px.
pub(crate) fn add_rows(out: &mut [u16], top: &[u8], bottom: &[u8]) {
    for ((o, &a), &b) in out.iter_mut().zip(top).zip(bottom) {
        *o = u16::from(a) + u16::from(b);
    }
}

/// Chroma of px pairs from the sums of two rows, sited left: (1 2 1)/4 around the left px of each pair, the mean of both rows.
///
/// `sums` holds the px left of the first pair, then the pairs: four values a px, `2 * cb.len() + 1` px.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "16..=240 by the coefficients"
)]
pub(crate) fn chroma(cb: &mut [u8], cr: &mut [u8], sums: &[u16]) {
    let windows = sums
        .chunks_exact(8)
        .zip(sums.get(8..).unwrap_or_default().chunks(8));
    for ((cb, cr), (pair, next)) in cb.iter_mut().zip(cr).zip(windows) {
        let [r, g, b] =
            [0, 1, 2].map(|i| i32::from(pair[i]) + 2 * i32::from(pair[i + 4]) + i32::from(next[i]));
        let to_u8 =
            |k: [i32; 3]| ((k[0] * r + k[1] * g + k[2] * b + CHROMA_OFFSET) >> CHROMA_SHIFT) as u8;
        (*cb, *cr) = (to_u8(CB), to_u8(CR));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact([r, g, b]: [u8; 3]) -> [f64; 3] {
        let [r, g, b] = [r, g, b].map(f64::from);
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let c = 224.0 / 255.0;
        [
            16.0 + y * 219.0 / 255.0,
            128.0 + c * (b - y) / 1.8556,
            128.0 + c * (r - y) / 1.5748,
        ]
    }

    fn converted([r, g, b]: [u8; 3]) -> [u8; 3] {
        let row = [r, g, b, 255].repeat(3);
        let (mut y, mut cb, mut cr, mut sums) = ([0; 3], [0], [0], [0; 12]);
        luma(&mut y, &row);
        add_rows(&mut sums, &row, &row);
        chroma(&mut cb, &mut cr, &sums);
        [y[0], cb[0], cr[0]]
    }

    #[test]
    fn known_colors() {
        let cases = [
            ([255, 255, 255], [235, 128, 128]),
            ([0, 0, 0], [16, 128, 128]),
            ([255, 0, 0], [63, 102, 240]),
            ([0, 255, 0], [173, 42, 26]),
            ([0, 0, 255], [32, 240, 118]),
        ];
        for (rgb, ycc) in cases {
            assert_eq!(converted(rgb), ycc, "{rgb:?}");
        }
        for grey in 0..=255 {
            assert_eq!(converted([grey; 3])[1..], [128, 128], "{grey}");
        }
    }

    #[test]
    fn every_color_is_within_the_documented_error() {
        let levels: Vec<u8> = (0..=255).step_by(5).collect();
        for &r in &levels {
            for &g in &levels {
                for &b in &levels {
                    for (got, want) in converted([r, g, b]).into_iter().zip(exact([r, g, b])) {
                        assert!(
                            (f64::from(got) - want).abs() <= 0.512,
                            "{r} {g} {b}: {got} {want}"
                        );
                    }
                }
            }
        }
    }
}
