//! A folder by its descriptor, and what can be done in it without leaving it: every name is one
//! step, and no symbolic link is followed. Must not know what the files are. Tests:
//! `tests/it/confinement.rs`.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::Path;

use gallery_core::values::Timestamp;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// An open folder. It stays the same folder when its name is removed or given to another.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

/// What is known of a file without opening it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileFacts {
    /// Size in bytes.
    pub bytes: u64,
    /// When it was last written, by the file system's clock.
    pub written_at: Timestamp,
    /// Its number in the file system: two names with one number are names of one file.
    pub inode: u64,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const NEW_FILE: OFlags = OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::CLOEXEC);
// NONBLOCK: opening a pipe that somebody put there must not hang.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

impl Folder {
    /// Opens a folder by its path, following symbolic links.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, FOLDER, Mode::empty())?))
    }

    /// Opens a folder in this one.
    pub(crate) fn child(&self, name: &str) -> io::Result<Self> {
        Ok(Self(rustix::fs::openat(&self.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?))
    }

    /// Makes a folder in this one, mode 0700, unless it is there.
    pub(crate) fn make_child(&self, name: &str) -> io::Result<()> {
        match rustix::fs::mkdirat(&self.0, name, Mode::RWXU) {
            Err(Errno::EXIST) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Removes a folder in this one if it is empty.
    pub(crate) fn remove_empty_child(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// The names in this folder, in byte order; those that are not UTF-8 are left out.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            names.extend(CStr::to_str(entry.file_name()).ok().map(str::to_owned));
        }
        names.retain(|name| name != "." && name != "..");
        names.sort_unstable();
        Ok(names)
    }

    /// Makes a file in this folder, mode 0600; `AlreadyExists` when the name is taken.
    pub(crate) fn create_file(&self, name: &str) -> io::Result<File> {
        Ok(rustix::fs::openat(&self.0, name, NEW_FILE, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// Opens a regular file for reading and returns its size in bytes with it.
    pub(crate) fn open_file(&self, name: &str) -> io::Result<(File, u64)> {
        let file = File::from(rustix::fs::openat(&self.0, name, FILE, Mode::empty())?);
        let metadata = file.metadata()?;
        if metadata.is_file() {
            Ok((file, metadata.len()))
        } else {
            Err(io::Error::new(ErrorKind::InvalidData, "this is not a regular file"))
        }
    }

    /// What is known of a regular file; `None` for anything else, or when nothing is there.
    pub(crate) fn facts(&self, name: &str) -> io::Result<Option<FileFacts>> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(FileFacts::of(&stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a file of this folder another name, in another one, in the place of what file has that
    /// name. Does nothing when both are names of one file.
    pub(crate) fn rename_to(&self, name: &str, other: &Self, other_name: &str) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, name, &other.0, other_name)?)
    }

    /// Gives the file at `path` a second name in this folder; `AlreadyExists` when that is taken.
    pub(crate) fn link_from(&self, path: &Path, name: &str) -> io::Result<()> {
        Ok(rustix::fs::linkat(CWD, path, &self.0, name, AtFlags::empty())?)
    }

    /// Removes a file; one that is not there counts as removed.
    pub(crate) fn remove_file(&self, name: &str) -> io::Result<()> {
        match rustix::fs::unlinkat(&self.0, name, AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Makes the names in this folder survive a loss of power.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(&self.0)?)
    }
}

impl FileFacts {
    fn of(stat: &Stat) -> Option<Self> {
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return None;
        }
        // The fields' types differ between platforms; all values fit.
        let nanos = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
        let millis = i64::try_from(nanos.div_euclid(1_000_000)).unwrap_or(i64::MAX);
        let bytes = u64::try_from(stat.st_size).ok()?;
        Some(Self { bytes, written_at: Timestamp::from_millis(millis), inode: stat.st_ino })
    }
}

/// Turns "not there" into `None`.
pub(crate) fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
