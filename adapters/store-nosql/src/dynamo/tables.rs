//! The tables themselves: looking whether they are ours and usable, and creating them.
//!
//! Knows nothing of what is in them. Tested in `tests/opening.rs` of this module.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    ScalarAttributeType, TableDescription, TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
};
use gallery_aws::Idempotency::Idempotent;

use super::attributes::{TABLES, TIME_TO_LIVE, schema};
use super::calls::Attempts;
use super::error::DynamoError;
use super::failure::{Failure, FailureKind};
use super::options::{Connection, NewTables};
use crate::table::Table;

/// Nobody waits for an answer meanwhile.
const CALL_LIMIT: Duration = Duration::from_secs(5);
/// A new table is usable within seconds.
const CREATION_LIMIT: Duration = Duration::from_mins(5);

impl Connection {
    fn attempts(&self) -> Attempts<'_> {
        self.calls.attempts_within(CALL_LIMIT)
    }

    /// Returns whether both tables are there, ours, and usable.
    pub(super) async fn check(&self) -> Result<(), DynamoError> {
        for table in TABLES {
            let description = self.describe(table).await.map_err(|failure| self.explain(table, &failure))?;
            self.check_keys(table, &description)?;
            if !usable(&description) {
                return Err(DynamoError::NotActive {
                    endpoint: self.endpoint.clone(),
                    table: self.names.of(table).to_owned(),
                    status: description.table_status().map_or("unknown", TableStatus::as_str).to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Makes what is missing; returns the names of the tables that are new.
    pub(super) async fn create(&self, new: NewTables) -> Result<Vec<String>, DynamoError> {
        let mut created = Vec::new();
        for table in TABLES {
            match self.describe(table).await {
                Ok(description) => self.check_keys(table, &description)?,
                Err(failure) if failure.kind == FailureKind::MissingTable => {
                    self.create_table(table, new).await?;
                    created.push(self.names.of(table).to_owned());
                }
                Err(failure) => return Err(self.explain(table, &failure)),
            }
        }
        for table in TABLES {
            self.wait(table).await?;
            if new.point_in_time_recovery {
                self.enable_recovery(table).await?;
            }
        }
        if new.time_to_live {
            self.enable_time_to_live().await?;
        }
        Ok(created)
    }

    async fn describe(&self, table: Table) -> Result<TableDescription, Failure> {
        let request = self.calls.client().describe_table().table_name(self.names.of(table));
        let answer = self.attempts().call("DescribeTable", Idempotent, || request.clone().send()).await?;
        answer.table.ok_or_else(|| Failure::new(FailureKind::Failed, "DescribeTable", "it described nothing"))
    }

    fn check_keys(&self, table: Table, description: &TableDescription) -> Result<(), DynamoError> {
        let (found, needed) = (keys_of(description), needed_keys(table));
        if found == needed {
            return Ok(());
        }
        let (endpoint, table) = (self.endpoint.clone(), self.names.of(table).to_owned());
        Err(DynamoError::WrongKeys { endpoint, table, found, needed })
    }

    async fn create_table(&self, table: Table, new: NewTables) -> Result<(), DynamoError> {
        let schema = schema(table);
        let mut request = self
            .calls
            .client()
            .create_table()
            .table_name(self.names.of(table))
            .billing_mode(BillingMode::PayPerRequest)
            .deletion_protection_enabled(new.deletion_protection);
        for (name, key) in [(schema.partition, KeyType::Hash), (schema.sort, KeyType::Range)] {
            let element = KeySchemaElement::builder().attribute_name(name).key_type(key).build();
            let attribute = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build();
            let complete = |error| self.explain(table, &Failure::unsendable("CreateTable", error));
            request = request
                .key_schema(element.map_err(complete)?)
                .attribute_definitions(attribute.map_err(complete)?);
        }
        match self.attempts().call("CreateTable", Idempotent, || request.clone().send()).await {
            Ok(_) => Ok(()),
            // Somebody creates it at the same moment, or our own call was answered too late.
            Err(failure) => match self.describe(table).await {
                Ok(description) => self.check_keys(table, &description),
                Err(_) => Err(self.explain(table, &failure)),
            },
        }
    }

    /// Waits until a table can be used.
    async fn wait(&self, table: Table) -> Result<(), DynamoError> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            match self.describe(table).await {
                Ok(description) if usable(&description) => return Ok(()),
                // A new table may not be seen everywhere at once.
                Err(failure) if failure.kind != FailureKind::MissingTable => {
                    return Err(self.explain(table, &failure));
                }
                _ if began.elapsed() > CREATION_LIMIT => {
                    let failure =
                        Failure::new(FailureKind::Failed, "CreateTable", "the table does not become ACTIVE");
                    return Err(self.explain(table, &failure));
                }
                _ => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// Returns whether DynamoDB removes what has expired.
    pub(super) async fn removes_expired(&self) -> Result<bool, DynamoError> {
        Ok(self.time_to_live().await?.is_some_and(|attribute| attribute == TIME_TO_LIVE))
    }

    /// The attribute by which items expire, if any.
    async fn time_to_live(&self) -> Result<Option<String>, DynamoError> {
        let request = self.calls.client().describe_time_to_live().table_name(self.names.of(Table::User));
        let answer = self.attempts().call("DescribeTimeToLive", Idempotent, || request.clone().send()).await;
        let answer = answer.map_err(|failure| self.explain(Table::User, &failure))?;
        let enabled = answer.time_to_live_description.filter(|description| {
            matches!(
                description.time_to_live_status(),
                Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
            )
        });
        Ok(enabled.and_then(|description| description.attribute_name))
    }

    async fn enable_time_to_live(&self) -> Result<(), DynamoError> {
        let table = Table::User;
        match self.time_to_live().await? {
            Some(found) if found == TIME_TO_LIVE => return Ok(()),
            Some(found) => {
                let (endpoint, table) = (self.endpoint.clone(), self.names.of(table).to_owned());
                return Err(DynamoError::TimeToLive { endpoint, table, found, needed: TIME_TO_LIVE });
            }
            None => {}
        }
        let specification =
            TimeToLiveSpecification::builder().attribute_name(TIME_TO_LIVE).enabled(true).build();
        let complete = |error| self.explain(table, &Failure::unsendable("UpdateTimeToLive", error));
        let request = self
            .calls
            .client()
            .update_time_to_live()
            .table_name(self.names.of(table))
            .time_to_live_specification(specification.map_err(complete)?);
        match self.attempts().call("UpdateTimeToLive", Idempotent, || request.clone().send()).await {
            Ok(_) => Ok(()),
            // Somebody else was faster.
            Err(_) if self.removes_expired().await? => Ok(()),
            Err(failure) => Err(self.explain(table, &failure)),
        }
    }

    async fn enable_recovery(&self, table: Table) -> Result<(), DynamoError> {
        let operation = "UpdateContinuousBackups";
        let specification =
            PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build();
        let complete = |error| self.explain(table, &Failure::unsendable(operation, error));
        let request = self
            .calls
            .client()
            .update_continuous_backups()
            .table_name(self.names.of(table))
            .point_in_time_recovery_specification(specification.map_err(complete)?);
        let began = Instant::now();
        loop {
            match self.attempts().call(operation, Idempotent, || request.clone().send()).await {
                Ok(_) => return Ok(()),
                // For a new table backups come a moment after the table.
                Err(failure)
                    if failure.code.as_deref() == Some("ContinuousBackupsUnavailableException")
                        && began.elapsed() < CREATION_LIMIT =>
                {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                Err(failure) => return Err(self.explain(table, &failure)),
            }
        }
    }
}

fn usable(description: &TableDescription) -> bool {
    matches!(description.table_status(), Some(TableStatus::Active | TableStatus::Updating))
}

/// A table's key in one line, as `albumID (S, HASH), photoID (S, RANGE)`.
fn keys_of(description: &TableDescription) -> String {
    let type_of = |name: &str| {
        let found = description.attribute_definitions().iter().find(|one| one.attribute_name() == name);
        found.map_or("?", |one| one.attribute_type().as_str())
    };
    let keys = description.key_schema().iter();
    let keys = keys.map(|key| {
        format!("{} ({}, {})", key.attribute_name(), type_of(key.attribute_name()), key.key_type().as_str())
    });
    keys.collect::<Vec<_>>().join(", ")
}

fn needed_keys(table: Table) -> String {
    let schema = schema(table);
    format!("{} (S, HASH), {} (S, RANGE)", schema.partition, schema.sort)
}
