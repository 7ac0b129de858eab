//! Outputs over HTTP, and the port through which the roof lends them.

use crate::Api;
use crate::memory;
use crate::operation::{Answer, Call, Reply};
use crate::problem::Error;
use scene::Fault;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;
use wire::{OutputPatch, OutputRequest, OutputView};

/// How often outputs are looked at for what they came to by themselves.
const LOOK: Duration = Duration::from_millis(500);

/// What an output is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputState {
    /// Configured and never started.
    Idle,
    /// Dialling, or asking for permission to publish.
    Connecting,
    /// On air.
    Live,
    /// Waiting before the next attempt.
    Retrying,
    /// The server refused; only a request tries again.
    Refused,
    /// Stopped on request.
    Stopped,
}

impl OutputState {
    const fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Retrying => "retrying",
            Self::Refused => "refused",
            Self::Stopped => "stopped",
        }
    }
}

/// An output at a glance. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputReport {
    /// Its id.
    pub id: String,
    /// Where it publishes, without the key.
    pub url: String,
    /// Whether it is meant to run.
    pub enabled: bool,
    /// What it is doing.
    pub state: OutputState,
    /// Why it is not live.
    pub reason: Option<String>,
    /// Attempts to connect since it was last live.
    pub attempts: u64,
    /// Until the next attempt, while retrying.
    pub next_retry_in_ms: Option<u64>,
    /// How long the running session is live.
    pub connected_ms: Option<u64>,
    /// Packets that its full queue let fall.
    pub dropped_packets: u64,
    /// Sent in all sessions.
    pub bytes_sent: u64,
    /// How much of the programme waits in its queue.
    pub queue_ms: u64,
}

impl OutputReport {
    fn to_json(&self) -> Value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds of a process's life"
        )]
        let ms = |ms: u64| ms as f64;
        OutputView {
            id: &self.id,
            kind: "rtmp",
            url: &self.url,
            enabled: self.enabled,
            state: self.state.word(),
            reason: self.reason.as_deref(),
            attempts: self.attempts,
            next_retry_in_ms: self.next_retry_in_ms.map(ms),
            connected_ms: self.connected_ms.map(ms),
            dropped_packets: self.dropped_packets,
            bytes_sent: self.bytes_sent,
            queue_ms: ms(self.queue_ms),
        }
        .to_json()
    }
}

/// Why an output did not do as asked. No message holds a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputFault {
    /// There is none with this id.
    #[error("there is no output `{id}`")]
    NotFound {
        /// The id asked for.
        id: String,
    },
    /// There is one with this id already.
    #[error("there is an output `{id}` already")]
    Exists {
        /// The id asked for.
        id: String,
    },
    /// It cannot be made as asked; pointers are into the request.
    #[error("the output cannot be made as asked")]
    Invalid(Vec<Fault>),
    /// It is configured by the environment and cannot be removed.
    #[error("`{id}` follows the environment; change STREAM_URL and STREAM_KEY instead")]
    Fixed {
        /// Its id.
        id: String,
    },
}

/// The outputs, as far as the API needs them. Called within tokio's runtime; must not block.
pub trait OutputsPort: Send + Sync {
    /// All outputs.
    fn list(&self) -> Vec<OutputReport>;

    /// The outputs as they would be asked for again, keys and all, save those that come from elsewhere anyway.
    fn remember(&self) -> Vec<OutputRequest>;

    /// Adds an output and, where it is enabled, starts it.
    ///
    /// # Errors
    /// [`OutputFault::Exists`], [`OutputFault::Invalid`].
    fn add(&self, request: OutputRequest) -> Result<OutputReport, OutputFault>;

    /// Changes what an output is configured with; its session begins anew only where it has to.
    ///
    /// # Errors
    /// [`OutputFault::NotFound`], [`OutputFault::Invalid`], [`OutputFault::Fixed`].
    fn update(&self, id: &str, patch: OutputPatch) -> Result<OutputReport, OutputFault>;

    /// Starts an output that is idle, stopped or refused.
    ///
    /// # Errors
    /// [`OutputFault::NotFound`].
    fn start(&self, id: &str) -> Result<(), OutputFault>;

    /// Ends an output's session.
    ///
    /// # Errors
    /// [`OutputFault::NotFound`].
    fn stop(&self, id: &str) -> Result<(), OutputFault>;

    /// Cuts a wait short, and asks once more where the server refused.
    ///
    /// # Errors
    /// [`OutputFault::NotFound`].
    fn retry(&self, id: &str) -> Result<(), OutputFault>;

    /// Ends an output and forgets it.
    ///
    /// # Errors
    /// [`OutputFault::NotFound`], [`OutputFault::Fixed`].
    fn remove(&self, id: &str) -> Result<(), OutputFault>;
}

pub(crate) fn list(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let outputs = api.0.parts.outputs.list();
        Ok(Answer::json(wire::list(
            outputs.iter().map(OutputReport::to_json),
        )))
    })
}

pub(crate) fn show(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move { Ok(Answer::json(find(api, &call.id)?.to_json())) })
}

pub(crate) fn add(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let request = wire::read_output_request(&call.body)?;
        let output = api.0.parts.outputs.add(request)?;
        tracing::info!(
            output = output.id,
            url = output.url,
            "output added over the API"
        );
        let document = tell(api, &call, "output.added", &output);
        Ok(Answer::created(format!("/outputs/{}", output.id), document))
    })
}

pub(crate) fn patch(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let patch = wire::read_output_patch(&call.body)?;
        let output = api.0.parts.outputs.update(&call.id, patch)?;
        Ok(Answer::json(tell(api, &call, "output.updated", &output)))
    })
}

pub(crate) fn remove(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let output = find(api, &call.id)?;
        api.0.parts.outputs.remove(&call.id)?;
        tracing::info!(output = call.id, "output removed over the API");
        tell(api, &call, "output.removed", &output);
        Ok(Answer::nothing())
    })
}

pub(crate) fn start(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move { asked(api, &call, api.0.parts.outputs.start(&call.id)) })
}

pub(crate) fn stop(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move { asked(api, &call, api.0.parts.outputs.stop(&call.id)) })
}

pub(crate) fn retry(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move { asked(api, &call, api.0.parts.outputs.retry(&call.id)) })
}

fn asked(api: &Api, call: &Call, done: Result<(), OutputFault>) -> Result<Answer, Error> {
    done?;
    let output = find(api, &call.id)?;
    Ok(Answer::json(tell(api, call, "output.updated", &output)))
}

fn tell(api: &Api, call: &Call, kind: &'static str, output: &OutputReport) -> Value {
    api.remember(memory::outputs(&api.0.parts.outputs.remember()));
    let document = output.to_json();
    api.happened(
        kind,
        None,
        &document,
        Some((&call.client, call.operation.name)),
    );
    document
}

fn find(api: &Api, id: &str) -> Result<OutputReport, Error> {
    let mut outputs = api.0.parts.outputs.list().into_iter();
    let found = outputs.find(|output| output.id == id);
    Ok(found.ok_or_else(|| OutputFault::NotFound { id: id.to_owned() })?)
}

/// Announces what outputs come to by themselves, looking at them twice a second.
pub(crate) async fn watch(api: &Api) {
    let mut known: HashMap<String, OutputState> = HashMap::new();
    let mut every = tokio::time::interval(LOOK);
    loop {
        every.tick().await;
        let outputs = api.0.parts.outputs.list();
        known.retain(|id, _| outputs.iter().any(|output| output.id == *id));
        for output in outputs {
            if known.insert(output.id.clone(), output.state) != Some(output.state) {
                api.happened("output.state", None, &output.to_json(), None);
            }
        }
    }
}
