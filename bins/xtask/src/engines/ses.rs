//! aws-ses-v2-local: takes mails as Amazon SES does and shows them to tests under `/store`.

use std::process::Command;

use anyhow::Result;

use super::daemon::Daemon;
use super::engine::{Engine, EngineSite};
use super::http::{self, Request};
use super::npm;
use crate::workspace::Workspace;

/// The engine.
pub const ENGINE: Engine = Engine {
    name: "aws-ses-v2-local",
    folder: "ses",
    variable: "GALLERY_TEST_SES_URL",
    address: "http://127.0.0.1:",
    install,
    start,
};

/// The package with everything below it, by version and hash.
///
/// To renew it: change `package.json`, `npm install --package-lock-only` beside it.
const PACKAGE: npm::Locked = npm::Locked {
    folder: "aws-ses-v2-local",
    manifest: include_str!("ses/package.json"),
    lock: include_str!("ses/package-lock.json"),
};

fn install(workspace: &Workspace) -> Result<()> {
    PACKAGE.install(workspace)
}

fn start(site: &EngineSite<'_>) -> Result<Daemon> {
    let program = PACKAGE.home(site.workspace).join("node_modules/aws-ses-v2-local/dist/cli.js");
    let node = npm::node(site.workspace)?;
    let command = |port: u16| {
        let mut command = Command::new(node.get_program());
        command.current_dir(&site.folder).arg(&program);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command
    };
    site.serve(ENGINE.name, command, ping)
}

/// An error unless it shows that it has no mail yet.
fn ping(port: u16) -> Result<()> {
    http::expect(port, &Request::plain("GET /store"), 200, r#""emails":[]"#)
}
