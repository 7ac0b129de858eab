//! `linear()`.

use crate::{Error, value::lerp};
use std::sync::Arc;

/// Straight pieces through points.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearPoints {
    /// As given.
    stops: Arc<[LinearStop]>,
    /// Each stop as progress in, progress out; inputs never fall.
    points: Arc<[(f64, f64)]>,
}

/// One point of [`LinearPoints`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearStop {
    /// Eased progress there.
    pub output: f64,
    /// Progress in percent; `None` spreads it evenly between its neighbours (the first is 0, the last 100).
    pub at_percent: Option<f64>,
}

impl LinearPoints {
    /// The pieces through `stops`; one placed before an earlier one moves up to it.
    ///
    /// # Errors
    /// [`Error::LinearStopCount`] with fewer than two, [`Error::EasingRange`] for an output or a percentage beyond 1e6.
    pub fn new(stops: Vec<LinearStop>) -> Result<Self, Error> {
        let count = stops.len();
        if count < 2 {
            return Err(Error::LinearStopCount { count });
        }
        super::check_range(stops.iter().map(|stop| stop.output))?;
        super::check_range(stops.iter().filter_map(|stop| stop.at_percent))?;
        let mut points: Vec<(f64, f64)> = Vec::with_capacity(count);
        // The last stop whose place is fixed.
        let (mut fixed, mut reached) = (0, f64::NEG_INFINITY);
        for (index, stop) in stops.iter().enumerate() {
            let input = match stop.at_percent {
                Some(percent) => (percent / 100.0).max(reached),
                None if index == 0 => 0.0,
                None if index + 1 == count => reached.max(1.0),
                None => continue,
            };
            for (gap, between) in stops[points.len()..index].iter().enumerate() {
                let share = (gap + 1) as f64 / (index - fixed) as f64;
                points.push((lerp(reached, input, share), between.output));
            }
            points.push((input, stop.output));
            (fixed, reached) = (index, input);
        }
        Ok(Self {
            stops: stops.into(),
            points: points.into(),
        })
    }

    /// The points as given.
    pub fn stops(&self) -> &[LinearStop] {
        &self.stops
    }

    pub(super) fn at(&self, p: f64) -> f64 {
        // The piece that begins at the last point at or before p; the first and last piece go on beyond their ends.
        let after = self
            .points
            .partition_point(|&(input, _)| input <= p)
            .clamp(1, self.points.len() - 1);
        let ((in_a, out_a), (in_b, out_b)) = (self.points[after - 1], self.points[after]);
        let width = in_b - in_a;
        if width == 0.0 {
            out_b
        } else {
            // Beyond a piece of no width worth the name there is no telling where it leads.
            let along = ((p - in_a) / width).clamp(-super::FARTHEST, super::FARTHEST);
            lerp(out_a, out_b, along)
        }
    }
}
