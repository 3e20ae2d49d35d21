//! What went wrong on the disk, in the words of the ports. Must not know how files are laid out.
//! Tests below.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use gallery_core::ports::{BlobError, SpoolError};
use rustix::io::Errno;

/// A folder that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the folder {} cannot be used", .folder.display())]
pub struct OpenError {
    /// The folder.
    pub folder: PathBuf,
    /// Why it cannot be used.
    pub source: io::Error,
}

/// True when the disk, or what this user may use of it, is full.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

/// An error on the way to a blob that may be absent.
pub(crate) fn reading(error: io::Error) -> BlobError {
    if error.kind() == ErrorKind::NotFound { BlobError::NotFound } else { failing(error) }
}

/// An error in any other place, where a missing file is a fault of the disk.
pub(crate) fn failing(error: io::Error) -> BlobError {
    match error.kind() {
        _ if is_full(&error) => BlobError::Full,
        // Something lies where a folder or a blob should: a symbolic link, a file, a device.
        ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::InvalidData => {
            BlobError::Backend(error.into())
        }
        _ if Errno::from_io_error(&error) == Some(Errno::LOOP) => BlobError::Backend(error.into()),
        _ => BlobError::Unavailable(error.into()),
    }
}

/// An error while an upload is spooled.
pub(crate) fn spooling(error: io::Error) -> SpoolError {
    if is_full(&error) { SpoolError::Full } else { SpoolError::Failed(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_used_up_quota_are_full() {
        for errno in [Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            assert!(matches!(failing(errno.into()), BlobError::Full), "{errno}");
            assert!(matches!(reading(errno.into()), BlobError::Full), "{errno}");
            assert!(matches!(spooling(errno.into()), SpoolError::Full), "{errno}");
        }
    }

    #[test]
    fn a_missing_file_is_not_found_for_readers_only() {
        assert!(matches!(reading(Errno::NOENT.into()), BlobError::NotFound));
        assert!(matches!(failing(Errno::NOENT.into()), BlobError::Unavailable(_)));
        assert!(matches!(spooling(Errno::NOENT.into()), SpoolError::Failed(_)));
    }

    #[test]
    fn broken_disks_are_unavailable_and_strange_files_are_not() {
        assert!(matches!(reading(Errno::IO.into()), BlobError::Unavailable(_)));
        assert!(matches!(reading(Errno::LOOP.into()), BlobError::Backend(_)));
        assert!(matches!(reading(Errno::NOTDIR.into()), BlobError::Backend(_)));
    }
}
