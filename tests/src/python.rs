//! A real Python with itsdangerous, which `cargo xtask test` installs.

use std::path::PathBuf;
use std::process::Command;

/// Runs a script with these arguments and returns what it printed, without the line's end.
#[track_caller]
pub fn run(script: &str, arguments: &[&str]) -> String {
    let python = interpreter();
    let output = Command::new(&python).args(["-c", script]).args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!("cannot run {}: {error}; `cargo xtask test` installs it", python.display())
    });
    assert!(output.status.success(), "Python: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// The Python of the tests' environment.
pub fn interpreter() -> PathBuf {
    let installed = || std::env::home_dir().unwrap_or_default().join(".cache/gallery/python/bin/python3");
    std::env::var_os("GALLERY_TEST_PYTHON").map_or_else(installed, PathBuf::from)
}
