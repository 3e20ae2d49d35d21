//! A connection to the server, and the steps of sending a mail over it, each within its time and
//! each with its own failure: which step was refused decides what that means for the mail.
//!
//! The only file that knows the driver. Tests: `tests/it/smtp/refusals.rs` and
//! `tests/it/smtp/security.rs`.

use std::error::Error as _;
use std::fmt::Display;
use std::time::{Duration, Instant};

use gallery_core::error_chain;
use gallery_mime::loggable;
use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::time::timeout;

use crate::error::{Reply, SmtpError};
use crate::options::{Security, SmtpLimits, SmtpOptions};

/// The server, and how to connect to it.
pub struct Server {
    options: SmtpOptions,
    /// Host and port, as errors name them.
    place: String,
    tls: Option<TlsParameters>,
    hello: ClientId,
    credentials: Option<Credentials>,
}

impl Server {
    /// Checks the options and reads the certificates to trust. Blocks.
    pub fn new(options: SmtpOptions) -> Result<Self, SmtpError> {
        if options.host.is_empty() {
            return Err(SmtpError::NoHost);
        }
        let place = format!("{}:{}", options.host, options.port);
        if options.login.is_some() && options.security == Security::None && !options.is_loopback() {
            return Err(SmtpError::PasswordInTheClear { place });
        }
        let login = options.login.as_ref();
        let credentials = login.map(|login| Credentials::new(login.user.clone(), login.password.clone()));
        let tls = match options.security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(trust(&options, &place)?),
        };
        Ok(Self { options, place, tls, hello: ClientId::default(), credentials })
    }

    pub fn limits(&self) -> &SmtpLimits {
        &self.options.limits
    }

    pub fn place(&self) -> &str {
        &self.place
    }

    /// Connects, greets, encrypts and logs in, as the options say.
    pub async fn connect(&self) -> Result<Connection<'_>, SmtpError> {
        let limits = self.limits();
        let at_once = self.tls.clone().filter(|_| self.options.security == Security::Tls);
        let address = (self.options.host.trim_matches(['[', ']']), self.options.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(address, Some(limits.connect), &self.hello, at_once, None);
        // Until the server's first words: the connection, TLS, and a greeting that many delay on
        // purpose.
        let connected = self.within(limits.connect + limits.command, connecting).await;
        let mut smtp = connected.map_err(|failure| self.unreachable(failure))?;
        if self.options.security == Security::StartTls {
            self.encrypt(&mut smtp).await?;
        }
        if let Some(credentials) = &self.credentials {
            self.log_in(&mut smtp, credentials).await?;
        }
        Ok(Connection { server: self, smtp })
    }

    async fn encrypt(&self, smtp: &mut AsyncSmtpConnection) -> Result<(), SmtpError> {
        if !smtp.can_starttls() {
            return Err(SmtpError::NoStartTls { place: self.place.clone() });
        }
        let Some(tls) = self.tls.clone() else {
            return Err(SmtpError::NoStartTls { place: self.place.clone() });
        };
        let encrypting = smtp.starttls(tls, &self.hello);
        self.within(self.limits().command, encrypting).await.map_err(|failure| self.unreachable(failure))
    }

    async fn log_in(
        &self,
        smtp: &mut AsyncSmtpConnection,
        credentials: &Credentials,
    ) -> Result<(), SmtpError> {
        if smtp.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
            return Err(SmtpError::NoLogin { place: self.place.clone() });
        }
        let logging_in = smtp.auth(DEFAULT_MECHANISMS, credentials);
        let answer = self.within(self.limits().command, logging_in).await;
        answer.map(drop).map_err(|failure| match failure {
            Failure::Said(reply) => SmtpError::Login { place: self.place.clone(), reply },
            Failure::Silent(cause) => SmtpError::Lost { place: self.place.clone(), cause },
        })
    }

    async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, Failure> {
        // The driver's futures are large.
        match timeout(limit, Box::pin(work)).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(Failure::of(&error)),
            Err(_) => Err(Failure::Silent(format!("no answer within {limit:?}"))),
        }
    }

    fn unreachable(&self, failure: Failure) -> SmtpError {
        let place = self.place.clone();
        match failure {
            Failure::Silent(cause) if cause.contains("certificate") => {
                SmtpError::Certificate { place, cause }
            }
            Failure::Silent(cause) => SmtpError::Unreachable { place, cause },
            Failure::Said(reply) => SmtpError::Unreachable { place, cause: reply.to_string() },
        }
    }
}

/// What this machine trusts, and what the options add to it.
fn trust(options: &SmtpOptions, place: &str) -> Result<TlsParameters, SmtpError> {
    let mut tls = TlsParameters::builder(options.host.trim_matches(['[', ']']).to_owned());
    if let Some(file) = &options.ca_file {
        let unusable = |cause: String| SmtpError::CaFile { file: file.clone(), cause };
        let pem = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
        if !pem.windows(11).any(|part| part == b"-----BEGIN ") {
            return Err(unusable("it holds no certificate in PEM".to_owned()));
        }
        let certificates = Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        tls = tls.add_root_certificate(certificates);
    }
    let trusting = tls.build_rustls();
    trusting.map_err(|error| SmtpError::Certificate { place: place.to_owned(), cause: error.to_string() })
}

/// A command that was not done.
enum Failure {
    /// The server said no.
    Said(Reply),
    /// It said nothing, or nothing that is SMTP.
    Silent(String),
}

impl Failure {
    fn of(error: &lettre::transport::smtp::Error) -> Self {
        let cause = error.source().map_or_else(|| error_chain(error), error_chain);
        match error.status() {
            Some(code) => Self::Said(Reply::new(code.into(), &cause)),
            None => Self::Silent(loggable(&cause)),
        }
    }
}

/// A connection over which mails can be sent, one after the other.
pub struct Connection<'server> {
    server: &'server Server,
    smtp: AsyncSmtpConnection,
}

/// A connection between two mails.
pub struct Parked {
    smtp: AsyncSmtpConnection,
    used: Instant,
}

impl Parked {
    /// How long nobody has used it.
    pub fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    /// The connection, if the server still answers on it. A mail that was refused half-way is
    /// forgotten there.
    pub async fn wake(self, server: &Server) -> Option<Connection<'_>> {
        let mut connection = Connection { server, smtp: self.smtp };
        connection.command(Rset).await.ok()?;
        Some(connection)
    }
}

impl Connection<'_> {
    pub fn park(self) -> Parked {
        Parked { smtp: self.smtp, used: Instant::now() }
    }

    /// Sends one mail. After a refusal the connection can be kept; after [`SmtpError::Lost`] it
    /// cannot.
    pub async fn send(&mut self, from: &str, to: &str, mail: &[u8]) -> Result<(), SmtpError> {
        let place = self.server.place.clone();
        let (from, to, parameters) = self.envelope(from, to, mail)?;
        let said = self.command(Mail::new(Some(from), parameters)).await;
        self.judge(said, |place, reply| SmtpError::Sender { place, reply })?;
        let said = self.command(Rcpt::new(to, Vec::new())).await;
        self.judge(said, |place, reply| SmtpError::Recipient { place, reply })?;
        let said = self.command(Data).await;
        self.judge(said, |place, reply| SmtpError::Content { place, reply })?;
        // The driver adds the line break before the dot that ends the mail.
        let mail = mail.strip_suffix(b"\r\n").unwrap_or(mail);
        match timeout(self.server.limits().command, self.smtp.message(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                self.judge(Err(Failure::of(&error)), |place, reply| SmtpError::Content { place, reply })
            }
            Err(_) => {
                Err(SmtpError::Lost { place, cause: "the mail was sent, and no answer came".to_owned() })
            }
        }
    }

    /// The addresses, and what the server must be told about them. Headers hold UTF-8 only where an
    /// address does (RFC 6531): then the whole mail needs SMTPUTF8.
    fn envelope(
        &self,
        from: &str,
        to: &str,
        mail: &[u8],
    ) -> Result<(Address, Address, Vec<MailParameter>), SmtpError> {
        let place = || self.server.place.clone();
        let wrong = |cause| SmtpError::Address { place: place(), cause };
        let recipient: Address = to.parse().map_err(|_| wrong("it is not an address"))?;
        let sender: Address = from.parse().map_err(|_| SmtpError::OwnAddress { place: place() })?;
        if mail.is_ascii() {
            return Ok((sender, recipient, Vec::new()));
        }
        let server = self.smtp.server_info();
        if server.supports_feature(Extension::SmtpUtfEight)
            && server.supports_feature(Extension::EightBitMime)
        {
            let eight_bit = MailParameter::Body(MailBodyParameter::EightBitMime);
            return Ok((sender, recipient, vec![MailParameter::SmtpUtfEight, eight_bit]));
        }
        if to.is_ascii() {
            return Err(SmtpError::OwnAddress { place: place() });
        }
        Err(wrong("it has letters beyond ASCII before the @, which the server cannot transmit (SMTPUTF8)"))
    }

    async fn command(&mut self, command: impl Display) -> Result<(), Failure> {
        let server = self.server;
        server.within(server.limits().command, self.smtp.command(command)).await.map(drop)
    }

    fn judge(
        &self,
        said: Result<(), Failure>,
        refusal: impl FnOnce(String, Reply) -> SmtpError,
    ) -> Result<(), SmtpError> {
        let place = self.server.place.clone();
        said.map_err(|failure| match failure {
            // "Closing the channel" (RFC 5321 §3.8) is about the connection, whatever was asked.
            Failure::Said(reply) if reply.code == 421 => SmtpError::Lost { place, cause: reply.to_string() },
            Failure::Said(reply) => refusal(place, reply),
            Failure::Silent(cause) => SmtpError::Lost { place, cause },
        })
    }
}
