//! Tables that the release before has written. No item of theirs says of which format they are.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use gallery_core::ports::SharedStore;
use gallery_store_nosql::{DynamoOptions, DynamoStore};
use serde_json::Value;

use super::fixture;
use crate::release_before::{Known, assert_all_is_there, assert_it_goes_on};

/// The most items of a `BatchWriteItem`.
const BATCH: usize = 25;

/// A client that finds the same tables: DynamoDB Local may keep others for other credentials or
/// regions.
fn client(options: &DynamoOptions) -> Client {
    let setting = |name: &str| std::env::var(name).unwrap();
    let (key, secret) = (setting("AWS_ACCESS_KEY_ID"), setting("AWS_SECRET_ACCESS_KEY"));
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(setting("AWS_REGION")))
        .credentials_provider(Credentials::new(key, secret, None, None, "tests"))
        .endpoint_url(options.endpoint.as_deref().unwrap());
    Client::from_conf(config.build())
}

/// A value as DynamoDB's API writes it in JSON.
fn value(json: &Value) -> AttributeValue {
    let (kind, content) = json.as_object().unwrap().iter().next().unwrap();
    let text = || content.as_str().unwrap().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "BOOL" => AttributeValue::Bool(content.as_bool().unwrap()),
        "NULL" => AttributeValue::Null(true),
        "L" => AttributeValue::L(content.as_array().unwrap().iter().map(value).collect()),
        "M" => AttributeValue::M(attributes(content)),
        other => panic!("the gallery writes no values of type {other}"),
    }
}

fn attributes(json: &Value) -> HashMap<String, AttributeValue> {
    json.as_object().unwrap().iter().map(|(name, json)| (name.clone(), value(json))).collect()
}

/// Puts the fixture's items into empty tables.
async fn fill(client: &Client, prefix: &str) {
    let text = std::fs::read(crate::release_before::fixture("dynamodb/items.json")).unwrap();
    let tables: Value = serde_json::from_slice(&text).unwrap();
    for (name, table) in tables.as_object().unwrap() {
        for some in table["Items"].as_array().unwrap().chunks(BATCH) {
            let put = |item| PutRequest::builder().set_item(Some(attributes(item))).build().unwrap();
            let writes = some.iter().map(|item| WriteRequest::builder().put_request(put(item)).build());
            let batch = client.batch_write_item().request_items(format!("{prefix}{name}"), writes.collect());
            let answer = batch.send().await.unwrap();
            assert!(answer.unprocessed_items.unwrap_or_default().is_empty());
        }
    }
}

/// The version that an item says the tables have.
async fn version(client: &Client, prefix: &str) -> Option<AttributeValue> {
    let item = client
        .get_item()
        .table_name(format!("{prefix}PhotoGalleryUser"))
        .key("userID", AttributeValue::S("format".to_owned()))
        .key("itemID", AttributeValue::S("format".to_owned()))
        .consistent_read(true);
    item.send().await.unwrap().item.and_then(|mut item| item.remove("version"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_the_release_before_are_taken_over() {
    let proxy = fixture::proxy();
    let options = fixture::tables(&proxy).await;
    let (client, prefix) = (client(&options), options.table_prefix.clone());
    fill(&client, &prefix).await;
    assert_eq!(version(&client, &prefix).await, None);
    let known = Known::of("dynamodb");
    proxy.reset_counts();
    // The version; and the account that waited for its confirmation is made a registration.
    for written in [1, 0] {
        let store: SharedStore = Arc::new(DynamoStore::open(options.clone()).await.unwrap());
        assert_eq!(version(&client, &prefix).await, Some(AttributeValue::N("4".to_owned())));
        let writes = (proxy.count("PutItem"), proxy.count("TransactWriteItems"));
        assert_eq!((proxy.count("Scan"), writes), (0, (written, written)));
        assert_all_is_there(&store, &known).await;
        proxy.reset_counts();
    }
    let store: SharedStore = Arc::new(DynamoStore::open(options).await.unwrap());
    assert_it_goes_on(&store, &known).await;
}
