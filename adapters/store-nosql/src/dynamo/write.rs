//! Writing: one item on a condition, several at once or not at all, and removing many.
//!
//! Knows no kind of item. Tested in `tests/writing.rs` of this module.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, DeleteRequest, Put, TransactWriteItem, WriteRequest,
};
use gallery_aws::Idempotency::{Idempotent, NotIdempotent};
use gallery_aws::{RetryClass, random_token};
use gallery_core::ports::StoreError;

use super::Dynamo;
use super::attributes::{self, Attributes, REVISION, key_attributes, schema};
use super::failure::{Failure, FailureKind, store_error};
use crate::table::{Change, Condition, Key, Outcome, Table, Write};

/// The most items of a `BatchWriteItem`.
const BATCH: usize = 25;
/// The largest item, in bytes, names included.
const LARGEST_ITEM: usize = 400 * 1024;
/// The largest transaction, in bytes.
const LARGEST_TRANSACTION: usize = 4 * 1024 * 1024;

/// A write, ready to be sent.
struct Prepared {
    key: Key,
    condition: Option<When>,
    action: Action,
}

enum Action {
    Put(Attributes),
    Delete,
    Check,
}

/// A condition in DynamoDB's words.
struct When {
    expression: &'static str,
    names: HashMap<String, String>,
    values: Option<Attributes>,
}

impl Dynamo {
    pub(super) async fn commit_all(&self, writes: Vec<Write<Attributes>>) -> Result<Outcome, StoreError> {
        let writes = prepared(writes)?;
        let result = match writes.as_slice() {
            [] => Ok(()),
            [write] if !matches!(write.action, Action::Check) => self.write_one(write).await,
            _ => self.transact(&writes).await,
        };
        match result {
            Ok(()) => Ok(Outcome::Done),
            Err(failure) if failure.kind == FailureKind::Refused => Ok(Outcome::Refused),
            Err(failure) => Err(store_error(failure)),
        }
    }

    async fn write_one(&self, write: &Prepared) -> Result<(), Failure> {
        let (table, client) = (self.names.of(write.key.table), self.calls.client());
        let (expression, names, values) = When::parts(write.condition.as_ref());
        let mut attempts = self.calls.attempts();
        if let Action::Put(item) = &write.action {
            let request = client
                .put_item()
                .table_name(table)
                .set_item(Some(item.clone()))
                .set_condition_expression(expression)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values);
            attempts.call("PutItem", NotIdempotent, || request.clone().send()).await.map(drop)
        } else {
            let request = client
                .delete_item()
                .table_name(table)
                .set_key(Some(key_attributes(&write.key)))
                .set_condition_expression(expression)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values);
            attempts.call("DeleteItem", NotIdempotent, || request.clone().send()).await.map(drop)
        }
    }

    async fn transact(&self, writes: &[Prepared]) -> Result<(), Failure> {
        let operation = "TransactWriteItems";
        let items = writes.iter().map(|write| self.transact_item(write)).collect::<Result<Vec<_>, _>>();
        let items = items.map_err(|error| Failure::unsendable(operation, error))?;
        let request = self
            .calls
            .client()
            .transact_write_items()
            .set_transact_items(Some(items))
            // By this DynamoDB recognises a transaction that is sent twice.
            .client_request_token(random_token());
        self.calls.attempts().call(operation, Idempotent, || request.clone().send()).await.map(drop)
    }

    fn transact_item(&self, write: &Prepared) -> Result<TransactWriteItem, BuildError> {
        let table = self.names.of(write.key.table);
        let (expression, names, values) = When::parts(write.condition.as_ref());
        let item = TransactWriteItem::builder();
        Ok(match &write.action {
            Action::Put(attributes) => item.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(attributes.clone()))
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            Action::Delete => item.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(&write.key)))
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            Action::Check => item.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(&write.key)))
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
        }
        .build())
    }

    pub(super) async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        // DynamoDB refuses a batch that names a key twice.
        let keys: Vec<&Key> = BTreeSet::from_iter(keys).into_iter().collect();
        for batch in keys.chunks(BATCH) {
            self.delete_batch(batch).await.map_err(store_error)?;
        }
        Ok(())
    }

    async fn delete_batch(&self, keys: &[&Key]) -> Result<(), Failure> {
        let operation = "BatchWriteItem";
        let mut requests: HashMap<String, Vec<WriteRequest>> = HashMap::new();
        for key in keys {
            let delete = DeleteRequest::builder().set_key(Some(key_attributes(key))).build();
            let delete = delete.map_err(|error| Failure::unsendable(operation, error))?;
            let request = WriteRequest::builder().delete_request(delete).build();
            requests.entry(self.names.of(key.table).to_owned()).or_default().push(request);
        }
        let mut attempts = self.calls.attempts();
        loop {
            let request = self.calls.client().batch_write_item().set_request_items(Some(requests));
            let answer = attempts.call(operation, Idempotent, || request.clone().send()).await?;
            requests = answer.unprocessed_items.unwrap_or_default();
            if requests.is_empty() {
                return Ok(());
            }
            if !attempts.pause(RetryClass::Throttled).await {
                return Err(Failure::new(FailureKind::Throttled, operation, "items stayed unprocessed"));
            }
        }
    }
}

impl When {
    fn of(table: Table, condition: Condition) -> Option<Self> {
        match condition {
            Condition::Always => None,
            Condition::Absent => Some(Self {
                expression: "attribute_not_exists(#p)",
                names: HashMap::from([("#p".to_owned(), schema(table).partition.to_owned())]),
                values: None,
            }),
            Condition::Unchanged(revision) => Some(Self {
                expression: "#r = :r",
                names: HashMap::from([("#r".to_owned(), REVISION.to_owned())]),
                values: Some(HashMap::from([(":r".to_owned(), AttributeValue::N(revision.to_string()))])),
            }),
        }
    }

    fn parts(when: Option<&Self>) -> (Option<String>, Option<HashMap<String, String>>, Option<Attributes>) {
        match when {
            None => (None, None, None),
            Some(when) => (Some(when.expression.to_owned()), Some(when.names.clone()), when.values.clone()),
        }
    }
}

/// The writes as they are sent, if DynamoDB will take them.
fn prepared(writes: Vec<Write<Attributes>>) -> Result<Vec<Prepared>, StoreError> {
    let mut all = 0;
    let mut prepared = Vec::with_capacity(writes.len());
    for write in writes {
        let (revision, condition) = (write.next_revision(), When::of(write.key.table, write.condition));
        let key = write.key;
        let action = match write.change {
            Change::Put { body, kind, expires_at } => {
                let item = attributes::item(&key, revision, kind, expires_at, body);
                let size = attributes::size(&item);
                if size > LARGEST_ITEM {
                    return Err(too_large(&format!("an item of kind \"{kind}\""), size, LARGEST_ITEM));
                }
                all += size;
                Action::Put(item)
            }
            Change::Delete => Action::Delete,
            Change::Keep if condition.is_none() => continue,
            Change::Keep => Action::Check,
        };
        prepared.push(Prepared { key, condition, action });
    }
    if all > LARGEST_TRANSACTION {
        return Err(too_large("a unit of work", all, LARGEST_TRANSACTION));
    }
    Ok(prepared)
}

fn too_large(what: &str, size: usize, limit: usize) -> StoreError {
    StoreError::Backend(format!("{what} has {size} bytes where DynamoDB takes {limit}").into())
}
