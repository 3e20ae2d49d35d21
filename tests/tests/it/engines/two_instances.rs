//! Two instances of a binary on one store behind haproxy serve people who do not notice: each
//! request goes to the other instance.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gallery_tests::client::Upload;
use gallery_tests::engine::{DynamoTables, MySqlDatabase};
use gallery_tests::fleet::served_by;
use gallery_tests::guesses::{Guesses, guess_in_parallel};
use gallery_tests::member::id_of;
use gallery_tests::{Fleet, Launch, Variant, eventually};
use reqwest::Method;

/// What instances that share a store must share besides it.
const SECRET: &str = "5d1f6a0c94be37285d1f6a0c94be3728";

pub fn on_mariadb(database: &MySqlDatabase) -> Launch {
    Launch::of(Variant::Sql)
        .setting("GALLERY__DATABASE__URL", &database.url())
        .setting("GALLERY__AUTH__SECRET", SECRET)
}

pub fn on_dynamodb() -> Launch {
    let launch = Launch::of(Variant::NoSql)
        .setting("GALLERY__DATABASE__URL", "dynamodb:")
        .setting("GALLERY__DYNAMODB__ENDPOINT", &DynamoTables::endpoint())
        .setting("GALLERY__DYNAMODB__TABLE_PREFIX", DynamoTables::fresh().prefix())
        .setting("GALLERY__AUTH__SECRET", SECRET);
    let made = launch.run(&["admin", "create-tables"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    launch
}

#[tokio::test]
async fn one_session_is_served_by_both_on_mariadb() {
    let database = MySqlDatabase::fresh();
    one_session_is_served_by_both(&on_mariadb(&database)).await;
}

#[tokio::test]
async fn one_session_is_served_by_both_on_dynamodb() {
    one_session_is_served_by_both(&on_dynamodb()).await;
}

/// `docs/security.md`, rule 48: guesses are counted together, however many instances compare them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_guesses_at_both_are_ten_on_mariadb() {
    let database = MySqlDatabase::fresh();
    let guesses = two_hundred_guesses_at_both(&on_mariadb(&database)).await;
    assert_eq!(guesses, Guesses { compared: 10, refused: 190, other: 0 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_guesses_at_both_are_ten_on_dynamodb() {
    let guesses = two_hundred_guesses_at_both(&on_dynamodb()).await;
    assert_eq!(guesses, Guesses { compared: 10, refused: 190, other: 0 });
}

async fn two_hundred_guesses_at_both(launch: &Launch) -> Guesses {
    let (first, second) = (launch.clone().start().await, launch.clone().start().await);
    let ann = first.member("ann").await;
    let clients = [first.client(), second.client()];
    let guesses = guess_in_parallel(&clients, &ann.person.email, 200).await;
    first.stop().await;
    second.stop().await;
    guesses
}

#[tokio::test]
async fn a_rolling_restart_fails_no_reader_on_mariadb() {
    let database = MySqlDatabase::fresh();
    a_rolling_restart_fails_no_reader(&on_mariadb(&database)).await;
}

#[tokio::test]
async fn a_rolling_restart_fails_no_reader_on_dynamodb() {
    a_rolling_restart_fails_no_reader(&on_dynamodb()).await;
}

/// Both find an empty database and want to make the tables. (DynamoDB's are made by a command of
/// their own.)
#[tokio::test]
async fn instances_may_start_at_once_on_mariadb() {
    let database = MySqlDatabase::fresh();
    let launch = on_mariadb(&database);
    let (first, second) = tokio::join!(launch.clone().start(), launch.start());
    let ann = first.member("ann").await;
    let other = second.client();
    other.log_in(&ann.person).await;
    let album = other.album("Summer").await;
    ann.get(&format!("/api/v1/albums/{album}")).await.ok(200);
    first.stop().await;
    second.stop().await.verify();
}

/// Sign-up, album, photo, search, deletion and log-out: whatever one instance wrote, the other
/// shows next.
async fn one_session_is_served_by_both(launch: &Launch) {
    let fleet = Fleet::start(launch, 2).await;
    let ann = fleet.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = id_of(&ann.photo(&album, &Upload::small(1), &[("title", "harbour")]).await);
    let original = format!("/api/v1/photos/{photo}/renditions/original");
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        for _ in 0..2 {
            let shown = ann.get(&original).await.expect(200);
            assert_eq!(shown.body, Upload::small(1).bytes);
            seen.insert(served_by(&shown));
        }
        assert_eq!(ann.all_ids("/api/v1/search?q=harbour").await, [photo.as_str()]);
    }
    assert_eq!(seen.into_iter().collect::<String>(), "ab", "both instances serve the session");
    let page = ann.get(&format!("/albums/{album}")).await.expect(200);
    assert!(page.text().contains("Summer"), "pages are served, too");

    ann.delete(&format!("/api/v1/photos/{photo}")).await.ok(204);
    for _ in 0..4 {
        ann.get(&original).await.problem(404, "not_found");
        assert!(ann.all_ids("/api/v1/photos").await.is_empty(), "deleted for everybody at once");
    }
    ann.delete("/api/v1/sessions/current").await.ok(204);
    for _ in 0..4 {
        ann.get("/api/v1/account").await.problem(401, "no_session");
    }
    fleet.stop().await.verify();
}

/// Each instance is stopped and started again while somebody reads without a pause.
async fn a_rolling_restart_fails_no_reader(launch: &Launch) {
    let launch = launch.clone().setting("GALLERY__SERVER__DRAIN_DELAY_SECONDS", "1");
    let mut fleet = Fleet::start(&launch, 2).await;
    let ann = fleet.member("ann").await;
    let album = ann.album("Summer").await;
    let over = Arc::new(AtomicBool::new(false));
    let reader = {
        let (client, over, path) = (ann.copy(), Arc::clone(&over), format!("/api/v1/albums/{album}"));
        tokio::spawn(async move {
            let mut seen = BTreeSet::new();
            while !over.load(Ordering::SeqCst) {
                seen.insert(served_by(&client.get(&path).await.expect(200)));
            }
            seen
        })
    };
    for number in [0, 1] {
        fleet.stop_one(number).await;
        fleet.start_one(number).await;
    }
    over.store(true, Ordering::SeqCst);
    assert_eq!(reader.await.expect("no request fails").len(), 2, "both instances served");
    // A killed one is noticed at the next look; what it was doing is done by the other.
    fleet.kill_one(0);
    let client = ann.copy();
    eventually("an answer of the other instance", async || {
        let answer = client.request(Method::GET, "/api/v1/account").try_send().await.ok()?;
        (answer.status == 200 && served_by(&answer) == Fleet::name(1)).then_some(())
    })
    .await;
    fleet.stop().await.verify();
}
