//! Free TCP ports.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// A TCP port of 127.0.0.1 that nobody listens on, for a peer that cannot be told to choose one itself.
///
/// It lies between 10000 and 30000, below the range the kernel gives to outgoing connections,
/// so no connection takes it while its peer is being restarted, as one from binding to port 0 would be.
///
/// # Panics
/// When no port is free.
pub fn free_port() -> u16 {
    let mut candidates = (0..1000)
        .map(|attempt: u32| 10_000 + (RandomState::new().hash_one(attempt) % 20_000) as u16);
    candidates
        .find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        .expect("one of a thousand random ports is free")
}
