//! What begins when something else is over, and whether that can ever be.
//!
//! These rules are for what somebody asks for. A scene that was kept need not keep them: whom one waited for may have gone
//! since, and then it begins at once.

use crate::rings::rings;
use crate::shared::fresh;
use crate::{Clocked, Fault, Id, Scene, Start};
use std::collections::HashMap;

impl Scene {
    /// Starts that nobody should ask for, in document order: after what is not there, after what never ends, and in a ring.
    /// They are no [faults](Self::faults): what cannot be waited for begins at once.
    ///
    /// Only followers that `before` lacks are looked at, or all of them where there is no such scene. Cost: linear in what has
    /// a clock.
    pub fn vain_starts(&self, before: Option<&Self>) -> Vec<Fault> {
        if !self.clocked().any(|one| followed(one).is_some()) {
            return Vec::new();
        }
        let is_fresh = match before {
            None => vec![true; self.animations.len() + self.timelines.len()],
            Some(before) => {
                let mut all = fresh(&before.animations, &self.animations);
                all.extend(fresh(&before.timelines, &self.timelines));
                all
            }
        };
        let all: Vec<Clocked<'_>> = self.clocked().collect();
        let mut index: HashMap<&Id, usize> = HashMap::with_capacity(all.len());
        for (i, one) in all.iter().enumerate() {
            index.entry(one.id()).or_insert(i);
        }
        let next: Vec<Option<usize>> = all
            .iter()
            .map(|one| followed(*one).and_then(|id| index.get(id).copied()))
            .collect();
        let rings = rings(&next);
        let mut faults = Vec::new();
        for (i, one) in all.iter().enumerate().filter(|(i, _)| is_fresh[*i]) {
            // That nothing follows itself is a fault of the scene.
            let Some(id) = followed(*one).filter(|id| *id != one.id()) else {
                continue;
            };
            let first_of = |ring: &Vec<usize>| ring.iter().find(|at| is_fresh[**at]) == Some(&i);
            let detail = match next[i] {
                None => format!(
                    "there is no animation or timeline `{id}`; what is over may have been taken out"
                ),
                Some(other) if !all[other].can_end() => {
                    format!("`{id}` never ends, so that nothing can follow it")
                }
                // A ring is one fault.
                Some(_) if rings.iter().any(first_of) => {
                    format!("`{}` would wait for itself, by way of `{id}`", one.id())
                }
                Some(_) => continue,
            };
            let at = match i.checked_sub(self.animations.len()) {
                None => format!("/animations/{i}/start/after"),
                Some(i) => format!("/timelines/{i}/start/after"),
            };
            faults.push(Fault::invalid(at, detail));
        }
        faults
    }
}

/// What it waits for to be over.
fn followed(one: Clocked<'_>) -> Option<&Id> {
    match one.start() {
        Start::After(id, _) => Some(id),
        _ => None,
    }
}
