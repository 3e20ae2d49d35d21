//! `cargo xtask bench`: builds what is measured as it is deployed, starts the engines, then runs
//! the measuring program of `tests/`.

use anyhow::Result;
use clap::ValueEnum;

use crate::engines::{self, Run};
use crate::machine;
use crate::process;
use crate::workspace::Workspace;

/// A part of the measurements that can be had alone.
#[derive(Clone, Copy, ValueEnum)]
pub enum Part {
    /// Photos per second: the pipeline beside vipsthumbnail, and uploads beside the pipeline.
    Imaging,
}

/// Programs that load the gallery or that it is measured beside, and the Debian packages that have
/// them.
const PROGRAMS: [(&str, &str); 5] = [
    ("cc", "gcc libc6-dev"),
    ("wrk", "wrk"),
    ("vipsthumbnail", "libvips-tools"),
    ("xargs", "findutils"),
    ("time", "time"),
];

/// What is measured, and the variable that names it to the measuring program.
const GALLERIES: [(&str, &str); 2] =
    [("GALLERY_SQL_BIN", "gallery-sql"), ("GALLERY_NOSQL_BIN", "gallery-nosql")];

/// How all of them are built: as they are deployed.
const PROFILE: &str = "release";

/// What it is measured beside and with.
const PEER: (&str, &str) = ("GALLERY_PEER_BIN", "bench-peer");
const IMAGING: (&str, &str) = ("GALLERY_IMAGING_BIN", "bench-imaging");

/// Measures everything, or one part; the tables are the measuring program's.
pub fn run(workspace: &Workspace, part: Option<Part>) -> Result<()> {
    machine::install_packages(workspace, &PROGRAMS)?;
    let mut binaries = [&GALLERIES[..], &[IMAGING]].concat();
    if part.is_none() {
        engines::prepare(workspace)?;
        binaries.push(PEER);
    }
    // Apart, so that each is built with the features it ships with.
    for (_, package) in &binaries {
        process::run(&mut workspace.cargo(&["build", "--profile", PROFILE, "-p", package]))?;
    }
    let mut measure = workspace.cargo(&["run", "--quiet", "-p", "gallery-bench"]);
    measure.envs(binaries.iter().map(|(variable, package)| (variable, workspace.binary(PROFILE, package))));
    match part {
        Some(Part::Imaging) => process::run(measure.args(["--", "imaging"])),
        None => {
            let engines = Run::start(workspace)?;
            process::run(measure.envs(engines.environment(workspace)))?;
            engines.stop()
        }
    }
}
