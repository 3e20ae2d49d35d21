//! `cargo xtask test`: builds everything once and runs every test.
//!
//! The same selection of packages and features everywhere ([`Selection`]), so that cargo resolves
//! one set of features and compiles each dependency once.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::checks::snapshots;
use crate::engines::{self, Run};
use crate::machine;
use crate::process::{self, Stream};
use crate::report::{Counts, Report};
use crate::timing::{self, Case};
use crate::workspace::Workspace;

/// The variables by which black-box tests find the binaries.
const BINARIES: &[(&str, &str)] =
    &[("GALLERY_SQL_BIN", "gallery-sql"), ("GALLERY_NOSQL_BIN", "gallery-nosql")];

/// The feature that tests of a package have which need an engine.
const ENGINES: &str = "engines";

/// Packages that measure and have no tests: tests are built without them.
const BENCHES: [&str; 3] = ["bench-imaging", "bench-peer", "gallery-bench"];

/// How many of the slowest tests are named.
const SLOWEST: usize = 10;

/// Every package, with the tests that need engines.
pub struct Selection {
    arguments: Vec<String>,
    /// All packages.
    packages: BTreeSet<String>,
    /// The test binaries: package and name.
    binaries: Vec<(String, String)>,
}

impl Selection {
    /// As the workspace stands now.
    pub fn of(workspace: &Workspace) -> Result<Self> {
        Self::from(&workspace.metadata()?).context("cargo metadata has another form")
    }

    fn from(metadata: &Value) -> Option<Self> {
        let packages = metadata["packages"].as_array()?;
        let with_engines = packages.iter().filter(|package| !package["features"][ENGINES].is_null());
        let names = with_engines.map(|package| Some(format!("{}/{ENGINES}", package["name"].as_str()?)));
        let features = names.collect::<Option<Vec<_>>>()?.join(",");
        let mut arguments = vec!["--workspace".to_owned()];
        if !features.is_empty() {
            arguments.extend(["--features".to_owned(), features]);
        }
        let names = packages.iter().map(|package| Some(package["name"].as_str()?.to_owned()));
        let names = names.collect::<Option<BTreeSet<_>>>()?;
        let mut binaries = Vec::new();
        for package in packages {
            for target in package["targets"].as_array()? {
                if target["kind"].as_array()?.iter().any(|kind| kind == "test") {
                    let name = |of: &Value| Some(of["name"].as_str()?.to_owned());
                    binaries.push((name(package)?, name(target)?));
                }
            }
        }
        Some(Self { arguments, packages: names, binaries })
    }

    /// A cargo command on all packages.
    pub fn everything(&self, workspace: &Workspace, arguments: &[&str]) -> Command {
        let mut command = workspace.cargo(arguments);
        command.args(&self.arguments);
        command
    }

    /// A cargo command on all packages but those that only measure.
    pub fn cargo(&self, workspace: &Workspace, arguments: &[&str]) -> Command {
        let mut command = self.everything(workspace, arguments);
        let benches = BENCHES.iter().filter(|bench| self.packages.contains(**bench));
        command.args(benches.flat_map(|bench| ["--exclude", bench]));
        command
    }

    /// nextest's expression for tests that have a word in their own, their binary's or their
    /// package's name.
    fn named(&self, word: &str) -> String {
        let fits = |(package, binary): &&(String, String)| package.contains(word) || binary.contains(word);
        let binaries = self.binaries.iter().filter(fits);
        // A name that is not there would be an error to nextest.
        let binaries = binaries.map(|(package, binary)| format!(" or binary_id({package}::{binary})"));
        format!("(test({word}){})", binaries.collect::<String>())
    }
}

/// Installs what is missing, builds, tests.
pub fn run(workspace: &Workspace, report: &mut Report) {
    let ready = report.step("install what is missing", |_| install(workspace));
    if ready && report.step("build", |report| build(workspace, report)) {
        test(workspace, report);
    }
}

/// Installs the tools and the engines.
pub fn install(workspace: &Workspace) -> Result<()> {
    machine::prepare(workspace)?;
    engines::prepare(workspace)
}

/// Builds every binary and test of the workspace.
pub fn build(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let selection = Selection::of(workspace)?;
    process::run(&mut selection.cargo(workspace, &["build", "--all-targets", "--timings"]))?;
    let timings = workspace.target.join("cargo-timings/cargo-timing.html");
    let timings = fs::read_to_string(timings).unwrap_or_default();
    match timing::of_build(&timings, &selection.packages) {
        Ok(compiled) => {
            for (whose, (units, took)) in [("own", compiled.own), ("third-party", compiled.foreign)] {
                report.part(format!("compilers, on {units} {whose} units"), took);
            }
        }
        // The build is none the worse for it.
        Err(error) => println!("the compilers' times are not known: {error:#}"),
    }
    Ok(())
}

/// Starts the engines, runs every test of what [`build`] has built, and stops them.
pub fn test(workspace: &Workspace, report: &mut Report) {
    let mut run = None;
    report.step("start engines", |_| {
        run = Some(Run::start(workspace)?);
        Ok(())
    });
    let Some(run) = run else { return };
    report.step("tests", |report| nextest(workspace, &Selection::of(workspace)?, &run, report));
    report.step("examples in the documentation", |report| {
        doctests(workspace, &Selection::of(workspace)?, &run, report)
    });
    report.step("stop engines", |_| run.stop());
}

/// Which model tests to run, and how.
pub struct Model {
    /// Random histories for each store.
    pub seeds: u32,
    /// Only this history.
    pub seed: Option<u64>,
    /// A word in the name of the test, its binary or its package: only those.
    pub store: Option<String>,
    /// With an optimised build.
    pub optimised: bool,
}

impl Model {
    /// Cargo's profile.
    const fn profile(&self) -> &'static str {
        if self.optimised { "quick" } else { "dev" }
    }
}

/// Runs the model tests alone.
pub fn model(workspace: &Workspace, model: &Model, report: &mut Report) {
    if !report.step("install what is missing", |_| install(workspace)) {
        return;
    }
    let built = report.step("build", |_| {
        let build = ["build", "--all-targets", "--profile", model.profile()];
        process::run(&mut Selection::of(workspace)?.cargo(workspace, &build))
    });
    if built {
        report.step("model tests", |report| run_model(workspace, model, report));
    }
}

fn run_model(workspace: &Workspace, model: &Model, report: &mut Report) -> Result<()> {
    let selection = Selection::of(workspace)?;
    let run = Run::start(workspace)?;
    let store =
        model.store.as_ref().map_or_else(String::new, |store| " and ".to_owned() + &selection.named(store));
    let filter = format!("test(model_){store}");
    let arguments = ["nextest", "run", "--all-targets", "--profile", "model", "-E", &filter];
    let mut command = selection.cargo(workspace, &arguments);
    command.args(["--cargo-profile", model.profile()]);
    prepare(&mut command, workspace, if model.optimised { "quick" } else { "debug" }, &run);
    command.env("GALLERY_MODEL_SEEDS", model.seeds.to_string());
    command.envs(model.seed.map(|seed| ("GALLERY_MODEL_SEED", seed.to_string())));
    watch_nextest(&mut command, report)?;
    run.stop()
}

fn nextest(workspace: &Workspace, selection: &Selection, run: &Run, report: &mut Report) -> Result<()> {
    let references = snapshots::References::start(&workspace.target)?;
    let mut command = selection.cargo(workspace, &["nextest", "run", "--all-targets"]);
    prepare(&mut command, workspace, "debug", run);
    // Tests wait for engines and for time to pass: that leaves room for more of them than there are
    // cores.
    let threads = thread::available_parallelism().map_or(1, usize::from) + 2;
    command.args(["--test-threads", &threads.to_string()]);
    command.env("INSTA_UPDATE", "no").env("INSTA_SNAPSHOT_REFERENCES_FILE", references.path());
    // nextest writes below the checkout, wherever cargo's target folder is.
    let junit = workspace.root.join("target/nextest/default/junit.xml");
    // That of another run tells nothing of this one.
    let _ = fs::remove_file(&junit);
    let outcome = watch_nextest(&mut command, report);
    tell_times(timing::of_tests(&fs::read_to_string(junit).unwrap_or_default()), report);
    outcome?;
    snapshots::check(&workspace.root, &references)
}

/// The time of each package's tests, which run side by side, and the slowest of all.
fn tell_times(cases: Vec<Case>, report: &mut Report) {
    for (package, count, took) in timing::by_package(&cases) {
        report.part(format!("{package}, {count} tests"), took);
    }
    for case in timing::slowest(cases, SLOWEST) {
        report.part(format!("  {}", case.name), case.took);
    }
}

/// Tells tests where binaries and engines are.
fn prepare(command: &mut Command, workspace: &Workspace, profile: &str, run: &Run) {
    command.envs(BINARIES.iter().map(|(variable, name)| (variable, workspace.binary(profile, name))));
    command.envs(run.environment(workspace));
}

/// Runs nextest and counts; an error unless everything passed, and something ran.
fn watch_nextest(command: &mut Command, report: &mut Report) -> Result<()> {
    let mut summary = None;
    let succeeded = process::watch(command, Stream::Err, |line| {
        if let Some(counts) = nextest_counts(line) {
            summary = Some((counts, line.trim().to_owned()));
        }
    })?;
    let Some((counts, line)) = summary else { bail!("the tests did not run") };
    report.count(counts, Some(line));
    ensure!(succeeded && counts.failed == 0, "{} tests failed", counts.failed);
    ensure!(counts.passed > 0, "there was no test to run");
    Ok(())
}

fn doctests(workspace: &Workspace, selection: &Selection, run: &Run, report: &mut Report) -> Result<()> {
    let mut command = selection.cargo(workspace, &["test", "--doc"]);
    prepare(&mut command, workspace, "debug", run);
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

/// Reads nextest's `Summary [ 1.2s] 5 tests run: 3 passed, 1 failed, 1 timed out, 2 skipped`.
/// Whatever ran and did not pass has failed.
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
    fn packages_with_engines_are_selected() {
        let target = |kind, name| serde_json::json!({"kind": [kind], "name": name});
        let metadata = serde_json::json!({"packages": [
            {"name": "core", "features": {}, "targets": [target("lib", "core")]},
            {"name": "store-sql", "features": {"engines": []}, "targets": [target("test", "mysql")]},
            {"name": "tests", "features": {"engines": []}, "targets": [target("test", "a"), target("test", "b")]},
        ]});
        let selection = Selection::from(&metadata).unwrap();
        assert_eq!(selection.arguments, ["--workspace", "--features", "store-sql/engines,tests/engines"]);
        assert_eq!(selection.named("mysql"), "(test(mysql) or binary_id(store-sql::mysql))");
        assert_eq!(selection.named("tests"), "(test(tests) or binary_id(tests::a) or binary_id(tests::b))");
        let none = serde_json::json!({"packages": [{"name": "core", "features": {}, "targets": []}]});
        assert_eq!(Selection::from(&none).unwrap().arguments, ["--workspace"]);
    }

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
