//! Fresh tables in DynamoDB Local, and stores over them.

use std::time::Duration;

use gallery_faults::HttpProxy;
use gallery_store_nosql::{DynamoOptions, DynamoStore, NewTables};

/// A proxy before DynamoDB Local.
pub fn proxy() -> HttpProxy {
    let url = std::env::var("GALLERY_TEST_DYNAMODB_URL");
    let url =
        url.expect("this test needs DynamoDB Local: run `cargo xtask test`, or `cargo xtask engines up`");
    HttpProxy::start(&url)
}

/// Tables of their own behind this proxy. Without time to live: DynamoDB Local removes what has
/// expired by the wall clock, and the tests' clocks are their own.
pub async fn tables(proxy: &HttpProxy) -> DynamoOptions {
    let options = DynamoOptions {
        table_prefix: format!("test-{}-", gallery_aws::random_token()),
        endpoint: Some(proxy.url()),
        // A busy machine is not what is tested.
        time_limit: Duration::from_secs(30),
        new_tables: NewTables { time_to_live: false, ..NewTables::default() },
        ..DynamoOptions::default()
    };
    DynamoStore::create_tables(options.clone()).await.unwrap();
    options
}
