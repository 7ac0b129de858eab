//! SIGTERM and SIGINT: the first asks to stop, the second ends the process at once.

use crate::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Exit code of a process that was stopped by a second signal.
const STOPPED_TWICE: i32 = 130;

/// The two signals that ask a service to stop.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on the signals no longer end the process by themselves.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|source| Failure::Write {
                target: "signal handlers".to_owned(),
                source,
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Returns at the next signal.
    pub(crate) async fn asked_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// The next signal ends the process: the operator asked twice, nothing more is waited for.
    pub(crate) fn exit_at_once_from_here(mut self) {
        tokio::spawn(async move {
            self.asked_to_stop().await;
            std::process::exit(STOPPED_TWICE);
        });
    }
}
