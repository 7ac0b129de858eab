//! Every environment variable, in one place. An empty variable counts as unset, as container tools pass them.

use super::{Config, Fault, Logs, StreamTarget};
use crate::show::Show;
use codec::{AudioSettings, Latency, Preset, VideoSettings};
use compositor::Kernels;
use media::{Bitrate, Framerate, Resolution};
use outputs::Tls;
use rtmp::StreamKey;
use std::net::Ipv4Addr;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Variables of the contract whose work does not exist yet, with what they would ask for.
/// They are refused rather than ignored: who sets one counts on it.
const NOT_YET: [(&str, &str); 16] = [
    ("REDIS_URL", "state in Redis is"),
    ("REDIS_PASSWORD", "state in Redis is"),
    ("DATA_DIR", "stored state is"),
    ("ASSET_STORE", "an asset store is"),
    ("API_TOKENS", "tokens and roles are"),
    ("REDIS_URL_FILE", "state in Redis is"),
    ("REDIS_PASSWORD_FILE", "state in Redis is"),
    ("API_TOKENS_FILE", "tokens and roles are"),
    ("TWITTER_API_KEY", "the X client is"),
    ("TWITTER_API_SECRET", "the X client is"),
    ("TWITTER_ACCESS_TOKEN", "the X client is"),
    ("TWITTER_ACCESS_TOKEN_SECRET", "the X client is"),
    ("TWITTER_API_KEY_FILE", "the X client is"),
    ("TWITTER_API_SECRET_FILE", "the X client is"),
    ("TWITTER_ACCESS_TOKEN_FILE", "the X client is"),
    ("TWITTER_ACCESS_TOKEN_SECRET_FILE", "the X client is"),
];

/// Variables of which only some words of the contract exist yet: name, words that do, words that will.
const WORDS: [(&str, &[&str], &[&str]); 7] = [
    ("NODE_ENV", &["development", "production", "test"], &[]),
    ("RENDER_QUALITY", &["high"], &["low", "medium"]),
    ("RENDER_BACKEND", &["auto", "cpu"], &["gpu"]),
    ("STREAM_CODEC", &["h264"], &["hevc", "av1", "vp9"]),
    (
        "STREAM_ENCODER",
        &["auto", "x264"],
        &["nvenc", "vaapi", "qsv", "videotoolbox"],
    ),
    ("STREAM_AUDIO_CODEC", &["aac"], &["opus", "mp3"]),
    ("STREAM_ID", &["main"], &[]),
];

pub(super) fn process_environment(name: &str) -> Option<String> {
    // What is not text is read as good as it goes: it is then refused by its rule rather than taken for unset.
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Reads and checks all variables.
///
/// # Errors
/// Every fault there is, in one list.
pub(super) fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Config, Vec<Fault>> {
    let mut env = Reader {
        get,
        faults: Vec::new(),
    };
    for (name, what) in NOT_YET {
        if env.text(name).is_some() {
            env.fault(
                name,
                format!("asks for what does not exist yet: {what} not available in this version"),
            );
        }
    }
    for (name, now, later) in WORDS {
        env.word(name, now, later);
    }
    let config = Config {
        bind: env.parsed("BIND", Ipv4Addr::LOCALHOST.into(), |text| {
            text.parse().map_err(|_| "is not an IP address")
        }),
        ops_bind: env.parsed("OPS_BIND", Ipv4Addr::LOCALHOST.into(), |text| {
            text.parse().map_err(|_| "is not an IP address")
        }),
        port: env.number("PORT", 4200, 1..=65_535),
        ws_port: env.number("WS_PORT", 4201, 1..=65_535),
        metrics_port: env.number("METRICS_PORT", 4290, 1..=65_535),
        health_port: env.number("HEALTH_PORT", 4291, 1..=65_535),
        allowed_origins: env.origins(),
        logs: env.logs(),
        limits: scene::Limits {
            layers: env.number("MAX_LAYERS", 50, 1..=1000),
            ..scene::Limits::default()
        },
        video: env.video(),
        audio: env.audio(),
        kernels: env.kernels(),
        tls: env.tls(),
        stream: env.stream(),
        show: env
            .text("SHOW")
            .map_or(Show::Demo, |name| Show::from_name(&name)),
        anonymous: env.parsed("ALLOW_ANONYMOUS", false, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither true nor false"),
        }),
    };
    env.ports_differ(&config);
    if !config.bind.is_loopback() && !config.anonymous {
        let detail = "is not loopback: as tokens are not enforced in this version, that needs ALLOW_ANONYMOUS=true";
        env.fault("BIND", detail);
    }
    if env.faults.is_empty() {
        Ok(config)
    } else {
        Err(env.faults)
    }
}

struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.get)(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    fn fault(&mut self, name: &str, detail: impl Into<String>) {
        self.faults.push(Fault {
            variable: name.to_owned(),
            detail: detail.into(),
        });
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> T {
        let Some(text) = self.text(name) else {
            return default;
        };
        parse(&text).unwrap_or_else(|rule| {
            self.fault(name, format!("`{text}` {rule}"));
            default
        })
    }

    fn number<T: FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        name: &str,
        default: T,
        range: RangeInclusive<T>,
    ) -> T {
        let Some(text) = self.text(name) else {
            return default;
        };
        match text.parse() {
            Ok(n) if range.contains(&n) => n,
            _ => {
                self.fault(
                    name,
                    format!(
                        "`{text}` is not a whole number from {} to {}",
                        range.start(),
                        range.end()
                    ),
                );
                default
            }
        }
    }

    fn word(&mut self, name: &str, now: &[&str], later: &[&str]) -> Option<String> {
        let text = self.text(name)?;
        if !now.contains(&text.as_str()) {
            let not_yet = if later.contains(&text.as_str()) {
                " is not available in this version"
            } else {
                " is unknown"
            };
            self.fault(
                name,
                format!("`{text}`{not_yet}; allowed: {}", now.join(", ")),
            );
        }
        Some(text)
    }

    /// A secret, from the variable or from the file that `NAME_FILE` points to.
    fn secret(&mut self, name: &str) -> Option<String> {
        let file_name = format!("{name}_FILE");
        match (self.text(name), self.text(&file_name)) {
            (Some(_), Some(_)) => {
                self.fault(
                    &file_name,
                    format!("and {name} are both set; one of them is enough"),
                );
                None
            }
            (secret, None) => secret,
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
                Ok(_) => {
                    self.fault(&file_name, format!("`{path}` is empty"));
                    None
                }
                Err(error) => {
                    self.fault(&file_name, format!("`{path}` cannot be read: {error}"));
                    None
                }
            },
        }
    }

    fn tls(&mut self) -> Tls {
        const NAME: &str = "STREAM_TLS_CA_FILE";
        let Some(path) = self.text(NAME) else {
            return Tls::default();
        };
        let tls = match std::fs::read(&path) {
            Ok(pem) => Tls::with_extra_ca(&pem).map_err(|error| format!("`{path}`: {error}")),
            Err(error) => Err(format!("`{path}` cannot be read: {error}")),
        };
        tls.unwrap_or_else(|detail| {
            self.fault(NAME, detail);
            Tls::default()
        })
    }

    fn origins(&mut self) -> Vec<String> {
        let origins: Vec<String> = self
            .text("ALLOWED_ORIGINS")
            .map(|text| {
                text.split(',')
                    .map(|origin| origin.trim().to_owned())
                    .filter(|origin| !origin.is_empty())
                    .collect()
            })
            .unwrap_or_default();
        for origin in &origins {
            let rest = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['/', ' ', '*'])) {
                self.fault(
                    "ALLOWED_ORIGINS",
                    format!("`{origin}` is not an origin such as https://studio.example"),
                );
            }
        }
        origins
    }

    fn logs(&mut self) -> Logs {
        let filter = self.text("LOG_LEVEL").unwrap_or_else(|| "info".to_owned());
        if let Err(error) = telemetry::LogFilter::parse(&filter) {
            self.fault("LOG_LEVEL", error.to_string());
        }
        Logs {
            filter,
            json: self.text("NODE_ENV").as_deref() == Some("production"),
        }
    }

    fn video(&mut self) -> VideoSettings {
        let resolution = self.parsed(
            "STREAM_RESOLUTION",
            Resolution::new(1920, 1080),
            parse_resolution,
        );
        let default_rate =
            Framerate::new(30, 1).unwrap_or_else(|| unreachable!("30/1 is a frame rate"));
        let framerate = self.parsed("TARGET_FPS", default_rate, parse_framerate);
        let bitrate = self.parsed("STREAM_BITRATE", Bitrate::from_bps(3_000_000), |text| {
            parse_bitrate(text, 100_000..=50_000_000)
                .ok_or("is not a bitrate from 100k to 50M, such as 3000k, 3M or 3000000")
        });
        let mut video = VideoSettings::new(resolution, framerate, bitrate);
        video.preset = self.parsed("STREAM_PRESET", Preset::Veryfast, |text| match text {
            "auto" => {
                let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
                Ok(Preset::auto(resolution, framerate, cores))
            }
            name => name
                .parse()
                .map_err(|_| "is neither `auto` nor an x264 preset from ultrafast to veryslow"),
        });
        video.latency = self.parsed("STREAM_LATENCY", Latency::Normal, |text| match text {
            "normal" => Ok(Latency::Normal),
            "low" => Ok(Latency::Low),
            _ => Err("is neither normal nor low"),
        });
        video.b_frames = self.number("STREAM_BFRAMES", 0, 0..=3);
        if video.b_frames > 0 && video.latency == Latency::Low {
            self.fault(
                "STREAM_BFRAMES",
                format!(
                    "`{}` needs STREAM_LATENCY=normal: B-frames are delay",
                    video.b_frames
                ),
            );
            video.b_frames = 0;
        }
        video.keyframe_interval_ms = self.number("STREAM_KEYFRAME_INTERVAL_MS", 3000, 250..=20_000);
        video
    }

    fn audio(&mut self) -> AudioSettings {
        AudioSettings {
            sample_rate_hz: self.parsed("STREAM_AUDIO_SAMPLE_RATE", 48_000, |text| {
                match text.parse() {
                    Ok(rate @ (44_100 | 48_000)) => Ok(rate),
                    _ => Err("is neither 44100 nor 48000"),
                }
            }),
            channels: 2,
            bitrate: self.parsed("STREAM_AUDIO_BITRATE", Bitrate::from_bps(128_000), |text| {
                parse_bitrate(text, 32_000..=320_000).ok_or("is not a bitrate from 32k to 320k")
            }),
        }
    }

    /// Should a processor draw wrongly, the operator can do without its vectors.
    fn kernels(&mut self) -> Kernels {
        const NAME: &str = "STREAM_MANAGER_CPU";
        let best = Kernels::best();
        match self.text(NAME).as_deref() {
            None | Some("auto") => best,
            Some(name) => Kernels::named(name).unwrap_or_else(|| {
                let has: Vec<&str> = Kernels::all().into_iter().map(Kernels::name).collect();
                let has = has.join(", ");
                self.fault(
                    NAME,
                    format!("`{name}` is not what this processor has: auto, {has}"),
                );
                best
            }),
        }
    }

    fn stream(&mut self) -> Option<StreamTarget> {
        let url = self.text("STREAM_URL");
        let key = self.secret("STREAM_KEY");
        let Some(url) = url else {
            if key.is_some() {
                self.fault("STREAM_KEY", "is set, but STREAM_URL is not");
            }
            return None;
        };
        let key = match key.map(|key| StreamKey::new(&key)).transpose() {
            Ok(key) => key,
            Err(error) => {
                self.fault("STREAM_KEY", error.to_string());
                return None;
            }
        };
        // The URL may end in the key, so it is not repeated in the message.
        if let Err(error) = rtmp::Target::parse(&url, key.clone()) {
            self.fault("STREAM_URL", error.to_string());
            return None;
        }
        Some(StreamTarget { url, key })
    }

    fn ports_differ(&mut self, config: &Config) {
        let ports = [
            ("PORT", config.port),
            ("WS_PORT", config.ws_port),
            ("METRICS_PORT", config.metrics_port),
            ("HEALTH_PORT", config.health_port),
        ];
        for (i, (name, port)) in ports.iter().enumerate() {
            if let Some((first, _)) = ports[..i].iter().find(|(_, other)| other == port) {
                self.fault(name, format!("`{port}` is also {first}"));
            }
        }
    }
}

/// `1280x720`: even numbers, 128x72 to 3840x2160.
pub(crate) fn parse_resolution(text: &str) -> Result<Resolution, &'static str> {
    let parse = || {
        let (width, height) = text.split_once('x')?;
        let (width, height) = (width.parse().ok()?, height.parse().ok()?);
        let even = |n: u32| n.is_multiple_of(2);
        let inside = (128..=3840).contains(&width) && (72..=2160).contains(&height);
        (inside && even(width) && even(height)).then_some(Resolution::new(width, height))
    };
    parse().ok_or("is not a size such as 1920x1080: even numbers, 128x72 to 3840x2160")
}

/// `30` or `30000/1001`: 1 to 60 frames per second.
pub(crate) fn parse_framerate(text: &str) -> Result<Framerate, &'static str> {
    let parse = || {
        let (num, den) = text.split_once('/').unwrap_or((text, "1"));
        let rate = Framerate::new(num.parse().ok()?, den.parse().ok()?)?;
        (rate.num() <= 120_000 && (1.0..=60.0).contains(&rate.as_f64())).then_some(rate)
    };
    parse().ok_or("is not an fps from 1 to 60, such as 30 or 30000/1001")
}

/// `3000k`, `3M` or plain bits per second.
fn parse_bitrate(text: &str, range: RangeInclusive<u64>) -> Option<Bitrate> {
    let (number, factor) = match text.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1000),
        None => text
            .strip_suffix('M')
            .map_or((text, 1), |number| (number, 1_000_000)),
    };
    let bps = number.parse::<u64>().ok()?.checked_mul(factor)?;
    range.contains(&bps).then_some(Bitrate::from_bps(bps))
}

#[cfg(test)]
mod tests {
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
        assert!(
            config.bind.is_loopback() && config.ops_bind.is_loopback() && config.stream.is_none()
        );
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
    fn every_fault_is_named_at_once() {
        let faults = read_from(&[
            ("PORT", "0"),
            ("METRICS_PORT", "4201"),
            ("BIND", "0.0.0.0"),
            ("TARGET_FPS", "61"),
            ("STREAM_RESOLUTION", "1921x1080"),
            ("STREAM_BITRATE", "fast"),
            ("STREAM_LATENCY", "low"),
            ("STREAM_BFRAMES", "2"),
            ("STREAM_CODEC", "av1"),
            ("STREAM_PRESET", "warp"),
            ("REDIS_URL", "redis://localhost"),
            ("STREAM_KEY", "live_secret"),
            ("RENDER_QUALITY", "best"),
            ("STREAM_TLS_CA_FILE", "/nowhere/ca.pem"),
            ("STREAM_MANAGER_CPU", "abacus"),
        ])
        .unwrap_err();
        let mut named: Vec<&str> = faults.iter().map(|fault| fault.variable.as_str()).collect();
        named.sort_unstable();
        let expected = [
            "BIND",
            "METRICS_PORT",
            "PORT",
            "REDIS_URL",
            "RENDER_QUALITY",
            "STREAM_BFRAMES",
            "STREAM_BITRATE",
            "STREAM_CODEC",
            "STREAM_KEY",
            "STREAM_MANAGER_CPU",
            "STREAM_PRESET",
            "STREAM_RESOLUTION",
            "STREAM_TLS_CA_FILE",
            "TARGET_FPS",
        ];
        assert_eq!(named, expected);
        assert!(!format!("{faults:?}").contains("live_secret"));
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
}
