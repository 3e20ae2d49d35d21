//! Turns: of those who want the same thing in this process, one at a time. Knows no S3. Tested here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// Who has a turn, by name.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

/// A turn, over when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    name: String,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for a turn of this name.
    pub(crate) async fn take(self: &Arc<Self>, name: &str) -> Turn {
        let queue = Arc::clone(self.open().entry(name.to_owned()).or_default());
        let mut turn = Turn { turns: Arc::clone(self), name: name.to_owned(), guard: None };
        turn.guard = Some(queue.lock_owned().await);
        turn
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<()>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut names = self.turns.open();
        drop(self.guard.take());
        // Whoever waits, or is about to, holds the queue too.
        if names.get(&self.name).is_some_and(|queue| Arc::strong_count(queue) == 1) {
            names.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join_all, poll_immediate};

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_no_name_is_kept() {
        let turns = Arc::new(Turns::default());
        let first = turns.take("a").await;
        let mut second = Box::pin(turns.take("a"));
        assert!(poll_immediate(&mut second).await.is_none());
        assert!(poll_immediate(Box::pin(turns.take("b"))).await.is_some(), "another name is free");
        let mut abandoned = Box::pin(turns.take("a"));
        assert!(poll_immediate(&mut abandoned).await.is_none());
        drop(abandoned);
        drop(first);
        drop(poll_immediate(&mut second).await.expect("it is the second's turn"));
        assert!(turns.open().is_empty());
        join_all((0..100).map(|_| async { drop(turns.take("c").await) })).await;
        assert!(turns.open().is_empty());
    }
}
