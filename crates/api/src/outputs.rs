//! Outputs over HTTP, and the port through which the roof lends them.

use crate::Api;
use crate::problem::{CREATED, Error, NO_CONTENT};
use crate::request::{answer, read_body};
use axum::extract::{Path, Request, State};
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use scene::Fault;
use wire::{OutputRequest, OutputView};

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
    fn to_json(&self) -> serde_json::Value {
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

    /// Adds an output and, where it is enabled, starts it.
    ///
    /// # Errors
    /// [`OutputFault::Exists`], [`OutputFault::Invalid`].
    fn add(&self, request: OutputRequest) -> Result<OutputReport, OutputFault>;

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

pub(crate) async fn list(State(api): State<Api>) -> Response {
    answer(&wire::list(
        api.0.parts.outputs.list().iter().map(OutputReport::to_json),
    ))
}

pub(crate) async fn add(State(api): State<Api>, request: Request) -> Result<Response, Error> {
    let body = read_body(request).await?;
    let output = api.0.parts.outputs.add(wire::read_output_request(&body)?)?;
    tracing::info!(
        output = output.id,
        url = output.url,
        "output added over the API"
    );
    let location = format!("/api/v1/outputs/{}", output.id);
    Ok((CREATED, [(LOCATION, location)], answer(&output.to_json())).into_response())
}

pub(crate) async fn show(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let output = api
        .0
        .parts
        .outputs
        .list()
        .into_iter()
        .find(|output| output.id == id);
    Ok(answer(
        &output.ok_or(OutputFault::NotFound { id })?.to_json(),
    ))
}

pub(crate) async fn remove(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    api.0.parts.outputs.remove(&id)?;
    tracing::info!(output = id, "output removed over the API");
    Ok(NO_CONTENT.into_response())
}

pub(crate) async fn start(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    api.0.parts.outputs.start(&id)?;
    show(State(api), Path(id)).await
}

pub(crate) async fn stop(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    api.0.parts.outputs.stop(&id)?;
    show(State(api), Path(id)).await
}

pub(crate) async fn retry(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    api.0.parts.outputs.retry(&id)?;
    show(State(api), Path(id)).await
}
