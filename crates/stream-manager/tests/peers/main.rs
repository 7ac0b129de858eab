//! The whole program with real peers: nginx's RTMP module, TLS, FFmpeg, Chromium. One test at a time, in real time.
//!
//! With `SOAK=1` the long tests run whole; otherwise shortened.

mod air;
mod outage;
mod page;
mod service;
mod studio;
mod watch;
