//! Chance that repeats: numbers and movement that follow from a seed.

/// A stream of numbers by chance (`SplitMix64`, public domain): the same on every machine for the same seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// Below `bound`, which is above 0.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is below a usize is one"
    )]
    pub(crate) const fn below(&mut self, bound: usize) -> usize {
        // The high half of the product: as even as 64 bits allow, and free of division.
        ((self.next() as u128 * bound as u128) >> 64) as usize
    }
}

const fn mixed(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Smooth noise at `x`, between -1 and 1: gradient noise in one dimension, with a value of 0 and a slope by chance at every
/// whole number. A pure function of seed and place.
pub fn noise(seed: u64, x: f64) -> f64 {
    let cell = x.floor();
    let (left, right) = (slope(seed, cell), slope(seed, cell + 1.0));
    let t = x - cell;
    // Perlin's improved fade: no jump in speed or acceleration at whole numbers.
    let fade = t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (from_left, from_right) = (left * t, right * (t - 1.0));
    // Two slopes of 1 against each other reach a half.
    2.0 * (from_left + (from_right - from_left) * fade)
}

/// From one value by chance to the next, one at every whole number, between -1 and 1: it never rests, as noise does where it
/// passes 0. A pure function of seed and place.
pub fn wander(seed: u64, x: f64) -> f64 {
    let cell = x.floor();
    let (left, right) = (slope(seed, cell), slope(seed, cell + 1.0));
    let t = x - cell;
    left + (right - left) * (t * t * t * (t * (t * 6.0 - 15.0) + 10.0))
}

/// Several layers of [`noise`], each twice as fast and half as strong as the one before, between -1 and 1.
pub fn wiggle(seed: u64, x: f64, layers: u32) -> f64 {
    octaves(noise, seed, x, layers)
}

/// Several layers of a function of seed and place, each twice as fast and half as strong as the one before: within what the
/// function is within. At least one, at most 8.
pub fn octaves(one: fn(u64, f64) -> f64, seed: u64, x: f64, layers: u32) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    let (mut speed, mut strength) = (1.0, 1.0);
    for octave in 0..layers.clamp(1, 8) {
        // Layers with seeds of their own do not line up at whole numbers.
        let seed = seed ^ mixed(u64::from(octave).wrapping_add(1));
        sum += strength * one(seed, x * speed + 0.37 * f64::from(octave));
        total += strength;
        speed *= 2.0;
        strength /= 2.0;
    }
    sum / total
}

/// A slope between -1 and 1 for a whole number.
fn slope(seed: u64, cell: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any bits will do; cells beyond 2^63 are alike"
    )]
    let bits = mixed(seed ^ mixed((cell as i64) as u64));
    // 53 bits, as many as a double has.
    (bits >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn noise_stays_in_its_range_and_moves_smoothly(seed: u64, x in -1e6..1e6_f64) {
            let at = |x| noise(seed, x);
            prop_assert!(at(x).abs() <= 1.0);
            prop_assert!((at(x + 1e-4) - at(x)).abs() < 1e-3);
            prop_assert!(wiggle(seed, x, 5).abs() <= 1.0);
            prop_assert!(octaves(wander, seed, x, 5).abs() <= 1.0);
            prop_assert!((wander(seed, x + 1e-4) - wander(seed, x)).abs() < 1e-3);
        }
    }

    #[test]
    fn noise_is_the_same_everywhere() {
        // From the same formula in another language.
        let got = [0.5, 1.25, -3.5, 1e6 + 0.75].map(|x| noise(42, x));
        let want = [
            -0.10664395012931382,
            0.2382866061099211,
            0.007553240066437095,
            -0.029062423006231075,
        ];
        for (got, want) in got.into_iter().zip(want) {
            assert!((got - want).abs() < 1e-12, "{got}");
        }
    }
}
