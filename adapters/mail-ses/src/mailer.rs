//! The port `Mailer` on Amazon SES. Must not know what a mail looks like inside. Tests:
//! `tests/it/`, on two SES servers and behind a fault proxy.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use gallery_aws::Idempotency::Idempotent;
use gallery_aws::{Backoff, CallError, Endpoint, Retrier, RetryPolicy, TimeBudget};
use gallery_core::mail::Message;
use gallery_core::ports::{MailError, Mailer};
use gallery_mime::{envelope_address, rfc5322};

use crate::error::{FailureKind, SesError};
use crate::options::SesOptions;

/// The worker tries a mail again later anyway: these retries are only to make up for a moment.
const RETRIES: RetryPolicy =
    RetryPolicy::uniform(Backoff::new(2, Duration::from_millis(200), Duration::from_secs(2)));

/// Sends mails through Amazon SES.
///
/// A call that failed for a moment's reason is made again at once, at most twice, and all such
/// retries together are bounded: while SES answers nothing it sees twenty more calls than mails,
/// then none. Anything longer is the worker's business.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    endpoint: Endpoint,
    retrier: Arc<Retrier<FailureKind>>,
    time: TimeBudget,
    configuration_set: Option<String>,
    tags: Vec<MessageTag>,
}

impl SesMailer {
    /// Finds out region and credentials; asks nothing of SES, so that [`send`](Mailer::send) is all
    /// that the credentials must allow.
    pub async fn open(options: SesOptions) -> Result<Self, SesError> {
        let tags = options.message_tags()?;
        let (client, endpoint) = options.connect().await?;
        let (retrier, time) = (Arc::new(Retrier::new(RETRIES)), options.limits.time());
        Ok(Self { client, endpoint, retrier, time, configuration_set: options.configuration_set, tags })
    }

    async fn deliver(&self, message: &Message) -> Result<(), SesError> {
        let place = || self.endpoint.to_string();
        let (from, to) = (envelope_address(&message.from.address), envelope_address(&message.to.address));
        // SES has no SMTPUTF8 ("Verified identities" in its developer guide).
        if !to.is_ascii() {
            return Err(SesError::Address { place: place() });
        }
        let mail = rfc5322(message);
        if !mail.is_ascii() {
            return Err(SesError::OwnAddress { place: place() });
        }
        let raw = RawMessage::builder().data(Blob::new(mail)).build();
        let raw = raw.map_err(|error| SesError::of(place(), &CallError::unsendable("SendEmail", error)))?;
        let request = self
            .client
            .send_email()
            .from_email_address(from)
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().raw(raw).build())
            .set_configuration_set_name(self.configuration_set.clone())
            .set_email_tags((!self.tags.is_empty()).then(|| self.tags.clone()));
        // A mail that is sent twice is better than none.
        let mut attempts = self.retrier.begin(self.time);
        let sent = attempts.call("SendEmail", Idempotent, || request.clone().send()).await;
        sent.map(drop).map_err(|error| SesError::of(place(), &error))
    }
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        Ok(self.deliver(message).await?)
    }
}
