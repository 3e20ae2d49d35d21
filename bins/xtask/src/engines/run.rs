//! The engines of one test run, which end with it, however it ends.
//!
//! A guard process holds the other end of a pipe of ours. The kernel closes the pipe when this
//! process ends, be it in order, by a panic, by Ctrl-C or by SIGKILL; then the guard stops the
//! engines, says so, and removes what they have written: tens of thousands of files, for which
//! nobody has to wait.

use std::io::{Read, Write, stdin, stdout};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::set::{Engines, Set};
use super::{STANDING, abandoned, take_turns};
use crate::workspace::Workspace;

/// What the guard says when the engines have stopped.
const STOPPED: &[u8] = b"stopped\n";

/// Started engines; stopped when dropped.
pub struct Run {
    engines: Engines,
    guard: Guard,
}

/// The process that watches us.
struct Guard(Child);

impl Run {
    /// Starts engines on fresh data.
    pub fn start(workspace: &Workspace) -> Result<Self> {
        let set = Set::named(workspace, &format!("run-{}", std::process::id()));
        {
            let _turn = take_turns(workspace)?;
            for left_over in abandoned(workspace)?.iter().filter(|set| set.name() != STANDING) {
                left_over.remove()?;
            }
            set.own()?;
        }
        // Before the engines: one that is interrupted while it starts is stopped, too.
        let guard = Guard::start(&set)?;
        Ok(Self { engines: set.start(workspace)?, guard })
    }

    /// What tests are told.
    pub fn environment(&self, workspace: &Workspace) -> Vec<(&'static str, String)> {
        self.engines.environment(workspace)
    }

    /// Stops the engines.
    pub fn stop(mut self) -> Result<()> {
        ensure!(self.guard.finish(), "the engines could not be stopped");
        Ok(())
    }
}

impl Guard {
    fn start(set: &Set) -> Result<Self> {
        // Not its path: the build before the tests may have put another file there.
        let program = "/proc/self/exe";
        let mut command = Command::new(program);
        // A group of its own, which the terminal's Ctrl-C does not reach.
        command.args(["engines", "guard"]).arg(set.folder()).process_group(0);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        Ok(Self(child.context("cannot start the engines' guard")?))
    }

    /// Closes the pipe, waits until the guard has stopped the engines, and returns whether it
    /// could.
    fn finish(&mut self) -> bool {
        drop(self.0.stdin.take());
        let Some(mut said) = self.0.stdout.take() else { return true };
        let mut stopped = [0; STOPPED.len()];
        said.read_exact(&mut stopped).is_ok() && stopped == *STOPPED
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.finish();
    }
}

/// The guard: waits until its parent has ended, and stops the engines in this folder.
pub fn guard(folder: &Path) -> Result<()> {
    // Nothing is ever sent; an error is an end, too.
    let _ = stdin().read_to_end(&mut Vec::new());
    let set = Set::at(folder);
    set.stop()?;
    // Nobody reads it where the parent has died.
    let _ = stdout().write_all(STOPPED).and_then(|()| stdout().flush());
    set.remove()
}
