//! What Prometheus gets.

use crate::client::Socket;
use crate::studio::{Studio, sum_of};
use serde_json::json;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;
use testkit::{NginxOptions, NginxRtmp, poll_until};

/// What there is once a show has been on air for some seconds, whatever happens to it.
const ALWAYS: [&str; 26] = [
    "stream_manager_frames_total",
    "stream_manager_tick_seconds_bucket",
    "stream_manager_frame_lateness_seconds_count",
    "stream_manager_repeated_frames_total",
    "stream_manager_frames_waiting",
    "stream_manager_commands_waiting",
    "stream_manager_realtime_threads",
    "stream_manager_layers",
    "stream_manager_surfaces_cached",
    "stream_manager_surface_cache_bytes",
    "stream_manager_encoder_fps",
    "stream_manager_encoder_bitrate_bps",
    "stream_manager_encoded_bytes_total",
    "stream_manager_output_state",
    "stream_manager_output_reconnects_total",
    "stream_manager_output_dropped_packets_total",
    "stream_manager_journal_sync_seconds_count",
    "stream_manager_journal_records_waiting",
    "stream_manager_journal_unsynced_seconds",
    "stream_manager_disk_free_bytes",
    "stream_manager_clock_drift_seconds",
    "stream_manager_websocket_clients",
    "stream_manager_build_info",
    "http_request_duration_seconds_bucket",
    "process_cpu_seconds_total",
    "process_open_fds",
];

/// At any level: what a crate of ours says for each frame would fill a disk in a night.
#[test]
fn nothing_is_logged_for_every_frame() {
    let server = NginxRtmp::start(&NginxOptions::default());
    let ours = [
        "engine",
        "compositor",
        "sources",
        "codec",
        "outputs",
        "rtmp",
        "store",
        "api",
        "ffmpeg",
        "x264",
    ];
    let levels = ours.map(|name| format!("{name}=trace")).join(",");
    let studio = Studio::serve(&[
        ("STREAM_URL", &server.rtmp_url()),
        ("STREAM_KEY", "quiet"),
        ("LOG_LEVEL", &format!("info,{levels}")),
    ]);
    studio.wait_for("env", "live", Duration::from_secs(10));
    studio.wait_for_frame(90);
    let before = studio.log().lines().count();
    studio.wait_for_frame(390);
    let log = studio.log();
    let new: Vec<&str> = log.lines().skip(before).collect();
    assert!(
        new.len() < 20,
        "{} lines in 300 frames:\n{}",
        new.len(),
        new.join("\n")
    );
}

#[test]
fn a_scrape_of_a_show_on_air_is_what_prometheus_likes() {
    let server = NginxRtmp::start(&NginxOptions::default());
    let studio = Studio::serve(&[
        ("STREAM_URL", &server.rtmp_url()),
        ("STREAM_KEY", "metrics"),
    ]);
    studio.wait_for("env", "live", Duration::from_secs(10));
    let mut socket = Socket::open(&studio);
    socket.ask("scene.get", &json!({}));
    let note = json!({
        "id": "note",
        "kind": "overlay",
        "transform": { "width_px": 20, "height_px": 20 },
        "source": { "type": "color", "color": "#fff" },
    });
    assert_eq!(
        studio.post("/api/v1/layers?durability=sync", &note).status,
        201
    );
    for n in 0..20 {
        assert_eq!(studio.get(&format!("/api/v1/layers/none-{n}")).status, 404);
        assert_eq!(studio.get(&format!("/nowhere/{n}")).status, 404);
    }
    poll_until(Duration::from_secs(20), "thirty frames a second", || {
        (studio.metric("stream_manager_encoder_fps") > 29.0).then_some(())
    });
    let page = studio.metrics();
    for name in ALWAYS {
        let begins = |line: &str| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with([' ', '{']))
        };
        assert!(page.lines().any(begins), "{name} is not in\n{page}");
    }
    let layers = studio.get("/api/v1/layers").json()["items"]
        .as_array()
        .map_or(0, Vec::len);
    let counted = sum_of(&page, "stream_manager_layers", "");
    assert_eq!(format!("{counted}"), layers.to_string());
    assert!(sum_of(&page, "stream_manager_surface_cache_bytes", "") > 1e5);
    let clients = sum_of(&page, "stream_manager_websocket_clients", "control");
    assert!((clients - 1.0).abs() < 0.1, "{clients} control sockets");
    // Whatever is asked for, the labels are those of the table.
    let asked = |label: &str| sum_of(&page, "http_request_duration_seconds_count", label);
    assert!(
        (asked("route=\"/api/v1/layers/{id}\",code=\"404\"") - 20.0).abs() < 0.1,
        "{page}"
    );
    assert!(
        (asked("route=\"none\",code=\"404\"") - 20.0).abs() < 0.1,
        "{page}"
    );
    assert!(
        !page.contains("none-1") && !page.contains("nowhere"),
        "{page}"
    );

    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is there: install the package prometheus");
    let mut stdin = promtool.stdin.take().expect("it is a pipe");
    stdin.write_all(page.as_bytes()).expect("promtool reads");
    drop(stdin);
    let said = promtool.wait_with_output().expect("promtool ends");
    let text = [said.stdout, said.stderr].concat();
    assert!(
        said.status.success() && text.is_empty(),
        "{}",
        String::from_utf8_lossy(&text)
    );

    let began = studio.age();
    for _ in 0..20 {
        studio.metrics();
    }
    let scrape = (studio.age() - began) / 20;
    println!("a scrape takes {scrape:?}, {} bytes", page.len());
}
