//! How alike two pictures look.

/// Samples of a luma plane, from its top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LumaRect {
    /// Left edge.
    pub x: usize,
    /// Top edge.
    pub y: usize,
    /// Samples across, at least 8.
    pub width: usize,
    /// Samples down, at least 8.
    pub height: usize,
}

/// Mean structural similarity of two luma planes within `rect`; 1 is equal. Rows are `stride` samples apart.
///
/// Uniform windows of 8x8 samples, 4 apart, as FFmpeg's `ssim` filter and x264 measure it, so that figures compare with theirs;
/// Wang's 11x11 Gaussian costs twenty times as much and ranks pictures alike.
/// Samples right and below of the last whole window do not count.
///
/// # Panics
/// When `rect` is smaller than a window or reaches outside a plane.
pub fn ssim(a: &[u8], b: &[u8], stride: usize, rect: LumaRect) -> f64 {
    let LumaRect {
        x,
        y,
        width,
        height,
    } = rect;
    assert!(
        width >= 8 && height >= 8,
        "{rect:?} is smaller than a window of 8x8"
    );
    assert!(
        x + width <= stride && (y + height) * stride <= a.len().min(b.len()),
        "{rect:?} reaches outside the plane"
    );
    let mut sum = 0.0;
    let mut windows = 0.0;
    for top in (y..=y + height - 8).step_by(4) {
        for left in (x..=x + width - 8).step_by(4) {
            sum += window(a, b, stride, top * stride + left);
            windows += 1.0;
        }
    }
    sum / windows
}

/// SSIM of the 8x8 window whose first sample is at `start`.
fn window(a: &[u8], b: &[u8], stride: usize, start: usize) -> f64 {
    let (mut sum_a, mut sum_b, mut sum_squares, mut sum_products) = (0u32, 0u32, 0u32, 0u32);
    for row in 0..8 {
        let at = start + row * stride;
        for (&a, &b) in a[at..at + 8].iter().zip(&b[at..at + 8]) {
            let (a, b) = (u32::from(a), u32::from(b));
            sum_a += a;
            sum_b += b;
            sum_squares += a * a + b * b;
            sum_products += a * b;
        }
    }
    let [mean_a, mean_b, squares, products] =
        [sum_a, sum_b, sum_squares, sum_products].map(|sum| f64::from(sum) / 64.0);
    let variances = squares - mean_a * mean_a - mean_b * mean_b;
    let covariance = products - mean_a * mean_b;
    let (c1, c2) = ((0.01f64 * 255.0).powi(2), (0.03f64 * 255.0).powi(2));
    (2.0 * mean_a * mean_b + c1) * (2.0 * covariance + c2)
        / ((mean_a * mean_a + mean_b * mean_b + c1) * (variances + c2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: LumaRect = LumaRect {
        x: 0,
        y: 0,
        width: 64,
        height: 32,
    };

    fn waves(phase: usize) -> Vec<u8> {
        (0..64 * 32)
            .map(|i| u8::try_from((i * 7 + i / 64 * 13 + phase) % 256).unwrap())
            .collect()
    }

    #[test]
    fn equal_planes_are_1_and_different_ones_less() {
        let a = waves(0);
        assert!((ssim(&a, &a, 64, ALL) - 1.0).abs() < 1e-12);
        assert!(ssim(&a, &waves(90), 64, ALL) < 0.5);
    }

    #[test]
    fn constant_planes_follow_the_formula() {
        let (a, b) = (vec![100; 64 * 32], vec![110; 64 * 32]);
        let c1 = 6.5025;
        let expected = (2.0 * 100.0 * 110.0 + c1) / (100.0 * 100.0 + 110.0 * 110.0 + c1);
        assert!((ssim(&a, &b, 64, ALL) - expected).abs() < 1e-12);
    }

    #[test]
    fn only_the_rectangle_counts() {
        let a = waves(0);
        let mut b = a.clone();
        b[..64 * 8].fill(0);
        assert!(
            (ssim(
                &a,
                &b,
                64,
                LumaRect {
                    x: 8,
                    y: 8,
                    width: 40,
                    height: 24
                }
            ) - 1.0)
                .abs()
                < 1e-12
        );
        assert!(
            ssim(
                &a,
                &b,
                64,
                LumaRect {
                    x: 0,
                    y: 0,
                    width: 8,
                    height: 8
                }
            ) < 0.1
        );
    }
}
