//! A file that a person reads has at most 400 lines. No exceptions are kept.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::workspace::Workspace;

/// The most lines of a source file.
const MOST_LINES: usize = 400;

/// Endings of files that people write and read.
const SOURCES: &[&str] = &["rs", "sql", "html", "css", "js", "py", "sh"];

/// An error that names every source file of the checkout that is too long.
pub fn check(workspace: &Workspace) -> Result<()> {
    let listing = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    let files = process::read(workspace.command("git").args(listing))?;
    let mut long = Vec::new();
    for path in files.lines().filter(|path| is_source(path)) {
        let file = workspace.root.join(path);
        if !file.exists() {
            continue; // deleted, not yet committed
        }
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {path}"))?;
        long.extend(complaint(path, &text));
    }
    ensure!(
        long.is_empty(),
        "files of over {MOST_LINES} lines, to be split by what they do:\n{}",
        long.join("\n")
    );
    Ok(())
}

fn is_source(path: &str) -> bool {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| SOURCES.contains(&ending))
}

fn complaint(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > MOST_LINES).then(|| format!("  {path}: {lines} lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_hundred_lines_are_enough() {
        assert_eq!(complaint("a.rs", &"x\n".repeat(400)), None);
        assert_eq!(complaint("a.rs", &"x\n".repeat(401)).unwrap(), "  a.rs: 401 lines");
    }

    #[test]
    fn only_sources_count() {
        assert!(is_source("crates/gallery-core/src/lib.rs"));
        assert!(!is_source("Cargo.lock"));
        assert!(!is_source("docs/openapi.json"));
    }
}
