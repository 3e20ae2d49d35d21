//! What an engine is, and what it is given to start with: a folder, processes that are put on
//! record, free ports, a key.

use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result, bail};

use super::daemon::Daemon;
use crate::workspace::Workspace;

/// How often a port that another process took in between is replaced.
const ATTEMPTS: usize = 3;

/// Where ports are looked for.
const PORTS: Range<u16> = 12_000..32_000;

/// The key of those engines that check signatures. DynamoDB Local takes letters and digits only.
pub const ACCESS_KEY: &str = "local";

/// The secret that belongs to it.
pub const SECRET_KEY: &str = "local";

/// One server of a set.
pub struct Engine {
    /// Its name in the state file and for people; that of the process that listens.
    pub name: &'static str,
    /// Its folder below the set's.
    pub folder: &'static str,
    /// The variable by which tests find it.
    pub variable: &'static str,
    /// What that variable holds, up to the port.
    pub address: &'static str,
    /// Installs what it needs and the machine lacks. Says what it does on standard error only.
    pub install: fn(&Workspace) -> Result<()>,
    /// Starts it with fresh data and waits until it answers.
    pub start: fn(&EngineSite<'_>) -> Result<Daemon>,
}

/// Where one engine of one set is started.
pub struct EngineSite<'a> {
    /// The checkout, the cache, the search path.
    pub workspace: &'a Workspace,
    /// The engine's own folder, which goes when the engine does; nothing of it may lie elsewhere.
    pub folder: PathBuf,
    record: &'a (dyn Fn(&Daemon) -> Result<()> + Sync),
}

impl<'a> EngineSite<'a> {
    /// A folder, made here, and who writes down which processes there are.
    pub fn new(
        workspace: &'a Workspace,
        folder: &Path,
        record: &'a (dyn Fn(&Daemon) -> Result<()> + Sync),
    ) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { workspace, folder: folder.to_owned(), record })
    }

    /// Starts a process, which is on record before anybody waits for it. Its log is
    /// `<folder>/<log>`.
    pub fn launch(&self, name: &str, command: &mut Command, log: &str) -> Result<Daemon> {
        let daemon = Daemon::start(name, command, &self.folder.join(log))?;
        (self.record)(&daemon)?;
        Ok(daemon)
    }

    /// Puts on record where a process listens: it is ready.
    pub fn ready(&self, daemon: Daemon, port: u16) -> Result<Daemon> {
        let daemon = Daemon { port, ..daemon };
        (self.record)(&daemon)?;
        Ok(daemon)
    }

    /// Starts a server that must be told its port, and waits until it answers there.
    pub fn serve(
        &self,
        name: &str,
        command: impl Fn(u16) -> Command,
        ping: impl Fn(u16) -> Result<()>,
    ) -> Result<Daemon> {
        let log = "server.log";
        for attempt in 1.. {
            let port = free_port()?;
            let daemon = self.launch(name, &mut command(port), log)?;
            match daemon.wait(&self.folder.join(log), || ping(port)) {
                Ok(()) => return self.ready(daemon, port),
                Err(error) if attempt < ATTEMPTS && is_taken(&error) => {}
                Err(error) => return Err(error),
            }
        }
        bail!("no free port")
    }
}

/// Everything about engines lies below it.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("engines")
}

/// Whether a server ended because its port was taken, as its last words say.
fn is_taken(error: &anyhow::Error) -> bool {
    error.to_string().to_lowercase().contains("already in use")
}

/// A port that was free a moment ago. Below those that the kernel gives to connections, which could
/// take it before the server does, and never the same twice.
pub fn free_port() -> Result<u16> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Two sets that are started at the same time begin in different places.
    let first = std::process::id().wrapping_mul(7919);
    for _ in 0..PORTS.len() {
        let next = u32::from(TAKEN.fetch_add(1, Ordering::Relaxed));
        let place = first.wrapping_add(next) % u32::from(PORTS.end - PORTS.start);
        let port = PORTS.start + u16::try_from(place)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port in {PORTS:?}")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_free_port_is_given_once() {
        let ports = [free_port().unwrap(), free_port().unwrap(), free_port().unwrap()];
        assert!(ports.iter().all(|port| PORTS.contains(port)), "{ports:?}");
        assert!(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2], "{ports:?}");
    }

    #[test]
    fn a_port_that_is_taken_is_replaced_and_only_what_is_ready_has_a_port_on_record() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace {
            root: folder.path().to_owned(),
            cache: folder.path().to_owned(),
            target: folder.path().to_owned(),
        };
        let recorded = Mutex::new(Vec::new());
        let record = |daemon: &Daemon| {
            recorded.lock().unwrap().push(daemon.clone());
            Ok(())
        };
        let site = EngineSite::new(&workspace, &folder.path().join("engine"), &record).unwrap();
        let marker = site.folder.join("second");
        let second = marker.display();
        let script = format!(
            "test -e {second} || {{ touch {second}; echo Address ALREADY in use; exit 1; }}; exec sleep 100"
        );
        let ping = |_| {
            let log = std::fs::read_to_string(site.folder.join("server.log"))?;
            anyhow::ensure!(marker.exists() && log.is_empty(), "not yet");
            Ok(())
        };
        let daemon = site.serve("late", |_| shell(&script), ping).unwrap();
        assert!(daemon.is_alive() && daemon.port != 0);
        let recorded = recorded.into_inner().unwrap();
        let ports: Vec<u16> = recorded.iter().map(|daemon| daemon.port).collect();
        assert_eq!(ports, [0, 0, daemon.port], "the first attempt, the second, and that it is ready");
        daemon.terminate();
        daemon.ended(std::time::Instant::now()).unwrap();
    }
}
