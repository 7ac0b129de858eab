use super::*;
use std::collections::HashMap;

fn read_from(vars: &[(&str, &str)]) -> Result<Config, Vec<Fault>> {
    let vars: HashMap<String, String> = vars
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    read(&|name| vars.get(name).cloned())
}

#[test]
fn a_redis_is_named_with_its_password_beside_it_or_in_it() {
    let config = read_from(&[
        ("REDIS_URL", "rediss://studio@cache:7000/2"),
        ("REDIS_PASSWORD", "s3cret"),
        ("REDIS_CUT_OFF", "stay"),
        ("STREAM_ID", "night-show"),
    ])
    .unwrap();
    let redis = config.redis.unwrap();
    assert_eq!(redis.url.to_string(), "rediss://cache:7000/2");
    assert_eq!(
        (redis.cut_off, &*config.stream_id),
        (CutOff::Stay, "night-show")
    );
    let faults = read_from(&[
        ("REDIS_PASSWORD", "s3cret"),
        ("REDIS_TLS_CA_FILE", "/nowhere/ca.pem"),
        ("REDIS_CUT_OFF", "maybe"),
    ])
    .unwrap_err();
    let named: Vec<&str> = faults.iter().map(|fault| fault.variable.as_str()).collect();
    assert_eq!(
        named,
        ["REDIS_CUT_OFF", "REDIS_PASSWORD", "REDIS_TLS_CA_FILE"]
    );
    let all: String = faults.iter().map(ToString::to_string).collect();
    assert!(!all.contains("s3cret"), "{all}");
}

#[test]
fn nothing_set_is_the_contract() {
    let config = read_from(&[("STREAM_URL", ""), ("REDIS_URL", " ")]).unwrap();
    assert_eq!(
        [
            config.port,
            config.ws_port,
            config.metrics_port,
            config.health_port
        ],
        [4200, 4201, 4290, 4291]
    );
    assert!(config.bind.is_loopback() && config.ops_bind.is_loopback() && config.stream.is_none());
    assert_eq!(config.video.resolution, Resolution::new(1920, 1080));
    assert_eq!(
        (
            config.video.bitrate.bps(),
            config.video.keyframe_interval_ms,
            config.video.b_frames
        ),
        (3_000_000, 3000, 0)
    );
    assert_eq!(
        (config.audio.sample_rate_hz, config.audio.bitrate.bps()),
        (48_000, 128_000)
    );
    assert_eq!((config.limits.layers, config.show), (50, Show::Demo));
}

#[test]
fn headers_for_no_collector_are_refused() {
    let set = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hidden-secret");
    let faults = read_from(&[set]).unwrap_err();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let expected = "OTEL_EXPORTER_OTLP_HEADERS is set, but OTEL_EXPORTER_OTLP_ENDPOINT is not";
    assert_eq!(said, [expected]);
}

#[test]
fn every_fault_is_named_at_once() {
    let faults = read_from(&[
        ("PORT", "0"),
        ("METRICS_PORT", "4201"),
        ("API_TOKENS", "a:hidden-secret:king,b:hidden-secret"),
        ("TARGET_FPS", "61"),
        ("STREAM_RESOLUTION", "1921x1080"),
        ("STREAM_BITRATE", "fast"),
        ("STREAM_LATENCY", "low"),
        ("STREAM_BFRAMES", "2"),
        ("STREAM_CODEC", "av1"),
        ("STREAM_PRESET", "warp"),
        ("REDIS_URL", "memcached://:s3cret@localhost"),
        ("STREAM_ID", "a b"),
        ("STREAM_KEY", "live_secret"),
        ("RENDER_QUALITY", "best"),
        ("STREAM_TLS_CA_FILE", "/nowhere/ca.pem"),
        ("STREAM_MANAGER_CPU", "abacus"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hidden-secret"),
    ])
    .unwrap_err();
    let mut named: Vec<&str> = faults.iter().map(|fault| fault.variable.as_str()).collect();
    named.sort_unstable();
    let expected = [
        "API_TOKENS",
        "API_TOKENS",
        "METRICS_PORT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "PORT",
        "REDIS_URL",
        "RENDER_QUALITY",
        "STREAM_BFRAMES",
        "STREAM_BITRATE",
        "STREAM_CODEC",
        "STREAM_ID",
        "STREAM_KEY",
        "STREAM_MANAGER_CPU",
        "STREAM_PRESET",
        "STREAM_RESOLUTION",
        "STREAM_TLS_CA_FILE",
        "TARGET_FPS",
    ];
    assert_eq!(named, expected);
    let said = format!("{faults:?}");
    assert!(!said.contains("live_secret") && !said.contains("hidden-secret"));
}

#[test]
fn a_secret_may_come_from_a_file() {
    let path = std::env::temp_dir().join(format!("stream-key-{}", std::process::id()));
    std::fs::write(&path, "live_secret\n").unwrap();
    let file = path.to_str().unwrap();
    let config = read_from(&[
        ("STREAM_URL", "rtmp://127.0.0.1/live"),
        ("STREAM_KEY_FILE", file),
    ])
    .unwrap();
    assert_eq!(config.stream.unwrap().key.unwrap().expose(), "live_secret");
    let both = [
        ("STREAM_URL", "rtmp://127.0.0.1/live"),
        ("STREAM_KEY_FILE", file),
        ("STREAM_KEY", "other"),
    ];
    assert_eq!(read_from(&both).unwrap_err()[0].variable, "STREAM_KEY_FILE");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn tokens_have_a_name_a_secret_and_a_role() {
    let tokens = |text| read_from(&[("API_TOKENS", text)]).map(|config| config.tokens);
    let two = tokens("engine:abc:def:12:operator, eye:12345678:viewer").unwrap();
    let seen: Vec<_> = two
        .iter()
        .map(|t| (t.name.as_str(), t.secret.as_str(), t.role))
        .collect();
    assert_eq!(
        seen,
        [
            ("engine", "abc:def:12", Role::Operator),
            ("eye", "12345678", Role::Viewer)
        ]
    );
    assert!(!format!("{two:?}").contains("12345678"));
    for bad in [
        "a",
        "a:b",
        ":12345678:admin",
        "a:1234567:admin",
        "a:12345678:root",
        "a:12345678:admin,a:87654321:admin",
        ",",
    ] {
        assert_eq!(tokens(bad).unwrap_err()[0].variable, "API_TOKENS", "{bad}");
    }
}

#[test]
fn numbers_are_read_as_the_contract_writes_them() {
    let bps = |text| parse_bitrate(text, 1..=u64::MAX).map(Bitrate::bps);
    assert_eq!(
        [bps("3000k"), bps("3M"), bps("2500000")],
        [Some(3_000_000), Some(3_000_000), Some(2_500_000)]
    );
    assert_eq!(
        [bps("3 M"), bps("-1"), bps("99999999999999999M")],
        [None; 3]
    );
    assert_eq!(
        parse_framerate("30000/1001"),
        Ok(Framerate::new(30_000, 1001).unwrap())
    );
    assert!(
        parse_framerate("0").is_err()
            && parse_framerate("30/0").is_err()
            && parse_framerate("x").is_err()
    );
}
