//! cargo-deny: which crates may be used, by whom, under which licence, from where (`deny.toml`).

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Bans, licences and sources: needs no network.
pub fn rules(workspace: &Workspace) -> Result<()> {
    process::run(&mut workspace.cargo(&[
        "deny",
        "--workspace",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))
}

/// Known vulnerabilities. Their database is a repository on the network; where that cannot be
/// reached, this says so and passes, because nothing about the change is wrong.
pub fn advisories(workspace: &Workspace) -> Result<()> {
    let mut fetch = workspace.command("timeout");
    fetch.args(["120", "cargo", "deny", "fetch", "db"]);
    if let Err(error) = process::read(&mut fetch) {
        println!("advisories: not checked, database unreachable");
        println!("{error:#}");
        return Ok(());
    }
    process::run(&mut workspace.cargo(&["deny", "--workspace", "check", "--disable-fetch", "advisories"]))
}
