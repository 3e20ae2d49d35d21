//! Opening: the first connection, the checks before anything is written, the schema, and the pool.
//!
//! Tests: `tests/it/mysql/opening.rs` and `tests/it/mysql/tls.rs`.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use gallery_core::ports::StoreError;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, MySqlConnection};
use tokio::time::timeout;
use uuid::Uuid;

use super::db::MySqlStore;
use super::failure::{code, number};
use super::schema::{self, Failure};
use super::settings::{MySqlSettings, SESSION};
use super::sql;
use super::statements::statement;
use crate::error::SqlError;
use crate::migrations::{FORMAT, Schema};

/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A connection that nobody used for this long is asked whether it is still there, before it is
/// used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// Connections end before firewalls and proxies forget them, and after a while in any case, so that
/// a server that took another's place under the same name is found.
const IDLE_TIMEOUT: Duration = Duration::from_mins(5);
const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// The oldest versions that lock rows with SKIP LOCKED and take defaults of texts.
const OLDEST_MYSQL: [u32; 3] = [8, 0, 13];
const OLDEST_MARIADB: [u32; 3] = [10, 6, 0];

/// Why a database was not opened. The messages say what to do, and never hold the password. They
/// hold the reason, so that it is no `source` to be printed once more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Nobody answers there, or there is no such host.
    #[error(
        "cannot reach the database server {server}: {reason}. Check the host and port of the database's URL, and that \
         the server is running and lets this machine in"
    )]
    Unreachable {
        /// The server.
        server: String,
        /// What the system said.
        reason: io::Error,
    },
    /// The file of certificates cannot be read, or holds none.
    #[error("cannot use the certificates in {}: {reason}. Name a PEM file that this user can read", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// The connection cannot be encrypted, or the server's certificate is not to be trusted.
    #[error(
        "the connection to the database server {server} cannot be encrypted and verified: {reason}. Name the certificates \
         that the server's is signed by (for Amazon RDS its certificate bundle), and the host as its certificate does"
    )]
    Tls {
        /// The server.
        server: String,
        /// What the driver said.
        reason: String,
    },
    /// The server does not accept the user, or the password.
    #[error(
        "the database server {server} refused the user {user}: {reason}. Check user and password, and that the user may \
         connect from this machine"
    )]
    Refused {
        /// The server.
        server: String,
        /// The user.
        user: String,
        /// What the server said.
        reason: String,
    },
    /// There is no such database.
    #[error(
        "the database server {server} has no database {database}, or hides it from the user. Create it \
         (CREATE DATABASE {database} CHARACTER SET utf8mb4), or correct the database's URL"
    )]
    NoDatabase {
        /// The server.
        server: String,
        /// The database.
        database: String,
    },
    /// The user may not do what is necessary.
    #[error(
        "the user {user} lacks rights on the database {database}: {reason}. Grant them \
         (GRANT ALL ON {database}.* TO the user)"
    )]
    Rights {
        /// The user.
        user: String,
        /// The database.
        database: String,
        /// What the server said.
        reason: String,
    },
    /// The server takes no changes, but the schema must be changed.
    #[error(
        "the database server {server} is read-only. Configure the one that takes changes (for Amazon Aurora the writer \
         endpoint)"
    )]
    ReadOnly {
        /// The server.
        server: String,
    },
    /// The server's version is too old.
    #[error(
        "the database server {server} is of version {version}. MySQL 8.0.13 or MariaDB 10.6 is the oldest that will do"
    )]
    TooOld {
        /// The server.
        server: String,
        /// Its version.
        version: String,
    },
    /// Another instance changes the schema, and does not come to an end.
    #[error(
        "another instance has been bringing the database {database} up to date for two minutes. Wait for it, or find out \
         what it waits for (SHOW PROCESSLIST)"
    )]
    Busy {
        /// The database.
        database: String,
    },
    /// There is no schema to share.
    #[error("the database {database} is empty. Start the server once")]
    Missing {
        /// The database.
        database: String,
    },
    /// The database holds tables of another program.
    #[error("the database {database} holds tables of another program. Configure a database of its own")]
    Foreign {
        /// The database.
        database: String,
    },
    /// A newer version of the program has brought the store to its own format.
    #[error(
        "the store in the database {database} belongs to a newer version of this program (its format is {format}, this \
         one knows {FORMAT}). Install that version; nothing was changed"
    )]
    Newer {
        /// The database.
        database: String,
        /// The number of its newest migration, which is its format version.
        format: i64,
    },
    /// A migration in the database is not this program's: it was built from other sources.
    #[error(
        "migration {migration} of the database {database} is not the one of this program. \
         Install the build that made the database; nothing was changed"
    )]
    Altered {
        /// The database.
        database: String,
        /// The migration that differs.
        migration: i64,
    },
    /// The database is older than this program, and is only to be shared.
    #[error(
        "the database {database} lacks {missing} migrations of this version. Start the server of this version once"
    )]
    Outdated {
        /// The database.
        database: String,
        /// How many.
        missing: usize,
    },
    /// The server failed otherwise.
    #[error("cannot open the database {database} on {server}: {reason}")]
    Failed {
        /// The server.
        server: String,
        /// The database.
        database: String,
        /// What the server said.
        reason: String,
    },
}

impl MySqlStore {
    /// Connects, and brings the database up to date. Several instances may do so at the same
    /// moment: one migrates, the others wait for it. The database must be there; its tables are
    /// made.
    pub async fn open(settings: &MySqlSettings) -> Result<Self, OpenError> {
        let options = options(settings)?;
        let mut connection = connect(settings, &options).await?;
        let mut schema = schema::inspect(&mut connection).await.map_err(|error| refusal(settings, error))?;
        if matches!(schema, Schema::Empty | Schema::Behind(1..)) {
            schema = schema::migrate(connection).await.map_err(|failure| match failure {
                Failure::Busy => OpenError::Busy { database: settings.database().to_owned() },
                Failure::Driver(error) => refusal(settings, error),
            })?;
            tracing::info!(
                server = settings.server(),
                database = settings.database(),
                "the database is up to date"
            );
        }
        accept(settings, &schema)?;
        Ok(Self::over(settings, options))
    }

    /// Connects for an administrator's command, and changes no schema: it must be exactly of this
    /// version.
    pub async fn open_shared(settings: &MySqlSettings) -> Result<Self, OpenError> {
        let options = options(settings)?;
        let mut connection = connect(settings, &options).await?;
        let schema = schema::inspect(&mut connection).await.map_err(|error| refusal(settings, error))?;
        accept(settings, &schema)?;
        Ok(Self::over(settings, options))
    }

    fn over(settings: &MySqlSettings, options: MySqlConnectOptions) -> Self {
        let pool = MySqlPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.acquire_timeout)
            .idle_timeout(IDLE_TIMEOUT)
            .max_lifetime(MAX_LIFETIME)
            .test_before_acquire(false)
            .before_acquire(|connection, state| {
                Box::pin(async move {
                    if state.idle_for > TRUSTED_FOR {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(|connection, _| Box::pin(begin_session(connection)));
        Self { pool: pool.connect_lazy_with(options) }
    }

    /// Fails unless the server answers, has our tables, and takes changes. A connection to one that
    /// does not is closed, so that the next one finds the server that has taken its place.
    pub(super) async fn takes_changes(&self) -> Result<(), StoreError> {
        let state: Option<(String, String, bool)> =
            self.first(statement(sql::STATE).bind(Uuid::nil())).await?;
        let off = |value: &str| matches!(value, "0" | "OFF");
        match state {
            Some((server, storage, _)) if off(&server) && off(&storage) => Ok(()),
            _ => {
                self.pool.acquire().await.map_err(SqlError::Away)?.close_on_drop();
                Err(StoreError::Unavailable("the database server is read-only".into()))
            }
        }
    }
}

/// Sets a connection's session.
async fn begin_session(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    connection.execute(SESSION).await.map(drop)
}

/// The driver's settings, with the certificates that are named.
fn options(settings: &MySqlSettings) -> Result<MySqlConnectOptions, OpenError> {
    let Some(path) = settings.ca_file() else { return Ok(settings.options(None)) };
    let unusable = |reason| OpenError::Certificates { path: path.to_owned(), reason };
    let certificates = std::fs::read(path).map_err(unusable)?;
    // The driver would take a file without any, and trust the public authorities alone.
    let marker = b"-----BEGIN CERTIFICATE-----";
    if !certificates.windows(marker.len()).any(|window| window == marker) {
        return Err(unusable(io::Error::new(io::ErrorKind::InvalidData, "it holds no certificate")));
    }
    Ok(settings.options(Some(certificates)))
}

/// The first connection, with its session set, to a server that will do.
async fn connect(
    settings: &MySqlSettings,
    options: &MySqlConnectOptions,
) -> Result<MySqlConnection, OpenError> {
    let connecting = timeout(CONNECT_TIMEOUT, async {
        let mut connection = options.connect().await?;
        let (version,): (String,) =
            sqlx::query_as("SELECT CAST(VERSION() AS CHAR)").fetch_one(&mut connection).await?;
        begin_session(&mut connection).await?;
        Ok((connection, version))
    });
    let late = || io::Error::new(io::ErrorKind::TimedOut, "no answer within 10 seconds");
    let connected = connecting.await.unwrap_or_else(|_| Err(sqlx::Error::Io(late())));
    let (connection, version) = connected.map_err(|error| refusal(settings, error))?;
    if will_do(&version) {
        Ok(connection)
    } else {
        Err(OpenError::TooOld { server: settings.server(), version })
    }
}

/// Whether a server of this version has what we need.
fn will_do(version: &str) -> bool {
    let number = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse::<u32>().ok()
    };
    // Aurora may leave out the last one: `8.0.mysql_aurora.3.04.0`.
    let numbers: Vec<u32> = version.split('.').take(3).map_while(number).collect();
    let oldest = if version.contains("MariaDB") { OLDEST_MARIADB } else { OLDEST_MYSQL };
    numbers.len() > 1 && numbers[..] >= oldest[..numbers.len()]
}

/// Refuses a schema that this program cannot work on.
fn accept(settings: &MySqlSettings, schema: &Schema) -> Result<(), OpenError> {
    let database = settings.database().to_owned();
    match *schema {
        Schema::Behind(0) => Ok(()),
        Schema::Behind(missing) => Err(OpenError::Outdated { database, missing }),
        Schema::Empty => Err(OpenError::Missing { database }),
        Schema::Foreign => Err(OpenError::Foreign { database }),
        Schema::Newer(format) => Err(OpenError::Newer { database, format }),
        Schema::Altered(migration) => Err(OpenError::Altered { database, migration }),
    }
}

/// What a failure means to the operator.
fn refusal(settings: &MySqlSettings, error: sqlx::Error) -> OpenError {
    let (server, database) = (settings.server(), settings.database().to_owned());
    let user = settings.user().to_owned();
    let reason = match &error {
        sqlx::Error::Database(said) => said.to_string(),
        other => other.to_string(),
    };
    match error {
        sqlx::Error::Io(said) if is_of_tls(&said) => OpenError::Tls { server, reason: said.to_string() },
        sqlx::Error::Io(reason) => OpenError::Unreachable { server, reason },
        sqlx::Error::Tls(said) => OpenError::Tls { server, reason: said.to_string() },
        // The one thing that the driver finds wrong with settings only when it connects: the server
        // wants the password, and sending it in the clear is out of the question.
        sqlx::Error::Configuration(_) => {
            let reason = "the server takes this user's password over an encrypted connection only";
            OpenError::Tls { server, reason: reason.to_owned() }
        }
        error => match number(&error) {
            Some(1045 | 1129 | 1130 | 1524 | 1698 | 1862 | 3118 | 3159 | 3955 | 4151) => {
                OpenError::Refused { server, user, reason }
            }
            Some(1049) => OpenError::NoDatabase { server, database },
            Some(1044 | 1142 | 1143 | 1227 | 1370) => OpenError::Rights { user, database, reason },
            Some(number) if code::READ_ONLY.contains(&number) => OpenError::ReadOnly { server },
            _ => OpenError::Failed { server, database, reason },
        },
    }
}

/// True for what rustls refused, which comes as a failure of the connection.
fn is_of_tls(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_are_refused() {
        for (version, expected) in [
            ("8.0.36", true),
            ("8.0.13", true),
            ("8.0.12", false),
            ("8.4.0-rds.1", true),
            ("9.1.0", true),
            ("5.7.44-log", false),
            ("8.0.mysql_aurora.3.04.0", true),
            ("10.11.19-MariaDB-0+deb12u1", true),
            ("10.6.0-MariaDB", true),
            ("10.5.27-MariaDB-log", false),
            ("11.4.2-MariaDB-ubu2404", true),
            ("strange", false),
        ] {
            assert_eq!(will_do(version), expected, "{version}");
        }
    }
}
