//! Where a log-in leads. Tests are below.

use poem::http::HeaderValue;

/// A path of this site that may follow a log-in: anything else could lead people to another site.
pub(super) fn safe_next(next: &str) -> Option<&str> {
    let bad = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    let path = next.starts_with('/') && !next.starts_with("//") && !next.contains(bad);
    (path && next.len() <= 2_000 && HeaderValue::from_str(next).is_ok() && next.is_ascii()).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_in_never_leads_to_another_site() {
        for good in ["/", "/albums/7?cursor=x", "/search?q=a%20b&x=//y"] {
            assert_eq!(safe_next(good), Some(good));
        }
        for bad in [
            "",
            "albums",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/\t/x",
            "/ü",
            "\u{0}/",
        ] {
            assert_eq!(safe_next(bad), None, "{bad:?}");
        }
    }
}
