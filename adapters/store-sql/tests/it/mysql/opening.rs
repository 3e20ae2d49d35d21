//! Opening: what is wrong is named in one line that says what to do and holds no password, and
//! nothing is changed.

use gallery_conformance::store::World;
use gallery_core::ports::{SharedStore, Users};
use gallery_core::values::PersonName;
use gallery_store_sql::{MySqlOpenError, MySqlSettings, MySqlStore};
use std::net::TcpListener;
use std::sync::Arc;

use super::fresh::{Database, connect};

/// Why a database is not opened.
async fn refusal(settings: &MySqlSettings) -> MySqlOpenError {
    one_line(MySqlStore::open(settings).await.unwrap_err())
}

fn one_line(refusal: MySqlOpenError) -> MySqlOpenError {
    let text = refusal.to_string();
    assert!(!text.contains("hunter2") && !format!("{refusal:?}").contains("hunter2"), "{refusal:?}");
    assert!(!text.contains('\n') && text.len() < 400, "{text}");
    refusal
}

/// A user of this test's own, with the password `hunter2` and what is granted to it.
async fn user(database: &Database, granted: &str) -> String {
    let name = format!("u{}", &database.name["gallery".len()..]);
    let grant = if granted.is_empty() {
        String::new()
    } else {
        format!("GRANT {granted} ON {}.* TO {name}", database.name)
    };
    database.execute(&format!("CREATE OR REPLACE USER {name} IDENTIFIED BY 'hunter2'; {grant}")).await;
    name
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let database = Database::create().await;
    let name = user(&database, "ALL").await;
    let wrong = database.settings_as(&format!("{name}:hunter22"));
    let refused = refusal(&wrong).await;
    assert!(matches!(&refused, MySqlOpenError::Refused { user, .. } if *user == name), "{refused:?}");
    let right = database.settings_as(&name).with_password("hunter2").unwrap();
    MySqlStore::open(&right).await.unwrap();
    database.execute(&format!("DROP USER {name}")).await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let database = Database::create().await;
    let absent = database.url().replace(&database.name, "no_such_database");
    let refused = refusal(&MySqlSettings::parse(&absent).unwrap()).await;
    assert!(
        matches!(&refused, MySqlOpenError::NoDatabase { database, .. } if database == "no_such_database")
    );
    assert!(refused.to_string().contains("CREATE DATABASE no_such_database"), "{refused}");
}

#[tokio::test]
async fn missing_rights_are_named() {
    let database = Database::create().await;
    for granted in ["", "SELECT"] {
        let name = user(&database, granted).await;
        let refused = refusal(&database.settings_as(&format!("{name}:hunter2"))).await;
        assert!(
            matches!(&refused, MySqlOpenError::Rights { user, .. } if *user == name),
            "{granted}: {refused:?}"
        );
        assert!(refused.to_string().contains("GRANT"), "{refused}");
        database.execute(&format!("DROP USER {name}")).await;
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused =
        refusal(&MySqlSettings::parse(&format!("mysql://ann:hunter2@127.0.0.1:{port}/g")).unwrap()).await;
    assert!(matches!(&refused, MySqlOpenError::Unreachable { .. }), "{refused:?}");
    assert!(refused.to_string().contains(&format!("127.0.0.1:{port}")), "{refused}");
    let nowhere = MySqlSettings::parse("mysql://ann:hunter2@no-such-host.invalid/g").unwrap();
    assert!(matches!(refusal(&nowhere).await, MySqlOpenError::Unreachable { .. }));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let database = Database::create().await;
    database.open().await.close().await;
    // One that lacks a migration, too: it is not applied.
    database
        .execute(
            "DROP TABLE Suppression; DELETE FROM _sqlx_migrations WHERE version IN (26, 27); \
             INSERT INTO _sqlx_migrations VALUES (9998, 'later', NOW(), TRUE, x'00', 0), \
             (9999, 'later still', NOW(), FALSE, x'00', 0)",
        )
        .await;
    let shared = MySqlStore::open_shared(&database.settings()).await.unwrap_err();
    for newer in [refusal(&database.settings()).await, one_line(shared)] {
        assert!(matches!(newer, MySqlOpenError::Newer { format: 9999, .. }), "{newer:?}");
        let text = newer.to_string();
        assert!(text.contains("belongs to a newer version of this program (its format is 9999"), "{text}");
        assert!(text.ends_with("Install that version; nothing was changed"), "{text}");
    }
    let mut connection = connect(&database.url()).await;
    let suppressions =
        sqlx::query("SHOW TABLES LIKE 'Suppression'").fetch_optional(&mut connection).await.unwrap();
    assert!(suppressions.is_none(), "nothing was changed");
}

#[tokio::test]
async fn databases_of_other_builds_and_programs_are_refused() {
    let database = Database::create().await;
    database.execute("CREATE TABLE wp_posts (id INT)").await;
    assert!(matches!(refusal(&database.settings()).await, MySqlOpenError::Foreign { .. }));
    database.execute("DROP TABLE wp_posts").await;
    database.open().await.close().await;
    database.execute("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 3").await;
    let altered = refusal(&database.settings()).await;
    assert!(matches!(altered, MySqlOpenError::Altered { migration: 3, .. }), "{altered:?}");
}

#[tokio::test]
async fn sharing_changes_no_schema() {
    let database = Database::create().await;
    let missing = MySqlStore::open_shared(&database.settings()).await.unwrap_err();
    assert!(matches!(one_line(missing), MySqlOpenError::Missing { .. }));
    database.open().await.close().await;
    database.execute("DROP TABLE Suppression; DELETE FROM _sqlx_migrations WHERE version > 25").await;
    let outdated = MySqlStore::open_shared(&database.settings()).await.unwrap_err();
    assert!(matches!(one_line(outdated), MySqlOpenError::Outdated { missing: 19, .. }));
}

#[tokio::test]
async fn an_administrator_works_beside_the_server() {
    let database = Database::create().await;
    let server: SharedStore = Arc::new(database.open().await);
    let admin = MySqlStore::open_shared(&database.settings()).await.unwrap();
    let ann = World::of(&server).user("ann@example.org").await;
    assert_eq!(admin.user(ann.id).await.unwrap(), ann);
    let name = PersonName::parse("Renamed by the administrator").unwrap();
    admin.update_user(ann.id, &name, None).await.unwrap();
    admin.close().await;
    assert_eq!(server.user(ann.id).await.unwrap().name, name);
}
