//! What has come to rest is not worked out again.

use media::ShowTime;

/// Whether the value of one property has come to rest, and whether that value stands in the layer already.
///
/// A memory of what was written last, not of what was asked before: at a time before its rest a property is worked out
/// whatever came in between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    /// The first show time from which on the value is the same for ever.
    from: Option<ShowTime>,
    written: bool,
}

impl Rest {
    /// Rests when the last of what moves the property does; `None` among them is one that never does.
    pub(crate) fn after(moving: impl Iterator<Item = Option<ShowTime>>) -> Self {
        // As of the beginning of time where nothing moves it.
        let start = Some(ShowTime::from_nanos(i64::MIN));
        let from = moving.fold(start, |last, one| Some(last?.max(one?)));
        Self {
            from,
            written: false,
        }
    }

    /// Whether nothing is to be written at `t`; where there is, the caller writes it now.
    pub(crate) fn lies_still(&mut self, t: ShowTime) -> bool {
        let rests = self.from.is_some_and(|from| t >= from);
        std::mem::replace(&mut self.written, rests) && rests
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_once_each_time_it_comes_to_rest() {
        let at = ShowTime::from_nanos;
        let mut rest = Rest::after([Some(at(10)), Some(at(20))].into_iter());
        let stills = [5, 20, 21, 30, 19, 30, 31].map(|t| rest.lies_still(at(t)));
        assert_eq!(stills, [false, false, true, true, false, false, true]);
        let mut moves = Rest::after([Some(at(10)), None].into_iter());
        assert!(![15, 16].map(|t| moves.lies_still(at(t))).contains(&true));
    }
}
