//! `cargo xtask ci`: what must hold before a change lands. Every step runs, whatever became of the others.

use anyhow::Result;

use crate::checks::{dependencies, length};
use crate::report::Report;
use crate::suite::Selection;
use crate::workspace::Workspace;
use crate::{deny, generate, process, suite};

/// Runs every check and every test.
pub fn run(workspace: &Workspace, report: &mut Report) {
    if !report.step("install what is missing", |_| suite::install(workspace)) {
        return;
    }
    report.step("format", |_| process::run(&mut workspace.cargo(&["fmt", "--all", "--check"])));
    report.step("file length", |_| length::check(workspace));
    report.step("who may know whom", |_| dependencies::check(workspace));
    report.step("bans, licences, sources", |_| deny::rules(workspace));
    report.step("advisories", |_| deny::advisories(workspace));
    if report.step("build", |_| suite::build(workspace)) {
        report.step("generated files are current", |_| generate::check(workspace));
        suite::test(workspace, report);
    }
    report.step("clippy", |_| clippy(workspace));
    report.step("documentation", |_| documentation(workspace));
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let mut command = Selection::of(workspace)?.cargo(workspace, &["clippy", "--all-targets"]);
    process::run(command.args(["--", "-D", "warnings"]))
}

fn documentation(workspace: &Workspace) -> Result<()> {
    let mut command = Selection::of(workspace)?.cargo(workspace, &["doc", "--no-deps"]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}
