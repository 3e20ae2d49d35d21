//! What servers answer instead of taking a mail, and what becomes of the mail; servers that hang,
//! hang up and are away.

use std::time::{Duration, Instant};

use gallery_core::mail::{Mailbox, Message};
use gallery_core::ports::{MailError, Mailer};
use gallery_core::values::Email;
use gallery_mail_smtp::{Security, SmtpLimits, SmtpMailer, SmtpOptions};

use super::server::{Server, Settings, message};

/// Short enough to wait for, long enough for a busy machine to answer.
const IMPATIENT: SmtpLimits = SmtpLimits {
    connect: Duration::from_secs(2),
    command: Duration::from_secs(2),
    send: Duration::from_secs(10),
};

fn mailer(server: &Server) -> SmtpMailer {
    SmtpMailer::open(server.options()).unwrap()
}

fn impatient(server: &Server) -> SmtpMailer {
    SmtpMailer::open(SmtpOptions { limits: IMPATIENT, ..server.options() }).unwrap()
}

fn later(sent: Result<(), MailError>) -> String {
    let Err(MailError::Later(source)) = sent else { panic!("the mail is to be sent later: {sent:?}") };
    source.to_string()
}

fn never(sent: Result<(), MailError>) -> String {
    let Err(MailError::Never(source)) = sent else { panic!("the mail is to be given up: {sent:?}") };
    source.to_string()
}

#[tokio::test]
async fn a_reply_about_the_recipient_or_the_content_decides() {
    let cases = [
        ("RCPT", "gone@example.com", "550 5.1.1 <gone@example.com>: no such user", true),
        ("RCPT", "grey@example.com", "451 4.7.1 Greylisted, try again in 5 minutes", false),
        ("RCPT", "far@example.com", "554 5.7.1 <far@example.com>: Relay access denied", false),
        ("RCPT", "full@example.com", "452 4.2.2 Mailbox full", false),
        ("DATA", "spam@example.com", "554 5.6.0 Content refused", true),
        ("DATA", "busy@example.com", "451 4.3.0 Out of order", false),
        ("DATA", "spf@example.com", "550 5.7.26 Sender's domain does not authenticate", false),
    ];
    let settings = cases
        .iter()
        .fold(Settings::new(Security::None), |all, (command, to, reply, _)| all.rule(command, to, reply));
    let server = settings.start();
    let mailer = mailer(&server);
    for (_, to, reply, is_final) in cases {
        let sent = mailer.send(&message(to)).await;
        let said = if is_final { never(sent) } else { later(sent) };
        assert!(said.contains(&reply[..9]), "{said}");
        assert!(!said.contains(to), "{said}");
    }
    // Refused mails leave the connection as it was: one for all.
    for to in ["ann@example.com", "lee@example.com"] {
        mailer.send(&message(to)).await.unwrap();
    }
    let envelopes = server.envelopes();
    assert_eq!(envelopes.len(), 2);
    assert_eq!(envelopes[0]["peer"], envelopes[1]["peer"]);
}

#[tokio::test]
async fn a_refused_sender_is_the_operators_matter() {
    let server = Settings::new(Security::None)
        .rule("MAIL", "gallery@example.org", "550 5.1.8 Sender's domain does not exist")
        .start();
    let mailer = mailer(&server);
    let said = later(mailer.send(&message("ann@example.com")).await);
    assert!(said.contains("check the address that mails come from"), "{said}");
    // Mended: another sender.
    let from = Mailbox { name: String::new(), address: Email::parse("photos@example.org").unwrap() };
    mailer.send(&Message { from, ..message("ann@example.com") }).await.unwrap();
}

#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for_long() {
    let steps = [("MAIL", "gallery@example.org"), ("RCPT", "ann@example.com"), ("DATA", "ann@example.com")];
    for (command, address) in steps {
        let server = Settings::new(Security::None).rule(command, address, "hang").start();
        let mailer = impatient(&server);
        let began = Instant::now();
        later(mailer.send(&message("ann@example.com")).await);
        assert!(began.elapsed() < IMPATIENT.send, "{command}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn all_steps_together_have_a_limit() {
    let server = Settings::new(Security::None).rule("RCPT", "ann@example.com", "hang").start();
    let limits = SmtpLimits { send: Duration::from_millis(300), ..SmtpLimits::default() };
    let mailer = SmtpMailer::open(SmtpOptions { limits, ..server.options() }).unwrap();
    let began = Instant::now();
    let said = later(mailer.send(&message("ann@example.com")).await);
    assert!(said.contains("300ms"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_lost_reply_means_later_although_the_mail_was_taken() {
    for reply in ["drop", "hang"] {
        let server = Settings::new(Security::None).rule("TAKEN", "ann@example.com", reply).start();
        let mailer = impatient(&server);
        later(mailer.send(&message("ann@example.com")).await);
        assert_eq!(server.envelopes().len(), 1);
        // The connection is not used again.
        mailer.send(&message("lee@example.com")).await.unwrap();
        assert_eq!(server.envelopes().len(), 2);
    }
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced() {
    let server = Settings::new(Security::None)
        .rule("TAKEN", "ann@example.com", "close")
        .rule("RCPT", "lee@example.com", "421 4.3.2 Shutting down")
        .start();
    let mailer = mailer(&server);
    for _ in 0..3 {
        mailer.send(&message("ann@example.com")).await.unwrap();
    }
    later(mailer.send(&message("lee@example.com")).await);
    mailer.send(&message("ann@example.com")).await.unwrap();
    assert_eq!(server.envelopes().len(), 4);
}
