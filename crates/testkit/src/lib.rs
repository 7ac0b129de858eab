//! What tests need of the world outside: real peers, decoders, golden images, frame numbers.
//!
//! Job: start an ingest, an object store or a browser and wait for it properly, look at what arrived there, and compare pictures; print what
//! a stage costs, for benches.
//! Not its job: fakes of our own crates; each crate keeps those beside what they stand for.
//!
//! ```text
//! test -> publish -> NginxRtmp -> recording.flv -> ffprobe, decode_i420 -> frame_number, ssim
//! test -> page    -> Chromium  -> eval, screenshot
//! ```
//!
//! Everything blocks and nothing needs a runtime.
//! What cannot be done panics with the reason, for that is how a test fails; a missing program is named with its Debian package.
//!
//! ```
//! use std::time::Duration;
//! let mut asked = 0;
//! let third = testkit::poll_until(Duration::from_secs(1), "the third question", || {
//!     asked += 1;
//!     (asked == 3).then_some(asked)
//! });
//! assert_eq!(third, 3);
//! ```
//!
//! **Invariant:** tests wait in [`poll_until`] alone, always with a deadline and on the peer's own sign of readiness.
//! **Invariant:** whatever was started is stopped when its value is dropped.
#![forbid(unsafe_code)]

mod certificates;
mod chromium;
mod ffmpeg;
mod file_limit;
mod folder;
mod frame_number;
mod golden;
mod moto;
mod nginx;
mod poll;
mod ports;
mod process;
mod redis;
mod ssim;
mod stage_table;

pub use certificates::Certificate;
pub use chromium::Chromium;
pub use ffmpeg::{I420Frames, decode_audio, decode_i420, ffprobe};
pub use file_limit::raise_file_limit;
pub use folder::TempFolder;
pub use frame_number::{FRAME_NUMBER_JS, add_frame_number, frame_number, frame_number_scene};
pub use golden::{check_golden, read_png, write_png};
pub use moto::Moto;
pub use nginx::{Accept, NginxOptions, NginxRtmp};
pub use poll::poll_until;
pub use ports::free_port;
pub use redis::{RedisOptions, RedisServer};
pub use ssim::{LumaRect, ssim};
pub use stage_table::{StageTable, least_cpu_ms};
