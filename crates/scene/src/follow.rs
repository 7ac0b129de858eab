//! Layers that go where others go.

use crate::rings::rings;
use crate::{Fault, Id, Layer, Shared};
use std::collections::HashMap;

/// Steps of a ring that are told one by one.
const STEPS_TOLD: usize = 8;

/// The layer in whose px each one's position is: the one it follows, else the group it stands in.
pub(crate) fn leaders(
    layers: &[Shared<Layer>],
    index_of: impl Fn(&Id) -> Option<usize>,
) -> Vec<Option<usize>> {
    let leader = |layer: &Shared<Layer>| {
        let leads = layer.follow.as_ref().or(layer.parent.as_ref());
        leads.and_then(&index_of)
    };
    layers.iter().map(leader).collect()
}

/// What is wrong with who follows whom; `is_fresh` tells of each layer whether it was written to. Costs nothing where nobody
/// follows, else a walk along each leader.
pub(crate) fn faults(
    layers: &[Shared<Layer>],
    index: &HashMap<&Id, usize>,
    is_fresh: &[bool],
) -> Vec<Fault> {
    if layers.iter().all(|layer| layer.follow.is_none()) {
        return Vec::new();
    }
    let missing = layers.iter().enumerate().filter_map(|(i, layer)| {
        let follow = layer.follow.as_ref()?;
        let detail = format!("there is no layer `{follow}`");
        (!index.contains_key(follow)).then_some((i, "follow", detail))
    });
    let leaders = leaders(layers, |id| index.get(id).copied());
    let follows = |i: &&usize| layers[**i].follow.is_some();
    let rings = rings(&leaders).into_iter().filter_map(|ring| {
        // A ring of groups in each other is another fault.
        let follower = *ring.iter().find(follows)?;
        // Whoever closed the ring finds the fault in what was sent: at its own `follow`, or where it has none at its `parent`.
        let mut fresh = ring.iter().filter(|i| is_fresh[**i]);
        let at = fresh.clone().find(follows).or_else(|| fresh.next());
        let at = at.copied().unwrap_or(follower);
        let field = if layers[at].follow.is_some() {
            "follow"
        } else {
            "parent"
        };
        Some((at, field, told(at, layers, &leaders)))
    });
    let mut faults: Vec<_> = missing.chain(rings).collect();
    faults.sort_by_key(|(i, ..)| *i);
    let fault = |(i, field, detail)| Fault::invalid(format!("/layers/{i}/{field}"), detail);
    faults.into_iter().map(fault).collect()
}

/// The ring that a layer stands in, in words.
fn told(first: usize, layers: &[Shared<Layer>], leaders: &[Option<usize>]) -> String {
    let way = std::iter::successors(Some(first), |&at| leaders[at]);
    let length = 1 + way.skip(1).take_while(|at| *at != first).count();
    let way = std::iter::successors(Some(first), |&at| leaders[at]);
    let step = |at: usize| {
        let layer = &layers[at];
        let (does, whom) = match (&layer.follow, &layer.parent) {
            (Some(id), _) => ("follows", Some(id)),
            (None, group) => ("stands in", group.as_ref()),
        };
        format!("{does} `{}`", whom.map_or("", Id::as_str))
    };
    let steps: Vec<String> = way.take(length.min(STEPS_TOLD)).map(step).collect();
    let mut told = format!(
        "layer `{}` would follow itself: it {}",
        layers[first].id,
        steps.join(", which ")
    );
    if length > STEPS_TOLD {
        told.push_str(&format!(", and so on by way of all {length} layers"));
    }
    told
}
