//! One library for several processes: in a folder, and in a bucket of a real S3 server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod away;
mod crash;
mod model;
mod shared;
mod site;
#[path = "../world/mod.rs"]
mod world;
