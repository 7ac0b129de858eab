//! The stream over HTTP.

use crate::write::Object;
use media::{Bitrate, Framerate, Resolution};
use serde_json::Value;

/// What [`StreamView::state`] may be.
pub(crate) const STATES: [&str; 4] = ["offline", "live", "paused", "reconnecting"];
/// What [`StreamView::latency`] may be.
pub(crate) const LATENCIES: [&str; 2] = ["normal", "low"];

/// The stream as a client sees it. Times are milliseconds; counts are since the service started.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamView<'a> {
    /// `offline`, `live`, `paused` or `reconnecting`.
    pub state: &'a str,
    /// Number of the newest frame.
    pub frame: i64,
    /// Its show time.
    pub show_time_ms: f64,
    /// Frames per second.
    pub fps: Framerate,
    /// Size of the picture.
    pub resolution: Resolution,
    /// Target of the video encoder.
    pub bitrate: Bitrate,
    /// `normal` or `low`.
    pub latency: &'a str,
    /// Frames that the engine made too late.
    pub lagged_ticks: u64,
    /// Frames that stood for one the encoder had no time for.
    pub repeated_frames: u64,
    /// Packets that outputs let fall, all together.
    pub dropped_packets: u64,
    /// Since the service started.
    pub uptime_ms: f64,
}

impl StreamView<'_> {
    /// As JSON; `fps` is text, since `30000/1001` is no number, and `resolution` is `1920x1080`.
    pub fn to_json(&self) -> Value {
        Object::default()
            .with("state", self.state)
            .with("frame", self.frame)
            .number("show_time_ms", self.show_time_ms)
            .with("fps", self.fps.to_string())
            .with("resolution", self.resolution.to_string())
            .with("bitrate_bps", self.bitrate.bps())
            .with("latency", self.latency)
            .with("lagged_ticks", self.lagged_ticks)
            .with("repeated_frames", self.repeated_frames)
            .with("dropped_packets", self.dropped_packets)
            .number("uptime_ms", self.uptime_ms)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_in_json() {
        let view = StreamView {
            state: "live",
            frame: 90,
            show_time_ms: 3003.0,
            fps: Framerate::new(30_000, 1001).unwrap(),
            resolution: Resolution::new(1920, 1080),
            bitrate: Bitrate::from_bps(3_000_000),
            latency: "normal",
            lagged_ticks: 1,
            repeated_frames: 2,
            dropped_packets: 3,
            uptime_ms: 3100.5,
        };
        let text = r#"{"state":"live","frame":90,"show_time_ms":3003,"fps":"30000/1001","resolution":"1920x1080","bitrate_bps":3000000,"latency":"normal","lagged_ticks":1,"repeated_frames":2,"dropped_packets":3,"uptime_ms":3100.5}"#;
        assert_eq!(view.to_json().to_string(), text);
    }
}
