//! The library on a real disk, and the fetcher against a real server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fetcher;
mod files;
mod formats;
mod library;
mod server;
#[path = "../world/mod.rs"]
mod world;
