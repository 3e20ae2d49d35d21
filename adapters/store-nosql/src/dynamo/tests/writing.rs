//! Writing on real tables: conditions, units of work, limits.

use gallery_core::ports::StoreError;

use super::*;

#[tokio::test]
async fn one_write_happens_on_its_condition() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let key = key("p", "a");
    let steps = [
        (put(&key, Condition::Unchanged(1), "none yet"), Outcome::Refused, None),
        (put(&key, Condition::Absent, "first"), Outcome::Done, Some("first")),
        (put(&key, Condition::Absent, "again"), Outcome::Refused, Some("first")),
        (put(&key, Condition::Unchanged(1), "second"), Outcome::Done, Some("second")),
        (put(&key, Condition::Unchanged(1), "stale"), Outcome::Refused, Some("second")),
        (write(&key, Condition::Unchanged(1), Change::Delete), Outcome::Refused, Some("second")),
        (write(&key, Condition::Unchanged(2), Change::Delete), Outcome::Done, None),
        (write(&key, Condition::Always, Change::Delete), Outcome::Done, None),
        (put(&key, Condition::Always, "whatever"), Outcome::Done, Some("whatever")),
    ];
    for (step, (write, outcome, after)) in steps.into_iter().enumerate() {
        assert_eq!(engine.commit(vec![write]).await.unwrap(), outcome, "step {step}");
        assert_eq!(text(&engine, &key).await.as_deref(), after, "step {step}");
    }
    assert_eq!(proxy.count("TransactWriteItems"), 0);
}

#[tokio::test]
async fn a_unit_of_work_happens_wholly_or_not_at_all() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let (a, b) = (key("p", "a"), Key { table: Table::Gallery, ..key("p", "b") });
    let both = || vec![put(&a, Condition::Absent, "a"), put(&b, Condition::Absent, "b")];
    assert_eq!(engine.commit(both()).await.unwrap(), Outcome::Done);
    assert_eq!(engine.commit(both()).await.unwrap(), Outcome::Refused);
    let checked = |revision| {
        vec![
            write(&a, Condition::Unchanged(revision), Change::Keep),
            write(&b, Condition::Always, Change::Delete),
        ]
    };
    assert_eq!(engine.commit(checked(2)).await.unwrap(), Outcome::Refused);
    assert_eq!(text(&engine, &b).await.as_deref(), Some("b"));
    assert_eq!(engine.commit(checked(1)).await.unwrap(), Outcome::Done);
    assert_eq!((text(&engine, &a).await.as_deref(), text(&engine, &b).await), (Some("a"), None));
    let absent = vec![write(&b, Condition::Absent, Change::Keep), put(&a, Condition::Unchanged(1), "A")];
    assert_eq!(engine.commit(absent).await.unwrap(), Outcome::Done);
    // A condition alone, and nothing at all.
    let alone = |revision| vec![write(&a, Condition::Unchanged(revision), Change::Keep)];
    assert_eq!(engine.commit(alone(2)).await.unwrap(), Outcome::Done);
    assert_eq!(engine.commit(alone(1)).await.unwrap(), Outcome::Refused);
    assert_eq!(engine.commit(Vec::new()).await.unwrap(), Outcome::Done);
}

#[tokio::test]
async fn a_unit_of_a_hundred_writes_is_taken() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let keys: Vec<Key> = (0..Dynamo::MAX_WRITES).map(|n| key("p", &n.to_string())).collect();
    let writes = keys.iter().map(|key| put(key, Condition::Absent, "x")).collect();
    assert_eq!(engine.commit(writes).await.unwrap(), Outcome::Done);
    assert_eq!(engine.get(&keys).await.unwrap().len(), keys.len());
    // More than a batch, and one of them twice.
    let twice: Vec<Key> = keys.iter().chain(&keys[..1]).cloned().collect();
    engine.delete(&twice).await.unwrap();
    assert!(engine.get(&keys).await.unwrap().is_empty());
    engine.delete(&keys).await.unwrap();
}

#[tokio::test]
async fn what_dynamodb_would_not_take_is_named() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let refused = |error: StoreError| match error {
        StoreError::Backend(source) => source.to_string(),
        error => panic!("{error:?}"),
    };
    let largest = "x".repeat(409_600);
    let error = engine.commit(vec![put(&key("p", "a"), Condition::Absent, &largest)]).await.unwrap_err();
    let said = refused(error);
    assert!(said.starts_with("an item of kind \"note\" has 4096"), "{said}");
    // Nearly as large: names, key, revision and kind count, too.
    let room =
        "userID".len() + 1 + "itemID".len() + 1 + "revision".len() + 2 + "kind".len() + 4 + "text".len();
    let nearly = &largest[room..];
    assert_eq!(
        engine.commit(vec![put(&key("p", "a"), Condition::Absent, nearly)]).await.unwrap(),
        Outcome::Done
    );
    let over = engine.commit(vec![put(&key("p", "b"), Condition::Absent, &largest[room - 1..])]).await;
    assert!(refused(over.unwrap_err()).contains("409601 bytes"));

    let many = ('a'..='k').map(|n| put(&key("q", &n.to_string()), Condition::Absent, nearly)).collect();
    assert!(refused(engine.commit(many).await.unwrap_err()).starts_with("a unit of work has 4505600 bytes"));
}

#[tokio::test]
async fn of_many_writers_at_once_one_wins() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let (a, b) = (key("p", "a"), key("p", "b"));
    let race = |n: usize| {
        let text = n.to_string();
        engine.commit(vec![put(&a, Condition::Absent, &text), put(&b, Condition::Absent, &text)])
    };
    let outcomes = futures_util::future::join_all((0..30).map(race)).await;
    let done = outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap() == Outcome::Done).count();
    assert_eq!(done, 1);
    assert_eq!(text(&engine, &a).await, text(&engine, &b).await);
}
