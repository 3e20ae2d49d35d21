//! Both binaries are built of the same packages: whatever third-party package both need has the
//! same features for both, so that building the second one rebuilds nothing of the first.
//!
//! Features that only one of them would turn on are listed for both in
//! `bins/gallery-assembly/Cargo.toml`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use crate::process;
use crate::workspace::Workspace;

/// The programs that ship.
const PROGRAMS: [&str; 2] = ["gallery-sql", "gallery-nosql"];

/// Packages with their versions, and the sets of features that each is built with: two where the
/// compiler runs another one than the program.
type Packages = BTreeMap<String, BTreeSet<String>>;

/// An error that names every package that would be built twice.
pub fn check(workspace: &Workspace) -> Result<()> {
    let of = |program: &str| {
        let tree = ["tree", "--locked", "--edges", "normal,build", "--prefix", "none"];
        let tree = [&tree[..], &["--format", "{p}|{f}", "--package", program]].concat();
        Ok::<_, anyhow::Error>(packages(&process::read(&mut workspace.cargo(&tree))?))
    };
    let (one, other) = (of(PROGRAMS[0])?, of(PROGRAMS[1])?);
    let complaints = complaints(&one, &other);
    ensure!(complaints.is_empty(), "{}", complaints.join("\n"));
    Ok(())
}

/// Reads `cargo tree`'s lines: `name v1.2.3 (proc-macro)|one,two (*)`.
fn packages(tree: &str) -> Packages {
    let mut packages = Packages::new();
    for (package, features) in tree.lines().filter_map(|line| line.split_once('|')) {
        // Of this workspace: those that lie in a folder.
        if !package.contains("(/") {
            let package = package.trim_end_matches(" (proc-macro)").to_owned();
            packages.entry(package).or_default().insert(features.trim_end_matches(" (*)").to_owned());
        }
    }
    packages
}

fn complaints(one: &Packages, other: &Packages) -> Vec<String> {
    let told = |sets: &BTreeSet<String>| sets.iter().cloned().collect::<Vec<_>>().join(" and ");
    let in_both = one.iter().filter_map(|(package, sets)| Some((package, sets, other.get(package)?)));
    let differ = in_both.filter(|(_, sets, others)| sets != others);
    let [first, second] = PROGRAMS;
    let complain = |(package, sets, others): (&String, _, _)| {
        format!("{package}: {first} builds it with [{}], {second} with [{}]", told(sets), told(others))
    };
    differ.map(complain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_with_other_features_are_named() {
        let one = packages(
            "gallery-sql v0.1.0 (/house)|\nserde v1.0.2|alloc,std\nsyn v2.0.1 (proc-macro)|full\nsqlx v1.0.0|a (*)\n",
        );
        let other = packages(
            "gallery-nosql v0.1.0 (/house)|a\nserde v1.0.2|std (*)\nserde v1.0.2|std\nsyn v2.0.1|full\n",
        );
        assert_eq!(
            complaints(&one, &other),
            ["serde v1.0.2: gallery-sql builds it with [alloc,std], gallery-nosql with [std]"]
        );
        assert_eq!(complaints(&one, &one), Vec::<String>::new());
    }
}
