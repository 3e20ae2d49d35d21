//! How many calls may be made again, whatever each of them would like. Must not know what a call
//! is. Tests are below.

use std::sync::atomic::{AtomicU32, Ordering};

/// What one retry costs.
const RETRY: u32 = 10;

/// Retries: withdrawn by those who try again, deposited by responses. All calls of a client share
/// one.
#[derive(Debug)]
pub struct RetryBudget {
    balance: AtomicU32,
    capacity: u32,
    deposit: u32,
}

impl RetryBudget {
    /// For a service in trouble. Every response deposits a tenth of a retry: in the long run a
    /// service that returns none sees each call once, and one that returns some sees at most a
    /// tenth more. The first 20 are credit.
    pub fn for_failures() -> Self {
        Self::new(20 * RETRY, RETRY / 10)
    }

    /// For a service that is well, only busy with the same thing: every response deposits a whole
    /// retry, and the first 500 are credit.
    pub fn for_contention() -> Self {
        Self::new(500 * RETRY, RETRY)
    }

    fn new(capacity: u32, deposit: u32) -> Self {
        Self { balance: AtomicU32::new(capacity), capacity, deposit }
    }

    /// Takes a retry; false if there is none.
    pub fn withdraw(&self) -> bool {
        let take = |balance: u32| balance.checked_sub(RETRY);
        self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// The service responded.
    pub fn deposit(&self) {
        let add =
            |balance: u32| (balance < self.capacity).then(|| (balance + self.deposit).min(self.capacity));
        // Full is full.
        let _ = self.balance.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_is_spent_and_then_a_tenth_of_the_responses() {
        let budget = RetryBudget::for_failures();
        assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 20);
        (0..9).for_each(|_| budget.deposit());
        assert!(!budget.withdraw());
        budget.deposit();
        assert!(budget.withdraw() && !budget.withdraw());
        (0..1000).for_each(|_| budget.deposit());
        assert_eq!((0..100).filter(|_| budget.withdraw()).count(), 20);
    }

    #[test]
    fn a_service_that_is_well_deposits_a_retry_with_every_response() {
        let budget = RetryBudget::for_contention();
        assert_eq!((0..1000).filter(|_| budget.withdraw()).count(), 500);
        budget.deposit();
        assert!(budget.withdraw() && !budget.withdraw());
    }
}
