//! Layers that hide when nobody refreshes them: `ttl_ms`.
//!
//! A program that dies must not leave a stale price on screen. Every write to such a layer renews its lease; when it
//! runs out the layer is hidden, and the next write shows it again.

use crate::operation::{About, Change};
use crate::problem::Error;
use scene::{Id, Layer, Limits, Scene};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How the hiding is called in the history.
pub(crate) const METHOD: &str = "layer.expire";

/// The leases of all layers that have one.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    held: Mutex<HashMap<Id, Lease>>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
enum Lease {
    Until(Instant),
    /// It ran out, and the layer was hidden for it.
    Over,
}

impl Leases {
    /// Those layers were written.
    pub(crate) fn renew<'a>(&self, layers: impl Iterator<Item = &'a Layer>) {
        let mut held = self.held();
        let mut changed = false;
        for layer in layers {
            changed = true;
            match layer.ttl_ms {
                // A hidden layer has nothing to lose; one that is over stays so until it is shown.
                Some(_) if !layer.visible && matches!(held.get(&layer.id), Some(Lease::Over)) => {}
                Some(ms) => {
                    let until = Instant::now() + Duration::from_secs_f64(ms / 1000.0);
                    held.insert(layer.id.clone(), Lease::Until(until));
                }
                None => {
                    held.remove(&layer.id);
                }
            }
        }
        if changed {
            self.changed.notify_one();
        }
    }

    /// Shows layers again that their leases hid and that somebody writes to now, unless it is to hide them.
    ///
    /// # Errors
    /// [`Error::Invalid`] where they may not be shown beside what others show by now; they stay hidden for their leases.
    pub(crate) fn wake(
        &self,
        before: &Scene,
        change: &mut Change,
        limits: &Limits,
    ) -> Result<(), Error> {
        let mut woken = false;
        for (id, hides) in &change.written {
            if *hides || !self.is_over(id) {
                continue;
            }
            let was_hidden = before
                .layers
                .iter()
                .any(|one| one.id == *id && !one.visible);
            let shown = change.scene.layers.iter_mut().find(|one| one.id == *id);
            if let Some(one) = shown.filter(|_| was_hidden) {
                one.visible = true;
                woken = true;
            }
            if let About::Layer(layer) = &mut change.about
                && was_hidden
            {
                layer.visible = true;
            }
        }
        if woken {
            let faults = change.scene.faults_since(before, limits, &|_| true);
            if !faults.is_empty() {
                return Err(Error::Invalid(faults));
            }
        }
        for (id, _) in &change.written {
            self.forget(id);
        }
        Ok(())
    }

    /// Waits until leases have run out, and says whose. The layers are to be hidden then.
    pub(crate) async fn expired(&self) -> Vec<Id> {
        loop {
            let changed = self.changed.notified();
            let next = {
                let mut held = self.held();
                let now = Instant::now();
                let over: Vec<Id> = held
                    .iter()
                    .filter(|(_, lease)| matches!(lease, Lease::Until(until) if *until <= now))
                    .map(|(id, _)| id.clone())
                    .collect();
                if !over.is_empty() {
                    for id in &over {
                        held.insert(id.clone(), Lease::Over);
                    }
                    return over;
                }
                let times = held.values().filter_map(|lease| match lease {
                    Lease::Until(until) => Some(*until),
                    Lease::Over => None,
                });
                times.min()
            };
            match next {
                Some(until) => tokio::select! {
                    () = tokio::time::sleep_until(until) => {}
                    () = changed => {}
                },
                None => changed.await,
            }
        }
    }

    /// Whether a layer is hidden because its lease ran out.
    pub(crate) fn is_over(&self, id: &Id) -> bool {
        matches!(self.held().get(id), Some(Lease::Over))
    }

    /// No lease hides this layer any more; whether one did.
    pub(crate) fn forget(&self, id: &Id) -> bool {
        let mut held = self.held();
        matches!(held.get(id), Some(Lease::Over)) && held.remove(id).is_some()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Id, Lease>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
