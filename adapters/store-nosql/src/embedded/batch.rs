//! Units of work within one transaction of the database: each happens wholly or not at all, the
//! later ones see the earlier ones.
//!
//! Knows neither threads nor callers. Tests: `tests` beside it.

use redb::{Error, Table as Rows, WriteTransaction};

use super::form::{self, EXPIRY, Header, META, META_RESIDUE};
use crate::table::{Change, Condition, Key, Outcome, Table, Write};

type ItemRows<'t> = Rows<'t, (&'static str, &'static str), &'static [u8]>;

/// The tables of a transaction.
pub(super) struct Batch<'t> {
    transaction: &'t WriteTransaction,
    gallery: ItemRows<'t>,
    user: ItemRows<'t>,
    expiry: Rows<'t, (&'static str, i64, &'static str, &'static str), ()>,
    changed: bool,
    residue: bool,
}

/// What a batch has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// There is something to commit.
    pub(super) changed: bool,
    /// Something was replaced or removed, so pages that become free hold it.
    pub(super) residue: bool,
}

impl<'t> Batch<'t> {
    pub(super) fn begin(transaction: &'t WriteTransaction) -> Result<Self, Error> {
        Ok(Self {
            transaction,
            gallery: transaction.open_table(form::items(Table::Gallery))?,
            user: transaction.open_table(form::items(Table::User))?,
            expiry: transaction.open_table(EXPIRY)?,
            changed: false,
            residue: false,
        })
    }

    /// Makes all writes of a unit, if all their conditions hold.
    pub(super) fn apply(&mut self, writes: &[Write<Vec<u8>>]) -> Result<Outcome, Error> {
        let mut found = Vec::with_capacity(writes.len());
        for write in writes {
            let old = self.header(&write.key)?;
            if !holds(write.condition, old) {
                return Ok(Outcome::Refused);
            }
            found.push(old);
        }
        for (write, old) in writes.iter().zip(found) {
            self.make(write, old)?;
        }
        Ok(Outcome::Done)
    }

    /// Ends the batch. The file remembers that it has residue, unless `known` says that it does
    /// already.
    pub(super) fn end(self, known: bool) -> Result<Effect, Error> {
        if self.residue && !known {
            self.transaction.open_table(META)?.insert(META_RESIDUE, 1)?;
        }
        Ok(Effect { changed: self.changed, residue: self.residue })
    }

    fn header(&self, key: &Key) -> Result<Option<Header>, Error> {
        use redb::ReadableTable as _;
        let rows = if key.table == Table::Gallery { &self.gallery } else { &self.user };
        let value = rows.get((key.partition.as_str(), key.sort.as_str()))?;
        value.map(|value| Header::split(value.value()).map(|(header, _)| header)).transpose()
    }

    fn make(&mut self, write: &Write<Vec<u8>>, old: Option<Header>) -> Result<(), Error> {
        let Write { key, change, .. } = write;
        let place = (key.partition.as_str(), key.sort.as_str());
        let expires_at = match change {
            Change::Keep => return Ok(()),
            Change::Delete if old.is_none() => return Ok(()),
            Change::Delete => {
                self.rows(key).remove(place)?;
                None
            }
            Change::Put { body, expires_at, .. } => {
                let revision = match write.condition {
                    Condition::Always => old.map_or(1, |old| old.revision + 1),
                    Condition::Absent | Condition::Unchanged(_) => write.next_revision(),
                };
                let value = Header { revision, expires_at: *expires_at }.before(body);
                self.rows(key).insert(place, value.as_slice())?;
                *expires_at
            }
        };
        self.changed = true;
        self.residue |= old.is_some();
        let (before, after) =
            (form::expiry(key, old.and_then(|old| old.expires_at)), form::expiry(key, expires_at));
        if before != after {
            if let Some(before) = before {
                self.expiry.remove(before)?;
            }
            if let Some(after) = after {
                self.expiry.insert(after, ())?;
            }
        }
        Ok(())
    }

    fn rows(&mut self, key: &Key) -> &mut ItemRows<'t> {
        if key.table == Table::Gallery { &mut self.gallery } else { &mut self.user }
    }
}

fn holds(condition: Condition, found: Option<Header>) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Absent => found.is_none(),
        Condition::Unchanged(revision) => found.is_some_and(|found| found.revision == revision),
    }
}
