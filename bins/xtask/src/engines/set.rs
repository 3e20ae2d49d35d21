//! Engines that belong together: their folder, the file that says which processes they are, start and stop.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::daemon::{Daemon, start_of};
use super::{dynamodb, folder, mariadb};
use crate::workspace::Workspace;

/// The engines of one folder.
pub struct Set {
    folder: PathBuf,
}

/// Where started engines listen on the loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engines {
    mariadb: u16,
    dynamodb: u16,
}

impl Engines {
    /// What tests and programs are told.
    pub fn environment(self) -> Vec<(&'static str, String)> {
        vec![
            ("GALLERY_TEST_MYSQL_URL", format!("mysql://root@127.0.0.1:{}", self.mariadb)),
            ("GALLERY_TEST_DYNAMODB_URL", format!("http://127.0.0.1:{}", self.dynamodb)),
            // DynamoDB Local takes letters and digits only, and any secret.
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
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

    /// Starts both engines with fresh data and waits until they answer. Each process is on record before
    /// it is waited for.
    pub fn start(&self, workspace: &Workspace) -> Result<Engines> {
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot make {}", self.folder.display()))?;
        // The slow one first: it starts while the other's data folder is made.
        let mut dynamodb = dynamodb::start(workspace, &self.folder)?;
        self.record(&[&dynamodb])?;
        let mariadb = mariadb::start(workspace, &self.folder, |mariadb| self.record(&[&dynamodb, mariadb]))?;
        dynamodb.port = dynamodb::wait(&dynamodb, &self.folder)?;
        self.record(&[&dynamodb, &mariadb])?;
        Ok(Engines { mariadb: mariadb.port, dynamodb: dynamodb.port })
    }

    /// Where its engines listen; `None` unless all of them run.
    pub fn running(&self) -> Result<Option<Engines>> {
        let daemons = self.daemons()?;
        let port = |name: &str| {
            let daemon = daemons.iter().find(|daemon| daemon.name == name && daemon.port != 0);
            daemon.filter(|daemon| daemon.is_alive()).map(|daemon| daemon.port)
        };
        let engines = port(mariadb::NAME).zip(port(dynamodb::NAME));
        Ok(engines.map(|(mariadb, dynamodb)| Engines { mariadb, dynamodb }))
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

    /// Stops its processes and removes its folder.
    pub fn remove(&self) -> Result<()> {
        let daemons = self.daemons()?;
        daemons.iter().for_each(Daemon::terminate);
        daemons.iter().try_for_each(Daemon::ended)?;
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.folder.display()))
            }
            _ => Ok(()),
        }
    }

    fn record(&self, daemons: &[&Daemon]) -> Result<()> {
        let mut state = self.state()?;
        state["daemons"] = daemons.iter().map(|daemon| daemon.to_json()).collect();
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
            let log = set.folder().join(name);
            let mut daemon = Daemon::start(name, Command::new("sleep").arg("100"), &log).unwrap();
            daemon.port = port;
            daemon
        };
        let dynamodb = start(dynamodb::NAME, 7);
        set.record(&[&dynamodb]).unwrap();
        assert_eq!(set.running().unwrap(), None, "one of two");
        let mariadb = start(mariadb::NAME, 8);
        set.record(&[&dynamodb, &mariadb]).unwrap();
        assert_eq!(set.running().unwrap(), Some(Engines { mariadb: 8, dynamodb: 7 }));
        assert!(set.belongs_to_a_living_run().unwrap(), "the owner stays on record");
        set.remove().unwrap();
        assert!(!dynamodb.is_alive() && !mariadb.is_alive() && !set.folder().exists());
        set.remove().unwrap();
    }
}
