//! Taking turns at counters within this process.
//!
//! A counter is read, and written on the condition that it was not written in between. Of 200 guesses at one account
//! that arrive at once, 199 would be refused by DynamoDB, and again by the next round: those that lose too often could
//! only be told to come back. So those of one process take turns, and only processes compete. Tested by the
//! conformance suite, and for its cost in `dynamo/tests/cost.rs`.

use gallery_core::values::ContentHash;
use tokio::sync::{Mutex, MutexGuard};

/// Counters share a lock by the first bits of their names. There are enough locks that counters of strangers seldom
/// do.
const LOCKS: usize = 1 << 10;

/// One lock for each group of counters.
#[derive(Debug)]
pub(crate) struct CounterLocks(Box<[Mutex<()>]>);

impl CounterLocks {
    pub(crate) fn new() -> Self {
        Self((0..LOCKS).map(|_| Mutex::new(())).collect())
    }

    /// Waits until nobody else in this process changes these counters; they are free again when the guards go.
    pub(crate) async fn lock<'l>(
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
