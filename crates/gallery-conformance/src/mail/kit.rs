//! What the scenarios for mail have in common: messages to send, and a short way to read what
//! arrived.

use gallery_core::mail::{Mailbox, Message};
use gallery_core::ports::Mailer;
use gallery_core::values::{Email, Timestamp};
use mail_parser::{Address, MessageParser, MimeHeaders};

use super::{Arrivals, SharedMailbox, SharedMailer};

/// The link in the messages made here; as long as a real one.
pub(super) const LINK: &str = "https://photos.example.org/confirm/IjAxOWFjM2YyLTEyMzQtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCI.\
    awEj7Q.mZ0Xo1q4J0Vb3m2k5s8W9yTgUuE6r7L_hNfPqDcAxYk";

/// 22 November 2026, 08:15:30.007 UTC.
pub(super) const DATE: i64 = 1_795_335_330_007;

/// An address with a name.
pub(super) fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox { name: name.to_owned(), address: Email::parse(address).unwrap() }
}

/// A message like those the gallery sends.
pub(super) fn message(id: &str) -> Message {
    Message {
        message_id: format!("{id}@photos.example.org"),
        date: Timestamp::from_millis(DATE),
        from: mailbox("Gallery", "gallery@example.org"),
        reply_to: None,
        to: mailbox("Ann Lee", "ann@example.com"),
        subject: "Confirm your address for Gallery".to_owned(),
        text: format!("Hello Ann Lee,\n\nConfirm that this address is yours:\n\n{LINK}\n\n-- \nGallery\n"),
        html: format!("<!doctype html>\n<p>Hello Ann Lee,</p>\n<p><a href=\"{LINK}\">Confirm</a></p>\n"),
        link: Some(LINK.to_owned()),
    }
}

/// A mail that arrived, read.
#[derive(Debug)]
pub(super) struct Arrived {
    /// As transmitted.
    pub raw: Vec<u8>,
    /// Every header's name in lower case, with its value as transmitted.
    pub headers: Vec<(String, String)>,
    /// Name and address of every sender.
    pub from: Vec<(String, String)>,
    /// Name and address of every recipient.
    pub to: Vec<(String, String)>,
    /// Name and address of every one who gets the answers.
    pub reply_to: Vec<(String, String)>,
    /// The subject.
    pub subject: String,
    /// Seconds since 1970.
    pub date: i64,
    /// The Message-ID without brackets.
    pub message_id: String,
    /// Media type and content of every part that is not itself made of parts.
    pub parts: Vec<(String, String)>,
    /// Media type of the whole.
    pub media_type: String,
}

impl Arrived {
    /// The values of a header, as transmitted.
    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.trim()).collect()
    }

    /// Asserts that nothing was added to who sends the mail and who gets it.
    pub(super) fn assert_not_injected(&self) {
        for name in ["from", "to", "subject", "date", "message-id", "mime-version", "content-type"] {
            assert_eq!(self.header(name).len(), 1, "{name} in {:?}", self.headers);
        }
        for name in ["cc", "bcc", "sender", "x-injected"] {
            assert!(self.header(name).is_empty(), "{name} in {:?}", self.headers);
        }
        assert_eq!((self.from.len(), self.to.len()), (1, 1), "{:?}", self.headers);
        assert_eq!(self.parts.len(), 2, "{:?}", self.parts);
    }
}

/// Reads a mail.
pub(super) fn read(raw: &[u8]) -> Arrived {
    let mail = MessageParser::default().parse(raw).expect("it is a mail");
    let media_type = |kind: Option<&mail_parser::ContentType<'_>>| {
        kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
            .unwrap_or_default()
    };
    let leaves = mail.parts.iter().filter(|part| !part.is_multipart());
    let content = |text: Option<&str>| text.unwrap_or_default().replace("\r\n", "\n");
    Arrived {
        raw: raw.to_vec(),
        headers: mail.headers_raw().map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        from: addresses(mail.from()),
        to: addresses(mail.to()),
        reply_to: addresses(mail.reply_to()),
        subject: mail.subject().unwrap_or_default().to_owned(),
        date: mail.date().expect("it has a date").to_timestamp(),
        message_id: mail.message_id().unwrap_or_default().to_owned(),
        parts: leaves.map(|part| (media_type(part.content_type()), content(part.text_contents()))).collect(),
        media_type: media_type(mail.content_type()),
    }
}

fn addresses(header: Option<&Address<'_>>) -> Vec<(String, String)> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let all = header.into_iter().flat_map(Address::iter);
    all.map(|one| (text(one.name()), text(one.address()))).collect()
}

/// Sends messages one after the other and reads what arrived.
pub(super) async fn deliver(
    mailer: &SharedMailer,
    mailbox: &SharedMailbox,
    messages: &[Message],
) -> Vec<Arrived> {
    for message in messages {
        Mailer::send(&**mailer, message).await.expect("the mail is sent");
    }
    let arrived = Arrivals::arrived(&**mailbox).await;
    assert_eq!(arrived.len(), messages.len(), "as many mails arrive as were sent");
    arrived.iter().map(|raw| read(raw)).collect()
}
