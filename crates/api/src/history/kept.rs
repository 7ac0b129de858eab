//! The history as the journal and its snapshots have it.

use super::{Difference, Entry, History, Made, Role, State};
use crate::memory::whole;
use engine::Applied;
use media::ShowTime;
use serde_json::{Value, json};
use std::sync::Arc;

/// Entries that a snapshot keeps.
const SNAPSHOT: usize = 200;

impl History {
    /// The newest entries that have shown, for a snapshot: they share what they are made of with these.
    pub(crate) fn newest_shown(&self) -> Self {
        let shown = self.entries.iter().filter(|entry| entry.applied.is_some());
        let surplus = shown.clone().count().saturating_sub(SNAPSHOT);
        Self {
            entries: shown.skip(surplus).cloned().collect(),
            parts: 0,
            made: self.made,
            undone: self.undone,
        }
    }

    /// As a snapshot has it, of [`newest_shown`](Self::newest_shown).
    pub(crate) fn snapshot(&self) -> Value {
        let shown = self.entries.iter();
        let entries = shown.clone().map(|entry| {
            let mut json = json!({
                "id": entry.id,
                "client": &*entry.client,
                "method": &*entry.method,
                "at_unix_ns": entry.at_unix_ns,
                "revision": entry.revision,
                "difference": entry.difference.to_json(),
            });
            if let Some(applied) = entry.applied {
                json["frame"] = applied.frame.into();
                json["show_time_ns"] = applied.show_time.nanos().into();
            }
            if !Arc::ptr_eq(&entry.difference, &entry.comes_to) {
                json["comes_to"] = entry.comes_to.to_json();
            }
            match entry.state {
                State::Done => json["state"] = "done".into(),
                State::Undone(n) => json["undone"] = n.into(),
                State::Past => {}
            }
            json
        });
        // Those that were accepted since stand in the records that follow.
        let made = shown.map(|entry| entry.id).max().unwrap_or(0);
        json!({ "made": made, "undone": self.undone, "entries": entries.collect::<Value>() })
    }

    /// Reads what [`snapshot`](Self::snapshot) wrote.
    pub(crate) fn read(json: &Value) -> Result<Self, String> {
        let mut history = Self {
            made: whole(json, "made")?,
            undone: whole(json, "undone")?,
            ..Self::default()
        };
        for entry in json["entries"].as_array().into_iter().flatten() {
            let difference = Arc::new(Difference::read(&entry["difference"])?);
            let comes_to = match &entry["comes_to"] {
                Value::Null => Arc::clone(&difference),
                json => Arc::new(Difference::read(json)?),
            };
            let state = match (&entry["state"], entry["undone"].as_u64()) {
                (_, Some(n)) => State::Undone(n),
                (Value::Null, None) => State::Past,
                _ => State::Done,
            };
            history.parts += difference.parts.len();
            history.entries.push_back(Entry {
                id: whole(entry, "id")?,
                client: entry["client"].as_str().unwrap_or_default().into(),
                method: entry["method"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
                    .into(),
                at_unix_ns: whole(entry, "at_unix_ns")?,
                revision: whole(entry, "revision")?,
                applied: Some(Applied {
                    revision: whole(entry, "revision")?,
                    frame: whole(entry, "frame")?,
                    show_time: ShowTime::from_nanos(whole(entry, "show_time_ns")?),
                }),
                difference,
                comes_to,
                state,
            });
        }
        Ok(history)
    }

    /// Takes an entry in again that the journal has; one that the snapshot had already is known.
    pub(crate) fn restore(
        &mut self,
        record: &Value,
        applied: Applied,
        difference: Difference,
        comes_to: Option<Difference>,
    ) -> Result<(), String> {
        let id: u64 = whole(record, "entry")?;
        if id <= self.made {
            return Ok(());
        }
        let role = match (record["role"].as_str(), record["of"].as_u64()) {
            (Some("undo"), Some(of)) => Role::Undo(of),
            (Some("redo"), Some(of)) => Role::Redo(of),
            (Some("consequence"), _) => Role::Consequence,
            _ => Role::Change,
        };
        self.made = id - 1;
        self.push(Made {
            client: &record["client"].as_str().unwrap_or_default().into(),
            method: "",
            at_unix_ns: whole(record, "at_unix_ns")?,
            revision: applied.revision,
            difference,
            comes_to,
            role,
        });
        if let Some(entry) = self.entries.back_mut() {
            entry.method = record["method"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
                .into();
            entry.applied = Some(applied);
        }
        Ok(())
    }
}

impl Role {
    /// As a record has it.
    pub(crate) fn write(self, record: &mut Value) {
        let (role, of) = match self {
            Self::Change => return,
            Self::Undo(of) => ("undo", Some(of)),
            Self::Redo(of) => ("redo", Some(of)),
            Self::Consequence => ("consequence", None),
        };
        record["role"] = role.into();
        if let Some(of) = of {
            record["of"] = of.into();
        }
    }
}
