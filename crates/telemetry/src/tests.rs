use crate::*;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use std::collections::BTreeSet;
use std::path::Path;
use tower::ServiceExt;

async fn get(router: Router, path: &str) -> (StatusCode, String) {
    let answer = router
        .oneshot(Request::get(path).body(Body::empty()).unwrap())
        .await
        .unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn health(conditions: [Condition; 2], ready: bool) -> Router {
    let [a, b] = conditions;
    Health::new(move || ready)
        .with("engine", move || a.clone())
        .with("outputs", move || b.clone())
        .router()
}

#[tokio::test]
async fn health_is_that_of_the_worst_component() {
    let degraded = Condition::Degraded("x: retrying".into());
    let failed = Condition::from_silence(STALL_NS + 1);
    for (conditions, status, body) in [
        (
            [Condition::from_silence(STALL_NS), Condition::Ok],
            StatusCode::OK,
            r#"{"status":"ok","components":{"engine":{"status":"ok"},"outputs":{"status":"ok"}}}"#,
        ),
        (
            [Condition::Ok, degraded.clone()],
            StatusCode::OK,
            r#"{"status":"degraded","components":{"engine":{"status":"ok"},"outputs":{"status":"degraded","reason":"x: retrying"}}}"#,
        ),
        (
            [failed, degraded],
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"status":"failed","components":{"engine":{"status":"failed","reason":"no sign of life for 2000 ms"},"outputs":{"status":"degraded","reason":"x: retrying"}}}"#,
        ),
    ] {
        assert_eq!(
            get(health(conditions.clone(), true), "/health").await,
            (status, body.to_owned())
        );
        let (live, body) = get(health(conditions.clone(), true), "/health/live").await;
        assert!(live == status && !body.contains("components"));
        assert_eq!(
            get(health(conditions.clone(), true), "/health/ready")
                .await
                .0,
            status
        );
        assert_eq!(
            get(health(conditions, false), "/health/ready").await.0,
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
}

#[test]
fn a_filter_that_would_log_nothing_by_mistake_is_refused() {
    for good in [
        "info",
        "WARN",
        "off",
        "info,rtmp=debug",
        "info, engine::live=trace",
    ] {
        assert!(LogFilter::parse(good).is_ok(), "{good}");
    }
    for bad in ["", "inof", "info,verbose", "rtmp=loud", "info,"] {
        assert!(LogFilter::parse(bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn the_page_has_help_types_and_stages_as_histograms() {
    let metrics = metric::tests::recorded(|| {
        metrics::counter!("stream_manager_frames_total").increment(3);
        metrics::histogram!("stream_manager_tick_seconds", "stage" => "encode").record(0.015);
    });
    let (status, page) = get(metrics.router(), "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        "# HELP stream_manager_frames_total Frames composed",
        "# TYPE stream_manager_frames_total counter",
        "stream_manager_frames_total 3",
        "# TYPE stream_manager_tick_seconds histogram",
        "stream_manager_tick_seconds_bucket{stage=\"encode\",le=\"0.014\"} 0",
        "stream_manager_tick_seconds_bucket{stage=\"encode\",le=\"0.0167\"} 1",
    ] {
        assert!(page.lines().any(|l| l == line), "{line}\nis not in\n{page}");
    }
}

/// The table is what operators read, so it must hold exactly what the crates record.
#[test]
fn the_table_names_exactly_the_metrics_that_crates_record() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut recorded = BTreeSet::new();
    for one in std::fs::read_dir(crates).unwrap() {
        let one = one.unwrap().path();
        if one.file_name().is_some_and(|name| name != "telemetry") {
            collect_names(&one.join("src"), &mut recorded);
        }
    }
    let described: BTreeSet<String> = METRICS
        .iter()
        .map(|metric| metric.name.to_owned())
        .collect();
    assert_eq!(
        recorded, described,
        "left: in the crates; right: in METRICS"
    );
    assert_eq!(described.len(), METRICS.len(), "a name stands twice");
}

fn collect_names(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_names(&path, names);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("\"stream_manager_") {
                names.extend(text[at + 1..].split('"').next().map(str::to_owned));
            }
        }
    }
}
