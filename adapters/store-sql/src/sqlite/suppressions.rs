//! Addresses that are not written to: the port `Suppressions`.

use async_trait::async_trait;
use gallery_core::ports::{StoreError, Suppression, Suppressions};
use gallery_core::values::{AddressHash, Timestamp};

use super::SqliteStore;
use super::db::statement;
use super::sql;
use crate::rows::SuppressionRow;
use crate::sql::suppressions;

#[async_trait]
impl Suppressions for SqliteStore {
    async fn suppress(&self, address: &AddressHash, suppression: &Suppression) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let suppress = statement(sql::SUPPRESS)
            .bind(address.as_bytes().as_slice())
            .bind(suppression.reason.name())
            .bind(suppression.reported_at.millis())
            .bind(suppression.ends_at.millis());
        tx.run(suppress).await?;
        tx.commit().await
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
        let mut tx = self.begin().await?;
        tx.run(statement(suppressions::LIFT).bind(address.as_bytes().as_slice())).await?;
        tx.commit().await
    }

    async fn remove_ended_suppressions(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let ended = statement(sql::DELETE_ENDED_SUPPRESSIONS).bind(now.millis()).bind(i64::from(limit));
        let removed = tx.run(ended).await?;
        tx.commit().await?;
        Ok(removed)
    }
}
