//! What must be known to use SES, and the client made of it. Must not know mails. Tests: `tests/opening.rs`.

use std::fmt;
use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::types::MessageTag;
use gallery_aws::settings;

use crate::error::SesError;

/// How often a call is made at most. The worker tries a mail again later anyway: these retries are only to make up
/// for a moment.
const ATTEMPTS: u32 = 3;

/// The retries that SES sees at most while it answers nothing: a loan, given back by answers.
const LENT_RETRIES: usize = 20;

/// What an answer adds to the retries: a tenth of one, so that SES never sees more than a tenth more than was asked.
const EARNED_RETRY: f32 = 0.1;

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

/// Which SES to use, and how. Credentials are not among it: they come from the SDK's default chain (environment,
/// profile, role of the task or machine).
#[derive(Debug, Clone, Default)]
pub struct SesOptions {
    /// The region; without one, the SDK's default chain knows (`AWS_REGION`, profile, machine).
    pub region: Option<String>,
    /// The address of something that speaks SES. Without one it is the region's own, unless
    /// `AWS_ENDPOINT_URL_SESV2` or the profile says something else.
    pub endpoint: Option<String>,
    /// The configuration set that mails belong to; its event destinations report bounces and complaints.
    pub configuration_set: Option<String>,
    /// Names and values that SES's events and metrics carry.
    pub tags: Vec<(String, String)>,
    /// How long things may take.
    pub limits: SesLimits,
}

/// Which SES.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    region: String,
    endpoint: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Some(endpoint) => write!(f, "SES at {endpoint} (region {})", self.region),
            None => write!(f, "SES in region {}", self.region),
        }
    }
}

impl SesOptions {
    /// Finds out region and credentials, and makes the client.
    pub(crate) async fn connect(&self) -> Result<(Client, Place), SesError> {
        let endpoint = self.endpoint.as_ref();
        if let Some(bad) = endpoint.filter(|url| !url.starts_with("http://") && !url.starts_with("https://"))
        {
            return Err(SesError::BadEndpoint(bad.clone()));
        }
        if let Some(bad) = self.configuration_set.as_ref().filter(|name| !is_word(name, 64)) {
            return Err(SesError::BadConfigurationSet(bad.clone()));
        }
        let (shared, region) = settings(self.region.as_deref(), None).await?;
        let mut config = Builder::from(&shared)
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_initial_backoff(Duration::from_millis(200))
                    .with_max_backoff(Duration::from_secs(2)),
            )
            .retry_partition(RetryPartition::custom("gallery-mail-ses").token_bucket(budget()).build())
            .timeout_config(self.timeouts());
        if let Some(endpoint) = endpoint {
            config = config.endpoint_url(endpoint);
        }
        let place = Place { region: region.to_string(), endpoint: self.endpoint.clone() };
        Ok((Client::from_conf(config.build()), place))
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

    fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(self.limits.connect)
            .read_timeout(self.limits.read)
            .operation_attempt_timeout(self.limits.attempt)
            .operation_timeout(self.limits.operation)
            .build()
    }
}

/// Every retry costs one, whatever it is for.
fn budget() -> TokenBucket {
    TokenBucket::builder()
        .capacity(LENT_RETRIES)
        .retry_cost(1)
        .throttling_retry_cost(1)
        .timeout_retry_cost(1)
        .success_reward(EARNED_RETRY)
        .build()
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
