//! Reading: by key, along a range, over a table. Everything is read consistently.
//!
//! Knows no kind of item. Tested in `tests/reading.rs` of this module.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use gallery_aws::Idempotency::Idempotent;
use gallery_aws::RetryClass;
use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;

use super::attributes::{self, Attributes, EXPIRES, key_attributes, schema};
use super::calls::Attempts;
use super::failure::{Failure, FailureKind, store_error};
use super::range::{Asked, asked};
use super::{Dynamo, READY_LIMIT};
use crate::table::{Item, Key, Range, Scan, Table};

/// The most keys of a `BatchGetItem`.
const BATCH: usize = 100;
/// A filtered page may be as long as this even when few items are wanted, for most of it is left
/// out.
const FILTERED_PAGE: usize = 1000;
/// The most pages that one search for expired items reads.
const EXPIRED_PAGES: u32 = 4;

impl Dynamo {
    pub(super) async fn get_items(&self, keys: &[Key]) -> Result<Vec<Item<Attributes>>, StoreError> {
        let found = self.fetch(keys).await.map_err(store_error)?;
        found.into_iter().map(|(table, attributes)| attributes::read(table, attributes)).collect()
    }

    /// The items under these keys, as they are.
    async fn fetch(&self, keys: &[Key]) -> Result<Vec<(Table, Attributes)>, Failure> {
        if let [key] = keys {
            let found = self.fetch_one(&mut self.calls.attempts(), key).await?;
            return Ok(found.into_iter().map(|attributes| (key.table, attributes)).collect());
        }
        // DynamoDB refuses a batch that names a key twice.
        let keys: Vec<&Key> = BTreeSet::from_iter(keys).into_iter().collect();
        let mut found = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH) {
            self.fetch_batch(batch, &mut found).await?;
        }
        Ok(found)
    }

    async fn fetch_one(&self, attempts: &mut Attempts<'_>, key: &Key) -> Result<Option<Attributes>, Failure> {
        let request = self
            .calls
            .client()
            .get_item()
            .table_name(self.names.of(key.table))
            .set_key(Some(key_attributes(key)))
            .consistent_read(true);
        let answer = attempts.call("GetItem", Idempotent, || request.clone().send()).await?;
        Ok(answer.item)
    }

    async fn fetch_batch(&self, keys: &[&Key], found: &mut Vec<(Table, Attributes)>) -> Result<(), Failure> {
        let operation = "BatchGetItem";
        let mut attempts = self.calls.attempts();
        let mut wanted = self.wanted(keys)?;
        loop {
            let request = self.calls.client().batch_get_item().set_request_items(Some(wanted));
            let answer = attempts.call(operation, Idempotent, || request.clone().send()).await?;
            for (name, items) in answer.responses.unwrap_or_default() {
                let table = self.names.table(&name);
                let table =
                    table.ok_or_else(|| Failure::new(FailureKind::Failed, operation, "an unknown table"))?;
                found.extend(items.into_iter().map(|attributes| (table, attributes)));
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(());
            }
            // Too much for one answer, or throttled in part.
            if !attempts.pause(RetryClass::Throttled).await {
                return Err(Failure::new(FailureKind::Throttled, operation, "keys stayed unprocessed"));
            }
            for keys in wanted.values_mut() {
                keys.consistent_read = Some(true);
            }
        }
    }

    fn wanted(&self, keys: &[&Key]) -> Result<HashMap<String, KeysAndAttributes>, Failure> {
        let mut by_table: HashMap<Table, Vec<Attributes>> = HashMap::new();
        for key in keys {
            by_table.entry(key.table).or_default().push(key_attributes(key));
        }
        let wanted = by_table.into_iter().map(|(table, keys)| {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            keys.map(|keys| (self.names.of(table).to_owned(), keys))
        });
        wanted.collect::<Result<_, _>>().map_err(|error| Failure::unsendable("BatchGetItem", error))
    }

    pub(super) async fn query_items(&self, range: &Range) -> Result<Vec<Item<Attributes>>, StoreError> {
        let Some(asked) = asked(range) else { return Ok(Vec::new()) };
        let key = |sort: &str| Key {
            table: range.table,
            partition: range.partition.clone(),
            sort: sort.to_owned(),
        };
        let mut items = Vec::new();
        let mut behind = asked.behind.map(|sort| key_attributes(&key(sort)));
        while items.len() < range.limit {
            let page = self.query_page(range, &asked, behind, range.limit - items.len()).await;
            let page = page.map_err(store_error)?;
            for attributes in page.0 {
                let item = attributes::read(range.table, attributes)?;
                if asked.but != Some(item.key.sort.as_str()) {
                    items.push(item);
                }
            }
            behind = page.1;
            if behind.is_none() {
                break;
            }
        }
        Ok(items)
    }

    async fn query_page(
        &self,
        range: &Range,
        asked: &Asked<'_>,
        behind: Option<Attributes>,
        limit: usize,
    ) -> Result<Page, Failure> {
        let schema = schema(range.table);
        let mut request = self
            .calls
            .client()
            .query()
            .table_name(self.names.of(range.table))
            .key_condition_expression(format!("#p = :p{}", asked.clause))
            .expression_attribute_names("#p", schema.partition)
            .expression_attribute_values(":p", AttributeValue::S(range.partition.clone()))
            .consistent_read(true)
            .scan_index_forward(!range.descending)
            .set_exclusive_start_key(behind)
            .set_limit(i32::try_from(limit).ok());
        if !asked.clause.is_empty() {
            request = request.expression_attribute_names("#s", schema.sort);
        }
        for (name, sort) in [(":from", asked.from), (":to", asked.to)] {
            if let Some(sort) = sort {
                request = request.expression_attribute_values(name, AttributeValue::S(sort.to_owned()));
            }
        }
        let answer = self.calls.attempts().call("Query", Idempotent, || request.clone().send()).await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    pub(super) async fn scan_items(&self, scan: &Scan) -> Result<Vec<Item<Attributes>>, StoreError> {
        let filter = scan.sort.map(|sort| Filter {
            expression: "#s = :s",
            names: vec![("#s", schema(scan.table).sort)],
            values: vec![(":s", AttributeValue::S(sort.to_owned()))],
        });
        let mut items = Vec::new();
        let mut behind = scan.after.as_ref().map(key_attributes);
        while items.len() < scan.limit {
            let page = self.scan_page(scan.table, filter.as_ref(), behind, scan.limit - items.len()).await;
            let page = page.map_err(store_error)?;
            for attributes in page.0 {
                items.push(attributes::read(scan.table, attributes)?);
            }
            behind = page.1;
            if behind.is_none() {
                break;
            }
        }
        // What is too much is read again by whoever goes on behind the last one.
        items.truncate(scan.limit);
        Ok(items)
    }

    async fn scan_page(
        &self,
        table: Table,
        filter: Option<&Filter>,
        behind: Option<Attributes>,
        limit: usize,
    ) -> Result<Page, Failure> {
        // DynamoDB counts the items that a filter leaves out.
        let limit = if filter.is_some() { limit.max(FILTERED_PAGE) } else { limit };
        let mut request = self
            .calls
            .client()
            .scan()
            .table_name(self.names.of(table))
            .consistent_read(true)
            .set_exclusive_start_key(behind)
            .set_limit(i32::try_from(limit).ok());
        if let Some(filter) = filter {
            request = request.filter_expression(filter.expression);
            for (name, attribute) in &filter.names {
                request = request.expression_attribute_names(*name, *attribute);
            }
            for (name, value) in &filter.values {
                request = request.expression_attribute_values(*name, value.clone());
            }
        }
        let answer = self.calls.attempts().call("Scan", Idempotent, || request.clone().send()).await?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// Looks for expired items where DynamoDB does not remove them by itself. A call reads a few
    /// pages of the table at most, and the next one goes on where it stopped; what is missed
    /// meanwhile is found in the next round.
    pub(super) async fn expired_keys(
        &self,
        class: &'static str,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError> {
        if self.time_to_live || limit == 0 {
            return Ok(Vec::new());
        }
        let filter = expired_filter(class, before);
        let mut keys = Vec::new();
        let began = self.sweep(class);
        let mut behind = began.clone();
        // From where the last call stopped to the end, and then from the start.
        let mut rounds = if began.is_some() { 2 } else { 1 };
        for _ in 0..EXPIRED_PAGES {
            let page =
                self.scan_page(Table::User, Some(&filter), behind, limit).await.map_err(store_error)?;
            for mut attributes in page.0 {
                keys.push(attributes::take_key(Table::User, &mut attributes)?);
            }
            behind = page.1;
            if keys.len() >= limit {
                keys.truncate(limit);
                behind = keys.last().map(key_attributes);
                break;
            }
            if behind.is_none() {
                rounds -= 1;
                if rounds == 0 {
                    break;
                }
            }
        }
        self.set_sweep(class, behind);
        // A second round may have met items of the first.
        keys.sort();
        keys.dedup();
        Ok(keys)
    }

    /// Reads one item of each table, there or not.
    pub(super) async fn answer(&self) -> Result<(), Failure> {
        let probe = |table| Key { table, partition: "ready".to_owned(), sort: "ready".to_owned() };
        let (gallery, user) = (probe(Table::Gallery), probe(Table::User));
        let (mut first, mut second) =
            (self.calls.attempts_within(READY_LIMIT), self.calls.attempts_within(READY_LIMIT));
        let both = (self.fetch_one(&mut first, &gallery), self.fetch_one(&mut second, &user));
        tokio::try_join!(both.0, both.1).map(drop)
    }
}

/// Items, and where the next page begins.
type Page = (Vec<Attributes>, Option<Attributes>);

/// What a Scan answers of what it reads.
struct Filter {
    expression: &'static str,
    names: Vec<(&'static str, &'static str)>,
    values: Vec<(&'static str, AttributeValue)>,
}

/// Lets in what expired before this instant.
fn expired_filter(class: &str, before: Timestamp) -> Filter {
    Filter {
        expression: "#e < :e AND (#s = :class OR begins_with(#s, :of_class))",
        names: vec![("#e", EXPIRES), ("#s", schema(Table::User).sort)],
        values: vec![
            (":e", AttributeValue::N(before.millis().to_string())),
            (":class", AttributeValue::S(class.to_owned())),
            (":of_class", AttributeValue::S(format!("{class}#"))),
        ],
    }
}
