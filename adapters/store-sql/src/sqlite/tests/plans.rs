//! Every statement finds its rows by an index, and no list is sorted: what is not asked for is not
//! read.
//!
//! The plans are SQLite's answer to `EXPLAIN QUERY PLAN`; they don't depend on what is stored,
//! because no statistics are gathered. Reading the whole store (`sql::audit`) is the exception, and
//! says so.

use sqlx::AssertSqlSafe;

use super::fresh;
use crate::sql::{albums, audit, jobs, limits, lists, photos, sessions, suppressions, users};
use crate::sqlite::{SqliteStore, sql};

/// The steps of SQLite's plan for a statement.
async fn plan(store: &SqliteStore, text: &str) -> Vec<String> {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&store.writer).await.unwrap();
    steps.into_iter().map(|(_, _, _, detail)| detail).collect()
}

/// True for a step that reads a whole table; the rows of a bound JSON array, or of a list of
/// values, are no table.
fn scans(step: &str) -> bool {
    let values = step.contains("VIRTUAL TABLE") || step.ends_with("VALUES CLAUSE");
    step.starts_with("SCAN") && !values
}

async fn assert_indexed(statements: &[&str]) {
    let (store, _folder) = fresh().await;
    for text in statements {
        let plan = plan(&store, text).await;
        assert!(!plan.iter().any(|step| scans(step)), "{text}\n{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{text}\n{plan:#?}");
    }
}

#[tokio::test]
async fn accounts_and_sessions_are_found_by_key() {
    assert_indexed(&[
        users::BY_ID,
        users::BY_EMAIL,
        users::IS_LIVE,
        users::REGISTRATION,
        users::REGISTRATIONS_OF,
        sql::LOCK_REGISTRATIONS_OF,
        users::OLD_REGISTRATIONS,
        users::UNREGISTER,
        users::CONFIRM,
        users::SET_PASSWORD,
        users::BYTES_LEFT,
        users::ADD_USAGE,
        users::LEFT_OVER,
        sessions::AUTHENTICATE,
        sessions::TOKEN,
        sessions::REPLACE_TOKEN,
        sessions::SEEN,
        sessions::OF_USER,
        sessions::END,
        sessions::END_ALL,
        sessions::END_ALL_BUT,
        sessions::EXPIRED_TOKENS,
        sql::LOCK_ACCOUNT,
        sql::LOCK_LIVE_ACCOUNT,
        sql::LOCK_OWNER_OF_ALBUM,
        sql::LOCK_OWNER_OF_PHOTO,
        &sql::lock_accounts(2),
        &lists::owners_of_photos(2),
        &lists::delete_tokens(2),
        &lists::delete_sessions_without_token(2),
    ])
    .await;
}

#[tokio::test]
async fn authentication_reads_three_rows_by_their_keys() {
    let (store, _folder) = fresh().await;
    let mut plan = plan(&store, sessions::AUTHENTICATE).await;
    plan.sort();
    assert_eq!(
        plan,
        [
            "SEARCH s USING PRIMARY KEY (id=?)",
            "SEARCH t USING PRIMARY KEY (hash=?)",
            "SEARCH u USING PRIMARY KEY (id=?)",
        ]
    );
}

#[tokio::test]
async fn lists_are_ranges_of_an_index() {
    let (store, _folder) = fresh().await;
    for (text, range) in [
        (albums::OF_OWNER, "Album_by_owner (owner_id=? AND id<?)"),
        (sql::IN_ALBUM, "Photo_by_album (album_id=? AND state=? AND id<?)"),
        (sql::IN_ALBUM_BY_TAKEN, "Photo_by_album_taken (album_id=? AND state=? AND taken_order<?)"),
        (sql::OF_OWNER, "Photo_by_owner (owner_id=? AND state=? AND id<?)"),
        (sql::OF_OWNER_BY_TAKEN, "Photo_by_owner_taken (owner_id=? AND state=? AND taken_order<?)"),
    ] {
        let plan = plan(&store, text).await;
        assert!(plan.iter().any(|step| step.contains(range)), "{range}\n{plan:#?}");
        assert!(!text.contains("exif"), "a list does not read EXIF");
    }
    assert_indexed(&[
        albums::OF_OWNER,
        sql::IN_ALBUM,
        sql::IN_ALBUM_BY_TAKEN,
        sql::OF_OWNER,
        sql::OF_OWNER_BY_TAKEN,
    ])
    .await;
}

#[tokio::test]
async fn albums_and_photos_are_found_by_key() {
    assert_indexed(&[
        albums::LIVE,
        albums::IS_LIVE_OF,
        albums::UPDATE,
        albums::SET_NEWEST_COVER,
        albums::REPLACE_COVER,
        albums::ADD_PHOTO,
        albums::CONTENT,
        albums::IN_ANY_STATE,
        albums::LEFT_OVER,
        albums::DELETE,
        albums::DELETE_POSTINGS,
        albums::RECORD,
        albums::SET_FINGERPRINT,
        albums::DELETE_RECORDS_OF_RESOURCE,
        albums::DELETE_RECORDS_OF_OWNER,
        albums::EXPIRED_RECORDS,
        albums::DELETE_EXPIRED_RECORD,
        &sql::delete_records(2),
        photos::LIVE,
        photos::UNMARKED,
        photos::IS_READY_IN,
        photos::IN_ANY_STATE,
        photos::IN_ALBUM_IN_ANY_STATE,
        photos::OVERDUE,
        photos::REMOVABLE,
        photos::PUBLISH,
        photos::UPDATE,
        photos::SET_DEADLINE,
        photos::SET_GENERATION,
        photos::REPLACE_RENDITIONS,
        photos::MARK,
        photos::DELETE,
    ])
    .await;
}

#[tokio::test]
async fn searches_read_ranges_of_indexes_and_rows_by_key() {
    let (store, _folder) = fresh().await;
    for (text, range) in [
        (sql::POSTINGS.to_owned(), "d USING PRIMARY KEY (owner_id=? AND kind=? AND term>? AND term<?)"),
        (sql::CANDIDATES_OF_OWNER.to_owned(), "Photo_by_owner (owner_id=? AND state=? AND id<?)"),
        (sql::CANDIDATES_IN_ALBUM.to_owned(), "Photo_by_album (album_id=? AND state=? AND id<?)"),
        (sql::CANDIDATE_ALBUMS.to_owned(), "Album_by_owner (owner_id=? AND id<?)"),
        (sql::photos_of_owner(4), "p USING INDEX sqlite_autoindex_Photo_1 (id=?)"),
        (sql::albums_of_owner(4), "a USING INDEX sqlite_autoindex_Album_1 (id=?)"),
        (sql::ADD_POSTINGS.to_owned(), "SCAN t VIRTUAL TABLE INDEX 1:"),
        (sql::DROP_OTHER_POSTINGS.to_owned(), "Posting USING COVERING INDEX Posting_by_target (target=?)"),
    ] {
        let plan = plan(&store, &text).await;
        assert!(plan.iter().any(|step| step.contains(range)), "{range}\n{plan:#?}");
        assert_indexed(&[&text]).await;
    }
}

#[tokio::test]
async fn the_queue_counters_and_suppressions_are_found_by_key() {
    assert_indexed(&[
        sql::NEXT_JOB,
        sql::LOCK_LEASE,
        sql::COUNT,
        sql::DELETE_ENDED_COUNTERS,
        sql::SUPPRESS,
        sql::DELETE_ENDED_SUPPRESSIONS,
        jobs::ENQUEUE,
        jobs::TAKE,
        jobs::EXTEND,
        jobs::POSTPONE,
        jobs::BY_ID,
        jobs::LIST,
        jobs::RESUME,
        jobs::ADD_TALLY,
        jobs::DELETE,
        jobs::OF_USER_BUT,
        jobs::MAILS_OF_USER,
        &lists::delete_jobs(2),
        limits::RUNNING,
        limits::COUNTED,
        limits::GIVE_BACK,
        &lists::running_counters(2),
        suppressions::IN_FORCE,
        suppressions::LIFT,
    ])
    .await;
}

#[tokio::test]
async fn queues_are_looked_into_by_an_index() {
    let (store, _folder) = fresh().await;
    let plan = plan(&store, &sql::due_queues()).await;
    let range = "SEARCH j USING INDEX Job_by_queue (dormant=? AND class=? AND shard=? AND due_at<?)";
    assert!(plan.iter().any(|step| step == range), "{plan:#?}");
}

#[tokio::test]
async fn a_scan_would_be_noticed() {
    let (store, _folder) = fresh().await;
    assert!(plan(&store, audit::STRAYS).await.iter().any(|step| scans(step)));
    assert!(plan(&store, "SELECT * FROM Photo WHERE title = ?").await.iter().any(|step| scans(step)));
}
