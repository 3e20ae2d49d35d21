//! What calls cost, for the tests that watch it and for whoever wants to know: read and write units as DynamoDB
//! reports them, and, for transactions, as its documentation counts them.
//!
//! Tested here and in `tests/metered.rs` of this module.

use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::types::ConsumedCapacity;

/// What one call to DynamoDB cost. A call that is made again is another one.
#[derive(Debug, Clone, PartialEq)]
pub struct MeteredCall {
    /// The operation of the API, as `TransactWriteItems`.
    pub operation: &'static str,
    /// The items that were named by their keys; for `Query` and `Scan`, those that were read.
    pub items: usize,
    /// The units, by table.
    pub units: Vec<TableUnits>,
}

/// The units that a call consumed of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableUnits {
    /// The table's full name.
    pub table: String,
    /// Read request units: 4 KiB read consistently are one.
    pub read: f64,
    /// Write request units: 1 KiB written is one, or two in a transaction.
    pub write: f64,
}

impl MeteredCall {
    /// The read units of all tables.
    pub fn read_units(&self) -> f64 {
        self.units.iter().map(|units| units.read).sum()
    }

    /// The write units of all tables.
    pub fn write_units(&self) -> f64 {
        self.units.iter().map(|units| units.write).sum()
    }
}

/// Collects what calls cost. A store with a meter asks DynamoDB to report it, and reads more than one without:
/// it is not for production.
#[derive(Debug, Default)]
pub struct Meter {
    calls: Mutex<Vec<MeteredCall>>,
}

impl Meter {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes out what was collected, in the order in which the calls were answered.
    pub fn take(&self) -> Vec<MeteredCall> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn add(&self, operation: &'static str, items: usize, units: Vec<TableUnits>) {
        let call = MeteredCall { operation, items, units };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }

    /// A call that read.
    pub(super) fn read(&self, operation: &'static str, items: usize, reported: &[ConsumedCapacity]) {
        let units = reported.iter().map(|used| TableUnits { read: used.units(), ..TableUnits::of(used) });
        self.add(operation, items, units.collect());
    }

    /// A call that wrote, outside of a transaction.
    pub(super) fn write(&self, operation: &'static str, items: usize, reported: &[ConsumedCapacity]) {
        let units = reported.iter().map(|used| TableUnits { write: used.units(), ..TableUnits::of(used) });
        self.add(operation, items, units.collect());
    }
}

impl TableUnits {
    fn of(used: &ConsumedCapacity) -> Self {
        Self { table: used.table_name().unwrap_or_default().to_owned(), read: 0.0, write: 0.0 }
    }
}

trait Units {
    fn units(&self) -> f64;
}

impl Units for ConsumedCapacity {
    fn units(&self) -> f64 {
        self.capacity_units().unwrap_or_default()
    }
}

/// The units of writing an item, outside of a transaction. It counts as large as the larger of what it was and
/// what it becomes, and as one unit at least; so does a write that is refused.
pub(super) fn write_units(before: usize, after: usize) -> f64 {
    let units = before.max(after).div_ceil(1024).max(1);
    f64::from(u32::try_from(units).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_costs_what_the_larger_of_old_and_new_costs() {
        let units = [(0, 0), (0, 1), (0, 1024), (1025, 10), (10, 3000)]
            .map(|(old, new)| write_units(old, new).to_string());
        assert_eq!(units, ["1", "1", "1", "2", "3"]);
    }
}
