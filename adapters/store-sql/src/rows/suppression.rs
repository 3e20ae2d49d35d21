//! Suppressed addresses.

use gallery_core::ports::{Suppression, SuppressionReason};
use gallery_core::values::Timestamp;

use crate::error::SqlError;

pub(crate) struct SuppressionRow {
    reason: String,
    reported_at: i64,
    ends_at: i64,
}

from_row!(SuppressionRow { reason, reported_at, ends_at });

impl TryFrom<SuppressionRow> for Suppression {
    type Error = SqlError;

    fn try_from(row: SuppressionRow) -> Result<Self, SqlError> {
        let reason = SuppressionReason::from_name(&row.reason);
        Ok(Self {
            reason: reason.ok_or_else(|| SqlError::unreadable("suppression")("an unknown reason"))?,
            reported_at: Timestamp::from_millis(row.reported_at),
            ends_at: Timestamp::from_millis(row.ends_at),
        })
    }
}
