//! Layers that show only where others do.

use crate::mask_moves::mask_moves;
use crate::{Fault, Id, Layer, Limits, Scene, Shared};
use std::collections::HashMap;

/// Where another layer lets this one show: its px are multiplied by a value of the other's.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// The other layer, composed where it stands by itself, with its own opacity and mask, whether or not it is visible; the groups
    /// around it count only for its place.
    pub layer: Id,
    /// Which value.
    pub mode: MaskMode,
    /// Show where the other does not.
    pub invert: bool,
}

/// The value of a mask's px.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MaskMode {
    /// Alpha.
    #[default]
    Alpha,
    /// Luma (BT.709) of the color over black: white shows, black and nothing hide.
    Luma,
}

/// Masks of masks, at most so deep: each level takes two strips of memory and a stack frame.
pub(crate) const MAX_DEPTH: usize = 8;

/// A scene may compose so many times as many layers as it may hold: masks are composed once for each layer that shows through them.
const MAX_TIMES: usize = 8;

/// What the layers of a scene are composed of.
struct Parts<'a> {
    layers: &'a [Shared<Layer>],
    children: Vec<Vec<usize>>,
    /// What each shows through at one time or another, the document's own first, with where it says so.
    masks: Vec<Vec<(usize, String)>>,
    cost: Vec<Cost>,
}

/// What composing a layer takes.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    state: State,
    /// Layers composed, masks among them.
    layers: usize,
    /// Masks of masks below it.
    depth: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    New,
    /// Something that it is composed of is being looked at.
    Open,
    Done,
}

/// What is wrong with the masks of a scene, and with what animations make of them: whatever a layer shows through at any time
/// counts as if it were all at once. Costs nothing where there are none, else grows with the number of layers and keyframes.
pub(crate) fn faults(scene: &Scene, index: &HashMap<&Id, usize>, limits: &Limits) -> Vec<Fault> {
    let layers = scene.layers.as_slice();
    if layers.iter().all(|layer| layer.mask.is_none()) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let mut parts = Parts {
        layers,
        children: vec![Vec::new(); layers.len()],
        masks: vec![Vec::new(); layers.len()],
        cost: vec![Cost::default(); layers.len()],
    };
    let group_of = |i: usize| {
        layers[i]
            .parent
            .as_ref()
            .and_then(|id| index.get(id).copied())
    };
    let around = |i: usize| std::iter::successors(group_of(i), |&i| group_of(i)).take(layers.len());
    for i in 0..layers.len() {
        if let Some(group) = group_of(i) {
            parts.children[group].push(i);
        }
    }
    let own = layers.iter().enumerate().filter_map(|(i, layer)| {
        let mask = layer.mask.as_ref()?;
        Some((
            i,
            mask.layer.as_str().to_owned(),
            format!("/layers/{i}/mask/layer"),
        ))
    });
    let moved = mask_moves(&scene.animations, &scene.timelines).into_iter();
    let moved = moved.filter_map(|one| Some((*index.get(&one.layer)?, one.through, one.at)));
    for (i, name, at) in own.chain(moved) {
        let layer = &layers[i];
        let mask = Id::new(&name).and_then(|id| index.get(&id).copied());
        let wrong = match mask {
            None => format!("there is no layer `{name}`"),
            Some(m) if m == i => format!("`{name}` would be its own mask"),
            Some(m) if around(i).any(|group| group == m) => {
                format!("layer `{}` stands in `{name}`", layer.id)
            }
            Some(m) if around(m).any(|group| group == i) => {
                format!("`{name}` stands in the layer itself")
            }
            Some(m) => {
                if !parts.masks[i].iter().any(|(known, _)| *known == m) {
                    parts.masks[i].push((m, at));
                }
                continue;
            }
        };
        faults.push(Fault::invalid(at, wrong));
    }
    for i in 0..layers.len() {
        parts.look_at(i, &mut faults);
    }
    if faults.is_empty() {
        parts.check_sums(limits, &mut faults);
    }
    faults
}

impl Parts<'_> {
    /// Finds what composing a layer takes, and names the masks that close a circle.
    fn look_at(&mut self, first: usize, faults: &mut Vec<Fault>) {
        // By hand, since a chain may be as long as the document.
        let mut path = vec![(first, 0)];
        while let Some((i, done)) = path.last_mut() {
            let i = *i;
            if *done == 0 && self.cost[i].state != State::New {
                path.pop();
                continue;
            }
            self.cost[i].state = State::Open;
            let next = self.children[i]
                .iter()
                .copied()
                .chain(self.masks[i].iter().map(|(mask, _)| *mask))
                .nth(*done);
            *done += 1;
            let Some(next) = next else {
                self.close(i);
                path.pop();
                continue;
            };
            if self.cost[next].state == State::Open {
                self.break_circle(&path, next, faults);
            } else {
                path.push((next, 0));
            }
        }
    }

    fn close(&mut self, i: usize) {
        let mut cost = Cost {
            state: State::Done,
            layers: 1,
            depth: 0,
        };
        for &child in &self.children[i] {
            cost.layers = cost.layers.saturating_add(self.cost[child].layers);
            cost.depth = cost.depth.max(self.cost[child].depth);
        }
        // One at a time.
        let masks = || self.masks[i].iter().map(|(mask, _)| self.cost[*mask]);
        let most = masks().map(|mask| mask.layers).max().unwrap_or(0);
        cost.layers = cost.layers.saturating_add(most);
        cost.depth = masks().fold(cost.depth, |deepest, mask| deepest.max(mask.depth + 1));
        self.cost[i] = cost;
    }

    /// The last of `path` is composed of `from`, which is composed of it: names the first mask on the way in the document. A circle
    /// without masks is one of groups, and named as such.
    fn break_circle(&self, path: &[(usize, usize)], from: usize, faults: &mut Vec<Fault>) {
        let start = path.iter().position(|(i, _)| *i == from).unwrap_or(0);
        let circle = &path[start..];
        let next = circle[1..].iter().map(|(i, _)| *i).chain([from]);
        let mut masks = circle.iter().zip(next).flat_map(|((i, _), next)| {
            let masks = self.masks[*i].iter().filter(move |(mask, _)| *mask == next);
            masks.map(move |(_, at)| (*i, at))
        });
        let first = masks.next();
        let first = first.map(|first| masks.fold(first, |a, b| if b.0 < a.0 { b } else { a }));
        if let Some((i, at)) = first {
            faults.push(Fault::invalid(
                at.clone(),
                format!(
                    "layer `{}` would be a part of its own mask",
                    self.layers[i].id
                ),
            ));
        }
    }

    fn check_sums(&self, limits: &Limits, faults: &mut Vec<Fault>) {
        for (mask, at) in self.masks.iter().flatten() {
            let depth = self.cost[*mask].depth + 1;
            if depth > MAX_DEPTH {
                faults.push(Fault::invalid(
                    at.clone(),
                    format!("is {depth} masks deep; at most {MAX_DEPTH} are allowed"),
                ));
            }
        }
        let roots = self.layers.iter().zip(&self.cost);
        let composed = roots
            .filter(|(layer, _)| layer.parent.is_none())
            .fold(0usize, |sum, (_, cost)| sum.saturating_add(cost.layers));
        let max = limits.layers.saturating_mul(MAX_TIMES);
        if composed > max {
            let weight = |(_, masks): &(usize, &Vec<(usize, String)>)| {
                let layers = masks.iter().map(|(mask, _)| self.cost[*mask].layers);
                layers.max().unwrap_or(0)
            };
            // Of several the first: from the end, since the last one wins.
            let heaviest = self.masks.iter().enumerate().rev().max_by_key(weight);
            let heaviest = heaviest.map_or(0, |(i, _)| i);
            faults.push(Fault::invalid(
                format!("/layers/{heaviest}/mask"),
                format!("masks make {composed} layers to compose; at most {max} are allowed"),
            ));
        }
    }
}
