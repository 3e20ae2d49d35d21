//! Reading on real tables: bounds, pages, batches, scans.

use std::ops::Bound;

use super::*;
use crate::table::{Item, Range, Scan};

fn sorts<B>(items: &[Item<B>]) -> Vec<&str> {
    items.iter().map(|item| item.key.sort.as_str()).collect()
}

fn bounds(text: &'static str) -> [Bound<&'static str>; 2] {
    [Bound::Included(text), Bound::Excluded(text)]
}

#[tokio::test]
async fn every_range_answers_what_a_sorted_list_answers() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    // By bytes of UTF-8, U+FF5E comes before U+1F4F7; by units of UTF-16 it would not.
    let all = ["a", "b", "b#1", "b#2", "c", "\u{ff5e}", "\u{1f4f7}"];
    fill(&engine, "p", &all).await;
    fill(&engine, "q", &["b"]).await;
    let ends = ["", "a", "b", "b#", "b#2", "c", "\u{ff5e}", "\u{1f4f7}", "\u{10ffff}"];
    let ends: Vec<Bound<&str>> = ends.into_iter().flat_map(bounds).chain([Bound::Unbounded]).collect();
    for (from, to) in ends.iter().flat_map(|from| ends.iter().map(move |to| (*from, *to))) {
        let within: Vec<&str> = all
            .into_iter()
            .filter(|sort| match from {
                Bound::Included(from) => *sort >= from,
                Bound::Excluded(from) => *sort > from,
                Bound::Unbounded => true,
            })
            .filter(|sort| match to {
                Bound::Included(to) => *sort <= to,
                Bound::Excluded(to) => *sort < to,
                Bound::Unbounded => true,
            })
            .collect();
        for (descending, limit) in [(false, usize::MAX), (true, usize::MAX), (false, 2), (true, 2)] {
            let whole = Range::all(Table::User, "p");
            let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
            let range = Range { from, to, descending, limit, ..whole };
            let mut expected = within.clone();
            if descending {
                expected.reverse();
            }
            expected.truncate(limit);
            assert_eq!(sorts(&engine.query(&range).await.unwrap()), expected, "{range:?}");
        }
    }
}

#[tokio::test]
async fn an_excluded_end_costs_no_further_call() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    fill(&engine, "p", &["a", "b", "c", "d"]).await;
    let between = Range::all(Table::User, "p").above("a").below("d");
    for (range, expected) in
        [(between.clone().limit(2), ["b", "c"]), (between.descending().limit(2), ["c", "b"])]
    {
        proxy.reset_counts();
        assert_eq!(sorts(&engine.query(&range).await.unwrap()), expected);
        assert_eq!(proxy.count("Query"), 1);
    }
    assert!(engine.query(&Range::all(Table::User, "p").limit(0)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_range_of_several_megabytes_is_complete() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let text = "x".repeat(300_000);
    let names: Vec<String> = (0..8).map(|n| format!("{n}")).collect();
    for name in &names {
        engine.commit(vec![put(&key("p", name), Condition::Absent, &text)]).await.unwrap();
    }
    proxy.reset_counts();
    let all = engine.query(&Range::all(Table::User, "p")).await.unwrap();
    assert_eq!(sorts(&all), names);
    assert!(proxy.count("Query") > 1, "DynamoDB answers a megabyte at a time");
    let some = engine.query(&Range::all(Table::User, "p").above("0").below("7").limit(5)).await.unwrap();
    assert_eq!(sorts(&some), &names[1..6]);
    let scan = Scan { table: Table::User, sort: None, after: None, limit: 100 };
    // The version of the format is in this table, too.
    let scanned = engine.scan(&scan).await.unwrap();
    assert_eq!(scanned.iter().filter(|item| item.key.partition == "p").count(), 8);
    assert_eq!(scanned.len(), 9);
    // 250 names, of which 8 are there, twice: what is large is answered in parts.
    let keys: Vec<Key> = (0..250).chain(0..8).map(|n| key("p", &n.to_string())).collect();
    proxy.reset_counts();
    assert_eq!(engine.get(&keys).await.unwrap().len(), 8);
    assert_eq!(proxy.count("BatchGetItem"), 3);
}

#[tokio::test]
async fn a_batch_reads_both_tables_in_one_call() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let (here, there) = (key("p", "a"), Key { table: Table::Gallery, ..key("p", "a") });
    engine.commit(vec![put(&here, Condition::Absent, "user")]).await.unwrap();
    engine.commit(vec![put(&there, Condition::Absent, "gallery")]).await.unwrap();
    proxy.reset_counts();
    let items = engine.get(&[here.clone(), there.clone(), key("p", "absent")]).await.unwrap();
    let mut keys: Vec<Key> = items.into_iter().map(|item| item.key).collect();
    keys.sort();
    assert_eq!(keys, [there, here]);
    assert_eq!(proxy.counts().into_iter().collect::<Vec<_>>(), [("BatchGetItem".to_owned(), 1)]);
    assert!(engine.get(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_scan_goes_on_behind_an_item_that_is_gone() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    for partition in 0..20 {
        fill(&engine, &format!("p{partition}"), &["head", "other"]).await;
    }
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let scan = Scan { table: Table::User, sort: Some("head"), after, limit: 3 };
        let items = engine.scan(&scan).await.unwrap();
        found.extend(items.iter().map(|item| item.key.clone()));
        if items.len() < 3 {
            break;
        }
        let last = items.last().unwrap().key.clone();
        engine.delete(std::slice::from_ref(&last)).await.unwrap();
        after = Some(last);
    }
    assert_eq!(found.len(), 20);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 20);
    assert!(found.iter().all(|key| key.sort == "head"));
}

#[tokio::test]
async fn expired_items_of_a_class_are_all_found() {
    let proxy = proxy();
    let engine = engine(&proxy).await;
    let at = Timestamp::from_millis;
    for n in 0..10 {
        engine.commit(vec![put_until(&key("p", &format!("token#{n}")), at(1_000 + n))]).await.unwrap();
        engine.commit(vec![put_until(&key("r", &format!("token#late{n}")), at(5_000 + n))]).await.unwrap();
    }
    engine.commit(vec![put_until(&key("p", "tokens"), at(1))]).await.unwrap();
    engine.commit(vec![put_until(&key("q", "token"), at(1_000))]).await.unwrap();
    let mut found = Vec::new();
    // A call goes on where the last one stopped.
    for _ in 0..4 {
        found.extend(engine.expired("token", at(5_000), 3).await.unwrap());
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 11, "{found:?}");
    assert!(found.iter().all(|key| key.sort == "token" || key.sort.starts_with("token#")));
    // To the millisecond, and what is not over does not count against the limit.
    assert!(found.iter().all(|key| key.partition != "r"), "{found:?}");
    // And begins again: what expired behind its back is found by one call.
    engine.delete(&found).await.unwrap();
    engine.commit(vec![put_until(&key("a", "token#new"), at(1))]).await.unwrap();
    assert_eq!(engine.expired("token", at(5_000), 3).await.unwrap(), [key("a", "token#new")]);
    assert!(engine.expired("counter", at(5_000), 3).await.unwrap().is_empty());
}
