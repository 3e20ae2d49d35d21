//! Names in `tmp/` for what is not published yet. Must not know blobs. Tests: `tests/it/disk.rs`.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::folder::Folder;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A file in `tmp/`, whose name disappears when this is dropped.
#[derive(Debug)]
pub(crate) struct Temp<'a> {
    folder: &'a Folder,
    name: String,
    published: bool,
}

impl<'a> Temp<'a> {
    const PREFIX: &'static str = "put-";

    /// True for the names this makes.
    pub(crate) fn is_name(name: &str) -> bool {
        name.starts_with(Self::PREFIX)
    }

    /// A new empty file.
    pub(crate) fn create(folder: &'a Folder) -> io::Result<(File, Self)> {
        Self::named(folder, |name| folder.create_file(name))
    }

    /// A new name for a file that is there.
    pub(crate) fn link(folder: &'a Folder, link: impl Fn(&str) -> io::Result<()>) -> io::Result<Self> {
        Self::named(folder, link).map(|((), temp)| temp)
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Gives `file`, which is this one, a name in another folder instead, in the place of whatever
    /// file has that name. A reader finds one of the two, whole, at any time.
    pub(crate) fn rename_to(&mut self, file: &File, folder: &Folder, name: &str) -> io::Result<()> {
        self.folder.rename_to(&self.name, folder, name)?;
        // Where both names were of one file already, both stay: this one goes when it is dropped.
        // The name is another process's by now if another file has it.
        let inode = file.metadata()?.ino();
        self.published = self.folder.facts(&self.name)?.is_none_or(|left| left.inode != inode);
        Ok(())
    }

    /// Takes the next name that is free: processes in different containers may have one number.
    fn named<T>(folder: &'a Folder, make: impl Fn(&str) -> io::Result<T>) -> io::Result<(T, Self)> {
        loop {
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let name = format!("{}{}-{count}", Self::PREFIX, process::id());
            match make(&name) {
                Ok(result) => return Ok((result, Self { folder, name, published: false })),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Temp<'_> {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        if let Err(error) = self.folder.remove_file(&self.name) {
            tracing::warn!(%error, "a temporary file was not removed; the next start does it");
        }
    }
}
