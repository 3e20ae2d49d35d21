//! How to reach a server: what a URL says, when a connection is encrypted, and what every
//! connection's session is set to. Opens nothing. Tests are beside the code;
//! `tests/it/mysql/tls.rs` shows what the server sees.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use url::Url;

/// MySQL's registered port.
const PORT: u16 = 3306;
/// More than there are statements in one text, so that each of those stays prepared; statements for
/// lists of values come in a few lengths, and the ones that are used least give way.
const PREPARED_STATEMENTS: usize = 256;

/// What both servers are told at the start of every session, whatever their own defaults are.
///
/// Strings are utf8mb4 and compare by code point. What does not fit is refused, not cut. Nobody
/// waits longer than two seconds for a lock. The isolation is READ COMMITTED, see `db`.
pub(super) const SESSION: &str = "SET NAMES utf8mb4 COLLATE utf8mb4_bin; \
     SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION autocommit = 1, \
     SESSION foreign_key_checks = 1, SESSION unique_checks = 1, \
     SESSION innodb_lock_wait_timeout = 2, SESSION lock_wait_timeout = 2; \
     SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// When a connection is encrypted, and the server's certificate verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tls {
    /// Encrypted and verified, unless the server is on this machine and no certificates are named:
    /// there encryption is used if the server offers it, and nothing is verified.
    #[default]
    Auto,
    /// Encrypted and verified, wherever the server is.
    Verify,
    /// Never encrypted: passwords and records cross the network in the clear.
    Off,
}

/// What protects a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Verified TLS.
    Verified,
    /// Nothing: it crosses the network in the clear.
    None,
    /// It does not leave this machine.
    ThisMachine,
}

/// How to reach a server, and how many connections to keep.
#[derive(Clone)]
pub struct MySqlSettings {
    /// The most connections.
    pub connections: u32,
    /// How long a call waits for a connection, before it returns `Unavailable`.
    pub acquire_timeout: Duration,
    address: MySqlConnectOptions,
    has_password: bool,
    is_local: bool,
    tls: Tls,
    ca_file: Option<PathBuf>,
}

/// What is wrong with a URL, or with what comes beside it. The messages don't repeat it: it may
/// hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// It is no URL of this kind.
    #[error(
        "it must be of the form `mysql://user:password@host:3306/database`, with special characters as `%XX`"
    )]
    Malformed,
    /// It has other parameters than `socket`.
    #[error("the only parameter that it takes is `?socket=/path`; everything else is a setting of its own")]
    Parameters,
    /// The password is given twice.
    #[error("give the password either in the URL or by itself, not both")]
    TwoPasswords,
    /// Certificates are named that nobody will look at.
    #[error("certificates are named, but TLS is off; leave out one of the two")]
    UnusedCertificates,
}

impl MySqlSettings {
    /// What `mysql://user:password@host:port/database` says; with `?socket=/path` behind it, the
    /// server is reached through that file. The rest is as good defaults are.
    pub fn parse(url: &str) -> Result<Self, SettingsError> {
        let url = Url::parse(url).map_err(|_| SettingsError::Malformed)?;
        let host =
            url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let database = url.path().strip_prefix('/').unwrap_or_default();
        let well_formed = url.scheme() == "mysql"
            && !host.is_empty()
            && !url.username().is_empty()
            && !database.is_empty()
            && !database.contains('/')
            && url.fragment().is_none();
        if !well_formed {
            return Err(SettingsError::Malformed);
        }
        if url.query_pairs().any(|(name, _)| name != "socket") {
            return Err(SettingsError::Parameters);
        }
        let address = MySqlConnectOptions::from_url(&url).map_err(|_| SettingsError::Malformed)?.host(&host);
        Ok(Self {
            tls: Tls::default(),
            ca_file: None,
            connections: 16,
            acquire_timeout: Duration::from_millis(1_500),
            has_password: url.password().is_some(),
            is_local: address.get_socket().is_some() || is_loopback(&host),
            address: address.port(url.port().unwrap_or(PORT)),
        })
    }

    /// The password, for a URL that holds none.
    pub fn with_password(mut self, password: &str) -> Result<Self, SettingsError> {
        if self.has_password {
            return Err(SettingsError::TwoPasswords);
        }
        self.has_password = true;
        self.address = self.address.password(password);
        Ok(self)
    }

    /// When connections are encrypted, and a PEM file of certificates that the server's may be
    /// signed by, besides those of the public authorities: for Amazon RDS its certificate bundle.
    pub fn with_tls(mut self, tls: Tls, ca_file: Option<PathBuf>) -> Result<Self, SettingsError> {
        if tls == Tls::Off && ca_file.is_some() {
            return Err(SettingsError::UnusedCertificates);
        }
        (self.tls, self.ca_file) = (tls, ca_file);
        Ok(self)
    }

    /// The server: host and port, or the file of its socket.
    pub fn server(&self) -> String {
        let (host, port) = (self.address.get_host(), self.address.get_port());
        match self.address.get_socket() {
            Some(socket) => socket.display().to_string(),
            None if host.contains(':') => format!("[{host}]:{port}"),
            None => format!("{host}:{port}"),
        }
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        self.address.get_database().unwrap_or_default()
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        self.address.get_username()
    }

    /// What protects the connection, as a person is told.
    pub fn encryption(&self) -> Encryption {
        match self.mode() {
            MySqlSslMode::VerifyIdentity => Encryption::Verified,
            MySqlSslMode::Disabled if !self.is_local => Encryption::None,
            _ => Encryption::ThisMachine,
        }
    }

    /// The file of certificates.
    pub(super) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// What the driver connects with. `certificates` is what [`ca_file`](Self::ca_file) holds.
    pub(super) fn options(&self, certificates: Option<Vec<u8>>) -> MySqlConnectOptions {
        let options = self
            .address
            .clone()
            .ssl_mode(self.mode())
            .statement_cache_capacity(PREPARED_STATEMENTS)
            // The session is set by `SESSION`, in one round trip.
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .timezone(None)
            .set_names(false)
            .disable_statement_logging();
        match certificates {
            Some(certificates) => options.ssl_ca_from_pem(certificates),
            None => options,
        }
    }

    fn mode(&self) -> MySqlSslMode {
        match self.tls {
            Tls::Off => MySqlSslMode::Disabled,
            Tls::Auto if self.is_local && self.ca_file.is_none() => MySqlSslMode::Preferred,
            Tls::Auto | Tls::Verify => MySqlSslMode::VerifyIdentity,
        }
    }
}

/// Where the records are, as a person is told: never with the password.
impl fmt::Display for MySqlSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encryption = match self.encryption() {
            Encryption::Verified => "over verified TLS",
            Encryption::None => "without TLS",
            Encryption::ThisMachine => "on this machine",
        };
        write!(f, "database {} on {} ({encryption}, as {})", self.database(), self.server(), self.user())
    }
}

impl fmt::Debug for MySqlSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MySqlSettings({self})")
    }
}

/// True for a host that is this machine. Other names are not looked up: they may lead elsewhere
/// tomorrow.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> MySqlSettings {
        MySqlSettings::parse(url).unwrap()
    }

    #[test]
    fn a_url_says_where_and_who() {
        let settings = parsed("mysql://ann:pa%2Fss@db.example.org/photos");
        assert_eq!(
            (settings.server().as_str(), settings.user(), settings.database()),
            ("db.example.org:3306", "ann", "photos")
        );
        assert_eq!(parsed("mysql://ann@[::1]:3307/photos").server(), "[::1]:3307");
        assert_eq!(parsed("mysql://ann@localhost/photos?socket=/run/m.sock").server(), "/run/m.sock");
    }

    #[test]
    fn other_urls_are_refused_and_not_repeated() {
        for url in [
            "mysql://hunter2",
            "mysql://ann:hunter2@db",
            "mysql://ann:hunter2@db/",
            "mysql://ann:hunter2@db/a/b",
            "mysql://:hunter2@db/photos",
            "postgres://ann:hunter2@db/photos",
            "mysql:/hunter2/photos",
            "hunter2",
        ] {
            let error = MySqlSettings::parse(url).unwrap_err();
            assert_eq!(error, SettingsError::Malformed, "{url}");
            assert!(!error.to_string().contains("hunter2"));
        }
        let disarmed = MySqlSettings::parse("mysql://ann@db/photos?ssl-mode=DISABLED");
        assert_eq!(disarmed.unwrap_err(), SettingsError::Parameters);
    }

    #[test]
    fn a_password_is_given_once_and_never_shown() {
        let in_url = parsed("mysql://ann:hunter2@db/photos");
        assert_eq!(in_url.clone().with_password("other").unwrap_err(), SettingsError::TwoPasswords);
        let beside = parsed("mysql://ann@db/photos").with_password("hunter2").unwrap();
        for settings in [in_url, beside] {
            assert!(!format!("{settings} {settings:?}").contains("hunter2"));
        }
    }

    #[test]
    fn what_crosses_a_network_is_encrypted_and_verified_unless_it_is_said_otherwise() {
        let mode = |url: &str, tls: Tls, ca_file: Option<&str>| {
            parsed(url).with_tls(tls, ca_file.map(PathBuf::from)).unwrap().mode()
        };
        let (far, near) = ("mysql://ann@db/photos", "mysql://ann@127.0.0.1/photos");
        for (url, tls, ca_file, expected) in [
            (far, Tls::Auto, None, MySqlSslMode::VerifyIdentity),
            (far, Tls::Verify, None, MySqlSslMode::VerifyIdentity),
            (far, Tls::Off, None, MySqlSslMode::Disabled),
            (near, Tls::Auto, None, MySqlSslMode::Preferred),
            (near, Tls::Auto, Some("ca.pem"), MySqlSslMode::VerifyIdentity),
            (near, Tls::Verify, None, MySqlSslMode::VerifyIdentity),
            (near, Tls::Off, None, MySqlSslMode::Disabled),
            ("mysql://ann@localhost.evil.example/photos", Tls::Auto, None, MySqlSslMode::VerifyIdentity),
        ] {
            let chosen = mode(url, tls, ca_file);
            // The driver's type compares with nothing.
            assert_eq!(format!("{chosen:?}"), format!("{expected:?}"), "{url} {tls:?} {ca_file:?}");
        }
    }

    #[test]
    fn certificates_without_tls_are_a_mistake() {
        let ca_file = || Some(PathBuf::from("ca.pem"));
        let with_tls = |tls| parsed("mysql://ann@db/photos").with_tls(tls, ca_file());
        assert!(with_tls(Tls::Auto).is_ok() && with_tls(Tls::Verify).is_ok());
        assert_eq!(with_tls(Tls::Off).unwrap_err(), SettingsError::UnusedCertificates);
    }
}
