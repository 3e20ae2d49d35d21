//! Where the time went: read from what cargo and nextest leave behind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

/// How long the compiler took, by whose crates it compiled. Two units at a time count twice.
#[derive(Debug, PartialEq)]
pub struct Compiled {
    /// The units of this workspace, and their time.
    pub own: (usize, Duration),
    /// All others.
    pub foreign: (usize, Duration),
}

/// Reads the report of `cargo build --timings`, which holds its data as JSON.
pub fn of_build(report: &str, own: &BTreeSet<String>) -> Result<Compiled> {
    let (_, data) = report.split_once("const UNIT_DATA = ").context("cargo's report lacks UNIT_DATA")?;
    let (data, _) = data.split_once("];").context("UNIT_DATA does not end")?;
    let units: Vec<Value> = serde_json::from_str(&format!("{data}]")).context("UNIT_DATA is no JSON")?;
    let mut compiled = Compiled { own: (0, Duration::ZERO), foreign: (0, Duration::ZERO) };
    for unit in units {
        let name = unit["name"].as_str().context("a unit has no name")?;
        let seconds = unit["duration"].as_f64().context("a unit has no duration")?;
        let side = if own.contains(name) { &mut compiled.own } else { &mut compiled.foreign };
        side.0 += 1;
        side.1 += seconds_of(seconds);
    }
    Ok(compiled)
}

/// A test that ran, and how long it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its package.
    pub package: String,
    /// Its binary and name.
    pub name: String,
    /// Its duration.
    pub took: Duration,
}

/// Reads the tests of nextest's report, which is written for `JUnit`'s readers.
pub fn of_tests(junit: &str) -> Vec<Case> {
    let case = |tag: &str| {
        let binary = attribute(tag, "classname")?;
        let name = attribute(tag, "name")?;
        let took = seconds_of(attribute(tag, "time")?.parse().ok()?);
        let package = binary.split("::").next().unwrap_or(binary).to_owned();
        Some(Case { package, name: format!("{binary} {name}"), took })
    };
    junit.split("<testcase ").skip(1).filter_map(|rest| case(rest.split_once('>')?.0)).collect()
}

/// The packages of these tests, the slowest first: how many tests there were, and their time, one
/// after the other.
pub fn by_package(cases: &[Case]) -> Vec<(String, usize, Duration)> {
    let mut packages = BTreeMap::<&str, (usize, Duration)>::new();
    for case in cases {
        let (count, took) = packages.entry(&case.package).or_default();
        *count += 1;
        *took += case.took;
    }
    let mut packages: Vec<_> =
        packages.into_iter().map(|(package, (count, took))| (package.to_owned(), count, took)).collect();
    packages.sort_by_key(|(_, _, took)| std::cmp::Reverse(*took));
    packages
}

/// The slowest of these tests.
pub fn slowest(mut cases: Vec<Case>, most: usize) -> Vec<Case> {
    cases.sort_by_key(|case| std::cmp::Reverse(case.took));
    cases.truncate(most);
    cases
}

/// The value of an attribute of an XML tag. Test names hold nothing that XML would write in another
/// way.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name}=\"");
    let at = tag.match_indices(&start).find(|(at, _)| *at == 0 || tag.as_bytes()[at - 1] == b' ')?.0;
    Some(tag[at + start.len()..].split_once('"')?.0)
}

fn seconds_of(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_report_is_read() {
        let report = r#"<script>
            DURATION = 3;
            const UNIT_DATA = [
              {"i": 0, "name": "serde", "version": "1.0.0", "mode": "todo", "target": "", "duration": 1.5},
              {"i": 1, "name": "gallery-core", "version": "0.1.0", "target": " lib (\"x\")", "duration": 0.25}
            ];
            const CONCURRENCY_DATA = [];"#;
        let own = BTreeSet::from(["gallery-core".to_owned()]);
        let expected =
            Compiled { own: (1, Duration::from_millis(250)), foreign: (1, Duration::from_millis(1500)) };
        assert_eq!(of_build(report, &own).unwrap(), expected);
        assert!(of_build("<html>", &own).is_err());
    }

    #[test]
    fn nextests_report_is_read() {
        let report = r#"<testsuites name="nextest-run" tests="3" time="9.0">
            <testsuite name="a::it" tests="2"><testcase name="x::fast" classname="a::it" timestamp="2026" time="0.5">
            </testcase><testcase name="slow" classname="a::it" timestamp="2026" time="2.5"><failure/></testcase></testsuite>
            <testsuite name="b" tests="1"><testcase name="y" classname="b" time="1.0"/></testsuite></testsuites>"#;
        let cases = of_tests(report);
        assert_eq!(
            by_package(&cases),
            [("a".to_owned(), 2, Duration::from_secs(3)), ("b".to_owned(), 1, Duration::from_secs(1))]
        );
        let names: Vec<_> = slowest(cases, 2).into_iter().map(|case| case.name).collect();
        assert_eq!(names, ["a::it slow", "b y"]);
    }
}
