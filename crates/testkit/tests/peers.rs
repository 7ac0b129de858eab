//! The real peers, tried by themselves.

use std::process::{Command, Stdio};
use std::time::Duration;
use testkit::{
    Accept, Certificate, Chromium, NginxOptions, NginxRtmp, decode_audio, decode_i420, ffprobe,
    poll_until,
};

/// Publishes two seconds of test picture and sound with ffmpeg, as fast as it goes; whether the server took them.
fn publish(url: &str) -> bool {
    let status = Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=320x240:rate=30:duration=2",
        ])
        .args(["-f", "lavfi", "-i", "sine=sample_rate=48000:duration=2"])
        .args([
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-f",
            "flv",
            url,
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("ffmpeg is installed");
    status.success()
}

/// All packets of a recording's video, once there are `count` of them.
fn wait_for_video_packets(server: &NginxRtmp, count: usize) {
    poll_until(
        Duration::from_secs(10),
        "the recording to be complete",
        || {
            let recording = server.recordings().pop()?;
            let probe = ffprobe(&recording, &["-select_streams", "v", "-show_packets"]);
            (probe["packets"].as_array()?.len() >= count).then_some(())
        },
    );
}

#[test]
fn what_is_published_is_recorded_and_decodes() {
    let server = NginxRtmp::start(&NginxOptions::default());
    assert!(
        publish(&format!("{}/a-key", server.rtmp_url())),
        "{}",
        server.log()
    );
    wait_for_video_packets(&server, 60);

    let recordings = server.recordings();
    assert_eq!(recordings.len(), 1);
    let streams = ffprobe(&recordings[0], &["-show_streams"]);
    assert_eq!(streams["streams"].as_array().unwrap().len(), 2, "{streams}");
    let frames: Vec<_> = decode_i420(&recordings[0]).collect();
    assert_eq!(frames.len(), 60);
    assert_eq!(frames[0].resolution(), media::Resolution::new(320, 240));
    assert_ne!(frames[0], frames[59], "the test picture moves");
    let sound = decode_audio(&recordings[0]);
    assert_eq!((sound.sample_rate_hz, sound.channels), (48_000, 1));
    assert!(
        sound.samples.len() > 90_000 && sound.samples.iter().any(|s| s.abs() > 0.05),
        "{}",
        sound.samples.len()
    );
}

#[test]
fn only_the_right_key_is_taken() {
    let server = NginxRtmp::start(&NginxOptions {
        accept: Accept::Key("right".to_owned()),
        tls: None,
    });
    assert!(
        !publish(&format!("{}/wrong", server.rtmp_url())),
        "{}",
        server.log()
    );
    assert!(
        publish(&format!("{}/right", server.rtmp_url())),
        "{}",
        server.log()
    );
    let server = NginxRtmp::start(&NginxOptions {
        accept: Accept::Nobody,
        tls: None,
    });
    assert!(
        !publish(&format!("{}/right", server.rtmp_url())),
        "{}",
        server.log()
    );
}

#[test]
fn a_killed_server_refuses_and_comes_back_on_its_port() {
    let mut server = NginxRtmp::start(&NginxOptions::default());
    let url = format!("{}/a-key", server.rtmp_url());
    server.freeze();
    server.thaw();
    server.kill();
    assert!(!publish(&url));
    server.restart();
    assert!(publish(&url), "{}", server.log());
    assert_eq!(server.rtmp_url() + "/a-key", url);
}

/// What `openssl s_client` says of the server's certificate; it verifies the chain, the name and the dates.
fn verdict(server: &NginxRtmp) -> String {
    let url = server.rtmps_url();
    let address = url.trim_start_matches("rtmps://").trim_end_matches("/live");
    let output = Command::new("openssl")
        .args([
            "s_client",
            "-verify_return_error",
            "-verify_hostname",
            "localhost",
            "-connect",
            address,
            "-CAfile",
        ])
        .arg(server.authority())
        .stdin(Stdio::null())
        .output()
        .expect("openssl is installed");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn every_certificate_is_good_or_bad_in_its_own_way() {
    for (certificate, word) in [
        (Certificate::Good, "Verification: OK"),
        (
            Certificate::OtherAuthority,
            "unable to get local issuer certificate",
        ),
        (Certificate::WrongHost, "hostname mismatch"),
        (Certificate::Expired, "certificate has expired"),
    ] {
        let server = NginxRtmp::start(&NginxOptions {
            accept: Accept::Anyone,
            tls: Some(certificate),
        });
        let verdict = verdict(&server);
        assert!(
            verdict.to_lowercase().contains(&word.to_lowercase()),
            "{certificate:?}: {verdict}"
        );
    }
}

#[test]
fn rtmps_reaches_the_same_application() {
    let server = NginxRtmp::start(&NginxOptions {
        accept: Accept::Anyone,
        tls: Some(Certificate::Good),
    });
    assert!(
        publish(&format!("{}/a-key", server.rtmps_url())),
        "{}",
        server.log()
    );
    wait_for_video_packets(&server, 60);
}

#[test]
fn the_browser_evaluates_awaits_and_shows() {
    let mut browser = Chromium::start();
    assert_eq!(browser.eval("1 + 1"), 2);
    browser.open("data:text/html,<title>hello</title><body style='background:red'><script>console.log('here', 7)</script>");
    assert_eq!(browser.eval("document.title"), "hello");
    assert_eq!(
        browser.eval("new Promise(done => setTimeout(() => done([1, null]), 20))"),
        serde_json::json!([1, null])
    );
    assert_eq!(browser.console(), ["\"here\" 7"]);
    browser.resize(320, 200);
    let picture = browser.screenshot();
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture))
        .read_info()
        .unwrap();
    assert_eq!(reader.info().size(), (320, 200));
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    assert_eq!(pixels[..3], [255, 0, 0]);
}

#[test]
fn what_the_page_throws_fails_the_test() {
    let mut browser = Chromium::start();
    let throws = "(() => { throw new Error('no such thing') })()";
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| browser.eval(throws)));
    let message = *panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("no such thing"), "{message}");
}

#[test]
fn the_browser_reads_frame_numbers() {
    let mut browser = Chromium::start();
    let number = browser.eval(&format!(
        "(() => {{
          const canvas = document.createElement('canvas');
          [canvas.width, canvas.height] = [1920, 1080];
          const context = canvas.getContext('2d');
          const read = {};
          const draw = n => {{
            context.fillStyle = '#000'; context.fillRect(0, 0, 1920, 1080);
            context.fillStyle = '#fff';
            for (let bit = 0; bit < 16; bit++) if (n >> bit & 1) context.fillRect(64 + bit % 8 * 96, 64 + (bit >> 3) * 96, 64, 64);
            return read(canvas);
          }};
          const numbers = [0, 1, 43690, 65535].map(draw);
          context.fillStyle = '#808080'; context.fillRect(0, 0, 1920, 1080);
          return [...numbers, read(canvas)];
        }})()",
        testkit::FRAME_NUMBER_JS
    ));
    assert_eq!(number, serde_json::json!([0, 1, 43690, 65535, null]));
}
