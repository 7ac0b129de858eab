//! Waiting for something outside this process.

use std::time::{Duration, Instant};

/// Between two looks: short against everything that is waited for, long against the cost of a look.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks `probe` until it answers, and returns the answer; `what` completes "waited in vain for ...".
///
/// # Panics
/// When there is no answer within `limit`.
#[expect(
    clippy::disallowed_methods,
    reason = "real peers live in real time; this is the only place that waits for them"
)]
#[track_caller]
pub fn poll_until<T>(limit: Duration, what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = probe() {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "waited {} s in vain for {what}",
            limit.as_secs_f64()
        );
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "waited 0.02 s in vain for rain")]
    fn what_never_comes_fails_by_name() {
        poll_until(Duration::from_millis(20), "rain", || None::<()>);
    }
}
