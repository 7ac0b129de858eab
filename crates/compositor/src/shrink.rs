//! Surfaces in perspective where they are drawn smaller than they are: which halves of them are read, and at how many places.
//!
//! Each block takes from its two ends how large a px of the canvas is on the surface, and goes from one to the other in between:
//! neighbours share an end, so that no border shows, and none walks when the surface does.

use crate::list::Shrink;
use crate::perspective::Perspective;
use kurbo::{Point, Vec2};
use std::ops::RangeInclusive;

/// Most places that are read for a px of the canvas.
pub(crate) const MOST_TAPS: usize = 4;

/// Halves of halves, at most: a surface drawn smaller is a dot.
pub(crate) const MOST_LEVELS: usize = 12;

/// By how much, as the square of a factor, a place may be longer than it is wide before there are twice as many.
const SLACK: f64 = 1.21;

/// What is added to levels, 256ths: a bit less than what a px of the canvas covers, since mixing neighbours blurs as well.
const SHARPER: f64 = -64.0;

/// What a px of the canvas covers of a surface, to first order: an ellipse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// Square of the longer axis, surface px.
    long: f64,
    /// Square of the shorter one.
    short: f64,
    /// Of squares and products of ways across and down, what tells where the longer one points.
    across: f64,
    down: f64,
    both: f64,
}

/// How a block is read at one of its ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    /// The level that is read, 256ths: 0 is the surface, 256 its half, and so on.
    pub(crate) level: i32,
    /// From the first place to the last, canvas px.
    pub(crate) spread: Vec2,
}

impl Spot {
    /// Of a px around `at`; `None` where that lies behind whoever looks.
    #[inline]
    pub(crate) fn at(inverse: &Perspective, at: Point) -> Option<Self> {
        let [[ux, uy], [vx, vy]] = inverse.slopes(at)?;
        let (across, down, both) = (ux * ux + vx * vx, uy * uy + vy * vy, ux * uy + vx * vy);
        let (sum, differ) = (across + down, across - down);
        let long = (sum + (differ * differ + 4.0 * both * both).sqrt()) / 2.0;
        let area = ux * vy - uy * vx;
        let short = if long > 0.0 { area * area / long } else { 0.0 };
        Some(Self {
            long,
            short,
            across,
            down,
            both,
        })
    }

    /// Where on the canvas the longer axis points, one px long; nowhere for what is as long as wide.
    fn along(&self) -> Vec2 {
        // Of two ways to write it the one that is not next to nothing.
        let along = if self.across >= self.down {
            Vec2::new(self.long - self.down, self.both)
        } else {
            Vec2::new(self.both, self.long - self.across)
        };
        let length = (along.x * along.x + along.y * along.y).sqrt();
        if length > 0.0 {
            along / length
        } else {
            Vec2::ZERO
        }
    }

    /// Places that it takes, so that each is about as long as it is wide.
    pub(crate) fn taps(&self, shrink: Shrink) -> usize {
        let wide = self.short.max(1.0) * SLACK;
        match shrink {
            Shrink::Follow if self.long > 4.0 * wide => MOST_TAPS,
            Shrink::Follow if self.long > wide => 2,
            _ => 1,
        }
    }

    /// As an end of what is read at so many places.
    pub(crate) fn end(&self, shrink: Shrink, taps: usize, most: usize) -> End {
        let taps = taps as f64;
        // Never less than a px of the surface.
        let each = match shrink {
            Shrink::Follow => {
                let least = self.long / (SLACK * taps * taps);
                self.short.max(least)
            }
            // One place for all: between too soft along one axis and too sharp along the other, by half a level at most.
            _ => (self.long * self.short).sqrt().max(self.long / 2.0),
        };
        let each = each.max(1.0).min(self.long);
        // As far apart as together they are as long as the spot, by their second moment.
        let rest = ((self.long - each) * (taps - 1.0) / (taps + 1.0)).max(0.0);
        let spread = if rest > 0.0 {
            self.along() * (rest / self.long).sqrt()
        } else {
            Vec2::ZERO
        };
        End {
            level: level(each, most),
            spread,
        }
    }
}

impl End {
    /// On the way down to another, in row `n` of 16.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_wrap,
        clippy::cast_possible_truncation,
        reason = "below 16"
    )]
    pub(crate) fn towards(self, other: Self, n: usize) -> Self {
        let n = 2 * n as i32 + 1;
        Self {
            level: (self.level * (32 - n) + other.level * n) >> 5,
            spread: self.spread + (other.spread - self.spread) * (f64::from(n) / 32.0),
        }
    }
}

/// The level for places whose square is `area`, 256ths.
#[expect(
    clippy::cast_possible_truncation,
    reason = "held to the levels there are"
)]
fn level(area: f64, most: usize) -> i32 {
    let at = 128.0 * log2(area) + SHARPER;
    // Also where it is no number.
    at.max(0.0).min(most as f64 * 256.0) as i32
}

/// Within a hundredth, and without steps; of 1 and less, 0.
fn log2(v: f64) -> f64 {
    if v.is_nan() || v <= 1.0 {
        return 0.0;
    }
    let bits = v.to_bits();
    let whole = (bits >> 52) as f64 - 1023.0;
    let rest = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52) - 1.0;
    whole + rest + 0.344 * rest * (1.0 - rest)
}

/// The highest level that anything in a rectangle of the canvas may be read at, of `most` that there are.
pub(crate) fn highest(inverse: &Perspective, area: kurbo::Rect, most: usize) -> usize {
    let Some(largest) = inverse.steepest(area) else {
        return most;
    };
    let level = level(largest, most);
    // Not negative.
    usize::try_from((level + 255) >> 8).unwrap_or(most)
}

/// Levels of a surface beside itself that can be read: all that have neighbours to mix.
pub(crate) fn levels_of(size: [u32; 2]) -> usize {
    let shorter = size[0].min(size[1]);
    (1..=MOST_LEVELS)
        .take_while(|level| (shorter - 1) >> level > 0)
        .last()
        .unwrap_or(0)
}

/// How far from its place a px that is read at a level reaches, surface px.
pub(crate) fn reach_px(level: usize) -> f64 {
    if level == 0 {
        return 0.0;
    }
    (2usize << level) as f64
}

/// What is mixed for a px that lies at such a level: one level alone around whole ones, which is half of the work for half of the px.
#[inline(always)]
const fn mixed(level: i32) -> i32 {
    let part = 2 * (level & 255) - 128;
    let part = if part < 0 {
        0
    } else if part > 256 {
        256
    } else {
        part
    };
    (level & !255) + part
}

/// The levels between `ends` that are mixed for px `n` of 16: in 256ths from the surface on.
#[inline(always)]
const fn mixed_at(ends: [i32; 2], n: i32) -> i32 {
    mixed((ends[0] * (31 - 2 * n) + ends[1] * (2 * n + 1)) >> 5)
}

/// Which levels are mixed for a block, from one end to the other.
#[inline(always)]
pub(crate) fn levels_between(ends: [i32; 2]) -> RangeInclusive<usize> {
    let [a, b] = [mixed_at(ends, 0), mixed_at(ends, 15)];
    let whole = |level: i32| usize::try_from(level >> 8).unwrap_or(0);
    whole(a.min(b))..=whole(a.max(b) + 255)
}

/// What is read of one block, and how it becomes its px.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mix {
    /// The block's number in what is drawn.
    pub(crate) number: usize,
    /// The first of what is read for it, in 16 px: all places of its lowest level, then those of the next.
    pub(crate) first: usize,
    pub(crate) taps: usize,
    pub(crate) lowest: usize,
    pub(crate) count: usize,
    /// Levels at its ends, 256ths.
    pub(crate) ends: [i32; 2],
}

/// 16 px.
type Read = [u8; 64];

/// Mixes what was read of blocks, each to its place in `row`: places evenly, levels by how near they are.
#[inline(always)]
pub(crate) fn mix(row: &mut [u8], read: &[u8], blocks: &[Mix]) {
    let (row, read) = (row.as_chunks_mut::<64>().0, read.as_chunks::<64>().0);
    for block in blocks {
        let read = &read[block.first..][..block.count * block.taps];
        if block.count == 1 {
            // Of one level is all.
            let mut mean = [0u16; 64];
            means(&mut mean, read);
            for (out, mean) in row[block.number].iter_mut().zip(mean) {
                *out = mean.to_le_bytes()[0];
            }
            continue;
        }
        let mut sum = [128u16; 64];
        for (level, read) in (block.lowest..).zip(read.chunks_exact(block.taps)) {
            let mut mean = [0u16; 64];
            means(&mut mean, read);
            let mut weights = [0u16; 64];
            weigh(&mut weights, block.ends, level);
            for ((sum, mean), weight) in sum.iter_mut().zip(mean).zip(weights) {
                *sum = sum.wrapping_add(mean.wrapping_mul(weight));
            }
        }
        for (out, sum) in row[block.number].iter_mut().zip(sum) {
            *out = sum.to_be_bytes()[0];
        }
    }
}

/// As [`mix`], of one px that lies at a level: `read` are its channels at its lowest level, then at the next.
pub(crate) fn mix_one(out: &mut [u8], read: impl Iterator<Item = u8>, level: i32, lowest: usize) {
    let mut sum = [128u16; 4];
    for (at, v) in read.enumerate() {
        let mut weights = [0; 64];
        weigh(&mut weights, [level; 2], lowest + at / 4);
        sum[at % 4] += u16::from(v) * weights[0];
    }
    for (out, sum) in out.iter_mut().zip(sum) {
        *out = sum.to_be_bytes()[0];
    }
}

#[inline(always)]
fn means(mean: &mut [u16; 64], read: &[Read]) {
    match read {
        [a] => {
            for (mean, a) in mean.iter_mut().zip(a) {
                *mean = u16::from(*a);
            }
        }
        [a, b] => {
            for ((mean, a), b) in mean.iter_mut().zip(a).zip(b) {
                *mean = (u16::from(*a) + u16::from(*b) + 1) >> 1;
            }
        }
        [a, b, c, d] => {
            for ((((mean, a), b), c), d) in mean.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *mean = (u16::from(*a) + u16::from(*b) + u16::from(*c) + u16::from(*d) + 2) >> 2;
            }
        }
        _ => {}
    }
}

/// How much of a level is in each channel of 16 px, 256ths; over all levels that is all.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "0..=256; levels are few"
)]
fn weigh(weights: &mut [u16; 64], ends: [i32; 2], level: usize) {
    for (px, n) in weights.as_chunks_mut::<4>().0.iter_mut().zip(0i32..) {
        let off = (mixed_at(ends, n) - level as i32 * 256).abs();
        *px = [(256 - off).max(0) as u16; 4];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_are_logarithms() {
        for step in 0..800 {
            let v = libm::exp2(f64::from(step) / 100.0);
            assert!((log2(v) - f64::from(step) / 100.0).abs() < 0.01, "{v}");
        }
        assert_eq!((log2(1.0), log2(0.1), log2(f64::NAN)), (0.0, 0.0, 0.0));
        assert_eq!(level(f64::INFINITY, 3), 768);
        assert_eq!(
            [[1, 9], [2, 2], [3, 4], [5, 9], [4000, 4097]].map(levels_of),
            [0, 0, 1, 2, 11]
        );
    }

    proptest! {
        /// What is alike stays what it is, through any number of places and levels.
        #[test]
        fn weights_add_up(ends in [0..3000i32, 0..3000i32], taps in prop_oneof![Just(1usize), Just(2), Just(4)], grey in any::<u8>()) {
            let levels = levels_between(ends);
            let count = levels.end() - levels.start() + 1;
            let block = Mix { number: 1, first: 1, taps, lowest: *levels.start(), count, ends };
            let read = vec![grey; (1 + count * taps) * 64];
            let mut row = vec![7; 192];
            mix(&mut row, &read, &[block]);
            prop_assert!(row[..64].iter().chain(&row[128..]).all(|v| *v == 7));
            prop_assert!(row[64..128].iter().all(|v| *v == grey), "{:?}", &row[64..128]);
        }

        /// Axes of the ellipse are those of the map, and what is no longer than wide is read at one place.
        #[test]
        fn a_spot_is_as_long_as_the_map_makes_it(long in 1.0..40.0f64, short in 1.0..40.0f64, turn in 0.0..3.0f64) {
            let (long, short) = (long.max(short), long.min(short));
            let map = Perspective::of_rect(
                kurbo::Rect::new(0.0, 0.0, 8.0, 8.0),
                [(0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0)].map(Point::from),
            ).unwrap();
            let inverse = map.after(kurbo::Affine::scale_non_uniform(long, short) * kurbo::Affine::rotate(-turn));
            let spot = Spot::at(&inverse, Point::new(3.0, 5.0)).unwrap();
            prop_assert!((spot.long.sqrt() - long).abs() < 1e-6 && (spot.short.sqrt() - short).abs() < 1e-6, "{spot:?}");
            if long > short * 1.001 {
                let along = spot.along().cross(Vec2::new(turn.cos(), turn.sin())).abs();
                prop_assert!(along < 1e-3, "{spot:?}");
            }
            let taps = spot.taps(Shrink::Follow);
            let end = spot.end(Shrink::Follow, taps, 12);
            prop_assert!(end.spread.hypot() < 0.8 && (taps > 1 || end.spread == Vec2::ZERO));
            let level = spot.end(Shrink::Mix, 1, 12).level;
            prop_assert!(end.level <= level);
        }
    }
}
