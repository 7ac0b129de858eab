//! Changes that nobody asks for: waited for, and made when they are due.

use crate::Api;
use crate::control::{By, Condition, Pending};
use crate::operation::Change;
use crate::problem::Error;
use media::ShowTime;
use scene::Scene;
use std::time::Duration;
use tokio::sync::futures::Notified;

/// How long an engine that is too busy is left alone.
const BUSY: Duration = Duration::from_millis(20);

/// Waits until `next`, where there is such a time, and no longer than until something `changed`.
pub(crate) async fn wait(api: &Api, next: Option<ShowTime>, changed: Notified<'_>) {
    let Some(next) = next else {
        return changed.await;
    };
    let wait_ns = next.since(api.0.parts.handle.show_time()).max(0);
    tokio::select! {
        () = tokio::time::sleep(Duration::from_nanos(wait_ns.unsigned_abs())) => {}
        () = changed => {}
    }
}

/// Makes a change as soon as changes may be made. `None` where `change` finds nothing left to do, or the engine is too busy:
/// then it is time to look again.
pub(crate) async fn make(
    api: &Api,
    by: By<'_>,
    change: impl FnOnce(&Scene) -> Option<Change>,
) -> Option<Pending> {
    api.thawed().await;
    let mut is_due = true;
    let made = api.0.control.change(by, &Condition::default(), |scene| {
        let change = change(scene);
        is_due = change.is_some();
        change.ok_or_else(|| Error::NoSuchAnimation { id: String::new() })
    });
    if made.is_err() && is_due {
        tokio::time::sleep(BUSY).await;
    }
    made.ok()
}
