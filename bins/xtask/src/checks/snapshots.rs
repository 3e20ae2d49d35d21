//! insta's snapshots: none waits for review, and none is left over from a test that is gone.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// The file in which insta notes every snapshot that a test compares with.
pub struct References(PathBuf);

impl References {
    /// A new, empty list in this folder.
    pub fn start(folder: &Path) -> Result<Self> {
        let path = folder.join("insta-references.txt");
        fs::write(&path, "").with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self(path))
    }

    /// What `INSTA_SNAPSHOT_REFERENCES_FILE` must say.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// After the tests: an error that names snapshots which are pending, or which no test has compared
/// with.
pub fn check(root: &Path, references: &References) -> Result<()> {
    let noted = fs::read_to_string(references.path())?;
    let used: HashSet<PathBuf> = noted.lines().map(|line| clean(Path::new(line))).collect();
    let mut pending = Vec::new();
    let mut unused = Vec::new();
    for file in files_below(root)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut endings = name.rsplit('.');
        match (endings.next(), endings.next()) {
            (Some("new"), Some("snap")) | (Some("pending-snap"), _) => {
                pending.push(file.display().to_string());
            }
            (Some("snap"), _) if !used.contains(&clean(&file)) => unused.push(file.display().to_string()),
            _ => {}
        }
    }
    ensure!(pending.is_empty(), "snapshots wait for review:\n{}", pending.join("\n"));
    ensure!(unused.is_empty(), "snapshots that no test compares with:\n{}", unused.join("\n"));
    Ok(())
}

/// The path without `..` and links, so that two spellings of it are equal.
fn clean(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_file() {
            files.push(entry.path());
        } else if entry.file_type()?.is_dir()
            && !["target", ".git", "node_modules"].iter().any(|skip| name == *skip)
        {
            files.extend(files_below(&entry.path())?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_and_unused_snapshots_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let snapshots = folder.path().join("src/snapshots");
        fs::create_dir_all(&snapshots).unwrap();
        fs::write(snapshots.join("used.snap"), "").unwrap();
        let references = References::start(folder.path()).unwrap();
        let note = format!("{}\n", folder.path().join("src/../src/snapshots/used.snap").display());
        fs::write(references.path(), note).unwrap();
        check(folder.path(), &references).unwrap();

        fs::write(snapshots.join("left_over.snap"), "").unwrap();
        let error = check(folder.path(), &references).unwrap_err().to_string();
        assert!(error.contains("left_over.snap") && !error.contains("/used.snap"), "{error}");

        fs::write(snapshots.join("used.snap.new"), "").unwrap();
        let error = check(folder.path(), &references).unwrap_err().to_string();
        assert!(error.contains("wait for review") && error.contains("used.snap.new"), "{error}");
    }
}
