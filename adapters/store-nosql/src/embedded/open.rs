//! The file: who may open it, what is refused before anything is written, and how a new one comes
//! to its place.
//!
//! Knows nothing of items. Tests: `tests/it/embedded_opening.rs`.

use std::error::Error;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase as _, StorageError, TableError,
    WriteTransaction,
};

use super::form::{self, EXPIRY, META, META_VERSION, TABLES};
use crate::format::{FORMAT, Newer};

/// Bytes of the file that are kept in memory: the upper levels of its trees and the last albums
/// looked at. The system's own cache has the rest, so more of it here would only keep things twice.
const CACHE: usize = 8 << 20;
/// A file up to this many bytes is read and checked whole before it is used: well under a second.
/// Of a greater one, damage is found when it is met, or after a crash.
const CHECKED: u64 = 256 << 20;

/// Why a store was not opened. The messages say what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// The folder cannot be made, or no file can be written in it.
    #[error(
        "cannot write in the folder {}: {source}. Create it, or allow this user to write there, or configure another folder",
        folder.display()
    )]
    Folder {
        /// The folder of the store.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file, or its lock file, is there but cannot be opened for reading and writing.
    #[error("cannot open {}: {source}. Allow this user to read and write it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process works on the store.
    #[error(
        "the store {} is in use by another process. Stop that one first, or configure another folder for this one",
        path.display()
    )]
    Locked {
        /// The store.
        path: PathBuf,
    },
    /// The file is no redb database, or is damaged.
    #[error(
        "{} is not a store of this program, or is damaged: {source}. Restore it from a backup, or move it away to start empty",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What redb said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The file is a redb database of another program.
    #[error("{} is the database of another program. Configure another folder", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of the program has written the store.
    #[error("the store {} {}", path.display(), Newer(*version))]
    Newer {
        /// The store.
        path: PathBuf,
        /// The version of its format.
        version: u64,
    },
    /// Opening failed otherwise: no space, an I/O error.
    #[error("cannot open the store {}: {source}", path.display())]
    Failed {
        /// The store.
        path: PathBuf,
        /// What redb or the system said.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// How a database is made of an open file. Tests put failures in between.
pub(super) type Build = Box<dyn Fn(&Builder, FileBackend) -> Result<Database, DatabaseError> + Send>;

/// The store's file. This process has it to itself as long as this value lives: it holds a lock
/// on the file of the same name with `.lock` behind it. The database's own lock would not do,
/// because a new file may take its place.
pub(super) struct DatabaseFile {
    path: PathBuf,
    build: Build,
    _lock: File,
}

impl DatabaseFile {
    /// Makes the folder and takes the lock.
    pub(super) fn take(path: &Path) -> Result<Self, EmbeddedError> {
        Self::take_with(path, Box::new(Builder::create_with_backend))
    }

    /// The same, with another way to make a database of the file.
    pub(super) fn take_with(path: &Path, build: Build) -> Result<Self, EmbeddedError> {
        let path =
            std::path::absolute(path).map_err(|source| EmbeddedError::File { path: path.into(), source })?;
        let folder = folder(&path);
        fs::create_dir_all(folder)
            .map_err(|source| EmbeddedError::Folder { folder: folder.to_owned(), source })?;
        let lock = lock(&path)?;
        Ok(Self { path, build, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the database, which is made if it is not there.
    pub(super) fn open(&self) -> Result<Database, EmbeddedError> {
        // redb may panic at what it did not write itself.
        catch_unwind(AssertUnwindSafe(|| self.open_or_make())).unwrap_or_else(|_| {
            Err(EmbeddedError::Damaged { path: self.path.clone(), source: "reading it panicked".into() })
        })
    }

    /// Opens it again after a failure. What the system could not write must not be taken from its
    /// memory for written: it is forgotten, so that the check of the file reads the disk.
    pub(super) fn reopen(&self) -> Result<Database, EmbeddedError> {
        let forget = || {
            let file = File::open(&self.path)?;
            file.sync_all()?;
            sync_folder(&self.path)?;
            #[cfg(target_os = "linux")]
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
            Ok(())
        };
        forget().map_err(|source: io::Error| self.failed(source))?;
        self.open()
    }

    fn open_or_make(&self) -> Result<Database, EmbeddedError> {
        let _ = fs::remove_file(self.draft());
        let bytes = match private().open(&self.path).and_then(|file| file.metadata()) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(source) => return Err(EmbeddedError::File { path: self.path.clone(), source }),
        };
        if bytes == 0 {
            return self.make(|_| Ok(()));
        }
        self.inspect()?;
        let database = self.database(&self.path, bytes <= CHECKED).map_err(|error| self.refusal(error))?;
        self.check(&database.begin_read().map_err(|error| self.failed(error))?)?;
        Ok(database)
    }

    /// Looks at the file without the right to write, so that what is refused stays as it is. After
    /// a crash that cannot be done.
    fn inspect(&self) -> Result<(), EmbeddedError> {
        let database = match Builder::new().set_cache_size(CACHE).open_read_only(&self.path) {
            Ok(database) => database,
            Err(DatabaseError::RepairAborted) => return Ok(()),
            Err(error) => return Err(self.refusal(error)),
        };
        let checked = self.check(&database.begin_read().map_err(|error| self.failed(error))?);
        drop(database);
        checked.or_else(|refusal| self.check_copy().and(Err(refusal)))
    }

    /// Damage can look like anything. Redb checks a file only where it may write: in a copy.
    fn check_copy(&self) -> Result<(), EmbeddedError> {
        let draft = self.draft();
        let bytes = fs::metadata(&self.path).map_err(|error| self.failed(error))?.len();
        if bytes > CHECKED {
            return Ok(());
        }
        let copied = private()
            .create(true)
            .truncate(true)
            .open(&draft)
            .and_then(|mut copy| io::copy(&mut File::open(&self.path)?, &mut copy));
        let checked = copied.map_err(|error| self.failed(error)).and_then(|_| {
            catch_unwind(AssertUnwindSafe(|| self.database(&draft, true)))
                .unwrap_or_else(|_| Err(StorageError::Corrupted("reading it panicked".to_owned()).into()))
                .map_err(|error| self.refusal(error))
        });
        let _ = fs::remove_file(&draft);
        checked.map(drop)
    }

    /// Refuses what is not a store that this program knows.
    fn check(&self, snapshot: &ReadTransaction) -> Result<(), EmbeddedError> {
        let path = self.path.clone();
        let version = match snapshot.open_table(META) {
            Ok(meta) => {
                meta.get(META_VERSION).map_err(|error| self.failed(error))?.map(|found| found.value())
            }
            Err(TableError::Storage(error)) => return Err(self.refusal(error.into())),
            Err(_) => None,
        };
        match version {
            None => Err(EmbeddedError::Foreign { path }),
            Some(version) if version > FORMAT => Err(EmbeddedError::Newer { path, version }),
            Some(_) => Ok(()),
        }
    }

    /// Makes a database beside the place, and moves it there when it is complete and on the disk:
    /// whatever happens meanwhile, the old file is there or the new one.
    pub(super) fn make(
        &self,
        fill: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<Database, EmbeddedError> {
        let draft = self.draft();
        let written = self.database(&draft, false).map_err(redb::Error::from).and_then(|database| {
            let transaction = database.begin_write()?;
            for table in TABLES {
                transaction.open_table(form::items(table))?;
            }
            transaction.open_table(EXPIRY)?;
            transaction.open_table(META)?.insert(META_VERSION, FORMAT)?;
            fill(&transaction)?;
            transaction.commit()?;
            Ok(database)
        });
        let moved = written.and_then(|database| {
            fs::rename(&draft, &self.path)?;
            sync_folder(&self.path)?;
            Ok(database)
        });
        moved.inspect_err(|_| drop(fs::remove_file(&draft))).map_err(|error| self.failed(error))
    }

    fn database(&self, path: &Path, checked: bool) -> Result<Database, DatabaseError> {
        let file = private().create(true).open(path)?;
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE).set_check_integrity_on_open(checked);
        (self.build)(&builder, FileBackend::new(file)?)
    }

    fn draft(&self) -> PathBuf {
        beside(&self.path, ".new")
    }

    fn refusal(&self, error: DatabaseError) -> EmbeddedError {
        let path = self.path.clone();
        match error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                EmbeddedError::Locked { path }
            }
            DatabaseError::UpgradeRequired(_) | DatabaseError::Storage(StorageError::Corrupted(_)) => {
                EmbeddedError::Damaged { path, source: error.into() }
            }
            DatabaseError::Storage(StorageError::Io(source))
                if matches!(source.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                EmbeddedError::Damaged { path, source: source.into() }
            }
            other => self.failed(other),
        }
    }

    pub(super) fn failed(&self, source: impl Into<Box<dyn Error + Send + Sync>>) -> EmbeddedError {
        EmbeddedError::Failed { path: self.path.clone(), source: source.into() }
    }
}

fn lock(path: &Path) -> Result<File, EmbeddedError> {
    let name = beside(path, ".lock");
    let existed = name.exists();
    let file = private().create(true).open(&name).map_err(|source| {
        if existed {
            return EmbeddedError::File { path: name.clone(), source };
        }
        EmbeddedError::Folder { folder: folder(path).to_owned(), source }
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(EmbeddedError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(EmbeddedError::File { path: name, source }),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The folder of an absolute path.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Makes the names in the folder durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}

/// Only its owner may read a file: it holds addresses and password hashes.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
