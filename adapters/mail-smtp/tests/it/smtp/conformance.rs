//! The conformance suite for mail, on a server that trusts everybody, and on one that wants
//! encryption and a log-in.

use std::any::Any;
use std::sync::Arc;

use gallery_conformance::mail::{SharedMailbox, SharedMailer};
use gallery_mail_smtp::{Security, SmtpLogin, SmtpMailer, SmtpOptions};

use super::server::{Server, Settings};

fn ready(server: Server, options: SmtpOptions) -> (SharedMailer, SharedMailbox, impl Any) {
    let mailer = SmtpMailer::open(options).unwrap();
    (Arc::new(mailer), Arc::new(server.mailbox()), server)
}

mod plain {
    use super::*;

    async fn fresh() -> (SharedMailer, SharedMailbox, impl Any) {
        let server = Settings::new(Security::None).start();
        let options = server.options();
        ready(server, options)
    }

    gallery_conformance::mail_suite!(fresh);
}

mod protected {
    use super::*;

    async fn fresh() -> (SharedMailer, SharedMailbox, impl Any) {
        let server = Settings::new(Security::StartTls).login("gallery", "secret").start();
        let login = Some(SmtpLogin::new("gallery", "secret"));
        let options = SmtpOptions { login, ..server.options() };
        ready(server, options)
    }

    gallery_conformance::mail_suite!(fresh);
}
