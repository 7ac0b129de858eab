//! `/auction`: what happened to the lots, and how they stand.
//!
//! Events may come late, twice, or in another order than they happened: the state is what they say in the order of
//! their times, whichever way they came.

use crate::Api;
use crate::memory;
use crate::operation::{Answer, Call, Reply};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use wire::{AuctionEvent, Happening, write_rfc3339};

/// Events of one lot that are kept; an auction of one lot rarely has a thousandth of it.
const PER_LOT: usize = 20_000;
/// Lots that are kept; beyond it the one that was quiet for longest goes.
const LOTS: usize = 500;

/// Everything that happened, by lot.
#[derive(Debug, Default)]
pub(crate) struct Auction(Mutex<HashMap<String, Lot>>);

/// The events of one lot, in their order: time, number, id.
#[derive(Debug, Default)]
struct Lot {
    events: BTreeMap<(i64, u64, String), AuctionEvent>,
    ids: HashMap<String, (i64, u64)>,
}

impl Auction {
    /// With the events that an earlier process left.
    pub(crate) fn new(events: Vec<AuctionEvent>) -> Self {
        let mut lots: HashMap<String, Lot> = HashMap::new();
        for event in events {
            lots.entry(event.lot.clone()).or_default().take(event, 0);
        }
        Self(Mutex::new(lots))
    }

    /// For a snapshot.
    pub(crate) fn records(&self) -> Vec<Value> {
        let lots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events: Vec<Value> = lots
            .values()
            .flat_map(|lot| lot.events.values().map(AuctionEvent::to_json))
            .collect();
        events
            .chunks(wire::MAX_PUSHED)
            .map(memory::auction)
            .collect()
    }
}

impl Lot {
    /// Whether it is new.
    fn take(&mut self, event: AuctionEvent, now_ns: i64) -> bool {
        if self.ids.contains_key(&event.id) || self.events.len() >= PER_LOT {
            return false;
        }
        let at = event.at_unix_ns.unwrap_or(now_ns);
        self.ids.insert(event.id.clone(), (at, event.seq));
        let key = (at, event.seq, event.id.clone());
        self.events.insert(
            key,
            AuctionEvent {
                at_unix_ns: Some(at),
                ..event
            },
        );
        true
    }

    fn to_json(&self, id: &str) -> Value {
        let retracted: Vec<&str> = self
            .events
            .values()
            .filter_map(|event| match &event.what {
                Happening::Retracted { bid } => Some(bid.as_str()),
                _ => None,
            })
            .collect();
        let mut json = json!({ "lot": id, "state": "announced", "bids": 0 });
        let mut best: Option<(&str, Value)> = None;
        let mut bids = 0;
        for event in self.events.values() {
            match &event.what {
                Happening::Opened {
                    title,
                    ends_unix_ns,
                } => {
                    json["state"] = "open".into();
                    if let Some(title) = title {
                        json["title"] = title.as_str().into();
                    }
                    if let Some(ends) = ends_unix_ns {
                        json["ends_at"] = write_rfc3339(*ends).into();
                    }
                }
                Happening::Extended { ends_unix_ns } => {
                    json["ends_at"] = write_rfc3339(*ends_unix_ns).into();
                }
                Happening::Bid { amount, .. } if !retracted.contains(&event.id.as_str()) => {
                    bids += 1;
                    // Of two equal bids the first stands.
                    if best
                        .as_ref()
                        .is_none_or(|(most, _)| compare(amount, most) == Ordering::Greater)
                    {
                        best = Some((amount, event.to_json()));
                    }
                }
                Happening::Bid { .. } | Happening::Retracted { .. } => {}
                Happening::Sold => json["state"] = "sold".into(),
                Happening::Passed => json["state"] = "passed".into(),
            }
        }
        json["bids"] = bids.into();
        if let Some((_, bid)) = best {
            json["highest"] = bid;
        }
        json
    }
}

/// Two decimal numbers, digit by digit: amounts have more of them than floats.
fn compare(a: &str, b: &str) -> Ordering {
    let split = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        (
            whole.trim_start_matches('0').to_owned(),
            part.trim_end_matches('0').to_owned(),
        )
    };
    let ((a, a_part), (b, b_part)) = (split(a), split(b));
    a.len()
        .cmp(&b.len())
        .then_with(|| a.cmp(&b))
        .then_with(|| a_part.cmp(&b_part))
}

/// Takes events in; those whose id is known already are left as they were.
pub(crate) fn push(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let pushed = wire::read_auction_events(&call.body)?;
        let count = pushed.len();
        let now_ns = api.0.parts.handle.unix_ns();
        let mut new = Vec::new();
        {
            let mut lots = api
                .0
                .auction
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            for mut event in pushed {
                event.at_unix_ns.get_or_insert(now_ns);
                let json = event.to_json();
                if lots.len() >= LOTS && !lots.contains_key(&event.lot) {
                    let last = |lot: &Lot| lot.events.keys().next_back().map(|key| key.0);
                    let quiet = lots.iter().min_by_key(|(_, lot)| last(lot));
                    let quiet = quiet.map(|(id, _)| id.clone());
                    lots.retain(|id, _| Some(id) != quiet.as_ref());
                }
                if lots
                    .entry(event.lot.clone())
                    .or_default()
                    .take(event, now_ns)
                {
                    new.push(json);
                }
            }
        }
        if !new.is_empty() {
            api.remember(memory::auction(&new));
        }
        for event in &new {
            api.happened("auction.event", None, event, None);
        }
        Ok(Answer::json(
            json!({ "accepted": new.len(), "duplicates": count - new.len() }),
        ))
    })
}

/// How all lots stand.
pub(crate) fn show(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let lots = api
            .0
            .auction
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut ids: Vec<&String> = lots.keys().collect();
        ids.sort();
        let lots: Value = ids.iter().map(|id| lots[*id].to_json(id)).collect();
        Ok(Answer::json(json!({ "lots": lots })))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn events() -> Vec<AuctionEvent> {
        let json = br#"[
            { "id": "a", "type": "lot_opened", "lot": "7", "title": "Seven", "at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-01T01:00:00Z" },
            { "id": "b", "type": "bid", "lot": "7", "amount": "9.5", "bidder": "ann", "at": "2026-01-01T00:01:00Z" },
            { "id": "c", "type": "bid", "lot": "7", "amount": "12.45", "bidder": "bob", "at": "2026-01-01T00:02:00Z" },
            { "id": "d", "type": "bid", "lot": "7", "amount": "012.450", "bidder": "cid", "at": "2026-01-01T00:02:00Z", "seq": 1 },
            { "id": "e", "type": "bid", "lot": "7", "amount": "100000000000000000000000.1", "bidder": "dee", "at": "2026-01-01T00:03:00Z" },
            { "id": "f", "type": "bid_retracted", "lot": "7", "bid": "e", "at": "2026-01-01T00:04:00Z" },
            { "id": "g", "type": "extended", "lot": "7", "ends_at": "2026-01-01T02:00:00Z", "at": "2026-01-01T00:05:00Z" },
            { "id": "h", "type": "lot_sold", "lot": "7", "at": "2026-01-01T02:00:00Z" } ]"#;
        wire::read_auction_events(&wire::read_json(json).unwrap()).unwrap()
    }

    fn stands(events: impl IntoIterator<Item = AuctionEvent>) -> Value {
        let mut lot = Lot::default();
        for event in events {
            lot.take(event, 0);
        }
        lot.to_json("7")
    }

    #[test]
    fn a_lot_stands_as_its_events_say() {
        let lot = stands(events());
        assert_eq!(lot["state"], "sold");
        assert_eq!((&lot["title"], &lot["bids"]), (&"Seven".into(), &3.into()));
        assert_eq!(lot["ends_at"], "2026-01-01T02:00:00Z");
        assert_eq!(
            lot["highest"]["bidder"], "bob",
            "of two equal bids the first stands"
        );
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_come_to_the_same(order in prop::collection::vec(0..8_usize, 0..24)) {
            let all = events();
            let mut came: Vec<AuctionEvent> = order.iter().map(|&i| all[i].clone()).collect();
            came.extend(all.iter().rev().cloned());
            prop_assert_eq!(stands(came), stands(all));
        }
    }

    #[test]
    fn amounts_are_compared_as_numbers() {
        for (a, b, is) in [
            ("9.5", "12.45", Ordering::Less),
            ("12.450", "012.45", Ordering::Equal),
            ("0.1", "0.09", Ordering::Greater),
            ("1", "1.000", Ordering::Equal),
            (
                "100000000000000000001",
                "100000000000000000000",
                Ordering::Greater,
            ),
        ] {
            assert_eq!(compare(a, b), is, "{a} {b}");
        }
    }
}
