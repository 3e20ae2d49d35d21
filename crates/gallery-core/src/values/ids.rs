//! Identifiers: UUID version 7 (RFC 9562), so that their order is the order of creation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Invalid, Timestamp};
use crate::texts::Text;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A UUID version 7 of this instant, made unique by ten random bytes.
            pub fn new(at: Timestamp, random: &[u8; 10]) -> Self {
                let millis = u64::try_from(at.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid())
            }

            /// The id that a store recorded.
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id as stores record it.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        /// Takes the hyphenated form only, so that one id has one spelling in an address.
        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                Uuid::try_parse(text)
                    .ok()
                    .filter(|uuid| uuid.to_string() == text)
                    .map(Self)
                    .ok_or_else(|| Invalid::new("not_an_id", Text::new("id-form")))
            }
        }
    };
}

id!(
    /// Names one account.
    UserId
);
id!(
    /// Names one album.
    AlbumId
);
id!(
    /// Names one photo.
    PhotoId
);
id!(
    /// Names one session (not its secret token).
    SessionId
);
id!(
    /// Names one job.
    JobId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_time() {
        let early = PhotoId::new(Timestamp::from_millis(1_000), &[255; 10]);
        let late = PhotoId::new(Timestamp::from_millis(1_001), &[0; 10]);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.uuid().get_version_num(), 7);
    }

    #[test]
    fn one_spelling_only() {
        let id = UserId::new(Timestamp::from_millis(1), &[0xab; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<UserId>().is_err());
        assert!(id.uuid().simple().to_string().parse::<UserId>().is_err());
    }
}
