//! Which store a server has, and which one a command means. Must not know stores. Tests are beside
//! the code.

use std::path::{Path, PathBuf};

use crate::folder::DataFolder;

/// A store that belongs to one process, by a name that is the same for all who reach it by the same
/// data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store(String);

impl Store {
    /// The store in this file. One in the data folder is named without it, because the folder may
    /// be mounted elsewhere in a container. Links to folders are followed; a link to the file is a
    /// file of its own, as for its lock.
    pub fn new(folder: &DataFolder, file: &Path) -> Self {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let file = resolved(&file).unwrap_or(file);
        Self(file.strip_prefix(folder.path()).unwrap_or(&file).display().to_string())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// The path with the links among its folders followed.
fn resolved(file: &Path) -> Option<PathBuf> {
    Some(file.parent()?.canonicalize().ok()?.join(file.file_name()?))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_store_has_one_name_however_its_file_is_written() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path().canonicalize().unwrap();
        fs::create_dir_all(parent.join("data/below")).unwrap();
        symlink("data", parent.join("link")).unwrap();
        let folder = DataFolder::existing(&parent.join("link")).unwrap();
        let name = |file: &str| Store::new(&folder, &parent.join(file)).name().to_owned();
        assert_eq!(name("data/gallery.redb"), "gallery.redb");
        assert_eq!(name("link/below/../gallery.redb"), "gallery.redb");
        assert_eq!(name("data/below/gallery.redb"), "below/gallery.redb");
        assert_eq!(name("link/../other.redb"), parent.join("other.redb").display().to_string());
        assert_eq!(name("absent/other.redb"), parent.join("absent/other.redb").display().to_string());
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(
            Store::new(&folder, Path::new("g.redb")).name(),
            here.join("g.redb").display().to_string()
        );
    }
}
