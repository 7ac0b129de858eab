//! The one place where what clients ask for becomes a command: checked against the newest accepted scene, given to the
//! engine in the same order, and answered with the frame that shows it.
//!
//! A change that was accepted is the base of the next at once, though the engine shows both on its next frame: clients
//! that write at the same time wait for a lock of microseconds, and for each other's frames not at all.

use crate::access::Client;
use crate::announce::{Announcer, Happened, Kept, KeptChange, Shown};
use crate::history::{Difference, History, Made, Role};
use crate::leases::{self, Leases};
use crate::lives;
use crate::operation::{About, Change, Said};
use crate::problem::Error;
use crate::transitions;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use engine::{Applied, Busy, Handle};
use media::ShowTime;
use scene::{
    Animation, Command, Edit, Id, Layer, Limits, Passage, Revision, Scene, Shared, Slate, Timeline,
};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use wire::Scope;

/// A change shows on the next frame; an engine that takes so long is in trouble.
const PATIENCE: Duration = Duration::from_secs(5);

/// A part of the show that has an `ETag` of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Resource {
    /// The whole document; changes with everything in it.
    Scene,
    Layer(Id),
    Animation(Id),
    Timeline(Id),
    Template(Id),
    /// A transition that runs.
    Passage(Id),
}

/// The newest accepted scene.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) scene: Scene,
    /// Of the newest change.
    pub(crate) revision: Revision,
    /// When each part last changed, where that is known.
    changed: HashMap<Resource, Revision>,
    /// When parts that are not in `changed` did.
    replaced: Revision,
    /// Whether an animation may begin at another time than a show time.
    unsettled: bool,
}

impl Accepted {
    /// The revision at which a part last changed.
    pub(crate) fn changed_at(&self, resource: &Resource) -> Revision {
        match resource {
            Resource::Scene => self.revision,
            part => self.changed.get(part).copied().unwrap_or(self.replaced),
        }
    }

    /// Takes over the show times that the engine made of starts, for what it has on air by now.
    fn settle(&mut self, on_air: &Scene, revision: Revision) {
        let mut animations = std::mem::take(&mut self.scene.animations);
        self.unsettled = false;
        let mut dropped = Vec::new();
        for animation in &mut animations {
            if animation.is_settled() {
                continue;
            }
            let changed = self.changed_at(&Resource::Animation(animation.id.clone()));
            let same = |other: &&Shared<Animation>| changed <= revision && other.id == animation.id;
            match on_air.animations.iter().find(same) {
                Some(settled) if settled.is_settled() => {
                    let settled = settled.clone();
                    *animation = settled;
                }
                // It came too late, and was dropped.
                None if changed <= revision && animation.drops_when_late() => {
                    dropped.push(animation.id.clone());
                }
                Some(_) | None => self.unsettled = true,
            }
        }
        animations.retain(|one| !dropped.contains(&one.id));
        self.scene.animations = animations;
        let mut timelines = std::mem::take(&mut self.scene.timelines);
        for timeline in timelines.iter_mut().filter(|one| !one.is_settled()) {
            let changed = self.changed_at(&Resource::Timeline(timeline.id.clone()));
            let same = |other: &&Shared<Timeline>| changed <= revision && other.id == timeline.id;
            match on_air.timelines.iter().find(same) {
                Some(settled) if settled.is_settled() => *timeline = settled.clone(),
                _ => self.unsettled = true,
            }
        }
        self.scene.timelines = timelines;
        let mut passages = std::mem::take(&mut self.scene.passages);
        for passage in &mut passages {
            let changed = self.changed_at(&Resource::Passage(passage.id.clone()));
            let same = |other: &&Shared<Passage>| changed <= revision && other.id == passage.id;
            if passage.is_settled() {
                continue;
            }
            match on_air.passages.iter().find(same) {
                Some(settled) if settled.is_settled() => *passage = settled.clone(),
                _ => self.unsettled = true,
            }
        }
        self.scene.passages = passages;
    }
}

/// Accepts changes.
#[derive(Debug)]
pub(crate) struct Control {
    handle: Handle,
    limits: Limits,
    accepted: Mutex<Accepted>,
    history: Arc<Mutex<History>>,
    leases: Arc<Leases>,
    announcer: Announcer,
}

/// On whose behalf something changes, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By<'a> {
    pub(crate) client: &'a Client,
    pub(crate) method: &'static str,
    /// The first show time at which it may show.
    pub(crate) not_before: ShowTime,
}

impl<'a> By<'a> {
    /// On the next frame.
    pub(crate) const fn now(client: &'a Client, method: &'static str) -> Self {
        Self {
            client,
            method,
            not_before: ShowTime::ZERO,
        }
    }
}

/// Which way the history is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To undo.
    Back,
    /// To redo.
    Again,
}

/// A change that was accepted and will show.
#[derive(Debug)]
pub(crate) struct Pending {
    applied: oneshot::Receiver<Applied>,
    pub(crate) change: Change,
    pub(crate) revision: Revision,
}

impl Pending {
    /// Waits for the frame that shows it.
    pub(crate) async fn shown(self) -> Result<(Applied, Change), Error> {
        let silent = || Error::EngineSilent {
            waited_ms: PATIENCE.as_secs() * 1000,
        };
        let applied = tokio::time::timeout(PATIENCE, self.applied)
            .await
            .map_err(|_| silent())?;
        Ok((applied.map_err(|_| Busy)?, self.change))
    }
}

impl Control {
    pub(crate) fn new(
        handle: Handle,
        limits: Limits,
        history: Arc<Mutex<History>>,
        leases: Arc<Leases>,
        announcer: Announcer,
    ) -> Self {
        let (scene, revision) = handle.scene();
        leases.renew(scene.layers.iter().map(|layer| &**layer));
        Self {
            handle,
            limits,
            accepted: Mutex::new(Accepted {
                scene: (*scene).clone(),
                revision,
                changed: HashMap::new(),
                replaced: revision,
                unsettled: true,
            }),
            history,
            leases,
            announcer,
        }
    }

    /// The newest accepted scene; hold it briefly.
    pub(crate) fn accepted(&self) -> MutexGuard<'_, Accepted> {
        let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if accepted.unsettled {
            let (on_air, revision) = self.handle.scene();
            accepted.settle(&on_air, revision);
        }
        accepted
    }

    /// The changes of late.
    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes of the accepted scene what `change` does, if `condition` holds for what that is about.
    ///
    /// `change` runs under the lock that all writers take: it should take microseconds. It comes before the condition, for
    /// a request that cannot be carried out at all is answered with why (RFC 9110, 13.2.1).
    pub(crate) fn change(
        &self,
        by: By<'_>,
        condition: &Condition,
        change: impl FnOnce(&Scene) -> Result<Change, Error>,
    ) -> Result<Pending, Error> {
        let mut accepted = self.accepted();
        let change =
            change(&accepted.scene).inspect_err(|error| self.refused(error, accepted.revision))?;
        if let Some(resource) = change.about.resource() {
            condition.check(&accepted, &resource)?;
        }
        let role = match by.method {
            lives::METHOD | leases::METHOD | transitions::METHOD => Role::Consequence,
            _ => Role::Change,
        };
        self.accept(&mut accepted, by, change, role)
    }

    /// Tells of an animation that was not added, for what it met.
    fn refused(&self, error: &Error, revision: Revision) {
        let Error::Meets { id, animations } = error else {
            return;
        };
        let (cadence, newest) = (
            self.handle.picture().cadence,
            self.handle.newest_show_time(),
        );
        let data = json!({ "id": id, "outcome": "rejected", "animations": animations });
        self.announcer.happened(Happened {
            kind: "animation.conflict",
            applied: Some(Applied {
                revision,
                frame: cadence.first_frame_at(newest),
                show_time: newest,
            }),
            data,
            by: None,
        });
    }

    /// Takes back the newest change of the client or of anyone, or makes again what was taken back last. Transitions that
    /// are under way are over then.
    pub(crate) fn turn(&self, by: By<'_>, way: Way, scope: Scope) -> Result<Pending, Error> {
        let mut accepted = self.accepted();
        let mut scene = accepted.scene.clone();
        scene.passages.clear();
        let (scene, role) = {
            let (history, client) = (self.history(), &by.client.name);
            let now = self.handle.show_time();
            match way {
                Way::Back => {
                    let (scene, id) = history.undo(&scene, client, scope, &self.limits, now)?;
                    (scene, Role::Undo(id))
                }
                Way::Again => {
                    let (scene, id) = history.redo(&scene, client, scope, &self.limits, now)?;
                    (scene, Role::Redo(id))
                }
            }
        };
        self.accept(&mut accepted, by, Change::new(scene, About::Scene), role)
    }

    /// Puts a slate before everything, or takes it away.
    pub(crate) fn slate(&self, slate: Option<Slate>) -> Result<Pending, Error> {
        let mut accepted = self.accepted();
        let change = Change::new(accepted.scene.clone(), About::Scene);
        let kept = Kept::Slate(slate.clone());
        let applied = self.send(
            Command::Slate(slate),
            ShowTime::ZERO,
            None,
            kept,
            Vec::new(),
        )?;
        accepted.revision += 1;
        Ok(Pending {
            applied,
            change,
            revision: accepted.revision,
        })
    }

    fn accept(
        &self,
        accepted: &mut Accepted,
        by: By<'_>,
        mut change: Change,
        role: Role,
    ) -> Result<Pending, Error> {
        self.leases
            .wake(&accepted.scene, &mut change, &self.limits)?;
        let edit = Edit::between(&accepted.scene, &change.scene);
        let layers = edit.layers.put.iter().map(|layer| &layer.id);
        let layers = layers.chain(&edit.layers.remove).cloned();
        let animations = edit.animations.put.iter().map(|animation| &animation.id);
        let animations = animations.chain(&edit.animations.remove).cloned();
        let timelines = edit.timelines.put.iter().map(|timeline| &timeline.id);
        let timelines = timelines.chain(&edit.timelines.remove).cloned();
        let templates = edit.templates.put.iter().map(|template| &template.id);
        let templates = templates.chain(&edit.templates.remove).cloned();
        let passages = edit.passages.put.iter().map(|passage| passage.id.clone());
        let touched: Vec<Resource> = layers
            .map(Resource::Layer)
            .chain(animations.map(Resource::Animation))
            .chain(timelines.map(Resource::Timeline))
            .chain(templates.map(Resource::Template))
            .chain(passages.map(Resource::Passage))
            .collect();
        let unsettled = !edit.animations.put.is_empty()
            || !edit.timelines.put.is_empty()
            || !edit.passages.put.is_empty();
        transitions::tell(&accepted.scene, &edit.passages, &mut change.said);
        let difference = Difference::of(&accepted.scene, &edit);
        let kept = Kept::Change(Box::new(KeptChange {
            edit: edit.clone(),
            role,
        }));
        let renewed = edit.layers.put.clone();
        let revision = accepted.revision + 1;
        let mut history = self.history();
        let id = history.next();
        let said = std::mem::take(&mut change.said);
        let command = Command::Edit(Box::new(edit));
        let applied = self.send(command, by.not_before, Some(id), kept, said)?;
        history.push(Made {
            client: &by.client.name,
            method: by.method,
            at_unix_ns: self.handle.unix_ns(),
            revision,
            difference,
            comes_to: None,
            role,
        });
        drop(history);
        let written = |layer: &&Shared<Layer>| change.written.iter().any(|(id, _)| *id == layer.id);
        let written = change.scene.layers.iter().filter(written);
        self.leases
            .renew(renewed.iter().chain(written).map(|layer| &**layer));
        accepted.scene = change.scene.clone();
        accepted.unsettled |= unsettled;
        accepted.revision = revision;
        accepted
            .changed
            .extend(touched.into_iter().map(|part| (part, revision)));
        Ok(Pending {
            applied,
            change,
            revision,
        })
    }

    fn send(
        &self,
        command: Command,
        not_before: ShowTime,
        entry: Option<u64>,
        kept: Kept,
        said: Vec<Said>,
    ) -> Result<oneshot::Receiver<Applied>, Busy> {
        let (reply, receiver) = oneshot::channel();
        let announcer = self.announcer.clone();
        self.handle.apply_at(command, not_before, move |applied| {
            announcer.shown(Shown {
                applied,
                entry,
                kept,
                said,
                reply,
            });
        })?;
        Ok(receiver)
    }
}

/// What `If-Match` asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition(Option<Vec<String>>);

impl Condition {
    /// As a number, the way programs write it.
    pub(crate) fn revision(revision: Option<Revision>) -> Self {
        Self(revision.map(|revision| vec![etag(revision)]))
    }

    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(IF_MATCH).iter();
        let tags: Vec<String> = values
            .flat_map(|value| value.to_str().unwrap_or_default().split(','))
            .map(|tag| tag.trim().to_owned())
            .collect();
        Self((!tags.is_empty()).then_some(tags))
    }

    /// Whether anything will do.
    pub(crate) const fn is_none(&self) -> bool {
        self.0.is_none()
    }

    fn check(&self, accepted: &Accepted, resource: &Resource) -> Result<(), Error> {
        let current = accepted.changed_at(resource);
        let holds = self
            .0
            .as_ref()
            .is_none_or(|tags| tags.iter().any(|tag| tag == "*" || *tag == etag(current)));
        if holds {
            Ok(())
        } else {
            Err(Error::Stale { current })
        }
    }
}

/// A revision as an entity tag.
pub(crate) fn etag(revision: Revision) -> String {
    format!("\"{revision}\"")
}
