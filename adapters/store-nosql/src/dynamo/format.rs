//! The version of the format of what is in the tables, looked at whenever they are opened or
//! created. It is an item: the only kind that this engine knows.
//!
//! Tested in `tests/format.rs` of this module.

use std::sync::Mutex;

use gallery_aws::Endpoint;
use gallery_core::ports::StoreError;
use serde::{Deserialize, Serialize};

use super::Dynamo;
use super::error::DynamoError;
use super::failure::{Failure, FailureKind};
use super::options::Connection;
use crate::format::FORMAT;
use crate::slot::{Record, Slot};
use crate::table::{Engine as _, Outcome, Table};
use crate::unit::{Attempts, Unit};
use crate::upgrade;

/// The version of tables in which no item says it.
const UNSAID: u64 = 1;

/// Entries of a list that are moved in one transaction of 100 writes.
const MOVED_AT_ONCE: usize = 25;

/// Of which version everything in the tables is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Format {
    pub(super) version: u64,
}

impl Record for Format {
    const KIND: &'static str = "format";
}

/// Where the version is.
pub(super) fn slot() -> Slot<Format> {
    Slot::new(Table::User, "format", "format")
}

async fn version(unit: &mut Unit<'_, Dynamo>) -> Result<u64, StoreError> {
    Ok(unit.read(&slot()).await?.map_or(UNSAID, |format| format.version))
}

impl Dynamo {
    /// Takes tables over that are of this format or an older one, and refuses those of a newer one.
    pub(super) async fn of_known_format(self, endpoint: Endpoint) -> Result<Self, DynamoError> {
        match self.take_over().await {
            Ok(FORMAT) => Ok(self),
            Ok(version) => Err(self.newer(endpoint, version)),
            Err(error) => {
                let Self { calls, names, .. } = self;
                Err(Connection { calls, names, endpoint }.explain(Table::User, &failure(error)))
            }
        }
    }

    /// Makes the version this program's, unless it is greater; returns what it is then.
    async fn take_over(&self) -> Result<u64, StoreError> {
        let mut attempts = Attempts::new();
        loop {
            let mut unit = Unit::new(self);
            let version = version(&mut unit).await?;
            if version >= FORMAT {
                return Ok(version);
            }
            if version < upgrade::WITH_REGISTRATIONS {
                self.register_unconfirmed().await?;
            }
            for list in upgrade::UNDIVIDED {
                self.divide(list).await?;
            }
            unit.put(&slot(), &Format { version: FORMAT })?;
            match unit.commit().await? {
                Outcome::Done => return Ok(FORMAT),
                // Somebody else opens them, too.
                Outcome::Refused => attempts.again().await?,
            }
        }
    }

    /// Makes registrations of the accounts that wait for their confirmation.
    async fn register_unconfirmed(&self) -> Result<(), StoreError> {
        let mut attempts = Attempts::new();
        for entry in self.query(&upgrade::unconfirmed()).await? {
            let Some(subject) = upgrade::subject_of(&entry.key) else { continue };
            loop {
                let found = self.get(&subject).await?;
                let claim = match upgrade::claim_of::<Self>(&found)? {
                    Some(place) => self.get(&[place]).await?.pop(),
                    None => None,
                };
                let writes = upgrade::to_registration::<Self>(&entry.key, &found, claim.as_ref())?;
                if writes.is_empty() || self.commit(writes).await? == Outcome::Done {
                    break;
                }
                // Somebody else opens them, too.
                attempts.again().await?;
            }
        }
        Ok(())
    }

    /// Moves the entries of a list that was in one part to its parts, some in one transaction.
    async fn divide(&self, list: &'static str) -> Result<(), StoreError> {
        let mut attempts = Attempts::new();
        loop {
            let entries = self.query(&upgrade::undivided(list, MOVED_AT_ONCE)).await?;
            if entries.is_empty() {
                return Ok(());
            }
            let found = self.get(&upgrade::places_of::<Self>(list, &entries)?).await?;
            match self.commit(upgrade::divided::<Self>(list, &entries, &found)?).await? {
                Outcome::Done => attempts = Attempts::new(),
                // Somebody else opens them, too.
                Outcome::Refused => attempts.again().await?,
            }
        }
    }

    fn newer(&self, endpoint: Endpoint, version: u64) -> DynamoError {
        DynamoError::Newer { endpoint, table: self.names.of(Table::User).to_owned(), version }
    }
}

impl Connection {
    /// Refuses tables of a newer format before anything is made of them. Tables that are not there,
    /// or cannot be read, are left to whoever looks for them next.
    pub(super) async fn of_known_format(self) -> Result<Self, DynamoError> {
        let Self { calls, names, endpoint } = self;
        let engine = Dynamo { calls, names, time_to_live: false, sweeps: Mutex::default() };
        match version(&mut Unit::new(&engine)).await {
            Ok(version) if version > FORMAT => Err(engine.newer(endpoint, version)),
            _ => Ok(Self { calls: engine.calls, names: engine.names, endpoint }),
        }
    }
}

/// The failed call that is behind an error of the store.
fn failure(error: StoreError) -> Failure {
    let source = match error {
        StoreError::Unavailable(source) | StoreError::Backend(source) => source,
        other => other.into(),
    };
    let failed = |other| Failure::new(FailureKind::Failed, "GetItem", other);
    source.downcast::<Failure>().map_or_else(failed, |failure| *failure)
}
