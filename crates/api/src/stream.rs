//! `/stream`: where the programme stands; started, held and stopped as a whole; `/panic`.

use crate::memory;
use crate::operation::{Answer, Call, Reply};
use crate::problem::Error;
use crate::{Api, OutputReport, OutputState};
use codec::Latency;
use engine::{Applied, PictureChange};
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::Duration;
use wire::{StreamPatch, StreamView};

pub(crate) fn show(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move { Ok(Answer::json(document(api))) })
}

fn document(api: &Api) -> Value {
    let parts = &api.0.parts;
    let (stats, video, outputs) = (
        parts.handle.stats(),
        parts.handle.picture(),
        parts.outputs.list(),
    );
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nanoseconds of a process's life"
    )]
    let uptime_ms = parts.handle.uptime_ns() as f64 / 1e6;
    let view = StreamView {
        state: state(&outputs, parts.handle.paused()),
        frame: stats.frame,
        show_time_ms: parts.handle.frame_time(stats.frame.max(0)).as_ms(),
        fps: video.cadence.framerate(),
        resolution: video.resolution,
        bitrate: parts.handle.bitrate(),
        latency: latency_word(video.latency),
        lagged_ticks: stats.lagged_ticks,
        repeated_frames: stats.repeated_frames,
        dropped_packets: outputs.iter().map(|output| output.dropped_packets).sum(),
        uptime_ms,
    };
    view.to_json()
}

pub(crate) const fn latency_word(latency: Latency) -> &'static str {
    match latency {
        Latency::Normal => "normal",
        Latency::Low => "low",
    }
}

/// What a patch asks of the engine.
pub(crate) fn change(patch: &StreamPatch) -> PictureChange {
    let latency = |low| if low { Latency::Low } else { Latency::Normal };
    PictureChange {
        latency: patch.low_latency.map(latency),
        framerate: patch.fps,
        resolution: patch.resolution,
        bitrate: patch.bitrate,
    }
}

/// An encoder is opened and a frame drawn in a fraction of this.
const PATIENCE: Duration = Duration::from_secs(5);

/// Changes the picture on air, all of what is asked for or nothing.
pub(crate) fn patch(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let change = change(&wire::read_stream_patch(&call.body)?);
        // To its end, though the client be gone: what is changed is also kept and announced.
        let api = api.clone();
        let done = tokio::spawn(async move { change_picture(&api, &call, change).await });
        done.await.map_err(|e| Error::Internal(e.to_string()))?
    })
}

async fn change_picture(api: &Api, call: &Call, change: PictureChange) -> Result<Answer, Error> {
    let handle = api.0.parts.handle.clone();
    // An encoder is opened meanwhile.
    let changing = tokio::task::spawn_blocking(move || handle.change_picture(change));
    let applied = tokio::time::timeout(PATIENCE, changing)
        .await
        .map_err(|_| Error::EngineSilent {
            waited_ms: PATIENCE.as_secs() * 1000,
        })?
        .map_err(|e| Error::Internal(e.to_string()))?;
    let applied = applied.map_err(|error| match error {
        engine::Error::Busy(busy) => Error::EngineBusy(busy),
        refused => Error::EncoderRefused(refused.to_string()),
    })?;
    {
        let kept = api.0.picture.lock();
        let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
        kept.latency = change.latency.or(kept.latency);
        kept.framerate = change.framerate.or(kept.framerate);
        kept.resolution = change.resolution.or(kept.resolution);
    }
    Ok(Answer {
        applied,
        ..changed_at(api, call, applied)
    })
}

/// Starts all outputs that are enabled.
pub(crate) fn start(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move { each(api, &call, |outputs, id| outputs.start(id)) })
}

/// Stops all outputs that are enabled; they stay so, and the next start starts them again.
pub(crate) fn stop(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move { each(api, &call, |outputs, id| outputs.stop(id)) })
}

fn each(
    api: &Api,
    call: &Call,
    ask: impl Fn(&dyn crate::OutputsPort, &str) -> Result<(), crate::OutputFault>,
) -> Result<Answer, Error> {
    let outputs = &*api.0.parts.outputs;
    for output in outputs.list() {
        // One that was removed meanwhile needs neither.
        let _ = ask(outputs, &output.id);
    }
    Ok(changed(api, call))
}

/// Lets the picture stand still; outputs stay connected.
pub(crate) fn pause(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        api.0.parts.handle.pause(true);
        Ok(changed(api, &call))
    })
}

/// Goes on where the clock is by now.
pub(crate) fn resume(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        api.0.parts.handle.pause(false);
        Ok(changed(api, &call))
    })
}

fn changed(api: &Api, call: &Call) -> Answer {
    changed_at(api, call, None)
}

fn changed_at(api: &Api, call: &Call, applied: Option<Applied>) -> Answer {
    api.remember(api.stream_record());
    api.remember(memory::outputs(&api.0.parts.outputs.remember()));
    let document = document(api);
    api.happened(
        "stream.changed",
        applied,
        &document,
        Some((&call.client, call.operation.name)),
    );
    Answer::json(document)
}

/// Hides everything behind a slate, on the next frame.
pub(crate) fn panic(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let slate = wire::read_panic(&call.body)?;
        let document = json!({ "active": true, "slate": wire::write_slate(&slate) });
        let (applied, _) = api.0.control.slate(Some(slate))?.shown().await?;
        tracing::warn!(
            frame = applied.frame,
            client = &*call.client.name,
            "panic: the slate is on air"
        );
        api.happened(
            "panic.started",
            Some(applied),
            &document,
            Some((&call.client, call.operation.name)),
        );
        Ok(Answer {
            applied: Some(applied),
            ..Answer::json(document)
        })
    })
}

/// Shows the show again.
pub(crate) fn calm(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (applied, _) = api.0.control.slate(None)?.shown().await?;
        let document = json!({ "active": false });
        api.happened(
            "panic.ended",
            Some(applied),
            &document,
            Some((&call.client, call.operation.name)),
        );
        Ok(Answer {
            applied: Some(applied),
            ..Answer::json(document)
        })
    })
}

/// Whether there is a slate on air, and which.
pub(crate) fn panicking(api: &Api, _: Call) -> Reply<'_> {
    Box::pin(async move {
        let slate = api.0.parts.handle.slate();
        Ok(Answer::json(match slate {
            Some(slate) => json!({ "active": true, "slate": wire::write_slate(&slate) }),
            None => json!({ "active": false }),
        }))
    })
}

/// On air as soon as one output is; `reconnecting` while one is trying and none is live.
fn state(outputs: &[OutputReport], paused: bool) -> &'static str {
    let any = |states: &[OutputState]| outputs.iter().any(|output| states.contains(&output.state));
    if any(&[OutputState::Live]) {
        if paused { "paused" } else { "live" }
    } else if any(&[OutputState::Connecting, OutputState::Retrying]) {
        "reconnecting"
    } else {
        "offline"
    }
}
