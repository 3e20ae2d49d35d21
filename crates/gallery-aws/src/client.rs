//! What every client of a service is made of: region, credentials and endpoint, found before
//! anything is asked of the service. Must not know any service. Tests are below, and those of the
//! adapters that open one.

use std::fmt;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;

use crate::chain::error_chain;

/// Which of AWS's regions and endpoints to use. Credentials are not among it: they come from the
/// SDK's default chain (environment, profile, role of the task or machine).
#[derive(Debug, Clone, Copy)]
pub struct ClientOptions<'o> {
    /// The service's name, for people.
    pub service: &'static str,
    /// The region; without one, the default chain knows.
    pub region: Option<&'o str>,
    /// The region where nothing says it.
    pub fallback_region: Option<&'static str>,
    /// The address of something that speaks like the service; without one, it is the region's own,
    /// unless the environment or the profile says something else.
    pub endpoint: Option<&'o str>,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long the first byte of a response may take; without one, only the caller's limit counts.
    pub read_timeout: Option<Duration>,
}

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientError {
    /// The endpoint is no address.
    BadEndpoint(String),
    /// The default chain knows no region.
    NoRegion,
    /// The default chain found no credentials, for this reason.
    NoCredentials(String),
}

/// Where a service is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The service's name.
    pub service: &'static str,
    /// The region.
    pub region: Box<str>,
    /// The address, if it is not the region's own.
    pub url: Option<Box<str>>,
}

impl ClientOptions<'_> {
    /// The configuration of a client, and where it leads. Asks for credentials once, so that it is
    /// now that whoever starts the gallery learns of their absence. The SDK's own retries are
    /// disabled: those are [`Retrier`](crate::Retrier)'s.
    pub async fn connect(self) -> Result<(SdkConfig, Endpoint), ClientError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(endpoint) = self.endpoint {
            if !(endpoint.starts_with("http://") || endpoint.starts_with("https://")) {
                return Err(ClientError::BadEndpoint(endpoint.to_owned()));
            }
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(region) = self.region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        let shared = loader.load().await;
        let region = shared.region().cloned().or(self.fallback_region.map(Region::from_static));
        let region = region.ok_or(ClientError::NoRegion)?;
        if let Some(provider) = shared.credentials_provider() {
            let found = provider.provide_credentials().await;
            found.map_err(|error| ClientError::NoCredentials(reason(&error_chain(&error))))?;
        }
        let mut timeouts = TimeoutConfig::builder().connect_timeout(self.connect_timeout);
        timeouts.set_read_timeout(self.read_timeout);
        // Not before: the default chain's own calls keep the SDK's retries and limits.
        let config = shared
            .into_builder()
            .region(region.clone())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts.build())
            .build();
        let url = self.endpoint.map(Into::into);
        Ok((config, Endpoint { service: self.service, region: region.as_ref().into(), url }))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, region, url } = self;
        match url {
            Some(url) => write!(f, "{service} at {url} (region {region})"),
            None => write!(f, "{service} in region {region}"),
        }
    }
}

/// The SDK's explanation, without the list of everything it has tried.
fn reason(chain: &str) -> String {
    let short = chain.split(" Attempted:").next().unwrap_or_default();
    short.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_is_not_listed() {
        let said = "the credential provider was not enabled: no providers in chain. Attempted: [a, b]";
        assert_eq!(reason(said), "the credential provider was not enabled: no providers in chain");
    }

    #[tokio::test]
    async fn an_endpoint_is_an_address() {
        let options = ClientOptions {
            service: "S3",
            region: Some("us-east-1"),
            fallback_region: None,
            endpoint: Some("minio:9000"),
            connect_timeout: Duration::from_secs(1),
            read_timeout: None,
        };
        assert_eq!(options.connect().await.unwrap_err(), ClientError::BadEndpoint("minio:9000".to_owned()));
    }

    #[test]
    fn an_endpoint_is_named_with_its_region() {
        let own = Endpoint { service: "SES", region: "eu-west-1".into(), url: None };
        assert_eq!(own.to_string(), "SES in region eu-west-1");
        let other = Endpoint { url: Some("http://localhost:1".into()), ..own };
        assert_eq!(other.to_string(), "SES at http://localhost:1 (region eu-west-1)");
    }
}
