//! H.264 (x264) and AAC encoders, and the containers their packets go into.
//!
//! Job: turn [`media::I420Frame`]s and [`media::AudioBlock`]s into [`media::Packet`]s, and packets into files or fragments.
//! Not its job: files, sockets, threads and clocks; FLV and RTMP (crate `rtmp`); deciding when a frame is due.
//!
//! ```text
//! I420Frame --VideoEncoder--+             +--Fragmenter--> live preview (one fragment per packet)
//!                           +--> Packet --+--Muxer-------> MP4 or Matroska, into any `Write + Seek`
//! AudioBlock --AudioEncoder-+             +--> FLV, RTMP: crates `rtmp` and `outputs`
//! ```
//!
//! ```
//! use codec::{VideoEncoder, VideoSettings};
//! use media::{Bitrate, Framerate, I420Frame, Resolution};
//!
//! let settings = VideoSettings::new(Resolution::new(320, 180), Framerate::new(30, 1).unwrap(), Bitrate::from_bps(300_000));
//! let mut encoder = VideoEncoder::open(&settings)?;
//! let black = I420Frame::black(settings.resolution);
//! let mut packets = Vec::new();
//! for n in 0..20 {
//!     encoder.encode(&black, n, false, None, &mut packets)?;
//! }
//! encoder.finish(&mut packets)?;
//! assert_eq!(packets.len(), 20);
//! assert!(packets[0].is_keyframe && packets[0].pts == 0);
//! # Ok::<(), codec::Error>(())
//! ```
//!
//! **Invariant:** the same frames and settings give the same packets, byte for byte, whatever the number of cores, their load
//! and their instruction sets (for AAC as far as was measured; x264 is told to).
//! **Invariant:** `unsafe` and names of FFmpeg and x264's interface stay inside the private module `ffi`.
//! **Invariant:** `dts` increases strictly within a track and is never above `pts`.
//!
//! Log lines of FFmpeg and x264 go to `tracing` under the targets `ffmpeg` and `x264`.

mod audio;
mod av1;
mod error;
#[expect(
    unsafe_code,
    reason = "the one place where FFmpeg, x264 and the allocator are called; everything it exports is safe"
)]
mod ffi;
mod fragment;
mod h264;
mod mux;
mod repeat;
mod video;

#[cfg(test)]
mod tests;

pub use audio::{AudioEncoder, AudioSettings};
pub use av1::Av1;
pub use error::Error;
pub use ffi::{return_large_memory, versions};
pub use fragment::Fragmenter;
pub use h264::annex_b_from_avcc;
pub use mux::{Container, Muxer};
pub use video::{Latency, ParsePresetError, Preset, VideoEncoder, VideoSettings};
