//! A server that is away, does not answer, loses replies or takes no changes: calls are answered in
//! time, nothing is half done, and the store recovers by itself.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gallery_conformance::store::{World, invariants};
use gallery_core::ports::{SharedStore, StoreError};
use gallery_core::values::{PersonName, UserId};
use gallery_faults::TcpProxy;
use gallery_store_sql::{MySqlSettings, MySqlStore};

use super::fresh::{self, Database};
use super::server::Server;

/// Within this time whoever asks must know that the store is away.
const ANSWER: Duration = Duration::from_secs(2);
/// Within this time it must serve again.
const RECOVERY: Duration = Duration::from_secs(5);

/// A database behind a proxy, and a store that knows the proxy alone.
async fn behind_a_proxy() -> (Database, TcpProxy, SharedStore) {
    let database = Database::create().await;
    let upstream: SocketAddr =
        fresh::server().trim_end_matches('/').rsplit('@').next().unwrap().parse().unwrap();
    let proxy = TcpProxy::start(upstream);
    let url = database.url().replace(&upstream.to_string(), &proxy.address().to_string());
    let store = MySqlStore::open(&MySqlSettings::parse(&url).unwrap()).await.unwrap();
    (database, proxy, Arc::new(store))
}

fn assert_unavailable<T: Debug>(answer: &Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
}

async fn assert_away(store: &SharedStore, user: UserId) {
    let began = Instant::now();
    assert_unavailable(&store.ready().await);
    assert!(began.elapsed() < ANSWER, "readiness after {:?}", began.elapsed());
    let began = Instant::now();
    assert_unavailable(&store.user(user).await);
    assert!(began.elapsed() < ANSWER, "a read after {:?}", began.elapsed());
}

async fn assert_recovers(store: &SharedStore, user: UserId) {
    let began = Instant::now();
    while let Err(error) = store.ready().await {
        assert!(began.elapsed() < RECOVERY, "not ready after {:?}: {error:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    store.user(user).await.unwrap();
    store.update_user(user, &PersonName::parse("Ann Lee").unwrap(), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_and_started_again_is_found() {
    let mut server = Server::start(&[], |_| ()).await;
    let database = Database::on(&server.url()).await;
    let store: SharedStore =
        Arc::new(MySqlStore::open(&MySqlSettings::parse(&database.url()).unwrap()).await.unwrap());
    let ann = World::of(&store).user("ann@example.org").await;
    store.ready().await.unwrap();
    server.kill();
    assert_away(&store, ann.id).await;
    server.start_again().await;
    assert_recovers(&store, ann.id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_is_noticed_and_made_again() {
    let (_database, proxy, store) = behind_a_proxy().await;
    let ann = World::of(&store).user("ann@example.org").await;
    proxy.cut();
    assert_away(&store, ann.id).await;
    assert_unavailable(&store.update_user(ann.id, &PersonName::parse("Nobody").unwrap(), None).await);
    proxy.restore();
    assert_recovers(&store, ann.id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let (_database, proxy, store) = behind_a_proxy().await;
    let ann = World::of(&store).user("ann@example.org").await;
    proxy.stall();
    for _ in 0..3 {
        assert_away(&store, ann.id).await;
    }
    proxy.restore();
    assert_recovers(&store, ann.id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_reply_is_lost_is_unknown_and_may_be_repeated() {
    let (_database, proxy, store) = behind_a_proxy().await;
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.new_album(ann.id, "Summer");
    proxy.lose_reply("COMMIT");
    assert_unavailable(&world.create(&album).await);
    assert_eq!(proxy.lost(), 1);
    let created = store.album(album.id).await.unwrap();
    assert_eq!(world.create(&album).await.unwrap(), created, "it had happened, and does not happen twice");
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 1);
    invariants::check(&*store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrives_leaves_nothing() {
    let (_database, proxy, store) = behind_a_proxy().await;
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.new_album(ann.id, "Summer");
    proxy.lose_request("COMMIT");
    assert_unavailable(&world.create(&album).await);
    assert_eq!(proxy.lost(), 1);
    assert!(matches!(store.album(album.id).await, Err(StoreError::NotFound)));
    world.create(&album).await.unwrap();
    invariants::check(&*store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_no_changes_is_not_ready_and_its_connections_are_left() {
    let server = Server::start(&[], |_| ()).await;
    let database = Database::on(&server.url()).await;
    // Root may change a server that is read-only.
    database.execute(&format!("CREATE USER ann; GRANT ALL ON {}.* TO ann", database.name)).await;
    let store: SharedStore = Arc::new(MySqlStore::open(&database.settings_as("ann")).await.unwrap());
    let ann = World::of(&store).user("ann@example.org").await;
    fresh::execute(&server.url(), "SET GLOBAL read_only = 1").await;
    assert_unavailable(&store.ready().await);
    assert_unavailable(&store.update_user(ann.id, &PersonName::parse("Nobody").unwrap(), None).await);
    assert_eq!(store.user(ann.id).await.unwrap(), ann);
    fresh::execute(&server.url(), "SET GLOBAL read_only = 0").await;
    assert_recovers(&store, ann.id).await;
}
