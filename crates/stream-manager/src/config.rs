//! The configuration of this process, checked as a whole before anything starts.

mod env;
#[cfg(test)]
mod example;

pub(crate) use wire::{parse_framerate, parse_resolution};

use crate::Failure;
use crate::show::Show;
use api::{Role, ServerTls};
use assets::BucketSettings;
use codec::{AudioSettings, VideoSettings};
use compositor::Kernels;
use outputs::Tls;
use rtmp::StreamKey;
use std::net::IpAddr;
use std::path::PathBuf;
use store::{Bus, CutOff, RedisUrl};
use telemetry::{LogFilter, LogFormat, TraceSettings, Traces};
use tokio::runtime::Handle;

/// Everything the environment decides, in the words of the crates that use it.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) bind: IpAddr,
    pub(crate) ops_bind: IpAddr,
    pub(crate) port: u16,
    pub(crate) ws_port: u16,
    pub(crate) metrics_port: u16,
    pub(crate) health_port: u16,
    pub(crate) allowed_origins: Vec<String>,
    /// The API's own certificate.
    pub(crate) api_tls: Option<ServerTls>,
    /// Empty: none were configured.
    pub(crate) tokens: Vec<Token>,
    /// Where everything is kept that outlives the process.
    pub(crate) data_dir: PathBuf,
    pub(crate) assets: AssetSettings,
    /// Where the journal is shared with other processes of this show.
    pub(crate) redis: Option<Redis>,
    /// The show's name among those that share a Redis.
    pub(crate) stream_id: String,
    logs: Logs,
    /// The collector of traces, where there is one.
    traces: Option<TraceSettings>,
    pub(crate) limits: scene::Limits,
    pub(crate) video: VideoSettings,
    /// Where the preset follows size and rate when these change on air: processor cores.
    pub(crate) auto_preset_cores: Option<usize>,
    pub(crate) audio: AudioSettings,
    /// The instructions to draw with.
    pub(crate) kernels: Kernels,
    /// How carefully pictures are scaled.
    pub(crate) quality: sources::Quality,
    /// Whom RTMPS outputs trust.
    pub(crate) tls: Tls,
    /// The output `env`.
    pub(crate) stream: Option<StreamTarget>,
    pub(crate) show: Show,
    /// Whether anyone who reaches the ports may do everything.
    pub(crate) anonymous: bool,
}

/// One of `API_TOKENS`.
pub(crate) struct Token {
    pub(crate) name: String,
    pub(crate) secret: String,
    pub(crate) role: Role,
}

/// Without the secret.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.name, self.role.word())
    }
}

/// Where assets are kept and fetched from.
#[derive(Clone, Debug)]
pub(crate) struct AssetSettings {
    /// A folder, `DATA_DIR/assets` where none is named.
    pub(crate) folder: Option<PathBuf>,
    /// Instead of a folder.
    pub(crate) bucket: Option<BucketSettings>,
    pub(crate) quota_bytes: u64,
    /// Hosts that may have private addresses.
    pub(crate) private_hosts: Vec<String>,
    /// Empty: the fetcher's own.
    pub(crate) ipfs_gateways: Vec<String>,
    pub(crate) arweave_gateways: Vec<String>,
}

/// The Redis of `REDIS_URL`.
#[derive(Debug)]
pub(crate) struct Redis {
    pub(crate) url: RedisUrl,
    pub(crate) cut_off: CutOff,
    /// Taken by who goes on air.
    pub(crate) bus: Option<Bus>,
}

/// Where `STREAM_URL` and `STREAM_KEY` point.
#[derive(Debug)]
pub(crate) struct StreamTarget {
    pub(crate) url: String,
    pub(crate) key: Option<StreamKey>,
}

/// Where log lines go, and which.
#[derive(Clone, Debug)]
struct Logs {
    filter: String,
    json: bool,
}

impl Config {
    /// Sets up the logs of this process.
    pub(crate) fn start_logs(&self) {
        self.start_logs_with(None);
    }

    /// Sets up logs and traces of this process; connections to the collector live in `runtime`. Traces are to be stopped.
    pub(crate) fn start_logs_and_traces(&self, runtime: &Handle) -> Option<Traces> {
        let traces = self.traces.clone();
        let traces = traces.map(|settings| Traces::start(settings, runtime.clone()));
        let traces = traces.and_then(|started| {
            debug_assert!(started.is_ok(), "the address was checked: {started:?}");
            started.ok()
        });
        self.start_logs_with(traces.as_ref());
        traces
    }

    fn start_logs_with(&self, traces: Option<&Traces>) {
        let format = if self.logs.json {
            LogFormat::Json
        } else {
            LogFormat::Human
        };
        let started = LogFilter::parse(&self.logs.filter)
            .and_then(|filter| telemetry::start_logs(filter, format, traces));
        debug_assert!(
            started.is_ok(),
            "the filter was checked, and logs are set up once: {started:?}"
        );
    }
}

/// One thing wrong with the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) variable: String,
    pub(crate) detail: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.variable, self.detail)
    }
}

/// The configuration of this process.
pub(crate) fn from_environment() -> Result<Config, Failure> {
    env::read(&env::process_environment).map_err(Failure::Environment)
}
