//! Figures of the tables, and where the programs are that are measured.

use std::path::PathBuf;
use std::time::Duration;

/// A figure; marked when it misses its aim.
pub struct Figure {
    pub text: String,
    pub missed: bool,
}

impl Figure {
    /// A duration, beside the longest it may be.
    pub fn milliseconds(time: Duration, aim: Duration) -> Self {
        Self { text: format!("{:.1} ms", time.as_secs_f64() * 1000.0), missed: time > aim }
    }

    /// As the tables show it.
    pub fn marked(self) -> String {
        if self.missed { self.text + " MISSED" } else { self.text }
    }
}

/// An amount of memory, with one decimal.
pub fn mebibytes(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}

/// A release build, by the variable that names it.
pub fn binary(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    path.unwrap_or_else(|| panic!("{variable} is not set; run `cargo xtask bench`")).into()
}
