//! How much one client may ask for.

use crate::access::Client;
use crate::problem::Error;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Requests a second, over time: some sixty for each frame at 30 a second.
const PER_SECOND: f64 = 2000.0;
/// Requests at once.
const BURST: f64 = 4000.0;

/// The budget of every client.
#[derive(Debug, Default)]
pub(crate) struct Budgets(Mutex<HashMap<Arc<str>, Budget>>);

#[derive(Clone, Copy, Debug)]
struct Budget {
    left: f64,
    at: Instant,
}

impl Budgets {
    /// Takes one request out of the budget of a client. There are as many budgets as tokens.
    pub(crate) fn check(&self, client: &Client) -> Result<(), Error> {
        let now = Instant::now();
        let mut budgets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = Budget {
            left: BURST,
            at: now,
        };
        let budget = budgets.entry(Arc::clone(&client.name)).or_insert(full);
        let since = (now - budget.at).as_secs_f64();
        *budget = Budget {
            left: (budget.left + since * PER_SECOND).min(BURST),
            at: now,
        };
        if budget.left < 1.0 {
            return Err(Error::TooManyRequests { retry_after_s: 1 });
        }
        budget.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_cut_and_the_others_are_not() {
        let budgets = Budgets::default();
        let (one, other) = (
            Client::new("one", Role::Operator),
            Client::new("other", Role::Operator),
        );
        let taken = (0..10_000).filter(|_| budgets.check(&one).is_ok()).count();
        assert_eq!(taken, 4000);
        assert!(budgets.check(&other).is_ok());
        tokio::time::advance(Duration::from_millis(10)).await;
        let taken = (0..100).filter(|_| budgets.check(&one).is_ok()).count();
        assert_eq!(taken, 20);
    }
}
