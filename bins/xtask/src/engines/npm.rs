//! Packages of npm that a lock file pins by hash.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::machine;
use crate::process;
use crate::workspace::Workspace;

/// A package and everything below it.
pub struct Locked {
    /// Its folder below the engines' folder.
    pub folder: &'static str,
    /// `package.json`.
    pub manifest: &'static str,
    /// `package-lock.json`.
    pub lock: &'static str,
}

impl Locked {
    /// Where `node_modules` is.
    pub fn home(&self, workspace: &Workspace) -> PathBuf {
        super::folder(workspace).join(self.folder)
    }

    /// Fetches it unless it is there, as the lock file says.
    pub fn install(&self, workspace: &Workspace) -> Result<()> {
        let home = self.home(workspace);
        if fs::read_to_string(home.join("package-lock.json")).is_ok_and(|lock| lock == self.lock) {
            return Ok(());
        }
        machine::install_packages(workspace, PROGRAMS)?;
        // Renamed into place only when it is complete: an interrupted attempt is made again.
        let partial = home.with_extension("partial");
        for folder in [&partial, &home] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
        }
        fs::create_dir_all(&partial)?;
        fs::write(partial.join("package.json"), self.manifest)?;
        fs::write(partial.join("package-lock.json"), self.lock)?;
        let mut fetch = workspace.command("npm");
        fetch.current_dir(&partial);
        // No package's own script runs.
        fetch.args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        process::run_aside(&mut fetch)?;
        fs::rename(&partial, &home).with_context(|| format!("cannot make {}", home.display()))
    }
}

/// What runs npm's packages, and what fetches them.
pub const PROGRAMS: &[(&str, &str)] = &[("node", "nodejs"), ("npm", "npm")];
