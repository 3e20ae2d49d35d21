//! `cargo xtask mutate`: real files of every format, changed at random, tens of thousands of them,
//! through the pipeline as it is deployed. What is done to them is in the tests of
//! `gallery-imaging`, which do it to a few in every run.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// The test, and the variables that it reads.
const TEST: &str = "mutations::changed_files_are_shown_or_refused";
const COUNT: &str = "GALLERY_MUTATIONS";
const ONLY: &str = "GALLERY_MUTATION";

/// Changes so many files, or one of them by the number that a failure names. The test prints what
/// became of them.
pub fn run(workspace: &Workspace, count: u64, only: Option<u64>) -> Result<()> {
    let mut command = workspace.cargo(&["test", "--release", "-p", "gallery-imaging", "--test", "it"]);
    command.args(["--", "--exact", TEST, "--nocapture"]).env(COUNT, count.to_string());
    process::run(command.envs(only.map(|number| (ONLY, number.to_string()))))
}
