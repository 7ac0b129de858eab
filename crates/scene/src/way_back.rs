//! Playing backwards what never ends: it has a beginning to come to, but no end to come from.

use crate::{Clocked, Verb};
use media::ShowTime;

impl Clocked<'_> {
    /// The first of `verbs` that would play backwards at `now` what never ends and has not left its beginning, where Web
    /// Animations throws: there would be nothing to play. Nothing is done to what still waits.
    pub fn has_no_way_back(self, verbs: &[Verb], now: ShowTime) -> Option<Verb> {
        let (mut playback, timing) = match self {
            Self::Animation(one) => (one.playback(), one.timing.clone()),
            Self::Timeline(one) => (one.playback(), one.laid_timing()),
        };
        if timing.end_ms().is_finite() || self.waits() || !self.is_settled() {
            return None;
        }
        verbs.iter().copied().find(|verb| {
            verb.apply(&mut playback, &timing, now);
            let runs = matches!(verb, Verb::Resume | Verb::Rate(_) | Verb::Reverse);
            runs && playback.rate() < 0.0 && playback.local_ms(now) <= 0.0
        })
    }
}
