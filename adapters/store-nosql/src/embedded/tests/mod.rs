//! What only this engine can get wrong: items and their order, the disk's failures, and erasing.
//! The kit for that is here; how a file is opened, and what a kill leaves, is tested from outside
//! in `tests/`.

mod erasing;
mod failures;
mod format;
mod items;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use redb::StorageBackend;
use redb::backends::FileBackend;
use tempfile::TempDir;

use super::Embedded;
use super::open::DatabaseFile;
use super::writer::Erasing;
use crate::table::{Change, Condition, Engine as _, Key, Outcome, Table, Write};

/// An engine in a folder of its own, with a disk that fails on demand.
struct Bench {
    engine: Option<Embedded>,
    disk: Arc<Disk>,
    path: PathBuf,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self::erasing(Erasing::default())
    }

    fn erasing(erasing: Erasing) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gallery.redb");
        let disk = Arc::new(Disk::default());
        let engine = start(&path, &disk, erasing);
        Self { engine: Some(engine), disk, path, _folder: folder }
    }

    fn engine(&self) -> &Embedded {
        self.engine.as_ref().unwrap()
    }

    /// Ends the engine without closing it, and starts another one with the same file.
    fn restart(&mut self) {
        drop(self.engine.take());
        self.engine = Some(start(&self.path, &self.disk, Erasing::default()));
    }

    async fn put(&self, key: &Key, text: &str) {
        let outcome = self.engine().commit(vec![put(key, Condition::Always, text)]).await.unwrap();
        assert_eq!(outcome, Outcome::Done);
    }

    /// Revision and content of an item.
    async fn read(&self, key: &Key) -> Option<(u64, String)> {
        let items = self.engine().get(std::slice::from_ref(key)).await.unwrap();
        assert!(items.iter().all(|item| item.key == *key));
        items.first().map(|item| (item.revision, text(&item.body)))
    }
}

fn start(path: &Path, disk: &Arc<Disk>, erasing: Erasing) -> Embedded {
    let disk = Arc::clone(disk);
    let build = move |builder: &redb::Builder, file| {
        builder.create_with_backend(Failing { file, disk: Arc::clone(&disk) })
    };
    Embedded::start(DatabaseFile::take_with(path, Box::new(build)).unwrap(), erasing).unwrap()
}

fn key(partition: &str, sort: &str) -> Key {
    Key { table: Table::User, partition: partition.to_owned(), sort: sort.to_owned() }
}

fn put(key: &Key, condition: Condition, text: &str) -> Write<Vec<u8>> {
    let body = Embedded::encode(&text).unwrap();
    Write { key: key.clone(), condition, change: Change::Put { body, kind: "text", expires_at: None } }
}

fn delete(key: &Key, condition: Condition) -> Write<Vec<u8>> {
    Write { key: key.clone(), condition, change: Change::Delete }
}

fn keep(key: &Key, condition: Condition) -> Write<Vec<u8>> {
    Write { key: key.clone(), condition, change: Change::Keep }
}

fn text(body: &Vec<u8>) -> String {
    Embedded::decode(body).unwrap()
}

/// What the disk does.
#[derive(Debug, Default)]
struct Disk {
    /// Nothing can be written any more, as on a full disk.
    full: AtomicBool,
    /// What was written does not reach the platter.
    unsafe_to_flush: AtomicBool,
    unreadable: AtomicBool,
    flushes: AtomicUsize,
    /// Flushes wait as long as this is true.
    held: Mutex<bool>,
    released: Condvar,
}

impl Disk {
    fn hold(&self) {
        *self.held.lock().unwrap() = true;
    }

    fn release(&self) {
        *self.held.lock().unwrap() = false;
        self.released.notify_all();
    }

    fn flushes(&self) -> usize {
        self.flushes.load(Ordering::SeqCst)
    }

    fn fail_if(flag: &AtomicBool, kind: io::ErrorKind) -> io::Result<()> {
        if flag.load(Ordering::SeqCst) { Err(kind.into()) } else { Ok(()) }
    }
}

/// A file on such a disk.
#[derive(Debug)]
struct Failing {
    file: FileBackend,
    disk: Arc<Disk>,
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        Disk::fail_if(&self.disk.unreadable, io::ErrorKind::Other)?;
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Disk::fail_if(&self.disk.full, io::ErrorKind::StorageFull)?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.flushes.fetch_add(1, Ordering::SeqCst);
        let held = self.disk.held.lock().unwrap();
        drop(self.disk.released.wait_while(held, |held| *held).unwrap());
        Disk::fail_if(&self.disk.unsafe_to_flush, io::ErrorKind::Other)?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        Disk::fail_if(&self.disk.full, io::ErrorKind::StorageFull)?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }
}
