//! With processes that are killed, and with a real Redis.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bus;
mod failover;
mod killed;
mod node;
mod proxy;
mod rights;
mod shared;
mod suite;
