//! The only clock. Everything else is told the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Tells monotonic and wall time, and waits.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Nanoseconds since some moment before the show; never goes back.
    fn now_ns(&self) -> i64;

    /// Wall clock, nanoseconds since 1970 UTC.
    fn unix_ns(&self) -> i64;

    /// Returns at `deadline_ns` of [`Clock::now_ns`], at once when it has passed.
    fn sleep_until(&self, deadline_ns: i64);
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock that starts now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    #[expect(
        clippy::new_without_default,
        reason = "reading the clock is no default"
    )]
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now_ns(&self) -> i64 {
        nanos(Instant::now().saturating_duration_since(self.origin))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn unix_ns(&self) -> i64 {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, nanos)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn sleep_until(&self, deadline_ns: i64) {
        let left = deadline_ns.saturating_sub(self.now_ns());
        if let Ok(ns) = u64::try_from(left) {
            std::thread::sleep(Duration::from_nanos(ns));
        }
    }
}

fn nanos(d: Duration) -> i64 {
    i64::try_from(d.as_nanos()).unwrap_or(i64::MAX)
}

/// A clock for tests and offline work: time passes only by waiting for it.
#[derive(Debug, Default)]
pub struct ManualClock {
    now_ns: AtomicI64,
}

impl ManualClock {
    /// Lets `ns` nanoseconds pass.
    pub fn advance(&self, ns: i64) {
        self.now_ns.fetch_add(ns, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ns(&self) -> i64 {
        self.now_ns.load(Ordering::SeqCst)
    }

    fn unix_ns(&self) -> i64 {
        self.now_ns()
    }

    fn sleep_until(&self, deadline_ns: i64) {
        self.now_ns.fetch_max(deadline_ns, Ordering::SeqCst);
    }
}
