//! The data folder: made for its owner alone, with the secret that is generated once. What else
//! lies in it is the adapters' business. Must not know the configuration. Tests are beside the
//! code.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use gallery_core::ports::Entropy;
use gallery_core::texts::Text;
use gallery_core::values::SecretKey;

use crate::failure::{Failure, OrSay as _};

/// The generated secret's file.
const SECRET: &str = "secret";
/// Random bytes of a generated secret; written as twice as many hexadecimal digits.
const SECRET_BYTES: usize = 32;

/// The folder that holds everything the gallery keeps on this machine.
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// The folder, which is made, readable by its owner alone, when it is not there.
    pub fn create(path: &Path) -> Result<Self> {
        let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
        created.or_say(|| about("start-folder-create", path))?;
        Self::existing(path)
    }

    /// The folder, which must be there.
    pub fn existing(path: &Path) -> Result<Self> {
        let path = path.canonicalize().or_say(|| about("start-folder-missing", path))?;
        Ok(Self { path })
    }

    /// Where it is, absolutely.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A place in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder's secret, which is generated when there is none. Whoever races to generate it,
    /// all get the same.
    pub fn secret(&self, entropy: &dyn Entropy) -> Result<SecretKey> {
        let file = self.join(SECRET);
        if !file.exists() {
            self.generate(entropy, &file).or_say(|| about("start-secret-write", &file))?;
        }
        self.existing_secret()
    }

    /// The folder's secret, which must be there.
    pub fn existing_secret(&self) -> Result<SecretKey> {
        let file = self.join(SECRET);
        let text = fs::read_to_string(&file).or_say(|| about("start-secret-read", &file))?;
        SecretKey::new(text.trim_end()).map_err(|invalid| {
            let text = about("start-secret-invalid", &file).with("reason", invalid.detail);
            Failure::new(text).into()
        })
    }

    /// Wholly or not at all, and never over one that is there.
    fn generate(&self, entropy: &dyn Entropy, file: &Path) -> io::Result<()> {
        let mut bytes = [0; SECRET_BYTES];
        entropy.fill(&mut bytes);
        let mut temporary = tempfile::NamedTempFile::new_in(&self.path)?; // mode 0600
        for byte in bytes {
            write!(temporary, "{byte:02x}")?;
        }
        temporary.as_file().sync_all()?;
        match temporary.persist_noclobber(file) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => File::open(&self.path)?.sync_all(),
        }
    }
}

/// What is said of a file or folder.
fn about(key: &'static str, path: &Path) -> Text {
    Text::new(key).with("path", path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use gallery_system::OsEntropy;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folder_and_secret_are_the_owners_alone_and_stay_the_same() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let folder = DataFolder::create(&path).unwrap();
        let secret = folder.secret(&OsEntropy).unwrap();
        assert_eq!((mode(&path), mode(&path.join(SECRET))), (0o700, 0o600));
        assert_eq!(secret.expose().len(), 64);
        assert!(secret.expose().iter().all(u8::is_ascii_hexdigit));

        let again = DataFolder::create(&path).unwrap().secret(&OsEntropy).unwrap();
        assert_eq!(again.expose(), secret.expose());
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn racing_processes_get_one_secret() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(parent.path()).unwrap();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let folder = folder.clone();
                std::thread::spawn(move || folder.secret(&OsEntropy).unwrap().expose().to_owned())
            })
            .collect();
        let secrets: std::collections::BTreeSet<_> =
            threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(secrets.len(), 1);
    }

    #[test]
    fn rule_45_a_damaged_secret_is_refused_and_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(parent.path()).unwrap();
        for text in ["", "\n", "short", &"a".repeat(64)] {
            fs::write(folder.join(SECRET), text).unwrap();
            assert!(folder.secret(&OsEntropy).is_err(), "{text:?}");
            assert_eq!(fs::read_to_string(folder.join(SECRET)).unwrap(), text);
        }
    }

    #[test]
    fn administration_makes_nothing() {
        let parent = tempfile::tempdir().unwrap();
        assert!(DataFolder::existing(&parent.path().join("absent")).is_err());
        let folder = DataFolder::existing(parent.path()).unwrap();
        assert!(folder.existing_secret().is_err());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
