//! A unit of work: reads that are remembered, changes that are collected, and one commit on the
//! condition that nobody wrote in between what the unit has read *and* changed or relied on.
//! Optimistic, because that is the one kind of transaction that DynamoDB offers; a unit that is
//! refused is worked again from its start.
//!
//! It knows no engine's driver, and of the kinds of items only that workers look for queued jobs.
//! Tested through the store, by the conformance suite.

use std::collections::BTreeMap;
use std::time::Duration;

use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;

use crate::records::Queued;
use crate::slot::{Record, Slot};
use crate::table::{Change, Condition, Engine, Item, Key, Outcome, Write};

/// What a unit of work knows of one item.
struct Known<B> {
    /// What must still be so when this unit writes the item: what was read, or nothing if it was
    /// not read.
    as_read: Condition,
    /// The content now, changes of this unit included.
    body: Option<B>,
    change: Pending,
}

enum Pending {
    None,
    /// The commit depends on the item being as it was read.
    Rely,
    Put {
        kind: &'static str,
        expires_at: Option<Timestamp>,
    },
    /// The same for an item that must not be there.
    Insert {
        kind: &'static str,
        expires_at: Option<Timestamp>,
    },
    Delete,
}

/// A unit of work under way.
pub(crate) struct Unit<'e, E: Engine> {
    engine: &'e E,
    known: BTreeMap<Key, Known<E::Body>>,
    queued: Vec<Queued>,
}

impl<'e, E: Engine> Unit<'e, E> {
    pub(crate) fn new(engine: &'e E) -> Self {
        Self { engine, known: BTreeMap::new(), queued: Vec::new() }
    }

    pub(crate) fn engine(&self) -> &'e E {
        self.engine
    }

    /// Reads these items, in one round trip, unless they were read before.
    pub(crate) async fn load(&mut self, keys: impl IntoIterator<Item = Key>) -> Result<(), StoreError> {
        let mut missing: Vec<Key> = keys.into_iter().filter(|key| !self.known.contains_key(key)).collect();
        missing.sort();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let items = self.engine.get(&missing).await?;
        for key in missing {
            self.known.insert(key, Known { as_read: Condition::Absent, body: None, change: Pending::None });
        }
        for Item { key, revision, body } in items {
            let known =
                Known { as_read: Condition::Unchanged(revision), body: Some(body), change: Pending::None };
            self.known.insert(key, known);
        }
        Ok(())
    }

    /// The item of this key, read now unless it was read before.
    pub(crate) async fn read<R: Record>(&mut self, slot: &Slot<R>) -> Result<Option<R>, StoreError> {
        self.load([slot.key().clone()]).await?;
        self.seen(slot)
    }

    /// The same, if there must be one.
    pub(crate) async fn found<R: Record>(&mut self, slot: &Slot<R>) -> Result<R, StoreError> {
        self.read(slot).await?.ok_or(StoreError::NotFound)
    }

    /// The item of this key as this unit knows it; `None` when it is absent or was not loaded.
    pub(crate) fn seen<R: Record>(&self, slot: &Slot<R>) -> Result<Option<R>, StoreError> {
        let body = self.known.get(slot.key()).and_then(|known| known.body.as_ref());
        body.map(E::decode).transpose()
    }

    /// Takes an item for read at this revision, or for absent; what depends on it is refused if
    /// that is wrong. Its content stays unknown.
    pub(crate) fn assume<R: Record>(&mut self, slot: &Slot<R>, revision: Option<u64>) {
        let as_read = revision.map_or(Condition::Absent, Condition::Unchanged);
        self.known.insert(slot.key().clone(), Known { as_read, body: None, change: Pending::None });
    }

    /// The revision at which the item of this key was read; `None` when it is absent or was not
    /// loaded.
    pub(crate) fn revision<R: Record>(&self, slot: &Slot<R>) -> Option<u64> {
        match self.known.get(slot.key())?.as_read {
            Condition::Unchanged(revision) => Some(revision),
            Condition::Always | Condition::Absent => None,
        }
    }

    /// Takes an item that a query has answered for read.
    pub(crate) fn take(&mut self, item: Item<E::Body>) {
        let Item { key, revision, body } = item;
        self.known.entry(key).or_insert(Known {
            as_read: Condition::Unchanged(revision),
            body: Some(body),
            change: Pending::None,
        });
    }

    /// Makes this the item, on the condition that it is as it was read; without one, if it was not
    /// read.
    pub(crate) fn put<R: Record>(&mut self, slot: &Slot<R>, record: &R) -> Result<(), StoreError> {
        let change = Pending::Put { kind: R::KIND, expires_at: record.expires_at() };
        self.change(slot.key().clone(), Some(E::encode(record)?), change);
        Ok(())
    }

    /// Makes this the item, on the condition that there is none.
    pub(crate) fn insert<R: Record>(&mut self, slot: &Slot<R>, record: &R) -> Result<(), StoreError> {
        let change = Pending::Insert { kind: R::KIND, expires_at: record.expires_at() };
        self.change(slot.key().clone(), Some(E::encode(record)?), change);
        Ok(())
    }

    /// Removes the item, on the condition that it is as it was read; without one, if it was not
    /// read.
    pub(crate) fn delete<R: Record>(&mut self, slot: &Slot<R>) {
        self.delete_key(slot.key().clone());
    }

    /// The same for an item of any kind.
    pub(crate) fn delete_key(&mut self, key: Key) {
        self.change(key, None, Pending::Delete);
    }

    /// Makes the commit depend on the item being as it was read, although this unit does not change
    /// it.
    pub(crate) fn rely<R: Record>(&mut self, slot: &Slot<R>) {
        if let Some(known) = self.known.get_mut(slot.key())
            && matches!(known.change, Pending::None)
        {
            known.change = Pending::Rely;
        }
    }

    fn change(&mut self, key: Key, body: Option<E::Body>, change: Pending) {
        let known = self.known.entry(key);
        let known = known.or_insert(Known { as_read: Condition::Always, body: None, change: Pending::None });
        known.body = body;
        known.change = change;
    }

    /// Takes note of a job that gets a place in a queue when this unit is committed.
    pub(crate) fn note_queued(&mut self, queued: Queued) {
        self.queued.push(queued);
    }

    /// What workers are told of when this unit was committed.
    pub(crate) fn take_queued(&mut self) -> Vec<Queued> {
        std::mem::take(&mut self.queued)
    }

    /// How many more writes an engine takes in this unit.
    pub(crate) fn room(&self) -> usize {
        let taken = self.known.values().filter(|known| !matches!(known.change, Pending::None)).count();
        E::MAX_WRITES.saturating_sub(taken)
    }

    /// Makes every change, or none. A unit without a change has nothing to commit.
    pub(crate) async fn commit(self) -> Result<Outcome, StoreError> {
        let writes: Vec<Write<E::Body>> =
            self.known.into_iter().filter_map(|(key, known)| known.write(key)).collect();
        if writes.iter().all(|write| matches!(write.change, Change::Keep)) {
            return Ok(Outcome::Done);
        }
        self.engine.commit(writes).await
    }
}

impl<B> Known<B> {
    fn write(self, key: Key) -> Option<Write<B>> {
        let as_read = self.as_read;
        let (condition, change) = match self.change {
            Pending::None => return None,
            Pending::Rely => (as_read, Change::Keep),
            Pending::Put { kind, expires_at } => {
                (as_read, Change::Put { body: self.body?, kind, expires_at })
            }
            Pending::Insert { kind, expires_at } => {
                (Condition::Absent, Change::Put { body: self.body?, kind, expires_at })
            }
            // What was not there need not be removed.
            Pending::Delete if as_read == Condition::Absent => return None,
            Pending::Delete => (as_read, Change::Delete),
        };
        Some(Write { key, condition, change })
    }
}

/// How often a unit of work was refused, and when to give up.
pub(crate) struct Attempts {
    made: u32,
    waited: Duration,
}

impl Attempts {
    /// A unit that was refused for so long is answered as `Unavailable`.
    const LONGEST_WAIT: Duration = Duration::from_secs(5);
    const FIRST_PAUSE: Duration = Duration::from_millis(2);
    const LONGEST_PAUSE: Duration = Duration::from_millis(100);

    pub(crate) fn new() -> Self {
        Self { made: 0, waited: Duration::ZERO }
    }

    /// Waits before the next attempt, for a random time that doubles at most ("full jitter").
    pub(crate) async fn again(&mut self) -> Result<(), StoreError> {
        if self.waited >= Self::LONGEST_WAIT {
            return Err(StoreError::Unavailable("too many writers want the same item".into()));
        }
        let most = Self::FIRST_PAUSE.saturating_mul(1 << self.made.min(10)).min(Self::LONGEST_PAUSE);
        let pause = most.mul_f64(jitter());
        self.made += 1;
        self.waited += pause;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// A number from 0 to 1 that differs between callers. It need not be unpredictable.
pub(crate) fn jitter() -> f64 {
    gallery_aws::jitter()
}

/// Works a unit until it is committed, tells workers of jobs that it queued, and returns what its
/// body returns.
///
/// The body may leave with `?`: then nothing is committed.
macro_rules! unit_of_work {
    ($store:expr, |$unit:ident| $body:expr) => {{
        let mut attempts = $crate::unit::Attempts::new();
        loop {
            let mut $unit = $crate::unit::Unit::new(&*$store.engine);
            let answer = $body;
            let queued = $unit.take_queued();
            match $unit.commit().await? {
                $crate::table::Outcome::Done => {
                    $store.tell(queued).await;
                    break answer;
                }
                $crate::table::Outcome::Refused => attempts.again().await?,
            }
        }
    }};
}
pub(crate) use unit_of_work;
