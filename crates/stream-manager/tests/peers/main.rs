//! The whole program with real peers: nginx's RTMP module, TLS, FFmpeg, Chromium. One test at a time, in real time.
//!
//! With `SOAK=1` the long tests run whole; otherwise shortened.

#![expect(
    clippy::print_stdout,
    reason = "what was measured is shown beside the verdict"
)]

mod air;
mod bus;
mod client;
mod contract;
mod crowd;
mod doors;
mod intake;
mod latency;
mod load;
mod memory;
mod metrics;
mod outage;
mod pacing;
mod page;
mod pictures;
mod readme;
mod reshape;
mod service;
mod sixty;
mod studio;
mod succession;
mod takeover;
mod traces;
mod watch;
