//! SES servers behind a fault proxy, and mailers that use them.

use gallery_core::mail::{Mailbox, Message};
use gallery_core::ports::MailError;
use gallery_core::values::{Email, Timestamp};
use gallery_faults::{Exchange, HttpProxy};
use gallery_mail_ses::{SesMailer, SesOptions};

/// A proxy before aws-ses-v2-local, which takes every mail and keeps it.
pub fn ses() -> HttpProxy {
    before("GALLERY_TEST_SES_URL")
}

/// A proxy before moto, which knows verified senders.
pub fn moto() -> HttpProxy {
    before("GALLERY_TEST_MOTO_URL")
}

fn before(variable: &str) -> HttpProxy {
    let url = std::env::var(variable);
    let url =
        url.expect("this test needs the SES servers: run `cargo xtask test`, or `cargo xtask engines up`");
    let proxy = HttpProxy::start(url.trim_end_matches('/'));
    proxy.record();
    proxy
}

pub fn options(proxy: &HttpProxy) -> SesOptions {
    SesOptions { endpoint: Some(proxy.url()), ..SesOptions::default() }
}

pub async fn mailer(proxy: &HttpProxy) -> SesMailer {
    SesMailer::open(options(proxy)).await.unwrap()
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

/// What was asked of the server, as JSON.
pub fn asked(exchange: &Exchange) -> serde_json::Value {
    serde_json::from_slice(&exchange.call.body).unwrap()
}

pub fn later(sent: Result<(), MailError>) -> String {
    let Err(MailError::Later(source)) = sent else { panic!("the mail is to be sent later: {sent:?}") };
    assert!(!source.to_string().contains('\n'), "{source}");
    source.to_string()
}

pub fn never(sent: Result<(), MailError>) -> String {
    let Err(MailError::Never(source)) = sent else { panic!("the mail is to be given up: {sent:?}") };
    source.to_string()
}
