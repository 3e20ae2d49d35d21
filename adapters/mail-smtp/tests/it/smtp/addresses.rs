//! Addresses beyond ASCII: a domain has another form, a local part needs a server that can transmit
//! it.

use gallery_core::mail::{Mailbox, Message};
use gallery_core::ports::{MailError, Mailer};
use gallery_core::values::Email;
use gallery_mail_smtp::{Security, SmtpMailer};

use super::server::{Settings, message};

#[tokio::test]
async fn a_domain_goes_through_every_server() {
    let server = Settings::new(Security::None).smtputf8(false).start();
    let mailer = SmtpMailer::open(server.options()).unwrap();
    mailer.send(&message("Ann.Lee@Bücher.Example")).await.unwrap();
    let envelope = &server.envelopes()[0];
    assert_eq!(envelope["to"], serde_json::json!(["Ann.Lee@xn--bcher-kva.example"]));
    assert_eq!(envelope["options"], serde_json::json!([]));
}

#[tokio::test]
async fn a_local_part_goes_through_a_server_that_can_transmit_it() {
    let server = Settings::new(Security::None).start();
    let mailer = SmtpMailer::open(server.options()).unwrap();
    mailer.send(&message("Jörg@Bücher.Example")).await.unwrap();
    let envelope = &server.envelopes()[0];
    assert_eq!(envelope["to"], serde_json::json!(["Jörg@xn--bcher-kva.example"]));
    assert_eq!(envelope["options"], serde_json::json!(["SMTPUTF8", "BODY=8BITMIME"]));
}

#[tokio::test]
async fn a_local_part_that_the_server_cannot_transmit_is_given_up() {
    let server = Settings::new(Security::None).smtputf8(false).start();
    let mailer = SmtpMailer::open(server.options()).unwrap();
    let Err(MailError::Never(reason)) = mailer.send(&message("Jörg@example.com")).await else {
        panic!("the mail is to be given up");
    };
    assert!(reason.to_string().contains("SMTPUTF8"), "{reason}");
    assert!(!reason.to_string().contains("rg@"), "{reason}");
    // The connection is good for the next mail.
    mailer.send(&message("ann@example.com")).await.unwrap();
    assert_eq!(server.envelopes().len(), 1);
}

#[tokio::test]
async fn an_own_address_that_the_server_cannot_transmit_is_the_operators_matter() {
    let server = Settings::new(Security::None).smtputf8(false).start();
    let mailer = SmtpMailer::open(server.options()).unwrap();
    let own = Mailbox { name: String::new(), address: Email::parse("grüße@example.org").unwrap() };
    let ann = message("ann@example.com");
    for message in
        [Message { from: own.clone(), ..ann.clone() }, Message { reply_to: Some(own), ..ann.clone() }]
    {
        let sent = mailer.send(&message).await;
        assert!(matches!(sent, Err(MailError::Later(_))), "{sent:?}");
    }
    assert!(server.envelopes().is_empty());
}
