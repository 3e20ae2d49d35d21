//! Files in `docs/` that the binaries print: `cargo xtask generate` writes them, `ci` compares
//! them.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::report::Report;
use crate::suite;
use crate::workspace::Workspace;

/// A generated file: where it lies, and the arguments of `gallery-sql` that print it.
const FILES: &[(&str, &[&str])] =
    &[("docs/openapi.json", &["openapi"]), ("docs/configuration.md", &["config", "reference"])];

/// Builds, and writes every generated file.
pub fn write(workspace: &Workspace) -> Result<()> {
    suite::build(workspace, &mut Report::default())?;
    for (path, arguments) in FILES {
        fs::write(workspace.root.join(path), print(workspace, arguments)?)
            .with_context(|| format!("cannot write {path}"))?;
        println!("{path}");
    }
    Ok(())
}

/// An error when a file is not what the binaries print now.
pub fn check(workspace: &Workspace) -> Result<()> {
    let mut stale = Vec::new();
    for (path, arguments) in FILES {
        let committed = fs::read_to_string(workspace.root.join(path)).unwrap_or_default();
        if committed != print(workspace, arguments)? {
            stale.push(*path);
        }
    }
    ensure!(stale.is_empty(), "not current: {}; run `cargo xtask generate`", stale.join(", "));
    Ok(())
}

fn print(workspace: &Workspace, arguments: &[&str]) -> Result<String> {
    let binary = workspace.binary("debug", "gallery-sql");
    let mut text = process::read(workspace.command(&binary).args(arguments))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
