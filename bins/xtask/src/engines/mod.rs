//! `cargo xtask engines …`: MariaDB and DynamoDB Local for tests, on free ports of the loopback, with fresh data.
//!
//! [`up`] starts a set that stays until [`down`]; a test run has a set of its own ([`Run`]), so that neither
//! disturbs the other. A test needs haproxy, too; that one is only installed here, and started by the test.
//! What tests are told is [`set::Engines::environment`].

mod daemon;
mod dynamodb;
mod mariadb;
mod run;
mod set;

use std::fs;

use anyhow::{Context, Result};

pub use self::run::{Run, guard};
use self::set::Set;
use crate::machine;
use crate::workspace::Workspace;

/// The programs and the Debian packages that have them.
const PROGRAMS: &[(&str, &str)] = &[
    ("mariadbd", "mariadb-server-core"),
    ("mariadb-install-db", "mariadb-server-core"),
    ("mariadb", "mariadb-client-core"),
    ("haproxy", "haproxy"),
    // The compiler, too, for the few lines that keep DynamoDB Local on the loopback.
    ("javac", "default-jdk-headless"),
];

/// The set that stays.
const STANDING: &str = "up";

/// Installs what is missing.
pub fn prepare(workspace: &Workspace) -> Result<()> {
    machine::install_packages(workspace, PROGRAMS)?;
    dynamodb::install(workspace)
}

/// Starts the standing set unless it runs, and prints what a shell evaluates to use it.
pub fn up(workspace: &Workspace) -> Result<()> {
    let _turn = take_turns(workspace)?;
    prepare(workspace)?;
    let set = Set::named(workspace, STANDING);
    let engines = if let Some(engines) = set.running()? {
        engines
    } else {
        set.remove()?;
        // What did start is of no use alone.
        set.start(workspace).inspect_err(|_| drop(set.remove()))?
    };
    for (name, value) in engines.environment() {
        println!("export {name}={value}");
    }
    Ok(())
}

/// Stops the standing set, and what a test run left behind that was killed together with its guard.
pub fn down(workspace: &Workspace) -> Result<()> {
    let _turn = take_turns(workspace)?;
    for set in abandoned(workspace)? {
        set.remove()?;
        println!("stopped: {}", set.name());
    }
    Ok(())
}

/// The sets that belong to no living test run: the standing one, and left-overs.
fn abandoned(workspace: &Workspace) -> Result<Vec<Set>> {
    let mut found = Vec::new();
    for set in Set::all(workspace)? {
        if !set.belongs_to_a_living_run()? {
            found.push(set);
        }
    }
    Ok(found)
}

/// Prints what runs.
pub fn status(workspace: &Workspace) -> Result<()> {
    let sets = Set::all(workspace)?;
    if sets.is_empty() {
        println!("no engine runs; `cargo xtask engines up` starts them");
    }
    for set in sets {
        for daemon in set.daemons()? {
            let state = if daemon.is_alive() { "runs" } else { "has ended" };
            println!("{}: {} {state}, port {}, process {}", set.name(), daemon.name, daemon.port, daemon.pid);
        }
    }
    Ok(())
}

/// One command at a time changes what runs; the others wait here. Ends with the answer's drop.
fn take_turns(workspace: &Workspace) -> Result<fs::File> {
    let folder = folder(workspace);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let lock = fs::File::create(folder.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

/// Everything about engines lies below it.
fn folder(workspace: &Workspace) -> std::path::PathBuf {
    workspace.cache.join("engines")
}
