//! What the meter says of real calls.

use std::sync::Arc;

use super::*;
use crate::dynamo::Meter;
use crate::table::Range;

/// Operation, items, read and write units of every call since the last look.
fn calls(meter: &Meter) -> Vec<(&'static str, usize, f64, f64)> {
    let calls = meter.take().into_iter();
    calls.map(|call| (call.operation, call.items, call.read_units(), call.write_units())).collect()
}

#[tokio::test]
async fn every_call_is_metered() {
    let proxy = proxy();
    let meter = Arc::new(Meter::new());
    let engine = engine_with(DynamoOptions { meter: Some(Arc::clone(&meter)), ..options(&proxy) }).await;
    meter.take();
    let (a, b) = (key("p", "a"), Key { table: Table::Gallery, ..key("p", "b") });
    let long = "x".repeat(5_000);

    engine.commit(vec![put(&a, Condition::Absent, &long)]).await.unwrap();
    assert_eq!(calls(&meter), [("PutItem", 1, 0.0, 5.0)]);
    engine.commit(vec![put(&a, Condition::Absent, "refused")]).await.unwrap();
    assert_eq!(calls(&meter), [("PutItem", 1, 0.0, 5.0)]);
    // 5 KiB become little, and 1 KiB comes: twice 5, twice 1.
    engine
        .commit(vec![put(&a, Condition::Unchanged(1), "y"), put(&b, Condition::Absent, "y")])
        .await
        .unwrap();
    let call = meter.take().pop().unwrap();
    assert_eq!((call.operation, call.items, call.write_units()), ("TransactWriteItems", 2, 12.0));
    let tables: Vec<(&str, f64)> =
        call.units.iter().map(|units| (units.table.as_str(), units.write)).collect();
    assert_eq!(tables, [(engine.names.of(Table::Gallery), 2.0), (engine.names.of(Table::User), 10.0)]);

    engine.get(std::slice::from_ref(&a)).await.unwrap();
    engine.get(&[a.clone(), b.clone()]).await.unwrap();
    engine.query(&Range::all(Table::User, "p")).await.unwrap();
    engine.ready().await.unwrap();
    engine.delete(&[a, b]).await.unwrap();
    assert_eq!(
        calls(&meter),
        [
            ("GetItem", 1, 1.0, 0.0),
            ("BatchGetItem", 2, 2.0, 0.0),
            ("Query", 1, 1.0, 0.0),
            ("GetItem", 1, 1.0, 0.0),
            ("GetItem", 1, 1.0, 0.0),
            ("BatchWriteItem", 2, 0.0, 2.0),
        ]
    );
}

#[tokio::test]
async fn without_a_meter_nothing_is_asked_for() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    proxy.record();
    fill(&engine, "p", &["a"]).await;
    engine.get(&[key("p", "a"), key("p", "b")]).await.unwrap();
    let exchanges = proxy.exchanges();
    assert_eq!(exchanges.len(), 2);
    let bodies = exchanges.iter().map(|exchange| String::from_utf8_lossy(&exchange.call.body).into_owned());
    assert!(bodies.into_iter().all(|body| !body.contains("ReturnConsumedCapacity")));
}
