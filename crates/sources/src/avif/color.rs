//! What an AVIF says of its colors, and planes to straight RGB or RGBA.

use super::boxes::content;
use super::broken;
use crate::Error;
use crate::profile::Conversion;
use media::{Chroma, Planes};
use std::ops::Range;

/// What a file says beside the packed picture.
#[derive(Clone, Debug, Default)]
pub(crate) struct Space {
    /// Code points of primaries, transfer and matrix (ITU-T H.273), and whether the whole range is used; these win over
    /// what the packed picture says.
    pub(super) coded: Option<([u16; 3], bool)>,
    /// Where a profile lies.
    pub(super) profile: Option<Range<usize>>,
}

/// Reads `colr` boxes, of which there may be one of each kind.
pub(super) fn space(bytes: &[u8], said: impl Iterator<Item = Range<usize>>) -> Space {
    let mut space = Space::default();
    for range in said {
        let mut reader = content(bytes, range.clone());
        match &reader.array().unwrap_or_default() {
            b"nclx" => {
                let numbers = [reader.u16_be(), reader.u16_be(), reader.u16_be()];
                if let ([Some(p), Some(t), Some(m)], Some(flags)) = (numbers, reader.u8()) {
                    space.coded = space.coded.or(Some(([p, t, m], flags & 0x80 != 0)));
                }
            }
            b"prof" | b"rICC" => {
                let place = range.start + 4..range.end;
                space.profile = space.profile.or(Some(place));
            }
            _ => {}
        }
    }
    space
}

impl Space {
    /// To sRGB: by the profile, else by code points, which `planes` have too where nothing else is said.
    pub(super) fn conversion(&self, bytes: &[u8], planes: Option<&Planes>) -> Option<Conversion> {
        if let Some(profile) = self.profile.clone() {
            return Conversion::of_icc(bytes.get(profile)?);
        }
        let packed = || planes.map(|planes| planes.code_points);
        let [primaries, transfer, _] = self.coded.map(|(points, _)| points).or_else(packed)?;
        Conversion::of_code_points(primaries, transfer)
    }

    /// The code points that count, and whether the whole range is used.
    pub(super) fn of(&self, planes: &Planes) -> ([u16; 3], bool) {
        let packed = (planes.code_points, planes.is_full_range);
        self.coded.unwrap_or(packed)
    }
}

/// How red, green and blue were mixed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Matrix {
    /// They were not: green, blue, red.
    None,
    /// Sums and differences of halves.
    Ycgco,
    /// Shares of red and blue in brightness.
    Shares(f32, f32),
}

fn matrix([primaries, _, matrix]: [u16; 3]) -> Option<Matrix> {
    /// BT.601, which is also what files mean that do not say.
    const BT601: Matrix = Matrix::Shares(0.299, 0.114);
    const BT709: Matrix = Matrix::Shares(0.2126, 0.0722);
    const FCC: Matrix = Matrix::Shares(0.30, 0.11);
    const SMPTE240: Matrix = Matrix::Shares(0.212, 0.087);
    const BT2020: Matrix = Matrix::Shares(0.2627, 0.0593);
    Some(match matrix {
        0 => Matrix::None,
        1 => BT709,
        2 | 5 | 6 => BT601,
        4 => FCC,
        7 => SMPTE240,
        8 => Matrix::Ycgco,
        9 => BT2020,
        // By the primaries.
        12 => match primaries {
            1 => BT709,
            4 => FCC,
            5 => Matrix::Shares(0.2220, 0.0713),
            7 | 6 => SMPTE240,
            9 => BT2020,
            12 => Matrix::Shares(0.2290, 0.0793),
            _ => BT601,
        },
        _ => return None,
    })
}

/// Half a picture's samples to fractions: what is subtracted, and by what is multiplied.
#[derive(Clone, Copy)]
struct Scale {
    zero: f32,
    times: f32,
}

impl Scale {
    fn brightness(bits: u8, is_full: bool) -> Self {
        let unit = f32::from(1_u16 << (bits - 8));
        if is_full {
            Self {
                zero: 0.0,
                times: 1.0 / (256.0 * unit - 1.0),
            }
        } else {
            Self {
                zero: 16.0 * unit,
                times: 1.0 / (219.0 * unit),
            }
        }
    }

    fn color(bits: u8, is_full: bool) -> Self {
        let unit = f32::from(1_u16 << (bits - 8));
        let range = if is_full {
            256.0 * unit - 1.0
        } else {
            224.0 * unit
        };
        Self {
            zero: 128.0 * unit,
            times: 1.0 / range,
        }
    }

    fn of(self, sample: f32) -> f32 {
        (sample - self.zero) * self.times
    }
}

/// Straight samples, 3 of a pixel or 4 with `alpha`, rows without gaps.
///
/// Where color is coarser than brightness, its samples are taken to lie in the middle of the pixels they stand for, and
/// what is between them is interpolated, as browsers do it. All of it is plain f32 in one order, so that it is the same on
/// every processor. `planes` have the number of samples that their size asks for.
pub(super) fn straight(
    planes: &Planes,
    space: &Space,
    alpha: Option<&Planes>,
    is_premultiplied: bool,
) -> Result<Vec<u8>, Error> {
    let (code_points, is_full) = space.of(planes);
    let is_gray = planes.chroma == Chroma::Gray;
    let matrix = match matrix(code_points) {
        // One plane is brightness, whatever it was made of.
        _ if is_gray => Some(Matrix::Shares(0.299, 0.114)),
        Some(Matrix::None | Matrix::Ycgco) if planes.chroma != Chroma::Full => None,
        other => other,
    }
    .ok_or_else(|| {
        broken(format!(
            "its colors are mixed in a way that is not known ({})",
            code_points[2]
        ))
    })?;
    let (width, height) = (planes.width as usize, planes.height as usize);
    let samples = if alpha.is_some() { 4 } else { 3 };
    let mut out = vec![0; width * height * samples];
    let mut rows = [vec![0.0_f32; width], vec![0.0; width], vec![0.0; width]];
    let mut blended = Vec::new();
    let brightness = Scale::brightness(planes.bits, is_full);
    let color = match matrix {
        Matrix::None => brightness,
        _ => Scale::color(planes.bits, is_full),
    };
    let opacity = alpha.map(|a| (a, Scale::brightness(a.bits, a.is_full_range)));
    for (y, to) in out.chunks_exact_mut((width * samples).max(1)).enumerate() {
        let [first, second, third] = &mut rows;
        let row = &planes.samples[0][y * width..][..width];
        for (to, from) in first.iter_mut().zip(row) {
            *to = brightness.of(f32::from(*from));
        }
        if !is_gray {
            for (to, plane) in [&mut *second, &mut *third]
                .into_iter()
                .zip(&planes.samples[1..])
            {
                fill(plane, planes, y, &mut blended, to);
                for v in to.iter_mut() {
                    *v = color.of(*v);
                }
            }
        }
        for (((px, y), u), v) in to
            .chunks_exact_mut(samples)
            .zip(&*first)
            .zip(&*second)
            .zip(&*third)
        {
            let rgb = mix(matrix, [*y, *u, *v]);
            for (to, from) in px.iter_mut().zip(rgb) {
                *to = byte(from);
            }
        }
        if let Some((alpha, scale)) = opacity {
            let row = &alpha.samples[0][y * width..][..width];
            for (px, from) in to.chunks_exact_mut(4).zip(row) {
                let a = scale.of(f32::from(*from)).clamp(0.0, 1.0);
                px[3] = byte(a);
                if is_premultiplied {
                    for v in &mut px[..3] {
                        *v = if a > 0.0 {
                            byte(f32::from(*v) / 255.0 / a)
                        } else {
                            0
                        };
                    }
                }
            }
        }
    }
    Ok(out)
}

fn mix(matrix: Matrix, [y, u, v]: [f32; 3]) -> [f32; 3] {
    match matrix {
        Matrix::None => [v, y, u],
        Matrix::Ycgco => {
            let rest = y - u;
            [rest + v, y + u, rest - v]
        }
        Matrix::Shares(red, blue) => {
            let green = 1.0 - red - blue;
            let (r, b) = (2.0 * (1.0 - red) * v, 2.0 * (1.0 - blue) * u);
            [y + r, y - (r * red + b * blue) / green, y + b]
        }
    }
}

/// A row of color at the columns of brightness.
fn fill(plane: &[u16], planes: &Planes, y: usize, blended: &mut Vec<f32>, to: &mut [f32]) {
    let (w, h) = planes.chroma.size(planes.width, planes.height);
    let (w, h) = (w as usize, h as usize);
    let row = |y: usize| plane[y.min(h - 1) * w..][..w].iter().map(|v| f32::from(*v));
    blended.clear();
    match planes.chroma {
        Chroma::Half => {
            let near = y / 2;
            let far = if y.is_multiple_of(2) {
                near.saturating_sub(1)
            } else {
                near + 1
            };
            blended.extend(
                row(near)
                    .zip(row(far))
                    .map(|(near, far)| near * 0.75 + far * 0.25),
            );
        }
        Chroma::HalfColumns => blended.extend(row(y)),
        Chroma::Full | Chroma::Gray => {
            for (to, from) in to.iter_mut().zip(row(y)) {
                *to = from;
            }
            return;
        }
    }
    let last = w - 1;
    for (i, pair) in to.chunks_mut(2).enumerate() {
        let near = blended[i] * 0.75;
        pair[0] = near + blended[i.saturating_sub(1)] * 0.25;
        if let Some(right) = pair.get_mut(1) {
            *right = near + blended[(i + 1).min(last)] * 0.25;
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float to int casts saturate, which is meant"
)]
fn byte(v: f32) -> u8 {
    (v * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planes(chroma: Chroma, bits: u8, samples: [&[u16]; 3], size: (u32, u32)) -> Planes {
        Planes {
            width: size.0,
            height: size.1,
            bits,
            chroma,
            samples: samples.map(<[u16]>::to_vec),
            code_points: [2, 2, 2],
            is_full_range: true,
        }
    }

    #[test]
    fn black_white_and_the_ends_of_every_range_come_out_as_they_are() {
        for bits in [8, 10, 12] {
            let unit = 1 << (bits - 8);
            for (is_full, ends) in [
                (true, [0, 256 * unit - 1]),
                (false, [16 * unit, 235 * unit]),
            ] {
                let mut gray = planes(Chroma::Gray, bits, [&ends, &[], &[]], (2, 1));
                gray.is_full_range = is_full;
                let out = straight(&gray, &Space::default(), None, false).unwrap();
                assert_eq!(out, [0, 0, 0, 255, 255, 255], "{bits} {is_full}");
                let half = [128 * unit; 2];
                let mut full = planes(Chroma::Full, bits, [&ends, &half, &half], (2, 1));
                full.is_full_range = is_full;
                let out = straight(&full, &Space::default(), None, false).unwrap();
                assert_eq!(out, [0, 0, 0, 255, 255, 255], "{bits} {is_full}");
            }
        }
    }

    #[test]
    fn every_matrix_that_is_known_gives_back_what_was_mixed() {
        let (r, g, b) = (200.0_f32, 90.0, 40.0);
        for code in [0, 1, 2, 4, 5, 6, 7, 8, 9, 12] {
            let code_points = [1, 13, code];
            let [y, u, v] = match matrix(code_points).unwrap() {
                Matrix::None => [g, b, r],
                Matrix::Ycgco => {
                    let mean = (r + b) / 2.0;
                    [
                        f32::midpoint(g, mean),
                        f32::midpoint(g, -mean) + 128.0,
                        (r - b) / 2.0 + 128.0,
                    ]
                }
                Matrix::Shares(red, blue) => {
                    let y = red * r + (1.0 - red - blue) * g + blue * b;
                    let u = (b - y) / (2.0 * (1.0 - blue)) + 128.0;
                    [y, u, (r - y) / (2.0 * (1.0 - red)) + 128.0]
                }
            }
            .map(|v| u16::from(byte(v / 255.0)));
            let mut packed = planes(Chroma::Full, 8, [&[y], &[u], &[v]], (1, 1));
            packed.code_points = code_points;
            let out = straight(&packed, &Space::default(), None, false).unwrap();
            for (is, was) in out.iter().zip([r, g, b]) {
                assert!((f32::from(*is) - was).abs() <= 2.0, "{code}: {out:?}");
            }
        }
        assert_eq!(matrix([1, 13, 10]), None);
    }

    #[test]
    fn an_even_color_stays_even_however_coarse_it_is() {
        for (chroma, count) in [
            (Chroma::Half, 4),
            (Chroma::HalfColumns, 6),
            (Chroma::Full, 9),
        ] {
            let u = vec![90; count];
            let v = vec![200; count];
            let odd = planes(chroma, 8, [&[120; 9], &u, &v], (3, 3));
            let out = straight(&odd, &Space::default(), None, false).unwrap();
            assert!(
                out.chunks(3).all(|px| px == &out[..3]),
                "{chroma:?}: {out:?}"
            );
        }
    }

    #[test]
    fn what_was_multiplied_by_its_opacity_is_divided_again() {
        let color = planes(Chroma::Gray, 8, [&[64, 0], &[], &[]], (2, 1));
        let alpha = planes(Chroma::Gray, 8, [&[128, 0], &[], &[]], (2, 1));
        let out = straight(&color, &Space::default(), Some(&alpha), true).unwrap();
        assert_eq!(out, [128, 128, 128, 128, 0, 0, 0, 0]);
    }
}
