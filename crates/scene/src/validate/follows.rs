//! Rules of what begins when something else is over.

use super::Check;
use crate::shared::fresh;
use crate::{Clocked, Id, Scene, Start};
use std::collections::HashMap;

/// Something that has a clock, and where it stands in the document.
struct Placed<'a> {
    one: Clocked<'a>,
    at: String,
    is_fresh: bool,
}

impl Check<'_> {
    /// Whether what is followed is there, and is over at some time. Looked at where the follower is new: what goes while somebody
    /// waits for it lets that begin.
    pub(super) fn follows(&mut self, scene: &Scene, before: Option<&Scene>) {
        if !scene.clocked().any(|one| followed(one).is_some()) {
            return;
        }
        let fresh_ones = match before {
            None => vec![true; scene.animations.len() + scene.timelines.len()],
            Some(before) => {
                let mut all = fresh(&before.animations, &scene.animations);
                all.extend(fresh(&before.timelines, &scene.timelines));
                all
            }
        };
        let animations = scene.animations.len();
        let all: Vec<Placed<'_>> = scene
            .clocked()
            .zip(fresh_ones)
            .enumerate()
            .map(|(i, (one, is_fresh))| Placed {
                one,
                at: match i.checked_sub(animations) {
                    None => format!("/animations/{i}/start/after"),
                    Some(i) => format!("/timelines/{i}/start/after"),
                },
                is_fresh,
            })
            .collect();
        let index: HashMap<&Id, usize> = all.iter().map(|one| one.one.id()).zip(0..).collect();
        for (i, placed) in all.iter().enumerate().filter(|(_, placed)| placed.is_fresh) {
            // That nothing follows itself is said elsewhere.
            let Some(id) = followed(placed.one).filter(|id| *id != placed.one.id()) else {
                continue;
            };
            let detail = match index.get(id) {
                None => format!(
                    "there is no animation or timeline `{id}`; what is over may have been taken out"
                ),
                Some(other) if is_never_over(all[*other].one) => {
                    format!("`{id}` is never over as it runs now, so that nothing can follow it")
                }
                Some(_) if is_first_of_ring(i, &all, &index) => format!(
                    "`{}` would wait for itself, by way of `{id}`",
                    placed.one.id()
                ),
                Some(_) => continue,
            };
            self.invalid(&placed.at, detail);
        }
    }
}

/// What it waits for to be over.
fn followed(one: Clocked<'_>) -> Option<&Id> {
    match one.start() {
        Start::After(id, _) => Some(id),
        _ => None,
    }
}

/// Whether it has no end as it runs: endless, held, or with a point to pause at before it. What is yet to be done to it may
/// change that.
fn is_never_over(one: Clocked<'_>) -> bool {
    match one {
        Clocked::Animation(one) => {
            one.verbs.is_empty() && one.playback().ends_at(&one.timing).is_none()
        }
        Clocked::Timeline(one) if one.waits() => {
            !one.stops_ms().is_empty() || !one.laid_timing().end_ms().is_finite()
        }
        Clocked::Timeline(one) => one.verbs.is_empty() && one.ends_at().is_none(),
    }
}

/// Whether the way from one to what it follows, and so on, comes back to it, and it is the first there that is new: a ring is
/// one fault.
fn is_first_of_ring(first: usize, all: &[Placed<'_>], index: &HashMap<&Id, usize>) -> bool {
    let mut at = first;
    for _ in 0..all.len() {
        let next = followed(all[at].one).and_then(|id| index.get(id));
        let Some(next) = next else { return false };
        at = *next;
        if at == first {
            return true;
        }
        if at < first && all[at].is_fresh {
            return false;
        }
    }
    false
}
