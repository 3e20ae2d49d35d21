//! Bodies: a text and an HTML part that arrive as they were written.

use std::time::Duration;

use gallery_core::mail::{MailSettings, Message};
use gallery_core::model::{Content, OutgoingMail, Tally};
use gallery_core::texts::Language;
use gallery_core::token::Signer;
use gallery_core::values::{Email, JobId, PersonName, SecretKey, Timestamp, UserId};

use super::kit::{DATE, LINK, deliver, mailbox as address, message};
use super::{SharedMailbox, SharedMailer};

/// The longest line that mail allows, without its end (RFC 5322 §2.1.1).
const LONGEST_LINE: usize = 998;

pub async fn both_parts_arrive_with_the_link(mailer: SharedMailer, mailbox: SharedMailbox) {
    let arrived = deliver(&mailer, &mailbox, &[message("1")]).await;
    assert_eq!(arrived[0].media_type, "multipart/alternative");
    // The richest part last (RFC 2046 §5.1.4).
    let kinds: Vec<_> = arrived[0].parts.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["text/plain", "text/html"]);
    for (kind, content) in &arrived[0].parts {
        assert!(content.contains(LINK), "{kind}: {content}");
    }
    assert!(arrived[0].parts[1].1.contains(&format!("href=\"{LINK}\"")));
}

pub async fn texts_of_every_kind_arrive_unchanged(mailer: SharedMailer, mailbox: SharedMailbox) {
    let texts = [
        "Plain text.\n".to_owned(),
        "Grüße, 你好, 🦀\n".to_owned(),
        // What mail treats specially: trailing blanks, dots and `From` at a line's beginning,
        // boundaries, `=`.
        "-- \nblank at the end \n\ttab\t\n.\n..\n.dot\nFrom me\n>From\n--\n--boundary\n--=_gallery_1--\n=3D=\n".to_owned(),
        "no line break at the end".to_owned(),
        format!("{}\n{}\n", "x".repeat(5000), "ü ".repeat(3000)),
        "\n\n\nblank lines\n\n\n".to_owned(),
    ];
    let messages: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| Message {
            text: text.clone(),
            html: format!("<pre>{text}</pre>"),
            ..message(&format!("{n}"))
        })
        .collect();
    for (mail, text) in deliver(&mailer, &mailbox, &messages).await.iter().zip(&texts) {
        mail.assert_not_injected();
        assert_eq!(mail.parts[0].1.trim_end_matches('\n'), text.trim_end_matches('\n'));
        assert_eq!(mail.parts[1].1.trim_end_matches('\n'), format!("<pre>{text}</pre>"));
    }
}

pub async fn no_line_is_longer_than_mail_allows(mailer: SharedMailer, mailbox: SharedMailbox) {
    let long = "long".repeat(2000);
    let message = Message {
        from: address(&"Gallery ".repeat(50), "gallery@example.org"),
        to: address(&long, "ann@example.com"),
        subject: long.clone(),
        text: long.clone(),
        html: format!("<p>{long}</p>"),
        ..message("1")
    };
    let arrived = deliver(&mailer, &mailbox, &[message]).await;
    for line in arrived[0].raw.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        assert!(line.len() <= LONGEST_LINE, "{} bytes: {}", line.len(), String::from_utf8_lossy(&line[..80]));
    }
    assert_eq!(arrived[0].subject, long);
    assert_eq!(arrived[0].parts[0].1.trim_end(), long);
}

pub async fn every_mail_of_the_gallery_arrives(mailer: SharedMailer, mailbox: SharedMailbox) {
    let at = Timestamp::from_millis(DATE);
    let removed = Tally { albums: 2, photos: 3, objects: 12, bytes: 4_096 };
    let contents = [
        Content::ConfirmAddress,
        Content::AlreadyRegistered,
        Content::ResetPassword { password: "fingerprint".to_owned() },
        Content::PasswordChanged,
        Content::AccountCancelled { cancelled_at: at.minus(Duration::from_mins(1)), removed },
    ];
    let messages: Vec<_> = (0..).zip(contents).map(|(number, content)| written(number, content)).collect();
    for (mail, message) in deliver(&mailer, &mailbox, &messages).await.iter().zip(&messages) {
        mail.assert_not_injected();
        assert_eq!(mail.message_id, message.message_id);
        assert_eq!(mail.subject, message.subject);
        assert_eq!(mail.to, [("Jörg „Photo“ Lee".to_owned(), "joerg@example.com".to_owned())]);
        assert_eq!(mail.parts[0].1.trim_end(), message.text.trim_end());
        assert_eq!(mail.parts[1].1.trim_end(), message.html.trim_end());
    }
}

/// A mail as the gallery writes it.
fn written(number: u8, content: Content) -> Message {
    let at = Timestamp::from_millis(DATE);
    let mail_settings = MailSettings {
        site_name: "Galerie Müller".to_owned(),
        base_url: "https://photos.example.org".to_owned(),
        from: address("Galerie Müller", "gallery@example.org"),
        reply_to: None,
    };
    let mail = OutgoingMail {
        user: Some(UserId::new(at, &[1; 10])),
        to: Email::parse("joerg@example.com").unwrap(),
        name: PersonName::parse("Jörg „Photo“ Lee").unwrap(),
        language: Language::English,
        issued_at: at,
        content,
    };
    let signer = Signer::new(SecretKey::new("0123456789abcdef0123456789abcdef").unwrap());
    mail_settings.write(JobId::new(at, &[number; 10]), &mail, &signer).unwrap()
}
