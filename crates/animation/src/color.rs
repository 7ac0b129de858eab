//! Mixing colours by CSS Color 4: premultiplied, in a chosen space, with hue fix-up.

use crate::{Error, value::lerp};
use libm::{atan2, cbrt, cos, hypot, pow, sin};
use media::Color;
use std::{f64::consts::TAU, fmt, str::FromStr};

/// Space in which two colours mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorSpace {
    /// Non-linear sRGB, as most video tools mix.
    Srgb,
    /// Linear light.
    SrgbLinear,
    /// OKLab: perceptually even, no hue of its own.
    #[default]
    Oklab,
    /// OKLab with chroma and hue: keeps colours saturated by going round the hue circle.
    Oklch(Hue),
}

/// Which way round the hue circle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hue {
    /// At most half a turn.
    #[default]
    Shorter,
    /// At least half a turn.
    Longer,
    /// Rising angle.
    Increasing,
    /// Falling angle.
    Decreasing,
}

/// Below this chroma a colour is grey and its hue means nothing; it takes the other colour's.
const POWERLESS_CHROMA: f64 = 4e-6;

impl ColorSpace {
    /// The colour `p` of the way from `from` to `to`, not clipped to the gamut; exactly `from` at 0 and `to` at 1.
    pub fn mix(self, from: Color, to: Color, p: f64) -> Color {
        if from == to || p == 0.0 {
            return from;
        }
        if 1.0 - p == 0.0 {
            return to;
        }
        match self {
            Self::Srgb => mix_in(from, to, p, |c| c, |c| c),
            Self::SrgbLinear => mix_in(from, to, p, |c| c.map(decoded), |c| c.map(encoded)),
            Self::Oklab => mix_in(from, to, p, oklab, from_oklab),
            Self::Oklch(hue) => mix_oklch(from, to, p, hue),
        }
    }
}

fn mix_in(
    from: Color,
    to: Color,
    p: f64,
    into: fn([f64; 3]) -> [f64; 3],
    out_of: fn([f64; 3]) -> [f64; 3],
) -> Color {
    let (a, b) = (into([from.r, from.g, from.b]), into([to.r, to.g, to.b]));
    let alpha = lerp(from.a, to.a, p);
    let [r, g, b] =
        out_of([0, 1, 2].map(|i| unpremultiplied(lerp(a[i] * from.a, b[i] * to.a, p), alpha)));
    Color::new(r, g, b, alpha)
}

/// Lightness and chroma mix premultiplied; hue does not.
fn mix_oklch(from: Color, to: Color, p: f64, hue: Hue) -> Color {
    let ([l1, c1, h1], [l2, c2, h2]) = (oklch(from), oklch(to));
    let (h1, h2) = match (c1 < POWERLESS_CHROMA, c2 < POWERLESS_CHROMA) {
        (true, false) => (h2, h2),
        (false, true) => (h1, h1),
        _ => hue.fixed_up(h1, h2),
    };
    let alpha = lerp(from.a, to.a, p);
    let l = unpremultiplied(lerp(l1 * from.a, l2 * to.a, p), alpha);
    let c = unpremultiplied(lerp(c1 * from.a, c2 * to.a, p), alpha);
    let h = lerp(h1, h2, p);
    let [r, g, b] = from_oklab([l, c * cos(h), c * sin(h)]);
    Color::new(r, g, b, alpha)
}

impl Hue {
    /// Angles in radians, 0..TAU, moved by whole turns so that going from one to the other goes this way round.
    fn fixed_up(self, h1: f64, h2: f64) -> (f64, f64) {
        let d = h2 - h1;
        let half = TAU / 2.0;
        let (turn_first, turn_second) = match self {
            Self::Shorter => (d > half, d < -half),
            Self::Longer => (d > 0.0 && d < half, d > -half && d <= 0.0),
            Self::Increasing => (false, d < 0.0),
            Self::Decreasing => (d > 0.0, false),
        };
        (
            if turn_first { h1 + TAU } else { h1 },
            if turn_second { h2 + TAU } else { h2 },
        )
    }
}

fn unpremultiplied(v: f64, alpha: f64) -> f64 {
    if alpha == 0.0 { v } else { v / alpha }
}

/// sRGB transfer function to linear light, odd about 0 so that colours outside the gamut survive.
fn decoded(v: f64) -> f64 {
    let m = v.abs();
    if m <= 0.04045 {
        v / 12.92
    } else {
        pow((m + 0.055) / 1.055, 2.4).copysign(v)
    }
}

/// Inverse of [`decoded`].
fn encoded(v: f64) -> f64 {
    let m = v.abs();
    if m <= 0.003_130_8 {
        v * 12.92
    } else {
        (1.055 * pow(m, 1.0 / 2.4) - 0.055).copysign(v)
    }
}

fn oklch(color: Color) -> [f64; 3] {
    let [l, a, b] = oklab([color.r, color.g, color.b]);
    [l, hypot(a, b), atan2(b, a).rem_euclid(TAU)]
}

/// Björn Ottosson's matrices straight from linear sRGB; the way over XYZ of CSS Color 4 agrees to 1e-6.
fn oklab(srgb: [f64; 3]) -> [f64; 3] {
    let rgb = srgb.map(decoded);
    let lms = times(
        [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ],
        rgb,
    );
    times(
        [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ],
        lms.map(cbrt),
    )
}

fn from_oklab(lab: [f64; 3]) -> [f64; 3] {
    let lms = times(
        [
            [1.0, 0.396_337_777_4, 0.215_803_757_3],
            [1.0, -0.105_561_345_8, -0.063_854_172_8],
            [1.0, -0.089_484_177_5, -1.291_485_548_0],
        ],
        lab,
    );
    let rgb = times(
        [
            [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
            [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
            [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
        ],
        lms.map(|v| v * v * v),
    );
    rgb.map(encoded)
}

fn times(m: [[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

impl fmt::Display for ColorSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Srgb => "srgb",
            Self::SrgbLinear => "srgb-linear",
            Self::Oklab => "oklab",
            Self::Oklch(Hue::Shorter) => "oklch",
            Self::Oklch(Hue::Longer) => "oklch longer hue",
            Self::Oklch(Hue::Increasing) => "oklch increasing hue",
            Self::Oklch(Hue::Decreasing) => "oklch decreasing hue",
        })
    }
}

impl FromStr for ColorSpace {
    type Err = Error;

    /// The words of CSS: `oklab`, `oklch longer hue`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "srgb" => Self::Srgb,
            "srgb-linear" => Self::SrgbLinear,
            "oklab" => Self::Oklab,
            "oklch" | "oklch shorter hue" => Self::Oklch(Hue::Shorter),
            "oklch longer hue" => Self::Oklch(Hue::Longer),
            "oklch increasing hue" => Self::Oklch(Hue::Increasing),
            "oklch decreasing hue" => Self::Oklch(Hue::Decreasing),
            _ => {
                return Err(Error::UnknownColorSpace {
                    text: text.to_owned(),
                });
            }
        })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "values at ends and boundaries are exact")]
mod tests {
    use super::*;

    const RED: Color = Color::new(1.0, 0.0, 0.0, 1.0);
    const BLUE: Color = Color::new(0.0, 0.0, 1.0, 1.0);
    const SPACES: [ColorSpace; 7] = [
        ColorSpace::Srgb,
        ColorSpace::SrgbLinear,
        ColorSpace::Oklab,
        ColorSpace::Oklch(Hue::Shorter),
        ColorSpace::Oklch(Hue::Longer),
        ColorSpace::Oklch(Hue::Increasing),
        ColorSpace::Oklch(Hue::Decreasing),
    ];

    #[test]
    fn ends_are_exact_and_near_ends_are_near_in_every_space() {
        for space in SPACES {
            assert_eq!(
                (space.mix(RED, BLUE, 0.0), space.mix(RED, BLUE, 1.0)),
                (RED, BLUE)
            );
            let near = space.mix(RED, BLUE, 1.0 - 1e-9);
            assert!(
                (near.b - 1.0).abs() < 1e-5 && near.r.abs() < 1e-4,
                "{space} {near:?}"
            );
            assert_eq!(space.to_string().parse(), Ok(space));
        }
        assert!(matches!(
            "hsl".parse::<ColorSpace>(),
            Err(Error::UnknownColorSpace { .. })
        ));
    }

    #[test]
    fn hue_goes_the_way_it_is_told() {
        let deg = |hue: Hue, h1: f64, h2: f64| {
            let (a, b) = hue.fixed_up(h1.to_radians(), h2.to_radians());
            (b - a).to_degrees().round()
        };
        for (hue, h1, h2, turn) in [
            (Hue::Shorter, 10.0, 350.0, -20.0),
            (Hue::Shorter, 350.0, 10.0, 20.0),
            (Hue::Longer, 10.0, 50.0, -320.0),
            (Hue::Longer, 50.0, 10.0, 320.0),
            (Hue::Longer, 10.0, 350.0, 340.0),
            (Hue::Increasing, 350.0, 10.0, 20.0),
            (Hue::Increasing, 10.0, 350.0, 340.0),
            (Hue::Decreasing, 10.0, 350.0, -20.0),
            (Hue::Decreasing, 350.0, 10.0, -340.0),
        ] {
            assert_eq!(deg(hue, h1, h2), turn, "{hue:?} {h1} {h2}");
        }
    }

    #[test]
    fn grey_takes_the_other_hue() {
        // White to red through pink: green and blue stay alike enough to be one hue, never yellow or violet.
        let mid = ColorSpace::Oklch(Hue::Longer).mix(Color::WHITE, RED, 0.5);
        let [_, chroma, hue] = oklch(mid);
        assert!(
            (hue - oklch(RED)[2]).abs() < 1e-4 && chroma > 0.1,
            "{mid:?}"
        );
    }

    #[test]
    fn linear_light_mixes_brighter() {
        let mid = ColorSpace::SrgbLinear.mix(Color::BLACK, Color::WHITE, 0.5);
        assert!((mid.g - 0.735_357).abs() < 1e-5, "{mid:?}");
    }
}
