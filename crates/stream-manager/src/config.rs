//! The configuration of this process, checked as a whole before anything starts.

mod env;

pub(crate) use env::{parse_framerate, parse_resolution};

use crate::Failure;
use crate::show::Show;
use codec::{AudioSettings, VideoSettings};
use compositor::Kernels;
use outputs::Tls;
use rtmp::StreamKey;
use std::net::IpAddr;
use telemetry::{LogFilter, LogFormat};

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
    logs: Logs,
    pub(crate) limits: scene::Limits,
    pub(crate) video: VideoSettings,
    pub(crate) audio: AudioSettings,
    /// The instructions to draw with.
    pub(crate) kernels: Kernels,
    /// Whom RTMPS outputs trust.
    pub(crate) tls: Tls,
    /// The output `env`.
    pub(crate) stream: Option<StreamTarget>,
    pub(crate) show: Show,
    /// Whether anyone who reaches the ports may do everything.
    pub(crate) anonymous: bool,
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
        let format = if self.logs.json {
            LogFormat::Json
        } else {
            LogFormat::Human
        };
        let started = LogFilter::parse(&self.logs.filter)
            .and_then(|filter| telemetry::start_logs(filter, format));
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
