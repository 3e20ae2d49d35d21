//! The outbox folder: one `.eml` file (RFC 5322) per mail, the oldest name first.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;

use crate::TIMEOUT;

/// The folder.
pub struct Outbox {
    folder: PathBuf,
}

/// A mail, decoded.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Name of its file.
    pub file_name: String,
    /// The address in `To`.
    pub to: String,
    /// The `Subject`.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The file as it stands.
    pub raw: String,
}

impl Outbox {
    /// The outbox in this folder, which may not exist yet.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Every mail, the oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let files = entries.map(|entry| entry.expect("the outbox can be read").path());
        let mut files: Vec<PathBuf> =
            files.filter(|file| file.extension().is_some_and(|e| e == "eml")).collect();
        files.sort();
        files.iter().map(|file| Mail::read(file)).collect()
    }

    /// Every mail to this address, the oldest first.
    pub fn to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to == address).collect()
    }

    /// Waits for the `number`-th mail to this address (1 is the first), and returns it.
    pub async fn nth_to(&self, address: &str, number: usize) -> Mail {
        let what = format!("mail number {number} to {address}");
        self.wait(&what, || self.to(address).into_iter().nth(number - 1)).await
    }

    /// Waits for a mail to this address whose subject holds these words; the latest one.
    pub async fn latest_to(&self, address: &str, words: &str) -> Mail {
        let what = format!("a mail to {address} about {words:?}");
        let fits = |mail: &Mail| mail.subject.contains(words);
        self.wait(&what, || self.to(address).into_iter().rfind(fits)).await
    }

    async fn wait(&self, what: &str, pick: impl Fn() -> Option<Mail>) -> Mail {
        let started = Instant::now();
        loop {
            if let Some(mail) = pick() {
                return mail;
            }
            let there = || self.mails().into_iter().map(|mail| format!("{}: {}", mail.to, mail.subject));
            let waited = started.elapsed();
            assert!(waited < TIMEOUT, "no {what}; there are {:?}", there().collect::<Vec<_>>());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Mail {
    fn read(file: &Path) -> Self {
        let raw = fs::read(file).expect("a mail can be read");
        let message = MessageParser::default().parse(&raw).expect("an RFC 5322 message");
        let to = message.to().and_then(|to| to.first()).and_then(|to| to.address());
        Self {
            file_name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            to: to.unwrap_or_default().to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            raw: String::from_utf8_lossy(&raw).into_owned(),
        }
    }

    /// The first address in the text whose path begins like this.
    #[track_caller]
    pub fn link(&self, path: &str) -> String {
        let words = self.text.split_whitespace();
        let mut links = words.filter(|word| word.starts_with("http://") || word.starts_with("https://"));
        let found = links
            .find(|link| link.splitn(4, '/').nth(3).is_some_and(|rest| format!("/{rest}").starts_with(path)));
        found.unwrap_or_else(|| panic!("no link to {path} in {}", self.text)).to_owned()
    }

    /// The token of the confirmation or reset link: the last part of its path.
    #[track_caller]
    pub fn token(&self, path: &str) -> String {
        let link = self.link(path);
        link.rsplit('/').next().unwrap_or_default().to_owned()
    }
}
