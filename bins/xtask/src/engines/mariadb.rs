//! MariaDB from Debian's packages, with a fresh data folder.

use std::fs;
use std::process::Command;

use anyhow::Result;

use super::daemon::Daemon;
use super::engine::{Engine, EngineSite};
use crate::machine;
use crate::process;
use crate::workspace::Workspace;

/// The engine.
pub const ENGINE: Engine = Engine {
    name: "MariaDB",
    folder: "mariadb",
    variable: "GALLERY_TEST_MYSQL_URL",
    address: "mysql://root@127.0.0.1:",
    install,
    start,
};

/// The programs and the Debian packages that have them.
const PROGRAMS: &[(&str, &str)] = &[
    ("mariadbd", "mariadb-server-core"),
    ("mariadb-install-db", "mariadb-server-core"),
    ("mariadb", "mariadb-client-core"),
];

/// What the server is told besides its place.
///
/// A commit is written to the file at once but flushed to the disk only every second: it survives
/// the death of the server, not that of the machine, which no test has to offer. No double writes,
/// no binary log, for the same reason. Everything that a client can see is as in production; the
/// character set of the server is left at its default, `latin1`, so that a schema which forgets to
/// name its own is found out.
const OPTIONS: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=128M",
    "--innodb-log-file-size=48M",
    "--max-connections=1000",
];

fn install(workspace: &Workspace) -> Result<()> {
    machine::install_packages(workspace, PROGRAMS)
}

fn start(site: &EngineSite<'_>) -> Result<Daemon> {
    let data = format!("--datadir={}", site.folder.join("data").display());
    // Servers that share a folder for temporary files delete each other's.
    let temporary = site.folder.join("tmp");
    fs::create_dir_all(&temporary)?;
    let temporary = format!("--tmpdir={}", temporary.display());
    // The superuser must be named, or the server refuses to start.
    let user = process::read(Command::new("id").arg("-un"))?;
    let user = format!("--user={}", user.trim());
    process::read(site.workspace.command("mariadb-install-db").args([
        "--no-defaults",
        &user,
        &data,
        &temporary,
        "--auth-root-authentication-method=normal",
        // A machine that cannot look up its own name is good enough.
        "--force",
        "--skip-test-db",
    ]))?;
    let command = |port: u16| {
        let mut command = site.workspace.command("mariadbd");
        command.args(["--no-defaults", &user, &data, &temporary]);
        command.args(["--socket=server.sock", "--pid-file=server.pid"]);
        command.arg(format!("--port={port}")).args(OPTIONS);
        command
    };
    site.serve(ENGINE.name, command, |port| ping(site.workspace, port))
}

/// An error unless a client is answered.
fn ping(workspace: &Workspace, port: u16) -> Result<()> {
    let port = format!("--port={port}");
    let mut command = workspace.command("mariadb");
    command.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", &port, "--user=root"]);
    command.args(["--connect-timeout=5", "--batch", "--execute=SELECT 1"]);
    process::read(&mut command).map(|_| ())
}
