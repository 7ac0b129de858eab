//! The table as METRICS.md.

use super::{METRICS, Metric, MetricKind};
use std::fmt::Write as _;

const HEAD: &str = "\
# Metrics

What `/metrics` on `METRICS_PORT` (4290) says, in the text format of Prometheus.
This file is made from the table in `crates/telemetry/src/metric.rs`: `UPDATE_GOLDEN=1 cargo nextest run -p telemetry`.

A metric appears when there is something to say: those of outputs with the first output, those of failures with the first failure.
Three things are never one number: *lagged ticks* (the engine is too slow), *repeated frames* (none came in time), *dropped packets* (the network is too slow).
What begins with `process_` is read at each scrape, on Linux alone; gauges of the engine, the encoder and the journal are brought up to date every second.
";

/// METRICS.md, of [`METRICS`].
pub fn metrics_document() -> String {
    let mut document = HEAD.to_owned();
    document.push_str("\n| name | kind, unit | labels | what it says | watch it when |\n");
    document.push_str("|---|---|---|---|---|\n");
    for metric in METRICS {
        row(&mut document, metric);
    }
    document.push_str("\n## Buckets\n\n| histogram | upper bounds, s |\n|---|---|\n");
    for metric in METRICS.iter().filter(|metric| !metric.buckets.is_empty()) {
        let bounds: Vec<String> = metric.buckets.iter().map(f64::to_string).collect();
        // Writing to memory does not fail.
        let _ = writeln!(document, "| `{}` | {} |", metric.name, bounds.join(", "));
    }
    document
}

fn row(document: &mut String, metric: &Metric) {
    let kind = match metric.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    };
    let labels: Vec<String> = metric
        .labels
        .iter()
        .map(|label| format!("`{label}`"))
        .collect();
    let or_none = |text: String| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text
        }
    };
    let (labels, watch) = (or_none(labels.join(", ")), or_none(metric.watch.to_owned()));
    // Writing to memory does not fail.
    let _ = writeln!(
        document,
        "| `{}` | {kind}, {} | {labels} | {} | {watch} |",
        metric.name, metric.unit, metric.help
    );
}
