//! What outlives the process: the journal of what was done, and the state it comes to.
//!
//! Every change is a record, written when the frame that shows it was made and before anyone is answered. Records are
//! JSON, one object each, told apart by `is`:
//!
//! | `is` | what |
//! |---|---|
//! | `begin` | a show began: its epoch, its scene |
//! | `change` | a change of the scene: who, how, at which frame, the edit; what it comes to where a transition follows |
//! | `slate`, `stream` | the slate; bitrate and pause, and what was changed about the picture |
//! | `preset` | a preset that was put, or is gone |
//! | `outputs` | all outputs, with their keys |
//! | `job`, `job_gone` | something that waits for its show time, and waits no longer |
//! | `chat`, `auction` | what was pushed |
//! | `markers` | markers that were set |
//!
//! Now and then a snapshot takes the place of all records before it. It may be newer than its number in all but the
//! scene: the other records can be taken in twice.

mod mended;

use crate::access::{Client, Role as ClientRole};
use crate::history::{Difference, History};
use crate::markers::{self, Marker};
use crate::presets::Preset;
use crate::schedule::{Job, What};
use engine::{Applied, PictureChange, Resume};
use media::{Bitrate, Cadence, ShowTime};
use scene::{Edit, Id, Scene, Slate};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use wire::{AuctionEvent, ChatMessage, OutputRequest};

/// Records after which a snapshot is made.
pub(crate) const SNAPSHOT_EVERY: usize = 2000;
/// Version of the records.
const VERSION: u64 = 1;
/// The kind of the first one.
const BEGIN: &str = "begin";
/// Messages that a snapshot keeps, and that are restored.
pub(crate) const CHAT_KEPT: usize = 1000;

/// Keeps records in their order, durably. Methods return at once.
pub trait MemoryPort: Send + Sync {
    /// Keeps a record; gives back its number.
    fn append(&self, record: Vec<u8>) -> u64;

    /// Calls `done` as soon as everything up to that record is durable, or cannot be made so (why).
    fn durable(&self, sequence: u64, done: Box<dyn FnOnce(Result<(), String>) + Send>);

    /// Puts `state` in the place of all records up to that one.
    fn snapshot(&self, sequence: u64, state: Vec<u8>);
}

/// Why what was kept cannot be used. It is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be read: {detail}")]
pub struct Unreadable {
    what: String,
    detail: String,
}

/// What an earlier process left.
#[derive(Debug)]
pub struct Past {
    epoch_unix_ns: i64,
    pub(crate) scene: Scene,
    pub(crate) revision: u64,
    /// Records since the snapshot.
    pub(crate) since: usize,
    /// The newest show time of a change.
    pub(crate) newest: ShowTime,
    pub(crate) history: History,
    pub(crate) slate: Option<Slate>,
    pub(crate) bitrate: Option<Bitrate>,
    pub(crate) picture: PictureChange,
    cadence: Option<Cadence>,
    pub(crate) paused: bool,
    pub(crate) presets: BTreeMap<Id, Preset>,
    pub(crate) outputs: Vec<OutputRequest>,
    pub(crate) jobs: BTreeMap<u64, Job>,
    pub(crate) chat: Vec<ChatMessage>,
    pub(crate) auction: Vec<AuctionEvent>,
    pub(crate) markers: VecDeque<Marker>,
    left_out: Vec<Unreadable>,
}

impl Past {
    /// Reads a snapshot and the records after it; `None` where there is neither.
    ///
    /// # Errors
    /// As [`Past::advance`]; and for a snapshot that does not read.
    pub fn read<'a>(
        snapshot: Option<&[u8]>,
        records: impl IntoIterator<Item = &'a [u8]> + Clone,
    ) -> Result<Option<Self>, Unreadable> {
        let past = Self::read_records(snapshot, records.clone(), false)?;
        match past {
            // Looked for record by record only then: it takes long.
            Some(past) if mended::fault(&past.scene).is_some() => {
                Self::read_records(snapshot, records, true)
            }
            past => Ok(past),
        }
    }

    fn read_records<'a>(
        snapshot: Option<&[u8]>,
        records: impl IntoIterator<Item = &'a [u8]>,
        checked: bool,
    ) -> Result<Option<Self>, Unreadable> {
        let mut past = match snapshot {
            Some(bytes) => Some(Self::of_snapshot(bytes).map_err(named("the snapshot"))?),
            None => None,
        };
        let mut since = 0;
        for bytes in records {
            since += 1;
            let before = past.as_ref().filter(|_| checked);
            let before = before.map(|past| past.scene.clone());
            let mut next = Self::advance(past, since, bytes)?;
            if let Some(before) = before
                && let Some(fault) = mended::fault(&next.scene)
            {
                next.scene = before;
                next.left_out.push(at_record(since)(fault));
            }
            past = Some(next);
        }
        if let Some(past) = &mut past {
            past.since = since;
            if checked && let Some(fault) = mended::fault(&past.scene) {
                return Err(named("the scene")(fault));
            }
        }
        Ok(past)
    }

    /// Takes in what happened after it: record `n` since the snapshot. One of a known kind that does not read is left out:
    /// a show without one of its changes is better than none, however often the process is started again.
    ///
    /// # Errors
    /// [`Unreadable`] for a kind or a version of which this version does not know: another one does.
    pub fn advance(past: Option<Self>, n: usize, record: &[u8]) -> Result<Self, Unreadable> {
        let read = serde_json::from_slice::<Value>(record);
        let Some(mut past) = past else {
            let record = read.map_err(|error| at_record(n)(error.to_string()))?;
            if record["is"] != BEGIN {
                return Err(at_record(n)("no show has begun before it".to_owned()));
            }
            return Self::of_begin(&record).map_err(at_record(n));
        };
        match &read {
            Ok(record) if record["is"] == BEGIN => {
                return Self::of_begin(record).map_err(at_record(n));
            }
            Ok(record) => past.take_or_leave(record, at_record(n))?,
            Err(error) => past.left_out.push(at_record(n)(error.to_string())),
        }
        past.since = n;
        Ok(past)
    }

    /// Records of which this show does without, since they do not read: none, but for a fault of this program.
    pub fn left_out(&self) -> &[Unreadable] {
        &self.left_out
    }

    /// All of it as a snapshot; the next one is due when as much has happened again.
    pub fn state(&mut self) -> Vec<u8> {
        let begin = begin(self.epoch_unix_ns, self.revision, &self.scene);
        let mut records = vec![
            stream(self.bitrate, self.paused, &self.picture, self.cadence),
            outputs(&self.outputs),
        ];
        records.extend(self.slate.as_ref().map(|up| slate(Some(up), self.revision)));
        records.extend(self.presets.iter().map(|(id, one)| preset(id, Some(one))));
        records.extend(self.jobs.values().map(job));
        let said: Vec<Value> = self.chat.iter().map(ChatMessage::to_json).collect();
        records.extend((!said.is_empty()).then(|| chat(&said)));
        let events: Vec<Value> = self.auction.iter().map(AuctionEvent::to_json).collect();
        records.extend(events.chunks(wire::MAX_PUSHED).map(auction));
        records.extend(
            (!self.markers.is_empty()).then(|| markers::records(self.markers.make_contiguous())),
        );
        self.since = 0;
        snapshot(
            begin,
            self.newest,
            self.history.newest_shown().snapshot(),
            records,
        )
        .to_string()
        .into_bytes()
    }

    /// The scene as it was left.
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What was changed about the picture on air, but for the bitrate, which needs no new encoder.
    pub const fn picture(&self) -> &PictureChange {
        &self.picture
    }

    /// Where the show goes on, given the wall clock now: never before what it has shown, even if that clock was set back.
    pub fn resume(&self, unix_ns: i64) -> Resume {
        let latest = unix_ns.saturating_sub(self.newest.nanos());
        Resume {
            epoch_unix_ns: self.epoch_unix_ns.min(latest),
            revision: self.revision,
            cadence: self.cadence,
        }
    }

    /// Of a show that begins: there is none.
    pub(crate) fn of(handle: &engine::Handle) -> Self {
        let (scene, revision) = handle.scene();
        Self::begun(handle.epoch_unix_ns(), (*scene).clone(), revision)
    }

    fn begun(epoch_unix_ns: i64, scene: Scene, revision: u64) -> Self {
        Self {
            epoch_unix_ns,
            scene,
            revision,
            since: 0,
            newest: ShowTime::ZERO,
            history: History::default(),
            slate: None,
            bitrate: None,
            picture: PictureChange::default(),
            cadence: None,
            paused: false,
            presets: BTreeMap::new(),
            outputs: Vec::new(),
            jobs: BTreeMap::new(),
            chat: Vec::new(),
            auction: Vec::new(),
            markers: VecDeque::new(),
            left_out: Vec::new(),
        }
    }

    fn of_begin(record: &Value) -> Result<Self, String> {
        if record["version"].as_u64() != Some(VERSION) {
            return Err(format!(
                "it is of version {}; this service reads {VERSION}",
                record["version"]
            ));
        }
        let mut scene = scene_of(&record["scene"])?;
        let faults = mended::mend(&mut scene);
        let mut past = Self::begun(whole(record, "epoch_unix_ns")?, scene, 0);
        past.revision = whole(record, "revision")?;
        past.left_out = faults
            .into_iter()
            .map(named("a part of the scene"))
            .collect();
        Ok(past)
    }

    fn of_snapshot(bytes: &[u8]) -> Result<Self, String> {
        let state: Value = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let mut past = Self::of_begin(&state)?;
        past.newest = ShowTime::from_nanos(whole(&state, "newest_ns")?);
        past.history = History::read(&state["history"])?;
        for record in state["records"].as_array().into_iter().flatten() {
            past.take_or_leave(record, named("a record of the snapshot"))
                .map_err(|unknown| unknown.detail)?;
        }
        Ok(past)
    }

    /// Takes in a record, or leaves it out and remembers that.
    fn take_or_leave(
        &mut self,
        record: &Value,
        here: impl Fn(String) -> Unreadable,
    ) -> Result<(), Unreadable> {
        let is = record["is"].as_str().unwrap_or_default();
        match self.take(is, record) {
            Ok(true) => Ok(()),
            Ok(false) => Err(here(format!("`{is}` is unknown to this version"))),
            Err(fault) => {
                self.left_out.push(here(fault));
                Ok(())
            }
        }
    }

    /// `false` where there is no such kind.
    fn take(&mut self, is: &str, record: &Value) -> Result<bool, String> {
        match is {
            "change" => self.take_change(record)?,
            "slate" => {
                let slate = &record["slate"];
                let read =
                    || wire::read_panic(&json!({ "slate": slate })).map_err(|e| e.to_string());
                self.slate = (!slate.is_null()).then(read).transpose()?;
                self.revision = whole(record, "revision")?;
            }
            "stream" => {
                self.bitrate = record["bitrate_bps"].as_u64().map(Bitrate::from_bps);
                self.paused = record["paused"].as_bool().unwrap_or_default();
                self.picture = read_picture(&record["picture"])?;
                self.cadence = read_cadence(&record["cadence"])?;
                let since = self.cadence.map_or(ShowTime::ZERO, Cadence::from);
                self.newest = self.newest.max(since);
            }
            "preset" => {
                let id = id_of(record)?;
                if record["preset"].is_null() {
                    self.presets.remove(&id);
                } else {
                    self.presets.insert(id, Preset::read(&record["preset"])?);
                }
            }
            "outputs" => {
                let outputs = record["outputs"].as_array().into_iter().flatten();
                let read = |output| wire::read_output_request(output).map_err(|e| e.to_string());
                self.outputs = outputs.map(read).collect::<Result<_, _>>()?;
            }
            "job" if !record["ending"].is_null() => {
                crate::transitions::end_as_of_old(&mut self.scene, &record["ending"]);
            }
            "job" => {
                let job = read_job(record)?;
                self.jobs.insert(job.id, job);
            }
            "job_gone" => {
                self.jobs.remove(&whole(record, "job")?);
            }
            "chat" => {
                self.chat
                    .extend(wire::read_chat(&record["messages"]).map_err(|e| e.to_string())?);
                let surplus = self.chat.len().saturating_sub(CHAT_KEPT);
                self.chat.drain(..surplus);
            }
            "auction" => {
                let events = wire::read_auction_events(&record["events"]);
                self.auction.extend(events.map_err(|e| e.to_string())?);
            }
            "markers" => {
                for marker in record["markers"].as_array().into_iter().flatten() {
                    markers::keep(&mut self.markers, Marker::read(marker)?);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn take_change(&mut self, record: &Value) -> Result<(), String> {
        let edit = edit_of(&record["edit"])?;
        let before = self.scene.clone();
        let applied = Applied {
            revision: whole(record, "revision")?,
            frame: whole(record, "frame")?,
            show_time: ShowTime::from_nanos(whole(record, "show_time_ns")?),
        };
        let moment = scene::Moment {
            show: applied.show_time,
            epoch_unix_ns: self.epoch_unix_ns,
        };
        self.scene.change(edit.clone(), moment);
        self.revision = applied.revision;
        self.newest = self.newest.max(applied.show_time);
        let comes_to = match &record["comes_to"] {
            Value::Null => None,
            edit => Some(Difference::of(&before, &edit_of(edit)?)),
        };
        self.history
            .restore(record, applied, Difference::of(&before, &edit), comes_to)
    }
}

/// What is wrong with record `n` since the snapshot.
fn at_record(n: usize) -> impl Fn(String) -> Unreadable {
    named(&format!("record {n} of the journal"))
}

fn named(what: &str) -> impl Fn(String) -> Unreadable + use<> {
    let what = what.to_owned();
    move |detail| Unreadable {
        what: what.clone(),
        detail,
    }
}

pub(crate) fn whole<T: TryFrom<i64>>(record: &Value, name: &str) -> Result<T, String> {
    let number = record[name]
        .as_i64()
        .and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| format!("`{name}` is missing or no whole number"))
}

pub(crate) fn id_of(record: &Value) -> Result<Id, String> {
    let id = record["id"].as_str().and_then(Id::new);
    id.ok_or_else(|| "`id` is missing or none".to_owned())
}

pub(crate) fn edit_of(edit: &Value) -> Result<Edit, String> {
    wire::read_edit(edit).map_err(|e| e.to_string())
}

pub(crate) fn scene_of(document: &Value) -> Result<Scene, String> {
    wire::scene_as_kept(document).map_err(|e| e.to_string())
}

/// The first record of a show.
pub(crate) fn begin(epoch_unix_ns: i64, revision: u64, scene: &Scene) -> Value {
    json!({
        "is": "begin",
        "version": VERSION,
        "epoch_unix_ns": epoch_unix_ns,
        "revision": revision,
        "scene": wire::write_scene(scene),
    })
}

/// A snapshot: the beginning of a show that has come so far already.
pub(crate) fn snapshot(
    begin: Value,
    newest: ShowTime,
    history: Value,
    records: Vec<Value>,
) -> Value {
    let mut state = begin;
    state["newest_ns"] = newest.nanos().into();
    state["history"] = history;
    state["records"] = records.into();
    state
}

pub(crate) fn slate(slate: Option<&Slate>, revision: u64) -> Value {
    json!({ "is": "slate", "revision": revision, "slate": slate.map(wire::write_slate) })
}

/// `picture` has what was changed on air and nothing else; `cadence` is absent where frames count from show time 0.
pub(crate) fn stream(
    bitrate: Option<Bitrate>,
    paused: bool,
    picture: &PictureChange,
    cadence: Option<Cadence>,
) -> Value {
    let mut json =
        json!({ "is": "stream", "bitrate_bps": bitrate.map(Bitrate::bps), "paused": paused });
    let mut changed = json!({});
    if let Some(latency) = picture.latency {
        changed["latency"] = crate::stream::latency_word(latency).into();
    }
    if let Some(framerate) = picture.framerate {
        changed["fps"] = framerate.to_string().into();
    }
    if let Some(resolution) = picture.resolution {
        changed["resolution"] = resolution.to_string().into();
    }
    if changed != json!({}) {
        json["picture"] = changed;
    }
    if let Some(cadence) = cadence.filter(|cadence| !cadence.is_plain()) {
        json["cadence"] = json!({
            "fps": cadence.framerate().to_string(),
            "frame": cadence.from_frame(),
            "at_ns": cadence.from().nanos(),
        });
    }
    json
}

/// Records of before there was such a thing have none.
fn read_picture(picture: &Value) -> Result<PictureChange, String> {
    if picture.is_null() {
        return Ok(PictureChange::default());
    }
    let patch = wire::read_stream_patch(picture).map_err(|e| e.to_string())?;
    Ok(crate::stream::change(&patch))
}

fn read_cadence(cadence: &Value) -> Result<Option<Cadence>, String> {
    if cadence.is_null() {
        return Ok(None);
    }
    let rate = wire::parse_framerate(cadence["fps"].as_str().unwrap_or_default())?;
    let (frame, at_ns) = (whole(cadence, "frame")?, whole(cadence, "at_ns")?);
    Ok(Some(Cadence::starting(
        rate,
        frame,
        ShowTime::from_nanos(at_ns),
    )))
}

pub(crate) fn preset(id: &Id, preset: Option<&Preset>) -> Value {
    json!({ "is": "preset", "id": id.as_str(), "preset": preset.map(|preset| preset.to_json(id)) })
}

/// Secret: it goes to the journal and nowhere else.
pub(crate) fn outputs(outputs: &[OutputRequest]) -> Value {
    let output = |output: &OutputRequest| {
        let mut json = json!({ "type": "rtmp", "url": output.url, "enabled": output.enabled });
        if let Some(id) = &output.id {
            json["id"] = id.as_str().into();
        }
        if let Some(key) = &output.key {
            json["key"] = key.as_str().into();
        }
        json
    };
    json!({ "is": "outputs", "outputs": outputs.iter().map(output).collect::<Value>() })
}

pub(crate) fn job(job: &Job) -> Value {
    let mut json = json!({
        "is": "job",
        "job": job.id,
        "at_ns": job.at.nanos(),
        "client": &*job.client.name,
        "role": job.client.role.word(),
    });
    match &job.what {
        What::Batch(commands) => {
            let command =
                |one: &wire::BatchCommand| json!({ "method": one.method, "params": one.params });
            json["commands"] = commands.iter().map(command).collect();
        }
    }
    json
}

pub(crate) fn job_gone(id: u64) -> Value {
    json!({ "is": "job_gone", "job": id })
}

fn read_job(record: &Value) -> Result<Job, String> {
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    let role = ClientRole::named(text("role")).ok_or("`role` is unknown")?;
    let batch = wire::read_batch(&json!({ "commands": record["commands"] }));
    let what = What::Batch(batch.map_err(|e| e.to_string())?.commands);
    Ok(Job {
        id: whole(record, "job")?,
        at: ShowTime::from_nanos(whole(record, "at_ns")?),
        client: Client::new(text("client"), role),
        what,
    })
}

pub(crate) fn chat(messages: &[Value]) -> Value {
    json!({ "is": "chat", "messages": messages })
}

pub(crate) fn auction(events: &[Value]) -> Value {
    json!({ "is": "auction", "events": events })
}
