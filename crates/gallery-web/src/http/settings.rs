//! What the operator decides about the site.

use url::Url;

use super::Network;

/// What the operator decides about the site.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Where people reach the site. With `https` the session cookie is `__Host-gallery_session` and
    /// HSTS is sent.
    pub base_url: Url,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Where else than from the site itself pages may show images from: the object store, when it
    /// hands out links of its own. Only their origins count.
    pub image_origins: Vec<Url>,
}
