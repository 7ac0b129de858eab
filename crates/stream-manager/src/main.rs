//! Stream Manager: a headless live studio.
//!
//! This is the roof: it reads the environment once, builds, wires, supervises and drains. What the service does is in the
//! crates below; see ARCHITECTURE.md.
#![forbid(unsafe_code)]

mod args;
mod asset_port;
mod bench;
mod bus;
mod check;
mod condition;
mod config;
mod fonts;
mod health;
mod memory_port;
mod meters;
mod output_port;
mod publish;
mod render;
mod serve;
mod show;
mod signals;
mod station;
mod succession;

use std::path::PathBuf;
use std::process::ExitCode;

/// Why the program ends early; each kind has its exit code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error("{}", list("the environment has faults", .0))]
    Environment(Vec<config::Fault>),
    #[error("cannot read the scene {}", path.display())]
    SceneUnreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{name} is not a valid scene\n{}", faults(source))]
    SceneInvalid {
        name: String,
        source: wire::ReadError,
    },
    #[error("port {port} ({variable}) cannot be used")]
    Port {
        variable: &'static str,
        port: u16,
        source: std::io::Error,
    },
    #[error("the engine cannot start")]
    Engine(#[from] engine::Error),
    #[error("the encoder failed")]
    Codec(#[from] codec::Error),
    #[error("{0}")]
    Output(String),
    #[error("cannot write {target}")]
    Write {
        target: String,
        source: std::io::Error,
    },
    #[error("the journal in {} cannot be used", .folder.display())]
    Journal {
        folder: PathBuf,
        source: std::io::Error,
    },
    #[error("DATA_DIR {} is in use by another process", .0.display())]
    InUse(PathBuf),
    #[error("another process has the show: {0}")]
    NotMine(String),
    #[error("{0}")]
    Unhealthy(String),
}

impl Failure {
    /// 1 unhealthy, 64 bad configuration or scene, 69 a port, folder, peer, encoder or the show is not to be had, 74 cannot write, or not use
    /// the journal.
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Unhealthy(_) => 1,
            Self::Usage(_)
            | Self::Environment(_)
            | Self::SceneUnreadable { .. }
            | Self::SceneInvalid { .. } => 64,
            Self::Port { .. }
            | Self::InUse(_)
            | Self::NotMine(_)
            | Self::Engine(_)
            | Self::Codec(_)
            | Self::Output(_) => 69,
            Self::Write { .. } | Self::Journal { .. } => 74,
        }
    }
}

fn list(head: &str, faults: &[config::Fault]) -> String {
    faults
        .iter()
        .fold(head.to_owned(), |text, fault| format!("{text}\n  {fault}"))
}

fn faults(error: &wire::ReadError) -> String {
    match error {
        wire::ReadError::Invalid(faults) => faults
            .iter()
            .map(|fault| format!("  {fault}\n"))
            .collect::<String>()
            .trim_end()
            .to_owned(),
        other => format!("  {other}"),
    }
}

fn main() -> ExitCode {
    codec::return_large_memory();
    let result = match args::parse() {
        Err(failure) => Err(failure),
        Ok(args::Command::Help(text)) => {
            use std::io::Write as _;
            // Nobody listens to help any more: nothing to say about that.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(())
        }
        Ok(args::Command::Serve) => serve::run(),
        Ok(args::Command::Check(options)) => check::run(&options),
        Ok(args::Command::Health) => health::run(),
        Ok(args::Command::Render(options)) => render::run(&options),
        Ok(args::Command::Bench(options)) => bench::run(&options),
        Ok(args::Command::Publish(options)) => publish::run(options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Two threads are plenty: they carry a few sockets, and the picture has threads of its own.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("io")
        .enable_all()
        .build()
        .map_err(|source| Failure::Write {
            target: "an I/O runtime".to_owned(),
            source,
        })
}

/// The whole chain of causes, once.
#[expect(
    clippy::print_stderr,
    reason = "the last word of the program, also when logs are not set up yet"
)]
fn complain(failure: &Failure) {
    let mut text = format!("error: {failure}");
    let mut cause = std::error::Error::source(failure);
    while let Some(error) = cause.filter(|_| !matches!(failure, Failure::SceneInvalid { .. })) {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    eprintln!("{text}");
}
