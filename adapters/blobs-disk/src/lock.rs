//! The lock that tells whether another process uses a folder. Must not know what is in the folder.
//! Tests: by whom it is used, in `tests/it/disk.rs` and `tests/it/spool.rs`.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// Holds a shared lock on the folder itself until the file is dropped, or the process is gone. When
/// nobody else held one, runs `clean` first: whatever is under way in the folder was left by a
/// crash.
pub(crate) fn share(folder: &Path, clean: impl FnOnce() -> io::Result<()>) -> io::Result<File> {
    let lock = File::open(folder)?;
    match lock.try_lock() {
        Ok(()) => clean()?,
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Whoever cleans between these two calls finds nothing of this process yet.
    lock.lock_shared()?;
    Ok(lock)
}
