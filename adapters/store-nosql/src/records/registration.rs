//! Sign-ups that wait for their confirmation.

use gallery_core::model::Registration;
use gallery_core::texts::Language;
use gallery_core::values::{Email, PasswordHash, PersonName, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::slot::Record;

/// A sign-up that waits for its confirmation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RegistrationRecord {
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) language: Option<Language>,
    pub(crate) password_hash: String,
    pub(crate) created_at: Timestamp,
    pub(crate) quota_bytes: u64,
}

impl Record for RegistrationRecord {
    const KIND: &'static str = "registration";
}

impl RegistrationRecord {
    pub(crate) fn new(new: &Registration) -> Self {
        Self {
            email: new.email.typed().to_owned(),
            email_key: new.email.key().as_str().to_owned(),
            name: new.name.as_str().to_owned(),
            language: new.language,
            password_hash: new.password_hash.as_str().to_owned(),
            created_at: new.created_at,
            quota_bytes: new.quota_bytes,
        }
    }

    pub(crate) fn address(&self) -> Email {
        Email::from_stored(&self.email, &self.email_key)
    }

    pub(crate) fn registration(self, id: UserId) -> Registration {
        Registration {
            id,
            email: self.address(),
            name: PersonName::from_stored(self.name),
            language: self.language,
            password_hash: PasswordHash::from_phc(self.password_hash),
            created_at: self.created_at,
            quota_bytes: self.quota_bytes,
        }
    }
}
