//! Source-over, and other modes for rows.

use super::mul255;
use super::wide::{Wide, div255, join, split};
use super::{matte, modes};
use crate::list::Matte;
use fearless_simd::prelude::*;
use media::BlendMode;

/// `source` over `target`; saturating, because nothing vouches that a surface is premultiplied.
pub(super) fn over(target: &mut [u8], source: &[u8]) {
    for (t, s) in px(target, source) {
        blend(t, *s);
    }
}

/// `source * opacity` over `target`.
pub(super) fn over_faded(target: &mut [u8], source: &[u8], opacity: u8) {
    for (t, s) in px(target, source) {
        blend(t, s.map(|v| mul255(v, opacity)));
    }
}

/// `source * coverage * opacity` over `target`; one coverage per px.
pub(super) fn over_masked(target: &mut [u8], source: &[u8], coverage: &[u8], opacity: u8) {
    for ((t, s), &c) in px(target, source).zip(coverage) {
        let opacity = mul255(c, opacity);
        blend(t, s.map(|v| mul255(v, opacity)));
    }
}

/// `source`, cut by the alpha of `matte`, over `target`.
pub(super) fn over_cut(target: &mut [u8], source: &[u8], matte: &[u8]) {
    for ((t, s), m) in px(target, source).zip(matte.as_chunks::<4>().0) {
        blend(t, s.map(|v| mul255(v, m[3])));
    }
}

fn px<'a>(
    target: &'a mut [u8],
    source: &'a [u8],
) -> impl Iterator<Item = (&'a mut [u8; 4], &'a [u8; 4])> {
    let (targets, _) = target.as_chunks_mut::<4>();
    let (sources, _) = source.as_chunks::<4>();
    targets.iter_mut().zip(sources)
}

fn blend(t: &mut [u8; 4], s: [u8; 4]) {
    let rest = 255 - s[3];
    for (t, s) in t.iter_mut().zip(s) {
        *t = s.saturating_add(mul255(*t, rest));
    }
}

#[inline(always)]
pub(super) fn over_wide<S: Simd>(simd: S, target: &mut [u8], source: &[u8]) {
    each(
        simd,
        target,
        source,
        #[inline(always)]
        |t, s: S::u8s| {
            let px: S::u32s = s.bitcast();
            if px.simd_ge(0xff00_0000).all_true() {
                s
            } else if px.simd_eq(0).all_true() {
                t
            } else {
                blend_wide(simd, t, s)
            }
        },
    );
}

#[inline(always)]
pub(super) fn over_faded_wide<S: Simd>(simd: S, target: &mut [u8], source: &[u8], opacity: u8) {
    let opacity = u16::from(opacity);
    each(
        simd,
        target,
        source,
        #[inline(always)]
        |t, s: S::u8s| {
            let px: S::u32s = s.bitcast();
            if px.simd_eq(0).all_true() {
                return t;
            }
            blend_wide(simd, t, faded::<S>(s, opacity))
        },
    );
}

/// `source * opacity` onto `target` by a mode other than `Normal`.
#[inline(always)]
pub(super) fn onto_wide<S: Wide>(
    simd: S,
    mode: BlendMode,
    target: &mut [u8],
    source: &[u8],
    opacity: u8,
) {
    let opacity = u16::from(opacity);
    each(
        simd,
        target,
        source,
        #[inline(always)]
        |t, s: S::u8s| modes::onto_wide(simd, mode, t, faded::<S>(s, opacity)),
    );
}

/// `source`, cut by the alpha of `matte`, over `target`: as by [`cut_wide`] and [`over_wide`], but read and written once.
#[inline(always)]
pub(super) fn over_cut_wide<S: Wide>(simd: S, target: &mut [u8], source: &[u8], matte: &[u8]) {
    let n = S::u8s::N;
    let len = target.len().min(source.len()).min(matte.len());
    let whole = len / n * n;
    let alpha = Matte::default();
    let (head, tail) = target[..len].split_at_mut(whole);
    for ((target, source), matte) in head
        .chunks_exact_mut(n)
        .zip(source.chunks_exact(n))
        .zip(matte.chunks_exact(n))
    {
        let m = S::u8s::from_slice(simd, matte);
        let shows: S::u32s = m.bitcast();
        if shows.simd_lt(0x0100_0000).all_true() {
            continue;
        }
        let mut s = S::u8s::from_slice(simd, source);
        if !shows.simd_ge(0xff00_0000).all_true() {
            s = matte::cut_wide(simd, alpha, s, m);
        }
        let px: S::u32s = s.bitcast();
        if px.simd_ge(0xff00_0000).all_true() {
            s.store_slice(target);
        } else {
            blend_wide(simd, S::u8s::from_slice(simd, target), s).store_slice(target);
        }
    }
    over_cut(tail, &source[whole..len], &matte[whole..len]);
}

/// `target` times a value of `source`.
#[inline(always)]
pub(super) fn cut_wide<S: Wide>(simd: S, kind: Matte, target: &mut [u8], source: &[u8]) {
    each(
        simd,
        target,
        source,
        #[inline(always)]
        |t, s: S::u8s| matte::cut_wide(simd, kind, t, s),
    );
}

#[inline(always)]
fn faded<S: Simd>(s: S::u8s, opacity: u16) -> S::u8s {
    let [even, odd] = split::<S>(s);
    join::<S>([div255::<S>(even * opacity), div255::<S>(odd * opacity)])
}

#[inline(always)]
fn blend_wide<S: Simd>(_: S, t: S::u8s, s: S::u8s) -> S::u8s {
    let px: S::u32s = s.bitcast();
    let rest = (px >> 24) ^ 255;
    let rest: S::u16s = (rest | (rest << 16)).bitcast();
    let [even, odd] = split::<S>(t);
    let below = join::<S>([div255::<S>(even * rest), div255::<S>(odd * rest)]);
    // Saturates: what is added is at most what is left.
    below.min(!s) + s
}

/// Applies `blend` to all px, the last ones padded with transparent ones up to a vector.
#[inline(always)]
fn each<S: Simd>(
    simd: S,
    target: &mut [u8],
    source: &[u8],
    mut blend: impl FnMut(S::u8s, S::u8s) -> S::u8s,
) {
    let n = S::u8s::N;
    let len = target.len().min(source.len());
    let (target, source) = (&mut target[..len], &source[..len]);
    let mut targets = target.chunks_exact_mut(n);
    let mut sources = source.chunks_exact(n);
    for (t, s) in targets.by_ref().zip(sources.by_ref()) {
        blend(S::u8s::from_slice(simd, t), S::u8s::from_slice(simd, s)).store_slice(t);
    }
    let (target, source) = (targets.into_remainder(), sources.remainder());
    if !target.is_empty() {
        let (mut t, mut s) = ([0; 64], [0; 64]);
        t[..target.len()].copy_from_slice(target);
        s[..source.len()].copy_from_slice(source);
        let t = &mut t[..n];
        blend(
            S::u8s::from_slice(simd, t),
            S::u8s::from_slice(simd, &s[..n]),
        )
        .store_slice(t);
        target.copy_from_slice(&t[..target.len()]);
    }
}
