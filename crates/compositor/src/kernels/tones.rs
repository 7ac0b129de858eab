//! Blend modes of W3C Compositing that mix all channels of a px together: by hue, saturation and luminosity.
//!
//! Their functions are homogeneous: colors that are not premultiplied may all be multiplied by `Sa Da`, which makes them
//! `S Da` and `D Sa`, whole numbers, and 1 becomes `Sa Da`. Only two quotients are left to round.
//!
//! In 32-bit floats, whose quotients are exactly rounded everywhere, without fused steps; in the same order for one px and
//! for vectors of them. In integers, products of luminosities need 64 bits, and dividing those took five times as long.

use super::modes::{Channel, float};
use super::wide::Wide;
use fearless_simd::prelude::*;
use media::BlendMode;

/// Percent of red, green and blue that make luminosity.
const PERCENT: [f32; 3] = [30.0, 59.0, 11.0];

/// Whether a mode is one of these.
pub(super) const fn is_tonal(mode: BlendMode) -> bool {
    matches!(
        mode,
        BlendMode::Hue | BlendMode::Saturation | BlendMode::Color | BlendMode::Luminosity
    )
}

/// The mode's own term of red, green and blue, in units of 1/255^2; `s` is at most `sa`, and `d` at most `da`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255^2 first"
)]
pub(super) fn mixed(mode: BlendMode, s: [u16; 3], d: [u16; 3], sa: u16, da: u16) -> [u16; 3] {
    let (sa, da) = (f32::from(sa), f32::from(da));
    let (s, d) = (s.map(|v| f32::from(v) * da), d.map(|v| f32::from(v) * sa));
    let whole = sa * da;
    let mixed = match mode {
        BlendMode::Hue => with_luminosity(with_saturation(s, saturation(d)), luminosity(d), whole),
        BlendMode::Saturation => {
            with_luminosity(with_saturation(d, saturation(s)), luminosity(d), whole)
        }
        BlendMode::Color => with_luminosity(s, luminosity(d), whole),
        _ => with_luminosity(d, luminosity(s), whole),
    };
    mixed.map(|v| (v.max(0.0).min(whole) + 0.5) as u16)
}

fn luminosity([r, g, b]: [f32; 3]) -> f32 {
    (r * PERCENT[0] + g * PERCENT[1] + b * PERCENT[2]) * 0.01
}

fn least([r, g, b]: [f32; 3]) -> f32 {
    r.min(g).min(b)
}

fn most([r, g, b]: [f32; 3]) -> f32 {
    r.max(g).max(b)
}

fn saturation(color: [f32; 3]) -> f32 {
    most(color) - least(color)
}

fn with_saturation(color: [f32; 3], saturation: f32) -> [f32; 3] {
    let (least, most) = (least(color), most(color));
    if most <= least {
        return [0.0; 3];
    }
    let factor = saturation / (most - least);
    color.map(|v| (v - least) * factor)
}

/// Moves a color to a luminosity; what then is out of 0..=`whole` moves toward grey until it is in.
fn with_luminosity(color: [f32; 3], wanted: f32, whole: f32) -> [f32; 3] {
    let by = wanted - luminosity(color);
    let color = color.map(|v| v + by);
    let (least, most) = (least(color), most(color));
    // Never both: a color is as far across as its saturation, at most `whole`.
    let factor = if least < 0.0 {
        wanted / (wanted - least)
    } else if most > whole {
        (whole - wanted) / (most - wanted)
    } else {
        return color;
    };
    color.map(|v| wanted + (v - wanted) * factor)
}

/// [`mixed`] of a vector of px: as red and blue in 16-bit lanes, and as green in the low half of each 32-bit lane.
#[inline(always)]
pub(super) fn mixed_wide<S: Wide>(
    simd: S,
    mode: BlendMode,
    [se, so]: [S::u16s; 2],
    [te, to]: [S::u16s; 2],
    [sa, da]: [S::u16s; 2],
) -> [S::u16s; 2] {
    let (low, high) = (Channel::Low, Channel::High);
    let (sa, da) = (float(simd, sa, low), float(simd, da, low));
    let s = Rgb::<S>([
        float(simd, se, low) * da,
        float(simd, so, low) * da,
        float(simd, se, high) * da,
    ]);
    let d = Rgb::<S>([
        float(simd, te, low) * sa,
        float(simd, to, low) * sa,
        float(simd, te, high) * sa,
    ]);
    let whole = sa * da;
    let mixed = match mode {
        BlendMode::Hue => {
            s.with_saturation(simd, d.saturation())
                .with_luminosity(simd, d.luminosity(), whole)
        }
        BlendMode::Saturation => {
            d.with_saturation(simd, s.saturation())
                .with_luminosity(simd, d.luminosity(), whole)
        }
        BlendMode::Color => s.with_luminosity(simd, d.luminosity(), whole),
        _ => d.with_luminosity(simd, s.luminosity(), whole),
    };
    let zero = S::f32s::splat(simd, 0.0);
    let [r, g, b] = mixed
        .map(
            #[inline(always)]
            |v| v.max(zero).min(whole) + 0.5,
        )
        .0;
    let (r, g, b) = (
        r.to_int::<S::u32s>(),
        g.to_int::<S::u32s>(),
        b.to_int::<S::u32s>(),
    );
    [(r | (b << 16)).bitcast(), g.bitcast()]
}

/// Colors, a channel a vector.
#[derive(Clone, Copy)]
struct Rgb<S: Simd>([S::f32s; 3]);

impl<S: Wide> Rgb<S> {
    #[inline(always)]
    fn map(self, f: impl Fn(S::f32s) -> S::f32s) -> Self {
        let [r, g, b] = self.0;
        Self([f(r), f(g), f(b)])
    }

    #[inline(always)]
    fn luminosity(&self) -> S::f32s {
        let [r, g, b] = self.0;
        (r * PERCENT[0] + g * PERCENT[1] + b * PERCENT[2]) * 0.01
    }

    #[inline(always)]
    fn least(&self) -> S::f32s {
        let [r, g, b] = self.0;
        r.min(g).min(b)
    }

    #[inline(always)]
    fn most(&self) -> S::f32s {
        let [r, g, b] = self.0;
        r.max(g).max(b)
    }

    #[inline(always)]
    fn saturation(&self) -> S::f32s {
        self.most() - self.least()
    }

    #[inline(always)]
    fn with_saturation(self, simd: S, saturation: S::f32s) -> Self {
        let (least, most) = (self.least(), self.most());
        let zero = S::f32s::splat(simd, 0.0);
        let factor = saturation / (most - least);
        let grey = most.simd_le(least);
        self.map(
            #[inline(always)]
            |v| grey.select(zero, (v - least) * factor),
        )
    }

    #[inline(always)]
    fn with_luminosity(self, simd: S, wanted: S::f32s, whole: S::f32s) -> Self {
        let by = wanted - self.luminosity();
        let moved = self.map(
            #[inline(always)]
            |v| v + by,
        );
        let (least, most) = (moved.least(), moved.most());
        let below = least.simd_lt(S::f32s::splat(simd, 0.0));
        let above = most.simd_gt(whole);
        let down = wanted / (wanted - least);
        let up = (whole - wanted) / (most - wanted);
        moved.map(
            #[inline(always)]
            |v| {
                let darker = wanted + (v - wanted) * down;
                let lighter = wanted + (v - wanted) * up;
                below.select(darker, above.select(lighter, v))
            },
        )
    }
}
