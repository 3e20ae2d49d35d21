//! No circles (`docs/ARCHITECTURE.md`): files of a crate, and its top-level modules, depend on each
//! other in one direction. Tests are free.
//!
//! A file depends on the file that defines what it names, through whatever it is re-exported: a
//! parent that declares a module, or hands its items on with `pub use`, does not depend on it; one
//! that uses them does. What names mean is found without the compiler ([`names`]), so some of it is
//! a guess: the method of a value does not count, as its type is named somewhere, nor do relative
//! paths in the rules of a macro.

mod graph;
mod names;
mod source;
mod syntax;
mod tokens;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use self::graph::{Ties, circles};
use self::source::Source;
use crate::workspace::Workspace;

/// Targets that ship, or that the workspace's tests build on.
const KINDS: &[&str] = &["lib", "bin", "proc-macro"];

/// An error that names every circle.
pub fn check(workspace: &Workspace) -> Result<()> {
    let roots = roots(&workspace.metadata()?).context("cargo metadata has another form")?;
    let mut found = String::new();
    for root in roots {
        found += &complaints(&workspace.root, Path::new(&root))?;
    }
    ensure!(found.is_empty(), "circles:\n{}", found.trim_end());
    Ok(())
}

/// The root files of all crates.
fn roots(metadata: &Value) -> Option<Vec<String>> {
    let mut roots = Vec::new();
    for package in metadata["packages"].as_array()? {
        for target in package["targets"].as_array()? {
            if target["kind"].as_array()?.iter().any(|kind| KINDS.iter().any(|known| kind == known)) {
                roots.push(target["src_path"].as_str()?.to_owned());
            }
        }
    }
    Some(roots)
}

/// The circles of one crate, told to people; empty when there are none.
fn complaints(base: &Path, root: &Path) -> Result<String> {
    let source = Source::read(&base.canonicalize()?, root)?;
    let (mut files, mut modules) = (Ties::new(), Ties::new());
    for arrow in source.arrows() {
        let [from, to] = [arrow.from, arrow.to].map(|module| &source.modules[module]);
        files.entry((from.file, to.file)).or_default().insert(arrow.name.clone());
        // The root is no module beside the others: it may know them all, or they it.
        if let (Some(one), Some(other)) = (from.path.first(), to.path.first())
            && one != other
        {
            modules.entry((one, other)).or_default().insert(arrow.name);
        }
    }
    let mut told = String::new();
    for circle in circles(&files) {
        tell(&mut told, "files", &circle, &files, |file| source.files[file].display().to_string());
    }
    for circle in circles(&modules) {
        let root = source.files[0].display();
        tell(&mut told, &format!("modules of {root}"), &circle, &modules, String::clone);
    }
    Ok(told)
}

/// Adds a circle: its members, and by which names each depends on which.
fn tell<Node: Copy + Ord>(
    told: &mut String,
    what: &str,
    circle: &[Node],
    ties: &Ties<Node>,
    name: impl Fn(Node) -> String,
) {
    let _ = writeln!(told, "  {} {what}", circle.len());
    for ((from, to), by) in ties.iter().filter(|((from, to), _)| circle.contains(from) && circle.contains(to))
    {
        if from != to {
            let by: Vec<_> = by.iter().map(String::as_str).collect();
            let _ = writeln!(told, "    {} -> {}: {}", name(*from), name(*to), by.join(", "));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A folder with these files.
    fn planted(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        folder
    }

    /// What is complained of in a crate of these files.
    fn complaints_of(files: &[(&str, &str)]) -> String {
        let folder = planted(files);
        complaints(folder.path(), &folder.path().join("lib.rs")).unwrap()
    }

    #[test]
    fn a_planted_circle_is_named() {
        let told = complaints_of(&[
            ("lib.rs", "mod a; mod b; mod c; pub use a::A;"),
            ("a.rs", "use crate::b::B; pub struct A(B); pub fn far() {}"),
            ("b.rs", "mod inner; pub struct B; fn new() { crate::c::call(); }"),
            ("b/inner.rs", "fn run() { super::super::A::new(); crate::a::far() }"),
            ("c.rs", "use super::{b}; pub fn call() -> Option<b::B> { None }"),
        ]);
        assert_eq!(
            told,
            "  2 files\n    b.rs -> c.rs: call\n    c.rs -> b.rs: B\n\
             \x20 3 modules of lib.rs\n    a -> b: B\n    b -> a: A, far\n    b -> c: call\n    c -> b: B\n"
        );
    }

    #[test]
    fn a_parent_that_uses_its_child_is_not_to_be_used_by_it() {
        let child = ("a/child.rs", "use super::Limit; pub fn work(_: Limit) {} pub struct Tool;");
        let parent = "mod child; pub use child::{work, Tool}; pub struct Limit;";
        assert_eq!(complaints_of(&[("lib.rs", "mod a;"), ("a/mod.rs", parent), child]), "");
        let told = "  2 files\n    a/mod.rs -> a/child.rs: work\n    a/child.rs -> a/mod.rs: Limit\n";
        for use_of_it in ["fn start() { work(Limit) }", "fn start() { child::work(Limit) }"] {
            let parent = format!("{parent} {use_of_it}");
            assert_eq!(complaints_of(&[("lib.rs", "mod a;"), ("a/mod.rs", &parent), child]), told);
        }
    }

    #[test]
    fn a_name_leads_to_where_it_is_defined() {
        let folder = planted(&[
            ("lib.rs", "mod a; mod b; mod ids; mod far { pub struct C; } use std::fmt; pub use b::*;"),
            ("a/mod.rs", "pub mod deep; pub use deep::D as Renamed; use crate::b; pub use b::again;"),
            ("a/deep.rs", "use super::super::{fmt, far::C}; pub struct D(C, fmt::Error); fn f() { m!() }"),
            ("b.rs", "use crate::a; pub struct B(a::Renamed, crate::ids::Id); pub fn again() {}"),
            (
                "ids.rs",
                "macro_rules! id { ($n:ident) => { pub struct $n; } } id!(Id); fn f() { crate::a::again() }",
            ),
        ]);
        let base = folder.path().canonicalize().unwrap();
        let source = Source::read(&base, &base.join("lib.rs")).unwrap();
        let file = |module: usize| source.files[source.modules[module].file].display().to_string();
        let arrows = source.arrows().into_iter();
        let told: Vec<_> =
            arrows.map(|one| format!("{} {} {}", file(one.from), file(one.to), one.name)).collect();
        assert_eq!(
            told,
            [
                "a/mod.rs b.rs again",
                "a/deep.rs lib.rs C",
                "b.rs a/deep.rs D",
                "b.rs ids.rs Id",
                "ids.rs b.rs again",
            ]
        );
    }

    #[test]
    fn a_file_that_is_two_modules_is_one_file() {
        let told = complaints_of(&[
            ("lib.rs", "mod one; mod two;"),
            ("one/mod.rs", "#[path = \"../common/a.rs\"] mod a; mod db;"),
            ("two/mod.rs", "#[path = \"../common/a.rs\"] mod a; mod db;"),
            ("common/a.rs", "use super::db::Db; pub fn a(_: Db) {}"),
            ("one/db.rs", "pub struct Db;"),
            ("two/db.rs", "pub struct Db; fn back() { super::a::a(Db) }"),
        ]);
        assert_eq!(told, "  2 files\n    common/a.rs -> two/db.rs: Db\n    two/db.rs -> common/a.rs: a\n");
    }

    #[test]
    fn tests_are_free() {
        let told = complaints_of(&[
            ("lib.rs", "mod a; mod b; #[cfg(test)] mod missing;"),
            ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }"),
            ("b.rs", "use crate::a::A; pub struct B(A);"),
        ]);
        assert_eq!(told, "");
    }
}
