//! Row kernels: integer arithmetic on slices of premultiplied RGBA8.
//!
//! Each is a pure function of its slices, without state and without floats, in two forms side by side: a plain loop over
//! px, which is the truth and what [`Kernels::SCALAR`] runs, and one over whole vectors, generic over the instruction set,
//! which gives the same bytes or is wrong. A px is four bytes; slices of px have the same number of them unless said otherwise.
//!
//! Plain loops alone, compiled once for each instruction set, were 1.5 to 4 times slower than these: the vectoriser unpacks
//! bytes to words in steps that cross lanes, where [`wide::split`] stays within each px.

mod blend;
mod convert;
mod convolve;
mod level;
mod matte;
mod modes;
mod operators;
mod sample;
mod stretch;
mod tones;
mod wide;

pub(crate) use stretch::{STRETCH_PX, Stretch, fits as has_stretches};

use crate::list::Matte;
#[cfg(target_arch = "aarch64")]
use fearless_simd::Neon;
#[cfg(target_arch = "x86_64")]
use fearless_simd::{Avx2, Avx512, Sse4_2};
use fearless_simd::{Level, Simd};
use media::BlendMode;

/// The instructions that pixels are drawn with. All give the same bytes.
#[derive(Clone, Copy, Debug)]
pub struct Kernels(Set);

/// Proof that the processor has the instructions.
#[derive(Clone, Copy, Debug)]
enum Set {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Sse4_2(Sse4_2),
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

/// Runs `$wide` with the token of the set as `$simd` and compiled for its instructions, or `$scalar`.
macro_rules! run {
    ($set:expr, $scalar:expr, $simd:ident => $wide:expr) => {
        match $set {
            Set::Scalar => $scalar,
            #[cfg(target_arch = "x86_64")]
            Set::Sse4_2($simd) => $simd.vectorize(
                #[inline(always)]
                || $wide,
            ),
            #[cfg(target_arch = "x86_64")]
            Set::Avx2($simd) => $simd.vectorize(
                #[inline(always)]
                || $wide,
            ),
            #[cfg(target_arch = "x86_64")]
            Set::Avx512($simd) => $simd.vectorize(
                #[inline(always)]
                || $wide,
            ),
            #[cfg(target_arch = "aarch64")]
            Set::Neon($simd) => $simd.vectorize(
                #[inline(always)]
                || $wide,
            ),
        }
    };
}

impl Kernels {
    /// Plain loops, as the compiler makes them for any processor of the target.
    pub const SCALAR: Self = Self(Set::Scalar);

    /// What there may be, from the narrowest to the widest.
    const NAMES: [&str; 5] = ["scalar", "neon", "sse4.2", "avx2", "avx512"];

    /// The widest that this processor has.
    pub fn best() -> Self {
        Self::all().last().copied().unwrap_or(Self::SCALAR)
    }

    /// All that this processor has, from plain loops to the widest.
    pub fn all() -> Vec<Self> {
        let has = |name: &&str| Self::named(name);
        Self::NAMES.iter().filter_map(has).collect()
    }

    /// `scalar`, `sse4.2`, `avx2`, `avx512` or `neon`; `None` when this processor does not have it.
    pub fn named(name: &str) -> Option<Self> {
        let level = Level::new();
        let set = match name {
            "scalar" => Some(Set::Scalar),
            #[cfg(target_arch = "x86_64")]
            "sse4.2" => level.as_sse4_2().map(Set::Sse4_2),
            #[cfg(target_arch = "x86_64")]
            "avx2" => level.as_avx2().map(Set::Avx2),
            #[cfg(target_arch = "x86_64")]
            "avx512" => level.as_avx512().map(Set::Avx512),
            #[cfg(target_arch = "aarch64")]
            "neon" => level.as_neon().map(Set::Neon),
            _ => None,
        };
        set.map(Self)
    }

    /// Its name, as [`named`](Self::named) takes it.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Set::Scalar => "scalar",
            #[cfg(target_arch = "x86_64")]
            Set::Sse4_2(_) => "sse4.2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Set::Avx512(_) => "avx512",
            #[cfg(target_arch = "aarch64")]
            Set::Neon(_) => "neon",
        }
    }

    /// `source` over `target`.
    pub(crate) fn over(self, target: &mut [u8], source: &[u8]) {
        run!(self.0, blend::over(target, source), simd => blend::over_wide(simd, target, source));
    }

    /// `source * opacity` over `target`.
    pub(crate) fn over_faded(self, target: &mut [u8], source: &[u8], opacity: u8) {
        run!(self.0, blend::over_faded(target, source, opacity), simd => blend::over_faded_wide(simd, target, source, opacity));
    }

    /// `source * opacity` onto `target` by `mode`.
    pub(crate) fn onto(self, mode: BlendMode, target: &mut [u8], source: &[u8], opacity: u8) {
        let scalar = |target: &mut [u8]| {
            modes::onto(mode, target, source, std::iter::repeat(opacity));
        };
        match (mode, opacity) {
            (BlendMode::Normal, 255) => self.over(target, source),
            (BlendMode::Normal, _) => self.over_faded(target, source, opacity),
            _ => {
                run!(self.0, scalar(target), simd => blend::onto_wide(simd, mode, target, source, opacity));
            }
        }
    }

    /// `source * coverage * opacity` onto `target` by `mode`; one coverage per px.
    pub(crate) fn onto_masked(
        self,
        mode: BlendMode,
        target: &mut [u8],
        source: &[u8],
        coverage: &[u8],
        opacity: u8,
    ) {
        // Only edges of clips come here, and finding their coverage costs more than blending by it.
        if mode == BlendMode::Normal {
            blend::over_masked(target, source, coverage, opacity);
        } else {
            let opacities = coverage.iter().map(|&c| mul255(c, opacity));
            modes::onto(mode, target, source, opacities);
        }
    }

    /// As [`bilinear`](Self::bilinear), for so few px that it does not matter whether a row of them lies level.
    pub(crate) fn bilinear_turned(
        self,
        out: &mut [u8],
        surface: &[u8],
        size: [usize; 2],
        position: [i64; 2],
        step: [i64; 2],
    ) {
        run!(self.0, sample::bilinear(out, surface, size, position, step), simd => sample::bilinear_wide(simd, out, surface, size, position, step));
    }

    /// Writes stretches of px in perspective, each at its place in `row`; the rest of it stays as it is.
    ///
    /// `surface` has `size` px, for which [`has_stretches`] says yes.
    pub(crate) fn stretches(
        self,
        row: &mut [u8],
        surface: &[u8],
        size: [usize; 2],
        stretches: &[Stretch],
    ) {
        run!(self.0, stretch::stretches(row, surface, size, stretches), simd => stretch::stretches_wide(simd, row, surface, size, stretches));
    }

    /// `source`, multiplied by the alpha of `matte`, over `target`.
    pub(crate) fn over_cut(self, target: &mut [u8], source: &[u8], matte: &[u8]) {
        run!(self.0, blend::over_cut(target, source, matte), simd => blend::over_cut_wide(simd, target, source, matte));
    }

    /// Multiplies `target` by a value of `matte`, px by px.
    pub(crate) fn cut(self, kind: Matte, target: &mut [u8], matte: &[u8]) {
        run!(self.0, matte::cut(kind, target, matte), simd => blend::cut_wide(simd, kind, target, matte));
    }

    /// Mixes four neighbours of each px by one fraction for all: between `rows[0]` and `rows[1]` by `fraction[1]` 256ths,
    /// between each px and the one right of it by `fraction[0]`; rows have one px more than `out`.
    pub(crate) fn shifted(self, out: &mut [u8], rows: [&[u8]; 2], fraction: [u16; 2]) {
        run!(self.0, sample::shifted(out, rows, fraction), simd => sample::shifted_wide(simd, out, rows, fraction));
    }

    /// A row of px at `position`, stepping by `step`, both in surface px as 32.32 fixed point with px centres at whole numbers.
    ///
    /// `surface` has `width` x `height` px, at least one; taps outside are clamped to its edge. Positions are rounded to 256ths.
    pub(crate) fn bilinear(
        self,
        out: &mut [u8],
        surface: &[u8],
        size: [usize; 2],
        position: [i64; 2],
        step: [i64; 2],
    ) {
        if level::is_level(step) {
            run!(self.0, sample::bilinear(out, surface, size, position, step), simd => level::level_wide(simd, out, surface, size, position, step));
        } else {
            run!(self.0, sample::bilinear(out, surface, size, position, step), simd => sample::bilinear_wide(simd, out, surface, size, position, step));
        }
    }

    /// Each of `out` becomes the weighed sum of `source` from its place on, `stride` apart.
    pub(crate) fn convolve(self, out: &mut [f32], source: &[f32], weights: &[f32], stride: usize) {
        run!(self.0, convolve::convolve(out, source, weights, stride), simd => {
            let _ = simd;
            convolve::convolve(out, source, weights, stride);
        });
    }

    /// Runs plain loops over floats, compiled for the instructions. They give the same bytes on all, since what is multiplied, added
    /// and divided is never fused; `work` and all that it calls must be inlined.
    pub(crate) fn plainly(self, work: impl FnOnce()) {
        run!(self.0, work(), simd => {
            let _ = simd;
            work();
        });
    }

    /// Multiplies one px by a coverage.
    pub(crate) fn cover(px: &mut [u8], coverage: u8) {
        for v in px {
            *v = mul255(*v, coverage);
        }
    }

    /// Two rows of px to two rows of luma and one of chroma.
    ///
    /// Rows begin one px left of the first that is converted and may be longer than what is: `luma` has an even number of px,
    /// `chroma` half of it.
    pub(crate) fn convert(self, rows: [&[u8]; 2], luma: [&mut [u8]; 2], chroma: [&mut [u8]; 2]) {
        run!(self.0, convert::rows(rows, luma, chroma), simd => convert::rows_wide(simd, rows, luma, chroma));
    }
}

/// `v / 255` rounded to nearest, for `v` in `0..=255 * 255`; every step fits 16 bits.
const fn div255(v: u16) -> u16 {
    let v = v + 128;
    (v + (v >> 8)) >> 8
}

/// The product of two values of which 255 is one.
#[expect(clippy::cast_possible_truncation, reason = "at most 255")]
const fn mul255(a: u8, b: u8) -> u8 {
    div255(a as u16 * b as u16) as u8
}

#[cfg(test)]
pub(crate) mod tests;
