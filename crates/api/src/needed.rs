//! Which assets the show needs beside those on screen, and which it may want back.

use crate::Api;
use crate::schedule::What;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// Names of assets, as layers have them.
type Names = HashSet<Arc<str>>;

/// Every text: what a command means shows only when it is carried out.
fn add_texts(value: &Value, names: &mut Names) {
    match value {
        Value::String(text) => {
            names.insert(text.as_str().into());
        }
        Value::Array(values) => values.iter().for_each(|value| add_texts(value, names)),
        Value::Object(members) => members.values().for_each(|value| add_texts(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Api {
    /// Names of the assets that presets are made from, and every name in commands that are scheduled; what is on air is not
    /// among them. Costs a pass over all of them.
    pub fn assets_kept(&self) -> Names {
        let mut names = self.0.presets.assets();
        for job in self.0.schedule.list() {
            let What::Batch(commands) = &job.what;
            for command in commands {
                add_texts(&command.params, &mut names);
            }
        }
        names
    }

    /// Names of the assets that an undo or a redo may bring back. Costs a pass over the history.
    pub fn assets_of_the_past(&self) -> Names {
        self.0.control.history().assets()
    }
}
