//! Addresses that are not written to: the port `Suppressions`. Compiled once for each dialect (see
//! `lib.rs`).

use async_trait::async_trait;
use gallery_core::ports::{StoreError, Suppression, Suppressions};
use gallery_core::values::{AddressHash, Timestamp};

use super::db::{SqlStore, unit_of_work};
use super::sql;
use super::statements::statement;
use crate::rows::SuppressionRow;
use crate::sql::suppressions;

#[async_trait]
impl Suppressions for SqlStore {
    async fn suppress(&self, address: &AddressHash, suppression: &Suppression) -> Result<(), StoreError> {
        let address = address.as_bytes().as_slice();
        let reason = suppression.reason.name();
        let (reported, end) = (suppression.reported_at.millis(), suppression.ends_at.millis());
        unit_of_work!(self, async |tx| {
            let suppress = statement(sql::SUPPRESS).bind(address).bind(reason).bind(reported).bind(end);
            let suppress = suppress.bind(end).bind(reason).bind(end).bind(reported).bind(end);
            tx.run(suppress).await.map(drop)
        })
    }

    async fn suppression(
        &self,
        address: &AddressHash,
        now: Timestamp,
    ) -> Result<Option<Suppression>, StoreError> {
        let in_force = statement(suppressions::IN_FORCE).bind(address.as_bytes().as_slice());
        let row: Option<SuppressionRow> = self.first(in_force.bind(now.millis())).await?;
        Ok(row.map(Suppression::try_from).transpose()?)
    }

    async fn lift_suppression(&self, address: &AddressHash) -> Result<(), StoreError> {
        let address = address.as_bytes().as_slice();
        unit_of_work!(self, async |tx| {
            tx.run(statement(suppressions::LIFT).bind(address)).await.map(drop)
        })
    }
}
