//! Metrics, health, logs and traces: what operators see.
//!
//! Job: the recorder behind the `metrics` facade and its page for Prometheus, with the one table of all metrics
//! ([`METRICS`]); whether the service is healthy and ready, from probes that the roof hands in; where log lines go, and
//! spans of the target `traces`.
//! Not its job: domain types (probes are closures over plain data), ports (the roof binds them), Host checks (the roof puts
//! those of the API around these routers).
//!
//! ```text
//! counter!(..) anywhere --> recorder --> Metrics::router()  /metrics
//! probes of the roof -----> Health   --> Health::router()   /health, /health/live, /health/ready
//! tracing::warn!(..) -----> stderr, for people or as JSON lines
//! info_span!(target: "traces", ..) --> Traces --> a collector, over OTLP, where one is configured
//! ```
//!
//! ```
//! use telemetry::{Condition, Health, Status};
//! let health = Health::new(|| true)
//!     .with("engine", || Condition::from_silence(40_000_000))
//!     .with_each(|| [("output:x".to_owned(), Condition::Degraded("retrying in 3 s: connection refused".into()))]);
//! assert_eq!(health.status(), Status::Degraded);
//! ```
//!
//! **Invariant:** a service that a restart would not help is never called failed.
#![forbid(unsafe_code)]

mod health;
mod logs;
mod metric;
mod process;
mod recorder;
mod traces;

#[cfg(test)]
mod tests;

pub use health::{Condition, Health, STALL_NS, Status};
pub use logs::{LogFilter, LogFormat, start_logs};
pub use metric::{METRICS, Metric, MetricKind, metrics_document};
pub use recorder::Metrics;
pub use traces::{TraceSettings, Traces};

/// Why telemetry cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log filter is not one.
    #[error("`{filter}` is not a log filter: {detail}")]
    Filter {
        /// As it was given.
        filter: String,
        /// What is wrong and what is allowed.
        detail: String,
    },
    /// Traces cannot be sent so.
    #[error("{detail}")]
    Collector {
        /// What is wrong and what is allowed; repeats nothing of what was given.
        detail: &'static str,
    },
    /// Metrics or logs of this process go somewhere else already.
    #[error("{what} of this process are set up already")]
    AlreadySetUp {
        /// `metrics` or `logs`.
        what: &'static str,
    },
}
