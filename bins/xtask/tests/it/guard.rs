//! The guard of a test run's engines, which acts when the run is killed.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A process that stands for an engine.
fn sleeper() -> Child {
    Command::new("sleep").arg("600").spawn().unwrap()
}

/// As it is recorded: with its start, the 22nd field of `stat`.
fn record(sleeper: &Child) -> String {
    let pid = sleeper.id();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let started = stat.split_whitespace().nth(21).unwrap();
    format!(r#"{{"daemons": [{{"name": "sleeper", "pid": {pid}, "started": {started}, "port": 1}}]}}"#)
}

fn guard(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["engines", "guard"]).arg(folder);
    command
}

#[test]
fn the_guard_waits_for_its_parents_end_and_stops_the_engines() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("run");
    fs::create_dir(&folder).unwrap();
    let mut engine = sleeper();
    fs::write(folder.join("state.json"), record(&engine)).unwrap();
    let mut guard = guard(&folder).stdin(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_millis(300));
    assert_eq!(guard.try_wait().unwrap(), None, "its parent still lives");
    assert_eq!(engine.try_wait().unwrap(), None);
    // What the kernel does for a parent that is killed.
    drop(guard.stdin.take());
    assert!(guard.wait().unwrap().success());
    assert!(!engine.wait().unwrap().success(), "it was asked to stop");
    assert!(!folder.exists());
}
