//! SIGTERM and SIGINT: the first asks to stop, the second ends the process at once. SIGUSR2 asks to hand the show over.

use crate::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Exit code of a process that was stopped by a second signal.
const STOPPED_TWICE: i32 = 130;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Stop,
    HandOver,
}

/// The signals that ask something of a service.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hand_over: Signal,
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
            hand_over: listen(SignalKind::user_defined2())?,
        })
    }

    /// Returns when the process is asked to stop.
    pub(crate) async fn asked_to_stop(&mut self) {
        while self.next().await != Asked::Stop {}
    }

    /// Returns at the next signal.
    pub(crate) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hand_over.recv() => Asked::HandOver,
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
