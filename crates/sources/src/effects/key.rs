//! Chroma key: one color becomes transparent.
//!
//! As in OBS Studio, distance is measured in chroma of BT.709 in limited range, averaged over 3x3 px, so that noise and
//! shades of the screen do not tear holes; the words and numbers of its filter mean the same here. The cast is taken out
//! otherwise: OBS fades to grey, which makes skin dead; here only what points to the screen's hue is taken away, at the
//! same luma.

use super::color::{straight, to_u8};
use media::{Color, Surface};

/// A key in f32.
pub(super) struct Key {
    /// Chroma of the screen.
    at: [f32; 2],
    /// Direction to it from grey, of length 1; none for a grey screen.
    toward: [f32; 2],
    similarity: f32,
    smoothness: f32,
    spill: f32,
}

/// Blue and red difference of straight red, green and blue; grey is at the origin.
const CHROMA: [[f32; 3]; 2] = [
    [-0.100_644, -0.338_572, 0.439_216],
    [0.439_216, -0.398_942, -0.040_274],
];

/// What a unit of either difference is in red, green and blue of the same luma.
const BACK: [[f32; 3]; 2] = [[0.0, -0.213_25, 2.112_6], [1.792_7, -0.532_9, 0.0]];

/// Narrower ramps are steps.
const LEAST: f32 = 1e-4;

impl Key {
    #[expect(clippy::cast_possible_truncation, reason = "numbers of 0 to 1")]
    pub(super) fn new(color: Color, similarity: f64, smoothness: f64, spill: f64) -> Self {
        let at = chroma([color.r, color.g, color.b].map(|v| v as f32));
        let far = (at[0] * at[0] + at[1] * at[1]).sqrt();
        Self {
            at,
            toward: at.map(|v| if far > 1e-3 { v / far } else { 0.0 }),
            similarity: similarity as f32,
            smoothness: (smoothness as f32).max(LEAST),
            spill: (spill as f32).max(LEAST),
        }
    }

    pub(super) fn apply(&self, picture: &mut Surface) {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        // Sums over three px of a row, with how much of them is there; three rows of them, by number.
        let mut rows = [(); 3].map(|()| vec![[0.0_f32; 2]; width]);
        let mut line = vec![[0.0_f32; 2]; width];
        for (y, sums) in rows.iter_mut().enumerate().take(height.min(2)) {
            self.sum_row(row(picture, y), &mut line, sums);
        }
        for y in 0..height {
            if y > 0 && y + 1 < height {
                self.sum_row(row(picture, y + 1), &mut line, &mut rows[(y + 1) % 3]);
            }
            if y > 0 && y + 1 == height {
                rows[(y + 1) % 3].fill([0.0; 2]);
            }
            let stride = width * 4;
            let line = &mut picture.data_mut()[y * stride..][..stride];
            let [a, b, c] = &rows;
            let sums = a.iter().zip(b).zip(c);
            for (px, ((a, b), c)) in line.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
                if px[3] > 0 {
                    *px = self.cut(*px, (a[0] + b[0] + c[0]) / (a[1] + b[1] + c[1]));
                }
            }
        }
    }

    /// Distances of a row times the alpha, and alphas, each with those beside it. What is transparent or beyond the edge has no
    /// color: counted as one far from the screen's it would leave a rim of it.
    fn sum_row(&self, row: &[u8], line: &mut [[f32; 2]], sums: &mut [[f32; 2]]) {
        for (to, px) in line.iter_mut().zip(row.as_chunks::<4>().0) {
            let there = f32::from(px[3]) / 255.0;
            *to = match px[3] {
                0 => [0.0; 2],
                _ => [self.distance(*px) * there, there],
            };
        }
        for (x, sum) in sums.iter_mut().enumerate() {
            let near = &line[x.saturating_sub(1)..(x + 2).min(line.len())];
            *sum = [0, 1].map(|i| near.iter().map(|px| px[i]).sum());
        }
    }

    fn distance(&self, px: [u8; 4]) -> f32 {
        let [r, g, b, _] = straight(px);
        let [u, v] = chroma([r, g, b]);
        let (u, v) = (u - self.at[0], v - self.at[1]);
        (u * u + v * v).sqrt()
    }

    /// A px that is `distance` away from the screen, with those around it.
    fn cut(&self, px: [u8; 4], distance: f32) -> [u8; 4] {
        let beyond = distance - self.similarity;
        let kept = ramp(beyond / self.smoothness);
        if kept <= 0.0 {
            return [0; 4];
        }
        let cast = 1.0 - ramp(beyond / self.spill);
        if cast <= 0.0 {
            return px;
        }
        let [r, g, b, a] = straight(px);
        let [u, v] = chroma([r, g, b]);
        let away = cast * (u * self.toward[0] + v * self.toward[1]).max(0.0);
        let a = a * kept * 255.0;
        let channel = |i: usize, is: f32| {
            let back = BACK[0][i] * self.toward[0] + BACK[1][i] * self.toward[1];
            to_u8((is - away * back).clamp(0.0, 1.0) * a)
        };
        [channel(0, r), channel(1, g), channel(2, b), to_u8(a)]
    }
}

/// From 0 to 1, gently at its beginning.
fn ramp(v: f32) -> f32 {
    let v = v.clamp(0.0, 1.0);
    v * v.sqrt()
}

fn chroma(rgb: [f32; 3]) -> [f32; 2] {
    CHROMA.map(|row| row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])
}

fn row(picture: &Surface, y: usize) -> &[u8] {
    let stride = picture.width() as usize * 4;
    &picture.data()[y * stride..][..stride]
}
