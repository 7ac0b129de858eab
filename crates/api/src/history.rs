//! Who changed what of the scene, and the way back.
//!
//! A change is kept as what each part was before and after it. To undo it, only the properties that it changed are put
//! back, and only where they still are as it left them: what others wrote since is never lost.

mod consequence;
mod kept;
mod taken_back;

use crate::control::Resource;
use crate::memory::edit_of;
use crate::problem::Error;
use engine::Applied;
use media::ShowTime;
use scene::{
    Animation, Canvas, Edit, Id, Layer, Limits, ListEdit, Revision, Scene, Shared, Template,
    Timeline,
};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use wire::Scope;

/// Changes that are kept.
const KEPT: usize = 1000;
/// Parts of the scene in them: some 40 MB where every one is a large layer.
const KEPT_PARTS: usize = 20_000;

/// A part of the scene before and after a change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Canvas(Canvas, Canvas),
    Layer(Option<Shared<Layer>>, Option<Shared<Layer>>),
    Animation(Option<Shared<Animation>>, Option<Shared<Animation>>),
    Timeline(Option<Shared<Timeline>>, Option<Shared<Timeline>>),
    Template(Option<Shared<Template>>, Option<Shared<Template>>),
}

impl Part {
    /// Which part; the canvas is the scene's own.
    pub(crate) fn resource(&self) -> Resource {
        match self {
            Self::Canvas(..) => Resource::Scene,
            Self::Layer(before, after) => {
                let id = after
                    .as_ref()
                    .or(before.as_ref())
                    .map(|layer| layer.id.clone());
                id.map_or(Resource::Scene, Resource::Layer)
            }
            Self::Animation(before, after) => {
                let id = after.as_ref().or(before.as_ref()).map(|one| one.id.clone());
                id.map_or(Resource::Scene, Resource::Animation)
            }
            Self::Timeline(before, after) => {
                let id = after.as_ref().or(before.as_ref()).map(|one| one.id.clone());
                id.map_or(Resource::Scene, Resource::Timeline)
            }
            Self::Template(before, after) => {
                let id = after.as_ref().or(before.as_ref()).map(|one| one.id.clone());
                id.map_or(Resource::Scene, Resource::Template)
            }
        }
    }
}

impl Part {
    /// The same part of the change the other way round.
    fn reversed(&self) -> Self {
        match self.clone() {
            Self::Canvas(before, after) => Self::Canvas(after, before),
            Self::Layer(before, after) => Self::Layer(after, before),
            Self::Animation(before, after) => Self::Animation(after, before),
            Self::Timeline(before, after) => Self::Timeline(after, before),
            Self::Template(before, after) => Self::Template(after, before),
        }
    }

    /// Whether it was there before the change.
    const fn was_there(&self) -> bool {
        match self {
            Self::Canvas(..) => true,
            Self::Layer(before, _) => before.is_some(),
            Self::Animation(before, _) => before.is_some(),
            Self::Timeline(before, _) => before.is_some(),
            Self::Template(before, _) => before.is_some(),
        }
    }
}

/// What differs between two scenes, part by part.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Difference {
    pub(crate) parts: Vec<Part>,
    /// Where parts alone do not bring it back.
    layers: Option<Order>,
    animations: Option<Order>,
    timelines: Option<Order>,
}

/// The order of a list before and after a change.
#[derive(Clone, Debug, PartialEq)]
struct Order {
    before: Vec<Id>,
    after: Vec<Id>,
    /// Whether what stayed stands elsewhere, rather than beside what went.
    moved: bool,
}

impl Order {
    fn of<T>(before: &[Shared<T>], id: fn(&T) -> &Id, edit: &ListEdit<T>) -> Option<Self> {
        if edit.order.is_none() && edit.remove.is_empty() {
            return None;
        }
        let before: Vec<Id> = before.iter().map(|one| id(one).clone()).collect();
        let stay = before.iter().filter(|one| !edit.remove.contains(one));
        let after = edit.order.clone();
        Some(Self {
            after: after.unwrap_or_else(|| stay.cloned().collect()),
            moved: edit.order.is_some(),
            before,
        })
    }

    fn reversed(&self) -> Self {
        Self {
            before: self.after.clone(),
            after: self.before.clone(),
            moved: self.moved,
        }
    }

    /// Puts what the change knew back into its order; what came since stays in its place. `false` where somebody else
    /// ordered it anew.
    fn put_back<T>(&self, list: &mut [Shared<T>], id: fn(&T) -> &Id) -> bool {
        let place: HashMap<&Id, usize> = self.before.iter().zip(0..).collect();
        let left: HashMap<&Id, usize> = self.after.iter().zip(0..).collect();
        let stayed = list
            .iter()
            .map(|one| id(one))
            .filter(|one| place.contains_key(one));
        if !stayed.filter_map(|one| left.get(one)).is_sorted() {
            return !self.moved;
        }
        let known = |at: &usize| place.contains_key(id(&list[*at]));
        let slots: Vec<usize> = (0..list.len()).filter(known).collect();
        let mut sorted: Vec<Shared<T>> = slots.iter().map(|at| list[*at].clone()).collect();
        sorted.sort_by_key(|one| place.get(id(one)).copied());
        for (at, one) in slots.into_iter().zip(sorted) {
            list[at] = one;
        }
        true
    }
}

impl Difference {
    /// For a snapshot.
    fn to_json(&self) -> Value {
        let (mut before, mut after) = (Edit::default(), Edit::default());
        for part in self.parts.iter().cloned() {
            match part {
                Part::Canvas(was, is) => {
                    (before.canvas, after.canvas) = (Some(was), Some(is));
                }
                Part::Layer(was, is) => {
                    before.layers.put.extend(was);
                    after.layers.put.extend(is);
                }
                Part::Animation(was, is) => {
                    before.animations.put.extend(was);
                    after.animations.put.extend(is);
                }
                Part::Timeline(was, is) => {
                    before.timelines.put.extend(was);
                    after.timelines.put.extend(is);
                }
                // Their order means nothing, and is not brought back.
                Part::Template(was, is) => {
                    before.templates.put.extend(was);
                    after.templates.put.extend(is);
                }
            }
        }
        for (order, was, is) in [
            (
                &self.layers,
                &mut before.layers.order,
                &mut after.layers.order,
            ),
            (
                &self.animations,
                &mut before.animations.order,
                &mut after.animations.order,
            ),
            (
                &self.timelines,
                &mut before.timelines.order,
                &mut after.timelines.order,
            ),
        ] {
            *was = order.as_ref().map(|order| order.before.clone());
            *is = order.as_ref().map(|order| order.after.clone());
        }
        let moved = |order: &Option<Order>| order.as_ref().is_some_and(|order| order.moved);
        json!({
            "before": wire::write_edit(&before),
            "after": wire::write_edit(&after),
            "moved": [moved(&self.layers), moved(&self.animations), moved(&self.timelines)],
        })
    }

    fn read(json: &Value) -> Result<Self, String> {
        let (before, after) = (edit_of(&json["before"])?, edit_of(&json["after"])?);
        let canvas = before.canvas.zip(after.canvas);
        let mut parts: Vec<Part> = canvas
            .map(|(was, is)| Part::Canvas(was, is))
            .into_iter()
            .collect();
        parts.extend(paired(
            before.layers.put,
            after.layers.put,
            |one| &one.id,
            Part::Layer,
        ));
        let (was, is) = (before.animations.put, after.animations.put);
        parts.extend(paired(was, is, |one| &one.id, Part::Animation));
        let (was, is) = (before.timelines.put, after.timelines.put);
        parts.extend(paired(was, is, |one| &one.id, Part::Timeline));
        let (was, is) = (before.templates.put, after.templates.put);
        parts.extend(paired(was, is, |one| &one.id, Part::Template));
        let order = |was: Option<Vec<Id>>, is: Option<Vec<Id>>, moved: &Value| {
            was.zip(is).map(|(before, after)| Order {
                before,
                after,
                moved: moved.as_bool().unwrap_or_default(),
            })
        };
        Ok(Self {
            parts,
            layers: order(before.layers.order, after.layers.order, &json["moved"][0]),
            animations: order(
                before.animations.order,
                after.animations.order,
                &json["moved"][1],
            ),
            timelines: order(
                before.timelines.order,
                after.timelines.order,
                &json["moved"][2],
            ),
        })
    }

    /// What `edit` changed of `before`.
    pub(crate) fn of(before: &Scene, edit: &Edit) -> Self {
        let canvas = edit.canvas.map(|after| Part::Canvas(before.canvas, after));
        let mut parts: Vec<Part> = canvas.into_iter().collect();
        changed(
            &before.layers,
            &edit.layers,
            |one| &one.id,
            Part::Layer,
            &mut parts,
        );
        changed(
            &before.animations,
            &edit.animations,
            |one| &one.id,
            Part::Animation,
            &mut parts,
        );
        changed(
            &before.timelines,
            &edit.timelines,
            |one| &one.id,
            Part::Timeline,
            &mut parts,
        );
        changed(
            &before.templates,
            &edit.templates,
            |one| &one.id,
            Part::Template,
            &mut parts,
        );
        Self {
            parts,
            layers: Order::of(&before.layers, |one| &one.id, &edit.layers),
            animations: Order::of(&before.animations, |one| &one.id, &edit.animations),
            timelines: Order::of(&before.timelines, |one| &one.id, &edit.timelines),
        }
    }

    /// The ids of all layers from below, where they stand in another order.
    pub(crate) fn reordered(&self) -> Option<&[Id]> {
        let order = self.layers.as_ref().filter(|order| order.moved);
        order.map(|order| order.after.as_slice())
    }

    fn is_empty(&self) -> bool {
        let moved = |order: &Option<Order>| order.as_ref().is_some_and(|order| order.moved);
        let orders = [&self.layers, &self.animations, &self.timelines];
        self.parts.is_empty() && !orders.into_iter().any(moved)
    }
}

/// What an edit takes out of a list and puts into it.
fn changed<T>(
    before: &[Shared<T>],
    edit: &ListEdit<T>,
    id: fn(&T) -> &Id,
    part: fn(Option<Shared<T>>, Option<Shared<T>>) -> Part,
    parts: &mut Vec<Part>,
) {
    let touched = edit.remove.iter().chain(edit.put.iter().map(|one| id(one)));
    let touched: HashSet<&Id> = touched.collect();
    if touched.is_empty() {
        return;
    }
    let was = before.iter().filter(|one| touched.contains(id(one)));
    let was: HashMap<&Id, &Shared<T>> = was.map(|one| (id(one), one)).collect();
    let was = |one: &Id| was.get(one).map(|one| Shared::clone(one));
    parts.extend(edit.remove.iter().map(|gone| part(was(gone), None)));
    let put = edit.put.iter();
    parts.extend(put.map(|one| part(was(id(one)), Some(one.clone()))));
}

/// Things before and after, by their ids.
fn paired<T>(
    before: Vec<Shared<T>>,
    after: Vec<Shared<T>>,
    id: fn(&T) -> &Id,
    part: fn(Option<Shared<T>>, Option<Shared<T>>) -> Part,
) -> Vec<Part> {
    let mut after: Vec<Option<Shared<T>>> = after.into_iter().map(Some).collect();
    let mut take = |was: &T| {
        let mut same = after
            .iter_mut()
            .filter(|one| one.as_ref().is_some_and(|one| id(one) == id(was)));
        same.next().and_then(Option::take)
    };
    let mut parts = Vec::new();
    for was in before {
        let is = take(&was);
        parts.push(part(Some(was), is));
    }
    parts.extend(after.into_iter().flatten().map(|is| part(None, Some(is))));
    parts
}

/// One change of the scene.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// From 1, in the order of acceptance.
    pub(crate) id: u64,
    pub(crate) client: Arc<str>,
    pub(crate) method: Cow<'static, str>,
    pub(crate) at_unix_ns: i64,
    pub(crate) revision: Revision,
    /// Where it took effect; `None` for the moment between acceptance and its frame.
    pub(crate) applied: Option<Applied>,
    /// What it changed on its frame.
    pub(crate) difference: Arc<Difference>,
    /// What it comes to in the end, where a transition follows: that is what is undone.
    comes_to: Arc<Difference>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Done,
    /// The number orders those that were undone.
    Undone(u64),
    /// It cannot be undone or redone: it is an undo itself, nobody asked for it, or newer changes came in its way.
    Past,
}

impl Entry {
    /// The parts of the scene that it changed.
    pub(crate) fn changed(&self) -> Vec<String> {
        let parts = self.difference.parts.iter().map(Part::resource);
        let place = |resource| match resource {
            Resource::Scene => "canvas".to_owned(),
            Resource::Layer(id) => format!("layers/{id}"),
            Resource::Animation(id) => format!("animations/{id}"),
            Resource::Timeline(id) => format!("timelines/{id}"),
            Resource::Template(id) => format!("templates/{id}"),
            Resource::Passage(id) => format!("transitions/{id}"),
        };
        let order = self.difference.reordered().map(|_| "layers".to_owned());
        parts.map(place).chain(order).collect()
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({
            "id": self.id,
            "client": &*self.client,
            "method": &*self.method,
            "at": wire::write_rfc3339(self.at_unix_ns),
            "revision": self.revision,
            "changed": self.changed(),
            "undone": matches!(self.state, State::Undone(_)),
        });
        if let Some(applied) = self.applied {
            json["frame"] = applied.frame.into();
            json["show_time_ms"] = wire::number(applied.show_time.as_ms());
        }
        json
    }
}

/// The changes of late, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    entries: VecDeque<Entry>,
    parts: usize,
    made: u64,
    undone: u64,
}

/// What a new entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A change that may be undone.
    Change,
    /// It undoes that entry.
    Undo(u64),
    /// It does that entry again.
    Redo(u64),
    /// It follows from an earlier one, or from the time that passed.
    Consequence,
}

/// A change to be kept.
#[derive(Debug)]
pub(crate) struct Made<'a> {
    pub(crate) client: &'a Arc<str>,
    pub(crate) method: &'static str,
    pub(crate) at_unix_ns: i64,
    pub(crate) revision: Revision,
    pub(crate) difference: Difference,
    /// Where a transition follows.
    pub(crate) comes_to: Option<Difference>,
    pub(crate) role: Role,
}

impl History {
    /// The number that the next entry gets.
    pub(crate) const fn next(&self) -> u64 {
        self.made + 1
    }

    /// Keeps a change; gives back its number.
    pub(crate) fn push(&mut self, made: Made<'_>) -> u64 {
        let Made {
            client,
            method,
            at_unix_ns,
            revision,
            difference,
            comes_to,
            role,
        } = made;
        let difference = Arc::new(difference);
        let comes_to = comes_to.map_or_else(|| Arc::clone(&difference), Arc::new);
        let mut state = State::Past;
        match role {
            Role::Change => {
                // Whoever goes another way cannot go back to the old one.
                for entry in &mut self.entries {
                    if matches!(entry.state, State::Undone(_)) && entry.client == *client {
                        entry.state = State::Past;
                    }
                }
                if !difference.is_empty() {
                    state = State::Done;
                }
            }
            Role::Undo(id) => {
                self.undone += 1;
                let undone = State::Undone(self.undone);
                self.set(id, undone);
            }
            Role::Redo(id) => {
                // From here on it stands for what was done this time: what it started began anew.
                if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
                    entry.state = State::Done;
                    entry.comes_to = Arc::clone(&difference);
                }
            }
            Role::Consequence => consequence::follow(&mut self.entries, &difference),
        }
        self.made += 1;
        self.parts += difference.parts.len();
        self.entries.push_back(Entry {
            id: self.made,
            client: Arc::clone(client),
            method: Cow::Borrowed(method),
            at_unix_ns,
            revision,
            applied: None,
            difference,
            comes_to,
            state,
        });
        // Never one that has not shown yet: what is told and kept of a change is told from its entry. The engine's
        // mailbox bounds those.
        let shown =
            |entries: &VecDeque<Entry>| entries.front().is_some_and(|one| one.applied.is_some());
        let full = |history: &Self| {
            let entries = history.entries.len();
            entries > KEPT || history.parts > KEPT_PARTS && entries > 1
        };
        while full(self) && shown(&self.entries) {
            let oldest = self.entries.pop_front();
            self.parts -= oldest.map_or(0, |entry| entry.difference.parts.len());
        }
        self.made
    }

    fn set(&mut self, id: u64, state: State) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.state = state;
        }
    }

    /// Says where a change took effect; gives it back.
    pub(crate) fn settle(&mut self, id: u64, applied: Applied) -> Option<Entry> {
        let entry = self.entries.iter_mut().rfind(|entry| entry.id == id)?;
        entry.applied = Some(applied);
        Some(entry.clone())
    }

    /// Newest first, those before `before`.
    pub(crate) fn newest(&self, before: Option<u64>) -> impl Iterator<Item = &Entry> {
        let older = move |entry: &&Entry| before.is_none_or(|before| entry.id < before);
        self.entries.iter().rev().filter(older)
    }

    /// Names of the assets that an undo or a redo may bring back.
    pub(crate) fn assets(&self) -> HashSet<Arc<str>> {
        let reversible = self
            .entries
            .iter()
            .filter(|entry| entry.state != State::Past);
        let parts = reversible.flat_map(|entry| &entry.comes_to.parts);
        let layers = parts.flat_map(|part| match part {
            Part::Layer(before, after) => [before.as_ref(), after.as_ref()],
            Part::Canvas(..) | Part::Animation(..) | Part::Timeline(..) | Part::Template(..) => {
                [None, None]
            }
        });
        let layers = layers.flatten();
        layers.flat_map(|layer| layer.assets()).cloned().collect()
    }

    /// The scene without the newest change of `client` (or of anyone) of which something is left at the show time `now`, and
    /// which that is.
    pub(crate) fn undo(
        &self,
        scene: &Scene,
        client: &str,
        scope: Scope,
        limits: &Limits,
        now: ShowTime,
    ) -> Result<(Scene, u64), Error> {
        let own = |entry: &&Entry| scope == Scope::All || *entry.client == *client;
        let done = self.entries.iter().rev().filter(own);
        for entry in done.filter(|entry| entry.state == State::Done) {
            let made = entry.comes_to.taken_back(scene, limits, now);
            let made = usable(made, scene, limits, entry)?;
            if made != *scene {
                return Ok((made, entry.id));
            }
        }
        Err(Error::NothingToUndo { what: "undo" })
    }

    /// The scene with the change that was undone last and is not there yet, and which that is.
    pub(crate) fn redo(
        &self,
        scene: &Scene,
        client: &str,
        scope: Scope,
        limits: &Limits,
        now: ShowTime,
    ) -> Result<(Scene, u64), Error> {
        let own = |entry: &&Entry| scope == Scope::All || *entry.client == *client;
        let undone = self.entries.iter().filter(own);
        let mut undone: Vec<(u64, &Entry)> = undone
            .filter_map(|entry| match entry.state {
                State::Undone(n) => Some((n, entry)),
                State::Done | State::Past => None,
            })
            .collect();
        undone.sort_unstable_by_key(|(n, _)| Reverse(*n));
        for (_, entry) in undone {
            let made = entry.comes_to.reversed().taken_back(scene, limits, now);
            let made = usable(made, scene, limits, entry)?;
            if made != *scene {
                return Ok((made, entry.id));
            }
        }
        Err(Error::NothingToUndo { what: "redo" })
    }
}

impl Difference {
    fn reversed(&self) -> Self {
        Self {
            parts: self.parts.iter().map(Part::reversed).collect(),
            layers: self.layers.as_ref().map(Order::reversed),
            animations: self.animations.as_ref().map(Order::reversed),
            timelines: self.timelines.as_ref().map(Order::reversed),
        }
    }
}

fn usable(
    scene: Result<Scene, Vec<String>>,
    before: &Scene,
    limits: &Limits,
    entry: &Entry,
) -> Result<Scene, Error> {
    let conflict = |places: Vec<String>| Error::ChangedSince {
        id: entry.id,
        places,
    };
    let scene = scene.map_err(conflict)?;
    // What others built on it may not stand without it: a layer in a group that would be gone, for one.
    let faults = scene.faults_since(before, limits, &|_| true);
    if faults.is_empty() {
        Ok(scene)
    } else {
        Err(conflict(
            faults.into_iter().map(|fault| fault.to_string()).collect(),
        ))
    }
}

#[cfg(test)]
mod tests;
