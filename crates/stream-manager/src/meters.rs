//! Gauges that are read off the engine, the journal and the clock once a second, so that no frame pays for them.

use crate::memory_port::Memory;
use engine::{Handle, Stats};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often.
const EVERY: Duration = Duration::from_secs(1);
/// How often the same is said at most.
const SAY_EVERY: Duration = Duration::from_secs(10);
/// Readings that rates are taken over: five seconds, longer than the interval of key frames, each of which is a peak.
const READINGS: usize = 6;

/// Keeps the gauges up to date for ever.
pub(crate) async fn keep_up(handle: Handle, memory: Arc<Memory>) {
    metrics::gauge!("stream_manager_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let mut rates = Rates::default();
    let mut jerks = Jerks::default();
    let mut seconds = interval(EVERY);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let now = seconds.tick().await;
        let stats = handle.stats();
        of_engine(&stats);
        let (fps, bps) = rates.after(now, stats.packets, stats.encoded_bytes);
        metrics::gauge!("stream_manager_encoder_fps").set(fps);
        metrics::gauge!("stream_manager_encoder_bitrate_bps").set(bps);
        jerks.say(now, stats.repeated_frames.max(stats.lagged_ticks));
        of_journal(&memory.status());
        let drift_ms = handle.wall_drift_ns() / 1_000_000;
        metrics::gauge!("stream_manager_clock_drift_seconds").set(float(drift_ms) / 1e3);
    }
}

fn of_engine(stats: &Stats) {
    metrics::gauge!("stream_manager_frames_waiting").set(size(stats.frames_waiting));
    metrics::gauge!("stream_manager_commands_waiting").set(size(stats.commands_waiting));
    metrics::gauge!("stream_manager_layers").set(size(stats.layers));
    of_pixels(&stats.memory);
    metrics::counter!("stream_manager_encoded_bytes_total").absolute(stats.encoded_bytes);
}

fn of_pixels(memory: &engine::Memory) {
    metrics::gauge!("stream_manager_surfaces_cached").set(size(memory.surfaces));
    metrics::gauge!("stream_manager_surface_cache_bytes").set(size(memory.surface_bytes));
    for (cache, bytes) in [
        ("drafts", memory.draft_bytes),
        ("reels", memory.reel_bytes),
        ("groups", memory.group_bytes),
        ("assets", memory.asset_bytes),
    ] {
        metrics::gauge!("stream_manager_pixel_bytes", "of" => cache).set(size(bytes));
    }
    metrics::gauge!("stream_manager_layers_put_away").set(size(memory.layers_away));
    metrics::gauge!("stream_manager_pixels_over_budget_bytes").set(size(memory.over_bytes));
}

fn of_journal(status: &store::Status) {
    metrics::gauge!("stream_manager_journal_records_waiting").set(size(status.waiting));
    let age = Duration::from_millis(status.oldest_unsynced_ms).as_secs_f64();
    metrics::gauge!("stream_manager_journal_unsynced_seconds").set(age);
}

/// Frames that viewers saw twice for want of a new one, said now and then with their number.
#[derive(Default)]
struct Jerks {
    said: u64,
    at: Option<Instant>,
}

impl Jerks {
    /// How many are new, where it is time to say so.
    fn say(&mut self, now: Instant, frames: u64) -> Option<u64> {
        let new = frames.saturating_sub(self.said);
        let is_soon = self.at.is_some_and(|at| now - at < SAY_EVERY);
        if new == 0 || is_soon {
            return None;
        }
        (self.said, self.at) = (frames, Some(now));
        tracing::warn!(
            frames = new,
            "the machine was too slow: frames were shown again in the place of new ones"
        );
        Some(new)
    }
}

/// What came out of the encoder by when.
#[derive(Default)]
struct Rates(VecDeque<(Instant, u64, u64)>);

impl Rates {
    /// Pictures and bits per second since the oldest reading; 0 at the first.
    fn after(&mut self, now: Instant, packets: u64, bytes: u64) -> (f64, f64) {
        if self.0.len() == READINGS {
            self.0.pop_front();
        }
        self.0.push_back((now, packets, bytes));
        let Some(&(began, first, first_bytes)) = self.0.front().filter(|(at, ..)| *at < now) else {
            return (0.0, 0.0);
        };
        let seconds = now.duration_since(began).as_secs_f64();
        let rate = |to: u64, from: u64| float(to.saturating_sub(from).cast_signed()) / seconds;
        (rate(packets, first), rate(bytes, first_bytes) * 8.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "nothing here is beyond 2^53")]
const fn float(number: i64) -> f64 {
    number as f64
}

fn size(number: usize) -> f64 {
    float(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn jerks_are_said_at_most_every_ten_seconds() {
        let mut jerks = Jerks::default();
        let mut said = Vec::new();
        for frames in [
            0, 3, 5, 5, 5, 5, 5, 5, 5, 5, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 10,
        ] {
            said.extend(jerks.say(Instant::now(), frames));
            tokio::time::advance(EVERY).await;
        }
        assert_eq!(said, [3, 6, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn rates_are_those_of_the_last_five_seconds() {
        let mut rates = Rates::default();
        let mut packets = 0;
        let mut seen = Vec::new();
        // Thirty pictures of 1000 bytes a second for 7 s, then none.
        for second in 0..14 {
            let (fps, bps) = rates.after(Instant::now(), packets, packets * 1000);
            assert!((bps - fps * 8000.0).abs() < 1e-6, "{fps} {bps}");
            seen.push(fps.round());
            packets += if second < 7 { 30 } else { 0 };
            tokio::time::advance(EVERY).await;
        }
        let expected = [0, 30, 30, 30, 30, 30, 30, 30, 24, 18, 12, 6, 0, 0].map(f64::from);
        assert_eq!(seen, expected);
    }
}
