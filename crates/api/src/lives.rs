//! What comes to pass with animations and timelines as time goes by: told on its frame, and done where something is due.
//!
//! What is told follows from the scene alone ([`scene::Clocked::next_marks`]); all that is remembered is until when it was
//! told. The watch sleeps until the next of it, or until something changes.

use crate::Api;
use crate::access::{Client, Role};
use crate::consequence;
use crate::control::{By, Condition};
use crate::operation::{About, Change, Said};
use crate::problem::Error;
use engine::Applied;
use media::{Cadence, ShowTime};
use scene::{Animation, Clocked, Id, Mark, Moment, OnTimeout, Scene, Start, Target, WhenOver};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How the end of animations is called in the history.
pub(crate) const METHOD: &str = "animation.end";

/// Marks that are told of one animation before the others have their turn.
const AT_ONCE: usize = 16;

/// How an animation came or changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// The show time of the frame that shows it.
    pub(crate) at: ShowTime,
    /// Whether it waited before, and waits since.
    pub(crate) waits: [bool; 2],
}

/// News from the announcer: what came or changed, and the show time from which on. Of what goes, nothing stays.
#[derive(Debug, Default)]
pub(crate) struct Turned {
    ids: Mutex<HashMap<Id, Turn>>,
    /// Groups whose layers are painted.
    painted: Mutex<HashSet<Id>>,
    pub(crate) changed: Notify,
}

impl Turned {
    /// An animation came or was changed; it went where there is no `turn`. Of several that were not asked for yet the first
    /// counts, but for one that sets going what waited: nothing came to pass before that.
    pub(crate) fn tell(&self, id: &Id, turn: Option<Turn>) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        match turn {
            Some(turn) if turn.waits == [true, false] => drop(ids.insert(id.clone(), turn)),
            Some(turn) => ids.entry(id.clone()).or_insert(turn).waits[1] = turn.waits[1],
            None => drop(ids.remove(id)),
        }
        drop(ids);
        self.changed.notify_one();
    }

    /// All that a group is to show is there.
    fn tell_painted(&self, group: Id) {
        let painted = self.painted.lock();
        painted
            .unwrap_or_else(PoisonError::into_inner)
            .insert(group);
        self.changed.notify_one();
    }

    fn take_painted(&self) -> HashSet<Id> {
        std::mem::take(&mut self.painted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self) -> HashMap<Id, Turn> {
        std::mem::take(&mut self.ids.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Until when an animation was told about.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// When it last came or changed: nothing is told as if it had been before.
    since: ShowTime,
    /// Everything until then was told.
    until: ShowTime,
    /// Whether it waited for a marker or its group when it was last looked at.
    waited: bool,
}

/// All that is told about.
#[derive(Debug, Default)]
pub(crate) struct Lives {
    told: HashMap<Id, Told>,
    /// Groups for whose layers the engine was asked to tell when they are painted.
    asked: HashSet<Id>,
    /// Those of which it told.
    painted: HashSet<Id>,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq)]
struct Tale {
    at: ShowTime,
    id: Id,
    mark: Mark,
    /// Whether it is of a timeline, rather than of an animation.
    of_timeline: bool,
}

/// What there is to do.
#[derive(Debug, Default)]
struct Due {
    tales: Vec<Tale>,
    /// Something is to be changed with this frame.
    change_at: Option<ShowTime>,
    /// A group that waits for nobody any more.
    complete: Option<Vec<Id>>,
    /// Groups that are there and are yet to be painted, with their layers.
    to_paint: Vec<(Id, Vec<Id>)>,
    /// When to look again.
    next: Option<ShowTime>,
}

impl Due {
    fn look_at(&mut self, at: ShowTime) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    fn change(&mut self, at: ShowTime) {
        self.change_at = Some(self.change_at.map_or(at, |other| other.min(at)));
    }
}

impl Lives {
    /// Of a process that begins at `now`: what came to pass before was told by another.
    pub(crate) fn new(scene: &Scene, now: ShowTime) -> Self {
        let known = |one: Clocked<'_>| Told {
            since: now,
            until: now,
            waited: waits_for_a_change(one),
        };
        let ids = scene.clocked().map(|one| (one.id().clone(), known(one)));
        Self {
            told: ids.collect(),
            ..Self::default()
        }
    }

    /// Takes in what changed, and finds what is due at `now`; changes are due `lead_ns` before.
    fn due(
        &mut self,
        scene: &Scene,
        turned: &HashMap<Id, Turn>,
        now: ShowTime,
        [frame_ns, lead_ns]: [i64; 2],
    ) -> Due {
        let mut due = Due::default();
        let mut here = HashMap::with_capacity(self.told.len());
        for one in scene.clocked() {
            let before = self.told.remove(one.id());
            let told = match (before, turned.get(one.id())) {
                // It was set going by what did not show yet: the announcer will tell.
                (
                    _,
                    Some(Turn {
                        at,
                        waits: [_, true],
                    }),
                ) if !waits_for_a_change(one) => {
                    let waiting = Told {
                        since: *at,
                        until: at.plus_nanos(-1),
                        waited: true,
                    };
                    here.insert(one.id().clone(), waiting);
                    continue;
                }
                (_, Some(Turn { at, .. })) => {
                    let just_before = at.plus_nanos(-1);
                    // What a marker of the past sets going came to pass before it is told of, as with a late start.
                    let is_new = before.is_none_or(|told| told.waited);
                    let begins = one.begins_at().filter(|_| is_new);
                    Told {
                        since: *at,
                        until: begins
                            .map_or(just_before, |begins| just_before.min(begins.plus_nanos(-1))),
                        waited: waits_for_a_change(one),
                    }
                }
                (Some(told), None) if told.waited && !waits_for_a_change(one) => {
                    here.insert(one.id().clone(), told);
                    continue;
                }
                (Some(told), None) => told,
                // It was accepted and did not show yet: the announcer will tell.
                (None, None) => continue,
            };
            let mut told = told;
            if one.is_settled() {
                look_at(one, &mut told, &mut due, now, [frame_ns, lead_ns]);
            }
            here.insert(one.id().clone(), told);
        }
        self.told = here;
        self.look_at_groups(scene, &mut due);
        due.tales.sort_by_key(|tale| tale.at);
        due
    }
}

/// Whether it waits for what only a change of the scene can bring: its marker, or its group. What begins after another does so
/// by itself.
pub(crate) fn waits_for_a_change(one: Clocked<'_>) -> bool {
    let in_group = matches!(one, Clocked::Animation(one) if group_of(one).is_some());
    in_group || matches!(one.start(), Start::Marker(..))
}

/// The group that an animation waits with.
fn group_of(animation: &Animation) -> Option<&Id> {
    animation.plan.group.as_ref().map(|group| &group.id)
}

impl Lives {
    /// Finds a group that may begin, and those whose pictures are the last that they wait for.
    fn look_at_groups(&mut self, scene: &Scene, due: &mut Due) {
        let waits = |id: &Id| scene.animations.iter().any(|one| group_of(one) == Some(id));
        self.asked.retain(waits);
        self.painted.retain(waits);
        let shown = |one: &Animation| self.told.contains_key(&one.id);
        let painted = |one: &Animation| group_of(one).is_some_and(|id| self.painted.contains(id));
        due.complete = scene.complete_group(&|one| shown(one) && painted(one));
        loop {
            let new = |one: &Animation| group_of(one).is_some_and(|id| !self.asked.contains(id));
            let Some(ids) = scene.complete_group(&|one| shown(one) && new(one)) else {
                return;
            };
            let members = || scene.animations.iter().filter(|one| ids.contains(&one.id));
            let layers = members().filter_map(|one| match &one.target {
                Target::Layer(id) => Some(id.clone()),
                Target::Canvas => None,
            });
            let layers: Vec<Id> = layers.collect();
            let Some(group) = members().find_map(|one| group_of(one)).cloned() else {
                return;
            };
            self.asked.insert(group.clone());
            due.to_paint.push((group, layers));
        }
    }
}

fn look_at(
    one: Clocked<'_>,
    told: &mut Told,
    due: &mut Due,
    now: ShowTime,
    [frame_ns, lead_ns]: [i64; 2],
) {
    let early = |at: ShowTime| at.plus_nanos(-lead_ns);
    let change_at = change_at(one);
    if let Some(at) = change_at {
        if early(at) <= now {
            due.change(at);
        } else {
            due.look_at(early(at));
        }
    }
    for _ in 0..AT_ONCE {
        let Some((at, marks)) = one.next_marks(told.until, frame_ns) else {
            return;
        };
        if at > now {
            return due.look_at(at);
        }
        told.until = at;
        for mark in marks.into_iter().flatten() {
            let done_by_us = match mark {
                Mark::TimedOut => true,
                Mark::Finished => one.when_over() == WhenOver::Remove,
                // What ran before it came here is not told one by one.
                Mark::Iteration(_) => at < told.since,
                Mark::Started => false,
            };
            if !done_by_us {
                due.tales.push(Tale {
                    at: at.max(told.since),
                    id: one.id().clone(),
                    mark,
                    of_timeline: matches!(one, Clocked::Timeline(_)),
                });
            }
        }
        if at < told.since {
            let over = one
                .ends_at()
                .map_or(told.since, |over| over.min(told.since));
            told.until = told.until.max(over.plus_nanos(-1));
        }
    }
    // The rest is told in the next turn.
    due.look_at(now);
}

/// When it is to be changed by us.
fn change_at(one: Clocked<'_>) -> Option<ShowTime> {
    match one {
        _ if one.waits() => one.waits_until(),
        _ if one.when_over() == WhenOver::Remove => one.ends_at(),
        _ => None,
    }
}

/// Makes what is due by the frame at `at`: takes out what is over, and lets go what has waited long enough.
pub(crate) fn made(scene: &Scene, moment: Moment) -> (Scene, Vec<Said>) {
    let at = moment.show;
    let mut scene = scene.clone();
    let mut said = Vec::new();
    let is_due = |one: &Clocked<'_>| one.is_settled() && change_at(*one).is_some_and(|on| on <= at);
    let ids: Vec<Id> = scene
        .clocked()
        .filter(is_due)
        .map(|one| one.id().clone())
        .collect();
    for id in ids {
        // One that was of a group may have been let go with it.
        let Some(one) = scene.clocked().find(|one| *one.id() == id).filter(is_due) else {
            continue;
        };
        if !one.waits() {
            let finished = match one {
                Clocked::Animation(_) => "animation.finished",
                Clocked::Timeline(_) => "timeline.finished",
            };
            // Their ids are one namespace: only one of the two is there.
            scene.end_animation(&id);
            scene.end_timeline(&id);
            said.push(Said::event(finished, json!({ "id": id.as_str() })));
            continue;
        }
        let then = one.patience().map_or(OnTimeout::Start, |one| one.then);
        let word = match then {
            OnTimeout::Start => "start",
            OnTimeout::Cancel => "cancel",
        };
        let until = one.waits_until().unwrap_or(at);
        let data = json!({ "id": id.as_str(), "on_timeout": word });
        let waiting = match one {
            Clocked::Animation(one) => one.clone(),
            Clocked::Timeline(_) => {
                said.push(Said::event("timeline.timed_out", data));
                if then == OnTimeout::Cancel {
                    scene.cancel_timeline(&id);
                } else if let Some(one) = scene.timelines.iter_mut().find(|one| one.id == id) {
                    one.start = Start::At(until);
                }
                continue;
            }
        };
        said.push(Said::event("animation.timed_out", data));
        let group = waiting.plan.group.as_ref().map(|group| group.id.clone());
        let marker = matches!(waiting.start, Start::Marker(..));
        let ids = match group.filter(|_| !marker) {
            Some(group) => scene.group(&group),
            None => vec![id],
        };
        match then {
            OnTimeout::Cancel => scene.animations.retain(|one| !ids.contains(&one.id)),
            OnTimeout::Start if marker => {
                for one in scene
                    .animations
                    .iter_mut()
                    .filter(|one| ids.contains(&one.id))
                {
                    one.start = Start::At(until);
                }
            }
            OnTimeout::Start => scene.release(&ids, moment),
        }
    }
    (scene, said)
}

/// Tells what comes to pass, takes out what is over and is to go, and lets begin what has waited long enough or for whom all
/// are there. Never ends.
pub(crate) async fn watch(api: &Api) {
    let client = Client::new("animation", Role::Operator);
    let handle = &api.0.parts.handle;
    let mut lives = {
        let accepted = api.0.control.accepted();
        Lives::new(&accepted.scene, handle.show_time())
    };
    if api.0.goes_on {
        resume(api, &client);
    }
    loop {
        let changed = api.0.turned.changed.notified();
        let cadence = handle.picture().cadence;
        let frame_ns = cadence.framerate().frame_time(1).nanos();
        let (due, revision) = {
            // Before the scene: what was told of by then is in it.
            let turned = api.0.turned.take();
            lives.painted.extend(api.0.turned.take_painted());
            let accepted = api.0.control.accepted();
            // A change is handed over within the frame before its own, so that it is never late and holds up nobody.
            let times = [frame_ns, frame_ns / 2];
            let due = lives.due(&accepted.scene, &turned, handle.show_time(), times);
            (due, accepted.revision)
        };
        for (group, layers) in due.to_paint {
            let turned = Arc::clone(&api.0.turned);
            handle.when_painted(layers, move || turned.tell_painted(group));
        }
        for tale in &due.tales {
            api.happened(
                tale.kind(),
                Some(tale.applied(cadence, revision)),
                &tale.data(),
                None,
            );
        }
        if let Some(ids) = due.complete {
            let change = |scene: &Scene| {
                let moment = Moment {
                    show: handle.show_time(),
                    epoch_unix_ns: handle.epoch_unix_ns(),
                };
                let mut scene = scene.clone();
                scene.release(&ids, moment);
                Some(Change::new(scene, About::Scene))
            };
            consequence::make(api, By::now(&client, METHOD), change).await;
            continue;
        }
        let Some(at) = due.change_at else {
            consequence::wait(api, due.next, changed).await;
            continue;
        };
        // Whatever else is due by that frame goes with it.
        let frame = cadence.frame_time(cadence.first_frame_at(at));
        let by = By {
            client: &client,
            method: METHOD,
            not_before: frame,
        };
        let change = |scene: &Scene| {
            let moment = Moment {
                show: frame,
                epoch_unix_ns: handle.epoch_unix_ns(),
            };
            let (scene, said) = made(scene, moment);
            // Nothing is, where it was paused or cancelled meanwhile.
            (!said.is_empty()).then(|| Change {
                said,
                ..Change::new(scene, About::Scene)
            })
        };
        consequence::make(api, by, change).await;
    }
}

/// Does what animations ask for when the service starts again.
fn resume(api: &Api, client: &Client) {
    let now = api.0.parts.handle.show_time();
    let change = |scene: &Scene| {
        let mut scene = scene.clone();
        if scene.resume_at(now) {
            Ok(Change::new(scene, About::Scene))
        } else {
            Err(Error::NoSuchAnimation { id: String::new() })
        }
    };
    let by = By::now(client, METHOD);
    match api.0.control.change(by, &Condition::default(), change) {
        Ok(_) | Err(Error::NoSuchAnimation { .. }) => {}
        Err(error) => tracing::warn!(%error, "animations go on as if nothing had been"),
    }
}

impl Tale {
    const fn kind(&self) -> &'static str {
        match (self.mark, self.of_timeline) {
            (Mark::Started, false) => "animation.started",
            (Mark::Started, true) => "timeline.started",
            (Mark::Iteration(_), false) => "animation.iteration",
            (Mark::Iteration(_), true) => "timeline.iteration",
            (Mark::Finished | Mark::TimedOut, false) => "animation.finished",
            (Mark::Finished | Mark::TimedOut, true) => "timeline.finished",
        }
    }

    fn data(&self) -> Value {
        match self.mark {
            Mark::Iteration(number) => {
                json!({ "id": self.id.as_str(), "iteration": wire::number(number) })
            }
            _ => json!({ "id": self.id.as_str() }),
        }
    }

    /// The first frame that shows it.
    fn applied(&self, cadence: Cadence, revision: u64) -> Applied {
        let frame = cadence.first_frame_at(self.at);
        Applied {
            revision,
            frame,
            show_time: cadence.frame_time(frame),
        }
    }
}

#[cfg(test)]
mod tests;
