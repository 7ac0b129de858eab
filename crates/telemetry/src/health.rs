//! Health: is the service alive, and may it serve.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Silence of the engine, in nanoseconds, after which it counts as stalled.
///
/// Sixty frames at 30 fps: an overloaded machine is slow for a second now and then, and a restart costs more than that.
pub const STALL_NS: i64 = 2_000_000_000;

/// How one component does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// As it should be.
    Ok,
    /// Not as it should be, but a restart would not help; the reason.
    Degraded(String),
    /// Only a restart would help; the reason.
    Failed(String),
}

impl Condition {
    /// [`Condition::Failed`] when the last sign of life is more than [`STALL_NS`] ago.
    pub fn from_silence(silent_ns: i64) -> Self {
        if silent_ns > STALL_NS {
            Self::Failed(format!("no sign of life for {} ms", silent_ns / 1_000_000))
        } else {
            Self::Ok
        }
    }

    const fn status(&self) -> Status {
        match self {
            Self::Ok => Status::Ok,
            Self::Degraded(_) => Status::Degraded,
            Self::Failed(_) => Status::Failed,
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Ok => json!({ "status": Status::Ok.word() }),
            Self::Degraded(reason) | Self::Failed(reason) => {
                json!({ "status": self.status().word(), "reason": reason })
            }
        }
    }
}

/// How the service does: as its worst component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As it should be.
    Ok,
    /// On air, with something amiss that a restart would not mend.
    Degraded,
    /// Stalled: restart it.
    Failed,
}

impl Status {
    /// The word in the JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }

    const fn code(self) -> StatusCode {
        match self {
            Self::Ok | Self::Degraded => StatusCode::OK,
            Self::Failed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Asks some components how they do.
type Probe = Box<dyn Fn(&mut Vec<(String, Condition)>) + Send + Sync>;

/// The components to ask, and whether frames flow.
pub struct Health {
    ready: Box<dyn Fn() -> bool + Send + Sync>,
    probes: Vec<Probe>,
}

impl Health {
    /// No components yet. `ready` says whether the show is restored and frames flow; it must not block.
    pub fn new(ready: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            ready: Box::new(ready),
            probes: Vec::new(),
        }
    }

    /// Adds a component; `probe` is called for every question and must not block.
    #[must_use]
    pub fn with(
        self,
        name: &'static str,
        probe: impl Fn() -> Condition + Send + Sync + 'static,
    ) -> Self {
        self.with_each(move || [(name.to_owned(), probe())])
    }

    /// Adds components that come and go, with their names; `probe` is called for every question and must not block.
    #[must_use]
    pub fn with_each<Found: IntoIterator<Item = (String, Condition)>>(
        mut self,
        probe: impl Fn() -> Found + Send + Sync + 'static,
    ) -> Self {
        self.probes
            .push(Box::new(move |conditions| conditions.extend(probe())));
        self
    }

    /// The worst of all components.
    pub fn status(&self) -> Status {
        worst(&self.conditions())
    }

    fn conditions(&self) -> Vec<(String, Condition)> {
        let mut conditions = Vec::new();
        for probe in &self.probes {
            probe(&mut conditions);
        }
        conditions
    }

    /// `/health` with components, `/health/live` without, and `/health/ready`.
    pub fn router(self) -> Router {
        Router::new()
            .route("/health", get(health))
            .route("/health/live", get(live))
            .route("/health/ready", get(ready))
            .with_state(Arc::new(self))
    }
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health")
            .field("conditions", &self.conditions())
            .finish_non_exhaustive()
    }
}

fn worst(conditions: &[(String, Condition)]) -> Status {
    let statuses = conditions.iter().map(|(_, condition)| condition.status());
    statuses.max().unwrap_or(Status::Ok)
}

async fn health(State(health): State<Arc<Health>>) -> Response {
    // Each probe is asked once, so that the status is that of the components shown.
    let conditions = health.conditions();
    let status = worst(&conditions);
    let components: Map<String, Value> = conditions
        .into_iter()
        .map(|(name, condition)| (name, condition.to_json()))
        .collect();
    answer(
        status.code(),
        json!({ "status": status.word(), "components": components }),
    )
}

async fn live(State(health): State<Arc<Health>>) -> Response {
    let status = health.status();
    answer(status.code(), json!({ "status": status.word() }))
}

async fn ready(State(health): State<Arc<Health>>) -> Response {
    if (health.ready)() && health.status() != Status::Failed {
        answer(StatusCode::OK, json!({ "status": "ready" }))
    } else {
        answer(
            StatusCode::SERVICE_UNAVAILABLE,
            json!({ "status": "not ready" }),
        )
    }
}

fn answer(code: StatusCode, body: Value) -> Response {
    (code, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
