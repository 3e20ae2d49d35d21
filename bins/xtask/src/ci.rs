//! `cargo xtask ci`: what must hold before a change lands. Every step runs, whatever became of the
//! others.

use std::process::Command;
use std::thread::{self, ScopedJoinHandle};

use anyhow::{Result, anyhow};

use crate::checks::{circles, dependencies, features, length, manifests};
use crate::engines;
use crate::report::Report;
use crate::suite::Selection;
use crate::workspace::Workspace;
use crate::{deny, generate, machine, process, suite};

/// Runs every check and every test. What waits for the network goes on beside what computes, and
/// what only computes beside tests that wait.
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
    thread::scope(|scope| {
        let linting = scope.spawn(|| (clippy(workspace), documentation(workspace)));
        if built {
            suite::test(workspace, report);
        }
        let mut documented = Err(anyhow!("clippy panicked"));
        report.step("clippy, begun beside the tests", |_| {
            let (clippy, documentation) = linting.join().map_err(|_| anyhow!("a panic"))?;
            documented = documentation;
            clippy
        });
        report.step("documentation, begun beside the tests", |_| documented);
    });
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
    report.step("manifests", |_| manifests::check(workspace));
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let mut command = Selection::of(workspace)?.everything(workspace, &["clippy", "--all-targets"]);
    process::read(&mut aside(workspace, command.args(["--", "-D", "warnings"]))).map(drop)
}

fn documentation(workspace: &Workspace) -> Result<()> {
    let mut command = Selection::of(workspace)?.cargo(workspace, &["doc", "--no-deps"]);
    process::read(&mut aside(workspace, command.env("RUSTDOCFLAGS", "-D warnings"))).map(drop)
}

/// A cargo command that computes while the tests wait for engines and for time to pass: behind all
/// of them, and in a folder of its own, so that neither waits for the other's lock.
fn aside(workspace: &Workspace, command: &Command) -> Command {
    let mut patient = workspace.command("nice");
    patient.args(["-n", "19"]).arg(command.get_program()).args(command.get_args());
    let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    patient.envs(set).env("CARGO_TARGET_DIR", workspace.target.join("lints"));
    patient
}
