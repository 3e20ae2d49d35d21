//! A file that a person reads has at most 400 lines, and a comment on lines of its own at
//! most 100 columns. No exceptions are kept.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::workspace::Workspace;

/// The most lines of a source file.
const MOST_LINES: usize = 400;

/// The most columns of a comment in Rust.
const MOST_COLUMNS: usize = 100;

/// Endings of files that people write and read.
const SOURCES: &[&str] = &["rs", "sql", "html", "css", "js", "py", "sh"];

/// An error that names every source file of the checkout that is too long, and every comment that
/// is too wide.
pub fn check(workspace: &Workspace) -> Result<()> {
    let listing = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    let files = process::read(workspace.command("git").args(listing))?;
    let mut complaints = Vec::new();
    for path in files.lines().filter(|path| is_source(path)) {
        let file = workspace.root.join(path);
        if !file.exists() {
            continue; // deleted, not yet committed
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {path}"))?;
        complaints.extend(too_long(path, &text));
        complaints.extend(too_wide(path, &text));
    }
    ensure!(
        complaints.is_empty(),
        "files of over {MOST_LINES} lines, to be split by what they do, or comments of over {MOST_COLUMNS} columns:\n{}",
        complaints.join("\n")
    );
    Ok(())
}

fn is_source(path: &str) -> bool {
    ending(path).is_some_and(|ending| SOURCES.contains(&ending))
}

fn ending(path: &str) -> Option<&str> {
    Path::new(path).extension()?.to_str()
}

fn too_long(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > MOST_LINES).then(|| format!("  {path}: {lines} lines"))
}

/// Rows of tables can't be broken, nor can a word.
fn too_wide<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = text.lines().zip(1..).filter(|_| ending(path) == Some("rs"));
    lines.filter_map(move |(line, number)| {
        let comment = line.trim_start().strip_prefix("//")?.trim_start_matches(['/', '!']).trim();
        let breakable = comment.contains(' ') && !comment.starts_with('|');
        let columns = line.chars().count();
        (breakable && columns > MOST_COLUMNS).then(|| format!("  {path}:{number}: {columns} columns"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_hundred_lines_are_enough() {
        assert_eq!(too_long("a.rs", &"x\n".repeat(400)), None);
        assert_eq!(too_long("a.rs", &"x\n".repeat(401)).unwrap(), "  a.rs: 401 lines");
    }

    #[test]
    fn a_comment_has_a_hundred_columns() {
        let text = format!(
            "    // {}\n    // {} a\n// {}\n//! | {} a |\n{} a\n",
            "é ".repeat(46),
            "e".repeat(92),
            "e".repeat(99),
            "e".repeat(99),
            "e".repeat(99)
        );
        assert_eq!(too_wide("a.rs", &text).collect::<Vec<_>>(), ["  a.rs:2: 101 columns"]);
        assert_eq!(too_wide("a.css", &text).count(), 0);
    }

    #[test]
    fn only_sources_count() {
        assert!(is_source("crates/gallery-core/src/lib.rs"));
        assert!(!is_source("Cargo.lock"));
        assert!(!is_source("docs/openapi.json"));
    }
}
