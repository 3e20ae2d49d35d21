//! The rows of registrations.

use gallery_core::model::Registration;
use gallery_core::values::{Email, PasswordHash, PersonName, Timestamp, UserId};
use uuid::Uuid;

use super::{Key, language, unsigned};

pub(crate) struct RegistrationRow {
    id: Uuid,
    email: String,
    email_key: Key,
    name: String,
    language: Option<String>,
    password_hash: String,
    created_at: i64,
    quota_bytes: i64,
}

from_row!(RegistrationRow { id, email, email_key, name, language, password_hash, created_at, quota_bytes });

impl From<RegistrationRow> for Registration {
    fn from(row: RegistrationRow) -> Self {
        Self {
            id: UserId::from_uuid(row.id),
            email: Email::from_stored(row.email, row.email_key.0),
            name: PersonName::from_stored(row.name),
            language: language(row.language.as_deref()),
            password_hash: PasswordHash::from_phc(row.password_hash),
            created_at: Timestamp::from_millis(row.created_at),
            quota_bytes: unsigned(row.quota_bytes),
        }
    }
}
