//! How a session ends when nobody asked it to.

use rtmp::Stage;
use std::io;
use std::time::Duration;

/// Why a session could not begin or go on. Its text is the `reason` people see; it never contains the key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the host was not found: {0}")]
    Resolve(#[source] io::Error),
    #[error("could not connect: {0}")]
    Dial(#[source] io::Error),
    #[error("the host is no name that a certificate can hold")]
    HostName,
    #[error("the server's certificate is not accepted: {0}")]
    Certificate(String),
    #[error("TLS failed: {0}")]
    Tls(#[source] io::Error),
    #[error("no success within the deadline, during {step}")]
    TimedOut { step: &'static str },
    #[error("{0}")]
    Protocol(#[from] rtmp::Error),
    #[error("the server refused at {stage}: {}", explain(code, description))]
    Rejected {
        stage: Stage,
        code: String,
        description: String,
    },
    #[error("the server closed the connection{}", during(*stage))]
    ClosedByServer { stage: Stage },
    #[error("the connection broke: {0}")]
    Broken(#[source] io::Error),
    #[error("the server took no data for {} s", .0.as_secs_f64())]
    Stalled(Duration),
}

impl Failure {
    /// An error of the established connection; what means "closed by the other side" is told from the rest.
    pub(crate) fn from_io(error: io::Error, stage: Stage) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
        match error.kind() {
            // The last is a TLS connection without a proper end, which most servers leave out.
            ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof => {
                Self::ClosedByServer { stage }
            }
            _ => Self::Broken(error),
        }
    }
}

fn explain(code: &str, description: &str) -> String {
    match (code, description) {
        ("", "") => "no reason given".to_owned(),
        ("", text) | (text, "") => text.to_owned(),
        (code, description) => format!("{code} ({description})"),
    }
}

fn during(stage: Stage) -> String {
    if stage == Stage::Live {
        String::new()
    } else {
        format!(" during {stage}")
    }
}
