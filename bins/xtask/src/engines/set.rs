//! Engines that belong together: their folder, the file that says which processes they are, start
//! and stop.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::daemon::{Daemon, start_of};
use super::engine::{ACCESS_KEY, Engine, EngineSite, SECRET_KEY, folder};
use super::{dynamodb, mariadb, moto, radosgw, s3s, ses};
use crate::workspace::Workspace;

/// All of them. The slow ones first: they are started at the same time, and the first begins a
/// little earlier.
pub const ENGINES: &[Engine] =
    &[radosgw::ENGINE, moto::ENGINE, dynamodb::ENGINE, mariadb::ENGINE, ses::ENGINE, s3s::ENGINE];

/// The longest that removing a folder may take in which somebody still writes.
const REMOVAL_LIMIT: Duration = Duration::from_secs(30);

/// The engines of one folder.
pub struct Set {
    folder: PathBuf,
}

/// Where started engines listen on the loopback, in the order of [`ENGINES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engines {
    ports: Vec<u16>,
}

impl Engines {
    /// What tests and programs are told.
    pub fn environment(&self, workspace: &Workspace) -> Vec<(&'static str, String)> {
        let engines = ENGINES.iter().zip(&self.ports);
        let mut all: Vec<_> =
            engines.map(|(engine, port)| (engine.variable, format!("{}{port}", engine.address))).collect();
        all.extend([
            ("GALLERY_TEST_RADOSGW_KMS_KEY", radosgw::KMS_KEY.to_owned()),
            ("GALLERY_TEST_PYTHON", workspace.python().display().to_string()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]);
        all
    }
}

impl Set {
    /// The set of this name.
    pub fn named(workspace: &Workspace, name: &str) -> Self {
        Self { folder: sets(workspace).join(name) }
    }

    /// The set in this folder.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Every set that there is.
    pub fn all(workspace: &Workspace) -> Result<Vec<Self>> {
        let Ok(entries) = fs::read_dir(sets(workspace)) else { return Ok(Vec::new()) };
        entries.map(|entry| Ok(Self { folder: entry?.path() })).collect()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Starts all engines with fresh data, at the same time, and waits until they answer. Each
    /// process is on record before it is waited for.
    pub fn start(&self, workspace: &Workspace) -> Result<Engines> {
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot make {}", self.folder.display()))?;
        let daemons = Mutex::new(Vec::new());
        let record = |daemon: &Daemon| {
            let mut daemons = daemons.lock().unwrap_or_else(PoisonError::into_inner);
            // A server that is started again, or is ready now, takes its own place.
            daemons.retain(|known: &Daemon| known.name != daemon.name);
            daemons.push(daemon.clone());
            self.record(&daemons)
        };
        let start = |engine: &Engine| {
            let site = EngineSite::new(workspace, &self.folder.join(engine.folder), &record)?;
            (engine.start)(&site).with_context(|| format!("{} cannot be started", engine.name))
        };
        let outcomes = thread::scope(|scope| {
            let starts: Vec<_> = ENGINES.iter().map(|engine| scope.spawn(|| start(engine))).collect();
            starts.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        let daemons = outcomes.into_iter().map(|outcome| outcome.map_err(|_| anyhow!("a panic"))?);
        let ports = daemons.map(|daemon| Ok(daemon?.port)).collect::<Result<_>>()?;
        Ok(Engines { ports })
    }

    /// Where its engines listen; `None` unless all of them, and every process behind them, run.
    pub fn running(&self) -> Result<Option<Engines>> {
        let daemons = self.daemons()?;
        let port = |engine: &Engine| {
            let daemon = daemons.iter().find(|daemon| daemon.name == engine.name && daemon.port != 0);
            daemon.map(|daemon| daemon.port)
        };
        let ports: Option<Vec<u16>> = ENGINES.iter().map(port).collect();
        let alive = daemons.iter().all(Daemon::is_alive);
        Ok(ports.filter(|_| alive).map(|ports| Engines { ports }))
    }

    /// Its processes, whether they still run or not.
    pub fn daemons(&self) -> Result<Vec<Daemon>> {
        let state = self.state()?;
        let daemons = state["daemons"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(daemons.iter().filter_map(Daemon::from_json).collect())
    }

    /// Whether a test run that is still under way has started it.
    pub fn belongs_to_a_living_run(&self) -> Result<bool> {
        Ok(Daemon::from_json(&self.state()?["owner"]).is_some_and(|owner| owner.is_alive()))
    }

    /// Makes the folder, on record as this process's own.
    pub fn own(&self) -> Result<()> {
        let pid = std::process::id();
        let started = start_of(pid).context("this process is not in /proc")?;
        let owner = Daemon { name: "cargo xtask".to_owned(), pid, started, port: 0 };
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot make {}", self.folder.display()))?;
        self.write(&json!({ "owner": owner.to_json() }))
    }

    /// Stops its processes.
    pub fn stop(&self) -> Result<()> {
        let daemons = self.daemons()?;
        daemons.iter().for_each(Daemon::terminate);
        let asked = Instant::now();
        daemons.iter().try_for_each(|daemon| daemon.ended(asked))
    }

    /// Stops its processes and removes its folder.
    pub fn remove(&self) -> Result<()> {
        self.stop()?;
        let asked = Instant::now();
        loop {
            match fs::remove_dir_all(&self.folder) {
                // A tool that prepares an engine may still be writing; it ends by itself.
                Err(error)
                    if error.kind() == ErrorKind::DirectoryNotEmpty && asked.elapsed() < REMOVAL_LIMIT =>
                {
                    thread::sleep(Duration::from_millis(50));
                }
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", self.folder.display()));
                }
                _ => return Ok(()),
            }
        }
    }

    fn record(&self, daemons: &[Daemon]) -> Result<()> {
        let mut state = self.state()?;
        state["daemons"] = daemons.iter().map(Daemon::to_json).collect();
        self.write(&state)
    }

    fn state(&self) -> Result<Value> {
        match fs::read(self.folder.join("state.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} holds another form of state", self.folder.display())),
            Err(_) => Ok(json!({})),
        }
    }

    /// Renamed into place: a reader sees the old or the new state.
    fn write(&self, state: &Value) -> Result<()> {
        let next = self.folder.join("state.next");
        fs::write(&next, state.to_string())?;
        fs::rename(next, self.folder.join("state.json"))?;
        Ok(())
    }
}

fn sets(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("sets")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_set_is_found_again_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let set = Set::at(&folder.path().join("set"));
        assert_eq!(set.running().unwrap(), None);
        set.own().unwrap();
        assert!(set.belongs_to_a_living_run().unwrap());
        let start = |name, port| {
            let log = set.folder().join("log");
            let daemon = Daemon::start(name, Command::new("sleep").arg("100"), &log).unwrap();
            Daemon { port, ..daemon }
        };
        let numbered = ENGINES.iter().zip(7..);
        let mut daemons: Vec<_> = numbered.map(|(engine, port)| start(engine.name, port)).collect();
        set.record(&daemons[1..]).unwrap();
        assert_eq!(set.running().unwrap(), None, "all but one");
        let helper = start("behind an engine", 0);
        daemons.push(helper.clone());
        set.record(&daemons).unwrap();
        let ports = (7..).take(ENGINES.len()).collect();
        assert_eq!(set.running().unwrap(), Some(Engines { ports }));
        assert!(set.belongs_to_a_living_run().unwrap(), "the owner stays on record");
        helper.terminate();
        helper.ended(Instant::now()).unwrap();
        assert_eq!(set.running().unwrap(), None, "what an engine needs has ended");
        set.remove().unwrap();
        assert!(!daemons.iter().any(Daemon::is_alive) && !set.folder().exists());
        set.remove().unwrap();
    }

    #[test]
    fn every_engine_has_a_name_a_folder_and_a_variable_of_its_own() {
        let parts: [fn(&Engine) -> &str; 3] =
            [|engine| engine.name, |engine| engine.folder, |engine| engine.variable];
        for of in parts {
            let names: BTreeSet<_> = ENGINES.iter().map(of).collect();
            assert_eq!(names.len(), ENGINES.len(), "{names:?}");
        }
    }
}
