//! The port `Blobs` on a disk: carries every call to a blocking thread and the answer back. Must
//! not know how files are laid out. Tests: `tests/it/`.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use gallery_core::model::BlobKey;
use gallery_core::ports::{BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, ByteStream};
use tokio::sync::Mutex;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;

use crate::disk::Disk;
use crate::errors::{OpenError, failing, reading};
use crate::layout::BlobPath;
use crate::spool::DiskSpool;

/// A blob is read in pieces of this many bytes.
const CHUNK: u64 = 256 * 1024;
/// A disk that does not answer `ready` within this time is not.
const READY_WITHIN: Duration = Duration::from_secs(1);

/// Blobs in a folder of a disk. Several processes may share the folder.
///
/// Symbolic links below the root are never followed: where one lies in the way, nothing is read or
/// written, and `list` leaves it out, as it does everything that is not a blob's file in that
/// blob's place; one in a blob's own place is replaced by a put. A folder that a delete leaves
/// empty is removed.
#[derive(Debug)]
pub struct DiskBlobs {
    disk: Arc<Disk>,
    linked: Option<Arc<Path>>,
    probing: Arc<Mutex<()>>,
}

impl DiskBlobs {
    /// Opens a root folder, making it (mode 0700) when it is absent, and tries whether files can be
    /// made in it. Removes what interrupted puts left, unless another process may be putting.
    /// Blocks.
    pub fn open(root: &Path) -> Result<Self, OpenError> {
        let disk = Disk::open(root).map_err(|source| OpenError { folder: root.to_owned(), source })?;
        Ok(Self { disk: Arc::new(disk), linked: None, probing: Arc::default() })
    }

    /// Lets a put take over this spool's files by a hard link instead of copying them, where both
    /// are on one file system. Right for a spool only, whose files are private and never written to
    /// again.
    #[must_use]
    pub fn linking_from(self, spool: &DiskSpool) -> Self {
        Self { linked: Some(spool.folder().into()), ..self }
    }

    async fn blocking<T, F>(&self, work: F) -> Result<T, BlobError>
    where
        T: Send + 'static,
        F: FnOnce(&Disk) -> Result<T, BlobError> + Send + 'static,
    {
        let disk = Arc::clone(&self.disk);
        spawn_blocking(move || work(&disk)).await.map_err(stopped)?
    }
}

#[async_trait]
impl Blobs for DiskBlobs {
    /// The metadata are the record's business; the disk does not keep them. Dropping the future
    /// before the blob was published leaves nothing.
    async fn put(&self, key: &BlobKey, _: &BlobMetadata, source: BlobSource) -> Result<(), BlobError> {
        let path = BlobPath::of(key);
        let linked = self.linked.clone();
        let waits = Arc::new(());
        let waiting = Arc::downgrade(&waits);
        let result = self.blocking(move |disk| disk.put(&path, &source, linked.as_deref(), &waiting)).await;
        drop(waits);
        result
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        let path = BlobPath::of(key);
        let open = move |disk: &Disk| disk.open_file(&path).map_err(reading);
        let (file, bytes) = self.blocking(open).await?;
        let range = part(bytes, range)?;
        Ok(BlobRead { bytes, range: range.clone(), stream: read(file, range) })
    }

    async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError> {
        let (path, key) = (BlobPath::of(key), key.clone());
        let stat = self.blocking(move |disk| disk.stat(&path, key).map_err(failing)).await?;
        stat.ok_or(BlobError::NotFound)
    }

    async fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError> {
        let paths: Vec<_> = keys.iter().map(BlobPath::of).collect();
        self.blocking(move |disk| disk.delete(paths).map_err(failing)).await
    }

    async fn list(&self, after: Option<&BlobKey>, limit: u32) -> Result<Vec<BlobStat>, BlobError> {
        let (after, limit) = (after.cloned(), usize::try_from(limit).unwrap_or(usize::MAX));
        self.blocking(move |disk| disk.list(after.as_ref(), limit).map_err(failing)).await
    }

    async fn ready(&self) -> Result<(), BlobError> {
        let probe = async {
            // One thread at a time may hang in a disk that does not answer.
            let turn = Arc::clone(&self.probing).lock_owned().await;
            self.blocking(move |disk| {
                let _turn = turn;
                disk.probe().map_err(failing)
            })
            .await
        };
        timeout(READY_WITHIN, probe).await.map_err(|elapsed| BlobError::Unavailable(elapsed.into()))?
    }
}

/// A panic on the blocking thread, or the end of the runtime.
fn stopped(error: JoinError) -> BlobError {
    if error.is_cancelled() { BlobError::Unavailable(error.into()) } else { BlobError::Backend(error.into()) }
}

/// The part of a blob that a wish for a range means.
fn part(bytes: u64, wish: Option<Range<u64>>) -> Result<Range<u64>, BlobError> {
    match wish {
        None => Ok(0..bytes),
        Some(range) if range.is_empty() || range.start >= bytes => Err(BlobError::BadRange { bytes }),
        Some(range) => Ok(range.start..range.end.min(bytes)),
    }
}

/// Reads a part of a file piece by piece, each on a blocking thread, at the reader's pace.
fn read(file: File, range: Range<u64>) -> ByteStream {
    let state = (Arc::new(file), range);
    Box::pin(stream::try_unfold(state, |(file, range)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        let end = range.end.min(range.start + CHUNK);
        let source = Arc::clone(&file);
        let piece = spawn_blocking(move || read_piece(&source, range.start..end));
        let piece = piece.await.map_err(io::Error::other)??;
        Ok(Some((piece, (file, end..range.end))))
    }))
}

fn read_piece(file: &File, range: Range<u64>) -> io::Result<Bytes> {
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut buffer = vec![0; length];
    file.read_exact_at(&mut buffer, range.start)?;
    Ok(buffer.into())
}
