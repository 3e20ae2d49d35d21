//! The checkout, for tests that read its files.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders of the checkout that hold nothing of ours.
const FOREIGN: &[&str] = &[".git", "target", "node_modules", "gallery-data"];

/// The checkout's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout").to_owned()
}

/// Every file below a folder of the checkout.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder can be read") {
            let entry = entry.expect("an entry can be read");
            let foreign = FOREIGN.iter().any(|name| entry.file_name() == *name);
            match entry.file_type().expect("an entry has a type") {
                kind if kind.is_dir() && !foreign => folders.push(entry.path()),
                kind if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files
}
