//! The port `Mailer` over connections that are kept for the next mail. Must not know the driver.
//! Tests: the conformance suite for mail, `tests/it/smtp/refusals.rs` and
//! `tests/it/smtp/security.rs`.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use gallery_core::mail::Message;
use gallery_core::ports::{MailError, Mailer};
use gallery_mime::{envelope_address, rfc5322};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::connection::{Connection, Parked, Server};
use crate::error::SmtpError;
use crate::options::SmtpOptions;

/// The most connections at a time; servers allow a client few (Postfix: 50, many providers: 10).
const MOST_CONNECTIONS: usize = 4;

/// How long a connection is kept for the next mail. Servers end idle ones after 5 minutes (RFC 5321
/// §4.5.3.2.7), busy ones sooner.
const KEPT_IDLE: Duration = Duration::from_secs(30);

/// Sends mails through an SMTP server.
///
/// It tries each mail once. Its connections are kept for half a minute, at most four of them.
pub struct SmtpMailer {
    server: Server,
    permits: Semaphore,
    parked: Mutex<Vec<Parked>>,
}

impl SmtpMailer {
    /// Checks the options and reads the certificates to trust; connects to nothing. Blocks for
    /// reading them.
    pub fn open(options: SmtpOptions) -> Result<Self, SmtpError> {
        let server = Server::new(options)?;
        Ok(Self { server, permits: Semaphore::new(MOST_CONNECTIONS), parked: Mutex::default() })
    }

    /// Connects and logs in as for a mail, and sends none. The error says in one line what to do.
    /// For a start: where mails wait in a queue, a server that is away is a reason to tell, not to
    /// stop.
    pub async fn check(&self) -> Result<(), SmtpError> {
        self.in_time(async {
            let connection = self.server.connect().await?;
            self.keep(connection);
            Ok(())
        })
        .await
    }

    async fn deliver(&self, message: &Message) -> Result<(), SmtpError> {
        let (from, to) = (envelope_address(&message.from.address), envelope_address(&message.to.address));
        let mail = rfc5322(message);
        let mut connection = self.connection().await?;
        let sent = connection.send(&from, &to, &mail).await;
        if !matches!(sent, Err(SmtpError::Lost { .. })) {
            self.keep(connection);
        }
        sent
    }

    /// A kept connection that still answers, or a new one.
    async fn connection(&self) -> Result<Connection<'_>, SmtpError> {
        while let Some(parked) = self.take() {
            if parked.idle() > KEPT_IDLE {
                // All others are older.
                self.forget_all();
            } else if let Some(connection) = parked.wake(&self.server).await {
                return Ok(connection);
            }
        }
        self.server.connect().await
    }

    /// The connection used last.
    fn take(&self) -> Option<Parked> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: Connection<'_>) {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).push(connection.park());
    }

    fn forget_all(&self) {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits for a turn and does something, both within the time for a mail.
    async fn in_time<T>(&self, work: impl Future<Output = Result<T, SmtpError>>) -> Result<T, SmtpError> {
        let limit = self.server.limits().send;
        let in_turn = async {
            // Never closed: a refusal of the permit cannot happen, and would not be a reason to
            // send nothing.
            let _permit = self.permits.acquire().await;
            work.await
        };
        let late = || SmtpError::Lost {
            place: self.server.place().to_owned(),
            cause: format!("the mail was not sent within {limit:?}"),
        };
        timeout(limit, in_turn).await.unwrap_or_else(|_| Err(late()))
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").field("server", &self.server.place()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        Ok(self.in_time(self.deliver(message)).await?)
    }
}
