//! One browser session that two instances serve in turns: behind haproxy, with one of them stopped,
//! then the other.

use gallery_tests::engine::MySqlDatabase;
use gallery_tests::{Browser, Fleet, Launch, Sample};

use super::two_instances::{on_dynamodb, on_mariadb};

#[tokio::test]
async fn two_instances_serve_one_browser_on_mariadb() {
    let database = MySqlDatabase::fresh();
    two_instances_serve_one_browser(&on_mariadb(&database)).await;
}

#[tokio::test]
async fn two_instances_serve_one_browser_on_dynamodb() {
    two_instances_serve_one_browser(&on_dynamodb()).await;
}

async fn two_instances_serve_one_browser(launch: &Launch) {
    let mut fleet = Fleet::start(launch, 2).await;
    let ann = fleet.member("ann").await;
    let browser = Browser::open(&fleet.base_url(), true).await;
    browser.resize(1280, 900).await;
    browser.goto("/login").await;
    browser.fill("form[action='/login'] [name=email]", &ann.person.email).await;
    browser.fill("form[action='/login'] [name=password]", &ann.person.password).await;
    browser.click("form[action='/login'] button").await;
    browser.wait_for_path("the albums", |path| path == "/").await;

    fleet.stop_one(0).await;
    browser.goto("/albums/new").await;
    browser.fill("form[action='/albums/new'] [name=name]", "Summer at the sea").await;
    browser.click("form[action='/albums/new'] button").await;
    let is_album = |path: &str| path.starts_with("/albums/") && !path.ends_with("/new");
    let album = browser.wait_for_path("the album", is_album).await;
    fleet.start_one(0).await;

    fleet.stop_one(1).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("IMG_1.jpg");
    std::fs::write(&file, Sample::new(900, 600).seed(1).jpeg()).expect("a file");
    browser.goto(&album).await;
    browser.choose_files(&format!("form[action='{album}/photos'] input[type=file]"), &[file]).await;
    browser.wait_for_pictures("ul.photos img", 1).await;
    fleet.start_one(1).await;

    // Every request of these pages, pictures included, goes to the other instance than the one
    // before.
    for (page, pictures) in [("/", "ul.albums img"), ("/photos", "ul.photos img"), (&album, "ul.photos img")]
    {
        browser.goto(page).await;
        browser.wait_for_pictures(pictures, 1).await;
    }
    browser.screenshot(&format!("two-instances-{}", launch.name())).await;
    browser.assert_quiet().await;
    browser.close().await;
    fleet.stop().await.verify();
}
