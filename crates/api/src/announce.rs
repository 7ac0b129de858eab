//! What follows when a change shows: its place in the history, the events, the as-run log, the answer.
//!
//! One thread does so in the order of the frames, away from the engine: whoever gets an answer finds the change in the
//! history, and its event is on the way.

use crate::as_run::{AsRun, Line};
use crate::control::Resource;
use crate::events::Events;
use crate::history::{Entry, History, Part, Role};
use crate::lives::{self, Turn, Turned};
use crate::markers::{self, Markers};
use crate::memory::{self, MemoryPort};
use crate::operation::Said;
use engine::{Applied, Handle};
use media::ShowTime;
use scene::{
    Animation, Clocked, Edit, Id, ListEdit, Moment, Revision, Scene, Shared, Slate, Start,
    Timeline, Verb,
};
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{Notify, oneshot};

/// A change showed on a frame.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) applied: Applied,
    /// Its number in the history.
    pub(crate) entry: Option<u64>,
    /// What is kept of it.
    pub(crate) kept: Kept,
    /// What else is told on its frame.
    pub(crate) said: Vec<Said>,
    /// Who waits for it.
    pub(crate) reply: oneshot::Sender<Applied>,
}

/// What the journal keeps of a command.
#[derive(Debug)]
pub(crate) enum Kept {
    Change(Box<KeptChange>),
    Slate(Option<Slate>),
}

/// A change of the scene, for the journal.
#[derive(Debug)]
pub(crate) struct KeptChange {
    pub(crate) edit: Edit,
    pub(crate) role: Role,
}

/// Something else happened.
#[derive(Debug)]
pub(crate) struct Happened {
    /// The event's type.
    pub(crate) kind: &'static str,
    pub(crate) applied: Option<Applied>,
    pub(crate) data: Value,
    /// Who did what, for the as-run log; `None` for what nobody did.
    pub(crate) by: Option<(Arc<str>, &'static str)>,
}

#[derive(Debug)]
enum News {
    Shown(Shown),
    Happened(Happened),
    Remember(Value),
    /// Asks to be told when all news so far are durable.
    Durable(oneshot::Sender<Result<(), String>>),
}

/// Takes news; cheap to clone, never waits.
#[derive(Clone, Debug)]
pub(crate) struct Announcer(Sender<News>);

/// What the thread works with.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) handle: Handle,
    pub(crate) history: Arc<Mutex<History>>,
    pub(crate) events: Arc<Events>,
    pub(crate) as_run: Arc<AsRun>,
    pub(crate) memory: Option<Memory>,
    /// Told when an animation came, went or was changed, with the frame that shows it.
    pub(crate) turned: Arc<Turned>,
    pub(crate) markers: Arc<Markers>,
    /// Told when a transition came, went or was turned round, with the frame that shows it.
    pub(crate) passages_changed: Arc<Notify>,
}

/// Makes records of a state.
pub(crate) type Records = Box<dyn Fn() -> Vec<Value> + Send + Sync>;

/// The journal, and the scene that it has come to.
pub(crate) struct Memory {
    pub(crate) port: Arc<dyn MemoryPort>,
    pub(crate) scene: Scene,
    pub(crate) revision: Revision,
    pub(crate) newest: ShowTime,
    /// Records since the last snapshot.
    pub(crate) since: usize,
    /// The number of the newest record.
    pub(crate) last: u64,
    /// What a snapshot has besides the scene and the history; there is none before the API is made.
    pub(crate) rest: Arc<OnceLock<Records>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl Memory {
    fn keep(&mut self, record: &Value) {
        self.last = self.port.append(record.to_string().into_bytes());
        self.since += 1;
    }
}

impl Announcer {
    /// Starts the thread; it ends with the last announcer.
    pub(crate) fn start(desk: Desk) -> std::io::Result<Self> {
        let (sender, news) = channel();
        std::thread::Builder::new()
            .name("announce".to_owned())
            .spawn(move || desk.work(&news))?;
        Ok(Self(sender))
    }

    pub(crate) fn shown(&self, shown: Shown) {
        // Without the thread nobody is answered; the change is made all the same.
        let _ = self.0.send(News::Shown(shown));
    }

    /// Keeps a record of what is no change of the scene.
    pub(crate) fn remember(&self, record: Value) {
        let _ = self.0.send(News::Remember(record));
    }

    /// Waits until everything that was said so far is durable.
    pub(crate) async fn durable(&self) -> Result<(), String> {
        let (sender, receiver) = oneshot::channel();
        let _ = self.0.send(News::Durable(sender));
        receiver
            .await
            .unwrap_or_else(|_| Err("the service is stopping".to_owned()))
    }

    pub(crate) fn happened(&self, happened: Happened) {
        let _ = self.0.send(News::Happened(happened));
    }
}

impl Desk {
    fn work(mut self, news: &Receiver<News>) {
        for news in news {
            match news {
                News::Shown(shown) => self.show(shown),
                News::Remember(record) => {
                    if let Some(memory) = &mut self.memory {
                        memory.keep(&record);
                    }
                    self.snapshot_if_due();
                }
                News::Durable(reply) => match &self.memory {
                    None => drop(reply.send(Err("nothing is kept".to_owned()))),
                    Some(memory) => memory
                        .port
                        .durable(memory.last, Box::new(move |done| drop(reply.send(done)))),
                },
                News::Happened(happened) => {
                    self.publish(happened.kind, happened.applied, &happened.data);
                    if let Some((client, method)) = happened.by {
                        self.as_run.write(&Line {
                            at_unix_ns: self.handle.unix_ns(),
                            client: &client,
                            method,
                            applied: happened.applied,
                            detail: &happened.data,
                        });
                    }
                }
            }
        }
    }

    fn show(&mut self, shown: Shown) {
        let entry = shown.entry.and_then(|id| {
            let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
            history.settle(id, shown.applied)
        });
        if let Some(entry) = &entry {
            self.tell(entry, shown.applied);
        }
        if let Kept::Change(change) = &shown.kept
            && change.edit.passages != ListEdit::default()
        {
            self.passages_changed.notify_one();
        }
        self.keep(shown.kept, entry.as_ref(), shown.applied);
        for said in &shown.said {
            self.say(said, shown.applied);
        }
        // Whoever asked may have gone.
        let _ = shown.reply.send(shown.applied);
    }

    fn say(&mut self, said: &Said, applied: Applied) {
        match said {
            Said::Event(kind, data) => self.publish(kind, Some(applied), data),
            Said::Marker(setting) => {
                let marker = setting.settled(applied);
                self.publish("marker.set", Some(applied), &marker.to_json());
                if let Some(memory) = &mut self.memory {
                    memory.keep(&markers::records(std::slice::from_ref(&marker)));
                }
                self.markers.keep(marker);
            }
        }
    }

    fn keep(&mut self, kept: Kept, entry: Option<&Entry>, applied: Applied) {
        let Some(memory) = &mut self.memory else {
            return;
        };
        memory.revision = applied.revision;
        memory.newest = memory.newest.max(applied.show_time);
        let record = match (kept, entry) {
            (Kept::Slate(slate), _) => memory::slate(slate.as_ref(), applied.revision),
            (Kept::Change(change), Some(entry)) => {
                let KeptChange { edit, role } = *change;
                let mut record = json!({
                    "is": "change",
                    "entry": entry.id,
                    "client": &*entry.client,
                    "method": &*entry.method,
                    "at_unix_ns": entry.at_unix_ns,
                    "revision": applied.revision,
                    "frame": applied.frame,
                    "show_time_ns": applied.show_time.nanos(),
                    "edit": wire::write_edit(&edit),
                });
                role.write(&mut record);
                memory.scene.change(edit, moment(applied, &self.handle));
                record
            }
            // The history keeps every entry until it has shown.
            (Kept::Change(_), None) => return,
        };
        memory.keep(&record);
        self.snapshot_if_due();
    }

    fn snapshot_if_due(&mut self) {
        let due = |memory: &&mut Memory| memory.since >= memory::SNAPSHOT_EVERY;
        let Some(memory) = self.memory.as_mut().filter(due) else {
            return;
        };
        let begin = memory::begin(self.handle.epoch_unix_ns(), memory.revision, &memory.scene);
        // Written only when the lock is free again: whoever changes the scene waits for it.
        let history = self
            .history
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .newest_shown();
        let history = history.snapshot();
        let rest = memory.rest.get().map(|rest| rest()).unwrap_or_default();
        let state = memory::snapshot(begin, memory.newest, history, rest);
        memory
            .port
            .snapshot(memory.last, state.to_string().into_bytes());
        memory.since = 0;
    }

    fn publish(&self, kind: &'static str, applied: Option<Applied>, data: &Value) {
        let now_ns = self.handle.unix_ns();
        self.events.publish(kind, now_ns, applied, data);
    }

    fn tell(&self, entry: &Entry, applied: Applied) {
        let client = &*entry.client;
        for part in &entry.difference.parts {
            let waits = lives::waits_for_a_change;
            let [before, after] = match part {
                Part::Animation(before, after) => {
                    [before, after].map(|one| one.as_ref().map(Clocked::Animation).map(waits))
                }
                Part::Timeline(before, after) => {
                    [before, after].map(|one| one.as_ref().map(Clocked::Timeline).map(waits))
                }
                Part::Canvas(..) | Part::Layer(..) | Part::Template(..) => continue,
            };
            if let Resource::Animation(id) | Resource::Timeline(id) = part.resource() {
                let turn = after.map(|after| Turn {
                    at: applied.show_time,
                    waits: [before == Some(true), after],
                });
                self.turned.tell(&id, turn);
            }
        }
        for part in &entry.difference.parts {
            let (kind, mut data) = match part {
                Part::Canvas(_, _) => ("canvas.updated", json!({})),
                Part::Layer(before, after) => {
                    let kinds = ["layer.created", "layer.removed", "layer.updated"];
                    let layer = after.as_ref().map(|layer| wire::write_layer(layer));
                    (turn(before, after, kinds), json!({ "layer": layer }))
                }
                Part::Animation(before, after) => {
                    let kinds = [
                        "animation.created",
                        "animation.removed",
                        "animation.updated",
                    ];
                    let settled = after
                        .as_ref()
                        .map(|one| settled(one, applied, &self.handle));
                    let animation = settled.map(|one| wire::write_animation(&one));
                    (
                        turn(before, after, kinds),
                        json!({ "animation": animation }),
                    )
                }
                Part::Timeline(before, after) => {
                    let kinds = ["timeline.created", "timeline.removed", "timeline.updated"];
                    let settled = after
                        .as_ref()
                        .map(|one| settled_timeline(one, applied, &self.handle));
                    let timeline = settled.map(|one| wire::write_timeline_laid_out(&one));
                    (turn(before, after, kinds), json!({ "timeline": timeline }))
                }
                Part::Template(before, after) => {
                    let kinds = ["template.created", "template.removed", "template.updated"];
                    (turn(before, after, kinds), json!({}))
                }
            };
            let id = match part.resource() {
                Resource::Layer(id)
                | Resource::Animation(id)
                | Resource::Timeline(id)
                | Resource::Template(id) => Some(id),
                Resource::Scene | Resource::Passage(_) => None,
            };
            if let Some(fields) = data.as_object_mut() {
                fields.retain(|_, value| !value.is_null());
                fields.insert("by".to_owned(), client.into());
                if let Some(id) = id {
                    fields.insert("id".to_owned(), id.as_str().into());
                }
            }
            self.publish(kind, Some(applied), &data);
            if let Some(kind) = fate(part, applied, &self.handle) {
                self.publish(kind, Some(applied), &data);
            }
        }
        if let Some(order) = entry.difference.reordered() {
            let order: Value = order.iter().map(Id::as_str).collect();
            let data = json!({ "order": order, "by": client });
            self.publish("layer.reordered", Some(applied), &data);
        }
        self.as_run.write(&Line {
            at_unix_ns: entry.at_unix_ns,
            client,
            method: &entry.method,
            applied: Some(applied),
            detail: &json!({ "changed": entry.changed() }),
        });
    }
}

/// Which of three things came to pass: it was created, removed or updated.
const fn turn<T>(before: &Option<T>, after: &Option<T>, kinds: [&'static str; 3]) -> &'static str {
    match (before, after) {
        (None, _) => kinds[0],
        (_, None) => kinds[1],
        _ => kinds[2],
    }
}

/// What became of an animation or a timeline by the change, besides that it is there or not.
fn fate(part: &Part, applied: Applied, handle: &Handle) -> Option<&'static str> {
    let canceled = |was: Clocked<'_>, kind| {
        let over = was.is_settled() && was.ends_at().is_some_and(|at| at <= applied.show_time);
        (!over).then_some(kind)
    };
    match part {
        Part::Animation(_, Some(is)) if is.drops_when_late() => {
            let dropped = settled_at(is, applied, handle).is_none();
            dropped.then_some("animation.dropped")
        }
        Part::Animation(Some(was), None) => canceled(Clocked::Animation(was), "animation.canceled"),
        Part::Timeline(Some(was), None) => canceled(Clocked::Timeline(was), "timeline.canceled"),
        _ => None,
    }
}

/// An animation with the show times that the engine made of its start and of what was done to it.
pub(crate) fn settled(
    animation: &Shared<Animation>,
    applied: Applied,
    handle: &Handle,
) -> Shared<Animation> {
    // One that came too late stays as it was asked for.
    settled_at(animation, applied, handle).unwrap_or_else(|| animation.clone())
}

/// As [`settled`]; `None` for one that came too late and was dropped.
fn settled_at(
    animation: &Shared<Animation>,
    applied: Applied,
    handle: &Handle,
) -> Option<Shared<Animation>> {
    if animation.is_settled() {
        return Some(animation.clone());
    }
    let (scene, _) = handle.scene();
    let mut settled = Animation::clone(animation);
    // What was on screen on its frame only the engine has seen.
    if settled.plan.retarget.is_some() {
        let found = scene.animations.iter().find(|one| one.id == animation.id);
        if let Some(found) = found.filter(|one| one.is_settled()) {
            settled.settle_as(found);
            return Some(settled.into());
        }
    }
    let Animation {
        id, start, verbs, ..
    } = &mut settled;
    let begins = follows_still(id, start, verbs, &scene)
        || settled.settle(moment(applied, handle), &|id| scene.over_at(id));
    begins.then(|| settled.into())
}

/// As [`settled`], of a timeline.
pub(crate) fn settled_timeline(
    timeline: &Shared<Timeline>,
    applied: Applied,
    handle: &Handle,
) -> Shared<Timeline> {
    if timeline.is_settled() {
        return timeline.clone();
    }
    let (scene, _) = handle.scene();
    let mut settled = Timeline::clone(timeline);
    let Timeline {
        id, start, verbs, ..
    } = &mut settled;
    if !follows_still(id, start, verbs, &scene) {
        settled.settle(moment(applied, handle), &|id| scene.over_at(id));
    }
    settled.into()
}

/// The moment of the frame that shows a change.
fn moment(applied: Applied, handle: &Handle) -> Moment {
    Moment {
        show: applied.show_time,
        epoch_unix_ns: handle.epoch_unix_ns(),
    }
}

/// Puts the show time that the engine made of it in the place of a start after another; whether there is none yet, since that
/// other waits or is held: then nothing can be done to it. It may hang on others by way of many.
fn follows_still(id: &Id, start: &mut Start, verbs: &mut Vec<Verb>, on_air: &Scene) -> bool {
    let is_after = |start: &Start| matches!(start, Start::After(..));
    if !is_after(start) {
        return false;
    }
    let Some(found) = on_air.clocked().find(|one| one.id() == id) else {
        return false;
    };
    *start = found.start().clone();
    let still = is_after(start);
    if still {
        verbs.clear();
    }
    still
}
