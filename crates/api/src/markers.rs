//! Markers: moments with a name, that animations wait for.

use crate::Api;
use crate::memory::whole;
use crate::operation::{About, Answer, Call, Change, Reply, Said};
use crate::problem::Error;
use engine::Applied;
use media::ShowTime;
use scene::{Id, Scene};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Markers that are remembered.
pub(crate) const KEPT: usize = 1000;

/// A marker that was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) name: Arc<str>,
    /// Its show time.
    pub(crate) at: ShowTime,
    /// The frame that showed that it is set.
    pub(crate) frame: i64,
    /// Who had waited for it.
    pub(crate) woken: Vec<Id>,
}

/// A marker that will be set with the frame that shows the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    name: Arc<str>,
    at: Option<ShowTime>,
    woken: Vec<Id>,
}

impl Setting {
    /// As it is from its frame on.
    pub(crate) fn settled(&self, applied: Applied) -> Marker {
        Marker {
            name: Arc::clone(&self.name),
            at: self.at.unwrap_or(applied.show_time),
            frame: applied.frame,
            woken: self.woken.clone(),
        }
    }
}

impl Marker {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "name": &*self.name,
            "at_ms": wire::number(self.at.as_ms()),
            "frame": self.frame,
            "woken": self.woken.iter().map(Id::as_str).collect::<Value>(),
        })
    }

    /// For the journal.
    fn record(&self) -> Value {
        let mut json = self.to_json();
        json["at_ns"] = self.at.nanos().into();
        json
    }

    /// Reads what [`record`](Self::record) wrote.
    pub(crate) fn read(json: &Value) -> Result<Self, String> {
        let woken = json["woken"].as_array().into_iter().flatten();
        let id = |id: &Value| id.as_str().and_then(Id::new).ok_or("an id is none");
        Ok(Self {
            name: json["name"].as_str().ok_or("`name` is missing")?.into(),
            at: ShowTime::from_nanos(whole(json, "at_ns")?),
            frame: whole(json, "frame")?,
            woken: woken.map(id).collect::<Result<_, _>>()?,
        })
    }
}

/// Keeps a marker among those of late: one that is there already stays once.
pub(crate) fn keep(kept: &mut VecDeque<Marker>, marker: Marker) {
    if kept.contains(&marker) {
        return;
    }
    kept.push_back(marker);
    while kept.len() > KEPT {
        kept.pop_front();
    }
}

/// The record of markers.
pub(crate) fn records(markers: &[Marker]) -> Value {
    json!({ "is": "markers", "markers": markers.iter().map(Marker::record).collect::<Value>() })
}

/// The markers of late.
#[derive(Debug, Default)]
pub(crate) struct Markers(Mutex<VecDeque<Marker>>);

impl Markers {
    pub(crate) fn new(kept: VecDeque<Marker>) -> Self {
        Self(Mutex::new(kept))
    }

    pub(crate) fn keep(&self, marker: Marker) {
        keep(&mut self.kept(), marker);
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<Marker> {
        self.kept().iter().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Marker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn list(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let markers = api.0.markers.all();
        let newest_first = markers.iter().rev().map(Marker::to_json);
        Ok(Answer::json(wire::list(newest_first)))
    })
}

/// Sets a marker: whoever waits for it begins, all on the frame that shows it, or at the show time that it names.
pub(crate) fn set(api: &Api, scene: &Scene, call: &Call) -> Result<Change, Error> {
    let request = wire::read_marker(&call.body, api.0.parts.handle.show_time())?;
    let mut scene = scene.clone();
    let woken = scene.set_marker(&request.name, request.at);
    let setting = Setting {
        name: request.name,
        at: request.at,
        woken,
    };
    let said = vec![Said::Marker(setting.clone())];
    Ok(Change {
        said,
        ..Change::new(scene, About::Marker(setting))
    })
}
