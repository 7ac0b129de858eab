//! Metrics: one table of all, and the page for Prometheus.

use crate::Error;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts values by size.
    Histogram,
}

/// A metric that some crate records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// `stream_manager_<noun>_<unit>[_total]`.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// Names of its labels.
    pub labels: &'static [&'static str],
    /// What it counts or measures, one sentence.
    pub help: &'static str,
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: MetricKind::Counter,
        labels,
        help,
    }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric {
        name,
        kind: MetricKind::Gauge,
        labels,
        help,
    }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: MetricKind::Histogram,
        labels,
        help,
    }
}

/// Every metric of the service. A test compares it with the source of all crates.
pub const METRICS: &[Metric] = &[
    counter("stream_manager_frames_total", &[], "Frames composed"),
    counter(
        "stream_manager_font_faults_total",
        &[],
        "Texts painted without a font or a character they ask for",
    ),
    counter(
        "stream_manager_lagged_ticks_total",
        &[],
        "Ticks skipped because the engine was late",
    ),
    counter(
        "stream_manager_repeated_frames_total",
        &[],
        "Frames shown again because none came for their time",
    ),
    counter(
        "stream_manager_replaced_frames_total",
        &[],
        "Composed frames replaced by a newer one before they were encoded",
    ),
    histogram(
        "stream_manager_frame_lateness_seconds",
        &[],
        "Time from when a frame was due to when the encoder had it; on time is 0.008",
    ),
    gauge(
        "stream_manager_realtime_threads",
        &[],
        "Threads with real-time priority: 0 where the system refuses it",
    ),
    counter(
        "stream_manager_realtime_withdrawals_total",
        &[],
        "Times a thread lost its real-time priority because it worked on one frame for too long",
    ),
    histogram(
        "stream_manager_tick_seconds",
        &["stage"],
        "Time a frame took: resolve, compose, encode",
    ),
    counter(
        "stream_manager_asset_failures_total",
        &[],
        "Assets that could not be read or decoded; a placeholder is shown",
    ),
    counter(
        "stream_manager_source_failures_total",
        &[],
        "Sources that could not be painted; a placeholder is shown",
    ),
    counter(
        "stream_manager_source_panics_total",
        &[],
        "Panics caught while a source was painted",
    ),
    gauge(
        "stream_manager_output_state",
        &["output"],
        "State: 0 idle, 1 connecting, 2 live, 3 retrying, 4 refused, 5 stopped",
    ),
    counter(
        "stream_manager_output_connects_total",
        &["output"],
        "Sessions that became live",
    ),
    counter(
        "stream_manager_output_bytes_total",
        &["output"],
        "Bytes given to the network, without TLS",
    ),
    counter(
        "stream_manager_output_dropped_packets_total",
        &["output"],
        "Packets dropped because the network was too slow",
    ),
    gauge(
        "stream_manager_output_queue_seconds",
        &["output"],
        "Media that waits for the network",
    ),
    gauge(
        "stream_manager_preview_viewers",
        &[],
        "Viewers of the preview",
    ),
    counter(
        "stream_manager_preview_viewers_cut_total",
        &["reason"],
        "Viewers of the preview that were cut off: behind, full",
    ),
    counter(
        "stream_manager_preview_bytes_total",
        &[],
        "Bytes of the preview handed to viewers",
    ),
    counter(
        "stream_manager_http_requests_total",
        &["status"],
        "Requests answered, by class of status: 2xx, 3xx, 4xx, 5xx",
    ),
    counter("stream_manager_stills_total", &[], "Stills composed"),
];

/// Where a frame's time may fall at 30 and 60 fps.
const STAGE_SECONDS: &[f64] = &[
    0.0005, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.010, 0.012, 0.014, 0.0167, 0.020, 0.025,
    0.0333, 0.05, 0.1, 0.25, 1.0,
];

/// How often samples that nobody scrapes are folded into their histograms.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The recorder of this process; cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Records everything that goes through the `metrics` facade from now on. Run [`Metrics::keep_up`] beside it.
    ///
    /// # Errors
    /// [`Error::AlreadySetUp`] the second time.
    pub fn start() -> Result<Self, Error> {
        let already = |_| Error::AlreadySetUp { what: "metrics" };
        let recorder = builder().build_recorder();
        let metrics = Self(recorder.handle());
        metrics::set_global_recorder(recorder).map_err(already)?;
        describe();
        Ok(metrics)
    }

    /// Folds samples into histograms for ever; without it they pile up whenever nobody scrapes.
    pub async fn keep_up(self) {
        let mut ticks = tokio::time::interval(UPKEEP_EVERY);
        loop {
            ticks.tick().await;
            self.0.run_upkeep();
        }
    }

    /// All metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// `/metrics`.
    pub fn router(self) -> Router {
        let page = async move || {
            let headers = [
                (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, self.render())
        };
        Router::new().route("/metrics", get(page))
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn builder() -> PrometheusBuilder {
    let builder = PrometheusBuilder::new();
    [
        "stream_manager_tick_seconds",
        "stream_manager_frame_lateness_seconds",
    ]
    .into_iter()
    .fold(builder, |builder, name| {
        builder
            .set_buckets_for_metric(Matcher::Full(name.to_owned()), STAGE_SECONDS)
            .expect("the list of buckets is not empty")
    })
}

fn describe() {
    for metric in METRICS {
        match metric.kind {
            MetricKind::Counter => metrics::describe_counter!(metric.name, metric.help),
            MetricKind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            MetricKind::Histogram => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A recorder of its own, for one test.
    pub(crate) fn recorded(work: impl FnOnce()) -> Metrics {
        let recorder = builder().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            describe();
            work();
        });
        Metrics(recorder.handle())
    }
}
