//! What was removed leaves the file.

use std::fs;
use std::time::Duration;

use super::{Bench, key};
use crate::embedded::writer::Erasing;
use crate::table::{Engine as _, Key, Range, Table};

const CANARY: &str = "ann.canary@example.org";

fn file_has_canary(bench: &Bench) -> bool {
    fs::read(&bench.path).unwrap().windows(10).any(|window| window == &CANARY.as_bytes()[..10])
}

/// Writes the canary into keys and bodies among others, and removes it again; what is left, item by
/// item.
async fn fill_and_remove(bench: &Bench) -> Vec<(Key, String)> {
    let secret: Vec<Key> = (0..20).map(|n| key(&format!("email#{CANARY}{n}"), "email")).collect();
    let mut kept = Vec::new();
    for (n, secret) in secret.iter().enumerate() {
        bench.put(secret, &CANARY.repeat(n * n)).await;
        let item = key("kept", &n.to_string());
        bench.put(&item, CANARY).await;
        bench.put(&item, "short").await;
        kept.push((item, "short".to_owned()));
    }
    bench.engine().delete(&secret).await.unwrap();
    kept
}

async fn assert_kept(bench: &Bench, kept: &[(Key, String)]) {
    for (key, text) in kept {
        assert_eq!(bench.read(key).await, Some((2, text.clone())));
    }
    let all = bench.engine().query(&Range::all(Table::User, "kept")).await.unwrap();
    assert_eq!(all.len(), kept.len());
}

#[tokio::test]
async fn what_a_crash_left_is_erased_at_the_next_start() {
    let mut bench = Bench::new();
    let kept = fill_and_remove(&bench).await;
    assert!(file_has_canary(&bench), "removed items stay in free pages");
    bench.restart();
    assert!(!file_has_canary(&bench));
    assert_kept(&bench, &kept).await;
}

#[tokio::test]
async fn while_the_store_runs_the_file_is_written_anew_when_nobody_writes() {
    let bench = Bench::erasing(Erasing { quiet: Duration::from_millis(50), between: Duration::ZERO });
    let kept = fill_and_remove(&bench).await;
    for _ in 0..100 {
        if !file_has_canary(&bench) {
            break;
        }
        assert_kept(&bench, &kept).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!file_has_canary(&bench));
    assert_kept(&bench, &kept).await;
    // The new file is the store.
    bench.put(&key("p", "s"), "later").await;
    assert_eq!(bench.read(&key("p", "s")).await, Some((1, "later".to_owned())));
}

#[tokio::test]
async fn a_file_without_residue_is_not_written_anew() {
    use std::os::unix::fs::MetadataExt as _;
    let mut bench = Bench::new();
    bench.put(&key("p", "s"), "new").await;
    let inode = fs::metadata(&bench.path).unwrap().ino();
    bench.restart();
    assert_eq!(fs::metadata(&bench.path).unwrap().ino(), inode);
    bench.put(&key("p", "s"), "replaced").await;
    bench.restart();
    assert_ne!(fs::metadata(&bench.path).unwrap().ino(), inode);
}
