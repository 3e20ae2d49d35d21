//! Putting a blob: a temporary file, synced, then renamed onto the blob's name. Everything here
//! blocks and is called off the async threads. Tests: the conformance suite, `tests/it/disk.rs`.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::sync::{Arc, Weak};

use gallery_core::ports::{BlobError, BlobSource};
use rustix::fs::{Timespec, Timestamps, UTIME_NOW};

use crate::disk::Disk;
use crate::errors::failing;
use crate::layout::BlobPath;
use crate::temp::Temp;

/// A copy looks this often whether anybody still waits for it, in bytes.
const COPY_STEP: u64 = 4 * 1024 * 1024;
/// How often a folder is made anew that a delete removes as soon as it is there.
const ATTEMPTS: usize = 16;

impl Disk {
    /// Puts a blob. `waiting` is gone when nobody waits for the result any more: then nothing is
    /// published. Files in `linked`, if given, are linked instead of copied.
    pub(crate) fn put(
        &self,
        path: &BlobPath,
        source: &BlobSource,
        linked: Option<&Path>,
        waiting: &Weak<()>,
    ) -> Result<(), BlobError> {
        let (file, mut temp) = match source {
            BlobSource::Bytes(bytes) => self.write(bytes).map_err(failing)?,
            BlobSource::File { path, bytes } => match linked.and_then(|folder| self.link(folder, path)) {
                Some(taken) => taken,
                None => self.copy(path, *bytes, waiting)?,
            },
        };
        let (arrived, promised) = (file.metadata().map_err(failing)?.len(), source.bytes());
        if arrived != promised {
            return Err(wrong_size(arrived, promised));
        }
        // The data and the size; nothing else of the file matters.
        file.sync_data().map_err(failing)?;
        still_wanted(waiting)?;
        self.publish(path, &file, &mut temp).map_err(failing)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<(File, Temp<'_>)> {
        let (mut file, temp) = Temp::create(&self.tmp)?;
        file.write_all(bytes)?;
        Ok((file, temp))
    }

    /// Takes a file over without copying; `None` when it is not in that folder, or cannot be
    /// linked: another file system, a symbolic link, too many links.
    fn link(&self, folder: &Path, path: &Path) -> Option<(File, Temp<'_>)> {
        if path.parent() != Some(folder) {
            return None;
        }
        let temp = Temp::link(&self.tmp, |name| self.tmp.link_from(path, name)).ok()?;
        let (file, _) = self.tmp.open_file(temp.name()).ok()?;
        // The blob is as old as its put, not as its upload.
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        rustix::fs::futimens(&file, &Timestamps { last_access: now, last_modification: now }).ok()?;
        Some((file, temp))
    }

    fn copy(&self, path: &Path, promised: u64, waiting: &Weak<()>) -> Result<(File, Temp<'_>), BlobError> {
        let source = File::open(path).map_err(|error| BlobError::Backend(error.into()))?;
        let (mut file, temp) = Temp::create(&self.tmp).map_err(failing)?;
        let mut arrived = 0;
        loop {
            still_wanted(waiting)?;
            // `io::copy` between files is done by the kernel, without copying where the file system
            // can.
            let step = io::copy(&mut (&source).take(COPY_STEP), &mut file).map_err(failing)?;
            arrived += step;
            if arrived > promised {
                return Err(wrong_size(arrived, promised));
            }
            if step == 0 {
                return Ok((file, temp));
            }
        }
    }

    /// Gives the file its name and makes that durable.
    fn publish(&self, path: &BlobPath, file: &File, temp: &mut Temp<'_>) -> io::Result<()> {
        if let Some(folder) = self.recent(path) {
            let renamed = temp.rename_to(file, &folder, &path.file);
            if !is_absent(&renamed) {
                renamed?;
                return folder.sync();
            }
        }
        let mut attempts = 1..ATTEMPTS;
        loop {
            let renamed = self.publish_in_new_folder(path, file, temp);
            // A delete may have removed a folder that was still empty.
            if !is_absent(&renamed) || attempts.next().is_none() {
                return renamed;
            }
        }
    }

    fn publish_in_new_folder(&self, path: &BlobPath, file: &File, temp: &mut Temp<'_>) -> io::Result<()> {
        self.photos.make_child(&path.upper)?;
        let upper = self.photos.child(&path.upper)?;
        upper.make_child(&path.lower)?;
        let lower = Arc::new(upper.child(&path.lower)?);
        temp.rename_to(file, &lower, &path.file)?;
        lower.sync()?;
        upper.sync()?;
        self.photos.sync()?;
        self.remember(path, lower);
        Ok(())
    }
}

fn is_absent(result: &io::Result<()>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn still_wanted(waiting: &Weak<()>) -> Result<(), BlobError> {
    if waiting.strong_count() > 0 {
        Ok(())
    } else {
        Err(BlobError::Unavailable("nobody waits for this put any more".into()))
    }
}

fn wrong_size(arrived: u64, promised: u64) -> BlobError {
    let text = format!("the source has {arrived} bytes instead of {promised}");
    BlobError::Backend(io::Error::new(ErrorKind::InvalidData, text).into())
}
