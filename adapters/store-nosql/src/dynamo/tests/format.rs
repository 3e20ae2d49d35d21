//! The version of the format: tables are taken over, or refused before anything is written.

use std::sync::atomic::{AtomicUsize, Ordering};

use gallery_faults::{Call, Rule, dynamo};

use super::*;
use crate::dynamo::format::{Format, slot};
use crate::format::FORMAT;
use crate::store::ItemStore;
use crate::upgrade::before;

const WRITES: [&str; 4] = ["PutItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"];

async fn said(engine: &Dynamo) -> Option<(u64, u64)> {
    let items = engine.get(&[slot().into_key()]).await.unwrap();
    items.first().map(|item| (item.revision, Dynamo::decode::<Format>(&item.body).unwrap().version))
}

/// Makes another version of the program of whoever opens the tables next.
async fn say(engine: &Dynamo, version: Option<u64>) {
    let change = match version {
        Some(version) => Change::Put {
            body: Dynamo::encode(&Format { version }).unwrap(),
            kind: "format",
            expires_at: None,
        },
        None => Change::Delete,
    };
    let write = write(&slot().into_key(), Condition::Always, change);
    assert_eq!(engine.commit(vec![write]).await.unwrap(), Outcome::Done);
}

#[tokio::test]
async fn tables_of_an_older_format_are_taken_over_once() {
    let proxy = proxy();
    let options = options(&proxy);
    let engine = engine_with(options.clone()).await;
    // Of the first format, no item says so.
    for older in [None, Some(FORMAT - 1)] {
        say(&engine, older).await;
        let both = tokio::try_join!(Dynamo::open(&options), Dynamo::open(&options));
        assert!(both.is_ok(), "{older:?}");
        let (revision, version) = said(&engine).await.unwrap();
        assert_eq!((revision <= 2, version), (true, FORMAT), "{older:?}");
    }
    proxy.reset_counts();
    Dynamo::open(&options).await.unwrap();
    assert_eq!(WRITES.map(|write| proxy.count(write)), [0; 4]);
}

#[tokio::test]
async fn tables_of_a_newer_format_are_refused_untouched() {
    let proxy = proxy();
    let options = options(&proxy);
    let engine = engine_with(options.clone()).await;
    say(&engine, Some(FORMAT + 1)).await;
    let before = said(&engine).await;
    proxy.reset_counts();
    let line = Dynamo::open(&options).await.unwrap_err().to_string();
    let (table, url) = (engine.names.of(Table::User), proxy.url());
    assert_eq!(
        line,
        format!(
            "the store of table {table} in DynamoDB at {url} (region us-east-1) belongs to a newer version of this \
             program (its format is {}, this one knows {FORMAT}). Install that version; nothing was changed",
            FORMAT + 1
        )
    );
    let with = DynamoOptions { new_tables: NewTables::default(), ..options };
    assert_eq!(DynamoStore::create_tables(with).await.unwrap_err().to_string(), line);
    assert_eq!(WRITES.map(|write| proxy.count(write)), [0; 4]);
    assert_eq!(proxy.count("UpdateTimeToLive"), 0);
    assert_eq!(said(&engine).await, before);
}

#[tokio::test]
async fn who_may_not_write_the_version_is_told_what_to_allow() {
    let proxy = proxy();
    let options = options(&proxy);
    let engine = engine_with(options.clone()).await;
    say(&engine, None).await;
    proxy.add(Rule::on("PutItem", dynamo::denied()).once());
    let line = Dynamo::open(&options).await.unwrap_err().to_string();
    assert!(line.contains("allow dynamodb:PutItem"), "{line}");
    assert_eq!(said(&engine).await, None);
}

/// The attack: whoever takes tables over is killed after every number of transactions.
#[tokio::test]
async fn tables_that_were_taken_over_in_part_are_taken_over_by_the_next() {
    let proxy = proxy();
    let options = options(&proxy);
    let engine = engine_with(options.clone()).await;
    for writes in before::writes::<Dynamo>().chunks(100) {
        assert_eq!(engine.commit(writes.to_vec()).await.unwrap(), Outcome::Done);
    }
    say(&engine, Some(3)).await;
    for transactions in [1, 5, 3] {
        let done = AtomicUsize::new(0);
        let dies = move |_: &Call| done.fetch_add(1, Ordering::Relaxed) >= transactions;
        proxy.add(Rule::on("TransactWriteItems", dynamo::denied()).when(dies));
        Dynamo::open(&options).await.unwrap_err();
        proxy.clear();
        assert_eq!(said(&engine).await.unwrap().1, 3);
    }
    let (one, other) = tokio::try_join!(Dynamo::open(&options), Dynamo::open(&options)).unwrap();
    assert_eq!(said(&engine).await.unwrap().1, FORMAT);
    for opened in [one, other] {
        before::assert_divided(&ItemStore::over(opened)).await;
    }
}
