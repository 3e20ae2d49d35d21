//! `cargo xtask test`: builds everything once and runs every test.
//!
//! `--workspace --all-targets` everywhere, so that cargo resolves one set of features and compiles each
//! dependency once.

use anyhow::{Result, bail, ensure};

use crate::checks::snapshots;
use crate::machine;
use crate::process::{self, Stream};
use crate::report::{Counts, Report};
use crate::workspace::Workspace;

/// Installs what is missing, builds, tests.
pub fn run(workspace: &Workspace, report: &mut Report) {
    let ready = report.step("install what is missing", |_| machine::prepare(workspace));
    if ready && report.step("build", |_| build(workspace)) {
        test(workspace, report);
    }
}

/// Builds every binary and test of the workspace.
pub fn build(workspace: &Workspace) -> Result<()> {
    process::run(&mut workspace.cargo(&["build", "--workspace", "--all-targets"]))
}

/// Runs every test of what [`build`] has built.
pub fn test(workspace: &Workspace, report: &mut Report) {
    report.step("tests", |report| nextest(workspace, report));
    report.step("examples in the documentation", |report| doctests(workspace, report));
}

fn nextest(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let references = snapshots::References::start(&workspace.target)?;
    let mut command = workspace.cargo(&["nextest", "run", "--workspace", "--all-targets"]);
    command
        .env("GALLERY_SQL_BIN", workspace.binary("debug", "gallery-sql"))
        .env("INSTA_UPDATE", "no")
        .env("INSTA_SNAPSHOT_REFERENCES_FILE", references.path());
    let mut summary = None;
    let succeeded = process::watch(&mut command, Stream::Err, |line| {
        if let Some(counts) = nextest_counts(line) {
            summary = Some((counts, line.trim().to_owned()));
        }
    })?;
    let Some((counts, line)) = summary else { bail!("the tests did not run") };
    report.count(counts, Some(line));
    ensure!(succeeded && counts.failed == 0, "{} tests failed", counts.failed);
    ensure!(counts.passed > 0, "there was no test to run");
    snapshots::check(&workspace.root, &references)
}

fn doctests(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let mut command = workspace.cargo(&["test", "--doc", "--workspace"]);
    let mut total = Counts::default();
    let succeeded = process::watch(&mut command, Stream::Out, |line| {
        if let Some(counts) = libtest_counts(line) {
            total.passed += counts.passed;
            total.failed += counts.failed;
        }
    })?;
    report.count(total, None);
    ensure!(succeeded, "{} examples failed", total.failed);
    Ok(())
}

/// Reads nextest's `Summary [ 1.2s] 5 tests run: 3 passed, 1 failed, 1 timed out, 2 skipped`. Whatever ran and
/// did not pass has failed.
fn nextest_counts(line: &str) -> Option<Counts> {
    let (_, rest) = line.trim_start().strip_prefix("Summary [")?.split_once(']')?;
    let (run, outcomes) = rest.split_once(" run:")?;
    let run = run.split_whitespace().next()?.split('/').next()?.parse::<u64>().ok()?;
    let passed = outcomes
        .split(',')
        .find_map(|outcome| outcome.trim().split_once(" passed")?.0.parse::<u64>().ok())
        .unwrap_or(0);
    Some(Counts { passed, failed: run - passed })
}

/// Reads libtest's `test result: ok. 3 passed; 0 failed; …`.
fn libtest_counts(line: &str) -> Option<Counts> {
    let (_, rest) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut numbers = rest.split(';').map(|part| part.split_whitespace().next()?.parse().ok());
    Some(Counts { passed: numbers.next()??, failed: numbers.next()?? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_read() {
        let green = "     Summary [   0.005s] 3 tests run: 3 passed, 1 skipped";
        assert_eq!(nextest_counts(green), Some(Counts { passed: 3, failed: 0 }));
        let slow =
            "     Summary [ 130.005s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 0 skipped";
        assert_eq!(nextest_counts(slow), Some(Counts { passed: 3, failed: 2 }));
        let cancelled = "     Summary [   0.1s] 2/9 tests run: 0 passed, 2 failed, 0 skipped";
        assert_eq!(nextest_counts(cancelled), Some(Counts { passed: 0, failed: 2 }));
        assert_eq!(nextest_counts("        PASS [   0.005s] xtask tests::three passed"), None);

        let libtest = "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(libtest_counts(libtest), Some(Counts { passed: 4, failed: 1 }));
        assert_eq!(libtest_counts("test some::case ... ok"), None);
    }
}
