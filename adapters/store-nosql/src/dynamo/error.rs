//! What stands against using DynamoDB, found when a store is opened or its tables are created: in
//! one line, with what to do.

use gallery_aws::{ClientError, Endpoint};

use crate::format::Newer;

/// Why a store on DynamoDB cannot be opened, or its tables not be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DynamoError {
    /// No region anywhere.
    #[error("no AWS region is set: set it in the configuration, in AWS_REGION or in the AWS profile")]
    NoRegion,
    /// The endpoint is no address.
    #[error("the DynamoDB endpoint \"{0}\" is not of the form http://host:port or https://host")]
    BadEndpoint(String),
    /// The tables would have names that DynamoDB does not take.
    #[error(
        "the table prefix \"{0}\" cannot be used: it may have letters, digits, \"_\", \"-\" and \".\", and at most 200 of them"
    )]
    BadPrefix(String),
    /// The default chain found no credentials.
    #[error(
        "no AWS credentials were found: give this machine a role, or set AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, or AWS_PROFILE ({0})"
    )]
    NoCredentials(String),
    /// DynamoDB does not take the credentials.
    #[error(
        "{endpoint} does not accept the AWS credentials: they are wrong, have expired, or are for another region, or \
         the clock is wrong ({cause})"
    )]
    Credentials {
        /// What was asked.
        endpoint: Endpoint,
        /// What it said.
        cause: String,
    },
    /// The credentials are good, but not for this.
    #[error(
        "the AWS credentials may not use table {table} in {endpoint}: allow dynamodb:{operation} ({cause})"
    )]
    Denied {
        /// What was asked.
        endpoint: Endpoint,
        /// The table's full name.
        table: String,
        /// What must be allowed.
        operation: &'static str,
        /// What it said.
        cause: String,
    },
    /// Nobody answers, or not in time.
    #[error("{endpoint} cannot be reached: check the network, the region and the endpoint ({cause})")]
    Unreachable {
        /// What was asked.
        endpoint: Endpoint,
        /// What happened instead of an answer.
        cause: String,
    },
    /// There is no such table here.
    #[error(
        "table {table} is not in {endpoint}: run `admin create-tables`, or check the region, the account and the table \
         prefix"
    )]
    MissingTable {
        /// What was asked.
        endpoint: Endpoint,
        /// The table's full name.
        table: String,
    },
    /// The table is somebody else's.
    #[error(
        "table {table} in {endpoint} has the key {found} where {needed} is needed: it is not the gallery's, use \
         another table prefix"
    )]
    WrongKeys {
        /// What was asked.
        endpoint: Endpoint,
        /// The table's full name.
        table: String,
        /// Its key.
        found: String,
        /// The gallery's.
        needed: String,
    },
    /// The table cannot be used at the moment.
    #[error("table {table} in {endpoint} is {status}: try again when it is ACTIVE")]
    NotActive {
        /// What was asked.
        endpoint: Endpoint,
        /// The table's full name.
        table: String,
        /// Its status, in DynamoDB's word.
        status: String,
    },
    /// Time to live is enabled on another attribute.
    #[error(
        "time to live of table {table} in {endpoint} is on attribute \"{found}\" where \"{needed}\" is needed: disable it, \
         and run `admin create-tables` again"
    )]
    TimeToLive {
        /// What was asked.
        endpoint: Endpoint,
        /// The table's full name.
        table: String,
        /// The attribute it is on.
        found: String,
        /// The attribute it should be on.
        needed: &'static str,
    },
    /// A newer version of the program has written the tables.
    #[error("the store of table {table} in {endpoint} {}", Newer(*version))]
    Newer {
        /// What was asked.
        endpoint: Endpoint,
        /// The full name of the table that says so.
        table: String,
        /// The version of their format.
        version: u64,
    },
    /// Anything else.
    #[error("{endpoint} failed at {operation}: {cause}")]
    Failed {
        /// What was asked.
        endpoint: Endpoint,
        /// What it was asked for.
        operation: &'static str,
        /// What it said.
        cause: String,
    },
}

impl From<ClientError> for DynamoError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::BadEndpoint(endpoint) => Self::BadEndpoint(endpoint),
            ClientError::NoRegion => Self::NoRegion,
            ClientError::NoCredentials(reason) => Self::NoCredentials(reason),
        }
    }
}
