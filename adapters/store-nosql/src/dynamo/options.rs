//! What must be known to use DynamoDB, and the client made of it.
//!
//! Knows the SDK's configuration, and nothing of items. Tested in `tests/opening.rs` of this
//! module.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use gallery_aws::{ClientOptions, Endpoint};

use super::attributes::schema;
use super::calls::Calls;
use super::error::DynamoError;
use super::failure::{Failure, FailureKind};
use crate::table::Table;

/// How long a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// Which DynamoDB to use, and how. Credentials are not among it: they come from the SDK's default
/// chain (environment, profile, role of the task or machine).
#[derive(Debug, Clone)]
pub struct DynamoOptions {
    /// What the names of the tables begin with, as `test-` for `test-PhotoGallery`.
    pub table_prefix: String,
    /// The region; without one, the SDK's default chain knows (`AWS_REGION`, profile, machine).
    pub region: Option<String>,
    /// The address of something that speaks DynamoDB. Without one it is the region's own, unless
    /// `AWS_ENDPOINT_URL_DYNAMODB` or the profile says something else.
    pub endpoint: Option<String>,
    /// How long one call may take with all its retries before its outcome counts as unknown; 1.5
    /// seconds, so that a request is answered in under 2 when DynamoDB is away.
    pub time_limit: Duration,
    /// What `create_tables` makes of new tables.
    pub new_tables: NewTables,
}

/// What `create_tables` makes of new tables, besides their keys. They are paid per request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTables {
    /// DynamoDB removes what has expired; existing tables get this too. If not, the sweeper looks
    /// for it.
    pub time_to_live: bool,
    /// The last 35 days can be restored to the second; existing tables get this too.
    pub point_in_time_recovery: bool,
    /// A new table cannot be deleted before this is taken back.
    pub deletion_protection: bool,
}

impl Default for DynamoOptions {
    fn default() -> Self {
        Self {
            table_prefix: String::new(),
            region: None,
            endpoint: None,
            time_limit: Duration::from_millis(1500),
            new_tables: NewTables::default(),
        }
    }
}

impl Default for NewTables {
    fn default() -> Self {
        Self { time_to_live: true, point_in_time_recovery: false, deletion_protection: false }
    }
}

/// The full names of the tables.
#[derive(Debug, Clone)]
pub(super) struct Names {
    gallery: String,
    user: String,
}

impl Names {
    fn new(prefix: &str) -> Result<Self, DynamoError> {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
        if prefix.len() > 200 || !prefix.chars().all(allowed) {
            return Err(DynamoError::BadPrefix(prefix.to_owned()));
        }
        let name = |table| format!("{prefix}{}", schema(table).name);
        Ok(Self { gallery: name(Table::Gallery), user: name(Table::User) })
    }

    pub(super) fn of(&self, table: Table) -> &str {
        match table {
            Table::Gallery => &self.gallery,
            Table::User => &self.user,
        }
    }

    /// The table of this name.
    pub(super) fn table(&self, name: &str) -> Option<Table> {
        [Table::Gallery, Table::User].into_iter().find(|table| self.of(*table) == name)
    }
}

/// DynamoDB, as it is to be used, before anything was asked of it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) calls: Calls,
    pub(super) names: Names,
    pub(super) endpoint: Endpoint,
}

impl Connection {
    /// Finds out region, endpoint and credentials.
    pub(super) async fn find(options: &DynamoOptions) -> Result<Self, DynamoError> {
        Self::with(options, |config| config).await
    }

    /// The same, with a client whose configuration is completed by the caller.
    pub(super) async fn with(
        options: &DynamoOptions,
        complete: impl FnOnce(Builder) -> Builder,
    ) -> Result<Self, DynamoError> {
        let names = Names::new(&options.table_prefix)?;
        let (config, endpoint) = ClientOptions {
            service: "DynamoDB",
            region: options.region.as_deref(),
            fallback_region: None,
            endpoint: options.endpoint.as_deref(),
            connect_timeout: CONNECT_LIMIT,
            read_timeout: None,
        }
        .connect()
        .await?;
        let client = Client::from_conf(complete(Builder::from(&config)).build());
        Ok(Self { calls: Calls::new(client, options.time_limit), names, endpoint })
    }

    /// What a failed call means for whoever sets this up.
    pub(super) fn explain(&self, table: Table, failure: &Failure) -> DynamoError {
        let (endpoint, table) = (self.endpoint.clone(), self.names.of(table).to_owned());
        let (operation, cause) = (failure.operation, failure.cause());
        match failure.kind {
            FailureKind::UnknownOutcome => DynamoError::Unreachable { endpoint, cause },
            FailureKind::MissingTable => DynamoError::MissingTable { endpoint, table },
            FailureKind::Credentials => DynamoError::Credentials { endpoint, cause },
            FailureKind::Denied => DynamoError::Denied { endpoint, table, operation, cause },
            FailureKind::Refused | FailureKind::Throttled | FailureKind::Contention | FailureKind::Failed => {
                DynamoError::Failed { endpoint, operation, cause }
            }
        }
    }
}
