//! An SMTP server for one test, with a certificate of its own; it stops when dropped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use async_trait::async_trait;
use gallery_conformance::mail::Arrivals;
use gallery_core::mail::{Mailbox, Message};
use gallery_core::values::{Email, Timestamp};
use gallery_mail_smtp::{Security, SmtpOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

const SCRIPT: &str = include_str!("server.py");

/// The name in the server's certificate, besides its address.
pub const NAME: &str = "localhost";

/// What the server is to be like.
pub struct Settings {
    security: Security,
    settings: Value,
}

impl Settings {
    pub fn new(security: Security) -> Self {
        let name = match security {
            Security::Tls => "tls",
            Security::StartTls => "starttls",
            Security::None => "none",
        };
        Self { security, settings: json!({ "security": name, "rules": [] }) }
    }

    /// Mails only for who logs in like this.
    pub fn login(self, user: &str, password: &str) -> Self {
        self.set("user", user.into()).set("password", password.into())
    }

    /// Whether it transmits addresses beyond ASCII.
    pub fn smtputf8(self, offered: bool) -> Self {
        self.set("smtputf8", offered.into())
    }

    /// What is answered at a command (`MAIL`, `RCPT`, `DATA`, or `TAKEN` when the mail is kept
    /// already) of a mail from or to this address; `hang`, `drop` and `close` are not answers.
    pub fn rule(mut self, command: &str, address: &str, reply: &str) -> Self {
        let rules = self.settings["rules"].as_array_mut().unwrap();
        rules.push(json!({ "command": command, "address": address, "reply": reply }));
        self
    }

    /// The name in its certificate, in place of its own.
    pub fn certificate_for(self, name: &str) -> Self {
        self.set("name", name.into())
    }

    pub fn start(self) -> Server {
        Server::start(self)
    }

    fn set(mut self, name: &str, value: Value) -> Self {
        self.settings[name] = value;
        self
    }
}

/// A running server.
pub struct Server {
    process: Child,
    folder: TempDir,
    security: Security,
    port: u16,
}

impl Server {
    fn start(Settings { security, settings }: Settings) -> Self {
        let python = std::env::var("GALLERY_TEST_PYTHON");
        let python = python.expect(
            "this test needs a Python with aiosmtpd: run `cargo xtask test`, or `cargo xtask engines up`",
        );
        let folder = tempfile::tempdir().unwrap();
        let mails = folder.path().join("mails");
        fs::create_dir(&mails).unwrap();
        let settings = Settings { security, settings }.set("folder", mails.to_str().into());
        let settings = if security == Security::None { settings } else { certified(settings, &folder) };
        let mut process = Command::new(python)
            .args(["-c", SCRIPT, &settings.settings.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("GALLERY_TEST_PYTHON names a Python");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the server says its port");
        Self { process, folder, security, port }
    }

    /// How to reach it.
    pub fn options(&self) -> SmtpOptions {
        let ca_file = (self.security != Security::None).then(|| self.ca_file());
        SmtpOptions { port: self.port, ca_file, ..SmtpOptions::new("127.0.0.1", self.security) }
    }

    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// What it knows of every mail that it took, besides the mail.
    pub fn envelopes(&self) -> Vec<Value> {
        self.kept("json").iter().map(|bytes| serde_json::from_slice(bytes).unwrap()).collect()
    }

    /// Where suites find the mails.
    pub fn mailbox(&self) -> Mailbag {
        Mailbag(self.folder.path().join("mails"))
    }

    fn kept(&self, ending: &str) -> Vec<Vec<u8>> {
        self.mailbox().kept(ending)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The mails that a server took.
pub struct Mailbag(PathBuf);

impl Mailbag {
    fn kept(&self, ending: &str) -> Vec<Vec<u8>> {
        let entries = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> =
            entries.filter(|path| path.extension().is_some_and(|known| known == ending)).collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).unwrap()).collect()
    }
}

#[async_trait]
impl Arrivals for Mailbag {
    async fn arrived(&self) -> Vec<Vec<u8>> {
        self.kept("eml")
    }
}

fn certified(settings: Settings, folder: &TempDir) -> Settings {
    let other = settings.settings["name"].as_str().map(|name| vec![name.to_owned()]);
    let names = other.unwrap_or_else(|| vec![NAME.to_owned(), "127.0.0.1".to_owned()]);
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    settings.set("certificate", certificate.to_str().into()).set("key", key.to_str().into())
}

/// A mail to this address.
pub fn message(to: &str) -> Message {
    let mailbox = |address| Mailbox { name: String::new(), address: Email::parse(address).unwrap() };
    Message {
        message_id: "1@photos.example.org".to_owned(),
        date: Timestamp::from_millis(1_795_335_330_007),
        from: mailbox("gallery@example.org"),
        reply_to: None,
        to: mailbox(to),
        subject: "Subject".to_owned(),
        text: "Text\n".to_owned(),
        html: "<p>Text</p>\n".to_owned(),
        link: None,
    }
}
