//! Bytes that the conformance suite cannot ask for: addresses that not every mail system takes,
//! hostile identifiers, and that the same message gives the same bytes.

use gallery_core::mail::{Mailbox, Message};
use gallery_core::values::{Email, Timestamp};
use gallery_mime::{envelope_address, rfc5322};
use mail_parser::MessageParser;

fn message(id: &str) -> Message {
    let mailbox = |address| Mailbox { name: "Ann".to_owned(), address: Email::parse(address).unwrap() };
    Message {
        message_id: format!("{id}@photos.example.org"),
        date: Timestamp::from_millis(5),
        from: mailbox("gallery@example.org"),
        reply_to: None,
        to: mailbox("Jörg@bücher.example"),
        subject: "Subject".to_owned(),
        text: "Text\n".to_owned(),
        html: "<p>Text</p>\n".to_owned(),
        link: None,
    }
}

#[test]
fn the_same_message_gives_the_same_bytes() {
    let bytes = rfc5322(&message("a"));
    assert_eq!(bytes, rfc5322(&message("a")));
    assert_ne!(bytes, rfc5322(&message("b")));
    assert!(bytes.ends_with(b"\r\n"));
    let bare = bytes.windows(2).filter(|pair| pair[1] == b'\n' && pair[0] != b'\r').count();
    assert_eq!(bare, 0, "every line ends in CRLF");
}

#[test]
fn an_envelope_has_the_domain_in_ascii_and_the_local_part_as_typed() {
    let address = |text| envelope_address(&Email::parse(text).unwrap());
    assert_eq!(address("Ann.Lee+X@Bücher.Example."), "Ann.Lee+X@xn--bcher-kva.example");
    assert_eq!(address("Jörg@bücher.example"), "Jörg@xn--bcher-kva.example");
}

#[test]
fn a_local_part_beyond_ascii_is_written_in_utf8() {
    let bytes = rfc5322(&message("a"));
    let mail = MessageParser::default().parse(&bytes).unwrap();
    let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address());
    assert_eq!(to, Some("Jörg@xn--bcher-kva.example"));
    assert!(String::from_utf8(bytes).unwrap().contains("\r\nTo: \"Ann\" <Jörg@xn--bcher-kva.example>\r\n"));
}

#[test]
fn a_hostile_identifier_ends_no_header() {
    for id in ["a>\r\nBcc: eve@example.net\r\nX: <", "a b", "ä<>", ""] {
        let message = Message { message_id: id.to_owned(), ..message("") };
        let bytes = rfc5322(&message);
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(mail.bcc().is_none());
        assert_eq!(mail.parts.iter().filter(|part| !part.is_multipart()).count(), 2, "{id:?}");
    }
}
