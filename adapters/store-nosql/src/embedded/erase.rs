//! Erasing: the file is written anew without what was replaced or removed.
//!
//! redb never writes over a page that a reader may see, so what was removed stays in free pages,
//! and in the unused end of pages, until they are used again; and a file does not shrink but at its
//! end. Writing all items into a new file that takes the old one's place removes both. The old
//! file's blocks go back to the file system, which is as far as a program can reach: whether they
//! are overwritten is the disk's affair.
//!
//! Tests: `tests` beside it, `tests/it/embedded_durability.rs`.

use redb::{
    Database, Error, ReadTransaction, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    WriteTransaction,
};

use super::form::{self, EXPIRY, META, META_RESIDUE, TABLES};
use super::open::{DatabaseFile, EmbeddedError};

/// A file of more items is not written anew, because that takes a second for so many, and nobody
/// can write meanwhile.
const MOST_ITEMS: u64 = 100_000;

/// Whether the file holds what was replaced or removed.
pub(super) fn has_residue(database: &Database) -> Result<bool, Error> {
    let meta = database.begin_read()?.open_table(META)?;
    Ok(meta.get(META_RESIDUE)?.is_some())
}

/// The database in a new file that is free of residue; `None` when it has too many items for that.
/// The old one must not be written any more.
pub(super) fn rewritten(file: &DatabaseFile, old: &Database) -> Result<Option<Database>, EmbeddedError> {
    let count = || {
        let snapshot = old.begin_read()?;
        let mut items = 0;
        for table in TABLES {
            items += snapshot.open_table(form::items(table))?.len()?;
        }
        Ok::<_, Error>((snapshot, items))
    };
    match count().map_err(|error| file.failed(error))? {
        (snapshot, ..=MOST_ITEMS) => file.make(|new| copy(&snapshot, new)).map(Some),
        _ => Ok(None),
    }
}

fn copy(old: &ReadTransaction, new: &WriteTransaction) -> Result<(), Error> {
    for table in TABLES {
        let mut rows = new.open_table(form::items(table))?;
        for entry in old.open_table(form::items(table))?.iter()? {
            let (key, value) = entry?;
            rows.insert(key.value(), value.value())?;
        }
    }
    let mut rows = new.open_table(EXPIRY)?;
    for entry in old.open_table(EXPIRY)?.iter()? {
        rows.insert(entry?.0.value(), ())?;
    }
    Ok(())
}
