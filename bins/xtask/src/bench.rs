//! `cargo xtask bench`: builds what is measured in release, starts the engines, then runs the measuring program
//! of `tests/`.

use anyhow::Result;

use crate::engines::{self, Run};
use crate::machine;
use crate::process;
use crate::workspace::Workspace;

/// What is measured, and the variable that names it to the measuring program.
const BINARIES: [(&str, &str); 3] = [
    ("GALLERY_SQL_BIN", "gallery-sql"),
    ("GALLERY_NOSQL_BIN", "gallery-nosql"),
    ("GALLERY_PEER_BIN", "bench-peer"),
];

/// Measures; the tables are the measuring program's.
pub fn run(workspace: &Workspace) -> Result<()> {
    machine::install_packages(workspace, &[("cc", "gcc libc6-dev"), ("wrk", "wrk")])?;
    engines::prepare(workspace)?;
    // Apart, so that each is built with the features it ships with.
    for (_, package) in BINARIES {
        process::run(&mut workspace.cargo(&["build", "--release", "-p", package]))?;
    }
    let mut measure = workspace.cargo(&["run", "--quiet", "-p", "gallery-tests", "--bin", "gallery-bench"]);
    measure.envs(BINARIES.map(|(variable, package)| (variable, workspace.binary("release", package))));
    let engines = Run::start(workspace)?;
    process::run(measure.envs(engines.environment(workspace)))?;
    engines.stop()
}
