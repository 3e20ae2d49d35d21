//! `cargo xtask ci`: what must hold before a change lands. Every step runs, whatever became of the others.

use std::thread::{self, ScopedJoinHandle};

use anyhow::{Result, anyhow};

use crate::checks::{circles, dependencies, features, length};
use crate::engines::{self, Run};
use crate::report::Report;
use crate::suite::Selection;
use crate::workspace::Workspace;
use crate::{deny, generate, machine, process, suite};

/// Runs every check and every test. What waits for the network or for servers goes on beside what
/// computes; two builds never run at once.
pub fn run(workspace: &Workspace, report: &mut Report) {
    if !report.step("install tools", |_| machine::prepare(workspace)) {
        return;
    }
    thread::scope(|scope| {
        let installing = scope.spawn(|| engines::prepare(workspace));
        rules(workspace, report);
        report.step("bans, licences, sources", |_| deny::rules(workspace));
        report.step("advisories", |_| deny::advisories(workspace));
        report.step("install engines, begun beside all of the above", |_| joined(installing));
    });
    let built = report.step("build", |report| suite::build(workspace, report));
    if built {
        report.step("generated files are current", |_| generate::check(workspace));
    }
    let mut engines = None;
    thread::scope(|scope| {
        let starting = built.then(|| scope.spawn(|| Run::start(workspace)));
        report.step("clippy", |_| clippy(workspace));
        if let Some(starting) = starting {
            report.step("start engines, begun beside clippy", |_| {
                engines = Some(joined(starting)?);
                Ok(())
            });
        }
    });
    if let Some(engines) = engines {
        suite::test(workspace, engines, report);
    }
    report.step("documentation", |_| documentation(workspace));
}

/// What a thread made.
fn joined<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().map_err(|_| anyhow!("a panic"))?
}

/// Checks that need no build.
pub fn rules(workspace: &Workspace, report: &mut Report) {
    report.step("format", |_| process::run(&mut workspace.cargo(&["fmt", "--all", "--check"])));
    report.step("file length", |_| length::check(workspace));
    report.step("who may know whom", |_| dependencies::check(workspace));
    report.step("features of both binaries", |_| features::check(workspace));
    report.step("no circles", |_| circles::check(workspace));
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let mut command = Selection::of(workspace)?.everything(workspace, &["clippy", "--all-targets"]);
    process::run(command.args(["--", "-D", "warnings"]))
}

fn documentation(workspace: &Workspace) -> Result<()> {
    let mut command = Selection::of(workspace)?.cargo(workspace, &["doc", "--no-deps"]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}
