//! A MariaDB of the test's own, which can be killed, started again and told to encrypt.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

/// How long a server may take until it answers.
const START_TIMEOUT: Duration = Duration::from_mins(1);

pub struct Server {
    folder: TempDir,
    port: u16,
    arguments: Vec<String>,
    process: Option<Child>,
}

impl Server {
    /// Makes and starts one with these arguments, in which `{folder}` stands for a folder that
    /// `prepare` may fill.
    pub async fn start(arguments: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let data = folder.path().join("data");
        let installed =
            in_this_place(Command::new(program("mariadb-install-db")).arg("--no-defaults"), folder.path())
                .arg(format!("--datadir={}", data.display()))
                .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
                .output()
                .unwrap();
        let said = String::from_utf8_lossy(&installed.stderr);
        assert!(installed.status.success(), "mariadb-install-db failed: {said}");
        let here = folder.path().display().to_string();
        let arguments = arguments.iter().map(|argument| argument.replace("{folder}", &here)).collect();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { folder, port, arguments, process: None };
        server.start_again().await;
        server
    }

    /// Starts it on the same data and port.
    pub async fn start_again(&mut self) {
        let folder = self.folder.path();
        let process = in_this_place(Command::new(program("mariadbd")).arg("--no-defaults"), folder)
            .arg(format!("--datadir={}", folder.join("data").display()))
            .arg(format!("--socket={}", folder.join("socket").display()))
            .arg(format!("--port={}", self.port))
            .args(["--bind-address=127.0.0.1", "--skip-log-bin", "--innodb-buffer-pool-size=16M"])
            .args(&self.arguments)
            .stderr(File::create(folder.join("log")).unwrap())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let began = Instant::now();
        let options: MySqlConnectOptions = self.url().parse().unwrap();
        while let Err(error) =
            options.clone().disable_statement_logging().connect().await.map(Connection::close)
        {
            if began.elapsed() > START_TIMEOUT {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
                panic!("the server did not answer: {error}\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Its URL, as root, without a database.
    pub fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder that `prepare` filled.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Debian keeps servers where an ordinary user's search path does not lead.
fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file()).unwrap_or_else(|| {
        panic!("{name} is not installed: run `cargo xtask engines up`, or `cargo xtask test`, which does it by itself")
    })
}

/// MariaDB refuses to run as root unless it is told to. And it starts with removing what it takes
/// for its own temporary files, which are another server's when they share a folder.
fn in_this_place<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    let temporary = folder.join("tmp");
    fs::create_dir_all(&temporary).unwrap();
    command.env("TMPDIR", temporary);
    if fs::metadata(folder).unwrap().uid() == 0 { command.arg("--user=root") } else { command }
}
