//! What SES answers instead of taking a mail, and what becomes of the mail: on moto, which refuses
//! by itself, and with answers of the service's API reference.

use gallery_core::mail::{Mailbox, Message};
use gallery_core::ports::Mailer;
use gallery_core::values::Email;
use gallery_faults::{Fault, Reply, Rule};
use gallery_mail_ses::{SesMailer, SesOptions};

use crate::fixture::{asked, later, mailer, message, moto, never, options, ses};

/// An error of SES as it stands on the wire (REST JSON).
fn error(status: u16, code: &str, said: &str) -> Fault {
    let mut reply = Reply::text(status, &serde_json::json!({ "message": said }).to_string());
    reply.headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
    Fault::answer(reply)
}

#[tokio::test]
async fn an_unverified_sender_is_the_operators_matter() {
    let proxy = moto();
    let mailer = mailer(&proxy).await;
    let address = format!("unverified{}@example.org", std::process::id());
    let from = Mailbox { name: "Gallery".to_owned(), address: Email::parse(&address).unwrap() };
    let said = later(mailer.send(&Message { from, ..message("ann@example.com") }).await);
    assert!(said.contains("verify the sender's"), "{said}");
    assert!(!said.contains(&address), "{said}");
    assert_eq!(proxy.exchanges().len(), 1, "nothing is gained by asking again at once");
}

#[tokio::test]
async fn an_answer_decides_about_the_mail() {
    let proxy = ses();
    let mailer = mailer(&proxy).await;
    let not_verified = "Email address is not verified. The following identities failed the check in region \
                        US-EAST-1: ann@example.com";
    for (status, code, said, is_final) in [
        (400, "MessageRejected", "Message contains a virus", true),
        (400, "BadRequestException", "Illegal address", true),
        (400, "MessageRejected", not_verified, false),
        (400, "MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified", false),
        (400, "AccountSuspendedException", "The account's ability to send is restricted", false),
        (400, "SendingPausedException", "Sending is paused for configuration set gallery", false),
        (400, "LimitExceededException", "There are too many instances", false),
        (404, "NotFoundException", "Configuration set <gallery> does not exist.", false),
        (403, "AccessDeniedException", "User is not authorized to perform: ses:SendEmail", false),
        (403, "ExpiredTokenException", "The security token included in the request is expired", false),
        (418, "SomethingNewException", "Nobody knows", false),
    ] {
        proxy.clear();
        proxy.add(Rule::any(error(status, code, said)));
        let sent = mailer.send(&message("ann@example.com")).await;
        let told = if is_final { never(sent) } else { later(sent) };
        assert!(told.contains(code), "{told}");
        assert!(!told.contains("ann@"), "{told}");
    }
}

#[tokio::test]
async fn a_mail_carries_what_the_options_say() {
    let proxy = ses();
    let tagged = SesOptions {
        configuration_set: Some("gallery".to_owned()),
        tags: vec![("site".to_owned(), "photos".to_owned())],
        ..options(&proxy)
    };
    let mailer = SesMailer::open(tagged).await.unwrap();
    mailer.send(&message("Ann@Bücher.Example")).await.unwrap();
    let sent = asked(&proxy.exchanges()[0]);
    assert_eq!(sent["ConfigurationSetName"], "gallery");
    assert_eq!(sent["EmailTags"], serde_json::json!([{ "Name": "site", "Value": "photos" }]));
    assert_eq!(sent["FromEmailAddress"], "gallery@example.org");
    assert_eq!(sent["Destination"], serde_json::json!({ "ToAddresses": ["Ann@xn--bcher-kva.example"] }));
}

#[tokio::test]
async fn addresses_that_ses_cannot_transmit_are_not_sent() {
    let proxy = ses();
    let mailer = mailer(&proxy).await;
    let told = never(mailer.send(&message("Jörg@example.com")).await);
    assert!(told.contains("beyond ASCII before the @"), "{told}");
    let own = Mailbox { name: String::new(), address: Email::parse("grüße@example.org").unwrap() };
    let ann = message("ann@example.com");
    for message in
        [Message { from: own.clone(), ..ann.clone() }, Message { reply_to: Some(own), ..ann.clone() }]
    {
        let told = later(mailer.send(&message).await);
        assert!(told.contains("use another sender"), "{told}");
    }
    assert!(proxy.exchanges().is_empty());
}
