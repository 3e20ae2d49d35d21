//! What must be known to use an SMTP server. Must not know the driver. Tests are below.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314); usually port 465.
    Tls,
    /// TLS after the command `STARTTLS`, without which nothing is sent; usually port 587.
    StartTls,
    /// None: for a server on this machine or in a network of one's own; usually port 25.
    None,
}

impl Security {
    /// The port that servers usually have for it.
    pub fn usual_port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// User name and password. The password is not printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpLogin {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl SmtpLogin {
    /// User name and password, as the mail provider gave them.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self { user: user.into(), password: password.into() }
    }
}

impl fmt::Debug for SmtpLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpLogin").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpLimits {
    /// To connect to one address of the server; 5 seconds.
    pub connect: Duration,
    /// To answer one command, the mail's content being one; 15 seconds.
    pub command: Duration,
    /// The whole sending of one mail, waiting for a free connection included; 30 seconds.
    pub send: Duration,
}

impl Default for SmtpLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            command: Duration::from_secs(15),
            send: Duration::from_secs(30),
        }
    }
}

/// Which SMTP server to use, and how.
#[derive(Debug, Clone)]
pub struct SmtpOptions {
    /// The server's name, which its certificate must have, or its address.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// How to log in; without it nobody does.
    pub login: Option<SmtpLogin>,
    /// A file of certificates (PEM) to trust besides those that this machine trusts.
    pub ca_file: Option<PathBuf>,
    /// How long things may take.
    pub limits: SmtpLimits,
}

impl SmtpOptions {
    /// The usual port, nobody logged in, the machine's certificates, the usual limits.
    pub fn new(host: impl Into<String>, security: Security) -> Self {
        Self {
            host: host.into(),
            port: security.usual_port(),
            security,
            login: None,
            ca_file: None,
            limits: SmtpLimits::default(),
        }
    }

    /// True when nothing that is sent leaves this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let address = self.host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        address.map_or(self.host == "localhost", |address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_printed() {
        let options = SmtpOptions {
            login: Some(SmtpLogin::new("gallery", "s3cr3t")),
            ..SmtpOptions::new("mail.example.org", Security::StartTls)
        };
        let printed = format!("{options:?}");
        assert!(printed.contains("gallery") && !printed.contains("s3cr3t"), "{printed}");
    }

    #[test]
    fn loopback_is_recognised() {
        for (host, expected) in [
            ("127.0.0.1", true),
            ("127.8.0.1", true),
            ("::1", true),
            ("[::1]", true),
            ("localhost", true),
            ("localhost.example.org", false),
            ("10.0.0.1", false),
            ("mail.example.org", false),
        ] {
            assert_eq!(SmtpOptions::new(host, Security::None).is_loopback(), expected, "{host}");
        }
    }
}
