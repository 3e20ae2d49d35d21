//! s3s-fs: an S3 server that checks signatures and checksums, with objects as files.

use anyhow::Result;

use super::engine::{ACCESS_KEY, Engine, EngineSite, SECRET_KEY};
use super::http::{self, Request};
use crate::engines::daemon::Daemon;
use crate::machine;
use crate::workspace::Workspace;

/// The engine.
pub const ENGINE: Engine = Engine {
    name: "s3s-fs",
    folder: "s3s",
    variable: "GALLERY_TEST_S3_URL",
    address: "http://127.0.0.1:",
    install,
    start,
};

/// The crate's version.
const VERSION: &str = "0.14.1";

/// Compiles it once.
fn install(workspace: &Workspace) -> Result<()> {
    machine::install_crate(workspace, "s3s-fs", VERSION, &["--features", "binary"])
}

fn start(site: &EngineSite<'_>) -> Result<Daemon> {
    let objects = site.folder.join("objects");
    std::fs::create_dir_all(&objects)?;
    let command = |port: u16| {
        let mut command = site.workspace.command("s3s-fs");
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY]).arg(&objects);
        command
    };
    site.serve(ENGINE.name, command, ping)
}

/// An error unless a request without a signature is refused.
fn ping(port: u16) -> Result<()> {
    http::expect(port, &Request::plain("GET /"), 403, "AccessDenied")
}
