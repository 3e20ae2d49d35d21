//! The port `Mailer` on Amazon SES. Must not know what a mail looks like inside. Tests: `tests/ses/`, on two SES
//! servers and behind a fault proxy.

use async_trait::async_trait;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use gallery_core::mail::Message;
use gallery_core::ports::{MailError, Mailer};
use gallery_mime::{envelope_address, rfc5322};

use crate::error::{SesError, story};
use crate::options::{Place, SesOptions};

/// Sends mails through Amazon SES.
///
/// A call that failed for a moment's reason is made again at once, at most twice, and all such retries together are
/// bounded: while SES answers nothing it sees twenty more calls than mails, then none. Anything longer is the worker's
/// business.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    place: Place,
    configuration_set: Option<String>,
    tags: Vec<MessageTag>,
}

impl SesMailer {
    /// Finds out region and credentials; asks nothing of SES, so that [`send`](Mailer::send) is all that the
    /// credentials must allow.
    pub async fn open(options: SesOptions) -> Result<Self, SesError> {
        let tags = options.message_tags()?;
        let (client, place) = options.connect().await?;
        Ok(Self { client, place, configuration_set: options.configuration_set, tags })
    }

    async fn deliver(&self, message: &Message) -> Result<(), SesError> {
        let place = || self.place.to_string();
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
        let raw = raw.map_err(|error| SesError::Lost { place: place(), cause: story(&error) })?;
        let sending = self
            .client
            .send_email()
            .from_email_address(from)
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().raw(raw).build())
            .set_configuration_set_name(self.configuration_set.clone())
            .set_email_tags((!self.tags.is_empty()).then(|| self.tags.clone()));
        // The SDK's futures are large.
        match Box::pin(sending.send()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(SesError::of(place(), &error)),
        }
    }
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        Ok(self.deliver(message).await?)
    }
}
