use crate::*;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
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
        .with_each(move || Some(("output:x".to_owned(), b.clone())))
        .router()
}

#[tokio::test]
async fn health_is_that_of_the_worst_component() {
    let degraded = Condition::Degraded("retrying".into());
    let failed = Condition::from_silence(STALL_NS + 1);
    for (conditions, status, body) in [
        (
            [Condition::from_silence(STALL_NS), Condition::Ok],
            StatusCode::OK,
            r#"{"status":"ok","components":{"engine":{"status":"ok"},"output:x":{"status":"ok"}}}"#,
        ),
        (
            [Condition::Ok, degraded.clone()],
            StatusCode::OK,
            r#"{"status":"degraded","components":{"engine":{"status":"ok"},"output:x":{"status":"degraded","reason":"retrying"}}}"#,
        ),
        (
            [failed, degraded],
            StatusCode::SERVICE_UNAVAILABLE,
            r#"{"status":"failed","components":{"engine":{"status":"failed","reason":"no sign of life for 2000 ms"},"output:x":{"status":"degraded","reason":"retrying"}}}"#,
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
    let metrics = recorder::tests::recorded(|| {
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
    recorded.extend(process::read().into_iter().map(|(name, _)| name.to_owned()));
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
            for recorder in ["counter!(", "gauge!(", "histogram!("] {
                for (at, found) in text.match_indices(recorder) {
                    let name = text[at + found.len()..].trim_start().strip_prefix('"');
                    names.extend(
                        name.and_then(|rest| rest.split('"').next())
                            .map(str::to_owned),
                    );
                }
            }
        }
    }
}

#[test]
fn metrics_md_is_made_from_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../METRICS.md");
    let document = metrics_document();
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(&path, &document).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == document,
        "METRICS.md is stale; UPDATE_GOLDEN=1 writes it anew"
    );
}

#[test]
fn the_process_tells_of_itself() {
    let spend: f64 = (0..1_000_000).map(f64::from).map(f64::sqrt).sum();
    let values: HashMap<_, _> = process::read().into_iter().collect();
    let value = |name: &str| values[name];
    assert!(spend > 0.0 && value("process_cpu_seconds_total") > 0.0);
    let resident = value("process_resident_memory_bytes");
    assert!(resident > 1e6 && resident < value("process_virtual_memory_bytes"));
    assert!(value("process_threads") >= 1.0);
    let files = value("process_open_fds");
    assert!(files >= 3.0 && files < value("process_max_fds"));
    #[expect(clippy::disallowed_methods, reason = "compared with the system's own")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let age = now.as_secs_f64() - value("process_start_time_seconds");
    assert!((-2.0..3600.0).contains(&age), "{age}");
    let mut page = String::new();
    process::write(&mut page);
    assert!(page.contains("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "));
}

#[test]
fn a_collector_has_an_address_and_headers_that_are_never_shown() {
    let good = TraceSettings::new("http://127.0.0.1:4318/").unwrap();
    assert!(format!("{good:?}").contains("\"http://127.0.0.1:4318/v1/traces\""));
    for bad in [
        "",
        "collector:4318",
        "ftp://collector",
        "http://a:b@collector",
        "http://c/?k=v",
    ] {
        assert!(TraceSettings::new(bad).is_err(), "{bad}");
    }
    let secret = good
        .clone()
        .with_headers("authorization=Bearer%20hidden+1, x-team = b=c")
        .unwrap();
    let shown = format!("{secret:?}");
    assert!(
        shown.contains("authorization") && shown.contains("x-team"),
        "{shown}"
    );
    assert!(
        !shown.contains("hidden") && !shown.contains("b=c"),
        "{shown}"
    );
    for bad in ["hidden", "a b=hidden", "a=hidden%00"] {
        let error = good.clone().with_headers(bad).unwrap_err().to_string();
        assert!(!error.contains("hidden"), "{error}");
    }
}
