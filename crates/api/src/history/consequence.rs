//! What comes of changes by itself: it is nobody's, so it stands in nobody's way.
//!
//! What an animation or a timeline leaves in a layer when it is over becomes part of the change that started it, or of a newer
//! one that wrote the same: to undo that takes it back as well. What is gone, be it with its timeline or with its lease, has
//! nothing to undo any more, and a change that was about nothing else is stepped over.

use super::{Difference, Entry, Part, State};
use crate::control::Resource;
use scene::{Canvas, Id, Layer, Shared, Target};
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Makes the changes before it agree with what came to pass. Costs a look at every part of them, and two documents of a layer
/// for each part that is about a layer in which something was left.
pub(super) fn follow(entries: &mut VecDeque<Entry>, came: &Difference) {
    let mut done = Vec::new();
    let mut undone = Vec::new();
    for (at, entry) in entries.iter().enumerate().rev() {
        match entry.state {
            State::Done => done.push(at),
            State::Undone(n) => undone.push((Reverse(n), at)),
            State::Past => {}
        }
    }
    undone.sort_unstable();
    // Both begin with the one whose turn it is next.
    let lines = [
        (Way::Back, done),
        (Way::Again, undone.into_iter().map(|(_, at)| at).collect()),
    ];
    let gone = Gone::of(came);
    for (way, line) in lines {
        for left in came.parts.iter().filter_map(|part| Left::of(part, came)) {
            let mut next = line.iter();
            next.find(|at| left.joins(&mut entries[**at].comes_to, way));
        }
        gone.clone().forgotten_by(entries, &line, way);
    }
}

/// Which way a change may be turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It is done: what is after it is there.
    Back,
    /// It is undone: what was before it is there.
    Again,
}

impl Way {
    /// A part so that what is there is what it has after.
    fn seen(self, part: &Part) -> Part {
        match self {
            Self::Back => part.clone(),
            Self::Again => part.reversed(),
        }
    }
}

/// Something that was changed by itself, and stays.
struct Left<'a> {
    part: &'a Part,
    resource: Resource,
    /// What ended and may have left it so.
    by: Vec<&'a Id>,
    /// Of a layer: what makes the new one of the old one, and the old one of the new one.
    patches: [Value; 2],
}

impl<'a> Left<'a> {
    fn of(part: &'a Part, came: &'a Difference) -> Option<Self> {
        let ended = |target: &Target| {
            let moved = came.parts.iter().filter_map(|part| match part {
                Part::Animation(Some(one), None) if one.target == *target => Some(&one.id),
                Part::Timeline(Some(one), None) if one.moves(target) => Some(&one.id),
                _ => None,
            });
            moved.collect::<Vec<&Id>>()
        };
        let (mut by, mut patches) = (Vec::new(), [Value::Null, Value::Null]);
        match part {
            Part::Canvas(..) => by = ended(&Target::Canvas),
            Part::Layer(Some(was), Some(is)) => {
                let (from, to) = (wire::write_layer(was), wire::write_layer(is));
                patches = [
                    wire::patch_between(&from, &to)?,
                    wire::patch_between(&to, &from)?,
                ];
                by = ended(&Target::Layer(is.id.clone()));
            }
            Part::Animation(Some(_), Some(_)) | Part::Timeline(Some(_), Some(_)) => {}
            Part::Layer(..) | Part::Animation(..) | Part::Timeline(..) | Part::Template(..) => {
                return None;
            }
        }
        Some(Self {
            part,
            resource: part.resource(),
            by,
            patches,
        })
    }

    /// Makes it a part of a change, if that is the one that wrote the same or started what left it; whether it is.
    fn joins(&self, change: &mut Arc<Difference>, way: Way) -> bool {
        let about = |part: &Part| part.resource() == self.resource;
        let found = change.parts.iter().position(about);
        let started = |part: &Part| match part {
            Part::Animation(None, Some(one)) => self.by.contains(&&one.id),
            Part::Timeline(None, Some(one)) => self.by.contains(&&one.id),
            _ => false,
        };
        let started = way == Way::Back && change.parts.iter().any(started);
        let Some(at) = found else {
            if started {
                Arc::make_mut(change).parts.push(self.part.clone());
            }
            return started;
        };
        let Some(joined) = self.joined(&way.seen(&change.parts[at]), way, started) else {
            return started;
        };
        Arc::make_mut(change).parts[at] = way.seen(&joined);
        true
    }

    /// The part of a change that is about the same, with what is there by now in place of what was there.
    fn joined(&self, own: &Part, way: Way, started: bool) -> Option<Part> {
        match (own, self.part) {
            (Part::Canvas(other, there), Part::Canvas(_, is)) => {
                let background = is.background;
                Some(Part::Canvas(
                    *other,
                    Canvas {
                        background,
                        ..*there
                    },
                ))
            }
            (Part::Layer(None, Some(there)), _) => {
                let there = wire::layer_merged(there, &self.patches[0])?;
                Some(Part::Layer(None, Some(there.into())))
            }
            (Part::Layer(Some(other), Some(there)), _) => {
                self.in_layer([other, there], way, started)
            }
            (Part::Animation(other, Some(there)), Part::Animation(Some(was), is)) => there
                .is_state_of(was)
                .then(|| Part::Animation(other.clone(), is.clone())),
            (Part::Timeline(other, Some(there)), Part::Timeline(Some(was), is)) => there
                .is_state_of(was)
                .then(|| Part::Timeline(other.clone(), is.clone())),
            _ => None,
        }
    }

    fn in_layer(
        &self,
        [other, there]: [&Shared<Layer>; 2],
        way: Way,
        started: bool,
    ) -> Option<Part> {
        let [patch, back] = &self.patches;
        let (is, was) = (wire::write_layer(there), wire::write_layer(other));
        let own = wire::patch_between(&is, &was).unwrap_or_default();
        if !started && !meet(&own, patch) {
            return None;
        }
        let there = wire::layer_merged(there, patch)?;
        // What it did not write itself: to undo it takes that back, to redo it leaves it.
        let rest = match way {
            Way::Back => without(back, &own),
            Way::Again => without(patch, &own),
        };
        let other = match rest {
            Some(rest) => wire::layer_merged(other, &rest)?.into(),
            None => other.clone(),
        };
        Some(Part::Layer(Some(other), Some(there.into())))
    }
}

/// Whether two patches write the same place.
fn meet(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        return false;
    };
    let mut one = one.iter();
    one.any(|(name, part)| {
        let other = other.get(name);
        other.is_some_and(|other| !(part.is_object() && other.is_object()) || meet(part, other))
    })
}

/// What a patch writes that another does not; `None` where that is nothing.
fn without(patch: &Value, other: &Value) -> Option<Value> {
    let (Some(fields), Some(others)) = (patch.as_object(), other.as_object()) else {
        return other.is_null().then(|| patch.clone());
    };
    let mut left = Map::new();
    for (name, part) in fields {
        let stays = match others.get(name) {
            None => Some(part.clone()),
            Some(other) if part.is_object() && other.is_object() => without(part, other),
            Some(_) => None,
        };
        left.extend(stays.map(|part| (name.clone(), part)));
    }
    (!left.is_empty()).then_some(Value::Object(left))
}

/// What is no more.
#[derive(Clone)]
struct Gone(HashSet<Resource>);

impl Gone {
    fn of(came: &Difference) -> Self {
        let is_gone = |part: &&Part| match part {
            Part::Layer(_, after) => after.is_none(),
            // Where a glide led stands in its layer, and who redoes that glides again.
            Part::Animation(Some(was), None) => was.plan.retarget.is_none(),
            Part::Timeline(_, after) => after.is_none(),
            Part::Animation(..) | Part::Canvas(..) | Part::Template(..) => false,
        };
        let gone = came.parts.iter().filter(is_gone);
        Self(gone.map(Part::resource).collect())
    }

    /// Takes it out of changes, the next to be turned first, back to the one with which it came; one that was about nothing
    /// else is past.
    fn forgotten_by(mut self, entries: &mut VecDeque<Entry>, line: &[usize], way: Way) {
        for at in line {
            if self.0.is_empty() {
                return;
            }
            let Some(entry) = entries.get_mut(*at) else {
                continue;
            };
            if !entry
                .comes_to
                .parts
                .iter()
                .any(|part| self.is_in(part, way))
            {
                continue;
            }
            self.add_inside(&entry.comes_to, way);
            let mut began = Vec::new();
            let change = Arc::make_mut(&mut entry.comes_to);
            change.parts.retain(|part| {
                let stays = !self.is_in(part, way);
                if !way.seen(part).was_there() {
                    began.push(part.resource());
                }
                stays
            });
            if change.is_empty() {
                entry.state = State::Past;
            }
            for resource in began {
                self.0.remove(&resource);
            }
        }
    }

    /// Adds what a change took out and could only put back with what is gone: layers in it, and what moves it.
    fn add_inside(&mut self, change: &Difference, way: Way) {
        loop {
            let before = self.0.len();
            for part in &change.parts {
                let seen = way.seen(part);
                if seen.was_there() && !seen.reversed().was_there() && self.is_in(part, way) {
                    self.0.insert(part.resource());
                }
            }
            if self.0.len() == before {
                return;
            }
        }
    }

    /// Whether a part is about what is gone, or would put something back that cannot be without it.
    fn is_in(&self, part: &Part, way: Way) -> bool {
        if self.0.contains(&part.resource()) {
            return true;
        }
        let layer = |id: &Id| self.0.contains(&Resource::Layer(id.clone()));
        match way.seen(part) {
            Part::Layer(Some(back), _) => back.parent.as_ref().is_some_and(layer),
            Part::Animation(Some(one), _) | Part::Animation(None, Some(one)) => {
                matches!(&one.target, Target::Layer(id) if layer(id))
            }
            Part::Timeline(Some(back), _) => self.0.iter().any(|gone| match gone {
                Resource::Layer(id) => back.moves(&Target::Layer(id.clone())),
                _ => false,
            }),
            _ => false,
        }
    }
}
