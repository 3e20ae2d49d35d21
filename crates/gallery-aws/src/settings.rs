//! Region and credentials, found before anything is asked of a service. Must not know any service. Tests: those of the
//! adapters that open one.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials as _;

use crate::story;

/// What the SDK's default chain (environment, profile, role of the task or machine) does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// There is no region.
    Region,
    /// There are no credentials, for this reason.
    Credentials(String),
}

/// What every client of a service is made of, and the region: this one, or that of the default chain, or else this
/// `fallback`. Asks for credentials once, so that it is now that whoever starts the gallery hears of their absence.
pub async fn settings(
    region: Option<&str>,
    fallback: Option<&'static str>,
) -> Result<(SdkConfig, Region), Missing> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    let shared = loader.load().await;
    let region = shared.region().cloned().or(fallback.map(Region::from_static)).ok_or(Missing::Region)?;
    if let Some(provider) = shared.credentials_provider() {
        provider.provide_credentials().await.map_err(|error| Missing::Credentials(reason(&story(&error))))?;
    }
    Ok((shared, region))
}

/// The SDK's explanation, without the list of everything it has tried.
fn reason(story: &str) -> String {
    let short = story.split(" Attempted:").next().unwrap_or_default();
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
}
