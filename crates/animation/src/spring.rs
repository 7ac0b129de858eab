//! Damped springs, in closed form.

use crate::Error;
use libm::{cos, exp, sin, sqrt};
use std::f64::consts::{PI, TAU};
use std::ops::RangeInclusive;

/// A mass on a damped spring.
///
/// Nothing is integrated: value and velocity at a time follow from the damped harmonic oscillator's closed form, so any
/// order of times gives the same values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spring {
    mass: f64,
    stiffness: f64,
    damping: f64,
}

/// Where something moves and how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// In the property's unit.
    pub value: f64,
    /// In the property's unit per second.
    pub velocity: f64,
}

/// Nothing is waited for longer than this, in milliseconds: a spring without damping never rests.
const MAX_SETTLE_MS: f64 = 60_000.0;

impl Spring {
    /// Masses that a spring may have, kg.
    pub const MASS: RangeInclusive<f64> = 0.1..=100.0;
    /// Stiffnesses that it may have, N/m.
    pub const STIFFNESS: RangeInclusive<f64> = 1.0..=10_000.0;
    /// Dampings that it may have, N s/m.
    pub const DAMPING: RangeInclusive<f64> = 0.0..=10_000.0;

    /// How long one swing may take, milliseconds: what the stiffness of a mass of 1 allows.
    pub const SWING_MS: RangeInclusive<f64> = 62.84..=6283.0;

    /// A spring by its physics: `mass` in kg, `stiffness` in N/m, `damping` in N s/m; the usual ones are 1, 100 and 10.
    ///
    /// Within these ranges nothing that is worked out of them is too large or too small for a number.
    ///
    /// # Errors
    /// [`Error::SpringRange`] unless each is in its range.
    pub fn new(mass: f64, stiffness: f64, damping: f64) -> Result<Self, Error> {
        for (field, value, range, allowed) in [
            ("mass", mass, Self::MASS, "0.1 to 100"),
            ("stiffness", stiffness, Self::STIFFNESS, "1 to 10000"),
            ("damping", damping, Self::DAMPING, "0 to 10000"),
        ] {
            if !range.contains(&value) {
                return Err(Error::SpringRange {
                    field,
                    value,
                    allowed,
                });
            }
        }
        Ok(Self {
            mass,
            stiffness,
            damping,
        })
    }

    /// A spring by how it looks: one swing takes `duration_ms`, and `bounce` is how much it overshoots: 0 not at all (critical
    /// damping), towards 1 more and more, below 0 it creeps.
    ///
    /// # Errors
    /// [`Error::SpringRange`] unless the swing is in its range, and the bounce between -1 and 1, both excluded, and not so near
    /// to -1 that the damping leaves its range.
    pub fn with_bounce(duration_ms: f64, bounce: f64) -> Result<Self, Error> {
        if !(bounce > -1.0 && bounce < 1.0) {
            return Err(Error::SpringRange {
                field: "bounce",
                value: bounce,
                allowed: "above -1 and below 1",
            });
        }
        if !Self::SWING_MS.contains(&duration_ms) {
            return Err(Error::SpringRange {
                field: "duration_ms",
                value: duration_ms,
                allowed: "62.84 to 6283",
            });
        }
        let duration_s = duration_ms / 1000.0;
        let stiffness = (TAU / duration_s) * (TAU / duration_s);
        let damping = if bounce >= 0.0 {
            4.0 * PI * (1.0 - bounce) / duration_s
        } else {
            4.0 * PI / (duration_s * (1.0 + bounce))
        };
        if !Self::DAMPING.contains(&damping) {
            return Err(Error::SpringRange {
                field: "bounce",
                value: bounce,
                allowed: "what damps by 10000 at most, which lies nearer to 0",
            });
        }
        Self::new(1.0, stiffness, damping)
    }

    /// Mass, stiffness and damping.
    pub const fn physics(&self) -> [f64; 3] {
        [self.mass, self.stiffness, self.damping]
    }

    /// Value and velocity `elapsed_ms` after it was let go at `from`, drawn towards `target`; before that, `from` itself.
    pub fn at(&self, from: Motion, target: f64, elapsed_ms: f64) -> Motion {
        let t = elapsed_ms.max(0.0) / 1000.0;
        let natural = sqrt(self.stiffness / self.mass);
        let ratio = self.damping / (2.0 * sqrt(self.stiffness * self.mass));
        let (x0, v0) = (from.value - target, from.velocity);
        let (x, v) = if (ratio - 1.0).abs() < 1e-9 {
            let slope = v0 + natural * x0;
            let decay = exp(-natural * t);
            ((x0 + slope * t) * decay, (v0 - natural * slope * t) * decay)
        } else if ratio < 1.0 {
            let damped = natural * sqrt(1.0 - ratio * ratio);
            let rate = ratio * natural;
            let b = (v0 + rate * x0) / damped;
            let (decay, c, s) = (exp(-rate * t), cos(damped * t), sin(damped * t));
            (
                decay * (x0 * c + b * s),
                decay * ((b * damped - rate * x0) * c - (x0 * damped + rate * b) * s),
            )
        } else {
            let spread = natural * sqrt(ratio * ratio - 1.0);
            let (slow, fast) = (-ratio * natural + spread, -ratio * natural - spread);
            let a = (v0 - fast * x0) / (slow - fast);
            let (a, b) = (a * exp(slow * t), (x0 - a) * exp(fast * t));
            (a + b, a * slow + b * fast)
        };
        Motion {
            value: target + x,
            velocity: v,
        }
    }

    /// The first time in milliseconds after which it stays within a thousandth of the way `from` had to go and is slower
    /// than a hundredth of it per second; a minute where it may be later than that.
    pub fn settle_ms(&self, from: Motion, target: f64) -> f64 {
        let range = (from.value - target).abs().max(from.velocity.abs());
        if range == 0.0 {
            return 0.0;
        }
        let rests = |ms: f64| {
            let motion = self.at(from, target, ms);
            (motion.value - target).abs() < 0.001 * range && motion.velocity.abs() < 0.01 * range
        };
        // From where all that bounds its swings has died away, back in steps of a small part of a swing; what creeps has none,
        // and goes in steps of its slow part. Some hundred steps at most, whatever the spring.
        let natural = sqrt(self.stiffness / self.mass);
        let ratio = self.damping / (2.0 * sqrt(self.stiffness * self.mass));
        let slowest = if ratio > 1.0 {
            natural * (ratio - sqrt(ratio * ratio - 1.0))
        } else {
            natural
        };
        let step = 1000.0 * TAU / slowest / 128.0;
        let mut late = self.rest_ms(from, target, 0.001);
        // What swings for more than a minute may seem to rest after one.
        if late >= MAX_SETTLE_MS || !rests(late) {
            return late;
        }
        // Value and velocity are furthest off where their slopes turn, which may be for less than a step.
        let slopes: [&dyn Fn(Motion) -> f64; 2] = [&|motion| motion.velocity, &|motion| {
            self.damping * motion.velocity + self.stiffness * (motion.value - target)
        }];
        let mut early = loop {
            let early = (late - step).max(0.0);
            let turns = slopes.map(|slope| {
                let slope = |ms: f64| slope(self.at(from, target, ms));
                zero_between(early, late, slope).filter(|&ms| !rests(ms))
            });
            if let Some(ms) = turns.into_iter().flatten().reduce(f64::max) {
                break ms;
            }
            if !rests(early) {
                break early;
            }
            if early == 0.0 {
                return 0.0;
            }
            late = early;
        };
        for _ in 0..48 {
            let middle = 0.5 * (early + late);
            if rests(middle) {
                late = middle;
            } else {
                early = middle;
            }
        }
        late
    }
}

impl Spring {
    /// A time in milliseconds after which it stays within `part` of the way `from` had to go, and is slower than ten times
    /// that per second; at most a minute. By what bounds its swings, so it may be later than need be by one of them, and costs
    /// the same whatever the spring.
    pub fn rest_ms(&self, from: Motion, target: f64, part: f64) -> f64 {
        let range = (from.value - target).abs().max(from.velocity.abs());
        if range == 0.0 {
            return 0.0;
        }
        let natural = sqrt(self.stiffness / self.mass);
        let ratio = self.damping / (2.0 * sqrt(self.stiffness * self.mass));
        let (x0, v0) = (from.value - target, from.velocity);
        // Values are within `height`, and velocities within `height * speed`, times what decays at `rate`.
        let (height, speed, rate) = if ratio < 1.0 - 1e-6 {
            let damped = natural * sqrt(1.0 - ratio * ratio);
            let rate = ratio * natural;
            let b = (v0 + rate * x0) / damped;
            (sqrt(x0 * x0 + b * b), natural, rate)
        } else if ratio > 1.0 + 1e-6 {
            let spread = natural * sqrt(ratio * ratio - 1.0);
            let (slow, fast) = (ratio * natural - spread, ratio * natural + spread);
            let a = (v0 + fast * x0) / (fast - slow);
            (a.abs() + (x0 - a).abs(), fast, slow)
        } else {
            // x0 + slope t, which half of the decay holds down: t e^(-n t / 2) is at most 2 / (e n).
            let slope = v0 + natural * x0;
            let height = x0.abs() + slope.abs() * 2.0 / (std::f64::consts::E * natural);
            (height, 2.0 * natural, 0.5 * natural)
        };
        let over = (height / range).max(height * speed / (10.0 * range)) / part;
        if over <= 1.0 {
            return 0.0;
        }
        (1000.0 * libm::log(over) / rate).min(MAX_SETTLE_MS)
    }
}

/// Where a function that has at most one zero between two times has it; `None` where both its values are on one side.
fn zero_between(early: f64, late: f64, value: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut early, mut late) = (early, late);
    let begins = value(early) < 0.0;
    if begins == (value(late) < 0.0) {
        return None;
    }
    for _ in 0..48 {
        let middle = 0.5 * (early + late);
        if (value(middle) < 0.0) == begins {
            early = middle;
        } else {
            late = middle;
        }
    }
    Some(late)
}

/// A way of given duration that begins with a given velocity and ends at rest: a cubic Hermite curve.
///
/// What a tween becomes that is sent elsewhere on its way: its value and its velocity have no jump.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hermite {
    /// Where it begins, and how fast.
    pub from: Motion,
    /// Where it ends, at rest.
    pub to: f64,
    /// How long it takes; 0 or above.
    pub duration_ms: f64,
}

impl Hermite {
    /// Value and velocity `elapsed_ms` after the beginning; held before and after.
    pub fn at(&self, elapsed_ms: f64) -> Motion {
        if elapsed_ms >= self.duration_ms {
            return Motion {
                value: self.to,
                velocity: 0.0,
            };
        }
        if elapsed_ms <= 0.0 {
            return self.from;
        }
        let d = self.duration_ms / 1000.0;
        let s = elapsed_ms / self.duration_ms;
        let (s2, s3) = (s * s, s * s * s);
        let (h00, h10, h01) = (
            2.0 * s3 - 3.0 * s2 + 1.0,
            s3 - 2.0 * s2 + s,
            3.0 * s2 - 2.0 * s3,
        );
        let (g00, g10) = (6.0 * s2 - 6.0 * s, 3.0 * s2 - 4.0 * s + 1.0);
        let Motion { value, velocity } = self.from;
        Motion {
            value: h00 * value + h10 * d * velocity + h01 * self.to,
            velocity: (g00 * (value - self.to)) / d + g10 * velocity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REST: Motion = Motion {
        value: 0.0,
        velocity: 0.0,
    };

    proptest! {
        #[test]
        fn it_rests_when_it_is_said_to(
            mass in 0.1..100.0_f64, stiffness in 1.0..10_000.0_f64, bounce in -0.9..0.9_f64,
            value in -10.0..10.0_f64, velocity in -100.0..100.0_f64, later_ms in 0.0..5000.0_f64,
        ) {
            let damping = 2.0 * sqrt(mass * stiffness) * (1.0 - bounce);
            let spring = Spring::new(mass, stiffness, damping).unwrap();
            let from = Motion { value, velocity };
            let rest_ms = spring.rest_ms(from, 3.0, 1e-4);
            let range = (value - 3.0).abs().max(velocity.abs());
            let motion = spring.at(from, 3.0, rest_ms + later_ms);
            prop_assert!(rest_ms >= MAX_SETTLE_MS || (motion.value - 3.0).abs() <= 1.001e-4 * range);
            prop_assert!(rest_ms >= MAX_SETTLE_MS || motion.velocity.abs() <= 1.001e-3 * range);
        }

        /// What is found by going back from where it rests for sure is what is found by going back from much later.
        #[test]
        fn it_settles_when_it_is_said_to(
            mass in 0.1..100.0_f64, stiffness in 1.0..10_000.0_f64, ratio in 0.05..20.0_f64, velocity in -1000.0..1000.0_f64,
        ) {
            let damping = (2.0 * sqrt(mass * stiffness) * ratio).min(10_000.0);
            let spring = Spring::new(mass, stiffness, damping).unwrap();
            let from = Motion { value: 0.0, velocity };
            let settle_ms = spring.settle_ms(from, 1.0);
            let range = velocity.abs().max(1.0);
            let rests = |ms: f64| {
                let motion = spring.at(from, 1.0, ms);
                (motion.value - 1.0).abs() < 0.001 * range && motion.velocity.abs() < 0.01 * range
            };
            prop_assert!(settle_ms >= MAX_SETTLE_MS || !rests(settle_ms * (1.0 - 1e-9) - 1e-9), "{} is too late", settle_ms);
            for k in 0..200 {
                let later_ms = settle_ms * (1.0 + f64::from(k) / 100.0) + 1e-9;
                prop_assert!(settle_ms >= MAX_SETTLE_MS || rests(later_ms), "{} is too early: {}", settle_ms, later_ms);
            }
        }

        /// The closed form solves the equation: its velocity is its derivative, and m x'' + c x' + k x = 0.
        #[test]
        fn it_solves_its_equation(
            mass in 0.1..10.0_f64, stiffness in 1.0..1000.0_f64, damping in 0.0..200.0_f64,
            value in -10.0..10.0_f64, velocity in -100.0..100.0_f64, at_ms in 1.0..2000.0_f64,
        ) {
            let spring = Spring::new(mass, stiffness, damping).unwrap();
            let at = |ms| spring.at(Motion { value, velocity }, 3.0, ms);
            let h = 0.01;
            let (before, now, after) = (at(at_ms - h), at(at_ms), at(at_ms + h));
            let slope = (after.value - before.value) / (2.0 * h / 1000.0);
            let acceleration = (after.velocity - before.velocity) / (2.0 * h / 1000.0);
            let scale = 1.0 + value.abs() + velocity.abs();
            prop_assert!((slope - now.velocity).abs() < 1e-2 * scale, "{slope} {now:?}");
            let force = mass * acceleration + damping * now.velocity + stiffness * (now.value - 3.0);
            prop_assert!(force.abs() < 1e-2 * scale * (mass + damping + stiffness), "{force}");
        }

        /// A spring that is let go again where it is goes on as if nothing had happened.
        #[test]
        fn it_can_be_cut_anywhere(damping in 0.0..40.0_f64, cut_ms in 0.0..1000.0_f64, more_ms in 0.0..1000.0_f64) {
            let spring = Spring::new(1.0, 100.0, damping).unwrap();
            let whole = spring.at(REST, 1.0, cut_ms + more_ms);
            let cut = spring.at(spring.at(REST, 1.0, cut_ms), 1.0, more_ms);
            prop_assert!((whole.value - cut.value).abs() < 1e-9 && (whole.velocity - cut.velocity).abs() < 1e-7);
        }
    }

    /// What overshoots by a hair, for less than a step of the search, has not settled before that.
    #[test]
    fn a_hump_that_barely_leaves_counts() {
        let (mass, stiffness) = (85.406_853_732_685_33, 3_228.362_010_989_873);
        let ratio = 9.633_981_534_348_354;
        let damping = (2.0 * sqrt(mass * stiffness) * ratio).min(10_000.0);
        let spring = Spring::new(mass, stiffness, damping).unwrap();
        let from = Motion {
            value: 0.0,
            velocity: 132.645_939_974_880_4,
        };
        let settle_ms = spring.settle_ms(from, 1.0);
        for ms in 1..2000 {
            let off = spring.at(from, 1.0, settle_ms + f64::from(ms)).value - 1.0;
            assert!(
                off.abs() < 0.001 * from.velocity,
                "{settle_ms} + {ms}: {off}"
            );
        }
    }

    #[test]
    fn it_rests_when_it_says_so() {
        for (damping, bounce) in [(20.0, 0.0), (10.0, 0.5), (2.0, 0.9), (60.0, -2.0)] {
            let spring = Spring::new(1.0, 100.0, damping).unwrap();
            let settle = spring.settle_ms(REST, 1.0);
            assert!((50.0..20_000.0).contains(&settle), "{bounce}: {settle}");
            for k in 0..1000 {
                let motion = spring.at(REST, 1.0, settle + 0.001 + f64::from(k) * 7.0);
                assert!((motion.value - 1.0).abs() < 0.001 && motion.velocity.abs() < 0.01);
            }
            let before = spring.at(REST, 1.0, settle - 1.0);
            assert!((before.value - 1.0).abs() >= 0.000_9 || before.velocity.abs() >= 0.009);
        }
        let endless = Spring::new(1.0, 100.0, 0.0).unwrap();
        assert!((endless.settle_ms(REST, 1.0) - MAX_SETTLE_MS).abs() < 1e-9);
    }

    #[test]
    fn a_bounce_is_one_minus_the_damping_ratio() {
        let [mass, stiffness, damping] = Spring::with_bounce(500.0, 0.3).unwrap().physics();
        assert!((damping / (2.0 * sqrt(stiffness * mass)) - 0.7).abs() < 1e-12);
    }

    #[test]
    fn hostile_numbers_are_refused_by_their_names() {
        for (made, named) in [
            (Spring::new(0.0, 1.0, 1.0), "mass"),
            (Spring::new(1e-300, 1e300, 1e300), "mass"),
            (Spring::new(f64::INFINITY, 1.0, 1.0), "mass"),
            (Spring::new(1.0, -1.0, 1.0), "stiffness"),
            (Spring::new(1.0, 1e308, 1.0), "stiffness"),
            (Spring::new(1.0, 1.0, f64::NAN), "damping"),
            (Spring::new(1.0, 1.0, 10_001.0), "damping"),
            (Spring::with_bounce(0.0, 0.0), "duration_ms"),
            (Spring::with_bounce(-500.0, 0.0), "duration_ms"),
            (Spring::with_bounce(f64::NAN, 0.0), "duration_ms"),
            (Spring::with_bounce(7000.0, 0.0), "duration_ms"),
            (Spring::with_bounce(500.0, 1.0), "bounce"),
            (Spring::with_bounce(500.0, -0.999_999), "bounce"),
        ] {
            match made {
                Err(Error::SpringRange { field, .. }) => assert_eq!(field, named),
                other => panic!("{named}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_hermite_way_begins_as_fast_as_it_was() {
        let from = Motion {
            value: 62.0,
            velocity: 240.0,
        };
        let way = Hermite {
            from,
            to: 0.0,
            duration_ms: 400.0,
        };
        let slope = (way.at(0.01).value - 62.0) / 0.000_01;
        assert!((slope - 240.0).abs() < 0.1, "{slope}");
        assert!(way.at(399.999).velocity.abs() < 0.01);
        assert_eq!(way.at(-1.0), from);
    }
}
