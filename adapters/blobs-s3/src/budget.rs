//! How many calls may be made again. Knows nothing of S3. Tested here, and in `tests/s3/faults.rs`.

use std::sync::atomic::{AtomicU32, Ordering};

/// What one retry costs.
const WHOLE: u32 = 10;
/// What a call that was answered earns: in the long run a service that answers none sees each call once, and one
/// that answers some sees at most a tenth more.
const EARNED: u32 = WHOLE / 10;
/// The first few are a loan.
const CAPACITY: u32 = 20 * WHOLE;

/// Retries, spent by those who try again and filled by answers. All calls of a client share one.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(CAPACITY))
    }

    /// Takes a retry, if there is one.
    pub(crate) fn spend(&self) -> bool {
        let take = |level: u32| level.checked_sub(WHOLE);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// A call was answered, whatever the answer.
    pub(crate) fn earn(&self) {
        let give = |level: u32| (level < CAPACITY).then(|| (level + EARNED).min(CAPACITY));
        // Full is full.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loan_is_spent_and_then_a_tenth_of_what_was_answered() {
        let budget = Budget::new();
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 20);
        (0..9).for_each(|_| budget.earn());
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend() && !budget.spend());
        (0..1000).for_each(|_| budget.earn());
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 20);
    }
}
