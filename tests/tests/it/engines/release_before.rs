//! A gallery of the release before, on a database server, is opened, served and verified by this
//! one.

use gallery_tests::engine::{DynamoTables, MySqlDatabase};
use gallery_tests::{ReleaseBefore, Variant};

#[tokio::test]
async fn a_gallery_of_the_release_before_is_served_and_verified_on_mariadb() {
    let before = ReleaseBefore::unpack("mariadb");
    let database = MySqlDatabase::fresh();
    database.load(&before.file("gallery.sql"));
    let launch = before.launch(Variant::Sql).setting("GALLERY__DATABASE__URL", &database.url());
    before.opens_serves_and_verifies(launch).await;
}

#[tokio::test]
async fn a_gallery_of_the_release_before_is_served_and_verified_on_dynamodb() {
    let before = ReleaseBefore::unpack("dynamodb");
    let tables = DynamoTables::fresh();
    tables.load(&before.file("items.json"));
    let launch = before
        .launch(Variant::NoSql)
        .setting("GALLERY__DATABASE__URL", "dynamodb:")
        .setting("GALLERY__DYNAMODB__ENDPOINT", &DynamoTables::endpoint())
        .setting("GALLERY__DYNAMODB__TABLE_PREFIX", tables.prefix());
    before.opens_serves_and_verifies(launch).await;
}
