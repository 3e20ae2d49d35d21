//! What must be known to use SES, and the client made of it. Must not know mails. Tests:
//! `tests/it/opening.rs`.

use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::MessageTag;
use gallery_aws::{ClientOptions, Endpoint, TimeBudget};

use crate::error::SesError;

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SesLimits {
    /// To connect; 3 seconds.
    pub connect: Duration,
    /// To answer, when asked; 8 seconds.
    pub read: Duration,
    /// One attempt, with connecting; 10 seconds.
    pub attempt: Duration,
    /// The whole sending of one mail, with all attempts and the pauses between them; 25 seconds.
    pub operation: Duration,
}

impl Default for SesLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(8),
            attempt: Duration::from_secs(10),
            operation: Duration::from_secs(25),
        }
    }
}

impl SesLimits {
    pub(crate) fn time(&self) -> TimeBudget {
        TimeBudget { attempt: self.attempt, total: self.operation }
    }
}

/// Which SES to use, and how. Credentials are not among it: they come from the SDK's default chain
/// (environment, profile, role of the task or machine).
#[derive(Debug, Clone, Default)]
pub struct SesOptions {
    /// The region; without one, the SDK's default chain knows (`AWS_REGION`, profile, machine).
    pub region: Option<String>,
    /// The address of something that speaks SES. Without one it is the region's own, unless
    /// `AWS_ENDPOINT_URL_SESV2` or the profile says something else.
    pub endpoint: Option<String>,
    /// The configuration set that mails belong to; its event destinations report bounces and
    /// complaints.
    pub configuration_set: Option<String>,
    /// Names and values that SES's events and metrics carry.
    pub tags: Vec<(String, String)>,
    /// How long things may take.
    pub limits: SesLimits,
}

impl SesOptions {
    /// Finds out region and credentials, and makes the client.
    pub(crate) async fn connect(&self) -> Result<(Client, Endpoint), SesError> {
        if let Some(bad) = self.configuration_set.as_ref().filter(|name| !is_word(name, 64)) {
            return Err(SesError::BadConfigurationSet(bad.clone()));
        }
        let (config, endpoint) = ClientOptions {
            service: "SES",
            region: self.region.as_deref(),
            fallback_region: None,
            endpoint: self.endpoint.as_deref(),
            connect_timeout: self.limits.connect,
            read_timeout: Some(self.limits.read),
        }
        .connect()
        .await?;
        Ok((Client::new(&config), endpoint))
    }

    /// The tags in the SDK's form.
    pub(crate) fn message_tags(&self) -> Result<Vec<MessageTag>, SesError> {
        let tags = self.tags.iter().map(|(name, value)| {
            let built = MessageTag::builder().name(name).value(value).build();
            let good = is_word(name, 256) && is_word(value, 256);
            built.ok().filter(|_| good).ok_or_else(|| SesError::BadTag(format!("{name}={value}")))
        });
        tags.collect()
    }
}

/// The form of names in SES: ASCII letters, digits, `_` and `-`.
fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_ses_takes() {
        assert!(is_word("gallery_mail-1", 64));
        for bad in ["", "a b", "ä", "a.b", &"x".repeat(65)] {
            assert!(!is_word(bad, 64), "{bad}");
        }
    }

    #[test]
    fn tags_that_ses_would_refuse_with_every_mail_are_named() {
        let tags = |name: &str, value: &str| {
            let tags = vec![("kind".to_owned(), "mail".to_owned()), (name.to_owned(), value.to_owned())];
            SesOptions { tags, ..SesOptions::default() }.message_tags()
        };
        assert_eq!(tags("site", "photos").unwrap().len(), 2);
        for (name, value) in [("site", "photos.example.org"), ("", "x"), ("x", "")] {
            let error = tags(name, value).unwrap_err();
            assert!(error.to_string().contains(&format!("{name}={value}")), "{error}");
        }
    }
}
