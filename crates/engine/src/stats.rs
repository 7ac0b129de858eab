//! Counters of a running engine, readable from anywhere.

use crate::Memory;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// Where the engine stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Number of the newest frame; -1 before the first.
    pub frame: i64,
    /// Frames composed.
    pub frames: u64,
    /// Ticks that were skipped because the engine was late.
    pub lagged_ticks: u64,
    /// Frames that reached the encoder more than 8 ms after their time.
    pub late_frames: u64,
    /// Frames shown again because none came for their time: the engine lagged or the encoder was busy.
    pub repeated_frames: u64,
    /// Composed frames replaced before they were encoded.
    pub replaced_frames: u64,
    /// Video packets encoded.
    pub packets: u64,
    /// When the last tick ended, on the engine's clock; 0 before the first.
    pub last_tick_ns: i64,
    /// When the last video packet came out, on the engine's clock; 0 before the first.
    pub last_packet_ns: i64,
    /// Whether the encoder failed and the programme has ended.
    pub encoder_failed: bool,
    /// Bytes of the picture that came out of the encoder.
    pub encoded_bytes: u64,
    /// Frames that wait for the encoder.
    pub frames_waiting: usize,
    /// Commands that wait for the engine, those whose time has not come included.
    pub commands_waiting: usize,
    /// Layers of the scene on air.
    pub layers: usize,
    /// What pixels take memory.
    pub memory: Memory,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Newest frame plus one, so that the default means "none".
    pub(crate) next_frame: AtomicI64,
    pub(crate) frames: AtomicU64,
    pub(crate) lagged_ticks: AtomicU64,
    pub(crate) late_frames: AtomicU64,
    pub(crate) repeated_frames: AtomicU64,
    pub(crate) replaced_frames: AtomicU64,
    pub(crate) packets: AtomicU64,
    pub(crate) last_tick_ns: AtomicI64,
    pub(crate) last_packet_ns: AtomicI64,
    pub(crate) encoder_failures: AtomicU64,
    pub(crate) encoded_bytes: AtomicU64,
    /// Below 0 for a moment when a frame is taken before it was counted.
    pub(crate) frames_waiting: AtomicI64,
    pub(crate) layers: AtomicUsize,
    /// In the order of [`Memory`].
    memory: [AtomicUsize; 8],
    /// Frames and packets when the encoder began.
    encoder_since: [AtomicU64; 2],
}

impl Counters {
    /// An encoder begins; it may look ahead before its first packet.
    pub(crate) fn note_new_encoder(&self) {
        for (since, counter) in self.encoder_since.iter().zip([&self.frames, &self.packets]) {
            since.store(counter.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// Frames and packets since the encoder began, of those in `stats`.
    pub(crate) fn of_encoder(&self, stats: &Stats) -> [u64; 2] {
        let [frames, packets] = &self.encoder_since;
        [
            stats.frames.saturating_sub(frames.load(Ordering::Relaxed)),
            stats
                .packets
                .saturating_sub(packets.load(Ordering::Relaxed)),
        ]
    }

    pub(crate) fn note_memory(&self, memory: Memory) {
        let values = [
            memory.surfaces,
            memory.surface_bytes,
            memory.draft_bytes,
            memory.reel_bytes,
            memory.group_bytes,
            memory.asset_bytes,
            memory.layers_away,
            memory.over_bytes,
        ];
        for (counter, value) in self.memory.iter().zip(values) {
            counter.store(value, Ordering::Relaxed);
        }
    }

    fn memory(&self) -> Memory {
        let get = |at: usize| self.memory[at].load(Ordering::Relaxed);
        Memory {
            surfaces: get(0),
            surface_bytes: get(1),
            draft_bytes: get(2),
            reel_bytes: get(3),
            group_bytes: get(4),
            asset_bytes: get(5),
            layers_away: get(6),
            over_bytes: get(7),
        }
    }

    pub(crate) fn read(&self) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            frame: self.next_frame.load(Ordering::Relaxed) - 1,
            frames: get(&self.frames),
            lagged_ticks: get(&self.lagged_ticks),
            late_frames: get(&self.late_frames),
            repeated_frames: get(&self.repeated_frames),
            replaced_frames: get(&self.replaced_frames),
            packets: get(&self.packets),
            last_tick_ns: self.last_tick_ns.load(Ordering::Relaxed),
            last_packet_ns: self.last_packet_ns.load(Ordering::Relaxed),
            encoder_failed: get(&self.encoder_failures) > 0,
            encoded_bytes: get(&self.encoded_bytes),
            frames_waiting: usize::try_from(self.frames_waiting.load(Ordering::Relaxed))
                .unwrap_or(0),
            commands_waiting: 0,
            layers: self.layers.load(Ordering::Relaxed),
            memory: self.memory(),
        }
    }
}
