//! What stands against sending a mail, each in one line with what to do, and what a server's reply
//! means for the mail. Must not know the driver. The rules are tested below; that real replies meet
//! them, in `tests/it/smtp/refusals.rs`.

use std::path::PathBuf;

use gallery_core::ports::MailError;
use gallery_mime::loggable;

/// A negative reply of a server, fit for a log: no address and no link can be read in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code (RFC 5321 §4.2.1).
    pub code: u16,
    /// Enhanced status code, if there is one (RFC 3463), and text.
    pub text: String,
}

impl Reply {
    pub(crate) fn new(code: u16, text: &str) -> Self {
        Self { code, text: loggable(text) }
    }

    /// True when the server will never take this mail: a permanent refusal that is about the mail.
    /// These are not:
    ///
    /// * 530, 534, 535 and 538, which ask for a log-in or encryption (RFC 4954 §6).
    /// * Enhanced status 5.7.x: security and policy, such as relaying denied or a sender's domain
    ///   that does not authenticate. 5.3.x: the server is out of order, except 5.3.4, a mail that
    ///   is too large.
    /// * Relaying denied without an enhanced status code, as some servers say it.
    ///
    /// The gallery's operator mends these, and until then they hit every mail alike: had the mails
    /// been given up, a slip in the configuration would have cost every sign-up of that time.
    fn is_final(&self) -> bool {
        if self.code < 500 || matches!(self.code, 530 | 534 | 535 | 538) {
            return false;
        }
        match self.status() {
            Some((3, 4)) => true,
            Some((3 | 7, _)) => false,
            _ => !self.text.to_lowercase().contains("relay"),
        }
    }

    /// Subject and detail of the enhanced status code: (7, 1) for `5.7.1`.
    fn status(&self) -> Option<(u16, u16)> {
        let mut numbers = self.text.split_whitespace().next()?.split('.');
        let mut number = || numbers.next()?.parse::<u16>().ok();
        let (class, subject, detail) = (number()?, number()?, number()?);
        (class == 5).then_some((subject, detail))
    }
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}

/// Why the server cannot be used, or did not take a mail. `place` is the server's name and port.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmtpError {
    /// No server is named.
    #[error("no SMTP server is set: set its host, or send mail another way")]
    NoHost,
    /// The certificates to trust cannot be read.
    #[error("the file {} of certificates to trust cannot be used: {cause}", .file.display())]
    CaFile {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A password without encryption, to another machine.
    #[error(
        "the password for SMTP server {place} would travel unencrypted: set its security to \"tls\" or \"starttls\", \
         or leave user and password out"
    )]
    PasswordInTheClear {
        /// The server.
        place: String,
    },
    /// Nobody answers, not in time, or not in SMTP.
    #[error("SMTP server {place} cannot be reached: check host, port, security and network ({cause})")]
    Unreachable {
        /// The server.
        place: String,
        /// What happened.
        cause: String,
    },
    /// The server may be somebody else.
    #[error(
        "SMTP server {place} has a certificate that this machine does not trust: check the host's name, or name the \
         file with its authority's certificate ({cause})"
    )]
    Certificate {
        /// The server.
        place: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The server does not encrypt.
    #[error("SMTP server {place} does not offer STARTTLS: try the security \"tls\", usually on port 465")]
    NoStartTls {
        /// The server.
        place: String,
    },
    /// The server does not let anybody log in, in a way known here.
    #[error(
        "SMTP server {place} offers no log-in with a password: leave out user and password, or check the port"
    )]
    NoLogin {
        /// The server.
        place: String,
    },
    /// User name or password is wrong.
    #[error("SMTP server {place} does not accept the user name and password: check both ({reply})")]
    Login {
        /// The server.
        place: String,
        /// What it said.
        reply: Reply,
    },
    /// The server does not send for this sender.
    #[error(
        "SMTP server {place} does not accept the sender: check the address that mails come from ({reply})"
    )]
    Sender {
        /// The server.
        place: String,
        /// What it said.
        reply: Reply,
    },
    /// The server does not deliver to this recipient.
    #[error("SMTP server {place} does not accept the recipient ({reply})")]
    Recipient {
        /// The server.
        place: String,
        /// What it said.
        reply: Reply,
    },
    /// The server does not take the mail's content.
    #[error("SMTP server {place} does not accept the mail ({reply})")]
    Content {
        /// The server.
        place: String,
        /// What it said.
        reply: Reply,
    },
    /// The recipient's address is beyond what the server can transmit.
    #[error("the recipient's address cannot be used with SMTP server {place}: {cause}")]
    Address {
        /// The server.
        place: String,
        /// What is wrong.
        cause: &'static str,
    },
    /// The gallery's own address is beyond what the server can transmit.
    #[error(
        "SMTP server {place} cannot transmit letters beyond ASCII before the @ (SMTPUTF8): use another address for \
         sender and answers"
    )]
    OwnAddress {
        /// The server.
        place: String,
    },
    /// The connection broke, or no answer came in time. Whether the mail was taken is unknown.
    #[error("SMTP server {place} did not answer: {cause}")]
    Lost {
        /// The server.
        place: String,
        /// What happened.
        cause: String,
    },
}

impl SmtpError {
    /// True when this very mail can never be sent through this server.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Recipient { reply, .. } | Self::Content { reply, .. } => reply.is_final(),
            Self::Address { .. } => true,
            _ => false,
        }
    }
}

impl From<SmtpError> for MailError {
    fn from(error: SmtpError) -> Self {
        if error.is_final() { Self::Never(Box::new(error)) } else { Self::Later(Box::new(error)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_final(code: u16, text: &str) -> bool {
        SmtpError::Recipient { place: "x:25".to_owned(), reply: Reply::new(code, text) }.is_final()
    }

    #[test]
    fn permanent_refusals_of_a_recipient_are_final() {
        for (code, text) in [
            (550, "5.1.1 <ann@example.org>: Recipient address rejected: User unknown"),
            (550, "No such user here"),
            (551, "User not local"),
            (552, "5.2.2 Mailbox full"),
            (552, "5.3.4 Message too big"),
            (553, "5.1.3 Bad address syntax"),
            (554, "Transaction failed"),
            (554, "5.6.0 Malformed"),
        ] {
            assert!(is_final(code, text), "{code} {text}");
        }
    }

    #[test]
    fn what_passes_or_can_be_mended_is_not() {
        for (code, text) in [
            (421, "4.3.2 Shutting down"),
            (450, "4.2.0 Greylisted"),
            (451, "5.1.1 contradicts itself"),
            (452, "4.5.3 Too many recipients"),
            (530, "5.7.0 Authentication required"),
            (535, "Authentication failed"),
            (550, "5.7.1 Unable to relay"),
            (550, "5.7.26 Unauthenticated mail from this domain is not accepted"),
            (550, "relay not permitted"),
            (554, "5.7.1 <ann@example.org>: Relay access denied"),
            (554, "5.3.5 System incorrectly configured"),
        ] {
            assert!(!is_final(code, text), "{code} {text}");
        }
    }

    #[test]
    fn what_is_not_about_the_recipient_or_the_content_is_never_final() {
        let (place, reply) = ("x:25".to_owned(), Reply::new(550, "5.1.1 no"));
        assert!(SmtpError::Content { place: place.clone(), reply: reply.clone() }.is_final());
        assert!(!SmtpError::Sender { place: place.clone(), reply: reply.clone() }.is_final());
        assert!(!SmtpError::Login { place, reply }.is_final());
    }

    #[test]
    fn replies_are_fit_for_a_log() {
        let reply = Reply::new(550, "5.1.1 <ann@example.org>\r\nunknown");
        assert_eq!(reply.to_string(), "550 5.1.1 <a…@example.org> unknown");
    }
}
