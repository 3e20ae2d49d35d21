//! A [`Message`] as the text that mail systems exchange: RFC 5322 with MIME. Must not know where it
//! goes. Tests: `tests/it/eml.rs`, and the conformance suite for mail.

use gallery_core::mail::{Mailbox, Message};
use gallery_core::values::Email;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

/// The mail as bytes: the same message gives the same bytes.
///
/// Domains are in their ASCII form (IDNA); a local part beyond ASCII is written as it is, in UTF-8
/// (RFC 6532). Control characters in names and in the subject, line breaks above all, become
/// spaces, and encoded words (RFC 2047) that somebody typed are broken up.
pub fn rfc5322(message: &Message) -> Vec<u8> {
    let parts = vec![
        MimePart::new("text/plain", message.text.as_str()),
        MimePart::new("text/html", message.html.as_str()),
    ];
    let alternative = ContentType::new("multipart/alternative").attribute("boundary", boundary(message));
    let mut mail = MessageBuilder::new()
        .date(Date::new(message.date.seconds()))
        .message_id(message_id(&message.message_id))
        .from(address(&message.from))
        .to(address(&message.to))
        .subject(one_line(&message.subject))
        // RFC 3834: nobody's holiday notice shall answer.
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .body(MimePart::new(alternative, parts));
    if let Some(reply_to) = &message.reply_to {
        mail = mail.reply_to(address(reply_to));
    }
    let mut bytes = Vec::new();
    mail.serialize(&mut bytes);
    bytes
}

fn address(mailbox: &Mailbox) -> Address<'static> {
    let name = one_line(&mailbox.name);
    Address::new_address((!name.is_empty()).then_some(name), envelope_address(&mailbox.address))
}

/// An address as headers and envelopes carry it: the domain in its ASCII form (IDNA), the local
/// part as typed, because only its own mail system may say that case does not matter there. A local
/// part beyond ASCII stays so.
pub fn envelope_address(email: &Email) -> String {
    let local = email.typed().rsplit_once('@').map_or("", |(local, _)| local);
    let domain = email.key().as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
    format!("{local}@{domain}")
}

/// A text that may stand in a header. What looks like an encoded word (RFC 2047) would be decoded
/// by many readers, even in quotes, and show what nobody checked: it is broken up.
fn one_line(text: &str) -> String {
    let words = text.split(char::is_control).map(str::trim).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").replace("=?", "= ?")
}

/// The identifier without what would end it or the header early.
fn message_id(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() && !"<>".contains(*c)).collect()
}

/// Made of the identifier, so that a mail sent again is the same, and unknown to whoever wrote a
/// text in it.
fn boundary(message: &Message) -> String {
    let id: String = message.message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    // `=_` cannot stand in quoted-printable (RFC 2045 §6.7).
    format!("=_gallery_{id}")
}
