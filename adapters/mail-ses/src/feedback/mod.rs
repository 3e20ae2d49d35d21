//! What SES reports of mails, as Amazon SNS delivers it to an HTTP endpoint: the port `Feedback`.
//!
//! Anybody can post to that endpoint. In this order, so that nothing is fetched for a stranger: the
//! body has a bounded size and the topic is the configured one (`message`), the message is fresh,
//! and its signature is SNS's (`signature`, with a certificate from the topic's own region,
//! `certificate`). Only then is it acted upon: a subscription is confirmed, or a report is read
//! (`report`).
//!
//! Must not know what becomes of an event. Tests: `tests` beside this file, with messages signed by
//! a certificate of the tests' own, and one that was signed by another program.

mod certificate;
mod fetch;
mod message;
mod report;
mod signature;
#[cfg(test)]
mod tests;
mod topic;

use std::sync::Arc;

use async_trait::async_trait;
use gallery_core::ports::{Feedback, FeedbackError, MailEvent};
use gallery_core::values::Timestamp;

use self::certificate::Certificates;
use self::fetch::{Fetch, HttpsFetch};
use self::message::{Kind, SnsMessage};
use self::topic::Topic;

pub use self::topic::TopicError;

/// The most bytes of a body that are read. SNS's messages have at most 256 KiB, SES's a few.
const LARGEST_BODY: usize = 256 * 1024;

/// Reads the messages of one SNS topic, to which SES reports bounces and complaints: either the
/// notifications of an identity, or the events of a configuration set.
///
/// To be subscribed with the protocol `https`, without raw message delivery, which has no
/// signature. It confirms the subscription by itself.
#[derive(Debug, Clone)]
pub struct SnsFeedback {
    topic: Arc<Topic>,
    certificates: Arc<Certificates>,
    fetch: Arc<dyn Fetch>,
}

impl SnsFeedback {
    /// For messages of the topic with this ARN
    /// (`arn:aws:sns:eu-central-1:123456789012:gallery-mail`), and no other.
    pub fn new(topic: &str) -> Result<Self, TopicError> {
        Ok(Self::over(topic.parse()?, Arc::new(HttpsFetch::new())))
    }

    fn over(topic: Topic, fetch: Arc<dyn Fetch>) -> Self {
        Self { topic: Arc::new(topic), certificates: Arc::default(), fetch }
    }

    async fn confirm(&self, message: &SnsMessage) -> Result<(), FeedbackError> {
        let url = message.subscribe_url.as_deref().unwrap_or_default();
        let url = self.topic.subscription(url).map_err(FeedbackError::Forged)?;
        let answer = self.fetch.get(&url).await.map_err(|error| FeedbackError::Unavailable(error.into()))?;
        if answer.status == 200 {
            return Ok(());
        }
        let cause = format!("SNS answered {} when the subscription was confirmed", answer.status);
        Err(FeedbackError::Unavailable(cause.into()))
    }
}

#[async_trait]
impl Feedback for SnsFeedback {
    async fn read(&self, body: &[u8], now: Timestamp) -> Result<Vec<MailEvent>, FeedbackError> {
        if body.len() > LARGEST_BODY {
            return Err(FeedbackError::Malformed(format!("it has over {LARGEST_BODY} bytes")));
        }
        let message = SnsMessage::parse(body)?;
        if message.topic_arn != self.topic.arn() {
            return Err(FeedbackError::Forged("it is of another topic".to_owned()));
        }
        message.check_age(now)?;
        let signature = message.signature()?;
        let url = self.topic.certificate(&message.signing_cert_url).map_err(FeedbackError::Forged)?;
        let certificate = self.certificates.get(&url, &*self.fetch, now).await?;
        signature.check(&message.signed_text()?, certificate.key())?;
        match message.kind()? {
            Kind::Notification => Ok(report::events(&message.message)),
            Kind::SubscriptionConfirmation => {
                self.confirm(&message).await?;
                Ok(Vec::new())
            }
            // Nothing can be done about it here.
            Kind::UnsubscribeConfirmation => Ok(Vec::new()),
        }
    }
}
