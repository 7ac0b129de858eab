//! Starts of many animations, one after the other.

use crate::Easing;
use crate::noise::Random;

/// Delays for the elements of a row or a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Stagger {
    /// How the distance from the origin becomes a delay.
    pub spread: Spread,
    /// The element (or place between elements) that begins.
    pub from: Origin,
    /// The number of columns when the elements stand in a grid, row by row; distances are then in the plane. At least 1.
    pub columns: Option<usize>,
    /// How delays are distributed over the distance.
    pub easing: Easing,
}

/// How a distance becomes a delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// So many milliseconds for each step of distance.
    Each(f64),
    /// The farthest element begins so many milliseconds after the first.
    Amount(f64),
}

/// Where a stagger begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The first element.
    #[default]
    Start,
    /// The last element.
    End,
    /// The middle; with an even number of elements both middle ones begin.
    Center,
    /// Both ends.
    Edges,
    /// The element of this number, from 0; of the last one if there are fewer.
    Index(usize),
    /// In an order that follows from this seed.
    Random(u64),
}

impl Stagger {
    /// When each of `count` elements begins, milliseconds after the first.
    pub fn delays_ms(&self, count: usize) -> Vec<f64> {
        let mut distances = self.distances(count);
        // Half steps are no steps: where the middle lies between two elements, both are at distance 0.
        let nearest = distances.iter().copied().fold(f64::INFINITY, f64::min);
        for distance in &mut distances {
            *distance -= nearest;
        }
        let farthest = distances.iter().copied().fold(0.0, f64::max);
        if farthest == 0.0 {
            return vec![0.0; count];
        }
        let whole_ms = match self.spread {
            Spread::Each(each_ms) => each_ms * farthest,
            Spread::Amount(amount_ms) => amount_ms,
        };
        let delay = |distance: f64| match (self.spread, &self.easing) {
            (Spread::Each(each_ms), Easing::Linear) => distance * each_ms,
            _ => self.easing.at(distance / farthest, false) * whole_ms,
        };
        distances.into_iter().map(delay).collect()
    }

    fn distances(&self, count: usize) -> Vec<f64> {
        if let Origin::Random(seed) = self.from {
            return shuffled(count, seed);
        }
        let columns = self.columns.unwrap_or(count).clamp(1, count.max(1));
        let rows = count.div_ceil(columns);
        (0..count)
            .map(|i| {
                let (x, y) = (i % columns, i / columns);
                let across = self.along(x, columns, |index| index.min(count - 1) % columns);
                let down = self.along(y, rows, |index| index.min(count - 1) / columns);
                match self.from {
                    // To the nearest edge of either kind; a single row has no upper and lower one.
                    Origin::Edges if rows > 1 && columns > 1 => across.min(down),
                    Origin::Edges if rows > 1 => down,
                    Origin::Edges => across,
                    _ if rows == 1 => across,
                    _ => libm::hypot(across, down),
                }
            })
            .collect()
    }

    /// Distance from the origin along one axis of `count` places.
    fn along(&self, place: usize, count: usize, of_index: impl Fn(usize) -> usize) -> f64 {
        let last = count - 1;
        match self.from {
            Origin::Start | Origin::Random(_) => place as f64,
            Origin::End => (last - place) as f64,
            Origin::Center => (place as f64 - last as f64 / 2.0).abs(),
            Origin::Edges => place.min(last - place) as f64,
            Origin::Index(index) => place.abs_diff(of_index(index)) as f64,
        }
    }
}

/// The places of `count` elements in an order by chance (Fisher and Yates).
fn shuffled(count: usize, seed: u64) -> Vec<f64> {
    let mut random = Random::new(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        order.swap(i, random.below(i + 1));
    }
    let mut places = vec![0.0; count];
    for (place, element) in order.into_iter().enumerate() {
        places[element] = place as f64;
    }
    places
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sums of whole numbers are exact")]
mod tests {
    use super::*;

    fn delays(from: Origin, count: usize) -> Vec<f64> {
        let stagger = Stagger {
            spread: Spread::Each(100.0),
            from,
            columns: None,
            easing: Easing::Linear,
        };
        stagger.delays_ms(count)
    }

    #[test]
    fn distances_are_counted_from_the_origin() {
        for (from, want) in [
            (Origin::Start, [0.0, 100.0, 200.0, 300.0]),
            (Origin::End, [300.0, 200.0, 100.0, 0.0]),
            (Origin::Center, [100.0, 0.0, 0.0, 100.0]),
            (Origin::Edges, [0.0, 100.0, 100.0, 0.0]),
            (Origin::Index(1), [100.0, 0.0, 100.0, 200.0]),
            (Origin::Index(9), [300.0, 200.0, 100.0, 0.0]),
        ] {
            assert_eq!(delays(from, 4), want, "{from:?}");
        }
        assert_eq!(delays(Origin::Center, 1), [0.0]);
        assert!(delays(Origin::Edges, 0).is_empty());
    }

    #[test]
    fn a_seed_gives_one_order_and_another_seed_another() {
        let mut sorted = delays(Origin::Random(7), 20);
        assert_eq!(sorted, delays(Origin::Random(7), 20));
        assert_ne!(sorted, delays(Origin::Random(8), 20));
        sorted.sort_by(f64::total_cmp);
        assert_eq!(sorted, delays(Origin::Start, 20));
    }

    #[test]
    fn a_grid_spreads_in_circles() {
        let stagger = Stagger {
            spread: Spread::Amount(1000.0),
            from: Origin::Center,
            columns: Some(3),
            easing: "quad-out".parse().unwrap(),
        };
        let delays = stagger.delays_ms(9);
        assert_eq!(delays[4], 0.0);
        assert!(delays[0] > delays[1] && (delays[0] - 1000.0).abs() < 1e-9);
        assert_eq!(delays[1], delays[3]);
    }
}
