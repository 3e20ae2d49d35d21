//! The rows of the port `Audit`: accounts and albums in any state.

use gallery_core::ports::{AuditedAlbum, AuditedUser};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, AlbumName, Description, Email, PhotoId, Timestamp, UserId};
use uuid::Uuid;

use super::{Key, UsageRow, unsigned};
use crate::error::SqlError;

pub(crate) struct AuditedUserRow {
    id: Uuid,
    email: Option<String>,
    email_key: Option<Key>,
    created_at: i64,
    confirmed_at: Option<i64>,
    deleting: bool,
    usage: UsageRow,
}

from_row!(AuditedUserRow { id, email, email_key, created_at, confirmed_at, deleting; rows usage });

impl From<AuditedUserRow> for AuditedUser {
    fn from(row: AuditedUserRow) -> Self {
        Self {
            id: UserId::from_uuid(row.id),
            email: row.email.zip(row.email_key).map(|(typed, key)| Email::from_stored(typed, key.0)),
            created_at: Timestamp::from_millis(row.created_at),
            confirmed_at: row.confirmed_at.map(Timestamp::from_millis),
            deleting: row.deleting,
            usage: row.usage.into(),
        }
    }
}

pub(crate) struct AuditedAlbumRow {
    id: Uuid,
    owner_id: Uuid,
    deleting: bool,
    photo_count: i64,
    cover: Option<Uuid>,
    name: String,
    description: String,
}

from_row!(AuditedAlbumRow { id, owner_id, deleting, photo_count, cover, name, description });

impl AuditedAlbumRow {
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    /// The album with its postings.
    pub(crate) fn with(self, postings: Terms) -> AuditedAlbum {
        let name = AlbumName::from_stored(self.name);
        let description = Description::from_stored(self.description);
        AuditedAlbum {
            id: AlbumId::from_uuid(self.id),
            owner: UserId::from_uuid(self.owner_id),
            deleting: self.deleting,
            photo_count: unsigned(self.photo_count),
            cover: self.cover.map(PhotoId::from_uuid),
            terms: Terms::of_album(&name, &description),
            postings,
        }
    }
}

/// The kinds of stray records, as the port names them.
pub(crate) fn stray_kind(kind: &str) -> Result<&'static str, SqlError> {
    ["posting", "session", "token", "idempotency record", "job"]
        .into_iter()
        .find(|known| *known == kind)
        .ok_or_else(|| SqlError::unreadable("stray")(kind))
}
