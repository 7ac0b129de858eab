//! Colors: matrices, and what is done to each px by itself.

use media::{Color, Surface};

/// Four rows of five numbers: what red, green, blue and alpha become of straight red, green, blue, alpha and 1.
pub(super) struct Matrix(pub(super) [f64; 20]);

/// The part of each channel in luma, as CSS's filters have it.
const CSS_LUMA: [f64; 3] = [0.213, 0.715, 0.072];

/// The part of each channel in luma, BT.709.
const LUMA: [f64; 3] = [0.2126, 0.7152, 0.0722];

impl Matrix {
    /// Of red, green and blue alone: the three rows, and what is added to each.
    fn of_rgb(rows: [[f64; 3]; 3], add: [f64; 3]) -> Self {
        let mut all = [0.0; 20];
        for (i, row) in rows.into_iter().enumerate() {
            all[i * 5..i * 5 + 3].copy_from_slice(&row);
            all[i * 5 + 4] = add[i];
        }
        all[18] = 1.0;
        Self(all)
    }

    /// The same factor and addend for red, green and blue.
    fn linear(factor: f64, add: f64) -> Self {
        let row = |i: usize| std::array::from_fn(|k| if i == k { factor } else { 0.0 });
        Self::of_rgb(std::array::from_fn(row), [add; 3])
    }

    pub(super) fn brightness(factor: f64) -> Self {
        Self::linear(factor, 0.0)
    }

    pub(super) fn contrast(factor: f64) -> Self {
        Self::linear(factor, 0.5 - 0.5 * factor)
    }

    pub(super) fn invert(amount: f64) -> Self {
        Self::linear(1.0 - 2.0 * amount, amount)
    }

    pub(super) fn saturation(factor: f64) -> Self {
        let row = |i: usize| {
            std::array::from_fn(|k| {
                CSS_LUMA[k] * (1.0 - factor) + if i == k { factor } else { 0.0 }
            })
        };
        Self::of_rgb(std::array::from_fn(row), [0.0; 3])
    }

    /// CSS's hue-rotate.
    pub(super) fn hue(degrees: f64) -> Self {
        let turn = degrees.rem_euclid(360.0);
        if turn.abs() < 1e-12 {
            return Self::linear(1.0, 0.0);
        }
        let (sin, cos) = libm::sincos(turn.to_radians());
        #[rustfmt::skip]
        const SINES: [[f64; 3]; 3] = [
            [-0.213, -0.715, 0.928],
            [0.143, 0.140, -0.283],
            [-0.787, 0.715, 0.072],
        ];
        let row = |i: usize| {
            std::array::from_fn(|k| {
                let own = if i == k { 1.0 } else { 0.0 };
                CSS_LUMA[k] + cos * (own - CSS_LUMA[k]) + sin * SINES[i][k]
            })
        };
        Self::of_rgb(std::array::from_fn(row), [0.0; 3])
    }

    /// 1 is warm, -1 cold.
    pub(super) fn temperature(t: f64) -> Self {
        let gains = [1.0 + 0.3 * t, 1.0, 1.0 - 0.3 * t];
        let white: f64 = gains.iter().zip(LUMA).map(|(gain, luma)| gain * luma).sum();
        let row = |i: usize| std::array::from_fn(|k| if i == k { gains[k] / white } else { 0.0 });
        Self::of_rgb(std::array::from_fn(row), [0.0; 3])
    }

    /// Mixed with `color`.
    pub(super) fn tint(color: Color, amount: f64) -> Self {
        let amount = amount * color.a;
        let mut all = Self::linear(1.0 - amount, 0.0);
        for (i, channel) in [color.r, color.g, color.b].into_iter().enumerate() {
            all.0[i * 5 + 4] = channel * amount;
        }
        all
    }

    /// This one, then `next`.
    pub(super) fn then(&self, next: &Self) -> Self {
        let entry = |at: usize| {
            let (row, column) = (at / 5, at % 5);
            let sum: f64 = (0..4)
                .map(|k| next.0[row * 5 + k] * self.0[k * 5 + column])
                .sum();
            sum + if column == 4 {
                next.0[row * 5 + 4]
            } else {
                0.0
            }
        };
        Self(std::array::from_fn(entry))
    }

    /// Whether alpha stays, and colors do not depend on it.
    fn keeps_alpha(&self) -> bool {
        let zero = |at: usize| self.0[at].abs() < 1e-12;
        [3, 8, 13, 15, 16, 17, 19].into_iter().all(zero) && (self.0[18] - 1.0).abs() < 1e-12
    }

    /// Applies it to every px.
    /// Whether what is transparent gets a color.
    pub(super) fn fills(&self) -> bool {
        self.0[19] > 0.0
    }

    pub(super) fn apply(&self, picture: &mut Surface) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "f32 is far finer than 8 bits"
        )]
        let column = |k: usize| -> [f32; 4] { std::array::from_fn(|i| self.0[i * 5 + k] as f32) };
        if !self.keeps_alpha() {
            let columns = [0, 1, 2, 3, 4].map(column);
            recolor(picture, |[r, g, b, a]| {
                std::array::from_fn(|i| {
                    columns[0][i] * r
                        + columns[1][i] * g
                        + columns[2][i] * b
                        + columns[3][i] * a
                        + columns[4][i]
                })
            });
            return;
        }
        // Premultiplied, what is added is times alpha, and nothing needs to be divided by it.
        let [red, green, blue, mut alpha] = [0, 1, 2, 4].map(column);
        alpha[3] = 1.0;
        for px in picture.data_mut().as_chunks_mut::<4>().0 {
            let [r, g, b, a] = px.map(f32::from);
            *px = std::array::from_fn(|i| {
                let v = red[i] * r + green[i] * g + blue[i] * b + alpha[i] * a;
                to_u8(v.max(0.0).min(a))
            });
        }
    }
}

/// Rounds a number of 0..=255.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the lowest bits of the sum are the rounded number"
)]
pub(super) fn to_u8(v: f32) -> u8 {
    (v + 8_388_608.0).to_bits() as u8
}

/// Replaces each px by what `change` makes of its straight color, 0..=1; what comes out is held to that.
pub(super) fn recolor(picture: &mut Surface, change: impl Fn([f32; 4]) -> [f32; 4]) {
    let finish = |[r, g, b, a]: [f32; 4]| {
        let a = a.clamp(0.0, 1.0) * 255.0;
        let channel = |v: f32| to_u8(v.clamp(0.0, 1.0) * a);
        [channel(r), channel(g), channel(b), to_u8(a)]
    };
    let nothing = finish(change([0.0; 4]));
    for px in picture.data_mut().as_chunks_mut::<4>().0 {
        *px = if px[3] == 0 {
            nothing
        } else {
            finish(change(straight(*px)))
        };
    }
}

/// The straight color of a px that is not transparent, 0..=1.
pub(super) fn straight([r, g, b, a]: [u8; 4]) -> [f32; 4] {
    let a = f32::from(a);
    let [r, g, b] = [r, g, b].map(|v| f32::from(v) / a);
    [r, g, b, a / 255.0]
}

/// Leaves each channel so many values.
pub(super) fn posterize(picture: &mut Surface, levels: f64) {
    #[expect(clippy::cast_possible_truncation, reason = "2 to 256")]
    let steps = (levels.round() - 1.0).max(1.0) as f32;
    recolor(picture, |[r, g, b, a]| {
        let [r, g, b] = [r, g, b].map(|v| (v * steps + 0.5).floor() / steps);
        [r, g, b, a]
    });
}

/// White where luma is at least `level`, black elsewhere.
pub(super) fn threshold(picture: &mut Surface, level: f64) {
    for px in picture.data_mut().as_chunks_mut::<4>().0 {
        let luma: f64 = px
            .iter()
            .zip(LUMA)
            .map(|(&v, part)| f64::from(v) * part)
            .sum();
        let a = px[3];
        // A hair less, so that white passes a level of 1.
        let v = if luma >= level * f64::from(a) - 1e-9 {
            a
        } else {
            0
        };
        *px = [v, v, v, a];
    }
}
