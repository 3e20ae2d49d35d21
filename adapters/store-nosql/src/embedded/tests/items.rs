//! Conditions, order, bounds, the index of what expires, and commits in groups.

use std::ops::Bound;

use futures_util::future::join_all;
use gallery_core::values::{ContentHash, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Bench, delete, keep, key, put, text};
use crate::embedded::form::Header;
use crate::embedded::{Embedded, QUEUE};
use crate::table::{Change, Condition, Engine as _, Key, Outcome, Range, Scan, Table, Write};

#[tokio::test]
async fn a_write_needs_its_condition() {
    let bench = Bench::new();
    let item = key("p", "s");
    let commit = |write| bench.engine().commit(vec![write]);
    for (write, outcome, after) in [
        (put(&item, Condition::Unchanged(1), "never"), Outcome::Refused, None),
        (delete(&item, Condition::Unchanged(1)), Outcome::Refused, None),
        (keep(&item, Condition::Unchanged(1)), Outcome::Refused, None),
        (keep(&item, Condition::Absent), Outcome::Done, None),
        (delete(&item, Condition::Always), Outcome::Done, None),
        (put(&item, Condition::Absent, "one"), Outcome::Done, Some((1, "one"))),
        (put(&item, Condition::Absent, "never"), Outcome::Refused, Some((1, "one"))),
        (put(&item, Condition::Unchanged(2), "never"), Outcome::Refused, Some((1, "one"))),
        (put(&item, Condition::Unchanged(1), "two"), Outcome::Done, Some((2, "two"))),
        (keep(&item, Condition::Unchanged(2)), Outcome::Done, Some((2, "two"))),
        (put(&item, Condition::Always, "three"), Outcome::Done, Some((3, "three"))),
        (delete(&item, Condition::Unchanged(2)), Outcome::Refused, Some((3, "three"))),
        (delete(&item, Condition::Unchanged(3)), Outcome::Done, None),
    ] {
        let name = format!("{write:?}");
        assert_eq!(commit(write).await.unwrap(), outcome, "{name}");
        let after = after.map(|(revision, text)| (revision, text.to_owned()));
        assert_eq!(bench.read(&item).await, after, "{name}");
    }
}

#[tokio::test]
async fn a_refused_unit_leaves_nothing() {
    let bench = Bench::new();
    let (first, second, third) = (key("a", "1"), key("b", "2"), key("c", "3"));
    bench.put(&third, "old").await;
    let unit = vec![
        put(&first, Condition::Always, "new"),
        delete(&third, Condition::Always),
        put(&second, Condition::Unchanged(7), "new"),
    ];
    assert_eq!(bench.engine().commit(unit).await.unwrap(), Outcome::Refused);
    assert_eq!(bench.read(&first).await, None);
    assert_eq!(bench.read(&second).await, None);
    assert_eq!(bench.read(&third).await, Some((1, "old".to_owned())));
}

#[tokio::test]
async fn the_tables_are_apart() {
    let bench = Bench::new();
    let user = key("p", "s");
    let gallery = Key { table: Table::Gallery, ..user.clone() };
    let unit = vec![put(&user, Condition::Absent, "user"), put(&gallery, Condition::Absent, "gallery")];
    assert_eq!(bench.engine().commit(unit).await.unwrap(), Outcome::Done);
    let mut found = bench.engine().get(&[gallery.clone(), key("p", "none"), user.clone()]).await.unwrap();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    let found: Vec<_> = found.iter().map(|item| (&item.key, text(&item.body))).collect();
    assert_eq!(found, [(&gallery, "gallery".to_owned()), (&user, "user".to_owned())]);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let mut bench = Bench::new();
    let item = key("p", "s");
    bench.put(&item, "kept").await;
    bench.restart();
    assert_eq!(bench.read(&item).await, Some((1, "kept".to_owned())));
}

/// Sort keys in the order of their bytes, among them the prefix of another and what lies beyond
/// ASCII.
const SORTS: [&str; 7] = ["", "a", "a#", "a#b", "b", "é", "𝄞"];

async fn filled() -> Bench {
    let bench = Bench::new();
    // Partitions whose keys lie next to each other.
    let writes = ["o", "p", "p\0", "p\u{1}", "pp", "q"]
        .iter()
        .flat_map(|partition| SORTS.map(|sort| put(&key(partition, sort), Condition::Absent, sort)));
    assert_eq!(bench.engine().commit(writes.collect()).await.unwrap(), Outcome::Done);
    bench
}

#[tokio::test]
async fn a_range_is_what_the_order_of_bytes_says() {
    let bench = filled().await;
    let bounds = || {
        let one = |sort: &str| [Bound::Included(sort.to_owned()), Bound::Excluded(sort.to_owned())];
        ["", "a", "a#a", "b", "z", "𝄞"].iter().flat_map(move |sort| one(sort)).chain([Bound::Unbounded])
    };
    for (from, to) in bounds().flat_map(|from| bounds().map(move |to| (from.clone(), to))) {
        for (descending, limit) in
            [(false, usize::MAX), (true, usize::MAX), (false, 2), (true, 2), (false, 0)]
        {
            let mut expected: Vec<&str> = SORTS.to_vec();
            expected.retain(|sort| {
                let after = match &from {
                    Bound::Included(from) => *sort >= from.as_str(),
                    Bound::Excluded(from) => *sort > from.as_str(),
                    Bound::Unbounded => true,
                };
                after
                    && match &to {
                        Bound::Included(to) => *sort <= to.as_str(),
                        Bound::Excluded(to) => *sort < to.as_str(),
                        Bound::Unbounded => true,
                    }
            });
            if descending {
                expected.reverse();
            }
            expected.truncate(limit);
            let (from, to) = (from.clone(), to.clone());
            let range = Range { table: Table::User, partition: "p".to_owned(), from, to, descending, limit };
            let found = bench.engine().query(&range).await.unwrap();
            assert!(found.iter().all(|item| item.key.partition == "p" && text(&item.body) == item.key.sort));
            let found: Vec<&str> = found.iter().map(|item| item.key.sort.as_str()).collect();
            assert_eq!(found, expected, "{range:?}");
        }
    }
}

#[tokio::test]
async fn a_scan_goes_through_a_table_in_pieces() {
    let bench = filled().await;
    let heads = Scan { table: Table::User, sort: Some("a"), after: Some(key("o", "a")), limit: 2 };
    let heads = bench.engine().scan(&heads).await.unwrap();
    let heads: Vec<&Key> = heads.iter().map(|item| &item.key).collect();
    assert_eq!(heads, [&key("p", "a"), &key("p\0", "a")]);
    let (mut scanned, mut after) = (Vec::new(), None);
    loop {
        let scan = Scan { table: Table::User, sort: None, after, limit: 4 };
        let found = bench.engine().scan(&scan).await.unwrap();
        scanned.extend(found.iter().map(|item| item.key.clone()));
        after = found.last().map(|item| item.key.clone());
        // The place to go on from need not be there any more.
        bench.engine().delete(after.as_slice()).await.unwrap();
        if found.len() < 4 {
            break;
        }
    }
    assert_eq!(scanned.len(), 6 * SORTS.len());
    assert!(scanned.is_sorted());
}

fn expiring(key: &Key, at: Option<i64>) -> Write<Vec<u8>> {
    let expires_at = at.map(Timestamp::from_millis);
    let change = Change::Put { body: Embedded::encode(&"x").unwrap(), kind: "text", expires_at };
    Write { key: key.clone(), condition: Condition::Always, change }
}

#[tokio::test]
async fn what_expired_is_found_by_its_class() {
    let bench = Bench::new();
    let items = [
        ("a", "token#1", -5),
        ("b", "token#2", 10),
        ("c", "token", 20),
        ("d", "tokens#1", 1),
        ("e", "tok", 1),
    ];
    let writes = items.map(|(partition, sort, at)| expiring(&key(partition, sort), Some(at)));
    bench.engine().commit(writes.into()).await.unwrap();
    let gallery = Key { table: Table::Gallery, ..key("f", "token#3") };
    bench.engine().commit(vec![expiring(&gallery, Some(1))]).await.unwrap();
    let expired = async |before, limit| {
        let keys = bench.engine().expired("token", Timestamp::from_millis(before), limit).await.unwrap();
        keys.into_iter().map(|key| key.partition).collect::<String>()
    };
    assert_eq!(expired(i64::MAX, 9).await, "abc");
    assert_eq!(expired(20, 9).await, "ab", "strictly before");
    assert_eq!(expired(i64::MAX, 2).await, "ab");
    assert_eq!(expired(-5, 9).await, "");
    // A later end, none, and none any more because the item is gone.
    bench.engine().commit(vec![expiring(&key("a", "token#1"), Some(30))]).await.unwrap();
    bench.engine().commit(vec![expiring(&key("b", "token#2"), None)]).await.unwrap();
    assert_eq!(expired(i64::MAX, 9).await, "ca");
    bench.engine().delete(&[key("c", "token")]).await.unwrap();
    assert_eq!(expired(i64::MAX, 9).await, "a");
}

#[tokio::test]
async fn any_number_of_items_is_removed() {
    let bench = Bench::new();
    let keys: Vec<Key> = (0..1201).map(|n| key("p", &format!("{n:04}"))).collect();
    bench.engine().commit(keys.iter().map(|key| put(key, Condition::Absent, "x")).collect()).await.unwrap();
    bench.engine().delete(&keys[..1200]).await.unwrap();
    let left = bench.engine().query(&Range::all(Table::User, "p")).await.unwrap();
    assert_eq!(left.iter().map(|item| &item.key).collect::<Vec<_>>(), [&keys[1200]]);
    bench.engine().delete(&keys).await.unwrap();
    bench.engine().delete(&[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_parallel_writers_each_happens_once() {
    let bench = Bench::new();
    let counter = key("counter", "counter");
    bench.put(&counter, "0").await;
    let count = |n: usize| {
        let (bench, counter) = (&bench, &counter);
        async move {
            loop {
                let (revision, value) = bench.read(counter).await.unwrap();
                let next = (value.parse::<u32>().unwrap() + 1).to_string();
                let own = key("own", &n.to_string());
                let unit = vec![
                    put(counter, Condition::Unchanged(revision), &next),
                    put(&own, Condition::Absent, &next),
                ];
                if bench.engine().commit(unit).await.unwrap() == Outcome::Done {
                    break;
                }
            }
        }
    };
    join_all((0..50).map(count)).await;
    assert_eq!(bench.read(&counter).await, Some((51, "50".to_owned())));
    let own = bench.engine().query(&Range::all(Table::User, "own")).await.unwrap();
    let mut seen: Vec<u32> = own.iter().map(|item| text(&item.body).parse().unwrap()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=50).collect::<Vec<u32>>(), "each writer saw a count of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_goes_to_the_disk_at_once() {
    let bench = Bench::new();
    let before = bench.disk.flushes();
    bench.put(&key("p", "alone"), "x").await;
    let for_one = bench.disk.flushes() - before;
    assert!(for_one > 0, "a commit is flushed before it is answered");
    bench.disk.hold();
    let before = bench.disk.flushes();
    let writers = join_all((0..50).map(|n| {
        let unit = vec![put(&key("p", &format!("{}", n % 25)), Condition::Absent, "x")];
        bench.engine().commit(unit)
    }));
    let release = async {
        while bench.engine().queue.available_permits() > QUEUE - 50 {
            tokio::task::yield_now().await;
        }
        bench.disk.release();
    };
    let (outcomes, ()) = tokio::join!(writers, release);
    let done = outcomes.iter().filter(|outcome| *outcome.as_ref().unwrap() == Outcome::Done).count();
    assert_eq!(done, 25, "of two that want the same key, the second is refused, and nobody else");
    let flushes = bench.disk.flushes() - before;
    assert!(flushes <= 4 * for_one, "{flushes} flushes for 50 units, {for_one} for one");
}

#[test]
fn a_value_has_a_known_form() {
    for expires_at in [None, Some(Timestamp::from_millis(-1))] {
        let header = Header { revision: u64::MAX - 1, expires_at };
        let value = header.before(b"body");
        assert_eq!(Header::split(&value).unwrap(), (header, b"body".as_slice()));
        for end in 0..value.len() - b"body".len() {
            assert!(Header::split(&value[..end]).is_err(), "cut off at {end}");
        }
    }
    assert!(Header::split(&[3; 40]).is_err(), "a form of a later version");
}

#[test]
fn bodies_keep_every_value_and_take_new_fields() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Old {
        id: Uuid,
        user: UserId,
        hash: ContentHash,
        bytes: Vec<u8>,
        small: (u8, u8, i64),
        numbers: Vec<u64>,
        empty: [u8; 0],
        none: Option<u64>,
        some: Option<f64>,
        pairs: Vec<(String, String)>,
        at: Timestamp,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct New {
        id: Uuid,
        #[serde(default)]
        added: Option<String>,
    }
    let old = Old {
        id: Uuid::from_u128(u128::MAX - 5),
        user: UserId::from_uuid(Uuid::from_u128(1)),
        hash: ContentHash::of(b"x"),
        bytes: vec![0, 200],
        small: (1, 255, 3),
        numbers: vec![1, 2, u64::MAX],
        empty: [],
        none: None,
        some: Some(-0.1 - f64::EPSILON),
        pairs: vec![("é".to_owned(), "𝄞\0".to_owned())],
        at: Timestamp::from_millis(i64::MIN),
    };
    let body = Embedded::encode(&old).unwrap();
    assert_eq!(Embedded::decode::<Old>(&body).unwrap(), old);
    assert_eq!(Embedded::decode::<New>(&body).unwrap(), New { id: old.id, added: None });
    assert!(Embedded::decode::<u32>(&body).is_err());
}
