//! A real haproxy in front of several galleries, as a deployment has a load balancer: each request
//! goes to the next one that is ready.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::Server;

/// The header field in which an answer says which instance gave it.
pub const SERVED_BY: &str = "x-served-by";

/// How it is set up. It listens on its standard input, which is a socket of ours: so its port is
/// known, and taken, before there is anything behind it.
const CONFIGURATION: &str = "\
global
    maxconn 1000

defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout check 10s
    option forwardfor
    option redispatch
    retries 3

frontend public
    bind fd@0
    default_backend galleries

backend galleries
    balance roundrobin
    option httpchk GET /readyz
    http-response set-header x-served-by %s
    default-server check inter 100ms fall 1 rise 1
";

/// A port that is taken for haproxy, which does not run yet. Connections to it wait.
pub struct Address(TcpListener);

/// A running haproxy; killed when dropped.
pub struct Haproxy {
    child: Child,
    folder: TempDir,
    port: u16,
}

impl Address {
    /// A free port of the loopback.
    pub fn take() -> Self {
        Self(TcpListener::bind(("127.0.0.1", 0)).expect("a free port"))
    }

    /// Its number.
    pub fn port(&self) -> u16 {
        self.0.local_addr().expect("a bound address").port()
    }

    /// Starts haproxy here, before these galleries, which it calls `a`, `b`, … in their order.
    pub fn start(self, galleries: &[&Server]) -> Haproxy {
        let port = self.port();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut configuration = CONFIGURATION.to_owned();
        for (name, gallery) in ('a'..='z').zip(galleries) {
            writeln!(configuration, "    server {name} 127.0.0.1:{}", gallery.port()).expect("text");
        }
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, configuration).expect("a file");
        let log = fs::File::create(folder.path().join("log")).expect("a file");
        let mut command = Command::new(program());
        command.arg("-db").arg("-f").arg(&file).stdin(Stdio::from(OwnedFd::from(self.0)));
        command.stdout(log.try_clone().expect("a file")).stderr(log);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("cannot start haproxy: {error}; `cargo xtask engines up` installs it")
        });
        Haproxy { child, folder, port }
    }
}

impl Haproxy {
    /// `http://127.0.0.1:port`.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it said so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join("log")).unwrap_or_default()).into_owned()
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Servers are in `sbin`, which is not on everybody's path.
fn program() -> &'static Path {
    let installed = Path::new("/usr/sbin/haproxy");
    if installed.exists() { installed } else { Path::new("haproxy") }
}
