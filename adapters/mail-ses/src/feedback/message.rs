//! A message of SNS in its JSON form (SNS developer guide, "HTTP/HTTPS notification JSON format").
//! Must not know what is in it. Tests: `tests` beside this file.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gallery_core::ports::FeedbackError;
use gallery_core::values::Timestamp;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::signature::Signature;

/// How old a message may be. SNS tries for an hour at most to deliver one; what is older is
/// repeated by somebody else.
const OLDEST: Duration = Duration::from_hours(1);

/// How far the clocks may be apart.
const CLOCK_SKEW: Duration = Duration::from_mins(5);

/// A message, as it was posted: nothing in it is proven.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsMessage {
    #[serde(rename = "Type")]
    kind: String,
    message_id: String,
    pub topic_arn: String,
    pub message: String,
    subject: Option<String>,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    pub signing_cert_url: String,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    pub subscribe_url: Option<String>,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody published it in the topic.
    Notification,
    /// The endpoint was subscribed to the topic, and is to confirm that.
    SubscriptionConfirmation,
    /// The endpoint was unsubscribed.
    UnsubscribeConfirmation,
}

impl SnsMessage {
    pub fn parse(body: &[u8]) -> Result<Self, FeedbackError> {
        // The position of the error is said, none of the content.
        serde_json::from_slice(body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            FeedbackError::Malformed(format!("it is not a message of SNS ({place})"))
        })
    }

    pub fn kind(&self) -> Result<Kind, FeedbackError> {
        match self.kind.as_str() {
            "Notification" => Ok(Kind::Notification),
            "SubscriptionConfirmation" => Ok(Kind::SubscriptionConfirmation),
            "UnsubscribeConfirmation" => Ok(Kind::UnsubscribeConfirmation),
            _ => Err(FeedbackError::Malformed("its type is unknown".to_owned())),
        }
    }

    /// Refuses what somebody may have recorded. (Within the hour the same message may come again
    /// anyway: SNS itself repeats them.)
    pub fn check_age(&self, now: Timestamp) -> Result<(), FeedbackError> {
        let at = OffsetDateTime::parse(&self.timestamp, &Rfc3339);
        let at = at.map_err(|_| FeedbackError::Malformed("its time is not one".to_owned()))?;
        let millis = i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX);
        let at = Timestamp::from_millis(millis);
        if now.since(at) > OLDEST {
            return Err(FeedbackError::Forged("it is older than an hour".to_owned()));
        }
        if at.since(now) > CLOCK_SKEW {
            return Err(FeedbackError::Forged("it is of the future".to_owned()));
        }
        Ok(())
    }

    pub fn signature(&self) -> Result<Signature, FeedbackError> {
        let bytes = STANDARD.decode(&self.signature);
        let bytes = bytes.map_err(|_| FeedbackError::Malformed("its signature is not Base64".to_owned()))?;
        Signature::new(&self.signature_version, bytes)
    }

    /// What is signed: names and values in the order of their names, a line each (SNS developer
    /// guide, "Verifying the signatures of Amazon SNS messages").
    pub fn signed_text(&self) -> Result<String, FeedbackError> {
        let needed = |value: &Option<String>, name: &str| {
            value.clone().ok_or_else(|| FeedbackError::Malformed(format!("it has no {name}")))
        };
        let mut fields = vec![("Message", self.message.clone()), ("MessageId", self.message_id.clone())];
        if self.kind()? == Kind::Notification {
            fields.extend(self.subject.clone().map(|subject| ("Subject", subject)));
            fields.push(("Timestamp", self.timestamp.clone()));
        } else {
            fields.push(("SubscribeURL", needed(&self.subscribe_url, "SubscribeURL")?));
            fields.push(("Timestamp", self.timestamp.clone()));
            fields.push(("Token", needed(&self.token, "Token")?));
        }
        fields.extend([("TopicArn", self.topic_arn.clone()), ("Type", self.kind.clone())]);
        let lines = fields.iter().flat_map(|(name, value)| [name, "\n", value.as_str(), "\n"]);
        Ok(lines.collect())
    }
}
