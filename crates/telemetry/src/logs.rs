//! Where log lines go.

use crate::traces::TARGET;
use crate::{Error, Traces};
use std::io::IsTerminal;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

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
        // Spans of the target `traces` are no affair of the log, and cost nothing where nobody else asks for them.
        EnvFilter::try_new(format!("{},{TARGET}=off", directives.join(",")))
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

/// Sends all log lines of the process to standard error, for standard output belongs to media, and spans to `traces`.
///
/// # Errors
/// [`Error::AlreadySetUp`] the second time.
pub fn start_logs(
    filter: LogFilter,
    format: LogFormat,
    traces: Option<&Traces>,
) -> Result<(), Error> {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Human => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter.0))
        .with(traces.map(Traces::layer))
        .try_init()
        .map_err(|_| Error::AlreadySetUp { what: "logs" })
}
