//! `cargo xtask engines …`: servers for tests, on free ports of the loopback, with fresh data.
//!
//! MariaDB, DynamoDB Local, two that speak S3 (s3s-fs checks signatures; Ceph's gateway has
//! versions and encryption) and two that speak SES (one keeps every mail to be looked at; moto
//! refuses as Amazon does). [`up`] starts a set that stays until [`down`]; a test run has a set of
//! its own ([`Run`]), so that neither disturbs the other. A test needs haproxy, too; that one is
//! only installed here, and started by the test. What tests are told is
//! [`set::Engines::environment`].

mod daemon;
mod dynamodb;
mod engine;
mod http;
mod mariadb;
mod moto;
mod npm;
mod radosgw;
mod run;
mod s3s;
mod ses;
mod set;

use std::fs;

use anyhow::{Context, Result};

use self::engine::folder;
pub use self::run::{Run, guard};
use self::set::{ENGINES, Set};
use crate::machine;
use crate::workspace::Workspace;

/// What a test starts by itself: the program and the Debian package that has it.
const PROGRAMS: &[(&str, &str)] = &[("haproxy", "haproxy")];

/// The set that stays.
const STANDING: &str = "up";

/// Installs what is missing.
pub fn prepare(workspace: &Workspace) -> Result<()> {
    machine::install_packages(workspace, PROGRAMS)?;
    ENGINES.iter().try_for_each(|engine| {
        (engine.install)(workspace).with_context(|| format!("{} cannot be installed", engine.name))
    })
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
    for (name, value) in engines.environment(workspace) {
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
            let port = if daemon.port == 0 { String::new() } else { format!("port {}, ", daemon.port) };
            println!("{}: {} {state}, {port}process {}", set.name(), daemon.name, daemon.pid);
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
