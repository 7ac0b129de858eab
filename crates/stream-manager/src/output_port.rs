//! Lends the outputs to the API.

use api::{OutputFault, OutputReport, OutputState, OutputsPort};
use outputs::{OutputConfig, Outputs, State, Status, StreamKey};
use scene::Fault;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use telemetry::Metrics;
use wire::{OutputPatch, OutputRequest};

/// The output that follows `STREAM_URL`.
pub(crate) const ENV_OUTPUT: &str = "env";

/// The outputs, in the API's words.
pub(crate) struct OutputPort {
    outputs: Arc<Outputs>,
    metrics: Metrics,
    made: AtomicU64,
}

impl OutputPort {
    pub(crate) const fn new(outputs: Arc<Outputs>, metrics: Metrics) -> Self {
        Self {
            outputs,
            metrics,
            made: AtomicU64::new(0),
        }
    }

    fn new_id(&self) -> String {
        loop {
            let id = format!("output-{}", self.made.fetch_add(1, Ordering::Relaxed) + 1);
            if self.outputs.status(&id).is_err() {
                return id;
            }
        }
    }
}

impl OutputsPort for OutputPort {
    fn list(&self) -> Vec<OutputReport> {
        self.outputs
            .list()
            .into_iter()
            .map(|(id, status)| report(id, status))
            .collect()
    }

    fn remember(&self) -> Vec<OutputRequest> {
        let configs = self.outputs.configs().into_iter();
        let configs = configs.filter(|config| config.id() != ENV_OUTPUT);
        let request = |config: OutputConfig| OutputRequest {
            id: scene::Id::new(config.id()),
            url: config.target().tc_url(),
            key: Some(config.target().key().expose().to_owned()),
            enabled: config.enabled(),
        };
        configs.map(request).collect()
    }

    fn add(&self, request: OutputRequest) -> Result<OutputReport, OutputFault> {
        let id = request
            .id
            .map_or_else(|| self.new_id(), |id| id.as_str().to_owned());
        let key = request
            .key
            .as_deref()
            .map(StreamKey::new)
            .transpose()
            .map_err(|error| invalid("/key", &error))?;
        let config = OutputConfig::new(&id, &request.url, key, request.enabled)
            .map_err(|error| invalid("/url", &error))?;
        self.outputs
            .add(config)
            .map_err(|_| OutputFault::Exists { id: id.clone() })?;
        self.metrics.show("output", &id, true);
        let status = self
            .outputs
            .status(&id)
            .map_err(|_| OutputFault::NotFound { id: id.clone() })?;
        Ok(report(id, status))
    }

    fn update(&self, id: &str, patch: OutputPatch) -> Result<OutputReport, OutputFault> {
        if id == ENV_OUTPUT && self.outputs.status(id).is_ok() {
            return Err(OutputFault::Fixed { id: id.to_owned() });
        }
        let key = patch
            .key
            .map(|key| key.as_deref().map(StreamKey::new).transpose());
        let key = key.transpose().map_err(|error| invalid("/key", &error))?;
        self.outputs
            .update(id, patch.url.as_deref(), key, patch.enabled)
            .map_err(|error| match error {
                outputs::Error::UnknownId => not_found(id),
                error => invalid("/url", &error),
            })?;
        let status = self.outputs.status(id).map_err(|_| not_found(id))?;
        Ok(report(id.to_owned(), status))
    }

    fn start(&self, id: &str) -> Result<(), OutputFault> {
        self.outputs.start(id).map_err(|_| not_found(id))
    }

    fn stop(&self, id: &str) -> Result<(), OutputFault> {
        self.outputs.stop(id).map_err(|_| not_found(id))
    }

    fn retry(&self, id: &str) -> Result<(), OutputFault> {
        self.outputs.retry(id).map_err(|_| not_found(id))
    }

    fn remove(&self, id: &str) -> Result<(), OutputFault> {
        if id == ENV_OUTPUT && self.outputs.status(id).is_ok() {
            return Err(OutputFault::Fixed { id: id.to_owned() });
        }
        self.outputs.remove(id).map_err(|_| not_found(id))?;
        // What is gone has no state, and alerts nobody.
        self.metrics.show("output", id, false);
        Ok(())
    }
}

fn invalid(pointer: &str, error: &dyn std::error::Error) -> OutputFault {
    OutputFault::Invalid(vec![Fault::invalid(pointer, error.to_string())])
}

fn not_found(id: &str) -> OutputFault {
    OutputFault::NotFound { id: id.to_owned() }
}

fn report(id: String, status: Status) -> OutputReport {
    let state = match status.state {
        State::Idle => OutputState::Idle,
        State::Connecting => OutputState::Connecting,
        State::Live => OutputState::Live,
        State::Retrying => OutputState::Retrying,
        State::Refused => OutputState::Refused,
        State::Stopped => OutputState::Stopped,
    };
    OutputReport {
        id,
        url: status.url,
        enabled: !matches!(status.state, State::Idle | State::Stopped),
        state,
        reason: status.reason,
        attempts: status.attempts.into(),
        next_retry_in_ms: status.next_retry_in_ms,
        connected_ms: (status.state == State::Live).then_some(status.since_ms),
        dropped_packets: status.dropped_packets,
        bytes_sent: status.bytes_sent,
        queue_ms: status.queue_ms,
    }
}
