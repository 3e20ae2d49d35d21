//! Tables that are missing, somebody else's or just made, and what is said of them.

use std::time::Instant;

use aws_sdk_dynamodb::types::TimeToLiveStatus;
use gallery_core::ports::StoreError;
use gallery_faults::{Fault, Rule, dynamo};

use super::*;

async fn refusal(options: &DynamoOptions) -> String {
    let line = Dynamo::open(options).await.unwrap_err().to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[tokio::test]
async fn tables_are_created_once() {
    let proxy = proxy();
    let options = options(&proxy);
    let prefix = &options.table_prefix;
    let created = DynamoStore::create_tables(options.clone()).await.unwrap();
    assert_eq!(created, [format!("{prefix}PhotoGallery"), format!("{prefix}PhotoGalleryUser")]);
    assert!(DynamoStore::create_tables(options.clone()).await.unwrap().is_empty());
    let both = (DynamoStore::open(options.clone()), DynamoStore::open(options.clone()));
    assert!(tokio::try_join!(both.0, both.1).is_ok());
}

#[tokio::test]
async fn two_may_create_the_tables_at_once() {
    let proxy = proxy();
    let options = DynamoOptions { new_tables: NewTables::default(), ..options(&proxy) };
    let create = || DynamoStore::create_tables(options.clone());
    tokio::try_join!(create(), create(), create()).unwrap();
    assert!(Dynamo::open(&options).await.unwrap().time_to_live);
}

#[tokio::test]
async fn a_missing_table_is_named_with_what_to_do() {
    let proxy = proxy();
    let options = options(&proxy);
    let line = refusal(&options).await;
    assert!(
        line.contains(&format!("table {}PhotoGallery is not in DynamoDB at http://", options.table_prefix))
    );
    assert!(line.contains("admin create-tables"), "{line}");
}

#[tokio::test]
async fn a_table_that_goes_missing_later_makes_the_store_unavailable_until_it_is_back() {
    let proxy = proxy();
    let options = options(&proxy);
    let engine = engine_with(options.clone()).await;
    let client = engine.calls.client().clone();
    client.delete_table().table_name(engine.names.of(Table::User)).send().await.unwrap();
    assert!(matches!(engine.ready().await, Err(StoreError::Unavailable(_))));
    let away = engine.commit(vec![put(&key("p", "a"), Condition::Absent, "x")]).await;
    assert!(matches!(away, Err(StoreError::Unavailable(_))), "{away:?}");
    DynamoStore::create_tables(options).await.unwrap();
    engine.ready().await.unwrap();
}

#[tokio::test]
async fn a_table_with_another_key_is_left_alone() {
    let proxy = proxy();
    let ours = options(&proxy);
    DynamoStore::create_tables(ours.clone()).await.unwrap();
    // Another gallery's prefix, so that its albums' table has the name of our users' table.
    let name = format!("{}Photo", ours.table_prefix);
    let client = Connection::find(&ours).await.unwrap().calls.client().clone();
    let described =
        client.describe_table().table_name(format!("{}PhotoGalleryUser", ours.table_prefix)).send();
    let table = described.await.unwrap().table.unwrap();
    let copy = client.create_table().table_name(format!("{name}PhotoGallery"));
    copy.set_key_schema(table.key_schema)
        .set_attribute_definitions(table.attribute_definitions)
        .billing_mode(aws_sdk_dynamodb::types::BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    let theirs = DynamoOptions { table_prefix: name, ..ours };
    let line = refusal(&theirs).await;
    assert!(line.contains("has the key userID (S, HASH), itemID (S, RANGE)"), "{line}");
    assert!(line.contains("where albumID (S, HASH), photoID (S, RANGE) is needed"), "{line}");
    assert_eq!(DynamoStore::create_tables(theirs).await.unwrap_err().to_string(), line);
}

#[tokio::test]
async fn time_to_live_is_enabled_and_then_left_to_dynamodb() {
    let proxy = proxy();
    let without = options(&proxy);
    let engine = engine_with(without.clone()).await;
    assert!(!engine.time_to_live);
    let with = DynamoOptions { new_tables: NewTables::default(), ..without };
    // An existing table gets it too; a second time changes nothing.
    for _ in 0..2 {
        assert!(DynamoStore::create_tables(with.clone()).await.unwrap().is_empty());
    }
    let engine = Dynamo::open(&with).await.unwrap();
    let name = engine.names.of(Table::User);
    let answer = engine.calls.client().describe_time_to_live().table_name(name).send().await.unwrap();
    let description = answer.time_to_live_description.unwrap();
    assert_eq!(description.attribute_name(), Some("ttl"));
    assert_eq!(description.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
    engine.commit(vec![put_until(&key("p", "token"), Timestamp::from_millis(1))]).await.unwrap();
    proxy.reset_counts();
    assert!(engine.expired("token", Timestamp::from_millis(5_000), 10).await.unwrap().is_empty());
    assert_eq!(proxy.count("Scan"), 0);
}

#[tokio::test]
async fn new_tables_are_protected_where_that_is_asked_for() {
    let proxy = proxy();
    let new_tables =
        NewTables { point_in_time_recovery: true, deletion_protection: true, ..NewTables::default() };
    let options = DynamoOptions { new_tables, ..options(&proxy) };
    // DynamoDB Local has no backups.
    let done = gallery_faults::Reply::text(200, "{}");
    proxy.add(Rule::on("UpdateContinuousBackups", Fault::answer(done)));
    DynamoStore::create_tables(options.clone()).await.unwrap();
    assert_eq!(proxy.count("UpdateContinuousBackups"), 2);
    let engine = Dynamo::open(&options).await.unwrap();
    for table in [Table::Gallery, Table::User] {
        let described =
            engine.calls.client().describe_table().table_name(engine.names.of(table)).send().await;
        assert_eq!(described.unwrap().table.unwrap().deletion_protection_enabled, Some(true));
    }
}

#[tokio::test]
async fn bad_settings_are_named() {
    let proxy = proxy();
    let good = options(&proxy);
    let prefix = DynamoOptions { table_prefix: "my gallery/".to_owned(), ..good.clone() };
    assert!(refusal(&prefix).await.contains("\"my gallery/\""));
    let endpoint = DynamoOptions { endpoint: Some("localhost:8000".to_owned()), ..good.clone() };
    assert!(refusal(&endpoint).await.contains("\"localhost:8000\""));
    // A port on which nobody listens.
    let endpoint = DynamoOptions { endpoint: Some("http://127.0.0.1:9".to_owned()), ..good };
    let began = Instant::now();
    let line = refusal(&endpoint).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(
        line.starts_with("DynamoDB at http://127.0.0.1:9 (region us-east-1) cannot be reached"),
        "{line}"
    );
    assert!(line.contains("Connection refused"), "{line}");
}

#[tokio::test]
async fn refused_credentials_are_named() {
    let proxy = proxy();
    let options = options(&proxy);
    DynamoStore::create_tables(options.clone()).await.unwrap();
    proxy.add(Rule::on("DescribeTable", dynamo::denied()).once());
    let line = refusal(&options).await;
    assert!(line.contains("allow dynamodb:DescribeTable"), "{line}");
    // To describe is allowed, to read is not.
    proxy.add(Rule::on("GetItem", dynamo::denied()).once());
    let line = refusal(&options).await;
    assert!(line.contains("allow dynamodb:GetItem"), "{line}");
    for code in ["UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException"] {
        let reply = dynamo::error(400, code, "The security token included in the request is invalid.");
        proxy.add(Rule::on("DescribeTable", Fault::answer(reply)).once());
        let line = refusal(&options).await;
        assert!(line.contains("does not accept the AWS credentials"), "{line}");
        assert!(line.contains("The security token included in the request is invalid"), "{line}");
    }
    Dynamo::open(&options).await.unwrap();
}
