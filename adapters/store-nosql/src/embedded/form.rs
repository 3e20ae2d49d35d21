//! How items lie in the file: the tables, what stands before an item's body, and the body itself.
//!
//! Knows nothing of transactions. Tests: `tests` beside it, and the conformance suite.

use redb::{Error, TableDefinition};

use gallery_core::values::Timestamp;

use crate::table::{Key, Table};

/// In [`META`], the version of the format of the store, this module included.
pub(super) const META_VERSION: &str = "version";
/// In [`META`], from the first write that replaces or removes an item: free pages of the file hold
/// some of it.
pub(super) const META_RESIDUE: &str = "residue";

/// What is known of the file itself.
pub(super) const META: TableDefinition<'static, &str, u64> = TableDefinition::new("meta");

/// Items by partition key and sort key, in the order of their bytes.
pub(super) type Items = TableDefinition<'static, (&'static str, &'static str), &'static [u8]>;

/// Class, instant of expiry, partition key and sort key of the items of `PhotoGalleryUser` that
/// expire.
pub(super) const EXPIRY: TableDefinition<'static, (&str, i64, &str, &str), ()> =
    TableDefinition::new("expiry");

/// All tables of items.
pub(super) const TABLES: [Table; 2] = [Table::Gallery, Table::User];

/// A table of items.
pub(super) const fn items(table: Table) -> Items {
    match table {
        Table::Gallery => TableDefinition::new("PhotoGallery"),
        Table::User => TableDefinition::new("PhotoGalleryUser"),
    }
}

/// The class under which an item expires: its sort key up to the first `#`.
pub(super) fn class(sort: &str) -> &str {
    sort.split_once('#').map_or(sort, |(class, _)| class)
}

/// An item's entry in [`EXPIRY`], if it has one.
pub(super) fn expiry(key: &Key, expires_at: Option<Timestamp>) -> Option<(&str, i64, &str, &str)> {
    let at = expires_at.filter(|_| key.table == Table::User)?;
    Some((class(&key.sort), at.millis(), &key.partition, &key.sort))
}

/// What stands before the body of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) revision: u64,
    pub(super) expires_at: Option<Timestamp>,
}

/// The first byte: which fields follow. Other values are for later forms.
const LASTING: u8 = 1;
const EXPIRING: u8 = 2;

impl Header {
    /// The value of an item.
    pub(super) fn before(self, body: &[u8]) -> Vec<u8> {
        let mut value = Vec::with_capacity(17 + body.len());
        value.push(if self.expires_at.is_some() { EXPIRING } else { LASTING });
        value.extend(self.revision.to_be_bytes());
        value.extend(self.expires_at.into_iter().flat_map(|at| at.millis().to_be_bytes()));
        value.extend(body);
        value
    }

    /// Takes a value apart.
    pub(super) fn split(value: &[u8]) -> Result<(Self, &[u8]), Error> {
        let parts = || {
            let (form, rest) = value.split_first()?;
            let (revision, rest) = rest.split_first_chunk::<8>()?;
            let revision = u64::from_be_bytes(*revision);
            match *form {
                LASTING => Some((Self { revision, expires_at: None }, rest)),
                EXPIRING => {
                    let (at, body) = rest.split_first_chunk::<8>()?;
                    let expires_at = Some(Timestamp::from_millis(i64::from_be_bytes(*at)));
                    Some((Self { revision, expires_at }, body))
                }
                _ => None,
            }
        };
        parts().ok_or_else(|| Error::Corrupted("an item of an unknown form".to_owned()))
    }
}
