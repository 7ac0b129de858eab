//! Where log lines go.

use crate::Error;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What is logged: a level, or `target=level` directives, separated by commas.
#[derive(Debug)]
pub struct LogFilter(EnvFilter);

impl LogFilter {
    /// Parses such as `info` or `info,rtmp=debug`.
    ///
    /// # Errors
    /// [`Error::Filter`]. A bare word that is no level is one: the library would take `inof` for a target and log nothing else.
    pub fn parse(filter: &str) -> Result<Self, Error> {
        let fault = |detail: String| Error::Filter {
            filter: filter.to_owned(),
            detail,
        };
        let directives: Vec<&str> = filter.split(',').map(str::trim).collect();
        for directive in &directives {
            let bare_word = !directive.contains(['=', '[']);
            if directive.is_empty() || bare_word && directive.parse::<LevelFilter>().is_err() {
                let rule = "takes off, error, warn, info, debug or trace, and target=level";
                return Err(fault(format!("`{directive}` is no level; {rule}")));
            }
        }
        EnvFilter::try_new(directives.join(","))
            .map(Self)
            .map_err(|e| fault(e.to_string()))
    }
}

/// Who reads the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// People; coloured where standard error is a terminal.
    Human,
    /// Machines: one JSON object a line.
    Json,
}

/// Sends all log lines of the process to standard error; standard output belongs to media.
///
/// # Errors
/// [`Error::AlreadySetUp`] the second time.
pub fn start_logs(filter: LogFilter, format: LogFormat) -> Result<(), Error> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter.0)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Human => builder
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
    }
    .map_err(|_| Error::AlreadySetUp { what: "logs" })
}
