//! MariaDB from Debian's packages, with a fresh data folder.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::daemon::Daemon;
use crate::process;
use crate::workspace::Workspace;

/// Its name in the state file and for people.
pub const NAME: &str = "MariaDB";

/// How often a port that another process took in between is replaced.
const ATTEMPTS: usize = 3;

/// What the server is told besides its place.
///
/// A commit is written to the file at once but flushed to the disk only every second: it survives the death of
/// the server, not that of the machine, which no test has to offer. No double writes, no binary log, for the
/// same reason. Everything that a client can see is as in production; the character set of the server is left at its
/// default, `latin1`, so that a schema which forgets to name its own is found out.
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

/// Makes a data folder and starts on it; tells `started` about the process before waiting until it answers.
pub fn start(
    workspace: &Workspace,
    folder: &Path,
    mut started: impl FnMut(&Daemon) -> Result<()>,
) -> Result<Daemon> {
    let data = folder.join("mariadb");
    let log = folder.join("mariadb.log");
    // The superuser must be named, or the server refuses to start.
    let user = process::read(Command::new("id").arg("-un"))?;
    let user = format!("--user={}", user.trim());
    let data_option = format!("--datadir={}", data.display());
    process::read(workspace.command("mariadb-install-db").args([
        "--no-defaults",
        &user,
        &data_option,
        "--auth-root-authentication-method=normal",
        // A machine that cannot look up its own name is good enough.
        "--force",
        "--skip-test-db",
    ]))?;
    for attempt in 1.. {
        let port = free_port()?;
        let mut command = workspace.command("mariadbd");
        command.args(["--no-defaults", &user, &data_option, "--socket=server.sock", "--pid-file=server.pid"]);
        command.arg(format!("--port={port}")).args(OPTIONS);
        let mut daemon = Daemon::start(NAME, &mut command, &log)?;
        daemon.port = port;
        started(&daemon)?;
        match daemon.wait(&log, || ping(workspace, port)) {
            Ok(()) => return Ok(daemon),
            Err(error) if attempt < ATTEMPTS && error.to_string().contains("already in use") => {}
            Err(error) => return Err(error),
        }
    }
    bail!("no free port")
}

/// An error unless a client is answered.
fn ping(workspace: &Workspace, port: u16) -> Result<()> {
    let port = format!("--port={port}");
    let mut command = workspace.command("mariadb");
    command.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", &port, "--user=root"]);
    command.args(["--connect-timeout=5", "--batch", "--execute=SELECT 1"]);
    process::read(&mut command).map(|_| ())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
