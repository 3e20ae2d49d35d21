//! A service in trouble, played by a proxy: what is tried again, how often, and what is answered in
//! the end.

use std::time::Instant;

use gallery_core::ports::StoreError;
use gallery_faults::{Fault, Rule, dynamo};

use super::*;
use crate::table::Range;

/// As in production.
async fn usual(proxy: &HttpProxy) -> Dynamo {
    engine_with(DynamoOptions { time_limit: DynamoOptions::default().time_limit, ..options(proxy) }).await
}

fn unavailable<T: std::fmt::Debug>(answer: &Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
}

/// Two writes that depend on both items being absent.
fn pair(name: &str) -> Vec<Write<Attributes>> {
    vec![put(&key(name, "a"), Condition::Absent, "x"), put(&key(name, "b"), Condition::Absent, "x")]
}

#[tokio::test]
async fn what_did_not_happen_is_tried_again() {
    let proxy = proxy();
    let faults = [
        dynamo::throttled(),
        dynamo::request_limit(),
        dynamo::transaction_conflict(),
        dynamo::transaction_throttled(),
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        // Each has retries of its own to spend.
        let engine = engine(&proxy).await;
        for operation in ["PutItem", "TransactWriteItems", "Query", "BatchWriteItem"] {
            proxy.add(Rule::on(operation, fault.clone()).times(2));
        }
        let (one, two) = (key("one", &n.to_string()), format!("two{n}"));
        assert_eq!(engine.commit(vec![put(&one, Condition::Absent, "x")]).await.unwrap(), Outcome::Done);
        assert_eq!(engine.commit(pair(&two)).await.unwrap(), Outcome::Done);
        assert_eq!(engine.query(&Range::all(Table::User, two)).await.unwrap().len(), 2);
        engine.delete(std::slice::from_ref(&one)).await.unwrap();
        assert_eq!(text(&engine, &one).await, None);
    }
    assert_eq!(proxy.faulted().len(), 4 * 4 * 2);
}

#[tokio::test]
async fn one_refused_condition_of_a_conflicting_transaction_is_a_refusal() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let reasons = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled",
        "CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"ConditionalCheckFailed"}]}"#;
    let reply = gallery_faults::Reply::text(400, reasons);
    proxy.add(Rule::on("TransactWriteItems", Fault::answer(reply)));
    assert_eq!(engine.commit(pair("p")).await.unwrap(), Outcome::Refused);
    assert_eq!(proxy.count("TransactWriteItems"), 1);
}

#[tokio::test]
async fn a_transaction_whose_reply_was_lost_is_recognised_by_its_token() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    proxy.record();
    for (n, fault) in
        [Fault::ResetAfter, Fault::answer_after(gallery_faults::Reply::text(502, "bad gateway"))]
            .into_iter()
            .enumerate()
    {
        proxy.add(Rule::on("TransactWriteItems", fault).once());
        // It happened; done a second time it would be refused.
        assert_eq!(engine.commit(pair(&n.to_string())).await.unwrap(), Outcome::Done);
    }
    proxy.add(Rule::on("TransactWriteItems", dynamo::transaction_in_progress()).once());
    assert_eq!(engine.commit(pair("progress")).await.unwrap(), Outcome::Done);
    let exchanges = proxy.exchanges();
    let sent: Vec<serde_json::Value> = exchanges
        .iter()
        .filter(|exchange| exchange.call.operation == "TransactWriteItems")
        .map(|exchange| serde_json::from_slice(&exchange.call.body).unwrap())
        .collect();
    let tokens: Vec<&str> = sent.iter().map(|body| body["ClientRequestToken"].as_str().unwrap()).collect();
    assert_eq!(tokens.len(), 6);
    assert!(tokens.chunks(2).all(|pair| pair[0] == pair[1]), "{tokens:?}");
    assert!(tokens[0] != tokens[2] && tokens[2] != tokens[4], "{tokens:?}");
}

#[tokio::test]
async fn one_write_whose_reply_was_lost_is_not_made_again() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let key = key("p", "a");
    for (fault, happened) in [
        (Fault::ResetAfter, true),
        (Fault::Reset, false),
        (dynamo::internal_error(), false),
        (Fault::answer_after(gallery_faults::Reply::text(503, "")), true),
    ] {
        proxy.add(Rule::on("PutItem", fault).once());
        proxy.reset_counts();
        unavailable(&engine.commit(vec![put(&key, Condition::Absent, "x")]).await);
        assert_eq!(proxy.count("PutItem"), 1);
        assert_eq!(text(&engine, &key).await.is_some(), happened);
        engine.delete(std::slice::from_ref(&key)).await.unwrap();
    }
}

#[tokio::test]
async fn a_read_whose_reply_was_lost_is_made_again() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    fill(&engine, "p", &["a"]).await;
    for fault in [Fault::Reset, Fault::ResetAfter, dynamo::internal_error()] {
        proxy.add(Rule::on("GetItem", fault).once());
        assert!(text(&engine, &key("p", "a")).await.is_some());
    }
    assert_eq!(proxy.faulted().len(), 3);
}

#[tokio::test]
async fn a_service_that_hangs_is_answered_for_in_time() {
    let proxy = proxy();
    let engine = usual(&proxy).await;
    fill(&engine, "p", &["a"]).await;
    // One lost answer is made up for.
    proxy.add(Rule::on("GetItem", Fault::Hang).once());
    assert!(text(&engine, &key("p", "a")).await.is_some());
    proxy.stall();
    for _ in 0..2 {
        for what in ["read", "write", "unit", "ready"] {
            let began = Instant::now();
            match what {
                "read" => unavailable(&engine.get(&[key("p", "a")]).await),
                "write" => {
                    unavailable(&engine.commit(vec![put(&key("p", "c"), Condition::Absent, "x")]).await);
                }
                "unit" => unavailable(&engine.commit(pair("q")).await),
                _ => unavailable(&engine.ready().await),
            }
            assert!(began.elapsed() < Duration::from_millis(1900), "{what} took {:?}", began.elapsed());
        }
    }
    proxy.restore();
    engine.ready().await.unwrap();
    assert!(text(&engine, &key("p", "a")).await.is_some());
}

#[tokio::test]
async fn a_service_that_is_away_is_answered_for_at_once_and_found_again() {
    let proxy = proxy();
    let engine = usual(&proxy).await;
    proxy.cut();
    for _ in 0..5 {
        let began = Instant::now();
        unavailable(&engine.get(&[key("p", "a"), key("p", "b")]).await);
        unavailable(&engine.ready().await);
        assert!(began.elapsed() < Duration::from_millis(1900), "{:?}", began.elapsed());
    }
    proxy.restore();
    engine.ready().await.unwrap();
    assert_eq!(engine.commit(pair("p")).await.unwrap(), Outcome::Done);
}

#[tokio::test]
async fn retries_do_not_amplify() {
    let proxy = proxy();
    let engine = usual(&proxy).await;
    for fault in [dynamo::throttled(), dynamo::internal_error(), Fault::Reset] {
        proxy.clear();
        proxy.add(Rule::any(fault.clone()));
        proxy.reset_counts();
        for n in 0..300 {
            unavailable(&engine.get(&[key("p", &n.to_string())]).await);
        }
        let calls = proxy.count("GetItem");
        assert!((300..=330).contains(&calls), "{calls} calls for 300 reads: {fault:?}");
    }
    // Some of its calls succeed: a tenth more, and what was lent.
    proxy.clear();
    proxy.reset_counts();
    for n in 0..600 {
        if n % 3 == 0 {
            proxy.add(Rule::on("GetItem", dynamo::throttled()).times(2));
        }
        let _ = engine.get(&[key("p", &n.to_string())]).await;
    }
    let calls = proxy.count("GetItem");
    assert!(calls <= 660 + 20, "{calls} calls for 600 reads");
}

#[tokio::test]
async fn transactions_that_always_conflict_end_unavailable() {
    let proxy = proxy();
    let engine = usual(&proxy).await;
    proxy.add(Rule::on("TransactWriteItems", dynamo::transaction_conflict()));
    let began = Instant::now();
    unavailable(&engine.commit(pair("p")).await);
    assert!(began.elapsed() < Duration::from_millis(1900));
    assert!((2..=9).contains(&proxy.count("TransactWriteItems")));
    assert_eq!(text(&engine, &key("p", "a")).await, None);
}

#[tokio::test]
async fn what_a_batch_leaves_is_asked_for_again() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    fill(&engine, "p", &["a", "b"]).await;
    let name = engine.names.of(Table::User).to_owned();
    let unread = format!(
        r#"{{"Responses":{{}},"UnprocessedKeys":{{"{name}":{{"Keys":[{{"userID":{{"S":"p"}},"itemID":{{"S":"a"}}}}]}}}}}}"#
    );
    proxy.add(Rule::on("BatchGetItem", Fault::answer(gallery_faults::Reply::text(200, &unread))).once());
    proxy.record();
    let items = engine.get(&[key("p", "a"), key("p", "b")]).await.unwrap();
    assert_eq!(items.len(), 1, "the proxy's answer left one to be read");
    let last = proxy.exchanges().pop().unwrap().call.body;
    let last: serde_json::Value = serde_json::from_slice(&last).unwrap();
    assert_eq!(last["RequestItems"][&name]["ConsistentRead"], true);

    let unwritten = format!(
        r#"{{"UnprocessedItems":{{"{name}":[{{"DeleteRequest":{{"Key":{{"userID":{{"S":"p"}},"itemID":{{"S":"b"}}}}}}}}]}}}}"#
    );
    let left = gallery_faults::Reply::text(200, &unwritten);
    proxy.add(Rule::on("BatchWriteItem", Fault::answer(left.clone())).once());
    engine.delete(&[key("p", "b")]).await.unwrap();
    assert_eq!(text(&engine, &key("p", "b")).await, None);
    proxy.add(Rule::on("BatchWriteItem", Fault::answer(left)));
    unavailable(&engine.delete(&[key("p", "b")]).await);
}
