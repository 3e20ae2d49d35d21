//! What the client of a session is called, by its user agent. It knows no page. Tests are below.

/// Browsers by what their user agent holds. The order counts: most of them claim to be others, too.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems by what their browsers' user agents hold, in the order to look.
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// What the client of a session is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClientName {
    /// `Firefox on Linux`
    Browser { browser: &'static str, system: &'static str },
    /// No known browser: as it calls itself.
    Verbatim(String),
    /// It does not say.
    Unnamed,
}

impl ClientName {
    /// The name of a client that says this of itself.
    pub(super) fn of(user_agent: &str) -> Self {
        let find = |names: &[(&str, &'static str)]| {
            names.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
        };
        match (find(&BROWSERS), find(&SYSTEMS)) {
            (Some(browser), Some(system)) => Self::Browser { browser, system },
            _ if user_agent.is_empty() => Self::Unnamed,
            _ => Self::Verbatim(user_agent.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_by_their_names() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        let browser = |browser, system| ClientName::Browser { browser, system };
        assert_eq!(ClientName::of(chrome), browser("Chrome", "Linux"));
        assert_eq!(ClientName::of(&format!("{chrome} Edg/140.0")), browser("Edge", "Linux"));
        assert_eq!(ClientName::of(safari), browser("Safari", "iPhone"));
        assert_eq!(ClientName::of("curl/8.10"), ClientName::Verbatim("curl/8.10".to_owned()));
        assert_eq!(ClientName::of(""), ClientName::Unnamed);
    }
}
