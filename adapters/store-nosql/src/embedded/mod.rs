//! The engine in one file of this machine: a store without any server, in a
//! [redb](https://www.redb.org) database.
//!
//! # What it promises
//!
//! What was answered is on the disk. A crash at any moment, of the process or of the machine,
//! leaves a file that is complete up to the last commit that reached the disk: redb writes new
//! pages, flushes them, and then moves to them. The first start after a crash checks the whole
//! file, about a second for each gigabyte.
//!
//! A failure of the disk (no space, an I/O error) is answered with `Unavailable`; the file is
//! opened again, and what follows works as soon as the disk does. The process keeps about 10 MiB of
//! memory for the file, however large it is.
//!
//! # What is left of what was removed
//!
//! Removing an item leaves its bytes in pages that wait to be used again. So the file is written
//! anew, without them: when the store is closed, when it is opened after a crash, and once a day
//! when nobody writes. That needs a second for 100,000 items, and room for a second file; a file of
//! more items is left as it is, and there the bytes stay until their pages are used for something
//! else, which is soon, but not at a known time. To be sure with such a file, or of the blocks that
//! a file system frees, keep it on an encrypted disk.
//!
//! # Reading
//!
//! A read takes some microseconds from memory, but on a cold disk as long as the disk takes; so
//! reads run on threads that may block, and a slow disk cannot hold up what has nothing to do with
//! it.
//!
//! Knows `table` and redb, and no kind of item. Tests: `tests` beside it, and
//! `tests/it/embedded*.rs`.

mod batch;
mod erase;
mod form;
mod open;
mod reads;
mod shared;
#[cfg(test)]
mod tests;
mod writer;

use std::error::Error;
use std::fmt;
use std::io;
use std::mem;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;
use redb::{Database, ReadTransaction, ReadableDatabase as _};
use rmp_serde::Serializer;
use rmp_serde::config::BytesMode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

pub use open::EmbeddedError;

use self::batch::Batch;
use self::form::{META, META_VERSION};
use self::open::DatabaseFile;
use self::shared::Shared;
use self::writer::{Commit, Erasing, Message, Writer};
use crate::error;
use crate::format::FORMAT;
use crate::store::ItemStore;
use crate::table::{Change, Condition, Engine, Item, Key, Outcome, Range, Scan, Write};
use crate::upgrade;

/// Reads that run at the same time. More would not be faster, and would take threads from others.
const READERS: usize = 8;
/// Units of work that wait for the writer; further ones wait outside.
const QUEUE: usize = 1024;
/// The most writes of one unit when any number of items is removed.
const REMOVED_AT_ONCE: usize = 500;
/// A call that takes longer is answered as `Unavailable`.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// The same for the question whether the store is ready.
const READY_TIMEOUT: Duration = Duration::from_secs(1);

/// The records in one file of this machine. One process has the file to itself.
pub type EmbeddedStore = ItemStore<Embedded>;

impl ItemStore<Embedded> {
    /// Opens the store in this file, which is made if it is not there, with its folder. The process
    /// has it to itself until [`close`](Self::close), or until the last clone is dropped: it holds
    /// a lock on the file of the same name with `.lock` behind it, which stays when the process is
    /// gone and means nothing then.
    pub async fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let path = path.to_owned();
        let opening = {
            let path = path.clone();
            spawn_blocking(move || Embedded::start(DatabaseFile::take(&path)?, Erasing::default()))
        };
        let engine = opening.await.map_err(|error| EmbeddedError::Failed { path, source: error.into() })?;
        engine.map(Self::over)
    }

    /// Finishes what was begun, erases what was removed, and gives the file up. Later calls are
    /// answered as `Unavailable`.
    pub async fn close(&self) {
        let (answer, closed) = oneshot::channel();
        // When the writer is gone, the store is closed.
        if self.engine.inbox.send(Message::Close(answer)).is_ok() {
            let _ = closed.await;
        }
    }
}

/// The engine over a redb database.
#[doc(hidden)]
pub struct Embedded {
    shared: Arc<Shared>,
    readers: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    inbox: mpsc::Sender<Message>,
    writer: Option<JoinHandle<()>>,
}

impl Embedded {
    fn start(file: DatabaseFile, erasing: Erasing) -> Result<Self, EmbeddedError> {
        let database = file.open()?;
        take_over(&database).map_err(|error| file.failed(error))?;
        let (database, residue) = clean(&file, database)?;
        let shared = Arc::new(Shared::new(database));
        let (inbox, messages) = mpsc::channel();
        let path = file.path().to_owned();
        let writer = Writer::new(Arc::clone(&shared), file, messages, residue, erasing);
        let writer = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| EmbeddedError::Failed { path, source: error.into() })?;
        Ok(Self {
            shared,
            readers: Arc::new(Semaphore::new(READERS)),
            queue: Arc::new(Semaphore::new(QUEUE)),
            inbox,
            writer: Some(writer),
        })
    }

    /// Reads within one snapshot, on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reading = async {
            let reader = Arc::clone(&self.readers).acquire_owned().await.map_err(unavailable)?;
            let shared = Arc::clone(&self.shared);
            let read = spawn_blocking(move || {
                let _reader = reader;
                shared.read(work)
            });
            // A panic of redb means that the file is not what it wrote.
            read.await.unwrap_or_else(|error| {
                self.shared.break_down();
                Err(unavailable(error))
            })
        };
        timeout(CALL_TIMEOUT, reading).await.unwrap_or_else(|error| Err(unavailable(error)))
    }
}

/// Makes a store of an older format one of this. Killed in between, it goes on when the store is
/// opened again.
fn take_over(database: &Database) -> Result<(), Box<dyn Error + Send + Sync>> {
    let version = database.begin_read()?.open_table(META)?.get(META_VERSION)?;
    let version = version.map_or(FORMAT, |version| version.value());
    if version >= FORMAT {
        return Ok(());
    }
    if version < upgrade::WITH_REGISTRATIONS {
        register_unconfirmed(database)?;
    }
    for list in upgrade::UNDIVIDED {
        while divide(database, list)? {}
    }
    let transaction = database.begin_write()?;
    transaction.open_table(META)?.insert(META_VERSION, FORMAT)?;
    transaction.commit()?;
    Ok(())
}

/// Makes registrations of the accounts that wait for their confirmation.
fn register_unconfirmed(database: &Database) -> Result<(), Box<dyn Error + Send + Sync>> {
    let snapshot = database.begin_read()?;
    let transaction = database.begin_write()?;
    let mut batch = Batch::begin(&transaction)?;
    for entry in reads::query(&snapshot, &upgrade::unconfirmed())? {
        let Some(subject) = upgrade::subject_of(&entry.key) else { continue };
        let found = reads::get(&snapshot, &subject)?;
        let claim = match upgrade::claim_of::<Embedded>(&found)? {
            Some(place) => reads::get(&snapshot, &[place])?.pop(),
            None => None,
        };
        let writes = upgrade::to_registration::<Embedded>(&entry.key, &found, claim.as_ref())?;
        if batch.apply(&writes)? == Outcome::Refused {
            return Err("what was read of an unconfirmed account has changed".into());
        }
    }
    batch.end(false)?;
    transaction.commit()?;
    Ok(())
}

/// Moves some entries of a list that was in one part to its parts; returns whether there were any.
fn divide(database: &Database, list: &'static str) -> Result<bool, Box<dyn Error + Send + Sync>> {
    let snapshot = database.begin_read()?;
    let entries = reads::query(&snapshot, &upgrade::undivided(list, REMOVED_AT_ONCE))?;
    if entries.is_empty() {
        return Ok(false);
    }
    let found = reads::get(&snapshot, &upgrade::places_of::<Embedded>(list, &entries)?)?;
    let writes = upgrade::divided::<Embedded>(list, &entries, &found)?;
    let transaction = database.begin_write()?;
    let mut batch = Batch::begin(&transaction)?;
    if batch.apply(&writes)? == Outcome::Refused {
        return Err("what was read of a list has changed".into());
    }
    batch.end(false)?;
    transaction.commit()?;
    Ok(true)
}

/// Rids a database that was just opened of its residue. Returns whether it has any after that.
fn clean(file: &DatabaseFile, database: Database) -> Result<(Database, bool), EmbeddedError> {
    if !erase::has_residue(&database).map_err(|error| file.failed(error))? {
        return Ok((database, false));
    }
    match erase::rewritten(file, &database) {
        Ok(Some(new)) => Ok((new, false)),
        Ok(None) => Ok((database, true)),
        Err(error) => {
            tracing::warn!(%error, "the store was not written anew");
            drop(database);
            Ok((file.open()?, true))
        }
    }
}

impl Engine for Embedded {
    type Body = Vec<u8>;

    /// A transaction has no bound but the memory that holds the writes before it.
    const MAX_WRITES: usize = usize::MAX;
    const SHARED: bool = false;

    fn encode<T: Serialize>(record: &T) -> Result<Vec<u8>, StoreError> {
        let mut body = Vec::with_capacity(256);
        // With the names of the fields, because a record may get new ones; and hashes as bytes,
        // because a photo has half a dozen, and numbers one by one cost most of the time that its
        // card takes to be read.
        let mut form = Serializer::new(&mut body).with_struct_map().with_bytes(BytesMode::ForceAll);
        record.serialize(&mut form).map_err(error::unreadable("record"))?;
        Ok(body)
    }

    fn decode<T: DeserializeOwned>(body: &Vec<u8>) -> Result<T, StoreError> {
        rmp_serde::from_slice(body).map_err(error::unreadable("record"))
    }

    async fn get(&self, keys: &[Key]) -> Result<Vec<Item<Vec<u8>>>, StoreError> {
        let keys = keys.to_vec();
        self.read(move |snapshot| reads::get(snapshot, &keys)).await
    }

    async fn query(&self, range: &Range) -> Result<Vec<Item<Vec<u8>>>, StoreError> {
        let range = range.clone();
        self.read(move |snapshot| reads::query(snapshot, &range)).await
    }

    async fn commit(&self, writes: Vec<Write<Vec<u8>>>) -> Result<Outcome, StoreError> {
        let committing = async {
            let room = Arc::clone(&self.queue).acquire_owned().await.map_err(unavailable)?;
            let (answer, outcome) = oneshot::channel();
            self.inbox.send(Message::Commit(Commit { writes, answer, room })).map_err(|_| closed())?;
            outcome.await.map_err(|_| closed())?
        };
        timeout(CALL_TIMEOUT, committing).await.unwrap_or_else(|error| Err(unavailable(error)))
    }

    async fn delete(&self, keys: &[Key]) -> Result<(), StoreError> {
        for chunk in keys.chunks(REMOVED_AT_ONCE) {
            let delete =
                |key: &Key| Write { key: key.clone(), condition: Condition::Always, change: Change::Delete };
            self.commit(chunk.iter().map(delete).collect()).await?;
        }
        Ok(())
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Item<Vec<u8>>>, StoreError> {
        let scan = scan.clone();
        self.read(move |snapshot| reads::scan(snapshot, &scan)).await
    }

    async fn expired(
        &self,
        class: &'static str,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError> {
        self.read(move |snapshot| reads::expired(snapshot, class, before, limit)).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let asking = async {
            self.read(reads::probe).await?;
            let (answer, alive) = oneshot::channel();
            self.inbox.send(Message::Ping(answer)).map_err(|_| closed())?;
            alive.await.map_err(|_| closed())?;
            // A read may have been answered from memory.
            if self.shared.is_broken() { Err(unavailable("the disk failed")) } else { Ok(()) }
        };
        timeout(READY_TIMEOUT, asking).await.unwrap_or_else(|error| Err(unavailable(error)))
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // The writer ends when nobody can ask it for anything; then the file is free.
        drop(mem::replace(&mut self.inbox, mpsc::channel().0));
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

fn unavailable(error: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable(error.into())
}

fn closed() -> StoreError {
    unavailable(io::Error::other("the store is closed"))
}
