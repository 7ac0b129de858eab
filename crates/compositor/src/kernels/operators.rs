//! The operators of Porter and Duff, source-over apart: `S a + D b`, with one factor for the source and one for the target.

use super::wide::Wide;
use fearless_simd::prelude::*;
use media::BlendMode;

/// The factors of source and target, in 255ths; `None` for modes that mix colors.
pub(super) const fn factors(mode: BlendMode, sa: u16, da: u16) -> Option<[u16; 2]> {
    Some(match mode {
        BlendMode::SourceIn => [da, 0],
        BlendMode::SourceOut => [255 - da, 0],
        BlendMode::SourceAtop => [da, 255 - sa],
        BlendMode::DestinationOver => [255 - da, 255],
        BlendMode::DestinationIn => [0, sa],
        BlendMode::DestinationOut => [0, 255 - sa],
        BlendMode::DestinationAtop => [255 - da, sa],
        BlendMode::Xor => [255 - da, 255 - sa],
        BlendMode::Copy => [255, 0],
        BlendMode::Clear => [0, 0],
        _ => return None,
    })
}

/// [`factors`] of a vector of px.
#[inline(always)]
pub(super) fn factors_wide<S: Wide>(
    simd: S,
    mode: BlendMode,
    sa: S::u16s,
    da: S::u16s,
) -> Option<[S::u16s; 2]> {
    let (none, all) = (S::u16s::splat(simd, 0), S::u16s::splat(simd, 255));
    Some(match mode {
        BlendMode::SourceIn => [da, none],
        BlendMode::SourceOut => [all - da, none],
        BlendMode::SourceAtop => [da, all - sa],
        BlendMode::DestinationOver => [all - da, all],
        BlendMode::DestinationIn => [none, sa],
        BlendMode::DestinationOut => [none, all - sa],
        BlendMode::DestinationAtop => [all - da, sa],
        BlendMode::Xor => [all - da, all - sa],
        BlendMode::Copy => [all, none],
        BlendMode::Clear => [none, none],
        _ => return None,
    })
}
