//! What records metrics, and the page for Prometheus.

use crate::{Error, METRICS, MetricKind, process};
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

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

    /// All metrics in Prometheus' text format, those of the process as they are now.
    pub fn render(&self) -> String {
        let mut page = self.0.render();
        process::write(&mut page);
        page
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
    let histograms = METRICS.iter().filter(|metric| !metric.buckets.is_empty());
    histograms.fold(PrometheusBuilder::new(), |builder, metric| {
        builder
            .set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), metric.buckets)
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
