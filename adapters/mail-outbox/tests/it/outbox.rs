//! What only the outbox can show: files, their names and modes, unfinished ones, a lost folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use gallery_core::mail::{Mailbox, Message};
use gallery_core::ports::{MailError, Mailer};
use gallery_core::values::{Email, Timestamp};
use gallery_mail_outbox::OutboxMailer;

fn message(id: &str, millis: i64) -> Message {
    let mailbox = |address| Mailbox { name: "Ann".to_owned(), address: Email::parse(address).unwrap() };
    Message {
        message_id: format!("{id}@photos.example.org"),
        date: Timestamp::from_millis(millis),
        from: mailbox("gallery@example.org"),
        reply_to: None,
        to: mailbox("Jörg@bücher.example"),
        subject: "Subject".to_owned(),
        text: "Text\n".to_owned(),
        html: "<p>Text</p>\n".to_owned(),
        link: None,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn opened(folder: &Path) -> (OutboxMailer, PathBuf) {
    let outbox = folder.join("deep/outbox");
    (OutboxMailer::open(&outbox, false).unwrap(), outbox)
}

#[tokio::test]
async fn mails_are_private_files_whose_order_is_their_age() {
    let folder = tempfile::tempdir().unwrap();
    let (mailer, outbox) = opened(folder.path());
    for (id, millis) in [("b", 1_795_335_330_007), ("c", 999), ("a", 1_795_335_330_006)] {
        mailer.send(&message(id, millis)).await.unwrap();
    }
    let expected = ["000000000000999-c.eml", "001795335330006-a.eml", "001795335330007-b.eml"];
    assert_eq!(names(&outbox), expected);
    assert_eq!(fs::metadata(&outbox).unwrap().permissions().mode() & 0o7777, 0o700);
    let mode = fs::metadata(outbox.join(expected[0])).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
}

#[tokio::test]
async fn a_mail_sent_again_keeps_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let (mailer, outbox) = opened(folder.path());
    mailer.send(&message("a", 5)).await.unwrap();
    let first = fs::read(outbox.join("000000000000005-a.eml")).unwrap();
    mailer.send(&message("a", 5)).await.unwrap();
    assert_eq!(names(&outbox), ["000000000000005-a.eml"]);
    assert_eq!(fs::read(outbox.join("000000000000005-a.eml")).unwrap(), first);
}

#[tokio::test]
async fn opening_removes_unfinished_files_and_keeps_mails() {
    let folder = tempfile::tempdir().unwrap();
    let (mailer, outbox) = opened(folder.path());
    mailer.send(&message("a", 5)).await.unwrap();
    fs::write(outbox.join(".unfinished-x"), "Date:").unwrap();
    fs::write(outbox.join("notes"), "").unwrap();
    drop(OutboxMailer::open(&outbox, false).unwrap());
    assert_eq!(names(&outbox), ["000000000000005-a.eml", "notes"]);
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_is_for_later() {
    let folder = tempfile::tempdir().unwrap();
    let (mailer, outbox) = opened(folder.path());
    fs::remove_dir_all(&outbox).unwrap();
    let refused = mailer.send(&message("a", 5)).await;
    assert!(matches!(refused, Err(MailError::Later(_))), "{refused:?}");
    fs::create_dir(&outbox).unwrap();
    mailer.send(&message("a", 5)).await.unwrap();
}

#[test]
fn an_outbox_that_is_a_file_is_refused_by_name() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = OutboxMailer::open(file.path(), false).unwrap_err();
    assert!(error.to_string().contains(&file.path().display().to_string()));
}
