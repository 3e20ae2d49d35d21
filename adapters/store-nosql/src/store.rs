//! The store over an engine. It knows no port: each is in a module of its own. Tested through them.

use std::sync::Arc;

use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;

use crate::hints::Hints;
use crate::slot::{Record, Slot};
use crate::table::{Engine, Key};
use crate::unit::{Unit, unit_of_work};

/// The ports over an engine. Clones share it.
#[derive(Debug)]
pub struct ItemStore<E> {
    pub(crate) engine: Arc<E>,
    pub(crate) hints: Arc<Hints>,
}

impl<E> Clone for ItemStore<E> {
    fn clone(&self) -> Self {
        Self { engine: Arc::clone(&self.engine), hints: Arc::clone(&self.hints) }
    }
}

impl<E: Engine> ItemStore<E> {
    pub(crate) fn over(engine: E) -> Self {
        Self::another(Arc::new(engine))
    }

    /// The same over an engine that another store has, too, as if that were in another process.
    pub(crate) fn another(engine: Arc<E>) -> Self {
        Self { engine, hints: Arc::default() }
    }

    /// A unit that only reads.
    pub(crate) fn reading(&self) -> Unit<'_, E> {
        Unit::new(&self.engine)
    }

    /// Removes up to `limit` items of a class that expired before an instant, each on the condition
    /// that it still is as it was found to be; returns how many.
    pub(crate) async fn remove_ended<R: Record>(
        &self,
        class: &'static str,
        before: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let keys: Vec<Key> = self.engine.expired(class, before, limit).await?;
        let mut removed = 0;
        for chunk in keys.chunks(E::MAX_WRITES.min(100)) {
            removed += unit_of_work!(self, |unit| {
                unit.load(chunk.iter().cloned()).await?;
                let mut expired = 0;
                for key in chunk {
                    let slot = Slot::<R>::of(key.clone());
                    let record = unit.seen(&slot)?;
                    if record.and_then(|record| record.expires_at()).is_some_and(|end| end < before) {
                        unit.delete(&slot);
                        expired += 1;
                    }
                }
                expired
            });
        }
        Ok(removed)
    }
}
