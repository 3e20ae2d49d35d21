//! What the settings mean for this binary's stores.

use std::path::PathBuf;
use std::time::Duration;

use gallery_runtime::config::{Config, DatabaseTls, Derived, Problem, Secret};
use gallery_runtime::texts::Text;
use gallery_store_sql::{Encryption, MySqlSettings, SettingsError, Tls};

/// Where records are kept.
#[derive(Debug)]
pub enum StoreLocation {
    /// In SQLite, in the data folder.
    DataFolder,
    /// In SQLite, in this file.
    File(PathBuf),
    /// On a MySQL or MariaDB server.
    Server(Box<MySqlSettings>),
}

/// The location that `database.url` names. Problems don't repeat it, because it may hold a
/// password.
pub fn store_location(derived: &Derived) -> Result<StoreLocation, Problem> {
    let password = derived.database_password.as_ref().map(Secret::expose);
    let url = derived.database_url.as_ref().map(Secret::expose);
    if let Some(url) = url.filter(|url| url.starts_with("mysql:")) {
        let server = MySqlSettings::parse(url).map_err(problem)?;
        let server = match password {
            Some(password) => server.with_password(password).map_err(problem)?,
            None => server,
        };
        return Ok(StoreLocation::Server(Box::new(server)));
    }
    if password.is_some() {
        return Err(Problem::new("database.password", Text::new("config-database-password-unused")));
    }
    let Some(url) = url else { return Ok(StoreLocation::DataFolder) };
    let file = url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    match file.filter(|file| !file.is_empty() && !file.contains('?')) {
        Some(file) => Ok(StoreLocation::File(PathBuf::from(file))),
        None => Err(Problem::new("database.url", Text::new("config-database-sql"))),
    }
}

/// The server with everything else that the section `[database]` says of it.
pub fn mysql(mut server: MySqlSettings, config: &Config) -> Result<MySqlSettings, Problem> {
    let database = &config.database;
    server.connections = database.max_connections;
    server.acquire_timeout = Duration::from_millis(database.acquire_milliseconds);
    let tls = match database.tls {
        DatabaseTls::Auto => Tls::Auto,
        DatabaseTls::Verify => Tls::Verify,
        DatabaseTls::Off => Tls::Off,
    };
    server.with_tls(tls, database.tls_ca_file.clone()).map_err(problem)
}

fn problem(error: SettingsError) -> Problem {
    let (name, what) = match error {
        SettingsError::Malformed => ("database.url", Text::new("config-mysql-form")),
        SettingsError::Parameters => ("database.url", Text::new("config-mysql-parameters")),
        SettingsError::TwoPasswords => ("database.password", Text::new("config-mysql-two-passwords")),
        SettingsError::UnusedCertificates => {
            ("database.tls_ca_file", Text::new("config-mysql-certificates-unused"))
        }
        other => ("database.url", Text::new("config-mysql-unusable").with("error", other.to_string())),
    };
    Problem::new(name, what)
}

/// Where the records are, as a person is told; never with the password.
pub fn mysql_place(server: &MySqlSettings) -> Text {
    Text::new(match server.encryption() {
        Encryption::Verified => "cli-place-mysql-verified",
        Encryption::None => "cli-place-mysql-clear",
        Encryption::ThisMachine => "cli-place-mysql-local",
    })
    .with("database", server.database())
    .with("server", server.server())
    .with("user", server.user())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(url: &str, password: Option<&str>) -> Result<StoreLocation, Problem> {
        let mut config = Config::default();
        config.auth.secret = Some("0f4c8a7be21d93650f4c8a7be21d9365".to_owned().into());
        config.database.url = Some(url.to_owned().into());
        config.database.password = password.map(|password| password.to_owned().into());
        store_location(&config.check().unwrap())
    }

    #[test]
    fn without_a_url_records_are_in_the_data_folder() {
        assert!(matches!(store_location(&Config::default().check().unwrap()), Ok(StoreLocation::DataFolder)));
    }

    #[test]
    fn urls_of_sqlite_name_a_file() {
        for (url, expected) in
            [("sqlite:/srv/g.db", "/srv/g.db"), ("sqlite:///srv/g.db", "/srv/g.db"), ("sqlite:g.db", "g.db")]
        {
            let named = with(url, None).unwrap();
            assert!(
                matches!(&named, StoreLocation::File(path) if path == &PathBuf::from(expected)),
                "{named:?}"
            );
        }
    }

    #[test]
    fn urls_of_mysql_name_a_server_and_what_is_printed_holds_no_password() {
        for (url, password) in
            [("mysql://ann:hunter2@db/gallery", None), ("mysql://ann@db/gallery", Some("hunter2"))]
        {
            let Ok(StoreLocation::Server(server)) = with(url, password) else { panic!("{url} is refused") };
            let place = mysql_place(&server).to_string();
            assert_eq!(place, "database gallery on db:3306 (over verified TLS, as ann)");
            assert!(!format!("{server:?}").contains("hunter2"));
        }
    }

    #[test]
    fn the_section_says_how_to_connect() {
        let mut config = Config::default();
        config.database.tls = DatabaseTls::Off;
        config.database.max_connections = 3;
        config.database.acquire_milliseconds = 20;
        let server = mysql(MySqlSettings::parse("mysql://ann@db/gallery").unwrap(), &config).unwrap();
        assert_eq!((server.connections, server.acquire_timeout), (3, Duration::from_millis(20)));
        assert!(mysql_place(&server).to_string().contains("without TLS"), "{server}");
        config.database.tls_ca_file = Some("ca.pem".into());
        assert_eq!(mysql(server, &config).unwrap_err().name, "database.tls_ca_file");
    }

    #[test]
    fn other_urls_are_refused_and_not_repeated() {
        for (url, password, name) in [
            ("sqlite:", None, "database.url"),
            ("mysql://u:hunter2@db", None, "database.url"),
            ("mysql://u:hunter2@db/gallery?ssl-mode=disabled", None, "database.url"),
            ("postgres://u:hunter2@db/gallery", None, "database.url"),
            ("/srv/g.db", None, "database.url"),
            ("sqlite:g.db?mode=ro", None, "database.url"),
            ("mysql://u:hunter2@db/gallery", Some("hunter2"), "database.password"),
            ("sqlite:g.db", Some("hunter2"), "database.password"),
        ] {
            let problem = with(url, password).unwrap_err();
            assert_eq!(problem.name, name, "{url}");
            assert!(!problem.to_string().contains("hunter2"));
        }
    }
}
