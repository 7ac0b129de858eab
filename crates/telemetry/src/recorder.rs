//! What records metrics, and the page for Prometheus.

use crate::{Error, METRICS, MetricKind, process};
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often samples that nobody scrapes are folded into their histograms.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// The recorder of this process; cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    /// Labels whose series are not shown, as they stand on the page. The recorder itself never lets go of a series.
    hidden: Arc<Mutex<BTreeSet<String>>>,
}

impl Metrics {
    fn of(handle: PrometheusHandle) -> Self {
        Self {
            handle,
            hidden: Arc::default(),
        }
    }

    /// Records everything that goes through the `metrics` facade from now on. Run [`Metrics::keep_up`] beside it.
    ///
    /// # Errors
    /// [`Error::AlreadySetUp`] the second time.
    pub fn start() -> Result<Self, Error> {
        let already = |_| Error::AlreadySetUp { what: "metrics" };
        let recorder = builder().build_recorder();
        let metrics = Self::of(recorder.handle());
        metrics::set_global_recorder(recorder).map_err(already)?;
        describe();
        Ok(metrics)
    }

    /// Folds samples into histograms for ever; without it they pile up whenever nobody scrapes.
    pub async fn keep_up(self) {
        let mut ticks = tokio::time::interval(UPKEEP_EVERY);
        loop {
            ticks.tick().await;
            self.handle.run_upkeep();
        }
    }

    /// All metrics in Prometheus' text format, those of the process as they are now.
    pub fn render(&self) -> String {
        let mut page = without(self.handle.render(), &self.hidden());
        process::write(&mut page);
        page
    }

    /// Says whether series with that label are on the page: those of what is gone are not, and go on counting where they
    /// were when it comes back. Costs a look at each line of the page while there is one that is not.
    pub fn show(&self, label: &str, value: &str, is_shown: bool) {
        let label = format!("{label}={value:?}");
        if is_shown {
            self.hidden().remove(&label);
        } else {
            self.hidden().insert(label);
        }
    }

    fn hidden(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
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

/// The page without series that have one of these labels.
fn without(page: String, labels: &BTreeSet<String>) -> String {
    if labels.is_empty() {
        return page;
    }
    let is_shown = |line: &&str| {
        let series = line
            .split_once('{')
            .and_then(|(_, rest)| rest.rsplit_once('}'));
        series.is_none_or(|(own, _)| !own.split(',').any(|label| labels.contains(label)))
    };
    page.split_inclusive('\n').filter(is_shown).collect()
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

    #[test]
    fn series_of_what_is_gone_are_not_shown_and_go_on_when_it_is_back() {
        let recorder = builder().build_recorder();
        let metrics = Metrics::of(recorder.handle());
        let count = |output: &'static str| {
            metrics::with_local_recorder(&recorder, || {
                metrics::counter!("sent_total", "output" => output, "kind" => "video").increment(2);
                metrics::gauge!("state", "output" => output).set(1.0);
            });
        };
        for output in ["a", "b"] {
            count(output);
        }
        let shown = || {
            let page = metrics.render();
            ["a", "b"].map(|output| page.matches(&format!("output=\"{output}\"")).count())
        };
        assert_eq!(shown(), [2, 2]);
        metrics.show("output", "a", false);
        assert_eq!(shown(), [0, 2]);
        count("a");
        metrics.show("output", "a", true);
        assert_eq!(shown(), [2, 2]);
        assert!(metrics.render().contains("} 4\n"), "{}", metrics.render());
    }

    /// A recorder of its own, for one test.
    pub(crate) fn recorded(work: impl FnOnce()) -> Metrics {
        let recorder = builder().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            describe();
            work();
        });
        Metrics::of(recorder.handle())
    }
}
