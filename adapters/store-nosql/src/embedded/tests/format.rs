//! A file of an older format is taken over, also one where that was begun before.

use redb::{Database, ReadableDatabase as _};

use super::*;
use crate::embedded::divide;
use crate::embedded::form::{META, META_VERSION};
use crate::format::FORMAT;
use crate::store::ItemStore;
use crate::upgrade::{UNDIVIDED, before};

/// Makes the file one of format 3, and takes over this much of it.
fn set_back(path: &Path, lists: &[&'static str]) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(META).unwrap().insert(META_VERSION, 3).unwrap();
    transaction.commit().unwrap();
    for list in lists {
        assert!(divide(&database, list).unwrap(), "{list}");
    }
}

fn version(path: &Path) -> u64 {
    let database = Database::open(path).unwrap();
    let meta = database.begin_read().unwrap().open_table(META).unwrap();
    meta.get(META_VERSION).unwrap().unwrap().value()
}

#[tokio::test]
async fn a_file_that_was_taken_over_in_part_is_taken_over() {
    for begun in 0..=UNDIVIDED.len() {
        let mut bench = Bench::new();
        let writes = before::writes::<Embedded>();
        assert_eq!(bench.engine().commit(writes).await.unwrap(), Outcome::Done);
        drop(bench.engine.take());
        set_back(&bench.path, &UNDIVIDED[..begun]);
        bench.restart();
        let store = ItemStore::over(bench.engine.take().unwrap());
        before::assert_divided(&store).await;
        drop(store);
        assert_eq!(version(&bench.path), FORMAT);
    }
}
