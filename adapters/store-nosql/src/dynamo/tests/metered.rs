//! What the meter says of real calls.

use super::*;
use crate::table::Range;

/// Operation, items, read and write units of every call since the last look.
fn calls(meter: &Meter) -> Vec<(&'static str, usize, f64, f64)> {
    let calls = meter.take().into_iter();
    calls.map(|call| (call.operation, call.items, call.read_units(), call.write_units())).collect()
}

#[tokio::test]
async fn every_call_is_metered() {
    let proxy = proxy();
    let (engine, meter) = metered_engine(&proxy).await;
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
