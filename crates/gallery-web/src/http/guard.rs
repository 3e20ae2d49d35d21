//! Requests that another site made a browser send: refused when they could change anything (ASVS
//! 5.0 V3.5.1).
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site`; older ones, and all on plain http
//! to other hosts than loopback, at least in `Origin`. A client that sends neither is no browser
//! and carries no cookie it was not given on purpose.

use poem::http::{HeaderMap, Method, header};
use url::{Origin, Url};

use super::{Code, Problem};

/// Refuses an unsafe request from another site.
pub(super) fn check(method: &Method, headers: &HeaderMap, base_url: &Url) -> Result<(), Problem> {
    if method.is_safe() || !is_cross_site(headers, base_url) {
        return Ok(());
    }
    tracing::info!("a request from another site was refused");
    Err(Problem::new(Code::CrossSite))
}

fn is_cross_site(headers: &HeaderMap, base_url: &Url) -> bool {
    let mut fetch_sites = headers.get_all("sec-fetch-site").iter().peekable();
    if fetch_sites.peek().is_some() {
        return !fetch_sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    }
    !headers.get_all(header::ORIGIN).iter().all(|origin| {
        let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok()).map(|url| url.origin());
        origin.is_some_and(|origin| is_own(&origin, headers, base_url))
    })
}

/// The site's own origin is the configured one, or, so that `localhost` works as well as
/// `127.0.0.1`, the one that the request was sent to, by the same scheme.
fn is_own(origin: &Origin, headers: &HeaderMap, base_url: &Url) -> bool {
    if !origin.is_tuple() {
        return false;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let addressed = host.and_then(|host| Url::parse(&format!("{}://{host}", base_url.scheme())).ok());
    *origin == base_url.origin() || addressed.is_some_and(|url| *origin == url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(base_url: &str, method: &Method, sent: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        check(method, &headers, &base_url.parse().unwrap()).is_err()
    }

    #[test]
    fn rule_35_fetch_metadata_decides_for_unsafe_methods() {
        for (site, refusal) in
            [("same-origin", false), ("none", false), ("same-site", true), ("cross-site", true), ("", true)]
        {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                // Origin is not consulted when there is better.
                let sent = [("sec-fetch-site", site), ("origin", "https://evil.example")];
                assert_eq!(refused("https://photos.example", &method, &sent), refusal, "{method} {site}");
            }
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                assert!(!refused("https://photos.example", &method, &[("sec-fetch-site", site)]));
            }
        }
    }

    #[test]
    fn rule_35_origin_decides_without_it() {
        let behind_proxy = |origin| {
            refused("https://photos.example", &Method::POST, &[("origin", origin), ("host", "web:8080")])
        };
        assert!(!behind_proxy("https://photos.example"));
        assert!(!behind_proxy("https://photos.example:443"));
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://photos.example",
            "https://photos.example.evil.example",
            "https://photos.example:8443",
            "https://xphotos.example",
            "http://web:8080",
            "file://",
        ] {
            assert!(behind_proxy(origin), "{origin}");
        }
    }

    #[test]
    fn rule_35_the_addressed_host_is_the_sites_own() {
        let on_loopback = |origin, host| {
            refused("http://127.0.0.1:8080", &Method::POST, &[("origin", origin), ("host", host)])
        };
        assert!(!on_loopback("http://localhost:8080", "localhost:8080"));
        assert!(on_loopback("http://localhost:9090", "localhost:8080"));
        assert!(on_loopback("https://localhost:8080", "localhost:8080"));
        assert!(on_loopback("null", "localhost:8080"));
        assert!(!refused("http://127.0.0.1:8080", &Method::POST, &[]));
    }

    #[test]
    fn rule_35_every_value_of_a_repeated_header_counts() {
        let twice = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")];
        assert!(refused("https://photos.example", &Method::POST, &twice));
        let twice = [("origin", "https://photos.example"), ("origin", "https://evil.example")];
        assert!(refused("https://photos.example", &Method::POST, &twice));
    }
}
