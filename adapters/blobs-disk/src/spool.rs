//! The port `Spool` on a disk: uploads become temporary files. Must not know what is uploaded.
//! Tests: `tests/it/spool.rs`.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::mem;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use futures_util::StreamExt;
use gallery_core::ports::{ByteStream, Spool, SpoolError, Spooled};
use gallery_core::values::ContentHash;
use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::errors::{OpenError, spooling};
use crate::lock;

/// Bytes gathered before they are hashed and written. An upload has two such buffers: one is filled
/// while the other is written.
const BUFFER: usize = 256 * 1024;
/// What the names of uploads begin with.
const PREFIX: &str = "upload-";

/// Uploads as temporary files (mode 0600) in a folder. Nothing is synced: an upload does not
/// outlive a crash.
///
/// Several processes may share the folder: each holds a shared lock, and whoever opens it while
/// nobody else does removes the uploads that crashes left.
#[derive(Debug)]
pub struct DiskSpool {
    folder: PathBuf,
    _lock: File,
}

impl DiskSpool {
    /// Opens a folder, making it (mode 0700) when it is absent. Blocks.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.and_then(|()| lock::share(folder, || remove_left_overs(folder)))
            .map(|lock| Self { folder: folder.to_owned(), _lock: lock })
            .map_err(|source| OpenError { folder: folder.to_owned(), source })
    }

    /// The folder in which the uploads are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[async_trait]
impl Spool for DiskSpool {
    async fn receive(&self, mut stream: ByteStream, limit: u64) -> Result<Spooled, SpoolError> {
        let (file, guard) = create(self.folder.clone()).await?;
        let mut sink = Sink::new(file);
        let mut bytes = 0;
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(SpoolError::Interrupted)?;
            bytes += chunk.len() as u64;
            if bytes > limit {
                return Err(SpoolError::TooLarge { limit });
            }
            sink.push(&chunk).await.map_err(spooling)?;
        }
        let sha256 = sink.finish().await.map_err(spooling)?;
        let path = guard.to_path_buf();
        Ok(Spooled::new(&path, bytes, sha256, Box::new(guard)))
    }
}

fn remove_left_overs(folder: &Path) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            std::fs::remove_file(entry.path())?;
            tracing::info!("removed an upload that a crash left");
        }
    }
    Ok(())
}

async fn create(folder: PathBuf) -> Result<(File, TempPath), SpoolError> {
    let create = move || tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder);
    let created = spawn_blocking(create).await.map_err(io::Error::other).flatten();
    Ok(created.map_err(spooling)?.into_parts())
}

/// Hashes and writes on blocking threads while the next bytes arrive. A thread is taken for one
/// buffer at a time, never for as long as a slow sender takes.
struct Sink {
    filling: Vec<u8>,
    writing: JoinHandle<io::Result<Writer>>,
}

struct Writer {
    file: File,
    hasher: Sha256,
    buffer: Vec<u8>,
}

impl Sink {
    fn new(file: File) -> Self {
        let writer = Writer { file, hasher: Sha256::new(), buffer: Vec::new() };
        Self { filling: Vec::new(), writing: spawn_blocking(move || Ok(writer)) }
    }

    /// Takes bytes; returns when they fit into the buffer.
    async fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = BUFFER - self.filling.len();
            let (fitting, rest) = bytes.split_at(room.min(bytes.len()));
            self.filling.extend_from_slice(fitting);
            bytes = rest;
            if self.filling.len() == BUFFER {
                self.turn_over().await?;
            }
        }
        Ok(())
    }

    /// Waits until the last buffer is written, then has the full one written and fills the other.
    async fn turn_over(&mut self) -> io::Result<()> {
        let mut writer = (&mut self.writing).await.map_err(io::Error::other)??;
        mem::swap(&mut writer.buffer, &mut self.filling);
        self.writing = spawn_blocking(move || writer.write());
        Ok(())
    }

    /// Writes the rest, closes the file and returns its hash.
    async fn finish(mut self) -> io::Result<ContentHash> {
        self.turn_over().await?;
        let writer = self.writing.await.map_err(io::Error::other)??;
        Ok(ContentHash::from_bytes(writer.hasher.finalize().into()))
    }
}

impl Writer {
    fn write(mut self) -> io::Result<Self> {
        self.hasher.update(&self.buffer);
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(self)
    }
}
