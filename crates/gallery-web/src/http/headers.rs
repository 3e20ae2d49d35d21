//! Security headers of every answer, errors too (ASVS 5.0 V3.4). A handler that needs another value
//! sets it; what it set stays.

use poem::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use poem::http::{HeaderMap, HeaderName, HeaderValue};

use super::WebSettings;

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const COOP: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The headers that depend on the settings.
pub(super) struct SecurityHeaders {
    content_security_policy: HeaderValue,
    https: bool,
}

impl SecurityHeaders {
    pub(super) fn new(settings: &WebSettings) -> Self {
        let mut images = String::new();
        for url in &settings.image_origins {
            images.push(' ');
            images.push_str(&url.origin().ascii_serialization());
        }
        let policy = format!(
            "default-src 'none'; img-src 'self' data:{images}; style-src 'self'; script-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
        );
        Self {
            content_security_policy: HeaderValue::try_from(policy)
                .expect("an origin is serialised to visible ASCII"),
            https: settings.base_url.scheme() == "https",
        }
    }

    /// Adds what is missing.
    ///
    /// No address, which may have a token in it, leaves the site as a referrer. Not even on the
    /// pages of tokens is it `no-referrer`: then browsers say of a form that its origin is `null`,
    /// and the guard could not tell it from another site's.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        let mut add = |name: HeaderName, value: HeaderValue| {
            headers.entry(name).or_insert(value);
        };
        add(CONTENT_SECURITY_POLICY, self.content_security_policy.clone());
        add(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        add(COOP, HeaderValue::from_static("same-origin"));
        add(CORP, HeaderValue::from_static("same-origin"));
        add(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        add(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        add(PERMISSIONS_POLICY, HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
        if self.https {
            add(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
        }
    }
}
