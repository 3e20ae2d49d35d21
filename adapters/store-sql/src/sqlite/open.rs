//! Opening the file: the lock, the checks before anything is written, the connections and their
//! settings.
//!
//! Tests: `tests/it/opening.rs`.

use std::error::Error;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};

use super::db::SqliteStore;
use super::failure::{code, primary_code};
use super::schema;
use crate::migrations::{FORMAT, Schema};

/// Connections that read at the same time. More would not be faster: a read takes well under a
/// millisecond.
const READERS: u32 = 4;
/// How long a call waits for a connection, and SQLite for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// More than there are statements, so that each stays prepared.
const PREPARED_STATEMENTS: usize = 160;
/// Rows that a connection may be ahead of its reader: the longest page, so that neither waits for
/// the other half-way.
const ROWS: usize = 201;
/// Pages kept in memory by each connection: 2 MiB, as a negative number of KiB. The system's own
/// cache has the rest; memory mapping is off, because it would turn a failing disk into a dead
/// process.
const CACHE: &str = "-2048";
/// The log shrinks to this many bytes after a checkpoint.
const LOG_LIMIT: &str = "16777216";

/// Why a database was not opened. The messages say what to do. They hold the reason, so that it is
/// no `source` to be printed once more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder cannot be made, or no file can be written in it.
    #[error(
        "cannot write in the folder {}: {reason}. Create it, or allow this user to write there, or configure another folder",
        folder.display()
    )]
    Folder {
        /// The folder of the database.
        folder: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The file, or its lock file, is there but cannot be opened for reading and writing.
    #[error("cannot open {}: {reason}. Allow this user to read and write it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// Another process works on the database.
    #[error(
        "the database {} is in use by another process. Stop that one first, or configure another folder for this one",
        path.display()
    )]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// There is no database to share.
    #[error("there is no database {}. Start the server once, or configure the folder that it uses", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is no SQLite database, or is damaged.
    #[error(
        "{} is not a SQLite database, or is damaged: {reason}. Restore it from a backup, or move it away to start empty",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// The file is a SQLite database of another program.
    #[error("{} is the database of another program. Configure another folder", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of the program has brought the store to its own format.
    #[error(
        "the store {} belongs to a newer version of this program (its format is {format}, this one knows {FORMAT}). \
         Install that version; nothing was changed",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The number of its newest migration, which is its format version.
        format: i64,
    },
    /// A migration in the database is not this program's: it was built from other sources.
    #[error(
        "migration {migration} of the database {} is not the one of this program. \
         Install the build that made the database; the file was not changed",
        path.display()
    )]
    Altered {
        /// The database.
        path: PathBuf,
        /// The migration that differs.
        migration: i64,
    },
    /// The database is older than this program, and is only to be shared.
    #[error(
        "the database {} lacks {missing} migrations of this version. Start the server of this version once",
        path.display()
    )]
    Outdated {
        /// The database.
        path: PathBuf,
        /// How many.
        missing: usize,
    },
    /// SQLite failed otherwise: no space, an I/O error.
    #[error("cannot open the database {}: {reason}", path.display())]
    Failed {
        /// The database.
        path: PathBuf,
        /// What SQLite said.
        reason: Box<dyn Error + Send + Sync>,
    },
}

impl SqliteStore {
    /// Opens the database in this file, which is made if it is not there, with its folder, and
    /// brings it up to date. The process has it to itself until [`close`](Self::close): it holds a
    /// lock on the file of the same name with `.lock` behind it, which stays when the process is
    /// gone and means nothing then.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        make_folder(path)?;
        let lock = lock(path)?;
        // A file of a newer version, or of another program, is seen before anything can change it.
        let schema = if create_private(path)? { Schema::Empty } else { inspect(path).await? };
        refuse(path, &schema)?;
        let writer = writer(path).await?;
        if schema != Schema::Behind(0) {
            migrate(path, &writer).await?;
        }
        Ok(Self { readers: readers(path).await?, writer, lock: Some(lock) })
    }

    /// Opens a database that a server may have open, too, for an administrator's command: takes no
    /// lock, and changes no schema. It must exist and be exactly of this version.
    pub async fn open_shared(path: &Path) -> Result<Self, OpenError> {
        if !path.is_file() {
            return Err(OpenError::Missing { path: path.to_owned() });
        }
        let schema = inspect(path).await?;
        refuse(path, &schema)?;
        match schema {
            Schema::Behind(0) => {}
            Schema::Behind(missing) => return Err(OpenError::Outdated { path: path.to_owned(), missing }),
            _ => return Err(OpenError::Missing { path: path.to_owned() }),
        }
        Ok(Self { writer: writer(path).await?, readers: readers(path).await?, lock: None })
    }
}

fn make_folder(path: &Path) -> Result<(), OpenError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => return Ok(()),
    };
    std::fs::create_dir_all(folder).map_err(|reason| OpenError::Folder { folder: folder.to_owned(), reason })
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let existed = name.exists();
    let file = private().create(true).open(&name).map_err(|reason| {
        if existed {
            return OpenError::File { path: name.clone(), reason };
        }
        OpenError::Folder { folder: path.parent().unwrap_or(path).to_owned(), reason }
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(reason)) => Err(OpenError::File { path: name, reason }),
    }
}

/// Makes the file if it is not there; true when it is new or empty. Only its owner may read it: it
/// holds addresses and password hashes. SQLite gives its log the same rights.
fn create_private(path: &Path) -> Result<bool, OpenError> {
    let file = private().create(true).open(path);
    let bytes = file.and_then(|file| file.metadata()).map(|metadata| metadata.len());
    bytes.map(|bytes| bytes == 0).map_err(|reason| OpenError::File { path: path.to_owned(), reason })
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Looks at the schema through a connection that cannot write.
async fn inspect(path: &Path) -> Result<Schema, OpenError> {
    let mut connection = options(path).read_only(true).connect().await.map_err(failed(path))?;
    let schema = schema::inspect(&mut connection).await.map_err(failed(path))?;
    connection.close().await.map_err(failed(path))?;
    Ok(schema)
}

fn refuse(path: &Path, schema: &Schema) -> Result<(), OpenError> {
    let path = path.to_owned();
    match *schema {
        Schema::Empty | Schema::Behind(_) => Ok(()),
        Schema::Foreign => Err(OpenError::Foreign { path }),
        Schema::Newer(format) => Err(OpenError::Newer { path, format }),
        Schema::Altered(migration) => Err(OpenError::Altered { path, migration }),
    }
}

async fn migrate(path: &Path, writer: &SqlitePool) -> Result<(), OpenError> {
    let mut connection = writer.acquire().await.map_err(failed(path))?;
    schema::migrate(&mut connection)
        .await
        .map_err(|error| OpenError::Failed { path: path.to_owned(), reason: error.into() })?;
    tracing::info!(path = %path.display(), "the database was brought up to date");
    Ok(())
}

async fn writer(path: &Path) -> Result<SqlitePool, OpenError> {
    let options = options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", LOG_LIMIT)
        // What was deleted is overwritten with zeros: of a cancelled account, nothing is left in
        // the file either.
        .pragma("secure_delete", "ON");
    pool(1).connect_with(options).await.map_err(failed(path))
}

async fn readers(path: &Path) -> Result<SqlitePool, OpenError> {
    pool(READERS).connect_with(options(path).read_only(true)).await.map_err(failed(path))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(PREPARED_STATEMENTS)
        .row_buffer_size(ROWS)
        .pragma("cache_size", CACHE)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

/// Connections stay open: the file is local, and nothing in between forgets them.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(BUSY_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

fn failed(path: &Path) -> impl Fn(sqlx::Error) -> OpenError + '_ {
    |error| {
        let path = path.to_owned();
        match primary_code(&error) {
            Some(code::NOTADB | code::CORRUPT) => OpenError::NotADatabase { path, reason: error.into() },
            Some(code::BUSY | code::LOCKED) => OpenError::Locked { path },
            _ => OpenError::Failed { path, reason: error.into() },
        }
    }
}
