//! Units of work that get into each other's way, or into another client's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gallery_conformance::store::{World, invariants};
use gallery_core::model::AlbumChange;
use gallery_core::ports::{SharedStore, StoreError};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumName, PersonName};
use sqlx::{Connection, MySqlConnection};
use uuid::Uuid;

use super::fresh::{Database, connect, server};

/// Runs a statement about one row.
async fn run(connection: &mut MySqlConnection, statement: &'static str, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(statement).bind(id).fetch_all(connection).await.map(drop)
}

/// Returns when some unit of work on this database waits for a lock.
async fn somebody_waits(database: &Database) {
    let mut observer = connect(&server()).await;
    let began = Instant::now();
    loop {
        let waiting: Option<(i64,)> = sqlx::query_as(
            "SELECT 1 FROM information_schema.INNODB_TRX t \
             JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id \
             WHERE t.trx_state = 'LOCK WAIT' AND p.DB = ?",
        )
        .bind(&database.name)
        .fetch_optional(&mut observer)
        .await
        .unwrap();
        if waiting.is_some() {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "nobody waits");
        // The server answers anew only when it was not asked for a tenth of a second.
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test]
async fn a_unit_of_work_that_a_deadlock_has_ended_is_run_again() {
    let database = Database::create().await;
    let store: SharedStore = Arc::new(database.open().await);
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Before").await;
    for n in 0..20 {
        world.album(ann.id, &format!("Ballast {n}")).await;
    }

    // The other client has changed more, so that it is not the one whom the server stops.
    let mut other = connect(&database.url()).await;
    let mut tx = other.begin().await.unwrap();
    run(&mut tx, "UPDATE Album SET updated_at = updated_at + 1 WHERE owner_id = ?", ann.id.uuid())
        .await
        .unwrap();
    let change = AlbumChange {
        version: album.version,
        name: AlbumName::parse("After").unwrap(),
        description: album.description.clone(),
        cover: None,
        updated_at: world.now(),
    };
    let changing = tokio::spawn({
        let store = SharedStore::clone(&store);
        async move {
            let terms = Terms::of_album(&change.name, &change.description);
            store.update_album(album.id, &change, &terms).await
        }
    });
    somebody_waits(&database).await;
    run(&mut tx, "SELECT id FROM User WHERE id = ? FOR UPDATE", ann.id.uuid()).await.unwrap();
    tx.commit().await.unwrap();

    let changed = changing.await.unwrap().unwrap();
    assert_eq!((changed.name.as_str(), changed.version), ("After", album.version + 1));
    invariants::check(&*store).await;
}

#[tokio::test]
async fn a_lock_that_is_not_to_be_had_makes_the_store_unavailable_and_changes_nothing() {
    let database = Database::create().await;
    let store: SharedStore = Arc::new(database.open().await);
    let ann = World::of(&store).user("ann@example.org").await;
    let mut other = connect(&database.url()).await;
    let mut tx = other.begin().await.unwrap();
    run(&mut tx, "SELECT id FROM User WHERE id = ? FOR UPDATE", ann.id.uuid()).await.unwrap();

    let began = Instant::now();
    let name = PersonName::parse("Somebody else").unwrap();
    let renamed = store.update_user(ann.id, &name, None).await;
    assert!(matches!(renamed, Err(StoreError::Unavailable(_))), "{renamed:?}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(store.user(ann.id).await.unwrap(), ann, "reading waits for nobody");

    tx.rollback().await.unwrap();
    store.update_user(ann.id, &name, None).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().name, name);
}
