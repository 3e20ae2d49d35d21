//! Headers: who, to whom, when, what about, and nothing that a name or subject smuggles in.

use futures_util::future::join_all;
use gallery_core::mail::Message;

use super::kit::{DATE, deliver, mailbox as address, message, read};
use super::{SharedMailbox, SharedMailer};

pub async fn a_mail_arrives_with_its_headers(mailer: SharedMailer, mailbox: SharedMailbox) {
    let arrived = deliver(&mailer, &mailbox, &[message("019ac3f2")]).await;
    let mail = &arrived[0];
    mail.assert_not_injected();
    assert_eq!(mail.from, [("Gallery".to_owned(), "gallery@example.org".to_owned())]);
    assert_eq!(mail.to, [("Ann Lee".to_owned(), "ann@example.com".to_owned())]);
    assert_eq!(mail.subject, "Confirm your address for Gallery");
    assert_eq!(mail.date, DATE / 1000);
    assert_eq!(mail.message_id, "019ac3f2@photos.example.org");
    assert_eq!(mail.header("mime-version"), ["1.0"]);
    assert_eq!(mail.header("auto-submitted"), ["auto-generated"]);
    assert!(mail.reply_to.is_empty());
}

pub async fn an_answer_goes_to_the_reply_address(mailer: SharedMailer, mailbox: SharedMailbox) {
    let message = Message { reply_to: Some(address("Help, please", "help@example.net")), ..message("1") };
    let arrived = deliver(&mailer, &mailbox, &[message]).await;
    assert_eq!(arrived[0].reply_to, [("Help, please".to_owned(), "help@example.net".to_owned())]);
    assert_eq!(arrived[0].from, [("Gallery".to_owned(), "gallery@example.org".to_owned())]);
}

pub async fn names_arrive_as_they_are(mailer: SharedMailer, mailbox: SharedMailbox) {
    let names = [
        "Lee, Ann".to_owned(),
        "Ann \"The Eye\" Lee".to_owned(),
        "Ann \\ Lee".to_owned(),
        "Ann <eve@example.org>".to_owned(),
        "Ann (no comment); Lee: @x".to_owned(),
        "Jörg Müller".to_owned(),
        "安娜・李".to_owned(),
        "آنا لي".to_owned(),
        "Ann 🦀👩‍👩‍👧 Lee".to_owned(),
        "Ä".repeat(100),
        "Ann ".repeat(25).trim().to_owned(),
    ];
    let messages =
        numbered(names.iter().map(|name| Message { to: address(name, "ann@example.com"), ..message("") }));
    let arrived = deliver(&mailer, &mailbox, &messages).await;
    for (mail, name) in arrived.iter().zip(&names) {
        mail.assert_not_injected();
        assert_eq!(mail.to, [(name.clone(), "ann@example.com".to_owned())]);
    }
}

pub async fn names_inject_nothing(mailer: SharedMailer, mailbox: SharedMailbox) {
    let names = [
        "Ann\r\nBcc: eve@example.net",
        "Ann\nBcc: eve@example.net",
        "Ann\rBcc: eve@example.net",
        "Ann\r\n\r\nInjected body",
        "Ann\r\n X-Injected: 1",
        "\r\nX-Injected: 1",
        "Ann\0Lee",
        "Ann\u{85}Bcc: eve@example.net\u{2028}Bcc: eve@example.net",
        "Ann\" <eve@example.net>, \"Lee",
        "=?utf-8?Q?Ann=0D=0ABcc:_eve@example.net?=",
        " ",
        "",
    ];
    let messages = names.iter().map(|name| Message {
        to: address(name, "ann@example.com"),
        from: address(name, "gallery@example.org"),
        ..message("")
    });
    let messages = numbered(messages);
    for mail in deliver(&mailer, &mailbox, &messages).await {
        mail.assert_not_injected();
        assert_eq!(mail.to[0].1, "ann@example.com", "{:?}", mail.headers);
        assert_eq!(mail.from[0].1, "gallery@example.org", "{:?}", mail.headers);
        // A reader that decodes words in quotes sees no line breaks, either.
        assert!(!mail.to[0].0.contains(['\r', '\n', '\0']), "{:?}", mail.to);
        assert!(!mail.parts[0].1.contains("Injected"), "{:?}", mail.parts);
    }
}

pub async fn subjects_of_every_script_arrive(mailer: SharedMailer, mailbox: SharedMailbox) {
    let subjects = [
        "Plain".to_owned(),
        "Bestätige deine Adresse für „Galerie“".to_owned(),
        "アドレスを確認してください 📷".to_owned(),
        "Your password for ".to_owned() + &"a very long name of a gallery ".repeat(10) + "was changed",
        "ü".repeat(300),
    ];
    let messages = subjects.iter().map(|subject| Message { subject: subject.clone(), ..message("") });
    let messages = numbered(messages);
    for (mail, subject) in deliver(&mailer, &mailbox, &messages).await.iter().zip(&subjects) {
        mail.assert_not_injected();
        assert_eq!(mail.subject, *subject);
    }
}

pub async fn subjects_inject_nothing(mailer: SharedMailer, mailbox: SharedMailbox) {
    let subjects =
        ["A\r\nBcc: eve@example.net", "A\nX-Injected: 1", "A\r\n\r\nInjected body", "A\0B", "\r\n\r\n", ""];
    let messages = subjects.map(|subject| Message { subject: subject.to_owned(), ..message("") });
    let messages = numbered(messages);
    for mail in deliver(&mailer, &mailbox, &messages).await {
        mail.assert_not_injected();
        assert!(!mail.parts[0].1.contains("Injected"), "{:?}", mail.parts);
    }
}

pub async fn a_domain_travels_in_its_ascii_form(mailer: SharedMailer, mailbox: SharedMailbox) {
    let message = Message {
        from: address("Gallery", "Gallery@FOTOS.bücher.example"),
        to: address("Ann", "Ann.Lee+Photos@Bücher.Example"),
        reply_to: Some(address("", "help@例え.jp")),
        ..message("1")
    };
    let arrived = deliver(&mailer, &mailbox, &[message]).await;
    // The local part stays as typed: only its own mail system knows whether case matters.
    assert_eq!(arrived[0].to[0].1, "Ann.Lee+Photos@xn--bcher-kva.example");
    assert_eq!(arrived[0].from[0].1, "Gallery@fotos.xn--bcher-kva.example");
    assert_eq!(arrived[0].reply_to[0].1, "help@xn--r8jz45g.jp");
}

pub async fn a_mail_sent_again_is_the_same_mail(mailer: SharedMailer, mailbox: SharedMailbox) {
    for _ in 0..3 {
        mailer.send(&message("again")).await.expect("the mail is sent");
    }
    let arrived: Vec<_> = mailbox.arrived().await.iter().map(|raw| read(raw)).collect();
    assert!((1..=3).contains(&arrived.len()), "{} arrived", arrived.len());
    for mail in &arrived {
        assert_eq!((mail.message_id.as_str(), mail.date), ("again@photos.example.org", DATE / 1000));
        assert_eq!(
            (&mail.from, &mail.to, &mail.subject),
            (&arrived[0].from, &arrived[0].to, &arrived[0].subject)
        );
        assert_eq!(mail.parts, arrived[0].parts);
        // The boundary of the parts is in it.
        assert_eq!(mail.header("content-type"), arrived[0].header("content-type"));
    }
}

pub async fn every_mail_says_that_a_machine_wrote_it(mailer: SharedMailer, mailbox: SharedMailbox) {
    let without_link = Message { link: None, ..message("") };
    let answered = Message { reply_to: Some(address("Help", "help@example.net")), ..message("") };
    let messages = numbered([message(""), without_link, answered]);
    for mail in deliver(&mailer, &mailbox, &messages).await {
        // RFC 3834: what answers by itself does not answer these.
        assert_eq!(mail.header("auto-submitted"), ["auto-generated"]);
        assert_eq!(mail.header("mime-version"), ["1.0"]);
    }
}

pub async fn addresses_of_other_scripts_reach_their_mailbox(mailer: SharedMailer, mailbox: SharedMailbox) {
    let domains = [
        ("Bücher.Example", "xn--bcher-kva.example"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("MAIL.Example.COM", "mail.example.com"),
    ];
    let to = domains.map(|(typed, _)| address("Ann", &format!("Ann+x@{typed}")));
    let messages = numbered(to.map(|to| Message { to, ..message("") }));
    for (mail, (_, ascii)) in deliver(&mailer, &mailbox, &messages).await.iter().zip(domains) {
        mail.assert_not_injected();
        assert_eq!(mail.to, [("Ann".to_owned(), format!("Ann+x@{ascii}"))]);
        assert!(mail.header("to")[0].is_ascii(), "{:?}", mail.headers);
    }
}

pub async fn twenty_mails_at_once_all_arrive(mailer: SharedMailer, mailbox: SharedMailbox) {
    let sendings = numbered((0..20).map(|_| message(""))).into_iter().map(|message| {
        let mailer = SharedMailer::clone(&mailer);
        tokio::spawn(async move { mailer.send(&message).await })
    });
    for sent in join_all(sendings).await {
        sent.unwrap().expect("the mail is sent");
    }
    let mut ids: Vec<_> = mailbox.arrived().await.iter().map(|raw| read(raw).message_id).collect();
    ids.sort();
    let expected: Vec<_> = (0..20).map(|number| format!("{number:03}@photos.example.org")).collect();
    assert_eq!(ids, expected);
}

/// Gives every message its own identifier, in order.
fn numbered(messages: impl IntoIterator<Item = Message>) -> Vec<Message> {
    let numbers = (0..).map(|number| format!("{number:03}@photos.example.org"));
    messages.into_iter().zip(numbers).map(|(message, message_id)| Message { message_id, ..message }).collect()
}
