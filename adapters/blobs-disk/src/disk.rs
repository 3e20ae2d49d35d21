//! The root folder: opening, trying, finding, listing and removing. Everything here blocks and is
//! called off the async threads. Putting is in `put.rs`. Must not know async code. Tests: `tests/`
//! of this crate.

use std::collections::VecDeque;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use gallery_core::model::BlobKey;
use gallery_core::ports::BlobStat;

use crate::folder::{Folder, if_there};
use crate::layout::BlobPath;
use crate::lock;
use crate::temp::Temp;

/// Lower folders kept open. Uploads arrive in the folders of the last minutes.
const RECENT: usize = 16;

/// The root folder.
#[derive(Debug)]
pub(crate) struct Disk {
    pub(crate) tmp: Folder,
    pub(crate) photos: Folder,
    recent: Mutex<VecDeque<(String, Arc<Folder>)>>,
    /// Says to other processes that puts may be under way.
    _lock: File,
}

impl Disk {
    /// Opens the root, making it when it is absent, tries it, and removes what crashes left.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let folder = Folder::open(root)?;
        folder.make_child("tmp")?;
        folder.make_child("photos")?;
        folder.sync()?;
        if let Some(parent) = root.canonicalize()?.parent() {
            Folder::open(parent)?.sync()?;
        }
        let (tmp, photos) = (folder.child("tmp")?, folder.child("photos")?);
        let lock = lock::share(&root.join("tmp"), || remove_left_overs(&tmp))?;
        let disk = Self { tmp, photos, recent: Mutex::default(), _lock: lock };
        disk.probe()?;
        Ok(disk)
    }

    /// Tries what a put needs.
    pub(crate) fn probe(&self) -> io::Result<()> {
        let (_file, first) = Temp::create(&self.tmp)?;
        self.tmp
            .facts(first.name())?
            .map(|_| ())
            .ok_or_else(|| io::Error::other("the file just made is gone"))
    }

    /// Opens a blob's file and returns its size in bytes with it.
    pub(crate) fn open_file(&self, path: &BlobPath) -> io::Result<(File, u64)> {
        self.photos.child(&path.upper)?.child(&path.lower)?.open_file(&path.file)
    }

    /// Size and age of a blob.
    pub(crate) fn stat(&self, path: &BlobPath, key: BlobKey) -> io::Result<Option<BlobStat>> {
        let Some(upper) = if_there(self.photos.child(&path.upper))? else { return Ok(None) };
        let Some(lower) = if_there(upper.child(&path.lower))? else { return Ok(None) };
        let facts = lower.facts(&path.file)?;
        Ok(facts.map(|facts| BlobStat { key, bytes: facts.bytes, put_at: facts.written_at }))
    }

    /// Removes blobs, then syncs each folder once, then removes the folders that are empty.
    pub(crate) fn delete(&self, mut paths: Vec<BlobPath>) -> io::Result<()> {
        paths.sort_unstable();
        let mut sync_photos = false;
        for group in paths.chunk_by(|a, b| a.upper == b.upper) {
            let name = &group[0].upper;
            // An absent folder may have been removed by a call that did not live to sync its
            // parent.
            let Some(upper) = if_there(self.photos.child(name))? else {
                sync_photos = true;
                continue;
            };
            delete_in(&upper, group)?;
            // Fails unless the folder is empty; a put that wants it makes it anew.
            sync_photos |= self.photos.remove_empty_child(name).is_ok();
        }
        if sync_photos { self.photos.sync() } else { Ok(()) }
    }

    /// Up to `limit` blobs after this key, in the order of keys: reads the names of two levels, and
    /// of the lowest folders only as many as it takes.
    pub(crate) fn list(&self, after: Option<&BlobKey>, limit: usize) -> io::Result<Vec<BlobStat>> {
        let from = after.map(BlobPath::of);
        let mut found = Vec::new();
        for upper in self.photos.names()? {
            if found.len() >= limit {
                break;
            }
            let path = BlobPath { upper, lower: String::new(), file: String::new() };
            if from.as_ref().is_some_and(|from| path.upper < from.upper) {
                continue;
            }
            self.list_upper(&path, from.as_ref(), limit, &mut found)?;
        }
        Ok(found)
    }

    fn list_upper(
        &self,
        path: &BlobPath,
        from: Option<&BlobPath>,
        limit: usize,
        found: &mut Vec<BlobStat>,
    ) -> io::Result<()> {
        let Some(upper) = folder_in(&self.photos, &path.upper)? else { return Ok(()) };
        for lower in names_of(&upper)? {
            if found.len() >= limit {
                break;
            }
            let path = BlobPath { lower, ..path.clone() };
            if from.is_some_and(|from| (&path.upper, &path.lower) < (&from.upper, &from.lower)) {
                continue;
            }
            if let Some(lower) = folder_in(&upper, &path.lower)? {
                list_lower(&lower, &path, from, limit, found)?;
            }
        }
        Ok(())
    }

    /// A lower folder that this process put a blob into, if it is still open.
    pub(crate) fn recent(&self, path: &BlobPath) -> Option<Arc<Folder>> {
        let name = folder_name(path);
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().find(|(known, _)| *known == name).map(|(_, folder)| Arc::clone(folder))
    }

    /// Keeps a lower folder open whose parents were synced. Should it be removed, its descriptor
    /// takes no new names, so that no later put mistakes a folder made anew, and not yet synced,
    /// for this one.
    pub(crate) fn remember(&self, path: &BlobPath, folder: Arc<Folder>) {
        let name = folder_name(path);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(known, _)| *known != name);
        recent.push_front((name, folder));
        recent.truncate(RECENT);
    }
}

fn folder_name(path: &BlobPath) -> String {
    format!("{}{}", path.upper, path.lower)
}

/// Removes the blobs of one upper folder.
fn delete_in(upper: &Folder, paths: &[BlobPath]) -> io::Result<()> {
    let mut sync_upper = false;
    for group in paths.chunk_by(|a, b| a.lower == b.lower) {
        let name = &group[0].lower;
        let Some(lower) = if_there(upper.child(name))? else {
            sync_upper = true;
            continue;
        };
        for path in group {
            lower.remove_file(&path.file)?;
        }
        lower.sync()?;
        sync_upper |= upper.remove_empty_child(name).is_ok();
    }
    if sync_upper { upper.sync() } else { Ok(()) }
}

/// Appends the blobs of one lower folder.
fn list_lower(
    folder: &Folder,
    path: &BlobPath,
    from: Option<&BlobPath>,
    limit: usize,
    found: &mut Vec<BlobStat>,
) -> io::Result<()> {
    for file in names_of(folder)? {
        if found.len() >= limit {
            break;
        }
        let path = BlobPath { file, ..path.clone() };
        if from.is_some_and(|from| path <= *from) {
            continue;
        }
        let Some(key) = path.key() else { continue };
        if let Some(facts) = folder.facts(&path.file)? {
            found.push(BlobStat { key, bytes: facts.bytes, put_at: facts.written_at });
        }
    }
    Ok(())
}

/// A folder on the way; `None` for what was removed meanwhile or is no folder: a listing leaves it
/// out.
fn folder_in(parent: &Folder, name: &str) -> io::Result<Option<Folder>> {
    match parent.child(name) {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(None),
        other => if_there(other),
    }
}

/// The names in a folder, none if it was removed meanwhile.
fn names_of(folder: &Folder) -> io::Result<Vec<String>> {
    Ok(if_there(folder.names())?.unwrap_or_default())
}

/// A crash left these puts half-way: they are bytes of photos that no row knows.
fn remove_left_overs(tmp: &Folder) -> io::Result<()> {
    for name in tmp.names()?.iter().filter(|name| Temp::is_name(name)) {
        tmp.remove_file(name)?;
        tracing::info!("removed what an interrupted put left");
    }
    Ok(())
}
