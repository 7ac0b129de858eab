//! The words of the trade as types: time, frames, damage, packets.
//!
//! Job: give every crate above the same exact numbers for time, size, colour and encoded data.
//! Not its job: threads, I/O, serialisation, drawing.
//!
//! ```
//! use media::{Framerate, ShowTime};
//! let ntsc = Framerate::new(30_000, 1001).unwrap();
//! assert_eq!(ntsc.frame_time(30_000), ShowTime::from_nanos(1_001_000_000_000));
//! assert_eq!(ntsc.first_frame_at(ShowTime::from_nanos(1)), 1);
//! ```
#![forbid(unsafe_code)]

mod alpha;
mod av1;
mod blend;
mod cadence;
mod color;
mod damage;
mod figure;
mod frame;
mod half;
mod luma;
mod packet;
mod rate;
mod surface;
mod time;
mod wipe;

pub use alpha::{AlphaClass, AlphaMap};
pub use av1::{Av1, Av1Decoder, Chroma, Planes};
pub use blend::BlendMode;
pub use cadence::Cadence;
pub use color::Color;
pub use damage::{BLOCK_PX, BlockMask, Damage};
pub use figure::Figure;
pub use frame::I420Frame;
pub use luma::{LumaMap, luma};
pub use packet::{AudioBlock, AudioHeader, Packet, Track, VideoHeader};
pub use rate::{Bitrate, Framerate, Resolution};
pub use surface::Surface;
pub use time::{ShowTime, Timebase};
pub use wipe::wipe_shows;
