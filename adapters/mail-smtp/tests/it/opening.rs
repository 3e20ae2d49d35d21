//! Options that cannot be right, and servers that are none. No server is needed.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use gallery_mail_smtp::{Security, SmtpError, SmtpLimits, SmtpLogin, SmtpMailer, SmtpOptions};

fn refusal(options: SmtpOptions) -> SmtpError {
    SmtpMailer::open(options).unwrap_err()
}

#[test]
fn a_host_is_needed() {
    assert!(matches!(refusal(SmtpOptions::new("", Security::Tls)), SmtpError::NoHost));
}

#[test]
fn a_password_does_not_leave_the_machine_unencrypted() {
    let login = Some(SmtpLogin::new("gallery", "s3cr3t"));
    let options = SmtpOptions { login, ..SmtpOptions::new("mail.example.org", Security::None) };
    let error = refusal(options.clone());
    assert!(matches!(error, SmtpError::PasswordInTheClear { .. }), "{error:?}");
    assert!(error.to_string().contains("mail.example.org:25"), "{error}");
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
    for security in [Security::Tls, Security::StartTls] {
        SmtpMailer::open(SmtpOptions { security, ..options.clone() }).unwrap();
    }
    SmtpMailer::open(SmtpOptions { host: "127.0.0.1".to_owned(), ..options }).unwrap();
}

#[test]
fn certificates_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let broken = "-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n";
    let files = [PathBuf::from("/nonexistent/ca.pem"), file("empty.pem", ""), file("broken.pem", broken)];
    for ca_file in files {
        let options = SmtpOptions {
            ca_file: Some(ca_file.clone()),
            ..SmtpOptions::new("mail.example.org", Security::StartTls)
        };
        let error = refusal(options);
        assert!(matches!(error, SmtpError::CaFile { .. }), "{error:?}");
        assert!(error.to_string().contains(&ca_file.display().to_string()), "{error}");
    }
}

#[tokio::test]
async fn nobody_and_somebody_silent_are_unreachable() {
    // Takes connections, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap().port()
    };
    for port in [silent.local_addr().unwrap().port(), nobody] {
        for security in [Security::None, Security::StartTls, Security::Tls] {
            let quick = Duration::from_millis(200);
            let limits = SmtpLimits { connect: quick, command: quick, ..SmtpLimits::default() };
            let options = SmtpOptions { port, limits, ..SmtpOptions::new("127.0.0.1", security) };
            let error = SmtpMailer::open(options).unwrap().check().await.unwrap_err();
            assert!(matches!(error, SmtpError::Unreachable { .. }), "{error:?}");
            assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
        }
    }
}
