//! What calls cost: read and write units as DynamoDB reports them and, for writes of items and
//! transactions, as its documentation counts them, for DynamoDB Local under-reports transactions
//! and nobody reports what a refused write costs. An interceptor of the SDK's client; nothing of it
//! is in the engine.
//!
//! By the documented rule a write counts as large as the larger of what the item was and what it
//! becomes. So the meter remembers the size of every item: it must see all calls that touch its
//! tables. Tested in `metered`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::batch_write_item::{BatchWriteItemInput, BatchWriteItemOutput};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::scan::{ScanInput, ScanOutput};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity, TransactWriteItem};
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use super::super::attributes::{self, Attributes, TABLES, schema};
use crate::table::{Key, Table};

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

/// Collects what calls cost.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    calls: Vec<MeteredCall>,
    /// The sizes of all items, in bytes.
    sizes: HashMap<Key, usize>,
}

/// A call under way.
#[derive(Debug)]
enum Sent {
    /// Its response says how much it read.
    Read,
    /// So many items were named.
    ReadNamed(&'static str, usize),
    /// Items and the sizes they shall have, or absent where they are only looked at; and the units
    /// for 1 KiB.
    Write(&'static str, Vec<Written>, f64),
    /// Items deleted outside of a transaction.
    DeleteBatch(Vec<Key>),
}

#[derive(Debug)]
struct Written {
    table: String,
    key: Key,
    size: Option<usize>,
}

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

impl Meter {
    /// Takes out what was collected, in the order in which the calls were answered.
    pub fn take(&self) -> Vec<MeteredCall> {
        std::mem::take(&mut self.state().calls)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(sent) = sent(context) {
            config.interceptor_state().store_put(sent);
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(sent) = config.load::<Sent>() {
            self.state().answered(sent, context);
        }
        Ok(())
    }
}

impl State {
    /// Adds a call, whether it was done or refused.
    fn answered(&mut self, sent: &Sent, context: &AfterDeserializationInterceptorContextRef<'_>) {
        let call = match (sent, context.output_or_error()) {
            (Sent::Write(operation, writes, factor), output) => {
                let units = self.write_units(writes, *factor);
                if output.is_ok() {
                    self.written(writes);
                }
                MeteredCall { operation, items: writes.len(), units }
            }
            (Sent::DeleteBatch(keys), Ok(output)) => {
                self.sizes.retain(|key, _| !keys.contains(key));
                let reported = output
                    .downcast_ref::<BatchWriteItemOutput>()
                    .map(BatchWriteItemOutput::consumed_capacity);
                MeteredCall {
                    operation: "BatchWriteItem",
                    items: keys.len(),
                    units: units(reported.unwrap(), |units, used| units.write = used),
                }
            }
            (sent, Ok(_)) => read(sent, context),
            (_, Err(_)) => return,
        };
        self.calls.push(call);
    }

    /// The units of writes. What is refused costs as much as what is done.
    fn write_units(&self, writes: &[Written], factor: f64) -> Vec<TableUnits> {
        let units_of = |table: Table| {
            let mut of_table = writes.iter().filter(|write| write.key.table == table).peekable();
            let name = of_table.peek().map(|write| write.table.clone())?;
            let units = of_table.map(|write| {
                let before = self.sizes.get(&write.key).copied().unwrap_or_default();
                factor * write_units(before, write.size.unwrap_or_default())
            });
            Some(TableUnits { table: name, read: 0.0, write: units.sum() })
        };
        TABLES.into_iter().filter_map(units_of).collect()
    }

    fn written(&mut self, writes: &[Written]) {
        for Written { key, size, .. } in writes {
            if let Some(size) = size {
                // Of 0 bytes is what was deleted.
                self.sizes.insert(key.clone(), *size);
            }
        }
    }
}

/// What is about to be sent, asked to report what it reads; absent for what is no matter of items.
fn sent(context: &mut BeforeSerializationInterceptorContextMut<'_>) -> Option<Sent> {
    let input = context.input_mut();
    let report = Some(ReturnConsumedCapacity::Total);
    if let Some(input) = input.downcast_mut::<GetItemInput>() {
        input.return_consumed_capacity = report;
        return Some(Sent::ReadNamed("GetItem", 1));
    }
    if let Some(input) = input.downcast_mut::<BatchGetItemInput>() {
        input.return_consumed_capacity = report;
        let named = input.request_items().unwrap().values().map(|keys| keys.keys().len());
        return Some(Sent::ReadNamed("BatchGetItem", named.sum()));
    }
    if let Some(input) = input.downcast_mut::<QueryInput>() {
        input.return_consumed_capacity = report;
        return Some(Sent::Read);
    }
    if let Some(input) = input.downcast_mut::<ScanInput>() {
        input.return_consumed_capacity = report;
        return Some(Sent::Read);
    }
    if let Some(input) = input.downcast_mut::<BatchWriteItemInput>() {
        input.return_consumed_capacity = report;
        let requests = input.request_items().unwrap().iter();
        let named = requests.flat_map(|(table, requests)| {
            requests.iter().map(|request| key(table, &request.delete_request().unwrap().key))
        });
        return Some(Sent::DeleteBatch(named.collect()));
    }
    if let Some(input) = input.downcast_ref::<PutItemInput>() {
        let written = put(input.table_name().unwrap(), input.item().unwrap());
        return Some(Sent::Write("PutItem", vec![written], 1.0));
    }
    if let Some(input) = input.downcast_ref::<DeleteItemInput>() {
        let written = touched(input.table_name().unwrap(), input.key().unwrap(), Some(0));
        return Some(Sent::Write("DeleteItem", vec![written], 1.0));
    }
    let input = input.downcast_ref::<TransactWriteItemsInput>()?;
    let writes = input.transact_items().iter().map(part).collect();
    Some(Sent::Write("TransactWriteItems", writes, 2.0))
}

/// A part of a transaction.
fn part(item: &TransactWriteItem) -> Written {
    if let Some(it) = item.put() {
        return put(it.table_name(), it.item());
    }
    if let Some(it) = item.delete() {
        return touched(it.table_name(), it.key(), Some(0));
    }
    let check = item.condition_check().expect("the engine sends no other part");
    touched(check.table_name(), check.key(), None)
}

fn put(table: &str, item: &Attributes) -> Written {
    touched(table, item, Some(attributes::size(item)))
}

fn touched(table: &str, attributes: &Attributes, size: Option<usize>) -> Written {
    Written { table: table.to_owned(), key: key(table, attributes), size }
}

/// The key in these attributes of an item of the table with this full name.
fn key(name: &str, attributes: &Attributes) -> Key {
    let table =
        TABLES.into_iter().find(|table| name.ends_with(schema(*table).name)).expect("a table of ours");
    attributes::take_key(table, &mut attributes.clone()).unwrap()
}

/// A call that read.
fn read(sent: &Sent, context: &AfterDeserializationInterceptorContextRef<'_>) -> MeteredCall {
    let output = context.output_or_error().expect("a call that was done");
    let counted = |items: i32| usize::try_from(items).unwrap();
    let (operation, items, reported) = if let Sent::ReadNamed(operation, items) = sent {
        let one = output.downcast_ref::<GetItemOutput>().map(|it| it.consumed_capacity.as_slice());
        let several = output.downcast_ref::<BatchGetItemOutput>().map(BatchGetItemOutput::consumed_capacity);
        (*operation, *items, one.or(several))
    } else if let Some(it) = output.downcast_ref::<QueryOutput>() {
        ("Query", counted(it.scanned_count()), Some(it.consumed_capacity.as_slice()))
    } else {
        let it = output.downcast_ref::<ScanOutput>().expect("the last of the operations that read");
        ("Scan", counted(it.scanned_count()), Some(it.consumed_capacity.as_slice()))
    };
    let units = units(reported.unwrap(), |units, used| units.read = used);
    MeteredCall { operation, items, units }
}

/// Reported units.
fn units(reported: &[ConsumedCapacity], set: fn(&mut TableUnits, f64)) -> Vec<TableUnits> {
    let units = reported.iter().map(|used| {
        let table = used.table_name().unwrap_or_default().to_owned();
        let mut units = TableUnits { table, read: 0.0, write: 0.0 };
        set(&mut units, used.capacity_units().unwrap_or_default());
        units
    });
    units.collect()
}

/// The units of writing an item, outside of a transaction: one at least, even if it is refused.
fn write_units(before: usize, after: usize) -> f64 {
    let units = before.max(after).div_ceil(1024).max(1);
    f64::from(u32::try_from(units).unwrap())
}

#[test]
fn a_write_costs_what_the_larger_of_old_and_new_costs() {
    let units = [(0, 0), (0, 1), (0, 1024), (1025, 10), (10, 3000)]
        .map(|(old, new)| write_units(old, new).to_string());
    assert_eq!(units, ["1", "1", "1", "2", "3"]);
}
