//! RTMP publishing and FLV without I/O: bytes in, bytes and events out.
//!
//! Job: the plain handshake, the chunk stream, AMF0 commands, the state machine of a client that publishes one
//! stream, and the FLV tag bodies that RTMP carries (so also FLV files).
//! Not its job: sockets, TLS, time-outs, reconnecting, queues; playing; RTMP's encrypted variants; enhanced RTMP.
//!
//! ```text
//!  media::Packet -> flv::video_body -> Publisher::send_video --\
//!                                                              +-> poll_output -> socket
//!                   socket -> Publisher::handle_input ---------/-> poll_event  -> caller
//! ```
//!
//! The wire format is our own because it is small and frozen, and because the one complete crate for it
//! (`rml_rtmp`) has no `releaseStream`/`FCPublish` and cannot send uncompressed headers for messages above the
//! chunk size.
//!
//! ```
//! use rtmp::{HANDSHAKE_RANDOM_LEN, Publisher, Stage, StreamKey, Target};
//! let key = StreamKey::new("secret").unwrap();
//! let target = Target::parse("rtmps://ingest.example/x", Some(key)).unwrap();
//! assert_eq!((target.port(), target.app()), (443, "x"));
//! assert!(!format!("{target:?}").contains("secret"));
//!
//! let mut publisher = Publisher::new(target, &[7; HANDSHAKE_RANDOM_LEN]);
//! let c0_c1 = publisher.poll_output().unwrap();
//! assert_eq!((c0_c1[0], c0_c1.len()), (3, 1537));
//! assert_eq!(publisher.stage(), Stage::Handshake);
//! ```
//!
//! Invariants: input may be split anywhere; no input panics or makes memory grow past fixed limits; the stream key
//! appears in the bytes for the peer and nowhere else, in particular in no error, event or `Debug` output.
#![forbid(unsafe_code)]

mod amf0;
mod chunk;
mod error;
pub mod flv;
mod publisher;
mod target;

pub use error::Error;
pub use publisher::{Event, HANDSHAKE_RANDOM_LEN, Publisher, Stage};
pub use target::{StreamKey, Target};
