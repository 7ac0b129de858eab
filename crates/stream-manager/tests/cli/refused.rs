//! What is refused before anything begins: exit 64, 69 or 1, and the reason.

use crate::program::{Show, lively, run, scene};
use serde_json::json;
use std::net::{Ipv4Addr, TcpListener};
use testkit::free_port;

const PORTS: [&str; 4] = ["PORT", "WS_PORT", "METRICS_PORT", "HEALTH_PORT"];

/// Every command line that makes no sense is told so, with the word that is wrong.
#[test]
fn wrong_command_lines_are_exit_64() {
    let show = lively();
    let scene = show.scene();
    let [no_number, wide_number] = ["a%0.png", "a%099999d.png"].map(|name| show.path(name));
    let lines: [(&[&str], &str); 24] = [
        (&["sing"], "sing"),
        (&["--sing"], "sing"),
        (&["serve", "now"], "now"),
        (&["serve", "--port", "1"], "port"),
        (&["health", "--loud"], "loud"),
        (&["check", &scene, &scene], "scene.json"),
        (&["bench", &scene, &scene], "scene.json"),
        (&["bench", "--frames", "0"], "1 to"),
        (&["render"], "scene file"),
        (&["render", &scene], "--out"),
        (&["render", &scene, "--out"], "out"),
        (&["render", &scene, "--out", "a.png", "--loud"], "loud"),
        (
            &["render", &scene, "--out", "a.gif", "--frames", "1"],
            "png, y4m, h264, flv, mp4, mkv",
        ),
        (
            &["render", &scene, "--out", "a", "--frames", "1"],
            "png, y4m, h264, flv, mp4, mkv",
        ),
        (
            &[
                "render", &scene, "--out", "-", "--format", "mp4", "--frames", "1",
            ],
            "needs a file",
        ),
        (&["render", &scene, "--out", "a.flv"], "--duration-ms"),
        (
            &["render", &scene, "--out", "a.png", "--frames", "2"],
            "%05d",
        ),
        (
            &["render", &scene, "--out", &no_number, "--frames", "2"],
            "%05d",
        ),
        (
            &["render", &scene, "--out", &wide_number, "--frames", "2"],
            "%05d",
        ),
        (
            &["render", &scene, "--out", "a.png", "--start-ms", "NaN"],
            "milliseconds",
        ),
        (
            &["render", &scene, "--out", "a.png", "--epoch", "noon"],
            "2030-01-31T12:00:00Z",
        ),
        (
            &[
                "render",
                &scene,
                "--out",
                "a.png",
                "--size",
                "100000x100000",
            ],
            "3840x2160",
        ),
        (
            &["publish", &scene, "--url", "rtmp://127.0.0.1/live"],
            "--duration-ms",
        ),
        (&["publish", &scene, "--duration-ms", "100"], "--url"),
    ];
    for (line, says) in lines {
        let outcome = run(line, &[]).ended(64, &["error: ", says]);
        assert_eq!(
            outcome.stderr.lines().count(),
            1,
            "{line:?}: {}",
            outcome.stderr
        );
        assert!(outcome.stdout.is_empty(), "{line:?}");
    }
}

#[test]
fn what_cannot_be_published_to_is_exit_64_and_no_key_is_shown() {
    let show = lively();
    let scene = show.scene();
    for (url, key) in [
        ("http://127.0.0.1/live", "live_secret"),
        ("rtmp://", "live_secret"),
        ("rtmp://127.0.0.1/live", " "),
    ] {
        let outcome = run(
            &[
                "publish",
                &scene,
                "--url",
                url,
                "--key",
                key,
                "--duration-ms",
                "100",
            ],
            &[],
        )
        .ended(64, &["error: --"]);
        assert!(
            !outcome.stderr.contains("live_secret"),
            "{}",
            outcome.stderr
        );
    }
}

/// Every fault of the environment comes in one list, each by the name of its variable, for every command; the ports
/// are not touched: one of them is taken here, and nobody notices.
#[test]
fn every_fault_of_the_environment_is_in_one_list() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let not_pem = Show::of_bytes(b"{}").with("ca.pem", b"not a certificate");
    let ca = not_pem.path("ca.pem");
    let env = [
        ("PORT", port.as_str()),
        ("WS_PORT", &port),
        ("METRICS_PORT", "70000"),
        ("HEALTH_PORT", "http"),
        ("BIND", "somewhere"),
        ("API_TOKENS", "me:live_secret"),
        ("TLS_CERT_FILE", "cert.pem"),
        ("ASSET_QUOTA_MB", "0"),
        ("OPS_BIND", "everywhere"),
        ("ALLOW_ANONYMOUS", "yes"),
        ("ALLOWED_ORIGINS", "studio.example"),
        ("LOG_LEVEL", "a=b=c"),
        ("MAX_LAYERS", "1001"),
        ("TARGET_FPS", "0"),
        ("STREAM_RESOLUTION", "1921x1080"),
        ("STREAM_BITRATE", "fast"),
        ("STREAM_PRESET", "warp"),
        ("STREAM_LATENCY", "none"),
        ("STREAM_BFRAMES", "4"),
        ("STREAM_KEYFRAME_INTERVAL_MS", "0"),
        ("STREAM_AUDIO_BITRATE", "1k"),
        ("STREAM_AUDIO_SAMPLE_RATE", "8000"),
        ("STREAM_TLS_CA_FILE", &ca),
        ("STREAM_URL", "http://127.0.0.1/live_secret"),
        ("STREAM_KEY", "live_secret"),
        ("NODE_ENV", "prod"),
        ("REDIS_PASSWORD", "live_secret"),
        ("REDIS_COMMAND_CHANNEL", "orders"),
    ];
    for command in [
        &["serve"] as &[&str],
        &["check"],
        &["check", "demo"],
        &["render", "demo", "--out", "-", "--frames", "1"],
        &["bench"],
        &["health"],
    ] {
        let outcome = run(command, &env).ended(64, &["error: the environment has faults\n"]);
        let mut named: Vec<&str> = outcome
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
            .collect();
        // Of two variables with the same port the second is at fault, and the key is not looked at without its URL.
        let mut expected: Vec<&str> = env
            .map(|(name, _)| name)
            .into_iter()
            .filter(|n| !["PORT", "STREAM_KEY", "TLS_CERT_FILE"].contains(n))
            // A certificate without its key: the key is missing.
            .chain(["TLS_KEY_FILE"])
            .collect();
        named.sort_unstable();
        expected.sort_unstable();
        assert_eq!(named, expected, "{command:?}: {}", outcome.stderr);
        assert!(
            !outcome.stderr.contains("live_secret"),
            "{}",
            outcome.stderr
        );
    }
}

/// Who asks for what does not exist yet is told so rather than left in the belief that it works.
#[test]
fn what_does_not_exist_yet_is_refused_by_name() {
    let asked = [
        ("TWITTER_API_KEY", "live_secret"),
        ("TWITTER_API_SECRET_FILE", "/run/secrets/x"),
        ("TWITTER_ACCESS_TOKEN", "live_secret"),
        ("TWITTER_ACCESS_TOKEN_FILE", "/run/secrets/x"),
        ("TWITTER_ACCESS_TOKEN_SECRET_FILE", "/run/secrets/x"),
        ("RENDER_BACKEND", "gpu"),
        ("STREAM_CODEC", "av1"),
        ("STREAM_ENCODER", "nvenc"),
        ("STREAM_AUDIO_CODEC", "opus"),
    ];
    let outcome = run(&["check", "none"], &asked).ended(64, &[]);
    for (name, _) in asked {
        let line = outcome
            .stderr
            .lines()
            .find(|line| line.starts_with(&format!("  {name} ")));
        assert!(
            line.is_some_and(|line| line.contains("not available in this version")),
            "{name}: {}",
            outcome.stderr
        );
    }
    assert!(
        !outcome.stderr.contains("live_secret"),
        "{}",
        outcome.stderr
    );
}

/// A variable that is no text is a fault, not an absence.
#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut command = crate::program::program(&["check", "none"], &[]);
    command.env("TARGET_FPS", std::ffi::OsStr::from_bytes(b"3\xff"));
    crate::program::outcome(&mut command).ended(64, &["TARGET_FPS"]);
}

const TEN_FAULTS: &[u8] =
    include_bytes!("../../../wire/tests/data/rejected/ten_faults_of_six_kinds.json");
const TEN_POINTERS: &str =
    include_str!("../../../wire/tests/data/rejected/ten_faults_of_six_kinds.faults");

/// Ten faults of six kinds in five layers: `check`, `render` and `serve` name exactly these ten places.
#[test]
fn a_scene_with_ten_faults_gives_ten_pointers_whoever_reads_it() {
    let show = Show::of_bytes(TEN_FAULTS);
    let (scene, out) = (show.scene(), show.path("out.png"));
    for (command, env) in [
        (
            &["check", scene.as_str()] as &[&str],
            &[] as &[(&str, &str)],
        ),
        (&["check"], &[("SHOW", scene.as_str())]),
        (&["render", &scene, "--out", &out], &[]),
        (
            &[
                "publish",
                &scene,
                "--url",
                "rtmp://127.0.0.1/live",
                "--duration-ms",
                "100",
            ],
            &[],
        ),
        (&["serve"], &[("SHOW", scene.as_str())]),
    ] {
        let outcome = run(command, env).ended(64, &["scene.json is not a valid scene"]);
        let faults: Vec<&str> = outcome.stderr.lines().skip(1).map(str::trim).collect();
        assert_eq!(
            faults,
            TEN_POINTERS.lines().collect::<Vec<_>>(),
            "{command:?}"
        );
    }
    assert!(!show.folder().join("out.png").exists(), "nothing is begun");
}

/// A picture that is not there is a fault for who asked for a check or a picture.
#[test]
fn a_missing_picture_is_a_fault() {
    let show = Show::new(&scene(
        &json!([{ "id": "art", "kind": "overlay", "source": { "type": "image", "asset": "gone.png" } }]),
    ));
    let (scene, out) = (show.scene(), show.path("out.png"));
    for command in [
        &["check", scene.as_str()] as &[&str],
        &["render", &scene, "--out", &out],
    ] {
        run(command, &[]).ended(
            64,
            &["/layers/0/source/asset: there is no asset `gone.png`"],
        );
    }
}

#[test]
fn what_is_no_scene_is_exit_64() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let nan = br#"{"schema":1,"canvas":{"width_px":320,"height_px":180,"background":"red"},"layers":[{"id":"a","kind":"group","opacity":NaN}]}"#;
    let huge = br#"{"schema":1,"canvas":{"width_px":320,"height_px":180,"background":"red"},"layers":[{"id":"a","kind":"group","opacity":1e999}]}"#;
    for (bytes, says) in [
        (&png[..], "not JSON"),
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[]", "takes"),
        (nan, "line 1"),
        (huge, "out of range"),
    ] {
        let show = Show::of_bytes(bytes);
        run(&["check", &show.scene()], &[]).ended(64, &["scene.json is not a valid scene", says]);
    }
    let show = lively();
    let folder = show.folder().to_str().unwrap().to_owned();
    run(&["check", &folder], &[]).ended(64, &["cannot read the scene", "directory"]);
    run(
        &[
            "render",
            &show.path("nowhere.json"),
            "--out",
            &show.path("a.png"),
        ],
        &[],
    )
    .ended(64, &["nowhere.json", "No such file"]);
    run(&["serve"], &[("SHOW", &show.path("nowhere.json"))])
        .ended(64, &["nowhere.json", "No such file"]);
}

#[test]
fn a_scene_beyond_the_limits_gets_one_clear_answer() {
    let layers: Vec<_> = (0..10_000)
        .map(|n| json!({ "id": format!("l{n}"), "kind": "group" }))
        .collect();
    let show = Show::new(&scene(&json!(layers)));
    let outcome = run(&["check", &show.scene()], &[("MAX_LAYERS", "1000")])
        .ended(64, &["/layers: ", "10000", "1000"]);
    assert_eq!(outcome.stderr.lines().count(), 2, "{}", outcome.stderr);
}

#[test]
fn boxes_without_size_are_faults() {
    let boxed = |width: f64, height: f64| {
        json!({ "id": "a", "kind": "overlay", "transform": { "width_px": width, "height_px": height },
                "source": { "type": "color", "color": "red" } })
    };
    for (layer, pointer) in [
        (boxed(0.0, 10.0), "/layers/0/transform/width_px"),
        (boxed(10.0, -1.0), "/layers/0/transform/height_px"),
        (boxed(1e300, 10.0), "/layers/0/transform/width_px"),
    ] {
        let show = Show::new(&scene(&json!([layer])));
        run(&["check", &show.scene()], &[]).ended(64, &[pointer]);
    }
    for (width, height) in [(0, 180), (-320, 180), (321, 180), (100_000, 180)] {
        let mut canvas = scene(&json!([]));
        canvas["canvas"]["width_px"] = json!(width);
        canvas["canvas"]["height_px"] = json!(height);
        run(&["check", &Show::new(&canvas).scene()], &[]).ended(64, &["/canvas/width_px"]);
    }
}

/// Every port that is taken is named with its variable, and the service does not start on the others.
#[test]
fn a_port_in_use_is_exit_69() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let free = [free_port(), free_port(), free_port(), free_port()].map(|port| port.to_string());
    for name in PORTS {
        let mut env: Vec<(&str, &str)> = PORTS
            .into_iter()
            .zip(free.iter().map(String::as_str))
            .collect();
        env.push(("SHOW", "none"));
        env.iter_mut()
            .filter(|(other, _)| *other == name)
            .for_each(|(_, value)| *value = &port);
        run(&["serve"], &env).ended(69, &[&format!("port {port} ({name})"), "in use"]);
    }
}

#[test]
fn health_without_a_service_is_exit_1() {
    let port = free_port().to_string();
    run(&["health"], &[("HEALTH_PORT", &port)]).ended(1, &["no answer"]);
}

#[test]
fn a_right_environment_and_scene_are_exit_0() {
    let show = lively();
    run(&["check", &show.scene()], &[]).ended(0, &["is valid"]);
    run(
        &["check"],
        &[
            ("SHOW", "none"),
            ("STREAM_URL", "rtmps://ingest.example:443/x"),
            ("STREAM_KEY", "live_secret"),
        ],
    )
    .ended(0, &[]);
    let help = run(&["--help"], &[]).succeeded_quietly();
    assert!(String::from_utf8_lossy(&help.stdout).contains("render SCENE --out FILE"));
    assert_eq!(
        run(&["--version"], &[]).succeeded_quietly().stdout,
        b"stream-manager 0.1.0\n"
    );
}

/// An object store is named whole, and nothing secret of it is said.
#[test]
fn an_object_store_that_cannot_be_used_is_refused_by_name() {
    const KEYS: [(&str, &str); 2] = [
        ("AWS_ACCESS_KEY_ID", "live_secret"),
        ("AWS_SECRET_ACCESS_KEY", "live_secret"),
    ];
    let with_keys = |more: &[(&'static str, &'static str)]| [&KEYS[..], more].concat();
    let cases = [
        (
            with_keys(&[("ASSET_STORE", "gs://bucket")]),
            "ASSET_STORE",
            "s3://BUCKET/PREFIX",
        ),
        (
            with_keys(&[("ASSET_STORE", "s3://user:live_secret@bucket")]),
            "ASSET_STORE",
            "s3://BUCKET/PREFIX",
        ),
        (
            vec![("ASSET_STORE", "s3://bucket"), KEYS[0]],
            KEYS[1].0,
            "is missing",
        ),
        (
            with_keys(&[
                ("ASSET_STORE", "s3://bucket"),
                ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"),
            ]),
            "AWS_ENDPOINT_URL",
            "AWS_ALLOW_HTTP=true",
        ),
        (
            with_keys(&[
                ("ASSET_STORE", "s3://bucket"),
                ("AWS_ENDPOINT_URL", "https://me:live_secret@host"),
            ]),
            "AWS_ENDPOINT_URL",
            "https://HOST",
        ),
        (
            with_keys(&[("ASSET_STORE", "s3://bucket"), ("AWS_ALLOW_HTTP", "yes")]),
            "AWS_ALLOW_HTTP",
            "neither true nor false",
        ),
        (
            with_keys(&[("ASSET_STORE", "s3://bucket"), ("AWS_CA_BUNDLE", "/none")]),
            "AWS_CA_BUNDLE",
            "cannot be read",
        ),
    ];
    for (asked, name, expected) in cases {
        let outcome = run(&["check", "none"], &asked).ended(64, &[]);
        let line = outcome
            .stderr
            .lines()
            .find(|line| line.starts_with(&format!("  {name} ")));
        assert!(
            line.is_some_and(|line| line.contains(expected)),
            "{name}: {}",
            outcome.stderr
        );
        assert!(
            !outcome.stderr.contains("live_secret"),
            "{}",
            outcome.stderr
        );
    }
    let fine = with_keys(&[
        ("ASSET_STORE", "s3://bucket/shows/main"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"),
        ("AWS_ALLOW_HTTP", "true"),
    ]);
    run(&["check", "none"], &fine).ended(0, &[]);
}
