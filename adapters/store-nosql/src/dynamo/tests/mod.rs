//! The engine on DynamoDB Local, behind a fault proxy, and what it costs. `cargo xtask test` starts
//! it.

mod cost;
mod faults;
mod format;
mod meter;
mod metered;
mod opening;
mod reading;
mod writing;

use std::time::Duration;

use gallery_core::values::Timestamp;
use gallery_faults::HttpProxy;
use serde::{Deserialize, Serialize};

use self::meter::Meter;
use super::attributes::Attributes;
use super::options::Connection;
use super::{Dynamo, DynamoOptions, DynamoStore, NewTables};
use crate::table::{Change, Condition, Engine as _, Key, Outcome, Table, Write};

/// A record of these tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
}

fn note(text: &str) -> Note {
    Note { text: text.to_owned() }
}

fn proxy() -> HttpProxy {
    let url = std::env::var("GALLERY_TEST_DYNAMODB_URL");
    let url =
        url.expect("this test needs DynamoDB Local: run `cargo xtask test`, or `cargo xtask engines up`");
    HttpProxy::start(&url)
}

/// Tables of their own, not yet there.
fn options(proxy: &HttpProxy) -> DynamoOptions {
    DynamoOptions {
        table_prefix: format!("engine-{}-", gallery_aws::random_token()),
        endpoint: Some(proxy.url()),
        // A busy machine is not what is tested, where time is not.
        time_limit: Duration::from_secs(30),
        // DynamoDB Local removes what has expired by the wall clock.
        new_tables: NewTables { time_to_live: false, ..NewTables::default() },
        ..DynamoOptions::default()
    }
}

/// An engine on empty tables, with these options.
async fn engine_with(options: DynamoOptions) -> Dynamo {
    DynamoStore::create_tables(options.clone()).await.unwrap();
    Dynamo::open(&options).await.unwrap()
}

/// An engine on empty tables, and what its calls cost.
async fn metered_engine(proxy: &HttpProxy) -> (Dynamo, Meter) {
    let (options, meter) = (options(proxy), Meter::default());
    DynamoStore::create_tables(options.clone()).await.unwrap();
    let connection = Connection::with(&options, |config| config.interceptor(meter.clone())).await.unwrap();
    let engine = Dynamo::on(connection).await.unwrap();
    meter.take();
    (engine, meter)
}

async fn engine(proxy: &HttpProxy) -> Dynamo {
    engine_with(options(proxy)).await
}

fn key(partition: &str, sort: &str) -> Key {
    Key { table: Table::User, partition: partition.to_owned(), sort: sort.to_owned() }
}

fn write(key: &Key, condition: Condition, change: Change<Attributes>) -> Write<Attributes> {
    Write { key: key.clone(), condition, change }
}

/// A write that puts this text there.
fn put(key: &Key, condition: Condition, text: &str) -> Write<Attributes> {
    let body = Dynamo::encode(&note(text)).unwrap();
    write(key, condition, Change::Put { body, kind: "note", expires_at: None })
}

/// A write that puts a text there which expires.
fn put_until(key: &Key, end: Timestamp) -> Write<Attributes> {
    let body = Dynamo::encode(&note("brief")).unwrap();
    write(key, Condition::Always, Change::Put { body, kind: "note", expires_at: Some(end) })
}

/// Puts items with these sort keys into a partition.
async fn fill(engine: &Dynamo, partition: &str, sorts: &[&str]) {
    for sort in sorts {
        let done = engine.commit(vec![put(&key(partition, sort), Condition::Absent, sort)]).await.unwrap();
        assert_eq!(done, Outcome::Done);
    }
}

/// The text under a key.
async fn text(engine: &Dynamo, key: &Key) -> Option<String> {
    let items = engine.get(std::slice::from_ref(key)).await.unwrap();
    items.first().map(|item| Dynamo::decode::<Note>(&item.body).unwrap().text)
}
