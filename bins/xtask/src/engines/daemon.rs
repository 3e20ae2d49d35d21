//! A process that outlives this one: started, waited for, recognised later, stopped.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// The longest that an engine may take to answer. They take seconds; a busy machine takes longer.
const START_LIMIT: Duration = Duration::from_mins(2);

/// The longest that an engine may take to stop before it is killed. What it has not written by then
/// is thrown away with the rest.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// A started process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daemon {
    /// What it is, as people are told.
    pub name: String,
    /// The process.
    pub pid: u32,
    /// When it began, in clock ticks since the machine did: tells it from a later process of the
    /// same id.
    pub started: u64,
    /// Where it listens on the loopback; 0 before that is known.
    pub port: u16,
}

impl Daemon {
    /// Starts a program of its own process group, which the terminal's Ctrl-C does not reach; what
    /// it says goes to this file.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot make {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let pid = child.id();
        // One that has ended already is noticed by whoever waits for it.
        let started = start_of(pid).unwrap_or_default();
        Ok(Self { name: name.to_owned(), pid, started, port: 0 })
    }

    /// Asks again and again until it is ready; an error with the end of its log when it ends or
    /// takes too long.
    pub fn wait<T>(&self, log: &Path, mut ready: impl FnMut() -> Result<T>) -> Result<T> {
        let begun = Instant::now();
        loop {
            let refusal = match ready() {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            if !self.is_alive() {
                bail!("{} ended before it was ready:\n{}", self.name, tail(log));
            }
            if begun.elapsed() > START_LIMIT {
                bail!("{} does not answer after {START_LIMIT:?}: {refusal:#}\n{}", self.name, tail(log));
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// Whether this very process still runs.
    pub fn is_alive(&self) -> bool {
        start_of(self.pid).is_some_and(|started| started == self.started)
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Waits until it has stopped, and kills it when that takes too long from the moment when it
    /// was asked.
    pub fn ended(&self, asked: Instant) -> Result<()> {
        let mut killed = false;
        while self.is_alive() {
            if asked.elapsed() > STOP_LIMIT && !killed {
                self.signal("KILL");
                killed = true;
            }
            if asked.elapsed() > 10 * STOP_LIMIT {
                bail!("{} (process {}) cannot be stopped", self.name, self.pid);
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn signal(&self, name: &str) {
        if self.is_alive() {
            let script = format!("kill -{name} {}", self.pid);
            // It may end by itself between the question and the signal.
            let _ = Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status();
        }
    }

    /// As it stands in the state file.
    pub fn to_json(&self) -> Value {
        json!({ "name": self.name, "pid": self.pid, "started": self.started, "port": self.port })
    }

    /// From the state file.
    pub fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            name: value["name"].as_str()?.to_owned(),
            pid: u32::try_from(value["pid"].as_u64()?).ok()?,
            started: value["started"].as_u64()?,
            port: u16::try_from(value["port"].as_u64()?).ok()?,
        })
    }
}

/// When a process began; `None` when there is none, or only what is left of one that nobody has
/// waited for.
pub fn start_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything; the fields after it are counted from the
    // third on.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (state, started) = (fields.first()?, fields.get(19)?);
    if *state == "Z" { None } else { started.parse().ok() }
}

/// The end of a log, for an error.
fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_process_is_recognised_and_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let daemon =
            Daemon::start("sleeper", &mut shell("exec sleep 100"), &folder.path().join("log")).unwrap();
        assert!(daemon.is_alive());
        assert_eq!(Daemon::from_json(&daemon.to_json()), Some(daemon.clone()));
        let stranger = Daemon { started: daemon.started + 1, ..daemon.clone() };
        assert!(!stranger.is_alive(), "the same id at another time is another process");
        stranger.terminate();
        stranger.ended(Instant::now()).unwrap();
        assert!(daemon.is_alive(), "somebody else's process is left alone");
        daemon.terminate();
        daemon.ended(Instant::now()).unwrap();
        assert!(!daemon.is_alive());
    }

    #[test]
    fn what_does_not_listen_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let script = "trap '' TERM; echo deaf; while :; do sleep 0.1; done";
        let daemon = Daemon::start("deaf", &mut shell(script), &log).unwrap();
        let deaf = || if fs::read(&log)?.is_empty() { bail!("not yet") } else { Ok(()) };
        daemon.wait(&log, deaf).unwrap();
        daemon.terminate();
        daemon.ended(Instant::now()).unwrap();
        assert!(!daemon.is_alive());
    }

    #[test]
    fn what_ends_too_early_is_an_error_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let daemon = Daemon::start("babbler", &mut shell("echo no room; exit 1"), &log).unwrap();
        let error = daemon.wait(&log, || -> Result<()> { bail!("not yet") }).unwrap_err().to_string();
        assert!(error.contains("babbler ended") && error.contains("no room"), "{error}");
    }
}
