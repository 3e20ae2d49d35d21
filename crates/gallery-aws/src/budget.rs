//! How many calls may be made again. Must not know what a call is. Tests are below.

use std::sync::atomic::{AtomicU32, Ordering};

/// What one retry costs.
const WHOLE: u32 = 10;

/// Retries, spent by those who try again and filled by answers. All calls of a client share one.
#[derive(Debug)]
pub struct Budget {
    level: AtomicU32,
    capacity: u32,
    earned: u32,
}

impl Budget {
    /// For a service in trouble. Every call that is answered earns a tenth of a retry: in the long run a service that
    /// answers none sees each call once, and one that answers some sees at most a tenth more. The first 20 are a loan.
    pub fn of_trouble() -> Self {
        Self::new(20 * WHOLE, WHOLE / 10)
    }

    /// For a service that is well, only busy with the same thing: every answer earns a whole retry, and 500 are lent.
    pub fn of_contention() -> Self {
        Self::new(500 * WHOLE, WHOLE)
    }

    fn new(capacity: u32, earned: u32) -> Self {
        Self { level: AtomicU32::new(capacity), capacity, earned }
    }

    /// Takes a retry, if there is one.
    pub fn spend(&self) -> bool {
        let take = |level: u32| level.checked_sub(WHOLE);
        self.level.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// A call was answered.
    pub fn earn(&self) {
        let give = |level: u32| (level < self.capacity).then(|| (level + self.earned).min(self.capacity));
        // Full is full.
        let _ = self.level.fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loan_is_spent_and_then_a_tenth_of_what_was_answered() {
        let budget = Budget::of_trouble();
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 20);
        (0..9).for_each(|_| budget.earn());
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend() && !budget.spend());
        (0..1000).for_each(|_| budget.earn());
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 20);
    }

    #[test]
    fn a_service_that_is_well_earns_a_retry_with_every_answer() {
        let budget = Budget::of_contention();
        assert_eq!((0..1000).filter(|_| budget.spend()).count(), 500);
        budget.earn();
        assert!(budget.spend() && !budget.spend());
    }
}
