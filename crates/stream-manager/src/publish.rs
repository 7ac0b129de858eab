//! `publish`: real time, one output, no server: for trying an ingest.

use crate::args::PublishOptions;
use crate::config::{self, StreamTarget};
use crate::fonts;
use crate::station::Station;
use crate::{Failure, signals};
use engine::Handle;
use outputs::{Outputs, State};
use rtmp::StreamKey;
use std::time::Duration;

/// How often the output is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Publishes a scene for a while, counted from the moment the ingest takes it.
pub(crate) fn run(options: PublishOptions) -> Result<(), Failure> {
    let config = config::from_environment()?;
    config.start_logs();
    let loaded = options.scene.load_complete(&config.limits)?;
    let key = options
        .key
        .as_deref()
        .map(StreamKey::new)
        .transpose()
        .map_err(|error| Failure::Usage(format!("--key: {error}")))?;
    rtmp::Target::parse(&options.url, key.clone())
        .map_err(|error| Failure::Usage(format!("--url: {error}")))?;
    let runtime = crate::runtime()?;
    runtime.block_on(async {
        let mut signals = signals::Signals::listen()?;
        let station = Station::start(&config, config.video.clone(), loaded, fonts::load_and_warn(), options.timestamp_start_ms, None, None)?;
        station.publish_to("publish", StreamTarget { url: options.url, key })?;
        let (outputs, handle) = (station.outputs(), station.handle());
        let result = tokio::select! {
            result = on_air(&outputs, &handle, Duration::from_millis(options.duration_ms)) => result,
            () = signals.asked_to_stop() => Ok(()),
        };
        signals.exit_at_once_from_here();
        if let Ok(status) = outputs.status("publish") {
            let (state, connects, bytes, dropped) = (status.state, status.connects, status.bytes_sent, status.dropped_packets);
            tracing::info!(%state, connects, bytes, dropped, lagged = handle.stats().lagged_ticks, "published");
        }
        station.stop().await;
        result
    })
}

/// Waits until the output is live, then for `duration`.
async fn on_air(outputs: &Outputs, handle: &Handle, duration: Duration) -> Result<(), Failure> {
    let mut look = tokio::time::interval(LOOK);
    let mut end = None;
    loop {
        look.tick().await;
        let status = outputs
            .status("publish")
            .map_err(|error| Failure::Output(error.to_string()))?;
        match status.state {
            State::Refused => {
                let reason = status
                    .reason
                    .unwrap_or_else(|| "no reason given".to_owned());
                return Err(Failure::Output(format!("the ingest refused: {reason}")));
            }
            State::Live if end.is_none() => end = Some(tokio::time::Instant::now() + duration),
            State::Live | State::Idle | State::Connecting | State::Retrying | State::Stopped => {}
        }
        if handle.stats().encoder_failed {
            return Err(Failure::Output(
                "the encoder failed; the log says why".to_owned(),
            ));
        }
        if end.is_some_and(|end| tokio::time::Instant::now() >= end) {
            return match status.state {
                State::Live => Ok(()),
                state => Err(Failure::Output(format!(
                    "the output ended {state}: {}",
                    status.reason.unwrap_or_default()
                ))),
            };
        }
    }
}
