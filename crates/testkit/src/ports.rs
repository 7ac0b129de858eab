//! Free TCP ports.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// Ports that this process was given, whose peers may be away now and then.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A TCP port of 127.0.0.1 that nobody listens on, for a peer that cannot be told to choose one itself.
///
/// It lies between 10000 and 30000, below the range the kernel gives to outgoing connections,
/// so no connection takes it while its peer is being restarted, as one from binding to port 0 would be.
///
/// No process is given the same one twice: a peer that is started later, or killed and started again, finds its port
/// free. (Among six random ports two are the same once in 1300 times, which over the tests of a day is no rarity.)
///
/// # Panics
/// When no port is free.
pub fn free_port() -> u16 {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut candidates = (0..1000)
        .map(|attempt: u32| 10_000 + (RandomState::new().hash_one(attempt) % 20_000) as u16);
    candidates
        .find(|&port| {
            !given.contains(&port)
                && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
                && given.insert(port)
        })
        .expect("one of a thousand random ports is free")
}

#[cfg(test)]
mod tests {
    use super::free_port;
    use std::collections::BTreeSet;

    #[test]
    fn no_port_is_given_twice() {
        // By chance alone, all would differ once in e^25 times.
        let ports: BTreeSet<u16> = (0..1000).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 1000);
    }
}
