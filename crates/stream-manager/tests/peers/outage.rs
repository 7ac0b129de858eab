//! Servers that die, hang, or say no: the show goes on, and so do the other outputs.

use crate::studio::{Studio, numbered_demo};
use crate::watch::{Expected, check_recording};
use serde_json::json;
use std::time::Duration;
use testkit::{Accept, NginxOptions, NginxRtmp, TempFolder, free_port, poll_until};

const KEY: &str = "outage_secret";
const SOON: Duration = Duration::from_secs(15);

struct OnAir {
    studio: Studio,
    _folder: TempFolder,
}

/// The demo show, for a hang is noticed when the system's buffers are full: at 3 Mb/s within seconds, at 40 kb/s never.
fn on_air(url: &str) -> OnAir {
    let folder = TempFolder::new("outage");
    let scene = numbered_demo(folder.path());
    let show = scene.to_str().expect("temporary paths are text");
    let env = [
        ("SHOW", show),
        ("MAX_LAYERS", "100"),
        ("STREAM_URL", url),
        ("STREAM_KEY", KEY),
        ("STREAM_LATENCY", "low"),
    ];
    let studio = Studio::serve(&env);
    OnAir {
        studio,
        _folder: folder,
    }
}

#[test]
fn a_server_that_is_killed_is_found_again() {
    let mut server = NginxRtmp::start(&NginxOptions::default());
    let on_air = on_air(&server.rtmp_url());
    let studio = &on_air.studio;
    studio.wait_for("env", "live", SOON);
    server.kill();
    let retrying = studio.wait_for("env", "retrying", SOON);
    assert!(
        retrying["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{retrying}"
    );
    let health = studio.health();
    assert_eq!(
        (health.status, &health.json()["status"]),
        (200, &json!("degraded"))
    );
    let components = &health.json()["components"];
    assert_eq!(components["output:env"]["status"], "degraded");
    let reason = components["output:env"]["reason"].as_str();
    assert!(
        reason.is_some_and(|reason| reason.contains(": ")),
        "{components}"
    );
    for well in ["engine", "encoder", "store", "clock"] {
        assert_eq!(components[well], json!({ "status": "ok" }), "{components}");
    }
    server.restart();
    let live = studio.post("/api/v1/outputs/env/retry", &json!({}));
    assert_eq!(live.status, 200);
    studio.wait_for("env", "live", SOON);
    let sent = studio.output("env")["bytes_sent"].as_u64();
    poll_until(SOON, "media to flow again", || {
        (studio.output("env")["bytes_sent"].as_u64() > sent).then_some(())
    });
    assert_eq!(studio.health().json()["status"], "ok");
    assert!(!studio.log().contains(KEY), "the key is never logged");
}

#[test]
fn a_server_that_hangs_hurts_no_other_output() {
    let (well, ill) = (
        NginxRtmp::start(&NginxOptions::default()),
        NginxRtmp::start(&NginxOptions::default()),
    );
    let mut on_air = on_air(&well.rtmp_url());
    let studio = &mut on_air.studio;
    studio.wait_for("env", "live", SOON);
    let added = studio.post(
        "/api/v1/outputs",
        &json!({ "id": "ill", "type": "rtmp", "url": ill.rtmp_url(), "key": KEY }),
    );
    assert_eq!(
        added.status,
        201,
        "{}",
        String::from_utf8_lossy(&added.body)
    );
    assert!(
        !String::from_utf8_lossy(&added.body).contains(KEY),
        "keys are write-only"
    );
    studio.wait_for("ill", "live", SOON);
    ill.freeze();
    poll_until(Duration::from_secs(40), "the hang to be noticed", || {
        (studio.output("ill")["state"] != "live").then_some(())
    });
    assert_eq!(studio.output("env")["state"], "live");
    ill.thaw();
    studio.post("/api/v1/outputs/ill/retry", &json!({}));
    studio.wait_for("ill", "live", Duration::from_secs(40));
    assert!(studio.stop().success());
    check_recording(
        &well.recordings()[0],
        &Expected {
            idr_interval_ms: 3000,
            has_b_frames: false,
            sample_rate_hz: 48_000,
        },
    );
}

#[test]
fn a_refused_key_stops_and_a_closed_port_does_not() {
    let server = NginxRtmp::start(&NginxOptions {
        accept: Accept::Nobody,
        tls: None,
    });
    let on_air = on_air(&server.rtmp_url());
    let studio = &on_air.studio;
    let refused = studio.wait_for("env", "refused", SOON);
    assert!(
        refused["reason"]
            .as_str()
            .is_some_and(|reason| !reason.contains(KEY)),
        "{refused}"
    );
    let url = format!("rtmp://127.0.0.1:{}/live", free_port());
    studio.post(
        "/api/v1/outputs",
        &json!({ "id": "closed", "type": "rtmp", "url": url, "key": KEY }),
    );
    let retrying = studio.wait_for("closed", "retrying", SOON);
    assert!(
        retrying["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("refused")),
        "{retrying}"
    );
    poll_until(SOON, "a second attempt", || {
        (studio.output("closed")["attempts"].as_u64() >= Some(2)).then_some(())
    });
    assert_eq!(studio.health().status, 200, "a restart would not help");
}
