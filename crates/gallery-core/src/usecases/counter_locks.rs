//! Taking turns at counters within this process.
//!
//! Of 200 guesses at one account that arrive at once, all but one have to wait at its counter, or
//! are refused by a store that writes on a condition, and tried again. They would keep the store's
//! connections from everybody else meanwhile, and from the few guesses that were admitted. So those
//! of one process take turns before they ask the store, and only processes compete there.

use futures_util::lock::{Mutex, MutexGuard};

use crate::values::ContentHash;

/// Counters share a lock by the first bits of their names. There are enough locks that counters of
/// strangers seldom do.
const LOCKS: usize = 1 << 10;

/// One lock for each group of counters.
#[derive(Debug)]
pub(super) struct CounterLocks(Box<[Mutex<()>]>);

impl CounterLocks {
    pub(super) fn new() -> Self {
        Self((0..LOCKS).map(|_| Mutex::new(())).collect())
    }

    /// Waits until nobody else in this process changes these counters; they are free again when the
    /// guards go.
    pub(super) async fn lock<'l>(
        &'l self,
        names: impl IntoIterator<Item = &ContentHash>,
    ) -> Vec<MutexGuard<'l, ()>> {
        let mut places: Vec<usize> = names.into_iter().map(place).collect();
        // In one order for everybody, so that nobody waits in a circle.
        places.sort_unstable();
        places.dedup();
        let mut guards = Vec::with_capacity(places.len());
        for place in places {
            guards.push(self.0[place].lock().await);
        }
        guards
    }
}

fn place(name: &ContentHash) -> usize {
    let [first, second, ..] = *name.as_bytes();
    usize::from(u16::from_be_bytes([first, second])) % LOCKS
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// The name of a counter whose lock is this one.
    fn name(lock: u16) -> ContentHash {
        let mut bytes = [7; 32];
        bytes[..2].copy_from_slice(&lock.to_be_bytes());
        ContentHash::from_bytes(bytes)
    }

    #[test]
    fn a_counter_is_had_by_one_at_a_time_and_is_free_again_afterwards() {
        let locks = CounterLocks::new();
        let (account, network, other) = (name(1), name(2), name(3));
        let held = locks.lock([&account, &network]).now_or_never().expect("both are free");
        assert!(locks.lock([&other, &network]).now_or_never().is_none());
        assert!(locks.lock([&other]).now_or_never().is_some(), "who gave up waiting holds nothing");
        drop(held);
        assert!(locks.lock([&other, &network]).now_or_never().is_some());
    }

    #[test]
    fn counters_that_share_a_lock_are_had_together() {
        let locks = CounterLocks::new();
        let (one, same) = (name(5), name(5 + 1_024));
        assert!(locks.lock([&one, &same, &one]).now_or_never().is_some());
    }

    #[tokio::test]
    async fn nobody_waits_in_a_circle() {
        let locks = CounterLocks::new();
        let (a, b) = (name(1), name(2));
        let turn = async |first, second| {
            for _ in 0..100 {
                let _held = locks.lock([first, second]).await;
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(turn(&a, &b), turn(&b, &a));
    }
}
