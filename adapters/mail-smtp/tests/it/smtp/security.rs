//! Encryption, certificates and log-in: nothing is sent where they are not as the options say, and
//! the error says what to do.

use gallery_core::ports::{MailError, Mailer};
use gallery_mail_smtp::{Security, SmtpError, SmtpLogin, SmtpMailer, SmtpOptions};

use super::server::{NAME, Server, Settings, message};

async fn refusal(server: &Server, options: SmtpOptions) -> SmtpError {
    let mailer = SmtpMailer::open(options).unwrap();
    let sent = mailer.send(&message("ann@example.com")).await;
    assert!(matches!(sent, Err(MailError::Later(_))), "{sent:?}");
    assert!(server.envelopes().is_empty());
    let error = mailer.check().await.unwrap_err();
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

#[tokio::test]
async fn encrypted_and_logged_in_a_mail_is_sent() {
    for security in [Security::Tls, Security::StartTls] {
        let server = Settings::new(security).login("gallery", "s3cr3t ü").start();
        for host in ["127.0.0.1", NAME] {
            let login = Some(SmtpLogin::new("gallery", "s3cr3t ü"));
            let options = SmtpOptions { host: host.to_owned(), login, ..server.options() };
            let mailer = SmtpMailer::open(options).unwrap();
            mailer.check().await.unwrap();
            mailer.send(&message("ann@example.com")).await.unwrap();
        }
        for envelope in server.envelopes() {
            assert_eq!((&envelope["encrypted"], &envelope["user"]), (&true.into(), &"gallery".into()));
            assert_eq!(envelope["from"], "gallery@example.org");
            assert_eq!(envelope["to"], serde_json::json!(["ann@example.com"]));
        }
        assert_eq!(server.envelopes().len(), 2);
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    for security in [Security::Tls, Security::StartTls] {
        let server = Settings::new(security).start();
        let error = refusal(&server, SmtpOptions { ca_file: None, ..server.options() }).await;
        assert!(matches!(error, SmtpError::Certificate { .. }), "{error:?}");
        assert!(error.to_string().contains("name the file with its authority's certificate"), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_server_is_not_trusted() {
    for security in [Security::Tls, Security::StartTls] {
        let server = Settings::new(security).certificate_for("mail.example.net").start();
        let error = refusal(&server, server.options()).await;
        assert!(matches!(error, SmtpError::Certificate { .. }), "{error:?}");
        assert!(error.to_string().contains("check the host's name"), "{error}");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let server = Settings::new(Security::None).start();
    let error = refusal(&server, SmtpOptions { security: Security::StartTls, ..server.options() }).await;
    assert!(matches!(error, SmtpError::NoStartTls { .. }), "{error:?}");
    let error = refusal(&server, SmtpOptions { security: Security::Tls, ..server.options() }).await;
    assert!(matches!(error, SmtpError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("check host, port, security"), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_the_operators_matter() {
    let server = Settings::new(Security::StartTls).login("gallery", "right").start();
    let login = Some(SmtpLogin::new("gallery", "wr0ng"));
    let error = refusal(&server, SmtpOptions { login, ..server.options() }).await;
    assert!(matches!(&error, SmtpError::Login { reply, .. } if reply.code == 535), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("wr0ng"), "{error:?}");
    // Nobody logged in at all: the server asks for it at the sender.
    let error = server_says(&server, server.options()).await;
    assert!(error.contains("530"), "{error}");
}

#[tokio::test]
async fn a_server_without_log_in_is_told() {
    let server = Settings::new(Security::None).start();
    let login = Some(SmtpLogin::new("gallery", "secret"));
    let error = refusal(&server, SmtpOptions { login, ..server.options() }).await;
    assert!(matches!(error, SmtpError::NoLogin { .. }), "{error:?}");
}

async fn server_says(server: &Server, options: SmtpOptions) -> String {
    let mailer = SmtpMailer::open(options).unwrap();
    let Err(MailError::Later(source)) = mailer.send(&message("ann@example.com")).await else {
        panic!("the mail is to be sent later");
    };
    assert!(server.envelopes().is_empty());
    source.to_string()
}
