//! Layers that go where others go.

use crate::{Fault, Id, Layer, Shared};
use std::collections::HashMap;

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

/// What is wrong with who follows whom. Costs nothing where nobody does, else a walk to the root for each who does.
pub(crate) fn faults(layers: &[Shared<Layer>], index: &HashMap<&Id, usize>) -> Vec<Fault> {
    if layers.iter().all(|layer| layer.follow.is_none()) {
        return Vec::new();
    }
    let leaders = leaders(layers, |id| index.get(id).copied());
    let mut faults = Vec::new();
    for (i, layer) in layers.iter().enumerate() {
        let Some(follow) = &layer.follow else {
            continue;
        };
        let wrong = if !index.contains_key(follow) {
            format!("there is no layer `{follow}`")
        } else if is_first_of_circle(i, layers, &leaders) {
            format!(
                "layer `{}` would follow itself, through `{follow}`",
                layer.id
            )
        } else {
            continue;
        };
        faults.push(Fault::invalid(format!("/layers/{i}/follow"), wrong));
    }
    faults
}

/// Whether a layer leads back to itself, and is the first in the document of those on the way that follow another: a circle is one
/// fault.
fn is_first_of_circle(i: usize, layers: &[Shared<Layer>], leaders: &[Option<usize>]) -> bool {
    let way = std::iter::successors(leaders[i], |&next| leaders[next]).take(layers.len());
    let mut first = i;
    for next in way {
        if next == i {
            return first == i;
        }
        if layers[next].follow.is_some() {
            first = first.min(next);
        }
    }
    false
}
