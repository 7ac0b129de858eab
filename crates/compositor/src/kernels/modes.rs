//! Blend modes of W3C Compositing, source-over apart. Those that mix each channel by itself are here; [`tones`] has those
//! that mix channels together, and [`operators`] those that do not mix.
//!
//! With S and D for a channel of source and target, premultiplied, and Sa and Da for their alphas, every mode is
//! `S (1 - Da) + D (1 - Sa) + m`, where m is the mode's own term; for alpha m is `Sa Da`. In units of 1/255^2 each sum fits
//! 16 bits, though not every step of it: they wrap, and so do the sums. It is rounded once.

use super::wide::{Wide, div255, join, split};
use super::{div255 as rounded, mul255, operators, tones};
use fearless_simd::prelude::*;
use media::BlendMode;

/// `source * opacity` onto `target`; one opacity per px.
pub(super) fn onto(
    mode: BlendMode,
    target: &mut [u8],
    source: &[u8],
    opacities: impl Iterator<Item = u8>,
) {
    let px = target.as_chunks_mut::<4>().0.iter_mut();
    for ((t, s), opacity) in px.zip(source.as_chunks::<4>().0).zip(opacities) {
        one_px(mode, t, s.map(|v| mul255(v, opacity)));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 255")]
fn one_px(mode: BlendMode, t: &mut [u8; 4], s: [u8; 4]) {
    let (sa, da) = (u16::from(s[3]), u16::from(t[3]));
    if mode == BlendMode::PlusLighter {
        for (t, s) in t.iter_mut().zip(s) {
            *t = t.saturating_add(s);
        }
        return;
    }
    // Nothing vouches that a surface is premultiplied.
    let below = t.map(|v| u16::from(v).min(da));
    let above = s.map(|v| u16::from(v).min(sa));
    if let Some([of_above, of_below]) = operators::factors(mode, sa, da) {
        for ((t, s), d) in t.iter_mut().zip(above).zip(below) {
            *t = rounded(s * of_above + d * of_below) as u8;
        }
        return;
    }
    let [r, g, b] = if tones::is_tonal(mode) {
        let ([sr, sg, sb, _], [dr, dg, db, _]) = (above, below);
        tones::mixed(mode, [sr, sg, sb], [dr, dg, db], sa, da)
    } else {
        [0, 1, 2].map(|i| term(mode, above[i], below[i], sa, da))
    };
    let own = [r, g, b, sa * da];
    for (((t, s), d), own) in t.iter_mut().zip(above).zip(below).zip(own) {
        let sum = (s * (255 - da))
            .wrapping_add(d * (255 - sa))
            .wrapping_add(own);
        *t = rounded(sum) as u8;
    }
}

fn term(mode: BlendMode, s: u16, d: u16, sa: u16, da: u16) -> u16 {
    let hard = |s: u16, sa: u16, d: u16, da: u16| {
        if 2 * s <= sa {
            2 * s * d
        } else {
            sa * da - 2 * (sa - s) * (da - d)
        }
    };
    match mode {
        BlendMode::Multiply => s * d,
        BlendMode::Screen => (s * da).wrapping_add(d * sa).wrapping_sub(s * d),
        BlendMode::Overlay => hard(d, da, s, sa),
        BlendMode::HardLight => hard(s, sa, d, da),
        BlendMode::Darken => (s * da).min(d * sa),
        BlendMode::Lighten => (s * da).max(d * sa),
        BlendMode::Difference => (s * da).abs_diff(d * sa),
        BlendMode::Exclusion => (s * da)
            .wrapping_add(d * sa)
            .wrapping_sub((2 * s).wrapping_mul(d)),
        BlendMode::ColorDodge | BlendMode::ColorBurn | BlendMode::SoftLight => {
            rare(mode, s, d, sa, da)
        }
        // Not of this form; they have kernels of their own.
        _ => s * da,
    }
}

/// Modes that divide or take roots, from the formulas for colors that are not premultiplied.
///
/// In 32-bit floats, whose division and root are exactly rounded everywhere, without fused steps.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0..=255^2, and casts of floats saturate"
)]
fn rare(mode: BlendMode, s: u16, d: u16, sa: u16, da: u16) -> u16 {
    if sa == 0 || da == 0 {
        return 0;
    }
    let (cs, cb) = (f32::from(s) / f32::from(sa), f32::from(d) / f32::from(da));
    let mixed = match mode {
        BlendMode::ColorDodge if d == 0 => 0.0,
        BlendMode::ColorDodge if s == sa => 1.0,
        BlendMode::ColorDodge => (cb / (1.0 - cs)).min(1.0),
        BlendMode::ColorBurn if d == da => 1.0,
        BlendMode::ColorBurn if s == 0 => 0.0,
        BlendMode::ColorBurn => 1.0 - ((1.0 - cb) / cs).min(1.0),
        _ if cs <= 0.5 => cb - (1.0 - 2.0 * cs) * cb * (1.0 - cb),
        _ if cb <= 0.25 => cb + (2.0 * cs - 1.0) * (((16.0 * cb - 12.0) * cb + 4.0) * cb - cb),
        _ => cb + (2.0 * cs - 1.0) * (cb.sqrt() - cb),
    };
    (mixed * f32::from(sa) * f32::from(da) + 0.5) as u16
}

/// A vector of px.
#[inline(always)]
pub(super) fn onto_wide<S: Wide>(simd: S, mode: BlendMode, t: S::u8s, s: S::u8s) -> S::u8s {
    if matches!(mode, BlendMode::PlusLighter) {
        return t.min(!s) + s;
    }
    let (sa, da) = (alpha::<S>(s), alpha::<S>(t));
    let ([se, so], [te, to]) = (split::<S>(s), split::<S>(t));
    let (se, so, te, to) = (se.min(sa), so.min(sa), te.min(da), to.min(da));
    if let Some([of_above, of_below]) = operators::factors_wide(simd, mode, sa, da) {
        return join::<S>([
            div255::<S>(se * of_above + te * of_below),
            div255::<S>(so * of_above + to * of_below),
        ]);
    }
    // Odd lanes are green and alpha, whose term is the same for every mode.
    let both = sa * da;
    let alphas: S::u16s = S::u32s::splat(simd, 0xffff_0000).bitcast();
    let [even, odd] = if matches!(
        mode,
        BlendMode::ColorDodge | BlendMode::ColorBurn | BlendMode::SoftLight
    ) {
        let (low, high) = (Channel::Low, Channel::High);
        let red = rare_wide(simd, mode, [se, te, sa, da], low);
        let green = rare_wide(simd, mode, [so, to, sa, da], low);
        let blue = rare_wide(simd, mode, [se, te, sa, da], high);
        [(red | (blue << 16)).bitcast(), green.bitcast()]
    } else if tones::is_tonal(mode) {
        tones::mixed_wide(simd, mode, [se, so], [te, to], [sa, da])
    } else {
        [
            term_wide(simd, mode, se, te, sa, da),
            term_wide(simd, mode, so, to, sa, da),
        ]
    };
    let odd = (odd & !alphas) | (both & alphas);
    let (source, target) = (
        S::u16s::splat(simd, 255) - da,
        S::u16s::splat(simd, 255) - sa,
    );
    join::<S>([
        div255::<S>(se * source + te * target + even),
        div255::<S>(so * source + to * target + odd),
    ])
}

/// Alpha in both 16-bit lanes of its px.
#[inline(always)]
fn alpha<S: Simd>(px: S::u8s) -> S::u16s {
    let px: S::u32s = px.bitcast();
    let alpha = px >> 24;
    (alpha | (alpha << 16)).bitcast()
}

#[inline(always)]
fn term_wide<S: Wide>(
    simd: S,
    mode: BlendMode,
    s: S::u16s,
    d: S::u16s,
    sa: S::u16s,
    da: S::u16s,
) -> S::u16s {
    match mode {
        BlendMode::Multiply => s * d,
        BlendMode::Screen => s * da + d * sa - s * d,
        BlendMode::Overlay => hard_wide(simd, d, da, s, sa),
        BlendMode::HardLight => hard_wide(simd, s, sa, d, da),
        BlendMode::Darken => (s * da).min(d * sa),
        BlendMode::Lighten => (s * da).max(d * sa),
        BlendMode::Difference => {
            let (a, b) = (s * da, d * sa);
            a.max(b) - a.min(b)
        }
        BlendMode::Exclusion => s * da + d * sa - ((s * d) << 1),
        _ => s * da,
    }
}

#[inline(always)]
fn hard_wide<S: Wide>(_: S, s: S::u16s, sa: S::u16s, d: S::u16s, da: S::u16s) -> S::u16s {
    let light = sa * da - (((sa - s) * (da - d)) << 1);
    (s << 1).simd_le(sa).select((s * d) << 1, light)
}

/// One of the two 16-bit lanes in a lane of 32.
#[derive(Clone, Copy)]
pub(super) enum Channel {
    Low,
    High,
}

/// [`rare`] of one channel, in the low half of each 32-bit lane.
#[inline(always)]
fn rare_wide<S: Wide>(
    simd: S,
    mode: BlendMode,
    [s, d, sa, da]: [S::u16s; 4],
    channel: Channel,
) -> S::u32s {
    let (s, d) = (float(simd, s, channel), float(simd, d, channel));
    let (sa, da) = (float(simd, sa, channel), float(simd, da, channel));
    let (zero, one) = (S::f32s::splat(simd, 0.0), S::f32s::splat(simd, 1.0));
    let (cs, cb) = (s / sa, d / da);
    let mixed = match mode {
        BlendMode::ColorDodge => {
            let mixed = (cb / (one - cs)).min(one);
            let mixed = s.simd_ge(sa).select(one, mixed);
            d.simd_le(zero).select(zero, mixed)
        }
        BlendMode::ColorBurn => {
            let mixed = one - ((one - cb) / cs).min(one);
            let mixed = s.simd_le(zero).select(zero, mixed);
            d.simd_ge(da).select(one, mixed)
        }
        _ => {
            let dark = cb - (one - cs * 2.0) * cb * (one - cb);
            let light = cs * 2.0 - one;
            let near_black = cb + light * (((cb * 16.0 - 12.0) * cb + 4.0) * cb - cb);
            let bright = cb + light * (cb.sqrt() - cb);
            let light = cb.simd_le(0.25).select(near_black, bright);
            cs.simd_le(0.5).select(dark, light)
        }
    };
    let own = mixed * sa * da + 0.5;
    // Where nothing is there is no color, and what was divided by it is not a number.
    let own = sa.min(da).simd_le(zero).select(zero, own);
    own.to_int::<S::u32s>()
}

#[inline(always)]
pub(super) fn float<S: Wide>(simd: S, v: S::u16s, channel: Channel) -> S::f32s {
    let v: S::u32s = v.bitcast();
    let lanes = match channel {
        Channel::Low => v & S::u32s::splat(simd, 0xffff),
        Channel::High => v >> 16,
    };
    S::f32s::float_from(lanes)
}
