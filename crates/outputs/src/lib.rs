//! One session per destination: dial, TLS, queue, drop policy, back-off.
//!
//! Job: keep every configured output live over RTMP or RTMPS, for days, whatever its server does, and say how it is.
//! Not its job: encoding, RTMP's bytes (`rtmp`), deciding what outputs there are, JSON.
//!
//! ```text
//!  encode thread -- PacketSink::push --> one Queue per output --> task: connect, send, retry --> server
//!                                         (time-bounded)           states and counters --> Status
//! ```
//!
//! | queue | capacity | when full | metric |
//! |---|---|---|---|
//! | one per output | [`Settings::queue`] of media | emptied; packets are dropped up to the next IDR, which is asked for | `stream_manager_output_dropped_packets_total`, `stream_manager_output_queue_seconds` |
//!
//! Metrics, all labelled `output`: the two above, `stream_manager_output_state` (0 idle, 1 connecting, 2 live,
//! 3 retrying, 4 refused, 5 stopped), `stream_manager_output_bytes_total`, `stream_manager_output_connects_total`.
//!
//! ```
//! use outputs::{OutputConfig, Outputs, Settings, State, StreamKey};
//! use std::sync::Arc;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # let (_headers, headers) = tokio::sync::watch::channel(None);
//! let outputs = Outputs::new(Settings::default(), headers, Arc::new(|| {}), runtime.handle().clone());
//! let key = StreamKey::new("secret").unwrap();
//! let config = OutputConfig::new("x", "rtmps://ingest.example/x", Some(key), false).unwrap();
//! outputs.add(config).unwrap();
//! let status = outputs.status("x").unwrap();
//! assert_eq!((status.state, status.url.as_str()), (State::Idle, "rtmps://ingest.example/x"));
//! ```
//!
//! Invariants: pushing never blocks, and no output delays another; a session begins with an IDR, preceded by the
//! headers that belong to it, at time 0; no stream key appears in any status, error, log or metric.
#![forbid(unsafe_code)]

mod dial;
mod error;
mod failure;
mod output;
mod queue;
mod registry;
mod retry;
mod session;
#[cfg(test)]
mod testing;

pub use dial::Tls;
pub use engine::{Headers, PacketSink};
pub use error::Error;
pub use output::{State, Status};
pub use registry::{OutputConfig, Outputs, Settings};
pub use rtmp::StreamKey;
