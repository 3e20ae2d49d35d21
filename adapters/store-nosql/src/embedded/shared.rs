//! The open database as readers and the writer share it, and what its failures mean.
//!
//! redb refuses everything after an I/O error until it is opened again. So the database can be
//! taken out and put back: readers hold it while they read, and while it is out the store is
//! unavailable. Tests: `tests` beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use gallery_core::ports::StoreError;
use redb::{Database, Error, ReadTransaction, ReadableDatabase as _};

/// The database, unless it cannot be opened, or is closed.
pub(super) struct Shared {
    database: RwLock<Option<Database>>,
    /// There is none, or somebody met a failure that only opening again can mend.
    broken: AtomicBool,
}

impl Shared {
    pub(super) fn new(database: Database) -> Self {
        Self { database: RwLock::new(Some(database)), broken: AtomicBool::new(false) }
    }

    /// Reads within one snapshot. Blocks the thread.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Error>,
    ) -> Result<T, StoreError> {
        let read = self.database().as_ref().ok_or(Error::DatabaseClosed).and_then(|database| {
            let snapshot = database.begin_read()?;
            work(&snapshot)
        });
        read.map_err(|error| {
            let failure = meaning(&error);
            if matches!(failure, StoreError::Unavailable(_)) {
                self.break_down();
            }
            failure
        })
    }

    /// The database, held open as long as the guard lives.
    pub(super) fn database(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts another database in the place of this one, once nobody reads from it any more.
    pub(super) fn replace(&self, database: Option<Database>) -> Option<Database> {
        let mut place = self.database.write().unwrap_or_else(PoisonError::into_inner);
        self.broken.store(database.is_none(), Ordering::Release);
        std::mem::replace(&mut place, database)
    }

    /// Asks the writer to open the database again.
    pub(super) fn break_down(&self) {
        self.broken.store(true, Ordering::Release);
    }

    /// Whether the database must be opened again. Never waits.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }
}

/// What a failure is to the ports. Only content that redb or this code cannot read is not worth
/// another try.
pub(super) fn meaning(error: &Error) -> StoreError {
    let text = error.to_string();
    match error {
        Error::Corrupted(_)
        | Error::ValueTooLarge(_)
        | Error::TableTypeMismatch { .. }
        | Error::TypeDefinitionChanged { .. }
        | Error::TableDoesNotExist(_) => StoreError::Backend(text.into()),
        _ => StoreError::Unavailable(text.into()),
    }
}
