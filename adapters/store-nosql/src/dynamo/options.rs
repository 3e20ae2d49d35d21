//! What must be known to use DynamoDB, and the client made of it.
//!
//! Knows the SDK's configuration, and nothing of items. Tested in `tests/opening.rs` of this module.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use gallery_aws::settings;

use super::attributes::schema;
use super::calls::Calls;
use super::error::{DynamoError, Place};
use super::failure::{Failure, Why};
use super::meter::Meter;
use crate::table::Table;

/// How long a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// Which DynamoDB to use, and how. Credentials are not among it: they come from the SDK's default chain
/// (environment, profile, role of the task or machine).
#[derive(Debug, Clone)]
pub struct DynamoOptions {
    /// What the names of the tables begin with, as `test-` for `test-PhotoGallery`.
    pub table_prefix: String,
    /// The region; without one, the SDK's default chain knows (`AWS_REGION`, profile, machine).
    pub region: Option<String>,
    /// The address of something that speaks DynamoDB. Without one it is the region's own, unless
    /// `AWS_ENDPOINT_URL_DYNAMODB` or the profile says something else.
    pub endpoint: Option<String>,
    /// How long one call may take with all its retries before its outcome counts as unknown; 1.5 seconds, so that
    /// a request is answered in under 2 when DynamoDB is away.
    pub time_limit: Duration,
    /// What `create_tables` makes of new tables.
    pub new_tables: NewTables,
    /// Collects what calls cost; for tests.
    pub meter: Option<Arc<Meter>>,
}

/// What `create_tables` makes of new tables, besides their keys. They are paid per request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTables {
    /// DynamoDB removes what has expired; existing tables get this too. If not, the sweeper looks for it.
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
            meter: None,
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
    pub(super) place: Place,
}

impl Connection {
    /// Finds out region, endpoint and credentials.
    pub(super) async fn find(options: &DynamoOptions) -> Result<Self, DynamoError> {
        let names = Names::new(&options.table_prefix)?;
        let (shared, region) = settings(options.region.as_deref(), None).await?;
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_LIMIT).build();
        let mut config =
            Builder::from(&shared).retry_config(RetryConfig::disabled()).timeout_config(timeouts);
        if let Some(endpoint) = &options.endpoint {
            if !(endpoint.starts_with("http://") || endpoint.starts_with("https://")) {
                return Err(DynamoError::BadEndpoint(endpoint.clone()));
            }
            config = config.endpoint_url(endpoint);
        }
        let client = Client::from_conf(config.build());
        let calls = Calls::new(client, options.time_limit, options.meter.clone());
        let place = Place { region: region.to_string(), endpoint: options.endpoint.clone() };
        Ok(Self { calls, names, place })
    }

    /// What a failed call means for whoever sets this up.
    pub(super) fn explain(&self, table: Table, failure: &Failure) -> DynamoError {
        let (place, table) = (self.place.clone(), self.names.of(table).to_owned());
        let (operation, cause) = (failure.operation, failure.story());
        match failure.why {
            Why::Unknown => DynamoError::Unreachable { place, cause },
            Why::MissingTable => DynamoError::MissingTable { place, table },
            Why::Credentials => DynamoError::Credentials { place, cause },
            Why::Denied => DynamoError::Denied { place, table, operation, cause },
            Why::Refused | Why::Overload | Why::Contention | Why::Failed => {
                DynamoError::Failed { place, operation, cause }
            }
        }
    }
}
