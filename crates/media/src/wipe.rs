//! How much of a place shows while a wipe passes over it.

use std::ops::{Add, Div, Mul, Sub};

/// How much shows, 0..=1, at a place that lies at `value`, 0..=1 along the wipe (or the luma of a wipe's picture), at `progress`.
///
/// `softness` is the width of the edge as a share of the whole way; 0 is a hard edge. Nothing shows at progress 0, and all of
/// it at 1. One text for what is drawn, in `f32`, and for what is checked to more digits, in `f64`.
#[inline(always)]
pub fn wipe_shows<T>(value: T, softness: T, progress: T) -> T
where
    T: Copy
        + PartialOrd
        + From<f32>
        + Add<Output = T>
        + Sub<Output = T>
        + Mul<Output = T>
        + Div<Output = T>,
{
    let (none, all) = (T::from(0.0), T::from(1.0));
    if softness <= none {
        let shows = progress >= all || value < progress;
        return if shows { all } else { none };
    }
    let shown = (progress * (all + softness) - value) / softness;
    // What is not a number stays that.
    if shown < none {
        none
    } else if shown > all {
        all
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wipe_begins_with_nothing_and_ends_with_all() {
        for softness in [0.0, 0.1, 1.0] {
            for value in [0.0, 0.25, 1.0] {
                let ends = [0.0, 1.0].map(|progress| wipe_shows::<f64>(value, softness, progress));
                assert!(
                    ends[0].to_bits() == 0 && (ends[1] - 1.0).abs() < 1e-12,
                    "{value} {softness}: {ends:?}"
                );
            }
        }
    }
}
