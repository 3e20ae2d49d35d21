//! The gallery's wall clock, set by the test: libfaketime under the real binary. What waits
//! (time-outs, polling) goes by the monotonic clock, which stays true.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

/// A clock that runs so far ahead of the machine's.
pub struct Clock {
    folder: TempDir,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// A clock that is right.
    pub fn new() -> Self {
        let clock = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        clock.set(Duration::ZERO);
        clock
    }

    /// Sets how far the clock is ahead; running processes see it at once.
    pub fn set(&self, ahead: Duration) {
        // Renamed into place: a reader sees the old or the new time, never half of one.
        let next = self.folder.path().join("next");
        fs::write(&next, format!("+{}s\n", ahead.as_secs())).expect("the clock can be set");
        fs::rename(next, self.file()).expect("the clock can be set");
    }

    /// The environment under which a process goes by this clock.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("LD_PRELOAD", library().display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }
}

/// Debian keeps it in a folder named after the machine's kind.
fn library() -> PathBuf {
    let kinds = fs::read_dir("/usr/lib").expect("/usr/lib").filter_map(|kind| Some(kind.ok()?.path()));
    let mut files = kinds.map(|kind| kind.join("faketime/libfaketime.so.1"));
    files.find(|file| file.exists()).expect("libfaketime is missing; `cargo xtask test` installs it")
}
