//! The port `Mailer` as a folder of files. Must not know what a mail looks like inside
//! (`gallery-mime`). Tests: `tests/it/outbox.rs` and the conformance suite for mail.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use gallery_core::mail::Message;
use gallery_core::ports::{MailError, Mailer};
use gallery_mime::rfc5322;
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

/// What the names of unfinished files begin with.
const UNFINISHED: &str = ".unfinished-";

/// A folder that cannot be used as outbox.
#[derive(Debug, thiserror::Error)]
#[error("the outbox {} cannot be used", .folder.display())]
pub struct OpenError {
    /// The folder.
    pub folder: PathBuf,
    /// Why it cannot be used.
    pub source: io::Error,
}

/// Writes mails to files (mode 0600) in a folder, each durably and wholly or not at all.
///
/// A mail sent again replaces its file, whose name is made of date and Message-ID.
#[derive(Debug, Clone)]
pub struct OutboxMailer {
    folder: PathBuf,
    echo_links: bool,
}

impl OutboxMailer {
    /// Opens a folder, making it (mode 0700) when it is absent, and tries it. Removes files that a
    /// crash left unfinished; their mails are sent again. Blocks.
    ///
    /// With `echo_links`, the link of every mail is printed to standard output with its recipient,
    /// for whoever tries the gallery without a mail program. It never goes to the log.
    pub fn open(folder: &Path, echo_links: bool) -> Result<Self, OpenError> {
        prepare(folder).map_err(|source| OpenError { folder: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), echo_links })
    }

    /// The folder with the mails.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[async_trait]
impl Mailer for OutboxMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let (folder, name, bytes) = (self.folder.clone(), file_name(message), rfc5322(message));
        let echo = if self.echo_links { echo(message) } else { None };
        let deliver = move || {
            write(&folder, &name, &bytes)?;
            if let Some(line) = echo {
                // The mail is in the outbox, whether or not anybody can read this.
                let _ = writeln!(io::stdout().lock(), "{line}");
            }
            Ok(())
        };
        let delivered = spawn_blocking(deliver).await.map_err(io::Error::other).flatten();
        delivered.map_err(|error: io::Error| MailError::Later(error.into()))
    }
}

fn prepare(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    unfinished(folder)?.close()
}

fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)
}

/// Readers see the file when it is complete; when this returns, it survives a loss of power.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = unfinished(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist(folder.join(name))?;
    File::open(folder)?.sync_all()
}

/// Milliseconds in fifteen digits, which is enough until the year 9999, and the Message-ID's local
/// part.
fn file_name(message: &Message) -> String {
    let local = message.message_id.split('@').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let local: String = local.chars().take(100).map(safe).collect();
    format!("{:015}-{local}.eml", message.date.millis().max(0))
}

/// What is printed of a mail with a link.
fn echo(message: &Message) -> Option<String> {
    let link = message.link.as_ref()?;
    Some(format!("Mail to {}: {link}", message.to.address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gallery_core::mail::Mailbox;
    use gallery_core::values::{Email, Timestamp};

    fn message(id: &str, millis: i64, link: Option<&str>) -> Message {
        let mailbox = |address| Mailbox { name: String::new(), address: Email::parse(address).unwrap() };
        Message {
            message_id: id.to_owned(),
            date: Timestamp::from_millis(millis),
            from: mailbox("gallery@example.org"),
            reply_to: None,
            to: mailbox("Ann@example.org"),
            subject: "Subject".to_owned(),
            text: "Text".to_owned(),
            html: "<p>Text</p>".to_owned(),
            link: link.map(str::to_owned),
        }
    }

    #[test]
    fn names_are_in_the_order_of_dates() {
        let dates = [-5, 0, 9, 10, 1_795_335_330_007, 9_999_999_999_999, 10_000_000_000_000, i64::MAX];
        let names: Vec<_> = dates.map(|date| file_name(&message("a@example.org", date, None))).into();
        assert!(names.is_sorted(), "{names:?}");
        assert_eq!(names[4], "001795335330007-a.eml");
    }

    #[test]
    fn no_identifier_leads_out_of_the_folder() {
        for id in ["../../etc/passwd", "a/b@x", "", ".", "a\0b", "ä\u{202e}", &"x".repeat(5000)] {
            let name = file_name(&message(id, 0, None));
            assert!(name.len() < 200, "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{name}");
            assert_eq!(name.matches('.').count(), 1, "{name}");
        }
    }

    #[test]
    fn a_link_is_echoed_with_its_recipient() {
        let line = echo(&message("a@x", 0, Some("https://photos.example.org/confirm/t")));
        assert_eq!(line.as_deref(), Some("Mail to Ann@example.org: https://photos.example.org/confirm/t"));
        assert_eq!(echo(&message("a@x", 0, None)), None);
    }
}
