//! The model test on DynamoDB. Beside the faults that the test itself plays at the ports, the proxy
//! throttles, lets transactions conflict and loses their replies: nobody must notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gallery_core::ports::SharedStore;
use gallery_faults::{Call, Fault, HttpProxy, Rule, dynamo};
use gallery_store_memory::MemoryStore;
use gallery_store_nosql::DynamoStore;

use super::fixture;

async fn fresh_pair() -> ([SharedStore; 2], HttpProxy) {
    let proxy = fixture::proxy();
    let options = fixture::tables(&proxy).await;
    let open = || DynamoStore::open(options.clone());
    let (one, two) = tokio::try_join!(open(), open()).unwrap();
    proxy.add(Rule::on("TransactWriteItems", dynamo::transaction_conflict()).when(every(5)));
    proxy.add(Rule::on("TransactWriteItems", Fault::ResetAfter).when(every(23)));
    proxy.add(Rule::on("TransactWriteItems", dynamo::transaction_throttled()).when(every(29)));
    for operation in ["GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem", "BatchWriteItem"] {
        proxy.add(Rule::on(operation, dynamo::throttled()).when(every(31)));
    }
    ([Arc::new(one), Arc::new(two)], proxy)
}

/// True every so often.
fn every(often: usize) -> impl Fn(&Call) -> bool + Send + 'static {
    let calls = AtomicUsize::new(1);
    move |_| calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(often)
}

fn model() -> SharedStore {
    Arc::new(MemoryStore::new())
}

gallery_conformance::model_suite!(fresh_pair, model, 25);
