//! `/api/v1/stream`: where the programme stands.

use crate::request::answer;
use crate::{Api, OutputReport, OutputState};
use axum::extract::State;
use axum::response::Response;
use codec::Latency;
use wire::StreamView;

pub(crate) async fn show(State(api): State<Api>) -> Response {
    let parts = &api.0.parts;
    let (stats, video, outputs) = (
        parts.handle.stats(),
        &parts.handle.headers().video,
        parts.outputs.list(),
    );
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nanoseconds of a process's life"
    )]
    let uptime_ms = parts.handle.uptime_ns() as f64 / 1e6;
    let view = StreamView {
        state: state(&outputs),
        frame: stats.frame,
        show_time_ms: video.framerate.frame_time(stats.frame.max(0)).as_ms(),
        fps: video.framerate,
        resolution: video.resolution,
        bitrate: video.bitrate,
        latency: match parts.latency {
            Latency::Normal => "normal",
            Latency::Low => "low",
        },
        lagged_ticks: stats.lagged_ticks,
        repeated_frames: stats.repeated_frames,
        dropped_packets: outputs.iter().map(|output| output.dropped_packets).sum(),
        uptime_ms,
    };
    answer(&view.to_json())
}

/// On air as soon as one output is; `reconnecting` while one is trying and none is live.
fn state(outputs: &[OutputReport]) -> &'static str {
    let any = |states: &[OutputState]| outputs.iter().any(|output| states.contains(&output.state));
    if any(&[OutputState::Live]) {
        "live"
    } else if any(&[OutputState::Connecting, OutputState::Retrying]) {
        "reconnecting"
    } else {
        "offline"
    }
}
