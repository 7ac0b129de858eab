//! What arrives at an ingest.

use crate::studio::{FULL_HD, numbered_scene, program};
use crate::watch::{Expected, check_recording};
use std::process::Output;
use testkit::{Accept, Certificate, NginxOptions, NginxRtmp, TempFolder};

const KEY: &str = "live_7f3a_secret";

/// Publishes frame numbers for six seconds; FLV starts are the ingest's own.
fn publish(url: &str, more: &[&str], env: &[(&str, &str)]) -> Output {
    let folder = TempFolder::new("publish");
    let scene = numbered_scene(folder.path(), FULL_HD);
    let scene = scene.to_str().expect("temporary paths are text");
    let arguments = [
        &[
            "publish",
            scene,
            "--url",
            url,
            "--key",
            KEY,
            "--duration-ms",
            "6000",
        ],
        more,
    ]
    .concat();
    let output = program(&arguments, env)
        .output()
        .expect("the program was built");
    assert!(
        !String::from_utf8_lossy(&output.stderr).contains(KEY),
        "the key is never printed"
    );
    output
}

fn check_published(env: &[(&str, &str)], more: &[&str], has_b_frames: bool) {
    let server = NginxRtmp::start(&NginxOptions {
        accept: Accept::Key(KEY.to_owned()),
        tls: None,
    });
    let output = publish(&server.rtmp_url(), more, env);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let recordings = server.recordings();
    assert_eq!(
        recordings.len(),
        1,
        "one session\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let frames = check_recording(
        &recordings[0],
        &Expected {
            idr_interval_ms: 3000,
            has_b_frames,
            sample_rate_hz: 48_000,
        },
    );
    assert!(
        (175..=200).contains(&frames),
        "six seconds are {frames} frames"
    );
}

#[test]
fn every_frame_arrives_with_normal_latency() {
    check_published(&[], &[], false);
}

#[test]
fn every_frame_arrives_with_low_latency() {
    check_published(&[("STREAM_LATENCY", "low")], &[], false);
}

#[test]
fn every_frame_arrives_with_b_frames() {
    check_published(&[("STREAM_BFRAMES", "2")], &[], true);
}

#[test]
fn every_frame_arrives_when_time_passes_24_bits() {
    check_published(&[], &["--timestamp-start-ms", "16775215"], false);
}

#[test]
fn every_frame_arrives_when_time_passes_32_bits() {
    check_published(&[], &["--timestamp-start-ms", "4294965296"], false);
}

#[test]
fn rtmps_is_trusted_with_the_authority_it_is_given() {
    let server = NginxRtmp::start(&NginxOptions {
        accept: Accept::Anyone,
        tls: Some(Certificate::Good),
    });
    let authority = server
        .authority()
        .to_str()
        .expect("temporary paths are text");
    let output = publish(
        &server.rtmps_url(),
        &[],
        &[("STREAM_TLS_CA_FILE", authority)],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    check_recording(
        &server.recordings()[0],
        &Expected {
            idr_interval_ms: 3000,
            has_b_frames: false,
            sample_rate_hz: 48_000,
        },
    );
}

#[test]
fn a_wrong_certificate_is_refused_with_the_reason() {
    for wrong in [
        Certificate::OtherAuthority,
        Certificate::WrongHost,
        Certificate::Expired,
    ] {
        let server = NginxRtmp::start(&NginxOptions {
            accept: Accept::Anyone,
            tls: Some(wrong),
        });
        let authority = server
            .authority()
            .to_str()
            .expect("temporary paths are text");
        let output = publish(
            &server.rtmps_url(),
            &[],
            &[("STREAM_TLS_CA_FILE", authority)],
        );
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(69), "{wrong:?}: {said}");
        assert!(said.contains("certificate"), "{wrong:?}: {said}");
        assert!(server.recordings().is_empty());
    }
}

#[test]
fn a_wrong_key_is_refused_and_says_so() {
    let server = NginxRtmp::start(&NginxOptions {
        accept: Accept::Key("another".to_owned()),
        tls: None,
    });
    let output = publish(&server.rtmp_url(), &[], &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains("refused"), "{said}");
}
