//! Color profiles: pictures that were made for another color space than sRGB are brought into it once, when they are decoded.
//!
//! By moxcms, without its vector code, which rounds differently from processor to processor. Intent: perceptual, which is
//! relative colorimetric where a profile has no tables, as those of cameras, screens and phones have none.

use crate::apng::{self, SIGNATURE};
use crate::reading::Bytes;
use crate::webp;
use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    Layout, MatrixCoefficients, RenderingIntent, ToneReprCurve, TransferCharacteristics,
    Transform8BitExecutor, TransformOptions, XyY,
};
use std::io::Cursor;
use std::sync::Arc;

/// Most bytes of a profile; those of presses, the largest there are, have one or two million.
const MAX_BYTES: usize = 4 << 20;
/// What is this near to sRGB everywhere counts as it, and its pictures stay byte for byte.
const NEAR: u8 = 1;

/// From a picture's color space to sRGB.
pub(crate) struct Conversion(Kind);

enum Kind {
    Gray(Box<[[u8; 3]; 256]>),
    Rgb(Arc<Transform8BitExecutor>),
}

impl std::fmt::Debug for Conversion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Kind::Gray(_) => "Conversion(gray)",
            Kind::Rgb(_) => "Conversion(RGB)",
        })
    }
}

impl Conversion {
    /// Of an ICC profile; `None` for one of sRGB, and for one that is damaged, for print or above 4 MiB, which viewers
    /// leave aside too.
    pub(crate) fn of_icc(icc: &[u8]) -> Option<Self> {
        if icc.len() > MAX_BYTES {
            return None;
        }
        Self::new(&ColorProfile::new_from_slice(icc).ok()?)
    }

    /// Of code points of primaries and transfer (ITU-T H.273); `None` for what is as good as sRGB, and for what is brighter
    /// than it can be (PQ, HLG).
    pub(crate) fn of_code_points(primaries: u16, transfer: u16) -> Option<Self> {
        let primaries = match primaries {
            // Most who write "not said" mean this.
            2 => 1,
            other => u8::try_from(other).ok()?,
        };
        let transfer = match transfer {
            // Those of television are shown by the curve of sRGB, as browsers show them.
            1 | 2 | 6 | 13 | 14 | 15 => 13,
            4 | 5 | 8 => u8::try_from(transfer).ok()?,
            _ => return None,
        };
        let cicp = CicpProfile {
            color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
            transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        };
        Self::new(&ColorProfile::new_from_cicp(cicp))
    }

    /// Of what a PNG says before its pixels: code points, else a profile, else that it is sRGB, else gamma and primaries.
    pub(crate) fn of_png(bytes: &[u8]) -> Option<Self> {
        let (mut icc, mut is_srgb, mut gamma, mut primaries) = (None, false, None, None);
        for (kind, content) in apng::chunks(bytes) {
            match kind {
                b"cICP" if content.len() == 4 => {
                    return Self::of_code_points(content[0].into(), content[1].into());
                }
                b"iCCP" => icc = icc.or(Some(content)),
                b"sRGB" => is_srgb = true,
                b"gAMA" => gamma = Bytes::new(content).u32_be(),
                b"cHRM" => primaries = chromaticities(content),
                b"IDAT" => break,
                _ => {}
            }
        }
        match (icc, gamma) {
            (Some(packed), _) => Self::of_icc(&unpacked(packed)?),
            (None, Some(gamma)) if !is_srgb => Self::of_gamma(gamma, primaries),
            _ => None,
        }
    }

    /// Of the profile of a WebP.
    pub(crate) fn of_webp(bytes: &[u8]) -> Option<Self> {
        Self::of_icc(webp::profile(bytes)?)
    }

    /// `gamma` is that of the encoder, times 100000.
    fn of_gamma(gamma: u32, primaries: Option<(XyY, ColorPrimaries)>) -> Option<Self> {
        if !(10_000..=500_000).contains(&gamma) {
            return None;
        }
        let mut profile = ColorProfile::new_srgb();
        if let Some((white, primaries)) = primaries {
            profile.update_rgb_colorimetry(white, primaries);
        }
        // What is within one percent of this means sRGB.
        if !(45_000..=46_000).contains(&gamma) {
            profile.cicp = None;
            let curve = ToneReprCurve::Parametric(vec![100_000.0 / gamma as f32]);
            profile.red_trc = Some(curve.clone());
            profile.green_trc = Some(curve.clone());
            profile.blue_trc = Some(curve);
        }
        Self::new(&profile)
    }

    fn new(profile: &ColorProfile) -> Option<Self> {
        let srgb = ColorProfile::new_srgb();
        let options = TransformOptions {
            rendering_intent: RenderingIntent::Perceptual,
            ..TransformOptions::default()
        };
        match profile.color_space {
            DataColorSpace::Rgb => {
                let transform =
                    profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgba, options);
                let conversion = Self(Kind::Rgb(transform.ok()?));
                (!conversion.is_near()).then_some(conversion)
            }
            DataColorSpace::Gray => {
                let transform =
                    profile.create_transform_8bit(Layout::Gray, &srgb, Layout::Rgb, options);
                let all: Vec<u8> = (0..=255).collect();
                let mut table = Box::new([[0; 3]; 256]);
                let done = transform.ok()?.transform(&all, table.as_flattened_mut());
                done.ok()?;
                let conversion = Self(Kind::Gray(table));
                (!conversion.is_near()).then_some(conversion)
            }
            _ => None,
        }
    }

    /// Whether it changes next to nothing, by a look at colors all over.
    fn is_near(&self) -> bool {
        const STEPS: [u8; 9] = [0, 31, 63, 95, 127, 159, 191, 223, 255];
        let grays = (0..=255).map(|v| [v, v, v, 255]);
        let of = |r| {
            STEPS
                .into_iter()
                .flat_map(move |g| STEPS.map(|b| [r, g, b, 255]))
        };
        let colors: Vec<[u8; 4]> = match self.0 {
            Kind::Gray(_) => grays.collect(),
            Kind::Rgb(_) => grays.chain(STEPS.into_iter().flat_map(of)).collect(),
        };
        let mut converted = vec![[0; 4]; colors.len()];
        self.apply(colors.as_flattened(), converted.as_flattened_mut());
        let pairs = colors.as_flattened().iter().zip(converted.as_flattened());
        pairs.into_iter().all(|(a, b)| a.abs_diff(*b) <= NEAR)
    }

    /// Brings straight RGBA into sRGB; both have the same length. Opacity stays. Allocates nothing.
    pub(crate) fn apply(&self, from: &[u8], to: &mut [u8]) {
        match &self.0 {
            Kind::Gray(table) => {
                for (to, from) in to.chunks_exact_mut(4).zip(from.chunks_exact(4)) {
                    to[..3].copy_from_slice(&table[usize::from(from[0])]);
                }
            }
            Kind::Rgb(transform) => {
                if transform.transform(from, to).is_err() {
                    to.copy_from_slice(from);
                }
            }
        }
        for (to, from) in to.chunks_exact_mut(4).zip(from.chunks_exact(4)) {
            to[3] = from[3];
        }
    }
}

/// White and primaries of a `cHRM` chunk; `None` for what is no triangle with white in it.
fn chromaticities(content: &[u8]) -> Option<(XyY, ColorPrimaries)> {
    let mut reader = Bytes::new(content);
    let mut next = || {
        let (x, y) = (reader.u32_be()?, reader.u32_be()?);
        let is_sound = y > 0 && x <= 100_000 && y <= 100_000;
        is_sound.then_some(Chromaticity {
            x: x as f32 / 100_000.0,
            y: y as f32 / 100_000.0,
        })
    };
    let (white, red, green, blue) = (next()?, next()?, next()?, next()?);
    let side = |a: Chromaticity, b: Chromaticity| {
        (b.x - a.x) * (white.y - a.y) - (b.y - a.y) * (white.x - a.x)
    };
    let sides = [side(red, green), side(green, blue), side(blue, red)];
    let is_inside = sides.iter().all(|v| *v > 1e-4) || sides.iter().all(|v| *v < -1e-4);
    is_inside.then_some((
        XyY {
            x: white.x.into(),
            y: white.y.into(),
            yb: 1.0,
        },
        ColorPrimaries { red, green, blue },
    ))
}

/// The profile in the content of an `iCCP` chunk, which may be packed a thousandfold.
fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    // The PNG decoder unpacks it, from a picture of one pixel, within limits that a whole picture would not fit into.
    let mut file = SIGNATURE.to_vec();
    let one_pixel = [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0];
    apng::push(&mut file, b"IHDR", &[&one_pixel]);
    apng::push(&mut file, b"iCCP", &[packed]);
    apng::push(&mut file, b"IDAT", &[&[0]]);
    let mut options = png::DecodeOptions::default();
    options.set_ignore_checksums(true);
    let mut decoder = png::Decoder::new_with_options(Cursor::new(&file), options);
    decoder.set_limits(png::Limits {
        bytes: 2 * MAX_BYTES,
    });
    let info = decoder.read_info().ok()?;
    let profile = info.info().icc_profile.as_deref()?;
    Some(profile.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(conversion: &Conversion, rgb: [u8; 3]) -> [u8; 3] {
        let [r, g, b] = rgb;
        let mut out = [0; 4];
        conversion.apply(&[r, g, b, 77], &mut out);
        assert_eq!(out[3], 77);
        [out[0], out[1], out[2]]
    }

    #[test]
    fn srgb_by_whatever_name_is_left_alone() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert!(Conversion::of_icc(&srgb).is_none());
        for (primaries, transfer) in [(1, 13), (2, 2), (1, 1), (1, 16), (9, 18)] {
            assert!(
                Conversion::of_code_points(primaries, transfer).is_none(),
                "{primaries}/{transfer}"
            );
        }
        assert!(Conversion::of_gamma(45_455, None).is_none());
    }

    #[test]
    fn wider_spaces_are_brought_in_and_grays_stay_gray() {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        let conversion = Conversion::of_icc(&p3).unwrap();
        // By the matrix of the two spaces: a P3 green beyond sRGB is its most saturated one.
        assert_eq!(converted(&conversion, [0, 255, 0])[1], 255);
        let [r, g, b] = converted(&conversion, [200, 100, 50]);
        assert!(
            r.abs_diff(215) <= 1 && g.abs_diff(94) <= 1 && b.abs_diff(31) <= 2,
            "{r} {g} {b}"
        );
        for v in [0, 1, 80, 128, 254, 255] {
            let gray = converted(&conversion, [v; 3]);
            assert!(gray.iter().all(|c| c.abs_diff(v) <= 1), "{v}: {gray:?}");
        }
        let coded = Conversion::of_code_points(12, 13).unwrap();
        let [a, b] = [&conversion, &coded].map(|c| converted(c, [200, 100, 50]));
        assert!(
            a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 1),
            "{a:?} {b:?}"
        );
    }

    #[test]
    fn what_is_damaged_is_left_aside() {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        assert!(Conversion::of_icc(&[]).is_none());
        assert!(Conversion::of_icc(&p3[..p3.len() / 2]).is_none());
        assert!(Conversion::of_icc(&vec![0; MAX_BYTES + 1]).is_none());
        assert!(unpacked(b"name\0\0rubbish").is_none());
        // Blue on white, and white outside.
        let numbers = |numbers: [u32; 8]| numbers.map(u32::to_be_bytes).concat();
        let srgb = [
            31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
        ];
        assert!(chromaticities(&numbers(srgb)).is_some());
        let mut outside = srgb;
        outside[0] = 90_000;
        assert!(chromaticities(&numbers(outside)).is_none());
        assert!(chromaticities(&numbers(srgb)[..31]).is_none());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
        #[test]
        fn no_bytes_panic_the_reader_of_profiles(
            flips in proptest::collection::vec(proptest::prelude::any::<(proptest::sample::Index, u8)>(), 0..16),
            cut in proptest::option::of(proptest::prelude::any::<proptest::sample::Index>()),
        ) {
            let mut icc = ColorProfile::new_display_p3().encode().unwrap();
            let len = icc.len();
            for (at, with) in flips {
                icc[at.index(len)] = with;
            }
            if let Some(cut) = cut {
                icc.truncate(cut.index(len));
            }
            if let Some(conversion) = Conversion::of_icc(&icc) {
                converted(&conversion, [1, 200, 100]);
            }
        }
    }
}
