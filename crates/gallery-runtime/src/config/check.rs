//! Whether the values make sense, and what follows from them. Reads secrets from their files, and
//! changes nothing: `config check` runs the same code.

use std::path::Path;

use gallery_core::mail::{MailSettings, Mailbox};
use gallery_core::texts::Text;
use gallery_core::usecases::Throttling;
use gallery_core::values::{Email, SecretKey};
use gallery_web::Network;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{Config, DatabaseTls, Problem, Problems, Secret};

/// The fewest characters that an operator may ask of passwords (ASVS 5.0 V6.2.1).
const PASSWORD_MIN_CHARS: u16 = 8;

/// What follows from the settings.
#[derive(Debug, Clone)]
pub struct Derived {
    /// Where people reach the gallery, without a slash at the end.
    pub base_url: Url,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<Network>,
    /// What mails have in common.
    pub mail_settings: MailSettings,
    /// The configured secret. Without it, the one of the data folder is used.
    pub secret: Option<SecretKey>,
    /// The configured database. Without it, the data folder's is used.
    pub database_url: Option<Secret>,
    /// The password for it, if that is given by itself.
    pub database_password: Option<Secret>,
    /// The password for the SMTP server.
    pub smtp_password: Option<Secret>,
}

impl Config {
    /// Checks every value; returns what follows from them, or all that is wrong.
    pub fn check(&self) -> Result<Derived, Problems> {
        let mut checks = Checks(Vec::new());
        self.check_figures(&mut checks);
        let base_url = checks.take("server.base_url", self.base_url());
        let trusted_proxies = self.server.trusted_proxies.iter().filter_map(|text| {
            let network = text.parse::<Network>();
            let network = network.map_err(|_| Text::new("config-network").with("text", text));
            checks.take("server.trusted_proxies", network)
        });
        let trusted_proxies = trusted_proxies.collect();
        checks.take("log.filter", parse_filter(&self.log.filter).map(drop));
        let database_url =
            checks.secret("database.url", self.database.url.as_ref(), self.database.url_file.as_deref());
        let database = &self.database;
        let database_password =
            checks.secret("database.password", database.password.as_ref(), database.password_file.as_deref());
        let smtp = &self.smtp;
        let smtp_password =
            checks.secret("smtp.password", smtp.password.as_ref(), smtp.password_file.as_deref());
        self.check_places(&mut checks);
        let unused = database.tls == DatabaseTls::Off && database.tls_ca_file.is_some();
        checks.demand("database.tls_ca_file", !unused, Text::new("config-tls-unused"));
        let secret =
            checks.secret("auth.secret", self.auth.secret.as_ref(), self.auth.secret_file.as_deref());
        let secret = secret.and_then(|text| {
            let key = SecretKey::new(text.expose()).map_err(|invalid| invalid.detail);
            checks.take("auth.secret", key)
        });
        if database_url.is_some() && secret.is_none() && !checks.complains_about("auth.secret") {
            checks.0.push(Problem::new("auth.secret", Text::new("config-secret-required")));
        }
        let mail_settings = base_url.as_ref().and_then(|url| self.mail_settings(url, &mut checks));
        match (base_url, mail_settings) {
            (Some(base_url), Some(mail_settings)) if checks.0.is_empty() => {
                let derived = Derived {
                    base_url,
                    trusted_proxies,
                    mail_settings,
                    secret,
                    database_url,
                    database_password,
                    smtp_password,
                };
                Ok(derived)
            }
            _ => Err(Problems(checks.0)),
        }
    }

    /// The limits on guessing and on mail.
    pub fn throttling(&self) -> Throttling {
        Throttling::default()
            .with_window(std::time::Duration::from_secs(self.throttling.window_seconds))
            .with_failures_per_account(self.throttling.failures_per_account)
            .with_failures_per_account_everywhere(self.throttling.failures_per_account_everywhere)
            .with_failures_per_client(self.throttling.failures_per_client)
            .with_mails_per_address(self.throttling.mails_per_address)
            .with_mails_per_client(self.throttling.mails_per_client)
    }

    fn check_figures(&self, checks: &mut Checks) {
        let Self { server, database, limits, throttling, workers, .. } = self;
        for (name, value) in [
            ("server.max_connections", u64::from(server.max_connections)),
            ("server.header_seconds", server.header_seconds),
            ("server.keep_alive_seconds", server.keep_alive_seconds),
            ("server.min_bytes_per_second", server.min_bytes_per_second),
            ("server.slow_client_grace_seconds", server.slow_client_grace_seconds),
            ("database.max_connections", u64::from(database.max_connections)),
            ("database.acquire_milliseconds", database.acquire_milliseconds),
            ("limits.max_upload_bytes", limits.max_upload_bytes),
            ("limits.quota_bytes", limits.quota_bytes),
            ("limits.max_megapixels", u64::from(limits.max_megapixels)),
            ("limits.decode_seconds", limits.decode_seconds),
            ("throttling.window_seconds", throttling.window_seconds),
            ("throttling.failures_per_account", u64::from(throttling.failures_per_account)),
            (
                "throttling.failures_per_account_everywhere",
                u64::from(throttling.failures_per_account_everywhere),
            ),
            ("throttling.failures_per_client", u64::from(throttling.failures_per_client)),
            ("throttling.mails_per_address", u64::from(throttling.mails_per_address)),
            ("throttling.mails_per_client", u64::from(throttling.mails_per_client)),
            ("workers.poll_seconds", workers.poll_seconds),
        ] {
            checks.demand(name, value > 0, Text::new("config-at-least-one"));
        }
        checks.demand(
            "auth.password_min_chars",
            self.auth.password_min_chars >= PASSWORD_MIN_CHARS,
            Text::new("config-password-length").with("least", PASSWORD_MIN_CHARS),
        );
        checks.demand(
            "data_dir",
            !self.general.data_dir.as_os_str().is_empty(),
            Text::new("config-folder-required"),
        );
        let named = !self.site.name.trim().is_empty();
        checks.demand("site.name", named, Text::new("config-site-name-required"));
        let control = |text: &str| text.chars().any(char::is_control);
        let printable = !control(&self.site.name);
        checks.demand("site.name", printable, Text::new("config-name-control-characters"));
    }

    fn base_url(&self) -> Result<Url, Text> {
        let Some(text) = self.server.base_url.as_deref().filter(|text| !text.is_empty()) else {
            let listen = self.server.listen;
            // An address that means "all of them" is not one that a browser can reach.
            let host =
                if listen.ip().is_unspecified() { "127.0.0.1".to_owned() } else { listen.ip().to_string() };
            let host = if host.contains(':') { format!("[{host}]") } else { host };
            return parse_url(&format!("http://{host}:{}", listen.port()));
        };
        let url = parse_url(text)?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(Text::new("config-url-scheme").with("text", text));
        }
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !bare || url.password().is_some() || url.path() != "/" {
            return Err(Text::new("config-url-bare").with("text", text));
        }
        Ok(url)
    }

    fn mail_settings(&self, base_url: &Url, checks: &mut Checks) -> Option<MailSettings> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let from = match given(&self.mail.from) {
            Some(text) => checks.take("mail.from", Email::parse(&text).map_err(|invalid| invalid.detail)),
            None => Email::parse(&format!("gallery@{}", base_url.host_str().unwrap_or_default()))
                .or_else(|_| Email::parse("gallery@gallery.localhost"))
                .ok(),
        };
        let reply_to = given(&self.mail.reply_to)
            .map(|text| checks.take("mail.reply_to", Email::parse(&text).map_err(|invalid| invalid.detail)));
        let name = given(&self.mail.from_name).unwrap_or_else(|| self.site.name.clone());
        checks.demand(
            "mail.from_name",
            !name.chars().any(char::is_control),
            Text::new("config-name-control-characters"),
        );
        let mailbox = |address: Email| Mailbox { name: name.clone(), address };
        Some(MailSettings {
            site_name: self.site.name.clone(),
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            from: mailbox(from?),
            reply_to: reply_to.flatten().map(|address| Mailbox { name: String::new(), address }),
        })
    }
}

impl Derived {
    /// True when passwords and cookies cross a network in the clear.
    pub fn is_exposed(&self) -> bool {
        let loopback = match self.base_url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        };
        self.base_url.scheme() == "http" && !loopback
    }
}

fn parse_url(text: &str) -> Result<Url, Text> {
    Url::parse(text)
        .map_err(|error| Text::new("config-url").with("text", text).with("error", error.to_string()))
}

/// The log's filter.
pub(crate) fn parse_filter(text: &str) -> Result<EnvFilter, Text> {
    EnvFilter::builder()
        .parse(text)
        .map_err(|error| Text::new("config-filter").with("text", text).with("error", error.to_string()))
}

/// Collects what is wrong.
pub(super) struct Checks(Vec<Problem>);

impl Checks {
    fn take<T>(&mut self, name: &str, result: Result<T, Text>) -> Option<T> {
        result.map_err(|what| self.0.push(Problem::new(name, what))).ok()
    }

    pub(super) fn demand(&mut self, name: &str, holds: bool, otherwise: Text) {
        if !holds {
            self.0.push(Problem::new(name, otherwise));
        }
    }

    fn complains_about(&self, name: &str) -> bool {
        self.0.iter().any(|problem| problem.name == name || problem.name == format!("{name}_file"))
    }

    /// A secret that is given directly, or by the file that holds it. A given one must not be
    /// empty.
    fn secret(&mut self, name: &str, text: Option<&Secret>, file: Option<&Path>) -> Option<Secret> {
        let (name, secret) = match (text, file) {
            (None, None) => return None,
            (Some(_), Some(_)) => {
                self.0.push(Problem::new(name, Text::new("config-either-or-file").with("name", name)));
                return None;
            }
            (Some(text), None) => (name.to_owned(), text.clone()),
            (None, Some(file)) => {
                let name = format!("{name}_file");
                let read = read_secret(file);
                let secret = self.take(&name, read)?;
                (name, secret)
            }
        };
        self.demand(&name, !secret.expose().is_empty(), Text::new("config-secret-empty"));
        Some(secret).filter(|secret| !secret.expose().is_empty())
    }
}

fn read_secret(file: &Path) -> Result<Secret, Text> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let text = Text::new("config-secret-unreadable").with("file", file.display().to_string());
        text.with("error", error.to_string())
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "0f4c8a7be21d93650f4c8a7be21d9365";

    fn secret(text: &str) -> Secret {
        text.to_owned().into()
    }

    fn names(config: &Config) -> Vec<String> {
        config.check().err().map_or_else(Vec::new, |found| found.0.into_iter().map(|p| p.name).collect())
    }

    #[test]
    fn the_defaults_are_good() {
        let derived = Config::default().check().unwrap();
        assert_eq!(derived.base_url.as_str(), "http://127.0.0.1:8080/");
        assert_eq!(derived.mail_settings.base_url, "http://127.0.0.1:8080");
        assert_eq!(derived.mail_settings.from.address.typed(), "gallery@gallery.localhost");
        assert_eq!(derived.mail_settings.from.name, "Photo gallery");
        assert!(!derived.is_exposed());
    }

    #[test]
    fn the_base_url_follows_the_address_and_mails_follow_the_base_url() {
        let mut config = Config::default();
        config.server.listen = "[::]:81".parse().unwrap();
        assert_eq!(config.check().unwrap().base_url.as_str(), "http://127.0.0.1:81/");
        config.server.listen = "[::1]:81".parse().unwrap();
        assert_eq!(config.check().unwrap().base_url.as_str(), "http://[::1]:81/");
        config.server.base_url = Some("https://photos.example.org".to_owned());
        let derived = config.check().unwrap();
        assert_eq!(derived.mail_settings.from.address.typed(), "gallery@photos.example.org");
        assert!(!derived.is_exposed());
        config.server.base_url = Some("http://photos.example.org".to_owned());
        assert!(config.check().unwrap().is_exposed());
    }

    #[test]
    fn strange_base_urls_are_refused() {
        for text in
            ["photos", "ftp://x.org", "http://", "https://x.org/a", "https://u@x.org", "https://x.org/?q"]
        {
            let mut config = Config::default();
            config.server.base_url = Some(text.to_owned());
            assert_eq!(names(&config), ["server.base_url"], "{text}");
        }
    }

    #[test]
    fn rule_45_missing_empty_short_and_default_secrets_are_refused() {
        for text in ["", "secret", "changeme", &"0".repeat(64)] {
            let mut config = Config::default();
            config.auth.secret = Some(secret(text));
            assert_eq!(names(&config), ["auth.secret"], "{text}");
        }
        let mut config = Config::default();
        config.database.url = Some(secret("mysql://db/gallery"));
        assert_eq!(names(&config), ["auth.secret"]);
        config.auth.secret = Some(secret(GOOD));
        assert_eq!(names(&config), Vec::<String>::new());
    }

    #[test]
    fn secrets_come_from_files_too_but_from_one_place_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, format!("{GOOD}\n")).unwrap();
        let mut config = Config::default();
        config.auth.secret_file = Some(file.clone());
        assert_eq!(config.check().unwrap().secret.unwrap().expose(), GOOD.as_bytes());
        std::fs::write(&file, "\n").unwrap();
        assert_eq!(names(&config), ["auth.secret_file"]);
        config.auth.secret = Some(secret(GOOD));
        assert_eq!(names(&config), ["auth.secret"]);
        config.auth.secret = None;
        config.auth.secret_file = Some(folder.path().join("absent"));
        assert_eq!(names(&config), ["auth.secret_file"]);
    }

    #[test]
    fn a_database_s_password_comes_from_one_place_and_certificates_are_used() {
        let mut config = Config::default();
        config.database.password = Some(secret("hunter2"));
        let derived = config.check().unwrap();
        assert_eq!(derived.database_password.as_ref().map(Secret::expose), Some("hunter2"));
        assert!(!format!("{config:?} {derived:?}").contains("hunter2"));
        config.database.password_file = Some("password".into());
        config.database.tls_ca_file = Some("bundle.pem".into());
        config.database.tls = DatabaseTls::Off;
        config.database.max_connections = 0;
        let expected = ["database.max_connections", "database.password", "database.tls_ca_file"];
        assert_eq!(names(&config), expected);
    }

    #[test]
    fn every_bad_value_is_named() {
        let mut config = Config::default();
        config.auth.password_min_chars = 7;
        config.server.max_connections = 0;
        config.server.trusted_proxies = vec!["10.0.0.0/8".to_owned(), "proxy".to_owned()];
        config.log.filter = "gallery=loud".to_owned();
        config.mail.from = Some("nobody".to_owned());
        config.mail.reply_to = Some("a@b@c".to_owned());
        config.site.name = " ".to_owned();
        let expected = [
            "server.max_connections",
            "auth.password_min_chars",
            "site.name",
            "server.trusted_proxies",
            "log.filter",
            "mail.from",
            "mail.reply_to",
        ];
        assert_eq!(names(&config), expected);
    }

    #[test]
    fn secrets_are_not_in_debug_output() {
        let mut config = Config::default();
        config.auth.secret = Some(secret(GOOD));
        config.database.url = Some(secret("mysql://u:hunter2@db/gallery"));
        let derived = config.check().unwrap();
        for text in [format!("{config:?}"), format!("{derived:?}")] {
            assert!(!text.contains(GOOD) && !text.contains("hunter2"), "{text}");
        }
    }
}
