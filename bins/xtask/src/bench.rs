//! `cargo xtask bench`: builds what is measured in release, then runs the measuring program of `tests/`.

use anyhow::Result;

use crate::machine;
use crate::process;
use crate::workspace::Workspace;

/// Measures; the table is the measuring program's.
pub fn run(workspace: &Workspace) -> Result<()> {
    machine::install_packages(workspace, &[("cc", "gcc libc6-dev"), ("wrk", "wrk")])?;
    // Apart, so that the gallery is built with the features it ships with.
    for package in ["gallery-sql", "bench-peer"] {
        process::run(&mut workspace.cargo(&["build", "--release", "-p", package]))?;
    }
    process::run(
        workspace
            .cargo(&["run", "--quiet", "-p", "gallery-tests", "--bin", "gallery-bench"])
            .env("GALLERY_SQL_BIN", workspace.binary("release", "gallery-sql"))
            .env("GALLERY_PEER_BIN", workspace.binary("release", "bench-peer")),
    )
}
