//! A real SMTP server (aiosmtpd) that keeps what it gets as `.eml` files, so that an [`Outbox`]
//! reads them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::server::free_port;
use crate::{Launch, Outbox, python};

/// Takes a port and a folder; ends when its standard input does.
const SERVER: &str = "
import pathlib, sys
from aiosmtpd.controller import Controller

class Keep:
    count = 0

    async def handle_DATA(self, server, session, envelope):
        Keep.count += 1
        file = pathlib.Path(sys.argv[2]) / f'{Keep.count:06}'
        file.with_suffix('.partial').write_bytes(envelope.original_content)
        file.with_suffix('.partial').rename(file.with_suffix('.eml'))
        return '250 OK'

Controller(Keep(), hostname='127.0.0.1', port=int(sys.argv[1])).start()
print('ready', flush=True)
sys.stdin.read()
";

/// A running server; killed when dropped.
pub struct SmtpServer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl SmtpServer {
    /// Starts one on a free port of the loopback, and waits until it listens.
    pub fn start() -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().expect("a temporary folder"));
        let mut command = Command::new(python::interpreter());
        command.args(["-c", SERVER, &port.to_string()]).arg(folder.path());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run Python: {error}; `cargo xtask test` installs it"));
        let mut said = String::new();
        let output = child.stdout.as_mut().expect("the output is piped");
        BufReader::new(output).read_line(&mut said).expect("the server's output can be read");
        assert_eq!(said.trim(), "ready", "the SMTP server did not start");
        Self { child, port, folder }
    }

    /// A gallery that sends its mails through it.
    #[must_use]
    pub fn used_by(&self, launch: Launch) -> Launch {
        launch
            .setting("GALLERY__MAIL__TRANSPORT", "smtp")
            .setting("GALLERY__MAIL__FROM", "gallery@example.org")
            .setting("GALLERY__SMTP__HOST", "127.0.0.1")
            .setting("GALLERY__SMTP__PORT", &self.port.to_string())
            .setting("GALLERY__SMTP__SECURITY", "none")
    }

    /// The mails that it got.
    pub fn inbox(&self) -> Outbox {
        Outbox::at(self.folder.path())
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
