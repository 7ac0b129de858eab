//! Every environment variable, in one place. An empty variable counts as unset, as container tools pass them.

use super::{AssetSettings, Config, Fault, Logs, Redis, StreamTarget, Token};
use crate::show::Show;
use api::{Role, ServerTls};
use assets::BucketSettings;
use codec::{AudioSettings, Latency, Preset, VideoSettings};
use compositor::Kernels;
use media::{Bitrate, Framerate, Resolution};
use outputs::Tls;
use rtmp::StreamKey;
use sources::Quality;
use std::net::Ipv4Addr;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::str::FromStr;
use store::{Bus, CutOff, RedisUrl};
use telemetry::TraceSettings;
use wire::{parse_framerate, parse_resolution};

/// Variables of the contract whose work does not exist yet, with what they would ask for.
/// They are refused rather than ignored: who sets one counts on it.
const NOT_YET: [(&str, &str); 8] = [
    ("TWITTER_API_KEY", "the X client is"),
    ("TWITTER_API_SECRET", "the X client is"),
    ("TWITTER_ACCESS_TOKEN", "the X client is"),
    ("TWITTER_ACCESS_TOKEN_SECRET", "the X client is"),
    ("TWITTER_API_KEY_FILE", "the X client is"),
    ("TWITTER_API_SECRET_FILE", "the X client is"),
    ("TWITTER_ACCESS_TOKEN_FILE", "the X client is"),
    ("TWITTER_ACCESS_TOKEN_SECRET_FILE", "the X client is"),
];

/// Shorter ones can be guessed.
const MIN_TOKEN_BYTES: usize = 8;

/// Variables of which only some words of the contract exist yet: name, words that do, words that will.
const WORDS: [(&str, &[&str], &[&str]); 6] = [
    ("NODE_ENV", &["development", "production", "test"], &[]),
    ("RENDER_QUALITY", &["high", "medium", "low"], &[]),
    ("RENDER_BACKEND", &["auto", "cpu"], &["gpu"]),
    ("STREAM_CODEC", &["h264"], &["hevc", "av1", "vp9"]),
    (
        "STREAM_ENCODER",
        &["auto", "x264"],
        &["nvenc", "vaapi", "qsv", "videotoolbox"],
    ),
    ("STREAM_AUDIO_CODEC", &["aac"], &["opus", "mp3"]),
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
    let stream_id = env.stream_id();
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
        api_tls: env.api_tls(),
        tokens: env.tokens(),
        data_dir: env
            .text("DATA_DIR")
            .unwrap_or_else(|| "data".to_owned())
            .into(),
        assets: env.assets(),
        redis: env.redis(&stream_id),
        stream_id,
        logs: env.logs(),
        traces: env.traces(),
        limits: scene::Limits {
            layers: env.number("MAX_LAYERS", 50, 1..=1000),
            ..scene::Limits::default()
        },
        video: env.video(),
        auto_preset_cores: env.auto_preset_cores(),
        audio: env.audio(),
        kernels: env.kernels(),
        quality: match env.text("RENDER_QUALITY").as_deref() {
            Some("low") => Quality::Low,
            Some("medium") => Quality::Medium,
            _ => Quality::High,
        },
        tls: env.tls(),
        stream: env.stream(),
        show: env
            .text("SHOW")
            .map_or(Show::Demo, |name| Show::from_name(&name)),
        anonymous: env.truth("ALLOW_ANONYMOUS"),
    };
    env.ports_differ(&config);
    if config.anonymous && !config.tokens.is_empty() {
        env.fault(
            "ALLOW_ANONYMOUS",
            "is true beside API_TOKENS: one of the two",
        );
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

    /// The show's name in Redis.
    fn stream_id(&mut self) -> String {
        let named = |text: &str| {
            scene::Id::new(text)
                .map(|id| id.as_str().to_owned())
                .ok_or("is not 1 to 64 of A-Z, a-z, 0-9, - and _")
        };
        self.parsed("STREAM_ID", "main".to_owned(), named)
    }

    fn redis(&mut self, stream_id: &str) -> Option<Redis> {
        const CA: &str = "REDIS_TLS_CA_FILE";
        const CHANNEL: &str = "REDIS_COMMAND_CHANNEL";
        let (url, password) = (self.secret("REDIS_URL"), self.secret("REDIS_PASSWORD"));
        let cut_off = self.parsed("REDIS_CUT_OFF", CutOff::default(), |text| match text {
            "off-air" => Ok(CutOff::OffAir),
            "stay" => Ok(CutOff::Stay),
            _ => Err("is unknown; allowed: off-air, stay"),
        });
        let (authorities, commands) = (self.text(CA), self.text(CHANNEL));
        let Some(url) = url else {
            let besides = [
                ("REDIS_PASSWORD", password.is_some()),
                (CA, authorities.is_some()),
                (CHANNEL, commands.is_some()),
            ];
            for (name, _) in besides.into_iter().filter(|(_, is_set)| *is_set) {
                self.fault(name, "is set, but REDIS_URL is not");
            }
            return None;
        };
        // The address may hold a password: it is not repeated.
        let mut url = match RedisUrl::parse(&url, password.as_deref()) {
            Ok(url) => url,
            Err(error) => {
                self.fault("REDIS_URL", format!("cannot be used: {error}"));
                return None;
            }
        };
        if let Some(path) = authorities {
            let trusted = std::fs::read(&path)
                .map_err(|error| format!("`{path}` cannot be read: {error}"))
                .and_then(|pem| {
                    url.with_authorities(&pem)
                        .map_err(|error| format!("`{path}`: {error}"))
                });
            match trusted {
                Ok(trusting) => url = trusting,
                Err(detail) => {
                    self.fault(CA, detail);
                    return None;
                }
            }
        }
        match Bus::new(url.clone(), stream_id, commands.as_deref()) {
            Ok(bus) => Some(Redis {
                url,
                cut_off,
                bus: Some(bus),
            }),
            Err(error) => {
                self.fault(CHANNEL, format!("cannot be used: {error}"));
                None
            }
        }
    }

    fn api_tls(&mut self) -> Option<ServerTls> {
        const NAMES: [&str; 2] = ["TLS_CERT_FILE", "TLS_KEY_FILE"];
        let paths = NAMES.map(|name| self.text(name));
        let files = match paths {
            [None, None] => return None,
            [Some(cert), Some(key)] => [cert, key],
            [cert, _] => {
                let missing = if cert.is_none() { NAMES[0] } else { NAMES[1] };
                self.fault(missing, "is missing: certificate and key go together");
                return None;
            }
        };
        let mut read = Vec::new();
        for (name, path) in NAMES.into_iter().zip(&files) {
            match std::fs::read(path) {
                Ok(pem) => read.push(pem),
                Err(error) => self.fault(name, format!("`{path}` cannot be read: {error}")),
            }
        }
        let [chain, key] = <[Vec<u8>; 2]>::try_from(read).ok()?;
        ServerTls::from_pem(&chain, &key)
            .map_err(|error| self.fault(NAMES[0], error.to_string()))
            .ok()
    }

    /// `name:token:role[,..]`. No message repeats a token.
    fn tokens(&mut self) -> Vec<Token> {
        const NAME: &str = "API_TOKENS";
        let Some(text) = self.secret(NAME) else {
            return Vec::new();
        };
        let mut tokens: Vec<Token> = Vec::new();
        let entries = text
            .split([',', '\n'])
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        for (n, entry) in (1..).zip(entries) {
            match read_token(entry) {
                Ok(token) if tokens.iter().any(|other| other.name == token.name) => {
                    self.fault(
                        NAME,
                        format!("entry {n}: there are two tokens `{}`", token.name),
                    );
                }
                Ok(token) => tokens.push(token),
                Err(rule) => self.fault(NAME, format!("entry {n}: {rule}")),
            }
        }
        if tokens.is_empty() && self.faults.iter().all(|fault| fault.variable != NAME) {
            self.fault(NAME, "names no token");
        }
        tokens
    }

    fn assets(&mut self) -> AssetSettings {
        let store = self.text("ASSET_STORE");
        let is_url = |store: &&str| store.contains(":/");
        let bucket = store.as_deref().filter(is_url);
        let bucket = bucket.and_then(|url| self.bucket(url));
        AssetSettings {
            folder: store
                .filter(|store| !is_url(&store.as_str()))
                .map(Into::into),
            bucket,
            quota_bytes: self.number("ASSET_QUOTA_MB", 2048_u64, 16..=1_048_576) << 20,
            private_hosts: self.words_of("ASSET_PRIVATE_HOSTS"),
            ipfs_gateways: self.gateways("IPFS_GATEWAYS"),
            arweave_gateways: self.gateways("ARWEAVE_GATEWAYS"),
        }
    }

    /// Where `ASSET_STORE` points if it is no folder. No message repeats it, for it may hold a password.
    fn bucket(&mut self, url: &str) -> Option<BucketSettings> {
        const CA: &str = "AWS_CA_BUNDLE";
        const ENDPOINT: &str = "AWS_ENDPOINT_URL";
        const KEYS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        let mut settings = BucketSettings::parse(url)
            .map_err(|_| {
                let detail = "is neither a folder nor s3://BUCKET nor s3://BUCKET/PREFIX";
                self.fault("ASSET_STORE", detail);
            })
            .ok()?;
        let mut keys = KEYS.map(|name| {
            let before = self.faults.len();
            let key = self.secret(name);
            if key.is_none() && self.faults.len() == before {
                self.fault(name, "is missing: an object store needs it");
            }
            key.unwrap_or_default()
        });
        settings.access_key_id = std::mem::take(&mut keys[0]);
        settings.secret_access_key = std::mem::take(&mut keys[1]);
        settings.session_token = self.secret("AWS_SESSION_TOKEN");
        if let Some(region) = self.secret("AWS_REGION") {
            settings.region = region;
        }
        let allow_http = self.truth("AWS_ALLOW_HTTP");
        settings.endpoint = self.secret(ENDPOINT);
        if let Some(endpoint) = &settings.endpoint
            && let Err(error) = BucketSettings::check_endpoint(endpoint, allow_http)
        {
            let detail = format!(
                "{error}; takes https://HOST or https://HOST:PORT, and http: with AWS_ALLOW_HTTP=true"
            );
            self.fault(ENDPOINT, detail);
        }
        if let Some(path) = self.text(CA) {
            match std::fs::read(&path) {
                Ok(pem) => settings.extra_ca_pem = Some(pem),
                Err(error) => self.fault(CA, format!("`{path}` cannot be read: {error}")),
            }
        }
        Some(settings)
    }

    /// `false` where nothing is said.
    fn truth(&mut self, name: &str) -> bool {
        self.parsed(name, false, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("is neither true nor false"),
        })
    }

    fn gateways(&mut self, name: &'static str) -> Vec<String> {
        let mut gateways = self.words_of(name);
        for gateway in &mut gateways {
            if !gateway.starts_with("https://") && !gateway.starts_with("http://") {
                self.fault(
                    name,
                    format!("`{gateway}` is not a URL such as https://ipfs.io/ipfs/"),
                );
            }
            if !gateway.ends_with('/') {
                gateway.push('/');
            }
        }
        gateways
    }

    fn words_of(&mut self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        let words = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
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

    /// The names that OpenTelemetry gives them.
    fn traces(&mut self) -> Option<TraceSettings> {
        const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
        let headers = self.secret(HEADERS);
        let service = self.text("OTEL_SERVICE_NAME");
        let Some(endpoint) = self.text(ENDPOINT) else {
            if headers.is_some() {
                self.fault(HEADERS, format!("is set, but {ENDPOINT} is not"));
            }
            return None;
        };
        let settings = TraceSettings::new(&endpoint)
            .map_err(|error| self.fault(ENDPOINT, error.to_string()))
            .ok()?;
        let settings = match service {
            Some(name) => settings.with_service(&name),
            None => settings,
        };
        settings
            .with_headers(&headers.unwrap_or_default())
            .map_err(|error| self.fault(HEADERS, error.to_string()))
            .ok()
    }

    /// Processor cores for a preset that follows size and rate, where it does.
    fn auto_preset_cores(&self) -> Option<usize> {
        let is_auto = self.text("STREAM_PRESET").as_deref() == Some("auto");
        is_auto.then(|| std::thread::available_parallelism().map_or(1, NonZero::get))
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
/// One entry of `API_TOKENS`; a token may have colons in it.
fn read_token(entry: &str) -> Result<Token, String> {
    let shape = || "takes name:token:role".to_owned();
    let (name, rest) = entry.split_once(':').ok_or_else(shape)?;
    let (secret, role) = rest.rsplit_once(':').ok_or_else(shape)?;
    let good = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(good) {
        return Err("the name takes 1 to 64 letters, digits, _ and -".to_owned());
    }
    if secret.len() < MIN_TOKEN_BYTES || !secret.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!(
            "the token of `{name}` takes {MIN_TOKEN_BYTES} or more printable characters without blanks"
        ));
    }
    let role = Role::named(role).ok_or_else(|| {
        let roles = Role::ALL.map(Role::word).join(", ");
        format!("the role of `{name}` is unknown; takes {roles}")
    })?;
    Ok(Token {
        name: name.to_owned(),
        secret: secret.to_owned(),
        role,
    })
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
mod tests;
