//! What happened, for whoever listens: numbered, kept for a while, never waited for.

use axum::extract::ws::Utf8Bytes;
use engine::Applied;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// Events kept for those who come back.
const KEPT: usize = 4096;
/// Bytes of them.
const KEPT_BYTES: usize = 8 << 20;
/// Events that a reader may be behind before it is cut off.
const BEHIND: usize = 1024;

/// One thing that happened.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) seq: u64,
    pub(crate) kind: &'static str,
    /// When, nanoseconds since 1970 UTC.
    pub(crate) at_unix_ns: i64,
    /// The notification, written once for all readers.
    pub(crate) text: Utf8Bytes,
}

/// All that happened lately.
#[derive(Debug)]
pub(crate) struct Events {
    /// Of this process: numbers begin anew with each.
    epoch: String,
    kept: Mutex<Kept>,
    live: broadcast::Sender<Arc<Event>>,
}

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    bytes: usize,
    events: VecDeque<Arc<Event>>,
}

/// Where a reader stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct After {
    pub(crate) epoch: String,
    pub(crate) seq: u64,
}

/// What a reader gets.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// What it missed, unless that is no longer known.
    pub(crate) missed: Option<Vec<Arc<Event>>>,
    pub(crate) live: broadcast::Receiver<Arc<Event>>,
    /// The newest event before `live`.
    pub(crate) last: u64,
}

impl Events {
    pub(crate) fn new(epoch: String) -> Self {
        Self {
            epoch,
            kept: Mutex::default(),
            live: broadcast::Sender::new(BEHIND),
        }
    }

    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Announces something; `applied` is where the programme shows it.
    pub(crate) fn publish(
        &self,
        kind: &'static str,
        at_unix_ns: i64,
        applied: Option<Applied>,
        data: &Value,
    ) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let mut params = json!({ "epoch": self.epoch, "seq": kept.last, "type": kind });
        if let Some(applied) = applied {
            params["revision"] = applied.revision.into();
            params["frame"] = applied.frame.into();
            params["show_time_ms"] = wire::number(applied.show_time.as_ms());
        }
        params["data"] = data.clone();
        let notification = json!({ "jsonrpc": "2.0", "method": "event", "params": params });
        let event = Arc::new(Event {
            seq: kept.last,
            kind,
            at_unix_ns,
            text: notification.to_string().into(),
        });
        kept.bytes += event.text.len();
        kept.events.push_back(Arc::clone(&event));
        while kept.events.len() > KEPT || kept.bytes > KEPT_BYTES && kept.events.len() > 1 {
            let oldest = kept.events.pop_front();
            kept.bytes -= oldest.map_or(0, |event| event.text.len());
        }
        metrics::counter!("stream_manager_events_total").increment(1);
        // Nobody may be listening.
        let _ = self.live.send(event);
    }

    /// How many events after number `seq` are no longer known, and those that follow: at most `most`, and of `bytes` in
    /// all unless the first alone has more.
    pub(crate) fn since(&self, seq: u64, most: usize, bytes: usize) -> (u64, Vec<Arc<Event>>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = kept.events.front().map_or(kept.last + 1, |event| event.seq);
        let gone = oldest.saturating_sub(seq + 1);
        let from = usize::try_from(seq + 1 - oldest.min(seq + 1)).unwrap_or(usize::MAX);
        let mut sum = 0;
        let fits = |event: &&Arc<Event>| {
            let is_first = sum == 0;
            sum += event.text.len();
            is_first || sum <= bytes
        };
        let next = kept.events.iter().skip(from).take(most).take_while(fits);
        (gone, next.cloned().collect())
    }

    /// Listens from now on, or from where a reader stopped.
    pub(crate) fn subscribe(&self, after: Option<&After>) -> Subscription {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = after.map_or(Some(Vec::new()), |after| {
            let oldest = kept.events.front().map_or(kept.last + 1, |event| event.seq);
            let known =
                after.epoch == self.epoch && after.seq <= kept.last && after.seq + 1 >= oldest;
            let missed = kept.events.iter().filter(|event| event.seq > after.seq);
            known.then(|| missed.cloned().collect())
        });
        Subscription {
            missed,
            live: self.live.subscribe(),
            last: kept.last,
        }
    }
}

/// Whether one of `patterns` (`layer.created`, `layer.*`, `*`) names `kind`.
pub(crate) fn matches(patterns: &[String], kind: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(stem) => kind.starts_with(stem),
            None => pattern == kind,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(epoch: &str, seq: u64) -> Option<After> {
        let epoch = epoch.to_owned();
        Some(After { epoch, seq })
    }

    #[test]
    fn a_reader_that_comes_back_gets_what_it_missed_or_is_told() {
        let events = Events::new("now".to_owned());
        for n in 0..KEPT + 10 {
            events.publish("layer.updated", 0, None, &json!({ "n": n }));
        }
        let last = u64::try_from(KEPT).unwrap() + 10;
        let missed = |after: Option<After>| {
            let missed = events.subscribe(after.as_ref()).missed;
            missed.map(|missed| missed.iter().map(|event| event.seq).collect::<Vec<_>>())
        };
        assert_eq!(missed(None), Some(vec![]));
        assert_eq!(missed(after("now", last)), Some(vec![]));
        assert_eq!(missed(after("now", last - 2)), Some(vec![last - 1, last]));
        assert_eq!(missed(after("now", 10)).map(|m| m.len()), Some(KEPT));
        assert_eq!(missed(after("now", 9)), None);
        assert_eq!(missed(after("now", last + 1)), None);
        assert_eq!(missed(after("before", last)), None);
        let since = |seq, most, bytes| {
            let (gone, next) = events.since(seq, most, bytes);
            (gone, next.iter().map(|event| event.seq).collect::<Vec<_>>())
        };
        assert_eq!(since(last, 9, 9), (0, vec![]));
        assert_eq!(since(last - 2, 9, 999), (0, vec![last - 1, last]));
        assert_eq!(since(10, 2, 999), (0, vec![11, 12]));
        assert_eq!(since(3, 2, 9), (7, vec![11]), "one fits whatever its size");
    }

    #[test]
    fn large_events_push_older_ones_out() {
        let events = Events::new("now".to_owned());
        for _ in 0..20 {
            events.publish("scene.replaced", 0, None, &"x".repeat(1 << 20).into());
        }
        let kept = events.kept.lock().unwrap();
        assert!(kept.bytes <= KEPT_BYTES && kept.events.len() >= 7);
    }

    #[test]
    fn patterns_name_kinds() {
        let matches = |pattern: &str| matches(&[pattern.to_owned()], "layer.created");
        assert!(matches("*") && matches("layer.*") && matches("layer.created"));
        assert!(!matches("layer") && !matches("chat.*") && !matches("layer.removed"));
    }
}
