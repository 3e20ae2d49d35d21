//! A real binary as a child process, on a free port, with its own data folder.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Client, Clock, Outbox, TIMEOUT};

/// A running gallery; killed when dropped.
pub struct Server {
    child: Child,
    launch: Launch,
    port: u16,
    logs: TempDir,
}

/// Which of the binaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// `gallery-sql`: SQLite unless `GALLERY__DATABASE__URL` says otherwise.
    Sql,
    /// `gallery-nosql`: the embedded store unless the settings say otherwise.
    NoSql,
}

/// How to start a gallery.
#[derive(Clone)]
pub struct Launch {
    variant: Variant,
    data: DataFolder,
    /// A free one if there is none.
    port: Option<u16>,
    settings: Vec<(String, String)>,
}

/// A data folder: the test's own, or a temporary one that goes away with its last user.
#[derive(Clone)]
enum DataFolder {
    Temporary(std::sync::Arc<TempDir>),
    Named(PathBuf),
}

impl Default for Launch {
    fn default() -> Self {
        Self::new()
    }
}

impl Launch {
    /// The binary that this test program is about, with the defaults and a fresh data folder that
    /// does not exist yet.
    pub fn new() -> Self {
        Self::of(Variant::tested())
    }

    /// This binary, with the defaults and a fresh data folder that does not exist yet.
    pub fn of(variant: Variant) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataFolder::Temporary(std::sync::Arc::new(folder));
        Self { variant, data, port: None, settings: Vec::new() }
    }

    /// The binary's name.
    pub fn name(&self) -> &'static str {
        self.variant.name()
    }

    /// On this port, and no other.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// With this data folder.
    #[must_use]
    pub fn data(mut self, folder: &Path) -> Self {
        self.data = DataFolder::Named(folder.to_owned());
        self
    }

    /// With this environment variable.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Going by this clock.
    #[must_use]
    pub fn clock(self, clock: &Clock) -> Self {
        clock.environment().iter().fold(self, |launch, (name, value)| launch.setting(name, value))
    }

    /// The data folder.
    pub fn data_folder(&self) -> PathBuf {
        match &self.data {
            DataFolder::Temporary(folder) => folder.path().join("data"),
            DataFolder::Named(folder) => folder.clone(),
        }
    }

    /// The binary with these arguments and this configuration, and nothing else of our environment
    /// that could configure it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let data = self.data_folder();
        let mut command = Command::new(self.variant.binary());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GALLERY__") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(data.parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new("/")))
            // Tests expect English, whatever the locale of whoever runs them.
            .env("LC_ALL", "C")
            .env("GALLERY__DATA_DIR", &data)
            .stdin(Stdio::null());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the binary to its end; panics when it has not ended after [`TIMEOUT`].
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap_or_else(|error| self.variant.cannot_start(&error));
        let id = child.id();
        let (done, output) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(child.wait_with_output()));
        let output = output.recv_timeout(TIMEOUT).unwrap_or_else(|_| {
            signal(id, "KILL");
            panic!("`{arguments:?}` still ran after {TIMEOUT:?}")
        });
        output.expect("the child's output can be read")
    }

    /// Starts to serve, and tries to refuse: returns the output once the process has ended by
    /// itself.
    pub fn run_as_server(&self) -> Output {
        let port = free_port().to_string();
        self.clone().setting("GALLERY__SERVER__LISTEN", &format!("127.0.0.1:{port}")).run(&[])
    }

    /// Serves, and waits until it is ready.
    pub async fn start(self) -> Server {
        // Another process may take the free port before the child does.
        for _ in 0..5 {
            if let Some(server) = self.try_start().await {
                return server;
            }
        }
        panic!("no free port in five attempts, or the one that was asked for is taken");
    }

    /// `None` when the port was taken after all.
    async fn try_start(&self) -> Option<Server> {
        let port = self.port.unwrap_or_else(free_port);
        let logs = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str| fs::File::create(logs.path().join(name)).expect("a log file");
        let mut command = self.command(&[]);
        command
            .env("GALLERY__SERVER__LISTEN", format!("127.0.0.1:{port}"))
            .env("GALLERY__SERVER__BASE_URL", format!("http://127.0.0.1:{port}"))
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdout(file("stdout"))
            .stderr(file("stderr"));
        let child = command.spawn().unwrap_or_else(|error| self.variant.cannot_start(&error));
        let mut server = Server { child, launch: self.clone(), port, logs };
        let started = Instant::now();
        loop {
            if let Some(status) = server.exited() {
                let said = server.output();
                if said.contains("in use") {
                    return None;
                }
                panic!("the gallery ended with {status} before it was ready:\n{said}");
            }
            if server.client().is_ready().await {
                return Some(server);
            }
            assert!(started.elapsed() < TIMEOUT, "not ready after {TIMEOUT:?}:\n{}", server.output());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Server {
    /// A gallery with the default settings and a fresh data folder.
    pub async fn start() -> Self {
        Launch::new().start().await
    }

    /// `http://127.0.0.1:port`.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Somebody who has no cookie yet.
    pub fn client(&self) -> Client {
        Client::new(&self.base_url())
    }

    /// Where it keeps everything.
    pub fn data_folder(&self) -> PathBuf {
        self.launch.data_folder()
    }

    /// The mails it sent.
    pub fn outbox(&self) -> Outbox {
        Outbox::at(&self.data_folder().join("outbox"))
    }

    /// How it was started, for starting it again on the same data.
    pub fn launch(&self) -> Launch {
        self.launch.clone()
    }

    /// Everything it wrote to standard output so far.
    pub fn printed(&self) -> String {
        self.read("stdout")
    }

    /// Everything it wrote to standard error so far: its log.
    pub fn log(&self) -> String {
        self.read("stderr")
    }

    fn output(&self) -> String {
        self.printed() + self.log().as_str()
    }

    fn read(&self, stream: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.logs.path().join(stream)).unwrap_or_default()).into_owned()
    }

    /// Its status if it has ended.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the child can be waited for")
    }

    /// Asks it to stop (SIGTERM), without waiting.
    pub fn terminate(&self) {
        signal(self.id(), "TERM");
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.exited() {
                return status;
            }
            assert!(started.elapsed() < TIMEOUT, "still runs after {TIMEOUT:?}:\n{}", self.output());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Asks it to stop and waits; panics unless it ended well. Returns how to start it again.
    pub async fn stop(mut self) -> Launch {
        self.terminate();
        let status = self.ended().await;
        assert!(status.success(), "the gallery ended with {status}:\n{}", self.output());
        self.launch()
    }

    /// Kills it without warning (SIGKILL).
    pub fn kill(mut self) -> Launch {
        self.child.kill().expect("the child can be killed");
        self.child.wait().expect("the child can be waited for");
        self.launch()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprint_tail(&self.output());
        }
    }
}

/// Sends a signal to a child.
fn signal(process: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status();
    assert!(sent.is_ok_and(|status| status.success()), "cannot send SIG{name}");
}

/// Shows the end of what the gallery said, for whoever reads the failed test.
#[expect(clippy::print_stderr, reason = "the test runner shows it beside the failure")]
fn eprint_tail(said: &str) {
    let lines: Vec<&str> = said.lines().collect();
    let tail = &lines[lines.len().saturating_sub(40)..];
    eprintln!("--- the gallery's last lines ---\n{}\n---", tail.join("\n"));
}

/// A port of the loopback that nobody listens on at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("a bound address").port()
}

impl Variant {
    /// `gallery-nosql` in a test program of the name `gallery_nosql`, which has the tests of
    /// `gallery`; else `gallery-sql`.
    pub fn tested() -> Self {
        let program = std::env::current_exe().expect("the path of this test");
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("gallery_nosql") { Self::NoSql } else { Self::Sql }
    }

    /// The store that needs no server.
    pub fn embedded_store(self) -> &'static str {
        match self {
            Self::Sql => "sqlite",
            Self::NoSql => "redb",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sql => "gallery-sql",
            Self::NoSql => "gallery-nosql",
        }
    }

    /// The binary: `GALLERY_SQL_BIN` or `GALLERY_NOSQL_BIN`, else the one beside this test in the
    /// target folder.
    fn binary(self) -> PathBuf {
        let name = self.name();
        let variable = match self {
            Self::Sql => "GALLERY_SQL_BIN",
            Self::NoSql => "GALLERY_NOSQL_BIN",
        };
        if let Some(path) = std::env::var_os(variable) {
            return path.into();
        }
        let test = std::env::current_exe().expect("the path of this test");
        let folder = test.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "deps"));
        folder.and_then(Path::parent).unwrap_or(Path::new(".")).join(name)
    }

    fn cannot_start(self, error: &std::io::Error) -> ! {
        let binary = self.binary();
        let name = binary.file_name().unwrap_or_default().display();
        let path = binary.display();
        panic!(
            "cannot start {path}: {error}; `cargo build -p {name}`, `cargo test --workspace` and \
                `cargo xtask test` build it"
        )
    }
}
